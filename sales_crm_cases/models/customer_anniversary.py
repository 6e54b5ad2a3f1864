from odoo import fields, models


class CustomerAnniversary(models.Model):
    """A date of a contact that comes back every year, besides his birthday (K10)."""

    _name = "customer.anniversary"
    _inherit = ["customer.document.mixin", "recommendation.subject.mixin"]
    _description = "Anniversary of a contact"
    _order = "date, id"

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True
    _recommendation_fields = frozenset({"date", "partner_id"})
    _recommendation_customer_path = "partner_id.customer_id"

    name = fields.Char(required=True)
    date = fields.Date(required=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade", string="Contact"
    )

    def action_remind(self):
        """Make yearly reminders of the anniversaries where the user has none (R5).

        :return: action that tells when
        """
        self.check_access("read")
        reminders = self.env["customer.reminder"]
        return reminders._find_or_create(
            [anniversary._prepare_reminder() for anniversary in self]
        )._get_notification()

    def _prepare_reminder(self):
        return {
            "kind": "anniversary",
            "contact_id": self.partner_id.id,
            "date": self.date,
            "name": self.env._(
                "%(anniversary)s: %(contact)s",
                anniversary=self.name,
                contact=self.partner_id.name or "",
            ),
            "repeat_yearly": True,
        }
