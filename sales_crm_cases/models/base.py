import math

from odoo import api, models
from odoo.fields import Command, Domain

# Models of apps that need not be installed and whose records all colleagues read: the many2one
# by which they follow a customer.
PARTNER_FIELDS = {"purchase.bill.line.match": "partner_id", "snailmail.letter": "partner_id"}


def _to_ids(value):
    """The ids that Odoo or PostgreSQL may take a value for. Programs also send ids as text and
    as numbers with decimals, which one cuts and the other rounds; forms send references of
    unsaved lines."""
    if isinstance(value, str):
        for base in (10, 0):
            try:
                return {int(value, base)}
            except ValueError:
                continue
        return set()
    if isinstance(value, float) and math.isfinite(value):
        return {math.floor(value), math.ceil(value)}
    # True is an integer to Python
    return {value} if isinstance(value, int) and value is not True else set()


class Base(models.AbstractModel):
    """Nobody learns of a record by pointing to it: Odoo shows the name of whatever a many2one
    holds, and computes from it, whether or not the user may read it. So users who see some
    customers only (V1) put nothing into a record, a form or a default that they do not see."""

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_sight_limited():
            self._check_sight_of_context()
            for vals in vals_list:
                self._check_sight_of_values(vals)
        return super().create(vals_list)

    def write(self, vals):
        if self._is_sight_limited():
            self._check_sight_of_values(vals)
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if not self._is_sight_limited():
            return values
        return {
            name: value
            for name, value in values.items()
            if not self.browse()._find_unseen({name: value})
        }

    def onchange(self, values, field_names, fields_spec):
        if self._is_sight_limited():
            self._check_sight_of_context()
            self._check_sight_of_values(values)
        return super().onchange(values, field_names, fields_spec)

    def _check_access(self, operation):
        """Dialogs of others hold their customers' names."""
        result = super()._check_access(operation)
        is_dialog = self._transient and self._log_access
        follows = PARTNER_FIELDS.get(self._name)
        if not (is_dialog or follows) or not self or not self._is_sight_limited():
            return result
        # sudo: the columns decide about access
        records = self.exists().sudo()
        if follows:
            hidden = records[follows]._filter_hidden()
            others = records.filtered(lambda record: record[follows] in hidden)
        else:
            others = records.filtered(lambda record: record.create_uid.id != self.env.uid)
        return self._forbid_besides(result, others.sudo(False), operation)

    @api.model
    def _forbid_besides(self, result, records, operation):
        """What ``_check_access`` returns where these records are forbidden, too.

        :param result: what it returned so far
        """
        if not records:
            return result
        forbidden = records | result[0] if result else records
        return forbidden, lambda: self.env["ir.rule"]._make_access_error(operation, forbidden)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        if self._transient and self._log_access and not bypass_access and self._is_sight_limited():
            domain = Domain(domain) & Domain("create_uid", "=", self.env.uid)
        follows = PARTNER_FIELDS.get(self._name)
        if follows and not bypass_access and self._is_sight_limited():
            sight = self.env["sales.visibility"]._get_scope("read").get_customer_domain()
            domain = Domain(domain) & Domain(
                follows, "any!", Domain("customer_id", "=", False) | sight
            )
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    def _is_sight_limited(self):
        # the user's rights are themselves records: none is asked for while the registry loads
        return (
            not self.env.su and self.env.registry.ready and self.env.user._is_customer_restricted()
        )

    def _check_sight_of_values(self, vals):
        """Refuse values that point to records of customers whom the user does not see.

        :raise AccessError: names the model, never the record
        """
        for unseen in self._find_unseen(vals):
            unseen.check_access("read")

    def _check_sight_of_context(self):
        """As :meth:`_check_sight_of_values`, for defaults and for what a dialog works on."""
        context = self.env.context
        defaults = {
            name.removeprefix("default_"): value
            for name, value in context.items()
            if name.startswith("default_")
        }
        model_name = context.get("active_model")
        unseen = self.browse()._find_unseen(defaults)
        if self._transient and isinstance(model_name, str) and model_name in self.env:
            ids, _nested = self._parse_links(context.get("active_ids") or context.get("active_id"))
            unseen.append(self.env[model_name].browse(ids)._filter_hidden())
        for records in unseen:
            records.check_access("read")

    def _find_unseen(self, vals):
        """Recordsets, one per field, to which ``vals`` point and ``self`` does not yet, and
        which the user may not see."""
        unseen = []
        for name, value in vals.items():
            field = self._fields.get(name)
            if not value or field is None or field.inherited:
                continue
            if field.type == "many2one_reference":
                comodels = self._get_models_of_reference(field, vals)
            elif field.relational:
                comodels = {field.comodel_name}
            else:
                continue
            ids, nested = self._parse_links(value)
            for comodel in (self.env[comodel] for comodel in comodels if comodel in self.env):
                for vals_of_line in nested:
                    unseen += comodel._find_unseen(vals_of_line)
                hidden = self._find_unseen_of_field(name, comodel, ids)
                if hidden:
                    unseen.append(hidden)
        return unseen

    def _find_unseen_of_field(self, name, comodel, ids):
        """The records with these ids to which the field does not point yet, and which the user
        may not see."""
        if not ids or not comodel._follows_sight():
            return comodel
        if len(self) == 1 and self.id:
            # sudo: what is in the record already is no news, whoever put it there
            known = self.sudo()[name]
            ids = ids - ({known} if isinstance(known, int) else set(known.ids))
        hidden = comodel.browse(ids)._filter_hidden()
        # what is being created in this transaction has its salesman in a moment
        return hidden.filtered(lambda record: not record._is_born_now())

    def _get_models_of_reference(self, field, vals):
        """The names of the models whose records the values of a many2one reference may be."""
        name = field.model_field
        ids, _nested = self._parse_links(vals.get(f"{name}_id"))
        # sudo: names of models
        names = set(self.env["ir.model"].sudo().browse(ids).exists().mapped("model"))
        if isinstance(vals.get(name), str):
            names.add(vals[name])
        if not names and len(self) == 1 and self.id:
            names.add(self.sudo()[name])
        return names

    @api.model
    def _parse_links(self, value):
        """What a value of a relational field points to.

        :return: ``(set of ids, list of values of records that it creates or changes)``
        """
        ids, nested = [], []
        for link in value if isinstance(value, (list, tuple)) else [value]:
            match link:
                case [Command.CREATE, _, vals, *_]:
                    nested.append(vals or {})
                case [Command.UPDATE, id_, vals, *_]:
                    ids.append(id_)
                    nested.append(vals or {})
                case [Command.LINK, id_, *_]:
                    ids.append(id_)
                case [Command.SET, _, linked_ids, *_]:
                    ids += linked_ids
                case {**vals}:
                    # a record of the form: of the id and of what was typed, whose rest is its own
                    ids.append(vals.get("id"))
                    nested.append(vals)
                case _:
                    ids.append(link)
        return {number for id_ in ids for number in _to_ids(id_) if number}, nested

    def _has_pending_changes(self):
        """Whether anything of the transaction is still to be computed or written."""
        transaction = self.env.transaction
        return any(transaction.tocompute.values()) or any(transaction.field_dirty.values())

    @api.model
    def _follows_sight(self):
        """Whether records of this model are visible or not by their customer."""
        return hasattr(self, "_filter_by_sight")

    def _filter_hidden(self):
        """The records of ``self`` whose customer is hidden from the current user."""
        if not self._follows_sight() or not self.env.user._is_customer_restricted():
            return self.browse()
        # sudo(False): the sight of the user, whoever asks
        records = self.sudo(False).with_context(active_test=False)
        return records - records._filter_by_sight("read")

    def _mask_hidden_names(self):
        """For models whose names Odoo makes of what it reads as superuser: whoever knows the id
        of a record has its name, portal users too, without a question whether he may read it."""
        if not self.env.su:
            self._filter_unreadable().display_name = False

    def _filter_unreadable(self):
        """Those of the records, or copies of records that forms compute from, that the user may
        not read, also where Odoo asks as superuser."""
        records = self._origin.sudo(False)
        hidden = records - records._filtered_access("read")
        return self.filtered(lambda record: record._origin.id in hidden._ids)

    def _is_born_now(self):
        """Whether the current user is creating the record in this transaction."""
        # sudo: two columns that no caller can forge
        record = self.sudo()
        return (
            self._log_access
            and record.create_uid.id == self.env.uid
            and record.create_date == self.env.cr.now()
        )

    @api.model
    def _get_path_to_customer(self):
        """Path from records of this model to their CRM customer; None: there is none."""
        path = getattr(self, "_customer_path", None)
        if path:
            return path
        for name, way in (("customer_id", "customer_id"), ("partner_id", "partner_id.customer_id")):
            field = self._fields.get(name)
            if (
                field is not None
                and field.type == "many2one"
                and field.comodel_name == "res.partner"
            ):
                return way
        return None

    def _get_customer_by_document(self):
        """The CRM customer of each document.

        :return: dict ``{id of the document: customer}``, without documents that have none
        """
        path = self._get_path_to_customer()
        # sudo: the relation to the customer decides about access
        return {
            document.id: customer
            for document in (self.sudo() if path else ())
            if (customer := document.mapped(path)) and len(customer) == 1
        }
