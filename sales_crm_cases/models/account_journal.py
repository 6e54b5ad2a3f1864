import json

from odoo import models


class AccountJournal(models.Model):
    """The dashboard reads invoices and their activities in SQL, whoever asks."""

    _inherit = "account.journal"

    def _get_json_activity_data(self):
        result = super()._get_json_activity_data()
        for journal in self if self.env.user._is_customer_restricted() else ():
            activities = json.loads(journal.json_activity_data)["activities"]
            visible = set(
                self.env["mail.activity"].search([("id", "in", [a["id"] for a in activities])]).ids
            )
            journal.json_activity_data = json.dumps(
                {"activities": [a for a in activities if a["id"] in visible]}
            )
        return result

    def _kanban_dashboard(self):
        result = super()._kanban_dashboard()
        if self._hides_customers():
            self.kanban_dashboard = json.dumps({})
        return result

    def _kanban_dashboard_graph(self):
        result = super()._kanban_dashboard_graph()
        if self._hides_customers():
            self.kanban_dashboard_graph = False
        return result

    def _hides_customers(self):
        """Totals of all customers are for those who see all customers, or keep the books."""
        return (
            self.env.user._is_customer_restricted()
            and not self.env["account.move"]._user_keeps_books()
        )
