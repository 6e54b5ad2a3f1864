from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestSalesVisibility(SalesCrmCommon):
    def test_the_team_appears_with_the_option_and_goes_with_it(self):
        self.assertSeesNot(self.manager, self.customer_anna)
        self._show_team(self.manager)
        self.assertSees(self.manager, self.customer_anna)
        self.assertSees(self.manager, self.customer_bert)
        self.assertSeesNot(self.manager, self.customer_stranger)
        self._show_team(self.manager, False)
        self.assertSeesNot(self.manager, self.customer_anna)

    def test_a_wrong_guess_of_the_size_changes_nothing(self):
        """It is made once a day, and chooses the form of the SQL only."""
        self._show_team(self.manager)
        for guess in ((0, False), (10**6, False), (0, True), (10**6, True)):
            with patch.object(
                self.registry["sales.visibility"], "_get_expected_size", return_value=guess
            ):
                self.env.invalidate_all()
                self.assertSees(self.manager, self.customer_anna, guess)
                self.assertSeesNot(self.manager, self.customer_stranger, guess)
                partners = self.env["res.partner"].with_user(self.manager)
                self.assertTrue(partners.name_search(self.customer_anna.name), guess)
                self.assertFalse(partners.name_search(self.customer_stranger.name), guess)
                self.assertEqual(
                    partners.search([("approval_status", "!=", False)]),
                    partners.search([]).filtered("approval_status"),
                    guess,
                )

    def test_any_depth_and_through_archived_managers(self):
        self._show_team(self.boss)
        self.assertSees(self.boss, self.customer_anna)
        self.employees[self.manager].active = False
        self.assertSees(self.boss, self.customer_anna)
        self._show_team(self.manager)
        self.assertSeesNot(self.manager, self.customer_anna, "archived himself")

    def test_a_moved_employee_takes_his_customers_along(self):
        self._show_team(self.manager)
        self._show_team(self.other_boss)
        self.employees[self.anna].parent_id = self.employees[self.other_boss]
        self.assertSees(self.other_boss, self.customer_anna)
        self.assertSeesNot(self.manager, self.customer_anna)

    def test_the_user_of_the_employee_and_of_his_resource(self):
        successor = self._make_user("successor", "sales_team.group_sale_salesman")
        self.employees[self.anna].resource_id.user_id = successor
        self.assertSees(successor, self.customer_anna)
        self.assertSeesNot(self.anna, self.customer_anna)

    def test_a_cycle_is_refused_and_survived(self):
        with self.assertRaisesRegex(ValidationError, "own manager"):
            self.employees[self.boss].parent_id = self.employees[self.anna]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hr_employee SET parent_id = %s WHERE id = %s",
            [self.employees[self.anna].id, self.employees[self.boss].id],
        )
        self.env.invalidate_all()
        self._show_team(self.anna)
        self.env["sales.visibility"]._check_and_repair()
        self.assertFalse(self.env["sales.visibility"]._get_differences())
        self.assertSees(self.anna, self.customer_bert)

    def test_managers_edit_by_setting(self):
        self._show_team(self.manager)
        as_manager = self.customer_anna.with_user(self.manager)
        self.assertTrue(as_manager.has_access("write"))
        self.env.company.managers_edit_team = False
        self.assertTrue(as_manager.has_access("read"))
        self.assertFalse(as_manager.has_access("write"))
        self.assertFalse(
            as_manager.search([("crm_editable", "=", True), ("customer_id", "!=", False)])
        )

    def test_unrestricted_users_see_everything(self):
        for user in (self.accounts, self.crm_admin, self.clerk):
            self.assertSees(user, self.customer_stranger)

    def test_documents_follow_their_customer(self):
        case = self.env["crm.lead"].create(
            {
                "name": "Case",
                "type": "opportunity",
                "partner_id": self.customer_anna.id,
                "user_id": self.bert.id,
            }
        )
        order = self.env["sale.order"].create(
            {"partner_id": self.customer_anna.id, "user_id": self.bert.id}
        )
        for document in (case, order):
            self.assertEqual(document.customer_id, self.customer_anna)
            self.assertSees(self.anna, document)
            self.assertSeesNot(self.bert, document)

    def test_documents_without_customer_follow_their_owner(self):
        case = self.env["crm.lead"].create(
            {"name": "Case", "type": "opportunity", "user_id": self.anna.id}
        )
        pool = self.env["crm.lead"].create(
            {"name": "Pool", "type": "opportunity", "user_id": False}
        )
        self.assertSees(self.anna, case)
        self.assertSeesNot(self.bert, case)
        self.assertSeesNot(self.manager, case)
        self._show_team(self.manager)
        self.assertSees(self.manager, case)
        self.assertSeesNot(self.anna, pool)

    def test_nobody_makes_documents_for_nobody(self):
        cases = self.env["crm.lead"].with_user(self.anna)
        for user in (False, self.bert.id):
            values = {"name": "Case", "type": "opportunity", "user_id": user}
            with self.assertRaisesRegex(AccessError, "Choose yourself as the salesperson"):
                cases.create(values)
            with self.assertRaisesRegex(AccessError, "to whom you are not linked"):
                cases.create({**values, "partner_id": self.customer_stranger.id})

    def test_every_visible_customer_has_a_reason(self):
        self._show_team(self.manager)
        for user in (self.anna, self.manager, self.boss, self.accounts, self.crm_admin, self.clerk):
            for customer in (self.customer_anna, self.customer_bert, self.customer_stranger):
                reasons = customer.with_user(user).get_visibility_reasons()
                self.assertEqual(bool(reasons), customer.with_user(user).has_access("read"))
        [reason] = self.customer_anna.with_user(self.manager).get_visibility_reasons()
        self.assertEqual(reason["reason"], "team")
        self.assertIn("Manager → Anna", reason["text"])

    def test_sight_changes_within_a_request(self):
        self._show_team(self.manager)
        as_manager = self.customer_anna.with_user(self.manager)
        self.assertTrue(as_manager.search([("id", "=", self.customer_anna.id)]))
        self.employees[self.anna].parent_id = self.employees[self.other_boss]
        self.assertFalse(as_manager.has_access("read"))
        self.employees[self.anna].parent_id = self.employees[self.manager]
        self.assertTrue(as_manager.has_access("read"))
        successor = self._make_user("successor", "sales_team.group_sale_salesman")
        as_anna = self.customer_anna.with_user(self.anna)
        self.assertTrue(as_anna.has_access("read"))
        self.employees[self.anna].resource_id.user_id = successor
        self.assertFalse(as_anna.has_access("read"))
