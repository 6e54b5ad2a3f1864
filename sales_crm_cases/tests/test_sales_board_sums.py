from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .process_common import ProcessCommon


@tagged("post_install", "-at_install")
class TestBoardSums(ProcessCommon):
    """Projected, weighted and actual values by status (B2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({"name": "Lift", "list_price": 100})
        cls.case.expected_revenue = 1000
        cls.second = cls._make_case("Second", expected_revenue=500, stage_id=cls.offer.id)
        cls.won = cls._make_case("Won", expected_revenue=300, stage_id=cls.order.id)
        cls.gone = cls._make_case("Gone", expected_revenue=50, stage_id=cls.lost.id)

    def _get_sums(self, user, domain=(), **context):
        cases = self.env["crm.lead"].with_user(user).with_context(**context)
        sums = cases.get_board_sums([("process_id", "=", self.process.id), *domain])
        self.assertEqual(sums["currency_id"], cases.env.company.currency_id.id)
        return {
            row["stage_id"]: (row["count"], row["projected"], row["weighted"], row["actual"])
            for row in sums["statuses"]
        }

    def _make_order(self, case, quantity, confirm=True, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": case.partner_id.id,
                "opportunity_id": case.id,
                "order_line": [
                    Command.create({"product_id": self.product.id, "product_uom_qty": quantity})
                ],
                **values,
            }
        )
        order.order_line.tax_ids = False
        if confirm:
            order.action_confirm()
        return order

    def test_sums_by_status(self):
        self._make_order(self.won, 2)
        self._make_order(self.won, 3)
        self._make_order(self.won, 7, confirm=False)
        expected = {
            self.prospect.id: (1, 1000, 200, 0),
            self.offer.id: (1, 500, 300, 0),
            self.order.id: (1, 300, 300, 500),
        }
        self.assertEqual(self._get_sums(self.anna), expected)
        self.assertEqual(list(self._get_sums(self.anna)), list(expected), "in their order")
        everything = {**expected, self.lost.id: (1, 50, 0, 0)}
        self.assertEqual(self._get_sums(self.anna, active_test=False), everything)
        self.assertEqual(self._get_sums(self.crm_admin, active_test=False), everything)
        self.assertEqual(
            self._get_sums(self.anna, [("won_status", "=", "pending")]),
            {self.prospect.id: expected[self.prospect.id], self.offer.id: expected[self.offer.id]},
        )

    def test_only_what_the_user_sees(self):
        self._make_order(self.won, 2)
        foreign = self._make_case(
            "Foreign",
            partner_id=self.customer_bert.id,
            expected_revenue=2000,
            stage_id=self.order.id,
        )
        self._make_order(foreign, 9)
        self.assertEqual(self._get_sums(self.anna)[self.order.id], (1, 300, 300, 200))
        self.assertEqual(self._get_sums(self.bert), {self.order.id: (1, 2000, 2000, 900)})
        self.assertEqual(self._get_sums(self.stranger), {})
        self.assertEqual(self._get_sums(self.manager), {})
        self._show_team(self.manager)
        self.assertEqual(self._get_sums(self.manager)[self.order.id], (2, 2300, 2300, 1100))
        with self.assertRaises(AccessError):
            self._get_sums(self.clerk)
        # a collaborator sees the case, and not its orders
        foreign.collaborator_ids = self.stranger
        self.assertEqual(self._get_sums(self.stranger), {self.order.id: (1, 2000, 2000, 0)})

    def test_mixed_currencies(self):
        euro = self.env["res.currency"].create(
            {"name": "XEU", "symbol": "E", "rounding": 0.01, "rate_ids": [(0, 0, {"rate": 0.5})]}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        order = self._make_order(self.won, 2, pricelist_id=pricelist.id)
        self.assertEqual((order.currency_id, order.amount_untaxed), (euro, 100))
        self._make_order(self.won, 1)
        self.assertEqual(self._get_sums(self.anna)[self.order.id], (1, 300, 300, 300))

    def test_mixed_companies(self):
        rate = Command.create({"rate": 100, "company_id": False})
        currency = self.env["res.currency"].create(
            {"name": "XYN", "symbol": "Y", "rounding": 0.01, "rate_ids": [rate]}
        )
        other = self.env["res.company"].create({"name": "Second", "currency_id": currency.id})
        self.anna.company_ids |= other
        self.case.company_id = other
        both = (self.env.company | other).ids
        self.assertEqual(
            self._get_sums(self.anna, allowed_company_ids=both)[self.prospect.id], (1, 10, 2, 0)
        )
        other_first = [other.id, self.env.company.id]
        sums = self._get_sums(self.anna, allowed_company_ids=other_first)
        self.assertEqual(sums[self.prospect.id], (1, 1000, 200, 0))
        self.assertEqual(sums[self.offer.id], (1, 50000, 30000, 0))
        self.assertNotIn(
            self.prospect.id, self._get_sums(self.anna, allowed_company_ids=self.env.company.ids)
        )

    def test_as_many_queries_for_forty_cases_as_for_four(self):
        def count():
            board = self.env["crm.lead"].with_user(self.anna)
            return self._measure_queries(lambda: board.get_board_sums([]))

        count()
        few = count()
        for number in range(36):
            case = self._make_case(f"Case {number}", stage_id=self.offer.id)
            if number % 9 == 0:
                self._make_order(case, 1)
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 5)
