from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context, html2plaintext

from .mail_activity import ACTIVITY_STEP

NEXT_KEYS = frozenset({"outcome", "activity_type_id", "summary", "date_deadline", "note"})


class NextActivity(dict):
    """Values of the activity that follows. In the context they are no plain dict, so that no
    caller from outside can put them there."""


class MailActivity(models.Model):
    """What people do with activities: reschedule, finish, plan the next one, and the buttons of
    their lists (C3)."""

    _name = "mail.activity"
    _inherit = ["mail.activity"]

    # ------------------------------------------------------------------
    # Reschedule, done, next action (C3)
    # ------------------------------------------------------------------

    def action_reschedule(self, date, reason):
        """Move open activities to another date (C3). The first date, the number of
        postponements and the reasons are kept.

        :param date: the new date, as a date or ``YYYY-MM-DD``; today or later
        :param reason: why, not empty
        :return: True
        :raise UserError: no reason, a date in the past, or the activity is done
        :raise AccessError: an activity of a colleague
        """
        self.check_access("write")
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("Please give the reason for the new date."))
        date = self._to_date(date)
        self._lock_open()
        return self.with_context(postpone_reason=reason).write({"date_deadline": date})

    def action_next(self, vals):
        """Close the activity with its outcome and plan the next one on the same document, both
        or none (C3).

        :param vals: ``outcome`` (text, required), ``activity_type_id``, ``summary``,
            ``date_deadline`` (required), ``note`` of the next one
        :return: the new activity
        :raise UserError: what is missing or wrong
        :raise AccessError: an activity of a colleague
        """
        self.ensure_one()
        self.check_access("write")
        if not isinstance(vals, dict):
            raise UserError(self.env._("Please give the outcome of this activity."))
        unknown = set(vals) - NEXT_KEYS
        if unknown:
            raise UserError(
                self.env._("Unknown: %(keys)s.", keys=", ".join(sorted(map(str, unknown))))
            )
        outcome = self._clean_outcome(vals.get("outcome"))
        # sudo: the one that follows belongs to whom this one belonged to
        owner = self.sudo().user_id or self.env.user
        following = NextActivity(
            activity_type_id=self._get_next_type(vals.get("activity_type_id")).id,
            summary=vals.get("summary") or False,
            note=vals.get("note") or False,
            date_deadline=self._to_date(vals.get("date_deadline")),
            user_id=owner.id,
        )
        self._lock_open()
        self._check_case_is_open(count=False)
        # a type that plans one by itself plans the one that was asked for
        step = self.with_context(clean_context(self.env.context), activity_next=following)
        _messages, automatic = step._action_done(feedback=outcome)
        if automatic:
            planned = automatic[0].with_env(self.env)
            planned._is_on_customer()._check_deadline()
            planned._check_case_is_open()
            return planned
        return (
            self.with_context(clean_context(self.env.context))
            .create(
                {
                    **following,
                    "res_model_id": self.env["ir.model"]._get_id(self.res_model),
                    "res_id": self.res_id,
                }
            )
            .with_env(self.env)
        )

    def _get_next_type(self, type_id):
        if not type_id:
            return self.activity_type_id
        found = self.env["mail.activity.type"].browse(type_id if isinstance(type_id, int) else 0)
        if not found.exists():
            raise UserError(self.env._("Please choose the kind of activity."))
        return found

    def _prepare_next_activity_values(self):
        values = super()._prepare_next_activity_values()
        following = self.env.context.get("activity_next")
        if isinstance(following, NextActivity):
            values.update(following)
        return values

    def action_finish(self, outcome):
        """Close the activity with its outcome, and plan none (C3).

        :param outcome: text, not empty
        :return: True
        :raise UserError: no outcome, or the activity is done already
        :raise AccessError: an activity of a colleague
        """
        self.check_access("write")
        self._action_done(feedback=self._clean_outcome(outcome))
        return True

    def _clean_outcome(self, outcome):
        outcome = outcome.strip() if isinstance(outcome, str) else ""
        if not outcome:
            raise UserError(self.env._("Please give the outcome of this activity."))
        return outcome

    def _action_done(self, feedback=False, attachment_ids=None):
        customer_activities = self._is_on_customer()
        if customer_activities and not self.env.su:
            # a double click: the second one finds it done, and does nothing twice
            customer_activities._lock_open()
        step = self.with_context(activity_step=ACTIVITY_STEP)
        if feedback:
            without_outcome = customer_activities.filtered(lambda activity: not activity.outcome)
            without_outcome.with_env(step.env).outcome = _shorten(feedback)
        messages, following = super(MailActivity, step)._action_done(
            feedback=feedback, attachment_ids=attachment_ids
        )
        return messages.with_env(self.env), following.with_env(self.env)

    def _lock_open(self):
        """Wait for whoever changes the activities, and read again.

        :raise UserError: somebody has finished one meanwhile
        """
        self._lock_or_refuse(
            lambda: self.env._(
                "Somebody else is changing this activity at this moment. "
                "Reload the page to see the outcome, then try again."
            ),
            ["active", "date_deadline"],
        )
        existing = self.exists()
        done = existing.filtered(lambda activity: not activity.active)
        if done or existing != self:
            raise UserError(
                self.env._(
                    "“%(activity)s” is done or cancelled already. Please reload the page.",
                    activity=done[:1].display_name or self.env._("The activity"),
                )
            )

    def _to_date(self, value):
        try:
            date = fields.Date.to_date(value)
        except (TypeError, ValueError):
            date = None
        if not date:
            raise UserError(self.env._("Please give the date on which it is due."))
        return date

    # ------------------------------------------------------------------
    # Buttons of the lists
    # ------------------------------------------------------------------

    def action_open_reschedule(self):
        """Ask for the new date and the reason."""
        self.check_access("write")
        return self.env["ir.actions.act_window"]._get_dialog(
            "mail.activity.reschedule.wizard",
            self.env._("Reschedule"),
            {"default_activity_ids": self.ids},
        )

    def action_open_next(self):
        """Ask for the outcome and for the next activity."""
        return self._open_end(self.env._("Next action"), has_next=True)

    def action_open_finish(self):
        """Ask for the outcome."""
        return self._open_end(self.env._("Done"), has_next=False)

    def _open_end(self, title, has_next):
        self.ensure_one()
        self.check_access("write")
        return self.env["ir.actions.act_window"]._get_dialog(
            "mail.activity.next.wizard",
            title,
            {"default_activity_id": self.id, "default_has_next": has_next},
        )

    def action_edit(self):
        """Open the activity in a dialog."""
        self.ensure_one()
        self.check_access("read")
        dialog = self.env["ir.actions.act_window"]._get_dialog(
            self._name, self.display_name, {}, view="mail_activity_view_form_sales"
        )
        return {**dialog, "res_id": self.id}

    def action_view_customer(self):
        """Open the customer of the activity."""
        self.ensure_one()
        self.check_access("read")
        return self.customer_id._get_customer_action()

    def action_view_case_history(self):
        """Open "Case info and history" (C7)."""
        return self._get_case().action_view_history()

    def action_close_case(self):
        """Ask how the case ended."""
        return self._get_case().action_open_close_wizard()

    def _get_case(self):
        self.ensure_one()
        self.check_access("read")
        if not self.case_id:
            raise UserError(self.env._("This activity belongs to no case."))
        return self.case_id

    def action_new_quote(self):
        """Open the dialog for a quote on the case of the activity (C6)."""
        self.ensure_one()
        self.check_access("read")
        if self.case_id:
            return self.case_id.action_new_quote()
        return self.customer_id.action_new_quotation()

    @api.readonly
    def get_summary(self):
        """What the panel beside the list shows of one activity, without leaving the list (C3).

        :return: dict of plain values; ``note`` is text; ``customer``, ``contact`` and ``case`` are
            dicts, or False
        """
        self.ensure_one()
        self.check_access("read")
        customer, case, contact = self.customer_id, self.case_id, self.contact_id
        # with whom the case alone is shared (B5) sees of its customer what is in the case
        is_shared = bool(case) and not case.is_customer_visible
        return {
            "id": self.id,
            "title": self.display_name,
            "type": self.activity_type_id.display_name or "",
            "icon": self.icon or "fa-tasks",
            "state": self.state,
            "can_write": self.can_write,
            "user": self.user_id.sudo().name or "",
            "date_deadline": self.date_deadline,
            "first_deadline": self.first_deadline or self.date_deadline,
            "date_done": self.date_done,
            "outcome": self.outcome or self.feedback or "",
            "note": html2plaintext(self.note or ""),
            "postpone_count": self.postpone_count,
            # sudo: they are read by who reads the activity
            "postponements": self.postponement_ids.sudo().read(["date_from", "date_to", "reason"]),
            "customer": {"id": customer.id, "name": customer.display_name}
            if customer and not is_shared
            else False,
            "contact": {
                "id": contact.id,
                # sudo: the name is the case's own, as in its history
                "name": contact.sudo().name or "",
                "phone": self.contact_phone or "",
                "email": (case.email_from if is_shared else contact.email) or "",
            }
            if contact
            else False,
            "case": {
                "id": case.id,
                "name": case.name,
                "number": case.case_number or "",
                "stage": case.stage_id.display_name or "",
                "is_open": case._is_open(),
            }
            if case
            else False,
        }


def _shorten(text, length=200):
    """The first line of a text, as an outcome in a list."""
    line = html2plaintext(text).strip().split("\n")[0]
    return line if len(line) <= length else line[: length - 1] + "…"
