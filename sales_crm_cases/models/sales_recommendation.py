from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, clean_context, format_date

PENDING = ("open", "snoozed")


class LockedMany2one(fields.Many2one):
    """A many2one without foreign key, to records of which whoever writes the value holds the lock:
    nobody deletes them meanwhile. PostgreSQL would look them up for each row once more, in a
    night for 20,000 rows the same four."""

    def update_db_foreign_key(self, model, column):
        pass


class SalesRecommendation(models.Model):
    """What a salesman is told in time: whom to call, which contract or quote ends (R1-R3).

    Made, renewed and closed by the generator alone; people follow up, snooze, dismiss and
    take that back. Whoever sees the customer sees them; those of a salesman's own (birthdays)
    only he and his managers.
    """

    _name = "sales.recommendation"
    _inherit = ["customer.document.mixin", "sales.recommendation.generator.mixin"]
    _description = "Recommendation"
    _order = "due_date, id"
    _rec_names_search = ["customer_id"]
    _check_company_auto = True

    # what
    kind_id = LockedMany2one(
        "sales.recommendation.kind", required=True, readonly=True, ondelete="cascade"
    )
    kind_code = fields.Char(related="kind_id.code", export_string_translation=False)
    icon = fields.Char(related="kind_id.icon", export_string_translation=False)
    res_model = fields.Char(string="Subject's model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Subject", model_field="res_model", required=True, readonly=True
    )
    period_key = fields.Char(
        string="Period",
        required=True,
        readonly=True,
        help="What was decided for a subject counts for this period; the next one starts anew.",
    )
    owner_key = fields.Integer(
        readonly=True,
        default=0,
        export_string_translation=False,
        help="Of a salesman's own: the employee. Else 0: one for all who are linked.",
    )
    # for whom
    customer_id = fields.Many2one("res.partner", required=True, readonly=True, ondelete="cascade")
    employee_id = fields.Many2one(
        "hr.employee",
        string="Salesman",
        readonly=True,
        ondelete="set null",
        context={"active_test": False},
    )
    is_mine = fields.Boolean(
        string="Mine",
        compute="_compute_is_mine",
        search="_search_is_mine",
        export_string_translation=False,
        help="Recommended to me, or to somebody for whom I stand in today.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    # why and when
    due_date = fields.Date(required=True, readonly=True)
    details = fields.Json(readonly=True, export_string_translation=False)
    reason = fields.Char(compute="_compute_reason", compute_sudo=True)
    # what became of it
    state = fields.Selection(
        [
            ("open", "Open"),
            ("snoozed", "Snoozed"),
            ("followed", "Followed up"),
            ("dismissed", "Dismissed"),
            ("expired", "Closed by itself"),
        ],
        required=True,
        readonly=True,
        default="open",
    )
    snooze_until = fields.Date(string="Snoozed until", readonly=True)
    dismiss_reason = fields.Char(string="Dismissed because", readonly=True)
    activity_id = fields.Many2one(
        "mail.activity",
        string="Followed up by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        context={"active_test": False},
    )

    _subject_period_unique = models.UniqueIndex(
        "(res_id, kind_id, period_key, owner_key, res_model)",
        "There is a recommendation of this kind for the subject and period already.",
    )
    # As few as will do: a night's new rows cost more than finding them, and most of it are
    # indexes and foreign keys.
    # whatever closes those of a customer, and the keys of customer and employee
    _customer_idx = models.Index("(customer_id, kind_id)")
    # the lists: of all, and of a salesman
    _open_due_idx = models.Index("(due_date, id) WHERE state = 'open'")
    _employee_idx = models.Index("(employee_id, state, due_date)")
    _snoozed_idx = models.Index("(snooze_until) WHERE state = 'snoozed'")

    # ------------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------------

    @api.depends("kind_id", "customer_id")
    def _compute_display_name(self):
        for recommendation in self:
            # sudo: the name alone, as everywhere in Odoo
            customer = recommendation.customer_id.sudo().name
            recommendation.display_name = f"{recommendation.kind_id.name}: {customer}"

    @api.depends("kind_id", "details", "due_date", "res_model", "res_id")
    @api.depends_context("lang", "tz", "uid")
    def _compute_reason(self):
        for kind, recommendations in self.grouped("kind_id").items():
            if not kind:
                recommendations.reason = False
                continue
            for recommendation, reason in kind._get_reasons(recommendations).items():
                recommendation.reason = reason

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        mine = self.filtered_domain(self._get_mine_domain())
        mine.is_mine = True
        (self - mine).is_mine = False

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self._get_mine_domain()
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    @api.model
    def _get_mine_domain(self):
        visibility = self.env["sales.visibility"]
        visibility._flush_sources()
        uid = self.env.uid
        conditions = visibility._get_row_conditions("read", visibility._get_today())
        # an array, of which the planner expects ten ids: it starts from them. In a sub-select it
        # looks at everybody's for who sees them all
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                %s = ANY(ARRAY(SELECT v.employee_id FROM sales_visibility v
                                WHERE v.user_id = %s AND v.reason IN ('own', 'delegate') AND %s))
                """,
                model._field_to_sql(alias, "employee_id", query),
                uid,
                conditions,
            )
        )

    # ------------------------------------------------------------------
    # Sight
    # ------------------------------------------------------------------

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        """Those of visible customers; of a salesman's own, those of whom the user sees."""
        # leading: open ones are few, by their customers they are found at once
        customers = scope.get_customer_domain(self._customer_path, purpose, leading=True)
        return customers & (Domain("owner_key", "=", 0) | self._get_own_domain(scope))

    @api.model
    def _get_own_domain(self, scope):
        if scope.is_everything or scope.employee_ids is not None:
            return scope.get_employee_domain("owner_key")
        # for each of them, as they are few; a hash would first read everybody he sees
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                EXISTS (SELECT 1 FROM sales_visibility v
                         WHERE v.user_id = %s AND v.employee_id = %s AND %s OFFSET 0)
                """,
                scope.uid,
                model._field_to_sql(alias, "owner_key", query),
                scope.conditions,
            )
        )

    @api.model
    def _get_sight_dependencies(self):
        return [*super()._get_sight_dependencies(), "owner_key"]

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if field_names is not None and "company_id" not in field_names:
            # the rule of the companies asks for it next: one query does for both
            field_names = [*field_names, "company_id"]
        return super().search_fetch(domain, field_names, offset, limit, order)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if not self.env.su:
            raise UserError(
                self.env._(
                    "Recommendations are not edited. Follow them up, snooze or dismiss them."
                )
            )
        if not vals.get("employee_id"):
            return super().write(vals)
        # handed over: those of a salesman's own become his successor's, unless he has them
        own = self.filtered("owner_key")
        doubled = own._filter_doubled(vals["employee_id"])
        moved = own - doubled
        super(SalesRecommendation, moved).write({**vals, "owner_key": vals["employee_id"]})
        super(SalesRecommendation, doubled).write({"state": "expired", "snooze_until": False})
        return super(SalesRecommendation, self - own).write(vals)

    def _filter_doubled(self, employee_id):
        """Those of ``self`` that the employee has, too."""
        if not self:
            return self
        others = self.search(
            [("owner_key", "=", employee_id), ("customer_id", "in", self.customer_id.ids)]
        )
        known = {other._get_subject() for other in others}
        return self.filtered(lambda each: each._get_subject() in known)

    def _get_subject(self):
        return (self.kind_id.id, self.res_model, self.res_id, self.period_key)

    # ------------------------------------------------------------------
    # Follow up, snooze, dismiss, undo (R3)
    # ------------------------------------------------------------------

    def action_follow_up(self):
        """Plan an activity on the customer, due today, and show it (R3).

        :return: action: the new activity in a dialog
        :raise UserError: decided already, by whomever
        :raise AccessError: the user may not change the customer
        """
        self.ensure_one()
        self._lock_pending()
        activity = self._plan_follow_up()
        # sudo: the state follows from the activity that the user was allowed to plan
        self.sudo().write({"state": "followed", "activity_id": activity.id, "snooze_until": False})
        return {**activity.action_edit(), "name": self.env._("Follow up")}

    def action_snooze(self, date):
        """Put them off until a day, on which they are open again (R3).

        :param date: a date or ``YYYY-MM-DD``, after today
        :return: True
        :raise UserError: no date, not after today, or decided already
        """
        day = self._to_future_date(date)
        self._lock_pending()
        # sudo: rights were checked; nobody writes the fields but these methods
        return self.sudo().write({"state": "snoozed", "snooze_until": day})

    def action_dismiss(self, reason):
        """Decide that nothing is to be done; not repeated in this period (R3).

        :param reason: why, not empty
        :return: True
        :raise UserError: no reason, or decided already
        """
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("Please say why nothing is to be done."))
        self._lock_pending()
        # sudo: as above
        return self.sudo().write(
            {"state": "dismissed", "dismiss_reason": reason, "snooze_until": False}
        )

    def action_undo(self):
        """Take back what was decided: they are open again (R3). The activity that was planned is
        cancelled, unless it is done.

        :return: True
        :raise UserError: open anyway, or closed by itself meanwhile
        """
        self._lock()
        for recommendation in self:
            if recommendation.state not in ("snoozed", "followed", "dismissed"):
                raise UserError(
                    self.env._(
                        "“%(recommendation)s” is “%(state)s”: there is nothing to take back.",
                        recommendation=recommendation.display_name,
                        state=recommendation._get_state_label(),
                    )
                )
        # first: as long as a call is planned, there is no reason for another one
        self.activity_id.filtered("active").unlink()
        # sudo: as above
        self.sudo().write(
            {
                "state": "open",
                "snooze_until": False,
                "dismiss_reason": False,
                "activity_id": False,
            }
        )
        self._recheck(self.sudo().customer_id.ids)
        return True

    def _plan_follow_up(self):
        document = self._get_follow_up_document()
        # sudo: the kind's settings
        activity_type = self.kind_id.sudo().activity_type_id or self.env.ref(
            "mail.mail_activity_data_call", raise_if_not_found=False
        )
        values = {
            "res_model_id": self.env["ir.model"]._get_id(document._name),
            "res_id": document.id,
            "summary": self.reason,
            "date_deadline": max(self._get_follow_up_date(), fields.Date.context_today(self)),
            "user_id": self.env.uid,
        }
        if activity_type:
            values["activity_type_id"] = activity_type.sudo(False).id
        activities = self.env["mail.activity"].with_context(clean_context(self.env.context))
        return activities.create(values).with_env(self.env)

    def _get_follow_up_document(self):
        """On what the activity is planned: the subject if it takes the customer's activities,
        else the customer."""
        if self.res_model in self.env["mail.activity"]._get_customer_models():
            subject = self.env[self.res_model].browse(self.res_id)
            if subject.has_access("read"):
                return subject
        return self.customer_id

    def _get_follow_up_date(self):
        # congratulations are for the day itself
        return self.due_date if self.owner_key else fields.Date.context_today(self)

    def _to_future_date(self, value):
        try:
            date = fields.Date.to_date(value)
        except (TypeError, ValueError):
            date = None
        if not date:
            raise UserError(self.env._("Please give the day until which to snooze it."))
        today = fields.Date.context_today(self)
        if date <= today:
            raise UserError(
                self.env._(
                    "%(date)s is not in the future. Choose tomorrow or a later day.",
                    date=format_date(self.env, date),
                )
            )
        return date

    def _lock(self):
        """Take them for a decision, whoever else is about to take one."""
        self.check_access("write")
        self._lock_or_refuse(
            lambda: self.env._(
                "Somebody else is deciding this recommendation at this moment. "
                "Reload the page to see the outcome."
            ),
            ["state", "activity_id", "snooze_until"],
        )

    def _lock_pending(self):
        """As :meth:`_lock`, and refuse what is decided."""
        self._lock()
        for recommendation in self:
            if recommendation.state not in PENDING:
                raise UserError(
                    self.env._(
                        "“%(recommendation)s” is “%(state)s” already. Reload the page; “Undo” takes "
                        "back what was decided.",
                        recommendation=recommendation.display_name,
                        state=recommendation._get_state_label(),
                    )
                )

    def _get_state_label(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        return labels[self.state]

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_snooze(self):
        """Ask until when."""
        return self._open_dialog("snooze", self.env._("Snooze"))

    def action_open_dismiss(self):
        """Ask why."""
        return self._open_dialog("dismiss", self.env._("Dismiss"))

    def _open_dialog(self, mode, title):
        self.check_access("write")
        return self.env["ir.actions.act_window"]._get_dialog(
            "sales.recommendation.wizard",
            title,
            {"default_mode": mode, "default_recommendation_ids": self.ids},
        )

    def action_view_customer(self):
        """Open the customer (R3)."""
        self.ensure_one()
        self.check_access("read")
        return self.customer_id._get_customer_action()

    def action_view_subject(self):
        """Open what the recommendation is about: contract, quote, contact."""
        self.ensure_one()
        self.check_access("read")
        subject = self.env[self.res_model].browse(self.res_id).exists()
        if not subject or subject._name == "customer.anniversary":
            return self.action_view_customer()
        subject.check_access("read")
        return subject.get_formview_action()

    def action_win(self):
        """Open the case that wins or renews the contract (R4); this follows it up.

        :raise UserError: it is about no contract
        """
        self.ensure_one()
        self.check_access("write")
        if self.res_model != "third.party.contract":
            raise UserError(self.env._("This recommendation is about no contract."))
        contract = self.env["third.party.contract"].browse(self.res_id)
        if self.state in PENDING:
            self._lock_pending()
            # sudo: as above; before the case, which would close it
            self.sudo().write({"state": "followed", "snooze_until": False})
        return contract.action_win()
