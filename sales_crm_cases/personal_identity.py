"""By what a person is found in free text: plain Python, no records.

Names, addresses and numbers become a finder, which tells quickly whether a text may name somebody,
and a pattern by which that is looked at twice and replaced.
"""

import html
import re
from collections import defaultdict

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
MIN_NAME, MIN_DIGITS, MIN_TEXT = 5, 7, 8
# between words, and between the digits of a number as people type it, also in links
SPACE = r"(?:\s|&nbsp;|%20)"
SEPARATORS = r"(?:[\s()./-]|%20|%2F){0,3}"
# after the address of somebody, what makes it that of his neighbour: 14 b, 14-18, 14/3
OTHER_HOUSE = r"(?!\s?[^\W\d_]\b|\s?[-/]\s?\d)"
# between the cells of a row
CELLS = re.compile(r"""[\s,;|"']+""")
WORD = re.compile(r"\w+")
RUN_OF_DIGITS = re.compile(rf"\d{{{MIN_DIGITS},}}")
WITHOUT_SEPARATORS = str.maketrans(
    "", "", "()./-" + "".join(filter(str.isspace, map(chr, range(0x3001))))
)
# so many words and numbers are looked for one by one
MAX_SMALL = 24


def get_digits(text):
    return re.sub(r"\D", "", text)


class PersonalIdentity:
    """Names, e-mail addresses, phone numbers and other unmistakable texts of some people."""

    def __init__(self):
        self.names = set()
        self.emails = set()
        self.numbers = set()
        self.texts = set()
        # what others have, too; and what was asked for already
        self._shared = {"names": set(), "emails": set(), "digits": set(), "texts": set()}
        self._asked = set()

    def add_name(self, text):
        """A name of several words: a single one may be any word of a language, and to replace
        that would damage the texts of others."""
        text = " ".join((text or "").split())
        if len(text) >= MIN_NAME and " " in text and text.lower() not in self._shared["names"]:
            self.names.add(text)

    def add_email(self, text):
        self.emails.update(
            {found.lower() for found in EMAIL.findall(text or "")} - self._shared["emails"]
        )

    def add_number(self, text):
        digits = get_digits(text or "")
        if len(digits) >= MIN_DIGITS and digits not in self._shared["digits"]:
            self.numbers.add(text.strip())

    def add_text(self, text):
        text = (text or "").strip()
        if (
            len(text) >= MIN_TEXT
            and re.search(r"\d", text)
            and text.lower() not in self._shared["texts"]
        ):
            self.texts.add(text)

    def add(self, kind, text):
        getattr(self, f"add_{kind}")(text)

    def get_exact(self, kind):
        """E-mail addresses or numbers as they stand in columns made for them."""
        return sorted(self.emails if kind == "email" else self.numbers)

    def take_unasked(self):
        """:return: ``(names, emails, numbers, texts)`` that are new since the last time"""
        known = (self.names, self.emails, self.numbers, self.texts)
        unasked = [kind - self._asked for kind in known]
        self._asked.update(*unasked)
        return unasked

    def discard_shared(self, **values_by_kind):
        """Forget what others have, too, and for good: a company's switchboard, a namesake, the
        house and the number for the tax office.

        :param values_by_kind: sets ``names``, ``emails``, ``digits``, ``texts``, in lower case
        """
        for kind, values in values_by_kind.items():
            self._shared[kind].update(values)
        names, emails, digits, texts = self._shared.values()
        self.names = {name for name in self.names if name.lower() not in names}
        self.emails -= emails
        self.numbers = {n for n in self.numbers if get_digits(n) not in digits}
        self.texts = {text for text in self.texts if text.lower() not in texts}

    def is_named_in(self, text):
        """Whether a long text, of a file whose cells may part a name, names one of the people.
        Looks for plain words first: the pattern takes minutes for some megabytes."""
        text = CELLS.sub(" ", text.lower())
        words = {CELLS.sub(" ", word.lower()) for word in self.names | self.texts | self.emails}
        if any(
            re.search(self._bound(re.escape(word)), text) for word in sorted(words) if word in text
        ):
            return True
        digits = text.translate(WITHOUT_SEPARATORS)
        return any(get_digits(number) in digits for number in self.numbers)

    def get_pattern(self):
        """:return: text, for any case, or None"""
        patterns = {*self.get_word_patterns().values(), *self.get_number_patterns().values()}
        return "|".join(sorted(patterns)) or None

    def get_word_patterns(self):
        """:return: dict ``{name, text or address: pattern}``"""
        return {
            **{text: self._bound(self._make_words(text)) for text in self.names},
            **{text: self._bound(self._make_words(text)) + OTHER_HOUSE for text in self.texts},
            **{
                email: rf"(?<![\w.+%-]){self._escape(email)}(?![\w-]|\.\w)" for email in self.emails
            },
        }

    def get_number_patterns(self):
        """:return: dict ``{digits: pattern}``"""
        return {
            digits: rf"(?<!\d)(?:\+|00)?{SEPARATORS.join(digits)}(?!\d)"
            for digits in map(get_digits, self.numbers)
        }

    @classmethod
    def _make_words(cls, text):
        variants = {text, html.escape(text), html.escape(text, quote=False)}
        joined = "|".join(
            f"{SPACE}+".join(cls._escape(word) for word in variant.split())
            for variant in sorted(variants)
        )
        return f"(?:{joined})" if len(variants) > 1 else joined

    @staticmethod
    def _bound(pattern):
        return rf"(?<!\w){pattern}(?!\w)"

    @staticmethod
    def _escape(text):
        # re.escape masks characters that PostgreSQL reads otherwise when masked
        return re.sub(r"([\\.^$*+?()\[\]{}|])", r"\\\1", text)


