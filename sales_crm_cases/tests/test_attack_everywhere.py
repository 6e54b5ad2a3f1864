from odoo.tests import tagged

from .attack_common import PHONE, TOKEN, AttackCommon

NOTHING = "zqxvnothing"

# what describes the software, not its data; nothing in there follows a customer
TECHNICAL = (
    "ir.model",
    "ir.ui.view",
    "ir.module",
    "res.country",
    "res.lang",
    "res.currency",
    "ir.asset",
    "ir.actions",
    "res.bank",
    "ir.rule",
    "ir.cron",
    "report.layout",
    "report.paperformat",
    "ir.exports",
    "decimal.precision",
    "onboarding.",
    "res.partner.industry",
    "uom.",
    "ir.embedded",
)


@tagged("post_install", "-at_install")
class TestAttackEverywhere(AttackCommon):
    """Every model that anna may read, every field of it, by every way of asking."""

    def _models(self):
        for model_name in sorted(self.env.registry):
            model = self._as_anna(model_name)
            if model._abstract or model._transient or model_name.startswith(TECHNICAL):
                continue
            if model.has_access("read"):
                yield model

    def _readable_fields(self, model):
        return [
            name
            for name, field in model._fields.items()
            if model._has_field_access(field, "read") and field.type != "properties_definition"
        ]

    def test_no_field_of_any_record_tells(self):
        leaks = []
        for model in self._models():
            records = model.with_context(bin_size=True).search([], limit=300, order="id desc")
            names = self._readable_fields(model)
            foreign = records.ids and set(records.ids) & self.foreign_ids.get(model._name, set())
            if foreign:
                leaks.append(f"{model._name} finds {foreign}")
            at_once = self._try(records.read, names)
            for name in names:
                if isinstance(at_once, list):
                    values = [{"id": row["id"], name: row[name]} for row in at_once]
                else:  # one field refuses for all
                    values = self._try(records.read, [name])
                try:
                    self.assertNoSecret(values, f"{model._name}.{name}")
                except AssertionError as leak:
                    leaks.append(str(leak)[:400])
                field = model._fields[name]
                hidden = (
                    self.foreign_ids.get(field.comodel_name or "", set())
                    if field.relational
                    else set()
                )
                if hidden and isinstance(values, list):
                    for row in self._try(records.read, [name], load=""):
                        ids = {row[name]} if isinstance(row[name], int) else set(row[name] or [])
                        if ids & hidden:
                            leaks.append(
                                f"{model._name}({row['id']}).{name} holds {field.comodel_name} {ids & hidden}"
                            )
                            break
        self.assertFalse(leaks, "\n".join(leaks))

    def _ask_nothing(self, domain):
        [(name, operator, value)] = domain
        if operator == "any":
            return [(name, operator, self._ask_nothing(value))]
        return [(name, operator, NOTHING)]

    def test_no_search_answers(self):
        leaks = []
        for model in self._models():
            for name in self._readable_fields(model):
                field = model._fields[name]
                if field.type in ("char", "text", "html") and field._description_searchable:
                    domains = [[(name, "ilike", TOKEN)], [(name, "ilike", PHONE[-9:])]]
                elif (
                    field.type in ("many2one", "one2many", "many2many")
                    and field._description_searchable
                ):
                    domains = [[(name, "ilike", TOKEN)]]
                    hidden = self.foreign_ids.get(field.comodel_name, set())
                    # groups and companies have all users as members
                    if hidden and field.comodel_name not in ("res.users", "account.move"):
                        domains.append([(name, "in", list(hidden))])
                    comodel = self.env[field.comodel_name]
                    for rec_name in {comodel._rec_name or "", "email", "name"} - {""}:
                        if (
                            rec_name in comodel._fields
                            and comodel._fields[rec_name]._description_searchable
                            and comodel._fields[rec_name].type == "char"
                        ):
                            domains.append([(f"{name}.{rec_name}", "ilike", TOKEN)])
                            domains.append([(name, "any", [(rec_name, "ilike", TOKEN)])])
                else:
                    continue
                for domain in domains:
                    found = self._try(model.search_count, domain)
                    if not found or isinstance(found, str):
                        continue
                    # models without a name answer whatever is asked
                    silence = (
                        0
                        if domain[0][1] == "in"
                        else self._try(model.search_count, self._ask_nothing(domain))
                    )
                    if found != silence:
                        leaks.append(
                            f"{model._name}.search_count({domain}) = {found}, not {silence}"
                        )
        self.assertFalse(leaks, "\n".join(leaks))

    def test_no_name_search_and_no_group_tells(self):
        leaks = []
        for model in self._models():
            attempts = [
                ("name_search", (TOKEN,), {}),
                ("web_name_search", (TOKEN, {"display_name": {}}), {}),
            ]
            for name in self._readable_fields(model):
                field = model._fields[name]
                if field.type in ("many2one", "many2many") and field.comodel_name.startswith(
                    TECHNICAL
                ):
                    continue
                if field.type in ("many2one", "many2many", "char") and field._description_groupable:
                    attempts.append(("formatted_read_group", ([], [name], ["__count"]), {}))
                if field.type == "many2one":
                    attempts.append(
                        (
                            "search_panel_select_range",
                            (name,),
                            {"enable_counters": True, "hierarchize": False},
                        )
                    )
                elif field.type == "many2many":
                    attempts.append(
                        ("search_panel_select_multi_range", (name,), {"enable_counters": True})
                    )
            for method, arguments, keywords in attempts:
                result = self._try(getattr(model, method), *arguments, **keywords)
                try:
                    self.assertNoSecret(result, f"{model._name}.{method}{arguments}")
                except AssertionError as leak:
                    leaks.append(str(leak)[:400])
        self.assertFalse(leaks, "\n".join(leaks))
