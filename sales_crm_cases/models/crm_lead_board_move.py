from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from .crm_process import NAMED_BY_STEP

FORMER_KEYS = frozenset({"stage_id", "probability", "lost_reason_id"})


class CrmLead(models.Model):
    """What people do on the sales board: move cases, take it back, begin a case (B2, B3)."""

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    def write(self, vals):
        if vals.get("stage_id") and "active" not in vals and self._get_board_outcomes():
            # dragged out of the column of those without a lost status: open again
            self.filtered(lambda case: case._is_stray()).action_restore()
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if self._get_board_outcomes():
            vals_list = [self._complete_team(vals) for vals in vals_list]
        return super().create(vals_list)

    @api.model
    def _complete_team(self, vals):
        """What is typed into a column follows the process of its status."""
        stage_id = vals.get("stage_id") or self.env.context.get("default_stage_id")
        if not isinstance(stage_id, int) or vals.get("team_id"):
            return vals
        user = self.env["res.users"].browse(vals.get("user_id") or self.env.uid)
        team = self._get_team_of_status(user, self.env["crm.stage"].browse(stage_id))
        return {**vals, "team_id": team.id} if team else vals

    def _is_stray(self):
        """Whether the case is lost, and its status does not say so."""
        self.ensure_one()
        return self.won_status == "lost" and self.stage_id.outcome != "lost"

    # ------------------------------------------------------------------
    # Move, and take back
    # ------------------------------------------------------------------

    def get_board_statuses(self):
        """The statuses to which the case can be moved (B3).

        :return: list of dicts in their order: ``id`` (False: lost, for a case whose process has
            no status for it), ``name``, ``outcome`` and ``is_current``
        """
        self.ensure_one()
        self.check_access("read")
        current = self._get_board_status_id()
        possible = self._get_possible_statuses()
        statuses = [
            (stage.id, stage.name, outcome)
            for outcome in ("open", "order", "lost")
            for stage in possible[outcome]
        ]
        if not possible["lost"]:
            statuses.append((False, self.env._("Lost"), "lost"))
        return [
            {"id": id_, "name": name, "outcome": outcome, "is_current": id_ == current}
            for id_, name, outcome in statuses
        ]

    def _get_board_status_id(self):
        """The status in whose column the case is; False: lost without one."""
        return False if self._is_stray() else self.stage_id.id

    def action_undo_board_move(self, moved_to_id, former):
        """Put the case back where it was before a move, if it is still where that put it.

        :param moved_to_id: the status to which it was moved; False: lost without a status
        :param former: dict with ``stage_id`` (as above) and, where it had them,
            ``probability`` (one that was chosen by hand) and ``lost_reason_id``
        :raise UserError: somebody else has moved the case meanwhile
        """
        self.ensure_one()
        self.check_access("write")
        if not isinstance(former, dict) or not former.keys() <= FORMER_KEYS:
            raise UserError(self.env._("What the case was like before is missing."))
        self._lock_or_refuse(
            lambda: self.env._(
                "Somebody else is changing the case “%(case)s” at this moment. Reload the board to see "
                "where it is.",
                case=self.name,
            ),
            ["active", "probability", "stage_id", "won_status"],
        )
        if self._get_board_status_id() != (moved_to_id or False):
            raise UserError(
                self.env._(
                    "Somebody has moved the case “%(case)s” meanwhile: it is in “%(status)s” and stays "
                    "there. Move it by hand if that is wrong.",
                    case=self.name,
                    status=self.env._("Lost") if self._is_stray() else self.stage_id.name,
                )
            )
        lost_reason_id = former.get("lost_reason_id") or False
        if not former.get("stage_id"):
            self.action_set_lost(lost_reason_id=lost_reason_id)
            return True
        status = self.env["crm.stage"].browse(former["stage_id"])
        if self._is_stray():
            self.action_restore()
        values = {"stage_id": status.id}
        if status.outcome == "lost":
            values["lost_reason_id"] = lost_reason_id
        self.write(values)
        if former.get("probability") is not None and self.won_status == "pending":
            self.probability = former["probability"]
        return True

    # ------------------------------------------------------------------
    # Begin
    # ------------------------------------------------------------------

    @api.model
    def create_board_case(self, customer_id, stage_id):
        """Open a case of a customer that has none, in a status (B2).

        The case is the user's if the customer is linked to him, and its main salesman's
        otherwise; the sales team is one that works by the process of the status.

        :return: the case
        :raise UserError: the customer has an open case, or the status is no beginning
        :raise AccessError: a customer whom the user does not see
        """
        cases = self.with_context(clean_context(self.env.context), case_named=NAMED_BY_STEP)
        customer = cases._get_customer_of_board(customer_id)
        status = self.env["crm.stage"].browse(stage_id if isinstance(stage_id, int) else ())
        status = status.exists()
        if not status or status.outcome == "lost":
            raise UserError(
                self.env._(
                    "Choose an open status or a won one for the new case of %(customer)s.",
                    customer=customer.display_name,
                )
            )
        customer._lock_or_refuse(
            lambda: self.env._(
                "Somebody else is working on %(customer)s at this moment. Reload the board to see "
                "whether there is a case now.",
                customer=customer.display_name,
            ),
            ["current_case_id"],
        )
        if customer.current_case_id:
            raise UserError(
                self.env._(
                    "%(customer)s has an open case already: “%(case)s”. Move that one, or open a further "
                    "one with New Activity on the customer.",
                    customer=customer.display_name,
                    case=customer.current_case_id.name,
                )
            )
        return cases.create(self._prepare_board_case(customer, status))

    @api.model
    def _get_customer_of_board(self, customer_id):
        known = isinstance(customer_id, int) and customer_id is not True
        customer = self._get_visible_partner(customer_id if known else ())
        if not customer.is_customer:
            raise UserError(
                self.env._(
                    "%(partner)s is not a CRM customer. Choose the customer itself.",
                    partner=customer.display_name,
                )
            )
        return customer

    @api.model
    def _prepare_board_case(self, customer, status):
        user = self._get_user_of_board_case(customer)
        team = self._get_team_of_status(user, status, customer.company_id)
        subject = self.env._("Case of %(customer)s", customer=customer.name)
        values = {
            **self._prepare_case(customer.main_contact_id or customer, subject),
            "user_id": user.id,
            "team_id": team.id,
            "stage_id": status.id,
        }
        if customer.company_id:
            values["company_id"] = customer.company_id.id
        if not team and status.process_id and self._may_choose_process():
            values["process_id"] = status.process_id.id
        return values

    @api.model
    def _get_user_of_board_case(self, customer):
        # sudo: whose customer it is, which everybody sees who sees it
        linked = customer.sudo().salesman_ids.user_id
        main = customer.sudo().main_salesman_id.user_id
        user = self.env.user if self.env.user in linked or not main.active else main
        return user.sudo(False)

    @api.model
    def _get_team_of_status(self, user, status, company=None):
        """A team that works by the process of the status, the user's own first; empty: there is
        none.

        :param company: the one of the case, if it is known
        """
        teams = self.env["crm.team"]
        process_id = status.process_id.id
        own = teams._get_default_team_id(
            user_id=user.id,
            domain=[
                ("use_opportunities", "=", True),
                ("process_ids", "in" if process_id else "=", process_id),
            ],
        )
        companies = company or self.env.companies
        others = teams.search(
            [("use_opportunities", "=", True), ("company_id", "in", [False, *companies.ids])]
        )
        processes = self.env["crm.process"]._get_ids_by_team(own | others)
        fitting = (own | others).filtered(
            lambda team: (
                processes.get(team.id, False) == (process_id or False)
                and (not team.company_id or team.company_id in companies)
            )
        )
        return own & fitting or fitting[:1]
