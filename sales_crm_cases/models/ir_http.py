from odoo import models

from .res_users import APPROVER, SALESMAN


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Which of our buttons the web client shows: no request of its own for each. And where
        it starts: salesmen who chose no home action in their preferences begin with CRM home
        (H1)."""
        info = super().session_info()
        user = self.env.user
        is_salesman = user.has_group(SALESMAN)
        info["sales_crm_cases"] = {
            "is_salesman": is_salesman,
            "is_approver": user.has_group(APPROVER),
            "has_batch_sms": is_salesman
            and bool(self.env["crm.process"].search_count([("sms_enabled", "=", True)], limit=1)),
        }
        if is_salesman and not info.get("home_action_id"):
            info["home_action_id"] = self.env["ir.model.data"]._xmlid_to_res_id(
                "sales_crm_cases.crm_home_action", raise_if_not_found=False
            )
        return info
