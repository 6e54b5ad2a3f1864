"""./dev test --lived and --migration: the addon on a database that lived without it.

--lived installs, uses and uninstalls it, --migration upgrades it from the first tagged version.
"""

import json
import re
import shutil
import time
from dataclasses import replace

from .cluster import clone_database, query, scratch_database
from .machine import CACHE, ENV, ROOT, Problem, building, digest, output, remove, say, server_output
from .odoo import ADDON, find_template, set_up, template

SCRIPTS = ENV / "lived"
INSTALL_SECONDS = 180
FIRST_VERSION = "v19.0.1.0.0"
FIRST_COMMIT = "91d85fe5a980dbee14e3d9858cab25acde3fcc24"


def run_script(setup, database, name, standard=False):
    """Output of a program of env/lived in Odoo's shell; ``standard``: without our addons."""
    paths = setup.standard_paths() if standard else setup.addons_paths()
    with (SCRIPTS / f"{name}.py").open() as script:
        return setup.run_quietly(
            *("shell", "-d", database, "--no-http", "--log-level=warn"),
            *("--addons-path", ",".join(map(str, paths))),
            session=database,
            stdin=script,
        )


def lived_template(setup):
    """Name of the database with a life behind it and without the addon, made if need be."""
    source = template(setup, demo=True)

    def fill(database):
        say("database that has lived: 50,000 contacts and their documents")
        clone_database(source, database)
        print(run_script(setup, database, "fill", standard=True), end="")

    return find_template(f"template_lived_{digest(source, SCRIPTS / 'fill.py')}", fill)


def compare(setup, database, *arguments):
    """What env/lived/compare.py prints, decoded."""
    with (SCRIPTS / "compare.py").open() as script:
        text = server_output(setup.odoo.python, "-", database, *arguments, stdin=script)
    return json.loads(text) if text.strip() else None


class Checks:
    """What was looked at, with what was found wrong."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def add(self, what, problems=()):
        self.passed += not problems
        self.failed += bool(problems)
        say(f"{'FAILED' if problems else 'ok'}: {what}")
        for line in problems:
            print(f"    {line}", flush=True)

    def run(self, what, setup, database, script, **options):
        """Run a program of env/lived, and show what it did."""
        problems = []
        try:
            log = run_script(setup, database, script, **options)
        except Problem as problem:
            log = str(problem)
            problems.append(log[-1500:])
        for line in log.splitlines():
            if line.startswith("lived: "):
                print(f"    {line.removeprefix('lived: ')}", flush=True)
        self.add(what, problems + warnings_of(log))

    def total(self):
        return self.passed, self.failed, 0


def warnings_of(log):
    return [line for line in log.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]


def changes_of(differences, label):
    """The differences that nothing explains, as text; those that are documented are shown."""
    for each in differences:
        if each["rows"] > each["unexplained"]:
            print(
                f"    {label}: {each['where']} {each['what']}: {each['rows']}: {'; '.join(each['reasons'])}"
            )
    return [
        f"{each['where']} {each['what']}: {each['unexplained']} rows, for instance {each['examples']}"
        for each in differences
        if each["unexplained"]
    ]


def catalog_changes(old, new, allow_added=False):
    """Where two catalogs differ, as text."""
    lines = []
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            lines.append(f"gone: {key}")
        elif key not in old:
            lines += [] if allow_added else [f"more: {key} {new[key]}"]
        elif old[key] != new[key]:
            lines.append(f"changed: {key} from {old[key]} to {new[key]}")
    return lines


def catalog(setup, database):
    return {f"{kind} {name}": text for kind, name, text in compare(setup, database, "catalog")}


def explained(stage):
    return json.dumps(json.loads((SCRIPTS / "changes.json").read_text())[stage])


def odoo_log(setup, database, *command):
    """(log, seconds) of an Odoo command on the database."""
    started = time.monotonic()
    log = setup.run_quietly(*command, session=database)
    return log, round(time.monotonic() - started)


def install(setup, database, option="-i"):
    return odoo_log(
        setup,
        database,
        *("server", "-d", database, option, ADDON, "--no-http", "--stop-after-init"),
        *("--addons-path", ",".join(map(str, setup.addons_paths()))),
        *("--max-cron-threads=0", "--log-level=warn"),
    )


def run_lived(args):
    """Install, use and uninstall, and compare what is in the database.

    :return: numbers of passed, failed and skipped checks
    """
    setup = set_up(args)
    checks = Checks()
    source = lived_template(setup)
    with scratch_database(source, "test") as database:
        say(f"copying what is in {database}")
        compare(setup, database, "snapshot", "before")
        before = catalog(setup, database)

        log, seconds = install(setup, database)
        query("ANALYZE", database)
        late = [] if seconds <= INSTALL_SECONDS else [f"more than {INSTALL_SECONDS} seconds"]
        checks.add(f"installed in {seconds} seconds", late)
        checks.add("no warning at the installation", warnings_of(log))
        checks.add(
            "the installation changes no table of the standard apps but by new columns",
            catalog_changes(before, catalog(setup, database), allow_added=True),
        )
        found = compare(setup, database, "rows", "before", explained("install"))
        checks.add("and no data but what is documented", changes_of(found, "installation"))

        checks.run("a day of work", setup, database, "use")

        compare(setup, database, "snapshot", "used")
        log, seconds = odoo_log(setup, database, "module", "uninstall", "-d", database, ADDON)
        checks.add(f"uninstalled in {seconds} seconds, without a warning", warnings_of(log))
        checks.add(
            "nothing of the addon is left in the catalog",
            catalog_changes(before, catalog(setup, database)),
        )
        found = compare(setup, database, "rows", "used", explained("uninstall"))
        checks.add(
            "uninstalling changes no data but what is documented",
            changes_of(found, "uninstallation"),
        )
        found = compare(setup, database, "traces", "before")
        checks.add("no record of the addon is left", found)
        checks.run(
            "the standard apps work without it", setup, database, "standard_apps", standard=True
        )
    return checks.total()


def first_version():
    """Folder with the addon as it was when it was first tagged.

    A shallow clone does not have it: then it is fetched from the clone's origin, into the cache.
    """
    target = CACHE / "versions" / FIRST_COMMIT
    if target.exists():
        return target
    git = ("git", "-c", f"safe.directory={ROOT}", "-C", ROOT)
    with building(target) as new:
        packed, fetched = new / "addon.tar", new / "fetched.git"
        try:
            if not shutil.which("git"):
                raise Problem("git is not installed")
            output(*git, "rev-parse", "--git-dir")
            try:
                output(*git, "cat-file", "-e", f"{FIRST_COMMIT}^{{commit}}")
            except Problem:
                origin = output(*git, "remote", "get-url", "origin").strip()
                say(f"{FIRST_VERSION} is not in this clone: fetching it from its origin")
                output("git", "init", "--quiet", "--bare", fetched)
                git = ("git", "--git-dir", fetched)
                # a remote, for the address may hold a password and errors show the command
                output(*git, "remote", "add", "origin", origin)
                fetch = ("fetch", "--quiet", "--depth", "1", "origin", FIRST_COMMIT)
                output(*git, *fetch, cwd=ROOT)
        except Problem as error:
            raise Problem(
                f"{error}\n\nThe upgrade starts from {FIRST_VERSION}, commit {FIRST_COMMIT}, which "
                "could not be had.\nRun this in a clone of the repository; if that is shallow: "
                "git fetch --unshallow"
            ) from error
        output(*git, "archive", "--output", packed, FIRST_COMMIT, ADDON)
        output("tar", "-xf", packed, "-C", new)
        remove(packed)
        remove(fetched)
    return target


def definitions(setup, database):
    """{external id: values} of the addon's records."""
    return json.loads(run_script(setup, database, "definitions").splitlines()[-1])


