"""Benchmarks of the addon: ``load`` the database, ``run`` the measurements, or ``all``.

    run.py load --scale 0.01      10,000 partners instead of a million
    run.py run --users manager --ops customer_list,count --reps 9
    run.py explain --users top --ops pipeline

Three ways are measured one after the other, again and again, so that a busy minute hits
them alike: ours; N, native Odoo without our rules as a user with "All Documents" sees it;
L, the quickest of several hand-written SQL statements. README.md says how to read it.
"""

import argparse
import json
import random
import statistics
import time
from collections import defaultdict

import psycopg2
from handover import measure_handover
from home import get_sorted
from load import load
from maintenance import MAINTENANCE, measure_maintenance
from odoo_environment import get_registry, open_environment
from operations import OPERATIONS
from privacy import NAME as PRIVACY
from privacy import measure_privacy
from recommendations import NAME as RECOMMENDATIONS
from recommendations import measure_recommendations

USERS = ("salesman", "manager", "division", "top")
SETTINGS = {"jit": "off", "random_page_cost": "1.1", "work_mem": "32MB"}


class Stopwatch:
    """Counts queries and their time, for all cursors of the process."""

    def __init__(self):
        self.queries, self.seconds, self.log = 0, 0.0, []

    def install(self):
        from odoo import sql_db

        self.execute = sql_db.Cursor.execute
        stopwatch = self

        def execute(cursor, query, params=None, log_exceptions=True):
            started = time.perf_counter()
            try:
                return stopwatch.execute(cursor, query, params, log_exceptions)
            finally:
                spent = time.perf_counter() - started
                stopwatch.queries += 1
                stopwatch.seconds += spent
                stopwatch.log.append((spent, cursor._obj.query))

        sql_db.Cursor.execute = execute

    def reset(self):
        self.queries, self.seconds, self.log = 0, 0.0, []


