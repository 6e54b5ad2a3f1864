"""Odoo, the addons, and the template databases that everything starts from."""

import ast
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .artefacts import (
    need_packages,
    node_tools,
    odoo_tree,
    python_environment,
    want_report_engine,
)
from .cluster import databases, drop_database, drop_leftovers, query, session, start_cluster
from .machine import (
    CACHE,
    DATA,
    ENV,
    ROOT,
    RUN_USER,
    Problem,
    building,
    digest,
    locked,
    output,
    prepare_cache,
    readable,
    remove,
    say,
    server_output,
    spawn,
)

ADDON = "sales_crm_cases"
# Installed in every template, besides what the addon depends on: the standard apps
# whose own tests are run with the addon ("./dev test --standard").
STANDARD_MODULES = (
    *("account", "calendar", "contacts", "crm", "crm_sms", "hr", "privacy_lookup"),
    *("purchase", "sale_crm", "sale_management", "sms"),
)
TEMPLATE_RECIPE = 1  # raise it when the template is made in another way


@dataclass(frozen=True)
class Odoo:
    """An Odoo 19 that can be run."""

    script: Path
    site: Path  # holds the package "odoo"
    python: str
    addons: tuple  # standard addons beside those in the package
    identity: str  # changes when the code does

    def command(self, *args):
        # Not "python -m odoo": the gevent worker is started again from argv[0].
        return [self.python, self.script, *args]


def find_odoo(args):
    """The Odoo to use: the user's own, or ours from Debian's package."""
    source = args.odoo or os.environ.get("ODOO_SOURCE")
    python = args.python or os.environ.get("ODOO_PYTHON")
    if not source:
        python = python or python_environment("requirements.txt")
        site = odoo_tree()
        return Odoo(site / "odoo-bin", site, str(python), (), f"{site} {python}")
    source = Path(source).resolve()
    release = source / "odoo/release.py"
    scripts = ("odoo-bin", "setup/odoo", "../../../bin/odoo")  # the last: a Debian package
    script = next((source / name for name in scripts if (source / name).is_file()), None)
    if not release.is_file() or not script:
        raise Problem(
            f"{source} is no Odoo: name the folder that holds odoo/release.py and odoo-bin "
            "(a source checkout, or dist-packages of the Debian package)"
        )
    found = re.search(r"^version_info\s*=\s*\(\s*([^,]+)", release.read_text(), re.MULTILINE)
    if not found or found[1].strip() != "19":
        raise Problem(f"{source} is Odoo {found and found[1]}, and Odoo 19 is needed")
    if not readable(release):
        raise Problem(f"the user {RUN_USER} cannot read {source}: move it to where every user can")
    python = python or python_environment("requirements.txt")
    addons = (source / "addons",) if is_addons_folder(source / "addons") else ()
    commit = ""
    if (source / ".git").exists():
        commit = output("git", "-c", f"safe.directory={source}", "-C", source, "rev-parse", "HEAD")
    identity = digest(str(source), str(python), release, release.stat().st_mtime_ns, commit)
    return Odoo(script, source, str(python), addons, identity)


def addons_in(folder):
    return sorted(path.parent for path in folder.glob("*/__manifest__.py"))


def is_addons_folder(folder):
    return bool(addons_in(folder))


def folders_digest(folders):
    """Hash of all files of some folders, by which a change is noticed."""
    parts = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                parts += [str(path.relative_to(folder.parent)), path]
    return digest(*parts)


def addons_folders(args):
    """Folders to search for addons: this repository and those of --addons.

    A folder that the user of the servers cannot read (a checkout below /root) is
    copied into the cache; the copy is named by its content.
    """
    folders = [ROOT]
    for name in args.addons:
        folder = Path(name).resolve()
        if (folder / "__manifest__.py").is_file():
            folder = folder.parent
        if not is_addons_folder(folder):
            raise Problem(f"--addons {name}: no addon (folder with __manifest__.py) is there")
        folders.append(folder)
    found = filter(None, map(addons_in, dict.fromkeys(folders)))
    return [readable_copy(*addons) for addons in found]


def readable_copy(*folders):
    """Where the user of the servers can read these neighbours: their parent, or a copy."""
    parent = folders[0].parent
    if readable(*folders):
        return parent
    copy = CACHE / "copies" / folders_digest(folders)
    if not copy.exists():
        say(f"copying from {parent}, which the user {RUN_USER} cannot read")
        with building(copy) as new:
            for folder in folders:
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(folder, new / folder.name, ignore=ignore)
            output("chmod", "-R", "a+rX", new)
    return copy


def manifest(name, folders):
    for folder in folders:
        path = folder / name / "__manifest__.py"
        if path.is_file():
            return ast.literal_eval(path.read_text())
    return None


def template_modules(folders):
    """Standard modules to have in the template: the addons' depends and a fixed list."""
    wanted, todo = set(STANDARD_MODULES), [ADDON]
    while todo:
        description = manifest(todo.pop(), folders)
        for name in (description or {}).get("depends", ()):
            if manifest(name, folders):
                todo.append(name)
            else:
                wanted.add(name)
    return sorted(wanted)


