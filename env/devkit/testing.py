"""./dev test: Odoo's own runner on a clone of the template, its log made readable."""

import os
import re
import select
import subprocess
import sys
from dataclasses import dataclass, field

from .cluster import query, scratch_database
from .deployment_test import run_deployment_test
from .living import run_lived, run_migration
from .machine import LOGS, RUN, Problem, lock_file, say, spawn
from .odoo import ADDON, module_options, own_modules, set_up, template
from .serving import free_port

RECORD = re.compile(r"\d{4}-\d\d-\d\d \S+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<text>.*)")
QUERIES = re.compile(r"Query count \w+ than expected for user \S+: (\d+) . (\d+) ")
TOTAL = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
QUIET_SECONDS = 30
SUMMARY = "SALES_CRM_ATTACK_SUMMARY"  # a file for what the attack matrix asked
# Further modules that bring tests of the list; they are in no template, for they bring test data.
STANDARD_TEST_MODULES = ("test_mail",)
# ./dev test --NAME: beside the tests, as they take long
LONG_TESTS = {
    "deployment": run_deployment_test,
    "lived": run_lived,
    "migration": run_migration,
}
# The options that only some kinds of test know, and the long ones that do.
OPTIONS = {
    "--tags": ("tags", ("deployment",)),
    "-i": ("modules", ("deployment",)),
    "-v": ("verbose", ()),
    "what follows --": ("rest", ()),
}
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
    failing: dict = field(default_factory=dict)  # what each says
    skipped: dict = field(default_factory=dict)
    queries: dict = field(default_factory=dict)  # counts that a test did not expect
    browsers: int = 0
    warnings: int = 0
    total: tuple = ()  # failures, errors, tests
    shown_class: str = ""
    showing: bool = False  # the record at hand, which may go on over further lines
    current: tuple = ()
    failed: tuple = ()  # the test whose error is being shown

    def read(self, line):
        if self.verbose:
            print(line, flush=True)
        match = RECORD.match(line)
        if match:
            self.showing = match["level"] in ("ERROR", "CRITICAL")
            self.failed = ()
            self.warnings += match["level"] == "WARNING"
            self._read_record(match["logger"], match["text"])
        elif self.failed and line[:1].strip():
            self.failing[self.failed] = line
        if counted := QUERIES.search(line):
            count = f"{counted[1]} queries where Odoo counts {counted[2]}"
            self.queries.setdefault(self.current, []).append(count)
        if self.showing and not self.verbose:
            shown = f"{match['level']} {match['logger']}: {match['text']}" if match else line
            print(shown, flush=True)

    def _read_record(self, logger, text):
        module = logger.removeprefix("odoo.addons.").split(".")[0]
        if match := re.match(r"Starting (\S+)\.(\w+) \.\.\.", text):
            test_class, self.current = f"{module}: {match[1]}", (logger, f"{match[1]}.{match[2]}")
            self.started.add(self.current)
            if test_class != self.shown_class and not self.verbose:
                say(test_class)
            self.shown_class = test_class
        elif match := re.match(r"(?:FAIL|ERROR): (\w+) \((\S+)\.(\w+)\)", text):  # setUpClass
            self._note_failure(match[2], f"{match[3]}.{match[1]}")
        elif match := re.match(r"(?:FAIL|ERROR): (?:Subtest )?(\S+)", text):
            self._note_failure(logger, match[1])
        elif match := re.match(r"skipped (\S+).* : (.*)", text):
            self.skipped[logger, match[1]] = match[2]
        elif text.startswith("Chrome pid:"):
            self.browsers += 1
        elif logger == "odoo.tests.result" and (match := TOTAL.match(text)):
            self.total = tuple(map(int, match.groups()))

    def _note_failure(self, *test):
        if self.showing:  # what is tried again fails in a record of level INFO
            self.failed = test
            self.failing.setdefault(test, "")

    def complaints(self, status, need_browser):
        """What is wrong with the run itself; each counts as a failure."""
        found = []
        if not self.total:
            found.append(f"Odoo ended with status {status} before the tests were through")
        elif not self.started:
            found.append("no test ran")
        elif need_browser and not self.browsers:
            found.append("no browser test ran")
        for (_, test), reason in self.skipped.items():
            if re.search(r"chrom|websocket-client", reason, re.IGNORECASE):
                found.append(f"{test} was skipped: {reason}")
        if status and not self.failures() and not found:
            found.append(f"Odoo ended with status {status}")
        return found

    def failures(self):
        return sum(self.total[:2]) if self.total else len(self.failing)

    def counts(self, complaints):
        """(passed, failed, skipped)"""
        failures = self.failures()
        bad = self.failing.keys() if failures else set()
        passed = len(self.started - bad - self.skipped.keys())
        return passed, (len(bad) or failures) + len(complaints), len(self.skipped)


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
                say(f"{len(log.started)} tests started, now {' '.join(log.current[1:])}")
                continue
            copy.write(line + "\n")
            log.read(line)
    return log, process.wait()


