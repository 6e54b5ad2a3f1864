from odoo import models


class MailScheduledMessage(models.Model):
    """Odoo finds those of documents to which one may post, and reads any by its id."""

    _inherit = "mail.scheduled.message"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not self or not self._is_sight_limited():
            return result
        return self._forbid_besides(result, self._filter_of_hidden_documents(), operation)

    def _filter_of_hidden_documents(self):
        # sudo: only ids of self come back
        return self.browse(
            message.id
            for message in self.sudo()
            if message.model in self.env
            and self.env[message.model].browse(message.res_id)._filter_hidden()
        )
