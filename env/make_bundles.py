"""Make the asset bundles once for all clones of a template (input of Odoo's shell)."""

env["ir.qweb"]._pregenerate_assets_bundles()  # noqa: F821
env.cr.commit()  # noqa: F821
