"""What the attack matrix expects: a plain model of who sees which record, and tables of the
models, methods and routes by which somebody could learn of one.

Nothing here is taken from the code under test. A model, method or route that is in none of the
tables fails ``test_attack_matrix.py``, which says what to add here.
"""

import inspect
from typing import NamedTuple

from odoo import models

from .plain_sight import APPROVER, SALESMAN

ADDON = "odoo.addons.sales_crm_cases."
USER = "base.group_user"
ADMINISTRATOR = "sales_team.group_sale_manager"
OFFICER = "sales_crm_cases.group_privacy_officer"
BOOKKEEPERS = "account.group_account_readonly,account.group_account_invoice"
OVERRIDE = "sales_crm_cases.group_release_override"
NOBODY = "nobody"

# ----------------------------------------------------------------------
# Policies: whether the plain model shows a record of a model that the user may read at all.
# None: Odoo itself gives different answers to different questions.
# ----------------------------------------------------------------------


def follows_customer(matrix, sight, secret):
    if not sight.is_restricted:
        return True
    if not secret.customer_id:
        return secret.owner_id in sight.owner_ids
    return secret.customer_id in sight.customer_ids


def is_in_the_books(matrix, sight, secret):
    """Invoices as their customers; whatever else is in the books, for who keeps them, too."""
    if secret.kind in ("entry", "item", "bill", "billline"):
        keeps_books = matrix.is_member(sight, BOOKKEEPERS)
        return keeps_books and (not secret.customer_id or follows_customer(matrix, sight, secret))
    return follows_customer(matrix, sight, secret)


def is_settlement(matrix, sight, secret):
    """Of the invoice's customer; with an entry that is nobody's, which bookkeepers see."""
    keeps_books = not sight.is_restricted or matrix.is_member(sight, BOOKKEEPERS)
    return keeps_books and follows_customer(matrix, sight, secret)


def follows_case(matrix, sight, secret):
    case = next(s for s in matrix.secrets if s.kind == "case" and s.family == secret.family)
    shared = sight.user_id in matrix.plain.collaborators[case.id]
    return shared or follows_customer(matrix, sight, secret)


def follows_document(matrix, sight, secret):
    return matrix.sees(sight, secret.document)


def follows_document_or_event(matrix, sight, secret):
    return (
        follows_document(matrix, sight, secret)
        if secret.document
        else tells_event(matrix, sight, secret)
    )


def follows_document_and_recipients(matrix, sight, secret):
    """Messages: Odoo shows them to their authors, too; who is restricted sees the customer's."""
    shown = follows_document(matrix, sight, secret)
    return shown or (not sight.is_restricted and secret.owner_id == sight.user_id)


def is_activity(matrix, sight, secret):
    """Odoo finds those of documents to which one may post, and reads those of any."""
    shown = follows_document(matrix, sight, secret)
    if not shown:
        return not sight.is_restricted and secret.owner_id == sight.user_id
    if secret.owner_id == sight.user_id or secret.customer_id in sight.customer_ids:
        return True
    return None


def is_scheduled_message(matrix, sight, secret):
    """Odoo finds those of documents to which one may post, and reads any by its id."""
    return None if not sight.is_restricted or matrix.sees(sight, secret.document) else False


def follows_customer_across_companies(matrix, sight, secret):
    """What Odoo shows to whom we do not restrict is its own, also of other companies."""
    return follows_customer(matrix, sight, secret) if sight.is_restricted else None


def is_notification(matrix, sight, secret):
    """Of the customer, where one was told; everybody's own, too, without what it is about."""
    return follows_customer(matrix, sight, secret) if secret.customer_id else True


def is_own(matrix, sight, secret):
    """One's own, administrators included, while one sees the customer."""
    return secret.owner_id == sight.user_id and follows_customer(matrix, sight, secret)


def is_of_team(matrix, sight, secret):
    return not sight.is_restricted or secret.owner_id in sight.owner_ids


def is_of_team_and_customer(matrix, sight, secret):
    return is_of_team(matrix, sight, secret) and follows_customer(matrix, sight, secret)


def is_prompt(matrix, sight, secret):
    """Follows the customer; those of one salesman, who sees him."""
    return follows_customer(matrix, sight, secret) and (
        not secret.owner_id or is_of_team(matrix, sight, secret)
    )


