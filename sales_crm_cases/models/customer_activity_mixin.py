from odoo import api, models
from odoo.exceptions import UserError


class CustomerActivityMixin(models.AbstractModel):
    """Documents that hand every change of their customer on to their activities."""

    _name = "customer.activity.mixin"
    _description = "Document whose activities follow its customer"

    # the stored field from which the activities' customer follows
    _activity_customer_field = "customer_id"

    def _write_multi(self, vals_list):
        # here, not in write(): the customer is a stored computed field that write() never sees
        result = super()._write_multi(vals_list)
        name = self._activity_customer_field
        changed = [record.id for record, vals in zip(self, vals_list, strict=True) if name in vals]
        if changed:
            self._sync_activities_of(changed)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_history(self):
        """What was done for a customer stays (C7); Odoo deletes it with its document."""
        if self.env.su:
            return
        # sudo: colleagues' activities count too
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        done = activities.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("customer_id", "!=", False),
                ("active", "=", False),
            ],
            limit=1,
        )
        if done:
            raise UserError(
                self.env._(
                    "“%(document)s” has activities that were done: they belong to the customer's "
                    "history. Archive or cancel it instead of deleting it.",
                    document=self.browse(done.res_id).display_name,
                )
            )

    def _plan_activity(self, vals):
        """Plan an activity of the current user on the document."""
        self.ensure_one()
        return self.env["mail.activity"].create(
            {
                "user_id": self.env.uid,
                **vals,
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": self.id,
            }
        )

    def _sync_activities_of(self, document_ids):
        self.env["mail.activity"]._sync_customers(self._name, document_ids)
