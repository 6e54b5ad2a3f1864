from odoo import api, fields, models
from odoo.tools import SQL


class MailActivity(models.Model):
    """Activities follow the customer of their document, whoever they are assigned to (V1)."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "customer.document.mixin"]

    # Odoo's own check: assigned to the user, or on a document that he may change
    _uncustomered_is_public = True

    customer_id = fields.Many2one(
        "res.partner",
        string="CRM customer",
        compute="_compute_customer_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        ondelete="set null",
        help="The customer of the document; empty: as visible as without this app.",
    )

    @api.depends("res_model", "res_id")
    def _compute_customer_id(self):
        for model_name, activities in self.grouped("res_model").items():
            if not model_name or model_name not in self.env:
                activities.customer_id = False
                continue
            documents = self.env[model_name].browse(activities.mapped("res_id")).exists()
            customers = documents._get_customer_by_document()
            for activity in activities:
                activity.customer_id = customers.get(activity.res_id, False)

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        # pending changes of the documents' customers reach the activities when they are flushed
        for model_name in self._get_synced_models():
            self.env[model_name].flush_model(
                ["customer_id" if model_name != "account.move" else "partner_id"]
            )
        return super()._get_sight_domain(scope, purpose)

    @api.model
    def _get_synced_models(self):
        """Models whose activities change their customer with the document."""
        return ["res.partner", "crm.lead", "sale.order", "account.move"]

    @api.model
    def _sync_customers(self, model_name, document_ids=None):
        """Give the documents' activities, done ones too, the customer of the document.

        :param document_ids: ids, or None for all documents of the model
        """
        if document_ids is not None and not document_ids:
            return
        self.flush_model(["res_model", "res_id", "customer_id"])
        self.env["res.partner"].flush_model(["customer_id"])
        customer = SQL("d.customer_id")
        if model_name == "account.move":
            customer = SQL("(SELECT p.customer_id FROM res_partner p WHERE p.id = d.partner_id)")
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_activity a SET customer_id = %(customer)s
                  FROM %(table)s d
                 WHERE a.res_model = %(model)s AND a.res_id = d.id AND %(condition)s
                   AND a.customer_id IS DISTINCT FROM %(customer)s
                """,
                customer=customer,
                table=SQL.identifier(self.env[model_name]._table),
                model=model_name,
                condition=SQL("TRUE")
                if document_ids is None
                else SQL("d.id = ANY(%s)", list(document_ids)),
            )
        )
        self.invalidate_model(["customer_id", "crm_visible", "crm_editable"], flush=False)
