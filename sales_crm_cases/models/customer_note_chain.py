from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..note_digest import digest_start, find_problems, make_key, split_ref
from .res_users import ADMINISTRATOR

# Only the code of the notes puts this object into the context.
CHAIN_SENTINEL = object()
CHAINS_PER_STEP = 200
CHAIN_COLUMNS = ("id", "key", "customer_id", "origin_ref", "note_count", "last_digest")
NOTE_COLUMNS = (
    "id",
    "chain_id",
    "sequence",
    "customer_id",
    "case_id",
    "case_ref",
    "author_id",
    "date",
    "event",
    "event_ref",
    "body",
    "salt",
    "body_digest",
    "redacted_date",
    "digest",
)


class CustomerNoteChain(models.Model):
    """The end of each chain of notes (K13): how many there are, and the last digest.

    New notes go to the customer's own chain. Merged customers bring theirs along.
    """

    _name = "customer.note.chain"
    _description = "Chain of a customer's notes"
    _log_access = False
    _order = "id"
    _rec_name = "customer_id"

    key = fields.Char(required=True, readonly=True)
    customer_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    origin_ref = fields.Integer(
        string="First customer",
        required=True,
        readonly=True,
        help="Database id of the customer for whom the chain was begun.",
    )
    note_count = fields.Integer(string="Number of notes", required=True, readonly=True)
    last_digest = fields.Char(required=True, readonly=True)
    # the last check
    checked_date = fields.Datetime(string="Checked on", readonly=True, index=True)
    problem = fields.Text(
        readonly=True, help="What the last check found. Empty: the notes are as they were written."
    )

    _key_unique = models.UniqueIndex("(key)")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_sentinel()
        return super().create(vals_list)

    def write(self, vals):
        self._check_sentinel()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_notes(self):
        self._check_sentinel()

    def _check_sentinel(self):
        if self.env.context.get("customer_note_chain") is not CHAIN_SENTINEL:
            raise UserError(
                self.env._("The chains of the notes are written by the notes alone. Add a note.")
            )

    # ------------------------------------------------------------------
    # Growing
    # ------------------------------------------------------------------

    @api.model
    def _take(self, customers):
        """Lock the customers' own chains, and begin those that are missing.

        :return: as :meth:`_lock`, by the customers' ids
        """
        self.env["res.partner"].flush_model(["note_chain_id"])
        # of two sessions at once one begins the chain, the other waits for it
        without_chain = self.env.execute_query(
            SQL(
                """
                SELECT id FROM res_partner WHERE id = ANY(%s) AND note_chain_id IS NULL
                 ORDER BY id FOR NO KEY UPDATE
                """,
                customers.ids,
            )
        )
        self._begin([customer_id for [customer_id] in without_chain])
        owners = dict(
            self.env.execute_query(
                SQL("SELECT note_chain_id, id FROM res_partner WHERE id = ANY(%s)", customers.ids)
            )
        )
        return {owners[chain["id"]]: chain for chain in self._lock(owners).values()}

    @api.model
    def _lock(self, chain_ids):
        """Lock chains. Whoever comes second waits, then fails to serialise, so that Odoo runs
        his request again, behind what the first one wrote.

        :return: dict ``{id: {"id", "key", "note_count", "last_digest"}}``
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT id, key, note_count, last_digest FROM customer_note_chain
                 WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
                """,
                list(chain_ids),
            )
        )
        return {row["id"]: row for row in rows}

    @api.model
    def _begin(self, customer_ids):
        if not customer_ids:
            return
        vals_list = []
        for customer_id in customer_ids:
            key = make_key()
            vals_list.append(
                {
                    "key": key,
                    "customer_id": customer_id,
                    "origin_ref": customer_id,
                    "note_count": 0,
                    "last_digest": digest_start(key, customer_id),
                }
            )
        # sudo: nobody has the right to write chains
        chains = self.sudo().with_context(customer_note_chain=CHAIN_SENTINEL).create(vals_list)
        # in SQL: a note is no change of the customer's data
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner p SET note_chain_id = c.id
                  FROM customer_note_chain c WHERE c.id = ANY(%s) AND p.id = c.origin_ref
                """,
                chains.ids,
            )
        )
        self.env["res.partner"].invalidate_model(["note_chain_id"], flush=False)

    @api.model
    def _store(self, chains):
        """Write the new ends of chains that :meth:`_take` gave out."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_note_chain c SET note_count = n.count, last_digest = n.digest
                  FROM unnest(%s::int[], %s::int[], %s::varchar[]) AS n(id, count, digest)
                 WHERE c.id = n.id
                """,
                [chain["id"] for chain in chains],
                [chain["note_count"] for chain in chains],
                [chain["last_digest"] for chain in chains],
            )
        )
        self.invalidate_model(["note_count", "last_digest"], flush=False)

    # ------------------------------------------------------------------
    # Check
    # ------------------------------------------------------------------

    def action_check(self):
        """Check all notes of the database now, for CRM administrators.

        :return: action: a list of the chains that are broken, or a message that none is
        """
        if not self.env.su and not self.env.user.has_group(ADMINISTRATOR):
            raise AccessError(
                self.env._("Only CRM administrators may check the notes. Ask one of them.")
            )
        # sudo, and no condition: the check is about all notes, of all companies
        chains = self.sudo().search([])  # pylint: disable=no-search-all
        count = 0
        broken = chains.browse()
        for start in range(0, len(chains), CHAINS_PER_STEP):
            step = chains[start : start + CHAINS_PER_STEP]
            count += sum(step.mapped("note_count"))
            broken |= step._check_and_report(only_changes=True)
            step.invalidate_recordset()
        if broken:
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "sales_crm_cases.customer_note_chain_action"
            )
            return {**action, "context": {"search_default_filter_broken": True}}
        return self.env["ir.actions.client"]._get_notification(
            self.env._("All %(count)s notes are there and as they were written.", count=count),
            title=self.env._("Notes checked"),
        )

    def _check_and_report(self, only_changes=False):
        """Check the notes of ``self``, keep the result and tell the administrators of what was
        not broken before.

        :param only_changes: leave the records alone whose result is the same as before
        :return: the chains that are broken
        """
        problems = self._find_problems()
        now = fields.Datetime.now()
        new = self.browse()
        for chain in self.with_context(customer_note_chain=CHAIN_SENTINEL):
            text = "\n".join(problems.get(chain.id, []))
            if text and not chain.problem:
                new |= chain
            if text != (chain.problem or ""):
                chain.write({"problem": text, "checked_date": now})
        if not only_changes:
            self.with_context(customer_note_chain=CHAIN_SENTINEL).write({"checked_date": now})
        new._notify_administrators()
        return self.filtered("problem")

    def _find_problems(self):
        """:return: dict ``{id of the chain: sentences}``, of broken chains only"""
        self.env["customer.note"].flush_model()
        self.flush_model()
        notes = {chain_id: [] for chain_id in self.ids}
        for note in self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM customer_note WHERE chain_id = ANY(%s) ORDER BY chain_id, sequence",
                SQL(", ").join(SQL.identifier(name) for name in NOTE_COLUMNS),
                self.ids,
            )
        ):
            notes[note["chain_id"]].append(note)
        chains = self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM customer_note_chain WHERE id = ANY(%s)",
                SQL(", ").join(SQL.identifier(name) for name in CHAIN_COLUMNS),
                self.ids,
            )
        )
        taken_over = self._get_taken_over([c["customer_id"] for c in chains])
        unowned = self._find_unowned()
        found = {}
        for chain in chains:
            problems = find_problems(
                chain, notes[chain["id"]], taken_over.get(chain["customer_id"], ())
            )
            if chain["id"] in unowned:
                problems.append(("owner", None))
            if problems:
                found[chain["id"]] = [self._describe(*problem) for problem in problems]
        return found

    @api.model
    def _get_taken_over(self, customer_ids):
        """:return: dict ``{id of the customer: keys of the chains it took over}``"""
        keys = {}
        for customer_id, event_ref in self.env.execute_query(
            SQL(
                """
                SELECT p.id, n.event_ref
                  FROM res_partner p JOIN customer_note n ON n.chain_id = p.note_chain_id
                 WHERE p.id = ANY(%s) AND n.event = 'customer_merge'
                """,
                list(customer_ids),
            )
        ):
            keys.setdefault(customer_id, set()).update(split_ref(event_ref))
        return keys

    def _find_unowned(self):
        """Chains whose customer does not name them as its own."""
        return {
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT c.id FROM customer_note_chain c JOIN res_partner p ON p.id = c.customer_id
                     WHERE c.id = ANY(%s) AND c.origin_ref = c.customer_id
                       AND p.note_chain_id IS DISTINCT FROM c.id
                    """,
                    self.ids,
                )
            )
        }

    @api.model
    def _describe(self, problem, note):
        """One problem as a sentence that says which note, without its text."""
        if note is None:
            if problem == "end":
                return self.env._("The newest notes are missing, or notes were put in.")
            return self.env._("The notes were moved to another customer.")
        number, date = note["sequence"], fields.Datetime.to_string(note["date"])
        sentences = {
            "missing": self.env._(
                "Before note %(number)s of %(date)s (UTC) a note is missing.",
                number=number,
                date=date,
            ),
            "altered": self.env._(
                "Note %(number)s of %(date)s (UTC): number, author, date, case or digest was "
                "changed, or a note before it taken out.",
                number=number,
                date=date,
            ),
            "text": self.env._(
                "Note %(number)s of %(date)s (UTC): the text was changed.", number=number, date=date
            ),
            "redaction": self.env._(
                "Note %(number)s of %(date)s (UTC): the sentence in place of the redacted text was "
                "changed.",
                number=number,
                date=date,
            ),
            "customer": self.env._(
                "Note %(number)s of %(date)s (UTC) was moved to another customer.",
                number=number,
                date=date,
            ),
            "case": self.env._(
                "Note %(number)s of %(date)s (UTC) was moved to another case.",
                number=number,
                date=date,
            ),
        }
        return sentences[problem]

    def _notify_administrators(self):
        if not self:
            return
        # sudo: members of a group
        users = self.env.ref(ADMINISTRATOR).sudo().all_user_ids
        for lang, readers in users.filtered("active").grouped("lang").items():
            chains = self.with_context(lang=lang or self.env.lang)
            for chain in chains:
                chain._tell_administrators(readers)

    def _tell_administrators(self, users):
        customer = self.customer_id.display_name
        self.env["mail.thread"].message_notify(
            partner_ids=users.partner_id.ids,
            subject=self.env._("Notes of %(customer)s were changed", customer=customer),
            body=self.env._(
                "The daily check found notes of %(customer)s that are not as they were written. "
                "Somebody changed them in the database. %(problem)s",
                customer=customer,
                problem=self.problem,
            ),
        )

    def _cron_check(self):
        """Check the notes that were not checked today, in steps."""
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0)
        due = ["|", ("checked_date", "=", False), ("checked_date", "<", today)]
        remaining = self.search_count(due)
        commit_progress = self.env["ir.cron"]._commit_progress
        time_left = commit_progress(remaining=remaining)
        while time_left and (
            chains := self.search(due, limit=CHAINS_PER_STEP).try_lock_for_update()
        ):
            chains._check_and_report()
            time_left = commit_progress(len(chains))
            self.env.invalidate_all(flush=False)
