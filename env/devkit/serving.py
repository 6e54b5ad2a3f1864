"""./dev run, stop and clean, and the shells: odoo, shell, psql, bench."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from .artefacts import postgres_bin
from .cluster import (
    clone_database,
    cluster_runs,
    databases,
    get_note,
    session,
    sessions,
    set_note,
    stop_cluster,
)
from .machine import CACHE, DATA, LOCKS, ROOT, RUN, Problem, readable, remove, say, spawn
from .odoo import ADDON, manifest, own_modules, readable_copy, set_up, template

LOGINS = ("salesman", "manager", "accounts", "admin")  # each is its password, too
DEFAULT_DATABASES = ("sales_crm", "sales_crm_no_demo")


def free_port(host="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def is_free(host, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def choose_port(args):
    if args.port:
        if not is_free(args.host, args.port):
            raise Problem(f"port {args.port} is taken: choose another with --port")
        return args.port
    port = next(port for port in range(8069, 65536) if is_free(args.host, port))
    if port != 8069:
        say(f"port 8069 is taken, using {port}")
    return port


def database_name(args):
    return args.db or DEFAULT_DATABASES[0 if args.demo else 1]


def prepare_database(args, setup, database):
    """Make the database, or bring it up to the state of the addons' files."""
    present = database in databases()
    note = get_note(database) if present else {}
    if present and not args.fresh and note.get("demo", args.demo) != args.demo:
        raise Problem(
            f"the database {database} was made {'with' if note['demo'] else 'without'} demo data: "
            "use --fresh to make it anew, or another --db"
        )
    if args.fresh or not note:  # no note: its making was interrupted
        source = template(setup, args.demo)
        say(f"database {database}: cloning the template")
        clone_database(source, database)
        note = {}
    modules = own_modules(args, setup)
    state = setup.digest(modules)
    if note.get("state") == state and set(modules) <= set(note.get("modules", ())):
        return
    if modules:
        say(f"database {database}: installing or upgrading {', '.join(modules)}")
        setup.install(database, modules, args.demo)
    set_note(database, demo=args.demo, state=state, modules=modules)


def command_run(args):
    setup = set_up(args)
    database = database_name(args)
    port = choose_port(args)
    with session(database, "run"):
        prepare_database(args, setup, database)
        options = ["-d", database, "--db-filter", f"^{re.escape(database)}$"]
        options += ["--http-interface", args.host, "-p", port]
        if args.workers:
            options += ["--workers", args.workers, "--gevent-port", free_port(args.host)]
        say("starting Odoo")
        server = setup.spawn(
            *("server", *options, "--log-level", "info" if args.verbose else "warn", *args.rest),
            session=database,
            start_new_session=True,  # Ctrl-C reaches us, and we end it
        )
        try:
            host = "127.0.0.1" if args.host == "0.0.0.0" else args.host
            address = f"http://{host}:{port}"
            wait_until_served(server, f"{address}/web/login")
            print_sign_ins(address, setup, args)
            return server.wait()
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(15)


def wait_until_served(server, url, seconds=300):
    for _ in range(seconds * 2):
        if server.poll() is not None:
            raise Problem(f"Odoo ended with status {server.returncode} before it answered")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=60) as answer:
            if answer.status == 200:
                return
        time.sleep(0.5)
    raise Problem(f"{url} did not answer within {seconds} seconds; -v shows Odoo's log")


def print_sign_ins(address, setup, args):
    say(f"Odoo answers at {address}")
    logins = LOGINS if args.demo and manifest(ADDON, setup.folders) else LOGINS[-1:]
    print("\n    sign in as      password")
    for login in logins:
        print(f"    {login:<15} {login}")
    print("\n    Ctrl-C ends it.\n", flush=True)


def attached(process):
    """Wait for a program that shares our terminal; Ctrl-C is for it alone."""
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, previous)


def here():
    """The current folder, or one that the user of the servers can enter."""
    folder = Path.cwd()
    return folder if readable(folder, "-maxdepth", "0") else "/"


def command_odoo(args):
    setup = set_up(args)
    with session(f"odoo_{os.getpid()}", "odoo", scratch=True) as name:
        return attached(setup.spawn(*args.rest, session=name, cwd=here()))


def command_shell(args):
    setup = set_up(args)
    database = database_name(args)
    if database not in databases():
        raise Problem(f"no database {database}: make it with ./dev run, or name one with --db")
    return attached(setup.spawn("shell", "-d", database, "--no-http", *args.rest))


def command_psql(args):
    set_up(args)
    known = databases()
    default = next((name for name in DEFAULT_DATABASES if name in known), "postgres")
    psql = [postgres_bin() / "psql", *args.rest]
    return attached(spawn(psql, environment={"PGDATABASE": default}, cwd=here()))


def command_bench(args):
    if not (ROOT / "bench/run.py").is_file():
        raise Problem("bench/run.py is missing: restore it with git checkout bench")
    setup = set_up(args)
    runner = readable_copy(ROOT / "bench") / "bench/run.py"
    environment = {
        **setup.environment,
        "SALES_CRM_ODOO_SITE": setup.odoo.site,
        "SALES_CRM_ADDONS_PATH": ",".join(map(str, setup.addons_paths())),
        "SALES_CRM_DATA_DIR": DATA,
        "SALES_CRM_TEMPLATE": template(setup, demo=False),
    }
    with session(f"bench_{os.getpid()}", "bench", scratch=True) as name:
        return attached(
            spawn([setup.odoo.python, runner, *args.rest], name, environment, cwd=here())
        )


def command_setup(args):
    setup = set_up(args, browser=True)
    template(setup, args.demo)
    say(f"ready in {CACHE}")
    return 0


def command_stop(args):
    if not LOCKS.exists() or not postgres_bin():
        return 0
    busy = [(name, pid, kind) for name, pid, kind in sessions() if kind != "run"]
    if busy and not args.force:
        lines = "\n".join(f"    ./dev {kind} (process {pid})" for _, pid, kind in busy)
        raise Problem(f"in use, nothing was stopped; --force stops these too:\n{lines}")
    for name, pid, kind in sessions():
        say(f"stopping ./dev {kind} on {name}")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while list(sessions()) and time.monotonic() < deadline:
        time.sleep(0.2)
    if cluster_runs():
        say("stopping PostgreSQL")
        stop_cluster()
    return 0


def command_clean(args):
    what = "all databases" if args.databases else f"all of {CACHE}"
    if not args.yes and input(f"Remove {what}, your own data included? [y/N] ").lower() != "y":
        return 1
    command_stop(args)
    databases_only = [*RUN.glob("postgresql-*"), *RUN.glob("deployment*"), DATA]
    for path in databases_only if args.databases else [CACHE]:
        say(f"removing {path}")
        remove(path)
    return 0
