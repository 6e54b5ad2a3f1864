from odoo.tests import HttpCase, tagged

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestTours(SalesCrmCommon, HttpCase):
    """What people do in the web client, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the tours find their own data among few customers, with or without demo data
        cls.customer_anna.name = "Own Customer"
        cls.customer_stranger.name = "Foreign Customer"

    def test_salesman_releases_a_customer(self):
        self.start_tour("/odoo", "sales_crm_salesman_releases", login=self.anna.login, timeout=300)
        customer = self.env["res.partner"].search([("name", "=", "Quarry Stones")])
        self.assertEqual(customer.approval_status, "released")
        self.assertEqual(customer.salesman_ids, self.employees[self.anna])

    def test_accounts_approve_and_decline(self):
        self.env["res.partner"].search(
            [("approval_status", "=", "released")]
        ).approval_status = "new"
        customers = self._make_customer("Waiting One", self.anna, status="new")
        customers += self._make_customer("Waiting Two", self.anna, status="new")
        customers.with_user(self.anna).action_release()
        self.start_tour(
            "/odoo", "sales_crm_accounts_decide", login=self.accounts.login, timeout=300
        )
        self.assertEqual(customers.mapped("approval_status"), ["active", "new"])
        self.assertEqual(customers[1].last_approval_reason, "The address is missing")

    def test_manager_shows_the_team_and_hides_it(self):
        self._make_customer("Managers Customer", self.manager)
        self.start_tour(
            "/odoo", "sales_crm_manager_shows_team", login=self.manager.login, timeout=300
        )
        self.assertFalse(self.manager.show_subordinates)

    def test_maintain_customer_salesmen(self):
        self.start_tour("/odoo", "sales_crm_maintain_salesmen", login=self.anna.login, timeout=300)
        self.assertEqual(
            self.customer_anna.salesman_ids, self.employees[self.anna] + self.employees[self.bert]
        )
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.anna])
