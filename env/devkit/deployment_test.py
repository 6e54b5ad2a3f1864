"""./dev test --deployment: what docs/deployment.md says, on a deployment made for it."""

import contextlib
import functools
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

from .artefacts import nginx_program, postgres_bin
from .cluster import scratch_database, session
from .deployment import DATABASE, FILES, NO_REPLICA, REPLICA_AGAIN, Deployment, log_file
from .deployment_load import (
    CUSTOMER_LIST,
    Client,
    Load,
    Lost,
    Refused,
    in_background,
    log_in_as_admin,
)
from .machine import DATA, LOGS, RUN, Problem, remove, say, server_output
from .odoo import own_modules, set_up, template

CALLS = 5
WAIT_SECONDS = 3
READERS = ("salesman", "manager")


class Failed(Exception):
    """A check that did not hold; the message says what was seen."""


def expect(condition, message):
    if not condition:
        raise Failed(message)


class DeploymentTest:
    """The checks, in their order; each says in a line what it saw."""

    def __init__(self, deployment):
        self.deployment = deployment
        self.tokens = []

    @property
    def primary(self):
        return self.deployment.primary

    @property
    def replica(self):
        return self.deployment.replica

    def login(self, name):
        client = Client(self.deployment.address)
        client.login(name, name)
        # the first call of a session writes: Odoo logs the device
        client.call("sales.home", "get_home")
        return client

    def wait_until_served(self, seconds=120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(Lost):
                if Client(self.deployment.address).request("GET", "/web/login")[0] == 200:
                    return
            time.sleep(0.5)
        raise Failed(f"Odoo does not answer: see {log_file('odoo-1')}")

    def reload_hosts(self, number=signal.SIGHUP):
        """Have all workers made anew; returns when the last of the old ones has gone.

        :param number: ``SIGTERM`` restarts the hosts
        """
        before = [(host, set(host.get_workers())) for host in self.deployment.hosts]
        for host, _workers in before:
            host.signal(number)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            time.sleep(0.5)
            now = [(set(host.get_workers()), old) for host, old in before]
            if all(workers and not workers & old for workers, old in now):
                return
        raise Failed(f"the workers were not replaced within 120 seconds of {number.name}")

    # ------------------------------------------------------------------
    # Who reads where
    # ------------------------------------------------------------------

    def get_reads(self, client):
        """``(name, function)`` of what the pages of the addon ask for."""
        call = functools.partial(functools.partial, client.call)
        customers = client.call("res.partner", "search", [["is_customer", "=", True]])
        [case, *_] = client.call("crm.lead", "search", [])
        feed = client.make_feed()
        self.tokens.append(feed.rpartition("/")[2].removesuffix(".ics"))
        mine = [["is_customer", "=", True]]
        name = {"display_name": {}}
        lists = [
            *("mail.activity", "crm.lead", "sale.order", "sales.recommendation"),
            *("third.party.contract", "customer.note", "customer.reminder", "calendar.event"),
        ]
        get = functools.partial(self.get_page, client)
        return [
            ("home page", call("sales.home", "get_home")),
            ("customer's page", call("sales.home", "get_customer_home", customers[0])),
            ("sale history", call("res.partner", "get_sales_history", customers[0])),
            ("customers", call("res.partner", "web_search_read", mine, CUSTOMER_LIST, limit=80)),
            ("customers counted", call("res.partner", "search_count", mine)),
            (
                "customers grouped",
                call("res.partner", "web_read_group", mine, ["rank_id"], ["__count"]),
            ),
            ("customer's form", call("res.partner", "web_read", customers[:1], CUSTOMER_LIST)),
            ("name search", call("res.partner", "web_name_search", "a", name, mine)),
            *(
                (f"list of {model}", call(model, "web_search_read", [], name, limit=80))
                for model in lists
            ),
            ("sales board", call("crm.lead", "get_board", [], unprocessed_limit=40)),
            ("board's cards", call("crm.lead", "web_read_group", [], ["stage_id"], ["__count"])),
            ("history of a case", call("crm.lead", "get_history", [case])),
            ("targets", call("sales.target", "get_grid")),
            ("calendar feed", functools.partial(get, feed)),
            ("views", call("res.partner", "get_views", [[False, "list"], [False, "search"]])),
        ]

    @staticmethod
    def get_page(client, path):
        status, content = client.request("GET", path)
        expect(status == 200, f"{path} answered {status}: {content[:300]}")

    def count_statements(self, server):
        """``{statement: calls}`` of Odoo on this server since the last reset, transactions left out"""
        lines = server.query(
            "SELECT calls || ' ' || regexp_replace(query, '\\s+', ' ', 'g')"
            "  FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
            " WHERE d.datname = current_database() AND s.userid = 'odoo'::regrole"
            "   AND query !~* '^\\s*(BEGIN|COMMIT|ROLLBACK|SET|SHOW|SELECT pg_|DISCARD|RESET)'"
        )
        pairs = (line.split(" ", 1) for line in lines)
        return {statement: int(calls) for calls, statement in pairs}

    def measure(self, act):
        """Statements of ``CALLS`` calls on the replica and on the primary.

        Measured again if the primary was asked, for that may have been a scheduled action.
        """
        for _attempt in range(4):
            self.reset_statements()
            for _ in range(CALLS):
                act()
            there, here = map(self.count_statements, (self.replica, self.primary))
            if not here:
                break
        return there, here

    def reset_statements(self):
        for server in (self.primary, self.replica):
            server.query("SELECT pg_stat_statements_reset()")

    def check_reads(self):
        """Pages are answered by the replica alone."""
        shown = []
        for login in READERS:
            client = self.login(login)
            if login == "manager":
                client.call("res.users", "write", [client.uid], {"show_subordinates": True})
            reads = self.get_reads(client)
            for _ in range(8):  # each worker has its caches to fill
                for _name, act in reads:
                    act()
            wrong = []
            for name, act in reads:
                there, here = self.measure(act)
                shown.append(f"{login}, {name}: {sum(there.values())} / {sum(here.values())}")
                if here or sum(there.values()) < CALLS:
                    first = next(iter(here), "")
                    wrong.append(f"{shown[-1]} {first[:300]}")
            expect(not wrong, "read on the primary:\n    " + "\n    ".join(wrong))
        lines = "\n    ".join(shown)
        return f"statements of {CALLS} calls on the replica / on the primary\n    {lines}"

    def check_writes(self):
        """Writes go to the primary, and whoever is told of one sees it at once."""
        client = self.login("salesman")
        [customer, *_] = client.call("res.partner", "search", [["is_customer", "=", True]])
        self.reset_statements()
        waits = []
        for number in range(50):
            begun = time.monotonic()
            values = {"customer_id": customer, "body": f"Seen at once {number}"}
            client.call("customer.note", "create", [values])
            waits.append(time.monotonic() - begun)
            seen = client.call("customer.note", "search_count", [["body", "=", values["body"]]])
            expect(seen == 1, f"note {number} was written and is seen {seen} times")
        there, here = map(self.count_statements, (self.replica, self.primary))
        inserts = [s for s in there if re.match(r"(INSERT|UPDATE|DELETE)", s)]
        written = sum(n for s, n in here.items() if s.startswith('INSERT INTO "customer_note"'))
        expect(written == 50 and not inserts, f"{written} notes on the primary; {inserts}")
        return f"50 notes, each seen by the next call; median {sorted(waits)[25] * 1000:.0f} ms"

    def check_lag(self):
        """A replica that lags holds up the answer of a write; without waiting, it shows the past."""
        client, other = self.login("salesman"), self.login("salesman")
        [customer, *_] = client.call("res.partner", "search", [["is_customer", "=", True]])

        def write(body):
            values = {"customer_id": customer, "body": body}
            return client.call("customer.note", "create", [values])

        def seen(body):
            return other.call("customer.note", "search_count", [["body", "=", body]])

        self.replica.query("SELECT pg_wal_replay_pause()")
        try:
            with in_background(functools.partial(write, "Waits")) as wait:
                early = wait(WAIT_SECONDS)
                expect(not early, "a write was answered that the replica does not show yet")
                expect(not seen("Waits"), "the replica shows what it has not replayed")
                self.replica.query("SELECT pg_wal_replay_resume()")
                expect(wait(30), "the write was not answered when the replica went on")
            expect(seen("Waits") == 1, "the write was answered and is not seen")
            self.primary.set_reloaded(NO_REPLICA)
            self.replica.query("SELECT pg_wal_replay_pause()")
            write("Does not wait")
            expect(not seen("Does not wait"), "seen although the replica stands still")
        finally:
            self.replica.query("SELECT pg_wal_replay_resume()")
            self.primary.set_reloaded(REPLICA_AGAIN)
        self.deployment.wait_for_replica()
        return (
            f"with remote_apply a write waited {WAIT_SECONDS} s for the replica and was seen when it "
            "was answered; without, it was answered and not seen"
        )

    def check_lost_replica(self):
        """Without the replica pages come from the primary, and writes wait to be set free."""
        client, other = self.login("salesman"), self.login("manager")
        [customer, *_] = client.call("res.partner", "search", [["is_customer", "=", True]])
        values = {"customer_id": customer, "body": "Without a replica"}
        self.replica.stop("immediate")
        try:
            for _ in range(8):
                with contextlib.suppress(Lost, Refused):  # connections that had been open
                    other.call("sales.home", "get_home")
            other.call("sales.home", "get_home")
            with in_background(lambda: client.call("customer.note", "create", [values])) as wait:
                expect(not wait(WAIT_SECONDS), "a write was answered without the replica")
                begun = time.monotonic()
                self.primary.set_reloaded(NO_REPLICA)
                expect(wait(30), "the write was not set free")
                seconds = time.monotonic() - begun
        finally:
            self.replica.start()
            self.primary.set_reloaded(REPLICA_AGAIN)
        self.deployment.wait_for_replica()
        self.reload_hosts()
        there, here = self.measure(lambda: other.call("sales.home", "get_home"))
        expect(there and not here, f"after a reload the primary is asked: {list(here)[:2]}")
        return (
            f"pages were answered by the primary; a write that waited was answered {seconds:.1f} s "
            "after synchronous_standby_names was emptied; a reload of Odoo brought the pages back"
        )

    def check_websocket(self):
        """nginx passes the web client's websocket on to the gevent process."""
        client = self.login("salesman")
        host, port = self.deployment.address
        with (
            socket.create_connection((host, port), 20) as plain,
            ssl._create_unverified_context().wrap_socket(plain) as connection,
        ):
            connection.sendall(
                b"GET /websocket?version=19.0-2 HTTP/1.1\r\nHost: crm.example.com\r\n"
                b"Origin: https://crm.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                b"Cookie: " + client.cookie.encode() + b"\r\n\r\n"
            )
            answer = connection.recv(4096).split(b"\r\n")[0].decode()
        expect(" 101 " in answer, f"the websocket was answered: {answer}")
        return answer

    # ------------------------------------------------------------------
    # Faults under load
    # ------------------------------------------------------------------

    def check_load(self):
        """Fifty users, and nothing they were told of is lost or there twice."""
        deployment = self.deployment
        load = Load(deployment.address)
        self.tokens += [s.feed.rpartition("/")[2].removesuffix(".ics") for s in load.salesmen]
        starts = [host.starts for host in deployment.hosts]
        faults = [
            (15, "kill -9 of a worker", deployment.kill_worker),
            (25, "kill -9 of another worker", deployment.kill_worker),
            (35, "PostgreSQL: restart -m fast", lambda: self.primary.restart("fast")),
            (55, "PostgreSQL: restart -m immediate", lambda: self.primary.restart("immediate")),
            (80, "nginx stopped, started after 2 s", deployment.restart_nginx),
            (90, "kill -9 of a whole host", deployment.hosts[1].kill_all),
            (105, "kill -9 of a host that waits for the replica", self._kill_in_commit),
            (120, "Odoo reloaded (HUP) on both hosts", self._hang_up),
            (140, "replica: restart", lambda: self.replica.restart("fast")),
            (155, "PostgreSQL: primary lost", lambda: self.primary.stop("immediate")),
            (160, "end", lambda: None),
        ]
        load.run(faults)
        on_replica = load.judge(load.count_written(self.replica.query))
        wrong = [f"with the primary lost: {line}" for line in on_replica]
        self.primary.start()
        deployment.wait_for_replica()
        self.wait_until_served()
        found = load.count_written(self.primary.query)
        wrong += load.judge(found)
        wrong += [f"written and not seen at once: {mark}" for mark in load.book.stale]
        wrong += self._find_broken_files()
        wrong += self._find_broken_data()
        lines = list(load.report(faults))
        outcomes = [record.outcome for record in load.book.marks.values()]
        unclear = [mark for mark, record in load.book.marks.items() if record.outcome == "lost"]
        there = sum(set(found.get(mark, [0])) == {1} for mark in unclear)
        if not there:
            wrong.append("no answer was lost after its write: a repetition would not have shown")
        lines.append(
            f"{len(outcomes)} writes, {outcomes.count('acknowledged')} acknowledged; without a "
            f"clear answer {len(unclear)}, of which {there} are there; starts of the hosts' masters: "
            f"{[host.starts - n for host, n in zip(deployment.hosts, starts, strict=True)]}"
        )
        account = "\n    ".join(lines)
        expect(not wrong, "\n    ".join([*wrong[:20], account]))
        return account

    def _kill_in_commit(self):
        """Kill a host whose workers have written and have not answered.

        If nginx sent such a request to the other host, it would be written twice.
        """
        self.replica.query("SELECT pg_wal_replay_pause()")
        time.sleep(WAIT_SECONDS)
        self.deployment.hosts[0].kill_all()
        time.sleep(1)
        self.replica.query("SELECT pg_wal_replay_resume()")

    def _hang_up(self):
        for host in self.deployment.hosts:
            host.signal(signal.SIGHUP)

    def _find_broken_files(self):
        """Documents of the load whose file is missing or holds something else."""
        store = self.deployment.data / "filestore" / DATABASE
        lines = self.primary.query(
            "SELECT name, store_fname FROM ir_attachment WHERE name LIKE 'MARK-%'"
        )
        script = (
            "import sys, pathlib\n"
            "for line in sys.stdin.read().splitlines():\n"
            "    name, path = line.split('|')\n"
            "    file = pathlib.Path(sys.argv[1], path)\n"
            "    if not file.is_file() or file.read_text() != name: print('file of', name)\n"
        )
        with (RUN / "home/documents").open("w") as handle:
            handle.write("\n".join(lines))
        with (RUN / "home/documents").open() as handle:
            answer = server_output("python3", "-c", script, store, stdin=handle)
        return answer.splitlines()

    def _find_broken_data(self):
        """What the addon promises of all data, whatever happened."""
        wrong = [
            f"code {line}"
            for line in self.primary.query(
                "SELECT ref, count(*) FROM res_partner WHERE name LIKE 'MARK-%' AND ref IS NOT NULL"
                " GROUP BY ref HAVING count(*) > 1"
            )
        ]
        admin = log_in_as_admin(self.deployment.address)
        action = admin.call("customer.note.chain", "action_check", [])
        if action["type"] != "ir.actions.client":
            wrong.append("the check of the notes found broken chains")
        return wrong

    # ------------------------------------------------------------------
    # The primary is lost for good
    # ------------------------------------------------------------------

    def check_promotion(self):
        """The replica takes over for a lost primary, with every write that was answered."""
        client = self.login("salesman")
        told = []

        def write_until_lost():
            with contextlib.suppress(Lost, Refused):
                while True:
                    self._note(client, f"Promotion {len(told)}")
                    told.append(f"Promotion {len(told)}")
            return True

        with in_background(write_until_lost) as wait:
            expect(not wait(WAIT_SECONDS), "a write failed while the primary was there")
            self.primary.stop("immediate")
            expect(wait(30), "writes are answered without a primary")
        seconds = self._take_over()
        client = self.login("salesman")
        there = client.call("customer.note", "search_count", [["body", "in", told]])
        expect(there == len(told), f"{len(told)} notes were answered, {there} are there")
        self._note(client, "After the promotion")
        seen = client.call("customer.note", "search_count", [["body", "=", "After the promotion"]])
        expect(seen == 1, f"a note that was written after the promotion is seen {seen} times")
        self._add_replica()
        there, here = self.measure(lambda: client.call("sales.home", "get_home"))
        expect(there and not here, f"the new replica is not asked: {list(here)[:2]}")
        return (
            f"{len(told)} notes were answered, {len(told)} are there; Odoo served {seconds:.0f} s after "
            "the promotion began; a replica of the new primary answers the pages"
        )

    def check_asynchronous(self):
        """Where Odoo does not wait for the replica, what that had not received is lost."""
        client = self.login("salesman")
        self.primary.set_reloaded(NO_REPLICA)
        [sender] = self.primary.query("SELECT pid FROM pg_stat_replication", "postgres")
        os.kill(int(sender), signal.SIGSTOP)
        told = [f"Asynchronous {number}" for number in range(5)]
        for body in told:
            self._note(client, body)
        self.primary.stop("immediate")
        self._take_over()
        client = self.login("salesman")
        there = client.call("customer.note", "search_count", [["body", "in", told]])
        expect(not there, f"{there} notes are there that the replica had not received")
        self._add_replica()
        return f"{len(told)} notes were answered, {there} are there"

    @staticmethod
    def _note(client, body):
        [customer] = client.call("res.partner", "search", [["is_customer", "=", True]], limit=1)
        client.call("customer.note", "create", [{"customer_id": customer, "body": body}])

    def _take_over(self):
        """Promote the replica, and restart Odoo. :return: seconds until pages are served"""
        begun = time.monotonic()
        self.deployment.promote_replica()
        self.reload_hosts(signal.SIGTERM)
        self.wait_until_served()
        return time.monotonic() - begun

    def _add_replica(self):
        self.deployment.start_replica()
        self.deployment.configure_hosts()
        self.reload_hosts()

    # ------------------------------------------------------------------
    # Backup, logs, unit
    # ------------------------------------------------------------------

    def check_backup(self):
        """A backup that is taken from the replica can be restored."""
        dump, name = RUN / "deployment.backup", "crm_restored"
        begun = time.monotonic()
        self.replica.program("pg_dump", "-Fc", "-Z0", "-f", dump, DATABASE)
        seconds = time.monotonic() - begun
        self.primary.query(f"CREATE DATABASE {name} OWNER odoo TEMPLATE template0", "postgres")
        try:
            self.primary.program("pg_restore", "-d", name, "--exit-on-error", dump)
            sql = (
                "SELECT (SELECT count(*) FROM res_partner), (SELECT count(*) FROM customer_note),"
                " (SELECT count(*) FROM crm_lead)"
            )
            rows = [self.primary.query(sql, database) for database in (DATABASE, name)]
            expect(rows[0] == rows[1], f"the backup holds {rows[1]}, and there are {rows[0]}")
        finally:
            self.primary.query(f"DROP DATABASE {name}", "postgres")
            remove(dump)
        return f"dumped in {seconds:.0f} s; partners, notes, cases: {rows[0]}"

    def check_logs(self):
        """No token of a calendar feed in any log, and no page that was read twice."""
        status, _body = self.login("salesman").request("GET", f"/crm/calendar/{'x' * 43}.ics")
        expect(status == 404, f"a feed that does not exist answered {status}")
        self.tokens.append("x" * 43)
        logs = sorted(LOGS.glob("deployment-*.log"))
        texts = {log.name: log.read_text(errors="replace") for log in logs}
        found = [name for name, text in texts.items() if any(t in text for t in self.tokens)]
        expect(not found, f"tokens of calendar feeds in {', '.join(found)}")
        expect("/web/dataset" in texts["deployment-nginx-access.log"], "nginx writes no log at all")
        again = [
            name for name, text in texts.items() if "retrying with a read/write cursor" in text
        ]
        expect(not again, f"pages tried to write on the replica: see {', '.join(again)}")
        return f"{len(self.tokens)} tokens, none in {len(logs)} logs"

    def check_unit(self):
        """systemd takes the unit. It does not run here: the test starts what the unit names."""
        program = shutil.which("systemd-analyze")
        if not program:
            return "systemd-analyze is not on this machine: the unit was not verified"
        unit = self.deployment.folder / "odoo.service"
        # the program that the unit names need not be installed here
        text = (FILES / "odoo.service").read_text().replace("/usr/bin/odoo ", "/bin/true ")
        unit.write_text(text.replace("User=odoo\n", ""))
        done = subprocess.run([program, "verify", unit], capture_output=True, text=True, timeout=60)
        about_it = [line for line in done.stderr.splitlines() if "odoo.service" in line]
        expect(not about_it and not done.returncode, "\n".join(about_it or [done.stderr]))
        return "systemd-analyze verify: nothing found"

    def get_checks(self, names):
        """All checks, or those of ``names``: ``["reads", "load"]``."""
        checks = [
            *(self.check_unit, self.check_websocket, self.check_reads, self.check_writes),
            *(self.check_lag, self.check_lost_replica, self.check_load, self.check_backup),
            *(self.check_promotion, self.check_asynchronous, self.check_logs),
        ]
        by_name = {check.__name__.removeprefix("check_"): check for check in checks}
        wanted = names or by_name
        if unknown := set(wanted) - by_name.keys():
            raise Problem(f"no check {', '.join(unknown)}: there are {', '.join(by_name)}")
        return [by_name[name] for name in wanted]


def make_dump(setup, modules):
    """A dump of a database with the addon and demo data, and a copy of its file store."""
    dump, store = RUN / "deployment.dump", DATA / "filestore/deployment"
    with scratch_database(template(setup, demo=True), "deployment") as database:
        say(f"installing {', '.join(modules)}")
        setup.install(database, modules, demo=True)
        server_output(postgres_bin() / "pg_dump", "-Fc", "-Z0", "-f", dump, database)
        server_output("rm", "-rf", store)
        server_output("cp", "-al", DATA / "filestore" / database, store)
    return dump, store


def run_deployment_test(args):
    """:return: how many checks passed, failed, were skipped"""
    setup = set_up(args)
    nginx_program()
    modules = own_modules(args, setup)
    passed, failed = 0, 0
    with session("deployment", "deployment") as mark, contextlib.ExitStack() as stack:
        deployment = Deployment(setup, mark, stack)
        deployment.prepare_folders()
        dump, store = make_dump(setup, modules)
        say("primary, replica, two hosts of Odoo, nginx")
        deployment.start_primary(dump, store)
        deployment.start_replica()
        deployment.start_hosts()
        deployment.start_nginx()
        test = DeploymentTest(deployment)
        for check in test.get_checks(args.tags):
            try:
                test.wait_until_served()
                seen = check()
                passed += 1
            except (Failed, Lost, Problem, Refused) as error:
                seen = f"FAILED: {error}"
                failed += 1
            say(f"{check.__doc__}\n    {seen}")
    say(f"logs: {LOGS}/deployment-*.log")
    return passed, failed, 0
