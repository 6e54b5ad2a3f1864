import logging
from collections import Counter, defaultdict

import psycopg2
from odoo import api, fields, models
from odoo.tools import SQL, split_every

_logger = logging.getLogger(__name__)

# people per step: one search through all texts, one savepoint
STEP_SIZE = 250
# what Odoo runs again by itself
RETRIED = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
)
# what Odoo raises in a worker that worked too long
TIME_LIMIT = "CPU time limit exceeded"
# what a line of the log names beside the person, by partner_id
KEPT_DOCUMENTS = ("account.move", "sale.order", "purchase.order", "account.payment")


class PrivacyRequest(models.Model):
    """How requests are worked off, at once or by the scheduled action (G2-G4).

    Each person is anonymised whole or not at all: a step is a savepoint, and one that fails is
    halved until the person is found on whom it fails.
    """

    _inherit = "privacy.request"

    def _run(self):
        """Do the lines that wait, each whole or not at all. ``self`` is sudo."""
        waiting = self.line_ids.filtered(lambda line: line.state == "waiting")
        for step in split_every(STEP_SIZE, waiting.ids, waiting.browse):
            self._run_step(step)
        self._finish()

    def _finish(self):
        # not by the lines, which are thousands, after each step
        def has_lines(state):
            domain = [("request_id", "=", self.id), ("state", "=", state)]
            return bool(self.env["privacy.request.line"].search_count(domain, limit=1))

        if has_lines("waiting"):
            return
        failed = has_lines("failed")
        self.write({"state": "failed" if failed else "done", "date_done": fields.Datetime.now()})

    def _run_step(self, lines):
        is_final = self.kind == "final"
        before = ("anonymised",) if is_final else ("anonymised", "restricted")
        people = lines.partner_id.exists()
        done = lines.filtered(
            lambda line: line.partner_id not in people or line.partner_id.privacy_state in before
        )
        done.write({"state": "skipped", "date_done": fields.Datetime.now()})
        lines -= done
        if self.rule_id:
            lines = self._leave_needed(lines)
        if not lines:
            return
        try:
            with self.env.cr.savepoint():
                report = self.env["privacy.engine"]._anonymize(lines.partner_id.ids, is_final)
                self._write_report(lines, report)
        except RETRIED:
            raise
        except Exception as error:
            # whatever it is, the others go on
            if TIME_LIMIT in str(error):
                # no fault of the people: the worker's time is up, and they are done next time
                raise
            if len(lines) > 1:
                half = len(lines) // 2
                self._run_step(lines[:half])
                self._run_step(lines[half:])
                return
            # the error's text may hold what is to be forgotten
            name = type(error).__name__
            _logger.error("Anonymising %s of request %s failed: %s", lines.number, self.id, name)
            lines.write({"state": "failed", "error": name, "date_done": fields.Datetime.now()})

    def _write_report(self, lines, report):
        kept = report["kept"]
        kept_by_person = self._get_kept_by_person(lines.partner_id, kept)
        for line in lines:
            own = kept_by_person[line.partner_id.id]
            line.write(
                {
                    "state": "restricted" if "res.partner" in own else "done",
                    "kept": own,
                    "date_done": fields.Datetime.now(),
                }
            )
        total = dict(self.report or {})
        rows = dict(total.get("rows", {}))
        for model, row in report["rows"].items():
            count = row["count"] + rows.get(model, {}).get("count", 0)
            rows[model] = {"treatment": row["treatment"], "count": count}
        kept_counts = Counter(total.get("kept")) + Counter({m: len(i) for m, i in kept.items()})
        search, last = report["search"], total.get("search", {})
        for key in ("replaced", "left", "kept"):
            search[key] = Counter(search[key]) + Counter(last.get(key))
        self.report = {"rows": rows, "kept": kept_counts, "search": search}

    @api.model
    def _get_kept_by_person(self, partners, kept):
        """What the law keeps of each person.

        :param kept: dict ``{model: ids}`` of what it keeps of all of them
        :return: dict ``{id of the person: {model: list of ids}}``
        """
        person_ids = defaultdict(list)
        for person_id, id_ in self.env["privacy.engine"]._get_families(partners.ids):
            person_ids[id_].append(person_id)
        rows = [("res.partner", id_, id_) for id_ in kept.get("res.partner", ())]
        for model in filter(kept.get, KEPT_DOCUMENTS):
            query = SQL(
                "SELECT id, partner_id FROM %s WHERE id = ANY(%s) AND partner_id = ANY(%s)",
                SQL.identifier(self.env[model]._table),
                list(kept[model]),
                list(person_ids),
            )
            rows += [(model, *row) for row in self.env.execute_query(query)]
        found = {partner.id: {} for partner in partners}
        for model, id_, partner_id in sorted(rows):
            for person_id in person_ids[partner_id]:
                found[person_id].setdefault(model, []).append(id_)
        return found

    # ------------------------------------------------------------------
    # Scheduled action
    # ------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Work off approved requests step by step, and end legal holds that have passed."""
        self._begin_final_requests()
        Line = self.env["privacy.request.line"]
        due = [("state", "=", "waiting"), ("request_id.state", "=", "running")]
        commit_progress = self.env["ir.cron"]._commit_progress
        time_left = commit_progress(remaining=Line.search_count(due))
        while time_left and (lines := Line.search(due, limit=STEP_SIZE).try_lock_for_update()):
            for request, own in lines.grouped("request_id").items():
                request._run_step(own)
                request._finish()
            time_left = commit_progress(len(lines))

    @api.model
    def _find_due(self):
        due = [
            ("privacy_state", "=", "restricted"),
            ("privacy_hold_until", "<", fields.Date.today()),
        ]
        return self.env["res.partner"].with_context(active_test=False).search(due, limit=1000)

    @api.model
    def _begin_final_requests(self):
        """People whose invoices and orders the law does not ask for any more."""
        due = self._find_due()
        # what was invoiced since
        self.env["privacy.engine"]._update_holds(due.ids)
        due.invalidate_recordset(["privacy_hold_until"])
        due = self._find_due() & due
        open_lines = self.env["privacy.request.line"].search(
            [("partner_id", "in", due.ids), ("request_id.kind", "=", "final")]
        )
        due -= open_lines.partner_id
        if due:
            self._log("final", due)
