from odoo import models


class MailThread(models.AbstractModel):
    """Nobody is sent messages of a customer whom he does not see, even if he follows it still:
    sight is also lost where no link goes, by an option or by a move to another team."""

    _inherit = "mail.thread"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if len(self) != 1 or not self.id or not self._follows_sight():
            return recipients
        return [data for data in recipients if not self._is_hidden_from_recipient(data)]

    def _is_hidden_from_recipient(self, data):
        if not data.get("uid") or data.get("type") != "user":
            return False
        return bool(self.with_user(data["uid"])._filter_hidden())
