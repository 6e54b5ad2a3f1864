from datetime import date, datetime, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import SalesCrmCommon

GROUPS = ("running", "expiring", "expired", "won")


class ThirdPartyCommon(SalesCrmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leasing = cls.env["res.partner"].create({"name": "Leasing House", "is_company": True})
        # the day of those who look: other users have other time zones
        cls.today = fields.Date.context_today(cls.leasing.with_user(cls.anna))

    @classmethod
    def _make_contract(cls, user=None, **vals):
        return (
            cls.env["third.party.contract"]
            .with_user(user or cls.env.user)
            .create(
                {
                    "customer_id": cls.customer_anna.id,
                    "third_party_id": cls.leasing.id,
                    "date_start": "2026-01-01",
                    "date_end": "2026-12-31",
                    **vals,
                }
            )
        )

    @classmethod
    def _prepare_item(cls, name="Copier", **vals):
        usage = [
            Command.create({"kind": "Black", "volume": 1000, "period": "month", "rate": 0.01}),
            Command.create({"kind": "Colour", "volume": 200, "period": "quarter", "rate": 0.1}),
        ]
        return Command.create({"name": name, "usage_ids": usage, **vals})

    def _make_order(self, case, **vals):
        return self.env["sale.order"].create(
            {
                "partner_id": case.partner_id.id,
                "user_id": self.anna.id,
                "opportunity_id": case.id,
                **vals,
            }
        )

    def _win(self, contract, user=None):
        action = contract.with_user(user or self.anna).action_win()
        self.assertEqual(action["res_model"], "crm.lead")
        return self.env["crm.lead"].browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestThirdPartyContract(ThirdPartyCommon):
    """Contracts of third parties, and of ours, at a customer (R4)."""

    # ------------------------------------------------------------------
    # Status by date
    # ------------------------------------------------------------------

    def assertStatus(self, contract, status, **context):
        """By the field, by every search and by the groups."""
        contract = contract.with_context(**context)
        contract.invalidate_recordset(["status"])
        self.assertEqual(contract.status, status)
        mine = [("id", "=", contract.id)]
        for name in GROUPS:
            for domain in ([("status", "=", name)], [("status", "in", [name])]):
                self.assertEqual(bool(contract.search(mine + domain)), name == status, domain)
            self.assertEqual(
                bool(contract.search([*mine, ("status", "!=", name)])), name != status, name
            )
        self.assertEqual(contract._read_group(mine, ["status"], ["__count"]), [(status, 1)])
        self.assertEqual(contract.filtered_domain([("status", "=", status)]), contract)

    def test_the_status_changes_on_the_day(self):
        contract = self._make_contract()
        for day, status in (
            (date(2025, 12, 31), "running"),
            (date(2026, 10, 1), "running"),
            (date(2026, 10, 2), "expiring"),  # 90 days before the end
            (date(2026, 12, 31), "expiring"),
            (date(2027, 1, 1), "expired"),
        ):
            with self.subTest(day=day), freeze_time(datetime(day.year, day.month, day.day, 12)):
                self.assertStatus(contract, status, tz="UTC")

    def test_with_a_notice_period_the_days_count_from_its_end(self):
        contract = self._make_contract(notice_days=60)
        self.assertEqual(contract.decision_date, date(2026, 11, 1))
        for day, status in (
            (date(2026, 8, 2), "running"),
            (date(2026, 8, 3), "expiring"),
            (date(2026, 12, 31), "expiring"),
            (date(2027, 1, 1), "expired"),
        ):
            with self.subTest(day=day), freeze_time(datetime(day.year, day.month, day.day, 12)):
                self.assertStatus(contract, status, tz="UTC")

    def test_the_company_sets_the_days(self):
        contract = self._make_contract()
        self.env.company.third_party_expiring_days = 0
        for day, status in ((date(2026, 12, 30), "running"), (date(2026, 12, 31), "expiring")):
            with self.subTest(day=day), freeze_time(datetime(day.year, day.month, day.day, 12)):
                self.assertStatus(contract, status, tz="UTC")

    def test_the_day_is_the_day_where_the_user_is(self):
        contract = self._make_contract()
        with freeze_time("2026-12-31 23:30:00"):
            self.assertStatus(contract, "expired", tz="Europe/Brussels")
            self.assertStatus(contract, "expiring", tz="UTC")

    def test_groups_of_the_web_client_and_sorting_by_status(self):
        contracts = self._make_contract(date_end="2026-02-01") + self._make_contract(
            date_end="2030-02-01"
        )
        Contract = self.env["third.party.contract"].with_user(self.anna)
        with freeze_time("2026-06-01 12:00:00"):
            groups = Contract.formatted_read_group(
                [("id", "in", contracts.ids)], ["status"], ["__count", "amount:sum"]
            )
            self.assertEqual([group["status"] for group in groups], ["expired", "running"])
            for group in groups:
                self.assertEqual(Contract.search_count(group["__extra_domain"]), 1)
            found = Contract.search([("id", "in", contracts.ids)], order="status desc")
            self.assertEqual(found.ids, contracts[::-1].ids)
            self.assertTrue(Contract.fields_get(["status"])["status"]["groupable"])

    # ------------------------------------------------------------------
    # Start, term, end
    # ------------------------------------------------------------------

    def test_term_and_end_complete_each_other(self):
        for start, term, end in (
            ("2026-01-01", 12, date(2026, 12, 31)),
            ("2026-01-15", 1, date(2026, 2, 14)),
            ("2024-02-29", 12, date(2025, 2, 27)),
            ("2026-01-31", 1, date(2026, 2, 27)),
        ):
            with self.subTest(start=start, term=term):
                by_term = self._make_contract(date_start=start, date_end=False, term_months=term)
                self.assertEqual((by_term.date_end, by_term.term_months), (end, term))
                by_end = self._make_contract(date_start=start, date_end=end)
                self.assertEqual(by_end.term_months, term)
                both = self._make_contract(date_start=start, date_end=end, term_months=term)
                self.assertEqual(both.date_end, end)
        self.assertEqual(self._make_contract(date_end="2026-12-30").term_months, 0)

    def test_a_changed_term_moves_the_end_of_each(self):
        contracts = self._make_contract() + self._make_contract(date_start="2026-02-01")
        contracts.write({"term_months": 24, "notice_days": 3})
        self.assertEqual(contracts.mapped("date_end"), [date(2027, 12, 31), date(2028, 1, 31)])
        self.assertEqual(contracts.mapped("term_months"), [24, 24])
        self.assertEqual(contracts.mapped("notice_days"), [3, 3])

    def test_the_form_completes_term_and_end(self):
        form = Form(self.env["third.party.contract"].with_user(self.anna))
        form.customer_id = self.customer_anna
        form.third_party_id = self.leasing
        form.term_months = 12
        form.date_start = "2026-03-01"
        self.assertEqual(form.date_end, date(2027, 2, 28))
        form.date_end = "2026-08-31"
        self.assertEqual(form.term_months, 6)
        form.term_months = 24
        self.assertEqual(form.date_end, date(2028, 2, 29))
        contract = form.save()
        self.assertEqual(contract.term_months, 24)
        with Form(contract) as form:
            form.date_start = "2026-03-02"
        self.assertEqual((contract.date_end, contract.term_months), (date(2028, 2, 29), 0))

    def test_what_is_refused(self):
        for vals in (
            {"date_end": "2025-12-31"},
            {"date_end": False},
            {"date_start": False},
            {"term_months": 11},
            {"date_end": False, "term_months": -1},
            {"date_end": False, "term_months": 100000},
            {"amount": -1},
            {"notice_days": -1},
            {"third_party_id": self.customer_anna.id},
            {"third_party_id": self.env.company.partner_id.id},
            {"is_own": True, "third_party_id": self.leasing.id},
            {"customer_id": self.leasing.id},
            {"item_ids": [Command.create({"name": "X", "quantity": -1})]},
            {"item_ids": [Command.create({"name": "X", "amount": -1})]},
            {
                "item_ids": [
                    self._prepare_item(usage_ids=[Command.create({"kind": "A", "volume": -1})])
                ]
            },
            {
                "item_ids": [
                    self._prepare_item(usage_ids=[Command.create({"kind": "A", "rate": -1})])
                ]
            },
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                self._make_contract(**vals)
        with self.assertRaises(ValueError), self.cr.savepoint():
            usage = Command.create({"kind": "A", "period": "decade"})
            self._make_contract(item_ids=[self._prepare_item(usage_ids=[usage])])
        contract = self._make_contract()
        for vals in (
            {"date_end": "2025-12-31"},
            {"date_start": "2027-01-01"},
            {"term_months": 12, "date_end": "2026-12-30"},
            {"amount": -1},
        ):
            with self.subTest(write=vals), self.assertRaises(ValidationError), self.cr.savepoint():
                contract.write(vals)

    def test_a_contract_with_us_is_with_the_company(self):
        contract = self._make_contract(self.anna, is_own=True, third_party_id=False)
        self.assertEqual(contract.third_party_id, self.env.company.partner_id)

    # ------------------------------------------------------------------
    # Sums
    # ------------------------------------------------------------------

    def test_volume_and_cost_are_summed_per_year(self):
        contract = self._make_contract(
            self.anna, item_ids=[self._prepare_item(), self._prepare_item("Second")]
        )
        item = contract.item_ids[0]
        self.assertEqual(item.usage_ids.mapped("yearly_volume"), [12000, 800])
        self.assertEqual(item.usage_ids.mapped("yearly_cost"), [120, 80])
        self.assertEqual((item.yearly_volume, item.yearly_cost), (12800, 200))
        self.assertEqual((contract.yearly_volume, contract.yearly_cost), (25600, 400))
        item.usage_ids[0].volume = 2000
        self.assertEqual((contract.yearly_volume, contract.yearly_cost), (37600, 520))
        item.unlink()
        self.assertEqual(contract.yearly_cost, 200)
        [group] = contract.formatted_read_group(
            [("id", "=", contract.id)], ["third_party_id"], ["yearly_cost:sum", "yearly_volume:sum"]
        )
        self.assertEqual((group["yearly_cost:sum"], group["yearly_volume:sum"]), (200, 12800))
        usage = contract.item_ids.usage_ids
        rows = usage._read_group(
            [("contract_id", "=", contract.id)],
            ["third_party_id", "kind"],
            ["yearly_volume:sum", "yearly_cost:sum_currency"],
        )
        self.assertEqual(
            rows, [(self.leasing, "Black", 12000, 120), (self.leasing, "Colour", 800, 80)]
        )

    def test_periods(self):
        contract = self._make_contract(
            item_ids=[
                self._prepare_item(
                    usage_ids=[
                        Command.create({"kind": period, "volume": 1, "rate": 1, "period": period})
                        for period in ("day", "week", "month", "quarter", "half_year", "year")
                    ]
                )
            ]
        )
        self.assertEqual(
            contract.item_ids.usage_ids.mapped("yearly_volume"), [365, 52, 12, 4, 2, 1]
        )

    def test_a_copy_takes_items_and_usage_along(self):
        contract = self._make_contract(self.anna, item_ids=[self._prepare_item()])
        self._win(contract)
        copy = contract.copy()
        self.assertEqual(copy.yearly_cost, 200)
        self.assertFalse(copy.case_id)

    # ------------------------------------------------------------------
    # Who sees and changes what
    # ------------------------------------------------------------------

    def _family(self, contract):
        return (contract, contract.item_ids, contract.item_ids.usage_ids[0])

    def test_contracts_follow_their_customer(self):
        contract = self._make_contract(self.anna, item_ids=[self._prepare_item()])
        self._show_team(self.manager)
        for record in self._family(contract):
            for user in (self.anna, self.manager, self.crm_admin, self.accounts):
                self.assertSees(user, record, f"{user.login} {record}")
            for user in (self.bert, self.stranger, self.clerk):
                self.assertFalse(record.with_user(user).has_access("read"), user.login)
            for user in (self.bert, self.stranger):
                self.assertSeesNot(user, record)
            self.assertTrue(record.with_user(self.anna).has_access("write"))
            self.assertFalse(record.with_user(self.accounts).has_access("write"))
        self._show_team(self.manager, False)
        for record in self._family(contract):
            self.assertSeesNot(self.manager, record)

    def test_foreign_customers_and_contracts_are_refused(self):
        foreign = self._make_contract(
            customer_id=self.customer_bert.id, item_ids=[self._prepare_item()]
        )
        mine = self._make_contract(self.anna, item_ids=[self._prepare_item()])
        item, usage = mine.item_ids, mine.item_ids.usage_ids[0]
        Item = self.env["third.party.contract.item"].with_user(self.anna)
        Usage = self.env["third.party.contract.usage"].with_user(self.anna)
        for attempt in (
            lambda: self._make_contract(self.anna, customer_id=self.customer_bert.id),
            lambda: mine.write({"customer_id": self.customer_bert.id}),
            lambda: item.write({"contract_id": foreign.id}),
            lambda: usage.write({"item_id": foreign.item_ids.id}),
            lambda: Item.create({"contract_id": foreign.id, "name": "Spy"}),
            lambda: Usage.create({"item_id": foreign.item_ids.id, "kind": "Spy"}),
            lambda: foreign.with_user(self.anna).write({"name": "Mine"}),
            lambda: foreign.with_user(self.anna).unlink(),
            lambda: foreign.with_user(self.anna).action_win(),
            lambda: mine.write({"item_ids": [Command.link(foreign.item_ids.id)]}),
            lambda: self._make_contract(self.accounts),
            lambda: self._make_contract(self.clerk),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
        self.assertEqual(foreign.item_ids.usage_ids.mapped("kind"), ["Black", "Colour"])

    def test_contracts_that_a_manager_only_looks_at_take_nothing(self):
        self.env.company.managers_edit_team = False
        self._show_team(self.manager)
        customer = self._make_customer("Managers Own", self.manager)
        team = self._make_contract(item_ids=[self._prepare_item()])
        own = self._make_contract(
            self.manager, customer_id=customer.id, item_ids=[self._prepare_item()]
        )
        for attempt in (
            lambda: own.write({"customer_id": self.customer_anna.id}),
            lambda: own.item_ids.write({"contract_id": team.id}),
            lambda: own.item_ids.usage_ids.write({"item_id": team.item_ids.id}),
            lambda: team.with_user(self.manager).action_win(),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()

    def test_case_and_order_are_the_servers(self):
        contract = self._make_contract(self.anna)
        case = self._win(contract)
        order = self._make_order(case)
        for vals in ({"order_id": order.id}, {"case_id": False}):
            with self.assertRaises(UserError), self.cr.savepoint():
                contract.write(vals)
            with self.assertRaises(UserError), self.cr.savepoint():
                self._make_contract(self.anna, **vals)
        self.assertEqual(contract.status, self._make_contract(self.anna).status)

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        contract = self._make_contract(company_id=other.id, item_ids=[self._prepare_item()])
        for record in self._family(contract):
            self.assertSeesNot(self.anna, record)
        self.anna.company_ids |= other
        for record in self._family(contract):
            hers = record.with_user(self.anna).with_context(
                allowed_company_ids=[self.env.company.id, other.id]
            )
            self.assertTrue(hers.has_access("read"))

    def test_the_customers_button_counts_what_it_lists(self):
        self._make_contract(self.anna)
        customer = self.customer_anna.with_user(self.anna)
        self.assertEqual(customer.third_party_contract_count, 1)
        action = customer.action_view_third_party_contracts()
        self.assertEqual(
            self.env["third.party.contract"].with_user(self.anna).search_count(action["domain"]), 1
        )

    # ------------------------------------------------------------------
    # Win
    # ------------------------------------------------------------------

    def test_win_opens_a_case_with_the_data_of_the_contract(self):
        contact = self.env["res.partner"].create(
            {"name": "Eve", "parent_id": self.customer_anna.id, "receives_sales_calls": True}
        )
        contract = self._make_contract(
            self.anna,
            name="L-1",
            amount=500,
            date_start=self.today,
            date_end=self.today + timedelta(300),
            notice_days=90,
        )
        case = self._win(contract)
        self.assertEqual(case.name, "Win L-1 · Leasing House")
        self.assertEqual(case.partner_id, contact)
        self.assertEqual(case.customer_id, self.customer_anna)
        self.assertEqual(case.expected_revenue, 500)
        self.assertEqual(case.date_deadline, self.today + timedelta(210))
        self.assertEqual(case.user_id, self.anna)
        self.assertEqual(case.contract_id, contract)
        self.assertEqual(contract.case_id, case)
        self.assertEqual(self._win(contract), case)
        self.assertEqual(contract.case_ids, case)

    def test_the_case_closes_before_the_end_and_not_in_the_past(self):
        for days, notice, expected in ((100, 0, 70), (10, 0, 0), (100, 99, 1), (20, 60, 0)):
            contract = self._make_contract(
                date_start=self.today, date_end=self.today + timedelta(days), notice_days=notice
            )
            self.assertEqual(self._win(contract).date_deadline, self.today + timedelta(expected))

    def test_after_a_lost_case_win_opens_another(self):
        contract = self._make_contract(self.anna)
        case = self._win(contract)
        case.action_set_lost()
        second = self._win(contract)
        self.assertNotEqual(second, case)
        self.assertEqual(contract.case_ids, case + second)
        self.assertEqual(contract.case_id, second)

    def test_the_value_is_converted(self):
        currency = self.env["res.currency"].create(
            {
                "name": "XTP",
                "symbol": "x",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 2})],
            }
        )
        contract = self._make_contract(currency_id=currency.id, amount=500)
        self.assertEqual(self._win(contract).expected_revenue, 250)

    def test_a_confirmed_order_wins(self):
        contract = self._make_contract(self.anna, date_end="2026-02-01")
        case = self._win(contract)
        order = self._make_order(case)
        self.assertStatus(contract, "expired")
        order.with_user(self.anna).action_confirm()
        self.assertEqual(contract.order_id, order)
        self.assertStatus(contract, "won")
        with self.assertRaises(UserError), self.cr.savepoint():
            contract.unlink()
        case.action_set_won()
        with self.assertRaises(UserError):
            self._win(contract)
        self.assertEqual(contract.action_view_order()["res_id"], order.id)
        order.action_unlock()
        order._action_cancel()
        self.assertStatus(contract, "expired")

    def test_a_case_takes_contracts_of_its_customer_only(self):
        contract = self._make_contract()
        case = self.env["crm.lead"].create(
            {"name": "Case", "type": "opportunity", "partner_id": self.customer_bert.id}
        )
        with self.assertRaises(ValidationError), self.cr.savepoint():
            case.contract_id = contract
        case.partner_id = self.customer_anna
        case.contract_id = contract
        with self.assertRaises(ValidationError), self.cr.savepoint():
            case.partner_id = self.customer_bert
        with self.assertRaises(ValidationError), self.cr.savepoint():
            contract.customer_id = self.customer_bert

    @mute_logger("odoo.models.unlink")
    def test_merged_cases_keep_the_contract(self):
        contract = self._make_contract()
        case = self._win(contract)
        other = self.env["crm.lead"].create(
            {
                "name": "Older",
                "type": "opportunity",
                "partner_id": self.customer_anna.id,
                "probability": 95,
            }
        )
        merged = (case + other).merge_opportunity()
        self.assertEqual(merged.contract_id, contract)
        self.assertEqual(contract.case_id, merged)

    # ------------------------------------------------------------------
    # The customer
    # ------------------------------------------------------------------

    def test_a_running_contract_with_us_is_business(self):
        contract = self._make_contract(is_own=True, third_party_id=False)
        self._make_contract(customer_id=self.customer_bert.id)
        customers = self.customer_anna + self.customer_bert
        for day, expected in (
            ("2025-12-31", False),
            ("2026-01-01", True),
            ("2026-12-31", True),
            ("2027-01-01", False),
        ):
            with self.subTest(day=day), freeze_time(f"{day} 12:00:00"):
                self.env.invalidate_all()
                partners = customers.with_user(self.crm_admin).with_context(tz="UTC")
                self.assertEqual(partners.mapped("is_active_business"), [expected, False])
                mine = [("id", "in", customers.ids)]
                found = partners.search([*mine, ("is_active_business", "=", True)])
                self.assertEqual(found.ids, self.customer_anna.ids if expected else [])
                others = partners.search([*mine, ("is_active_business", "!=", True)])
                self.assertEqual(set(others.ids), set((customers - found).ids))
                groups = dict(partners._read_group(mine, ["is_active_business"], ["__count"]))
                self.assertEqual(groups, {True: 1, False: 1} if expected else {False: 2})
        self.assertEqual(contract.customer_id, self.customer_anna)

    def test_merged_customers_bring_their_contracts(self):
        contract = self._make_contract(item_ids=[self._prepare_item()])
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [self.customer_anna.id, self.customer_bert.id], self.customer_bert, False
        )
        self.assertEqual(contract.customer_id, self.customer_bert)
        self.assertSees(self.bert, contract.item_ids.usage_ids[0])

    def test_a_customer_that_becomes_a_contact_hands_its_contracts_over(self):
        person = self._make_customer("Solo", self.anna, status="new", is_company=False)
        contract = self._make_contract(customer_id=person.id)
        person.parent_id = self.customer_anna
        self.assertEqual(contract.customer_id, self.customer_anna)

    # ------------------------------------------------------------------
    # Import, export, queries
    # ------------------------------------------------------------------

    HEADER = (
        "customer_id",
        "third_party_id",
        "name",
        "date_start",
        "date_end",
        "term_months",
        "amount",
        "item_ids/name",
        "item_ids/quantity",
        "item_ids/usage_ids/kind",
        "item_ids/usage_ids/volume",
        "item_ids/usage_ids/period",
        "item_ids/usage_ids/rate",
    )

    def _load(self, user, *rows):
        Contract = self.env["third.party.contract"].with_user(user)
        with mute_logger("odoo.sql_db"):
            result = Contract.load(list(self.HEADER), [list(row) for row in rows])
        return Contract.browse(result["ids"] or []), result["messages"]

    ROWS = (
        ("Hopfner Brewery", "Leasing House", "L-1", "2026-01-01", "", "12", "900")
        + ("Copier", "2", "Black", "1000", "Month", "0.01"),
        ("",) * 9 + ("Colour", "200", "Quarter", "0.1"),
        ("",) * 7 + ("Van", "1", "Kilometres", "20000", "Year", "0.2"),
        ("Hopfner Brewery", "Leasing House", "L-2", "2026-01-01", "2026-06-30", "", "") + ("",) * 6,
    )

    def test_contracts_come_with_items_and_usage_in_one_file(self):
        self.anna.group_ids |= self.env.ref("base.group_allow_export")
        contracts, messages = self._load(self.anna, *self.ROWS)
        self.assertFalse(messages)
        first, second = contracts
        self.assertEqual(first.date_end, date(2026, 12, 31))
        self.assertEqual(second.term_months, 6)
        self.assertEqual(first.item_ids.mapped("name"), ["Copier", "Van"])
        self.assertEqual(first.item_ids.usage_ids.mapped("kind"), ["Black", "Colour", "Kilometres"])
        self.assertEqual(first.yearly_cost, 120 + 80 + 4000)
        header = list(self.HEADER)
        rows = contracts.export_data(header)["datas"]
        self.assertEqual([row[7] for row in rows], ["Copier", "", "Van", ""])
        self.assertEqual([row[9] for row in rows], ["Black", "Colour", "Kilometres", ""])

    def test_what_was_exported_is_imported_again(self):
        self.anna.group_ids |= self.env.ref("base.group_allow_export")
        contracts, _messages = self._load(self.anna, *self.ROWS)
        rows = [
            ["" if value is False else str(value) for value in row]
            for row in contracts.export_data(list(self.HEADER))["datas"]
        ]
        again, messages = self._load(self.anna, *rows)
        self.assertFalse(messages)
        self.assertEqual(again.mapped("yearly_cost"), contracts.mapped("yearly_cost"))
        self.assertEqual(again.mapped("date_end"), contracts.mapped("date_end"))

    def test_wrong_rows_are_named_and_nothing_is_written(self):
        good = self.ROWS[3]
        for position, value in (
            (0, "Kindler Toys"),
            (4, "2025-01-01"),
            (5, "7"),
            (6, "-1"),
            (3, ""),
        ):
            row = list(good)
            row[position] = value
            with self.subTest(row=row):
                contracts, messages = self._load(self.anna, good, row)
                self.assertTrue(messages)
                self.assertFalse(contracts)
        row = list(self.ROWS[0])
        row[11] = "Decade"
        contracts, messages = self._load(self.anna, row)
        self.assertIn("Decade", messages[0]["message"])

    def test_a_list_takes_as_many_queries_for_thirty_as_for_three(self):
        specification = {
            "customer_id": {"fields": {"display_name": {}}},
            "third_party_id": {"fields": {"display_name": {}}},
            "main_salesman_id": {"fields": {"display_name": {}}},
            "status": {},
            "item_count": {},
            "yearly_cost": {},
            "order_id": {"fields": {"display_name": {}}},
        }
        Contract = self.env["third.party.contract"]
        domain = [("third_party_id", "=", self.leasing.id)]
        counts = []
        for number in (3, 27):
            for _index in range(number):
                self._make_contract(item_ids=[self._prepare_item()])
            self.env.flush_all()
            self.env.invalidate_all()
            mine = Contract.with_user(self.anna).with_context(lang="en_US", tz="UTC")
            mine.web_search_read(domain, specification, limit=80)  # warms the caches
            self._empty_caches()
            before = self.cr.sql_log_count
            records = mine.web_search_read(domain, specification, limit=80)["records"]
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(len(records), 30)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 12)


@tagged("post_install", "-at_install")
class TestThirdPartyTour(ThirdPartyCommon, HttpCase):
    def test_add_third_party(self):
        self.customer_anna.name = "Own Customer"
        self.start_tour("/odoo", "sales_crm_add_third_party", login=self.anna.login, timeout=300)
        first, second = self.env["third.party.contract"].search(
            [("customer_id", "=", self.customer_anna.id)], order="name"
        )
        self.assertEqual(first.item_ids.usage_ids.kind, "Pages in colour")
        self.assertEqual(first.yearly_volume, 1200)
        self.assertEqual(second.item_count, 0)
        self.assertEqual(first.case_id.contract_id, first)
