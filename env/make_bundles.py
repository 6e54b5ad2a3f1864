"""Make the asset bundles once for all clones of a template (input of Odoo's shell)."""

# ruff: noqa: F821 "env" is the shell's
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
