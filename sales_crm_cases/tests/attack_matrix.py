import json
import logging
import time
from collections import Counter, defaultdict

from odoo import models

from .attack_catalogue import METHODS, MODELS, NOBODY, Method
from .attack_world import PREFIX, AttackWorld

_logger = logging.getLogger(__name__)

# users for whom the dear questions are asked, too: whom the rules narrow each in his way
CURIOUS = ("former", "linked", "helper", "manager", "service", "portal")
# share of a table that is worth a question of its own: the rest is asked for as a whole
TEXT_TYPES = ("char", "text", "html")
REFUSALS = ("AccessError", "UserError", "ValidationError", "MissingError", "RedirectWarning")


class AttackMatrix(AttackWorld):
    """Asks for every record of the world, as every user, by every channel, and compares what
    comes back with the plain model.

    What is told to whom it must not be, and what is kept from whom it must not be, is collected
    in ``leaks``; what was asked is counted in ``covered``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.covered = defaultdict(Counter)
        cls.seconds = Counter()
        cls.expected = {}
        access = defaultdict(set)
        cls.env.cr.execute(
            "SELECT m.model, a.group_id FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id"
            " WHERE a.active AND a.perm_read"
        )
        for model_name, group_id in cls.env.cr.fetchall():
            access[model_name].add(group_id)
        cls.access = access

    # ------------------------------------------------------------------
    # The plain model
    # ------------------------------------------------------------------

    def is_member(self, sight, xml_ids):
        return any(
            self.env.ref(xml_id).id in sight.groups
            for xml_id in xml_ids.split(",")
            if xml_id != NOBODY
        )

    def may_read(self, sight, model_name):
        readers = MODELS[model_name].readers
        if readers:
            return self.is_member(sight, readers)
        groups = self.access[model_name]
        return None in groups or bool(groups & sight.groups)

    def sees(self, sight, secret):
        """:return: whether the user sees the record; None where Odoo leaves it open"""
        key = (sight.user_id, secret.model, secret.id, secret.kind, secret.family)
        if key not in self.expected:
            self.expected[key] = self._sees(sight, secret)
        return self.expected[key]

    def _sees(self, sight, secret):
        if sight.is_share:
            # a portal user has the pages of his own company
            is_guest = sight.user_id == self.users["guest"].id and secret.family == "b"
            return None if is_guest and self._is_for_guests(secret) else False
        if not self.may_read(sight, secret.model):
            return False
        if secret.company_id and secret.company_id not in sight.company_ids:
            return False
        return MODELS[secret.model].policy(self, sight, secret)

    def _is_for_guests(self, secret):
        if secret.document:
            return secret.kind.startswith(("message", "file")) and self._is_for_guests(
                secret.document
            )
        return secret.model in (
            "res.partner",
            "res.users",
            "sale.order",
            "sale.order.line",
            "account.move",
            "account.move.line",
            "payment.token",
            "payment.transaction",
        ) or secret.kind in ("address",)

    def may_know(self, sight, told):
        """Whether the user may be told a word; what is no secret of the world, he may."""
        secret = self.by_word.get(told)
        if secret is None:
            return True
        tells = MODELS[secret.model].tells
        if tells and not sight.is_share:
            return self.may_read(sight, secret.model) and tells(self, sight, secret)
        return self.sees(sight, secret) is not False

    def divide(self, name, model_name):
        """:return: the secrets of the model that the user sees, those that he does not, and
        those of which Odoo leaves it open"""
        seen, hidden, open_ones = [], [], []
        for secret in self.by_model[model_name]:
            answer = self.sees(self.sights[name], secret)
            (open_ones if answer is None else seen if answer else hidden).append(secret)
        return seen, hidden, open_ones

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    def as_user(self, name, model_name, ids=()):
        user = self.users[name]
        context = {"allowed_company_ids": user.company_ids.ids, "active_test": False}
        return self.env(user=user, context=context)[model_name].browse(ids)

    def ask(self, method, *arguments, **keywords):
        """:return: what a call answers, or the message with which it is refused; nothing of
        what it does is kept"""
        try:
            with self.cr.savepoint() as savepoint:
                answer = method(*arguments, **keywords)
                if isinstance(answer, models.BaseModel):
                    answer = answer.ids
                savepoint.rollback()
                return answer
        except Exception as error:  # noqa: BLE001 whatever it is, it must not tell anything
            return f"{type(error).__name__}: {error}"

    def note(self, channel, name, where, answer):
        """Count the question, and look through the answer."""
        self.covered[channel][name] += 1
        sight = self.sights[name]
        for told in self.find_words(answer):
            if not self.may_know(sight, told):
                self.leaks.append(
                    f"{channel} tells {name} the {told[1]} of family {told[0]}: {where}"
                )
        return answer

    def question(self, channel, name, records, method, *arguments, **keywords):
        answer = self.ask(getattr(records, method), *arguments, **keywords)
        return self.note(
            channel, name, f"{records._name}.{method}{arguments or ''}{keywords or ''}"[:300], answer
        )

    def compare_ids(self, channel, name, model_name, ids):
        """The ids that came back, with those of the plain model."""
        seen, hidden, _open = self.divide(name, model_name)
        ids = set(ids)
        for secret in hidden:
            if secret.id in ids:
                self.leaks.append(
                    f"{channel} shows {name} {model_name} {secret.kind} of family {secret.family}"
                )
        for secret in seen:
            if secret.id not in ids:
                self.leaks.append(
                    f"{channel} keeps from {name} {model_name} {secret.kind} of family "
                    f"{secret.family}"
                )

    def is_refused(self, answer):
        return isinstance(answer, str) and answer.startswith(REFUSALS)

    # ------------------------------------------------------------------
    # Channels of the ORM
    # ------------------------------------------------------------------

    def attack_model(self, name, model_name, is_thorough=False):
        """All channels of one model, as one user."""
        model = self.as_user(name, model_name)
        secrets = self.by_model[model_name]
        ids = [secret.id for secret in secrets]
        domain = [("id", "in", ids)]
        seen, hidden, open_ones = self.divide(name, model_name)
        if not self.may_read(self.sights[name], model_name):
            # nothing but the refusal
            for method, arguments in (
                ("search_read", (domain,)),
                ("search_count", (domain,)),
                ("formatted_read_group", (domain, [], ["__count"])),
                ("name_search", (PREFIX,)),
            ):
                answer = self.question(method, name, model, method, *arguments)
                if answer and not self.is_refused(answer):
                    self.leaks.append(f"{method} answers {name} about {model_name}: {answer}"[:300])
        else:
            found = self.question("search", name, model, "search", domain)
            if isinstance(found, str):
                self.leaks.append(f"search of {model_name} fails for {name}: {found}")
                return
            self.compare_ids("search", name, model_name, found)
            count = self.question("search_count", name, model, "search_count", domain)
            if count != len(found):
                self.leaks.append(f"search_count of {model_name}: {name} has {count}, {len(found)}")
            self._attack_lists(name, model, domain, found)
            self._attack_groups(name, model, domain, found, is_thorough)
            self._attack_reading(name, model, seen, found)
            if is_thorough:
                self._attack_paths(name, model, hidden)
        self._attack_hidden(name, model, hidden)

    def _readable(self, model):
        return {
            name: field
            for name, field in model._fields.items()
            if field.type not in ("properties", "properties_definition")
            and model._has_field_access(field, "read")
        }

    def _attack_lists(self, name, model, domain, found):
        specification = {
            field.name: {"fields": {"display_name": {}}} if field.relational else {}
            for field in self._readable(model).values()
            if field.type not in ("binary", "many2one_reference", "reference")
        }
        answer = self.question(
            "web_search_read", name, model, "web_search_read", domain, specification
        )
        if isinstance(answer, dict):
            self.compare_ids(
                "web_search_read", name, model._name, [row["id"] for row in answer["records"]]
            )
        else:
            # one field refuses for all
            for field_name, nested in specification.items():
                self.question(
                    "web_search_read",
                    name,
                    model,
                    "web_search_read",
                    domain,
                    {field_name: nested},
                )
        pairs = self.question("name_search", name, model, "name_search", PREFIX, [], "ilike", 1000)
        if isinstance(pairs, list):
            strangers = {id_ for id_, _label in pairs} - set(found)
            if strangers & {secret.id for secret in self.by_model[model._name]}:
                self.leaks.append(f"name_search shows {name} {model._name} {strangers}")
        self.question("web_name_search", name, model, "web_name_search", PREFIX, {"display_name": {}})

    def _attack_groups(self, name, model, domain, found, is_thorough):
        for method, answer in (
            ("formatted_read_group", None),
            ("formatted_read_grouping_sets", None),
        ):
            groups = [[]] if method.endswith("sets") else []
            answer = self.question(method, name, model, method, domain, groups, ["__count"])
            if isinstance(answer, list):
                rows = answer[0] if method.endswith("sets") else answer
                count = sum(row["__count"] for row in rows)
                if count != len(found):
                    self.leaks.append(
                        f"{method} of {model._name}: {name} counts {count}, sees {len(found)}"
                    )
        for field in self._readable(model).values():
            if not (field.store and field.type in ("many2one", "many2many", *TEXT_TYPES)):
                continue
            if field.comodel_name not in self.by_model and field.type not in TEXT_TYPES:
                continue
            if not field._description_groupable:
                continue
            self.question(
                "formatted_read_group",
                name,
                model,
                "formatted_read_group",
                [],
                [field.name],
                ["__count"],
            )
            if not is_thorough:
                continue
            self.question(
                "web_read_group", name, model, "web_read_group", domain, [field.name], ["__count"]
            )
            if field.type == "many2one":
                self.question(
                    "search_panel",
                    name,
                    model,
                    "search_panel_select_range",
                    field.name,
                    enable_counters=True,
                    hierarchize=False,
                )
        self.question("read_group", name, model, "read_group", domain, ["id:count"], [])
        for field in self._readable(model).values():
            if field.store and field.type in ("integer", "float", "monetary") and field.aggregator:
                self._compare_total(name, model, domain, found, field)

    def _compare_total(self, name, model, domain, found, field):
        """Totals are those of what one sees."""
        rows = self.question(
            "totals",
            name,
            model,
            "formatted_read_group",
            domain,
            [],
            [f"{field.name}:sum"],
        )
        if not isinstance(rows, list):
            return
        expected = sum(self.env[model._name].browse(found).mapped(field.name))
        if abs((rows[0][f"{field.name}:sum"] or 0) - expected) > 0.01:
            self.leaks.append(f"total of {model._name}.{field.name}: {name} is told another one")

    def _attack_reading(self, name, model, seen, found):
        """What one sees can be read, says what it is, and nothing of others."""
        fields = list(self._readable(model))
        records = model.browse([secret.id for secret in seen])
        rows = self.question("read", name, records.with_context(bin_size=True), "read", fields)
        if isinstance(rows, str):
            rows = []
            for field_name in fields:
                answer = self.question("read", name, records, "read", [field_name])
                if isinstance(answer, list):
                    rows += answer
                elif not seen:
                    break
        words = defaultdict(set)
        for row in rows:
            words[row["id"]] |= self.find_words(row)
        for secret in seen:
            told = (secret.family, secret.kind)
            has_word = self.by_word.get(told) is not None and self._has_word(secret)
            if has_word and told not in words[secret.id]:
                if self.may_know(self.sights[name], told):
                    self.leaks.append(
                        f"read keeps from {name} what {model._name} {secret.kind} of family "
                        f"{secret.family} says"
                    )
        paths = ["id", "display_name"]
        for field in self._readable(model).values():
            if field.relational and field.comodel_name in self.by_model and field.store:
                paths += [f"{field.name}/.id", f"{field.name}/display_name"]
        self.question(
            "export_data",
            name,
            model.browse(found).with_context(import_compat=False),
            "export_data",
            paths,
        )
        if records:
            self.question("get_metadata", name, records, "get_metadata")

    def _has_word(self, secret):
        """Whether the record itself holds its word: most do."""
        if secret.model not in self.with_words:
            self.with_words[secret.model] = {}
        known = self.with_words[secret.model]
        if secret.id not in known:
            record = self.env[secret.model].browse(secret.id)
            values = [
                record[field.name]
                for field in record._fields.values()
                if field.store and field.type in TEXT_TYPES
            ]
            known[secret.id] = (secret.family, secret.kind) in self.find_words(values)
        return known[secret.id]

    def _attack_hidden(self, name, model, hidden):
        """What one does not see is refused, one by one and without a name."""
        told = set()
        for secret in hidden:
            # one of each kind: families differ by who sees them, and all are searched for
            if secret.kind in told:
                continue
            told.add(secret.kind)
            record = model.browse(secret.id)
            for method, arguments in (
                ("read", (["display_name"],)),
                ("web_read", ({"display_name": {}},)),
                ("export_data", (["id", "display_name"],)),
                ("copy", ()),
            ):
                answer = self.question(f"{method} of hidden", name, record, method, *arguments)
                if not self.is_refused(answer):
                    self.leaks.append(
                        f"{method} of {model._name} {secret.kind} of family {secret.family} "
                        f"answers {name}: {answer}"[:300]
                    )
            for method, arguments in (("write", ({},)), ("unlink", ())):
                answer = self.question(f"{method} of hidden", name, record, method, *arguments)
                if answer and not isinstance(answer, str) and method == "unlink":
                    self.leaks.append(
                        f"{name} deletes {model._name} {secret.kind} of family {secret.family}"
                    )
            self.question("get_formview_action", name, record, "get_formview_action")

    def _attack_paths(self, name, model, hidden):
        """Questions along relations: who sees a record does not learn of what it leads to."""
        sight = self.sights[name]
        for field in self._readable(model).values():
            if not field.relational or field.comodel_name not in self.by_model:
                continue
            comodel = self.env[field.comodel_name]
            texts = [
                text.name
                for text in comodel._fields.values()
                if text.store and text.type in TEXT_TYPES and text.name in NAMED
            ]
            deep = {field.name: {"fields": {text: {} for text in texts}}}
            if texts and comodel.with_user(self.users[name]).has_access("read"):
                self.question(
                    "web_read nested",
                    name,
                    model,
                    "web_search_read",
                    [("id", "in", [secret.id for secret in self.by_model[model._name]])],
                    deep,
                )
            if not field._description_searchable:
                continue
            unseen = [
                secret
                for secret in self.by_model[field.comodel_name]
                if self.sees(sight, secret) is False
            ]
            words = {(secret.family, secret.kind) for secret in unseen if self._has_word(secret)}
            words = {told for told in words if not self.may_know(sight, told)}
            by_family = {}
            for told in sorted(words):
                by_family.setdefault(told[0], told)
            for text in texts:
                for told in by_family.values():
                    term = f"{PREFIX}{told[0]}x{told[1]}xqz"
                    count = self.question(
                        "search along relations",
                        name,
                        model,
                        "search_count",
                        [(f"{field.name}.{text}", "ilike", term)],
                    )
                    if count and not isinstance(count, str):
                        self.leaks.append(
                            f"search_count tells {name} that {model._name}.{field.name}.{text} is "
                            f"{told}"
                        )

    # ------------------------------------------------------------------
    # Methods of ours
    # ------------------------------------------------------------------

    def attack_methods(self, name):
        for model_name, methods in METHODS.items():
            for method_name, method in methods.items():
                if model_name not in self.env:
                    continue
                self._attack_method(name, model_name, method_name, method)

    def _attack_method(self, name, model_name, method_name, method: Method):
        where = f"{model_name}.{method_name}"
        sight = self.sights[name]
        if method.is_global:
            records = self._find_records(name, model_name, method_name)
            answer = self.ask(getattr(records, method_name), *method.arguments)
            self.note("methods", name, where, answer)
            return
        seen, hidden, _open = self.divide(name, method.on or model_name)
        for secret in hidden[:1]:
            answer = self._call(name, model_name, method_name, method, secret.id)
            self.note("methods", name, f"{where} on hidden", answer)
            if answer and not self.is_refused(answer) and not method.answers:
                self.leaks.append(f"{where} answers {name} about hidden: {answer}"[:300])
        for secret in seen[:1]:
            answer = self._call(name, model_name, method_name, method, secret.id)
            self.note("methods", name, where, answer)
            is_served = not method.who or self.is_member(sight, method.who)
            if not is_served and answer and not self.is_refused(answer):
                self.leaks.append(f"{where} serves {name}, who is not entitled: {answer}"[:300])
            is_denied = isinstance(answer, str) and answer.startswith("AccessError")
            if is_served and is_denied and (method.who or name == "linked"):
                self.leaks.append(f"{where} is kept from {name}: {answer}"[:300])
            if isinstance(answer, str) and not self.is_refused(answer):
                self.leaks.append(f"{where} breaks down for {name}: {answer}"[:300])

    def _find_records(self, name, model_name, method_name):
        """Whatever there is of a model that holds no secrets; users are asked as themselves."""
        if model_name == "res.users":
            return self.as_user(name, model_name, self.users[name].ids)
        model = self.as_user(name, model_name)
        if getattr(getattr(type(model), method_name), "_api_model", False) or model._abstract:
            return model
        return model.browse(self.env[model_name].search([], limit=1).ids)

    def _call(self, name, model_name, method_name, method, id_):
        def fill(value):
            if value == "ID":
                return id_
            if isinstance(value, str):
                return value.replace("ID", str(id_)) if value == "[ID]" else value
            if isinstance(value, (list, tuple)):
                return type(value)(fill(each) for each in value)
            if isinstance(value, dict):
                return {key: fill(each) for key, each in value.items()}
            return value

        def call():
            model = self.as_user(name, model_name)
            if method.values:
                records = model.create(fill(method.values))
            elif method.on or model._abstract:
                records = model
            else:
                records = model.browse(id_)
            return getattr(records, method_name)(*fill(method.arguments))

        return self.ask(call)

    # ------------------------------------------------------------------
    # Report
    # ------------------------------------------------------------------

    def setUp(self):
        super().setUp()
        self.with_words = {}
        self.started = time.monotonic()

    def finish(self):
        """Fail with what leaked."""
        type(self).seconds[self._testMethodName] = round(time.monotonic() - self.started)
        leaks = sorted(set(self.leaks))
        self.assertFalse(leaks, f"{len(leaks)} findings:\n" + "\n".join(leaks[:200]))

    @classmethod
    def get_summary(cls):
        """:return: what was asked: lines of a table, channels by users"""
        users = list(cls.users)
        lines = [
            "| channel | " + " | ".join(users) + " | all |",
            "|---" * (len(users) + 2) + "|",
        ]
        for channel, counts in sorted(cls.covered.items()):
            cells = [str(counts[name]) for name in users]
            lines.append(f"| {channel} | {' | '.join(cells)} | {sum(counts.values())} |")
        total = sum(sum(counts.values()) for counts in cls.covered.values())
        return [
            f"{total} questions of {len(users)} users by {len(cls.covered)} channels about "
            f"{len({(s.model, s.id) for s in cls.secrets if s.id})} records of "
            f"{len(cls.by_model)} models, in {sum(cls.seconds.values())} s",
            "",
            *lines,
        ]


# by what people know a record
NAMED = (
    "name",
    "email",
    "phone",
    "ref",
    "body",
    "summary",
    "client_order_ref",
    "note",
    "reason",
    "acc_number",
    "description",
)

