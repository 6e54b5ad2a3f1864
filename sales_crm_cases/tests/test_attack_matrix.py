import io
import json
import logging
import os
import xmlrpc.client
import zipfile
from datetime import timedelta
from pathlib import Path

from odoo import fields, http
from odoo.tests import HttpCase, tagged

from .attack_catalogue import METHODS, MODELS, ROUTES, find_methods, find_models, find_routes
from .attack_matrix import CURIOUS, AttackMatrix
from .attack_world import word

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestAttackMatrix(AttackMatrix, HttpCase):
    """Every model, method and route that leads to a customer, by every channel, as every kind of
    user, against a plain model of the rules (V1-V9).

    ``SALES_CRM_ATTACK_SUMMARY`` names a file for the table of what was asked.
    """

    @classmethod
    def tearDownClass(cls):
        summary = cls.get_summary()
        _logger.info("attack matrix: %s", "\n".join(summary))
        path = os.environ.get("SALES_CRM_ATTACK_SUMMARY")
        if path:
            Path(path).write_text("\n".join(summary) + "\n")
        super().tearDownClass()

    # ------------------------------------------------------------------
    # Nothing is left out
    # ------------------------------------------------------------------

    def test_every_model_has_an_expectation(self):
        found = find_models(self.env)
        missing = {name: ways for name, ways in found.items() if name not in MODELS}
        self.assertFalse(
            missing,
            "these lead to a customer: say in MODELS of attack_catalogue.py who sees their "
            "records, and put some into attack_world.py",
        )
        with_policy = {name for name in MODELS if MODELS[name].policy.__name__ != "is_anybodys"}
        self.assertFalse(
            {name for name in with_policy if name in self.env} - set(self.by_model),
            "attack_world.py has no records of these",
        )

    def test_every_method_has_an_expectation(self):
        missing = [
            f"{model}.{method}"
            for model, method in find_methods(self.env)
            if method not in METHODS.get(model, ())
        ]
        self.assertFalse(
            missing, "RPC reaches these: say in METHODS of attack_catalogue.py whom they serve"
        )

    def test_every_route_has_an_expectation(self):
        found = find_routes(self.env)
        self.assertTrue(any(found.values()), "the addon has routes")
        missing = [rule for rule, is_ours in found.items() if is_ours and rule not in ROUTES]
        self.assertFalse(missing, "say in ROUTES of attack_catalogue.py whom these serve")
        self.assertFalse(set(ROUTES) - set(found), "there are no such routes any more")

    # ------------------------------------------------------------------
    # The ORM
    # ------------------------------------------------------------------

    def test_orm_channels(self):
        for name in self.users:
            for model_name in self.by_model:
                self.attack_model(name, model_name, is_thorough=name in CURIOUS)
        self.finish()

    def test_methods(self):
        for name in self.users:
            self.attack_methods(name)
        self.finish()

    # ------------------------------------------------------------------
    # The matrix sees what it must see
    # ------------------------------------------------------------------

    def test_a_missing_rule_is_found(self):
        """One rule after the other is switched off; each time the matrix finds it."""
        rules = self.env["ir.rule"].search(
            [("domain_force", "ilike", "crm_visible"), ("perm_read", "=", True)]
        )
        self.assertGreater(len(rules), 20)
        blind = []
        for rule in rules:
            with self.cr.savepoint() as savepoint:
                rule.active = False
                self.env.invalidate_all()
                self.leaks = []
                for name in ("peer", "former"):
                    self.attack_model(name, rule.model_id.model)
                if not self.leaks:
                    blind.append(rule.name)
                savepoint.rollback()
            self.registry.clear_cache()
            self.env.invalidate_all()
        self.assertFalse(blind, "nobody would notice if these rules were missing")

    def test_a_rule_that_hides_too_much_is_found(self):
        rule = self.env.ref("sales_crm_cases.customer_note_rule_visible")
        rule.domain_force = "[(0, '=', 1)]"
        self.attack_model("linked", "customer.note")
        self.assertTrue([leak for leak in self.leaks if "keeps from linked" in leak])
