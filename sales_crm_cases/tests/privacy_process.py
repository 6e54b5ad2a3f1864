"""A process of its own that anonymises what waits, for tests that kill it.

Arguments: the options of Odoo, with which it finds the database. It runs the scheduled action
as the server does, two people a step, and does what the environment says:

STOP_AT: number of a step. After everything of it was written, and before it is committed, it
says "half-way" and waits for whatever comes.
FAIL_FOR: id of a person on whom the last step fails.
"""

import importlib
import os
import sys
import time

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

STEP_SIZE = 2


def main():
    config.parse_config(sys.argv[1:], setup_logging=True)
    registry = Registry(config["db_name"][0])
    module = importlib.import_module("odoo.addons.sales_crm_cases.models.privacy_request")
    module.STEP_SIZE = STEP_SIZE
    stop_at = int(os.environ.get("STOP_AT") or 0)
    fail_for = int(os.environ.get("FAIL_FOR") or 0)
    write_report = registry["privacy.request"]._write_report
    steps = []

    def _write_report(self, lines, report):
        write_report(self, lines, report)
        steps.append(lines.ids)
        self.env.flush_all()
        if fail_for in lines.partner_id.ids:
            raise ValueError("in the middle")
        if len(steps) == stop_at:
            say("half-way")
            # long enough for the test to do what it wants to this process or its database
            for _turn in range(600):
                time.sleep(0.1)
                self.env.cr.execute("SELECT 1")

    registry["privacy.request"]._write_report = _write_report
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        env.ref("sales_crm_cases.ir_cron_privacy").method_direct_trigger()
    say("done")


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
