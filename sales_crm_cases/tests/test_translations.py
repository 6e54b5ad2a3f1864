from io import BytesIO

import polib
from lxml import etree
from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

ADDON = "sales_crm_cases"
COMPLETE = ("de", "fr")
# What a right-to-left language must say: menus, home pages, board and the other screens of our own
MAIN_SCREENS = (
    "model:ir.ui.menu,",
    "model:ir.actions.client,",
    f"code:addons/{ADDON}/static/src/",
    f"code:addons/{ADDON}/models/sales_home",
)


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """The files of i18n/ follow the terms of the addon; ``./dev i18n`` brings them up to date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manifest = Manifest.for_addon(ADDON)
        cls.template = cls._read(f"{ADDON}.pot")

    @classmethod
    def _read(cls, name):
        return polib.pofile(f"{cls.manifest.path}/i18n/{name}")

    def _get_demo_names(self):
        """External ids of the records of the demo data; their terms are not translated."""
        trees = [etree.parse(f"{self.manifest.path}/{name}") for name in self.manifest["demo"]]
        return {record.get("id") for tree in trees for record in tree.iter("record")}

    def _get_missing(self, language, template):
        translated = {entry.msgid for entry in self._read(f"{language}.po").translated_entries()}
        return sorted({entry.msgid for entry in template} - translated)

    def test_template(self):
        """The template has the terms that Odoo exports, and no others."""
        buffer = BytesIO()
        trans_export(None, [ADDON], buffer, "po", self.env)
        exported = polib.pofile(buffer.getvalue().decode())
        demo = self._get_demo_names()
        wanted = {
            entry.msgid
            for entry in exported
            if any(place.rpartition(".")[2] not in demo for place, _line in entry.occurrences)
        }
        known = {entry.msgid for entry in self.template}
        self.assertFalse(sorted(wanted - known), "new terms: run ./dev i18n")
        self.assertFalse(sorted(known - {entry.msgid for entry in exported}), "run ./dev i18n")

    def test_complete(self):
        """German and French say everything."""
        for language in COMPLETE:
            with self.subTest(language=language):
                self.assertFalse(self._get_missing(language, self.template))

    def test_main_screens(self):
        """Arabic says what the main screens say."""
        screens = [
            entry
            for entry in self.template
            if any(place.startswith(MAIN_SCREENS) for place, _line in entry.occurrences)
        ]
        self.assertGreater(len(screens), 200)
        self.assertFalse(self._get_missing("ar", screens))
