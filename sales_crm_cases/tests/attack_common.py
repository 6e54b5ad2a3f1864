import base64
import json

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import PIXEL
from .recommendation_common import RecommendationCommon

TOKEN = "zqxvsecret"
PHONE = "+4930777555123"
IBAN = "BE71096123456769"
# what must never come back, in any letter case
SECRETS = (TOKEN, "777555123", "7771234567", IBAN.lower())
# refusals are what these tests are made of
SILENT = (
    "odoo.sql_db",
    "odoo.models",
    "odoo.http",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_attachment",
    "odoo.addons.base.models.ir_actions_report",
    "odoo.addons.base.models.ir_qweb",
    "odoo.addons.mail.models.mail_thread",
    "odoo.addons.web.controllers.export",
    "odoo.addons.rpc.controllers.json2",
)


class AttackCommon(RecommendationCommon):
    """``bert`` has a customer of which every field and document carries a secret; ``anna`` had
    to do with it, is not linked any more, and asks for it on every channel.

    She has what every colleague has besides "Own Documents Only": contact creation and export.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna.group_ids |= cls.env.ref("base.group_partner_manager") | cls.env.ref(
            "base.group_allow_export"
        )
        cls.secret = cls._make_customer(
            f"{TOKEN} Metals",
            cls.bert,
            email=f"info@{TOKEN}.example",
            phone=PHONE,
            vat="BE0477472701",
            street=f"{TOKEN} street 1",
            city=f"{TOKEN} city",
            website=f"https://{TOKEN}.example",
            comment=f"<p>{TOKEN} comment</p>",
            ref=f"{TOKEN}-1",
            function=f"{TOKEN} function",
            company_registry="7771234567",
            image_1920=PIXEL,
            barcode=f"{TOKEN}-bar",
        )
        cls.contact, cls.delivery = cls.env["res.partner"].create(
            [
                {
                    "name": f"Eve {TOKEN}",
                    "parent_id": cls.secret.id,
                    "email": f"eve@{TOKEN}.example",
                    "phone": PHONE,
                    "image_1920": PIXEL,
                    "receives_sales_calls": True,
                    "birthday": "1980-02-03",
                    "anniversary_ids": [
                        Command.create({"name": f"{TOKEN} day", "date": "2001-01-01"})
                    ],
                },
                {
                    "name": f"Dock {TOKEN}",
                    "parent_id": cls.secret.id,
                    "type": "delivery",
                    "street": f"{TOKEN} dock",
                },
            ]
        )
        cls.portal_user = cls.env["res.users"].create(
            {
                "name": f"Porter {TOKEN}",
                "login": f"porter@{TOKEN}.example",
                "email": f"porter@{TOKEN}.example",
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )
        cls.portal_user.partner_id.parent_id = cls.secret
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": IBAN, "partner_id": cls.secret.id}
        )
        cls.product = cls.env["product.product"].create({"name": "Chair", "list_price": 777.5})
        cls._make_documents()
        cls._make_traces()
        cls._make_recommendations()
        cls.mine = cls.customer_anna
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _make_documents(cls):
        Lead, Order = cls.env["crm.lead"], cls.env["sale.order"]
        cls.case, cls.case_of_anna = Lead.create(
            [
                {
                    "name": f"{TOKEN} case",
                    "type": "opportunity",
                    "partner_id": partner.id,
                    "user_id": user.id,
                    "description": f"<p>{TOKEN} inside</p>",
                    "email_from": f"case@{TOKEN}.example",
                    "phone": PHONE,
                    "expected_revenue": 77712,
                    "contact_name": f"Con {TOKEN}",
                    "partner_name": f"Part {TOKEN}",
                }
                for partner, user in ((cls.secret, cls.bert), (cls.contact, cls.anna))
            ]
        )
        cls.order, cls.order_of_anna = Order.create(
            [
                {
                    "partner_id": cls.secret.id,
                    "user_id": user.id,
                    "note": f"<p>{TOKEN} note</p>",
                    "client_order_ref": f"{TOKEN} ref",
                    "opportunity_id": cls.case.id,
                    "partner_shipping_id": cls.delivery.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "name": f"{TOKEN} line",
                                "product_uom_qty": 3,
                            }
                        )
                    ],
                }
                for user in (cls.bert, cls.anna)
            ]
        )
        cls.order.action_confirm()
        cls.invoice = cls.env["account.move"].browse()
        if cls.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", cls.env.company.id)], limit=1
        ):
            cls.invoice = cls.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.secret.id,
                    "invoice_user_id": cls.anna.id,
                    "ref": f"{TOKEN} invoice",
                    "narration": f"<p>{TOKEN}</p>",
                    "invoice_date": "2026-01-05",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "name": f"{TOKEN} item",
                                "price_unit": 77.5,
                            }
                        )
                    ],
                }
            )
            cls.invoice.action_post()

    @classmethod
    def _make_traces(cls):
        """What is left behind of the time when anna was linked."""
        documents = [cls.secret, cls.contact, cls.case, cls.order, *cls.invoice]
        activity_type = cls.env.ref("mail.mail_activity_data_todo")
        cls.messages, cls.attachments = cls.env["mail.message"], cls.env["ir.attachment"]
        cls.activities = cls.env["mail.activity"]
        for document in documents:
            document.message_subscribe(cls.anna.partner_id.ids)
            document.message_subscribe(cls.contact.ids)
            for author in (cls.anna, cls.bert):
                cls.messages |= (
                    document.with_user(author)
                    .sudo()
                    .message_post(
                        body=f"{TOKEN} body",
                        subject=f"{TOKEN} subject",
                        message_type="comment",
                        subtype_xmlid="mail.mt_comment",
                        partner_ids=(cls.anna.partner_id + cls.contact).ids,
                    )
                )
                cls.activities |= (
                    document.with_user(author)
                    .sudo()
                    .activity_schedule(
                        activity_type_id=activity_type.id,
                        summary=f"{TOKEN} call",
                        note=f"{TOKEN} note",
                        user_id=cls.anna.id,
                    )
                )
                cls.attachments |= (
                    cls.env["ir.attachment"]
                    .with_user(author)
                    .sudo()
                    .create(
                        {
                            "name": f"{TOKEN}.txt",
                            "raw": TOKEN.encode(),
                            "mimetype": "text/plain",
                            "res_model": document._name,
                            "res_id": document.id,
                            "description": TOKEN,
                        }
                    )
                )
        cls.notes = (
            cls.env["customer.note"]
            .with_user(cls.bert)
            .sudo()
            .create(
                [
                    {"customer_id": cls.secret.id, "body": f"{TOKEN} note"},
                    {"case_id": cls.case.id, "body": f"{TOKEN} note on the case"},
                ]
            )
        )
        cls.contract = cls.env["third.party.contract"].create(
            {
                "customer_id": cls.secret.id,
                "third_party_id": cls.env["res.partner"].create({"name": "Leasing House"}).id,
                "name": f"{TOKEN} contract",
                "date_start": "2026-01-01",
                "term_months": 12,
                "note": f"{TOKEN} note",
                "item_ids": [
                    Command.create(
                        {
                            "name": f"{TOKEN} item",
                            "usage_ids": [Command.create({"kind": f"{TOKEN} usage", "volume": 3})],
                        }
                    )
                ],
            }
        )
        cls.reminders = cls.env["customer.reminder"].create(
            [
                {
                    "owner_id": user.id,
                    "name": f"{TOKEN} reminder",
                    "contact_id": cls.contact.id,
                    "date": "2001-02-03",
                    "repeat_yearly": yearly,
                }
                for user in (cls.bert, cls.anna)
                for yearly in (False, True)
            ]
        )
        cls.event = (
            cls.env["calendar.event"]
            .with_user(cls.bert)
            .sudo()
            .create(
                {
                    "name": f"{TOKEN} meeting",
                    "start": "2026-03-01 10:00:00",
                    "stop": "2026-03-01 11:00:00",
                    "location": f"{TOKEN} place",
                    "description": f"<p>{TOKEN}</p>",
                    "opportunity_id": cls.case.id,
                    "partner_ids": [Command.set((cls.contact + cls.bert.partner_id).ids)],
                }
            )
        )

    @classmethod
    def _make_recommendations(cls):
        """One of every kind, and what anna decided while she was linked, her own birthdays
        included. Bert was told of them this morning."""
        cls.secret.salesman_ids = [Command.link(cls.employees[cls.anna].id)]
        cls._make_due(cls.secret)
        contracts = [
            cls._make_contract(days, customer_id=cls.secret.id, name=f"{TOKEN} contract {days}")
            for days in (10, 11, 12, 13)
        ]
        cls._make_contract(
            10, customer_id=cls.secret.id, name=TOKEN, is_own=True, third_party_id=False
        )
        cls._make_quote(partner_id=cls.secret.id, user_id=cls.anna.id, name=f"{TOKEN} quote")
        birthday = cls._day(1).replace(year=2000)
        cls._make_contact(customer=cls.secret, name=f"Ida {TOKEN}", birthday=birthday)
        cls.contact.anniversary_ids.date = birthday
        cls._run()
        followed, dismissed, snoozed, _open = (
            cls._find("third_party_contract", contract).with_user(cls.anna)
            for contract in contracts
        )
        activity_id = followed.action_follow_up()["res_id"]
        cls.activities |= cls.activities.browse(activity_id)
        dismissed.action_dismiss(f"{TOKEN} reason")
        snoozed.action_snooze(cls._day(5))
        cls._find("birthday", employee_id=cls.employees[cls.anna].id)[:1].with_user(
            cls.anna
        ).action_dismiss(f"{TOKEN} card")
        cls.secret.salesman_ids = [Command.unlink(cls.employees[cls.anna].id)]
        cls._run()
        cls.recommendations = cls.Recommendation.search([("customer_id", "=", cls.secret.id)])
        cls.bert.tz = "UTC"
        with freeze_time(f"{cls._day(0)} 10:00:00"):
            cls.env["sales.recommendation.digest"]._cron_send()

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(*SILENT))
        # what bert sent to the customer, and what anna sent to it before she lost it
        self.batches = self.env["crm.sms.batch"].create(
            [
                {
                    "user_id": user.id,
                    "company_id": self.env.company.id,
                    "body": body,
                    "line_ids": [
                        Command.create(
                            {
                                "customer_id": self.secret.id,
                                "state": "error",
                                "failure_type": "unknown",
                                "failure_reason": f"{TOKEN} {PHONE}",
                            }
                        )
                    ],
                }
                for user, body in ((self.bert, f"{TOKEN} sale"), (self.anna, "Open day"))
            ]
        )
        self.foreign_ids = {
            "res.partner": set(
                (self.secret + self.contact + self.delivery + self.portal_user.partner_id).ids
            ),
            "res.users": set(self.portal_user.ids),
            "crm.lead": set((self.case + self.case_of_anna).ids),
            "sale.order": set((self.order + self.order_of_anna).ids),
            "sale.order.line": set((self.order + self.order_of_anna).order_line.ids),
            "account.move": set(self.invoice.ids),
            "account.move.line": set(self.invoice.line_ids.ids),
            "res.partner.bank": set(self.bank.ids),
            "mail.message": set(self.messages.ids),
            "mail.activity": set(self.activities.ids),
            "ir.attachment": set(self.attachments.ids),
            "customer.note": set(self.notes.ids),
            "customer.reminder": set(self.reminders.ids),
            "third.party.contract": set(self.contract.ids),
            "third.party.contract.item": set(self.contract.item_ids.ids),
            "third.party.contract.usage": set(self.contract.item_ids.usage_ids.ids),
            "customer.salesman": set(self.secret.salesman_link_ids.ids),
            "sales.recommendation": set(self.recommendations.ids),
            "crm.sms.batch": set(self.batches[0].ids),
            # that a line is of her own batch is no news; what it says is a secret
            "crm.sms.batch.line": set(self.batches[0].line_ids.ids),
        }

    def assertNoSecret(self, result, channel=""):
        text = json.dumps(result, default=self._to_text, ensure_ascii=False).lower()
        for secret in SECRETS:
            position = text.find(secret)
            if position >= 0:
                self.fail(
                    f"{channel} tells {secret}: …{text[max(0, position - 150) : position + 60]}…"
                )

    @staticmethod
    def _to_text(value):
        if isinstance(value, (bytes, bytearray)):
            try:
                return base64.b64decode(value, validate=True).decode(
                    "utf-8", "replace"
                ) + value.decode("latin-1")
            except ValueError:
                return value.decode("latin-1")
        return str(value)

    def _try(self, method, *arguments, **keywords):
        """The result of a call, or the message with which it was refused."""
        try:
            with self.cr.savepoint() as savepoint:
                result = method(*arguments, **keywords)
                if isinstance(result, type(self.env["res.partner"]).__mro__[-2]):
                    result = result.ids
                json.dumps(result, default=self._to_text)
                savepoint.rollback()
                return result
        except Exception as error:  # noqa: BLE001 whatever it is, it must not tell anything
            return f"{type(error).__name__}: {error}"
        finally:
            self.env.invalidate_all()

    def _as_anna(self, model_name, ids=()):
        ids = ids.ids if hasattr(ids, "ids") else ids
        return self.env[model_name].with_user(self.anna).with_context(active_test=False).browse(ids)

    def _attack(self, model_name, ids, method, *arguments, **keywords):
        """Call a method as anna, as RPC would, and look for secrets in what comes back."""
        records = self._as_anna(model_name, ids)
        result = self._try(getattr(records, method), *arguments, **keywords)
        self.assertNoSecret(result, f"{model_name}.{method}")
        return result
