"""What the pictures need beyond the demo data (input of Odoo's shell): a month of work, figures,
one finished job of each kind. Prints the ids of all demo records as JSON.

Everything is relative to today, as the demo data are.
"""

# ruff: noqa: F821 "env" is the shell's
import json

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

ADDON = "sales_crm_cases"
LANGUAGES = ("de_DE", "ar_001")
DONE = (
    # record, type, what, what came of it
    ("case_03", "mail.mail_activity_data_meeting", "Walk through the site", "They want two floors"),
    ("case_03", "mail.mail_activity_data_call", "Ask who decides", "The board, in January"),
    ("case_03", "mail.mail_activity_data_email", "Send the references", "Two of them were visited"),
    ("case_01", "mail.mail_activity_data_call", "Explain the offer", "Will compare it"),
    ("case_01", "mail.mail_activity_data_email", "Send the data sheets", "Received"),
    ("case_02", "sales_crm_cases.activity_type_inspection", "Measure the hall", "Drawn up"),
    ("case_02", "mail.mail_activity_data_call", "Ask for the quantities", "As last year"),
    ("customer_tiny", "mail.mail_activity_data_call", "Introduce us", "Interested"),
)
INVOICES = (  # months ago, amount
    *((11, 2400), (10, 1800), (9, 3100), (8, 2650), (7, 900), (6, 4200)),
    *((5, 3900), (4, 2100), (3, 5200), (2, 4650), (1, 3300), (0, 2750)),
)


def ref(name):
    return env.ref(name if "." in name else f"{ADDON}.{name}")


def make_users():
    """An officer, and a manager who shows his team."""
    privacy = ref("group_privacy_officer")
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": "Noor Haddad",
            "login": "officer",
            "password": "officer",
            "tz": "Europe/Brussels",
            "group_ids": [Command.set((ref("base.group_user") + privacy).ids)],
            # rules for people of no company take an officer of all companies
            "company_ids": [Command.set(env["res.company"].search([]).ids)],
        }
    )
    ref("user_manager").res_users_settings_ids.show_subordinates = True
    ref("base.user_admin").group_ids += privacy


def make_team():
    """Who stands in for whom, what users find on their board and in their search."""
    today = fields.Date.today()
    env["sales.delegation"].create(
        {
            "employee_id": ref("employee_salesman").id,
            "delegate_id": ref("employee_lena").id,
            "date_from": today + relativedelta(days=7),
            "date_to": today + relativedelta(days=21),
        }
    )
    ref("user_salesman").res_users_settings_ids.sales_board = {
        "unprocessed": True,
        "won": True,
        "lost": True,
    }
    for model, name, display in (
        ("res.partner", "industry_id", "dropdown"),
        ("res.partner", "website", "text"),
        ("crm.lead", "case_type_id", "dropdown"),
    ):
        env["crm.search.field"].create(
            {
                "model": model,
                "field_id": env["ir.model.fields"]._get(model, name).id,
                "display": display,
            }
        )
    # a bare Debian has no font for their names
    for name in ("customer_yamada", "customer_zhonghua", "customer_hanok"):
        ref(name).active = False


def make_due():
    """What ends in the next days: a contract with us, and a quote."""
    today = fields.Date.today()
    env["third.party.contract"].create(
        {
            "customer_id": ref("customer_stern").id,
            "is_own": True,
            "name": "Maintenance 11",
            "date_start": today - relativedelta(years=1, days=-20),
            "date_end": today + relativedelta(days=19),
            "amount": 3600,
        }
    )
    ref("quote_2").validity_date = today + relativedelta(days=1)
    ref("contact_rossetti_1").birthday = (today + relativedelta(days=1)).replace(year=1980)


def do_work():
    """What the salesman did in the last weeks."""
    salesman = ref("user_salesman")
    for name, kind, summary, outcome in DONE:
        record = env.ref(f"{ADDON}.{name}", raise_if_not_found=False)
        if record:
            record.with_user(salesman).activity_schedule(
                activity_type_id=ref(kind).id, summary=summary, user_id=salesman.id
            ).action_feedback(feedback=outcome)


