"""Anonymising many people (G3): a set at a time, as the scheduled action does it, beside one by
one, as an officer would, in the same run. The people are made for it, each with 20 documents,
and everything made is deleted in the end.

Meanwhile another process changes rows of other customers, cases and activities again and again,
some of which name the people, and keeps its longest wait.
"""

import contextlib
import json
import os
import random
import select
import subprocess
import sys
import time
from collections import defaultdict

from load import vacuum
from odoo_environment import connect, get_registry, make_environment
from recommendations import MemoryWatch, read_memory, settings_of_session

NAME = "privacy"
PEOPLE = 10_000
SAMPLE = 100  # people one by one; the time of all is reckoned from them
SAMPLE_SECONDS = 900  # no more of them after this time
BYSTANDERS = 300  # other customers with a case and an activity; one of three names somebody
BUDGET = 10  # times quicker than one by one
LOCK_BUDGET = 2  # seconds that a row of others may wait
FLAT = 1.1  # memory of the last tenth of the people, times that of the first
WATCHED = ("res_partner", "crm_lead", "mail_activity")
# what is made: the rows above the last id of before go in the end
MADE = (
    *("privacy_request_line", "privacy_request", "customer_salesman", "customer_reminder"),
    *("customer_note", "customer_note_chain", "third_party_contract", "sale_order_line"),
    *("sale_order", "calendar_attendee", "calendar_event", "mail_activity", "mail_message"),
    *("mail_followers", "ir_attachment", "crm_lead", "res_partner"),
)
DOCUMENTS = {
    "cases": 2,
    "activities": 3,
    "messages": 6,
    "notes": 2,
    "attachments": 2,
    "quotes": 1,
    "reminders": 1,
    "meetings": 1,
    "contracts": 1,
    "salesmen": 1,
}


