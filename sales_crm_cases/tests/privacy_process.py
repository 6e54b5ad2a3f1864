"""Runs a scheduled action of privacy, see fault_process.py; two people are a step.

CRON: XML id of the action. STOP_AT: number of the step after which it stops. FAIL_FOR: id of a
person on whom a step fails after everything of it was written.
"""

import importlib
import os

from fault_process import STOP_AT, run, wait_half_way

MODELS = "odoo.addons.sales_crm_cases.models"


def prepare(registry):
    for name in ("privacy_rule", "privacy_request_run"):
        importlib.import_module(f"{MODELS}.{name}").STEP_SIZE = 2
    for name in ("privacy.rule", "privacy.request"):
        stop_in(registry[name])
    fail_in(registry["privacy.request"])


def stop_in(model):
    run_step = model._run_step
    steps = []

    def _run_step(self, *args):
        result = run_step(self, *args)
        steps.append(1)
        if str(len(steps)) == STOP_AT:
            wait_half_way(self.env)
        return result

    model._run_step = _run_step


def fail_in(model):
    write_report = model._write_report
    fail_for = int(os.environ.get("FAIL_FOR") or 0)

    def _write_report(self, lines, report):
        write_report(self, lines, report)
        if fail_for in lines.partner_id.ids:
            self.env.flush_all()
            raise ValueError("in the middle")

    model._write_report = _write_report


if __name__ == "__main__":
    run(os.environ["CRON"], prepare)
