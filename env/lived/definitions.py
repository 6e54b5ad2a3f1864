"""Print as JSON what the addon defines, by external id (input of Odoo's shell)."""

import json
import re
from collections import defaultdict

env = globals()["env"]
ADDON = "sales_crm_cases"
# who and when, what a job has done, and what follows from the registry
VOLATILE = {
    *("id", "create_uid", "create_date", "write_uid", "write_date", "nextcall", "lastcall"),
    *("arch_updated", "arch_fs", "arch_prev", "number_next", "last_run", "lead_days", "position"),
    *("user_ids", "team_ids", "last_made_count"),  # what the day of work made
    *("parent_path", "complete_name", "warning_ids", "all_implied_ids"),
}
# the registry's own: compared as tables, columns and indexes
REGISTRY = {"ir.model", "ir.model.constraint", "ir.model.relation"}


def main():
    data = env["ir.model.data"].search([])
    names = {(each.model, each.res_id): each.complete_name for each in data}
    ids = defaultdict(dict)
    for each in data.filtered(lambda each: each.module == ADDON and each.model not in REGISTRY):
        ids[each.model][each.res_id] = each
    found = {}
    for model, own in ids.items():
        records = env[model].with_context(active_test=False).browse(own).exists()
        for gone in own.keys() - set(records.ids):
            found[own[gone].complete_name] = "no record"
        fields = [
            field
            for field in records._fields.values()
            if field.store
            and field.name not in VOLATILE
            and field.type not in ("one2many", "binary")
        ]
        for record in records:
            values = {field.name: shown(record, field, names) for field in fields}
            values["noupdate"] = own[record.id].noupdate
            found[own[record.id].complete_name] = values
    print(json.dumps(found, sort_keys=True))


def shown(record, field, names):
    value = record[field.name]
    if field.type in ("many2one", "many2many"):
        return sorted(
            names.get((value._name, each.id)) or each.display_name or "" for each in value
        )
    if field.type == "many2one_reference":
        return names.get((record[field.model_field], value), value)
    if field.type == "reference":
        return value and names.get((value._name, value.id), str(value))
    # views name actions and other views by their ids
    return re.sub(r'"\d+"', '"id"', str(value))


main()
