from contextlib import contextmanager
from unittest.mock import patch

from freezegun import freeze_time
from odoo.tests import tagged

from .recommendation_common import RecommendationCommon

MORNING = "10:00:00"


@tagged("post_install", "-at_install")
class TestRecommendationDigest(RecommendationCommon):
    """One mail and one notification per salesman and day, with what matters (R7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what demo data recommend to others
        cls.Recommendation.search([]).write({"state": "expired"})
        cls.env["customer.reminder"].search([]).unlink()
        cls.env["sales.recommendation.digest"].search([]).unlink()
        for user in (cls.anna, cls.bert, cls.manager, cls.stranger):
            user.write({"tz": "UTC", "notification_type": "email"})
        cls._make_due()
        cls.contracts = cls.env["third.party.contract"].concat(
            *(cls._make_contract(n, name=f"L-{n}") for n in range(3, 10))
        )
        cls._run()
        cls.Recommendation.search([("customer_id", "!=", cls.customer_anna.id)]).write(
            {"state": "expired"}
        )

    @contextmanager
    def _sending(self, clock=MORNING, day=0):
        """Collects what is sent while the job runs at that hour, UTC."""
        messages = self.env["mail.message"].search([], order="id desc", limit=1).id
        told = []
        users_class = self.env.registry["res.users"]

        def _bus_send(users, notification_type, message, **kwargs):
            if notification_type == "simple_notification":
                told.extend((user, message) for user in users)

        with (
            freeze_time(f"{self._day(day)} {clock}"),
            patch.object(users_class, "_bus_send", _bus_send),
        ):
            sent = {}
            yield sent
        self.env.invalidate_all()
        sent["messages"] = self.env["mail.message"].search(
            [("id", ">", messages), ("subject", "like", "%CRM%")]
        )
        sent["told"] = told

    def _send(self, **kwargs):
        with self._sending(**kwargs) as sent:
            self.env["sales.recommendation.digest"]._cron_send()
        return sent

    def test_one_mail_and_one_notification_with_counts_and_the_most_urgent(self):
        sent = self._send()
        [message] = sent["messages"]
        self.assertEqual(message.notified_partner_ids, self.anna.partner_id)
        self.assertEqual(len(message.mail_ids), 1)
        self.assertEqual(message.subject, "Your day in the CRM: 8 recommendations")
        body = str(message.body)
        self.assertIn("<b>7</b> × Third-party contract", " ".join(body.split()))
        self.assertIn("<b>1</b> × Rank call", " ".join(body.split()))
        self.assertIn("Test Platinum, last call 15 days ago", body)
        # the rank call and four contracts
        self.assertEqual(body.count("Hopfner Brewery"), 5)
        self.assertIn("L-6", body)
        self.assertNotIn("L-7", body)
        [(user, notification)] = sent["told"]
        self.assertEqual(user, self.anna)
        self.assertEqual(notification["message"], "8 recommendations")

    def test_once_a_day(self):
        self.assertEqual(len(self._send()["messages"]), 1)
        self.assertFalse(self._send(clock="11:00:00")["messages"])
        self.assertEqual(len(self._send(day=1)["messages"]), 1)

    def test_nothing_on_an_empty_day(self):
        self.Recommendation.search([]).write({"state": "expired"})
        sent = self._send()
        self.assertFalse(sent["messages"] or sent["told"])
        self.assertFalse(self.env["sales.recommendation.digest"].search([]))

    def test_snoozed_and_decided_ones_are_not_told(self):
        everything = self.Recommendation.search([("state", "=", "open")]).with_user(self.anna)
        everything[:4].action_snooze(self._day(9))
        everything[4:].action_dismiss("No")
        self.assertFalse(self._send()["messages"])

    def test_when_it_is_morning_where_the_user_is(self):
        self.anna.tz = "America/New_York"
        self.assertFalse(self._send(clock="10:00:00")["messages"])
        self.assertEqual(len(self._send(clock="13:30:00")["messages"]), 1)
        # already the next day in Auckland
        self.anna.tz = "Pacific/Auckland"
        self.assertEqual(len(self._send(clock="20:30:00")["messages"]), 1)

    def test_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.kinds["rank_call"].with_context(lang="fr_FR").name = "Appel"
        self.anna.lang = "fr_FR"
        body = str(self._send()["messages"].body)
        self.assertIn("Appel", body)

    def test_switched_off_by_the_user(self):
        self.anna.with_user(self.anna).recommendation_digest = False
        self.assertFalse(self._send()["messages"])

    def test_switched_off_by_the_company(self):
        self.env.company.recommendation_digest = False
        self.assertFalse(self._send()["messages"])

    def test_inbox_users_get_it_in_the_inbox(self):
        self.anna.notification_type = "inbox"
        [message] = self._send()["messages"]
        self.assertFalse(message.mail_ids)
        self.assertEqual(message.notification_ids.notification_type, "inbox")

    def test_only_what_the_user_sees(self):
        # unlinked since the last run, without the run noticing
        self.env.cr.execute(
            "DELETE FROM customer_salesman WHERE customer_id = %s", [self.customer_anna.id]
        )
        self.env.invalidate_all()
        sent = self._send()
        self.assertFalse(sent["messages"] or sent["told"])

    def test_who_stands_in_is_told(self):
        self.env["sales.delegation"].create(
            {
                "employee_id": self.employees[self.anna].id,
                "delegate_id": self.employees[self.stranger].id,
                "date_from": self._day(0),
                "date_to": self._day(0),
            }
        )
        partners = self._send()["messages"].notified_partner_ids
        self.assertEqual(partners, (self.anna + self.stranger).partner_id)

    def test_reminders_are_told_too(self):
        self.Recommendation.search([]).write({"state": "expired"})
        self.env["customer.reminder"].with_user(self.bert).create(
            [
                {"name": f"Order flowers {n}", "date": self._day(n), "repeat_yearly": False}
                for n in (0, 1)
            ]
        )
        [message] = self._send()["messages"]
        self.assertEqual(message.notified_partner_ids, self.bert.partner_id)
        self.assertEqual(message.subject, "Your day in the CRM: 1 reminder")
        self.assertIn("Order flowers 0", str(message.body))
        self.assertNotIn("Order flowers 1", str(message.body))

    def test_in_steps(self):
        self._make_due(self.customer_bert)
        self._make_due(self.customer_stranger)
        self._run()
        module = "odoo.addons.sales_crm_cases.models.sales_recommendation_digest"
        with (
            patch(f"{module}.STEP_SIZE", 1),
            self._sending() as sent,
            self.enter_registry_test_mode(),
        ):
            self.env.ref("sales_crm_cases.ir_cron_recommendation_digest").method_direct_trigger()
        for user in (self.anna, self.bert, self.stranger):
            told = sent["messages"].filtered(
                lambda message, user=user: user.partner_id in message.notified_partner_ids
            )
            self.assertEqual(len(told), 1, user.name)

    def test_one_who_cannot_be_told_keeps_nobody_waiting(self):
        self._make_due(self.customer_bert)
        self._run()
        [call] = self.Recommendation.search(
            [("customer_id", "=", self.customer_anna.id), ("kind_id.code", "=", "rank_call")]
        )
        call.details = {**call.details, "last": "no day"}
        logger = "odoo.addons.sales_crm_cases.models.sales_recommendation_digest"
        with self.assertLogs(logger, "ERROR") as logged:
            told = self._send()["messages"].notified_partner_ids
        self.assertIn(self.bert.partner_id, told)
        self.assertNotIn(self.anna.partner_id, told)
        self.assertIn(f"user {self.anna.id} ", logged.output[0])

    def test_the_record_of_a_day_is_forgotten(self):
        self._send()
        self.env["sales.recommendation.digest"]._gc_old()
        self.assertTrue(self.env["sales.recommendation.digest"].search([]))
        with freeze_time(f"{self._day(40)} {MORNING}"):
            self.env["sales.recommendation.digest"]._gc_old()
        self.assertFalse(self.env["sales.recommendation.digest"].search([]))

    def test_the_heading_of_the_mail(self):
        [message] = self._send()["messages"]
        mail = str(message.mail_ids.body_html)
        self.assertIn("Daily digest", mail)
        self.assertNotIn("Your document", mail)
