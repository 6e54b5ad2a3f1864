import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import odoo
import psycopg2
from odoo.tests.common import get_db_name
from odoo.tools import config

from .concurrency_common import ConcurrencyCommon
from .postgres_programs import find_programs, get_server_options

PATIENCE = 120
# of a socket in a folder of its own: it meets no other server
PORT = "5432"
PROGRAMS = ("initdb", "pg_ctl", "postgres", "createdb", "pg_dump", "pg_restore")


class FaultCommon(ConcurrencyCommon):
    """Two salesmen, and processes of their own that are killed or lose their database."""

    # the program of the processes, see fault_process.py
    _script = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls._session() as env:
            cls._make_salesman(env, "seller")
            cls._make_salesman(env, "other")
            cls._make_data(env)

    @classmethod
    def _make_data(cls, env):
        """Make what the tests need, see :meth:`_delete_data`."""

    def _start_process(self, stop_at="", **environment):
        """A process that runs the scheduled action; see the script."""
        options = ["-d", get_db_name(), "--addons-path", ",".join(config["addons_path"])]
        options += ["--data-dir", config["data_dir"], "--max-cron-threads=0", "--no-http"]
        options += ["--log-level=critical"]
        for name in ("host", "port", "user", "password"):
            if config[f"db_{name}"] and f"PG{name.upper()}" not in environment:
                options += [f"--db_{name}", str(config[f"db_{name}"])]
        path = [str(Path(odoo.__path__[0]).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(self._script)), *options],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path),
                "STOP_AT": stop_at,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.addCleanup(self._end_process, process)
        return process

    def _end_process(self, process):
        process.kill()
        process.communicate()

    def _kill(self, process):
        process.send_signal(signal.SIGKILL)
        self.assertEqual(process.wait(PATIENCE), -signal.SIGKILL)

    def _disconnect(self):
        """End the connection of everybody who is writing."""
        with self._session() as env:
            env.cr.execute(
                """
                SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
                 WHERE a.datname = current_database() AND a.pid != pg_backend_pid()
                   AND a.backend_xid IS NOT NULL
                """
            )

    def _expect(self, process, text):
        """Wait until the process says it."""
        seen = []
        for line in process.stdout:
            seen.append(line)
            if line.strip() == text:
                return
        self.fail(f"the process ended without saying {text!r}: {''.join(seen)[-2000:]}")


class RestartCommon(FaultCommon):
    """PostgreSQL is restarted during a run: a cluster of the test's own, with a copy of the
    database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bindir = find_programs(*PROGRAMS)
        cls.folder = tempfile.mkdtemp(prefix="scc_restart_")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls._make_cluster()

    @classmethod
    def _make_cluster(cls):
        data = Path(cls.folder, "data")
        cls._call("initdb", "-D", data, "-U", "odoo", "--auth=trust", "-E", "UTF8", "--no-sync")
        with Path(data, "postgresql.conf").open("a") as conf:
            conf.write(
                f"listen_addresses = ''\nport = {PORT}\nunix_socket_directories = '{cls.folder}'\n"
                "fsync = off\nmax_wal_size = 2GB\n"
            )
        cls._control("start")
        cls.addClassCleanup(cls._control, "stop", "-m", "immediate")
        server = ["-h", cls.folder, "-p", PORT, "-U", "odoo"]
        cls._call("createdb", *server, get_db_name())
        # as it is at this moment: with the data of this test
        dump = subprocess.Popen(
            [cls._get_program("pg_dump"), "-Fc", "-Z0", *get_server_options(), get_db_name()],
            stdout=subprocess.PIPE,
        )
        subprocess.run(
            [
                *(cls._get_program("pg_restore"), "--no-owner", "--no-privileges"),
                *(*server, "-d", get_db_name()),
            ],
            stdin=dump.stdout,
            check=True,
        )
        dump.stdout.close()
        if dump.wait():
            raise RuntimeError("pg_dump failed")

    @classmethod
    def _get_program(cls, name):
        return str(cls.bindir / name)

    @classmethod
    def _call(cls, name, *arguments):
        subprocess.run(
            [cls._get_program(name), *map(str, arguments)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @classmethod
    def _control(cls, *arguments):
        cls._call("pg_ctl", "-D", f"{cls.folder}/data", "-w", "-l", f"{cls.folder}/log", *arguments)

    def _start_process(self, stop_at="", **environment):
        own = {"PGHOST": self.folder, "PGUSER": "odoo", "PGPORT": PORT}
        return super()._start_process(stop_at, **own, **environment)

    @contextmanager
    def _cursor(self):
        connection = psycopg2.connect(
            host=self.folder, port=PORT, user="odoo", dbname=get_db_name()
        )
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()
