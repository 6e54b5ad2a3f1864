from odoo import models


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

    def _sync_activities_of(self, document_ids):
        self.env["mail.activity"]._sync_customers(self._name, document_ids)
