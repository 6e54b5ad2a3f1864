"""./dev screenshots: all pictures of the documentation anew, from the demo database."""

import contextlib
import os
import shutil
import subprocess

from .artefacts import find_browser
from .cluster import clone_database, databases, get_note, scratch_database, session, set_note
from .machine import ENV, ROOT, RUN, Problem, remove, say, server_output, spawn
from .odoo import own_modules, readable_copy, set_up, template
from .serving import free_port, wait_until_served

IMAGES = ROOT / "docs/images"


def command_screenshots(args):
    setup = set_up(args, browser=True)
    source = template(setup, demo=True)
    with contextlib.ExitStack() as stack:
        if args.db:
            database = stack.enter_context(session(args.db, "screenshots"))
            if database not in databases() or not get_note(database).get("pictures"):
                clone_database(source, database)
        else:
            database = stack.enter_context(scratch_database(source, "screenshots"))
        return take_pictures(args, setup, database)


def take_pictures(args, setup, database):
    say(f"database {database}: installing the addon, adding what the pictures show")
    modules = own_modules(args, setup)
    state = setup.digest(modules)
    if get_note(database).get("state") != state:
        setup.install(database, modules, demo=True)
    program = readable_copy(ENV / "screenshots") / "screenshots"
    folder = RUN / "shots" / database
    remove(folder)
    server_output("mkdir", "-p", folder)
    with (program / "data.py").open() as script:
        answer = setup.run_quietly(
            *("shell", "-d", database, "--no-http", "--log-level=warn"),
            session=database,
            stdin=script,
        )
    found = [line[4:] for line in answer.splitlines() if line.startswith("IDS ")]
    if not found:
        raise Problem(f"env/screenshots/data.py failed:\n{answer.strip()[-6000:]}")
    set_note(database, demo=True, pictures=True, state=state)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = setup.spawn(
        *("server", "-d", database, "--db-filter", f"^{database}$", "-p", port),
        *("--http-interface", "127.0.0.1", "--max-cron-threads=0", "--log-level=error"),
        session=database,
        start_new_session=True,
    )
    try:
        wait_until_served(server, f"{url}/web/login")
        say("taking the pictures")
        camera = spawn(
            [setup.odoo.python, program / "run.py", find_browser(), url, folder, *args.names],
            database,
            setup.environment,
            stdin=subprocess.PIPE,
            text=True,
        )
        camera.communicate(found[0])
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(15)
    made = sorted(folder.glob("*.png"))
    IMAGES.mkdir(exist_ok=True)
    for picture in made:
        shutil.copyfile(picture, IMAGES / picture.name)
    say(f"{len(made)} pictures in {os.path.relpath(IMAGES, ROOT)}")
    return camera.returncode
