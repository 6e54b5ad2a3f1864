"""Give a database with the standard apps a life (input of Odoo's shell).

A few hundred records are made by the ORM, in every state; SQL copies them, references included,
until there are as many as a company has after some years.
"""

import random
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

env = globals()["env"](context={"tracking_disable": True, "no_reset_password": True})
PARTNERS = 50_000
FAMILIES = 150  # companies of the pattern that is copied
SALESPEOPLE, WITHOUT_EMPLOYEE = 12, 3
pick = random.Random(7)


def make_companies():
    env["base.language.install"].create(
        {"lang_ids": [Command.set(_languages().ids)]}
    ).lang_install()
    companies = env.company
    for name, country in (("Lived North", "base.de"), ("Lived South", "base.fr")):
        company = env["res.company"].create({"name": name})
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.country_id = env.ref(country)
        companies |= company
    env.user.company_ids |= companies
    return companies


def _languages():
    return (
        env["res.lang"].with_context(active_test=False).search([("code", "in", ("de_DE", "fr_FR"))])
    )


def make_people(companies):
    """Salespeople who see their own documents; each third of them in another company."""
    groups = env.ref("sales_team.group_sale_salesman")
    users = env["res.users"]
    boss = env["hr.employee"].create({"name": "Lived boss"})
    for number in range(SALESPEOPLE):
        company = companies[number % len(companies)]
        user = env["res.users"].create(
            {
                "name": f"Lived seller {number}",
                "login": f"lived{number}",
                "password": f"lived{number}",
                "email": f"lived{number}@example.com",
                "group_ids": [Command.link(groups.id)],
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
            }
        )
        users |= user
        if number >= WITHOUT_EMPLOYEE:
            env["hr.employee"].create(
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": company.id,
                    "parent_id": boss.id,
                }
            )
    for login, group in (
        ("lived_manager", "sales_team.group_sale_salesman_all_leads"),
        ("lived_admin", "sales_team.group_sale_manager"),
        ("lived_accounts", "account.group_account_invoice"),
        ("lived_clerk", "base.group_user"),
        ("lived_portal", "base.group_portal"),
    ):
        env["res.users"].create(
            {
                "name": login,
                "login": login,
                "password": login,
                "email": f"{login}@example.com",
                "group_ids": [Command.set(env.ref(group).ids)],
                "company_id": companies[0].id,
                "company_ids": [Command.set(companies.ids)],
            }
        )
    return users


def make_partners(users):
    """Families of a company, contacts and addresses; archived, doubled, nameless ones among them."""
    languages = ["en_US", *_languages().mapped("code")]
    countries = env["res.country"].search([("code", "in", ("US", "DE", "FR"))])
    values = []
    for number in range(FAMILIES):
        user = pick.choice(users)
        values.append(
            {
                # every tenth has the name of another one, every seventh its code
                "name": f"Lived {number - 1 if number % 10 == 9 else number} Ltd",
                "ref": f"L{number - 1 if number % 7 == 6 else number:05}" if number % 3 else False,
                "is_company": True,
                "active": number % 11 != 5,
                "user_id": user.id if number % 4 else False,
                "company_id": user.company_id.id if number % 5 == 0 else False,
                "lang": pick.choice(languages),
                "country_id": pick.choice(countries).id,
                "email": f"office{number // 2}@lived.example.com",
                "phone": f"+1 202 555 {number:04}",
                "street": "Main street 1" if number % 2 else False,
                "comment": "<p>Known for years</p>",
                "category_id": [Command.set(env["res.partner.category"].search([], limit=2).ids)],
                "child_ids": [
                    Command.create(
                        {"name": f"Anna Lived {number}", "email": f"a{number}@example.com"}
                    ),
                    Command.create({"type": "invoice", "street": "Billing street 2"}),
                    Command.create(
                        {"name": f"Former {number}", "type": "delivery", "active": number % 2 == 0}
                    ),
                ],
            }
        )
    return env["res.partner"].create(values)


