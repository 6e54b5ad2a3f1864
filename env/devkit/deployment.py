"""Odoo as docs/deployment.md sets it up, on this machine: primary, replica, two hosts, nginx.

The files of docs/deployment/ are used as they are, but for names, paths and ports, which are
replaced; one that is not found any more is an error, so that files and test stay together.
"""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path

from .artefacts import nginx_program, postgres_bin
from .machine import (
    LOGS,
    ROOT,
    RUN,
    Problem,
    as_run_user,
    remove,
    run_account,
    server_environment,
    server_output,
    socket_folder,
)
from .serving import free_port

FILES = ROOT / "docs/deployment"
DATABASE = "crm"
REPLICA = "crm_replica"
# names of socket files; nothing listens on a network port
PRIMARY_PORT, REPLICA_PORT = 5497, 5498
NO_REPLICA = "ALTER SYSTEM SET synchronous_standby_names = ''"
REPLICA_AGAIN = "ALTER SYSTEM RESET synchronous_standby_names"


def render(name, replacements):
    """Text of a file of docs/deployment/ with names, paths and ports of this machine."""
    text = (FILES / name).read_text()
    for old, new in replacements.items():
        if old not in text:
            raise Problem(f"docs/deployment/{name} has no {old!r}: change env/devkit/deployment.py")
        text = text.replace(old, str(new))
    return text


def log_file(name):
    return LOGS / f"deployment-{name}.log"


