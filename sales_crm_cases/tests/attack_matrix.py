import gc
from collections import Counter, defaultdict

import psycopg2
from odoo import models

from .attack_catalogue import METHODS, MODELS, NOBODY, Method
from .attack_world import PREFIX, AttackWorld, word

# users for whom the dear questions are asked, too: whom the rules narrow each in his way
CURIOUS = ("former", "linked", "helper", "service")
# users who differ from another one by whose records they see, and not by how: they ask for all
# records by the ORM, and not by the dear channels
TWINS = (
    "peer",
    "other_team",
    "manager_without_switch",
    "subordinate",
    "delegate",
    "former_delegate",
    "foreign_administrator",
)
WRITING = ("copy", "write", "unlink", "name_create")
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
        cls.findings = 0
        cls.expected = {}
        access = defaultdict(set)
        cls.env.cr.execute(
            "SELECT m.model, a.group_id FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id"
            " WHERE a.active AND a.perm_read"
        )
        for model_name, group_id in cls.env.cr.fetchall():
            access[model_name].add(group_id)
        cls.access = access
        cls.companies = {name: user.company_ids.ids for name, user in cls.users.items()}
        # a collection looks through all that the registry holds
        gc.collect()
        gc.freeze()
        cls.addClassCleanup(gc.unfreeze)

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
        ) or secret.kind in ("address", "name")

    def may_know(self, sight, told):
        """Whether the user may be told a word; what is no secret of the world, he may."""
        secrets = self.by_word.get(told)
        return not secrets or any(self._is_told(sight, secret) for secret in secrets)

    def _is_told(self, sight, secret):
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
        if name not in self.user_envs:
            context = {"allowed_company_ids": self.companies[name], "active_test": False}
            self.user_envs[name] = self.env(user=self.users[name], context=context)
        return self.user_envs[name][model_name].browse(ids)

    def ask(self, method, *arguments, keeps=False, **keywords):
        """:return: what a call answers, or the message with which it is refused

        :param keeps: it only reads, so that nothing is to be taken back
        """
        try:
            if keeps:
                answer = method(*arguments, **keywords)
                return answer.ids if isinstance(answer, models.BaseModel) else answer
            with self.cr.savepoint() as savepoint:
                answer = method(*arguments, **keywords)
                if isinstance(answer, models.BaseModel):
                    answer = answer.ids
                savepoint.rollback()
                return answer
        except Exception as error:  # noqa: BLE001 whatever it is, it must not tell anything
            if keeps and isinstance(error, psycopg2.Error):
                self.reading.rollback()
            return f"{type(error).__name__}: {error}"

    def note(self, channel, name, where, answer, named=()):
        """Count the question, and look through the answer.

        :param named: kinds that Odoo names to whom we do not restrict
        """
        self.covered[channel][name] += 1
        sight = self.sights[name]
        if where in MODELS:
            named = MODELS[where].names
        if sight.is_restricted or (sight.is_share and name != "guest"):
            named = ()
        for told in self.find_words(answer):
            if told[1] not in named and not self.may_know(sight, told):
                what = f"tells the {told[1]} of family {told[0]}"
                self.leak(name, where, channel, what)
                text, found = str(answer).lower(), word(*told)
                start = max(0, text.find(found) - 200)
                self.samples.setdefault((name, where, what), text[start : start + 300])
        return answer

    def leak(self, name, where, channel, what):
        """Note that something is told that must not be, or kept back."""
        self.leaks[name, where][what].add(channel)

    def question(self, channel, name, records, method, *arguments, **keywords):
        answer = self.ask(
            getattr(records, method), *arguments, keeps=method not in WRITING, **keywords
        )
        return self.note(channel, name, records._name, answer)

    def compare_ids(self, channel, name, model_name, ids):
        """The ids that came back, with those of the plain model."""
        seen, hidden, _open = self.divide(name, model_name)
        ids = set(ids)
        for secret in hidden:
            if secret.id in ids:
                self.leak(name, model_name, channel, f"shows {secret.kind} of {secret.family}")
        for secret in seen:
            if secret.id not in ids:
                self.leak(name, model_name, channel, f"keeps {secret.kind} of {secret.family}")

    def is_refused(self, answer):
        return isinstance(answer, str) and answer.startswith(REFUSALS)

    # ------------------------------------------------------------------
    # Channels of the ORM
    # ------------------------------------------------------------------

    def attack_model(self, name, model_name, is_thorough=False):
        """All channels of one model, as one user."""
        # each begins as a request does: with nothing known
        self.env.invalidate_all()
        with self.cr.savepoint(flush=False) as self.reading:
            self._attack_model(name, model_name, is_thorough)

    def _attack_model(self, name, model_name, is_thorough):
        model = self.as_user(name, model_name)
        secrets = self.by_model[model_name]
        ids = [secret.id for secret in secrets]
        domain = [("id", "in", ids)]
        seen, hidden, _open = self.divide(name, model_name)
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
                    self.leak(name, model_name, method, f"answers {answer}"[:99])
        else:
            found = self.question("search", name, model, "search", domain)
            if isinstance(found, str):
                self.leak(name, model_name, "search", f"fails: {found}"[:200])
                return
            self.compare_ids("search", name, model_name, found)
            count = self.question("search_count", name, model, "search_count", domain)
            if count != len(found):
                self.leak(name, model_name, "search_count", f"{count}, not {len(found)}"[:200])
            self._attack_lists(name, model, domain, found, is_thorough)
            self._attack_groups(name, model, domain, found, is_thorough)
            self._attack_reading(name, model, seen, found, is_thorough)
            if is_thorough:
                self._attack_paths(name, model)
        self._attack_hidden(name, model, hidden, is_thorough)

    def _readable(self, model):
        return {
            name: field
            for name, field in model._fields.items()
            if field.type not in ("properties", "properties_definition")
            and model._has_field_access(field, "read")
        }

    def _attack_lists(self, name, model, domain, found, is_thorough):
        specification = {
            field.name: {"fields": {"display_name": {}}} if field.relational else {}
            for field in self._readable(model).values()
            # what else it holds is read next
            if field.type not in ("binary", "many2one_reference", "reference")
            and (is_thorough or field.name in ("display_name", model._rec_name))
        }
        answer = self.question(
            "web_search_read", name, model, "web_search_read", domain, specification
        )
        if isinstance(answer, dict):
            self.compare_ids(
                "web_search_read", name, model._name, [row["id"] for row in answer["records"]]
            )
        elif is_thorough:
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
                self.leak(name, model._name, "name_search", f"shows {strangers}")
        if is_thorough:
            self.question(
                "web_name_search", name, model, "web_name_search", PREFIX, {"display_name": {}}
            )

    def _attack_groups(self, name, model, domain, found, is_thorough):
        methods = ("formatted_read_group", "formatted_read_grouping_sets")
        for method in methods[:1] if name in TWINS else methods:
            groups = [[]] if method.endswith("sets") else []
            answer = self.question(method, name, model, method, domain, groups, ["__count"])
            if isinstance(answer, list):
                rows = answer[0] if method.endswith("sets") else answer
                count = sum(row["__count"] for row in rows)
                expected = self._count_told(name, model._name, found)
                if count != expected:
                    self.leak(name, model._name, method, f"counts {count}, not {expected}")
        for field in self._readable(model).values():
            if not (field.store and field._description_groupable):
                continue
            if not is_thorough or not (
                field.comodel_name in self.by_model or field.type in TEXT_TYPES
            ):
                continue
            self.question(
                "web_read_group", name, model, "web_read_group", [], [field.name], ["__count"]
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
        if name in TWINS:
            return
        if is_thorough:
            self.question("read_group", name, model, "read_group", domain, ["id:count"], [])
        summed = [
            field.name
            for field in self._readable(model).values()
            if field.store and field.type in ("integer", "float", "monetary") and field.aggregator
        ]
        if summed:
            self._compare_totals(name, model, domain, found, summed)

    def _count_told(self, name, model_name, found):
        """Of those that were found, of how many the user is told more than that they are there."""
        if not MODELS[model_name].tells:
            return len(found)
        return sum(
            secret.id in found and self._is_told(self.sights[name], secret)
            for secret in self.by_model[model_name]
        )

    def _compare_totals(self, name, model, domain, found, field_names):
        """Totals are those of what one sees."""
        aggregates = [f"{field_name}:sum" for field_name in field_names]
        rows = self.question("totals", name, model, "formatted_read_group", domain, [], aggregates)
        if not isinstance(rows, list):
            # one field refuses for all
            for field_name in field_names if len(field_names) > 1 else ():
                self._compare_totals(name, model, domain, found, [field_name])
            return
        records = self.env[model._name].browse(found)
        for field_name, aggregate in zip(field_names, aggregates, strict=True):
            if abs((rows[0][aggregate] or 0) - sum(records.mapped(field_name))) > 0.01:
                self.leak(name, model._name, "totals", f"another total of {field_name}")
        # what the superuser has read is not what the user reads next
        self.env.invalidate_all()

    def _attack_reading(self, name, model, seen, found, is_thorough):
        """What one sees can be read, says what it is, and nothing of others."""
        fields = list(self._readable(model))
        records = model.browse([secret.id for secret in seen])
        rows = self._read_all(name, records.with_context(bin_size=True), fields)
        words = defaultdict(set)
        for row in rows:
            words[row["id"]] |= self.find_words(row)
        for secret in seen:
            told = (secret.family, secret.kind)
            is_kept = self._has_word(secret) and told not in words[secret.id]
            if is_kept and self._is_told(self.sights[name], secret):
                self.leak(
                    name, model._name, "read", f"keeps what {secret.kind} of {secret.family} says"
                )
        if not is_thorough:
            return
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

    def _read_all(self, name, records, fields):
        """What can be read: where some fields refuse for all, these are found by halves."""
        rows = self.question("read", name, records, "read", fields)
        if isinstance(rows, list):
            return rows
        if not records or len(fields) == 1:
            return []
        half = len(fields) // 2
        return [
            *self._read_all(name, records, fields[:half]),
            *self._read_all(name, records, fields[half:]),
        ]

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

    def _attack_hidden(self, name, model, hidden, is_thorough):
        """What one does not see is refused, one by one and without a name."""
        # one of each kind: families differ by who sees them, and all are searched for
        one_of_each = {secret.kind: secret for secret in reversed(hidden)}
        for secret in list(one_of_each.values())[: None if is_thorough else 1]:
            record = model.browse(secret.id)
            methods = (
                ("read", (["display_name"],)),
                ("copy", ()),
                ("web_read", ({"display_name": {}},)),
                ("export_data", (["id", "display_name"],)),
            )
            for method, arguments in methods if is_thorough else methods[:2]:
                answer = self.question(f"{method} of hidden", name, record, method, *arguments)
                if answer and not self.is_refused(answer):
                    self.leak(
                        name,
                        model._name,
                        f"{method} of hidden",
                        f"answers about {secret.kind}: {answer}"[:200],
                    )
            # what no access is asked for, if nothing of the record itself is read
            answer = self.ask(record.mapped, "display_name", keeps=True)
            self.note("name of hidden", name, model._name, answer)
            for method, arguments in (("write", ({},)), ("unlink", ())):
                answer = self.question(f"{method} of hidden", name, record, method, *arguments)
                if answer and not isinstance(answer, str) and method == "unlink":
                    self.leak(name, model._name, method, f"deletes {secret.kind}")
            if is_thorough:
                self.question("get_formview_action", name, record, "get_formview_action")

    def _attack_paths(self, name, model):
        """Questions along relations: who sees a record does not learn of what it leads to."""
        sight = self.sights[name]
        customer = self._find_untold(sight, "res.partner")
        for field in self._readable(model).values():
            if customer and field.comodel_name in DETOURS and field._description_searchable:
                path = f"{field.name}.{DETOURS[field.comodel_name]}"
                self._ask_along(name, model, path, word(*customer))
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
            told = self._find_untold(sight, field.comodel_name)
            for text in texts[:1] if told else ():
                self._ask_along(name, model, f"{field.name}.{text}", word(*told))

    def _ask_along(self, name, model, path, asked):
        count = self.ask(model.search_count, [(path, "ilike", asked)], keeps=True)
        if isinstance(count, str):
            count = count.replace(asked, "")  # an error repeats the question
        self.note("search along relations", name, model._name, count)
        if count and not isinstance(count, str):
            self.leak(name, model._name, "search along relations", f"tells what {path} is")

    def _find_untold(self, sight, model_name):
        """:return: the word of a record of the model that the user neither sees nor may know, as
        ``(family, kind)``, or None"""
        key = sight.user_id, model_name
        if key not in self.untold:
            self.untold[key] = next(
                (
                    (secret.family, secret.kind)
                    for secret in self.by_model[model_name]
                    if self.sees(sight, secret) is False
                    and not self.may_know(sight, (secret.family, secret.kind))
                    and self._has_word(secret)
                ),
                None,
            )
        return self.untold[key]

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
                self.leak(name, where, "methods", f"answers on hidden: {answer}"[:200])
        for secret in seen[: 0 if name in TWINS else 1]:
            answer = self._call(name, model_name, method_name, method, secret.id)
            is_served = not method.who or self.is_member(sight, method.who)
            told = answer if not (is_served and method.tells_all) else None
            self.note("methods", name, where, told, method.names)
            if not is_served and answer and not self.is_refused(answer):
                self.leak(name, where, "methods", f"serves who is not entitled: {answer}"[:200])
            is_denied = isinstance(answer, str) and answer.startswith("AccessError")
            # the others may lack another right: these have all that it takes
            is_sure = name in ("linked", "accounts", "officer", "administrator")
            if (
                not method.refuses
                and is_served
                and is_denied
                and is_sure
                and (method.who or name == "linked")
            ):
                self.leak(name, where, "methods", f"is kept: {answer}"[:200])
            if isinstance(answer, str) and not self.is_refused(answer):
                self.leak(name, where, "methods", f"breaks down: {answer}"[:200])

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
            if value == "ANYBODY":
                return self.leasing.id
            if value == "[ID]":
                return f"[{id_}]"
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
        self.with_words, self.untold, self.samples = {}, {}, {}
        self.user_envs = {}
        for secrets in self.by_model.values():
            for secret in secrets:
                self._has_word(secret)

    def finish(self):
        """Fail with what leaked."""
        lines = [
            f"{where}, {name}: {what} ({', '.join(sorted(channels))})"
            f" {self.samples.get((name, where, what), '')}"
            for (name, where), findings in sorted(self.leaks.items())
            for what, channels in sorted(findings.items())
        ]
        type(self).findings += len(lines)
        self.assertFalse(lines, f"{len(lines)} findings:\n" + "\n".join(lines[:200]))


# from colleagues and companies, whom everybody reads, to all customers
DETOURS = {
    "res.users": "company_id.user_ids.employee_ids.customer_link_ids.customer_id.name",
    "res.company": "user_ids.employee_ids.customer_link_ids.customer_id.name",
}
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
