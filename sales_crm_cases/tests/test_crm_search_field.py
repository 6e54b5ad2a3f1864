from ast import literal_eval

from lxml import etree
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestCrmSearchField(SalesCrmCommon):
    """Fields that administrators add to the users' search (B6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_anna.city = "Alphaville"
        cls.customer_bert.city = "Betatown"
        others = cls.env["res.partner"].search(
            [("city", "!=", False), ("id", "not in", (cls.customer_anna + cls.customer_bert).ids)]
        )
        others.city = False

    def _offer(self, name, display="dropdown", model="res.partner", user=None):
        field = self.env["ir.model.fields"]._get(model, name)
        return (
            self.env["crm.search.field"]
            .with_user(user or self.crm_admin)
            .create({"model": model, "field_id": field.id, "display": display})
        )

    def _get_search(self, user, model="res.partner"):
        views = self.env[model].with_user(user).get_views([[False, "search"]])
        return etree.fromstring(views["views"]["search"]["arch"]), views["models"][model]["fields"]

    def _get_filters(self, user, model="res.partner"):
        arch, _fields = self._get_search(user, model)
        return {
            node.get("string"): node.get("domain")
            for node in arch.iter("filter")
            if (node.get("name") or "").startswith("search_field_")
        }

    def test_a_drop_down_shows_the_values_that_the_user_sees(self):
        self._offer("city")
        filters = self._get_filters(self.anna)
        self.assertEqual(filters, {"City: Alphaville": "[('city', '=', 'Alphaville')]"})
        self.assertEqual(list(self._get_filters(self.bert)), ["City: Betatown"])
        self.assertEqual(
            list(self._get_filters(self.crm_admin)), ["City: Alphaville", "City: Betatown"]
        )
        self.assertFalse(self._get_filters(self.manager))
        self._show_team(self.manager)
        self.assertEqual(len(self._get_filters(self.manager)), 2)

    def test_what_a_filter_finds(self):
        self._offer("city")
        [domain] = self._get_filters(self.anna).values()
        found = self.env["res.partner"].with_user(self.anna).search([("city", "=", "Alphaville")])
        self.assertEqual(domain, "[('city', '=', 'Alphaville')]")
        self.assertEqual(found, self.customer_anna)

    def test_values_with_quotes(self):
        self.customer_anna.city = """L'Aquila "<&>" \\"""
        self._offer("city")
        [(label, domain)] = self._get_filters(self.anna).items()
        self.assertEqual(label, f"City: {self.customer_anna.city}")
        self.assertEqual(literal_eval(domain), [("city", "=", self.customer_anna.city)])

    def test_selections_and_links(self):
        self._offer("approval_status")
        self.customer_anna.rank_id = self.env["customer.rank"].create({"name": "Test rank"})
        self._offer("rank_id")
        filters = self._get_filters(self.anna)
        self.assertIn("[('approval_status', '=', 'released')]", filters.values())
        self.assertIn(f"[('rank_id', '=', {self.customer_anna.rank_id.id})]", filters.values())

    def test_free_text(self):
        self._offer("street2", "text")
        arch, fields = self._get_search(self.anna)
        names = [node.get("name") for node in arch.findall("field")]
        self.assertIn("street2", names)
        self.assertNotEqual(names[0], "street2")
        self.assertIn("street2", fields)

    def test_cases_have_a_search_of_their_own(self):
        self._offer("city", model="crm.lead")
        self.env["crm.lead"].create(
            {
                "name": "Case",
                "type": "opportunity",
                "partner_id": self.customer_anna.id,
                "user_id": self.anna.id,
            }
        )
        self.assertIn("City: Alphaville", self._get_filters(self.anna, "crm.lead"))
        self.assertFalse(self._get_filters(self.anna))
        self.assertNotIn("City: Alphaville", self._get_filters(self.bert, "crm.lead"))

    def test_rights_on_fields_are_respected(self):
        field = self.env["res.partner"]._fields["city"]
        self._offer("city")
        self.patch(field, "groups", "base.group_system")
        self.assertFalse(self._get_filters(self.anna))
        _arch, fields = self._get_search(self.anna)
        self.assertNotIn("city", fields)

    def test_others_search_as_before(self):
        before = etree.tostring(self._get_search(self.clerk)[0])
        self._offer("city")
        self._offer("street2", "text")
        self.assertEqual(etree.tostring(self._get_search(self.clerk)[0]), before)

    def test_a_field_that_is_taken_back_is_gone(self):
        offered = self._offer("city")
        self.assertTrue(self._get_filters(self.anna))
        offered.active = False
        self.assertFalse(self._get_filters(self.anna))
        offered.active = True
        offered.unlink()
        self.assertFalse(self._get_filters(self.anna))

    def test_only_administrators_add_fields(self):
        for user in (self.anna, self.manager, self.accounts, self.clerk):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self._offer("city", user=user)

    def test_what_cannot_be_searched_is_refused(self):
        for name, display in (
            ("image_1920", "dropdown"),
            ("comment", "dropdown"),
            ("approval_status", "text"),
            ("crm_editable", "text"),
        ):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self._offer(name, display)
        with self.assertRaises(ValidationError):
            self.env["crm.search.field"].with_user(self.crm_admin).create(
                {
                    "model": "crm.lead",
                    "field_id": self.env["ir.model.fields"]._get("res.partner", "city").id,
                }
            )
