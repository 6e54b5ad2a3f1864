from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerNoteMixin(models.AbstractModel):
    """The notes of a customer (K13)."""

    _name = "customer.note.mixin"
    _description = "Notes of a customer"

    customer_note_ids = fields.One2many(
        "customer.note", "customer_id", string="Customer's notes", readonly=True, copy=False
    )
    customer_note_count = fields.Integer(
        string="Number of notes", compute="_compute_customer_note_count"
    )
    note_chain_id = fields.Many2one(
        "customer.note.chain",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=fields.NO_ACCESS,
        export_string_translation=False,
        help="The chain to which the customer's next note will be added.",
    )

    def _compute_customer_note_count(self):
        self._count_records("customer_note_count", "customer.note")

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals or "is_company" in vals:
            # sudo: the notes follow, whoever may read them
            for partner in self.sudo():
                entity = partner.commercial_partner_id
                if entity != partner and partner.note_chain_id:
                    self.env["customer.note"]._hand_over(partner, entity)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_noted(self):
        # sudo: a note that the user does not see is kept, too
        note = (
            self.env["customer.note"]
            .sudo()
            .search([("customer_id", "in", self.ids)], limit=1, order="id")
        )
        if note:
            raise UserError(
                self.env._(
                    "%(customer)s has notes, which are kept for good, so it cannot be deleted. "
                    "Archive it, or merge it with another customer.",
                    customer=note.customer_id.display_name,
                )
            )

    def action_add_note(self):
        """Open the dialog for a new note (K9)."""
        self.ensure_one()
        return self.env["customer.note"]._get_dialog_action(
            default_customer_id=self.commercial_partner_id.id
        )

    def action_view_notes(self):
        """List the customer's notes (K13)."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return self.env["ir.actions.act_window"]._get_named(
            "customer_note_action",
            self.env._("Notes of %(customer)s", customer=customer.display_name),
            domain=[("customer_id", "=", customer.id)],
            context={"default_customer_id": customer.id},
        )