def measure_privacy(bench, names, scale):
    if NAME not in names:
        return
    count = max(int(PEOPLE * scale), 100)
    sample = min(SAMPLE, count // 5)
    with made_people(bench.database, count + sample) as people:
        several, single = people["ids"][:count], people["ids"][count:]
        halves = single[: sample // 2], single[sample // 2 :]
        with LockProbe(bench.database, people["others"]) as probe:
            # half of them before, half after: a busy minute hits both ways
            alone = run_one_by_one(bench, halves[0], SAMPLE_SECONDS / 2)
            together = Together(bench, several).measure()
            alone += run_one_by_one(bench, halves[1], SAMPLE_SECONDS / 2)
        left = count_left(bench.database, several + single[: len(alone)])
    report(alone, together, probe, left)


# ----------------------------------------------------------------------
# Two ways
# ----------------------------------------------------------------------


def run_one_by_one(bench, ids, seconds):
    """A request for each of the people, as the officer's button does it.

    :return: list of seconds
    """
    spent = []
    with get_registry(bench.database).cursor() as cr, settings_of_session(cr, bench.settings):
        end = time.perf_counter() + seconds
        for partner_id in ids:
            started = time.perf_counter()
            if started > end:
                break
            make_request(cr, [partner_id])._run()
            cr.commit()
            spent.append(time.perf_counter() - started)
    return spent


def make_request(cr, ids):
    env = make_environment(cr)
    partners = env["res.partner"].with_context(active_test=False).browse(ids)
    return env["privacy.request"]._log("anonymize", partners)


class Together:
    """One request for all, worked off by the scheduled action in its steps, each committed."""

    def __init__(self, bench, ids):
        self.bench, self.ids = bench, ids
        self.steps, self.peaks = [], []

    def measure(self):
        registry = get_registry(self.bench.database)
        with registry.cursor() as cr, settings_of_session(cr, self.bench.settings):
            make_request(cr, self.ids)
            cr.commit()
            idle = read_memory(os.getpid(), "VmRSS")
            with MemoryWatch(cr) as memory, self.watched(registry, memory):
                started = time.perf_counter()
                make_environment(cr)["privacy.request"]._cron_run()
                spent = time.perf_counter() - started
        return {
            "seconds": spent,
            "people": len(self.ids),
            "steps": self.steps,
            "idle": idle,
            "peaks": self.peaks,
            "server": memory.server,
        }

    @contextlib.contextmanager
    def watched(self, registry, memory):
        """Time of each step, and the peak of the memory since the last."""
        Request = registry["privacy.request"]
        original = Request._run_step

        def _run_step(request, lines):
            started = time.perf_counter()
            memory.process = 0.0
            original(request, lines)
            self.steps.append(time.perf_counter() - started)
            # it keeps the text of all queries
            self.bench.stopwatch.reset()
            self.peaks.append(max(memory.process, read_memory(os.getpid(), "VmRSS")))

        Request._run_step = _run_step
        try:
            yield
        finally:
            Request._run_step = original


def count_left(database, ids):
    """How many of the people were not anonymised."""
    with connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM res_partner"
            " WHERE id = ANY(%s) AND (privacy_state IS NULL OR name != 'Anonymised')",
            [ids],
        )
        return cursor.fetchone()[0]


# ----------------------------------------------------------------------
# Others, meanwhile
# ----------------------------------------------------------------------


class LockProbe:
    """A process that changes rows of others, one after the other, and takes each change back."""

    def __init__(self, database, ids_by_table):
        self.arguments = [sys.executable, __file__, database]
        self.ids_by_table = ids_by_table

    def __enter__(self):
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.process.stdin.write(json.dumps(self.ids_by_table) + "\n")
        self.process.stdin.flush()
        return self

    def __exit__(self, *error):
        output, _errors = self.process.communicate("stop\n")
        self.waits = json.loads(output) if output else {}


def probe(database):
    """What the process does until it is told to stop: then it prints ``{table: [changes, longest
    wait in seconds]}``."""
    ids_by_table = json.loads(sys.stdin.readline())
    rows = [(table, id_) for table, ids in ids_by_table.items() for id_ in ids]
    random.seed(1)
    found = {table: [0, 0.0] for table in ids_by_table}
    connection = connect(database)
    with contextlib.closing(connection), connection.cursor() as cursor:
        while not select.select([sys.stdin], [], [], 0.001)[0]:
            table, id_ = random.choice(rows)
            cursor.execute("SELECT 1")  # the transaction begins
            started = time.perf_counter()
            cursor.execute(f"UPDATE {table} SET write_date = write_date WHERE id = %s", [id_])
            spent = time.perf_counter() - started
            connection.rollback()
            found[table] = [found[table][0] + 1, max(found[table][1], spent)]
    print(json.dumps(found))


# ----------------------------------------------------------------------
# People
# ----------------------------------------------------------------------


@contextlib.contextmanager
def made_people(database, count):
    """:return: dict ``ids`` of the people and ``others``, ids by table"""
    with connect(database) as connection, connection.cursor() as cursor:
        before = {table: read_last_id(cursor, table) for table in MADE}
    try:
        started = time.perf_counter()
        people = make_people(database, count, before)
        print(
            f"\n{NAME}: {count} people with {sum(DOCUMENTS.values())} documents each "
            f"and {BYSTANDERS} others made in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        yield people
    finally:
        remove_made(database, before)


def read_last_id(cursor, table):
    cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {table}")
    return cursor.fetchone()[0]


def make_people(database, count, before):
    parameters = {
        **{f"last_{table}": last for table, last in before.items()},
        "count": count,
        "bystanders": BYSTANDERS,
    }
    with connect(database) as connection, connection.cursor() as cursor:
        # no foreign keys, no triggers: as the loader does
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(PEOPLE_SQL, parameters)
        cursor.execute(
            "SELECT id FROM res_partner WHERE id > %(last_res_partner)s"
            " AND email LIKE '%%@person.example' ORDER BY id",
            parameters,
        )
        ids = [row[0] for row in cursor.fetchall()]
        others = {}
        for table in WATCHED:
            cursor.execute(BYSTANDERS_SQL[table], parameters)
            others[table] = [row[0] for row in cursor.fetchall()]
    make_notes_and_files(database, ids)
    for table in MADE:
        vacuum(database, f"(ANALYZE) {table}")
    return {"ids": ids, "others": others}


def make_notes_and_files(database, ids):
    """What has a digest or a file goes through the ORM."""
    with get_registry(database).cursor() as cr:
        env = make_environment(cr)
        env = env(context={**env.context, "tracking_disable": True})
        for start in range(0, len(ids), 500):
            step = ids[start : start + 500]
            env["customer.note"].create(
                [
                    {"customer_id": id_, "body": f"{id_} likes blue, {n}"}
                    for id_ in step
                    for n in range(DOCUMENTS["notes"])
                ]
            )
            env["ir.attachment"].create(
                [
                    {
                        "name": f"letter-{n}.txt",
                        "raw": f"Letter {n} to {id_}".encode(),
                        "res_model": "res.partner",
                        "res_id": id_,
                    }
                    for id_ in step
                    for n in range(DOCUMENTS["attachments"])
                ]
            )
            cr.commit()
            env.invalidate_all()


def remove_made(database, before):
    with connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "DELETE FROM calendar_event_res_partner_rel WHERE calendar_event_id > %s",
            [before["calendar_event"]],
        )
        for table in MADE:
            cursor.execute(f"DELETE FROM {table} WHERE id > %s", [before[table]])
    for table in MADE:
        vacuum(database, f"(ANALYZE) {table}")


# names of two rare words, so that each is searched for
PEOPLE_SQL = """
INSERT INTO res_partner (create_date, write_date, create_uid, write_uid, name, complete_name, lang, type, email,
                         email_normalized, phone, phone_sanitized, street, city, country_id, active, employee,
                         is_company, partner_share, color, supplier_rank, customer_rank, autopost_bills,
                         approval_status, is_customer, completeness)
SELECT now() - interval '900 days', now(), 1, 1, nm, nm, 'en_US', 'contact', 'p' || i || '@person.example',
       'p' || i || '@person.example', '+44' || (700000000 + i), '+44' || (700000000 + i), 'Lane ' || i || ' of some',
       'Town', 20, TRUE, FALSE, FALSE, TRUE, 0, 0, 1, 'ask', 'active', TRUE, 50
  FROM generate_series(1, %(count)s) i,
       LATERAL (SELECT bench.word(i + 51000000) || ' ' || bench.word(i + 52000000) || i AS nm) w;
INSERT INTO res_partner (create_date, write_date, create_uid, write_uid, name, complete_name, lang, type, email,
                         active, employee, is_company, partner_share, color, supplier_rank, customer_rank,
                         autopost_bills, approval_status, is_customer, completeness)
SELECT now(), now(), 1, 1, nm, nm, 'en_US', 'contact', 'b' || i || '@bystander.example', TRUE, FALSE, TRUE, TRUE,
       0, 0, 1, 'ask', 'active', TRUE, 50
  FROM generate_series(1, %(bystanders)s) i, LATERAL (SELECT 'Bystander ' || bench.word(i + 53000000) AS nm) w;
UPDATE res_partner SET commercial_partner_id = id, customer_id = id WHERE id > %(last_res_partner)s;
CREATE TEMP TABLE person AS
SELECT id, name, row_number() OVER (ORDER BY id) AS i FROM res_partner
 WHERE id > %(last_res_partner)s AND email LIKE '%%@person.example';
CREATE TEMP TABLE bystander AS
SELECT b.id, (SELECT name FROM person p WHERE p.i = 1 + (b.n * 7) %% %(count)s AND b.n %% 3 = 0) AS named
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM res_partner
         WHERE id > %(last_res_partner)s AND email LIKE '%%@bystander.example') b;
INSERT INTO customer_salesman (customer_id, employee_id, is_main, create_uid, write_uid, create_date, write_date)
SELECT p.id, a.emp_id, TRUE, 1, 1, now(), now() FROM person p, bench.actor a WHERE a.actor = 'manager';
INSERT INTO crm_lead (create_date, write_date, create_uid, write_uid, name, type, priority, partner_id, customer_id,
                      user_id, team_id, company_id, stage_id, expected_revenue, prorated_revenue, probability,
                      automated_probability, active, won_status, color, description)
SELECT now(), now(), 1, 1, 'Kettles for ' || p.name, 'opportunity', '0', p.id, p.id, a.user_id,
       (SELECT min(id) FROM crm_team), 1, (SELECT min(id) FROM crm_stage), 100, 50, 50, 50, n = 1, 'pending', 0,
       '<p>' || p.name || ' wants kettles, number ' || n || '</p>'
  FROM person p, generate_series(1, 2) n, bench.actor a WHERE a.actor = 'manager';
INSERT INTO crm_lead (create_date, write_date, create_uid, write_uid, name, type, priority, partner_id, customer_id,
                      team_id, company_id, stage_id, expected_revenue, prorated_revenue, probability,
                      automated_probability, active, won_status, color, description)
SELECT now(), now(), 1, 1, 'Pans of a bystander', 'opportunity', '0', b.id, b.id, (SELECT min(id) FROM crm_team), 1,
       (SELECT min(id) FROM crm_stage), 100, 50, 50, 50, TRUE, 'pending', 0,
       '<p>' || COALESCE('As ' || b.named || ' said', 'Nobody said so') || '</p>'
  FROM bystander b;
INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, activity_type_id, user_id, summary, note,
                           date_deadline, date_done, done_at, case_id, customer_id, first_deadline, postpone_count,
                           automated, active, create_uid, write_uid, create_date, write_date)
SELECT m.id, 'crm.lead', l.id, l.name, t.id, a.user_id, 'Call', '<p>' || COALESCE(p.name, b.named, 'nobody') || '</p>',
       CURRENT_DATE, CASE WHEN n > 1 THEN CURRENT_DATE END, CASE WHEN n > 1 THEN now() END, l.id, l.customer_id,
       CURRENT_DATE, 0, FALSE, n = 1, 1, 1, now(), now()
  FROM crm_lead l LEFT JOIN person p ON p.id = l.partner_id LEFT JOIN bystander b ON b.id = l.partner_id,
       generate_series(1, 3) n, bench.actor a, ir_model m,
       (SELECT min(id) AS id FROM mail_activity_type WHERE res_model IS NULL) t
 WHERE l.id > %(last_crm_lead)s AND l.active AND a.actor = 'manager' AND m.model = 'crm.lead'
   AND (p.id IS NOT NULL OR n = 1);
INSERT INTO mail_message (message_type, model, res_id, subject, body, author_id, email_from, date, subtype_id,
                          create_uid, write_uid, create_date, write_date)
SELECT 'email', CASE WHEN n < 5 THEN 'res.partner' ELSE 'crm.lead' END, CASE WHEN n < 5 THEN p.id ELSE l.id END,
       'Question ' || n, '<p>Dear all, ' || p.name || ' asks for the ' || n || '. time.</p>',
       CASE WHEN n %% 2 = 0 THEN p.id END, CASE WHEN n %% 2 = 0 THEN 'p' || p.i || '@person.example' END, now(),
       (SELECT res_id FROM ir_model_data WHERE module = 'mail' AND name = 'mt_comment'), 1, 1, now(), now()
  FROM person p JOIN crm_lead l ON l.partner_id = p.id AND l.active AND l.id > %(last_crm_lead)s,
       generate_series(1, 6) n;
INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, customer_id, company_id, user_id,
                        team_id, currency_id, currency_rate, state, invoice_status, date_order, validity_date,
                        amount_untaxed, amount_tax, amount_total, locked, require_signature, require_payment,
                        prepayment_percent, note, create_uid, write_uid, create_date, write_date)
SELECT 'P' || p.i, p.id, p.id, p.id, p.id, c.id, a.user_id, (SELECT min(id) FROM crm_team), c.currency_id, 1, 'sent',
       'no', now(), CURRENT_DATE, 100, 0, 100, FALSE, TRUE, FALSE, 1, '<p>For ' || p.name || '</p>', 1, 1, now(), now()
  FROM person p, res_company c, bench.actor a WHERE c.id = 1 AND a.actor = 'manager';
INSERT INTO sale_order_line (order_id, name, display_type, product_uom_qty, price_unit, customer_lead, sequence,
                             order_partner_id, company_id, create_uid, write_uid, create_date, write_date)
SELECT o.id, 'Kettle of ' || p.name, 'line_note', 0, 0, 0, 10, p.id, 1, 1, 1, now(), now()
  FROM sale_order o JOIN person p ON p.id = o.partner_id WHERE o.id > %(last_sale_order)s;
INSERT INTO customer_reminder (owner_id, name, kind, date, next_date, customer_id, active, create_uid, write_uid,
                               create_date, write_date)
SELECT a.user_id, 'Ask ' || p.name, 'other', CURRENT_DATE, CURRENT_DATE, p.id, TRUE, 1, 1, now(), now()
  FROM person p, bench.actor a WHERE a.actor = 'manager';
INSERT INTO calendar_event (name, show_as, start, stop, description, active, privacy, create_uid, write_uid,
                            create_date, write_date)
SELECT 'Visit ' || p.i, 'busy', now(), now(), '<p>At ' || p.name || '</p>', TRUE, 'public', 1, 1, now(), now()
  FROM person p;
INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
SELECT e.id, p.id FROM calendar_event e JOIN person p ON e.name = 'Visit ' || p.i
 WHERE e.id > %(last_calendar_event)s;
INSERT INTO calendar_attendee (event_id, partner_id, common_name, state, create_uid, write_uid, create_date, write_date)
SELECT r.calendar_event_id, p.id, p.name, 'accepted', 1, 1, now(), now()
  FROM calendar_event_res_partner_rel r JOIN person p ON p.id = r.res_partner_id;
INSERT INTO third_party_contract (customer_id, third_party_id, company_id, currency_id, name, is_own, date_start,
                                  date_end, decision_date, amount, yearly_volume, yearly_cost, note, create_uid,
                                  write_uid, create_date, write_date)
SELECT p.id, c.partner_id, c.id, c.currency_id, 'K-' || p.i, TRUE, CURRENT_DATE - 900, CURRENT_DATE - 90,
       CURRENT_DATE - 90, 100, 0, 0, p.name || ' signed', 1, 1, now(), now()
  FROM person p, res_company c WHERE c.id = 1;
"""
BYSTANDERS_SQL = {
    "res_partner": "SELECT id FROM bystander WHERE %(count)s > 0",
    "crm_lead": """
        SELECT l.id FROM crm_lead l JOIN bystander b ON b.id = l.partner_id
         WHERE l.id > %(last_crm_lead)s""",
    "mail_activity": """
        SELECT a.id FROM mail_activity a JOIN bystander b ON b.id = a.customer_id
         WHERE a.id > %(last_mail_activity)s""",
}


# ----------------------------------------------------------------------
# The report
# ----------------------------------------------------------------------


def report(alone, together, probe, left):
    each = together["seconds"] / together["people"]
    alone_each = sum(alone) / len(alone)
    steps = sorted(together["steps"])
    print(
        f"  together: {together['people']} people in {together['seconds']:.1f} s, {len(steps)} steps of "
        f"{steps[len(steps) // 2]:.2f} s (longest {steps[-1]:.2f}), {each * 1000:.1f} ms a person"
    )
    print(
        f"  one by one: {len(alone)} people in {sum(alone):.1f} s, {alone_each * 1000:.1f} ms a person; reckoned "
        f"from these, all {together['people']} would take {alone_each * together['people']:.0f} s"
    )
    ratio = alone_each / each
    print(f"  ratio {ratio:.1f}, budget {BUDGET}: {judge(ratio >= BUDGET)}")
    tenth = max(len(together["peaks"]) // 10, 1)
    first, last = max(together["peaks"][:tenth]), max(together["peaks"][-tenth:])
    print(
        f"  memory: {max(together['peaks']) - together['idle']:.0f} MB at most above the idle "
        f"{together['idle']:.0f}; first tenth of the people {first:.0f} MB, last {last:.0f}, flat: "
        f"{judge(last <= FLAT * first)}"
        + (
            f"; PostgreSQL's process {together['server']:.0f} MB of its own"
            if together["server"] is not None
            else ""
        )
    )
    waits = defaultdict(lambda: [0, float("inf")], probe.waits)
    longest = max(waits[table][1] for table in WATCHED)
    told = ", ".join(f"{table} {waits[table][1]:.3f} s ({waits[table][0]})" for table in WATCHED)
    print(
        f"  longest wait for a row of others (changes): {told}; budget {LOCK_BUDGET} s: "
        f"{judge(longest < LOCK_BUDGET)}"
    )
    print(f"  not anonymised: {left}: {judge(not left)}", flush=True)


def judge(is_met):
    return "ok" if is_met else "MISSED"


if __name__ == "__main__":
    probe(sys.argv[1])