class Bench:
    def __init__(self, database, timeout, settings):
        self.database, self.timeout, self.settings = database, timeout, settings
        self.registry = get_registry(database)
        self.stopwatch = Stopwatch()
        self.stopwatch.install()
        self.actors = self.read_actors()
        self.lift_rules_of(self.actors["all_documents"]["user_id"])

    def read_actors(self):
        """The measured users, each with 80 customers and 80 cases that he sees."""
        actors = {}
        with self.registry.cursor() as cr:
            cr.execute("SELECT actor, user_id, emp_id FROM bench.actor")
            for name, user_id, employee_id in cr.fetchall():
                actor = actors[name] = {
                    "name": name,
                    "user_id": user_id,
                    "employee_id": employee_id,
                }
                cr.execute(
                    "SELECT DISTINCT employee_id FROM sales_visibility WHERE user_id = %s",
                    [user_id],
                )
                actor["employee_ids"] = [row[0] for row in cr.fetchall()]
                cr.execute(
                    """SELECT count(*) FROM customer_salesman WHERE employee_id NOT IN (
                           SELECT employee_id FROM sales_visibility WHERE user_id = %s)""",
                    [user_id],
                )
                actor["sees_all_links"] = cr.fetchone()[0] == 0
                cr.execute(
                    """
                    SELECT id FROM (
                        SELECT DISTINCT l.customer_id AS id FROM customer_salesman l
                          JOIN sales_visibility v USING (employee_id) WHERE v.user_id = %s
                         ORDER BY 1 LIMIT 20000) s ORDER BY hashint4(id) LIMIT 80
                    """,
                    [user_id],
                )
                actor["page"] = [row[0] for row in cr.fetchall()]
                cr.execute(
                    "SELECT id FROM crm_lead WHERE active AND customer_id = ANY(%s) ORDER BY id LIMIT 80",
                    [actor["page"]],
                )
                actor["cases"] = [row[0] for row in cr.fetchall()]
        return actors

    def lift_rules_of(self, user_id):
        """Let this user be one of a database without our rules: that is N."""
        rule_class = self.registry["ir.rule"]
        get_rules = rule_class._get_rules

        def _get_rules(rules, model_name, mode="read"):
            found = get_rules(rules, model_name, mode)
            if rules.env.uid != user_id:
                return found
            ours = {
                rule_id
                for rule_id, names in found.get_external_id().items()
                if names.startswith("sales_crm_cases.")
            }
            return found.filtered(lambda rule: rule.id not in ours)

        rule_class._get_rules = _get_rules

    def measure(self, uid, call):
        """Milliseconds in all and in queries, number of queries, and what came back."""
        settings = {**self.settings, "statement_timeout": self.timeout}
        with open_environment(self.database, uid, **settings) as env:
            self.stopwatch.reset()
            started = time.perf_counter()
            try:
                result = call(env)
            except psycopg2.errors.QueryCanceled:
                return {"ms": float(self.timeout), "sql": 0, "queries": 0, "result": "timeout"}
            total = time.perf_counter() - started
            return {
                "ms": total * 1000,
                "sql": self.stopwatch.seconds * 1000,
                "queries": self.stopwatch.queries,
                "result": digest(result),
            }

    def get_calls(self, operation, actor):
        """``{variant: (uid, call)}`` of one operation and user."""
        calls = {"ours": (actor["user_id"], lambda env: operation.ours(env, actor))}
        if operation.native:
            calls["N"] = (
                self.actors["all_documents"]["user_id"],
                lambda env: operation.native(env, actor),
            )
        if operation.by_hand:
            for name, statements in operation.by_hand(actor).items():
                calls[f"L {name}"] = (1, lambda env, s=statements: execute(env, s))
        return calls

    def run(self, operations, users, reps):
        samples, given_up = defaultdict(list), set()
        for rep in range(-1, reps):  # the first round warms up
            for operation in operations:
                for user in users:
                    calls = list(self.get_calls(operation, self.actors[user]).items())
                    random.shuffle(calls)
                    for variant, (uid, call) in calls:
                        key = operation.name, user, variant
                        if key in given_up:
                            continue
                        sample = self.measure(uid, call)
                        if rep >= 0 or sample["ms"] > 10000:
                            samples[key].append(sample)
                        # a candidate by hand that is this slow will not be the quickest
                        if sample["ms"] > (
                            operation.patience if variant.startswith("L ") else 10000
                        ):
                            given_up.add(key)
        return samples

    def explain(self, operations, users, threshold):
        for operation in operations:
            for user in users:
                for variant, (uid, call) in self.get_calls(operation, self.actors[user]).items():
                    self.explain_call(f"{operation.name} {user} {variant}", uid, call, threshold)

    def explain_call(self, title, uid, call, threshold):
        with open_environment(self.database, uid, **self.settings) as env:
            call(env)
            env.invalidate_all()
            self.stopwatch.reset()
            call(env)
            log = self.stopwatch.log
            print(f"\n=== {title}: {len(log)} queries")
            for spent, query in log:
                text = query.decode()
                print(f"--- {spent * 1000:.1f} ms: {' '.join(text.split())[:1500]}")
                if spent * 1000 >= threshold and text.lstrip().upper().startswith(
                    ("SELECT", "WITH")
                ):
                    env.cr._obj.execute("EXPLAIN (ANALYZE, BUFFERS) " + text.replace("%", "%%"), ())
                    print("\n".join("    " + row[0] for row in env.cr._obj.fetchall()))


def execute(env, statements):
    """Rows of a statement, or of all statements of a list."""
    if isinstance(statements, str):
        return env.execute_query(to_sql(statements))
    rows = [row for each in statements for row in env.execute_query(to_sql(each))]
    return get_sorted(row[0] for row in rows if isinstance(row[0], int))


def to_sql(statement):
    from odoo.tools import SQL

    return SQL(statement.replace("%", "%%"))


def digest(result):
    """Enough of a result to compare two ways."""
    if isinstance(result, dict) and "records" in result:
        return [record["id"] for record in result["records"]]
    if isinstance(result, dict) and "groups" in result:
        return sorted(group["__count"] for group in result["groups"] if group["__count"])
    if isinstance(result, list) and result and isinstance(result[0], dict):
        return [record.get("id") for record in result]
    if isinstance(result, list) and result and len(result[0]) == 4:  # stage, name, count, sum
        return sorted(row[2] for row in result)
    if isinstance(result, list) and len(result) == 1 and len(result[0]) == 1:
        return result[0][0]
    if isinstance(result, list):
        return [row[0] for row in result]
    return result