def standard_tests():
    """Tags of env/standard_tests.txt, and the tags that it leaves out with the reason."""
    tags, left_out = [], {}
    for line in lock_file("standard_tests.txt").read_text().splitlines():
        tag, _, reason = map(str.strip, line.partition("#"))
        if tag.startswith("-"):
            left_out[tag[1:]] = reason
        elif tag:
            tags.append(tag)
    return tags, left_out


def check_options(args, kind):
    """Refuse options that the kind of test would not follow: it takes long to find that out."""
    idle = [
        option
        for option, (name, kinds) in OPTIONS.items()
        if getattr(args, name) and kind not in kinds
    ]
    if idle:
        raise Problem(f"--{kind} knows no {', '.join(idle)}: leave it out")


def command_test(args):
    kind = next((name for name in LONG_TESTS if getattr(args, name)), None)
    try:
        if kind:
            check_options(args, kind)
        passed, failed, skipped = LONG_TESTS.get(kind, run_tests)(args)
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr, flush=True)
        passed, failed, skipped = 0, 1, 0
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


def run_tests(args):
    if (args.without or args.compare) and not args.standard:
        raise Problem("--without and --compare belong to --standard")
    setup = set_up(args, browser=True)
    modules = own_modules(args, setup)
    if args.compare:
        return compare(args, setup, modules)
    if args.standard:
        tags, left_out = standard_tests()
        tags = args.tags or tags
        if args.without:
            modules = [name for name in modules if name != ADDON]
        else:
            tags += [f"-{tag}" for tag in left_out]
    else:
        tags = args.tags or [f"/{name}" for name in modules]
    if not tags:
        raise Problem(f"nothing to test: {ADDON} is not there; give -i MODULES or --tags")
    log, complaints = run_odoo(args, setup, modules, tags)
    return log.counts(complaints)


def run_odoo(args, setup, modules, tags):
    """Run the tests of these tags on a new database; print what is not as it should be.

    :return: the log, and complaints about the run itself
    """
    tags = ",".join(tags)
    source = template(setup, demo=True)
    with scratch_database(source, "test") as database:
        log_path, shots = LOGS / f"{database}.log", RUN / "shots" / database
        command = ["-d", database, "--db-filter", f"^{database}$", "-p", free_port()]
        command += ["--stop-after-init", "--max-cron-threads=0", "--with-demo"]
        command += ["--test-tags", tags, "--screenshots", shots, *args.rest]
        if args.standard:
            modules = [*modules, *STANDARD_TEST_MODULES]
            say(f"installing {', '.join(modules)}")
            setup.install(database, modules, demo=True)
            query(RENAME_DEMO_USERS, database)
            program = ["-c", lock_file("standard_tests.py").read_text()]
        else:
            command += module_options(database, modules)
            program = [setup.odoo.script]
        say(f"testing {tags}  (log: {log_path})")
        asked = {name: os.environ[name] for name in (SUMMARY,) if name in os.environ}
        if args.standard:
            # Some of Odoo's own tours are lost to a race on a busy machine.
            asked["ODOO_TEST_FAILURE_RETRIES"] = 1
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
    complaints = log.complaints(status, not (args.tags or args.standard))
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
    return log, complaints


def compare(args, setup, modules):
    """Run all of the list with the addon, then without it what failed; print the differences.

    A difference that the list does not know counts as a failure, and so does one that it
    knows and that is none any more.
    """
    tags, known = standard_tests()
    log, complaints = run_odoo(args, setup, modules, args.tags or tags)
    other = TestLog(args.verbose)
    if log.failing:
        without = [name for name in modules if name != ADDON]
        again = sorted(set(map(test_tag, log.failing)))
        other, further = run_odoo(args, setup, without, again)
        complaints += further
    differing = {test for test in log.failing if test not in other.failing}
    new = {test for test in differing if not reason_of(test, known)}
    needed = {tag for test in log.failing for tag in covering_tags(test)}
    met = {tag for test in log.started for tag in covering_tags(test)}
    idle = sorted(tag for tag in known if tag in met - needed)
    for title, tests in (
        ("fail with the addon only, which is no known difference", new),
        ("fail with the addon only, as the list says", differing - new),
        ("fail without it, too", log.failing.keys() - differing),
    ):
        print(f"{title}: {len(tests)}")
        for test in sorted(tests):
            print(f"  {test_tag(test)}: {reason_of(test, known)}".rstrip(": "))
            for name, run in (("with", log), ("without", other)):
                said = dict.fromkeys(run.queries.get(test) or [run.failing.get(test) or "passes"])
                print(f"    {name}: {'; '.join(said)[:300]}")
    for tag in idle:
        print(f"failed: {tag} passes now: take it out of the list")
    passed, _, skipped = log.counts([])
    return passed, len(new) + len(idle) + len(complaints), skipped


def test_tag(test):
    """Odoo's --test-tags for one test, or for its class when that could not be set up."""
    logger, name = test
    module = logger.removeprefix("odoo.addons.").split(".")[0]
    return f"/{module}:{name.removesuffix('.setUpClass')}"


def covering_tags(test):
    tag = test_tag(test)
    return tag, tag.partition(".")[0]


def reason_of(test, known):
    return next((known[tag] for tag in covering_tags(test) if tag in known), "")
