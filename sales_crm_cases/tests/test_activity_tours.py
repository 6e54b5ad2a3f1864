from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .test_activities import ActivityCommon


@tagged("post_install", "-at_install")
class TestActivityTours(ActivityCommon, HttpCase):
    """The salesman's day in the browser: reschedule, next action, cold call, new activity with
    a quote, closing a case; the manager's where it differs."""

    def _tour(self, name, user):
        self.start_tour("/odoo", name, login=user.login, timeout=300)

    def test_reschedule(self):
        self.annas.date_deadline = self.today - timedelta(2)
        self._tour("sales_crm_reschedule", self.anna)
        self.assertEqual(self.annas.postponement_ids[:1].reason, "The baker is ill")

    def test_manager_reschedules_for_the_team(self):
        self._show_team(self.manager)
        self.annas.date_deadline = self.today - timedelta(2)
        self.annas.user_id = self.manager
        self._tour("sales_crm_reschedule", self.manager)
        self.assertEqual(self.annas.postponement_ids[:1].user_id, self.manager)

    def test_next_action(self):
        self._tour("sales_crm_next_action", self.anna)
        self.assertEqual(self.annas.outcome, "Wants two ovens")

    def test_cold_call(self):
        self._tour("sales_crm_cold_call", self.anna)
        customer = self.env["res.partner"].search([("name", "=", "Quite Another Mill")])
        self.assertEqual(customer.approval_status, "new")
        self.assertEqual(customer.case_ids.name, "Flour for the ovens")
        self.assertEqual(customer.call_contact_id.name, "Mia Miller")

    def test_new_activity_with_quote(self):
        self.env["product.product"].create({"name": "Tour Oven", "list_price": 70})
        self._tour("sales_crm_new_activity_with_quote", self.anna)
        self.assertEqual(self.case.order_ids.amount_untaxed, 70)
        planned = self.env["mail.activity"].search([("summary", "=", "Measure the room")])
        self.assertEqual(
            planned.activity_type_id, self.env.ref("sales_crm_cases.activity_type_inspection")
        )

    def test_close_case(self):
        self.env.ref("crm.lost_reason_1").name = "Too expensive"
        self._tour("sales_crm_close_case", self.anna)
        self.assertEqual(self.case.won_status, "lost")
        self.assertEqual(self.case.close_reason, "The other one was cheaper")
