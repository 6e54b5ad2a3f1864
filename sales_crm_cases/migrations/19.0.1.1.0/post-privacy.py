"""What the installation does for privacy, which came with this version."""

from odoo import SUPERUSER_ID, api

from odoo.addons.sales_crm_cases import hooks


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["privacy.block"]._get_or_make_keys()
    hooks._plan_night_run(env, "ir_cron_privacy_rules")
