from odoo import models

from .mail_message import MailMessage


class MailScheduledMessage(models.Model):
    """Odoo finds those of documents to which one may post, and reads any by its id."""

    _inherit = "mail.scheduled.message"

    # by the same two columns
    _filter_of_hidden_documents = MailMessage._filter_of_hidden_documents

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not self or not self._is_sight_limited():
            return result
        return self._forbid_besides(result, self._filter_of_hidden_documents(), operation)
