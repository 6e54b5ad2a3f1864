from odoo import api, models

from odoo.addons.mail.tools.discuss import Store


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

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Odoo shows the subject of whatever a notification points to: mostly the name of its
        document."""
        result = super()._compute_display_name()
        if self.env.user._is_customer_restricted():
            self._filter_of_hidden_documents().display_name = False
        self._mask_hidden_names()
        return result

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

    def _message_notifications_to_store(self, store):
        """Odoo shows authors which of their messages were not delivered, with what they say."""
        seen = self
        if self.env.user._is_customer_restricted():
            seen -= self._filter_of_hidden_documents()
        return super(MailMessage, seen)._message_notifications_to_store(store)

    def _to_store_defaults(self, target):
        """Odoo names the recipients of a message, with their addresses, to whoever reads it."""
        fields = super()._to_store_defaults(target)
        if not self.env.user._is_customer_restricted():
            return fields
        # sudo: what is left out here
        messages = self.sudo()
        hidden = (messages.partner_ids | messages.notification_ids.res_partner_id)._filter_hidden()
        for field in fields if hidden else ():
            if isinstance(field, Store.Many) and field.field_name == "partner_ids":
                field.value = lambda message: message.sudo().partner_ids - hidden
            elif isinstance(field, Store.Many) and field.field_name == "notification_ids":
                field.value = lambda message: (
                    message.sudo()
                    .notification_ids._filtered_for_web_client()
                    .filtered(lambda told: told.res_partner_id.id not in hidden._ids)
                )
        return fields
