"""The nightly run of recommendations (R2): a backlog, a normal night and a second run, each kind
beside the bare SELECTs of its sources and beside a SELECT by hand.

As the cron does it, in steps with commits. The rows of sales_recommendation are kept aside and
put back, so that it can be repeated. The days are those of the load, whatever day it is now.
"""

import contextlib
import datetime
import os
import random
import statistics
import threading
import time
from collections import defaultdict
from pathlib import Path

import psycopg2
from load import vacuum
from odoo_environment import connect, get_registry, open_environment

NAME = "recommendations"
BUDGET = 3  # times the bare SELECTs, a normal night
MEMORY_BUDGET = 300  # MB of the process above idle
RUNS = ("first", "night", "second")


def measure_recommendations(bench, names, reps):
    if NAME not in names:
        return
    with connect(bench.database) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_walinspect")
        cursor.execute("SELECT loaded FROM bench.day")
        [[today]] = cursor.fetchall()
    yesterday = today - datetime.timedelta(1)
    idle = warm_up(bench)
    selects, runs, inserts = defaultdict(list), defaultdict(list), defaultdict(list)
    with kept_rows(bench.database):
        for _round in range(reps):
            empty(bench.database)
            for run, day in zip(RUNS, (yesterday, today, today), strict=True):
                # before and after: the machine is not always as fast
                found = measure_selects(bench, day)
                runs[run].append(Night(bench, day).measure())
                for key, after in measure_selects(bench, day).items():
                    selects[run, *key] += [found[key], after]
                # what autovacuum has done until the next night
                vacuum(bench.database, "(ANALYZE) sales_recommendation")
                inserts[run].append(measure_insert(bench, runs[run][-1]["last_id"]))
    report(selects, runs, inserts, idle)


# ----------------------------------------------------------------------
# The run
# ----------------------------------------------------------------------


class Night:
    """One run of the scheduled action as of a day."""

    def __init__(self, bench, day):
        self.bench, self.day = bench, day
        self.kinds = defaultdict(lambda: {"ms": 0.0, "steps": 0, "rows": (0, 0, 0)})

    def measure(self):
        registry = get_registry(self.bench.database)
        before = read_counters(self.bench.database)
        with registry.cursor() as cr, settings_of_session(cr, self.bench.settings):
            cron = get_cron(cr)
            cr.execute("SELECT COALESCE(max(id), 0) FROM sales_recommendation")
            [last_id] = cr.fetchone()
            with self.patched(registry), MemoryWatch(cr) as memory:
                started = time.perf_counter()
                cron.env["sales.recommendation"]._cron_generate()
                spent = time.perf_counter() - started
            cr.execute("SELECT pg_stat_force_next_flush()")
            cr.commit()
        written, wal = read_written(self.bench.database, before)
        return {
            "ms": spent * 1000,
            "last_id": last_id,
            "kinds": dict(self.kinds),
            "process": memory.process,
            "server": memory.server,
            "written": written,
            "wal": wal,
        }

    @contextlib.contextmanager
    def patched(self, registry):
        """The day, and a watch on the steps of each kind."""
        generator = registry["sales.recommendation"]
        originals = {
            name: getattr(generator, name) for name in ("_get_today", "_run_kind", "_merge")
        }
        kinds = self.kinds

        def _run_kind(records, kind, steps):
            started = time.perf_counter()
            try:
                return originals["_run_kind"](records, kind, steps)
            finally:
                kinds[kind.code]["ms"] += (time.perf_counter() - started) * 1000
                kinds[kind.code]["steps"] += 1

        def _merge(records, kind, *args, **kwargs):
            result = originals["_merge"](records, kind, *args, **kwargs)
            rows = kinds[kind.code]["rows"]
            kinds[kind.code]["rows"] = tuple(a + b for a, b in zip(rows, result, strict=True))
            return result

        generator._get_today = lambda records: self.day
        generator._run_kind = _run_kind
        generator._merge = _merge
        try:
            yield
        finally:
            for name, function in originals.items():
                setattr(generator, name, function)


def get_cron(cr):
    """The scheduled action in the environment that Odoo's scheduler gives it."""
    from odoo import api

    env = api.Environment(cr, 1, {})
    cron = env.ref("sales_crm_cases.ir_cron_recommendations")
    cron, progress = cron.with_context(cron_id=cron.id)._add_progress()
    cr.commit()
    return cron.with_context(ir_cron_progress_id=progress.id)


@contextlib.contextmanager
def settings_of_session(cr, settings):
    """For more than one transaction, which SET LOCAL is not."""
    for name, value in settings.items():
        cr._obj.execute(f"SET {name} = '{value}'")
    cr.commit()
    try:
        yield
    finally:
        cr.rollback()
        for name in settings:
            cr._obj.execute(f"RESET {name}")
        cr.commit()


