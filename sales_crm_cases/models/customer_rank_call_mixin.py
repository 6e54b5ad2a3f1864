from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

RANK_CALL_FIELDS = ("last_contact_date", "planned_call_date", "next_call_date")

# The contacts of each customer ``c``. Of few: by the two indexes of his activities.
IS_CONTACT = SQL(
    "a.activity_type_id = ANY(ARRAY(SELECT t.id FROM mail_activity_type t WHERE t.counts_as_contact))"
)
CONTACTS_OF_FEW = SQL(
    """
    LATERAL (SELECT c.id AS customer_id,
                    (SELECT max(a.date_done) FROM mail_activity a
                      WHERE a.customer_id = c.id AND a.active IS NOT TRUE
                        AND a.date_done IS NOT NULL AND %(is_contact)s) AS last_contact_date,
                    (SELECT min(a.date_deadline) FROM mail_activity a
                      WHERE a.customer_id = c.id AND a.active IS TRUE
                        AND %(is_contact)s) AS planned_call_date)
    """,
    is_contact=IS_CONTACT,
)
# Of all: each activity is read once.
CONTACTS_OF_ALL = SQL(
    """
    (SELECT a.customer_id,
            max(a.date_done) FILTER (WHERE a.active IS NOT TRUE) AS last_contact_date,
            min(a.date_deadline) FILTER (WHERE a.active IS TRUE) AS planned_call_date
       FROM mail_activity a WHERE a.customer_id IS NOT NULL AND %(is_contact)s
      GROUP BY a.customer_id)
    """,
    is_contact=IS_CONTACT,
)
# Where the cycle alone has changed.
CONTACTS_KEPT = SQL(
    "LATERAL (SELECT c.id AS customer_id, c.last_contact_date, c.planned_call_date)"
)


