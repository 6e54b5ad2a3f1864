import logging
from datetime import timedelta
from typing import NamedTuple

import psycopg2
import psycopg2.errors
from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# New recommendations per transaction of the cron: some seconds. The first run has a backlog.
STEP_SIZE = 50_000
# Attempts of a step against others who change the same recommendations.
MAX_ATTEMPTS = 5
# Customers that may fail before it is the kind that is taken to be wrong.
MAX_FAILURES = 25
# Up to this many customers "Run now" works it out in the request itself.
REQUEST_LIMIT = 20_000

# Nothing that a part of the customers would do better: the connection is lost, somebody else
# was quicker, or the SQL itself is wrong.
BROKEN_TRANSACTIONS = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.ProgrammingError,
)

# One recommendation per subject and period; where it is a salesman's own, per salesman.
KEY = ("res_model", "res_id", "period_key", "owner_key")


class StepResult(NamedTuple):
    """What a step wrote."""

    made: int = 0
    changed: int = 0
    closed: int = 0


class SalesRecommendationGeneratorMixin(models.AbstractModel):
    """Makes, renews and closes recommendations, in sets (R2).

    A kind's SELECT gives what is to be recommended today. One statement per kind compares it
    with what is there: new ones are made, changed ones renewed, the others closed. What is
    right already is not written, so a second run writes nothing, and a run that was killed
    leaves nothing half-done: the next one goes on.

    Only one run at a time works on a kind, for the others its record is locked. They skip it,
    as what they would do is done.
    """

    _name = "sales.recommendation.generator.mixin"
    _description = "Generator of recommendations"

    # ------------------------------------------------------------------
    # Runs
    # ------------------------------------------------------------------

    @api.model
    def _cron_generate(self):
        """Bring the recommendations of all kinds up to date.

        As a scheduled action it commits after each step, and begins with the kind that has
        waited longest: a run that is cut off again and again gets through all the same.
        Otherwise all is done in the caller's transaction.
        """
        generator = self.sudo()  # all customers, whoever presses "Run now"
        steps = bool(self.env.context.get("ir_cron_progress_id"))
        cron = self.env["ir.cron"]
        kinds = generator.env["sales.recommendation.kind"].search(
            [("active", "=", True)], order="last_run NULLS FIRST, sequence, id"
        )
        if steps:
            # what others have committed since the cron began is seen by the first step
            cron._commit_progress(remaining=len(kinds))
        generator._wake_up()
        for position, kind in enumerate(kinds, 1):
            while not generator._run_kind(kind, steps):
                cron._commit_progress(1, remaining=len(kinds) - position + 1)
            if steps:
                cron._commit_progress(1, remaining=len(kinds) - position)

    @api.model
    def _run_kind(self, kind, steps):
        """Do a step of a kind.

        :param steps: make a limited number of new recommendations
        :return: whether the kind is up to date; it is also if somebody else is about it
        """
        for attempt in range(MAX_ATTEMPTS):
            try:
                with self.env.cr.savepoint():
                    if not self._lock_kind(kind):
                        return True
                    return self._do_step(kind, STEP_SIZE if steps else None)
            except psycopg2.errors.SerializationFailure:
                # somebody has just decided one of them: look again
                if not steps or attempt == MAX_ATTEMPTS - 1:
                    raise
                self.env.cr.rollback()
        return True

    @api.model
    def _lock_kind(self, kind):
        try:
            with self.env.cr.savepoint(flush=False):
                locked = kind.try_lock_for_update(allow_referencing=True)
        except psycopg2.errors.SerializationFailure:
            # somebody else has brought it up to date since our transaction began
            return False
        return bool(locked)

    @api.model
    def _do_step(self, kind, limit):
        failures = {}
        try:
            result = self._generate(kind, failures, limit=limit)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            raise
        except psycopg2.Error as error:
            _logger.exception("Recommendations of the kind %s cannot be worked out", kind.code)
            failures["all"] = str(error).strip()
            self._note_run(kind, StepResult(), self._get_failure_text(failures))
            return True
        is_complete = limit is None or result.made < limit
        self._note_run(kind, result, self._get_failure_text(failures), is_complete)
        return is_complete

    @api.model
    def _note_run(self, kind, result, error, is_complete=True):
        vals = {
            "last_run": fields.Datetime.now(),
            "last_made_count": result.made,
            "last_closed_count": result.closed,
            "last_error": error or False,
        }
        if not is_complete:
            del vals["last_run"]
        kind.write(vals)

    @api.model
    def _get_failure_text(self, failures):
        """Lines ``customer: error``, and the error of the whole kind if it has one."""
        lines = []
        for customer in self.env["res.partner"].browse(failures.keys() - {"all"}).exists():
            _logger.warning("Recommendations: customer %s: %s", customer.id, failures[customer.id])
            lines.append(f"{customer.display_name} ({customer.id}): {failures[customer.id]}")
        return "\n".join([*lines, *filter(None, [failures.get("all")])])

    @api.model
    def _get_today(self):
        """The day of the recommendations: where the main company works, whoever asks. What the
        night has made must not be closed by somebody whose day is another one."""
        return fields.Date.context_today(self.with_context(tz=self._get_own_tz()))

    @api.model
    def _get_own_tz(self):
        # sudo: the time zone of the working hours
        companies = self.env["res.company"].sudo()
        company = companies.search([("parent_id", "=", False)], order="id", limit=1)
        return company.resource_calendar_id.tz or "UTC"

    # ------------------------------------------------------------------
    # One kind
    # ------------------------------------------------------------------

    @api.model
    def _generate(self, kind, failures, first_id=None, last_id=None, limit=None):
        """Work a kind out for the customers from ``first_id`` to ``last_id``. If one of them
        cannot be worked out, it is found by halving, and the others are done.

        :param failures: dict that takes the customers that fail, with the error
        :rtype: StepResult
        """
        customers = None
        if first_id is not None:
            customers = self._between(first_id, last_id)
        try:
            with self.env.cr.savepoint():
                return self._merge(kind, customers, limit)
        except BROKEN_TRANSACTIONS:
            raise
        except psycopg2.Error as error:
            # a value that no SQL can digest, of one customer
            if first_id is None:
                first_id, last_id = self._get_range_of_customers()
            if first_id >= last_id:
                failures[first_id] = str(error).strip().split("\n")[0]
                if len(failures) > MAX_FAILURES:
                    raise
                return StepResult()
        middle = (first_id + last_id) // 2
        lower = self._generate(kind, failures, first_id, middle, limit)
        left = None if limit is None else limit - lower.made
        upper = self._generate(kind, failures, middle + 1, last_id, left)
        return StepResult(*(a + b for a, b in zip(lower, upper, strict=True)))

    @api.model
    def _between(self, first_id, last_id):
        return lambda column: SQL("%s BETWEEN %s AND %s", column, first_id, last_id)

    @api.model
    def _get_range_of_customers(self):
        [[first_id, last_id]] = self.env.execute_query(
            SQL("SELECT COALESCE(min(id), 0), COALESCE(max(id), 0) FROM res_partner")
        )
        return first_id, last_id

    @api.model
    def _merge(self, kind, customers=None, limit=None, makes_new=True):
        """Bring the recommendations of a kind to what its sources say today. What no person
        did has no author.

        :param customers: function of a column: SQL condition on the customers; None: all
        :param limit: of new ones
        :param makes_new: False: only renew and close
        :rtype: StepResult
        """
        today = self._get_today()
        sources = kind._get_sources(today)
        for source in sources:
            for model_name, names in source.reads.items():
                self.env[model_name].flush_model(names)
        self.env["res.partner"].flush_model(
            ["active", "customer_id", "main_salesman_id", "company_id"]
        )
        self.flush_model()
        last_due_date = today + timedelta(kind.lead_days)
        candidates = SQL(" UNION ALL ").join(
            source.get_select(last_due_date, customers) for source in sources
        )
        same = SQL(" AND ").join(
            SQL("r.%s = c.%s", SQL.identifier(name), SQL.identifier(name)) for name in KEY
        )
        [row] = self.env.execute_query(
            SQL(
                """
                WITH candidate AS MATERIALIZED (%(candidates)s),
                -- each is looked for once; all that follows takes it from here
                compared AS MATERIALIZED (
                    SELECT c.*, r.id,
                           r.state IN ('open', 'snoozed')
                           AND (r.customer_id, r.employee_id, r.company_id, r.due_date, r.details)
                               IS DISTINCT FROM
                               (c.customer_id, c.employee_id, c.company_id, c.due_date, c.details)
                           -- the reason is back, or what followed it up was cancelled
                           OR %(makes_new)s AND (r.state = 'expired'
                              OR r.state = 'followed' AND r.activity_id IS NULL) AS is_outdated
                      FROM candidate c
                      LEFT JOIN sales_recommendation r ON r.kind_id = %(kind)s AND %(same)s
                ),
                made AS (
                    INSERT INTO sales_recommendation
                           (kind_id, customer_id, employee_id, owner_key, company_id, res_model,
                            res_id, due_date, period_key, details, state,
                            create_date, write_date)
                    SELECT %(kind)s, customer_id, employee_id, owner_key, company_id, res_model,
                           res_id, due_date, period_key, details, 'open', %(now)s, %(now)s
                      FROM compared WHERE id IS NULL AND %(makes_new)s
                     ORDER BY due_date, customer_id
                     LIMIT %(limit)s
                    RETURNING id
                ),
                changed AS (
                    UPDATE sales_recommendation r
                       SET customer_id = c.customer_id, employee_id = c.employee_id,
                           company_id = c.company_id, due_date = c.due_date, details = c.details,
                           state = CASE WHEN r.state = 'snoozed' THEN r.state ELSE 'open' END,
                           write_uid = NULL, write_date = %(now)s
                      FROM compared c
                     WHERE r.id = c.id AND c.is_outdated
                    RETURNING r.id
                ),
                gone AS (
                    UPDATE sales_recommendation r
                       SET state = 'expired', snooze_until = NULL,
                           write_uid = NULL, write_date = %(now)s
                     -- two conditions, each of which has an index of the few it is about
                     WHERE r.kind_id = %(kind)s AND (r.state = 'open' OR r.state = 'snoozed')
                       AND %(range)s
                       AND NOT EXISTS (SELECT 1 FROM compared c WHERE c.id = r.id)
                    RETURNING r.id
                )
                SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM changed),
                       (SELECT count(*) FROM gone)
                """,
                candidates=candidates,
                same=same,
                kind=kind.id,
                now=SQL("%s", fields.Datetime.now()),
                makes_new=SQL("TRUE") if makes_new else SQL("FALSE"),
                limit=limit,
                range=customers(SQL("r.customer_id")) if customers else SQL("TRUE"),
            )
        )
        result = StepResult(*row)
        if any(result):
            self.invalidate_model(flush=False)
        return result

    # ------------------------------------------------------------------
    # Between the runs
    # ------------------------------------------------------------------

    @api.model
    def _wake_up(self):
        """Snoozed ones whose day has come are open again."""
        self.flush_model(["state", "snooze_until"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE sales_recommendation SET state = 'open', snooze_until = NULL
                 WHERE state = 'snoozed' AND snooze_until <= %s
                """,
                self._get_today(),
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(["state", "snooze_until"], flush=False)

    @api.model
    def _recheck(self, customer_ids):
        """Close at once those of some customers whose reason is gone, and renew the others.
        New ones come with the next run.

        Called by whatever a reason depends on, for each change: without open recommendations
        it costs one query.
        """
        if not customer_ids:
            return
        generator = self.sudo()  # of every salesman
        generator.flush_model(["customer_id", "state", "kind_id"])
        rows = generator.env.execute_query(
            SQL(
                """
                SELECT DISTINCT kind_id FROM sales_recommendation
                 WHERE customer_id = ANY(%s) AND state IN ('open', 'snoozed')
                """,
                list(customer_ids),
            )
        )
        kinds = generator.env["sales.recommendation.kind"].with_context(active_test=False)
        for kind in kinds.browse(kind_id for [kind_id] in rows):
            try:
                with self.env.cr.savepoint():
                    generator._merge(
                        kind,
                        lambda column: SQL("%s = ANY(%s)", column, list(customer_ids)),
                        makes_new=False,
                    )
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                raise
            except psycopg2.Error as error:
                # no reason to refuse what the user is doing: the next run names the customer
                _logger.warning("Recommendations of %s: %s", customer_ids, error)

    @api.model
    def _get_customer_ids_of(self, subjects):
        """Ids of the customers whose open or snoozed recommendations are about the subjects."""
        self.flush_model(["customer_id", "state", "res_model", "res_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT customer_id FROM sales_recommendation
                 WHERE res_id = ANY(%s) AND res_model = %s AND state IN ('open', 'snoozed')
                """,
                subjects.ids,
                subjects._name,
            )
        )
        return {customer_id for [customer_id] in rows}

    @api.model
    def _expire(self, domain):
        """Close the open and snoozed ones of a domain, as superuser."""
        found = self.search([("state", "in", ("open", "snoozed")), *domain])
        found.write({"state": "expired", "snooze_until": False})

    # ------------------------------------------------------------------
    # On demand
    # ------------------------------------------------------------------

    @api.model
    def action_run_now(self):
        """Bring the recommendations up to date now (R2): at once in a small database, else the
        scheduled action begins within a minute.

        :return: action: says which of the two
        :raise AccessError: not a CRM administrator
        """
        self.env["sales.recommendation.kind"].check_access("write")
        # sudo: how large the database is
        customers = self.env["res.partner"].sudo()
        if customers.search_count([("is_customer", "=", True)], REQUEST_LIMIT) < REQUEST_LIMIT:
            before = self._count_open()
            # whatever the caller sends: no commit within a request
            self.with_context(ir_cron_progress_id=False)._cron_generate()
            message = self.env._(
                "The recommendations are up to date: %(count)s are open, %(before)s were before.",
                count=self._count_open(),
                before=before,
            )
        else:
            self.env.ref("sales_crm_cases.ir_cron_recommendations").sudo()._trigger()
            message = self.env._(
                "The recommendations are being worked out. Reload the list in a few minutes."
            )
        return self.env["ir.actions.client"]._get_notification(message, reloads=True)

    @api.model
    def _count_open(self):
        return self.search_count([("state", "=", "open")])

    @api.model
    @api.readonly
    def get_last_run(self):
        """When the recommendations were worked out last (R2).

        :return: dict: ``last_run``, the oldest of the kinds switched on, as a UTC text or
            False if one of them never ran; ``can_run``, whether the user may press "Run now"
        """
        kinds = self.env["sales.recommendation.kind"]
        runs = kinds.search([("active", "=", True)]).mapped("last_run")
        return {
            "last_run": fields.Datetime.to_string(min(runs)) if runs and all(runs) else False,
            "can_run": kinds.has_access("write"),
        }
