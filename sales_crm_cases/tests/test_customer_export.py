import csv
import io
import json

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .process_common import ProcessCommon


@tagged("post_install", "-at_install")
class TestCustomerExport(ProcessCommon, HttpCase):
    """Export of all customers of a view of cases, by Odoo's own export (B4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exporting = cls.env.ref("base.group_allow_export")
        for user in (cls.anna, cls.manager, cls.crm_admin):
            user.group_ids |= cls.exporting
        cls.cases = cls._make_case("Second", team_id=cls.team.id)
        cls.cases += cls._make_case(
            "Bert's", partner_id=cls.customer_bert.id, user_id=cls.bert.id, team_id=cls.team.id
        )
        cls.cases += cls._make_case(
            "Secret",
            partner_id=cls.customer_stranger.id,
            user_id=cls.stranger.id,
            team_id=cls.team.id,
        )
        cls.domain = [["process_id", "=", cls.process.id]]

    def _get_export(self, user, domain=None, **context):
        return (
            self.env["crm.lead"]
            .with_user(user)
            .with_context(**context)
            .get_customer_export(self.domain if domain is None else domain)
        )

    def _find(self, user, export):
        export = json.loads(json.dumps(export))
        partners = self.env[export["res_model"]].with_user(user)
        return partners.with_context(**export["context"]).search(export["domain"])

    def test_the_customers_of_the_view_in_sight_each_once(self):
        self._show_team(self.manager)
        for user, customers in (
            (self.anna, self.customer_anna),
            (self.manager, self.customer_anna + self.customer_bert),
            (self.crm_admin, self.customer_anna + self.customer_bert + self.customer_stranger),
        ):
            found = self._find(user, self._get_export(user)).with_env(self.env)
            self.assertEqual(sorted(found.ids), sorted(customers.ids), user.name)
        # nor does the domain of somebody else show more
        foreign = self._get_export(self.crm_admin)
        found = self._find(self.anna, foreign)
        self.assertEqual(found.with_env(self.env), self.customer_anna)

    def test_a_shared_case_does_not_export_its_customer(self):
        self.cases[1].collaborator_ids = [Command.set(self.anna.ids)]
        found = self._find(self.anna, self._get_export(self.anna))
        self.assertEqual(found.with_env(self.env), self.customer_anna)

    def test_lost_cases_count_where_the_view_shows_them(self):
        lost = self._make_case("Gone", team_id=self.team.id)
        lost.action_set_lost()
        domain = [["name", "=", "Gone"]]
        self.assertFalse(self._find(self.anna, self._get_export(self.anna, domain)))
        export = self._get_export(self.anna, domain, active_test=False)
        self.assertEqual(self._find(self.anna, export).with_env(self.env), self.customer_anna)
        self.customer_anna.active = False
        self.assertFalse(self._find(self.anna, export), "archived customers are not exported")

    def test_only_with_the_right_to_export(self):
        portal = new_test_user(self.env, "scc_export_portal", groups="base.group_portal")
        for user in (self.bert, self.stranger, self.accounts, self.clerk, portal):
            user.group_ids -= self.exporting
            with self.assertRaises(AccessError):
                self._get_export(user)
        # nor does the right to export make a reader of cases
        for user in (self.accounts2, self.clerk):
            user.group_ids |= self.exporting
            with self.assertRaises(AccessError):
                self._get_export(user)

    # ------------------------------------------------------------------
    # Odoo's export, over HTTP
    # ------------------------------------------------------------------

    def _download(self, export, export_format="csv"):
        return self.url_open(
            f"/web/export/{export_format}",
            data={
                "data": json.dumps(
                    {
                        "import_compat": False,
                        "context": export["context"],
                        "domain": export["domain"],
                        "fields": [
                            {"name": name, "label": name, "type": "char"}
                            for name in export["fields"]
                        ],
                        "groupby": [],
                        "ids": False,
                        "model": export["res_model"],
                    }
                ),
                "csrf_token": Request.csrf_token(self),
            },
        )

    def test_download(self):
        export = self._get_export(self.anna)
        self.assertIn("main_salesman_id", export["fields"])
        self.authenticate(self.anna.login, self.anna.login)
        rows = list(csv.DictReader(io.StringIO(self._download(export).text)))
        self.assertEqual([row["complete_name"] for row in rows], [self.customer_anna.name])
        self.assertEqual(rows[0]["main_salesman_id"], "Anna")
        self.assertEqual(rows[0]["ref"], self.customer_anna.ref)
        workbook = self._download(export, "xlsx")
        self.assertEqual(workbook.status_code, 200)
        self.assertEqual(workbook.content[:2], b"PK")

    def test_the_server_refuses_a_download_without_the_right(self):
        export = self._get_export(self.anna)
        self.anna.group_ids -= self.exporting
        self.authenticate(self.anna.login, self.anna.login)
        with mute_logger("odoo.addons.web.controllers.export", "odoo.http"):
            response = self._download(export)
        self.assertEqual(response.status_code, 500)
        self.assertNotIn(self.customer_anna.name, response.text)

    def test_queries_do_not_grow_with_the_customers(self):
        few, many = self._count_queries(3), self._count_queries(60)
        self.assertLessEqual(many, few + 2)

    def _count_queries(self, number):
        name = f"Grown {number}"
        for n in range(number):
            customer = self._make_customer(f"{name} {n}", self.anna)
            self._make_case(name, partner_id=customer.id, team_id=self.team.id)
        export = self._get_export(self.anna, [["name", "=", name]])
        partners = self.env["res.partner"].with_user(self.anna)
        partners.search(export["domain"]).export_data(export["fields"])
        self._empty_caches()
        before = self.cr.sql_log_count
        rows = partners.search(export["domain"]).export_data(export["fields"])["datas"]
        self.assertEqual(len(rows), number)
        return self.cr.sql_log_count - before
