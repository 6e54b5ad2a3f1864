"""A process of its own that works the recommendations out, for tests that kill it.

Arguments: the options of Odoo, with which it finds the database. It runs the scheduled action
as the server does, commits its steps, and stops where the environment variable STOP_AT says:

``CODE``: after the rows of this kind were written and before they are committed. It says
"half-way" then and waits for whatever comes.
"""

import os
import sys
import time

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def main():
    config.parse_config(sys.argv[1:], setup_logging=True)
    registry = Registry(config["db_name"][0])
    stop_at = os.environ.get("STOP_AT")
    generator = registry["sales.recommendation"]
    note_run = generator._note_run

    def _note_run(self, kind, result, error, is_complete=True):
        note_run(self, kind, result, error, is_complete)
        if kind.code == stop_at:
            self.env.flush_all()
            say("half-way")
            # long enough for the test to do what it wants to this process or its database
            for _second in range(60):
                time.sleep(0.1)
                self.env.cr.execute("SELECT 1")

    generator._note_run = _note_run
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        env.ref("sales_crm_cases.ir_cron_recommendations").method_direct_trigger()
    say("done")


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