def report(operations, users, samples):
    print(
        f"{'operation':20} {'user':9} {'ours':>9} {'sql':>8} {'q':>3} {'N':>9} {'q':>3} {'L':>9} "
        f"{'ours/N':>7} {'ours/L':>7}  budget"
    )
    for operation in operations:
        for user in users:
            medians = {
                variant: {
                    k: statistics.median(s[k] for s in found) for k in ("ms", "sql", "queries")
                }
                for (name, actor, variant), found in samples.items()
                if (name, actor) == (operation.name, user)
            }
            if "ours" not in medians:
                continue
            ours, native = medians["ours"], medians.get("N")
            hand = {k: v["ms"] for k, v in medians.items() if k.startswith("L ")}
            best = min(hand, key=hand.get) if hand else None
            baselines = {"N": native and native["ms"], "L": best and hand[best]}
            line = f"{operation.name:20} {user:9} {ours['ms']:9.1f} {ours['sql']:8.1f} {ours['queries']:3.0f}"
            line += f" {native['ms']:9.1f} {native['queries']:3.0f}" if native else " " * 14
            line += f" {hand[best]:9.1f}" if best else f" {'-':>9}"
            for baseline in ("N", "L"):
                line += (
                    f" {ours['ms'] / baselines[baseline]:7.2f}"
                    if baselines[baseline]
                    else f" {'-':>7}"
                )
            if user in operation.budget:
                baseline, factor = operation.budget[user]
                known = baselines[baseline]
                met = known and ours["ms"] <= factor * known
                line += f"  {factor} {baseline} {'ok' if met else 'MISSED' if known else 'unknown'}"
            if best:
                line += f"  ({', '.join(f'{k[2:]} {v:.1f}' for k, v in sorted(hand.items(), key=lambda i: i[1]))})"
                mine = samples[operation.name, user, "ours"][0]["result"]
                other = samples[operation.name, user, best][0]["result"]
                if mine is not None and mine != other:
                    line += f"  ROWS DIFFER: {str(mine)[:60]} / {str(other)[:60]}"
            print(line, flush=True)


def choose(names, known, what):
    unknown = set(names) - set(known)
    if unknown:
        raise SystemExit(f"unknown {what}: {', '.join(sorted(unknown))}. Known: {', '.join(known)}")
    return names


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("load", "run", "all", "explain"))
    parser.add_argument("-d", "--database", default="sales_crm_bench")
    parser.add_argument(
        "--scale",
        type=float,
        default=1.0,
        help="1 is a million partners; privacy: of 10,000 people",
    )
    parser.add_argument("--drop", action="store_true", help="load: replace the database")
    parser.add_argument("--reps", type=int, default=7)
    names = [operation.name for operation in OPERATIONS] + [
        *MAINTENANCE,
        "handover",
        RECOMMENDATIONS,
        PRIVACY,
    ]
    parser.add_argument("--ops", default=",".join(names), help="of " + ", ".join(names))
    parser.add_argument("--users", default=",".join(USERS), help="of " + ", ".join(USERS))
    parser.add_argument("--timeout", type=int, default=60000, help="ms per statement")
    parser.add_argument("--set", action="append", default=[], help="PostgreSQL setting, name=value")
    parser.add_argument(
        "--threshold", type=float, default=2, help="explain: plans of queries of so many ms"
    )
    parser.add_argument("--json", help="also write all samples to this file")
    arguments = parser.parse_args()
    arguments.ops = choose(arguments.ops.split(","), names, "operations")
    arguments.users = choose(arguments.users.split(","), USERS, "users")
    return arguments


def main():
    arguments = parse_arguments()
    if arguments.command in ("load", "all"):
        load(arguments.database, arguments.scale, arguments.drop)
    if arguments.command == "load":
        return
    settings = {**SETTINGS, **dict(item.split("=", 1) for item in arguments.set)}
    bench = Bench(arguments.database, arguments.timeout, settings)
    operations = [operation for operation in OPERATIONS if operation.name in arguments.ops]
    if arguments.command == "explain":
        bench.explain(operations, arguments.users, arguments.threshold)
        return
    samples = bench.run(operations, arguments.users, arguments.reps)
    report(operations, arguments.users, samples)
    if arguments.json:
        with open(arguments.json, "w") as output:
            json.dump([[*key, found] for key, found in samples.items()], output)
    measure_maintenance(
        bench, [name for name in MAINTENANCE if name in arguments.ops], arguments.reps
    )
    measure_handover(bench, arguments.ops)
    measure_recommendations(bench, arguments.ops, arguments.reps)
    measure_privacy(bench, arguments.ops, arguments.scale)


if __name__ == "__main__":
    main()
