from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, html2plaintext

MAX_PAGE = 200
# Messages that somebody wrote; what Odoo notes by itself is in the chatter
MESSAGE_TYPES = ("comment", "email", "email_outgoing", "sms")


class CrmCaseHistoryMixin(models.AbstractModel):
    """Case info and history: all that happened on a case, in time order (C7)."""

    _name = "crm.case.history.mixin"
    _description = "History of a case"

    def action_view_history(self):
        """Open "Case info and history" in a dialog."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.client",
            "tag": "sales_crm_case_history",
            "name": self.env._("Case info and history"),
            "target": "new",
            "params": {"case_id": self.id},
            "context": {"dialog_size": "extra-large"},
        }

    @api.readonly
    def get_history(self, offset=0, limit=50):
        """The case and one page of its history, what is planned first, then the newest (C7).

        :param offset: entries to skip
        :param limit: entries at most, up to 200
        :return: dict with ``case`` (what is known of it), ``total`` and ``entries``: dicts with
            ``kind`` (activity, quote, order, message, note), ``date``, ``type``, ``title``,
            ``outcome``, ``note``, ``user``, ``state``, ``amount``, ``res_model``, ``res_id``
        :raise UserError: an offset or a limit that makes no sense
        """
        self.ensure_one()
        self.check_access("read")
        if not (isinstance(offset, int) and isinstance(limit, int)) or offset < 0 or limit < 1:
            raise UserError(self.env._("A page starts at 0 and has at least one entry."))
        total, keys = self._read_history_keys(offset, min(limit, MAX_PAGE))
        entries = {}
        for kind, _date, record_id in keys:
            entries.setdefault(kind, []).append(record_id)
        details = {
            kind: getattr(self, f"_get_history_of_{kind}")(ids) for kind, ids in entries.items()
        }
        return {
            "case": self._get_history_head(),
            "total": total,
            "entries": [
                {
                    "key": f"{kind}-{record_id}",
                    "kind": kind,
                    "date": fields.Datetime.to_string(date),
                    **details[kind][record_id],
                }
                for kind, date, record_id in keys
                if record_id in details[kind]
            ],
        }

    def _read_history_keys(self, offset, limit):
        """``(total, [(kind, date, id)])``: which entries are on the page."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT h.kind, h.date, h.id, count(*) OVER ()
                  FROM (%(parts)s) h
                 ORDER BY h.planned DESC, h.date DESC, h.kind, h.id DESC
                 LIMIT %(limit)s OFFSET %(offset)s
                """,
                parts=SQL(" UNION ALL ").join(self._get_history_parts()),
                limit=limit,
                offset=offset,
            )
        )
        if rows or not offset:
            return (rows[0][3] if rows else 0), [row[:3] for row in rows]
        # past the end: the number of entries all the same
        total, _keys = self._read_history_keys(0, 1)
        return total, []

    def _get_history_parts(self):
        """SQL of what the history is made of: ``kind, planned, date, id`` each. The user sees
        the case; what is on it and may be hidden from him is filtered here."""
        # through the rules: a colleague's quote of another customer on the case, say
        orders = self.env["sale.order"]._search([("opportunity_id", "=", self.id)])
        order_ids = SQL("(%s)", orders.select())
        # with whom the case is shared (B5) learns nothing of its quotes
        activity_scope = SQL("TRUE") if self.is_customer_visible else SQL("res_model = 'crm.lead'")
        return [
            SQL(
                """
                SELECT 'activity' AS kind, active AS planned,
                       CASE WHEN active THEN date_deadline::timestamp
                            ELSE COALESCE(done_at, date_done::timestamp, write_date) END AS date, id
                  FROM mail_activity WHERE case_id = %s AND %s
                """,
                self.id,
                activity_scope,
            ),
            SQL(
                """
                SELECT CASE WHEN state = 'sale' THEN 'order' ELSE 'quote' END, FALSE,
                       CASE WHEN state = 'sale' THEN date_order ELSE create_date END, id
                  FROM sale_order WHERE id IN %s
                """,
                order_ids,
            ),
            SQL(
                """
                SELECT 'message', FALSE, date, id FROM mail_message
                 WHERE model = 'crm.lead' AND res_id = %s
                   AND message_type IN %s AND mail_activity_type_id IS NULL
                """,
                self.id,
                MESSAGE_TYPES,
            ),
            # through the rules, too: notes stay with their customer if the case goes to another
            SQL(
                "SELECT 'note', FALSE, date, id FROM customer_note WHERE id IN (%s)",
                self.env["customer.note"]._search([("case_id", "=", self.id)]).select(),
            ),
        ]

    def _get_history_head(self):
        """What is known of the case itself."""
        labels = dict(self._fields["won_status"]._description_selection(self.env))
        # sudo: the names of customer and contact are the case's own
        customer, contact = self.customer_id.sudo(), self.partner_id.sudo()
        # the rest of them is for who sees them; the case has its own phone and e-mail
        seen = contact if self.is_customer_visible else contact.browse()
        return {
            "id": self.id,
            "name": self.name,
            "number": self.case_number or "",
            "customer": customer.display_name or contact.display_name or "",
            "customer_id": self.is_customer_visible and (customer.id or contact.id),
            "contact": contact.name or "",
            "phone": seen.phone or self.phone or "",
            "email": seen.email or self.email_from or "",
            "salesman": self.user_id.sudo().name or "",
            "type": self.case_type_id.name or "",
            "stage": self.stage_id.name or "",
            "status": labels.get(self.won_status, ""),
            "is_open": self._is_open(),
            "reason": self.lost_reason_id.name or self.close_reason or "",
            "expected_revenue": self.expected_revenue,
            "currency_id": self.company_currency.id,
            "date_deadline": self.date_deadline,
            "information": html2plaintext(self.description or ""),
        }

    def _get_history_of_activity(self, ids):
        # sudo: activities of a case are read by who reads the case
        activities = self.env["mail.activity"].sudo().browse(ids)
        return {
            activity.id: {
                "type": activity.activity_type_id.name or "",
                "icon": activity.icon or "fa-tasks",
                "title": activity.summary or activity.activity_type_id.name or "",
                "state": activity.state,
                "outcome": activity.outcome or activity.feedback or "",
                "note": html2plaintext(activity.note or ""),
                "user": activity.user_id.name or "",
                "first_deadline": activity.first_deadline or activity.date_deadline,
                "postponed": [
                    {"to": line.date_to, "reason": line.reason or ""}
                    for line in activity.postponement_ids.sorted("id")
                ],
                "res_model": "mail.activity",
                "res_id": activity.id,
            }
            for activity in activities
        }

    def _get_history_of_order(self, ids):
        orders = self.env["sale.order"].browse(ids)
        states = dict(orders._fields["state"]._description_selection(self.env))
        return {
            order.id: {
                "type": states.get(order.state, ""),
                "icon": "fa-file-text-o",
                "title": order.name,
                "state": order.state,
                "outcome": "",
                "note": "",
                "user": order.user_id.sudo().name or "",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "res_model": "sale.order",
                "res_id": order.id,
            }
            for order in orders
        }

    def _get_history_of_quote(self, ids):
        return self._get_history_of_order(ids)

    def _get_history_of_message(self, ids):
        # sudo: messages on the case are read by who reads the case
        messages = self.env["mail.message"].sudo().browse(ids)
        types = dict(messages._fields["message_type"]._description_selection(self.env))
        return {
            message.id: {
                "type": types.get(message.message_type, ""),
                "icon": "fa-comment-o" if message.message_type == "comment" else "fa-envelope-o",
                "title": message.subject or "",
                "state": "",
                "outcome": "",
                "note": html2plaintext(message.body or "").strip(),
                "user": message.author_id.name or message.email_from or "",
                "res_model": "crm.lead",
                "res_id": self.id,
            }
            for message in messages
        }

    def _get_history_of_note(self, ids):
        # sudo: notes on the case are read by who reads the case
        notes = self.env["customer.note"].sudo().browse(ids)
        return {
            note.id: {
                "type": self.env._("Note"),
                "icon": "fa-sticky-note-o",
                "title": self.env._("Note"),
                "state": "",
                "outcome": "",
                "note": note.body or "",
                "user": note.author_id.name or "",
                "res_model": "customer.note",
                "res_id": note.id,
            }
            for note in notes
        }
