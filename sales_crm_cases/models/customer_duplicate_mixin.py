from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

# pg_trgm: names are called similar from here on; "Miller Ltd" and "Müller Ltd" have 0.5
SIMILARITY = 0.55
MAX_SHOWN = 5


class CustomerDuplicateMixin(models.AbstractModel):
    """Warns while typing that the customer may be there already (K11)."""

    _name = "customer.duplicate.mixin"
    _description = "Possible duplicates of a customer"

    duplicate_ids = fields.Many2many(
        "res.partner",
        string="Possible duplicates",
        compute="_compute_duplicate_ids",
        compute_sudo=False,
        export_string_translation=False,
    )
    duplicate_hidden_count = fields.Integer(
        compute="_compute_duplicate_ids",
        compute_sudo=False,
        export_string_translation=False,
        help="Possible duplicates that the user may not see.",
    )

    @api.depends("name", "email_normalized", "phone_sanitized", "vat")
    @api.depends_context("uid")
    def _compute_duplicate_ids(self):
        for partner in self:
            # sudo: those that the user may not see are counted, not named
            found = partner.sudo()._find_duplicates().sudo(False)
            visible = found._filtered_access("read")
            partner.duplicate_ids = visible[:MAX_SHOWN]
            partner.duplicate_hidden_count = len(found - visible)

    @api.model
    def _get_duplicates_of_typed(self, values):
        """Possible duplicates of a partner that is not there yet.

        :param values: its name, e-mail, phone and whether it is a company
        :return: the partners that the user may see, and the number of the others
        """
        typed = self.new(values)
        return typed.duplicate_ids._origin, typed.duplicate_hidden_count

    def _find_duplicates(self):
        """Partners outside the own company with a similar name or the same e-mail, phone or VAT."""
        self.ensure_one()
        family = self._origin.commercial_partner_id or self._origin
        others = Domain("id", "not in", family.ids) & (
            Domain("commercial_partner_id", "not in", family.ids) if family else Domain.TRUE
        )
        same = Domain.OR(
            Domain(name, "=", self[name])
            for name in ("email_normalized", "phone_sanitized", "vat")
            if self[name] and len(self[name]) > 2
        )
        found = self.browse()
        if not same.is_false():
            found = self.search(same & others, limit=20)
        if len((self.name or "").strip()) > 3 and not self.parent_id:
            found |= self.search(Domain("id", "in", self._find_similar_names()) & others, limit=20)
        return found

    def _find_similar_names(self):
        """Ids of customers, not of contacts, whose names resemble this one."""
        if not self.env.registry.has_trigram:
            return []
        self.flush_model(["name", "active", "customer_id"])
        name, typed = (
            self.env.registry.unaccent(SQL("name")),
            self.env.registry.unaccent(SQL("%s", self.name)),
        )
        # the operator is what the index serves; its threshold is looser than ours
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM res_partner
                 WHERE active AND customer_id = id AND %(name)s %% %(typed)s
                   AND similarity(%(name)s, %(typed)s) >= %(similarity)s
                 ORDER BY similarity(%(name)s, %(typed)s) DESC LIMIT 20
                """,
                name=name,
                typed=typed,
                similarity=SIMILARITY,
            )
        )
        return [row[0] for row in rows]

    @api.constrains("email", "is_customer")
    def _check_customer_email(self):
        """No two customers share an e-mail address, unless their company allows it."""
        candidates = self.filtered(lambda p: p.is_customer and p.email)
        if not candidates or not self.env.company.unique_customer_email:
            return
        by_email = {}
        for customer in candidates:
            by_email.setdefault(
                email_normalize(customer.email) or customer.email.strip().lower(), []
            ).append(customer)
        others = self.with_context(active_test=False).search(
            [("is_customer", "=", True), ("email_normalized", "in", list(by_email))]
        )
        for other in others:
            for customer in by_email[other.email_normalized]:
                if customer == other or not self._companies_meet(customer, other):
                    continue
                visible = other.sudo(False)._filtered_access("read")
                raise ValidationError(
                    self.env._(
                        "%(customer)s: the e-mail address %(email)s is already used by %(other)s. "
                        "Use that customer, or another address.",
                        customer=customer.display_name,
                        email=customer.email,
                        other=visible.display_name or self.env._("a customer whom you may not see"),
                    )
                )

    @api.model
    def _companies_meet(self, one, other):
        return not one.company_id or not other.company_id or one.company_id == other.company_id
