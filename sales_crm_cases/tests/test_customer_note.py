import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.sales_crm_cases.models.customer_note import REDACTION_SENTINEL

from .common import SalesCrmCommon

# columns that describe the last check, not the notes
CHECK_COLUMNS = {"id", "checked_date", "problem"}


class NoteCommon(SalesCrmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Note = cls.env["customer.note"]
        cls.case = cls._make_case(cls.customer_anna, "Filling line")

    @classmethod
    def _make_case(cls, customer, name):
        return cls.env["crm.lead"].create(
            {
                "name": name,
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": cls.anna.id,
            }
        )

    @classmethod
    def _write_notes(cls, customer, *bodies, user=None, **values):
        notes = cls.Note.with_user(user or cls.anna).create(
            [{"customer_id": customer.id, "body": body, **values} for body in bodies]
        )
        return notes.with_env(cls.env)

    def _problems(self):
        """What the check says, one sentence per problem."""
        self.env.flush_all()
        found = self.env["customer.note.chain"].search([])._find_problems()
        return [sentence for sentences in found.values() for sentence in sentences]

    def assertIntact(self, count=None):
        self.assertFalse(self._problems())
        if count is not None:
            chains = self.env["customer.note.chain"].search([])
            self.assertEqual(sum(chains.mapped("note_count")), count)
            self.assertEqual(self.Note.search_count([]), count)

    def _tamper(self, statement):
        """What the check finds after a statement that nobody has seen."""
        with self.cr.savepoint() as savepoint:
            self.cr.execute(statement)
            self.assertGreater(self.cr.rowcount, 0)
            problems = self._problems()
            savepoint.rollback()
        self.env.invalidate_all()
        return problems


@tagged("post_install", "-at_install")
class TestCustomerNote(NoteCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # demonstration notes
        cls.env.cr.execute("DELETE FROM customer_note")
        cls.env.cr.execute("UPDATE res_partner SET note_chain_id = NULL WHERE note_chain_id > 0")
        cls.env.cr.execute("DELETE FROM customer_note_chain")
        cls.env.invalidate_all()

    # ------------------------------------------------------------------
    # Writing and reading
    # ------------------------------------------------------------------

    def test_a_note_gets_author_date_and_digest_from_the_server(self):
        note = self._write_notes(self.customer_anna, "  Line one\nLine two\n ")
        self.assertEqual(note.body, "Line one\nLine two")
        self.assertEqual(note.author_id, self.anna)
        self.assertLess(fields.Datetime.now() - note.date, timedelta(minutes=1))
        self.assertEqual((note.sequence, len(note.digest)), (1, 64))
        self.assertEqual(self.customer_anna.customer_note_ids, note)
        self.assertEqual(self.customer_anna.customer_note_count, 1)
        self.assertIntact(1)

    def test_who_sees_the_customer_reads_and_writes(self):
        note = self._write_notes(self.customer_anna, "x")
        for user in (self.anna, self.clerk, self.accounts, self.crm_admin):
            self.assertSees(user, note)
            added = self._write_notes(self.customer_anna, f"by {user.name}", user=user)
            self.assertEqual(added.author_id, user)
            self.assertEqual(note.with_user(user).read(["body"])[0]["body"], "x")
        for user in (self.bert, self.stranger, self.manager):
            self.assertSeesNot(user, note)
            with self.assertRaises(AccessError):
                self._write_notes(self.customer_anna, "x", user=user)
        self._show_team(self.manager)
        self.assertSees(self.manager, note)
        self.assertIntact(5)

    def test_a_foreign_customer_is_refused_whichever_way_it_is_named(self):
        Note = self.Note.with_user(self.stranger)
        contact = self.env["res.partner"].create(
            {"name": "Hidden contact", "parent_id": self.customer_anna.id}
        )
        for vals, context in (
            ({"customer_id": self.customer_anna.id}, {}),
            ({"customer_id": contact.id}, {}),
            ({"case_id": self.case.id}, {}),
            ({"customer_id": self.customer_stranger.id, "case_id": self.case.id}, {}),
            ({}, {"default_customer_id": self.customer_anna.id}),
            ({}, {"default_case_id": self.case.id}),
        ):
            with self.assertRaises(UserError) as refusal:
                Note.with_context(**context).create({"body": "x", **vals})
            self.assertNotIn(self.customer_anna.name, str(refusal.exception))
            self.assertNotIn("Filling line", str(refusal.exception))
        with self.assertRaises(AccessError):
            self.customer_anna.with_user(self.stranger).write(
                {"customer_note_ids": [Command.create({"body": "x"})]}
            )
        self.assertIntact(0)

    def test_a_manager_who_may_only_look_adds_no_note(self):
        self._show_team(self.manager)
        self.env.company.managers_edit_team = False
        with self.assertRaises(AccessError):
            self._write_notes(self.customer_anna, "x", user=self.manager)

    def test_contacts_stand_for_their_customer_and_others_are_refused(self):
        contact, vendor = self.env["res.partner"].create(
            [{"name": "Karl", "parent_id": self.customer_anna.id}, {"name": "Vendor"}]
        )
        self.assertEqual(self._write_notes(contact, "x").customer_id, self.customer_anna)
        with self.assertRaisesRegex(ValidationError, "CRM customers"):
            self._write_notes(vendor, "x", user=self.crm_admin)

    def test_the_case_is_one_of_the_customer(self):
        note = self._write_notes(self.customer_anna, "x", case_id=self.case.id)
        self.assertEqual(self.case.customer_note_ids, note)
        self.assertEqual(self.case.customer_note_count, 1)
        self.assertEqual(
            self.Note.with_user(self.anna)
            .create({"case_id": self.case.id, "body": "y"})
            .customer_id,
            self.customer_anna,
        )
        other = self._make_customer("Anna's other", self.anna)
        with self.assertRaisesRegex(ValidationError, "not one of"):
            self._write_notes(other, "x", case_id=self.case.id)

    def test_a_note_without_customer_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Choose the customer"):
            self.Note.with_user(self.anna).create({"body": "x"})

    def test_many_notes_take_as_many_queries_as_few(self):
        customers = [self._make_customer(f"Customer {n}", self.anna) for n in range(30)]

        def count(some):
            notes = self.Note.with_user(self.anna)
            return self._measure_queries(
                lambda: notes.create([{"customer_id": each.id, "body": "x"} for each in some])
            )

        count(customers)  # begins the chains
        self.assertEqual(count(customers[:3]), count(customers))

    def test_an_empty_note_is_refused(self):
        for body in ("", " \n ", False):
            with self.assertRaisesRegex(ValidationError, "empty"):
                self._write_notes(self.customer_anna, body)

    def test_who_may_not_read_cases_does_not_learn_of_them(self):
        note = self._write_notes(self.customer_anna, "x", case_id=self.case.id).with_user(
            self.clerk
        )
        self.assertNotIn("case_id", note.fields_get())
        self.assertNotIn("case_id", note.read()[0])

    def test_the_form_and_the_dialog(self):
        form = Form(self.Note.with_user(self.anna), "sales_crm_cases.customer_note_view_form")
        form.customer_id = self.customer_anna
        form.case_id = self.case
        form.body = "typed"
        self.assertEqual(form.save().author_id, self.anna)
        for record in (self.customer_anna, self.case):
            action = record.with_user(self.anna).action_add_note()
            form = Form(
                self.Note.with_user(self.anna).with_context(**action["context"]),
                self.env["ir.ui.view"].browse(action["views"][0][0]),
            )
            form.body = "in the dialog"
            note = form.save()
            self.assertEqual(note.customer_id, self.customer_anna)
            action = record.with_user(self.anna).action_view_notes()
            self.assertIn(note, self.Note.with_user(self.anna).search(action["domain"]))
        self.assertIntact(3)

    def test_superuser_code_may_date_back(self):
        note = self.Note.create(
            {
                "customer_id": self.customer_anna.id,
                "body": "x",
                "author_id": self.bert.id,
                "date": "2020-01-02 03:04:05",
            }
        )
        self.assertEqual(note.author_id, self.bert)
        self.assertEqual(str(note.date), "2020-01-02 03:04:05")
        self.assertIntact(1)

    # ------------------------------------------------------------------
    # Never changed, never deleted
    # ------------------------------------------------------------------

    def test_nobody_changes_or_deletes(self):
        note = self._write_notes(self.customer_anna, "x")
        self.env.ref("base.user_admin").group_ids |= self.env.ref("base.group_system")
        users = [self.anna, self.clerk, self.crm_admin, self.env.ref("base.user_admin")]
        for record in [*(note.with_user(user) for user in users), note, note.sudo()]:
            for attempt in (
                lambda record: record.write({"body": "y"}),
                lambda record: record.write({"author_id": self.bert.id}),
                lambda record: record.web_save({"body": "y"}, {}),
                lambda record: record.unlink(),
                lambda record: record.customer_id.write(
                    {"customer_note_ids": [Command.update(record.id, {"body": "y"})]}
                ),
                lambda record: record.customer_id.write(
                    {"customer_note_ids": [Command.delete(record.id)]}
                ),
                lambda record: record.customer_id.write({"customer_note_ids": [Command.clear()]}),
                lambda record: record.customer_id.write(
                    {"customer_note_ids": [Command.unlink(record.id)]}
                ),
                lambda record: record._redact(object()),
                lambda record: record._redact(True),
            ):
                with self.assertRaises(UserError):
                    attempt(record)
                self.env.invalidate_all()
        self.assertEqual(note.body, "x")
        self.assertIntact(1)

    def test_forged_contexts_open_nothing(self):
        note = self._write_notes(self.customer_anna, "x")
        context = {"customer_note_chain": True, "customer_note": True, "install_mode": True}
        for record in (note.with_context(**context), note.sudo().with_context(**context)):
            with self.assertRaises(UserError):
                record.write({"body": "y"})
            with self.assertRaises(UserError):
                record.unlink()
        chain = self.env["customer.note.chain"].search([]).with_context(**context)
        for attempt in (
            lambda: chain.write({"note_count": 0}),
            chain.unlink,
            lambda: chain.create(
                {
                    "key": "x",
                    "customer_id": self.customer_bert.id,
                    "origin_ref": 1,
                    "note_count": 0,
                    "last_digest": "x",
                }
            ),
        ):
            with self.assertRaises(UserError):
                attempt()
        for user in (self.anna, self.crm_admin):
            self.assertFalse(chain.with_user(user).has_access("write"))
            with self.assertRaises(AccessError):
                self.customer_anna.with_user(user).write({"note_chain_id": False})

    def test_what_the_server_sets_is_refused(self):
        for name, value in (
            ("author_id", self.bert.id),
            ("date", "2020-01-01 00:00:00"),
            ("digest", "0" * 64),
            ("sequence", 7),
            ("event", "redaction"),
            ("redacted_date", "2020-01-01 00:00:00"),
            ("chain_id", 1),
        ):
            for user in (self.anna, self.crm_admin):
                with self.assertRaisesRegex(UserError, name):
                    self._write_notes(self.customer_anna, "x", user=user, **{name: value})
        note = (
            self.Note.with_user(self.anna)
            .with_context(default_author_id=self.bert.id, default_date="2020-01-01 00:00:00")
            .create({"customer_id": self.customer_anna.id, "body": "x"})
        )
        self.assertEqual(note.author_id, self.anna)
        self.assertGreater(note.date.year, 2020)

    def test_import(self):
        Note = self.Note.with_user(self.anna)
        name = self.customer_anna.name
        result = Note.load(["customer_id", "body"], [[name, "first"], [name, "second"]])
        self.assertEqual(len(result["ids"]), 2, result["messages"])
        note = self.Note.browse(result["ids"][0])
        self.assertEqual(note.author_id, self.anna)
        for header, row in (
            (["customer_id", "body", "author_id"], [name, "x", "Bert"]),
            (["customer_id", "body", "date"], [name, "x", "2020-01-01 00:00:00"]),
            (["customer_id", "body"], [self.customer_stranger.name, "x"]),
            ([".id", "body"], [str(note.id), "changed"]),
        ):
            with mute_logger("odoo.sql_db"):
                result = Note.load(header, [row])
            self.assertFalse(result["ids"])
            self.assertTrue(result["messages"])
        with mute_logger("odoo.sql_db"):
            result = (
                self.env["res.partner"]
                .with_user(self.crm_admin)
                .load(
                    [".id", "customer_note_ids/.id", "customer_note_ids/body"],
                    [[str(self.customer_anna.id), str(note.id), "changed"]],
                )
            )
        self.assertFalse(result["ids"])
        self.env.invalidate_all()
        self.assertEqual(note.body, "first")
        self.assertIntact(2)

    def test_a_copy_is_a_new_note(self):
        note = self._write_notes(self.customer_anna, "x")
        copy = note.with_user(self.clerk).copy()
        self.assertEqual((copy.author_id, copy.sequence), (self.clerk, 2))
        self.assertIntact(2)

    def test_a_customer_with_notes_is_archived_not_deleted(self):
        note = self._write_notes(self.customer_anna, "x", case_id=self.case.id)
        with self.assertRaisesRegex(UserError, "has notes"):
            self.customer_anna.unlink()
        with self.assertRaisesRegex(UserError, "has notes"):
            self.case.unlink()
        self.customer_anna.active = False
        self.case.active = False
        self.assertSees(self.anna, note)
        self.assertIntact(1)
        self.customer_bert.unlink()

    def test_notes_are_no_messages(self):
        """No thread, no attachments: none of the chatter's routes finds them."""
        note = self._write_notes(self.customer_anna, "x")
        self.assertFalse(hasattr(note, "message_post"))
        self.assertFalse(self.env["mail.message"].search([("model", "=", note._name)]))
        self.assertFalse(hasattr(note, "active"))

    # ------------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------------

    def _merge(self, user, destination, *sources):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        ids = [destination.id, *(source.id for source in sources)]
        wizard.create({})._merge(ids, destination.with_user(user))
        self.env.flush_all()
        self.env.invalidate_all()

    def test_merging_customers_keeps_both_chains(self):
        mine = self._write_notes(self.customer_anna, "a1", "a2")
        theirs = self._write_notes(self.customer_bert, "b1", "b2", user=self.bert)
        texts = [(note.digest, note.body, note.author_id) for note in mine + theirs]
        self._merge(self.env.ref("base.user_admin"), self.customer_anna, self.customer_bert)
        self.assertFalse(self.customer_bert.exists())
        self.assertEqual((mine + theirs).customer_id, self.customer_anna)
        self.assertEqual(
            [(note.digest, note.body, note.author_id) for note in mine + theirs], texts
        )
        event = self.Note.search([("event", "=", "customer_merge")])
        self.assertIn("Kindler Toys", event.body)
        added = self._write_notes(self.customer_anna, "a3")
        self.assertEqual(added.sequence, 4)
        self.assertIntact(6)
        # and once more
        self._merge(self.env.ref("base.user_admin"), self.customer_stranger, self.customer_anna)
        self.assertEqual((mine + theirs + added).customer_id, self.customer_stranger)
        self.assertEqual(
            self._write_notes(self.customer_stranger, "c", user=self.stranger).sequence, 2
        )
        self.assertIntact(8)

    def test_notes_that_were_moved_without_a_merge_are_found(self):
        self._write_notes(self.customer_anna, "a1")
        self._write_notes(self.customer_bert, "b1", user=self.bert)
        note_only = SQL(
            "UPDATE customer_note SET customer_id = %s WHERE customer_id = %s",
            self.customer_stranger.id,
            self.customer_anna.id,
        )
        self.assertRegex(self._tamper(note_only)[0], "moved to another customer")
        with self.cr.savepoint() as savepoint:
            self.cr.execute(note_only)
            problems = self._tamper(
                SQL(
                    "UPDATE customer_note_chain SET customer_id = %s WHERE customer_id = %s",
                    self.customer_stranger.id,
                    self.customer_anna.id,
                )
            )
            savepoint.rollback()
        self.assertRegex(problems[0], "moved to another customer")

    def test_a_person_that_becomes_a_contact_brings_the_notes(self):
        person = self.env["res.partner"].create(
            {
                "name": "Karl",
                "approval_status": "new",
                "salesman_ids": [self.employees[self.anna].id],
            }
        )
        notes = self._write_notes(person, "p1", "p2")
        person.with_user(self.anna).parent_id = self.customer_anna
        self.assertEqual(notes.customer_id, self.customer_anna)
        self.assertIntact(3)
        # and becomes a customer of his own again, with a chain of his own
        person.parent_id = False
        person.approval_status = "new"
        person.salesman_ids = self.employees[self.anna]
        self.assertEqual(self._write_notes(person, "p3").sequence, 1)
        self.assertIntact(4)

    def test_merging_cases_keeps_their_notes(self):
        tail = self._make_case(self.customer_anna, "Same again")
        notes = self._write_notes(self.customer_anna, "on the tail", case_id=tail.id)
        notes += self._write_notes(self.customer_anna, "on the head", case_id=self.case.id)
        self.case.probability = 90
        merged = (self.case + tail).with_user(self.anna).merge_opportunity()
        self.env.flush_all()
        self.env.invalidate_all()
        gone = (self.case + tail) - merged.with_env(self.env)
        self.assertFalse(gone.exists())
        self.assertEqual(notes.case_id, merged.with_env(self.env))
        self.assertIntact(3)
        third = self._make_case(self.customer_anna, "And again")
        self._write_notes(self.customer_anna, "on the third", case_id=third.id)
        merged = (merged + third).with_user(self.anna).merge_opportunity().with_env(self.env)
        self.env.flush_all()
        self.assertEqual(self.Note.search([("case_id", "!=", False)]).case_id, merged)
        self.assertIntact(5)

    # ------------------------------------------------------------------
    # Redaction
    # ------------------------------------------------------------------

    def test_redaction_leaves_a_sentence_and_a_whole_chain(self):
        notes = self._write_notes(self.customer_anna, "keep", "secret words", "more secret")
        with self.assertRaises(UserError):
            notes[1].with_user(self.crm_admin)._redact(None)
        notes[1:]._redact(REDACTION_SENTINEL)
        self.assertEqual(notes[0].body, "keep")
        for note in notes[1:]:
            self.assertEqual(note.body, "This note was redacted to protect personal data.")
            self.assertTrue(note.redacted_date)
        self.cr.execute("SELECT string_agg(n::text, ' ') FROM customer_note n")
        self.assertNotIn("secret", self.cr.fetchone()[0])
        self._write_notes(self.customer_anna, "afterwards")
        notes._redact(REDACTION_SENTINEL)
        self.assertIntact(6)
        for column, value in (("body", "forged"), ("redacted_date", None), ("salt", "x")):
            self.assertTrue(
                self._tamper(
                    SQL(
                        "UPDATE customer_note SET %s = %s WHERE id = %s",
                        SQL.identifier(column),
                        value,
                        notes[1].id,
                    )
                ),
                column,
            )

    def test_a_forged_redaction_is_found(self):
        self._write_notes(self.customer_anna, "one", "two")
        problems = self._tamper(
            SQL(
                """
                UPDATE customer_note SET redacted_date = now() AT TIME ZONE 'UTC', salt = NULL,
                       body = 'This note was redacted to protect personal data.'
                 WHERE body = 'two'
                """
            )
        )
        self.assertRegex(problems[0], "Note 2 of .*the text was changed")

    # ------------------------------------------------------------------
    # The check
    # ------------------------------------------------------------------

    def test_every_changed_byte_is_found(self):
        """Each column of a note in the middle of a chain with all that can happen to it."""
        other = self._make_case(self.customer_anna, "Other")
        tail = self._make_case(self.customer_anna, "Tail")
        self._write_notes(self.customer_anna, "one", case_id=tail.id)
        note = self._write_notes(self.customer_anna, "two", case_id=self.case.id)
        self._write_notes(self.customer_bert, "other chain", user=self.bert)
        self.case.probability = 90
        (self.case + tail).merge_opportunity()
        redacted = self._write_notes(self.customer_anna, "three")
        redacted._redact(REDACTION_SENTINEL)
        self._write_notes(self.customer_anna, "last")
        self.assertIntact()
        changes = {
            "body": "tw0",
            "author_id": self.bert.id,
            "date": note.date + timedelta(microseconds=1),
            "customer_id": self.customer_bert.id,
            "case_id": other.id,
            "case_ref": other.id,
            "chain_id": self.customer_bert.sudo().note_chain_id.id,
            "sequence": 77,
            "event": "redaction",
            "event_ref": "1",
            "salt": "f" * 32,
            "body_digest": "f" * 64,
            "digest": "f" * 64,
            "redacted_date": note.date - timedelta(days=1),
        }
        self.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'customer_note'"
        )
        self.assertEqual({row[0] for row in self.cr.fetchall()}, changes.keys() | {"id"})
        for record in (note, redacted, *self.Note.search([("event", "!=", False)])):
            for column, value in changes.items():
                statement = SQL(
                    "UPDATE customer_note SET %(column)s = %(value)s"
                    " WHERE id = %(id)s AND %(column)s IS DISTINCT FROM %(value)s",
                    column=SQL.identifier(column),
                    value=value,
                    id=record.id,
                )
                if column == "event" and record.event == "redaction":
                    continue  # is that already
                self.assertTrue(self._tamper(statement), (column, record.event))

    def test_every_change_of_a_chain_is_found(self):
        self._write_notes(self.customer_anna, "one", "two")
        self._write_notes(self.customer_bert, "other", user=self.bert)
        chain = self.customer_anna.sudo().note_chain_id
        changes = {
            "key": "x" * 32,
            "customer_id": self.customer_bert.id,
            "origin_ref": self.customer_bert.id,
            "note_count": 1,
            "last_digest": "f" * 64,
        }
        self.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'customer_note_chain'"
        )
        self.assertEqual({row[0] for row in self.cr.fetchall()}, changes.keys() | CHECK_COLUMNS)
        for column, value in changes.items():
            statement = SQL(
                "UPDATE customer_note_chain SET %s = %s WHERE id = %s",
                SQL.identifier(column),
                value,
                chain.id,
            )
            self.assertTrue(self._tamper(statement), column)
        for value in (None, self.customer_bert.sudo().note_chain_id.id):
            self.assertTrue(
                self._tamper(
                    SQL(
                        "UPDATE res_partner SET note_chain_id = %s WHERE id = %s",
                        value,
                        self.customer_anna.id,
                    )
                )
            )

    def test_deletions_and_insertions_are_found(self):
        self._write_notes(self.customer_anna, "one", "two", "three")
        for condition in ("sequence = 1", "sequence = 2", "sequence = 3", "sequence > 1", "TRUE"):
            statement = SQL(
                "DELETE FROM customer_note WHERE customer_id = %s AND %s",
                self.customer_anna.id,
                SQL(condition),
            )
            self.assertEqual(len(self._tamper(statement)), 1, condition)
        self.assertTrue(
            self._tamper(
                SQL(
                    """
                    INSERT INTO customer_note (customer_id, chain_id, sequence, author_id, date,
                                               body, salt, body_digest, digest, case_ref)
                    SELECT customer_id, chain_id, 4, author_id, date, body, salt, body_digest,
                           digest, case_ref
                      FROM customer_note WHERE customer_id = %s AND sequence = 3
                    """,
                    self.customer_anna.id,
                )
            )
        )
        self.assertTrue(
            self._tamper(
                SQL(
                    "UPDATE customer_note SET body = 'x' || body WHERE customer_id = %s",
                    self.customer_anna.id,
                )
            )
        )

    def test_check_notes_is_for_administrators_and_says_which(self):
        self._write_notes(self.customer_anna, "one", "two")
        Chain = self.env["customer.note.chain"]
        for user in (self.anna, self.accounts, self.clerk):
            with self.assertRaises(AccessError):
                Chain.with_user(user).action_check()
        action = Chain.with_user(self.crm_admin).action_check()
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("2 notes", action["params"]["message"])
        self.cr.execute("UPDATE customer_note SET body = 'twO' WHERE body = 'two'")
        self.env.invalidate_all()
        action = Chain.with_user(self.crm_admin).action_check()
        self.assertEqual(action["res_model"], "customer.note.chain")
        chain = Chain.with_user(self.crm_admin).search([("problem", "!=", False)])
        self.assertEqual(chain.customer_id, self.customer_anna)
        self.assertRegex(chain.problem, r"^Note 2 of \d{4}-.* \(UTC\): the text was changed\.$")
        self.cr.execute("UPDATE customer_note SET body = 'two' WHERE body = 'twO'")
        self.env.invalidate_all()
        action = Chain.with_user(self.crm_admin).action_check()
        self.assertEqual(action["params"]["type"], "success")

    def test_the_daily_check_goes_in_steps_and_tells_the_administrators_once(self):
        for number in range(5):
            customer = self._make_customer(f"Customer {number}", self.anna)
            self._write_notes(customer, "one", "two")
        self.cr.execute(
            "UPDATE customer_note SET body = 'forged' WHERE sequence = 2 AND customer_id = %s",
            [customer.id],
        )
        self.env.invalidate_all()
        self.crm_admin.notification_type = "inbox"
        cron = self.env.ref("sales_crm_cases.ir_cron_notes")
        told = [
            ("notified_partner_ids", "in", self.crm_admin.partner_id.ids),
            ("subject", "ilike", "Customer 4"),
        ]
        path = "odoo.addons.sales_crm_cases.models.customer_note_chain.CHAINS_PER_STEP"
        with patch(path, 2), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        chains = self.env["customer.note.chain"].search([])
        self.assertTrue(all(chains.mapped("checked_date")))
        self.assertEqual(chains.filtered("problem").customer_id, customer)
        message = self.env["mail.message"].search(told)
        self.assertEqual(len(message), 1)
        self.assertIn("Note 2 of", message.body)
        self.assertNotIn("forged", message.body)
        self.cr.execute("UPDATE customer_note_chain SET checked_date = '2020-01-01'")
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self.env["mail.message"].search_count(told), 1, "told again")


