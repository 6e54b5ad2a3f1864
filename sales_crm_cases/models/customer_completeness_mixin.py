from odoo import api, fields, models
from odoo.tools import ormcache

# Recomputed at once up to this many customers, by the scheduled action beyond.
MAX_CUSTOMERS_AT_ONCE = 2000
CRON_STEP = 1000
CRON_POSITION = "sales_crm_cases.completeness_position"


class CustomerCompletenessMixin(models.AbstractModel):
    """How much of what one should know of a customer is filled in (K6)."""

    _name = "customer.completeness.mixin"
    _description = "Completeness of a customer"

    completeness = fields.Integer(
        string="Complete %",
        compute="_compute_completeness",
        store=True,
        copy=False,
        aggregator="avg",
    )
    missing_fields = fields.Text(string="Missing", compute="_compute_missing_fields")

    @api.depends(lambda self: ("is_customer", *sorted(self._get_completeness_candidates())))
    def _compute_completeness(self):
        names = self._get_completeness_names()
        for partner in self:
            if not partner.is_customer:
                partner.completeness = 0
            elif not names:
                partner.completeness = 100
            else:
                filled = len(names) - len(partner._get_missing_names(names))
                partner.completeness = round(100 * filled / len(names))

    @api.depends("completeness")
    @api.depends_context("lang")
    def _compute_missing_fields(self):
        names = self._get_completeness_names()
        for partner in self:
            missing = partner._get_missing_names(names) if partner.is_customer else []
            partner.missing_fields = ", ".join(
                partner._fields[name]._description_string(self.env) for name in missing
            )

    def _get_missing_names(self, names):
        # sudo: a contact is there or not, whether or not the user sees it
        customer = self.sudo()
        return [name for name in names if not customer[name]]

    @api.model
    @ormcache()
    def _get_completeness_names(self):
        """Names of the configured fields, in their order."""
        # sudo: a configuration that everybody's customers obey
        configured = (
            self.env["customer.completeness.field"].sudo().search_fetch([("field_id", "!=", False)])
        )
        names = configured.field_id.mapped("name")
        return tuple(name for name in names if name in self._fields)

    @api.model
    def _get_completeness_candidates(self):
        """Names of the fields that people fill in: what may count for completeness."""
        types = {"char", "text", "html", "selection", "many2one", "date", "datetime", "many2many"}
        names = {
            name
            for name, field in self._fields.items()
            if field.type in types
            and field.store
            and name not in models.MAGIC_COLUMNS
            and not field.company_dependent
            and (not field.compute or not field.readonly)
            and not name.startswith(
                ("message_", "activity_", "image_", "avatar_", "signup_", "x_avatar")
            )
        }
        names -= {
            "approval_status",
            "customer_id",
            "parent_id",
            "type",
            "self",
            "ref",
        }
        return names | (
            {"child_ids", "bank_ids", "call_contact_id", "main_salesman_id"} & self._fields.keys()
        )

    @api.model
    def _schedule_completeness_recompute(self):
        """Recompute all customers after a change of the configuration."""
        # sudo: all customers, whoever changes the configuration
        customers = (
            self.sudo()
            .with_context(active_test=False)
            .search([("is_customer", "=", True)], limit=MAX_CUSTOMERS_AT_ONCE + 1)
        )
        if len(customers) <= MAX_CUSTOMERS_AT_ONCE:
            self.env.add_to_compute(self._fields["completeness"], customers)
            return
        # sudo: where the run begins, and that it does
        self.env["ir.config_parameter"].sudo().set_param(CRON_POSITION, "0")
        self.env.ref("sales_crm_cases.ir_cron_completeness").sudo()._trigger()

    @api.model
    def _cron_recompute_completeness(self):
        """Recompute the customers beyond the last one done, in steps; a killed run goes on
        where it was."""
        # sudo: where the run has come to
        parameters = self.env["ir.config_parameter"].sudo()
        partners = self.with_context(active_test=False)
        while (position := int(parameters.get_param(CRON_POSITION, "-1"))) >= 0:
            left = [("is_customer", "=", True), ("id", ">", position)]
            customers = partners.search(left, order="id", limit=CRON_STEP)
            self.env.add_to_compute(self._fields["completeness"], customers)
            customers.flush_recordset(["completeness"])
            parameters.set_param(CRON_POSITION, str(customers[-1:].id or -1))
            remaining = partners.search_count(left) - len(customers)
            if not self.env["ir.cron"]._commit_progress(len(customers), remaining=remaining):
                return
