from odoo import api, models
from odoo.fields import Domain


class CalendarEvent(models.Model):
    """A meeting with an invisible customer is what a private one is: a colleague is busy, and
    nothing else. Whoever is invited sees his own agenda."""

    _name = "calendar.event"
    _inherit = ["calendar.event", "crm.visibility.mixin"]

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        def hidden(field_name="customer_id"):
            seen = scope.get_customer_domain(field_name, purpose)
            return Domain(field_name, "!=", False) & ~seen

        mine = Domain("user_id", "=", self.env.uid) | Domain(
            "partner_ids", "in", self.env.user.partner_id.ids
        )
        return mine | ~(
            Domain("partner_ids", "any!", hidden())
            | Domain("opportunity_id", "any!", hidden())
            | Domain("activity_ids", "any!", hidden())
        )

    @api.model
    def _get_sight_dependencies(self):
        return ["user_id", "partner_ids", "opportunity_id", "activity_ids"]

    def _lacks_columns(self):
        # Odoo turns others' private events into "Busy" while a user reads their columns: read by
        # superuser, they would be in the cache as they are
        return False

    def unlink(self):
        """The database deletes the activities of a meeting with it: done ones of customers stay,
        open ones are cancelled by who may."""
        self.check_access("unlink")
        # sudo: whoever may delete the meeting, the history stays
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        activities = activities.search(
            [("calendar_event_id", "in", self.ids), ("customer_id", "!=", False)]
        )
        open_ones = activities.filtered("active")
        (activities - open_ones).calendar_event_id = False
        open_ones.sudo(self.env.su).unlink()
        return super().unlink()

    def _check_private_event_conditions(self):
        return super()._check_private_event_conditions() or bool(self._filter_hidden())

    def _get_default_privacy_domain(self):
        domain = super()._get_default_privacy_domain()
        if not self._is_sight_limited():
            return domain
        return list(Domain(domain) & Domain("crm_visible", "=", True))

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        domain = Domain(domain)
        if not bypass_access and self._is_sight_limited() and self._asks_for_content(domain, order):
            domain &= Domain("crm_visible", "=", True)
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    @api.model
    def _asks_for_content(self, domain, order):
        """Whether the search tells more of its events than when somebody is busy."""
        public = self._get_public_fields() | {"current_attendee", "crm_visible"}
        for condition in domain.iter_conditions():
            name = condition.field_expr.partition(".")[0]
            if name in ("partner_ids", "attendee_ids") and not self._asks_for_hidden_partners(
                condition
            ):
                continue
            if name not in public or condition.operator in ("any", "any!"):
                return True
        names = {part.split()[0].partition(".")[0] for part in (order or self._order).split(",")}
        return not names <= public

    @api.model
    def _asks_for_hidden_partners(self, condition):
        if condition.field_expr != "partner_ids" or condition.operator not in ("in", "not in", "="):
            return True
        values = [condition.value] if isinstance(condition.value, int) else condition.value
        if not hasattr(values, "__iter__"):
            return True
        ids = [value for value in values if isinstance(value, int) and value]
        return len(ids) != len(list(values)) or bool(
            self.env["res.partner"].browse(ids)._filter_hidden()
        )
