from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import ormcache

APPROVER = "sales_crm_cases.group_customer_approver"
SALESMAN = "sales_team.group_sale_salesman"
ALL_DOCUMENTS = "sales_team.group_sale_salesman_all_leads"
ADMINISTRATOR = "sales_team.group_sale_manager"
# Only the creation of a user puts this object into the context.
CREATING_USER = object()
# kept in res.users.settings, shown in the preferences
CRM_OPTIONS = ("show_subordinates", "recommendation_digest", "recommend_birthdays")


class ResUsers(models.Model):
    _inherit = "res.users"

    show_subordinates = fields.Boolean(
        string="Show items for subordinates",
        compute="_compute_crm_options",
        inverse="_inverse_crm_options",
        help="The records of the employees below you, at any depth, appear in all lists.",
    )
    recommendation_digest = fields.Boolean(
        string="Daily digest of recommendations",
        compute="_compute_crm_options",
        inverse="_inverse_crm_options",
        help="One message each morning with what is recommended to you and your reminders; none "
        "on days without.",
    )
    recommend_birthdays = fields.Boolean(
        string="Recommend birthdays of contacts",
        compute="_compute_crm_options",
        inverse="_inverse_crm_options",
        help="Birthdays and anniversaries of your customers' contacts appear among your "
        "recommendations.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, *CRM_OPTIONS]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, *CRM_OPTIONS]

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        # Odoo makes it of the contact's name, which it reads as superuser
        if self._is_sight_limited():
            self._filter_hidden().with_env(self.env).display_name = False
        return result

    @api.depends(*(f"res_users_settings_id.{name}" for name in CRM_OPTIONS))
    def _compute_crm_options(self):
        # without a record yet: what a new one will say
        defaults = self.env["res.users.settings"].default_get(CRM_OPTIONS)
        for user in self:
            settings = user.res_users_settings_id
            for name in CRM_OPTIONS:
                user[name] = settings[name] if settings else defaults.get(name, False)

    def _inverse_crm_options(self):
        for user in self:
            settings = self.env["res.users.settings"]._find_or_create_for_user(user)
            changed = {name: user[name] for name in CRM_OPTIONS if settings[name] != user[name]}
            if changed:
                settings.write(changed)

    @api.model_create_multi
    def create(self, vals_list):
        # the partner of a user is a colleague or a portal user, never a new customer
        return (
            super(ResUsers, self.with_context(creating_user=CREATING_USER))
            .create(vals_list)
            .with_env(self.env)
        )

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            # sudo: whoever may archive users need not read employees
            users = self.sudo().filtered("active").sudo(False)
            employees = self.env["hr.employee"].sudo().with_context(active_test=False)
            linked = employees.search([("user_id", "in", users.ids)])
            linked.sudo(self.env.su)._ask_for_successor("user")
        return super().write(vals)

    def action_archive(self):
        # Odoo deletes the open activities of whom it archives; those on customers are left for
        # whoever takes the customers over. sudo: the user's, whoever archives him
        self.env["mail.activity"].sudo().search(
            [("user_id", "in", self.ids), ("customer_id", "!=", False)]
        ).user_id = False
        return super().action_archive()

    @ormcache("self.id")
    def _is_customer_restricted(self):
        """Whether the user sees only the customers that are linked to him or to whom he
        may see: a salesman with "Own Documents Only" who is not accounts."""
        self.ensure_one()
        # not a question of sudo(): record rules are evaluated as superuser for the user
        return (
            self.id != SUPERUSER_ID
            and self.has_group(SALESMAN)
            and not self.has_group(ALL_DOCUMENTS)
            and not self.has_group(APPROVER)
        )

    @ormcache("self.id")
    def _get_own_tz(self):
        """The time zone in the user's preferences; a change of it clears the cache."""
        # sudo: one's own
        return self.sudo().tz or "UTC"

    def _works_with_customers(self):
        """Whether the user's rights are about customers: salesmen and accounts."""
        self.ensure_one()
        return self.has_group(SALESMAN) or self.has_group(APPROVER)

    def _filter_by_sight(self, operation):
        """The users whose contacts the current user sees: portal users follow their customer."""
        # sudo: only ids of self come back
        partners = self.sudo().partner_id.sudo(False)._filter_by_sight(operation)
        return self.filtered(lambda user: user.sudo().partner_id.id in partners.ids)

    def _get_unrestricted_reason(self):
        """Code and sentence: why all customers are visible to the user (V7)."""
        self.ensure_one()
        if self.has_group(ADMINISTRATOR):
            return "administrator", self.env._("You administer the CRM: you see all customers.")
        if self.has_group(APPROVER):
            return "accounts", self.env._("You are accounts: you see all customers.")
        if self.has_group(ALL_DOCUMENTS):
            return "all_documents", self.env._(
                "You have the right “All Documents” in Sales: you see all customers."
            )
        return "not_restricted", self.env._(
            "You are no salesman: you see the contacts that your other rights allow."
        )

    def _tell_by_mail(self, subject, body, **options):
        """A message of the system to the users, by mail or inbox as they prefer, in the language
        of the environment. The queue sends the mails: nobody waits for a mail server.

        :param options: more parameters of ``message_notify``
        """
        # sudo: whoever does what they are told of
        threads = self.env["mail.thread"].sudo().with_context(mail_notify_force_send=False)
        threads.message_notify(
            partner_ids=self.sudo().partner_id.ids,
            subject=subject,
            body=body,
            author_id=self.env.ref("base.partner_root").id,
            **options,
        )

    def _tell_on_screen(self, title, message, kind="info", **options):
        """A notice to the users, where they are signed in.

        :param kind: as Odoo names it: success, info, warning or danger
        :param options: more of what the web client knows, as ``sticky``
        """
        self._bus_send(
            "simple_notification", {"title": title, "message": message, "type": kind, **options}
        )

    def _get_salesman_employee(self):
        """The user's active employee record, of the current company first."""
        self.ensure_one()
        # sudo: salesmen cannot read employees; this one is the user himself
        employees = self.env["hr.employee"].sudo().search([("user_id", "=", self.id)], order="id")
        return (
            employees.filtered(lambda e: e.company_id == self.env.company)[:1] or employees[:1]
        ).sudo(False)
