"""Odoo as the caller's environment variables describe it (README.md lists them)."""

import contextlib
import os
import sys

import psycopg2


def _require(name):
    try:
        return os.environ[name]
    except KeyError:
        sys.exit(f"{name} is not set; start this with ./dev bench, or see bench/README.md")


SITE = _require("SALES_CRM_ODOO_SITE")
ADDONS_PATH = _require("SALES_CRM_ADDONS_PATH")
DATA_DIR = _require("SALES_CRM_DATA_DIR")
TEMPLATE = _require("SALES_CRM_TEMPLATE")

sys.path.insert(0, SITE)


def connect(database):
    """A connection outside Odoo; PGHOST, PGPORT and PGUSER say where."""
    return psycopg2.connect(dbname=database)


def get_registry(database):
    """The registry of the database, loaded once per process."""
    import odoo
    from odoo.tools import config

    if not config.get("db_name"):
        arguments = ["-d", database, "--addons-path", ADDONS_PATH, "--data-dir", DATA_DIR]
        config.parse_config([*arguments, "--no-http", "--log-level=critical"])
    return odoo.modules.registry.Registry(database)


def make_environment(cr, uid=1):
    from odoo import api

    return api.Environment(cr, uid, {"lang": "en_US", "tz": "UTC"})


@contextlib.contextmanager
def open_environment(database, uid=1, **settings):
    """A new Environment in a transaction of its own, which is rolled back.

    :param settings: of PostgreSQL, for this transaction
    """
    with get_registry(database).cursor() as cr:
        for name, value in settings.items():
            # not by the cursor's own execute, which is counted
            cr._obj.execute(f"SET LOCAL {name} = '{value}'")
        try:
            yield make_environment(cr, uid)
        finally:
            cr.rollback()
