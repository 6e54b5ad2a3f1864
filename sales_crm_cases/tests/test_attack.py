import json

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .attack_common import PHONE, TOKEN, AttackCommon


@tagged("post_install", "-at_install")
class TestAttack(AttackCommon):
    """One test per channel; what is found by reading and searching every model is in
    test_attack_everywhere.py."""

    # ------------------------------------------------------------------
    # Reading by id
    # ------------------------------------------------------------------

    def test_reading_by_id_is_refused_without_a_name(self):
        self.anna.group_ids |= self.env.ref("base.group_no_one")
        for records in (
            self.secret,
            self.contact,
            self.case_of_anna,
            self.order_of_anna,
            self.order.order_line,
            self.invoice,
            self.invoice.line_ids,
            self.bank,
            self.activities,
            self.messages,
            self.attachments,
            self.portal_user,
            self.secret.salesman_link_ids,
            self.contact.anniversary_ids,
            self.reminders,
            self.recommendations,
        ):
            for record in records:
                for method, arguments in (
                    ("read", ([],)),
                    ("web_read", ({"display_name": {}},)),
                    ("export_data", (["id", "display_name"],)),
                    ("write", ({},)),
                    ("unlink", ()),
                    ("copy", ()),
                    ("get_metadata", ()),
                    ("name_search", ()),
                ):
                    if hasattr(record, method):
                        result = self._attack(record._name, record, method, *arguments)
                        if method in ("read", "web_read", "export_data", "copy"):
                            self.assertIsInstance(result, str, f"{record._name}.{method} answers")

    def test_deep_reading_through_own_records(self):
        deep = {"fields": {"display_name": {}, "email": {}}}
        specification = {
            "display_name": {},
            "child_ids": deep,
            "parent_id": deep,
            "commercial_partner_id": deep,
            "same_vat_partner_id": deep,
            "duplicate_ids": deep,
            "duplicate_hidden_count": {},
            "message_partner_ids": deep,
            "sale_order_count": {},
            "opportunity_count": {},
            "meeting_ids": {},
            "user_ids": deep,
        }
        self.mine.write(
            {"vat": self.secret.vat, "name": self.secret.name, "phone": self.secret.phone}
        )
        self.env.invalidate_all()
        [values] = self._as_anna("res.partner", self.mine).web_read(specification)
        self.assertNotIn(self.secret.id, [row["id"] for row in values["duplicate_ids"]])
        self.assertFalse(values["same_vat_partner_id"])
        self.assertTrue(values["duplicate_hidden_count"])
        self.assertFalse(values["meeting_ids"])

    # ------------------------------------------------------------------
    # Pointing to what one does not see
    # ------------------------------------------------------------------

    def _make_own_records(self):
        case = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create({"name": "Mine", "type": "opportunity", "partner_id": self.mine.id})
        )
        order = self.env["sale.order"].with_user(self.anna).create({"partner_id": self.mine.id})
        event = (
            self.env["calendar.event"]
            .with_user(self.anna)
            .create({"name": "Mine", "start": "2026-05-01 10:00:00", "stop": "2026-05-01 11:00:00"})
        )
        return self.mine.with_user(self.anna), case, order, event

    def test_no_field_of_own_records_takes_a_foreign_record(self):
        for record in self._make_own_records():
            for name, field in record._fields.items():
                if (
                    not field.relational
                    or field.readonly
                    or field.comodel_name not in self.foreign_ids
                ):
                    continue
                if not self.foreign_ids[field.comodel_name] or not record._has_field_access(
                    field, "write"
                ):
                    continue
                foreign_id = min(self.foreign_ids[field.comodel_name])
                if field.type == "many2one":
                    values = [foreign_id]
                else:
                    values = [
                        [Command.link(foreign_id)],
                        [Command.set([foreign_id])],
                        [Command.update(foreign_id, {"name": "x"})],
                    ]
                for value in values:
                    with self.subTest(model=record._name, field=name, value=value):
                        self._refuses_or_hides(record, name, value)

    def _refuses_or_hides(self, record, name, value):
        with self.cr.savepoint() as savepoint:
            try:
                record.write({name: value})
                self.env.flush_all()
                self.env.invalidate_all()
                specification = {name: {"fields": {"display_name": {}}}, "display_name": {}}
                result = record.web_read(specification)
            except Exception as error:  # noqa: BLE001 whatever refuses it must not tell anything
                result = str(error)
            self.assertNoSecret(result, f"{record._name}.{name}")
            savepoint.rollback()
        self.env.invalidate_all()

    def test_no_form_computes_from_a_foreign_record(self):
        for model_name, names in {
            "crm.lead": ("partner_id",),
            "sale.order": (
                "partner_id",
                "partner_invoice_id",
                "partner_shipping_id",
                "opportunity_id",
            ),
            "res.partner": (
                "parent_id",
                "commercial_partner_id",
                "call_contact_id",
                "main_contact_id",
            ),
            "calendar.event": ("partner_ids", "opportunity_id"),
            "calendar.attendee": ("partner_id",),
            "mail.activity": ("customer_id", "case_id"),
            "third.party.contract": ("customer_id", "third_party_id"),
            "customer.reminder": ("customer_id", "contact_id"),
            "crm.entry.wizard": ("customer_id", "contact_id", "case_id"),
            "crm.case.close.wizard": ("case_id",),
            "account.move": ("partner_id", "partner_shipping_id"),
            "mail.compose.message": ("partner_ids",),
            "sms.composer": ("recipient_single_number_itf",),
            "crm.lead2opportunity.partner": ("partner_id", "lead_id", "duplicated_lead_ids"),
            "customer.visibility.wizard": ("partner_id",),
            "customer.salesman.wizard": ("customer_id",),
            "sales.recommendation.wizard": ("recommendation_ids",),
            "customer.approval.wizard": ("partner_ids",),
            "sale.advance.payment.inv": ("sale_order_ids",),
            "mail.activity.schedule": ("res_ids",),
        }.items():
            model = self._as_anna(model_name)
            specification = {
                name: {"fields": {"display_name": {}}} if field.relational else {}
                for name, field in model._fields.items()
                if field.type not in ("properties", "binary", "properties_definition")
                and model._has_field_access(field, "read")
            }
            for name in names:
                field = model._fields.get(name)
                if field is None or not field.relational:
                    continue
                foreign_id = min(self.foreign_ids[field.comodel_name])
                is_single = field.type == "many2one"
                # programs send ids also as text and numbers, forms records that they hold
                for id_ in (foreign_id, str(foreign_id), float(foreign_id), {"id": foreign_id}):
                    value = id_ if is_single else [Command.set([id_])]
                    if isinstance(id_, dict) and not is_single:
                        value = [id_]
                    for values, changed, context in (
                        ({name: value}, [name], {}),
                        ({}, [], {f"default_{name}": id_ if is_single else [id_]}),
                    ):
                        self._attack_form(
                            model.with_context(**context), values, changed, specification
                        )

    def _attack_form(self, model, values, changed, specification):
        asked = f"({values or model.env.context})"
        result = self._try(model.onchange, values, changed, specification)
        self.assertNoSecret(result, f"{model._name}.onchange{asked}")
        result = self._try(model.default_get, list(specification))
        self.assertNoSecret(result, f"{model._name}.default_get{asked}")
        result = self._try(model.web_save, values, specification)
        self.assertNoSecret(result, f"{model._name}.web_save{asked}")

    def test_active_records_of_wizards(self):
        """Wizards that work on ``active_ids`` get the ids of foreign records."""
        for model_name in sorted(self.env.registry):
            model = self._as_anna(model_name)
            if not model._transient or not model.has_access("create"):
                continue
            specification = {
                name: {"fields": {"display_name": {}}} if field.relational else {}
                for name, field in model._fields.items()
                if field.type not in ("properties", "properties_definition")
                and model._has_field_access(field, "read")
            }
            for records in (
                self.secret,
                self.case,
                self.order,
                self.invoice,
                self.recommendations,
            ):
                context = {
                    "active_model": records._name,
                    "active_id": records[:1].id,
                    "active_ids": records.ids,
                    "default_res_model": records._name,
                    "default_model": records._name,
                    "default_res_id": records[:1].id,
                    "default_res_ids": str(records.ids),
                    "default_composition_mode": "comment",
                }
                wizard = model.with_context(**context)
                self.assertNoSecret(
                    self._try(wizard.default_get, list(specification)), f"{model_name}.default_get"
                )
                self.assertNoSecret(
                    self._try(wizard.onchange, {}, [], specification), f"{model_name}.onchange"
                )
                self.assertNoSecret(
                    self._try(wizard.web_save, {}, specification), f"{model_name}.web_save"
                )

    def test_copying_and_creating_for_a_foreign_customer(self):
        _partner, case, order, _event = self._make_own_records()
        for record, values in (
            (case, {"partner_id": self.secret.id}),
            (order, {"partner_id": self.secret.id}),
            (order, {"partner_shipping_id": self.delivery.id}),
            (self.mine.with_user(self.anna), {"parent_id": self.secret.id}),
        ):
            with self.assertRaises(AccessError) as refusal, self.cr.savepoint():
                record.copy(values)
            self.assertNoSecret(str(refusal.exception))
            self.env.invalidate_all()

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def test_own_activities_messages_and_files_go_with_the_customer(self):
        for records in (self.activities, self.messages, self.attachments):
            self.assertFalse(self._as_anna(records._name).search([("id", "in", records.ids)]))
            for record in records:
                self.assertFalse(record.with_user(self.anna).has_access("read"), record)
                self.assertFalse(record.with_user(self.anna).has_access("write"), record)

    def test_they_come_back_with_the_link(self):
        self.secret.salesman_ids |= self.employees[self.anna]
        for records in (self.activities, self.messages):
            self.assertEqual(
                len(self._as_anna(records._name).search([("id", "in", records.ids)])), len(records)
            )

    def test_activities_change_their_customer_with_the_document(self):
        activity = self.activities.filtered(
            lambda a: a.res_model == "crm.lead" and a.res_id == self.case.id
        )[0]
        self.assertEqual(activity.customer_id, self.secret)
        self.case.partner_id = self.mine
        self.assertSees(self.anna, activity)
        self.assertEqual(activity.customer_id, self.mine)
        person = self.env["res.partner"].create({"name": "Person"})
        activity = person.activity_schedule("mail.mail_activity_data_todo", user_id=self.anna.id)
        self.assertFalse(activity.customer_id)
        self.assertSees(self.anna, activity)
        person.parent_id = self.secret
        self.assertSeesNot(self.anna, activity)
        self.assertEqual(activity.customer_id, self.secret)

    def test_administrators_and_accounts_see_everything(self):
        for user in (self.crm_admin, self.accounts):
            for record in (
                self.secret,
                self.contact,
                *self.activities.filtered(lambda a: a.res_model == "res.partner"),
            ):
                self.assertSees(user, record)
        for record in (self.case, self.order, *self.activities):
            self.assertSees(self.crm_admin, record)

    def test_systray_and_inbox(self):
        user = self.env["res.users"].with_user(self.anna)
        before = {group["model"] for group in user._get_activity_groups()}
        self.assertFalse(before & {"crm.lead", "sale.order", "account.move"})
        self.assertNoSecret(self._try(user._get_activity_groups))
        messages = self._as_anna("mail.message")._message_fetch([("needaction", "=", True)])[
            "messages"
        ]
        self.assertFalse(messages & self.messages)

    def test_messages_are_not_sent_to_who_does_not_see(self):
        self.secret.message_subscribe(self.anna.partner_id.ids)
        message = self.secret.message_post(
            body=TOKEN, subtype_xmlid="mail.mt_comment", partner_ids=self.anna.partner_id.ids
        )
        self.assertNotIn(self.anna.partner_id, message.notification_ids.res_partner_id)
        self.secret.salesman_ids |= self.employees[self.anna]
        message = self.secret.message_post(
            body=TOKEN, subtype_xmlid="mail.mt_comment", partner_ids=self.anna.partner_id.ids
        )
        self.assertIn(self.anna.partner_id, message.notification_ids.res_partner_id)

    def test_nor_to_a_manager_without_the_option(self):
        self._show_team(self.manager)
        self.secret.message_subscribe(self.manager.partner_id.ids)
        message = self.secret.message_post(body=TOKEN, subtype_xmlid="mail.mt_comment")
        self.assertIn(self.manager.partner_id, message.notification_ids.res_partner_id)
        self._show_team(self.manager, False)
        message = self.secret.message_post(body=TOKEN, subtype_xmlid="mail.mt_comment")
        self.assertNotIn(self.manager.partner_id, message.notification_ids.res_partner_id)

    def test_chatter_methods(self):
        for record in (self.secret, self.case, self.order):
            self._attack(record._name, record, "message_get_followers")
            for method, arguments, keywords in (
                ("message_post", (), {"body": "hello"}),
                ("message_subscribe", (self.anna.partner_id.ids,), {}),
                ("activity_schedule", (), {"act_type_xmlid": "mail.mail_activity_data_todo"}),
                ("message_track_link", (), {}),
            ):
                if hasattr(record, method):
                    result = self._attack(record._name, record, method, *arguments, **keywords)
                    # refused, or quietly nothing done
                    self.assertTrue(
                        not result or isinstance(result, str), f"{record._name}.{method} works"
                    )

    def test_forms_of_a_foreign_document(self):
        """An activity, a meeting, a file about it: their forms show what it is called."""
        documents = (self.secret, self.case, self.order, self.order.order_line, self.bank)
        for document in (*documents, self.portal_user):
            model_id = self.env["ir.model"]._get_id(document._name)
            for model_name in ("mail.activity", "calendar.event", "ir.attachment", "mail.message"):
                model = self._as_anna(model_name)
                fields = [
                    name
                    for name, field in model._fields.items()
                    if field.type not in ("properties", "binary")
                    and model._has_field_access(field, "read")
                ]
                specification = {
                    name: {"fields": {"display_name": {}}} if model._fields[name].relational else {}
                    for name in fields
                }
                for values in (
                    {"res_model": document._name, "res_id": document.id},
                    {"res_model_id": model_id, "res_id": str(document.id)},
                    {"res_model_id": {"id": model_id}, "res_id": document.id + 0.5},
                    {"model": document._name, "res_id": document.id},
                ):
                    known = {name: value for name, value in values.items() if name in model._fields}
                    self._attack_form(model, known, list(known), specification)
            composer = self._as_anna("mail.compose.message")
            values = {"model": document._name, "res_ids": str(document.ids), "body": "x"}
            self._attack_form(composer, values, [], {"subject": {}, "body": {}})
            self.assertNoSecret(self._try(document.with_user(self.anna).mapped, "display_name"))

    def test_files_are_not_searched_along_relations(self):
        """Odoo searches them as superuser and drops the hidden ones."""
        self.env["ir.attachment"].with_user(self.anna).create({"name": "Mine", "raw": b"mine"})
        files = self._as_anna("ir.attachment")
        to_customers = "user_ids.employee_ids.customer_link_ids.customer_id"
        for path in (
            "company_id.user_ids.login",
            f"company_id.{to_customers}.name",
            f"company_id.{to_customers}.child_ids.email",
            "create_uid.company_id.user_ids.partner_id.commercial_partner_id.name",
        ):
            self.assertEqual(files.search_count([(path, "ilike", TOKEN)]), 0, path)
            for denial in (["!", (path, "ilike", TOKEN)], [(path, "not ilike", TOKEN)]):
                nothing = json.loads(json.dumps(denial).replace(TOKEN, "zqxvnothing"))
                self.assertEqual(files.search_count(denial), files.search_count(nothing), denial)
        self.assertTrue(files.search([("create_uid.login", "=", self.anna.login)]))
        self.assertTrue(files.search([("create_uid", "ilike", self.anna.name)]))
        self.assertEqual(
            files.search_count([("company_id.name", "!=", False)]),
            files.search_count([("company_id", "!=", False)]),
        )

    def test_a_file_made_of_a_foreign_one_does_not_name_it(self):
        foreign = self.attachments[0]
        own = self._as_anna("ir.attachment").create({"name": "Mine", "original_id": foreign.id})
        self.assertNoSecret(own.web_read({"original_id": {"fields": {"display_name": {}}}}))
        self.assertNoSecret(own.read(["original_id"]))
        self.assertEqual(own.display_name, "Mine")
        self.assertEqual(foreign.with_user(self.bert).display_name, f"{TOKEN}.txt")

    def test_nobody_signs_up_as_a_foreign_contact(self):
        for partner in (self.secret, self.contact, self.portal_user.partner_id):
            with self.assertRaises(AccessError) as refusal:
                partner.with_user(self.anna).signup_get_auth_param()
            self.assertNoSecret(str(refusal.exception))
        self.assertTrue(self.contact.with_user(self.bert).signup_get_auth_param())

    def test_posting_in_the_name_of_a_foreign_contact(self):
        mine = self.mine.with_user(self.anna)
        message_id = self._try(
            lambda: mine.message_post(body="x", author_id=self.contact.id).read(
                ["author_id", "email_from"]
            )
        )
        self.assertNoSecret(message_id, "message_post(author_id)")
        result = self._try(lambda: mine.message_post(body="x", partner_ids=self.contact.ids).read())
        self.assertNoSecret(result, "message_post(partner_ids)")
        result = self._try(
            lambda: mine.message_post(  # noqa: PLW0108 the post itself may be refused
                body="x", attachment_ids=self.attachments.ids
            ).attachment_ids.read()
        )
        self.assertNoSecret(result, "message_post(attachment_ids)")

    def test_mention_suggestions(self):
        partner = self._as_anna("res.partner")
        for method, arguments in (
            ("get_mention_suggestions", (TOKEN,)),
            ("search_for_channel_invite", (TOKEN,)),
            ("im_search", (TOKEN,)),
            ("find_or_create", (self.contact.email,)),
            ("name_create", (f"{TOKEN} <info@{TOKEN}.example>",)),
        ):
            if hasattr(partner, method):
                result = self._try(getattr(partner, method), *arguments)
                self.assertNotIn(f"eve {TOKEN}", str(result).lower(), method)
                self.assertNotIn(f"{TOKEN} metals", str(result).lower(), method)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_figures_do_not_count_foreign_documents(self):
        product = self._as_anna("product.product", self.product)
        self.assertEqual(product.sales_count, 0)
        for model_name, measure in (
            ("sale.report", "price_total"),
            ("crm.activity.report", None),
            ("account.invoice.report", "price_subtotal"),
        ):
            aggregates = ["__count"] + ([f"{measure}:sum"] if measure else [])
            if not self._as_anna(model_name).has_access("read"):
                continue
            rows = self._as_anna(model_name).formatted_read_group(
                [("partner_id", "in", (self.secret + self.contact).ids)], [], aggregates
            )
            self.assertEqual(rows[0]["__count"], 0, model_name)
        for model_name in ("crm.lead", "sale.order", "account.move"):
            for order in ("partner_id", "partner_id.name", "create_date"):
                result = self._attack(
                    model_name, (), "search_read", [], ["partner_id"], 0, None, order
                )
                self.assertFalse(
                    isinstance(result, list)
                    and {r["id"] for r in result} & self.foreign_ids[model_name]
                )

    def test_figures_of_teams_and_campaigns_are_the_users_own(self):
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        team = self.env["crm.team"].create(
            {"name": "Team of Bert", "member_ids": [Command.link(self.bert.id)]}
        )
        (self.order + self.order_of_anna).campaign_id = campaign
        if self.invoice:
            self.invoice.write({"campaign_id": campaign.id, "team_id": team.id})
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=self.invoice.ids
            ).create({}).action_create_payments()
        self.env.flush_all()
        self.env.invalidate_all()
        as_anna = self._as_anna("utm.campaign", campaign)
        self.assertEqual((as_anna.quotation_count, as_anna.invoiced_amount), (0, 0))
        with freeze_time("2026-01-20"):
            self.assertEqual(self._as_anna("crm.team", team).invoiced, 0)
            self.env.invalidate_all()
            if self.invoice:
                self.assertTrue(team.with_user(self.crm_admin).invoiced)
        self.assertEqual(campaign.with_user(self.crm_admin).quotation_count, 2)

    def test_figures_of_the_customer_family_count_the_visible_only(self):
        self.mine.write({"child_ids": [Command.create({"name": "Lea"})]})
        partner = self._as_anna("res.partner", self.mine)
        self.assertEqual((partner.sale_order_count, partner.opportunity_count), (0, 0))

    # ------------------------------------------------------------------
    # Methods of ours, and wizards
    # ------------------------------------------------------------------

    def test_our_public_methods(self):
        partner = self.secret
        for method, arguments in (
            ("get_visibility_reasons", ()),
            ("get_waiting_for_approval", ()),
            ("action_release", ()),
            ("action_approve", ()),
            ("action_decline", ("x",)),
            ("action_hold", ("x",)),
            ("action_unhold", ()),
            ("action_explain_visibility", ()),
            ("action_maintain_salesmen", ()),
            ("action_add_contact", ()),
            ("action_view_customer_documents", ()),
            ("action_new_quotation", ()),
            ("action_new_activity", ()),
            ("action_view_approvals", ()),
            ("action_open_approval_wizard", ()),
        ):
            self._attack("res.partner", partner, method, *arguments)
        for method, arguments in (
            ("action_confirm", ()),
            ("action_confirm_with_reason", ("x",)),
            ("action_open_override_wizard", ()),
        ):
            self._attack("sale.order", self.order_of_anna, method, *arguments)

    def test_recommendations_of_every_kind(self):
        """What the other tests attack is there, and whoever is linked sees it."""
        visible = self.recommendations.with_user(self.bert)._filtered_access("read")
        self.assertEqual(
            set(visible.mapped("kind_id.code")), set(self.kinds), "one of every kind is missing"
        )
        self.assertEqual(
            set(self.recommendations.mapped("state")),
            {"open", "snoozed", "followed", "dismissed", "expired"},
        )
        self.assertTrue(
            self.recommendations.filtered(
                lambda each: each.owner_key == self.employees[self.anna].id
            )
        )
        for recommendation in self.recommendations:
            self.assertSeesNot(self.anna, recommendation)
            for method, arguments in (
                ("action_snooze", ("2099-01-01",)),
                ("action_dismiss", ("x",)),
            ):
                result = self._attack("sales.recommendation", recommendation, method, *arguments)
                self.assertIn("AccessError", result)
        self._attack("sales.recommendation", (), "get_last_run")
        self._attack("sales.recommendation", (), "action_run_now")

    def test_the_digest_of_others(self):
        digest = self.env["mail.message"].search(
            [("body", "ilike", f"{TOKEN} Metals"), ("partner_ids", "in", self.bert.partner_id.ids)]
        )
        self.assertIn(self.bert.partner_id, digest.notified_partner_ids)
        self.assertNotIn(self.anna.partner_id, digest.notified_partner_ids)
        self.assertSeesNot(self.anna, digest)
        result = self._attack("sales.recommendation.digest", (), "search_read", [])
        self.assertIn("AccessError", result)

    def test_every_public_action_of_foreign_records(self):
        """Buttons take no arguments: press them all."""
        for records in (
            self.secret,
            self.contact,
            self.case,
            self.order_of_anna,
            self.order,
            self.invoice,
            self.portal_user,
            *self.recommendations,
        ):
            for name in sorted(
                {
                    n
                    for n in dir(type(records))
                    if n.startswith(
                        ("action_", "get_", "open_", "view_", "preview_", "message_get", "website_")
                    )
                }
            ):
                method = getattr(type(records), name)
                if callable(method) and not getattr(method, "_api_private", False):
                    self._attack(records._name, records, name)

    def test_wizards_of_others(self):
        wizards = (
            self.env["customer.approval.wizard"]
            .with_user(self.bert)
            .create(
                {
                    "partner_ids": [Command.set(self.secret.ids)],
                    "transition": "release",
                    "reason": TOKEN,
                }
            ),
            self.env["customer.salesman.wizard"]
            .with_user(self.bert)
            .create({"customer_id": self.secret.id}),
            self.env["sales.recommendation.wizard"]
            .with_user(self.bert)
            .create(
                {
                    "mode": "dismiss",
                    "recommendation_ids": [
                        Command.set(
                            self.recommendations.with_user(self.bert)._filtered_access("write").ids
                        )
                    ],
                    "reason": TOKEN,
                }
            ),
        )
        for wizard in wizards:
            names = [name for name, field in wizard._fields.items() if field.type != "properties"]
            self._attack(wizard._name, wizard, "read", names)
            self.assertFalse(
                self._as_anna(wizard._name).search([("id", "in", wizard.ids)]), wizard._name
            )

    def test_merging_with_a_foreign_customer(self):
        ids = (self.mine + self.secret).ids
        wizard = self._as_anna("base.partner.merge.automatic.wizard")
        result = self._try(
            lambda: wizard.create(
                {"partner_ids": [Command.set(ids)], "dst_partner_id": self.mine.id}
            ).action_merge()
        )
        self.assertIsInstance(result, str)
        self.assertTrue(self.secret.exists())
        wizard = wizard.with_context(active_model="res.partner", active_ids=ids)
        result = self._try(lambda: wizard.create({}).read())
        self.assertNoSecret(result)
        self.assertFalse(isinstance(result, list) and self.secret.id in result[0]["partner_ids"])
        merge = self._as_anna("crm.merge.opportunity").with_context(
            active_model="crm.lead", active_ids=self.case.ids
        )
        self.assertNoSecret(self._try(lambda: merge.create({}).read()))

    def test_reports_and_templates(self):
        report = self.env["ir.actions.report"].with_user(self.anna)
        self.assertNoSecret(
            self._try(report._render_qweb_html, "sale.report_saleorder", self.order.ids)
        )
        template = (
            self.env["mail.template"]
            .with_user(self.anna)
            .create(
                {
                    "name": "Mine",
                    "model_id": self.env["ir.model"]._get_id("res.partner"),
                    "body_html": "<t t-out='object.name'/>",
                    "subject": "{{ object.name }}",
                }
            )
        )
        self.assertNoSecret(
            self._try(template._generate_template, self.secret.ids, ("subject", "body_html"))
        )
        preview = self._as_anna("mail.template.preview")
        reference = f"res.partner,{self.secret.id}"
        result = self._try(
            lambda: (
                preview.with_context(default_mail_template_id=template.id)
                .create({"mail_template_id": template.id, "resource_ref": reference})
                .read()
            )
        )
        self.assertNoSecret(result)
        composer = self._as_anna("mail.compose.message")
        for values in (
            {"model": "res.partner", "res_ids": str(self.secret.ids), "template_id": template.id},
            {"model": "sale.order", "res_ids": str(self.order.ids), "composition_mode": "comment"},
            {"partner_ids": [Command.set(self.contact.ids)], "body": "x"},
        ):
            self.assertNoSecret(
                self._try(lambda values=values: composer.create(values).read()), str(values)
            )

    def test_a_calendar_shows_that_a_colleague_is_busy_and_no_more(self):
        event = self._as_anna("calendar.event", self.event)
        [values] = event.read(
            ["name", "start", "location", "description", "partner_ids", "attendee_ids"]
        )
        self.assertNoSecret(values)
        self.assertEqual(str(values["start"]), "2026-03-01 10:00:00")
        self.assertFalse(event.search([("name", "ilike", TOKEN)]))
        self.assertIn(
            event, event.search([("start", ">=", "2026-02-28"), ("stop", "<=", "2026-03-02")])
        )
        with self.assertRaises(AccessError):
            event.write({"name": "x"})
        seen_by_bert = self.event.with_user(self.bert)
        self.assertIn(TOKEN, seen_by_bert.name)
        self.assertIn(self.contact, seen_by_bert.partner_ids)
        self.event.partner_ids += self.anna.partner_id
        self.env.invalidate_all()
        self.assertIn(TOKEN, event.name, "she is invited")
        self.assertNotIn(self.contact, event.partner_ids.with_env(self.env))

    def test_sms_and_portal(self):
        composer = self._as_anna("sms.composer")
        for values in (
            {
                "res_model": "res.partner",
                "res_ids": str(self.secret.ids),
                "composition_mode": "mass",
                "body": "x",
            },
            {
                "res_model": "res.partner",
                "res_id": self.contact.id,
                "composition_mode": "comment",
                "body": "x",
            },
        ):
            self.assertNoSecret(
                self._try(lambda values=values: composer.create(values).read()), str(values)
            )
            self.assertNoSecret(
                self._try(lambda values=values: composer.create(values).action_send_sms()),
                str(values),
            )
        share = self._as_anna("portal.share")
        self.assertNoSecret(
            self._try(
                lambda: share.create({"res_model": "sale.order", "res_id": self.order.id}).read()
            ),
            "portal.share",
        )

    def test_phone_numbers_are_no_oracle(self):
        partner = self._as_anna("res.partner")
        for domain in (
            [("phone_mobile_search", "ilike", PHONE)],
            [("phone_sanitized", "=", PHONE)],
        ):
            self.assertFalse(
                isinstance(self._try(partner.search_count, domain), int)
                and self._try(partner.search_count, domain)
            )

    def test_own_work_goes_on(self):
        """All of this leaves a salesman his own customers."""
        form = Form(self.env["sale.order"].with_user(self.anna))
        form.partner_id = self.mine
        with form.order_line.new() as line:
            line.product_id = self.product
        order = form.save()
        order.message_post(body="hello", partner_ids=self.mine.ids)
        activity = order.activity_schedule("mail.mail_activity_data_todo", user_id=self.anna.id)
        self.assertEqual(activity.customer_id, self.mine)
        activity.action_feedback("done")
        event = (
            self.env["calendar.event"]
            .with_user(self.anna)
            .create(
                {
                    "name": "x",
                    "start": "2026-05-01 10:00:00",
                    "stop": "2026-05-01 11:00:00",
                    "partner_ids": [Command.set(self.mine.ids)],
                }
            )
        )
        self.assertEqual(event.partner_ids, self.mine)
        event.name = "y"