class Server:
    """A PostgreSQL server of its own, which shares nothing with the cluster of the other commands."""

    def __init__(self, name, folder, port):
        self.name, self.folder, self.port = name, folder, port
        self.log = log_file(name)

    def program(self, name, *args, **kwargs):
        environment = {"PGPORT": self.port, "PGDATABASE": "postgres"}
        return server_output(postgres_bin() / name, *args, environment=environment, **kwargs)

    def query(self, sql, database=DATABASE):
        return self.program(
            *("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql)
        ).splitlines()

    def configure(self, text):
        target = self.folder / "crm.conf"
        target.write_text(text)
        target.chmod(0o644)
        settings = self.folder / "postgresql.conf"
        if "crm.conf" not in settings.read_text():
            with settings.open("a") as handle:
                handle.write(
                    f"\ninclude 'crm.conf'\nlisten_addresses = ''\nport = {self.port}\n"
                    f"unix_socket_directories = '{socket_folder()}'\n"
                )

    def start(self):
        self.program("pg_ctl", "-D", self.folder, "-w", "-s", "-l", self.log, "start")

    def stop(self, mode="fast"):
        self.program("pg_ctl", "-D", self.folder, "-w", "-s", "-m", mode, "stop")

    def restart(self, mode):
        self.program("pg_ctl", "-D", self.folder, "-w", "-s", "-l", self.log, "-m", mode, "restart")

    def set_reloaded(self, sql):
        self.query(sql, "postgres")
        self.query("SELECT pg_reload_conf()", "postgres")


class Service:
    """A program that is started again whenever it ends, as systemd does with Restart=always."""

    RESTART_SECONDS = 2

    def __init__(self, name, command, session, environment):
        self.name, self.command, self.session = name, command, session
        self.environment = environment
        self.starts = 0
        self.wanted = False
        self.log = log_file(name)

    def start(self):
        self.wanted = True
        self._spawn()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def _spawn(self):
        # PG* would win over the configuration, which is what is tested
        env = server_environment(self.session, **self.environment)
        env = {name: value for name, value in env.items() if not name.startswith("PG")}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                list(map(str, self.command)),
                env=env,
                cwd=RUN / "home",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **as_run_user(),
            )
        self.starts += 1

    def _watch(self):
        while True:
            self.process.wait()
            if not self.wanted:
                return
            time.sleep(self.RESTART_SECONDS)
            self._spawn()

    def signal(self, number):
        self.process.send_signal(number)

    def kill_all(self):
        """End the program and all its children at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self):
        self.wanted = False
        self.process.terminate()
        try:
            self.watcher.join(30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                self.kill_all()

    def get_workers(self):
        """Process ids of the HTTP workers that live."""
        found = re.findall(r"Worker WorkerHTTP \((\d+)\) alive", self.log.read_text())
        return [int(pid) for pid in found if Path(f"/proc/{pid}").exists()]


class Deployment:
    """Primary, replica, two hosts of Odoo and nginx; ``address`` is nginx's."""

    def __init__(self, setup, session, stack):
        self.setup, self.session, self.stack = setup, session, stack
        self.folder = RUN / "deployment"
        self.primary = Server("primary", self.folder / "primary", PRIMARY_PORT)
        self.replica = Server("replica", self.folder / "replica", REPLICA_PORT)
        ports = [free_port() for _ in range(6)]
        self.address = "127.0.0.1", ports[0]
        self.nginx_ports = ports[0:2]
        self.host_ports = [ports[2:4], ports[4:6]]
        self.host_configs = [self.folder / f"odoo-{number}.conf" for number in (1, 2)]
        self.hosts = []
        self.data = self.folder / "odoo"

    def prepare_folders(self):
        remove(self.folder)
        account = run_account()
        for folder in (self.folder, self.data, self.folder / "nginx"):
            folder.mkdir()
            os.chown(folder, account.pw_uid, account.pw_gid)
        for old in LOGS.glob("deployment-*"):
            old.unlink()

    def start_primary(self, dump, filestore):
        """A server with the database, restored from a dump, owned by a role without privileges."""
        server = self.primary
        superuser = run_account().pw_name
        server.program(
            *("initdb", "-D", server.folder, "-U", superuser, "-A", "trust"),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"),
        )
        server.configure(render("postgresql-primary.conf", {"2GB": "256MB"}))
        self.stack.callback(self._stop_server, server)
        server.start()
        # as docs/deployment.md says: not before there is a replica
        server.set_reloaded(NO_REPLICA)
        server.query("CREATE ROLE odoo LOGIN; CREATE ROLE replicator LOGIN REPLICATION", "postgres")
        server.query(f"CREATE DATABASE {DATABASE} OWNER odoo TEMPLATE template0", "postgres")
        server.query("CREATE EXTENSION pg_stat_statements")
        server.program(
            *("pg_restore", "-d", DATABASE, "-j", 2, "--exit-on-error"),
            *("--no-owner", "--role=odoo", dump),
        )
        # Odoo's lead enrichment sends the addresses of new cases to its maker
        server.query(
            "UPDATE ir_cron SET active = FALSE WHERE id IN (SELECT res_id FROM ir_model_data"
            " WHERE module = 'crm_iap_enrich' AND model = 'ir.cron')"
        )
        server.query("VACUUM ANALYZE")
        server_output("mkdir", "-p", self.data / "filestore")
        server_output("cp", "-al", filestore, self.data / "filestore" / DATABASE)

    def start_replica(self):
        """Make the replica, in the place of what was there."""
        remove(self.replica.folder)
        connection = f"host={socket_folder()} port={self.primary.port} user=replicator"
        self.primary.program(
            *("pg_basebackup", "-D", self.replica.folder, "-d", connection),
            *("-R", "-C", "-S", REPLICA, "-c", "fast"),
        )
        (self.replica.folder / "postgresql.conf").write_text("")
        self.replica.configure(render("postgresql-replica.conf", {"2GB": "256MB"}))
        self.stack.callback(self._stop_server, self.replica)
        self.replica.start()
        self.primary.set_reloaded(REPLICA_AGAIN)
        self.wait_for_replica()

    def promote_replica(self):
        """Have the replica take the place of a primary that is lost; there is no replica then."""
        self.primary, self.replica = self.replica, self.primary
        self.primary.configure(render("postgresql-primary.conf", {"2GB": "256MB"}))
        self.primary.set_reloaded(NO_REPLICA)
        self.primary.query("SELECT pg_promote()", "postgres")
        self.configure_hosts(replica=False)

    @staticmethod
    def _stop_server(server):
        if (server.folder / "postmaster.pid").exists():
            with contextlib.suppress(Problem):
                server.stop("immediate")

    def wait_for_replica(self, seconds=60):
        sql = f"SELECT sync_state FROM pg_stat_replication WHERE application_name = '{REPLICA}'"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.primary.query(sql, "postgres") == ["sync"]:
                return
            time.sleep(0.2)
        raise Problem(f"the replica does not follow the primary: see {self.replica.log}")

    def configure_hosts(self, replica=True):
        """Write the configuration of the hosts; they read it when they are started or reloaded."""
        for config, ports in zip(self.host_configs, self.host_ports, strict=True):
            config.write_text(self._render_odoo_conf(*ports, replica))

    def start_hosts(self):
        unit = render("odoo.service", {})
        words = shlex.split(re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1])[1:]
        self.configure_hosts()
        for number, config in enumerate(self.host_configs, 1):
            arguments = [word.replace("/etc/odoo/odoo.conf", str(config)) for word in words]
            if str(config) not in arguments:
                raise Problem("docs/deployment/odoo.service names no /etc/odoo/odoo.conf")
            command = self.setup.command(*arguments)
            environment = {k: v for k, v in self.setup.environment.items() if k != "ODOO_RC"}
            # at a reload Odoo looks for its Python by name
            path = [str(Path(command[0]).parent), environment["PATH"]]
            environment["PATH"] = os.pathsep.join(path)
            host = Service(f"odoo-{number}", command, self.session, environment)
            self.hosts.append(host)
            self.stack.callback(host.stop)
            host.start()

    def _render_odoo_conf(self, http_port, gevent_port, replica):
        paths = ",".join(map(str, self.setup.addons_paths()))
        text = render(
            "odoo.conf",
            {
                "/usr/lib/python3/dist-packages/odoo/addons,/opt/sales_crm": paths,
                "/var/lib/odoo": self.data,
                "primary.example.com": socket_folder(),
                "db_port = 5432": f"db_port = {self.primary.port}",
                "replica.example.com": socket_folder(),
                "db_replica_port = 5432": f"db_replica_port = {self.replica.port}",
                "http_port = 8069": f"http_port = {http_port}",
                "gevent_port = 8072": f"gevent_port = {gevent_port}",
            },
        )
        return text if replica else re.sub(r"(?m)^db_replica_.*\n", "", text)

    def start_nginx(self):
        folder = self.folder / "nginx"
        certificate, key = folder / "crm.pem", folder / "crm.key"
        server_output(
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2),
            *("-subj", "/CN=crm.example.com", "-keyout", key, "-out", certificate),
        )
        (first_http, first_gevent), (second_http, second_gevent) = self.host_ports
        site = render(
            "nginx.conf",
            {
                "127.0.0.1:8069": f"127.0.0.1:{first_http}",
                "127.0.0.1:8169": f"127.0.0.1:{second_http}",
                "127.0.0.1:8072": f"127.0.0.1:{first_gevent}",
                "127.0.0.1:8172": f"127.0.0.1:{second_gevent}",
                "listen 80": f"listen 127.0.0.1:{self.nginx_ports[1]}",
                "listen 443": f"listen 127.0.0.1:{self.nginx_ports[0]}",
                "/etc/ssl/certs/crm.pem": certificate,
                "/etc/ssl/private/crm.key": key,
                "/var/log/nginx/crm.access.log": log_file("nginx-access"),
                "/var/log/nginx/crm.error.log": log_file("nginx-error"),
            },
        )
        (folder / "site.conf").write_text(site)
        # what Debian's nginx.conf says, with paths that we may write to
        temporary = "".join(
            f"    {name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        main = folder / "nginx.conf"
        main.write_text(
            f"worker_processes 2;\ndaemon off;\npid {folder}/pid;\n"
            f"error_log {log_file('nginx')};\nevents {{ worker_connections 768; }}\n"
            f"http {{\n{temporary}    access_log {log_file('nginx-access')};\n"
            f"    include {folder}/site.conf;\n}}\n"
        )
        command = [nginx_program(), "-c", main, "-e", log_file("nginx")]
        server_output(*command, "-t", "-q")
        self.nginx = Service("nginx", command, self.session, {})
        self.stack.callback(self.nginx.stop)
        self.nginx.start()

    def restart_nginx(self):
        """Stop at once, as "systemctl restart" does after its time, and start anew."""
        self.nginx.signal(signal.SIGTERM)

    def kill_worker(self):
        os.kill(self.hosts[0].get_workers()[0], signal.SIGKILL)
