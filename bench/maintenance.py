"""Changes that rewrite sight: the move of a manager, the option of the top user.

Each is done by the ORM and rolled back. The rows that the transaction wrote come from
PostgreSQL's own counters of the running transaction.
"""

import statistics
import time

from odoo_environment import open_environment

ADMIN = 2
WATCHED = ("res_partner", "customer_salesman", "crm_lead", "sales_visibility")


def move_manager(env, bench):
    """Put a manager with 2,000 people below under another boss."""
    env["hr.employee"].browse(bench.actors["mover"]["employee_id"]).write(
        {"parent_id": bench.actors["newboss"]["employee_id"]}
    )
    env.flush_all()


def move_salesman(env, bench):
    env["hr.employee"].browse(bench.actors["salesman"]["employee_id"]).write(
        {"parent_id": bench.actors["manager"]["employee_id"]}
    )
    env.flush_all()


def hide_team(env, bench):
    """The top user turns "Show items for subordinates" off."""
    env["res.users"].browse(bench.actors["top"]["user_id"]).show_subordinates = False
    env.flush_all()


def show_team(env, bench):
    """... and on again; starts from the state that hide_team leaves."""
    env["res.users"].browse(bench.actors["top"]["user_id"]).show_subordinates = True
    env.flush_all()


# name: (change, what is done before and not measured, budget in ms)
MAINTENANCE = {
    "move_manager": (move_manager, None, 1000),
    "move_salesman": (move_salesman, None, None),
    "hide_team": (hide_team, None, None),
    "show_team": (show_team, hide_team, None),
}


def measure_maintenance(bench, names, reps):
    if not names:
        return
    print(f"\n{'change':14} {'ms':>8} {'without refresh':>16}  rows written")
    for name in names:
        change, before, budget = MAINTENANCE[name]
        runs = [measure(bench, change, before) for _ in range(reps + 1)][1:]
        bare = [measure(bench, change, before, refresh=False) for _ in range(reps + 1)][1:]
        median = statistics.median(ms for ms, _rows in runs)
        line = f"{name:14} {median:8.0f} {statistics.median(ms for ms, _rows in bare):16.0f}  {runs[0][1]}"
        if budget:
            rows = runs[0][1]
            met = median < budget and not rows["res_partner"] and not rows["customer_salesman"]
            line += f"  budget {budget} ms and no customer row: {'ok' if met else 'MISSED'}"
        print(line, flush=True)


def measure(bench, change, before, refresh=True):
    with open_environment(bench.database, ADMIN, **bench.settings) as env:
        if before:
            before(env, bench)
            env.invalidate_all()
        visibility = type(env["sales.visibility"])
        merge = visibility._merge_rows
        if not refresh:
            visibility._merge_rows = lambda *args: None
        written = count_rows_written(env)
        started = time.perf_counter()
        try:
            change(env, bench)
        finally:
            visibility._merge_rows = merge
        spent = time.perf_counter() - started
        after = count_rows_written(env)
        return spent * 1000, {table: after[table] - written[table] for table in WATCHED}


def count_rows_written(env):
    env.cr.execute(
        """
        SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
         WHERE relname = ANY(%s)
        """,
        [list(WATCHED)],
    )
    return dict(env.cr.fetchall())
