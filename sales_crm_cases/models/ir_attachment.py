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
            domain = Domain(domain)
            conditions = list(domain.iter_conditions())
            domain = domain.map_conditions(self._ask_as_user)
            # what Odoo does itself where nobody asks for an id
            is_plain = not any(part.field_expr in ("id", "res_field") for part in conditions)
            if is_plain and not self.env.context.get("skip_res_field_check"):
                domain &= Domain("res_field", "=", False)
            events = self.env[BUSY_MODEL].with_context(active_test=False)
            # sudo: the domain is the user's; no other rule of events counts here
            seen = events.sudo()._search(events._get_operation_domain("read"))
            domain &= Domain("res_model", "!=", BUSY_MODEL) | Domain("res_id", "in", seen)
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    @api.model
    def _ask_as_user(self, condition):
        """Odoo searches files as superuser and drops those that are hidden: whoever asks along a
        relation would learn of whatever it leads to. Such a question is answered as the user."""
        field = self._fields.get(condition.field_expr)
        if field is not None and not field.relational:
            return condition
        return Domain("id", "in", self._search(condition, bypass_access=True))

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Odoo shows the name of whatever file another one was made of."""
        result = super()._compute_display_name()
        if self.env.user._is_customer_restricted():
            self._filter_unreadable().display_name = False
        return result

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
