from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .process_common import ProcessCommon

CASES = [("type", "=", "opportunity")]
ALL_OUTCOMES = ["open", "order", "lost"]
# as the search of the board says it
OPEN = [("won_status", "in", ["pending"])]
OPEN_AND_WON = [("won_status", "in", ["pending", "won"])]
EVERYTHING = [
    "|",
    "&",
    ("active", "=", True),
    ("won_status", "in", ["pending", "won"]),
    "&",
    ("active", "=", False),
    ("won_status", "=", "lost"),
]


class SalesBoardCommon(ProcessCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["crm.lost.reason"].create({"name": "Too dear"})
        cls.idle = cls._make_customer("Idle Mills", cls.anna)
        cls.repair_team.member_ids = [Command.link(cls.bert.id)]

    def _board(self, user, outcomes=None):
        return (
            self.env["crm.lead"]
            .with_user(user)
            .with_context(sales_board_outcomes=outcomes or ALL_OUTCOMES, read_group_expand=True)
        )

    def _get_columns(self, user, domain=(), outcomes=None):
        """Dict ``{id of the status: names of the cards}``; None: a folded column."""
        found = self._board(user, outcomes).web_read_group(
            [*CASES, *domain],
            ["stage_id"],
            ["__count"],
            auto_unfold=True,
            unfold_read_specification={"name": {}},
        )
        columns = {}
        for group in found["groups"]:
            records = group.get("__records")
            names = records and [record["name"] for record in records]
            columns[group["stage_id"] and group["stage_id"][0]] = names or (
                None if records is None else []
            )
        self.assertEqual(found["length"], len(columns))
        return columns

    def _get_unprocessed(self, user, domain=(), **kwargs):
        found = self._board(user).get_board_unprocessed([*CASES, *domain], **kwargs)
        return [customer["name"] for customer in found["customers"]]


@tagged("post_install", "-at_install")
class TestSalesBoardColumns(SalesBoardCommon):
    """Columns, and the figures above them (B2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won = cls._make_case("Won", stage_id=cls.order.id)
        cls.gone = cls._make_case("Gone", stage_id=cls.lost.id)

    def test_columns_are_of_the_outcomes_that_are_shown(self):
        mine = [("process_id", "=", self.process.id)]
        opened = {self.prospect.id: ["Two lifts"], self.offer.id: []}
        self.assertEqual(self._get_columns(self.anna, [*mine, *OPEN], ["open"]), opened)
        self.assertEqual(
            self._get_columns(self.anna, [*mine, *OPEN_AND_WON], ["open", "order"]),
            {**opened, self.order.id: ["Won"]},
        )
        # the lost status is folded, and whoever switches it on wants to see it
        self.assertTrue(self.lost.fold)
        self.assertEqual(
            self._get_columns(self.anna, [*mine, *EVERYTHING]),
            {**opened, self.order.id: ["Won"], self.lost.id: ["Gone"]},
        )

    def test_a_column_that_the_user_folded_stays_folded(self):
        found = self._board(self.anna).web_read_group(
            [*CASES, ("process_id", "=", self.process.id), *EVERYTHING],
            ["stage_id"],
            auto_unfold=True,
            opening_info=[{"value": self.lost.id, "folded": True}],
            unfold_read_specification={},
        )
        folded = [group for group in found["groups"] if "__records" not in group]
        self.assertEqual([group["stage_id"][0] for group in folded], [self.lost.id])

    def test_lost_cases_without_a_status_for_it_are_a_column(self):
        plain = self._make_case(
            "Plain",
            partner_id=self.customer_stranger.id,
            user_id=self.stranger.id,
            team_id=self.plain_team.id,
        )
        stage = plain.stage_id
        mine = [("process_id", "=", False), ("partner_id", "=", self.customer_stranger.id)]
        before = self._get_columns(self.stranger, [*mine, *EVERYTHING])
        self.assertEqual(before[stage.id], ["Plain"])
        self.assertEqual(before[False], [], "to drop a case in")
        plain.with_user(self.stranger).action_set_lost(lost_reason_id=self.reason.id)
        after = self._get_columns(self.stranger, [*mine, *EVERYTHING])
        self.assertEqual((after[stage.id], after[False]), ([], ["Plain"]))
        self.assertNotIn(False, self._get_columns(self.stranger, [*mine, *OPEN], ["open"]))
        self.assertNotIn(
            False,
            self._get_columns(self.anna, [("process_id", "=", self.process.id), *EVERYTHING]),
            "the process has a status for it",
        )
        self.assertFalse(self._get_columns(self.anna, EVERYTHING).get(False))
        sums = self._board(self.stranger).get_board_sums([*CASES, *mine, *EVERYTHING])
        self.assertEqual([(row["stage_id"], row["count"]) for row in sums["statuses"]], [(None, 1)])

    def test_figures_are_of_the_cards(self):
        for user in (self.anna, self.bert, self.stranger, self.crm_admin):
            for domain in (OPEN, OPEN_AND_WON, EVERYTHING):
                cases = self._board(user)
                groups = cases.web_read_group([*CASES, *domain], ["stage_id"])["groups"]
                counts = {
                    group["stage_id"] and group["stage_id"][0]: group["__count"]
                    for group in groups
                    if group["__count"]
                }
                sums = cases.get_board_sums([*CASES, *domain])["statuses"]
                self.assertEqual({row["stage_id"] or False: row["count"] for row in sums}, counts)

    def test_all_in_one_call(self):
        board = self._board(self.anna).get_board([*CASES, *OPEN])
        self.assertEqual(board["currency_id"], self.env.company.currency_id.id)
        self.assertIn(self.prospect.id, [row["stage_id"] for row in board["statuses"]])
        processes = {process["id"]: process["name"] for process in board["processes"]}
        self.assertEqual(processes[self.process.id], "Installation")
        self.assertIsNone(board["unprocessed"])
        # off, and still looked at
        self.process.active = False
        for domain, is_offered in (
            ([], False),
            ([("process_id", "=", self.process.id)], True),
            ([("process_id", "=", self.repairs.id)], False),
        ):
            board = self._board(self.anna).get_board([*CASES, *domain])
            ids = [process["id"] for process in board["processes"]]
            self.assertEqual(self.process.id in ids, is_offered)

    def test_the_board_is_for_salespeople(self):
        for user in (self.clerk, self.accounts):
            for call in ("get_board", "get_board_sums", "get_board_unprocessed"):
                with self.assertRaises(AccessError):
                    getattr(self._board(user), call)(CASES)

    def test_as_many_queries_for_forty_cases_as_for_four(self):
        def count():
            board = self._board(self.anna)
            return self._measure_queries(lambda: board.get_board([*CASES, *OPEN_AND_WON], 20))

        count()
        few = count()
        for number in range(36):
            self._make_case(f"Case {number}", stage_id=self.offer.id)
            if number < 15:
                self._make_customer(f"Idle {number}", self.anna)
        # what the registry keeps about the size of a user's sight is worked out anew
        count()
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 10)

    def test_salesmen_to_filter_by(self):
        def get_names(user):
            self.env.invalidate_all()
            users = self.env["res.users"].with_user(user)
            found = users.search([("is_in_my_sight", "=", True), ("login", "like", "scc_")])
            everybody = users.search([("login", "like", "scc_")])
            self.assertEqual(found, everybody.filtered("is_in_my_sight"))
            return set(found.mapped("login"))

        self.assertEqual(get_names(self.anna), {"scc_anna"})
        self.assertEqual(get_names(self.manager), {"scc_manager"})
        self._show_team(self.manager)
        self.assertEqual(get_names(self.manager), {"scc_manager", "scc_anna", "scc_bert"})
        self.assertLessEqual(
            {"scc_anna", "scc_stranger", "scc_crm_admin"}, get_names(self.crm_admin)
        )
        self.assertNotIn("scc_clerk", get_names(self.crm_admin))

    def test_the_choice_of_a_user_is_kept(self):
        options = {"process": self.process.id, "won": False, "lost": True, "unprocessed": True}
        settings = self.env["res.users.settings"]._find_or_create_for_user(self.anna)
        own = settings.with_user(self.anna)
        own.set_res_users_settings({"sales_board": options})
        self.assertEqual(own._res_users_settings_format()["sales_board"], options)
        with self.assertRaises(AccessError):
            settings.with_user(self.bert).set_res_users_settings({"sales_board": {}})

    def test_board_of_a_process(self):
        action = self.process.with_user(self.crm_admin).action_view_board()
        self.assertEqual(action["context"]["sales_board_process_id"], self.process.id)


@tagged("post_install", "-at_install")
class TestUnprocessedCustomers(SalesBoardCommon):
    """Customers that are somebody's and have no open case (B2)."""

    def test_who_has_no_open_case(self):
        self.assertEqual(self._get_unprocessed(self.anna), ["Idle Mills"])
        self.case.with_user(self.anna).action_set_lost()
        self.assertEqual(self._get_unprocessed(self.anna), ["Hopfner Brewery", "Idle Mills"])
        self._make_case("Again")
        self.assertEqual(self._get_unprocessed(self.anna), ["Idle Mills"])
        self.idle.active = False
        self.assertEqual(self._get_unprocessed(self.anna), [])

    def test_everybody_sees_his_own(self):
        nobodys = self.env["res.partner"].create(
            {"name": "Nobody's", "is_company": True, "approval_status": "active"}
        )
        self.assertFalse(nobodys.salesman_ids)
        self.assertEqual(self._get_unprocessed(self.bert), ["Kindler Toys"])
        self.assertEqual(self._get_unprocessed(self.stranger), ["Secret Metals"])
        self.assertEqual(self._get_unprocessed(self.manager), [])
        self._show_team(self.manager)
        self.assertEqual(self._get_unprocessed(self.manager), ["Idle Mills", "Kindler Toys"])
        everybodys = self._get_unprocessed(self.crm_admin, limit=1000)
        self.assertLessEqual({"Idle Mills", "Kindler Toys", "Secret Metals"}, set(everybodys))
        self.assertNotIn("Nobody's", everybodys)
        # who sees a case of it sees no customer
        self.case.collaborator_ids = self.stranger
        self.assertEqual(self._get_unprocessed(self.stranger), ["Secret Metals"])

    def test_a_colleagues_case_counts(self):
        self.idle.salesman_ids |= self.employees[self.bert]
        self._make_case("Bert's", partner_id=self.idle.id, user_id=self.bert.id)
        self.assertEqual(self._get_unprocessed(self.anna), [])

    def test_a_salesman_without_employee(self):
        user = self._make_user("newcomer", "sales_team.group_sale_salesman")
        board = self._board(user).get_board([*CASES, *OPEN], 20)
        self.assertEqual(board["statuses"], [])
        self.assertEqual(board["unprocessed"], {"count": 0, "customers": []})
        with self.assertRaises(AccessError):
            self._begin(user, self.idle, self.offer)

    def test_filters_about_salesmen_and_customers_hold(self):
        self._show_team(self.manager)

        def get_names(domain):
            return self._get_unprocessed(self.manager, domain)

        both = ["Idle Mills", "Kindler Toys"]
        self.assertEqual(get_names([("user_id", "=", self.anna.id)]), ["Idle Mills"])
        self.assertEqual(get_names([("user_id", "in", [self.bert.id])]), ["Kindler Toys"])
        self.assertEqual(get_names([("user_id", "ilike", "bert")]), ["Kindler Toys"])
        either = ["|", ("user_id", "=", self.anna.id), ("user_id", "=", self.bert.id)]
        self.assertEqual(get_names(either), both)
        self.assertEqual(get_names([("user_id", "=", self.stranger.id)]), [])
        typed = [
            *("|", "|"),
            ("partner_id", "ilike", "mills"),
            ("email_from", "ilike", "mills"),
            ("name", "ilike", "mills"),
        ]
        self.assertEqual(get_names(typed), ["Idle Mills"])
        self.assertEqual(get_names([("partner_id", "child_of", self.idle.ids)]), ["Idle Mills"])
        self.assertEqual(get_names([("customer_id", "=", self.customer_stranger.id)]), [])
        self.assertEqual(get_names([("date_deadline", ">", "2031-01-01"), *EVERYTHING]), both)

    def test_pages(self):
        names = [f"Idle {number:02}" for number in range(25)]
        for name in names:
            self._make_customer(name, self.anna)
        found = self._board(self.anna).get_board_unprocessed(CASES)
        self.assertEqual((found["count"], len(found["customers"])), (26, 20))
        rest = self._get_unprocessed(self.anna, offset=20)
        self.assertEqual(rest, [*names[20:], "Idle Mills"])

    def test_what_a_card_says(self):
        self.idle.rank_id = self.env["customer.rank"].search([], limit=1)
        [card] = self._board(self.anna).get_board_unprocessed(CASES)["customers"]
        self.assertEqual(
            card,
            {
                "id": self.idle.id,
                "name": "Idle Mills",
                "ref": self.idle.ref,
                "rank": self.idle.rank_id.name,
                "salesman": "Anna",
                "next_call_date": self.idle.next_call_date,
            },
        )

    # ------------------------------------------------------------------
    # A card becomes a case
    # ------------------------------------------------------------------

    def _begin(self, user, customer, status):
        return self._board(user).create_board_case(customer.id, status.id).with_env(self.env)

    def test_a_card_becomes_a_case_in_the_status(self):
        contact = self.env["res.partner"].create({"name": "Ida", "parent_id": self.idle.id})
        case = self._begin(self.anna, self.idle, self.offer)
        self.assertStatus(case, self.offer, probability=60)
        self.assertEqual((case.user_id, case.team_id), (self.anna, self.team))
        self.assertEqual((case.customer_id, case.partner_id), (self.idle, contact))
        self.assertEqual((case.type, case.name), ("opportunity", "Case of Idle Mills"))
        self.assertTrue(case.case_number)
        self.assertEqual(self.idle.current_case_id, case)
        self.assertEqual(self._get_unprocessed(self.anna), [])

    def test_a_second_drop_makes_no_second_case(self):
        case = self._begin(self.anna, self.idle, self.offer)
        with self.assertRaises(UserError) as caught:
            self._begin(self.anna, self.idle, self.prospect)
        self.assertIn("Case of Idle Mills", str(caught.exception))
        self.assertEqual(self.idle.case_ids, case)

    def test_a_won_status_is_a_beginning_and_a_lost_one_is_not(self):
        with self.assertRaises(UserError):
            self._begin(self.anna, self.idle, self.lost)
        self.assertStatus(self._begin(self.anna, self.idle, self.order), self.order, "won")

    def test_the_team_is_one_of_the_process(self):
        """Anna works by another process than the one of the column."""
        case = self._begin(self.anna, self.idle, self.report)
        self.assertStatus(case, self.report)
        self.assertEqual((case.user_id, case.team_id), (self.anna, self.repair_team))
        stage = self.env["crm.stage"].search(
            [("process_id", "=", False), ("team_ids", "=", False)], limit=1
        )
        case = self._begin(self.stranger, self.customer_stranger, stage)
        self.assertStatus(case, stage)
        self.assertEqual(case.team_id, self.plain_team)

    def test_a_process_that_is_on_for_no_team(self):
        self.process.team_ids = False
        with self.assertRaises(UserError):
            self._begin(self.anna, self.idle, self.prospect)
        case = self._begin(self.crm_admin, self.idle, self.prospect)
        self.assertStatus(case, self.prospect)

    def test_fixed_subjects_are_for_what_people_type(self):
        self.process.write(
            {"subject_ids": [Command.create({"name": "Lift"})], "subject_mode": "fixed"}
        )
        self.assertEqual(
            self._begin(self.anna, self.idle, self.prospect).name, "Case of Idle Mills"
        )

    def test_whose_case_it_is(self):
        self._show_team(self.manager)
        self.assertEqual(self._begin(self.manager, self.idle, self.offer).user_id, self.anna)
        case = self._begin(self.crm_admin, self.customer_bert, self.report)
        self.assertEqual(case.user_id, self.bert)

    def test_a_customer_of_another_company(self):
        second = self.env["res.company"].create({"name": "Second"})
        self.anna.company_ids |= second
        self.team.company_id = self.env.company
        self.idle.company_id = second
        cases = self._board(self.anna).with_context(
            allowed_company_ids=[self.env.company.id, second.id]
        )
        with self.assertRaises(UserError):
            # no team of the second company works by the process
            cases.create_board_case(self.idle.id, self.prospect.id)
        self.team.company_id = False
        case = cases.create_board_case(self.idle.id, self.prospect.id)
        self.assertEqual((case.company_id, case.team_id), (second, self.team))

    def test_hidden_customers_are_not_begun_with(self):
        contact = self.env["res.partner"].create({"name": "Ida", "parent_id": self.idle.id})
        messages = set()
        for customer_id in (self.customer_bert.id, self.customer_stranger.id, 2**30):
            with self.assertRaises(AccessError) as caught:
                self._board(self.anna).create_board_case(customer_id, self.offer.id)
            messages.add(str(caught.exception))
        self.assertEqual(len(messages), 1)
        with self.assertRaises(AccessError):
            self._begin(self.manager, self.idle, self.offer)
        for user in (self.clerk, self.accounts):
            with self.assertRaises(AccessError):
                self._begin(user, self.idle, self.offer)
        with self.assertRaises(UserError):
            self._begin(self.anna, contact, self.offer)
        for junk in (True, "1", [self.idle.id], None):
            with self.assertRaises(AccessError):
                self._board(self.anna).create_board_case(junk, self.offer.id)
        self.assertFalse(self.idle.case_ids)

    def test_what_is_typed_into_a_column_follows_its_process(self):
        for status, team in ((self.prospect, self.team), (self.report, self.repair_team)):
            case = (
                self._board(self.anna)
                .with_context(default_stage_id=status.id)
                .create({"name": "Typed", "partner_id": self.idle.id, "type": "opportunity"})
            )
            self.assertStatus(case, status)
            self.assertEqual(case.team_id, team)


@tagged("post_install", "-at_install")
class TestSalesBoardMoves(SalesBoardCommon):
    """Moves, and taking them back (B3)."""

    def _undo(self, moved_to, former, user=None, case=None):
        case = (case or self.case).with_user(user or self.anna)
        case = case.with_context(sales_board_outcomes=ALL_OUTCOMES)
        return case.action_undo_board_move(moved_to and moved_to.id, former)

    def _move(self, status, case=None):
        case = (case or self.case).with_user(self.anna)
        case.with_context(sales_board_outcomes=ALL_OUTCOMES).write({"stage_id": status.id})

    def test_a_move_is_taken_back(self):
        self._move(self.offer)
        self._undo(self.offer, {"stage_id": self.prospect.id})
        self.assertStatus(self.case, self.prospect, probability=20)

    def test_with_the_probability_that_was_chosen(self):
        self._as_anna().probability = 35
        self._move(self.order)
        self.assertStatus(self.case, self.order, "won")
        self._undo(self.order, {"stage_id": self.prospect.id, "probability": 35})
        self.assertStatus(self.case, self.prospect)
        self.assertEqual(self.case.probability, 35)

    def test_a_loss_is_taken_back(self):
        self._as_anna().action_set_lost(lost_reason_id=self.reason.id)
        self.assertStatus(self.case, self.lost, "lost")
        self._undo(self.lost, {"stage_id": self.prospect.id})
        self.assertStatus(self.case, self.prospect, probability=20)
        self.assertFalse(self.case.lost_reason_id)

    def test_a_reopening_is_taken_back(self):
        self._as_anna().action_set_lost(lost_reason_id=self.reason.id)
        self._move(self.offer)
        self.assertStatus(self.case, self.offer, probability=60)
        self._undo(self.offer, {"stage_id": self.lost.id, "lost_reason_id": self.reason.id})
        self.assertStatus(self.case, self.lost, "lost")
        self.assertEqual(self.case.lost_reason_id, self.reason)

    def test_somebody_elses_move_stays(self):
        self._move(self.offer)
        self.case.with_user(self.crm_admin).stage_id = self.order
        with self.assertRaises(UserError) as caught:
            self._undo(self.offer, {"stage_id": self.prospect.id})
        self.assertIn("“Order”", str(caught.exception))
        self.assertStatus(self.case, self.order, "won")

    def test_only_who_may_change_the_case(self):
        self._move(self.offer)
        self.case.collaborator_ids = self.stranger
        for user in (self.bert, self.stranger, self.manager, self.accounts, self.clerk):
            with self.assertRaises(AccessError):
                self._undo(self.offer, {"stage_id": self.prospect.id}, user)
        self.assertStatus(self.case, self.offer)
        self._show_team(self.manager)
        self._undo(self.offer, {"stage_id": self.prospect.id}, self.manager)
        self.assertStatus(self.case, self.prospect)

    def test_nothing_else_is_written(self):
        self._move(self.offer)
        for junk in (None, {"stage_id": self.prospect.id, "user_id": self.bert.id}, []):
            with self.assertRaises(UserError):
                self._undo(self.offer, junk)
        with self.assertRaises(UserError):
            self._undo(self.offer, {"stage_id": self.report.id})
        self.case.invalidate_recordset()
        self.assertEqual(self.case.user_id, self.anna)

    def test_without_a_process(self):
        case = self._make_case("Plain", team_id=self.plain_team.id)
        first = case.stage_id
        self.assertFalse(first.process_id)
        second = self.env["crm.stage"].search(
            [("process_id", "=", False), ("is_won", "=", False), ("id", "!=", first.id)], limit=1
        )
        mine = case.with_user(self.anna)
        mine.action_set_lost(lost_reason_id=self.reason.id)
        self.assertStatus(case, first, "lost")
        self._undo(False, {"stage_id": first.id}, case=case)
        self.assertStatus(case, first)
        self.assertGreater(case.probability, 0)
        with self.assertRaises(UserError):
            self._undo(False, {"stage_id": second.id}, case=case)
        # dragged out of the column of the lost ones
        mine.action_set_lost(lost_reason_id=self.reason.id)
        self._move(second, case)
        self.assertStatus(case, second)
        self._undo(second, {"stage_id": False, "lost_reason_id": self.reason.id}, case=case)
        self.assertStatus(case, second, "lost")
        self.assertEqual(case.lost_reason_id, self.reason)

    def test_statuses_of_a_case(self):
        statuses = self._as_anna().get_board_statuses()
        self.assertEqual(
            [(status["id"], status["outcome"], status["is_current"]) for status in statuses],
            [
                (self.prospect.id, "open", True),
                (self.offer.id, "open", False),
                (self.order.id, "order", False),
                (self.lost.id, "lost", False),
            ],
        )
        repair = self._make_case("Repair", team_id=self.repair_team.id)
        statuses = self._as_anna(repair).get_board_statuses()
        self.assertEqual(
            [status["id"] for status in statuses],
            [*self.repairs.stage_ids.ids, False],
            "there is no status for lost ones",
        )
        self._as_anna(repair).action_set_lost()
        current = [s["id"] for s in self._as_anna(repair).get_board_statuses() if s["is_current"]]
        self.assertEqual(current, [False])
        for user in (self.bert, self.stranger, self.clerk):
            with self.assertRaises(AccessError):
                self.case.with_user(user).get_board_statuses()
