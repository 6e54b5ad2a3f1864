from odoo import api, models


class MailMessage(models.Model):
    """Messages follow their document, also those that the user wrote or was sent while he was
    still linked to the customer (V1, V2)."""

    _inherit = "mail.message"

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        query = super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)
        if bypass_access or self.env.su or not self.env.user._is_customer_restricted():
            return query
        messages = self.browse(query.get_result_ids())
        hidden = messages._filter_of_hidden_documents()
        return (messages - hidden)._as_query(order) if hidden else query

    def _get_forbidden_access(self, operation):
        forbidden = super()._get_forbidden_access(operation)
        if self.env.su or not self.env.user._is_customer_restricted():
            return forbidden
        return forbidden | (self - forbidden)._filter_of_hidden_documents()

    def _filter_of_hidden_documents(self):
        """The messages on documents of customers who are hidden from the current user."""
        hidden = self.browse()
        # sudo: only ids of self come back
        threads = self.sudo().filtered(lambda message: message.model in self.env and message.res_id)
        for model_name, messages in threads.grouped("model").items():
            if not self.env[model_name]._follows_sight():
                continue
            documents = self.env[model_name].browse(set(messages.mapped("res_id")))
            hidden_ids = set(documents._filter_hidden().ids)
            hidden |= messages.filtered(lambda message, ids=hidden_ids: message.res_id in ids)
        return hidden.with_env(self.env)
