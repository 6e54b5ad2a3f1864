"""The machine: who runs what, where, and with which environment."""

import contextlib
import fcntl
import functools
import hashlib
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

ENV = Path(__file__).resolve().parents[1]
ROOT = ENV.parent
IS_ROOT = os.geteuid() == 0
RUN_USER = "sales-crm-dev"  # made when we are root; else the servers run as the caller
STARTED = time.monotonic()


class Problem(Exception):
    """Something the user can mend; the message says how."""


def say(message):
    print(f"[{time.monotonic() - STARTED:4.0f}s] {message}", flush=True)


def default_cache():
    if os.environ.get("SALES_CRM_CACHE"):
        return Path(os.environ["SALES_CRM_CACHE"]).absolute()
    if IS_ROOT:
        return Path("/var/cache/sales-crm-dev")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sales-crm-dev"


CACHE = default_cache()
RUN = CACHE / "run"  # belongs to the user of the servers; the rest to the caller
DATA = RUN / "odoo"  # file store and sessions
LOGS = RUN / "logs"
LOCKS = CACHE / "locks"


def output(*command, **kwargs):
    """Standard output of a command that runs as the caller, in plain English."""
    kwargs.setdefault("env", {**os.environ, "LC_ALL": "C.UTF-8"})
    done = subprocess.run(command, capture_output=True, text=True, **kwargs)
    if done.returncode:
        raise Problem(
            f"{shlex.join(map(str, command))}\nended with status {done.returncode}:\n"
            + (done.stdout + done.stderr).strip()[-3000:]
        )
    return done.stdout


@functools.cache
def run_account():
    """The account that the servers run as; made if need be."""
    if not IS_ROOT:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(RUN_USER)
    except KeyError:
        say(f"making the user {RUN_USER}, for PostgreSQL refuses to run as root")
        output(
            *("useradd", "--system", "--user-group", "--shell", "/usr/sbin/nologin"),
            *("--home-dir", RUN / "home", RUN_USER),
        )
        return pwd.getpwnam(RUN_USER)


def as_run_user():
    """Arguments that make ``subprocess`` drop to the user of the servers."""
    if not IS_ROOT:
        return {}
    account = run_account()
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


POSTGRES_PORT = 5499  # names the socket file; nothing listens on a network port


@functools.cache
def socket_folder():
    """Folder of PostgreSQL's socket, whose path may not exceed 107 characters."""
    folder = RUN / "sock"
    if len(f"{folder}/.s.PGSQL.{POSTGRES_PORT}") > 107:
        folder = Path(f"/tmp/sales-crm-dev-{digest(RUN)}")
    return folder


def server_environment(session="", **extra):
    """A clean environment: the caller's PG*, PYTHON* and ODOO* must not leak in.

    ``session`` marks a process and all its children, so that a browser can be found
    and ended even when the Odoo that started it was killed. The database is named
    by PG* variables and not by --db_host and --db_port, which Odoo 19 ignores for
    its read-only cursors: those would go to the machine's own PostgreSQL.
    """
    return {
        "HOME": str(RUN / "home"),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"]),
        "PYTHONPYCACHEPREFIX": str(RUN / "pycache"),
        "PYTHONUNBUFFERED": "1",
        "PGHOST": str(socket_folder()),
        "PGPORT": str(POSTGRES_PORT),
        "PGUSER": run_account().pw_name,
        **({"SALES_CRM_SESSION": f"{CACHE}:{session}"} if session else {}),
        **{key: str(value) for key, value in extra.items()},
    }


def spawn(command, session="", environment=None, **kwargs):
    """Start a program as the user of the servers, who may not be able to enter our folder."""
    kwargs.setdefault("cwd", RUN / "home")
    env = server_environment(session, **(environment or {}))
    return subprocess.Popen(list(map(str, command)), env=env, **as_run_user(), **kwargs)


def server_output(*command, **kwargs):
    """Output of a program that runs as the user of the servers."""
    process = spawn(
        command,
        stdin=kwargs.pop("stdin", subprocess.DEVNULL),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **kwargs,
    )
    text = process.communicate()[0]
    if process.returncode:
        raise Problem(
            f"{shlex.join(map(str, command))}\nended with status {process.returncode}:\n"
            + text.strip()[-6000:]
        )
    return text


def readable(*paths):
    """Whether the user of the servers can read all of these."""
    if not IS_ROOT:
        return True
    unreadable = ("(", "!", "-readable", "-o", "-type", "d", "!", "-executable", ")")
    command = ["find", "-L", *map(str, paths), *unreadable, "-print", "-quit"]
    done = subprocess.run(command, capture_output=True, cwd="/", **as_run_user())
    return done.returncode == 0 and not done.stdout


def kill_session(session):
    """End every process that carries the session's mark, children included."""
    mark = f"\0SALES_CRM_SESSION={CACHE}:{session}\0".encode()
    for sig in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + 5
        while pids := _pids_with(mark):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sig)
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)


def _pids_with(mark):
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is somebody else's
            if mark in b"\0" + environ.read_bytes():
                found.append(int(environ.parent.name))
    return found


def prepare_cache():
    """Make the folders of the cache, with the owners they need."""
    for folder in (CACHE, LOCKS):
        folder.mkdir(parents=True, exist_ok=True)
    account = run_account()
    for folder in (RUN, RUN / "home", RUN / "pycache", DATA, LOGS, RUN / "shots"):
        folder.mkdir(exist_ok=True)
        if folder.stat().st_uid != account.pw_uid:
            os.chown(folder, account.pw_uid, account.pw_gid)
    if IS_ROOT:
        try:
            spawn(["/bin/true"]).wait()
        except PermissionError as error:
            raise Problem(
                f"the user {RUN_USER} cannot enter {RUN}: choose another folder "
                "with SALES_CRM_CACHE, one that every user may pass through"
            ) from error
    week_ago = time.time() - 7 * 24 * 3600
    for old in [*LOGS.iterdir(), *(RUN / "shots").iterdir()]:
        if old.stat().st_mtime < week_ago:
            remove(old)


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path, wait=True, content=""):
    """Hold a lock that ends with this process, however it ends.

    Raises ``BlockingIOError`` when it is taken and ``wait`` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        for attempt in range(10):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # Somebody may only be looking whether it is taken: see sessions().
                if attempt == 9 and not wait:
                    raise
                time.sleep(0.05)
        else:
            say("waiting for another ./dev that is setting up")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.truncate(0)
        handle.write(content)
        handle.flush()
        yield


@contextlib.contextmanager
def building(target):
    """A folder to fill, which becomes ``target`` when all went well."""
    new = target.with_name(target.name + ".new")
    remove(new)
    new.mkdir(parents=True)
    try:
        yield new
        new.rename(target)
    finally:
        remove(new)


def digest(*parts):
    """Short hash of texts and files; a file counts by its content."""
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        total.update(b"%d:" % len(data) + data)
    return total.hexdigest()[:16]


def lock_file(name):
    path = ENV / name
    if not path.is_file():
        raise Problem(f"env/{name} is missing: restore it with git checkout env/{name}")
    return path
