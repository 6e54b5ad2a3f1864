from odoo import models
from odoo.exceptions import AccessError


class IrRule(models.Model):
    """In debug mode Odoo's refusal names the record that was refused."""

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        hidden = not self.env.su and records._filter_hidden()
        if not hidden:
            return super()._make_access_error(operation, records)
        labels = {
            "read": self.env._("read"),
            "write": self.env._("change"),
            "create": self.env._("create"),
            "unlink": self.env._("delete"),
        }
        model_name = self.env["ir.model"]._get(records._name).name or records._name
        is_of_others = operation == "create" and self._is_of_others_for_want_of_customer(records)
        records.invalidate_recordset()
        if is_of_others:
            return AccessError(
                self.env._(
                    "You may not create this record (%(model)s): it has no customer, so it belongs to its "
                    "salesperson, who is neither you nor somebody of your team. Choose yourself as the "
                    "salesperson, or a customer to whom you are linked.",
                    model=model_name,
                )
            )
        return AccessError(
            self.env._(
                "You may not %(operation)s this record (%(model)s): it belongs to a customer to whom you are "
                "not linked. Ask the customer's main salesman or an administrator to link you.",
                operation=labels[operation],
                model=model_name,
            )
        )

    def _is_of_others_for_want_of_customer(self, records):
        return getattr(records, "_owner_field", None) and not records._get_customer_by_document()
