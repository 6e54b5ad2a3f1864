"""Check .po files, or bring them up to date with the .pot: translations.py check|merge FILE…"""

import re
import sys

import polib

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")


def check(names):
    """Print what is wrong; returns the number of findings."""
    found = 0
    for name in names:
        try:
            entries = polib.pofile(name, check_for_duplicates=True)
        except (OSError, ValueError) as error:
            print(f"{name}: {error}")
            found += 1
            continue
        for entry in entries:
            wrong = entry.msgstr and sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(
                PLACEHOLDER.findall(entry.msgstr)
            )
            if wrong or entry.fuzzy:
                reason = "the placeholders differ" if wrong else "fuzzy"
                print(f"{name}:{entry.linenum}: {reason}: {entry.msgid!r}")
                found += 1
    return found


def merge(template, names):
    """Give each file the template's terms; terms that are gone are dropped."""
    for name in names:
        translation = polib.pofile(name)
        translation.merge(polib.pofile(template))
        for entry in translation.obsolete_entries():
            translation.remove(entry)
        translation.save()
        print(f"{name}: {translation.percent_translated()} % translated")


if __name__ == "__main__":
    command, *files = sys.argv[1:]
    if command == "merge":
        merge(files[0], files[1:])
    else:
        sys.exit(bool(check(files)))
