from lxml import etree
from odoo import api, models

# values of a drop-down, the most frequent first
MAX_VALUES = 40


class CrmSearchMixin(models.AbstractModel):
    """Models whose search offers the fields that administrators have added (B6)."""

    _name = "crm.search.mixin"
    _description = "Search with fields of the administrators"

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        result = super().get_view(view_id, view_type, **options)
        if view_type != "search" or not self.env.user._works_with_customers():
            return result
        offered = [
            (record_id, self._fields[name], display)
            for record_id, name, display in self.env["crm.search.field"]._get_offered(self._name)
            if name in self._fields and self._has_field_access(self._fields[name], "read")
        ]
        return self._add_search_fields(result, offered) if offered else result

    @api.model
    def _add_search_fields(self, view, offered):
        """
        :param view: what ``get_view`` returns
        :param offered: list of ``(id, field, display)`` that the user may read
        """
        arch = etree.fromstring(view["arch"])
        known = {node.get("name") for node in arch.iter("field")}
        for record_id, field, display in offered:
            label = field._description_string(self.env)
            if display == "text":
                if field.name not in known:
                    # behind the view's own fields, which are what is searched by default
                    fields_of_view = arch.findall("field")
                    node = etree.Element("field", name=field.name, string=label)
                    place = fields_of_view[-1] if fields_of_view else None
                    if place is None:
                        arch.insert(0, node)
                    else:
                        place.addnext(node)
                continue
            arch.append(etree.Element("separator"))
            for number, (value, text) in enumerate(self._get_search_values(field)):
                arch.append(
                    etree.Element(
                        "filter",
                        name=f"search_field_{record_id}_{number}",
                        string=f"{label}: {text}",
                        domain=repr([(field.name, "=", value)]),
                    )
                )
        names = {field.name for _id, field, _display in offered}
        found = dict(view["models"])
        found[self._name] = tuple(sorted({*found.get(self._name, ()), *names}))
        return {**view, "arch": etree.tostring(arch, encoding="unicode"), "models": found}

    @api.model
    def _get_search_values(self, field):
        """The values of a field in the records that the user sees, the most frequent first.

        :return: list of ``(value for the domain, label)``
        """
        if field.type == "selection":
            return list(field._description_selection(self.env))
        if field.type == "boolean":
            return [(True, self.env._("Yes")), (False, self.env._("No"))]
        rows = self._read_group(
            self._get_search_field_domain(),
            [field.name],
            ["__count"],
            order=f"__count DESC, {field.name}",
            limit=MAX_VALUES,
        )
        if field.relational:
            # sudo: their names alone, which the records show
            return [(value.id, value.sudo().display_name) for value, _count in rows if value]
        return [(value, str(value)) for value, _count in rows if value]

    @api.model
    def _get_search_field_domain(self):
        """The records whose values are offered."""
        return []
