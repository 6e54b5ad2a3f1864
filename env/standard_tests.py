"""Odoo's server, but the tests of all installed modules run after all is loaded.

Odoo runs a module's "at_install" tests before the modules that depend on it are
loaded, so they would never meet our addon. ``./dev test --standard`` starts this
program in place of odoo-bin, on a database where the addon is installed.
"""

import odoo.cli
import odoo.tests.loader as loader

make_suite = loader.make_suite


def make_suite_at_the_end(module_names, position="at_install"):
    if position == "at_install":
        return make_suite([], position)
    early = make_suite(module_names, "at_install")
    late = make_suite(module_names, "post_install")
    return type(late)([*early, *late])


loader.make_suite = make_suite_at_the_end
odoo.cli.main()