@tagged("post_install", "-at_install")
class TestCustomerNoteHttp(NoteCommon, HttpCase):
    """By RPC, as an outside program does."""

    def setUp(self):
        super().setUp()
        self.note = self._write_notes(self.customer_anna, "first words")

    def _call(self, user, method, **keywords):
        expires = fields.Datetime.now() + timedelta(days=1)
        key = self.env["res.users.apikeys"].with_user(user)._generate("rpc", "notes", expires)
        with mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2", "odoo.models.unlink"):
            return self.url_open(
                f"/json/2/{method}",
                data=json.dumps(keywords),
                headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            )

    def test_json_2(self):
        for user in (self.anna, self.crm_admin, self.clerk):
            for method, keywords in (
                ("write", {"vals": {"body": "x"}}),
                ("unlink", {}),
                ("web_save", {"vals": {"body": "x"}, "specification": {}}),
                ("action_archive", {}),
                ("_redact", {"permission": True}),
                ("_append", {"vals_list": []}),
                ("_hand_over", {}),
            ):
                answer = self._call(user, f"customer.note/{method}", ids=self.note.ids, **keywords)
                self.assertGreaterEqual(answer.status_code, 400, method)
        answer = self._call(
            self.anna,
            "customer.note/create",
            vals_list=[{"customer_id": self.customer_anna.id, "body": "by RPC", "digest": "x"}],
        )
        self.assertIn("set by the server", answer.text)
        answer = self._call(
            self.clerk,
            "customer.note/create",
            vals_list=[{"customer_id": self.customer_anna.id, "body": "by RPC"}],
            context={"default_author_id": self.bert.id},
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(self.Note.browse(answer.json()).author_id, self.clerk)
        answer = self._call(
            self.stranger, "customer.note/search_read", domain=[], fields=["body", "digest"]
        )
        self.assertNotIn("first words", answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.note.body, "first words")
        self.assertIntact()

    def test_chatter_routes(self):
        self.crm_admin.password = "administrator-and-password"
        self.authenticate(self.crm_admin.login, "administrator-and-password")
        thread = {"thread_model": "customer.note", "thread_id": self.note.id}
        for path, params in (
            ("/mail/message/post", {**thread, "post_data": {"body": "x"}}),
            ("/mail/thread/messages", thread),
            (
                "/mail/message/update_content",
                {"message_id": self.note.id, "update_data": {"body": "x"}},
            ),
        ):
            with mute_logger("odoo.http"):
                answer = self.url_open(
                    path,
                    data=json.dumps({"jsonrpc": "2.0", "params": params}),
                    headers={"Content-Type": "application/json"},
                )
            self.assertNotIn("first words", answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.note.body, "first words")
        self.assertIntact()


@tagged("post_install", "-at_install")
class TestCustomerNoteTour(NoteCommon, HttpCase):
    """In the browser."""

    def test_a_salesman_adds_a_note(self):
        self.start_tour(
            f"/odoo/res.partner/{self.customer_anna.id}",
            "sales_crm_note_on_customer",
            login=self.anna.login,
            timeout=300,
        )
        note = self.customer_anna.customer_note_ids
        self.assertEqual((note.body, note.author_id), ("Ring the bell twice", self.anna))

    def test_a_salesman_adds_a_note_to_a_case(self):
        self.start_tour(
            f"/odoo/crm.lead/{self.case.id}",
            "sales_crm_note_on_case",
            login=self.anna.login,
            timeout=300,
        )
        self.assertEqual(self.case.customer_note_ids.customer_id, self.customer_anna)

    def test_service_staff_add_a_note(self):
        self.start_tour(
            f"/odoo/res.partner/{self.customer_anna.id}",
            "sales_crm_note_on_customer",
            login=self.clerk.login,
            timeout=300,
        )
        self.assertEqual(self.customer_anna.customer_note_ids.author_id, self.clerk)
