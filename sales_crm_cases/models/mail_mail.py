from odoo import api, models


class MailMail(models.Model):
    """Odoo shows who was notified the subject of the e-mail, whoever may read it."""

    _inherit = "mail.mail"

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        if self.env.user._is_customer_restricted():
            # sudo: this decides about a name
            messages = self.sudo().mail_message_id.sudo(self.env.su)
            hidden = messages._filter_of_hidden_documents()
            for mail in self:
                if mail.sudo().mail_message_id.id in hidden._ids:
                    mail.display_name = False
        return result
