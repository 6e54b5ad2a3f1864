from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from .test_sales_home import SalesHomeCommon


@tagged("post_install", "-at_install")
class TestLanding(SalesHomeCommon, HttpCase):
    """With which page the web client starts (H1)."""

    def _get_home_action(self, user):
        self.authenticate(user.login, user.login)
        info = self.make_jsonrpc_request("/web/session/get_session_info", {})
        return info["home_action_id"]

    def test_salesmen_start_with_crm_home(self):
        home = self.env.ref("sales_crm_cases.crm_home_action")
        for user in (self.anna, self.manager, self.crm_admin):
            self.assertEqual(self._get_home_action(user), home.id, user.name)
            self.assertFalse(user.action_id, "nothing is written")

    def test_others_start_as_ever(self):
        for user in (self.clerk, self.accounts):
            self.assertFalse(self._get_home_action(user), user.name)

    def test_who_chose_a_page_starts_with_it(self):
        chosen = self.env.ref("sales_crm_cases.crm_lead_action")
        for user in (self.anna, self.clerk):
            user.action_id = chosen.id
            self.assertEqual(self._get_home_action(user), chosen.id, user.name)


@tagged("post_install", "-at_install")
class TestHomePages(SalesHomeCommon):
    """What the home pages open and offer (H2-H6)."""

    def _get_record(self, user):
        [record] = self._get_home(user)["today"]["records"]
        return record

    def test_every_tile_has_its_list(self):
        home = self.env["sales.home"].with_user(self.anna)
        tiles = home.get_home()["tiles"] + home.get_customer_home(self.customer_anna.id)["tiles"]
        for tile in tiles:
            if not tile["res_model"] or tile["key"] == "performance":
                continue
            action = self.env.ref(tile["action"])
            self.assertEqual(action.res_model, tile["res_model"], tile["key"])
            views = self.env[action.res_model].with_user(self.anna).get_views(action.views)
            self.assertIn("list", views["views"], tile["key"])

    def test_the_menu_of_quotes_lists_what_the_tile_counts(self):
        self._make_order(self.anna, self.customer_anna)
        self._make_order(self.anna, self.customer_anna).action_confirm()
        vendor = self.env["res.partner"].create({"name": "Vendor", "is_company": True})
        self._make_order(self.anna, vendor)
        [tile] = [t for t in self._get_home(self.anna)["tiles"] if t["key"] == "quotes"]
        self.assertEqual(tile["count"], 1)
        action = self.env.ref(tile["action"])
        quotes = self.env["sale.order"].with_user(self.anna)
        self.assertEqual(
            quotes.search(safe_eval(action.domain)), quotes.search(Domain(tile["domain"]))
        )

    def test_whose_activities_can_be_worked(self):
        activity = self._plan(self.anna, self.cases[self.anna])
        self.assertTrue(self._get_record(self.anna)["can_write"])
        self._show_team(self.manager)
        for may_edit in (True, False):
            self.env.company.managers_edit_team = may_edit
            self.assertEqual(self._get_record(self.manager)["can_write"], may_edit)
            self.assertEqual(activity.with_user(self.manager).can_write, may_edit)

    def test_whose_activities_can_be_worked_by_who_sees_all(self):
        for user in (self.anna, self.bert):
            self._plan(user, self.cases[user])
            self._plan(user, self.customer_anna)
        for user in (self.crm_admin, self.accounts):
            for record in self._get_home(user)["today"]["records"]:
                activity = self.env["mail.activity"].with_user(user).browse(record["id"])
                self.assertEqual(record["can_write"], activity.can_write, user.name)

    def test_the_page_of_a_contacts_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Julia", "parent_id": self.customer_anna.id}
        )
        for partner in (contact, self.customer_anna):
            action = partner.with_user(self.anna).action_view_home()
            self.assertEqual(action["tag"], "sales_customer_home")
            self.assertEqual(action["params"], {"resId": self.customer_anna.id})
        with self.assertRaises(AccessError):
            contact.with_user(self.bert).action_view_home()

    def test_salesmen_of_the_customer_the_main_one_too(self):
        self._make_customer("Two Hands", self.anna, self.bert)
        customer = self.env["res.partner"].search([("name", "=", "Two Hands")])
        home = self.env["sales.home"].with_user(self.bert)
        values = home.get_customer_home(customer.id)["customer"]
        self.assertEqual(values["main_salesman_id"]["display_name"], "Anna")
        self.assertEqual(
            {each["display_name"] for each in values["salesman_ids"]}, {"Anna", "Bert"}
        )

    def test_details_of_a_customer_are_those_of_its_form(self):
        customer = self.customer_anna
        customer.rank_id = self.env["customer.rank"].search([], limit=1)
        contact = self.env["res.partner"].create(
            {
                "name": "Julia",
                "parent_id": customer.id,
                "phone": "+49 721 1",
                "email": "julia@hopfner.example.com",
                "receives_sales_calls": True,
            }
        )
        self._show_team(self.manager)
        for user in (self.anna, self.manager, self.crm_admin, self.accounts):
            for may_edit in (True, False):
                self.env.company.managers_edit_team = may_edit
                record = customer.with_user(user)
                home = self.env["sales.home"].with_user(user)
                values = home.get_customer_home(customer.id)["customer"]
                for name in (
                    *("crm_editable", "is_active_business", "main_contact_phone"),
                    *("main_contact_email", "completeness", "missing_fields", "contact_address"),
                ):
                    self.assertEqual(values[name], record[name], f"{user.name}: {name}")
                for name in ("rank_id", "main_salesman_id", "current_case_id"):
                    self.assertEqual(
                        values[name],
                        {"id": record[name].id, "display_name": record[name].sudo().display_name},
                        f"{user.name}: {name}",
                    )
                self.assertEqual(values["main_contact_id"]["id"], contact.id)
                self.assertEqual(values["call_contact_id"]["id"], contact.id)
        self.cases[self.anna].action_set_lost()
        values = self.env["sales.home"].with_user(self.anna).get_customer_home(customer.id)
        self.assertFalse(values["customer"]["current_case_id"])
        self.assertFalse(values["customer"]["is_active_business"])
        self.assertEqual(values["cases"], [])

    def test_documents_of_a_customer_are_those_of_its_contacts_too(self):
        contact = self.env["res.partner"].create(
            {"name": "Julia", "parent_id": self.customer_anna.id}
        )
        files = self.env["ir.attachment"].create(
            [
                {"name": "a.txt", "raw": b"a", "res_model": "res.partner", "res_id": partner.id}
                for partner in (self.customer_anna, contact, self.customer_bert)
            ]
        )
        home = self.env["sales.home"].with_user(self.anna)
        tiles = home.get_customer_home(self.customer_anna.id)["tiles"]
        [tile] = [tile for tile in tiles if tile["key"] == "documents"]
        found = self.env["ir.attachment"].with_user(self.anna).search(tile["domain"])
        self.assertEqual(set(found.ids), set(files[:2].ids))

    def test_periods_in_the_settings(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.home_activity_days, 30)
        settings.write(
            {"home_activity_days": 7, "home_performance_months": 3, "home_pipeline_months": 6}
        )
        settings.execute()
        company = self.env.company
        self.assertEqual((company.home_activity_days, company.home_performance_months), (7, 3))
        self.assertEqual(company.home_pipeline_months, 6)

    def test_lists_of_a_record_are_named_after_it(self):
        customer, case = self.customer_anna, self.cases[self.anna]
        process = self.env["crm.process"].create({"name": "Machines"})
        employee = self.employees[self.anna]
        for record, method in (
            (customer, "action_view_cases"),
            (customer, "action_view_customer_activities"),
            (customer, "action_view_notes"),
            (customer, "action_view_third_party_contracts"),
            (customer, "action_view_reminders"),
            (customer, "action_view_recommendations"),
            (case, "action_view_case_activities"),
            (case, "action_view_notes"),
            (process, "action_view_cases"),
            (employee, "action_view_customers"),
        ):
            action = getattr(record, method)()
            # the web client shows the second before the first
            for key in ("name", "display_name"):
                self.assertIn(record.name, action[key], f"{record._name}.{method}: {key}")