def is_job(matrix, sight, secret):
    """Hand-overs: who started it, from whom and to whom; of administrators, all."""
    return sight.user_id in secret.people or (
        not sight.is_restricted and matrix.is_member(sight, ADMINISTRATOR)
    )


def is_line_of_job(matrix, sight, secret):
    return is_job(matrix, sight, secret) and follows_customer(matrix, sight, secret)


def is_delegation(matrix, sight, secret):
    if matrix.is_member(sight, ADMINISTRATOR) or sight.user_id in secret.people:
        return True
    return any(
        matrix.plain.employees[employee]["user_id"] == secret.owner_id
        for employee in sight.managed_ids
    )


def is_busy(matrix, sight, secret):
    """Everybody sees that a colleague is busy; :func:`tells_event` what with."""
    return True


def tells_event(matrix, sight, secret):
    return (
        not sight.is_restricted
        or sight.user_id in secret.people
        or secret.customer_id in sight.customer_ids
    )


def is_anybodys(matrix, sight, secret):
    """Configuration, and records of the software: what they hold names no customer."""
    return


class Expectation(NamedTuple):
    policy: object
    readers: str | None = None
    """the group that reads models of ours; of Odoo's, its own access rights are taken"""
    tells: object = None
    """who learns what it says, where that are not all who see that it is there"""
    names: tuple = ()
    """kinds of what Odoo names to everybody whom we do not restrict: as it does without us"""


# ----------------------------------------------------------------------
# Models
# ----------------------------------------------------------------------