class Finder:
    """Tells whether a text names one of the people: first whether it has all words of a name, or
    the end of a number, in a time that does not grow with the people; then by the patterns of those
    alone whom it may name."""

    def __init__(self, identity):
        # by its longest word, which is the rarest most often
        self.words = defaultdict(list)
        for text, pattern in identity.get_word_patterns().items():
            if words := set(WORD.findall(text.lower())):
                self.words[max(sorted(words), key=len)].append((words, pattern))
        self.ends = defaultdict(list)
        for digits, pattern in identity.get_number_patterns().items():
            self.ends[digits[-MIN_DIGITS:]].append(pattern)
        self.is_small = len(self.words) + len(self.ends) <= MAX_SMALL
        self._compiled = {}

    def matches(self, text):
        return any(self._compile(pattern).search(text) for pattern in self.get_candidates(text))

    def get_candidates(self, text):
        """:return: list of the patterns that may match the text"""
        text = text.lower()
        if "%" in text:
            text = text.replace("%20", " ").replace("%2f", "/")
        return [*self._get_by_words(text), *(self._get_by_number(text) if self.ends else ())]

    def _get_by_words(self, text):
        if self.is_small:
            # most texts have none of them, and need not be taken apart
            found = [word for word in self.words if word in text]
            words = set(WORD.findall(text)) if found else ()
        else:
            words = set(WORD.findall(text))
            found = self.words.keys() & words
        return [pattern for word in found for need, pattern in self.words[word] if need <= words]

    def _get_by_number(self, text):
        digits = text.translate(WITHOUT_SEPARATORS)
        if self.is_small:
            found = [end for end in self.ends if end in digits]
        else:
            found = {
                run[at : at + MIN_DIGITS]
                for run in RUN_OF_DIGITS.findall(digits)
                for at in range(len(run) - MIN_DIGITS + 1)
            } & self.ends.keys()
        return [pattern for end in found for pattern in self.ends[end]]

    def _compile(self, pattern):
        if pattern not in self._compiled:
            self._compiled[pattern] = re.compile(pattern, re.IGNORECASE)
        return self._compiled[pattern]


class Replacer:
    """Puts ``word`` in the place of what the pattern finds."""

    def __init__(self, pattern, word):
        self.word = word
        self.pattern = re.compile(pattern, re.IGNORECASE)

    def replace(self, value):
        """The same for texts, and for all texts in what a JSON column holds."""
        if isinstance(value, str):
            return self.pattern.sub(self.word, value)
        if isinstance(value, dict):
            return {self.replace(key): self.replace(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.replace(item) for item in value]
        return value
