from odoo.tests import HttpCase, tagged

from .test_sales_home import SalesHomeCommon


@tagged("post_install", "-at_install")
class TestHomeTours(SalesHomeCommon, HttpCase):
    """The home pages in the browser (H1-H8)."""

    def _tour(self, name, user, address="/odoo"):
        self.start_tour(address, name, login=user.login, timeout=300)

    def _make_day(self):
        self._do(self.anna, self.customer_anna)
        self._make_order(self.anna, self.customer_anna)
        return self._plan(self.anna, self.cases[self.anna])

    def test_a_salesman_lands_on_crm_home_and_works_from_there(self):
        activity = self._make_day()
        self._tour("sales_crm_home", self.anna)
        self.assertEqual(activity.outcome, "Wants two ovens")

    def test_the_gear_shows_the_teams_figures(self):
        self._make_day()
        self._tour("sales_crm_home_of_team", self.manager)

    def test_the_page_of_a_customer(self):
        self._make_day()
        self._tour("sales_crm_customer_home", self.anna)
        self.assertEqual(self.customer_anna.customer_note_ids.author_id, self.anna)
        self.assertTrue(self.anna.res_users_settings_id.hide_customer_dashboard)

    def test_the_page_of_a_customer_from_its_form(self):
        self._tour(
            "sales_crm_customer_home_from_form",
            self.anna,
            f"/odoo/crm-customers/{self.customer_anna.id}",
        )

    def test_the_page_of_a_hidden_customer(self):
        self._tour(
            "sales_crm_customer_home_hidden",
            self.anna,
            f"/odoo/customer-home/{self.customer_bert.id}",
        )

    # ------------------------------------------------------------------
    # Addresses
    # ------------------------------------------------------------------

    def test_reload_and_back_keep_tab_and_month(self):
        self._tour("sales_crm_home_addresses", self.anna, "/odoo/crm-home?tab=recent")

    def test_reload_and_back_keep_customer_and_panel(self):
        self.env["res.partner"].create({"name": "Julia", "parent_id": self.customer_anna.id})
        self._tour(
            "sales_crm_customer_addresses",
            self.anna,
            f"/odoo/customer-home/{self.customer_anna.id}?tile=contacts",
        )

    def test_nonsense_in_the_address_of_crm_home(self):
        self._tour("sales_crm_home_nonsense", self.anna, "/odoo/crm-home?tab=x&date=2031-13-99")

    def test_nonsense_in_the_address_of_a_customer(self):
        for customer in ("999999999", "99999999999999999999", "x", ""):
            with self.subTest(customer):
                self._tour(
                    "sales_crm_customer_nonsense", self.anna, f"/odoo/customer-home/{customer}"
                )

    # ------------------------------------------------------------------
    # Options, clicks, keyboard
    # ------------------------------------------------------------------

    def test_both_options_at_once_and_for_good(self):
        self._make_day()
        self._tour("sales_crm_home_options", self.manager)
        self.assertFalse(self.manager.res_users_settings_id.hide_customer_dashboard)
        self.assertFalse(self.manager.show_subordinates)

    def test_double_clicks_open_and_save_once(self):
        self._make_day()
        self._tour("sales_crm_home_double_clicks", self.anna)
        self.assertEqual(len(self.customer_anna.customer_note_ids), 1)

    def test_the_keyboard_goes_down_the_page_of_a_customer(self):
        self._make_day()
        self._tour(
            "sales_crm_customer_keyboard",
            self.anna,
            f"/odoo/customer-home/{self.customer_anna.id}?tile=notes",
        )
