"""Where recommendations come from: one SELECT per kind, put together from a few parts.

A kind names its sources in ``sales.recommendation.kind._get_sources_<code>()``; everything
else, making, renewing and closing recommendations, is the same for all kinds and done by
``sales.recommendation`` in sets. What a source finds today is recommended, what it does not
find any more is closed.

Example: customers whose credit was limited some days ago::

    RecommendationSource(
        model="res.partner",
        tables=SQL("res_partner crm_customer"),
        subject=SQL("crm_customer.id"),
        customer=SQL("crm_customer.id"),
        due_date=SQL("crm_customer.x_limited_on + 14"),
        period=SQL("crm_customer.x_limited_on::text"),
        reads={"res.partner": ["x_limited_on"]},
    )
"""

from dataclasses import dataclass, field

from odoo.tools import SQL

# Alias of the customer's own row of res_partner in every source.
CUSTOMER = "crm_customer"


@dataclass(frozen=True)
class RecommendationSource:
    """The parts of one SELECT. All SQL may use the aliases of ``tables`` and ``crm_customer``.

    :param model: name of the model of the subjects: what the recommendation is about
    :param tables: what stands after FROM. Unless the alias ``crm_customer`` is in it, the
        customer's row of res_partner is joined to it
    :param subject: id of the subject
    :param customer: id of the customer, a column with an index
    :param due_date: the day that matters. The recommendation comes as many days before as the
        kind says
    :param period: text; another one makes another recommendation for the same subject. What
        was dismissed is not repeated in its period. The SELECT must not find a subject twice in
        a period (or a salesman's own: twice for him): its customer is named as failed
    :param condition: of which subjects. It ends a recommendation when it is not true any more
    :param employee: id of the salesman to whom it is recommended; None: the main salesman
    :param is_personal: one for each ``employee``, who alone sees and decides it, with his
        managers; else one for all, whoever ``employee`` is
    :param company: id of the company of the subject; None: the customer's
    :param details: numbers, dates and ids that the words of the reason need, by name. No names:
        they are read when they are shown
    :param reads: ``{model: [fields]}``: what the SQL reads, so that it is written before
    """

    model: str
    tables: SQL
    subject: SQL
    customer: SQL
    due_date: SQL
    period: SQL
    condition: SQL = field(default_factory=lambda: SQL("TRUE"))
    employee: SQL | None = None
    is_personal: bool = False
    company: SQL | None = None
    details: dict[str, SQL] = field(default_factory=dict)
    reads: dict[str, list[str]] = field(default_factory=dict)

    def get_select(self, last_due_date, customers=None):
        """SQL of the subjects to recommend, with the columns that the generator expects.

        :param last_due_date: date; what is due later is not recommended yet
        :param customers: SQL condition on the customer's id, with ``%s`` for it; None: all
        """
        employee = self.employee or SQL("%s.main_salesman_id", SQL.identifier(CUSTOMER))
        return SQL(
            """
            SELECT %(customer)s AS customer_id, %(employee)s AS employee_id,
                   %(owner)s AS owner_key, %(company)s AS company_id,
                   %(model)s::varchar AS res_model, %(subject)s AS res_id,
                   %(due_date)s AS due_date, %(period)s AS period_key, %(details)s AS details
              FROM %(tables)s
             WHERE %(range)s AND %(active)s AND %(due_date)s <= %(last_due_date)s AND (%(condition)s)
            """,
            customer=self.customer,
            employee=employee,
            owner=employee if self.is_personal else SQL("0"),
            company=self.company or SQL("%s.company_id", SQL.identifier(CUSTOMER)),
            model=self.model,
            subject=self.subject,
            due_date=self.due_date,
            period=self.period,
            details=self._get_details(),
            tables=self._get_tables(),
            # true of nearly every customer. PostgreSQL takes an equation of two columns for true
            # of one in two hundred, and prepares for few
            active=SQL(
                "%(customer)s.active AND COALESCE(%(customer)s.customer_id = %(customer)s.id, FALSE)",
                customer=SQL.identifier(CUSTOMER),
            ),
            last_due_date=last_due_date,
            condition=self.condition,
            range=customers(self.customer) if customers else SQL("TRUE"),
        )

    def _get_tables(self):
        if CUSTOMER in self.tables.code:
            return self.tables
        # OFFSET 0: each customer by his key. PostgreSQL expects so many subjects that it would
        # read the whole table, of contracts to decide six times as many as there are
        return SQL(
            "%s CROSS JOIN LATERAL (SELECT * FROM res_partner p WHERE p.id = %s OFFSET 0) %s",
            self.tables,
            self.customer,
            SQL.identifier(CUSTOMER),
        )

    def _get_details(self):
        if not self.details:
            return SQL("NULL::jsonb")
        return SQL(
            "jsonb_build_object(%s)",
            SQL(", ").join(SQL("%s, %s", name, value) for name, value in self.details.items()),
        )
