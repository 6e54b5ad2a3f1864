from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """The notes of a case (K13)."""

    _inherit = "crm.lead"

    customer_note_ids = fields.One2many(
        "customer.note", "case_id", string="Customer's notes", readonly=True, copy=False
    )
    customer_note_count = fields.Integer(
        string="Number of notes", compute="_compute_customer_note_count"
    )

    def _compute_customer_note_count(self):
        counts = dict(
            self.env["customer.note"]._read_group(
                [("case_id", "in", self._origin.ids)], ["case_id"], ["__count"]
            )
        )
        for lead in self:
            lead.customer_note_count = counts.get(lead._origin, 0)

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self.env["customer.note"]._move_to_case(opportunities, self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_noted(self):
        # sudo: a note that the user does not see is kept, too
        note = (
            self.env["customer.note"]
            .sudo()
            .search([("case_id", "in", self.ids)], limit=1, order="id")
        )
        if note:
            raise UserError(
                self.env._(
                    "The case %(case)s has notes, which are kept for good, so it cannot be deleted. "
                    "Close it, archive it, or merge it with another case.",
                    case=note.case_id.display_name,
                )
            )

    def action_add_note(self):
        """Open the dialog for a new note on the case."""
        self.ensure_one()
        return self.env["customer.note"]._get_dialog_action(
            default_customer_id=self.customer_id.id, default_case_id=self.id
        )

    def action_view_notes(self):
        """List the notes of the case."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._get_named(
            "customer_note_action",
            self.env._("Notes of %(case)s", case=self.display_name),
            domain=[("case_id", "=", self.id)],
            context={"default_customer_id": self.customer_id.id, "default_case_id": self.id},
        )