def make_documents(partners, users):
    product = env["product.product"].create(
        {
            "name": "Lived chair",
            "list_price": 120,
            "invoice_policy": "order",
            "taxes_id": False,
            "supplier_taxes_id": False,
        }
    )
    todo = env.ref("mail.mail_activity_data_todo")
    today = fields.Date.today()
    invoices = env["account.move"]
    stages = env["crm.stage"].search([])
    for number, known in enumerate(partners[:90]):
        fit = users.grouped("company_id").get(known.company_id, users)
        user = known.user_id or fit[number % len(fit)]
        # as somebody who works in the company of the salesperson
        own = env(context={**env.context, "allowed_company_ids": user.company_id.ids})
        partner = known.with_env(own)
        day = today - timedelta(days=pick.randrange(900))
        contact = partner.child_ids[:1] or partner
        case = own["crm.lead"].create(
            {
                "name": f"Lived case {number}",
                "type": "lead" if number % 8 == 7 else "opportunity",
                "partner_id": False if number % 9 == 8 else contact.id,
                "user_id": False if number % 13 == 12 else user.id,
                "team_id": env["crm.team"]
                .search([("company_id", "in", (False, user.company_id.id))], limit=1)
                .id,
                "company_id": user.company_id.id,
                "stage_id": stages[number % len(stages)].id,
                "expected_revenue": number * 100,
            }
        )
        if number % 10 == 3 and not case.stage_id.is_won:
            case.action_set_lost()
        for activity in range(3):
            planned = own["mail.activity"].create(
                {
                    "res_model_id": env["ir.model"]._get_id(
                        ("crm.lead", "res.partner")[activity % 2]
                    ),
                    "res_id": (case, partner)[activity % 2].id,
                    "activity_type_id": todo.id,
                    "user_id": user.id,
                    "date_deadline": day + timedelta(days=activity),
                    "summary": "Lived call",
                }
            )
            if activity == 2:
                planned.action_feedback("was interested")
        partner.message_post(body="Lived message", message_type="comment")
        if number % 3 == 0:
            own["calendar.event"].create(
                {
                    "name": f"Lived meeting {number}",
                    "start": fields.Datetime.now() - timedelta(days=number),
                    "stop": fields.Datetime.now() - timedelta(days=number, hours=-1),
                    "partner_ids": [Command.set((contact | user.partner_id).ids)],
                    "opportunity_id": case.id,
                    "user_id": user.id,
                }
            )
        order = own["sale.order"].create(
            {
                "partner_id": contact.id,
                "user_id": user.id,
                "company_id": user.company_id.id,
                "opportunity_id": case.id if case.type == "opportunity" else False,
                "date_order": day,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": number % 5 + 1}),
                    Command.create({"display_type": "line_note", "name": "As agreed"}),
                ],
            }
        )
        if number % 3 == 1:
            order.action_confirm()
        elif number % 10 == 2:
            order._action_cancel()
        if order.state == "sale" and number % 2:
            invoices |= order._create_invoices().with_env(env)
        elif number % 5 == 0:
            move = own["account.move"].create(
                {
                    "move_type": "out_refund" if number % 20 == 0 else "out_invoice",
                    "partner_id": partner.id,
                    "invoice_user_id": user.id,
                    "invoice_date": day,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Lived", "quantity": 1, "price_unit": 10, "tax_ids": False}
                        )
                    ],
                }
            )
            invoices |= move.with_env(env)
        if number % 6 == 0:
            own["purchase.order"].create(
                {
                    "partner_id": partner.id,
                    "order_line": [Command.create({"product_id": product.id, "product_qty": 1})],
                }
            ).button_confirm()
    for company, moves in invoices.grouped("company_id").items():
        own = env(context={**env.context, "allowed_company_ids": company.ids})
        moves.with_env(own)[: len(moves) * 4 // 5].action_post()


class Copier:
    """Copies the rows that were made since the start, with their references among each other."""

    tables = {
        "res_partner": "res.partner",
        "crm_lead": "crm.lead",
        "sale_order": "sale.order",
        "sale_order_line": "sale.order.line",
        "account_move": "account.move",
        "account_move_line": "account.move.line",
        "calendar_event": "calendar.event",
        "calendar_attendee": "calendar.attendee",
        "mail_activity": "mail.activity",
        "mail_message": "mail.message",
        "mail_followers": "mail.followers",
    }
    relations = {
        "calendar_event_res_partner_rel": ("calendar_event_id", "res_partner_id"),
        "sale_order_line_invoice_rel": ("order_line_id", "invoice_line_id"),
        "res_partner_res_partner_category_rel": ("partner_id", "category_id"),
    }
    # texts that are unique
    named = {"account_move": ("name",), "sale_order": ("name",)}
    # the copies are no longer paid, and nobody signs in by an old link
    emptied = {
        "access_token",
        "signup_type",
        "full_reconcile_id",
        "statement_line_id",
        "payment_id",
    }

    def __init__(self):
        self.start = {table: self._last(table) for table in self.tables}

    @staticmethod
    def _last(table):
        return env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))[
            0
        ][0]

    def copy(self, copies):
        env.flush_all()
        self.copies = copies
        self.span = {table: self._last(table) - first for table, first in self.start.items()}
        keys = self._get_keys()
        env.cr.execute("SET session_replication_role = replica")
        for table in self.tables:
            self._copy_table(table, keys)
            env.cr.execute(
                SQL(
                    "SELECT setval(%s, (SELECT max(id) FROM %s))",
                    f"{table}_id_seq",
                    SQL.identifier(table),
                )
            )
        for table, columns in self.relations.items():
            self._copy_relation(table, columns, keys)
        env.cr.execute("SET session_replication_role = DEFAULT")

    def _get_keys(self):
        """{(table, column): referenced table}"""
        rows = env.execute_query(
            SQL(
                """
                SELECT k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text
                  FROM pg_constraint k JOIN pg_attribute a
                    ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                 WHERE k.contype = 'f'
                """
            )
        )
        return {(table, column): target for table, column, target in rows}

    def _shifted(self, expression, table):
        first, span = self.start[table], self.span[table]
        return SQL(
            "CASE WHEN %s > %s THEN %s + n * %s ELSE %s END",
            expression,
            first,
            expression,
            span,
            expression,
        )

    def _copy_table(self, table, keys):
        rows = env.execute_query(
            SQL(
                """
                SELECT column_name FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
                """,
                table,
            )
        )
        names = [name for (name,) in rows]
        model_column = next(
            (n for n in ("res_model", "model") if n in names and "res_id" in names), None
        )
        values = []
        for name in names:
            column = SQL.identifier("t", name)
            target = keys.get((table, name))
            if name == "id":
                values.append(SQL("t.id + n * %s", self.span[table]))
            elif name in self.emptied:
                values.append(SQL("NULL"))
            elif name in self.named.get(table, ()):
                values.append(SQL("%s || '-' || n", column))
            elif name == "parent_path":
                values.append(column)
            elif name == "res_id" and model_column:
                cases = [
                    SQL("WHEN %s THEN %s", model, self._shifted(column, linked))
                    for linked, model in self.tables.items()
                ]
                values.append(
                    SQL(
                        "CASE %s %s ELSE %s END",
                        SQL.identifier("t", model_column),
                        SQL(" ").join(cases),
                        column,
                    )
                )
            elif target in self.tables:
                values.append(self._shifted(column, target))
            else:
                values.append(column)
        env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s t, generate_series(1, %s) n WHERE t.id > %s",
                SQL.identifier(table),
                SQL(", ").join(SQL.identifier(name) for name in names),
                SQL(", ").join(values),
                SQL.identifier(table),
                self.copies,
                self.start[table],
            )
        )
        print(f"lived: {table} {env.cr.rowcount + self.span[table]}")

    def _copy_relation(self, table, columns, keys):
        values = [
            self._shifted(SQL.identifier("t", column), keys[table, column])
            if keys[table, column] in self.tables
            else SQL.identifier("t", column)
            for column in columns
        ]
        first = keys[table, columns[0]]
        env.cr.execute(
            SQL(
                """
                INSERT INTO %s (%s) SELECT %s FROM %s t, generate_series(1, %s) n
                 WHERE %s > %s ON CONFLICT DO NOTHING
                """,
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(values),
                SQL.identifier(table),
                self.copies,
                SQL.identifier("t", columns[0]),
                self.start[first],
            )
        )


def main():
    companies = make_companies()
    users = make_people(companies)
    copier = Copier()
    partners = make_partners(users)
    make_documents(partners, users)
    # what is missing to the wanted number comes in whole copies
    count = env["res.partner"].with_context(active_test=False).search_count([])
    made = (
        env["res.partner"]
        .with_context(active_test=False)
        .search_count([("id", ">", copier.start["res_partner"])])
    )
    copier.copy(max(-(-(PARTNERS - count) // made), 0))
    # Odoo adds the demo data of every further module to a database that has some
    env.cr.execute("UPDATE ir_module_module SET demo = FALSE")
    env.cr.commit()


main()
