"""Make the database that run.py measures: a clone of the template, the addon, and rows by SQL."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
from odoo_environment import ADDONS_PATH, DATA_DIR, SITE, TEMPLATE, connect, open_environment
from psycopg2 import sql

# employees per level at scale 1: 20,000 in eight levels
LEVEL_SIZES = (1, 4, 10, 50, 200, 800, 3500, 15435)
ROWS = {
    "customers": 800_000,
    "contacts": 200_000,
    "anniversaries": 20_000,
    "cases": 1_500_000,
    "activities": 2_000_000,
    "contracts": 300_000,
    "quotes": 200_000,
}


def load(database, scale=1.0, drop=False):
    """Clone, install, fill, and let the addon compute its own relation."""
    started = time.monotonic()

    def say(text):
        print(f"[{time.monotonic() - started:6.1f} s] {text}", flush=True)

    say(f"cloning {TEMPLATE} to {database}")
    clone_template(database, drop)
    say("installing sales_crm_cases")
    install(database)
    with connect(database) as connection, connection.cursor() as cursor:
        indexes = drop_indexes(cursor)
        for label, script in read_steps():
            say(label)
            cursor.execute(script, get_parameters(scale))
        for model, table in (("res.partner", "res_partner"), ("crm.lead", "crm_lead")):
            cursor.execute(
                f"""
                UPDATE mail_activity a SET customer_id = d.customer_id
                  FROM {table} d WHERE a.res_model = %s AND d.id = a.res_id
                """,
                [model],
            )
    # as the addon does it at installation; before the indexes, for each customer is written
    say("dates of rank calls")
    with open_environment(database) as env:
        env["res.partner"]._sync_rank_calls()
        env.cr.commit()
    say("calls of the last cycle")
    with connect(database) as connection, connection.cursor() as cursor:
        spread_rank_calls(cursor)
    # each customer was written twice: neither table nor indexes shall be larger for that
    vacuum(database, "(FULL) res_partner")
    with connect(database) as connection, connection.cursor() as cursor:
        say("indexes")
        for definition in indexes:
            cursor.execute(definition)
    say("sales.visibility")
    with open_environment(database) as env:
        env["sales.visibility"]._refresh_all()
        env.cr.commit()
    say("VACUUM ANALYZE")
    vacuum(database, "(ANALYZE)")
    # the lists show what a night made
    say("recommendations")
    with open_environment(database) as env:
        env["sales.recommendation"]._cron_generate()
        env.cr.commit()
    vacuum(database, "(ANALYZE) sales_recommendation")
    say("done")


def get_parameters(scale):
    rows = {name: max(int(count * scale), 100) for name, count in ROWS.items()}
    # two at least where the measured users need one of each kind
    sizes = [1, *(max(round(size * scale), 2) for size in LEVEL_SIZES[1:])]
    return {**rows, "level_sizes": sizes}


def read_steps():
    """The labelled parts of load.sql."""
    parts = re.split(
        r"^-- step: (.*)$", Path(__file__).with_name("load.sql").read_text(), flags=re.MULTILINE
    )
    return list(zip(parts[1::2], parts[2::2], strict=True))


def clone_template(database, drop):
    connection = connect("postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        if drop:
            cursor.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )
        try:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(database), sql.Identifier(TEMPLATE)
                )
            )
        except psycopg2.errors.DuplicateDatabase:
            sys.exit(f"database {database} exists: load --drop replaces it")
    connection.close()
    store = Path(DATA_DIR) / "filestore"
    if (store / TEMPLATE).is_dir():
        shutil.rmtree(store / database, ignore_errors=True)
        shutil.copytree(store / TEMPLATE, store / database)


def install(database):
    subprocess.run(
        [
            *(sys.executable, "-m", "odoo", "server", "-d", database, "-i", "sales_crm_cases"),
            *(
                "--addons-path",
                ADDONS_PATH,
                "--data-dir",
                DATA_DIR,
                "--no-http",
                "--stop-after-init",
            ),
            *("--max-cron-threads=0", "--log-level=warn"),
        ],
        cwd=SITE,
        check=True,
    )


def vacuum(database, what):
    connection = connect(database)
    connection.autocommit = True
    connection.cursor().execute(f"VACUUM {what}")
    connection.close()


def drop_indexes(cursor):
    """Drop the indexes of the large tables but keys; loading into them takes four times as long.

    :return: the statements that make them again
    """
    cursor.execute(
        """
        SELECT c.oid::regclass::text, pg_get_indexdef(c.oid)
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indrelid::regclass::text IN ('res_partner', 'crm_lead', 'mail_activity',
                                              'third_party_contract', 'sale_order')
           AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)
        """
    )
    rows = cursor.fetchall()
    for name, _definition in rows:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in rows]


def spread_rank_calls(cursor):
    """Let 49 of 50 customers have been called within the cycle of their rank, and have a call
    contact if one of their contacts receives sales calls.

    The 600,000 activities of customers and 1.4 M of their cases alone would leave nearly
    everybody overdue, and a million further calls would change what all else is measured on. So
    the date of the last contact is written where the calls would have put it; it is never before
    that of an activity, but ``_sync_rank_calls`` would take it back. The fiftieth keeps the dates
    of his activities.
    """
    cursor.execute(
        """
        UPDATE res_partner p
           SET last_contact_date = d.last, next_call_date = d.last + d.call_cycle_days,
               call_contact_id = d.call_contact_id, main_contact_id = d.main_contact_id,
               has_call_contact = d.call_contact_id IS NOT NULL
          FROM (SELECT c.id, r.call_cycle_days, k.call_contact_id, k.main_contact_id,
                       GREATEST(c.last_contact_date,
                                b.loaded - bench.pick(c.id + 41000000, r.call_cycle_days)::int) AS last
                  FROM bench.day b, res_partner c JOIN customer_rank r ON r.id = c.rank_id
                  LEFT JOIN (SELECT customer_id, min(id) AS main_contact_id,
                                    min(id) FILTER (WHERE receives_sales_calls) AS call_contact_id
                               FROM res_partner WHERE customer_id != id GROUP BY 1) k
                         ON k.customer_id = c.id
                 WHERE c.customer_id = c.id AND bench.pick(c.id + 42000000, 50) > 0) d
         WHERE d.id = p.id
        """
    )