MODELS = {
    # Odoo's, that follow a customer
    "res.partner": Expectation(follows_customer, names=("case",)),
    "res.users": Expectation(follows_customer),
    "res.partner.bank": Expectation(follows_customer),
    "crm.lead": Expectation(follows_case),
    "sale.order": Expectation(follows_customer, names=("case",)),
    "sale.order.line": Expectation(follows_customer),
    "account.move": Expectation(is_in_the_books),
    "account.move.line": Expectation(is_in_the_books),
    "account.partial.reconcile": Expectation(is_settlement, names=("entry", "item", "invoice")),
    "payment.token": Expectation(follows_customer_across_companies),
    "payment.transaction": Expectation(follows_customer_across_companies),
    "sale.report": Expectation(follows_customer),
    "crm.activity.report": Expectation(follows_customer),
    "account.invoice.report": Expectation(follows_customer),
    "calendar.event": Expectation(is_busy, tells=tells_event, names=("case", "contact")),
    "calendar.attendee": Expectation(follows_customer, names=("name", "contact")),
    "mail.followers": Expectation(follows_customer_across_companies, names=("name", "contact")),
    "mail.notification": Expectation(
        is_notification, names=("case", "order", "invoice", "name", "contact")
    ),
    "account.analytic.account": Expectation(follows_customer),
    "calendar.filters": Expectation(follows_customer, names=("name", "contact")),
    "product.supplierinfo": Expectation(follows_customer),
    "snailmail.letter": Expectation(follows_customer_across_companies, names=("name", "contact")),
    # Odoo's, that follow a document
    "mail.activity": Expectation(is_activity, names=("case",)),
    "mail.message": Expectation(follows_document_and_recipients),
    "mail.scheduled.message": Expectation(is_scheduled_message),
    "ir.attachment": Expectation(follows_document_or_event),
    # Odoo's, of bookkeepers: a salesman who keeps books reads those of his customers
    **dict.fromkeys(
        (
            "account.analytic.distribution.model",
            "account.analytic.line",
            "account.bank.statement.line",
            "account.payment",
            "account.reconcile.model",
            "account.reconcile.model.line",
            "purchase.bill.line.match",
        ),
        Expectation(follows_customer),
    ),
    # Odoo's, of buyers: no salesman reads them
    **dict.fromkeys(
        (
            "purchase.bill.union",
            "purchase.order",
            "purchase.order.line",
            "purchase.report",
        ),
        Expectation(is_anybodys),
    ),
    # Odoo's, of the system and of personnel: nobody but these reads them
    **dict.fromkeys(
        (
            "hr.employee",
            "hr.version",
            "ir.actions.server",
            "ir.model.data",
            "mail.mail",
            "mail.message.reaction",
            "mail.push.device",
            "sms.sms",
            "sms.tracker",
        ),
        Expectation(is_anybodys),
    ),
    # Odoo's, that point to colleagues and own companies, or to whom all may see
    **dict.fromkeys(
        (
            "crm.stage",
            "crm.team",
            "discuss.channel.member",
            "discuss.channel.rtc.session",
            "hr.employee.public",
            "hr.work.location",
            "ir.ui.menu",
            "res.company",
            "res.partner.category",
            "res.users.settings.volumes",
        ),
        Expectation(is_anybodys),
    ),
    # ours
    "customer.salesman": Expectation(follows_customer, USER),
    "customer.approval": Expectation(follows_customer, USER),
    "customer.note": Expectation(follows_customer, USER, names=("case",)),
    "customer.anniversary": Expectation(follows_customer, USER),
    "third.party.contract": Expectation(follows_customer, f"{SALESMAN},{APPROVER}"),
    "third.party.contract.item": Expectation(follows_customer, f"{SALESMAN},{APPROVER}"),
    "third.party.contract.usage": Expectation(follows_customer, f"{SALESMAN},{APPROVER}"),
    "mail.activity.postponement": Expectation(
        follows_customer,
        f"{SALESMAN},{APPROVER}",
        names=tuple(
            f"{prefix}activity{document}"
            for prefix in ("", "former")
            for document in ("case", "order", "invoice")
        ),
    ),
    "sales.recommendation": Expectation(is_prompt, f"{SALESMAN},{APPROVER}"),
    "customer.reminder": Expectation(is_own, SALESMAN),
    "crm.sms.batch": Expectation(is_of_team, SALESMAN),
    "crm.sms.batch.line": Expectation(is_of_team_and_customer, SALESMAN),
    "sales.target": Expectation(is_of_team, SALESMAN),
    "customer.handover": Expectation(is_job, SALESMAN),
    "customer.handover.line": Expectation(is_line_of_job, SALESMAN),
    "sales.delegation": Expectation(is_delegation, SALESMAN),
    # ours, that nobody but their officers reads
    "sales.visibility": Expectation(is_anybodys, ADMINISTRATOR),
    "customer.note.chain": Expectation(is_anybodys, ADMINISTRATOR),
    "crm.search.field": Expectation(is_anybodys, ADMINISTRATOR),
    "sales.target.default": Expectation(is_anybodys, ADMINISTRATOR),
    "privacy.field": Expectation(is_anybodys, OFFICER),
    "privacy.rule": Expectation(is_anybodys, OFFICER),
    "privacy.block": Expectation(is_anybodys, OFFICER),
    "privacy.request": Expectation(is_anybodys, OFFICER),
    "privacy.request.line": Expectation(is_anybodys, OFFICER),
    "calendar.feed": Expectation(is_anybodys, NOBODY),
    "calendar.feed.tick": Expectation(is_anybodys, NOBODY),
    "sales.visibility.revision": Expectation(is_anybodys, NOBODY),
    "customer.code.counter": Expectation(is_anybodys, NOBODY),
    "sales.recommendation.digest": Expectation(is_anybodys, NOBODY),
    # ours, configuration
    "customer.rank": Expectation(is_anybodys, USER),
    "customer.completeness.field": Expectation(is_anybodys, USER),
    "crm.case.type": Expectation(is_anybodys, USER),
    "crm.process": Expectation(is_anybodys, SALESMAN),
    "crm.process.subject": Expectation(is_anybodys, SALESMAN),
    "crm.process.weight": Expectation(is_anybodys, SALESMAN),
    "sales.recommendation.kind": Expectation(is_anybodys, f"{SALESMAN},{APPROVER}"),
}

# ----------------------------------------------------------------------
# Methods of ours
# ----------------------------------------------------------------------

# overrides of the ORM's: the channels of the matrix go through them
ORM_METHODS = frozenset(
    {
        "copy_data",
        "create",
        "default_get",
        "execute_import",
        "fetch",
        "get_view",
        "init",
        "load",
        "name_search",
        "onchange",
        "search_count",
        "search_fetch",
        "unlink",
        "web_read_group",
        "write",
    }
)


