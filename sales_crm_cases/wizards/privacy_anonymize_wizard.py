from odoo import api, fields, models
from odoo.exceptions import UserError


class PrivacyAnonymizeWizard(models.TransientModel):
    """Shows what will go, what stays and why, and what warns; then anonymises (G2, G3)."""

    _name = "privacy.anonymize.wizard"
    _description = "Anonymise people"

    partner_ids = fields.Many2many("res.partner", string="People", context={"active_test": False})
    preview = fields.Json(compute="_compute_preview")
    people_count = fields.Integer(compute="_compute_preview", string="People, with their contacts")
    warnings = fields.Text(compute="_compute_preview")
    goes = fields.Text(compute="_compute_preview", string="What goes")
    stays = fields.Text(compute="_compute_preview", string="What stays")
    hold_until = fields.Date(compute="_compute_preview", string="Kept until")
    needs_approval = fields.Boolean(compute="_compute_preview")
    is_sure = fields.Boolean(string="I understand that this cannot be undone")

    @api.depends("partner_ids")
    def _compute_preview(self):
        for wizard in self:
            preview = (
                self.env["privacy.request"].get_preview(wizard.partner_ids.ids)
                if wizard.partner_ids
                else {}
            )
            wizard.preview = preview
            wizard.people_count = preview.get("people", 0)
            wizard.warnings = "\n".join(preview.get("warnings", ()))
            for name in ("goes", "stays"):
                wizard[name] = "\n".join(
                    f"{row['label']}: {row['count']}" for row in preview.get(name, ())
                )
            wizard.hold_until = preview.get("hold_until")
            wizard.needs_approval = preview.get("needs_approval")

    def action_confirm(self):
        """Anonymise, and show the report.

        :raise UserError: the box is not ticked
        """
        self.ensure_one()
        if not self.is_sure:
            raise UserError(self.env._("Tick that you understand that this cannot be undone."))
        request = self.env["privacy.request"].anonymize(self.partner_ids.ids, ignore_warnings=True)
        return {
            "type": "ir.actions.act_window",
            "name": request.name,
            "res_model": "privacy.request",
            "res_id": request.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
