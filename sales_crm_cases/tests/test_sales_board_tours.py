from odoo.tests import HttpCase, tagged

from .test_sales_board import SalesBoardCommon


@tagged("post_install", "-at_install")
class TestSalesBoardTours(SalesBoardCommon, HttpCase):
    """The sales board in the browser (B2, B3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case.expected_revenue = 1000
        # first, so that the dialog shows it
        cls.env["crm.lost.reason"].search([("id", "!=", cls.reason.id)]).active = False

    def _tour(self, name):
        self.start_tour("/odoo/sales-board", name, login=self.anna.login, timeout=300)

    def test_a_salesman_works_on_the_board(self):
        self._tour("sales_board")
        self.assertStatus(self.case, self.order, "won")
        self.assertEqual(self.idle.current_case_id.stage_id, self.offer)
        options = self.anna.res_users_settings_id.sales_board
        self.assertTrue(options["won"] and options["unprocessed"])

    def test_a_salesman_works_with_the_keyboard(self):
        self._tour("sales_board_keyboard")
        self.assertStatus(self.case, self.prospect)
