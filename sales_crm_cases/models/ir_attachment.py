from odoo import api, models
from odoo.fields import Domain

# the model whose records everybody finds, as "Busy"
BUSY_MODEL = "calendar.event"


class IrAttachment(models.Model):
    """Files follow their document. A meeting is seen by whoever looks for free time, and with it
    Odoo shows its files: those of meetings with invisible customers are as hidden as what the
    meetings are about."""

    _inherit = "ir.attachment"

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        if not bypass_access and self._is_sight_limited():
            events = self.env[BUSY_MODEL].with_context(active_test=False)
            # sudo: the domain is the user's; no other rule of events counts here
            seen = events.sudo()._search(events._get_operation_domain("read"))
            domain = Domain(domain) & (
                Domain("res_model", "!=", BUSY_MODEL) | Domain("res_id", "in", seen)
            )
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not self or not self._is_sight_limited():
            return result
        # sudo: the columns decide about access
        of_events = self.sudo().filtered(lambda file: file.res_model == BUSY_MODEL)
        hidden_ids = set(
            self.env[BUSY_MODEL].browse(of_events.mapped("res_id"))._filter_hidden()._ids
        )
        hidden = self.browse(file.id for file in of_events if file.res_id in hidden_ids)
        return self._forbid_besides(result, hidden, operation)
