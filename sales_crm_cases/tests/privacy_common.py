import base64
import os
import struct
import zlib
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import Form
from odoo.tools import SQL, mute_logger

from .common import PIXEL, SalesCrmCommon
from .local_smtp_server import LocalSmtpServer

MARKER = "Zyxwora"
MAIL = """Return-Path: <{email}>
To: case@test.example.com
From: "{name}" <{email}>
Subject: {name} asks
Message-ID: <{marker}-1@zyxwora.example>
Date: Fri, 27 Nov 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

My number is {phone}. {name}
"""


class Marks:
    """Puts another word into each text: what is found says which trace was left."""

    def __init__(self):
        self.used = []

    def __format__(self, _spec):
        self.used.append(f"{MARKER}{len(self.used):03d}x")
        return self.used[-1]


MARK = Marks()
IMPORT_OPTIONS = {"quoting": '"', "separator": ",", "has_headers": True, "encoding": "utf-8"}


def make_png(comment):
    """A picture that says in its metadata whose it is."""
    data = b"tEXtComment\0" + comment.encode()
    chunk = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    pixel = base64.b64decode(PIXEL)
    return pixel[:-12] + chunk + pixel[-12:]


def make_pdf(text):
    """A document whose text is compressed."""
    stream = zlib.compress(f"BT ({text}) Tj ET".encode())
    return b"%%PDF-1.4\n1 0 obj\n<</Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (
        len(stream),
        stream,
    )