class Method(NamedTuple):
    """How a method is called, and what is expected: on a record that the plain model hides it
    is refused or answers nothing; on one that it shows, it is not refused for want of access."""

    arguments: tuple = ()
    """the word "ID" stands for the id of the record, "ANYBODY" for a partner whom all see"""
    on: str | None = None
    """the model of the records, where it is another one than the method's"""
    values: dict | None = None
    """a dialog is made of these first; "ID" as above"""
    who: str | None = None
    """groups that are served, where that are not all who see the record"""
    answers: str | None = None
    """why it answers on hidden records, too: it must tell nothing all the same"""
    is_global: bool = False
    """asks for no record: the answer holds only what the user sees"""
    names: tuple = ()
    """kinds of what it names, besides, to everybody whom we do not restrict"""
    refuses: str | None = None
    """why it refuses some of those who see the record"""
    tells_all: bool = False
    """it is there to tell those all whom it serves"""


OPENS = "opens a list or a dialog, which asks for access itself"
REASON = ("a reason",)
DAY = "2099-01-01"

METHODS = {
    "res.partner": {
        "action_release": Method(),
        "action_approve": Method(who=APPROVER),
        "action_decline": Method(REASON, who=APPROVER),
        "action_hold": Method(REASON, who=APPROVER),
        "action_unhold": Method(who=APPROVER),
        "action_open_approval_wizard": Method(),
        "action_view_approvals": Method(),
        "get_waiting_for_approval": Method(is_global=True),
        "action_add_contact": Method(),
        "action_add_note": Method(),
        "action_view_notes": Method(),
        "action_plan_call": Method(),
        "action_view_recommendations": Method(),
        "action_add_reminder": Method(),
        "action_view_reminders": Method(),
        "action_remind_birthday": Method(),
        "get_sales_history": Method(),
        "get_visibility_reasons": Method(),
        "action_explain_visibility": Method(answers=OPENS),
        "action_maintain_salesmen": Method(),
        "action_add_third_party": Method(),
        "action_view_third_party_contracts": Method(),
        "action_touch": Method(who=OFFICER),
        "action_open_anonymize": Method(who=OFFICER),
        "action_export_subject": Method(who=OFFICER, answers="gives the address of a download"),
        "action_print_subject": Method(who=OFFICER, answers="gives the address of a download"),
        "action_lift_block": Method(who=OFFICER),
        "action_view_cases": Method(),
        "action_view_customer_documents": Method(),
        "action_view_customer_activities": Method(),
        "action_new_quotation": Method(),
        "action_new_activity": Method(),
        "action_create_cold_call": Method(),
        "action_view_home": Method(),
        "signup_get_auth_param": Method(),
    },
    "crm.lead": {
        "action_view_history": Method(),
        "get_history": Method(),
        "create_cold_call": Method(
            ({"customer_id": "ID", "subject": "x"},), on="res.partner", who=SALESMAN
        ),
        "action_open_close_wizard": Method(),
        "action_new_activity": Method(),
        "action_new_quote": Method(),
        "action_view_case_activities": Method(),
        "action_add_note": Method(),
        "action_view_notes": Method(),
        "action_set_won": Method(),
        "action_set_lost": Method(),
        "get_customer_export": Method(is_global=True),
        "action_send_batch_sms": Method(is_global=True),
        "get_board": Method(is_global=True),
        "get_board_sums": Method(is_global=True),
        "get_board_unprocessed": Method(is_global=True),
        "get_board_statuses": Method(),
        "action_undo_board_move": Method((False, {})),
        "action_lift_block": Method(who=OFFICER),
        "create_board_case": Method(("ID", 1), on="res.partner", who=SALESMAN),
    },
    "mail.activity": {
        "action_reschedule": Method((DAY, "a reason")),
        "action_next": Method(({"outcome": "x"},)),
        "action_finish": Method(("x",)),
        "action_open_reschedule": Method(),
        "action_open_next": Method(),
        "action_open_finish": Method(),
        "action_edit": Method(),
        "action_view_customer": Method(),
        "action_view_case_history": Method(),
        "action_close_case": Method(),
        "action_new_quote": Method(),
        "action_download_ics": Method(),
        "get_summary": Method(),
    },
    "calendar.event": {"action_download_ics": Method()},
    "crm.process": {
        "action_take_over_cases": Method(is_global=True),
        "action_view_cases": Method(is_global=True),
        "action_view_board": Method(is_global=True),
    },
    "crm.sms.batch": {
        "action_refresh": Method(),
        "action_stop": Method(),
        "action_retry": Method(),
    },
    "customer.anniversary": {"action_remind": Method()},
    "customer.handover": {
        "action_view_failed": Method(),
        "action_new": Method(is_global=True),
    },
    "customer.note.chain": {"action_check": Method(is_global=True)},
    "customer.reminder": {
        "action_done": Method(),
        "action_postpone": Method((DAY,)),
        "action_open_postpone": Method(),
        "action_view_customer": Method(),
    },
    "hr.employee": {"action_view_customers": Method(is_global=True)},
    "res.users": {
        "action_archive": Method(is_global=True),
        "action_make_calendar_feed": Method(is_global=True),
        "action_revoke_calendar_feed": Method(is_global=True),
    },
    "privacy.field": {
        "action_open": Method(is_global=True),
        "action_reset": Method(is_global=True),
    },
    "privacy.rule": {
        "action_approve": Method(is_global=True),
        "action_run": Method(is_global=True),
        "action_view_lines": Method(is_global=True),
    },
    "privacy.block": {
        "action_lift": Method(is_global=True),
        "lift": Method((["nobody@zq.example"],), is_global=True),
    },
    "privacy.request.line": {"action_keep": Method(is_global=True)},
    "privacy.request": {
        "get_preview": Method((["ID"],), on="res.partner", who=OFFICER),
        "anonymize": Method((["ID"],), on="res.partner", who=OFFICER),
        "export_subject": Method(("ID",), on="res.partner", who=OFFICER, tells_all=True),
        "action_approve": Method(is_global=True),
        "action_reject": Method(is_global=True),
        "action_keep_all": Method(is_global=True),
        "action_view_lines": Method(is_global=True),
    },
    "sale.order": {
        "action_confirm": Method(),
        "action_open_clone_wizard": Method(),
        "action_open_override_wizard": Method(answers=OPENS),
        "action_confirm_with_reason": Method(REASON, who=OVERRIDE),
    },
    "sales.home": {
        "get_home": Method(is_global=True),
        "get_customer_home": Method(("ID",), on="res.partner", names=("case",)),
    },
    "sales.recommendation": {
        "action_follow_up": Method(),
        "action_snooze": Method((DAY,)),
        "action_dismiss": Method(REASON),
        "action_undo": Method(),
        "action_open_snooze": Method(),
        "action_open_dismiss": Method(),
        "action_view_customer": Method(),
        "action_view_subject": Method(),
        "action_win": Method(),
        "action_run_now": Method(is_global=True),
        "get_last_run": Method(is_global=True),
    },
    "sales.recommendation.kind": {"action_view_open": Method(is_global=True)},
    "sales.target": {
        "get_grid": Method(is_global=True),
        "get_year": Method((1,), is_global=True),
        "save_cells": Method(([],), is_global=True),
    },
    "third.party.contract": {
        "action_win": Method(),
        "action_open": Method(answers=OPENS),
        "action_save_and_new": Method(),
        "action_view_order": Method(),
        "action_view_usage": Method(answers=OPENS),
    },
    # dialogs
    "crm.case.close.wizard": {
        "action_close_case": Method(on="crm.lead", values={"case_id": "ID"}),
    },
    "crm.entry.wizard": {
        "action_save": Method(
            on="res.partner",
            values={"customer_id": "ID", "case_name": "x", "summary": "x"},
        ),
    },
    "customer.approval.wizard": {
        "action_apply": Method(
            on="res.partner",
            values={"partner_ids": [(6, 0, ["ID"])], "transition": "release"},
        ),
    },
    "customer.handover.wizard": {
        "action_hand_over": Method(
            on="res.partner",
            values={"customer_ids": [(6, 0, ["ID"])], "scope": "chosen"},
            refuses="of managers and administrators",
        ),
        "action_archive_without_successor": Method(is_global=True),
    },
    "customer.reminder.postpone.wizard": {
        "action_postpone": Method(
            on="customer.reminder", values={"reminder_ids": [(6, 0, ["ID"])], "date": DAY}
        ),
    },
    "customer.salesman.wizard": {
        "action_save": Method(on="res.partner", values={"customer_id": "ID"}),
    },
    "mail.activity.next.wizard": {
        "action_next": Method(on="mail.activity", values={"activity_id": "ID", "outcome": "x"}),
    },
    "mail.activity.reschedule.wizard": {
        "action_reschedule": Method(
            on="mail.activity",
            values={"activity_ids": [(6, 0, ["ID"])], "date": DAY, "reason": "x"},
        ),
    },
    "privacy.anonymize.wizard": {
        "action_confirm": Method(
            on="res.partner",
            values={"partner_ids": [(6, 0, ["ID"])], "is_sure": True},
            who=OFFICER,
        ),
    },
    "sale.order.clone.wizard": {
        "action_clone": Method(on="sale.order", values={"order_id": "ID", "partner_id": "ANYBODY"}),
    },
    "sale.order.override.wizard": {
        "action_confirm": Method(
            on="sale.order", values={"order_id": "ID", "reason": "x"}, who=OVERRIDE
        ),
    },
    "sales.recommendation.wizard": {
        "action_save": Method(
            on="sales.recommendation",
            values={"mode": "dismiss", "recommendation_ids": [(6, 0, ["ID"])], "reason": "x"},
        ),
    },
    "sales.target.copy.wizard": {"action_copy": Method(is_global=True)},
    "sms.composer": {
        "action_send_sms": Method(
            on="res.partner",
            values={
                "res_model": "res.partner",
                "res_ids": "[ID]",
                "composition_mode": "mass",
                "body": "x",
            },
        ),
    },
    "ir.http": {"session_info": Method(is_global=True)},
}