def definition_changes(old, new):
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"only where it was upgraded: {name}"
        elif name not in old:
            yield f"only where it was installed: {name}"
        elif old[name] != new[name]:
            fields = [key for key in new[name] if old[name].get(key) != new[name][key]]
            shown = {key: (old[name].get(key), new[name][key]) for key in fields}
            yield f"{name}: {shown}"[:600]


def column_changes(upgraded, installed, columns, last):
    """New columns of the standard tables whose values differ between two databases, in the rows
    that both had before."""
    for column in columns:
        table, name = column.split(".")
        sql = f"""
            SELECT md5(string_agg(concat_ws(':', id, "{name}"::text), ',' ORDER BY id))
              FROM "{table}" WHERE id <= {last[table]}
        """
        if query(sql, upgraded) != query(sql, installed):
            yield column


def run_migration(args):
    """Upgrade from the first tagged version, and compare with an installation.

    :return: numbers of passed, failed and skipped checks
    """
    version = first_version()
    setup = set_up(args)
    first = replace(setup, folders=[version])
    checks = Checks()
    source = lived_template(setup)
    with (
        scratch_database(source, "test") as upgraded,
        scratch_database(source, "test") as installed,
    ):
        standard = catalog(setup, upgraded)
        log, seconds = install(first, upgraded)
        checks.add(f"{FIRST_VERSION} installed in {seconds} seconds", warnings_of(log))
        checks.run(f"a day of work with {FIRST_VERSION}", first, upgraded, "use")
        query("ANALYZE", upgraded)
        compare(setup, upgraded, "snapshot", "used")
        earlier = catalog(setup, upgraded)

        log, seconds = install(setup, upgraded, "-u")
        late = [] if seconds <= INSTALL_SECONDS else [f"more than {INSTALL_SECONDS} seconds"]
        checks.add(f"upgraded in {seconds} seconds", late)
        checks.add("no warning at the upgrade", warnings_of(log))
        found = compare(setup, upgraded, "rows", "used", explained("upgrade"))
        checks.add("no data but what is documented changed", changes_of(found, "upgrade"))

        log, seconds = install(setup, installed)
        checks.add(f"installed for comparison in {seconds} seconds", warnings_of(log))
        new = catalog(setup, installed)
        checks.add(
            "tables, columns, indexes and constraints are those of an installation",
            catalog_changes(new, catalog(setup, upgraded)),
        )
        checks.add(
            "records of the addon are those of an installation",
            list(definition_changes(definitions(setup, upgraded), definitions(setup, installed))),
        )
        columns = [
            key.removeprefix("column ")
            for key in new.keys() - earlier.keys()
            if key.startswith("column ") and f"relation {key[7:].split('.')[0]}" in standard
        ]
        last = {
            table: query(f'SELECT COALESCE(max(id), 0) FROM "{table}"', source)[0]
            for table in {column.split(".")[0] for column in columns}
        }
        checks.add(
            f"new columns are filled as by an installation: {', '.join(sorted(columns))}",
            list(column_changes(upgraded, installed, columns, last)),
        )
        checks.run("a day of work after the upgrade", setup, upgraded, "use")
    return checks.total()
