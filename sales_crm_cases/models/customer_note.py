from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..note_digest import digest_note, digest_text, make_key
from .customer_document_mixin import CUSTOMERS

# Held by the code that anonymises people: no caller from outside can make it.
REDACTION_SENTINEL = object()
# In the context of the writes below: prepared notes, and redactions.
NOTE_SENTINEL = object()
# what a user gives; the rest is the server's
USER_FIELDS = {"customer_id", "case_id", "body"}
# what superuser code may give, too: demonstration data and migrations are older than today
SUPERUSER_FIELDS = USER_FIELDS | {"author_id", "date"}


class CustomerNote(models.Model):
    """Notes on a customer: written once, then neither changed nor deleted by anyone (K13).

    They are no messages of the chatter, which their authors and administrators may edit and
    empty. ``note_digest.py`` says how they are chained, ``customer.note.chain`` checks them.
    There are no columns of who wrote last: nobody does.
    """

    _name = "customer.note"
    _inherit = ["customer.document.mixin"]
    _description = "Note on a customer"
    _log_access = False
    _order = "date DESC, id DESC"
    _rec_names_search = ["body"]

    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", domain=CUSTOMERS
    )
    case_id = fields.Many2one(
        "crm.lead",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        domain="[('customer_id', '=', customer_id), ('type', '=', 'opportunity')]",
        # who may not read cases does not learn of them by the notes
        groups="sales_team.group_sale_salesman",
    )
    body = fields.Text(string="Note", required=True, index="trigram")
    author_id = fields.Many2one(
        "res.users", required=True, readonly=True, copy=False, ondelete="restrict"
    )
    date = fields.Datetime(required=True, readonly=True, copy=False)
    redacted_date = fields.Datetime(string="Redacted on", readonly=True, copy=False)
    event = fields.Selection(
        [
            ("customer_merge", "Customers merged"),
            ("case_merge", "Cases merged"),
            ("redaction", "Redaction"),
        ],
        readonly=True,
        copy=False,
        help="Empty: written by a person.",
    )
    # the chain
    chain_id = fields.Many2one(
        "customer.note.chain",
        required=True,
        copy=False,
        ondelete="restrict",
        groups=fields.NO_ACCESS,
    )
    sequence = fields.Integer(string="Number", required=True, readonly=True, copy=False)
    event_ref = fields.Char(copy=False, groups=fields.NO_ACCESS)
    case_ref = fields.Integer(copy=False, groups=fields.NO_ACCESS)
    salt = fields.Char(copy=False, groups=fields.NO_ACCESS)
    body_digest = fields.Char(required=True, copy=False, groups=fields.NO_ACCESS)
    digest = fields.Char(required=True, readonly=True, copy=False)

    _customer_date_idx = models.Index("(customer_id, date DESC, id DESC)")
    _date_idx = models.Index("(date DESC, id DESC)")
    _chain_sequence_unique = models.UniqueIndex("(chain_id, sequence)")

    @api.depends("customer_id", "date")
    def _compute_display_name(self):
        for note in self:
            date = note.date and fields.Datetime.context_timestamp(note, note.date).date()
            note.display_name = f"{note.customer_id.display_name or ''} · {date or ''}"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Add notes at the ends of their customers' chains. Author and date are the server's.

        :raise UserError: other fields are given, the customer is none, or the case is another's
        :raise AccessError: the customer is not the user's
        """
        if self._is_prepared():
            return super().create(vals_list)
        self.browse().check_access("create")
        defaults = self.default_get(sorted(USER_FIELDS))
        vals_list = [{**defaults, **vals} for vals in vals_list]
        return self._append(self._prepare_notes(vals_list))

    def write(self, vals):
        if not self._is_prepared():
            raise UserError(self._get_append_only_message())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_written(self):
        raise UserError(self._get_append_only_message())

    def _is_prepared(self):
        return self.env.context.get("customer_note") is NOTE_SENTINEL

    def _get_append_only_message(self):
        return self.env._(
            "Notes are never changed or deleted, by nobody. Add another note that says what is right."
        )

    @api.model
    def _prepare_notes(self, vals_list):
        """The values of a user's notes, checked with his rights."""
        records = []
        for model_name, name in (("res.partner", "customer_id"), ("crm.lead", "case_id")):
            # all at once, so that they are read together
            all_of_model = self.env[model_name].browse(
                dict.fromkeys(vals[name] for vals in vals_list if vals.get(name))
            )
            if all_of_model:
                all_of_model.check_access("read")
            by_id = {record.id: record for record in all_of_model}
            records.append([by_id.get(vals.get(name), all_of_model[:0]) for vals in vals_list])
        return [
            self._prepare_note(vals, partner, case)
            for vals, partner, case in zip(vals_list, *records, strict=True)
        ]

    @api.model
    def _prepare_note(self, vals, partner, case):
        given = {name for name, value in vals.items() if value}
        foreign = given - (SUPERUSER_FIELDS if self.env.su else USER_FIELDS)
        if foreign:
            raise UserError(
                self.env._(
                    "A note's author, date and digest are set by the server. Leave out: %(fields)s.",
                    fields=", ".join(sorted(foreign)),
                )
            )
        if not partner and not case:
            raise ValidationError(self.env._("Choose the customer on whom the note is written."))
        if not partner:
            # sudo: whether the user may see the customer of his case is checked at once
            partner = case.sudo().customer_id.sudo(False)
            partner.check_access("read")
        # sudo: the commercial entity of a partner whom the user may read
        customer = partner.sudo().customer_id
        if not customer:
            raise ValidationError(
                self.env._(
                    "Notes are written on CRM customers, and %(partner)s is none. Choose a customer.",
                    partner=partner.display_name or "",
                )
            )
        # sudo: as above, of a case
        if case and case.sudo().customer_id != customer:
            raise ValidationError(
                self.env._(
                    "The case %(case)s is not one of %(customer)s. Choose a case of this customer.",
                    case=case.display_name,
                    customer=customer.display_name,
                )
            )
        body = str(vals.get("body") or "").replace("\x00", "").strip()
        if not body:
            raise ValidationError(self.env._("The note is empty. Write something."))
        return {
            "customer_id": customer.id,
            "case_id": case.id,
            "body": body,
            "author_id": vals.get("author_id") or self.env.uid,
            "date": fields.Datetime.to_datetime(vals.get("date")) or fields.Datetime.now(),
        }

    @api.model
    def _append(self, vals_list, chains=None):
        """Write prepared notes, each at the end of its customer's own chain.

        :param chains: one locked chain per note, to write there instead
        """
        # sudo: the chain is nobody's to write
        Chain = self.env["customer.note.chain"].sudo()
        if chains is None:
            customer_ids = {vals["customer_id"] for vals in vals_list}
            own_chains = Chain._take(self.env["res.partner"].browse(customer_ids))
            chains = [own_chains[vals["customer_id"]] for vals in vals_list]
        for vals, chain in zip(vals_list, chains, strict=True):
            self._link_to_chain(vals, chain)
        # sudo: as above; the user's right is checked on what he made
        notes = self.sudo().with_context(customer_note=NOTE_SENTINEL).create(vals_list)
        notes = notes.with_env(self.env)
        notes.check_access("create")
        Chain._store({chain["id"]: chain for chain in chains}.values())
        return notes

    @api.model
    def _link_to_chain(self, vals, chain):
        """Complete the values of a note that follows the end of ``chain``, which moves on."""
        salt = make_key()
        vals.update(
            chain_id=chain["id"],
            sequence=chain["note_count"] + 1,
            case_ref=vals["case_id"] or 0,
            salt=salt,
            body_digest=digest_text(salt, vals["body"]),
            redacted_date=False,
        )
        vals.setdefault("event", False)
        vals.setdefault("event_ref", False)
        vals["date"] = vals["date"].replace(microsecond=0)
        vals["digest"] = digest_note(chain["last_digest"], chain["key"], vals)
        chain.update(note_count=vals["sequence"], last_digest=vals["digest"])

    @api.model
    def _get_dialog_action(self, **context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add note"),
            "res_model": "customer.note",
            "view_mode": "form",
            "views": [(self.env.ref("sales_crm_cases.customer_note_view_form_dialog").id, "form")],
            "target": "new",
            "context": context,
        }

    # ------------------------------------------------------------------
    # What may happen to notes: each by an entry of the chain
    # ------------------------------------------------------------------

    @api.model
    def _append_event(self, event, refs_by_chain, body, case=None):
        """Write one entry into each of the chains.

        :param refs_by_chain: dict ``{chain: what event_ref is to name}``
        """
        locked = self.env["customer.note.chain"]._lock([chain.id for chain in refs_by_chain])
        return self._append(
            [
                self._prepare_event(event, refs, chain.customer_id, body, case)
                for chain, refs in refs_by_chain.items()
            ],
            [locked[chain.id] for chain in refs_by_chain],
        )

    @api.model
    def _prepare_event(self, event, refs, customer, body, case=None):
        return {
            "customer_id": customer.id,
            "case_id": case.id if case else False,
            "body": body,
            "author_id": self.env.uid,
            "date": fields.Datetime.now(),
            "event": event,
            "event_ref": ",".join(map(str, refs)),
        }

    @api.model
    def _hand_over(self, sources, customer):
        """The notes of customers that become part of another one follow them."""
        # sudo: what belongs to the customers moves, whoever may read it
        notes = self.sudo()
        chains = notes.env["customer.note.chain"].search([("customer_id", "in", sources.ids)])
        if not chains:
            return
        notes._append(
            [
                self._prepare_event(
                    "customer_merge",
                    own.mapped("key"),
                    customer,
                    self.env._(
                        "%(customer)s became part of this customer. Its notes follow.",
                        customer=source.display_name,
                    ),
                )
                for source, own in chains.grouped("customer_id").items()
            ]
        )
        for table in ("customer_note", "customer_note_chain"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET customer_id = %s WHERE customer_id = ANY(%s)",
                    SQL.identifier(table),
                    customer.id,
                    sources.ids,
                )
            )
        self.env.cr.execute(
            SQL("UPDATE res_partner SET note_chain_id = NULL WHERE id = ANY(%s)", sources.ids)
        )
        self.env.invalidate_all()

    @api.model
    def _move_to_case(self, cases, case):
        """The notes of cases that are merged into another one follow them."""
        # sudo: as in _hand_over
        notes = self.sudo().search([("case_id", "in", cases.ids)])
        if not notes:
            return
        notes._append_event(
            "case_merge",
            dict.fromkeys(notes.chain_id, cases.ids),
            self.env._(
                "Cases were merged: %(cases)s became %(case)s.",
                cases=", ".join(cases.sudo().mapped("name")),
                case=case.sudo().name,
            ),
            case,
        )
        self.env.cr.execute(
            SQL("UPDATE customer_note SET case_id = %s WHERE case_id = ANY(%s)", case.id, cases.ids)
        )
        self.env.invalidate_all()

    def _redact(self, permission, reason=False):
        """Put a sentence in the place of the text, for good: the text is gone from the
        database. For the anonymisation of people only.

        :param permission: ``REDACTION_SENTINEL``
        :param reason: the sentence, without personal data
        """
        if permission is not REDACTION_SENTINEL:
            raise UserError(self._get_append_only_message())
        # sudo: the caller checked who anonymises
        notes = self.sudo().filtered(lambda n: not n.redacted_date and n.event != "redaction")
        if not notes:
            return
        by_chain = notes.grouped("chain_id")
        events = notes._append_event(
            "redaction",
            {chain: own.mapped("sequence") for chain, own in by_chain.items()},
            reason or self.env._("This note was redacted to protect personal data."),
        )
        for event in events:
            by_chain[event.chain_id].with_context(customer_note=NOTE_SENTINEL).write(
                {"body": event.body, "salt": False, "redacted_date": event.date}
            )
        self.env.flush_all()