class MemoryWatch(threading.Thread):
    """Peaks in MB: resident memory of this process, private memory of its PostgreSQL process
    (None if that is on another machine)."""

    def __init__(self, cr):
        super().__init__(daemon=True)
        self.process, self.server = 0.0, None
        cr.execute("SELECT pg_backend_pid()")
        self.server_id = cr.fetchone()[0]
        with contextlib.suppress(OSError):
            if Path(f"/proc/{self.server_id}/comm").read_text().strip() == "postgres":
                self.server = 0.0
        self.done = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.done.set()
        self.join()

    def run(self):
        while not self.done.wait(0.01):
            self.process = max(self.process, read_memory(os.getpid(), "VmRSS"))
            if self.server is not None:
                self.server = max(self.server, read_memory(self.server_id, "RssAnon"))


def read_memory(process_id, name):
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def warm_up(bench):
    """Load what a worker has loaded before its first night; its resident memory in MB."""
    with open_environment(bench.database) as env:
        generator = env["sales.recommendation"]
        for kind in env["sales.recommendation.kind"].search([]):
            kind._get_sources(generator._get_today())
    return read_memory(os.getpid(), "VmRSS")


# ----------------------------------------------------------------------
# Rows kept aside, rows written
# ----------------------------------------------------------------------

KEPT = {
    "kept_recommendation": "SELECT * FROM sales_recommendation",
    "kept_kind": """
        SELECT id, last_run, last_made_count, last_closed_count, last_error
          FROM sales_recommendation_kind""",
}


@contextlib.contextmanager
def kept_rows(database):
    """Put the recommendations back in the end. After a run that was killed, those of the time
    before it."""
    with only_run(database):
        yield from keep_rows(database)


@contextlib.contextmanager
def only_run(database):
    """Two at once would empty the table for each other."""
    connection = connect(database)
    # no transaction, which would keep VACUUM from its work
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('bench.recommendations'))")
        if not cursor.fetchone()[0]:
            raise SystemExit(f"{NAME}: another run is at work in {database}")
        yield


def keep_rows(database):
    with connect(database) as connection, connection.cursor() as cursor:
        for table, rows in KEPT.items():
            cursor.execute(f"CREATE TABLE IF NOT EXISTS bench.{table} AS {rows}")
        cursor.execute("SELECT COALESCE(max(id), 0) FROM ir_cron_progress")
        last_progress = cursor.fetchone()[0]
    try:
        yield
    finally:
        empty(database)
        with connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO sales_recommendation SELECT * FROM bench.kept_recommendation;
                UPDATE sales_recommendation_kind k
                   SET last_run = s.last_run, last_made_count = s.last_made_count,
                       last_closed_count = s.last_closed_count, last_error = s.last_error
                  FROM bench.kept_kind s WHERE s.id = k.id;
                DROP TABLE bench.kept_recommendation, bench.kept_kind;
                DELETE FROM ir_cron_progress WHERE id > %s;
                """,
                [last_progress],
            )
        vacuum(database, "(ANALYZE) sales_recommendation")


def empty(database):
    with connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE sales_recommendation CASCADE")
        # the kinds in their order
        cursor.execute("UPDATE sales_recommendation_kind SET last_run = NULL")
    vacuum(database, "(ANALYZE) sales_recommendation")


def read_counters(database):
    with connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables
             WHERE schemaname = 'public'
            """
        )
        rows = dict(cursor.fetchall())
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        return rows, cursor.fetchone()[0]


def read_written(database, before):
    """Rows written since, by table, and the WAL."""
    rows, wal_end = read_counters(database)
    rows_before, wal_start = before
    written = {
        table: count - rows_before.get(table, 0)
        for table, count in rows.items()
        if count != rows_before.get(table, 0)
    }
    return written, read_wal(database, wal_start, wal_end)


def read_wal(database, start, end):
    """kB of WAL about this database, about its recommendations, and of the whole server; None if
    the server has removed it already."""
    with connect(database) as connection, connection.cursor() as cursor:
        # where commits do not wait for it, it is flushed a moment later
        while True:
            cursor.execute("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", [end])
            if cursor.fetchone()[0]:
                break
            time.sleep(0.1)
        try:
            cursor.execute(
                """
                WITH ours AS (
                    SELECT pg_relation_filenode('sales_recommendation') AS file UNION ALL
                    SELECT pg_relation_filenode(indexrelid) FROM pg_index
                     WHERE indrelid = 'sales_recommendation'::regclass),
                record AS (
                    SELECT record_length + fpi_length AS size,
                           regexp_match(block_ref, 'rel \\d+/(\\d+)/(\\d+)')::bigint[] AS rel
                      FROM pg_get_wal_records_info(%(start)s, %(end)s))
                SELECT COALESCE(sum(size) FILTER (WHERE rel[1] = d.oid), 0)::float / 1024,
                       COALESCE(sum(size) FILTER (
                           WHERE rel[1] = d.oid AND rel[2] IN (SELECT file FROM ours)), 0)::float / 1024,
                       pg_wal_lsn_diff(%(end)s, %(start)s)::float / 1024
                  FROM pg_database d LEFT JOIN record ON TRUE
                 WHERE d.datname = current_database()
                """,
                {"start": start, "end": end},
            )
        except psycopg2.errors.UndefinedFile:
            return None
        return cursor.fetchone()


