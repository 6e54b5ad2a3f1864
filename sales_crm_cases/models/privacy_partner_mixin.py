from dateutil.relativedelta import relativedelta
from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

OFFICER = "sales_crm_cases.group_privacy_officer"
# who may read the identity of a person whose invoices the law keeps
KEEPERS = (
    "account.group_account_readonly",
    "account.group_account_invoice",
    "sales_crm_cases.group_customer_approver",
)
# written by the code of privacy alone
SERVER_FIELDS = {"privacy_state", "privacy_date", "privacy_hold_until", "touch_date"}
COMPARED = {"<": SQL(">"), "<=": SQL(">="), ">": SQL("<"), ">=": SQL("<=")}


class PrivacyPartnerMixin(models.AbstractModel):
    """The age of what is known of a person, and what became of it (G2, G3)."""

    _name = "privacy.partner.mixin"
    _description = "Privacy of a person"

    privacy_state = fields.Selection(
        [("restricted", "Anonymised, invoices kept"), ("anonymised", "Anonymised")],
        string="Privacy",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Anonymised, invoices kept: name and address stay for accounts as long as the law "
        "asks for the invoices, and go afterwards.",
    )
    privacy_date = fields.Datetime(string="Anonymised on", readonly=True, copy=False)
    privacy_hold_until = fields.Date(
        string="Invoices kept until", readonly=True, copy=False, index="btree_not_null"
    )
    touch_date = fields.Date(
        string="Touched on",
        readonly=True,
        copy=False,
        groups=OFFICER,
        help="The day on which an officer decided that the data is needed still.",
    )
    privacy_age = fields.Integer(
        string="Age (days)",
        compute="_compute_privacy_age",
        search="_search_privacy_age",
        compute_sudo=True,
        aggregator=None,
        groups=OFFICER,
        help="Days since the last activity or touch; since the person was entered, if there is none.",
    )
    privacy_visible = fields.Boolean(
        compute="_compute_privacy_visible",
        search="_search_privacy_visible",
        export_string_translation=False,
    )

    @api.depends("touch_date", "last_contact_date", "commercial_partner_id.last_contact_date")
    def _compute_privacy_age(self):
        today = fields.Date.context_today(self)
        for partner in self:
            last = max(
                (
                    date
                    for date in (
                        partner.touch_date,
                        partner.commercial_partner_id.last_contact_date,
                        partner.create_date and partner.create_date.date(),
                    )
                    if date
                ),
                default=today,
            )
            partner.privacy_age = max((today - last).days, 0)

    def _search_privacy_age(self, operator, value):
        today = fields.Date.context_today(self)
        if operator == "in":
            limit = [today - relativedelta(days=int(days)) for days in value]
            compared = SQL("= ANY(%s)", limit)
        elif operator in COMPARED:
            limit = today - relativedelta(days=int(value))
            compared = SQL("%s %s", COMPARED[operator], limit)
        else:
            return NotImplemented
        self.flush_model(["touch_date", "last_contact_date", "commercial_partner_id"])

        def to_sql(model, alias, query):
            return SQL(
                """
                GREATEST(%(touched)s, %(created)s::date,
                         (SELECT c.last_contact_date FROM res_partner c WHERE c.id = %(entity)s))
                %(compared)s
                """,
                touched=SQL.identifier(alias, "touch_date"),
                created=SQL.identifier(alias, "create_date"),
                entity=SQL.identifier(alias, "commercial_partner_id"),
                compared=compared,
            )

        return Domain.custom(to_sql=to_sql)

    @api.onchange("email", "phone")
    def _onchange_forgotten_address(self):
        return self._warn_if_forgotten()

    @api.depends("privacy_state")
    @api.depends_context("uid")
    def _compute_privacy_visible(self):
        reads_all = not self._has_restricted() or self._user_reads_restricted()
        for partner in self:
            # sudo: this decides about access
            partner.privacy_visible = reads_all or partner.sudo().privacy_state != "restricted"

    def _search_privacy_visible(self, operator, value):
        if operator != "in" or True not in value or False in value:
            return NotImplemented
        if not self._has_restricted() or self._user_reads_restricted():
            return Domain.TRUE
        return Domain("privacy_state", "!=", "restricted")

    @api.model
    @ormcache()
    def _has_restricted(self):
        """Whether there is anybody whom only accounts may read: as long as there is not, the rule
        costs nothing. Whoever restricts somebody clears the cache."""
        rows = self.env.execute_query(
            SQL("SELECT 1 FROM res_partner WHERE privacy_state = 'restricted' LIMIT 1")
        )
        return bool(rows)

    @api.model
    def _user_reads_restricted(self):
        user = self.env.user
        return user.id == SUPERUSER_ID or any(user.has_group(group) for group in KEEPERS)

    def _mask_restricted_names(self):
        """Odoo shows the name of whatever a document points to: not that of these."""
        if not self._has_restricted() or self._user_reads_restricted():
            return
        for partner in self:
            # sudo: this decides about access
            if partner.sudo().privacy_state == "restricted":
                partner.display_name = self.env._("Restricted person")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in SERVER_FIELDS}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and SERVER_FIELDS & vals.keys():
            vals = {name: value for name, value in vals.items() if name not in SERVER_FIELDS}
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions of the officer
    # ------------------------------------------------------------------

    def action_touch(self):
        """Set the age of people to zero: their data is needed still (G2).

        :raise AccessError: no privacy officer
        """
        self.env["privacy.request"]._check_officer()
        self.check_access("read")
        # sudo: officers need not have the right to edit customers
        self.sudo().with_context(tracking_disable=True).touch_date = fields.Date.context_today(self)
        return True

    def action_open_anonymize(self):
        """Show what will go and what stays, and ask (G2).

        :raise AccessError: no privacy officer
        """
        self.env["privacy.request"]._check_officer()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Anonymise"),
            "res_model": "privacy.anonymize.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": self.ids},
        }

    def action_export_subject(self):
        """Download all that is known of the person, for machines (G5).

        :raise AccessError: no privacy officer
        """
        return self._download_subject("")

    def action_print_subject(self):
        """Download the same for people to read. Errors as above."""
        return self._download_subject("/report")

    def _download_subject(self, path):
        self.ensure_one()
        self.env["privacy.request"]._check_officer()
        return {
            "type": "ir.actions.act_url",
            "url": f"/sales_crm_cases/privacy/{self.id}{path}",
            "target": "download",
        }
