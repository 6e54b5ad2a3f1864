"""How the notes of a customer are chained (K13): plain Python, no records.

Every note carries a digest of itself and of the digest before it, so that no note can be
changed, taken out or put in between without all that follow ceasing to fit. The text enters
by a salted digest of its own: a note that is redacted loses its text and its salt, the chain
stays as it is, and nobody finds the text by trying.

What may happen to a note after it was written happens by an entry of its own in the chain:

================  =============================  ==========================================
``event``         ``event_ref``                  what it says
================  =============================  ==========================================
(empty)           empty                          an ordinary note
customer_merge    keys of the chains             another customer's notes came to this one
case_merge        ids of the cases               these cases' notes came to ``case_id``
redaction         numbers of the notes           these notes' text is now the text of this
================  =============================  ==========================================

So what a chain says about its notes follows from the chain alone, and the check compares.
"""

import hashlib
import json
import secrets

VERSION = 1


def make_key():
    """Name of a new chain, and salt of a new note."""
    return secrets.token_hex(16)


def digest_text(salt, text):
    return _digest("text", salt, text)


def digest_start(key, origin_ref):
    """What stands before the first note.

    :param origin_ref: id of the customer for whom the chain was begun
    """
    return _digest("chain", key, origin_ref)


def digest_note(previous, key, note):
    """:param note: dict of the columns of the note"""
    return _digest(
        "note",
        previous,
        key,
        note["sequence"],
        note["author_id"],
        note["date"].isoformat(),
        note["case_ref"] or 0,
        note["event"] or "",
        note["event_ref"] or "",
        note["body_digest"],
    )


def split_ref(event_ref):
    return event_ref.split(",") if event_ref else []


def find_problems(chain, notes, own_events):
    """Compare the notes of one chain with what the chain says.

    :param chain: dict of the columns of the chain
    :param notes: its notes as dicts, by their number
    :param own_events: keys of the chains that the customer's own chain says it took over
    :return: list of ``(problem, note or None)``; problems: ``missing``, ``altered``, ``text``,
        ``redaction``, ``customer``, ``case``, ``end``, ``owner``
    """
    problems = []
    previous = digest_start(chain["key"], chain["origin_ref"])
    redactions, moved_cases = _read_events(notes)
    for position, note in enumerate(notes, 1):
        if note["sequence"] != position:
            problems.append(("missing", note))
            break
        if digest_note(previous, chain["key"], note) != note["digest"]:
            problems.append(("altered", note))
        elif redaction := redactions.get(note["sequence"]):
            if not _is_redacted_by(note, redaction):
                problems.append(("redaction", note))
        elif (
            note["redacted_date"]
            or digest_text(note["salt"] or "", note["body"] or "") != note["body_digest"]
        ):
            problems.append(("text", note))
        if note["customer_id"] != chain["customer_id"]:
            problems.append(("customer", note))
        if (note["case_id"] or 0) != _follow(moved_cases, note["case_ref"] or 0):
            problems.append(("case", note))
        previous = note["digest"]
    else:
        if chain["note_count"] != len(notes) or chain["last_digest"] != previous:
            problems.append(("end", None))
    if chain["customer_id"] != chain["origin_ref"] and chain["key"] not in own_events:
        problems.append(("owner", None))
    return problems


def _read_events(notes):
    redactions, moved_cases = {}, {}
    for note in notes:
        for ref in split_ref(note["event_ref"]):
            if note["event"] == "redaction" and ref.isdigit():
                redactions[int(ref)] = note
            elif note["event"] == "case_merge" and ref.isdigit():
                moved_cases[int(ref)] = note["case_ref"]
    return redactions, moved_cases


def _is_redacted_by(note, redaction):
    return (
        note["body"] == redaction["body"]
        and note["redacted_date"] == redaction["date"]
        and not note["salt"]
    )


def _follow(moved_cases, case_ref):
    for _step in moved_cases:
        case_ref = moved_cases.get(case_ref, case_ref)
    return case_ref


def _digest(*parts):
    text = json.dumps([VERSION, *parts], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