def make_invoices():
    """Twelve months of sales to one customer."""
    customer = ref("customer_hopfner")
    product = env["product.product"].search([("sale_ok", "=", True)], limit=1)
    product.standard_price = 55
    today = fields.Date.today()
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_user_id": ref("user_salesman").id,
                "invoice_date": today - relativedelta(months=months, day=1)
                if months
                else today.replace(day=1),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": amount / 100,
                            "price_unit": 100,
                            "tax_ids": False,
                        }
                    )
                ],
            }
            for months, amount in INVOICES
        ]
    )
    moves.action_post()


def make_batch():
    """An SMS that went out: sent, failed and refused ones; and customers without a number."""
    ref("customer_acorn").phone = False
    ref("customer_rossetti").phone = "12"
    lines = (
        ("customer_hopfner", "sent", False),
        ("customer_rossetti", "error", "sms_number_format"),
        ("customer_stern", "sent", False),
        ("customer_kindler", "canceled", "sms_duplicate"),
        ("customer_longname", "pending", False),
        ("customer_acorn", "canceled", "sms_number_missing"),
        ("customer_coral", "sent", False),
    )
    values = [
        {"customer_id": record.id, "state": state, "failure_type": reason}
        for name, state, reason in lines
        if (record := env.ref(f"{ADDON}.{name}", raise_if_not_found=False))
    ]
    env["crm.sms.batch"].create(
        {
            "user_id": ref("user_salesman").id,
            "company_id": ref("base.main_company").id,
            "body": "Dear {{ object.name }}, our open day is on Friday from 9 to 17. Your sales team",
            "state": "done",
            "date_done": fields.Datetime.now(),
            "total_count": len(values),
            "line_ids": [Command.create(line) for line in values],
        }
    )


def make_privacy():
    """A retention rule with its list, and one person who is anonymised."""
    officer = env["res.users"].search([("login", "=", "officer")])
    people = env["res.partner"].create(
        [
            {"name": name, "email": f"{name.split()[0].lower()}@example.com", "city": city}
            for name, city in (
                ("Karl Weber", "Ulm"),
                ("Maria Rossi", "Torino"),
                ("Erik Lund", "Malmö"),
                ("Anne Petit", "Lyon"),
            )
        ]
    )
    env.flush_all()
    env.cr.execute(
        "UPDATE res_partner SET create_date = now() - interval '4 years',"
        " write_date = now() - interval '4 years' WHERE id = ANY(%s)",
        [people.ids],
    )
    env.invalidate_all()
    env["privacy.request"].with_user(officer).anonymize(people[:1].ids)
    env["privacy.rule"].with_user(officer).create(
        {"outcome": "none", "period": 3, "period_unit": "years", "company_id": False}
    )


def fix_colours():
    """The colour of an avatar follows from the second in which the record was made."""
    env.flush_all()
    for table in ("res_partner", "hr_employee"):
        env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = date_trunc('year', now())"
                " WHERE create_date > date_trunc('year', now())",
                SQL.identifier(table),
            )
        )
    env.invalidate_all()


def find_ids():
    rows = env["ir.model.data"].search_read([("module", "=", ADDON)], ["name", "res_id"])
    ids = {row["name"]: row["res_id"] for row in rows}
    for user in env["res.users"].search([]):
        ids[f"login {user.login}"] = user.id
    ids["batch"] = env["crm.sms.batch"].search([], limit=1).id
    ids["request"] = env["privacy.request"].search([("kind", "=", "anonymize")], limit=1).id
    return {**ids, "database": env.cr.dbname}


def make():
    if env["res.users"].search_count([("login", "=", "officer")]):
        return
    for language in LANGUAGES:
        env["base.language.install"].create(
            {"lang_ids": [Command.set(env["res.lang"]._activate_lang(language).ids)]}
        ).lang_install()
    make_users()
    make_team()
    make_due()
    do_work()
    make_invoices()
    make_batch()
    make_privacy()
    fix_colours()
    env.cr.commit()
    for cron in ("recommendations", "privacy_rules"):
        ref(f"ir_cron_{cron}").method_direct_trigger()
    env.cr.commit()


make()
print("IDS " + json.dumps(find_ids()))
