from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesCrmCommon
from .example_common import ExampleCommon
from .recommendation_common import RecommendationCommon


@tagged("post_install", "-at_install")
class TestExampleOfKind(ExampleCommon, RecommendationCommon):
    """A kind of recommendation of another addon, as the guide for developers shows it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_addon("new_customer_kind")

    def test_it_recommends_new_customers_until_they_are_released(self):
        customer = self._make_customer("Fresh", self.anna, status="new")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = create_date - interval '7 days' WHERE id = %s",
            [customer.id],
        )
        self.env.invalidate_all()
        self._run()
        recommendation = self._find("new_customer", customer)
        self.assertEqual(recommendation.reason, "Fresh is new")
        self.assertEqual(recommendation.employee_id, self.employees[self.anna])
        self.assertSees(self.anna, recommendation)
        self.assertSeesNot(self.bert, recommendation)
        customer.approval_status = "active"
        self._run()
        self.assertEqual(recommendation.state, "expired")


@tagged("post_install", "-at_install")
class TestExampleOfGlue(ExampleCommon, SalesCrmCommon):
    """A glue addon for an app with tickets, as the guide for developers shows it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_addon("support_ticket")
        cls.old_ticket = cls.env["support.ticket"].create(
            {"name": "From before", "partner_id": cls.customer_anna.id}
        )
        cls.env["ir.model.access"].create(
            {
                "name": "support.ticket user",
                "model_id": cls.env["ir.model"]._get_id("support.ticket"),
                "group_id": cls.env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
            }
        )
        cls.undeclared = cls.env["privacy.registry"]._find_unclassified()
        cls._load_addon("support_ticket_crm")
        cls._load_addon("support_ticket_privacy")
        cls.contact = cls.env["res.partner"].create(
            {"name": "Eve Adams", "parent_id": cls.customer_anna.id}
        )
        cls.ticket = cls.env["support.ticket"].create(
            {
                "name": "The oven of Eve Adams",
                "description": "Cold",
                "partner_id": cls.contact.id,
                "user_id": cls.bert.id,
            }
        )

    def test_salesmen_of_the_customer_see_it(self):
        self.assertEqual(self.old_ticket.customer_id, self.customer_anna)
        for ticket in (self.ticket, self.old_ticket):
            for user in (self.anna, self.accounts, self.crm_admin, self.clerk):
                self.assertSees(user, ticket)
            for user in (self.bert, self.stranger, self.manager):
                self.assertSeesNot(user, ticket)
        self._show_team(self.manager)
        self.assertSees(self.manager, self.ticket)

    def test_the_owner_sees_it_without_a_customer(self):
        ticket = self.env["support.ticket"].create({"name": "Own", "user_id": self.bert.id})
        self.assertSees(self.bert, ticket)
        self.assertSeesNot(self.anna, ticket)

    def test_what_hangs_on_it_follows(self):
        message = self.ticket.message_post(body="Cold since Monday")
        activity = self.ticket.activity_schedule(
            "mail.mail_activity_data_call", summary="Ask Eve", user_id=self.anna.id
        )
        self.assertEqual(activity.customer_id, self.customer_anna)
        for record in (message, activity):
            self.assertTrue(record.with_user(self.anna).has_access("read"))
            self.assertFalse(record.with_user(self.stranger).has_access("read"))

    def test_hidden_customers_cannot_be_chosen(self):
        Ticket = self.env["support.ticket"].with_user(self.stranger)
        with self.assertRaises(AccessError):
            Ticket.create({"name": "Whose?", "partner_id": self.contact.id})

    def test_open_ones_move_along(self):
        self.ticket.user_id = self.anna
        handover = self.env["customer.handover"].with_user(self.crm_admin)
        anna, bert = self.employees[self.anna], self.employees[self.bert]
        handover._start(anna, bert, self.customer_anna)
        self.assertEqual(self.ticket.user_id, self.bert)
        self.assertSees(self.bert, self.ticket)
        self.assertSeesNot(self.anna, self.ticket)

    def test_nothing_of_the_person_stays(self):
        self.assertIn("support.ticket", [model for model, _field, _what in self.undeclared])
        self.assertFalse(self.env["privacy.registry"]._find_unclassified())
        self.contact.write({"support_level": "full", "support_hint": "Ring twice"})
        officer = self._make_user("officer", "sales_crm_cases.group_privacy_officer")
        requests = self.env["privacy.request"].with_user(officer)
        exported = str(requests.export_subject(self.contact.id))
        self.assertIn("The oven of Eve Adams", exported)
        self.assertIn("Ring twice", exported)
        requests.anonymize(self.contact.ids)
        self.assertRecordValues(
            self.ticket, [{"name": "Ticket", "description": False, "user_id": self.bert.id}]
        )
        self.assertRecordValues(self.contact, [{"support_level": False, "support_hint": False}])