# ----------------------------------------------------------------------
# The bare SELECTs
# ----------------------------------------------------------------------


def measure_selects(bench, day):
    """``{(kind, way): (ms, rows)}``: the SELECTs of the sources as they are, and by hand. Every
    row is worked out and hashed, and none is sent."""
    from odoo.tools import SQL

    found = {}
    with open_environment(bench.database) as env:
        for name, value in bench.settings.items():
            env.cr._obj.execute(f"SET LOCAL {name} = '{value}'")
        for kind in env["sales.recommendation.kind"].search([("active", "=", True)]):
            last_due_date = day + datetime.timedelta(kind.lead_days)
            ways = {
                "select": SQL(" UNION ALL ").join(
                    source.get_select(last_due_date) for source in kind._get_sources(day)
                )
            }
            if kind.code in BY_HAND:
                ways["hand"] = SQL(BY_HAND[kind.code], **get_days(day, last_due_date))
            # who comes second finds the pages in the cache
            for way, statement in random.sample(list(ways.items()), len(ways)):
                started = time.perf_counter()
                env.cr.execute(
                    SQL(
                        "SELECT count(*), sum(hash_record(s)::bigint) FROM (%s OFFSET 0) s",
                        statement,
                    )
                )
                spent = (time.perf_counter() - started) * 1000
                found[kind.code, way] = (spent, env.cr.fetchone()[0])
    return found


def measure_insert(bench, last_id):
    """Milliseconds of the bare INSERT of the rows above an id, that are there already: what no
    generator can do without."""
    with open_environment(bench.database) as env:
        for name, value in bench.settings.items():
            env.cr._obj.execute(f"SET LOCAL {name} = '{value}'")
        env.cr.execute(
            """
            CREATE TEMP TABLE made ON COMMIT DROP AS
            SELECT * FROM sales_recommendation WHERE id > %s;
            DELETE FROM sales_recommendation WHERE id > %s;
            """,
            [last_id, last_id],
        )
        started = time.perf_counter()
        env.cr.execute("INSERT INTO sales_recommendation SELECT * FROM made ORDER BY due_date")
        return (time.perf_counter() - started) * 1000


def get_days(day, last_due_date):
    days = [day + datetime.timedelta(n) for n in range((last_due_date - day).days + 1)]
    birthdays = {f"{each:%m%d}" for each in days}
    if "0228" in birthdays and not is_leap_year(day):
        birthdays.add("0229")
    return {"today": day, "last": last_due_date, "birthdays": sorted(birthdays)}


def is_leap_year(day):
    return (datetime.date(day.year, 3, 1) - datetime.timedelta(1)).day == 29


CONTRACT_BY_HAND = """
    SELECT t.id, t.customer_id, p.main_salesman_id, t.company_id, t.decision_date, t.date_end
      FROM third_party_contract t JOIN res_partner p ON p.id = t.customer_id
      LEFT JOIN crm_lead l ON l.contract_id = t.id
     WHERE %s AND t.order_id IS NULL AND t.date_end >= %%(today)s AND t.decision_date <= %%(last)s
       AND p.active AND p.customer_id = p.id
     GROUP BY t.id, p.id
    HAVING bool_or(l.active OR l.create_date >= t.date_end - 365) IS NOT TRUE
"""
BY_HAND = {
    "rank_call": """
        SELECT id, main_salesman_id, company_id, next_call_date, last_contact_date, rank_id,
               has_call_contact
          FROM res_partner
         WHERE next_call_date <= %(last)s AND planned_call_date IS NULL AND active
           AND customer_id = id""",
    "third_party_contract": CONTRACT_BY_HAND % "t.is_own IS NOT TRUE",
    "own_contract": CONTRACT_BY_HAND % "t.is_own",
    "quote_expiry": """
        SELECT o.id, o.customer_id, COALESCE(e.id, p.main_salesman_id), o.company_id, o.validity_date
          FROM sale_order o JOIN res_partner p ON p.id = o.customer_id
          LEFT JOIN LATERAL (
               SELECT min(e.id) AS id
                 FROM hr_employee e JOIN customer_salesman l ON l.employee_id = e.id
                WHERE e.user_id = o.user_id AND e.active AND l.customer_id = o.customer_id) e ON TRUE
         WHERE o.state IN ('draft', 'sent') AND o.validity_date BETWEEN %(today)s AND %(last)s
           AND p.active AND p.customer_id = p.id""",
    "birthday": """
        WITH contact AS (
            SELECT id, 'res.partner' AS model, id AS contact_id, birthday
              FROM res_partner WHERE to_char(birthday, 'MMDD') = ANY(%(birthdays)s)
             UNION ALL
            SELECT id, 'customer.anniversary', partner_id, date
              FROM customer_anniversary WHERE to_char(date, 'MMDD') = ANY(%(birthdays)s))
        SELECT a.id, a.model, c.customer_id, c.company_id, e.id, a.birthday
          FROM contact a JOIN res_partner c ON c.id = a.contact_id AND c.active
          JOIN res_partner p ON p.id = c.customer_id AND p.active AND p.customer_id = p.id
          JOIN customer_salesman l ON l.customer_id = p.id
          JOIN hr_employee e ON e.id = l.employee_id AND e.active AND e.user_id IS NOT NULL
          LEFT JOIN res_users_settings s ON s.user_id = e.user_id
         WHERE COALESCE(s.recommend_birthdays, TRUE)""",
}


