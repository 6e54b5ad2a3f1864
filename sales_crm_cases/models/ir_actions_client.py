from odoo import api, models


class IrActionsClient(models.Model):
    _inherit = "ir.actions.client"

    @api.model
    def _get_notification(self, message, kind="success", title=None, reloads=False):
        """Tell what was done, and close the dialog.

        :param kind: as Odoo names it: success, info, warning or danger
        :param reloads: load what is behind anew instead; there is no dialog
        """
        following = {"type": "ir.actions.act_window_close"}
        if reloads:
            following = {"type": "ir.actions.client", "tag": "soft_reload"}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "next": following,
                **({"title": title} if title else {}),
            },
        }
