"""A day of salesman, manager and accounts with the addon (input of Odoo's shell).

It also runs with the earlier version that the upgrade starts from.
"""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

env = globals()["env"](context={"mail_notify_force_send": False, "no_reset_password": True})
today = fields.Date.today()


def check(condition, what):
    if not condition:
        raise AssertionError(what)
    print(f"lived: {what}")


def refused(error, function, *args):
    try:
        with env.cr.savepoint():
            function(*args)
            env.flush_all()
    except error:
        return True
    return False


def user_of(login):
    return env["res.users"].search([("login", "=", login)])


def employee_of(user):
    return env["hr.employee"].search([("user_id", "=", user.id)])


def as_user(user):
    """The environment of a signed-in user."""
    return env(
        user=user.id, su=False, context={**env.context, "allowed_company_ids": user.company_ids.ids}
    )


def main():
    # the company of both, and a colleague of theirs
    manager, salesman, colleague = map(user_of, ("lived3", "lived6", "lived9"))
    accounts = user_of("lived_accounts")
    accounts.group_ids = [Command.link(env.ref("sales_crm_cases.group_customer_approver").id)]
    employee_of(salesman).parent_id = employee_of(manager)
    employee_of(colleague).parent_id = employee_of(manager)
    own, books, team = as_user(salesman), as_user(accounts), as_user(manager)

    env["res.users.settings"]._find_or_create_for_user(manager).show_subordinates = True
    partners = own["res.partner"]
    adopted = partners.search([("approval_status", "=", "active")])
    check(adopted, f"{len(adopted)} customers of before belong to a salesman")
    check(
        not partners.search_count(
            [("customer_id.main_salesman_id", "=", employee_of(colleague).id)]
        ),
        "he does not see those of a colleague",
    )

    customer = partners.create(
        {"name": "Lived newcomer", "is_company": True, "approval_status": "new"}
    )
    contact = partners.create(
        {"name": "Lived contact", "parent_id": customer.id, "receives_sales_calls": True}
    )
    check(
        customer.ref and customer.main_salesman_id.sudo().user_id == salesman,
        "a new customer has a code",
    )
    product = env["product.product"].search([("name", "=", "Lived chair")], limit=1)
    quote = own["sale.order"].create(
        {
            "partner_id": customer.id,
            "order_line": [Command.create({"product_id": product.id})],
        }
    )
    check(refused(UserError, quote.action_confirm), "no order before the approval")
    customer.action_release()
    customer.with_env(books).action_approve("lived")
    check(customer.approval_status == "active", "released and approved")
    quote.action_confirm()

    case = own["crm.lead"].create_cold_call({"customer_id": contact.id, "subject": "Lived call"})
    activity = own["mail.activity"].search(
        [("res_model", "=", "crm.lead"), ("res_id", "=", case.id)]
    )
    activity.action_reschedule(today + timedelta(1), "ill")
    following = activity.action_next(
        {
            "outcome": "interested",
            # shipped by the addon, and stays where it is used
            "activity_type_id": env.ref("sales_crm_cases.activity_type_inspection").id,
            "date_deadline": str(today),
        }
    )
    check(following.active and not activity.active, "a next activity")
    note = own["customer.note"].create({"customer_id": customer.id, "body": "<p>Likes chairs</p>"})
    check(
        refused((AccessError, UserError), note.write, {"body": "changed"}), "a note stays as it is"
    )
    own["third.party.contract"].create(
        {
            "customer_id": customer.id,
            "third_party_id": env["res.partner"]
            .create({"name": "Lived rival", "is_company": True})
            .id,
            "date_start": today - timedelta(300),
            "date_end": today + timedelta(20),
        }
    )
    own["customer.reminder"].create(
        {"name": "Lived reminder", "date": today, "customer_id": customer.id}
    )
    own["sales.delegation"].create(
        {
            "employee_id": employee_of(salesman).id,
            "delegate_id": employee_of(colleague).id,
            "date_from": today,
            "date_to": today + timedelta(7),
        }
    )
    # a second day finds the target of the first
    first_of_month = today.replace(day=1)
    if not env["sales.target"].search_count(
        [("employee_id", "=", employee_of(salesman).id), ("month", "=", first_of_month)]
    ):
        team["sales.target"].create(
            {
                "employee_id": employee_of(salesman).id,
                "kind": "orders",
                "value": 5,
                "month": first_of_month,
            }
        )
    env.cr.commit()
    env.invalidate_all()
    check(customer.with_env(team).has_access("read"), "the manager sees the team's customers")
    env["sales.recommendation.kind"].search([]).lead_days = 30
    env["sales.recommendation"].with_context(allowed_company_ids=env.companies.ids)._cron_generate()
    env.cr.commit()
    check(env["sales.recommendation"].search_count([]), "recommendations")
    for page in (own, team):
        check(page["sales.home"].get_home(), "the home page")
    check(own["sales.home"].get_customer_home(customer.id), "the page of a customer")

    process_team = env["crm.team"].create(
        {"name": "Lived process", "company_id": salesman.company_id.id}
    )
    env.ref("sales_crm_cases.process_standard").team_ids = [Command.link(process_team.id)]
    processed = env["crm.lead"].create(
        {
            "name": "Lived process case",
            "type": "opportunity",
            "partner_id": customer.id,
            "team_id": process_team.id,
            "user_id": salesman.id,
        }
    )
    check(processed.stage_id == env.ref("sales_crm_cases.stage_prospect"), "a process")

    wizard = as_user(user_of("lived_admin"))["customer.handover.wizard"].create(
        {
            "employee_id": employee_of(salesman).id,
            "successor_id": employee_of(colleague).id,
            "scope": "chosen",
            "customer_ids": [Command.set(customer.ids)],
        }
    )
    wizard.action_hand_over()
    check(customer.sudo().main_salesman_id == employee_of(colleague), "handed over")
    env.flush_all()
    if "privacy.request" in env:
        use_privacy()
    env.cr.commit()


def use_privacy():
    officer = user_of("lived_clerk")
    officer.group_ids = [Command.link(env.ref("sales_crm_cases.group_privacy_officer").id)]
    env.flush_all()
    person = env["res.partner"].create(
        {"name": "Lived person", "email": "person@lived.example.com"}
    )
    env.flush_all()
    as_user(officer)["privacy.request"].anonymize(person.ids)
    env.invalidate_all()
    check(person.name != "Lived person", "somebody is anonymised")


main()
