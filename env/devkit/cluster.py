"""PostgreSQL: one cluster of our own, which listens on a unix socket only, and its databases."""

import contextlib
import fcntl
import json
import os
import re
import subprocess
import time

from .artefacts import postgres_bin
from .machine import (
    DATA,
    IS_ROOT,
    LOCKS,
    LOGS,
    POSTGRES_PORT,
    RUN,
    Problem,
    kill_session,
    locked,
    remove,
    run_account,
    say,
    server_output,
    socket_folder,
    spawn,
)

# For development only: a power cut may cost the databases, never anything else.
SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "random_page_cost": "1.1",
    "jit": "off",
}


def cluster_folder():
    return RUN / f"postgresql-{postgres_bin().parent.name}"


def pg_ctl(*args):
    return [postgres_bin() / "pg_ctl", "-D", cluster_folder(), "-w", "-s", *args]


def cluster_runs():
    if not postgres_bin() or not cluster_folder().exists():
        return False
    return spawn(pg_ctl("status"), stdout=subprocess.DEVNULL).wait() == 0


def start_cluster():
    account, folder = run_account(), cluster_folder()
    sockets = socket_folder()
    sockets.mkdir(mode=0o700, exist_ok=True)
    if IS_ROOT:
        os.chown(sockets, account.pw_uid, account.pw_gid)
    if sockets.stat().st_uid != account.pw_uid:
        raise Problem(f"{sockets} belongs to somebody else: choose a shorter SALES_CRM_CACHE")
    if cluster_runs():
        return
    if not folder.exists():
        say("PostgreSQL: making a cluster of our own")
        new = folder.with_name(folder.name + ".new")
        remove(new)
        server_output(
            *(postgres_bin() / "initdb", "-D", new, "-U", account.pw_name, "-A", "trust"),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"),
        )
        new.rename(folder)
    settings = "".join(f" -c {name}={value}" for name, value in SETTINGS.items())
    log = LOGS / "postgresql.log"
    try:
        server_output(
            *pg_ctl("-l", log, "-o", f"-p {POSTGRES_PORT} -k {sockets}{settings}", "start")
        )
    except Problem as error:
        raise Problem(
            f"PostgreSQL does not start: see {log}. If the machine went down while it ran, "
            "its files may be damaged: ./dev clean --databases makes a new cluster"
        ) from error


def stop_cluster():
    if cluster_runs():
        server_output(*pg_ctl("-m", "fast", "stop"))


def query(sql, database="postgres"):
    """Lines of the answer to an SQL query, columns separated by ``|``."""
    answer = server_output(
        *(postgres_bin() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql)
    )
    return answer.splitlines()


def databases():
    return query("SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname")


def drop_database(name):
    server_output(postgres_bin() / "dropdb", "--if-exists", "--force", name)
    remove(DATA / "filestore" / name)


def clone_database(template, name):
    """A copy of a template database and of its file store, in about a second."""
    drop_database(name)
    server_output(postgres_bin() / "createdb", "-S", "file_copy", "-T", template, name)
    store = DATA / "filestore"
    # Hard links: Odoo never changes a stored file, it only adds and removes.
    server_output("cp", "-al", store / template, store / name)


def get_note(name):
    """What ``set_note`` last wrote about a database, ``{}`` if nothing."""
    sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '%s'"
    text = "".join(query(sql % name))
    return json.loads(text) if text else {}


def set_note(name, **note):
    """Keep facts about a database where they go when it goes: in its comment."""
    text = json.dumps(note).replace("'", "''")
    query(f"COMMENT ON DATABASE \"{name}\" IS '{text}'")


@contextlib.contextmanager
def session(name, kind, scratch=False):
    """Hold a database, so that nobody drops it or upgrades it under our feet.

    ``scratch``: the name is used this once.
    """
    with contextlib.ExitStack() as stack:
        try:
            content = f"{os.getpid()} {kind}"
            stack.enter_context(locked(LOCKS / name, wait=False, content=content))
        except BlockingIOError:
            pid, _, kind = (LOCKS / name).read_text().partition(" ")
            raise Problem(
                f"the database {name} is in use by ./dev {kind} (process {pid}): "
                "stop that one, or choose another database with --db"
            ) from None
        kill_session(name)  # what a ./dev that was killed left running
        if scratch:
            stack.callback(remove, LOCKS / name)
        stack.callback(kill_session, name)
        yield name


def sessions():
    """(name, process id, kind) of the sessions that are going on."""
    for path in sorted(LOCKS.iterdir()):
        try:
            with path.open() as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, kind = path.read_text().partition(" ")
            yield path.name, int(pid), kind


@contextlib.contextmanager
def scratch_database(template, kind):
    """A clone of a template that is dropped in the end."""
    with session(f"{kind}_{os.getpid()}_{time.time_ns() % 10**6}", kind, scratch=True) as name:
        try:
            clone_database(template, name)
            yield name
        finally:
            kill_session(name)
            drop_database(name)


def drop_leftovers():
    """Drop scratch databases whose ./dev was killed, and end what it left running."""
    in_use = {name for name, *_ in sessions()}
    for name in databases():
        if re.match(r"(test|i18n|screenshots|deployment)_\d+_\d+$", name) and name not in in_use:
            say(f"dropping {name}, which a killed run left behind")
            kill_session(name)
            drop_database(name)
            remove(LOCKS / name)
