from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Which of our buttons the web client shows: no request of its own for each."""
        info = super().session_info()
        user = self.env.user
        info["sales_crm_cases"] = {
            "is_salesman": user.has_group("sales_team.group_sale_salesman"),
            "is_approver": user.has_group("sales_crm_cases.group_customer_approver"),
        }
        return info
