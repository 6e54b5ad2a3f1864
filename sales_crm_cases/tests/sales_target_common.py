from datetime import date

from odoo import fields

from .common import SalesCrmCommon

MAY, JUNE, JULY = date(2031, 5, 1), date(2031, 6, 1), date(2031, 7, 1)


class SalesTargetCommon(SalesCrmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # without those of demo data
        cls.env["sales.target"].search([]).unlink()
        cls.env["sales.target.default"].search([]).unlink()
        cls.call, cls.meeting = (
            cls.env.ref(f"mail.mail_activity_data_{name}") for name in ("call", "meeting")
        )
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})

    @classmethod
    def _make_target(cls, employee=None, kind="cases", value=5, month=MAY, user=None, **vals):
        """
        :param employee: user of the employee; by default anna
        :param user: who makes it
        """
        return (
            cls.env["sales.target"]
            .with_user(user or cls.env.user)
            .create(
                {
                    "employee_id": cls.employees[employee or cls.anna].id,
                    "kind": kind,
                    "value": value,
                    "month": month,
                    **vals,
                }
            )
            .with_env(cls.env)
        )

    @classmethod
    def _make_default(cls, kind="cases", value=4, **vals):
        return cls.env["sales.target.default"].create({"kind": kind, "value": value, **vals})

    def _cell(self, employee=None, kind="cases", value=5, month=MAY, activity_type=None):
        return {
            "employee_id": self.employees[employee or self.anna].id,
            "month": fields.Date.to_string(month),
            "kind": kind,
            "activity_type_id": activity_type.id if activity_type else False,
            "value": value,
        }

    def _targets(self, user):
        return self.env["sales.target"].with_user(user)

    def _values(self, employee, *domain):
        """``{(month, kind, type): value}`` of a user's employee."""
        return {
            (target.month, target.kind, target.activity_type_id): target.value
            for target in self.env["sales.target"].search(
                [("employee_id", "=", self.employees[employee].id), *domain]
            )
        }
