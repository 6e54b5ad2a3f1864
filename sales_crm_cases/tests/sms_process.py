"""A process of its own that sends what is queued, for tests that kill it.

Arguments: the options of Odoo, with which it finds the database. The gateway is at the address
of the environment variable GATEWAY. It runs the scheduled action as the server does.
"""

import importlib
import os
import sys

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def main():
    config.parse_config(sys.argv[1:], setup_logging=True)
    registry = Registry(config["db_name"][0])
    # it imports one of Odoo's modules, whose path is known by now
    gateway = importlib.import_module("odoo.addons.sales_crm_cases.tests.local_sms_gateway")
    api_class = gateway.make_api_class(os.environ["GATEWAY"])
    registry["res.company"]._get_sms_api_class = lambda company: api_class
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        env.ref("sales_crm_cases.ir_cron_sms_batch").method_direct_trigger()
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