# ----------------------------------------------------------------------
# The report
# ----------------------------------------------------------------------


def report(selects, runs, inserts, idle):
    def median(key, index=0):
        return statistics.median(found[index] for found in selects[key])

    print(f"\nrecommendations, {len(runs['night'])} rounds, ms")
    print(
        f"{'run':7} {'kind':21} {'select':>8} {'by hand':>8} {'rows':>7} {'run':>8} {'steps':>5} "
        f"{'made':>7} {'changed':>7} {'closed':>7} {'x select':>8} {'x hand':>7}"
    )
    for run in RUNS:
        found = runs[run]
        totals = [0.0, 0.0, 0]
        for code in found[0]["kinds"]:
            select, hand = median((run, code, "select")), median((run, code, "hand"))
            rows = selects[run, code, "select"][0][1]
            spent = statistics.median(each["kinds"][code]["ms"] for each in found)
            first = found[0]["kinds"][code]
            totals = [a + b for a, b in zip(totals, (select, hand, rows), strict=True)]
            line = format_line(run, code, select, hand, rows, spent, first["steps"], first["rows"])
            if selects[run, code, "hand"][0][1] != rows:
                line += f"  ROWS DIFFER: {rows} / {selects[run, code, 'hand'][0][1]}"
            print(line)
        spent = statistics.median(each["ms"] for each in found)
        firsts = found[0]["kinds"].values()
        made = [sum(numbers) for numbers in zip(*(each["rows"] for each in firsts), strict=True)]
        line = format_line(run, "all", *totals, spent, sum(each["steps"] for each in firsts), made)
        if run == "night":
            met = spent <= BUDGET * totals[0]
            line += f"  budget {BUDGET} x select: {'ok' if met else 'MISSED'}"
        print(line)
    for run in RUNS[:2]:
        print(f"{run}: the bare INSERT of the rows made {statistics.median(inserts[run]):.0f} ms")
    for run in RUNS:
        print(describe(run, runs[run], idle))


def format_line(run, code, select, hand, rows, spent, steps, made):
    return (
        f"{run:7} {code:21} {select:8.1f} {hand:8.1f} {rows:7} {spent:8.1f} {steps:5} "
        f"{made[0]:7} {made[1]:7} {made[2]:7} {spent / select:8.2f} {spent / hand:7.2f}"
    )


def describe(run, found, idle):
    """Memory and what was written, at worst."""
    process = max(each["process"] for each in found) - idle
    server = [each["server"] for each in found if each["server"] is not None]
    written = {
        table: max(each["written"].get(table, 0) for each in found)
        for table in sorted({table for each in found for table in each["written"]})
    }
    wal = [each["wal"] for each in found if each["wal"]]
    ours, table, everything = map(max, zip(*wal, strict=True)) if wal else [float("nan")] * 3
    line = (
        f"{run}: process {process:.0f} MB above its idle {idle:.0f}"
        f" (budget {MEMORY_BUDGET}: {'ok' if process < MEMORY_BUDGET else 'MISSED'})"
    )
    if server:
        line += f", PostgreSQL's process {max(server):.0f} MB of its own"
    line += (
        f"; rows written {written}; WAL {ours:.0f} kB, of the recommendations {table:.0f}"
        f" (all databases {everything:.0f})"
    )
    if run == "second":
        line += "; writes no recommendation: "
        line += "MISSED" if written.get("sales_recommendation") else "ok"
    return line
