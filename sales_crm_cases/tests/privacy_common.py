import os

from odoo import fields
from odoo.tools import SQL

from .common import SalesCrmCommon

# a PNG of one pixel
PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
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


class PrivacyCommon(SalesCrmCommon):
    """One person with traces everywhere, every text of hers with a marker, and an officer."""

    NAME = f"{MARKER}na Quillfeather"
    EMAIL = "zyxworana@zyxwora.example"
    PHONE = "+49 30 7691834"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
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
            street=f"{MARKER} Street 12345",
            street2=f"{MARKER} Yard",
            city=f"{MARKER} City",
            zip="Zyxwora1",
            function=f"{MARKER} Officer",
            website=f"https://{MARKER}.example",
            comment=f"<p>{MARKER} comment</p>",
            birthday="1980-02-29",
            image_1920=PIXEL,
            vat="BE0412345614",
            **values,
        )

    def _anonymize(self, partners, user=None):
        return (
            self.env["privacy.request"].with_user(user or self.officer).anonymize(partners.ids)
        ).sudo()

    def _find_marker(self, *markers):
        """:return: dict ``{"table.column": ids}`` of all text, JSON and binary columns that hold
        one of the markers, whatever the case"""
        self.env.flush_all()
        found = {}
        self.env.cr.execute(
            """
            SELECT c.table_name, c.column_name, c.udt_name
              FROM information_schema.columns c
              JOIN information_schema.tables t USING (table_schema, table_name)
             WHERE c.table_schema = current_schema AND t.table_type = 'BASE TABLE'
               AND c.udt_name IN ('text', 'varchar', 'json', 'jsonb', 'bytea', 'bpchar')
            """
        )
        for table, column, udt in self.env.cr.fetchall():
            text = (
                SQL("encode(%s, 'escape')", SQL.identifier(column))
                if udt == "bytea"
                else SQL("%s::text", SQL.identifier(column))
            )
            self.env.cr.execute(
                SQL(
                    "SELECT * FROM %s WHERE %s ILIKE ANY(%s)",
                    SQL.identifier(table),
                    text,
                    [f"%{marker}%" for marker in markers],
                )
            )
            names = [description.name for description in self.env.cr.description]
            rows = self.env.cr.fetchall()
            if rows:
                found[f"{table}.{column}"] = (
                    {row[names.index("id")] for row in rows} if "id" in names else len(rows)
                )
        return found

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
        self._trace_cases(person)
        self._trace_mails(person)
        self._trace_calendar(person)
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
            body=f"{MARKER} said so",
            subject=f"{MARKER} subject",
            message_type="comment",
            attachments=[(f"{MARKER}.txt", f"{MARKER} in a file".encode())],
        )
        person._message_update_content(message, body=f"{MARKER} said otherwise")
        person.message_subscribe(person.ids)
        self.env["ir.attachment"].create(
            [
                {
                    "name": f"{MARKER}.pdf",
                    "description": f"{MARKER} described",
                    "raw": f"%PDF-1.4 {MARKER}".encode(),
                    "index_content": f"{MARKER} indexed",
                    "res_model": "res.partner",
                    "res_id": person.id,
                }
            ]
        )

    def _trace_cases(self, person):
        Lead = self.env["crm.lead"]
        self.case = Lead.create(
            {
                "name": f"{MARKER} wants a kettle",
                "type": "opportunity",
                "partner_id": person.id,
                "user_id": self.anna.id,
                "description": f"<p>{MARKER} is in a hurry</p>",
                "referred": MARKER,
            }
        )
        other = Lead.create(
            {"name": f"{MARKER} again", "type": "opportunity", "partner_id": person.id}
        )
        (self.case | other).merge_opportunity()
        lead = Lead.create(
            {
                "name": f"{MARKER} lead",
                "type": "lead",
                "contact_name": self.NAME,
                "email_from": self.EMAIL,
                "phone": self.PHONE,
                "city": f"{MARKER} City",
            }
        )
        lead.convert_opportunity(person)
        self.unlinked_lead = Lead.create(
            {"name": f"{MARKER} on the fair", "type": "lead", "email_from": self.EMAIL}
        )
        self.activity = self.case.activity_schedule(
            "mail.mail_activity_data_call",
            summary=f"{MARKER} call",
            note=f"<p>{MARKER} note</p>",
            user_id=self.anna.id,
        )
        self.activity.action_feedback(feedback=f"{MARKER} answered")
        self.case.activity_schedule(
            "mail.mail_activity_data_call", summary=f"{MARKER} later", user_id=self.anna.id
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
        self.env["mail.thread"].with_context(mail_channel_nosubscribe=True).message_process(
            "crm.lead",
            MAIL.format(email=self.EMAIL, name=self.NAME, phone=self.PHONE, marker=MARKER),
        )
        self.env["mail.mail"].create(
            {
                "subject": f"{MARKER} offer",
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
                "subject": f"{MARKER} soon",
                "body": f"<p>{MARKER}</p>",
                "model": "res.partner",
                "res_id": person.id,
                "author_id": self.anna.partner_id.id,
                "scheduled_date": "2030-01-01 00:00:00",
            }
        )
        self.env["sms.sms"].create(
            {"partner_id": person.id, "number": "+49307691834", "body": f"{MARKER} sms"}
        )
        self.env["mail.blacklist"].create({"email": self.EMAIL})
        self.env["bus.bus"]._sendone("broadcast", "note", {"text": f"{self.NAME} wrote"})
        self.env.cr.precommit.run()

    def _trace_calendar(self, person):
        self.event = self.env["calendar.event"].create(
            {
                "name": f"{MARKER} visit",
                "description": f"<p>{MARKER} at home</p>",
                "location": f"{MARKER} Street 12345",
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
            {"customer_id": person.id, "body": f"{MARKER} has a dog"}
        )
        self.env["customer.note"].create(
            {"customer_id": self.customer_bert.id, "body": f"Neighbour of {self.NAME}"}
        )
        self.env["customer.reminder"].with_user(self.anna).create(
            {"name": f"{MARKER} birthday", "customer_id": person.id, "date": "2027-01-01"}
        )
        self.env["customer.anniversary"].create(
            {"partner_id": person.id, "name": f"{MARKER} wedding", "date": "2001-06-01"}
        )
        self.env["third.party.contract"].create(
            {
                "customer_id": person.id,
                "third_party_id": self.customer_stranger.id,
                "name": f"{MARKER}-77",
                "note": f"{MARKER} pays late",
                "date_start": "2026-01-01",
                "date_end": "2036-01-01",
                "item_ids": [
                    fields.Command.create(
                        {
                            "name": f"{MARKER} machine",
                            "usage_ids": [
                                fields.Command.create(
                                    {"kind": f"{MARKER} pages", "volume": 3, "period": "month"}
                                )
                            ],
                        }
                    )
                ],
            }
        )
        person.sudo(False).with_user(self.accounts).action_hold(f"{MARKER} does not pay")
        person.sudo(False).with_user(self.accounts).action_unhold()
        kind = self.env["sales.recommendation.kind"].search([], limit=1)
        self.env["sales.recommendation"].create(
            {
                "kind_id": kind.id,
                "res_model": "res.partner",
                "res_id": person.id,
                "period_key": MARKER,
                "customer_id": person.id,
                "due_date": "2027-01-01",
                "details": {"who": MARKER},
                "dismiss_reason": MARKER,
            }
        )
        self.env["res.partner.bank"].create(
            {"partner_id": person.id, "acc_number": f"{MARKER}123456", "acc_holder_name": self.NAME}
        )
        self.child = self.env["res.partner"].create(
            {
                "name": f"{MARKER} Junior",
                "parent_id": person.id,
                "email": "junior@zyxwora.example",
                "street": f"{MARKER} Avenue",
            }
        )

    def _trace_system(self, person):
        portal = self.env["res.users"].create(
            {
                "login": self.EMAIL,
                "partner_id": person.id,
                "group_ids": [fields.Command.set(self.env.ref("base.group_portal").ids)],
                "signature": f"<p>{MARKER}</p>",
            }
        )
        self.portal_user = portal
        self.env["res.users.apikeys"].with_user(portal).sudo()._generate("rpc", MARKER, None)
        self.case.with_user(portal).sudo().message_post(body=f"{MARKER} from the portal")
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": f"partner_{MARKER}",
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
            {"subject": f"To {self.NAME}", "body": MARKER, "partner_ids": person.ids}
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
                "client_order_ref": f"{MARKER} order",
                "note": f"<p>{MARKER} note</p>",
                "user_id": self.anna.id,
                "order_line": [
                    fields.Command.create(
                        {"product_id": self.product.id, "name": f"Kettle for {MARKER}"}
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
                "ref": f"{MARKER} ref",
                "narration": f"<p>{MARKER} terms</p>",
                "invoice_line_ids": [
                    fields.Command.create(
                        {
                            "product_id": self.product.id,
                            "name": f"Kettle of {MARKER}",
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
