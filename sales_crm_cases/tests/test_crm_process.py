from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..models import crm_process
from .process_common import ProcessCommon


@tagged("post_install", "-at_install")
class TestCrmProcess(ProcessCommon):
    """Whose process a case follows, and which status it may have (B1, B3)."""

    # ------------------------------------------------------------------
    # Shipped, and without a process
    # ------------------------------------------------------------------

    def test_shipped_process_is_on_for_no_team_of_a_database(self):
        shipped = self.env.ref("sales_crm_cases.process_standard")
        self.assertEqual(shipped.stage_ids.mapped("name"), ["Prospect", "Offer", "Order", "Lost"])
        self.assertEqual(shipped.stage_ids.mapped("outcome"), ["open", "open", "order", "lost"])
        self.assertEqual(shipped.stage_ids.mapped("is_won"), [False, False, True, False])
        demo = self.env.ref("sales_crm_cases.crm_team_central", raise_if_not_found=False)
        self.assertLessEqual(shipped.team_ids, demo or shipped.team_ids.browse())

    def test_teams_without_process_work_with_odoos_stages(self):
        case = self._make_case("Plain", team_id=self.plain_team.id)
        first = self.env["crm.stage"].search([("process_id", "=", False)], limit=1)
        self.assertFalse(case.process_id)
        self.assertEqual(case.stage_id, first)
        case.action_set_won()
        self.assertTrue(case.stage_id.is_won)
        self.assertFalse(case.stage_id.process_id)
        self.assertEqual(case.won_status, "won")
        other = self._make_case("Other", team_id=self.plain_team.id)
        other.action_set_lost()
        self.assertEqual((other.won_status, other.stage_id), ("lost", first))
        other.action_restore()
        self.assertEqual((other.won_status, other.stage_id), ("pending", first))

    def test_odoos_first_stage_is_not_one_of_a_process(self):
        self.prospect.sequence = -1
        first = self.env["crm.stage"].search([("process_id", "=", False)], limit=1)
        self.env["crm.lead.scoring.frequency"].search([]).unlink()
        totals = {"stage_id": {str(first.id): {"won": 3.1, "lost": 1.1}}}
        self.assertEqual(
            self.env["crm.lead"]._pls_get_won_lost_total_count(totals), (3.1, 1.1, 4.2)
        )

    # ------------------------------------------------------------------
    # The process of the team
    # ------------------------------------------------------------------

    def test_new_case_follows_the_process_of_the_team(self):
        case = self.env["crm.lead"].with_user(self.anna).create({"name": "New"})
        self.assertEqual(case.team_id, self.team)
        self.assertEqual(case.process_id.with_env(self.env), self.process)
        self.assertStatus(case.with_env(self.env), self.prospect, probability=20)

    def test_turning_on_and_off_is_about_new_cases(self):
        plain = self._make_case("Before", team_id=self.plain_team.id)
        stage = plain.stage_id
        self.repairs.team_ids |= self.plain_team
        self.assertEqual((plain.process_id, plain.stage_id), (self.repairs.browse(), stage))
        after = self._make_case("After", team_id=self.plain_team.id)
        self.assertEqual((after.process_id, after.stage_id), (self.repairs, self.report))
        self.repairs.active = False
        later = self._make_case("Later", team_id=self.plain_team.id)
        self.assertFalse(later.process_id)
        after.with_user(self.crm_admin).stage_id = self.repair_offer
        self.assertEqual(after.process_id, self.repairs)

    def test_the_process_of_a_team_is_read_once(self):
        processes = self.env["crm.process"]
        teams = self.team | self.plain_team
        processes._get_ids_by_team(teams)
        with self.assertQueryCount(0):
            self.assertEqual(processes._get_ids_by_team(teams), {self.team.id: self.process.id})
        self.process.team_ids = self.plain_team
        self.assertEqual(processes._get_ids_by_team(teams), {self.plain_team.id: self.process.id})
        self.process.active = False
        self.assertFalse(processes.with_context(active_test=False)._get_ids_by_team(teams))

    def test_open_cases_are_taken_over_on_demand(self):
        cases = self.env["crm.lead"]
        for name in ("One", "Two", "Three", "Four"):
            cases |= self._make_case(name, team_id=self.plain_team.id)
        offer = self.env["crm.stage"].create({"name": "offer "})
        cases[1].stage_id = offer
        cases[2].action_set_won()
        cases[3].action_set_lost()
        untouched = [(c.stage_id, c.won_status, c.date_closed) for c in cases[2:]]
        self.repairs.team_ids |= self.plain_team
        self.assertEqual(self.repairs.outside_count, 2)
        with self.assertRaises(AccessError):
            self.repairs.with_user(self.anna).action_take_over_cases()
        self.repairs.with_user(self.crm_admin).action_take_over_cases()
        self.assertEqual(cases[0].stage_id, self.report)
        self.assertEqual(cases[1].stage_id, self.repair_offer, "the status of the same name")
        self.assertEqual(cases[:2].process_id, self.repairs)
        self.assertEqual([(c.stage_id, c.won_status, c.date_closed) for c in cases[2:]], untouched)
        self.repairs.invalidate_recordset()
        self.assertEqual((self.repairs.outside_count, self.repairs.case_count), (0, 2))

    def test_many_cases_are_taken_over_step_by_step(self):
        cases = self.env["crm.lead"]
        for number in range(7):
            cases |= self._make_case(f"Case {number}", team_id=self.plain_team.id)
        self.repairs.team_ids |= self.plain_team
        with patch.object(crm_process, "TAKE_OVER_SIZE", 3):
            self.repairs.with_user(self.crm_admin).action_take_over_cases()
            self.assertTrue(self.repairs.is_taking_over)
            self.assertFalse(cases.process_id)
            with self.enter_registry_test_mode():
                self.env.ref("sales_crm_cases.ir_cron_take_over").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.repairs.is_taking_over)
        self.assertEqual(cases.stage_id, self.report)
        with self.assertRaises(AccessError):
            self.repairs.with_user(self.anna).is_taking_over = True

    def test_another_team_moves_the_case(self):
        case = self._make_case("Moves")
        case.stage_id = self.offer
        case.team_id = self.repair_team
        self.assertEqual((case.process_id, case.stage_id), (self.repairs, self.repair_offer))
        case.stage_id = self.report
        case.team_id = self.team
        self.assertStatus(case, self.prospect, probability=20)
        case.team_id = self.plain_team
        self.assertFalse(case.process_id or case.stage_id.process_id)
        self.assertTrue(case.stage_id)
        case.team_id = False
        self.assertFalse(case.process_id)

    def test_closed_cases_stay_closed_with_another_team(self):
        won, lost = self._make_case("Won"), self._make_case("Lost")
        won.action_set_won()
        lost.action_set_lost()
        (won + lost).team_id = self.repair_team
        self.assertStatus(won, self.done, "won", probability=100)
        self.assertEqual(lost.won_status, "lost")
        self.assertEqual(lost.stage_id, self.report, "repairs have no lost status")
        (won + lost).team_id = self.team
        self.assertStatus(won, self.order, "won", probability=100)
        self.assertStatus(lost, self.lost, "lost")
        won.team_id = self.plain_team
        self.assertEqual(won.won_status, "won")
        self.assertTrue(won.stage_id.is_won)

    def test_another_salesman_may_mean_another_process(self):
        case = self._make_case("Goes to Bert")
        case.user_id = self.bert
        self.assertEqual(case.team_id, self.repair_team)
        self.assertEqual((case.process_id, case.stage_id), (self.repairs, self.report))

    def test_the_form_follows_the_team(self):
        # shown to users of the developer mode and in list views; Odoo's onchange computes it
        values = self.case.with_user(self.anna).onchange(
            {"team_id": self.repair_team.id}, ["team_id"], {"stage_id": {}, "process_id": {}}
        )["value"]
        self.assertEqual(values["process_id"], self.repairs.id)
        self.assertEqual(values["stage_id"], self.report.id)

    def test_only_administrators_choose_a_process(self):
        case = self._as_anna()
        with self.assertRaises(UserError) as caught:
            case.process_id = self.repairs.id
        self.assertIn("sales team", str(caught.exception))
        self.assertIn("Two lifts", str(caught.exception))
        case.write({"process_id": self.process.id})
        cases = self.env["crm.lead"].with_user(self.anna)
        with self.assertRaises(UserError):
            cases.create({"name": "Mine", "process_id": self.repairs.id})
        self.assertTrue(cases.create({"name": "Same", "process_id": self.process.id}))
        defaulted = cases.with_context(default_process_id=self.repairs.id).create({"name": "Def"})
        self.assertEqual(defaulted.process_id.id, self.process.id)
        self.case.with_user(self.crm_admin).process_id = self.repairs
        self.assertEqual((self.case.process_id, self.case.stage_id), (self.repairs, self.report))
        self.assertEqual(self.case.team_id, self.team)
        copied = self._as_anna().copy()
        self.assertEqual(copied.process_id.id, self.process.id, "a copy follows its team")

    # ------------------------------------------------------------------
    # Foreign statuses are refused, on every channel
    # ------------------------------------------------------------------

    def _get_attempts(self, stage):
        case = self._as_anna()
        cases = case.browse()
        return {
            "drag": lambda: case.web_save({"stage_id": stage.id}, {"stage_id": {}}),
            "write": lambda: case.write({"stage_id": stage.id}),
            "assign": lambda: setattr(case, "stage_id", stage),
            "create": lambda: cases.create({"name": "New", "stage_id": stage.id}),
            "quick create": lambda: cases.with_context(default_stage_id=stage.id).create(
                {"name": "New"}
            ),
            "import": lambda: self._import(["name", "stage_id/.id"], ["New", str(stage.id)]),
            "import of an old one": lambda: self._import(
                [".id", "stage_id/.id"], [str(case.id), str(stage.id)]
            ),
            "team and status": lambda: case.write({"team_id": self.team.id, "stage_id": stage.id}),
            "customer": lambda: self.customer_anna.with_user(self.anna).write(
                {"current_stage_id": stage.id}
            ),
            "superuser": lambda: self.case.write({"stage_id": stage.id}),
        }

    def _import(self, names, row):
        result = self.env["crm.lead"].with_user(self.anna).load(names, [row])
        if not result["ids"]:
            raise UserError(result["messages"][0]["message"])

    def test_foreign_statuses_are_refused(self):
        odoos = self.env["crm.stage"].search([("process_id", "=", False)], limit=1)
        for stage in (self.report, self.done, odoos):
            for channel, attempt in self._get_attempts(stage).items():
                with self.subTest(stage=stage.name, channel=channel):
                    with self.assertRaises(UserError) as caught, self.cr.savepoint():
                        attempt()
                    message = str(caught.exception)
                    self.assertIn(stage.name, message)
                    self.assertIn("Prospect, Offer, Order, Lost", message, "what to choose")
                self.env.invalidate_all()
                self.assertStatus(self.case, self.prospect)

    def test_statuses_of_a_process_are_refused_to_cases_without_one(self):
        case = self._make_case("Plain", team_id=self.plain_team.id)
        stage = case.stage_id
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            case.with_user(self.anna).stage_id = self.offer
        self.assertIn("follows no process", str(caught.exception))
        case.invalidate_recordset()
        self.assertEqual(case.stage_id, stage)

    def test_nothing_is_half_written(self):
        others = self._make_case("Second") + self._make_case("Third", team_id=self.repair_team.id)
        with self.assertRaises(UserError), self.cr.savepoint():
            (self.case + others).with_user(self.crm_admin).write(
                {"stage_id": self.offer.id, "expected_revenue": 5}
            )
        self.env.invalidate_all()
        self.assertStatus(self.case, self.prospect)
        self.assertEqual((self.case + others).mapped("expected_revenue"), [0, 0, 0])

    def test_unlinked_salesmen_move_nothing(self):
        for user in (self.stranger, self.bert, self.manager, self.clerk):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.case.with_user(user).stage_id = self.offer
        self._show_team(self.manager)
        self.case.with_user(self.manager).stage_id = self.offer
        self.assertStatus(self.case, self.offer, probability=60)
        self.env.company.managers_edit_team = False
        self.env.invalidate_all()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.case.with_user(self.manager).stage_id = self.prospect

    def test_merging_keeps_a_status_of_the_process(self):
        foreign = self._make_case("From repairs", user_id=self.bert.id)
        self.assertEqual(foreign.process_id, self.repairs)
        merged = (
            (self.case + foreign)
            .with_user(self.crm_admin)
            .merge_opportunity(user_id=self.bert.id, team_id=self.repair_team.id)
        )
        merged = merged.with_env(self.env)
        self.assertEqual((merged.team_id, merged.process_id), (self.repair_team, self.repairs))
        self.assertEqual(merged.stage_id.process_id, self.repairs)
        again = merged + self._make_case("Again")
        merged = again.merge_opportunity(team_id=self.plain_team.id)
        self.assertFalse(merged.process_id or merged.stage_id.process_id)
        lost = self._make_case("Lost")
        lost.action_set_lost()
        merged = (lost + self._make_case("Lost, too")).merge_opportunity(team_id=self.team.id)
        self.assertEqual(merged.stage_id.outcome == "lost", merged.won_status == "lost")

    # ------------------------------------------------------------------
    # Won, lost, reopened
    # ------------------------------------------------------------------

    def test_status_sets_the_probability(self):
        case = self._as_anna()
        self.assertStatus(self.case, self.prospect, probability=20)
        case.stage_id = self.offer
        self.assertStatus(self.case, self.offer, probability=60)
        self.assertEqual(self.case.prorated_revenue, self.case.expected_revenue * 0.6)

    def test_probability_chosen_by_hand_stays(self):
        case = self._as_anna()
        case.probability = 35
        case.stage_id = self.offer
        self.assertEqual((case.probability, case.automated_probability), (35, 60))
        case.write({"stage_id": self.prospect.id, "probability": 44})
        self.assertEqual(case.probability, 44)

    def test_prediction_does_not_move_what_the_status_says(self):
        self.env["ir.config_parameter"].sudo().set_param("crm.pls_start_date", "2020-01-01")
        for number in range(3):
            self._make_case(f"Won {number}").action_set_won()
            self._make_case(f"Lost {number}").action_set_lost()
        free = self.env["crm.stage"].create(
            {"name": "Talks", "process_id": self.process.id, "sequence": 102}
        )
        predicted = self._make_case("Predicted", stage_id=free.id)
        self.env["crm.lead"].sudo()._cron_update_automated_probabilities()
        self.assertStatus(self.case, self.prospect, probability=20)
        self.assertEqual(predicted.probability, predicted.automated_probability)
        self.case.country_id = self.env.ref("base.be")
        self.assertStatus(self.case, self.prospect, probability=20)
        self.case.prepare_pls_tooltip_data()
        self.assertStatus(self.case, self.prospect, probability=20)

    def test_order_wins(self):
        self._as_anna().web_save({"stage_id": self.order.id}, {})
        self.assertStatus(self.case, self.order, "won", probability=100)
        self.assertTrue(self.case.date_closed)

    def test_won_button_goes_to_the_order_of_each_process(self):
        repair = self._make_case("Repair", team_id=self.repair_team.id)
        plain = self._make_case("Plain", team_id=self.plain_team.id)
        (self.case + repair + plain).action_set_won()
        self.assertStatus(self.case, self.order, "won", probability=100)
        self.assertStatus(repair, self.done, "won", probability=100)
        self.assertEqual(plain.won_status, "won")

    def test_lost_status_loses(self):
        self._as_anna().web_save({"stage_id": self.lost.id}, {})
        self.assertStatus(self.case, self.lost, "lost", probability=0)
        closed = self.case.date_closed
        self.assertTrue(closed)
        self.case.date_closed = "2026-01-01"
        self._as_anna().write({"stage_id": self.lost.id, "color": 3})
        self.assertEqual(str(self.case.date_closed.date()), "2026-01-01", "a double click")
        self.assertEqual(self.case.color, 3)

    def test_lost_button_goes_to_the_lost_status(self):
        reason = self.env["crm.lost.reason"].create({"name": "Price"})
        repair = self._make_case("Repair", team_id=self.repair_team.id)
        (self.case + repair).action_set_lost(lost_reason_id=reason.id)
        self.assertStatus(self.case, self.lost, "lost", probability=0)
        self.assertStatus(repair, self.report, "lost", probability=0)
        self.assertEqual((self.case + repair).lost_reason_id, reason)

    def test_lost_by_whatever_channel(self):
        wizard = self.env["crm.lead.lost"].with_user(self.anna)
        reason = self.env["crm.lost.reason"].create({"name": "Price"})
        attempts = {
            "fields": lambda case: case.write({"active": False, "probability": 0}),
            "dialog of Odoo": lambda case: wizard.create(
                {"lead_ids": case.ids, "lost_reason_id": reason.id}
            ).action_lost_reason_apply(),
            "our dialog": lambda case: case._close_case("lost", "", reason),
        }
        for name, attempt in attempts.items():
            with self.subTest(name):
                case = self._make_case(name)
                attempt(case.with_user(self.anna))
                self.assertStatus(case, self.lost, "lost")

    def test_archived_is_not_lost(self):
        self.case.action_archive()
        self.assertEqual((self.case.won_status, self.case.stage_id), ("pending", self.prospect))
        self.case.action_unarchive()
        self.assertStatus(self.case, self.prospect)

    def test_created_lost_or_won(self):
        lost = self._make_case("Lost", stage_id=self.lost.id)
        self.assertStatus(lost, self.lost, "lost", probability=0)
        self.assertTrue(lost.date_closed)
        lost = self._make_case("Lost, too", active=False, probability=0)
        self.assertStatus(lost, self.lost, "lost")
        won = self._make_case("Won", stage_id=self.order.id)
        self.assertStatus(won, self.order, "won", probability=100)

    def test_won_ones_are_not_lost_by_the_button(self):
        self.case.action_set_won()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.case.action_set_lost()
        self.env.invalidate_all()
        self.assertStatus(self.case, self.order, "won")

    def test_reopened_from_the_lost_status(self):
        reason = self.env["crm.lost.reason"].create({"name": "Price"})
        reopened = {
            "drag": lambda case: case.write({"stage_id": self.offer.id}),
            "restore": lambda case: case.action_restore(),
            "unarchive": lambda case: case.action_unarchive(),
            "active": lambda case: case.write({"active": True}),
        }
        for name, reopen in reopened.items():
            with self.subTest(name):
                case = self._make_case(name)
                case.action_set_lost(lost_reason_id=reason.id)
                # Odoo predicts for lost ones, too
                case.automated_probability = 33
                reopen(case.with_user(self.anna))
                status = self.offer if name == "drag" else self.prospect
                self.assertEqual((case.stage_id, case.active), (status, True))
                self.assertEqual(case.won_status, "pending")
                if name in ("drag", "restore"):
                    self.assertStatus(case, status, probability=60 if name == "drag" else 20)
                    self.assertFalse(case.date_closed if name == "drag" else False)
                    self.assertFalse(case.lost_reason_id)

    def test_reopened_from_the_order(self):
        self.case.action_set_won()
        self._as_anna().stage_id = self.offer
        self.assertStatus(self.case, self.offer, probability=60)
        self.assertFalse(self.case.date_closed)
        free = self.env["crm.stage"].create(
            {"name": "Talks", "process_id": self.process.id, "sequence": 102}
        )
        self.case.action_set_won()
        self._as_anna().stage_id = free
        self.assertEqual(self.case.won_status, "pending")
        self.assertLess(self.case.probability, 100)

    def test_from_lost_to_order_and_back(self):
        self.case.action_set_lost()
        self.case.stage_id = self.order
        self.assertStatus(self.case, self.order, "won", probability=100)
        self.case.stage_id = self.lost
        self.assertStatus(self.case, self.lost, "lost", probability=0)

    def test_several_at_once(self):
        won, lost = self._make_case("Won"), self._make_case("Lost")
        won.action_set_won()
        lost.action_set_lost()
        (self.case + won + lost).write({"stage_id": self.offer.id})
        for case in self.case + won + lost:
            self.assertStatus(case, self.offer, probability=60)

    def test_moving_100_cases_takes_as_many_queries_as_10(self):
        def move(number, stage):
            cases = self.env["crm.lead"].create(
                [
                    {"name": f"Case {n}", "type": "opportunity", "user_id": self.anna.id}
                    for n in range(number)
                ]
            )
            mine = cases.with_user(self.anna)
            return self._measure_queries(lambda: mine.write({"stage_id": stage.id}))

        for stage in (self.offer, self.order, self.lost):
            # makes the frequencies of the prediction
            move(1, stage)
            few = move(10, stage)
            # two of difference: Odoo reads the user who wrote its frequencies last
            self.assertLessEqual(move(100, stage), few + 2, stage.name)

    # ------------------------------------------------------------------
    # Columns of the board
    # ------------------------------------------------------------------

    def _get_columns(self, user, domain=(), **context):
        # as the web client asks for a kanban view
        cases = self.env["crm.lead"].with_user(user)
        cases = cases.with_context(read_group_expand=True, **context)
        found = cases.web_read_group(
            [("type", "=", "opportunity"), *domain], ["stage_id"], ["__count"]
        )
        return [group["stage_id"][0] for group in found["groups"]]

    def test_columns_are_those_of_the_process(self):
        mine = self.process.stage_ids.ids
        self.assertEqual(self._get_columns(self.anna), mine)
        self.assertEqual(
            self._get_columns(self.crm_admin, [("process_id", "=", self.repairs.id)]),
            self.repairs.stage_ids.ids,
        )
        self.assertEqual(
            self._get_columns(self.crm_admin, [("team_id", "in", self.team.ids)]), mine
        )
        self.assertEqual(
            self._get_columns(self.crm_admin, [("team_id", "ilike", "installat")]), mine
        )
        self.assertEqual(
            self._get_columns(
                self.crm_admin, [("name", "=", "x")], default_team_id=self.repair_team.id
            ),
            self.repairs.stage_ids.ids,
        )
        both = ["|", ("team_id", "=", self.team.id), ("team_id", "=", self.repair_team.id)]
        self.assertEqual(
            set(self._get_columns(self.crm_admin, both)),
            {*mine, *self.repairs.stage_ids.ids},
        )

    def test_columns_without_process_are_as_before(self):
        odoos = self.env["crm.stage"].search([("process_id", "=", False), ("team_ids", "=", False)])
        self.assertEqual(self._get_columns(self.stranger), odoos.ids)
        self.assertEqual(
            self._get_columns(self.crm_admin, [("team_id", "=", self.plain_team.id)]), odoos.ids
        )
        self.assertEqual(
            self._get_columns(self.crm_admin, [("process_id", "=", False), ("name", "=", "x")]),
            odoos.ids,
        )
        self.assertEqual(
            set(self._get_columns(self.clerk_with_cases(), [("name", "=", "Two lifts")])),
            {*odoos.ids, self.prospect.id},
            "and those with cases",
        )

    def clerk_with_cases(self):
        return self._make_user("all_documents", "sales_team.group_sale_salesman_all_leads")

    # ------------------------------------------------------------------
    # Subjects
    # ------------------------------------------------------------------

    def _fix_subjects(self):
        self.process.write(
            {
                "subject_mode": "fixed",
                "subject_ids": [
                    Command.create({"name": "New lift"}),
                    Command.create({"name": "Renovation"}),
                ],
            }
        )
        return self.process.subject_ids

    def test_free_subjects_suggest(self):
        self.process.subject_ids = [Command.create({"name": "New lift"})]
        case = self._as_anna()
        case.name = "Whatever"
        self.assertFalse(case.subject_id)
        case.name = "new  LIFT"
        self.assertEqual(case.subject_id.id, self.process.subject_ids.id)
        case.name = "Something else"
        self.assertFalse(case.subject_id)
        case.subject_id = self.process.subject_ids.id
        self.assertEqual(case.name, "New lift")

    def test_fixed_subjects_refuse_other_names(self):
        new, renovation = self._fix_subjects()
        case, cases = self._as_anna(), self.env["crm.lead"].with_user(self.anna)
        attempts = {
            "write": lambda: case.write({"name": "Another lift"}),
            "create": lambda: cases.create({"name": "Another lift"}),
            "import": lambda: self._import(["name"], ["Another lift"]),
            "cold call": lambda: cases.create_cold_call(
                {"customer_id": self.customer_anna.id, "subject": "Another lift"}
            ),
        }
        for channel, attempt in attempts.items():
            with self.subTest(channel):
                with self.assertRaises(UserError) as caught, self.cr.savepoint():
                    attempt()
                self.assertIn("New lift, Renovation", str(caught.exception))
        self.assertEqual(self.case.name, "Two lifts", "the name from before stays")
        case.write({"expected_revenue": 5, "name": "Two lifts"})
        case.name = "renovation"
        self.assertEqual(case.subject_id.id, renovation.id)
        created = cases.create({"subject_id": new.id})
        self.assertEqual(created.name, "New lift")
        self.assertTrue(
            cases.create_cold_call({"customer_id": self.customer_anna.id, "subject": "New lift"})
        )

    def test_fixed_subjects_in_all_languages(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        new, _renovation = self._fix_subjects()
        new.with_context(lang="fr_FR").name = "Nouvel ascenseur"
        case = self._as_anna().with_context(lang="fr_FR")
        case.name = "Nouvel ascenseur"
        self.assertEqual(case.subject_id.id, new.id)
        self._as_anna().name = "New lift"
        self.assertEqual(self.case.subject_id, new)

    def test_fixed_subjects_are_for_cases_that_people_type(self):
        self._fix_subjects()
        lead = self.env["crm.lead"].with_user(self.anna).create({"name": "Mail", "type": "lead"})
        self.assertEqual(lead.process_id.id, self.process.id)
        mailed = self._make_case("What the customer wrote")
        self.assertFalse(mailed.subject_id)
        contract = self.env["third.party.contract"].create(
            {
                "customer_id": self.customer_anna.id,
                "third_party_id": self.env["res.partner"].create({"name": "Rival"}).id,
                "name": "R-1",
                "date_start": "2026-01-01",
                "term_months": 12,
            }
        )
        contract.with_user(self.anna).action_win()
        self.assertIn("R-1", contract.case_ids.name)
        with self.assertRaises(UserError):
            contract.case_ids.with_user(self.anna).name = "Renamed"

    def test_subject_of_another_process(self):
        self._fix_subjects()
        self.repairs.subject_ids = [Command.create({"name": "Spare part"})]
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as_anna().subject_id = self.repairs.subject_ids.id

    def test_the_form_and_the_dialogs_offer_subjects(self):
        new, _renovation = self._fix_subjects()
        with Form(self.env["crm.lead"].with_user(self.anna)) as form:
            form.subject_id = new
            self.assertEqual(form.name, "New lift")
        self.assertEqual(form.record.name, "New lift")
        wizard = self.env["crm.entry.wizard"].with_user(self.anna)
        wizard = wizard.create(
            {
                "mode": "activity",
                "customer_id": self.customer_anna.id,
                "case_id": False,
                "subject_id": new.id,
                "summary": "Call",
                "date_deadline": "2099-01-01",
            }
        )
        self.assertEqual(wizard.process_id.id, self.process.id)
        wizard.action_save()
        case = self.env["crm.lead"].search([("subject_id", "=", new.id)], order="id DESC", limit=1)
        self.assertEqual(case.activity_ids.summary, "Call")

    # ------------------------------------------------------------------
    # Weights
    # ------------------------------------------------------------------

    def _fix_weights(self, *probabilities):
        self.process.write(
            {
                "weight_mode": "fixed",
                "weight_ids": [Command.create({"probability": p}) for p in probabilities],
            }
        )
        return self.process.weight_ids

    def test_free_weights(self):
        self._as_anna().probability = 33
        self.assertEqual(self.case.probability, 33)

    def test_fixed_weights_refuse_other_probabilities(self):
        cold, _warm, _hot = self._fix_weights(10, 20, 60)
        case, cases = self._as_anna(), self.env["crm.lead"].with_user(self.anna)
        attempts = {
            "write": lambda: case.write({"probability": 33}),
            "create": lambda: cases.create({"name": "New", "probability": 33}),
            "import": lambda: self._import(["name", "probability"], ["New", "33"]),
            "zero": lambda: case.write({"probability": 0}),
            "with a status": lambda: case.write({"stage_id": self.offer.id, "probability": 33}),
        }
        for channel, attempt in attempts.items():
            with self.subTest(channel):
                with self.assertRaises(UserError) as caught, self.cr.savepoint():
                    attempt()
                self.assertIn("10 %, 20 %, 60 %", str(caught.exception))
                self.env.invalidate_all()
        self.assertEqual(self.case.probability, 20)
        case.probability = 10
        self.assertEqual(case.weight_id.id, cold.id)
        case.stage_id = self.offer
        self.assertEqual(case.probability, 10, "chosen by hand")
        case.weight_id = self.process.weight_ids[2].id
        self.assertEqual(case.probability, 60)
        case.stage_id = self.order
        self.assertStatus(self.case, self.order, "won")
        case.stage_id = self.lost
        self.assertStatus(self.case, self.lost, "lost")
        case.stage_id = self.prospect
        self.assertStatus(self.case, self.prospect, probability=20)

    def test_fixed_weights_where_the_status_says_nothing(self):
        self._fix_weights(10, 20, 60)
        free = self.env["crm.stage"].create(
            {"name": "Talks", "process_id": self.process.id, "sequence": 102}
        )
        case = self._make_case("New", stage_id=free.id)
        self.assertEqual(case.probability, 10, "the lowest weight")
        self._as_anna().stage_id = free
        self.assertEqual(self.case.probability, 20, "kept: it is a weight")

    # ------------------------------------------------------------------
    # Configuration
    # ------------------------------------------------------------------

    def test_who_configures(self):
        with self.assertRaises(AccessError):
            self.process.with_user(self.anna).name = "Mine"
        with self.assertRaises(AccessError):
            self.prospect.with_user(self.anna).name = "Mine"
        self.assertTrue(self.process.with_user(self.anna).read(["name", "team_ids", "stage_ids"]))
        self.assertFalse(self.process.with_user(self.clerk).has_access("read"))
        form = Form(self.env["crm.process"].with_user(self.crm_admin))
        form.name = "By hand"
        process = form.save()
        self.assertEqual(process.stage_ids.mapped("name"), ["Prospect", "Offer", "Order", "Lost"])
        copied = self.process.with_user(self.crm_admin).copy()
        self.assertFalse(copied.team_ids)
        self.assertEqual(copied.stage_ids.mapped("outcome"), ["open", "open", "order", "lost"])
        self.assertFalse(copied.stage_ids.with_env(self.env) & self.process.stage_ids)

    def test_one_process_per_team(self):
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            self.repairs.team_ids |= self.team
        self.assertIn("Installation", str(caught.exception))
        self.process.active = False
        self.repairs.team_ids |= self.team
        with self.assertRaises(ValidationError):
            self.process.active = True

    def test_a_process_that_is_on_begins_and_ends(self):
        for attempt in (
            self.order.unlink,
            lambda: self.process.write({"stage_ids": [Command.delete(self.order.id)]}),
            lambda: self.env["crm.process"].create(
                {"name": "Endless", "team_ids": self.plain_team.ids, "stage_ids": []}
            ),
            lambda: self.order.write({"outcome": "lost"}),
            lambda: self.order.write({"process_id": False}),
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                attempt()
            self.env.invalidate_all()
        self.env["crm.process"].create({"name": "Not on yet", "stage_ids": []})
        self.lost.unlink()

    def test_what_a_status_means_does_not_change_under_its_cases(self):
        for values in (
            {"outcome": "order"},
            {"is_won": True},
            {"process_id": self.repairs.id},
            {"process_id": False},
        ):
            with self.assertRaises(UserError) as caught, self.cr.savepoint():
                self.prospect.write(values)
            self.assertIn("Prospect", str(caught.exception))
            self.env.invalidate_all()
        self.prospect.write({"name": "Suspect", "outcome": "open", "probability": 15})
        plain = self._make_case("Plain", team_id=self.plain_team.id).stage_id
        with self.assertRaises(UserError):
            plain.process_id = self.process

    def test_statuses_that_make_no_sense(self):
        stages = self.env["crm.stage"]
        for values in (
            {"name": "Gone", "outcome": "lost"},
            {"name": "Sure", "process_id": self.process.id, "probability": -1},
            {"name": "Sure", "process_id": self.process.id, "probability": 100},
            {"name": "Mine", "process_id": self.process.id, "team_ids": self.team.ids},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                stages.create(values)
        won = stages.create({"name": "Won, too", "process_id": self.process.id, "is_won": True})
        self.assertEqual((won.outcome, won.probability), ("order", 100))
        won.outcome = "open"
        self.assertEqual((won.is_won, won.probability), (False, 0))

    def test_all_shared_stages_get_a_team(self):
        """As Odoo's own code and administrators do it: statuses are left out."""
        stages = self.env["crm.stage"].search([("team_ids", "=", False)])
        stages.write({"team_ids": self.plain_team.ids})
        odoos = stages.filtered(lambda stage: not stage.process_id)
        self.assertEqual(odoos.team_ids, self.plain_team)
        self.assertFalse((stages - odoos).team_ids)
        self.assertStatus(self._make_case("New"), self.prospect)

    def test_fixed_lists_are_not_empty(self):
        for values in ({"subject_mode": "fixed"}, {"weight_mode": "fixed"}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.process.write(values)
            self.env.invalidate_all()
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            self._fix_weights(10, 20)
        self.assertIn("Offer", str(caught.exception))

    def test_processes_of_companies(self):
        company = self.env["res.company"].create({"name": "Second"})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.process.company_id = company
        self.env.invalidate_all()
        self.team.company_id = self.env.company
        self.case.flush_recordset()
        self.process.company_id = self.env.company
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.team.company_id = False
        self.env.invalidate_all()
        self.crm_admin.company_ids |= company
        foreign = self.process.with_user(self.crm_admin).with_context(
            allowed_company_ids=company.ids
        )
        self.assertFalse(foreign.search([("id", "=", self.process.id)]))
        self.assertFalse(foreign.has_access("read"))
        self.assertEqual(self._make_case("New").process_id, self.process)

    def test_used_processes_are_kept(self):
        with self.assertRaises(UserError) as caught:
            self.process.unlink()
        self.assertIn("Archive", str(caught.exception))
        self.repairs.unlink()
        self.assertFalse(self.report.exists())