@dataclass(frozen=True)
class Setup:
    """An environment in which Odoo commands can be run."""

    odoo: Odoo
    folders: list  # addons folders beside Odoo's own
    config: Path
    environment: dict

    def command(self, *args):
        return self.odoo.command(*args)

    def spawn(self, *args, session="", **kwargs):
        return spawn(self.command(*args), session, self.environment, **kwargs)

    def run_quietly(self, *args, session="", **kwargs):
        """Run an Odoo command; show its log only when it fails."""
        return server_output(
            *self.command(*args), session=session, environment=self.environment, **kwargs
        )

    def standard_paths(self):
        return [self.odoo.site / "odoo/addons", *self.odoo.addons]

    def addons_paths(self):
        return [*self.standard_paths(), *self.folders]

    def check_modules(self, names):
        for name in names:
            if not manifest(name, self.addons_paths()):
                raise Problem(f"no module {name} here; name the folder that holds it with --addons")

    def digest(self, names):
        """Hash of the files of those modules that are not Odoo's own."""
        found = (folder / name for folder in self.folders for name in names)
        return folders_digest([addon for addon in found if addon.is_dir()])

    def install(self, database, modules, demo):
        """Install modules, or upgrade them where they are installed."""
        self.check_modules(modules)
        self.run_quietly(
            *("server", "-d", database, *module_options(database, modules)),
            *(["--with-demo"] if demo else []),
            *("--no-http", "--stop-after-init", "--max-cron-threads=0", "--log-level=warn"),
            session=database,
        )
        missing = set(modules) - set(installed_modules(database))
        if missing:
            raise Problem(f"Odoo did not install {', '.join(sorted(missing))}")


def installed_modules(database):
    return query("SELECT name FROM ir_module_module WHERE state = 'installed'", database)


def module_options(database, modules):
    """Odoo's -i for modules that the database lacks, -u for those that it has."""
    present = set(installed_modules(database))
    options = []
    for option, names in (
        ("-i", [name for name in modules if name not in present]),
        ("-u", [name for name in modules if name in present]),
    ):
        if names:
            options += [option, ",".join(names)]
    return options


def set_up(args, browser=False):
    """Everything but a template: packages, Odoo, addons, cluster. Quick when it is there."""
    need_packages(browser)
    prepare_cache()
    want_report_engine()
    with locked(CACHE / "lock"):
        odoo = find_odoo(args)
        node_bin, node_modules = node_tools()
        folders = addons_folders(args)
        start_cluster()
        drop_leftovers()
    paths = [odoo.site / "odoo/addons", *odoo.addons, *folders]
    text = "\n".join(
        [
            "[options]",
            f"addons_path = {','.join(map(str, paths))}",
            f"data_dir = {DATA}",
            "http_interface = 127.0.0.1",
            "list_db = False",
            "",
        ]
    )
    config = CACHE / "conf" / f"{digest(text)}.conf"
    if not config.exists():
        config.parent.mkdir(exist_ok=True)
        new = config.with_suffix(f".{os.getpid()}")
        new.write_text(text)
        new.rename(config)
    path = [node_modules / ".bin", node_bin, "/usr/local/bin", "/usr/bin", "/bin"]
    environment = {
        "ODOO_RC": config,
        "PATH": os.pathsep.join(map(str, path)),  # for rtlcss, right-to-left languages
        "NODE_PATH": node_modules,  # for the test of accessibility, which takes axe-core from it
        "PYTHONPATH": odoo.site,
    }
    return Setup(odoo, folders, config, environment)


def template(setup, demo):
    """Name of the template database with the standard modules, made if need be."""
    modules = template_modules(setup.folders)
    key = digest(TEMPLATE_RECIPE, setup.odoo.identity, *modules)
    name = f"template_{'demo' if demo else 'bare'}_{key}"
    return find_template(name, lambda new: install_standard_modules(setup, new, modules, demo))


def find_template(name, make):
    """The name of a template database, made by ``make(name)`` if it is not there."""
    if name in databases():
        return name
    with locked(CACHE / "lock-templates"):
        if name in databases():  # somebody else has made it meanwhile
            return name
        new = f"{name}_new"
        with session(new, "setup", scratch=True):
            drop_database(new)
            make(new)
            query("VACUUM FREEZE ANALYZE", new)
            store = DATA / "filestore"
            remove(store / name)
            (store / new).rename(store / name)
            query(f"ALTER DATABASE {new} RENAME TO {name}")
    return name


def install_standard_modules(setup, database, modules, demo):
    say(f"template database: installing {', '.join(modules)} (about two minutes)")
    # Without the addons of this repository: what they install by themselves
    # (auto_install) is no part of the template.
    setup.run_quietly(
        *("server", "-d", database, "-i", ",".join(modules), *(["--with-demo"] if demo else [])),
        *("--addons-path", ",".join(map(str, setup.standard_paths()))),
        *("--no-http", "--stop-after-init", "--max-cron-threads=0", "--log-level=warn"),
        session=database,
    )
    say("template database: asset bundles")
    shell = ("shell", "-d", database, "--no-http", "--log-level=warn")
    with (ENV / "make_bundles.py").open() as script:
        setup.run_quietly(*shell, session=database, stdin=script)


def own_modules(args, setup):
    """The addon, when it is there, and the modules of -i."""
    names = [ADDON] if manifest(ADDON, setup.folders) else []
    names += [name for name in args.modules if name not in names]
    setup.check_modules(names)
    return names
