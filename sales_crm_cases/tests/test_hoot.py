from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests.test_js import HOOTCommon as _HOOTCommon


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    """The component tests of this addon, in the browser."""

    def test_components(self):
        # the suite by the hash of its name: "filter=" would match other addons, too
        suite = _HOOTCommon._generate_hash(self, "@sales_crm_cases")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
