from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class PrivacyDocumentMixin(models.AbstractModel):
    """Documents that the law keeps of an anonymised customer: their texts name him, so only
    accounts read them (G3). Reports without texts go on counting them. Documents of a company
    that only name a contact who was anonymised stay the company's; the name is masked."""

    _name = "privacy.document.mixin"
    _description = "Document that may be kept for accounts only"

    # stored many2one to the person or a contact of his
    _privacy_field = "partner_id"

    privacy_visible = fields.Boolean(
        compute="_compute_privacy_visible",
        search="_search_privacy_visible",
        export_string_translation=False,
    )

    @api.depends(lambda self: [] if self._abstract else [self._privacy_field])
    @api.depends_context("uid")
    def _compute_privacy_visible(self):
        reads_all = self._reads_restricted_documents()
        for document in self:
            document.privacy_visible = reads_all or not document._is_restricted_document()

    def _search_privacy_visible(self, operator, value):
        if operator != "in" or True not in value or False in value:
            return NotImplemented
        if self._reads_restricted_documents():
            return Domain.TRUE

        def to_sql(model, alias, query):
            return SQL(
                """
                COALESCE(%s, 0) NOT IN (
                    SELECT p.id FROM res_partner c JOIN res_partner p ON p.commercial_partner_id = c.id
                     WHERE c.privacy_state = 'restricted')
                """,
                model._field_to_sql(alias, model._privacy_field, query),
            )

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _reads_restricted_documents(self):
        Partner = self.env["res.partner"]
        return not Partner._has_restricted() or Partner._user_reads_restricted()

    def _is_restricted_document(self):
        # sudo: this decides about access
        partner = self.sudo()[self._privacy_field]
        return partner.commercial_partner_id.privacy_state == "restricted"

    def _mask_restricted_documents(self):
        """Odoo shows the name of whatever a record points to, with the reference or the text of
        a line: not of these."""
        if not self._reads_restricted_documents():
            for document in self:
                if document._is_restricted_document():
                    document.display_name = self.env._("Restricted document")
