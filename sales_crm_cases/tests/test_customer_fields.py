from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..models import customer_completeness_mixin
from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestCustomerCode(SalesCrmCommon):
    """K5"""

    def _create(self, *names):
        return (
            self.env["res.partner"]
            .with_user(self.anna)
            .create([{"name": name, "is_company": True} for name in names])
        )

    def test_the_prefix_is_three_letters_of_the_name(self):
        for name, prefix in (
            ("Hopfner", "HOP"),
            ("Höpfner & Co", "HOP"),
            ("Éclair", "ECL"),
            ("x-ray", "XRA"),
            ("A 1 b2c", "ABC"),
            ("Kö", "KOX"),
            ("3M", "MXX"),
            ("株式会社", "XXX"),
            ("Завод", "XXX"),
            ("", "XXX"),
            (False, "XXX"),
        ):
            with self.subTest(name=name):
                self.assertEqual(self.env["customer.code.counter"]._get_prefix(name), prefix)

    def test_numbers_run_per_prefix(self):
        first, other, second = self._create("Zqx one", "Zqy two", "Zqx three").mapped("ref")
        self.assertRegex(first, r"^ZQX\d{4}$")
        self.assertRegex(other, r"^ZQY\d{4}$")
        self.assertEqual(int(second[3:]), int(first[3:]) + 1)

    def test_a_code_that_somebody_typed_is_left_out(self):
        code = self._create("Zqz one").ref
        typed = [f"ZQZ{int(code[3:]) + offset:04d}" for offset in (1, 2)]
        self.env["res.partner"].create({"name": "Vendor with that reference", "ref": typed[0]})
        self._make_customer("Somebody", self.bert, ref=typed[1], active=False)
        self.assertEqual(self._create("Zqz two").ref, f"ZQZ{int(code[3:]) + 3:04d}")

    def test_a_contact_gets_no_code(self):
        contact = (
            self.env["res.partner"]
            .with_user(self.anna)
            .create({"name": "Eve", "parent_id": self.customer_anna.id})
        )
        self.assertFalse(contact.ref)

    def test_a_contact_that_becomes_a_customer_gets_a_code(self):
        partner = self.env["res.partner"].create({"name": "Zqv later", "is_company": True})
        self.assertFalse(partner.ref)
        partner.approval_status = "new"
        self.assertEqual(partner.ref[:3], "ZQV")

    def test_accounts_edit_codes_and_nobody_else(self):
        self.customer_anna.with_user(self.accounts).ref = "SPECIAL"
        for user in (self.anna, self.crm_admin):
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "accounts only"):
                self.customer_anna.with_user(user).ref = "MINE"
        self.assertEqual(self.customer_anna.ref, "SPECIAL")

    def test_a_code_twice_is_refused_with_a_sentence(self):
        with self.assertRaises(IntegrityError) as caught, mute_logger("odoo.sql_db"):
            self.customer_anna.with_user(self.accounts).ref = self.customer_bert.ref
            self.env.flush_all()
        message = self.env["res.partner"]._sql_error_to_message(caught.exception)
        self.assertIn("Another customer has this code already", message)

    def test_nobody_calls_a_code_shared_to_have_it_twice(self):
        """Only the installation does, for what it finds."""
        code = self.customer_anna.ref
        values = {"name": "Twin", "is_company": True, "ref": code, "has_shared_code": True}
        as_accounts = self.env["res.partner"].with_user(self.accounts)
        for context in ({}, {"default_has_shared_code": True}):
            given = {**values, "approval_status": "new"}
            if context:
                del given["has_shared_code"]
            with (
                self.subTest(context=context),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                as_accounts.with_context(**context).create(given)
                self.env.flush_all()
        self.customer_anna.with_user(self.accounts).has_shared_code = True
        self.assertFalse(self.customer_anna.has_shared_code)

    def test_a_copy_gets_a_code_of_its_own(self):
        copy = self.customer_anna.with_user(self.anna).copy()
        self.assertEqual(copy.ref[:3], "HOP")
        self.assertNotEqual(copy.ref, self.customer_anna.ref)


@tagged("post_install", "-at_install")
class TestCustomerCompleteness(SalesCrmCommon):
    """K6"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configuration = cls.env["customer.completeness.field"]
        cls.configuration.search([]).unlink()
        cls._count("street", "email", "rank_id", "call_contact_id")
        cls.customer = cls.customer_anna
        cls.env.flush_all()

    @classmethod
    def _count(cls, *names):
        return cls.configuration.create(
            [
                {
                    "sequence": number,
                    "field_id": cls.env["ir.model.fields"]._get("res.partner", name).id,
                }
                for number, name in enumerate(names)
            ]
        )

    def _assert_completeness(self, expected, customer=None):
        customer = customer or self.customer
        self.assertEqual(customer.completeness, expected)
        self.env.flush_all()
        self.env.cr.execute("SELECT completeness FROM res_partner WHERE id = %s", [customer.id])
        self.assertEqual(self.env.cr.fetchone(), (expected,), "as lists and filters see it")

    def test_it_follows_every_write(self):
        self._assert_completeness(0)
        self.customer.with_user(self.anna).street = "Lane 1"
        self._assert_completeness(25)
        self.customer.with_user(self.anna).write(
            {
                "email": "a@b.example.com",
                "rank_id": self.env.ref("sales_crm_cases.customer_rank_gold").id,
            }
        )
        self._assert_completeness(75)
        self.customer.with_user(self.anna).street = False
        self._assert_completeness(50)

    def test_it_follows_the_contacts(self):
        contact = (
            self.env["res.partner"]
            .with_user(self.anna)
            .create({"name": "Eve", "parent_id": self.customer.id, "receives_sales_calls": True})
        )
        self._assert_completeness(25)
        contact.receives_sales_calls = False
        self._assert_completeness(0)
        contact.receives_sales_calls = True
        contact.with_user(self.anna).active = False
        self._assert_completeness(0)

    def test_it_is_right_after_creation_and_import(self):
        created = (
            self.env["res.partner"]
            .with_user(self.anna)
            .create(
                {
                    "name": "Complete",
                    "street": "Lane 2",
                    "child_ids": [Command.create({"name": "Eve", "receives_sales_calls": True})],
                }
            )
        )
        self._assert_completeness(50, created.with_env(self.env))
        result = (
            self.env["res.partner"]
            .with_user(self.anna)
            .load(
                [
                    "name",
                    "is_company",
                    "street",
                    "rank_id",
                    "child_ids/name",
                    "child_ids/receives_sales_calls",
                ],
                [["Imported", "1", "Lane 3", "Gold", "Eve", "1"]],
            )
        )
        self.assertFalse(result["messages"])
        self._assert_completeness(75, self.env["res.partner"].browse(result["ids"]))

    def test_the_missing_fields_are_named_in_order(self):
        self.customer.street = "Lane 1"
        self.assertEqual(
            self.customer.with_user(self.anna).missing_fields, "Email, Rank, Call contact"
        )

    def test_contacts_and_other_partners_have_none(self):
        vendor = self.env["res.partner"].create({"name": "Vendor", "street": "Lane 1"})
        self._assert_completeness(0, vendor)
        self.assertFalse(vendor.missing_fields)

    def test_a_change_of_the_configuration_counts_at_once(self):
        self.customer.street = "Lane 1"
        self._assert_completeness(25)
        self._count("city")
        self._assert_completeness(20)
        self.configuration.search([("field_id.name", "!=", "street")]).unlink()
        self._assert_completeness(100)
        self.configuration.search([]).unlink()
        self._assert_completeness(100)

    def test_many_customers_are_recomputed_by_the_scheduled_action(self):
        self.customer.street = "Lane 1"
        self._assert_completeness(25)
        with (
            patch.object(customer_completeness_mixin, "MAX_CUSTOMERS_AT_ONCE", 1),
            patch.object(customer_completeness_mixin, "CRON_STEP", 2),
        ):
            self.configuration.search([("field_id.name", "!=", "street")]).unlink()
            self._assert_completeness(25)
            with self.enter_registry_test_mode():
                self.env.ref("sales_crm_cases.ir_cron_completeness").method_direct_trigger()
        self._assert_completeness(100)
        wrong = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search([("is_customer", "=", True), ("completeness", "not in", (0, 100))])
        )
        self.assertFalse(wrong)

    def test_administrators_configure_and_others_do_not(self):
        with self.assertRaises(AccessError):
            self.configuration.with_user(self.anna).search([])[:1].unlink()
        self.configuration.with_user(self.crm_admin).search([])[:1].unlink()

    def test_a_field_that_nobody_fills_in_cannot_count(self):
        for name in (
            "completeness",
            "message_ids",
            "approval_status",
            "create_date",
            "crm_visible",
        ):
            with self.subTest(name=name), self.assertRaisesRegex(ValidationError, "cannot count"):
                self._count(name)


@tagged("post_install", "-at_install")
class TestCustomerRank(SalesCrmCommon):
    """K7"""

    def test_the_shipped_ranks_have_a_call_cycle(self):
        ranks = self.env["customer.rank"]
        for name in ("platinum", "gold", "silver", "bronze"):
            ranks |= self.env.ref(f"sales_crm_cases.customer_rank_{name}")
        self.assertEqual(ranks.sorted().mapped("name"), ["Platinum", "Gold", "Silver", "Bronze"])
        cycles = ranks.mapped("call_cycle_days")
        self.assertEqual(cycles, sorted(cycles))

    def test_a_cycle_of_no_days_is_refused(self):
        for days in (0, -1):
            with (
                self.subTest(days=days),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
            ):
                self.env["customer.rank"].with_user(self.crm_admin).create(
                    {"name": "Never", "call_cycle_days": days}
                )

    def test_a_name_is_taken_whatever_it_is_translated_to(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        for model_name in ("customer.rank", "crm.case.type"):
            model = self.env[model_name].with_user(self.crm_admin)
            model.create({"name": "Taken"}).with_context(lang="fr_FR").name = "Pris"
            with (
                self.subTest(model=model_name),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                model.create({"name": "Taken"})

    def test_administrators_configure_ranks_and_salesmen_do_not(self):
        self.env["customer.rank"].with_user(self.crm_admin).create(
            {"name": "Tin", "call_cycle_days": 365}
        )
        with self.assertRaises(AccessError):
            self.env["customer.rank"].with_user(self.anna).create(
                {"name": "Diamond", "call_cycle_days": 1}
            )


@tagged("post_install", "-at_install")
class TestCustomerContact(SalesCrmCommon):
    """K8, K10"""

    def _add_contact(self, name, **values):
        return (
            self.env["res.partner"]
            .with_user(self.anna)
            .create({"name": name, "parent_id": self.customer_anna.id, **values})
            .with_env(self.env)
        )

    def test_the_call_contact_is_the_first_who_receives_calls(self):
        self._add_contact("Eve")
        self.assertFalse(self.customer_anna.has_call_contact)
        adam = self._add_contact("Adam", receives_sales_calls=True)
        cain = self._add_contact("Cain", receives_sales_calls=True)
        self.assertEqual(self.customer_anna.call_contact_id, adam)
        self.assertTrue(self.customer_anna.has_call_contact)
        adam.unlink()
        self.assertEqual(self.customer_anna.call_contact_id, cain)
        cain.active = False
        self.assertFalse(self.customer_anna.has_call_contact)

    def test_the_list_shows_the_call_contact_else_the_first_contact(self):
        eve = self._add_contact("Eve", phone="1", email="eve@example.com")
        self._add_contact("Delivery", type="delivery", receives_sales_calls=True)
        self.assertEqual(self.customer_anna.main_contact_id, eve)
        self.assertEqual(self.customer_anna.main_contact_email, "eve@example.com")
        adam = self._add_contact("Adam", receives_sales_calls=True)
        self.assertEqual(self.customer_anna.main_contact_id, adam)

    def test_a_person_is_his_own_contact(self):
        person = (
            self.env["res.partner"]
            .with_user(self.anna)
            .create({"name": "Solo", "receives_sales_calls": True})
        )
        self.assertEqual(person.call_contact_id, person)

    def test_an_open_case_makes_a_customer_active(self):
        self.assertFalse(self.customer_anna.is_active_business)
        contact = self._add_contact("Eve")
        case = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create({"name": "Case", "type": "opportunity", "partner_id": contact.id})
        )
        self.assertTrue(self.customer_anna.is_active_business)
        self.assertIn(
            self.customer_anna, self._visible(self.anna, domain=[("is_active_business", "=", True)])
        )
        case.action_set_lost()
        self.assertFalse(self.customer_anna.is_active_business)
        case.action_unarchive()
        self.assertTrue(self.customer_anna.is_active_business)
        case.action_set_won()
        self.assertFalse(self.customer_anna.is_active_business)

    def test_an_archived_case_is_not_open_whoever_looks_at_archived_ones(self):
        case = self.env["crm.lead"].create(
            {
                "name": "Case",
                "type": "opportunity",
                "partner_id": self.customer_anna.id,
                "probability": 30,
            }
        )
        self.assertEqual(self.customer_anna.current_case_id, case)
        case.active = False
        self.assertEqual(case.won_status, "pending")
        customer = self.customer_anna.with_context(active_test=False)
        self.assertFalse(customer.has_open_case)
        self.assertFalse(customer.current_case_id)

    def test_a_lead_is_no_open_case(self):
        lead = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create({"name": "Lead", "type": "lead", "partner_id": self.customer_anna.id})
        )
        self.assertFalse(self.customer_anna.is_active_business)
        lead.type = "opportunity"
        self.assertTrue(self.customer_anna.is_active_business)

    def test_a_case_that_moves_takes_the_business_along(self):
        case = self.env["crm.lead"].create(
            {"name": "Case", "type": "opportunity", "partner_id": self.customer_anna.id}
        )
        self.assertTrue(self.customer_anna.is_active_business)
        case.partner_id = self.customer_bert
        self.assertFalse(self.customer_anna.is_active_business)
        self.assertTrue(self.customer_bert.is_active_business)
        case.unlink()
        self.assertFalse(self.customer_bert.is_active_business)

    def test_anniversaries_follow_their_customer(self):
        eve = self._add_contact("Eve", birthday="1980-02-29")
        anniversary = (
            self.env["customer.anniversary"]
            .with_user(self.anna)
            .create({"partner_id": eve.id, "name": "Joined the firm", "date": "2020-02-29"})
            .with_env(self.env)
        )
        self.assertEqual(eve.anniversary_ids, anniversary)
        self.assertSees(self.anna, anniversary)
        self.assertSeesNot(self.bert, anniversary)
        for attempt in (
            lambda: anniversary.with_user(self.bert).write({"name": "Mine"}),
            lambda: anniversary.with_user(self.bert).unlink(),
            lambda: (
                anniversary.copy_data()
                and self.env["customer.anniversary"]
                .with_user(self.bert)
                .create(anniversary.copy_data())
            ),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_documents_of_contacts_are_listed_at_the_customer(self):
        eve = self._add_contact("Eve")
        documents = (
            self.env["ir.attachment"]
            .with_user(self.anna)
            .create(
                [
                    {
                        "name": "price list.txt",
                        "raw": b"1",
                        "res_model": "res.partner",
                        "res_id": partner.id,
                    }
                    for partner in (self.customer_anna, eve)
                ]
            )
        )
        customer = self.customer_anna.with_user(self.anna)
        listed = (
            self.env["ir.attachment"]
            .with_user(self.anna)
            .search(customer.action_view_customer_documents()["domain"])
        )
        self.assertEqual(listed, documents.sorted("id", reverse=True))
        self.assertEqual(customer.customer_document_count, 2)
        with self.assertRaises(AccessError):
            documents.with_user(self.bert).read(["name"])


@tagged("post_install", "-at_install")
class TestCustomerDuplicate(SalesCrmCommon):
    """K11"""

    def _type(self, user, **values):
        """A customer that is being typed in the form."""
        return (
            self.env["res.partner"]
            .with_user(user)
            .new({"name": "Completely different", "is_company": True, **values})
        )

    def test_a_similar_name_warns_with_the_match(self):
        for name in ("Hopfner Brewery", "Höpfner Brewery", "hopfner brewery ltd"):
            with self.subTest(name=name):
                self.assertEqual(
                    self._type(self.anna, name=name).duplicate_ids._origin, self.customer_anna
                )
        self.assertFalse(self._type(self.anna, name="Hop").duplicate_ids)

    def test_the_same_address_phone_or_vat_warns(self):
        self.customer_anna.write(
            {"email": "office@hopfner.example.com", "phone": "+49 30 1234567", "vat": "DE123456788"}
        )
        self.env.flush_all()
        for values in (
            {"email": '"Office" <OFFICE@hopfner.example.com>'},
            {"phone": "+49 (30) 123-4567"},
            {"vat": "DE123456788"},
        ):
            with self.subTest(values=values):
                typed = self._type(self.anna, **values)
                self.assertEqual(typed.duplicate_ids._origin, self.customer_anna)
                self.assertFalse(typed.duplicate_hidden_count)

    def test_hidden_matches_are_counted_and_not_named(self):
        typed = self._type(self.anna, name="Secret Metals")
        self.assertFalse(typed.duplicate_ids)
        self.assertEqual(typed.duplicate_hidden_count, 1)
        self.assertEqual(
            self._type(self.accounts, name="Secret Metals").duplicate_ids._origin,
            self.customer_stranger,
        )

    def test_the_own_family_is_no_duplicate(self):
        self.customer_anna.email = "office@hopfner.example.com"
        contact = self.env["res.partner"].create(
            {
                "name": "Hopfner Brewery",
                "parent_id": self.customer_anna.id,
                "email": "office@hopfner.example.com",
            }
        )
        for partner in (self.customer_anna, contact):
            self.assertFalse(partner.with_user(self.anna).duplicate_ids)
            self.assertFalse(partner.with_user(self.anna).duplicate_hidden_count)

    def test_an_address_twice_is_refused_and_nothing_changes(self):
        self.customer_anna.email = "office@hopfner.example.com"
        other = self._make_customer("Other", self.anna)
        with self.assertRaises(ValidationError) as caught:
            other.with_user(self.anna).write({"email": "Office@hopfner.example.com", "city": "Hof"})
        self.assertIn("Hopfner Brewery", str(caught.exception))
        self.assertFalse(other.email)
        self.assertFalse(other.city)
        with self.assertRaises(ValidationError):
            self.env["res.partner"].with_user(self.anna).create(
                {"name": "Third", "is_company": True, "email": "office@hopfner.example.com"}
            )
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Third")]))

    def test_the_refusal_does_not_name_a_hidden_customer(self):
        self.customer_anna.email = "office@hopfner.example.com"
        with self.assertRaises(ValidationError) as caught:
            self.customer_bert.with_user(self.bert).email = "office@hopfner.example.com"
        self.assertNotIn("Hopfner Brewery", str(caught.exception))
        self.assertIn("office@hopfner.example.com", str(caught.exception))

    def test_a_company_may_allow_an_address_twice(self):
        self.env.company.unique_customer_email = False
        (self.customer_anna + self.customer_bert).email = "office@hopfner.example.com"

    def test_contacts_may_share_an_address(self):
        self.customer_anna.email = "office@hopfner.example.com"
        self.env["res.partner"].with_user(self.anna).create(
            {
                "name": "Eve",
                "parent_id": self.customer_anna.id,
                "email": "office@hopfner.example.com",
            }
        )
