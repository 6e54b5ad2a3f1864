import json

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..visibility_scope import FEW_RECORDS, SIGHT_PURPOSE

# columns of the customer that are exported unless the user chooses others
EXPORTED_FIELDS = (
    "ref",
    "complete_name",
    "phone",
    "email",
    "street",
    "zip",
    "city",
    "country_id",
    "rank_id",
    "main_salesman_id",
    "approval_status",
)


class CrmLead(models.Model):
    """What the sales board does with all customers of its view (B4).

    The view is the domain of its cases, which is evaluated anew each time, with the rights of
    who asks: no list of ids comes from the client.
    """

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    @api.model
    @api.readonly
    def get_customer_export(self, domain=()):
        """What Odoo's own export needs for the customers of a view (B4).

        :param domain: the cases of the view; lost ones as in :meth:`get_board_sums`
        :return: dict with ``res_model``, ``domain`` (of the customers) and ``context``, and
            ``fields``: names of those that are exported unless others are chosen
        :raise AccessError: no right to export
        """
        self.browse().check_access("read")
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(
                self.env._("You may not export. Ask an administrator for the right to export.")
            )
        partners = self.env["res.partner"]
        customers = Domain("case_ids", "any", Domain(domain or Domain.TRUE))
        context = {}
        if not self.env.context.get("active_test", True):
            # the context is about the cases, too: archived customers are never exported
            context, customers = {"active_test": False}, customers & Domain("active", "=", True)
        return {
            "res_model": partners._name,
            "domain": json.loads(_to_json(customers)),
            "context": context,
            "fields": [
                name
                for name in EXPORTED_FIELDS
                if partners._has_field_access(partners._fields[name], "read")
            ],
        }

    @api.model
    def action_send_batch_sms(self, domain=()):
        """Open the dialog that sends an SMS to all customers of a view (B4).

        :param domain: the cases of the view; lost ones as in :meth:`get_board_sums`
        :raise UserError: there are none, or a process of them has batch SMS off
        """
        domain = self._get_batch_domain(domain)
        self._check_batch_sms(domain)
        return self.env["ir.actions.act_window"]._get_dialog(
            "sms.composer",
            self.env._("SMS to the customers of the view"),
            {
                "default_composition_mode": "mass",
                "default_res_model": "res.partner",
                "default_case_domain": _to_json(domain),
            },
            view="sms_composer_view_form_batch",
        )

    @api.model
    def _get_batch_domain(self, domain):
        """The domain of a view's cases, which says itself whether archived ones are among them."""
        domain = Domain(domain or Domain.TRUE)
        if not self.env.context.get("active_test", True):
            domain &= Domain("active", "in", [True, False])
        return domain

    @api.model
    def _check_batch_sms(self, domain):
        """Refuse SMS to the customers of cases whose process has them off (B4).

        :raise UserError: names the processes
        """
        cases = self.with_context(active_test=True)
        counts = dict(cases._read_group(domain, ["process_id"], ["__count"]))
        if not counts:
            raise UserError(
                self.env._("There is no case in this view. Change its filters, and try again.")
            )
        # sudo: the switch of processes whose cases the user sees
        processes = self.env["crm.process"].union(*counts).sudo()
        processes._check_sms_enabled()
        outside = sum(count for process, count in counts.items() if not process)
        if outside:
            raise UserError(
                self.env._(
                    "SMS are off for cases that follow no process. In this view: %(count)s. Filter "
                    "it by a process that has batch SMS on.",
                    count=outside,
                )
            )

    @api.model
    def _get_batch_recipients(self, domain):
        """SQL of the customers of the cases, as far as the user sees both: the columns ``id``
        and ``failure_type``, which says why a customer gets no SMS (NULL: it gets one).

        One customer with several cases is one recipient, and of several with one number the
        first gets it. What Odoo checks again when it makes the SMS (blacklist, opt-out, number)
        is here for the figures of the dialog, and so that nobody is queued for nothing.
        """
        partners = self.env["res.partner"].with_context(
            active_test=True, **{SIGHT_PURPOSE: FEW_RECORDS}
        )
        active_cases = self.with_context(active_test=True)._for_aggregates(domain)
        cases = active_cases._search(domain & Domain("customer_id", "!=", False))
        if cases.is_empty():
            return SQL("SELECT NULL::int AS id, NULL AS failure_type WHERE FALSE")
        customers = partners._search(
            Domain("id", "in", cases.subselect(SQL.identifier(cases.table, "customer_id")))
        )
        number_fields = [
            name for name in partners._phone_get_number_fields() if partners._fields[name].store
        ]
        partners.flush_model(["phone_sanitized", *number_fields])
        self.env["phone.blacklist"].flush_model(["number", "active"])
        return SQL(
            """
            SELECT p.id, CASE
                   WHEN p.phone_sanitized IS NULL AND concat(%(numbers)s) = '' THEN 'sms_number_missing'
                   WHEN p.phone_sanitized IS NULL THEN 'sms_number_format'
                   WHEN EXISTS (SELECT 1 FROM phone_blacklist b
                                 WHERE b.active AND b.number = p.phone_sanitized) THEN 'sms_blacklist'
                   WHEN row_number() OVER (PARTITION BY p.phone_sanitized ORDER BY p.id) > 1
                        THEN 'sms_duplicate'
                   END AS failure_type
              FROM res_partner p
             WHERE p.id IN (%(customers)s)
            """,
            numbers=SQL(", ").join(SQL.identifier("p", name) for name in number_fields),
            customers=customers.select(),
        )


def _to_json(domain):
    """A domain as text: its values may be sets, other domains, dates."""
    return json.dumps(
        list(domain),
        default=lambda value: list(value) if hasattr(value, "__iter__") else str(value),
    )
