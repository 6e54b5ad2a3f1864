import html
from itertools import product

from odoo.tests import BaseCase, tagged

from odoo.addons.sales_crm_cases.personal_identity import Finder, PersonalIdentity, Replacer

NAMES = ("Anna Quill", "O'Brien & Sons Ltd", "Anna-Maria von Stein", "Li Wu Chen", "Jürgen Müßig")
EMAILS = ("a.b+c@x-y.example", "info@kette.example")
NUMBERS = ("+49 30 7691834", "0151/2345678")
TEXTS = ("Lane 12 of some", "BE0412345614")
AROUND = (
    "",
    "hello ",
    "x",
    "12 ",
    '"',
    ">",
    "%20",
    "mailto:",
    "tel:",
    "/",
    "-",
    "0",
    "\n",
    '{"a": "',
)


@tagged("post_install", "-at_install")
class TestFinder(BaseCase):
    """The search finds what the pattern of all people does, and looks at little else (G3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        identity = PersonalIdentity()
        for kind, texts in (
            ("name", NAMES),
            ("email", EMAILS),
            ("number", NUMBERS),
            ("text", TEXTS),
        ):
            for text in texts:
                identity.add(kind, text)
        # of few people and of many, who are looked for otherwise
        cls.finders = Finder(identity), Finder(identity)
        cls.finders[1].is_small = False
        assert cls.finders[0].is_small
        cls.replacer = Replacer(identity.get_pattern(), "anonymised")

    def _get_ways_to_write(self):
        for text in (*NAMES, *TEXTS):
            yield text
            yield text.upper()
            yield html.escape(text)
            for space in ("%20", "&nbsp;", "\n ", "\u00a0"):
                yield text.replace(" ", space)
        yield from EMAILS
        yield EMAILS[1].upper()
        yield from NUMBERS
        yield from ("0049307691834", "4930-769 18 34", "49%2030%207691834", "+49(30)769.1834")

    def test_it_finds_what_the_pattern_does(self):
        found = 0
        for before, text, after in product(AROUND, self._get_ways_to_write(), AROUND):
            written = f"{before}{text}{after}"
            is_named = bool(self.replacer.pattern.search(written))
            found += is_named
            for finder in self.finders:
                self.assertEqual(finder.matches(written), is_named, written)
        self.assertGreater(found, 5000)

    def test_single_words_and_other_numbers_are_nobody(self):
        for text in (
            "Anna and Maria at the quilling",
            "Chen Wu",
            "info at kette",
            "2026-11-27 10:00, 4711 / 0815",
            "+49 30 1234567",
            "",
        ):
            for finder in self.finders:
                self.assertFalse(finder.get_candidates(text), text)
