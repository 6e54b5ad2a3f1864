import logging

import psycopg2
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class CustomerHandoverMoveMixin(models.AbstractModel):
    """How some customers of a hand-over go to the successor, with their links, their open
    documents and who follows them (V8)."""

    _name = "customer.handover.move.mixin"
    _description = "Move of customers to a successor"

    def _work_off(self, lines):
        """Move the customers of the lines, and say on each line what came of it.

        :return: the lines that were worked off; the others are locked by somebody
        """
        self.ensure_one()
        if not (self.employee_id and self.successor_id):
            lines._fail(self.env._("One of the two employees was deleted."))
            return lines
        # sudo: rights were checked at the start. As the user who started it: his companies,
        # his language and his name in the chatter. No mails per document.
        worker = (
            self.with_user(self.user_id)
            .sudo()
            .with_context(
                active_test=False,
                tracking_disable=True,
                mail_activity_quick_update=True,
                mail_auto_subscribe_no_notify=True,
            )
        )
        lines = lines.with_env(worker.env)
        links = lines.env["customer.salesman"].search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("customer_id", "in", lines.customer_id.ids),
            ]
        )
        free = links.try_lock_for_update(allow_referencing=True)
        busy_customers = (links - free).customer_id
        lines = lines.filtered(lambda line: line.customer_id not in busy_customers)
        worker._move_or_halve(worker._fail_impossible(lines, free))
        return lines.with_env(self.env)

    def _fail_impossible(self, lines, links):
        """Name the customers that cannot be moved; return the other lines."""
        companies = self.successor_id.user_id.company_ids
        linked = links.customer_id
        for line in lines:
            customer = line.customer_id
            if customer not in linked:
                line._fail(
                    self.env._("Not linked to %(name)s any more.", name=self.employee_id.name)
                )
            elif customer.company_id and customer.company_id not in companies:
                line._fail(
                    self.env._(
                        "%(name)s may not work in %(company)s, to which this customer belongs.",
                        name=self.successor_id.name,
                        company=customer.company_id.name,
                    )
                )
        return lines.filtered(lambda line: line.state == "todo")

    def _move_or_halve(self, lines):
        """Move the customers all at once; after a failure each half alone, down to the one
        customer that causes it."""
        if not lines:
            return
        try:
            with self.env.cr.savepoint():
                counts = self._move(lines.customer_id)
                lines.state = "done"
        except psycopg2.OperationalError:
            # another transaction was quicker: the whole step is done again
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, the others go on
            if len(lines) == 1:
                _logger.warning("Hand-over %s of %s: %s", self.id, lines.customer_id, error)
                lines._fail(str(error))
                return
            middle = len(lines) // 2
            self._move_or_halve(lines[:middle])
            self._move_or_halve(lines[middle:])
            return
        known = self.moved_counts or {}
        self.moved_counts = {
            **known,
            **{name: known.get(name, 0) + count for name, count in counts.items()},
        }

    def _move(self, customers):
        """Move links and documents of the customers.

        :return: dict ``{model: number of documents}``
        """
        # first: unlinking the old salesman unsubscribes him
        self._move_followers(customers)
        self._move_links(customers)
        old, new = self._get_owners(self.employee_id), self._get_owners(self.successor_id)
        ids = SQL("SELECT unnest(%s)", customers.ids)
        counts = {}
        for model_name, documents in self._get_handover_documents().items():
            found = self.env[model_name].search(self._get_documents_domain(documents, old, ids))
            owner = new[found._fields[documents.owner_field].comodel_name]
            for part, values in self._get_handover_values(found, documents.owner_field, owner):
                part.write(values)
            counts[model_name] = len(found)
        body = self.env._(
            "Handed over from %(old)s to %(new)s.",
            old=self.employee_id.name,
            new=self.successor_id.name,
        )
        customers._message_log_batch(
            {customer.id: body for customer in customers}, author_id=self.user_id.partner_id.id
        )
        self.env.flush_all()
        return counts

    @api.model
    def _get_handover_values(self, documents, owner_field, owner):
        """What to write to give the documents, all of one model, to the owner.

        :return: list of ``(documents, values)``
        """
        values = {owner_field: owner.id}
        if not documents:
            return []
        if documents._name != "crm.lead":
            return [(documents, values)]
        # the team follows the user, by two queries per case if Odoo computes it
        kept = documents.filtered(
            lambda case: case.team_id and owner in case.team_id.member_ids | case.team_id.user_id
        )
        parts = [
            (cases, {**values, "team_id": team.id})
            for team, cases in kept.grouped("team_id").items()
        ]
        for case_type, cases in (documents - kept).grouped("type").items():
            use = "use_leads" if case_type == "lead" else "use_opportunities"
            team = self.env["crm.team"]._get_default_team_id(
                user_id=owner.id, domain=[(use, "=", True)]
            )
            parts.append((cases, {**values, "team_id": team.id}))
        return parts

    def _move_links(self, customers):
        """The successor's link takes the place of the old one, with its rank. Where he is
        linked already, the two become one."""
        both = self.env["customer.salesman"].search(
            [
                ("customer_id", "in", customers.ids),
                ("employee_id", "in", (self.employee_id | self.successor_id).ids),
            ]
        )
        old = both.filtered(lambda link: link.employee_id == self.employee_id)
        kept = both - old
        doubled = old.filtered(lambda link: link.customer_id in kept.customer_id)
        promoted = doubled.filtered("is_main").customer_id
        doubled.unlink()
        # unlink() appoints the oldest link of those that are left
        others = promoted.salesman_link_ids.filtered(
            lambda link: link.is_main and link.employee_id != self.successor_id
        )
        others.is_main = False
        others.flush_recordset(["is_main"])
        kept.filtered(lambda link: link.customer_id in promoted and not link.is_main).is_main = True
        (old - doubled).write({"employee_id": self.successor_id.id})

    def _move_followers(self, customers):
        """The successor follows what the old salesman followed, history included."""
        old = self.employee_id.user_id.partner_id
        new = self.successor_id.user_id.partner_id
        if not old:
            return
        for model_name in customers._get_followed_models():
            documents = self.env[model_name]._search([("customer_id", "in", customers.ids)])
            followers = self.env["mail.followers"].search(
                [
                    ("res_model", "=", model_name),
                    ("res_id", "in", documents),
                    ("partner_id", "in", (old | new).ids),
                ]
            )
            mine = followers.filtered(lambda f: f.partner_id == old)
            known_ids = set((followers - mine).mapped("res_id"))
            doubled = mine.browse([f.id for f in mine if f.res_id in known_ids])
            doubled.unlink()
            (mine - doubled).write({"partner_id": new.id})

    @api.model
    def _get_documents_domain(self, documents, owner, customers):
        """The documents of the owner that would move.

        :param owner: dict ``{model of the owner field: record}``
        :param customers: SQL of the customers' ids
        """
        return documents.domain & Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s = %s AND %s IN (%s)",
                model._field_to_sql(alias, documents.owner_field, query),
                owner[model._fields[documents.owner_field].comodel_name].id or None,
                model._field_to_sql(alias, documents.customer_field, query),
                customers,
            )
        )

    @api.model
    def _get_owners(self, employee):
        # sudo: a salesman cannot read employees
        return {"hr.employee": employee, "res.users": employee.sudo().user_id}
