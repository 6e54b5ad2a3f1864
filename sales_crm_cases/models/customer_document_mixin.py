from odoo import api, models
from odoo.fields import Domain

# Of whom one is chosen: customers that are none any more have their status still.
CUSTOMERS = [("approval_status", "!=", False), ("customer_id", "!=", False)]


class CustomerDocumentMixin(models.AbstractModel):
    """Documents that follow a customer: who sees the customer sees them (V1).

    A document without CRM customer follows its owner, as Odoo's own rules for
    salesmen say, and the owner's managers.
    """

    _name = "customer.document.mixin"
    _inherit = ["crm.visibility.mixin"]
    _description = "Document of a customer"

    # path to the field that holds the CRM customer; its last part is a stored many2one
    _customer_path = "customer_id"
    # stored many2one to the user whose document it is; None: only the customer counts
    _owner_field = None
    # documents without CRM customer are as visible as without the addon
    _uncustomered_is_public = False

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        path, _dot, field_name = self._customer_path.rpartition(".")
        customer_domain = scope.get_customer_domain(field_name, purpose)
        if path:
            customer_domain = Domain(path, "any!", customer_domain)
        return customer_domain | self._get_uncustomered_domain(scope)

    @api.model
    def _get_uncustomered_domain(self, scope):
        """Documents without CRM customer that are inside the scope all the same."""
        uncustomered = Domain(self._customer_path, "=", False)
        if self._shows_uncustomered():
            # a path ends where nobody is named
            way = self._customer_path.split(".")[:-1]
            nobodys = (Domain(".".join(way[: n + 1]), "=", False) for n in range(len(way)))
            return Domain.OR([uncustomered, *nobodys])
        if not self._owner_field:
            return Domain.FALSE
        return uncustomered & scope.get_owner_domain(self._owner_field)

    @api.model
    def _shows_uncustomered(self):
        """Whether the user sees all documents that are of no CRM customer."""
        return self._uncustomered_is_public

    @api.model
    def _get_sight_dependencies(self):
        return [
            name for name in (self._customer_path, self._owner_field) if name and not self._abstract
        ]
