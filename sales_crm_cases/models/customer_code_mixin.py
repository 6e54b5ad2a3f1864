from odoo import api, fields, models
from odoo.exceptions import UserError


class PostponedCodes:
    """In the context while customers are made one by one: they get their codes together, in the
    end. No caller from outside can put one there."""

    def __init__(self):
        self.customer_ids = []


class CustomerCodeMixin(models.AbstractModel):
    """The customer's code, in Odoo's field ``ref`` (K5)."""

    _name = "customer.code.mixin"
    _description = "Code of a customer"

    has_shared_code = fields.Boolean(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="The code is from before this app and other customers have it, too.",
    )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for partner, vals in zip(self, vals_list, strict=True):
            if not partner.approval_status:
                continue
            # two customers never have one code, the copy draws its own; nor, as companies
            # may demand, one e-mail address
            for name in {"ref", "email"} - (default or {}).keys():
                vals[name] = False
        return vals_list

    @api.model
    def _complete_codes(self, vals_list):
        """Give a code to each new customer that comes without one."""
        if self._get_postponed_codes():
            return
        without_code = [vals for vals in vals_list if not vals.get("ref")]
        names = [vals.get("name") for vals in without_code]
        for vals, code in zip(
            without_code, self.env["customer.code.counter"]._take_codes(names), strict=True
        ):
            vals["ref"] = code

    @api.model
    def _get_postponed_codes(self):
        postponed = self.env.context.get("postponed_codes")
        return postponed if isinstance(postponed, PostponedCodes) else None

    def _postpone_codes(self):
        """Remember new customers that were made without a code."""
        postponed = self._get_postponed_codes()
        if postponed:
            without_code = self.filtered(lambda p: p.approval_status and not p.ref)
            postponed.customer_ids += without_code.ids

    @api.model
    def _give_postponed_codes(self, postponed):
        # sudo: a code that nobody chose is no edit of accounts'
        customers = self.sudo().browse(postponed.customer_ids)
        codes = self.env["customer.code.counter"]._take_codes(customers.mapped("name"))
        for customer, code in zip(customers, codes, strict=True):
            customer.ref = code

    def _check_code_write(self, vals):
        """Codes of customers are edited by accounts only."""
        if "ref" not in vals or self.env.su or self._user_is_approver():
            return
        for customer in self.filtered("approval_status"):
            if (customer.ref or "") != (vals["ref"] or ""):
                raise UserError(
                    self.env._(
                        "The code of %(customer)s can be changed by accounts only.",
                        customer=customer.display_name,
                    )
                )
