from odoo import api, fields, models


class CustomerBusinessMixin(models.AbstractModel):
    """Since when a customer does business with us: who did before an activity was an existing
    customer then (H1)."""

    _name = "customer.business.mixin"
    _description = "Business with a customer"

    customer_order_ids = fields.One2many(
        "sale.order",
        "customer_id",
        string="Orders of the customer",
        copy=False,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
    )
    customer_move_ids = fields.One2many(
        "account.move",
        "commercial_partner_id",
        string="Invoices of the customer",
        copy=False,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
    )
    first_business_date = fields.Date(
        string="Customer since",
        compute="_compute_first_business_date",
        store=True,
        precompute=True,  # a new customer has none: nothing to look up
        copy=False,
        help="The day of the first confirmed order or posted invoice.",
    )

    @api.depends(
        "is_customer",
        "customer_order_ids.state",
        "customer_order_ids.date_order",
        "customer_move_ids.state",
        "customer_move_ids.move_type",
        "customer_move_ids.invoice_date",
    )
    def _compute_first_business_date(self):
        customers = self.filtered("is_customer")
        orders = dict(
            self.env["sale.order"]._read_group(
                [("customer_id", "in", customers._origin.ids), ("state", "=", "sale")],
                ["customer_id"],
                ["date_order:min"],
            )
        )
        invoices = dict(
            self.env["account.move"]._read_group(
                [
                    ("commercial_partner_id", "in", customers._origin.ids),
                    ("state", "=", "posted"),
                    ("move_type", "=", "out_invoice"),
                ],
                ["commercial_partner_id"],
                ["invoice_date:min"],
            )
        )
        for partner in self:
            order, invoice = orders.get(partner._origin), invoices.get(partner._origin)
            days = [day for day in (order and order.date(), invoice) if day]
            partner.first_business_date = min(days, default=False)
