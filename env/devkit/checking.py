"""./dev lint and ./dev i18n: what keeps the sources and the translations in order."""

import os
import subprocess

from .artefacts import need_packages, node_tools, python_environment
from .cluster import scratch_database
from .machine import CACHE, ENV, LOGS, ROOT, locked, output, prepare_cache, remove, say
from .odoo import ADDON, addons_in, set_up, template

TRANSLATIONS = ENV / "translations.py"  # needs polib, so it runs in a Python that has it
DOCUMENTS = ENV / "documents.py"


def command_lint(args):
    need_packages()
    prepare_cache()
    with locked(CACHE / "lock"):
        python = python_environment("tools.txt")
        node_bin, node_modules = node_tools()
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(node_bin), os.environ["PATH"]]),
        "RUFF_CACHE_DIR": str(CACHE / "ruff"),
        "PYLINTHOME": str(CACHE / "pylint"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    ruff = [python.with_name("ruff")]
    sources = [name for name in ("dev", "env", "bench") if (ROOT / name).exists()]
    addons = [addon.name for addon in addons_in(ROOT)]
    formats = [f"{name}/**/*.{kind}" for name in addons for kind in ("js", "scss", "xml")]
    formats = [pattern for pattern in formats if any(ROOT.glob(pattern))]
    prettier = [node_modules / ".bin/prettier", "--log-level=warn"]
    prettier += [f"--plugin={node_modules}/@prettier/plugin-xml/src/plugin.js"]
    translations = [path for name in addons for path in ROOT.glob(f"{name}/i18n/*.po*")]
    check = ["--fix"] if args.fix else []
    layout = [] if args.fix else ["--check"]
    write = "--write" if args.fix else "--check"
    steps = [
        ("ruff", [*ruff, "check", *check, *sources, *addons]),
        ("ruff format", [*ruff, "format", *layout, *sources, *addons]),
        ("pylint-odoo", addons and [python, "-m", "pylint", "-j0", *addons]),
        ("prettier", formats and [*prettier, write, *formats]),
        ("translations", translations and [python, TRANSLATIONS, "check", *translations]),
        ("documents", [python, DOCUMENTS, "fix" if args.fix else "check", ROOT]),
    ]
    failed = []
    for name, command in steps:
        if not command:
            continue
        say(name)
        if subprocess.run(command, cwd=ROOT, env=environment).returncode:
            failed.append(name)
    say(f"found something: {', '.join(failed)}" if failed else "nothing found")
    return 1 if failed else 0


def command_i18n(args):
    setup = set_up(args)
    setup.check_modules([ADDON])
    folder = ROOT / ADDON / "i18n"
    with scratch_database(template(setup, demo=False), "i18n") as database:
        say(f"installing {ADDON}")
        setup.install(database, [ADDON], demo=False)
        export = LOGS / f"{database}.pot"
        setup.run_quietly("i18n", "export", "-d", database, "-o", export, ADDON)
        folder.mkdir(exist_ok=True)
        pot = folder / f"{ADDON}.pot"
        pot.write_text(export.read_text())
        remove(export)
    print(f"{pot} written")
    print(output(setup.odoo.python, TRANSLATIONS, "merge", pot, *folder.glob("*.po")), end="")
    return 0