def find_marker(cursor, *markers):
    """:return: dict ``{"table.column": rows}``, the rows as dicts, of all text, JSON and binary
    columns that hold one of the markers, whatever the case"""
    found = {}
    cursor.execute(
        """
        SELECT c.table_name, c.column_name, c.udt_name
          FROM information_schema.columns c
          JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE c.table_schema = current_schema AND t.table_type = 'BASE TABLE'
           AND c.udt_name IN ('text', 'varchar', 'json', 'jsonb', 'bytea', 'bpchar')
        """
    )
    for table, column, udt in cursor.fetchall():
        text = f"encode(\"{column}\", 'escape')" if udt == "bytea" else f'"{column}"::text'
        cursor.execute(
            f'SELECT * FROM "{table}" WHERE {text} ILIKE ANY(%s)',
            [[f"%{marker}%" for marker in markers]],
        )
        names = [description.name for description in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        if rows:
            found[f"{table}.{column}"] = rows
    return found


class PrivacyCommon(SalesCrmCommon):
    """One person with traces everywhere, every text of hers with a marker, and an officer."""

    NAME = f"{MARKER}na Quillfeather"
    EMAIL = "zyxworana@zyxwora.example"
    PHONE = "+49 30 7691834"
    MARKERS = (MARKER, "Quillfeather", "7691834", "0412345614")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.officer = cls._make_user("officer", "sales_crm_cases.group_privacy_officer")
        cls.officer2 = cls._make_user("officer2", "sales_crm_cases.group_privacy_officer")
        cls.product = cls.env["product.product"].create({"name": "Kettle", "list_price": 100})

    def setUp(self):
        super().setUp()
        # what other tests rolled back left its files
        self.files_before = {
            os.path.join(folder, name)
            for folder, _dirs, names in os.walk(self.env["ir.attachment"]._filestore())
            for name in names
        }

    @classmethod
    def _make_person_of_interest(cls, **values):
        return cls._make_customer(
            cls.NAME,
            cls.anna,
            is_company=False,
            email=cls.EMAIL,
            phone=cls.PHONE,
            street=f"{MARK} Street 12345",
            street2=f"{MARK} Yard",
            city=f"{MARK} City",
            zip=f"{MARK}",
            function=f"{MARK} Officer",
            website=f"https://{MARK}.example",
            comment=f"<p>{MARK} comment</p>",
            birthday="1980-02-29",
            image_1920=PIXEL,
            vat="BE0412345614",
            **values,
        )

    def _anonymize(self, partners, user=None):
        return (
            self.env["privacy.request"]
            .with_user(user or self.officer)
            .anonymize(partners.ids, ignore_warnings=True)
        ).sudo()

    def _work_off(self):
        """Run the scheduled action that does the requests."""
        with self.enter_registry_test_mode():
            self.env.ref("sales_crm_cases.ir_cron_privacy").method_direct_trigger()
        self.env.invalidate_all()

    def _make_old(self, name, days=400, **values):
        partner = self.env["res.partner"].create({"name": name, **values})
        self._age(partner, days)
        return partner

    def _age(self, records, days, *names):
        """Let the records be so many days old; ``names`` are further dates of theirs."""
        day = self.today - timedelta(days)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), day) for name in ("create_date", *names)
                ),
                records.ids,
            )
        )
        self.env.invalidate_all()

    def _find_marker(self, *markers):
        """:return: dict ``{"table.column": ids}``, see :func:`find_marker`"""
        self.env.flush_all()
        return {
            name: {row["id"] for row in rows} if "id" in rows[0] else len(rows)
            for name, rows in find_marker(self.env.cr, *markers).items()
        }

    def _find_in_files(self, *markers):
        """Files of the file store that hold one of the markers or are named."""
        # what Odoo does after the transaction
        Attachment = self.env["ir.attachment"]
        Attachment._gc_file_store_unsafe()
        needles = [marker.lower().encode() for marker in markers]
        found = []
        for folder, _dirs, names in os.walk(Attachment._filestore()):
            for name in names:
                path = os.path.join(folder, name)
                if path in self.files_before:
                    continue
                with open(path, "rb") as file:
                    content = file.read().lower()
                if any(needle in content for needle in needles):
                    found.append(path)
        return found

    # ------------------------------------------------------------------
    # Traces
    # ------------------------------------------------------------------

    def _leave_traces(self, person):
        """What people do with a customer, each by its real way."""
        self.tracked = self.env(context={**self.env.context, "tracking_disable": False})
        self._trace_chatter(person)
        self._trace_entry(person)
        self._trace_cases(person)
        self._trace_mails(person)
        self._trace_calendar(person)
        if person.is_customer:
            self._trace_crm(person)
        self._trace_system(person)
        self.env.flush_all()

    def _trace_chatter(self, person):
        tracked = person.with_env(self.tracked)
        tracked.write({"name": f"{self.NAME} Born", "email": "zyxold@zyxwora.example"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        tracked.write({"name": self.NAME, "email": self.EMAIL})
        self.env.flush_all()
        self.env.cr.precommit.run()
        message = person.message_post(
            body=f"{MARK} said so",
            subject=f"{MARK} subject",
            message_type="comment",
            attachments=[(f"{MARK}.txt", f"{MARK} in a file".encode())],
        )
        person._message_update_content(message, body=f"{MARK} said otherwise")
        person.message_subscribe(person.ids)
        self.env["ir.attachment"].create(
            [
                {
                    "name": f"{MARK}.pdf",
                    "description": f"{MARK} described",
                    "raw": make_pdf(f"{MARK} printed"),
                    "index_content": f"{MARK} indexed",
                    "res_model": "res.partner",
                    "res_id": person.id,
                },
                {
                    "name": f"{MARK}.png",
                    "raw": make_png(f"{MARK} photographed"),
                    "res_model": "res.partner",
                    "res_id": person.id,
                },
            ]
        )
        channel = self.env["discuss.channel"].create({"name": "Help", "channel_type": "channel"})
        channel.message_post(body=f"{MARK} in a channel", author_id=person.id)

    def _trace_entry(self, person):
        """By a form, a file, and a merge."""
        with Form(self.env["res.partner"].with_user(self.anna)) as form:
            form.name = f"{MARK} Typed"
            form.parent_id = person.with_user(self.anna)
            form.email = f"typed@{MARK}.example"
            form.comment = f"{MARK} was typed"
        columns = ["id", "name", "parent_id/.id", "function"]
        rows = f"{','.join(columns)}\n{MARK},{MARK} Imported,{person.id},{MARK} Clerk\n"
        upload = self.env["base_import.import"].create(
            {
                "res_model": "res.partner",
                "file_type": "text/csv",
                "file_name": "contacts.csv",
                "file": rows.encode(),
            }
        )
        messages = upload.execute_import(columns, columns, IMPORT_OPTIONS)["messages"]
        self.assertFalse(messages)
        double = self.env["res.partner"].create(
            {"name": f"{MARK} Double", "email": self.EMAIL, "ref": f"{MARK}"}
        )
        double.message_post(body=f"{MARK} was said of the double")
        self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [fields.Command.set((person | double).ids)],
                "dst_partner_id": person.id,
            }
        ).action_merge()
        self.assertFalse(double.exists())

    def _trace_cases(self, person):
        Lead = self.env["crm.lead"]
        self.case = Lead.create(
            {
                "name": f"{MARK} wants a kettle",
                "type": "opportunity",
                "partner_id": person.id,
                "user_id": self.anna.id,
                "description": f"<p>{MARK} is in a hurry</p>",
                "referred": f"{MARK}",
            }
        )
        other = Lead.create(
            {"name": f"{MARK} again", "type": "opportunity", "partner_id": person.id}
        )
        (self.case | other).merge_opportunity()
        lead = Lead.create(
            {
                "name": f"{MARK} lead",
                "type": "lead",
                "contact_name": self.NAME,
                "email_from": self.EMAIL,
                "phone": self.PHONE,
                "city": f"{MARK} City",
            }
        )
        lead.convert_opportunity(person)
        self.unlinked_lead = Lead.create(
            {"name": f"{MARK} on the fair", "type": "lead", "email_from": self.EMAIL}
        )
        self.activity = self.case.activity_schedule(
            "mail.mail_activity_data_call",
            summary=f"{MARK} call",
            note=f"<p>{MARK} note</p>",
            user_id=self.anna.id,
        )
        self.activity.action_feedback(feedback=f"{MARK} answered")
        self.case.activity_schedule(
            "mail.mail_activity_data_call", summary=f"{MARK} later", user_id=self.anna.id
        )
        self.foreign_case = Lead.create(
            {
                "name": f"Kindler asks about {self.NAME}",
                "type": "opportunity",
                "partner_id": self.customer_bert.id,
                "description": f"<p>Write to {self.EMAIL} or call {self.PHONE.replace(' ', '')}.</p>",
            }
        )

    def _trace_mails(self, person):
        self._trace_failed_mail(person)
        person._message_sms(f"{MARK} by SMS")
        self.env["mail.thread"].with_context(mail_channel_nosubscribe=True).message_process(
            "crm.lead",
            MAIL.format(email=self.EMAIL, name=self.NAME, phone=self.PHONE, marker=MARK),
        )
        self.env["mail.mail"].create(
            {
                "subject": f"{MARK} offer",
                "body_html": f"<p>Dear {self.NAME}</p>",
                "email_to": self.EMAIL,
                "recipient_ids": [fields.Command.link(person.id)],
                "state": "exception",
                "failure_reason": f"{self.EMAIL} refused",
                "model": "res.partner",
                "res_id": person.id,
            }
        )
        self.env["mail.mail"].create(
            {
                "subject": "To somebody typed by hand",
                "body_html": f"<p>{self.NAME}, {self.PHONE}</p>",
                "email_to": f'"{self.NAME}" <{self.EMAIL}>',
                "headers": f"{{'X-To': '{self.EMAIL}'}}",
            }
        )
        self.env["mail.scheduled.message"].create(
            {
                "subject": f"{MARK} soon",
                "body": f"<p>{MARK}</p>",
                "model": "res.partner",
                "res_id": person.id,
                "author_id": self.anna.partner_id.id,
                "scheduled_date": "2030-01-01 00:00:00",
            }
        )
        self.env["sms.sms"].create(
            {"partner_id": person.id, "number": "+49307691834", "body": f"{MARK} sms"}
        )
        self.env["mail.blacklist"].create({"email": self.EMAIL})
        self.env["bus.bus"]._sendone("broadcast", "note", {"text": f"{self.NAME} wrote"})
        self.env.cr.precommit.run()

    def _trace_failed_mail(self, person):
        smtp = LocalSmtpServer()
        self.addCleanup(smtp.close)
        server = self.env["ir.mail_server"].create(
            {
                "name": "Refuses",
                "smtp_host": "127.0.0.1",
                "smtp_port": smtp.port,
                "smtp_encryption": "none",
            }
        )
        MailServer = self.env.registry["ir.mail_server"]
        with (
            patch.object(MailServer, "_disable_send", classmethod(lambda cls: False)),
            mute_logger(
                "odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server"
            ),
        ):
            message = self.case.message_post(
                subject=f"{MARK} your kettle",
                body=f"{MARK} is ready",
                partner_ids=person.ids,
                mail_server_id=server.id,
                subtype_xmlid="mail.mt_comment",
            )
        self.assertTrue(smtp.refused)
        failed = self.env["mail.mail"].search(
            [("mail_message_id", "=", message.id), ("recipient_ids", "in", person.ids)]
        )
        self.assertEqual(failed.state, "exception")
        self.assertIn(self.EMAIL, failed.failure_reason)

    def _trace_calendar(self, person):
        self.event = self.env["calendar.event"].create(
            {
                "name": f"{MARK} visit",
                "description": f"<p>{MARK} at home</p>",
                "location": f"{MARK} Street 12345",
                "start": "2026-11-30 10:00:00",
                "stop": "2026-11-30 11:00:00",
                "partner_ids": [fields.Command.set([person.id, self.anna.partner_id.id])],
            }
        )
        self.fair = self.env["calendar.event"].create(
            {
                "name": "Fair",
                "description": f"<p>With {self.NAME} and others</p>",
                "start": "2026-12-30 10:00:00",
                "stop": "2026-12-30 11:00:00",
                "partner_ids": [fields.Command.set([person.id, self.customer_bert.id])],
            }
        )

    def _trace_crm(self, person):
        self.note = self.env["customer.note"].create(
            {"customer_id": person.id, "body": f"{MARK} has a dog"}
        )
        self.env["customer.note"].create(
            {"customer_id": self.customer_bert.id, "body": f"Neighbour of {self.NAME}"}
        )
        self.env["customer.reminder"].with_user(self.anna).create(
            {"name": f"{MARK} birthday", "customer_id": person.id, "date": "2027-01-01"}
        )
        self.env["customer.anniversary"].create(
            {"partner_id": person.id, "name": f"{MARK} wedding", "date": "2001-06-01"}
        )
        self.env["third.party.contract"].create(
            {
                "customer_id": person.id,
                "third_party_id": self.customer_stranger.id,
                "name": f"{MARK}-77",
                "note": f"{MARK} pays late",
                "date_start": "2026-01-01",
                "date_end": "2036-01-01",
                "item_ids": [
                    fields.Command.create(
                        {
                            "name": f"{MARK} machine",
                            "usage_ids": [
                                fields.Command.create(
                                    {"kind": f"{MARK} pages", "volume": 3, "period": "month"}
                                )
                            ],
                        }
                    )
                ],
            }
        )
        person.sudo(False).with_user(self.accounts).action_hold(f"{MARK} does not pay")
        person.sudo(False).with_user(self.accounts).action_unhold()
        kind = self.env["sales.recommendation.kind"].search([], limit=1)
        self.env["sales.recommendation"].create(
            {
                "kind_id": kind.id,
                "res_model": "res.partner",
                "res_id": person.id,
                "period_key": f"{MARK}",
                "customer_id": person.id,
                "due_date": "2027-01-01",
                "details": {"who": f"{MARK}"},
                "dismiss_reason": f"{MARK}",
            }
        )
        self.env["res.partner.bank"].create(
            {"partner_id": person.id, "acc_number": f"{MARK}123456", "acc_holder_name": self.NAME}
        )
        self.child = self.env["res.partner"].create(
            {
                "name": f"{MARK} Junior",
                "parent_id": person.id,
                "email": "junior@zyxwora.example",
                "street": f"{MARK} Avenue",
            }
        )

    def _trace_system(self, person):
        portal = self.env["res.users"].create(
            {
                "login": self.EMAIL,
                "partner_id": person.id,
                "group_ids": [fields.Command.set(self.env.ref("base.group_portal").ids)],
                "signature": f"<p>{MARK}</p>",
            }
        )
        self.portal_user = portal
        self.env["res.users.apikeys"].with_user(portal).sudo()._generate("rpc", f"{MARK}", None)
        self.case.with_user(portal).sudo().message_post(body=f"{MARK} from the portal")
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": f"partner_{MARK}",
                "model": "res.partner",
                "res_id": person.id,
            }
        )
        self.env["base_import.import"].create(
            {
                "res_model": "res.partner",
                "file": f"name\n{self.NAME}\n".encode(),
                "file_name": "x.csv",
            }
        )
        self.env["ir.filters"].create(
            {
                "name": f"Cases of {self.NAME}",
                "model_id": "crm.lead",
                "domain": f"[('email_from', '=', '{self.EMAIL}')]",
                "sort": "[]",
            }
        )
        self.env["mail.compose.message"].create(
            {"subject": f"To {self.NAME}", "body": f"{MARK}", "partner_ids": person.ids}
        )
        self.env["ir.logging"].create(
            {
                "name": "x",
                "type": "server",
                "path": "x",
                "line": "1",
                "func": "x",
                "message": f"{self.NAME} failed",
            }
        )

    def _make_quote(self, person, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": person.id,
                "client_order_ref": f"{MARK} order",
                "note": f"<p>{MARK} note</p>",
                "user_id": self.anna.id,
                "order_line": [
                    fields.Command.create(
                        {"product_id": self.product.id, "name": f"Kettle for {MARK}"}
                    )
                ],
                **values,
            }
        )

    def _make_invoice(self, person, post=True, **values):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": person.id,
                "invoice_date": "2026-11-20",
                "ref": f"{MARK} ref",
                "narration": f"<p>{MARK} terms</p>",
                "invoice_line_ids": [
                    fields.Command.create(
                        {
                            "product_id": self.product.id,
                            "name": f"Kettle of {MARK}",
                            "price_unit": 50,
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            invoice.action_post()
        return invoice
