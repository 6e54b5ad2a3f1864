"""The programs of PostgreSQL on this machine, for tests that run them."""

import glob
import os
import shutil
import unittest
from pathlib import Path

from odoo.tools import config


def find_programs(*names):
    """:return: the folder in which all of them are
    :raise SkipTest: they are not on this machine"""
    places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    for place in [*places, *os.environ["PATH"].split(os.pathsep)]:
        if all(shutil.which(name, path=place) for name in names):
            return Path(place)
    raise unittest.SkipTest("the programs of a PostgreSQL server are not on this machine")


def get_server_options():
    """:return: list of options by which they find Odoo's server"""
    options = []
    for name, flag in (("host", "-h"), ("port", "-p"), ("user", "-U")):
        if config[f"db_{name}"]:
            options += [flag, str(config[f"db_{name}"])]
    return options
