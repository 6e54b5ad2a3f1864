from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CustomerReminderMixin(models.AbstractModel):
    """The current user's reminders of a customer and its contacts (R5)."""

    _name = "customer.reminder.mixin"
    _description = "Reminders of a customer"

    customer_reminder_count = fields.Integer(
        string="Number of my reminders",
        compute="_compute_customer_reminder_count",
        groups="sales_team.group_sale_salesman",
    )

    @api.depends_context("uid")
    def _compute_customer_reminder_count(self):
        # the owner: also where the customer is read as superuser
        mine = Domain("owner_id", "=", self.env.uid)
        self._count_records("customer_reminder_count", "customer.reminder", mine)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("birthday"):
            # sudo: everybody's reminders are right
            self._get_all_reminders(
                ("contact_id", "in", self.ids),
                ("kind", "=", "birthday"),
                ("date", "!=", vals["birthday"]),
            ).write({"date": vals["birthday"]})
        if "parent_id" in vals or "is_company" in vals:
            reminders = self._get_all_reminders(
                ("customer_id", "in", self.ids), ("contact_id", "=", False)
            )
            for partner, of_partner in reminders.grouped("customer_id").items():
                if partner.commercial_partner_id != partner:
                    # the customer follows
                    of_partner.contact_id = partner
        return result

    def unlink(self):
        # nobody is congratulated who is gone; what else one wanted of him stays
        self._get_all_reminders(("contact_id", "in", self.ids), ("kind", "!=", "other")).unlink()
        return super().unlink()

    @api.model
    def _get_all_reminders(self, *conditions):
        """Reminders of all owners."""
        # sudo: they follow the partner, whosever they are; nothing of them comes back
        reminders = self.env["customer.reminder"].sudo().with_context(active_test=False)
        return reminders.search([*conditions])

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_add_reminder(self):
        """Open the dialog for a reminder of the customer, or of its contact (R5)."""
        self.ensure_one()
        self.check_access("read")
        customer = self.customer_id
        contact = customer and self - customer
        return self.env["customer.reminder"]._get_dialog_action(
            default_customer_id=customer.id, default_contact_id=contact.id
        )

    def action_view_reminders(self):
        """List the user's reminders of the customer (R5)."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return self.env["ir.actions.act_window"]._get_named(
            "customer_reminder_action",
            self.env._("Reminders of %(customer)s", customer=customer.display_name),
            domain=[("customer_id", "=", customer.id)],
            context={"default_customer_id": customer.id},
        )

    def action_remind_birthday(self):
        """Make yearly reminders of the contacts' birthdays where the user has none (R5); of
        companies those of their contacts.

        :return: action that tells when
        :raise UserError: none of them has a birthday
        """
        self.check_access("read")
        contacts = (self | self.filtered("is_company").child_ids).filtered("birthday")
        if not contacts:
            raise UserError(
                self.env._(
                    "%(contact)s has no birthday. Fill it in first, and save.",
                    contact=self[:1].display_name,
                )
            )
        reminders = self.env["customer.reminder"]
        return reminders._find_or_create(
            [reminders._prepare_birthday(contact) for contact in contacts]
        )._get_notification()
