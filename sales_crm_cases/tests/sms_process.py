"""Sends what is queued, see fault_process.py. GATEWAY: the address of the gateway. It never
stops: the gateway does not answer."""

import importlib
import os

from fault_process import run


def prepare(registry):
    # it imports one of Odoo's modules, whose path is known by now
    gateway = importlib.import_module("odoo.addons.sales_crm_cases.tests.local_sms_gateway")
    api_class = gateway.make_api_class(os.environ["GATEWAY"])
    registry["res.company"]._get_sms_api_class = lambda company: api_class


if __name__ == "__main__":
    run("ir_cron_sms_batch", prepare)
