"""Where personal data lies and what anonymising does to it (G1-G3, G5): plain declarations.

One :class:`PersonalModel` per model says which of its rows are a person's, and what happens to
them. Fields that are not named follow from their type: free text (char, text, html, json,
properties, binary) is emptied, numbers, choices and relations stay. So a field that somebody
adds later is emptied, and one that cannot be empty without a constant is found by the test that
walks the registry (``privacy.registry._find_unclassified``).

Other addons add theirs by ``_inherit = "privacy.registry"``::

    def _get_personal_models(self):
        return super()._get_personal_models() + [
            PersonalModel("helpdesk.ticket", fields={"name": Constant("Ticket")}),
        ]

The order counts: a model that follows another one (``part_of``, ``document``) stands behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from odoo.tools import SQL

# what happens to a field
EMPTY = "empty"
NONE = "none"  # no personal data
UNIQUE = "unique"  # a value that says nothing, but is unlike all others
PERSON = "person"  # of a link: emptied where it leads to the person
# what happens to a row
CLEAR = "clear"
DELETE = "delete"
DETACH = "detach"  # only ceases to point to the person; the free text of the row is others'
LAW = "law"  # stays as it is

TEXT_TYPES = {
    "char",
    "text",
    "html",
    "json",
    "properties",
    "binary",
    "image",
}


class Constant(NamedTuple):
    """Stands in the place of a value that may not be empty."""

    value: str


@dataclass(frozen=True)
class PersonalModel:
    """Which rows of a model are a person's, and what becomes of them.

    :param model: its name
    :param rows: CLEAR (the fields are emptied, the row stays for the statistics), DELETE,
        DETACH or LAW
    :param people: many2one and many2many fields to res.partner by which a row is a person's;
        None: all its many2one fields
    :param users: the same to res.users
    :param part_of: many2one fields to models of which it shares the fate
    :param document: ``(field of the model, field of the id)``: the same by reference
    :param tables: ``{relation table: (own column, other column, other model)}``: the same by a
        many2many of another model
    :param contacts: ``{field: "email" | "phone"}``: rows without any link that hold an address
        or number of the person and of nobody else
    :param also: function of the ids of the people that gives an SQL condition on the alias
        ``t``: further rows of theirs
    :param law: SQL condition on the alias ``t``: rows that the law keeps
    :param only: the same, of rows that can be a person's at all; or a function of the ids of
        the people that gives it
    :param legal_fields: what stays of a row that the law keeps; None: all
    :param fields: ``{field: EMPTY | NONE | UNIQUE | PERSON | Constant}``, where the type does not
        tell
    :param is_strict: dates, numbers, choices and relations are named in ``fields``, too
    """

    model: str
    rows: str = CLEAR
    people: tuple | None = None
    users: tuple = ()
    part_of: tuple = ()
    document: tuple | None = None
    tables: dict = field(default_factory=dict)
    contacts: dict = field(default_factory=dict)
    also: Callable | None = None
    law: SQL | None = None
    only: SQL | Callable | None = None
    legal_fields: tuple | None = None
    fields: dict = field(default_factory=dict)
    is_strict: bool = False

    @property
    def legal_condition(self):
        """SQL condition on the alias ``t``: rows that the law keeps; None: of none."""
        return SQL("TRUE") if self.rows == LAW else self.law


def _none(*names):
    return dict.fromkeys(names, NONE)


def _empty(*names):
    return dict.fromkeys(names, EMPTY)


# What a reprint of an invoice shows of its customer, in his language.
LEGAL_IDENTITY = (
    "name",
    "complete_name",
    "commercial_company_name",
    "company_name",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
    "vat",
    "company_registry",
    "ref",
    "lang",
)


def _is_posted(alias):
    """An invoice that was sent is kept, also when it was reset to draft."""
    return SQL(
        "(%(alias)s.state = 'posted' OR %(alias)s.posted_before)", alias=SQL.identifier(alias)
    )


OF_POSTED_MOVE = SQL(
    "EXISTS (SELECT 1 FROM account_move m WHERE m.id = t.move_id AND %s)", _is_posted("m")
)


def _order_law(alias="t"):
    """Orders behind posted invoices, and confirmed ones: a contract is kept whether or not it is
    invoiced yet."""
    return SQL(
        """
        (%(alias)s.state = 'sale' OR EXISTS (
            SELECT 1 FROM sale_order_line ol
              JOIN sale_order_line_invoice_rel r ON r.order_line_id = ol.id
              JOIN account_move_line ml ON ml.id = r.invoice_line_id
              JOIN account_move m ON m.id = ml.move_id
             WHERE ol.order_id = %(alias)s.id AND %(is_posted)s))
        """,
        alias=SQL.identifier(alias),
        is_posted=_is_posted("m"),
    )


def _purchase_law(alias="t"):
    return SQL(
        """
        (%(alias)s.state IN ('purchase', 'done') OR EXISTS (
            SELECT 1 FROM purchase_order_line ol
              JOIN account_move_line ml ON ml.purchase_line_id = ol.id
              JOIN account_move m ON m.id = ml.move_id
             WHERE ol.order_id = %(alias)s.id AND %(is_posted)s))
        """,
        alias=SQL.identifier(alias),
        is_posted=_is_posted("m"),
    )


ANONYMISED = "Anonymised"


def _is_of_nobody_else(partner_ids):
    """A meeting with other people from outside is theirs, too: of it only the names go."""
    return SQL(
        """
        (t.res_model IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM calendar_event_res_partner_rel r
              JOIN res_partner o ON o.id = r.res_partner_id
             WHERE r.calendar_event_id = t.id AND o.partner_share
               AND o.privacy_state IS NULL AND NOT o.id = ANY(%s)))
        """,
        list(partner_ids),
    )


def _is_invitation(partner_ids):
    """Files that Odoo made of meetings, with names and addresses of all who take part."""
    return SQL(
        """
        t.res_model = 'calendar.event' AND t.mimetype = 'text/calendar' AND t.res_id IN (
            SELECT r.calendar_event_id FROM calendar_event_res_partner_rel r
             WHERE r.res_partner_id = ANY(%s))
        """,
        list(partner_ids),
    )


def _row_of_order(table, condition):
    """The condition on an order ``o``, for a table that is part of it."""
    return SQL(
        "EXISTS (SELECT 1 FROM %s o WHERE o.id = t.order_id AND %s)",
        SQL.identifier(table),
        condition,
    )


PERSONAL_MODELS = [
    PersonalModel(
        "res.partner",
        people=(),
        legal_fields=LEGAL_IDENTITY,
        is_strict=True,
        fields={
            "name": Constant(ANONYMISED),
            "complete_name": Constant(ANONYMISED),
            **_empty(
                "birthday",
                "is_forgotten",
                "partner_latitude",
                "partner_longitude",
                "state_id",
                "signup_type",
                "call_contact_id",
                "main_contact_id",
                "main_salesman_id",
                "next_call_date",
                "planned_call_date",
                "tz",
                "industry_id",
                "category_id",
                "barcode",
                "user_id",
                "calendar_last_notif_ack",
                "channel_ids",
                "meeting_ids",
            ),
            **_none(
                "active",
                "approval_status",
                "autopost_bills",
                "buyer_id",
                "color",
                "commercial_partner_id",
                "company_id",
                "completeness",
                "country_id",
                "credit_limit",
                "current_case_id",
                "customer_id",
                "customer_rank",
                "employee",
                "first_business_date",
                "has_call_contact",
                "has_open_case",
                "has_shared_code",
                "ignore_abnormal_invoice_amount",
                "ignore_abnormal_invoice_date",
                "invoice_edi_format_store",
                "invoice_sending_method",
                "invoice_template_pdf_report_id",
                "is_company",
                "is_customer",
                "lang",
                "last_contact_date",
                "message_bounce",
                "note_chain_id",
                "parent_id",
                "partner_share",
                "peppol_eas",
                "property_account_payable_id",
                "property_account_position_id",
                "property_account_receivable_id",
                "property_inbound_payment_method_line_id",
                "property_outbound_payment_method_line_id",
                "property_payment_term_id",
                "property_purchase_currency_id",
                "property_supplier_payment_term_id",
                "specific_property_product_pricelist",
                "privacy_state",
                "privacy_date",
                "privacy_hold_until",
                "touch_date",
                "rank_id",
                "receipt_reminder_email",
                "receives_sales_calls",
                "reminder_date_before_receipt",
                "supplier_rank",
                "trust",
                "type",
            ),
        },
    ),
    # ------------------------------------------------------------------
    # Whoever signs in to the portal. Colleagues are refused before anything happens.
    # ------------------------------------------------------------------
    PersonalModel("res.users", people=("partner_id",), fields={"login": UNIQUE, "password": EMPTY}),
    PersonalModel("res.users.log", DELETE, users=("create_uid",)),
    PersonalModel("res.device.log", DELETE, users=("user_id",)),
    PersonalModel("res.users.apikeys", DELETE, users=("user_id",)),
    PersonalModel("auth_totp.device", DELETE, users=("user_id",)),
    PersonalModel("auth.passkey.key", DELETE, users=("create_uid",)),
    PersonalModel("res.users.settings.volumes", DELETE),
    PersonalModel("mail.push.device", DELETE),
    PersonalModel("mail.push", DELETE, part_of=("mail_push_device_id",)),
    PersonalModel("calendar.feed", DELETE, users=("user_id",)),
    PersonalModel("ir.ui.view.custom", DELETE, users=("user_id",)),
    PersonalModel("ir.embedded.actions", DELETE, users=("user_id",)),
    PersonalModel(
        "mail.guest",
        contacts={"email": "email"},
        fields={"name": Constant(ANONYMISED), "access_token": UNIQUE},
    ),
    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------
    PersonalModel(
        "account.move",
        law=_is_posted("t"),
        fields=_none(
            "name",
            "sequence_prefix",
            "access_token",
            "inalterable_hash",
            "invoice_origin",
            "sending_data",
        ),
    ),
    PersonalModel(
        "account.move.line",
        people=("partner_id",),
        part_of=("move_id",),
        law=OF_POSTED_MOVE,
        fields=_none("move_name", "matching_number", "analytic_distribution", "extra_tax_data"),
    ),
    PersonalModel(
        "account.payment",
        law=SQL("(t.state IN ('in_process', 'paid') OR %s)", OF_POSTED_MOVE),
        fields=_none("name"),
    ),
    PersonalModel("account.bank.statement.line", LAW),
    PersonalModel(
        "account.analytic.line",
        part_of=("move_line_id",),
        law=SQL("t.move_line_id IS NOT NULL"),
        fields={"name": Constant("-"), **_none("code")},
    ),
    PersonalModel("account.analytic.account", DETACH),
    PersonalModel("account.analytic.distribution.model", DETACH),
    PersonalModel("account.reconcile.model", DETACH, people=("mapped_partner_id",)),
    PersonalModel("account.reconcile.model.line", DETACH),
    PersonalModel(
        "res.partner.bank",
        law=SQL(
            "EXISTS (SELECT 1 FROM account_move m WHERE m.partner_bank_id = t.id AND %s)",
            _is_posted("m"),
        ),
        fields={
            "acc_number": UNIQUE,
            "sanitized_acc_number": UNIQUE,
        },
    ),
    PersonalModel(
        "crm.lead",
        people=("partner_id", "customer_id"),
        contacts={"email_normalized": "email", "phone_sanitized": "phone"},
        is_strict=True,
        fields={
            "name": Constant("Case"),
            **_empty("state_id", "is_forgotten"),
            **_none(
                "active",
                "automated_probability",
                "campaign_id",
                "case_number",
                "case_type_id",
                "collaborator_ids",
                "color",
                "company_id",
                "contract_id",
                "country_id",
                "customer_id",
                "date_automation_last",
                "date_closed",
                "date_conversion",
                "date_deadline",
                "date_last_stage_update",
                "date_open",
                "day_close",
                "day_open",
                "duration_tracking",
                "expected_revenue",
                "iap_enrich_done",
                "lang_id",
                "lead_mining_request_id",
                "lost_reason_id",
                "medium_id",
                "message_bounce",
                "partner_id",
                "priority",
                "probability",
                "process_id",
                "prorated_revenue",
                "recurring_plan",
                "recurring_revenue",
                "recurring_revenue_monthly",
                "recurring_revenue_monthly_prorated",
                "recurring_revenue_prorated",
                "source_id",
                "stage_id",
                "subject_id",
                "tag_ids",
                "team_id",
                "type",
                "user_id",
                "won_status",
                "email_state",
                "phone_state",
                "contact_ids",
                "reveal_ip",
            ),
        },
    ),
    PersonalModel(
        "sale.order",
        people=("partner_id", "partner_invoice_id", "partner_shipping_id", "customer_id"),
        law=_order_law(),
        fields=_none("name", "access_token", "reference"),
    ),
    PersonalModel(
        "sale.order.line",
        people=("order_partner_id",),
        part_of=("order_id",),
        law=_row_of_order("sale_order", _order_law("o")),
        fields={
            "name": Constant("-"),
            **_none("analytic_distribution", "virtual_id", "linked_virtual_id", "extra_tax_data"),
        },
    ),
    PersonalModel(
        "product.attribute.custom.value",
        part_of=("sale_order_line_id",),
        law=SQL(
            "EXISTS (SELECT 1 FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id"
            " WHERE l.id = t.sale_order_line_id AND %s)",
            _order_law("o"),
        ),
    ),
    PersonalModel(
        "purchase.order",
        law=_purchase_law(),
        fields=_none("name", "access_token"),
    ),
    PersonalModel(
        "purchase.order.line",
        people=("partner_id",),
        part_of=("order_id",),
        law=_row_of_order("purchase_order", _purchase_law("o")),
        fields={"name": Constant("-"), **_none("analytic_distribution")},
    ),
    PersonalModel(
        "payment.transaction",
        law=SQL("t.state IN ('done', 'authorized')"),
        fields=_none("reference", "landing_route"),
    ),
    PersonalModel(
        "payment.token",
        DETACH,
        fields={**_empty("payment_details"), "provider_ref": Constant("-")},
    ),
    PersonalModel("product.supplierinfo", DETACH),
    PersonalModel("third.party.contract", people=("customer_id",)),
    PersonalModel(
        "third.party.contract.item", part_of=("contract_id",), fields={"name": Constant("-")}
    ),
    PersonalModel(
        "third.party.contract.usage", part_of=("item_id",), fields={"kind": Constant("-")}
    ),
    PersonalModel(
        "calendar.event",
        people=("partner_ids",),
        part_of=("opportunity_id",),
        document=("res_model", "res_id"),
        only=_is_of_nobody_else,
        fields={
            "name": Constant("Meeting"),
            **_none("access_token", "res_model"),
        },
    ),
    PersonalModel("calendar.attendee", DELETE),
    PersonalModel("calendar.filters", DELETE),
    # ------------------------------------------------------------------
    # What this addon keeps of a customer
    # ------------------------------------------------------------------
    PersonalModel("customer.approval"),
    PersonalModel("customer.handover.line"),
    PersonalModel("customer.salesman", DELETE),
    PersonalModel("customer.reminder", DELETE),
    PersonalModel("customer.anniversary", DELETE),
    PersonalModel("sales.recommendation", DELETE, document=("res_model", "res_id")),
    # redacted by their own code, so that the chain stays valid
    PersonalModel("customer.note", DETACH, part_of=("case_id",)),
    PersonalModel("customer.note.chain", DETACH),
    # ------------------------------------------------------------------
    # Messages and what else follows a document
    # ------------------------------------------------------------------
    PersonalModel("mail.blacklist", DELETE, contacts={"email": "email"}),
    PersonalModel("phone.blacklist", DELETE, contacts={"number": "phone"}),
    PersonalModel("mail.gateway.allowed", DELETE, contacts={"email_normalized": "email"}),
    PersonalModel(
        "mail.activity",
        document=("res_model", "res_id"),
        fields={"res_name": Constant(ANONYMISED), **_none("res_model")},
    ),
    PersonalModel("mail.activity.postponement", part_of=("activity_id",)),
    PersonalModel(
        "mail.message",
        people=("author_id",),
        document=("model", "res_id"),
        contacts={"email_from": "email"},
        fields={
            "author_id": PERSON,
            "author_guest_id": EMPTY,
            **_none("model", "email_layout_xmlid"),
        },
    ),
    PersonalModel(
        "mail.notification", DELETE, people=("res_partner_id",), part_of=("mail_message_id",)
    ),
    PersonalModel("crm.sms.batch.line", DELETE),
    PersonalModel("sms.tracker", DELETE, part_of=("mail_notification_id", "crm_sms_line_id")),
    PersonalModel("mail.mail", DELETE, people=("recipient_ids",), part_of=("mail_message_id",)),
    PersonalModel(
        "mail.tracking.value",
        DELETE,
        part_of=("mail_message_id",),
    ),
    PersonalModel("mail.message.reaction", DELETE),
    PersonalModel("mail.message.schedule", DELETE, part_of=("mail_message_id",)),
    PersonalModel("mail.message.translation", DELETE, part_of=("message_id",)),
    PersonalModel("mail.message.link.preview", DELETE, part_of=("message_id",)),
    PersonalModel(
        "mail.scheduled.message",
        DELETE,
        people=("author_id", "partner_ids"),
        document=("model", "res_id"),
    ),
    PersonalModel("mail.followers", DELETE),
    PersonalModel("sms.sms", DELETE, part_of=("mail_message_id",), contacts={"number": "phone"}),
    PersonalModel("snailmail.letter", DELETE, part_of=("message_id",)),
    PersonalModel("discuss.channel.member", DELETE),
    PersonalModel("discuss.channel.rtc.session", DELETE),
    PersonalModel(
        "ir.attachment",
        DELETE,
        document=("res_model", "res_id"),
        users=("create_uid",),
        also=_is_invitation,
        tables={"message_attachment_rel": ("attachment_id", "message_id", "mail.message")},
    ),
    PersonalModel(
        "ir.model.data",
        DELETE,
        document=("model", "res_id"),
        # what is shipped with a module is no import's
        only=SQL("NOT EXISTS (SELECT 1 FROM ir_module_module m WHERE m.name = t.module)"),
    ),
]

# Models that point to a partner or a document and hold nothing of a customer's person: why.
NOT_PERSONAL = {
    "res.company": "own companies, which nobody anonymises",
    "hr.employee": "colleagues: their data is kept and deleted by Human Resources",
    "hr.version": "colleagues",
    "hr.work.location": "own places of work",
    "hr.employee.location": "colleagues",
    "ir.actions.server": "configuration; the followers that it adds are unlinked",
    "res.partner.category": "names of tags; a tag that is a person's name is found by the search",
    "privacy.request.line": "log without personal data",
    "discuss.channel": "of all its members; what the person wrote is theirs, and is emptied",
    "res.users.settings": "choices of a user, no text of his own",
    "crm.team.member": "colleagues in sales teams",
    "ir.filters": "favourites; one that names a person is found by the search",
    "ir.default": "values that a colleague prefers",
}