class CustomerRankCallMixin(models.AbstractModel):
    """When a customer is to be called next, by his rank (R6, K7).

    The three dates are the work of :meth:`_sync_rank_calls`, in the database: what the ORM
    does is to know whose dates a change concerns. Nobody writes them, and who wrote the
    customer last, and when, is not touched by a colleague's call.
    """

    _name = "customer.rank.call.mixin"
    _description = "Rank calls of a customer"

    customer_activity_ids = fields.One2many(
        "mail.activity",
        "customer_id",
        string="Activities of the customer",
        context={"active_test": False},
        copy=False,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
    )
    last_contact_date = fields.Date(
        string="Last contact",
        compute="_compute_rank_calls",
        store=True,
        copy=False,
        help="The day of the last finished call or visit, whoever did it.",
    )
    planned_call_date = fields.Date(
        string="Planned call",
        compute="_compute_rank_calls",
        store=True,
        copy=False,
        help="The day of the next call or visit that is planned, also if it is overdue.",
    )
    next_call_date = fields.Date(
        string="Next call",
        compute="_compute_rank_calls",
        store=True,
        copy=False,
        help="The last contact, or else the day on which the customer was created, and the call "
        "cycle of the rank. Empty without rank.",
    )

    # the plan, the most urgent first
    _next_call_idx = models.Index("(next_call_date, id) WHERE next_call_date IS NOT NULL")

    # ------------------------------------------------------------------
    # The dates
    # ------------------------------------------------------------------

    # not rank_id.call_cycle_days: the rank brings all its customers up to date in one statement
    @api.depends(
        "rank_id",
        "customer_id",
        "customer_activity_ids.active",
        "customer_activity_ids.activity_type_id",
        "customer_activity_ids.date_deadline",
        "customer_activity_ids.date_done",
    )
    def _compute_rank_calls(self):
        saved = self.filtered("id")
        if saved:
            saved._sync_rank_calls(customer_ids=saved.ids)
        for partner in self - saved:
            partner._preview_rank_calls()

    def _preview_rank_calls(self):
        """What a form shows before it is saved."""
        saved = self._origin
        self.last_contact_date = saved.last_contact_date
        self.planned_call_date = saved.planned_call_date
        created = saved.create_date.date() if saved else fields.Date.today()
        cycle = self.rank_id.call_cycle_days
        self.next_call_date = cycle and (saved.last_contact_date or created) + timedelta(cycle)

    @api.model
    def _sync_rank_calls(self, customer_ids=None, rank_ids=None):
        """Bring the dates of customers up to date, in one statement.

        :param customer_ids: ids of partners; those who are no customers lose their dates
        :param rank_ids: ids of ranks whose cycle has changed; without either, all customers
        :return: how many partners were written
        """
        self.env["mail.activity"].flush_model(
            ["active", "activity_type_id", "customer_id", "date_deadline", "date_done"]
        )
        self.env["mail.activity.type"].flush_model(["counts_as_contact"])
        self.env["customer.rank"].flush_model(["call_cycle_days"])
        self.env["res.partner"].flush_model(["customer_id", "rank_id"])
        is_written = SQL("(%s) IS DISTINCT FROM (%s)", _get_dates("p"), _get_dates("d"))
        if customer_ids is not None:
            contacts, condition = CONTACTS_OF_FEW, SQL("c.id = ANY(%s)", list(customer_ids))
            # where calls are planned also if nothing differs: of two colleagues, one of whom
            # cancels one while the other plans one, neither sees the other's. Here they meet
            is_written = SQL(
                "(num_nonnulls(p.planned_call_date, d.planned_call_date) > 0 OR %s)", is_written
            )
        elif rank_ids is not None:
            contacts, condition = CONTACTS_KEPT, SQL("c.rank_id = ANY(%s)", list(rank_ids))
        else:
            contacts = CONTACTS_OF_ALL
            condition = SQL("(c.customer_id = c.id OR num_nonnulls(%s) > 0)", _get_dates("c"))
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner p
                   SET last_contact_date = d.last_contact_date,
                       planned_call_date = d.planned_call_date,
                       next_call_date = d.next_call_date
                  FROM (SELECT c.id, a.last_contact_date, a.planned_call_date,
                               COALESCE(a.last_contact_date, c.create_date::date)
                               + r.call_cycle_days AS next_call_date
                          FROM res_partner c
                          LEFT JOIN customer_rank r ON r.id = c.rank_id AND c.customer_id = c.id
                          LEFT JOIN %(contacts)s a ON a.customer_id = c.id AND c.customer_id = c.id
                         WHERE %(condition)s) d
                 WHERE d.id = p.id AND %(is_written)s
                """,
                contacts=contacts,
                condition=condition,
                is_written=is_written,
            )
        )
        written = self.env.cr.rowcount
        partners = self.env["res.partner"]
        if customer_ids is None:
            partners.invalidate_model(RANK_CALL_FIELDS, flush=False)
            if written:
                # of many customers: by the scheduled action, which is nobody's (sudo)
                self.env.ref("sales_crm_cases.ir_cron_recommendations").sudo()._trigger()
        else:
            partners.browse(customer_ids).invalidate_recordset(RANK_CALL_FIELDS, flush=False)
            self.env["sales.recommendation"]._recheck(customer_ids)
        return written

    def _recompute_rank_calls(self):
        """Have the dates computed when they are asked for next: their activities were moved
        by SQL."""
        for name in RANK_CALL_FIELDS:
            self.env.add_to_compute(self._fields[name], self)

    # ------------------------------------------------------------------
    # CRUD: nobody writes the dates
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [self._without_rank_calls(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        return super().write(vals if self.env.su else self._without_rank_calls(vals))

    @api.model
    def _without_rank_calls(self, vals):
        """They follow from the activities and the rank: nobody writes them."""
        return {name: value for name, value in vals.items() if name not in RANK_CALL_FIELDS}

    # ------------------------------------------------------------------
    # The plan
    # ------------------------------------------------------------------

    def action_plan_call(self):
        """Open the dialog for a call at the customer, with or without a case (R6)."""
        return self._open_entry("call")


def _get_dates(alias):
    return SQL(", ").join(SQL.identifier(alias, name) for name in RANK_CALL_FIELDS)
