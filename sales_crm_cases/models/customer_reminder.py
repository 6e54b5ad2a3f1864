from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..visibility_scope import VisibilityScope
from .customer_document_mixin import CUSTOMERS
from .res_users import ALL_DOCUMENTS, APPROVER, SALESMAN

# Kept by the server alone: they follow from the date, from "Done" and from "Postpone".
SERVER_FIELDS = {"next_date", "last_done"}


class CustomerReminder(models.Model):
    """What a user wants to be reminded of: birthdays, anniversaries and anything else (R5).

    Private to the owner, administrators included: the record rules ask for him, and for the
    sight of the customer besides. A reminder is a note of its owner and no change of the
    customer, so it takes the sight of the customer and not the right to edit it.

    ``next_date`` is set when the reminder is made and when its date changes: the date itself,
    or if it comes back every year the first day of that name from today on where the owner
    is. It stays when it has passed, so that the reminder is overdue until he acts.
    29 February is 28 February in other years.
    """

    _name = "customer.reminder"
    _inherit = ["customer.document.mixin"]
    _description = "Reminder"
    _order = "next_date, id"

    # of no customer: the owner's, as the other rule says
    _uncustomered_is_public = True

    owner_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        ondelete="cascade",
        default=lambda self: self.env.user,
    )
    active = fields.Boolean(default=True, copy=False)
    # what
    name = fields.Char(string="Reminder", required=True)
    kind = fields.Selection(
        [("birthday", "Birthday"), ("anniversary", "Anniversary"), ("other", "Other")],
        required=True,
        default="other",
    )
    # whose
    customer_id = fields.Many2one(
        "res.partner",
        compute="_compute_customer_id",
        store=True,
        precompute=True,
        readonly=False,
        index="btree_not_null",
        ondelete="cascade",
        domain=CUSTOMERS,
        help="Empty: a reminder that has to do with no customer.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="set null",
        domain="[('customer_id', '!=', False), ('customer_id', '=?', customer_id)]",
    )
    phone = fields.Char(compute="_compute_phone", compute_sudo=True)
    # when
    date = fields.Date(required=True, help="Of something that comes back every year, the first.")
    repeat_yearly = fields.Boolean(string="Every year")
    next_date = fields.Date(
        string="Next",
        compute="_compute_next_date",
        store=True,
        precompute=True,
        help="The day on which you are reminded.",
    )
    last_done = fields.Date(
        compute="_compute_next_date",
        store=True,
        precompute=True,
        help="The day on which “Done” was pressed last.",
    )

    # "IS TRUE" as the ORM writes it
    _owner_next_date_idx = models.Index("(owner_id, next_date) WHERE active IS TRUE")

    # ------------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------------

    @api.depends("contact_id.customer_id")
    def _compute_customer_id(self):
        """The customer of the contact, also when the contact goes to another one."""
        for reminder in self:
            if reminder.contact_id:
                reminder.customer_id = reminder.contact_id.customer_id
            else:
                reminder.customer_id = reminder.customer_id

    @api.depends("contact_id.phone", "customer_id.main_contact_id.phone", "customer_id.phone")
    def _compute_phone(self):
        for reminder in self:
            customer = reminder.customer_id
            contact = reminder.contact_id or customer.main_contact_id
            reminder.phone = contact.phone or customer.phone

    @api.depends("date", "repeat_yearly")
    def _compute_next_date(self):
        for reminder in self:
            reminder.last_done = False
            if reminder.repeat_yearly and reminder.date:
                # what begins in two years does not come before
                reminder.next_date = reminder._get_occurrence(
                    max(reminder.date, reminder._get_today())
                )
            else:
                reminder.next_date = reminder.date

    @api.onchange("customer_id")
    def _onchange_customer_id(self):
        if self.contact_id.customer_id != self.customer_id:
            self.contact_id = False

    @api.onchange("kind", "contact_id")
    def _onchange_kind(self):
        if self.kind != "other":
            self.repeat_yearly = True
        if self.kind == "birthday" and self.contact_id.birthday:
            self.update(self._prepare_birthday(self.contact_id))

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------

    def _get_today(self):
        """The day where the owner is, whatever time zone the caller sends."""
        owner = self.owner_id or self.env.user
        return fields.Date.context_today(self.with_context(tz=owner._get_own_tz()))

    def _get_occurrence(self, earliest):
        """The first day from ``earliest`` on with the day and month of the date."""
        # from the date itself: 29 February is the 29th again in a leap year
        occurrence = self.date + relativedelta(year=earliest.year)
        if occurrence < earliest:
            occurrence = self.date + relativedelta(year=earliest.year + 1)
        return occurrence

    # ------------------------------------------------------------------
    # Sight: who sees the customer may change his own reminder of it
    # ------------------------------------------------------------------

    @api.model
    def _search_sight(self, operation, operator, value):
        return super()._search_sight("read", operator, value)

    def _filter_by_sight(self, operation, reads_columns=False):
        return super()._filter_by_sight("read", reads_columns)

    @api.model
    def _get_due_domain(self, today):
        """Open reminders that are due on a day. As superuser those of all owners, each as far
        as he sees the customer: counted by owner, they are as many as in his own list.

        :param today: date, where the owner is
        """
        domain = Domain("active", "=", True) & Domain("next_date", "<=", today)
        return domain & self._get_owners_sight_domain(today) if self.env.su else domain

    @api.model
    def _get_owners_sight_domain(self, today):
        """Reminders whose customer is visible to their owner."""
        visibility = self.env["sales.visibility"]
        visibility._flush_sources()
        scope = VisibilityScope(conditions=visibility._get_row_conditions("read", today))
        linked = Domain.custom(
            to_sql=lambda model, alias, query: scope.get_probe(
                model._field_to_sql(alias, "customer_id", query),
                model._field_to_sql(alias, "owner_id", query),
            )
        )
        groups = "owner_id.all_group_ids"
        unrestricted = [self.env.ref(xmlid).id for xmlid in (ALL_DOCUMENTS, APPROVER)]
        return Domain(groups, "in", self.env.ref(SALESMAN).ids) & (
            Domain("customer_id", "=", False) | Domain(groups, "in", unrestricted) | linked
        )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("customer_id", "contact_id")
    def _check_customer(self):
        for reminder in self:
            customer, contact = reminder.customer_id, reminder.contact_id
            if contact and contact.customer_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of the reminder's customer. Choose another "
                        "contact, or leave the customer empty: it follows the contact.",
                        contact=contact.display_name,
                    )
                )
            if customer.customer_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is no CRM customer. Choose a customer, or leave it empty.",
                        partner=customer.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.su:
            return values
        # defaults come from callers and administrators, too
        values = {name: value for name, value in values.items() if name not in SERVER_FIELDS}
        if "owner_id" in values:
            values["owner_id"] = self.env.uid
        day = self.env.context.get("default_next_date")
        if day and "date" in fields:
            # the day of the calendar that was clicked
            values.setdefault("date", day)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Make reminders of the current user.

        :raise UserError: another owner, or a field that the server keeps
        :raise ValidationError: customer and contact do not belong together
        """
        reminders = super().create([self._prepare_given(vals) for vals in vals_list])
        reminders._check_contact()
        return reminders

    def write(self, vals):
        result = super().write(self._prepare_given(vals))
        if vals.keys() & {"customer_id", "contact_id"}:
            # nobody gives a reminder to a customer that he does not see
            self.check_access("write")
            self._check_contact()
        return result

    def _check_contact(self):
        """Refuse contacts of nobody. No constraint: a contact may leave its customer later."""
        # sudo: whose contact a partner is
        strangers = self.sudo().contact_id.filtered(lambda contact: not contact.customer_id)
        if strangers and not self.env.su:
            raise ValidationError(
                self.env._(
                    "%(contact)s belongs to no CRM customer. Choose a contact of a customer, "
                    "or leave the contact empty.",
                    contact=strangers[0].display_name,
                )
            )

    @api.model
    def _prepare_given(self, vals):
        """Values as they are given, checked."""
        self._check_given(vals)
        if vals.get("contact_id") and not vals.get("customer_id"):
            # an empty column of an import: computed
            return {name: value for name, value in vals.items() if name != "customer_id"}
        return vals

    @api.model
    def _check_given(self, vals):
        if self.env.su:
            return
        if vals.get("owner_id", self.env.uid) != self.env.uid:
            raise UserError(
                self.env._(
                    "Reminders are private: everybody makes his own, and keeps them. "
                    "Leave the owner out."
                )
            )
        kept = SERVER_FIELDS & vals.keys()
        if kept:
            raise UserError(
                self.env._(
                    "%(fields)s: these are kept by the system and cannot be set. Use “Done” or "
                    "“Postpone”, or change the date.",
                    fields=", ".join(sorted(self._fields[name].string for name in kept)),
                )
            )

    # ------------------------------------------------------------------
    # Done, postpone
    # ------------------------------------------------------------------

    def action_done(self):
        """Close the reminders; those that come back every year move to their first day after
        today and after the present one (R5). What was done today already stays as it is.

        :return: True
        :raise UserError: another press of the button is under way
        """
        self._take()
        for reminder in self.filtered("active"):
            today = reminder._get_today()
            values = {"last_done": today}
            if not reminder.repeat_yearly:
                values["active"] = False
            elif reminder.last_done == today:
                # a second press must not skip a year
                continue
            else:
                values["next_date"] = reminder._get_occurrence(
                    max(today, reminder.next_date) + relativedelta(days=1)
                )
            # sudo: kept by the server; the user's right was checked
            reminder.sudo().write(values)
        return True

    def action_postpone(self, date):
        """Be reminded on another day; of what comes back every year, this time only (R5).

        :param date: as a date or ``YYYY-MM-DD``; today or later where the owner is
        :return: True
        :raise UserError: no date, one in the past, or the reminder is done
        """
        try:
            date = fields.Date.to_date(date)
        except (TypeError, ValueError):
            date = None
        if not date:
            raise UserError(self.env._("Please give the day to which the reminder is postponed."))
        self._take()
        for reminder in self:
            if not reminder.active:
                raise UserError(
                    self.env._(
                        "“%(reminder)s” is done. Unarchive it to be reminded again.",
                        reminder=reminder.name,
                    )
                )
            if date < reminder._get_today():
                raise UserError(
                    self.env._(
                        "%(date)s is in the past. Please choose today or a later day.",
                        date=format_date(self.env, date),
                    )
                )
        # sudo: kept by the server; the user's right was checked
        self.sudo().write({"next_date": date, "last_done": False})
        return True

    def _take(self):
        self.check_access("write")
        self._lock_or_refuse(
            lambda: self.env._("This reminder is being changed just now. Please try again."),
            ["active", "date", "repeat_yearly", *SERVER_FIELDS],
        )

    def action_open_postpone(self):
        """Ask for the new day."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Postpone"),
            "res_model": "customer.reminder.postpone.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_reminder_ids": self.ids},
        }

    def action_view_customer(self):
        """Open the customer of the reminder."""
        self.ensure_one()
        self.check_access("read")
        if not self.customer_id:
            raise UserError(
                self.env._(
                    "“%(reminder)s” has to do with no customer. Choose one in the reminder first.",
                    reminder=self.name,
                )
            )
        return self.customer_id._get_customer_action()

    @api.model
    def _get_dialog_action(self, **context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reminder"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    # ------------------------------------------------------------------
    # Days of contacts
    # ------------------------------------------------------------------

    @api.model
    def _prepare_birthday(self, contact):
        return {
            "kind": "birthday",
            "contact_id": contact.id,
            "date": contact.birthday,
            "name": self.env._("Birthday of %(contact)s", contact=contact.name or ""),
            "repeat_yearly": True,
        }

    @api.model
    def _find_or_create(self, vals_list):
        """The user's reminders of days of contacts; he has one of each birthday, and one of
        each anniversary.

        :param vals_list: as of :meth:`_prepare_birthday`
        """
        # two at once: the second waits for the first, and is run again when it is through
        self.env.cr.execute(
            SQL("UPDATE res_users SET write_date = write_date WHERE id = %s", self.env.uid)
        )
        known = self.with_context(active_test=False).search(
            [
                ("owner_id", "=", self.env.uid),
                ("contact_id", "in", [vals["contact_id"] for vals in vals_list]),
                ("kind", "!=", "other"),
            ],
            order="active, id",
        )
        by_day = {
            self._get_day_key(reminder.kind, reminder.contact_id.id, reminder.date): reminder
            for reminder in known
        }
        found, missing = self.browse(), []
        for vals in vals_list:
            key = self._get_day_key(vals["kind"], vals["contact_id"], vals["date"])
            reminder = by_day.get(key)
            if reminder is None:
                missing.append(vals)
                continue
            if not reminder.active:
                reminder.write({**vals, "active": True})
            found += reminder
        return found.with_env(self.env) + self.create(missing)

    def _get_notification(self):
        """Action that tells when the user will be reminded."""
        if len(self) == 1:
            message = self.env._(
                "%(reminder)s: you will be reminded on %(date)s.",
                reminder=self.name,
                date=format_date(self.env, self.next_date),
            )
        else:
            message = self.env._("You will be reminded of %(count)s days.", count=len(self))
        return self.env["ir.actions.client"]._get_notification(message)

    @api.model
    def _get_day_key(self, kind, contact_id, date):
        return kind, contact_id, kind == "anniversary" and fields.Date.to_date(date)

    # ------------------------------------------------------------------
    # Customers that become part of another one
    # ------------------------------------------------------------------

    @api.model
    def _hand_over(self, sources, customer):
        """The reminders of customers that become part of ``customer`` follow them."""
        self.flush_model(["customer_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE customer_reminder SET customer_id = %s WHERE customer_id = ANY(%s)",
                customer.id,
                sources.ids,
            )
        )
        self.env.invalidate_all()

    @api.model
    def _follow_contacts(self, contacts):
        """Have the customers computed again after contacts were re-pointed in SQL."""
        # sudo: they follow, whosever they are
        reminders = self.sudo().with_context(active_test=False)
        self.env.add_to_compute(
            self._fields["customer_id"], reminders.search([("contact_id", "in", contacts.ids)])
        )
