from collections import Counter

from .attack_catalogue import METHODS, MODELS, ROUTES

# what the kinds of users are, see attack_world.py
KINDS = {
    "linked": "salesman of family a",
    "peer": "salesman of family b, in the same team",
    "former": "was a salesman of family a: author, follower and assignee of much of it",
    "manager": "manager of both, shows items for subordinates",
    "manager_without_switch": "manager above, does not show them",
    "subordinate": "reports to the salesman of family a",
    "delegate": "stands in for the salesman of family a today",
    "former_delegate": "stood in until three days ago",
    "other_team": "salesman of family c, in another team",
    "helper": "salesman to whom the case of family a was shared",
    "bookkeeper": "salesman who keeps books, too",
    "accounts": "approves customers",
    "service": "employee without a right in Sales",
    "officer": "privacy officer",
    "administrator": "CRM administrator",
    "foreign": "salesman of family d, in another company",
    "foreign_administrator": "CRM administrator of the other company",
    "guest": "portal user of the customer of family b",
    "portal": "portal user of nobody",
    "public": "not signed in",
}
PAGE = """\
# Attack matrix

It asks for every record of a world of customers, as every kind of user, by every channel, and compares
what comes back with a plain model of the rules (`tests/plain_sight.py`, written without a look at the
product's SQL). Each record says in a word of its own whose and what it is, so that one word of it is
found in whatever comes back: names in drop-downs, labels and totals of groups, nested fields, texts of
errors, files, pages, reports, feeds.

* The world: `tests/attack_world.py`. Six families of customers with everything that hangs on one.
* The expectations: `tests/attack_catalogue.py`. A model with a way to a customer, a public method or a
  route of the addon that is not in it fails the test.
* The channels: `tests/attack_matrix.py` (ORM and methods), `tests/test_attack_matrix.py` (web).
* It tests itself: each record rule in turn is switched off, and the matrix has to notice.

All users ask for all records. What takes long, such as groups by every field and nested paths, is asked by
four who are narrowed in different ways; seven who differ from another one only by whose records they see
do not ask for pages and files.

This page is written by `SALES_CRM_ATTACK_SUMMARY=FILE ./dev test --tags /sales_crm_cases:TestAttackMatrix`.
The last run asked {questions:,} questions of {users} kinds of users by {channels} channels about {records}
records of {models} models. {methods} methods of ours and {routes} routes are in the catalogue. What was told to
somebody from whom it is hidden, or kept from somebody whom it is for: {findings}.

## Users

{user_rows}

## Models with records

{model_list}

{others} more models that lead to a customer are in the catalogue without records: configuration, and what
these users cannot read at all.

## Questions by channel

{channel_rows}
"""


def make_table(*rows):
    head, *others = (f"| {' | '.join(map(str, row))} |" for row in rows)
    return "\n".join([head, "|---" * len(rows[0]) + "|", *others])


def make_summary(matrix):
    """:return: the text of ``docs/attack_matrix.md``

    :param matrix: class of the tests, after they were run
    """
    users, covered = list(matrix.users), matrix.covered
    by_user = sum(covered.values(), Counter())
    records = Counter(model for model, _id in {(s.model, s.id) for s in matrix.secrets if s.id})
    return PAGE.format(
        questions=sum(by_user.values()),
        users=len(users),
        channels=len(covered),
        records=sum(records.values()),
        models=len(records),
        methods=sum(map(len, METHODS.values())),
        routes=len(ROUTES),
        findings=matrix.findings or "nothing",
        others=len(MODELS.keys() - records.keys()),
        user_rows=make_table(
            ("user", "who", "questions"), *((name, KINDS[name], by_user[name]) for name in users)
        ),
        model_list=", ".join(f"`{model}` ({count})" for model, count in sorted(records.items())),
        channel_rows=make_table(
            ("channel", *users, "all"),
            *(
                (channel, *(counts[name] for name in users), sum(counts.values()))
                for channel, counts in sorted(covered.items())
            ),
        ),
    )