# ----------------------------------------------------------------------
# Routes
# ----------------------------------------------------------------------


class Route(NamedTuple):
    """A request for a record: on a hidden one no word of it comes back."""

    path: str
    """ "{id}", "{model}" and "{word}" are the record's"""
    models: tuple
    data: object = None
    """a form or, with ``kind`` "json", the parameters"""
    kind: str = "get"
    shows: str | bool = False
    """the record's own word, or that of this kind, comes back to whoever sees it"""
    hides: int = 0
    """the status of the answer on hidden records; 0: any"""
    who: str | None = None
    writes: bool = False
    """asked of hidden records only: of others it would change what is asked for next"""


DOCUMENTS = ("res.partner", "crm.lead", "sale.order", "account.move")
THREAD = {"thread_model": "{model}", "thread_id": "{id}"}

# by the rule of the routing map
ROUTES = {
    # ours
    "/crm/calendar/<string:model>/<int:record_id>.ics": [
        Route(
            "/crm/calendar/{model}/{id}.ics",
            ("mail.activity",),
            shows=True,
            hides=404,
        ),
        Route("/crm/calendar/{model}/{id}.ics", ("calendar.event",)),
        # what is offered for these two is refused for others
        Route("/crm/calendar/{model}/{id}.ics", ("crm.lead", "res.partner"), hides=404),
    ],
    "/crm/calendar/<string:token>.ics": "test_calendar_feeds",
    "/sales_crm_cases/privacy/<int(max=2147483647):partner_id>": [
        Route("/sales_crm_cases/privacy/{id}", ("res.partner",), shows=True, who=OFFICER),
    ],
    "/sales_crm_cases/privacy/<int(max=2147483647):partner_id>/report": [
        Route("/sales_crm_cases/privacy/{id}/report", ("res.partner",), shows=True, who=OFFICER),
    ],
    # records as files, pictures and pages
    "/web/image/<string:model>/<int:id>/<string:field>": "test_pictures",
    "/web/content/<int:id>": [
        Route("/web/content/{id}", ("ir.attachment",), shows=True, hides=404),
    ],
    "/web/content/<string:model>/<int:id>/<string:field>": [
        Route("/web/content/{model}/{id}/name", DOCUMENTS),
        Route("/web/content/{model}/{id}/datas", ("ir.attachment",)),
    ],
    "/web/partner/vcard": [
        Route("/web/partner/vcard?partner_ids={id}", ("res.partner",)),
    ],
    '/web_enterprise/partner/<model("res.partner"):partner>/vcard': [
        Route("/web_enterprise/partner/{id}/vcard", ("res.partner",), shows="name"),
    ],
    "/report/<converter>/<reportname>/<docids>": [
        Route("/report/html/sale.report_saleorder/{id}", ("sale.order",), shows=True),
        Route("/report/text/sale.report_saleorder/{id}", ("sale.order",)),
        Route("/report/html/account.report_invoice/{id}", ("account.move",)),
        Route("/report/html/account.report_payment_receipt/{id}", ("account.payment",)),
    ],
    "/my/orders/<int:order_id>": [Route("/my/orders/{id}", ("sale.order",))],
    "/my/invoices/<int:invoice_id>": [Route("/my/invoices/{id}", ("account.move",))],
    "/my/orders": [Route("/my/orders", ("sale.order",))],
    "/my/invoices": [Route("/my/invoices", ("account.move",))],
    "/odoo/<path:subpath>": [Route("/odoo/{model}/{id}", DOCUMENTS)],
    "/json/1/<path:subpath>": [Route("/json/1/{model}/{id}", DOCUMENTS)],
    "/lead/case_mark_won": [
        # with a token that nobody has
        Route("/lead/case_mark_won?res_id={id}&token=x", ("crm.lead",)),
    ],
    "/calendar/join_videocall/<string:access_token>": [
        Route("/calendar/join_videocall/{id}", ("calendar.event",)),
    ],
    '/account/download_invoice_documents/<models("account.move"):invoices>/<string:filetype>': [
        Route("/account/download_invoice_documents/{id}/pdf", ("account.move",)),
    ],
    # the chatter
    "/mail/view": [Route("/mail/view?model={model}&res_id={id}", DOCUMENTS)],
    "/mail/message/<int:message_id>": [Route("/mail/message/{id}", ("mail.message",))],
    "/mail/thread/messages": [Route("/mail/thread/messages", DOCUMENTS, THREAD, "json")],
    "/mail/thread/recipients": [Route("/mail/thread/recipients", DOCUMENTS, THREAD, "json")],
    "/mail/thread/recipients/get_suggested_recipients": [
        Route("/mail/thread/recipients/get_suggested_recipients", DOCUMENTS, THREAD, "json"),
    ],
    "/mail/thread/subscribe": [
        Route(
            "/mail/thread/subscribe",
            DOCUMENTS,
            {"res_model": "{model}", "res_id": "{id}", "partner_ids": []},
            "json",
            writes=True,
        ),
    ],
    "/mail/message/post": [
        Route(
            "/mail/message/post",
            DOCUMENTS,
            {**THREAD, "post_data": {"body": "x"}},
            "json",
            writes=True,
        ),
    ],
    "/mail/partner/from_email": [
        Route("/mail/partner/from_email", DOCUMENTS, {**THREAD, "emails": ["x@x.example"]}, "json"),
    ],
    "/mail/message/update_content": [
        Route(
            "/mail/message/update_content",
            ("mail.message",),
            {"message_id": "{id}", "update_data": {"body": "x"}},
            "json",
            writes=True,
        ),
    ],
    "/mail/message/reaction": [
        Route(
            "/mail/message/reaction",
            ("mail.message",),
            {"message_id": "{id}", "content": "x", "action": "add"},
            "json",
            writes=True,
        ),
    ],
    "/mail/attachment/delete": [
        Route(
            "/mail/attachment/delete",
            ("ir.attachment",),
            {"attachment_id": "{id}"},
            "json",
            writes=True,
        ),
    ],
    "/mail/read_subscription_data": [
        Route("/mail/read_subscription_data", ("mail.followers",), {"follower_id": "{id}"}, "json"),
    ],
    "/mail/data": [
        Route(
            "/mail/data",
            DOCUMENTS,
            {
                "fetch_params": [
                    [
                        "mail.thread",
                        {
                            **THREAD,
                            "access_params": {},
                            "request_list": [
                                "activities",
                                "attachments",
                                "followers",
                                "scheduledMessages",
                                "suggestedRecipients",
                            ],
                        },
                    ],
                    "systray_get_activities",
                    "failures",
                ]
            },
            "json",
        ),
    ],
    "/mail/chatter_fetch": [Route("/mail/chatter_fetch", DOCUMENTS, THREAD, "json")],
    "/portal/chatter_init": [Route("/portal/chatter_init", DOCUMENTS, THREAD, "json")],
    "/mail/inbox/messages": [Route("/mail/inbox/messages", ("mail.message",), {}, "json")],
    "/mail/history/messages": [Route("/mail/history/messages", ("mail.message",), {}, "json")],
    "/mail/starred/messages": [Route("/mail/starred/messages", ("mail.message",), {}, "json")],
    "/discuss/search": [Route("/discuss/search", ("res.partner",), {"term": "zq"}, "json")],
    # calls
    "/web/dataset/call_kw/<path:path>": [
        Route(
            "/web/dataset/call_kw/{model}/web_read",
            (*DOCUMENTS, "mail.activity", "mail.message", "customer.note", "sales.recommendation"),
            {
                "model": "{model}",
                "method": "web_read",
                "args": [["{id}"]],
                "kwargs": {"specification": {"display_name": {}}},
            },
            "json",
        ),
    ],
    "/web/action/load_breadcrumbs": [
        Route(
            "/web/action/load_breadcrumbs",
            (*DOCUMENTS, "sale.order.line", "res.partner.bank", "res.users"),
            {"actions": [{"model": "{model}", "resId": "{id}"}]},
            "json",
        ),
    ],
    "/html_editor/link_preview_internal": [
        Route(
            "/html_editor/link_preview_internal",
            (*DOCUMENTS, "sale.order.line", "res.partner.bank", "res.users"),
            {"preview_url": "http://localhost/odoo/{model}/{id}"},
            "json",
        ),
    ],
    "/web/export/csv": "test_exports",
    "/web/export/xlsx": "test_exports",
    "/json/2/<__model__>/<__method__>": "test_programs",
    "/xmlrpc/2/<service>": "test_programs",
}


