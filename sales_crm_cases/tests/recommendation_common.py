from datetime import timedelta

from odoo import fields

from .common import SalesCrmCommon


class RecommendationCommon(SalesCrmCommon):
    """Anna's customer is of rank Platinum, with a call every 15 days. Days count from ``today``,
    the generator's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # people work where the generator does: their day is its day at any hour
        company = cls.env["res.company"].search([("parent_id", "=", False)], order="id", limit=1)
        people = cls.env.user.concat(*cls.employees, cls.accounts, cls.crm_admin)
        people.tz = company.resource_calendar_id.tz or "UTC"
        cls.Recommendation = cls.env["sales.recommendation"]
        cls.today = cls.Recommendation._get_today()
        cls.kinds = {
            kind.code: kind
            for kind in cls.env["sales.recommendation.kind"]
            .with_context(active_test=False)
            .search([])
        }
        cls.platinum = cls.env["customer.rank"].create(
            {"name": "Test Platinum", "call_cycle_days": 15}
        )
        cls.call_type = cls.env.ref("mail.mail_activity_data_call")
        cls.leasing = cls.env["res.partner"].create({"name": "Leasing House", "is_company": True})

    @classmethod
    def _day(cls, days):
        return cls.today + timedelta(days)

    @classmethod
    def _run(cls):
        cls.Recommendation._cron_generate()
        cls.env.invalidate_all()

    @classmethod
    def _find(cls, code, subject=None, **domain):
        """All of a kind, whatever became of them."""
        terms = [("kind_id.code", "=", code)]
        if subject is not None:
            terms += [("res_model", "=", subject._name), ("res_id", "in", subject.ids)]
        terms += [(name, "=", value) for name, value in domain.items()]
        return cls.Recommendation.search(terms, order="id")

    @classmethod
    def _log_call(cls, customer, days, user=None, activity_type=None):
        """A call that was finished so many days from today, by the main salesman."""
        user = user or customer.main_salesman_id.user_id
        activity = (
            cls.env["mail.activity"]
            .with_user(user)
            .create(
                {
                    "res_model_id": cls.env["ir.model"]._get_id("res.partner"),
                    "res_id": customer.id,
                    "activity_type_id": (activity_type or cls.call_type).id,
                    "summary": "Call",
                    "date_deadline": max(
                        cls._day(days), fields.Date.context_today(customer.with_user(user))
                    ),
                    "user_id": user.id,
                }
            )
        )
        activity.action_finish("Reached")
        done = activity.sudo()
        done.date_done = cls._day(days)
        done.flush_recordset()
        return done

    @classmethod
    def _make_due(cls, customer=None, days=0, **values):
        """A customer of rank Platinum whose rank call is due so many days from today."""
        customer = customer or cls.customer_anna
        customer.write({"rank_id": cls.platinum.id, **values})
        cls._log_call(customer, days - 15)
        return customer

    @classmethod
    def _make_contract(cls, days=30, **values):
        """A third party's contract that ends so many days from today."""
        return cls.env["third.party.contract"].create(
            {
                "customer_id": cls.customer_anna.id,
                "third_party_id": cls.leasing.id,
                "name": "L-1",
                "date_start": cls._day(-300),
                "date_end": cls._day(days),
                **values,
            }
        )

    @classmethod
    def _make_quote(cls, days=2, **values):
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer_anna.id,
                "user_id": cls.anna.id,
                "validity_date": cls._day(days),
                **values,
            }
        )

    @classmethod
    def _make_contact(cls, days=2, years=40, customer=None, **values):
        """A contact whose birthday is so many days from today."""
        day = cls._day(days)
        return cls.env["res.partner"].create(
            {
                "name": "Eve Miller",
                "parent_id": (customer or cls.customer_anna).id,
                "type": "contact",
                "birthday": day.replace(year=day.year - years)
                if (day.month, day.day) != (2, 29)
                else day.replace(year=day.year - 4),
                **values,
            }
        )
