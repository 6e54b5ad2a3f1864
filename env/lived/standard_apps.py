"""The standard apps work without the addon (input of Odoo's shell)."""

from odoo.fields import Command

env = globals()["env"](context={"mail_notify_force_send": False})
# views that need data of the outside world
WITHOUT_VIEWS = {"ir.module.module"}


def open_menus(user):
    """Open every view of every menu of a user, as the web client does; returns how many."""
    own = env(user=user.id, su=False, context={"allowed_company_ids": user.company_ids.ids})
    count = 0
    for menu in own["ir.ui.menu"].load_menus(False).values():
        if menu.get("action_model") != "ir.actions.act_window":
            continue
        action = own["ir.actions.act_window"].sudo().browse(menu["action_id"])
        model = own.get(action.res_model)
        if model is None or action.res_model in WITHOUT_VIEWS:
            continue
        views = model.get_views(action.views + [(False, "search")])
        count += 1
        if model._abstract or model._transient or not model.has_access("read"):
            continue
        names = {
            name
            for name, field in views["models"][action.res_model]["fields"].items()
            if field.get("store")
            and field["type"] not in ("one2many", "many2many", "properties", "json")
        }
        model.web_search_read([], {name: {} for name in names & set(model.fields_get())}, limit=80)
    return count


def work(user):
    """A customer, a case, a quote that becomes an order, an activity, a meeting and a message."""
    own = env(
        user=user.id, su=False, context={**env.context, "allowed_company_ids": user.company_ids.ids}
    )
    partner = own["res.partner"].create({"name": "Lived afterwards", "is_company": True})
    case = own["crm.lead"].create(
        {"name": "Afterwards", "type": "opportunity", "partner_id": partner.id, "user_id": user.id}
    )
    case.activity_schedule("mail.mail_activity_data_todo", user_id=user.id)
    case.activity_ids.action_feedback("done")
    case.message_post(body="Hello")
    product = env["product.product"].search([("name", "=", "Lived chair")], limit=1)
    order = own["sale.order"].create(
        {
            "partner_id": partner.id,
            "opportunity_id": case.id,
            "order_line": [Command.create({"product_id": product.id})],
        }
    )
    order.action_confirm()
    order.sudo()._create_invoices().action_post()
    case.action_set_won()
    env.flush_all()
    assert order.state == "sale" and order.invoice_count == 1, "an order that was invoiced"


for login in ("lived4", "lived1", "lived_manager", "lived_admin", "lived_accounts", "admin"):
    user = env["res.users"].search([("login", "=", login)])
    print(f"lived: {login}: {open_menus(user)} menus")
    if user.has_group("sales_team.group_sale_salesman"):
        work(user)
env.cr.commit()
