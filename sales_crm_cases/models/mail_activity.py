from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

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
            if model_name not in self.env or not self.env[model_name]._get_path_to_customer():
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
        if self.env.cr.rowcount:
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
        documents = self.env[model_name]
        customer = SQL.identifier("d", documents._activity_customer_field)
        if documents._activity_customer_field != "customer_id":
            customer = SQL("(SELECT p.customer_id FROM res_partner p WHERE p.id = %s)", customer)
        moved = SQL(
            """
            SELECT a.id, a.customer_id AS customer_before, %(customer)s AS customer_after
              FROM mail_activity a JOIN %(table)s d ON d.id = a.res_id
             WHERE a.res_model = %(model)s AND %(condition)s
               AND a.customer_id IS DISTINCT FROM %(customer)s
            """,
            customer=customer,
            table=SQL.identifier(documents._table),
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
            if not rows:
                return
            customer_ids = {id_ for row in rows for id_ in row if id_}
            self.env["res.partner"].browse(customer_ids)._recompute_rank_calls()
        self.invalidate_model(["customer_id", "crm_visible", "crm_editable"], flush=False)

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
            if not case._is_open():
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
