"""A process of its own that runs a scheduled action of privacy, for tests that kill it.

Arguments: the options of Odoo, with which it finds the database. Environment: CRON is the
XML id of the action; STOP_AT the number of the step after which, before it is committed, the
process says "half-way" and waits for whatever comes. Two people are a step.
"""

import importlib
import os
import sys
import time

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

MODELS = "odoo.addons.sales_crm_cases.models"


def main():
    config.parse_config(sys.argv[1:], setup_logging=True)
    registry = Registry(config["db_name"][0])
    for name in ("privacy_rule", "privacy_request"):
        importlib.import_module(f"{MODELS}.{name}").STEP_SIZE = 2
    _stop_in(registry["privacy.rule"])
    _stop_in(registry["privacy.request"])
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        env.ref(f"sales_crm_cases.{os.environ['CRON']}").method_direct_trigger()
    say("done")


def _stop_in(model):
    run_step = model._run_step
    steps = []

    def _run_step(self, *args):
        result = run_step(self, *args)
        self.env.flush_all()
        steps.append(1)
        if str(len(steps)) == os.environ.get("STOP_AT"):
            say("half-way")
            # long enough for the test to kill this process
            time.sleep(60)
        return result

    model._run_step = _run_step


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
