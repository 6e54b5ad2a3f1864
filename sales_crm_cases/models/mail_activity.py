from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL, clean_context, html2plaintext

from ..visibility_scope import FEW_RECORDS

# Only our own steps put this object into the context: they complete what is done already,
# and the activity that follows may be due before today.
ACTIVITY_STEP = object()

# What was done is history: nobody changes these of a done activity.
HISTORY_FIELDS = frozenset(
    {
        "active",
        "activity_type_id",
        "date_deadline",
        "date_done",
        "done_at",
        "feedback",
        "note",
        "outcome",
        "res_id",
        "res_model",
        "res_model_id",
        "summary",
        "user_id",
    }
)
# Kept by the server alone.
SERVER_FIELDS = frozenset(
    {
        "case_id",
        "customer_id",
        "date_done",
        "done_at",
        "first_deadline",
        "postpone_count",
        "postponement_ids",
    }
)
DOCUMENT_FIELDS = frozenset({"res_id", "res_model", "res_model_id"})
NEXT_KEYS = frozenset({"outcome", "activity_type_id", "summary", "date_deadline", "note"})


class NextActivity(dict):
    """Values of the activity that follows. In the context they are no plain dict, so that no
    caller from outside can put them there."""


class MailActivity(models.Model):
    """Activities of customers: whose they are, when they were due first, how they ended.

    They follow the customer of their document, whoever they are assigned to (V1). A
    salesman changes his own ones and those of whom he may edit (V5); what is done stays as
    it was done (C7). Activities of other documents are as Odoo makes them.
    """

    _name = "mail.activity"
    _inherit = ["mail.activity", "customer.document.mixin", "team.document.mixin"]

    # Odoo's own check: assigned to the user, or on a document that he may change
    _uncustomered_is_public = True

    customer_id = fields.Many2one(
        "res.partner",
        string="CRM customer",
        compute="_compute_customer_id",
        compute_sudo=True,
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        help="The customer of the document; empty: as visible as without this app.",
    )
    case_id = fields.Many2one(
        "crm.lead",
        compute="_compute_case_id",
        compute_sudo=True,
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        help="The case on which the activity is, or to which its quote belongs, if both are of "
        "the same customer: who sees the activity sees the case.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        compute="_compute_contact_id",
        compute_sudo=True,
        export_string_translation=False,
    )
    contact_phone = fields.Char(compute="_compute_contact_id", compute_sudo=True)
    first_deadline = fields.Date(
        string="First due date",
        readonly=True,
        copy=False,
        help="When the activity was to be done as it was planned first.",
    )
    postpone_count = fields.Integer(string="Postponed", readonly=True, copy=False)
    postponement_ids = fields.One2many(
        "mail.activity.postponement", "activity_id", string="Postponements", readonly=True
    )
    outcome = fields.Char(copy=False, help="What came of it, in a few words.")
    done_at = fields.Datetime(readonly=True, copy=False)
    is_customer_activity = fields.Boolean(
        string="On a customer",
        compute="_compute_is_customer_activity",
        search="_search_is_customer_activity",
        export_string_translation=False,
        help="Lists of salesmen ask for this: who sees the customer sees the activity, so the "
        "database finds them without a look at each document.",
    )

    is_existing_customer = fields.Boolean(
        compute="_compute_is_existing_customer",
        search="_search_is_existing_customer",
        compute_sudo=True,
        export_string_translation=False,
        help="The customer had an order or an invoice before the day on which it was done.",
    )

    # "IS TRUE" as the ORM writes it: PostgreSQL sees no index of "active" alone fit for it
    _user_deadline_idx = models.Index("(user_id, date_deadline) WHERE active IS TRUE")
    _customer_deadline_idx = models.Index(
        "(customer_id, date_deadline) WHERE active IS TRUE AND customer_id IS NOT NULL"
    )
    _user_done_idx = models.Index("(user_id, date_done) WHERE date_done IS NOT NULL")
    _customer_done_idx = models.Index(
        "(customer_id, date_done) WHERE date_done IS NOT NULL AND customer_id IS NOT NULL"
    )

    # ------------------------------------------------------------------
    # What the activity belongs to
    # ------------------------------------------------------------------

    @api.depends("res_model", "res_id")
    def _compute_customer_id(self):
        for model_name, activities in self.grouped("res_model").items():
            if not model_name or model_name not in self.env:
                activities.customer_id = False
                continue
            documents = self.env[model_name].browse(activities.mapped("res_id")).exists()
            customers = documents._get_customer_by_document()
            for activity in activities:
                activity.customer_id = customers.get(activity.res_id, False)

    @api.depends("res_model", "res_id")
    def _compute_case_id(self):
        paths = self._get_case_paths()
        for model_name, activities in self.grouped("res_model").items():
            if model_name not in paths:
                activities.case_id = False
                continue
            path = paths[model_name]
            documents = self.env[model_name].browse(activities.mapped("res_id")).exists()
            cases = {}
            for document in documents:
                case = document[path] if path else document
                if case.customer_id == document.customer_id:
                    cases[document.id] = case
            for activity in activities:
                activity.case_id = cases.get(activity.res_id, False)

    @api.model
    def _sync_cases(self, order_ids=None, case_ids=None):
        """Activities of quotes, done ones too, go to the case of the quote.

        :param order_ids: ids of the quotes
        :param case_ids: ids of cases; without either, all quotes
        """
        condition = SQL("TRUE")
        if order_ids is not None:
            condition = SQL("d.id = ANY(%s)", list(order_ids))
        elif case_ids is not None:
            condition = SQL("d.opportunity_id = ANY(%s)", list(case_ids))
        self.flush_model(["res_model", "res_id", "case_id"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_activity a SET case_id = l.id
                  FROM sale_order d
                  LEFT JOIN crm_lead l ON l.id = d.opportunity_id
                                      AND l.customer_id IS NOT DISTINCT FROM d.customer_id
                 WHERE a.res_model = 'sale.order' AND a.res_id = d.id AND %s
                   AND a.case_id IS DISTINCT FROM l.id
                """,
                condition,
            )
        )
        self.invalidate_model(["case_id"], flush=False)

    @api.depends("case_id.partner_id", "customer_id", "res_model", "res_id")
    def _compute_contact_id(self):
        """Whom to call: the case's contact, the contact it is planned on, or the customer's."""
        partners = self.filtered(lambda activity: activity.res_model == "res.partner")
        existing = set(self.env["res.partner"].browse(partners.mapped("res_id")).exists().ids)
        for activity in self:
            contact = activity.case_id.partner_id
            if not contact and activity.res_model == "res.partner" and activity.res_id in existing:
                contact = self.env["res.partner"].browse(activity.res_id)
            if (not contact or contact == activity.customer_id) and activity.customer_id:
                contact = activity.customer_id.main_contact_id or activity.customer_id
            activity.contact_id = contact
            activity.contact_phone = contact.phone or activity.customer_id.phone

    @api.model
    def _get_case_paths(self):
        """``{model of a document: its field to the case}``; None: it is the case itself."""
        return {"crm.lead": None, "sale.order": "opportunity_id"}

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        # pending changes of the documents' customers reach the activities when they are flushed
        for model_name in self._get_synced_models():
            self.env[model_name].flush_model(
                ["customer_id" if model_name != "account.move" else "partner_id"]
            )
        return super()._get_sight_domain(scope, purpose)

    @api.model
    def _get_synced_models(self):
        """Models whose activities change their customer with the document."""
        return ["res.partner", "crm.lead", "sale.order", "account.move"]

    @api.model
    def _sync_customers(self, model_name, document_ids=None):
        """Give the documents' activities, done ones too, the customer of the document, and
        both customers their new dates of rank calls.

        :param document_ids: ids, or None for all documents of the model; then the caller has to
            bring the dates of the customers up to date
        """
        if document_ids is not None and not document_ids:
            return
        self.flush_model(["res_model", "res_id", "customer_id"])
        self.env["res.partner"].flush_model(["customer_id"])
        customer = SQL("d.customer_id")
        if model_name == "account.move":
            customer = SQL("(SELECT p.customer_id FROM res_partner p WHERE p.id = d.partner_id)")
        moved = SQL(
            """
            SELECT a.id, a.customer_id AS customer_before, %(customer)s AS customer_after
              FROM mail_activity a JOIN %(table)s d ON d.id = a.res_id
             WHERE a.res_model = %(model)s AND %(condition)s
               AND a.customer_id IS DISTINCT FROM %(customer)s
            """,
            customer=customer,
            table=SQL.identifier(self.env[model_name]._table),
            model=model_name,
            condition=SQL("TRUE")
            if document_ids is None
            else SQL("d.id = ANY(%s)", list(document_ids)),
        )
        update = SQL(
            "UPDATE mail_activity a SET customer_id = m.customer_after FROM (%s) m WHERE m.id = a.id",
            moved,
        )
        if document_ids is None:
            self.env.cr.execute(update)
        else:
            rows = self.env.execute_query(
                SQL("%s RETURNING m.customer_before, m.customer_after", update)
            )
            customer_ids = {id_ for row in rows for id_ in row if id_}
            self.env["res.partner"].browse(customer_ids)._recompute_rank_calls()
        self.invalidate_model(["customer_id", "crm_visible", "crm_editable"], flush=False)

    # ------------------------------------------------------------------
    # Lists: who sees the customer sees the activity
    # ------------------------------------------------------------------

    @api.model
    def _get_customer_models(self):
        """Models whose records everybody sees who sees their customer."""
        return ["res.partner", "crm.lead", "sale.order"]

    @api.depends("customer_id", "res_model")
    def _compute_is_customer_activity(self):
        models_of_customers = self._get_customer_models()
        for activity in self:
            activity.is_customer_activity = (
                bool(activity.customer_id) and activity.res_model in models_of_customers
            )

    def _search_is_customer_activity(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("customer_id", "!=", False) & Domain(
            "res_model", "in", self._get_customer_models()
        )
        return Domain.OR(found if wanted else ~found for wanted in value)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        """Odoo reads all matching rows to ask for their documents one by one. Where only
        activities of customers are asked for, the rules say it in SQL."""
        domain = Domain(domain)
        if not self.env.su and not bypass_access and self._asks_for_customers_only(domain):
            self.browse().check_access("read")
            domain &= self._get_rules_of_customer_activities()
            domain &= self._get_document_domain()
            bypass_access = True
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    @api.model
    def _get_rules_of_customer_activities(self):
        """The record rules, where all activities have a customer: without the half of the
        sight that is about the others, queries start from the index on the customer."""
        purpose = self._get_sight_purpose()
        scope = self.env["sales.visibility"]._get_scope("read", purpose)
        sight = self._get_leading_sight(scope, purpose)
        if not scope.is_everything:
            # flushes what the sight depends on
            self._get_sight_domain(scope, purpose)
        return (
            self.env["ir.rule"]
            ._compute_domain(self._name, "read")
            .map_conditions(
                lambda condition: (
                    sight
                    if condition.field_expr == "crm_visible"
                    and condition.operator == "in"
                    and list(condition.value) == [True]
                    else condition
                )
            )
        )

    @api.model
    def _get_leading_sight(self, scope, purpose=None):
        """The sight of activities that have a customer, from which a query may start."""
        return scope.get_customer_domain("customer_id", purpose, leading=True)

    @api.model
    def _asks_for_customers_only(self, domain):
        parts = domain.children if isinstance(domain, DomainAnd) else (domain,)
        return self.env.user._works_with_customers() and any(
            isinstance(part, DomainCondition)
            and part.field_expr == "is_customer_activity"
            and (
                (part.operator == "=" and part.value is True)
                or (part.operator == "in" and list(part.value) == [True])
            )
            for part in parts
        )

    @api.model
    def _get_document_domain(self):
        """Documents of models that the user reads and of companies that he works in."""
        found = []
        foreign_ids = set(self.env["res.company"]._get_all_ids()) - set(self.env.companies.ids)
        for model_name in self._get_customer_models():
            documents = self.env[model_name]
            if not documents.has_access("read"):
                continue
            closed_ids = foreign_ids
            if foreign_ids and model_name == "res.partner":
                # as Odoo's own rule for contacts
                closed_ids = foreign_ids - set(self.env.companies.sudo().parent_ids.ids)
            condition = Domain("res_model", "=", model_name)
            if closed_ids:
                # sudo: what is left out here
                condition &= Domain(
                    "res_id",
                    "not in",
                    documents.sudo()
                    .with_context(active_test=False)
                    ._search([("company_id", "in", list(closed_ids))]),
                )
            found.append(condition)
        return Domain.OR(found)

    @api.depends("date_done", "customer_id.first_business_date")
    def _compute_is_existing_customer(self):
        for activity in self:
            first, done = activity.customer_id.first_business_date, activity.date_done
            activity.is_existing_customer = bool(first and done and first < done)

    def _search_is_existing_customer(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["res.partner"].flush_model(["first_business_date"])
        existing = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                COALESCE((SELECT p.first_business_date < %(done)s FROM res_partner p
                           WHERE p.id = %(customer)s), FALSE)
                """,
                done=model._field_to_sql(alias, "date_done", query),
                customer=model._field_to_sql(alias, "customer_id", query),
            )
        )
        return Domain.OR(existing if wanted else ~existing for wanted in value)

    # ------------------------------------------------------------------
    # Who changes what
    # ------------------------------------------------------------------

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if operation not in ("write", "unlink") or not self or self.env.su:
            return result
        foreign = self._filter_of_colleagues()
        if not foreign:
            return result
        forbidden = foreign | result[0] if result else foreign
        return forbidden, foreign._make_colleague_error

    def _filter_of_colleagues(self):
        """Those on customers that belong to somebody whose records the user may not change (V5)."""
        # sudo: this decides about access
        others = self.sudo().filtered(
            lambda activity: (
                activity.customer_id and activity.user_id and activity.user_id.id != self.env.uid
            )
        )
        if not others or not self.env.user._is_customer_restricted():
            return self.browse()
        scope = self.env["sales.visibility"]._get_scope("write", FEW_RECORDS)
        owner_ids = scope.filter_owners(self.env, others.user_id.ids)
        return self.browse(
            activity.id for activity in others if activity.user_id.id not in owner_ids
        )

    def _make_colleague_error(self):
        # sudo: colleagues' names, which everybody reads
        names = ", ".join(self.sudo().user_id.mapped("name"))
        return AccessError(
            self.env._(
                "This activity belongs to %(colleague)s. You can read it, but only its owner and the owner's "
                "managers can change it. Plan an activity of your own instead.",
                colleague=names,
            )
        )

    def _is_on_customer(self):
        """Those of ``self`` for which the rules of this app count."""
        # sudo: the customer is no news to who has the activity
        return self.filtered(lambda activity: activity.sudo().customer_id)

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        default = None
        if not all(vals.get("date_deadline") for vals in vals_list):
            default = self.default_get(["date_deadline"]).get("date_deadline")
        planned = []
        for vals in vals_list:
            kept = {name: value for name, value in vals.items() if name not in SERVER_FIELDS}
            planned.append({**kept, "first_deadline": vals.get("date_deadline") or default})
        activities = super().create(planned)
        if not self.env.su and self.env.context.get("activity_step") is not ACTIVITY_STEP:
            on_customers = activities._is_on_customer()
            if not all(on_customers.mapped("active")):
                raise UserError(
                    self.env._("An activity is planned first. Finish it with its outcome then.")
                )
            on_customers._check_deadline()
            activities._check_case_is_open()
        return activities

    def write(self, vals):
        is_step = self.env.su or self.env.context.get("activity_step") is ACTIVITY_STEP
        # before anything is said of the activities
        self.check_access("write")
        if not is_step:
            self._check_is_no_history(vals)
        moved = self.browse()
        if vals.get("date_deadline"):
            moved = self._log_postponements(fields.Date.to_date(vals["date_deadline"]))
        if vals.get("active") is False:
            self.filtered("active").sudo().done_at = fields.Datetime.now()
        result = super().write(vals)
        if vals.keys() & DOCUMENT_FIELDS:
            # as for a new one on that document
            self.check_access("create")
        if moved and not is_step:
            moved._check_deadline()
        if vals.keys() & {*DOCUMENT_FIELDS, "active"} and vals.get("active", True):
            self._check_case_is_open()
        return result

    def _check_deadline(self):
        """A new activity, or a new date of one, is not in the past.

        :raise UserError: names the date
        """
        today = fields.Date.context_today(self)
        for activity in self.sudo():
            # a meeting's activity follows the meeting
            if activity.date_deadline < today and not activity.calendar_event_id:
                raise UserError(
                    self.env._(
                        "%(date)s is in the past. Please choose today or a later date.",
                        date=fields.Date.to_string(activity.date_deadline),
                    )
                )

    def _check_case_is_open(self, count=True):
        """Closed cases get no activities, and where the company wants it an open one only
        one at a time (C9).

        :raise UserError: what to do instead
        """
        if self.env.su:
            return
        # sudo: who may plan on the case is checked by Odoo
        planned = self.sudo().filtered(lambda a: a.active and a.res_model == "crm.lead")
        cases = planned.case_id.filtered("customer_id")
        for case in cases:
            if not case.active or case.won_status != "pending":
                raise UserError(
                    self.env._(
                        "The case “%(case)s” is closed. Reopen it, or plan the activity on another case.",
                        case=case.name,
                    )
                )
        limited = cases.filtered(
            lambda case: (case.company_id or self.env.company).one_open_activity_per_case
        )
        if limited and count:
            self._check_is_only_one(limited)

    def _check_is_only_one(self, limited):
        # two at once: the second waits for the first, and is run again when it is through
        self.env.cr.execute(
            SQL("UPDATE crm_lead SET write_date = write_date WHERE id IN %s", tuple(limited.ids))
        )
        counts = self.sudo()._read_group(
            [("case_id", "in", limited.ids), ("res_model", "=", "crm.lead")],
            ["case_id"],
            ["__count"],
            having=[("__count", ">", 1)],
        )
        for case, _count in counts:
            raise UserError(
                self.env._(
                    "The case “%(case)s” has an open activity already, and your company allows one at a "
                    "time. Finish it with “Next action”, or reschedule it.",
                    case=case.name,
                )
            )

    def _check_is_no_history(self, vals):
        """What was done stays as it was done.

        :raise UserError: the activity is done, or the value is the server's
        """
        kept = SERVER_FIELDS & vals.keys()
        if kept:
            raise UserError(
                self.env._(
                    "%(fields)s: these are kept by the system and cannot be set.",
                    fields=", ".join(sorted(self._fields[name].string for name in kept)),
                )
            )
        done = self._is_on_customer().filtered(lambda activity: not activity.active)
        if done and HISTORY_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "“%(activity)s” is done: it belongs to the customer's history and cannot be changed. "
                    "Plan a new activity instead.",
                    activity=done[0].display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        done = self._is_on_customer().filtered(lambda activity: not activity.active)
        if done and not self.env.su:
            raise UserError(
                self.env._(
                    "“%(activity)s” is done: it belongs to the customer's history and cannot be deleted.",
                    activity=done[0].display_name,
                )
            )

    def unlink(self):
        """A cancelled activity leaves a line in its document."""
        if not self.env.su:
            self.check_access("unlink")
            self._is_on_customer().filtered("active")._log_cancellation()
        return super().unlink()

    def _log_cancellation(self):
        for model_name, activities in self.grouped("res_model").items():
            # sudo: who may cancel the activity need not be able to write on its document
            documents = self.env[model_name].sudo().browse(activities.mapped("res_id")).exists()
            if not documents or not hasattr(documents, "_message_log_batch"):
                continue
            lines = {}
            for activity in activities:
                lines.setdefault(activity.res_id, []).append(
                    self.env._(
                        "%(type)s “%(summary)s”, due %(date)s, was cancelled.",
                        type=activity.activity_type_id.name or self.env._("Activity"),
                        summary=activity.display_name,
                        date=fields.Date.to_string(activity.date_deadline),
                    )
                )
            documents._message_log_batch(
                bodies={document.id: "\n".join(lines[document.id]) for document in documents},
                author_id=self.env.user.partner_id.id,
            )

    # ------------------------------------------------------------------
    # Reschedule, done, next action (C3)
    # ------------------------------------------------------------------

    def action_reschedule(self, date, reason):
        """Move open activities to another date (C3). The first date, the number of
        postponements and the reasons are kept.

        :param date: the new date, as a date or ``YYYY-MM-DD``; today or later
        :param reason: why, not empty
        :return: True
        :raise UserError: no reason, a date in the past, or the activity is done
        :raise AccessError: an activity of a colleague
        """
        self.check_access("write")
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("Please give the reason for the new date."))
        date = self._to_date(date)
        self._lock_open()
        return self.with_context(postpone_reason=reason).write({"date_deadline": date})

    def action_next(self, vals):
        """Close the activity with its outcome and plan the next one on the same document, both
        or none (C3).

        :param vals: ``outcome`` (text, required), ``activity_type_id``, ``summary``,
            ``date_deadline`` (required), ``note`` of the next one
        :return: the new activity
        :raise UserError: what is missing or wrong
        :raise AccessError: an activity of a colleague
        """
        self.ensure_one()
        self.check_access("write")
        if not isinstance(vals, dict):
            raise UserError(self.env._("Please give the outcome of this activity."))
        unknown = set(vals) - NEXT_KEYS
        if unknown:
            raise UserError(
                self.env._("Unknown: %(keys)s.", keys=", ".join(sorted(map(str, unknown))))
            )
        outcome = self._clean_outcome(vals.get("outcome"))
        # sudo: the one that follows belongs to whom this one belonged to
        owner = self.sudo().user_id or self.env.user
        following = NextActivity(
            activity_type_id=self._get_next_type(vals.get("activity_type_id")).id,
            summary=vals.get("summary") or False,
            note=vals.get("note") or False,
            date_deadline=self._to_date(vals.get("date_deadline")),
            user_id=owner.id,
        )
        self._lock_open()
        self._check_case_is_open(count=False)
        # a type that plans one by itself plans the one that was asked for
        step = self.with_context(clean_context(self.env.context), activity_next=following)
        _messages, automatic = step._action_done(feedback=outcome)
        if automatic:
            planned = automatic[0].with_env(self.env)
            planned._is_on_customer()._check_deadline()
            planned._check_case_is_open()
            return planned
        return (
            self.with_context(clean_context(self.env.context))
            .create(
                {
                    **following,
                    "res_model_id": self.env["ir.model"]._get_id(self.res_model),
                    "res_id": self.res_id,
                }
            )
            .with_env(self.env)
        )

    def _get_next_type(self, type_id):
        if not type_id:
            return self.activity_type_id
        found = self.env["mail.activity.type"].browse(type_id if isinstance(type_id, int) else 0)
        if not found.exists():
            raise UserError(self.env._("Please choose the kind of activity."))
        return found

    def _prepare_next_activity_values(self):
        values = super()._prepare_next_activity_values()
        following = self.env.context.get("activity_next")
        if isinstance(following, NextActivity):
            values.update(following)
        return values

    def action_finish(self, outcome):
        """Close the activity with its outcome, and plan none (C3).

        :param outcome: text, not empty
        :return: True
        :raise UserError: no outcome, or the activity is done already
        :raise AccessError: an activity of a colleague
        """
        self.check_access("write")
        self._action_done(feedback=self._clean_outcome(outcome))
        return True

    def _clean_outcome(self, outcome):
        outcome = outcome.strip() if isinstance(outcome, str) else ""
        if not outcome:
            raise UserError(self.env._("Please give the outcome of this activity."))
        return outcome

    def _action_done(self, feedback=False, attachment_ids=None):
        customer_activities = self._is_on_customer()
        if customer_activities and not self.env.su:
            # a double click: the second one finds it done, and does nothing twice
            customer_activities._lock_open()
        step = self.with_context(activity_step=ACTIVITY_STEP)
        if feedback:
            for activity in customer_activities.filtered(lambda a: not a.outcome):
                activity.with_context(activity_step=ACTIVITY_STEP).outcome = _shorten(feedback)
        messages, following = super(MailActivity, step)._action_done(
            feedback=feedback, attachment_ids=attachment_ids
        )
        return messages.with_env(self.env), following.with_env(self.env)

    def _lock_open(self):
        """Wait for whoever changes the activities, and read again.

        :raise UserError: somebody has finished one meanwhile
        """
        self._lock_or_refuse(
            lambda: self.env._(
                "Somebody else is changing this activity at this moment. "
                "Reload the page to see the outcome, then try again."
            ),
            ["active", "date_deadline"],
        )
        done = self.exists().filtered(lambda activity: not activity.active)
        if done or self.exists() != self:
            raise UserError(
                self.env._(
                    "“%(activity)s” is done or cancelled already. Please reload the page.",
                    activity=done[:1].display_name or self.env._("The activity"),
                )
            )

    def _to_date(self, value):
        try:
            date = fields.Date.to_date(value)
        except (TypeError, ValueError):
            date = None
        if not date:
            raise UserError(self.env._("Please give the date on which it is due."))
        return date

    def _log_postponements(self, date):
        """Keep who moved which activity from when to when, and why.

        :return: the activities that ``date`` moves
        """
        moved = self._is_on_customer().filtered(
            lambda activity: activity.active and activity.date_deadline != date
        )
        reason = self.env.context.get("postpone_reason")
        # sudo: the log is written by the server alone
        self.env["mail.activity.postponement"].sudo().create(
            [
                {
                    "activity_id": activity.id,
                    "date_from": activity.date_deadline,
                    "date_to": date,
                    "reason": reason if isinstance(reason, str) else False,
                    "user_id": self.env.uid,
                }
                for activity in moved
            ]
        )
        for activity in moved.sudo():
            activity.write(
                {
                    "first_deadline": activity.first_deadline or activity.date_deadline,
                    "postpone_count": activity.postpone_count + (date > activity.date_deadline),
                }
            )
        return moved

    # ------------------------------------------------------------------
    # Buttons of the lists
    # ------------------------------------------------------------------

    def action_open_reschedule(self):
        """Ask for the new date and the reason."""
        self.check_access("write")
        return self._open_dialog(
            "mail.activity.reschedule.wizard",
            self.env._("Reschedule"),
            {"default_activity_ids": self.ids},
        )

    def action_open_next(self):
        """Ask for the outcome and for the next activity."""
        return self._open_end(self.env._("Next action"), has_next=True)

    def action_open_finish(self):
        """Ask for the outcome."""
        return self._open_end(self.env._("Done"), has_next=False)

    def _open_end(self, title, has_next):
        self.ensure_one()
        self.check_access("write")
        return self._open_dialog(
            "mail.activity.next.wizard",
            title,
            {"default_activity_id": self.id, "default_has_next": has_next},
        )

    def _open_dialog(self, model_name, title, context):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model_name,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def action_edit(self):
        """Open the activity in a dialog."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(self.env.ref("sales_crm_cases.mail_activity_view_form_sales").id, "form")],
            "target": "new",
        }

    def action_view_customer(self):
        """Open the customer of the activity."""
        self.ensure_one()
        self.check_access("read")
        return self.customer_id._get_customer_action()

    def action_view_case_history(self):
        """Open "Case info and history" (C7)."""
        self.ensure_one()
        self.check_access("read")
        if not self.case_id:
            raise UserError(self.env._("This activity belongs to no case."))
        return self.case_id.action_view_history()

    def action_close_case(self):
        """Ask how the case ended."""
        self.ensure_one()
        self.check_access("read")
        if not self.case_id:
            raise UserError(self.env._("This activity belongs to no case."))
        return self.case_id.action_open_close_wizard()

    def action_new_quote(self):
        """Open the dialog for a quote on the case of the activity (C6)."""
        self.ensure_one()
        self.check_access("read")
        if self.case_id:
            return self.case_id.action_new_quote()
        return self.customer_id.action_new_quotation()

    @api.readonly
    def get_summary(self):
        """What the panel beside the list shows of one activity, without leaving the list (C3).

        :return: dict of plain values; ``note`` is text
        """
        self.ensure_one()
        self.check_access("read")
        customer, case, contact = self.customer_id, self.case_id, self.contact_id
        return {
            "id": self.id,
            "title": self.display_name,
            "type": self.activity_type_id.display_name or "",
            "icon": self.icon or "fa-tasks",
            "state": self.state,
            "can_write": self.can_write,
            "user": self.user_id.sudo().name or "",
            "date_deadline": self.date_deadline,
            "first_deadline": self.first_deadline or self.date_deadline,
            "date_done": self.date_done,
            "outcome": self.outcome or self.feedback or "",
            "note": html2plaintext(self.note or ""),
            "postpone_count": self.postpone_count,
            # sudo: they are read by who reads the activity
            "postponements": self.postponement_ids.sudo().read(["date_from", "date_to", "reason"]),
            "customer": customer and {"id": customer.id, "name": customer.display_name},
            "contact": contact
            and {
                "id": contact.id,
                "name": contact.name or "",
                "phone": self.contact_phone or "",
                "email": contact.email or "",
            },
            "case": case
            and {
                "id": case.id,
                "name": case.name,
                "number": case.case_number or "",
                "stage": case.stage_id.display_name or "",
                "is_open": case.active and case.won_status == "pending",
            },
        }


def _shorten(text, length=200):
    """The first line of a text, as an outcome in a list."""
    line = html2plaintext(text).strip().split("\n")[0]
    return line if len(line) <= length else line[: length - 1] + "…"
