from odoo.fields import Command

from .common import SalesCrmCommon


class ProcessCommon(SalesCrmCommon):
    """Anna's team sells by ``process`` (Prospect 20, Offer 60, Order, Lost), Bert's by
    ``repairs`` (Report, Offer, Done), the stranger's by the stages of Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls._make_team("Installations", cls.anna, cls.manager)
        cls.repair_team = cls._make_team("Repairs", cls.bert)
        cls.plain_team = cls._make_team("Plain", cls.stranger)
        cls.process = cls.env["crm.process"].create(
            {"name": "Installation", "team_ids": cls.team.ids}
        )
        cls.prospect, cls.offer, cls.order, cls.lost = cls.process.stage_ids
        cls.repairs = cls.env["crm.process"].create(
            {
                "name": "Repair",
                "team_ids": cls.repair_team.ids,
                "stage_ids": [
                    Command.create({"name": "Report", "sequence": 201}),
                    Command.create({"name": "Offer", "sequence": 202}),
                    Command.create({"name": "Done", "sequence": 203, "outcome": "order"}),
                ],
            }
        )
        cls.report, cls.repair_offer, cls.done = cls.repairs.stage_ids
        cls.case = cls._make_case("Two lifts")

    @classmethod
    def _make_team(cls, name, *users):
        return cls.env["crm.team"].create(
            {"name": name, "member_ids": [Command.set([user.id for user in users])]}
        )

    @classmethod
    def _make_case(cls, name, **values):
        values = {"partner_id": cls.customer_anna.id, "user_id": cls.anna.id, **values}
        return cls.env["crm.lead"].create({"name": name, "type": "opportunity", **values})

    def _as_anna(self, case=None):
        return (case or self.case).with_user(self.anna)

    def assertStatus(self, case, stage, won_status="pending", probability=None):
        self.assertEqual(case.stage_id.mapped("name"), stage.mapped("name"))
        self.assertEqual(case.stage_id, stage)
        self.assertEqual(case.won_status, won_status)
        self.assertEqual(case.active, won_status != "lost")
        if probability is not None:
            self.assertEqual(case.probability, probability)
            self.assertEqual(case.automated_probability, probability)
