from odoo.tests import HttpCase, tagged

from .recommendation_common import RecommendationCommon


@tagged("post_install", "-at_install")
class TestRecommendationTours(RecommendationCommon, HttpCase):
    """Recommendations in the browser: the salesman works through his, the manager looks after
    his team's, the administrator runs them and switches a kind off (R1-R3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contracting = cls._make_customer("Contract Customer", cls.anna)
        cls.snoozed = cls._make_customer("Snooze Customer", cls.anna)
        cls.customer_anna.name = "Call Customer"
        cls._make_due(days=-3)
        cls._make_due(cls.snoozed)
        cls._make_due(cls.customer_bert)
        cls._make_due(cls.customer_stranger)
        cls.contract = cls._make_contract(20, customer_id=cls.contracting.id)
        other = cls._make_customer("Quote Customer", cls.anna)
        cls.quote = cls._make_quote(partner_id=other.id)
        cls._make_contact(customer=other)
        cls._run()

    def _tour(self, name, user):
        self.start_tour("/odoo", name, login=user.login, timeout=300)
        self.env.invalidate_all()

    def test_a_salesman_works_through_his(self):
        self._tour("sales_crm_recommendations", self.anna)
        called = self._find("rank_call", self.customer_anna)
        self.assertEqual(called.state, "followed")
        self.assertRecordValues(
            called.activity_id,
            [{"summary": "Ask about the ovens", "user_id": self.anna.id, "active": True}],
        )
        snoozed = self._find("rank_call", self.snoozed)
        self.assertRecordValues(snoozed, [{"state": "snoozed", "snooze_until": self._day(7)}])
        self.assertRecordValues(
            self._find("third_party_contract", self.contract),
            [{"state": "open", "dismiss_reason": False}],
        )
        self.assertEqual(self._find("rank_call", self.customer_bert).state, "open")

    def test_a_manager_looks_after_his_team(self):
        self._make_due(self._make_customer("Managers Customer", self.manager))
        self._run()
        self._tour("sales_crm_recommendations_manager", self.manager)
        self.assertRecordValues(
            self._find("rank_call", self.customer_anna),
            [{"state": "dismissed", "dismiss_reason": "I talked to him"}],
        )
        self.assertFalse(self.manager.show_subordinates)

    def test_an_administrator_runs_them_and_switches_a_kind_off(self):
        # room for the whole menu
        self.browser_size = "1920x1080"
        fresh = self._make_due(self._make_customer("Fresh Customer", self.bert))
        self._tour("sales_crm_recommendations_administrator", self.crm_admin)
        self.assertEqual(self._find("rank_call", fresh).state, "open")
        self.assertFalse(self.kinds["third_party_contract"].active)
        self.assertEqual(self._find("third_party_contract", self.contract).state, "expired")
        self.assertEqual(self._find("quote_expiry", self.quote).state, "open")
