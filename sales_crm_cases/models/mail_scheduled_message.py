from odoo import models


class MailScheduledMessage(models.Model):
    """Odoo finds those of documents to which one may post, and reads any by its id."""

    _inherit = "mail.scheduled.message"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not self or not self._is_sight_limited():
            return result
        hidden = self._filter_of_hidden_documents()
        if not hidden:
            return result
        forbidden = hidden | result[0] if result else hidden
        return forbidden, lambda: self.env["ir.rule"]._make_access_error(operation, forbidden)

    def _filter_of_hidden_documents(self):
        # sudo: only ids of self come back
        return self.browse(
            message.id
            for message in self.sudo()
            if message.model in self.env
            and self.env[message.model].browse(message.res_id)._filter_hidden()
        )
