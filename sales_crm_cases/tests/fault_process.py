"""What the processes of their own have in common that tests of faults start and kill.

Arguments: the options of Odoo, with which they find the database. Each runs a scheduled action
as the server does, commits its steps, and says "done" in the end. Where the environment
variable STOP_AT tells it, it says "half-way" and waits for whatever comes.
"""

import os
import sys
import time

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

STOP_AT = os.environ.get("STOP_AT")


def run(cron, prepare):
    """Run the scheduled action with this XML id; ``prepare`` patches the registry before."""
    config.parse_config(sys.argv[1:], setup_logging=True)
    registry = Registry(config["db_name"][0])
    prepare(registry)
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        env.ref(f"sales_crm_cases.{cron}").method_direct_trigger()
    say("done")


def wait_half_way(env):
    """Everything is written now, and nothing of it committed."""
    env.flush_all()
    say("half-way")
    # long enough for the test to do what it wants to this process or its database
    for _turn in range(600):
        time.sleep(0.1)
        env.cr.execute("SELECT 1")


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
