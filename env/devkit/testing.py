"""./dev test: Odoo's own runner on a clone of the template, its log made readable."""

import os
import re
import select
import subprocess
import sys
from dataclasses import dataclass, field

from .cluster import query, scratch_database
from .machine import LOGS, RUN, Problem, lock_file, say, spawn
from .odoo import ADDON, module_options, own_modules, set_up, template
from .serving import free_port

RECORD = re.compile(r"\d{4}-\d\d-\d\d \S+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<text>.*)")
TOTAL = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
QUIET_SECONDS = 30
SUMMARY = "SALES_CRM_ATTACK_SUMMARY"  # a file for what the attack matrix asked
# Odoo's own tests make users of such names as "manager".
RENAME_DEMO_USERS = f"""
    UPDATE res_users SET login = 'demo.' || login
     WHERE id IN (SELECT res_id FROM ir_model_data WHERE module = '{ADDON}' AND model = 'res.users')
"""


@dataclass
class TestLog:
    """What Odoo's log tells about the tests, shown as it comes."""

    verbose: bool
    started: set = field(default_factory=set)
    failing: set = field(default_factory=set)
    skipped: dict = field(default_factory=dict)
    browsers: int = 0
    warnings: int = 0
    total: tuple = ()  # failures, errors, tests
    shown_class: str = ""
    showing: bool = False  # the record at hand, which may go on over further lines
    current: str = ""

    def read(self, line):
        if self.verbose:
            print(line, flush=True)
        match = RECORD.match(line)
        if match:
            self.showing = match["level"] in ("ERROR", "CRITICAL")
            self.warnings += match["level"] == "WARNING"
            self._read_record(match["logger"], match["text"])
        if self.showing and not self.verbose:
            shown = f"{match['level']} {match['logger']}: {match['text']}" if match else line
            print(shown, flush=True)

    def _read_record(self, logger, text):
        module = logger.removeprefix("odoo.addons.").split(".")[0]
        if match := re.match(r"Starting (\S+)\.(\w+) \.\.\.", text):
            test_class, self.current = f"{module}: {match[1]}", f"{match[1]}.{match[2]}"
            self.started.add((logger, self.current))
            if test_class != self.shown_class and not self.verbose:
                say(test_class)
            self.shown_class = test_class
        elif match := re.match(r"(?:FAIL|ERROR): (?:Subtest )?(\S+)", text):
            self.failing.add((logger, match[1]))
        elif match := re.match(r"skipped (\S+).* : (.*)", text):
            self.skipped[logger, match[1]] = match[2]
        elif text.startswith("Chrome pid:"):
            self.browsers += 1
        elif logger == "odoo.tests.result" and (match := TOTAL.match(text)):
            self.total = tuple(map(int, match.groups()))

    def verdict(self, status, need_browser):
        """(passed, failed, skipped, complaints); a complaint counts as a failure."""
        complaints = []
        if not self.total:
            complaints.append(f"Odoo ended with status {status} before the tests were through")
        elif not self.started:
            complaints.append("no test ran")
        elif need_browser and not self.browsers:
            complaints.append("no browser test ran")
        for (_, test), reason in self.skipped.items():
            if re.search(r"chrom|websocket-client", reason, re.IGNORECASE):
                complaints.append(f"{test} was skipped: {reason}")
        failures = sum(self.total[:2]) if self.total else len(self.failing)
        if status and not failures and not complaints:
            complaints.append(f"Odoo ended with status {status}")
        bad = self.failing if failures else set()
        passed = len(self.started - bad - self.skipped.keys())
        failed = (len(bad) or failures) + len(complaints)
        return passed, failed, len(self.skipped), complaints


def lines_of(process):
    """Lines of a program's output as they come; ``None`` after a quiet while."""
    pending = b""
    stream = process.stdout
    while True:
        if not select.select([stream], [], [], QUIET_SECONDS)[0]:
            # A browser that survived its Odoo would keep the pipe open for ever.
            if process.poll() is not None:
                break
            yield None
            continue
        chunk = os.read(stream.fileno(), 65536)
        if not chunk:
            break
        *lines, pending = (pending + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
    if pending:
        yield pending.decode(errors="replace")


def watch_tests(process, log_path, verbose):
    log = TestLog(verbose)
    with log_path.open("w") as copy:
        for line in lines_of(process):
            if line is None:
                say(f"{len(log.started)} tests started, now {log.current}")
                continue
            copy.write(line + "\n")
            log.read(line)
    return log, process.wait()


def standard_tags():
    lines = lock_file("standard_tests.txt").read_text().splitlines()
    return ",".join(line.split("#")[0].strip() for line in lines if line.split("#")[0].strip())


def command_test(args):
    try:
        passed, failed, skipped = run_tests(args)
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr, flush=True)
        passed, failed, skipped = 0, 1, 0
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


def run_tests(args):
    setup = set_up(args, browser=True)
    modules = own_modules(args, setup)
    tags = args.tags or (standard_tags() if args.standard else ",".join(f"/{m}" for m in modules))
    if not tags:
        raise Problem(f"nothing to test: {ADDON} is not there; give -i MODULES or --tags")
    source = template(setup, demo=True)
    with scratch_database(source, "test") as database:
        log_path, shots = LOGS / f"{database}.log", RUN / "shots" / database
        command = ["-d", database, "--db-filter", f"^{database}$", "-p", free_port()]
        command += ["--stop-after-init", "--max-cron-threads=0", "--with-demo"]
        command += ["--test-tags", tags, "--screenshots", shots, *args.rest]
        if args.standard:
            say(f"installing {', '.join(modules)}")
            setup.install(database, modules, demo=True)
            query(RENAME_DEMO_USERS, database)
            program = ["-c", lock_file("standard_tests.py").read_text()]
        else:
            command += module_options(database, modules)
            program = [setup.odoo.script]
        say(f"testing {tags}  (log: {log_path})")
        asked = {name: os.environ[name] for name in (SUMMARY,) if name in os.environ}
        process = spawn(
            [setup.odoo.python, *program, "server", *command],
            database,
            {**setup.environment, **asked},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log, status = watch_tests(process, log_path, args.verbose)
    passed, failed, skipped, complaints = log.verdict(status, not (args.tags or args.standard))
    for (_, test), reason in log.skipped.items():
        print(f"skipped: {test}: {reason}")
    for _, test in sorted(log.failing):
        print(f"failed: {test}")
    for complaint in complaints:
        print(f"failed: {complaint}")
    for shot in sorted(shots.rglob("*.png")):
        print(f"screenshot: {shot}")
    warnings = f", {log.warnings} warnings" if log.warnings else ""
    say(f"tests done{warnings}; Odoo's log: {log_path}")
    return passed, failed, skipped
