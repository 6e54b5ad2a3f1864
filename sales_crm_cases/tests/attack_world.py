import re
from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from odoo import fields
from odoo.fields import Command
from odoo.tools import mute_logger

from ..models.customer_approval import TRANSITION_SENTINEL
from .attack_common import SILENT
from .common import PIXEL, SalesCrmCommon
from .plain_sight import PlainSight

# zq, the family, x, the kind, xqz: in names, addresses, notes and files alike
WORD = re.compile(r"zq([a-z])x([a-z]+?)xqz", re.IGNORECASE)
PREFIX = "zq"


def word(family, kind):
    return f"{PREFIX}{family}x{kind}xqz"


class Secret(NamedTuple):
    """A record and what decides, by the plain model, about who sees it."""

    kind: str
    family: str
    model: str
    id: int
    customer_id: int
    """the CRM customer whom it follows; 0: none"""
    owner_id: int
    """the user whose it is; 0: nobody's"""
    company_id: int
    """0: of all companies"""
    document: object
    """the secret on which it is: of activities, messages and files"""
    people: frozenset
    """users who see it whatever the customer: who is invited, who started a job"""


class AttackWorld(SalesCrmCommon):
    """Families of records, every one of which says in its own word whose and what it is, and
    every kind of user.

    ======  ===============================  =============================================
    family  customer of                      besides
    ======  ===============================  =============================================
    a       anna                             ``former`` worked there, ``helper`` was given
                                             the case
    b       bert                             has the portal user ``guest``
    c       the stranger, of another team    belongs to the first company
    d       ``foreign``                      belongs to the second company
    e       nobody
    f       no customer: a case of anna's
    ======  ===============================  =============================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = date.today()
        cls.secrets, cls.users = [], {}
        cls.company2 = cls.env["res.company"].create({"name": "Second Company"})
        cls._make_users()
        cls.product = cls.env["product.product"].create({"name": "Chair", "list_price": 7})
        cls.leasing = cls.env["res.partner"].create({"name": "Leasing House", "is_company": True})
        cls.call_type = cls.env.ref("mail.mail_activity_data_call")
        for family, user, company in (
            ("a", cls.anna, None),
            ("b", cls.bert, None),
            ("c", cls.stranger, cls.env.company),
            ("d", cls.users["foreign"], cls.company2),
            ("e", None, None),
        ):
            cls._make_family(family, user, company)
        cls._make_case_without_customer()
        cls._make_recommendations()
        cls._make_delegations()
        cls._add_reports()
        cls.env.flush_all()
        cls.env.invalidate_all()
        cls.by_model = defaultdict(list)
        for secret in cls.secrets:
            if secret.id:
                cls.by_model[secret.model].append(secret)
        # some words are at several places: who sees one of them knows it
        cls.by_word = defaultdict(list)
        for secret in cls.secrets:
            cls.by_word[secret.family, secret.kind].append(secret)

    @classmethod
    def _make_users(cls):
        salesman = "sales_team.group_sale_salesman"
        people = {
            "linked": cls.anna,
            "peer": cls.bert,
            "former": cls._make_person("former", cls.manager),
            "manager": cls.manager,
            "manager_without_switch": cls.boss,
            "subordinate": cls._make_person("subordinate", cls.anna),
            "delegate": cls._make_person("delegate", cls.other_boss),
            "former_delegate": cls._make_person("former_delegate", cls.other_boss),
            "other_team": cls.stranger,
            "helper": cls._make_person("helper", cls.other_boss),
            "bookkeeper": cls._make_person("bookkeeper", cls.other_boss),
            "accounts": cls.accounts,
            "service": cls.clerk,
            "officer": cls._make_user("officer", "sales_crm_cases.group_privacy_officer"),
            "administrator": cls.crm_admin,
            "foreign": cls._make_user("foreign", salesman),
            "foreign_administrator": cls._make_user(
                "foreign_administrator", "sales_team.group_sale_manager"
            ),
            "guest": cls._make_user("guest", "base.group_portal"),
            "portal": cls._make_user("portal", "base.group_portal"),
            "public": cls.env.ref("base.public_user"),
        }
        people["bookkeeper"].group_ids |= cls.env.ref("account.group_account_user", False) or (
            cls.env.ref("account.group_account_invoice")
        )
        cls._show_team(cls.manager)
        for name in ("foreign", "foreign_administrator"):
            people[name].write(
                {
                    "company_ids": [Command.set(cls.company2.ids)],
                    "company_id": cls.company2.id,
                }
            )
        cls.employees[people["foreign"]] = cls.env["hr.employee"].create(
            {
                "name": "Foreign",
                "user_id": people["foreign"].id,
                "company_id": cls.company2.id,
            }
        )
        for user in people.values():
            # what every colleague has who may export
            if user._is_internal() and user not in (cls.clerk, people["officer"]):
                user.group_ids |= cls.env.ref("base.group_allow_export")
        cls.users = people

    # ------------------------------------------------------------------
    # Families
    # ------------------------------------------------------------------

    @classmethod
    def _add(cls, kind, family, records, customer=None, owner=None, document=None, **values):
        for record in records:
            cls.secrets.append(
                Secret(
                    kind,
                    family,
                    record._name,
                    record.id,
                    customer.id if customer else 0,
                    owner.id if owner else 0,
                    values.get("company").id if values.get("company") else 0,
                    document,
                    frozenset(user.id for user in values.get("people", ()) if user),
                )
            )
        return cls.secrets[-1] if records else None

    @classmethod
    def _make_family(cls, family, user, company):
        documents_company = company or cls.env.company
        env = cls.env(
            context={**cls.env.context, "allowed_company_ids": documents_company.ids},
        )
        customer = cls._make_customer(
            f"{word(family, 'name')} Metals",
            *([user] if user else []),
            email=f"info@{word(family, 'address')}.example",
            phone=f"+4930{word(family, 'address')}",
            street=word(family, "address"),
            comment=f"<p>{word(family, 'customer')}</p>",
            ref=word(family, "customer"),
            company_id=company.id if company else False,
            image_1920=PIXEL,
        )
        common = {"customer": customer, "company": company}
        seen = cls._add("customer", family, customer, **common)
        contact, delivery = cls.env["res.partner"].create(
            [
                {
                    "name": f"Eve {word(family, 'contact')}",
                    "parent_id": customer.id,
                    "company_id": customer.company_id.id,
                    "email": f"eve@{word(family, 'contact')}.example",
                    "receives_sales_calls": True,
                    "birthday": (cls.today + timedelta(1)).replace(year=1984),
                    "anniversary_ids": [
                        Command.create({"name": word(family, "anniversary"), "date": "2001-01-01"})
                    ],
                },
                {
                    "name": f"Dock {word(family, 'delivery')}",
                    "parent_id": customer.id,
                    "company_id": customer.company_id.id,
                    "type": "delivery",
                },
            ]
        )
        cls._add("contact", family, contact, **common)
        cls._add("delivery", family, delivery, **common)
        cls._add("anniversary", family, contact.anniversary_ids, **common)
        cls._add("link", family, customer.salesman_link_ids, **common)
        cls._add(
            "bank",
            family,
            env["res.partner.bank"].create(
                {"acc_number": word(family, "bank"), "partner_id": customer.id}
            ),
            **common,
        )
        cls._make_steps(env, family, user, customer, contact, common)
        cls._make_documents(env, family, user, customer, contact, documents_company, seen)
        cls._make_payments(env, family, customer, documents_company)
        cls._make_side_records(env, family, customer, contact, documents_company)
        if family == "b":
            cls.users["guest"].partner_id.parent_id = customer
            cls._add("guest", family, cls.users["guest"].partner_id, **common)
            cls._add(
                "guest", family, cls.users["guest"], customer=customer, company=cls.env.company
            )

    @classmethod
    def _make_steps(cls, env, family, user, customer, contact, common):
        """What is kept of the customer by our own models."""
        author = user or cls.crm_admin
        cls._add(
            "approval",
            family,
            env["customer.approval"]
            .with_context(customer_transition=TRANSITION_SENTINEL)
            .create(
                {
                    "customer_id": customer.id,
                    "transition": "release",
                    "user_id": author.id,
                    "reason": word(family, "approval"),
                }
            ),
            **common,
        )
        cls._add(
            "note",
            family,
            env["customer.note"]
            .with_user(author)
            .sudo()
            .create({"customer_id": customer.id, "body": word(family, "note")}),
            **common,
        )
        contract = env["third.party.contract"].create(
            {
                "customer_id": customer.id,
                "third_party_id": cls.leasing.id,
                "name": word(family, "contract"),
                "date_start": cls.today - timedelta(300),
                "date_end": cls.today + timedelta(10),
                "item_ids": [
                    Command.create(
                        {
                            "name": word(family, "contractitem"),
                            "usage_ids": [
                                Command.create({"kind": word(family, "usage"), "volume": 3})
                            ],
                        }
                    )
                ],
            }
        )
        in_company = {"customer": customer, "company": contract.company_id}
        cls._add("contract", family, contract, **in_company)
        cls._add("contractitem", family, contract.item_ids, **in_company)
        cls._add("usage", family, contract.item_ids.usage_ids, **in_company)
        owners = [author] + ([cls.users["former"]] if family == "a" else [])
        for owner in owners:
            kind = "reminder" if owner == author else "formerreminder"
            reminder = env["customer.reminder"].create(
                {
                    "owner_id": owner.id,
                    "name": word(family, kind),
                    "contact_id": contact.id,
                    "date": cls.today + timedelta(3),
                }
            )
            cls._add(kind, family, reminder, owner=owner, **common)
            kind = "batch" if owner == author else "formerbatch"
            batch = env["crm.sms.batch"].create(
                {
                    "user_id": owner.id,
                    "company_id": env.company.id,
                    "body": word(family, kind),
                    "line_ids": [
                        Command.create(
                            {
                                "customer_id": customer.id,
                                "state": "error",
                                "failure_type": "unknown",
                                "failure_reason": word(family, f"{kind}line"),
                            }
                        )
                    ],
                }
            )
            cls._add(kind, family, batch, owner=owner, company=env.company)
            cls._add(
                f"{kind}line",
                family,
                batch.line_ids,
                customer=customer,
                owner=owner,
                company=env.company,
            )
        employees = [cls.employees.get(owner) for owner in owners]
        handover = env["customer.handover"].create(
            {
                "name": word(family, "handover"),
                "employee_id": employees[-1] and employees[-1].id,
                "successor_id": employees[0] and employees[0].id,
                "user_id": cls.crm_admin.id,
                "state": "done",
                "line_ids": [
                    Command.create(
                        {
                            "customer_id": customer.id,
                            "state": "failed",
                            "error": word(family, "handoverline"),
                        }
                    )
                ],
            }
        )
        people = [*owners, cls.crm_admin]
        cls._add("handover", family, handover, people=people)
        cls._add("handoverline", family, handover.line_ids, people=people, **common)
        if employees[0]:
            target = env["sales.target"].create(
                {"employee_id": employees[0].id, "month": "2020-01-01", "kind": "cases", "value": 7}
            )
            cls._add("target", family, target, owner=author, company=target.company_id)

    @classmethod
    def _make_documents(cls, env, family, user, customer, contact, company, seen):
        author = user or cls.crm_admin
        follows = {"customer": customer, "owner": author, "company": company}
        case = env["crm.lead"].create(
            {
                "name": word(family, "case"),
                "type": "opportunity",
                "partner_id": customer.id,
                "partner_name": word(family, "case"),
                "user_id": author.id,
                "team_id": False,
                "company_id": company.id,
                "description": f"<p>{word(family, 'case')}</p>",
                "expected_revenue": 1000 + ord(family),
                "collaborator_ids": [Command.set(cls.users["helper"].ids if family == "a" else [])],
            }
        )
        of_case = cls._add("case", family, case, **follows)
        # what of the customer the case says itself, and whose it is
        cls.secrets += [
            of._replace(kind=kind, id=0) for of in (of_case, seen) for kind in ("address", "name")
        ]
        cls._add(
            "casenote",
            family,
            env["customer.note"]
            .with_user(author)
            .sudo()
            .create({"case_id": case.id, "body": word(family, "casenote")}),
            customer=customer,
            company=customer.company_id,
        )
        order = env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": author.id,
                "team_id": False,
                "note": f"<p>{word(family, 'order')}</p>",
                "client_order_ref": word(family, "order"),
                "opportunity_id": case.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "name": word(family, "line"),
                            "product_uom_qty": 3,
                        }
                    )
                ],
            }
        )
        of_order = cls._add("order", family, order, **follows)
        cls._add("line", family, order.order_line, **follows)
        documents = [(customer, seen), (case, of_case), (order, of_order)]
        journal = env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
        )
        if journal:
            invoice = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_user_id": author.id,
                    "ref": word(family, "invoice"),
                    "invoice_date": cls.today,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "name": word(family, "invoiceline"),
                                "price_unit": 7,
                            }
                        )
                    ],
                }
            )
            invoice.action_post()
            of_invoice = cls._add("invoice", family, invoice, **follows)
            cls._add("invoiceline", family, invoice.invoice_line_ids, **follows)
            documents.append((invoice, of_invoice))
            cls._make_books(env, family, customer, invoice)
        for document, of_document in documents:
            cls._make_traces(env, family, author, contact, document, of_document)
        event = (
            env["calendar.event"]
            .with_user(author)
            .sudo()
            .create(
                {
                    "name": word(family, "event"),
                    "start": f"{cls.today + timedelta(5)} 10:00:00",
                    "stop": f"{cls.today + timedelta(5)} 11:00:00",
                    "location": word(family, "event"),
                    "opportunity_id": case.id,
                    # Odoo shows attendees across companies
                    "partner_ids": [
                        Command.set(
                            (
                                author.partner_id
                                | contact.filtered(lambda _: company != cls.company2)
                            ).ids
                        )
                    ],
                }
            )
        )
        cls._add("event", family, event, customer=customer, people=[author])
        # the case says in a message that it was planned
        cls.secrets.append(of_case._replace(kind="event", id=0))
        file = env["ir.attachment"].create(
            {
                "name": word(family, "fileevent"),
                "raw": word(family, "fileevent").encode(),
                "res_model": "calendar.event",
                "res_id": event.id,
            }
        )
        cls._add("fileevent", family, file, customer=customer, people=[author])
        guests = event.attendee_ids.filtered(lambda each: each.partner_id == contact)
        cls._add("attendee", family, guests, customer=customer)

    @classmethod
    def _make_books(cls, env, family, customer, invoice):
        """What bookkeepers have of a customer: a payment, a line of the bank's statement, an item
        of an entry that is nobody's and settles the invoice, a bill if it also sells to us."""
        company = invoice.company_id
        common = {"customer": customer, "company": company}
        bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        payment = env["account.payment"].create(
            {
                "partner_id": customer.id,
                "amount": 7,
                "journal_id": bank.id,
                "memo": word(family, "payment"),
            }
        )
        payment.action_post()
        cls._add("payment", family, payment, **common)
        statement_line = env["account.bank.statement.line"].create(
            {
                "journal_id": bank.id,
                "partner_id": customer.id,
                "payment_ref": word(family, "bankline"),
                "amount": 7,
                "date": cls.today,
            }
        )
        cls._add("bankline", family, statement_line, **common)
        claim = invoice.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        entry = env["account.move"].create(
            {
                "move_type": "entry",
                "date": cls.today,
                "ref": word(family, "entry"),
                "line_ids": [
                    Command.create(
                        {
                            "name": word(family, "item"),
                            "account_id": claim.account_id.id,
                            "partner_id": customer.id,
                            "credit": 3,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Opening",
                            "account_id": invoice.invoice_line_ids.account_id.id,
                            "debit": 3,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        cls._add("entry", family, entry, company=company)
        item = entry.line_ids.filtered("partner_id")
        cls._add("item", family, item, **common)
        (item | claim).reconcile()
        # Odoo shows them across companies
        cls._add("settlement", family, item.matched_debit_ids, customer=customer)
        bill = env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": customer.id,
                "ref": word(family, "bill"),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "name": word(family, "billline"),
                            "price_unit": 7,
                        }
                    )
                ],
            }
        )
        cls._add("bill", family, bill, **common)
        cls._add("billline", family, bill.invoice_line_ids, **common)

    @classmethod
    def _make_traces(cls, env, family, author, contact, document, of_document):
        """Messages, files, activities and followers of a document; on those of family a also
        what the former salesman left."""
        customer = env["res.partner"].browse(of_document.customer_id)
        kind = of_document.kind
        authors = [author] + ([cls.users["former"]] if family == "a" else [])
        if customer.company_id == cls.company2:
            # Odoo shows followers and who was told of what across companies
            contact = contact.browse()
        document.message_subscribe((contact + cls.users["former"].partner_id).ids)
        followers = document.message_follower_ids.filtered(lambda each: each.partner_id == contact)
        cls._add("follower", family, followers, customer=customer)
        for number, user in enumerate(authors):
            prefix = "former" if number else ""
            values = {"document": of_document, "customer": customer}
            message = (
                document.with_user(user)
                .sudo()
                .message_post(
                    body=word(family, f"{prefix}message{kind}"),
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=(user.partner_id + contact).ids,
                )
            )
            if kind == "case":
                # as if it told of a call that was made: Odoo's report counts these
                message.mail_activity_type_id = cls.call_type
            cls._add(f"{prefix}message{kind}", family, message, owner=user, **values)
            told = message.notification_ids.filtered(lambda each: each.res_partner_id == contact)
            # the web client shows authors what was not delivered
            told.notification_status = "exception"
            cls._add("notification", family, told, customer=customer)
            own = message.notification_ids - told
            cls._add("ownnotification", family, own, owner=user)
            attachment = (
                env["ir.attachment"]
                .with_user(user)
                .sudo()
                .create(
                    {
                        "name": f"{word(family, f'{prefix}file{kind}')}.txt",
                        "raw": word(family, f"{prefix}file{kind}").encode(),
                        "mimetype": "text/plain",
                        "res_model": document._name,
                        "res_id": document.id,
                    }
                )
            )
            cls._add(f"{prefix}file{kind}", family, attachment, owner=user, **values)
            activity = (
                document.with_user(user)
                .sudo()
                .activity_schedule(
                    activity_type_id=cls.call_type.id,
                    summary=word(family, f"{prefix}activity{kind}"),
                    note=word(family, f"{prefix}activity{kind}"),
                    user_id=user.id,
                    date_deadline=cls.today + timedelta(3),
                )
            )
            of_activity = cls._add(
                f"{prefix}activity{kind}", family, activity, owner=user, **values
            )
            # the history of a case says why its activities were put off
            cls.secrets.append(of_activity._replace(kind=f"{prefix}postponement{kind}", id=0))
            postponement = env["mail.activity.postponement"].create(
                {
                    "activity_id": activity.id,
                    "date_from": cls.today,
                    "date_to": cls.today,
                    "reason": word(family, f"{prefix}postponement{kind}"),
                    "user_id": user.id,
                }
            )
            cls._add(
                f"{prefix}postponement{kind}",
                family,
                postponement,
                customer=customer,
                company=customer.company_id,
            )
        scheduled = env["mail.scheduled.message"].create(
            {
                "model": document._name,
                "res_id": document.id,
                "body": word(family, f"scheduled{kind}"),
                "author_id": author.partner_id.id,
                "scheduled_date": fields.Datetime.now() + timedelta(days=3),
            }
        )
        cls._add(
            f"scheduled{kind}",
            family,
            scheduled,
            owner=author,
            customer=customer,
            document=of_document,
        )

    @classmethod
    def _make_side_records(cls, env, family, customer, contact, company):
        """What Odoo's other apps keep of a customer and show to every colleague."""
        analytic = env["account.analytic.account"].create(
            {
                "name": word(family, "analytic"),
                "partner_id": customer.id,
                "company_id": company.id,
                "plan_id": env["account.analytic.plan"].search([], limit=1).id
                or env["account.analytic.plan"].create({"name": "Plan"}).id,
            }
        )
        of_customer = {"customer": customer, "company": company}
        cls._add("analytic", family, analytic, **of_customer)
        cost = env["account.analytic.line"].create(
            {
                "name": word(family, "cost"),
                "partner_id": customer.id,
                "company_id": company.id,
                analytic.root_plan_id._column_name(): analytic.id,
            }
        )
        cls._add("cost", family, cost, **of_customer)
        distribution = env["account.analytic.distribution.model"].create(
            {
                "partner_id": customer.id,
                "analytic_distribution": {analytic.id: 100},
                "company_id": company.id,
            }
        )
        cls._add("distribution", family, distribution, **of_customer)
        mapping = env["account.reconcile.model"].create(
            {
                "name": word(family, "mapping"),
                "company_id": company.id,
                "match_label": "contains",
                "match_label_param": word(family, "mapping"),
                "line_ids": [
                    Command.create(
                        {"partner_id": customer.id, "label": word(family, "mappingline")}
                    )
                ],
            }
        )
        cls._add("mapping", family, mapping, **of_customer)
        cls._add("mappingline", family, mapping.line_ids, **of_customer)
        if company != cls.company2:
            # as above
            filters = env["calendar.filters"].create(
                {"user_id": cls.users["former"].id, "partner_id": contact.id}
            )
            cls._add("filter", family, filters, customer=customer, owner=cls.users["former"])
        supplier = env["product.supplierinfo"].create(
            {
                "partner_id": customer.id,
                "product_tmpl_id": cls.product.product_tmpl_id.id,
                "product_name": word(family, "supplier"),
                "company_id": company.id,
            }
        )
        cls._add("supplier", family, supplier, customer=customer, company=company)
        if "snailmail.letter" in env and company != cls.company2:
            letter = env["snailmail.letter"].create(
                {
                    "partner_id": customer.id,
                    "model": "res.partner",
                    "res_id": customer.id,
                    "company_id": company.id,
                }
            )
            letter.street = word(family, "letter")
            cls._add("letter", family, letter, customer=customer)

    @classmethod
    def _make_payments(cls, env, family, customer, company):
        provider = env["payment.provider"].search([("company_id", "=", company.id)], limit=1)
        method = env["payment.method"].with_context(active_test=False).search([], limit=1)
        if not provider or not method:
            return
        values = {
            "provider_id": provider.id,
            "payment_method_id": method.id,
            "partner_id": customer.id,
        }
        token = env["payment.token"].create(
            {**values, "payment_details": word(family, "token"), "provider_ref": "x"}
        )
        transaction = env["payment.transaction"].create(
            {
                **values,
                "reference": word(family, "transaction"),
                "amount": 7,
                "currency_id": company.currency_id.id,
            }
        )
        cls._add("token", family, token, customer=customer, company=company)
        cls._add("transaction", family, transaction, customer=customer, company=company)

    @classmethod
    def _make_case_without_customer(cls):
        case = cls.env["crm.lead"].create(
            {
                "name": word("f", "case"),
                "type": "opportunity",
                "user_id": cls.anna.id,
                "team_id": False,
                "company_id": cls.env.company.id,
            }
        )
        cls._add("case", "f", case, owner=cls.anna, company=cls.env.company)

    @classmethod
    def _make_recommendations(cls):
        cls.env["sales.recommendation"]._cron_generate()
        families = {s.customer_id: s.family for s in cls.secrets if s.kind == "customer"}
        found = cls.env["sales.recommendation"].search([("customer_id", "in", list(families))])
        users = {employee.id: user for user, employee in cls.employees.items()}
        for recommendation in found:
            family = families[recommendation.customer_id.id]
            kind = "ownprompt" if recommendation.owner_key else "prompt"
            recommendation.dismiss_reason = word(family, kind)
            cls._add(
                kind,
                family,
                recommendation,
                customer=recommendation.customer_id,
                owner=users.get(recommendation.owner_key),
                company=recommendation.company_id,
            )

    @classmethod
    def _make_delegations(cls):
        for name, first, last in (
            ("delegate", cls.today - timedelta(2), cls.today + timedelta(2)),
            ("former_delegate", cls.today, cls.today + timedelta(1)),
        ):
            delegate = cls.users[name]
            delegation = cls.env["sales.delegation"].create(
                {
                    "employee_id": cls.employees[cls.anna].id,
                    "delegate_id": cls.employees[delegate].id,
                    "date_from": first,
                    "date_to": last,
                }
            )
            if name == "former_delegate":
                # his time is over since three days
                delegation.write(
                    {
                        "date_from": cls.today - timedelta(9),
                        "date_to": cls.today - timedelta(3),
                    }
                )
            cls._add(
                "delegation",
                "a",
                delegation,
                owner=cls.anna,
                people=[delegate],
                company=cls.env.company,
            )

    @classmethod
    def _add_reports(cls):
        """Rows of figures, as the database sees them."""
        cls.env.flush_all()
        customers = {s.customer_id: s for s in cls.secrets if s.kind == "customer"}
        for model_name, owner_field in (
            ("sale.report", "user_id"),
            ("crm.activity.report", "user_id"),
            ("account.invoice.report", "invoice_user_id"),
            ("purchase.bill.line.match", None),
        ):
            if model_name not in cls.env:
                continue
            for row in cls.env[model_name].search([("partner_id", "in", list(customers))]):
                customer = row.partner_id
                owner = row[owner_field] if owner_field else None
                cls._add(
                    model_name.replace(".", ""),
                    customers[customer.id].family,
                    row,
                    customer=customer,
                    owner=owner,
                    company=row.company_id,
                )

    # ------------------------------------------------------------------
    # What is told
    # ------------------------------------------------------------------

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(*SILENT))
        self.plain = PlainSight(self.env)
        self.sights = {
            name: self.plain.get_sight(user.id, user.company_ids.ids)
            for name, user in self.users.items()
        }
        # by user and subject: what is found, and by which channels
        self.leaks = defaultdict(lambda: defaultdict(set))

    @staticmethod
    def find_words(answer):
        """:return: set of ``(family, kind)`` of the words in an answer of any kind"""
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
        return {(family.lower(), kind.lower()) for family, kind in WORD.findall(text)}
