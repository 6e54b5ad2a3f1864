from datetime import date, timedelta

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .. import hooks
from .common import SalesCrmCommon

# What the addon adds to a partner; everything else has to stay as it was.
OWN_COLUMNS = {
    "approval_status",
    "is_customer",
    "has_shared_code",
    "customer_id",
    "main_salesman_id",
    "completeness",
    "call_contact_id",
    "has_call_contact",
    "main_contact_id",
    "has_open_case",
    "current_case_id",
    "last_contact_date",
    "planned_call_date",
    "next_call_date",
    "first_business_date",
}


@tagged("post_install", "-at_install")
class TestInstallation(SalesCrmCommon):
    """The hook on a database that lived without the addon (K15)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].create(
            {"name": "Old sales", "code": "OLDS", "type": "sale"}
        )
        cls.purchases = cls.env["account.journal"].create(
            {"name": "Old bills", "code": "OLDB", "type": "purchase"}
        )
        cls.invoiced = cls._make_partner("Invoiced", user_id=cls.anna.id, ref="OLD-1")
        cls.buyer = cls._make_partner("Buyer", is_company=False, parent_id=cls.invoiced.id)
        cls._make_move(cls.buyer)
        cls.ordered = cls._make_partner("Ordered", user_id=cls.clerk.id, ref="OLD-1")
        cls.order = cls._make_order(cls.ordered, state="sale")
        cls.quoted = cls._make_partner("Quoted", user_id=cls.anna.id)
        cls._make_order(cls.quoted)
        cls.billing = cls._make_partner("Draft invoice only")
        cls._make_move(cls.billing, state="draft")
        cls.vendor = cls._make_partner("Vendor")
        cls._make_move(cls.vendor, cls.purchases, "in_invoice")
        cls._make_move(cls.env.company.partner_id)
        cls._make_order(cls.clerk.partner_id, state="sale")
        cls.archived = cls._make_partner("Archived", active=False)
        cls._make_order(cls.archived, state="sale")
        cls.case = cls.env["crm.lead"].create(
            {
                "name": "Old case",
                "type": "opportunity",
                "partner_id": cls.buyer.id,
                "user_id": cls.bert.id,
            }
        )
        cls.quote = cls._make_order(cls.buyer)
        cls.env.flush_all()
        # written long ago, so that a later write shows
        for table in ("res_partner", "hr_employee", "crm_lead", "sale_order"):
            cls.env.cr.execute(
                SQL("UPDATE %s SET write_date = '2020-01-01'", SQL.identifier(table))
            )
        cls.env.invalidate_all()

    @classmethod
    def _make_partner(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def _make_move(cls, partner, journal=None, move_type="out_invoice", state="posted"):
        move = cls.env["account.move"].create(
            {
                "partner_id": partner.id,
                "move_type": move_type,
                "journal_id": (journal or cls.journal).id,
            }
        )
        cls._set_state(move, state)
        return move

    @classmethod
    def _make_order(cls, partner, state="draft"):
        order = cls.env["sale.order"].create({"partner_id": partner.id, "user_id": cls.anna.id})
        cls._set_state(order, state)
        return order

    @classmethod
    def _set_state(cls, record, state):
        # as it would lie in the database: no posting, no confirmation
        cls.env.flush_all()
        table = SQL.identifier(record._table)
        cls.env.cr.execute(SQL("UPDATE %s SET state = %s WHERE id = %s", table, state, record.id))
        cls.env.invalidate_all()

    def _install(self):
        self.env.flush_all()
        hooks.post_init_hook(self.env)
        self.env.flush_all()

    def _read_table(self, table, without=()):
        self.env.flush_all()
        self.env.cr.execute(SQL("SELECT * FROM %s ORDER BY id", SQL.identifier(table)))
        return {
            row["id"]: {name: value for name, value in row.items() if name not in without}
            for row in self.env.cr.dictfetchall()
        }

    def test_whoever_was_invoiced_or_ordered_is_active(self):
        self._install()
        for partner in (self.invoiced, self.ordered, self.archived):
            self.assertEqual(partner.approval_status, "active", partner.name)
            self.assertEqual(partner.customer_id, partner)
        self.assertEqual(self.buyer.customer_id, self.invoiced)
        self.assertFalse(self.buyer.approval_status)

    def test_nobody_else_becomes_a_customer(self):
        self._install()
        for partner in (
            self.quoted,
            self.billing,
            self.vendor,
            self.env.company.partner_id,
            self.clerk.partner_id,
        ):
            self.assertFalse(partner.approval_status, partner.name)
            self.assertFalse(partner.customer_id, partner.name)
            self.assertFalse(partner.salesman_link_ids, partner.name)

    def test_customers_belong_to_the_employee_of_their_salesperson(self):
        self._install()
        self.assertEqual(self.invoiced.main_salesman_id, self.employees[self.anna])
        self.assertEqual(self.invoiced.salesman_link_ids.mapped("is_main"), [True])
        self.assertFalse(self.ordered.salesman_link_ids, "the clerk is no employee")
        self.assertSees(self.anna, self.invoiced)
        self.assertSees(self.anna, self.buyer)
        self.assertSeesNot(self.bert, self.invoiced)

    def test_nothing_else_of_a_partner_changes(self):
        before = self._read_table("res_partner", OWN_COLUMNS)
        self._install()
        self.assertEqual(self._read_table("res_partner", OWN_COLUMNS), before)

    def test_nothing_else_of_an_employee_changes(self):
        self.env.cr.execute("UPDATE hr_employee SET is_salesman = NULL")
        self.env.invalidate_all()
        before = self._read_table("hr_employee", {"is_salesman"})
        self._install()
        self.assertTrue(self.employees[self.anna].is_salesman)
        self.assertEqual(self._read_table("hr_employee", {"is_salesman"}), before)

    def test_the_night_run_is_planned_where_the_main_company_works(self):
        cron = self.env.ref("sales_crm_cases.ir_cron_recommendations")
        company = self.env["res.company"].search([("parent_id", "=", False)], order="id", limit=1)
        for zone, now, night in (
            ("America/Los_Angeles", "2026-11-26 12:00:00", "2026-11-26 08:30:00"),
            ("America/Los_Angeles", "2026-11-26 08:10:00", "2026-11-25 08:30:00"),
            ("Asia/Tokyo", "2026-11-26 12:00:00", "2026-11-25 15:30:00"),
        ):
            company.resource_calendar_id.tz = zone
            with freeze_time(now):
                hooks._plan_night_run(self.env, "ir_cron_recommendations")
            self.assertEqual(str(cron.nextcall), night)

    def test_their_calls_say_when_to_call_next(self):
        rank = self.env["customer.rank"].create({"name": "Old", "call_cycle_days": 10})
        self.invoiced.rank_id = self.ordered.rank_id = rank
        call = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "res_id": self.case.id,
                "user_id": self.bert.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "date_deadline": "2026-03-10",
            }
        )
        call.active = False
        call.date_done = "2026-03-10"
        # nobody is a customer yet
        self.assertFalse(self.invoiced.last_contact_date or self.invoiced.next_call_date)
        self._install()
        self.assertEqual(self.invoiced.last_contact_date, date(2026, 3, 10))
        self.assertEqual(self.invoiced.next_call_date, date(2026, 3, 20))
        self.assertEqual(
            self.ordered.next_call_date, self.ordered.create_date.date() + timedelta(10)
        )
        self.assertFalse(self.vendor.next_call_date)

    def test_documents_carry_their_customer_and_change_in_nothing_else(self):
        self.env.cr.execute("UPDATE crm_lead SET customer_id = NULL")
        before = {
            table: self._read_table(table, {"customer_id"}) for table in ("crm_lead", "sale_order")
        }
        self._install()
        self.assertEqual(self.case.customer_id, self.invoiced)
        self.assertEqual(self.quote.customer_id, self.invoiced)
        self.assertEqual(self.order.customer_id, self.ordered)
        for table, rows in before.items():
            self.assertEqual(self._read_table(table, {"customer_id"}), rows)

    def test_a_code_that_two_customers_have_stays(self):
        self._install()
        self.assertEqual((self.invoiced + self.ordered).mapped("ref"), ["OLD-1", "OLD-1"])
        self.assertTrue(self.invoiced.has_shared_code and self.ordered.has_shared_code)
        self.ordered.with_user(self.accounts).ref = "OLD-2"
        self.assertFalse(self.ordered.has_shared_code)

    def test_stored_figures_are_right_at_once(self):
        self._install()
        self.assertTrue(self.invoiced.is_active_business)
        self.assertEqual(self.invoiced.main_contact_id, self.buyer)
        stored = self.invoiced.completeness
        self.env.add_to_compute(self.invoiced._fields["completeness"], self.invoiced)
        self.assertEqual(self.invoiced.completeness, stored)

    def test_salespersons_are_ticked(self):
        self.employees[self.anna].is_salesman = False
        outsider = self.env["hr.employee"].create({"name": "Outsider", "user_id": self.clerk.id})
        self._install()
        self.assertTrue(self.employees[self.anna].is_salesman)
        self.assertFalse(outsider.user_id.has_group("sales_team.group_sale_salesman"))

    def test_the_hook_can_run_again(self):
        self._install()
        tables = ("res_partner", "customer_salesman", "crm_lead", "sale_order")
        before = [self._read_table(table) for table in tables]
        self._install()
        self.assertEqual([self._read_table(table) for table in tables], before)

    def test_the_relation_of_sight_is_complete(self):
        self.env.cr.execute("DELETE FROM sales_visibility")
        self._install()
        self.assertFalse(self.env["sales.visibility"]._get_differences())

    def test_a_customer_of_the_installation_goes_on_as_any_other(self):
        self._install()
        self.invoiced.with_user(self.anna).write(
            {
                "city": "Hof",
                "child_ids": [
                    Command.create({"name": "New contact", "receives_sales_calls": True})
                ],
            }
        )
        self.assertEqual(self.invoiced.call_contact_id.name, "New contact")

    def test_statuses_and_types_in_use_survive_the_addon(self):
        prospect, offer = (
            self.env.ref(f"sales_crm_cases.{name}") for name in ("stage_prospect", "stage_offer")
        )
        inspection = self.env.ref("sales_crm_cases.activity_type_inspection")
        team = self.env["crm.team"].create({"name": "Process"})
        process = self.env.ref("sales_crm_cases.process_standard")
        process.team_ids = [Command.link(team.id)]
        self.env["crm.lead"].search([("stage_id", "in", offer.ids)]).stage_id = prospect
        case = self.env["crm.lead"].create(
            {"name": "In it", "type": "opportunity", "team_id": team.id, "stage_id": prospect.id}
        )
        case.activity_schedule(activity_type_id=inspection.id, user_id=self.anna.id)
        self.env.flush_all()
        hooks.uninstall_hook(self.env)
        self.env.invalidate_all()
        self.assertTrue(prospect.exists() and inspection.exists())
        self.assertIn(team, prospect.team_ids)
        self.assertFalse(offer.exists())
        for record in (prospect, inspection):
            self.assertFalse(record.get_external_id()[record.id])
