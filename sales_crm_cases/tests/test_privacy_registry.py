from dataclasses import replace
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.sales_crm_cases.models.privacy_registry import PrivacyRegistry
from odoo.addons.sales_crm_cases.personal_data import PERSONAL_MODELS

from .privacy_common import MARKER, PrivacyCommon


@tagged("post_install", "-at_install")
class TestPrivacyRegistry(PrivacyCommon):
    """Every field that reaches a person is classified."""

    def test_nothing_of_the_installed_apps_is_unclassified(self):
        found = self.env["privacy.registry"]._find_unclassified()
        self.assertEqual(found, [])

    def _find_without(self, model_name, change=None):
        """What is unclassified if the declaration of a model is missing, or changed."""
        declared = PrivacyRegistry._get_personal_models(self.env["privacy.registry"])
        less = [
            replace(one, **change) if one.model == model_name else one
            for one in declared
            if change or one.model != model_name
        ]
        with patch.object(PrivacyRegistry, "_get_personal_models", lambda registry: less):
            return [row[:2] for row in self.env["privacy.registry"]._find_unclassified()]

    def test_a_model_that_nobody_declared_is_found(self):
        for model_name, ways in {
            "customer.reminder": ["owner_id", "customer_id", "contact_id"],  # many2one
            "calendar.event": ["partner_ids", "res_id"],  # many2many, reference
            "ir.attachment": ["res_id"],
            "mail.message.translation": ["message_id"],  # part of what is a person's
        }.items():
            found = self._find_without(model_name)
            self.assertEqual(set(found), {(model_name, way) for way in ways})

    def test_a_field_that_nobody_classified_is_found(self):
        # neither choices of a person nor texts that may not be empty follow from their type
        found = self._find_without("sale.order.line", {"fields": {}})
        self.assertIn(("sale.order.line", "name"), found)
        partner = PERSONAL_MODELS[0]
        less = {name: t for name, t in partner.fields.items() if name != "birthday"}
        found = self._find_without("res.partner", {"fields": less})
        self.assertEqual(found, [("res.partner", "birthday")])

    def test_the_officer_spares_a_field_but_never_the_name(self):
        fields_list = self.env["privacy.field"].with_user(self.officer)
        fields_list.action_open()
        spared = fields_list.search([("model", "=", "res.partner"), ("name", "=", "function")])
        spared.anonymise = False
        name = fields_list.search([("model", "=", "res.partner"), ("name", "=", "name")])
        with self.assertRaises(ValidationError):
            name.anonymise = False
        spared.write({"treatment": "law"})
        self.assertEqual(spared.treatment, "empty", "only the choice is the officer's")
        person = self._make_person_of_interest()
        self._anonymize(person)
        self.assertIn(MARKER, person.function)
        self.assertFalse(person.email)