# ----------------------------------------------------------------------
# What there is
# ----------------------------------------------------------------------

# what a record must hold to lead to a customer
TARGETS = ("res.partner", "crm.lead", "sale.order", "account.move", "mail.activity")


def is_ours(env, model_name):
    return env.registry[model_name]._original_module == "sales_crm_cases"


def find_models(env):
    """:return: dict ``{model: its fields that lead to a customer}`` of all that is stored, and of
    all models of ours, the dialogs excepted"""
    targets = set(TARGETS)
    targets |= {name for name in env.registry if is_ours(env, name)}
    found = {}
    for name in sorted(env.registry):
        model = env[name]
        if model._abstract or model._transient:
            continue
        ways = [
            field.name
            for field in model._fields.values()
            if field.store
            and not field.inherited
            and field.name not in models.MAGIC_COLUMNS
            and (
                (field.type in ("many2one", "many2many") and field.comodel_name in targets)
                or field.type in ("many2one_reference", "reference")
            )
        ]
        if ways or name in TARGETS or is_ours(env, name):
            found[name] = ways
    return found


def find_methods(env):
    """:return: list of ``(model, method)`` that classes of this addon define and RPC may call"""
    found = set()
    for name in env.registry:
        if env[name]._abstract and not is_ours(env, name) and name != "ir.http":
            continue
        cls = env.registry[name]
        for base in cls.mro():
            if not base.__module__.startswith(ADDON):
                continue
            found |= {
                (name, method)
                for method, value in vars(base).items()
                if inspect.isfunction(value)
                and not method.startswith("_")
                and method not in ORM_METHODS
                and not getattr(getattr(cls, method), "_api_private", False)
            }
    # mixins are reached by the models that are made of them
    return sorted(
        (name, method)
        for name, method in found
        if not env[name]._abstract or name in ("sales.home", "ir.http")
    )


def find_routes(env):
    """:return: dict ``{rule: whether it is ours}``"""
    found = {}
    for rule in env["ir.http"].routing_map().iter_rules():
        endpoint = rule.endpoint
        function = getattr(endpoint, "func", endpoint)
        function = getattr(function, "__wrapped__", function)
        found[rule.rule] = getattr(function, "__module__", "").startswith(ADDON)
    return found
