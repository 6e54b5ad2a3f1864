import io
import json
import os
import xmlrpc.client
import zipfile
from datetime import timedelta
from pathlib import Path

from odoo import fields, http
from odoo.tests import HttpCase, tagged

from .attack_catalogue import METHODS, MODELS, ROUTES, find_methods, find_models, find_routes
from .attack_matrix import CURIOUS, TWINS, AttackMatrix
from .attack_summary import make_summary

# what outside programs ask for; each call checks a password, which takes its time
PROGRAM_MODELS = (
    "res.partner",
    "crm.lead",
    "sale.order",
    "account.move",
    "mail.activity",
    "mail.message",
    "customer.note",
    "sales.recommendation",
)


@tagged("post_install", "-at_install")
class TestAttackMatrix(AttackMatrix, HttpCase):
    """Every model, method and route that leads to a customer, by every channel, as every kind of
    user, against a plain model of the rules (V1-V9).

    ``SALES_CRM_ATTACK_SUMMARY`` names a file for ``docs/attack_matrix.md``: what was asked.
    """

    @classmethod
    def tearDownClass(cls):
        path = os.environ.get("SALES_CRM_ATTACK_SUMMARY")
        if path:
            Path(path).write_text(make_summary(cls))
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
    # The web
    # ------------------------------------------------------------------

    def _each_kind(self):
        """Names of the users who differ by how they see records."""
        return [name for name in self.users if name not in TWINS]

    def _sign_in(self, name):
        user = self.users[name]
        if name == "public":
            self.authenticate(None, None)
        else:
            self.authenticate(user.login, user.login)

    def _request(self, route, secret):
        """:return: ``(status, content)`` of the answer to a request for a record"""

        def fill(value):
            if isinstance(value, str):
                if value == "{id}":
                    return secret.id
                return value.replace("{model}", secret.model).replace("{id}", str(secret.id))
            if isinstance(value, list):
                return [fill(each) for each in value]
            if isinstance(value, dict):
                return {key: fill(each) for key, each in value.items()}
            return value

        path = fill(route.path)
        if route.kind == "json":
            answer = self.url_open(path, json={"jsonrpc": "2.0", "params": fill(route.data)})
        else:
            answer = self.url_open(path, allow_redirects=False)
        # where it leads to is part of the answer; the page there is asked for by its own route
        target = answer.headers.get("Location", "").encode()
        return answer.status_code, target + self._unpack(answer.content)

    @staticmethod
    def _unpack(content):
        if not content.startswith(b"PK"):
            return content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist())

    def _attack_route(self, name, rule, route, model_name):
        sight = self.sights[name]
        seen, hidden, _open = self.divide(name, model_name)
        is_served = not route.who or self.is_member(sight, route.who)
        for secret, is_seen in [(s, False) for s in hidden[:1]] + [(s, True) for s in seen[:1]]:
            if is_seen and route.writes:
                continue
            status, content = self._request(route, secret)
            # who is there to be told all, is
            told = content if not (route.who and is_served and is_seen) else b""
            self.note("routes", name, rule, told, ("case", "name", "contact", "order", "invoice"))
            kind = route.shows if isinstance(route.shows, str) else secret.kind
            own = (secret.family, kind) in self.find_words(content)
            if is_seen and is_served:
                if route.shows and not own:
                    self.leak(name, rule, "routes", f"keeps {secret.kind}: {status}")
            # who is not signed in is sent to the page where he can
            elif route.hides and status != route.hides and b"/web/login" not in content:
                self.leak(name, rule, "routes", f"answers {status}, not {route.hides}")

    def test_routes(self):
        for name in self._each_kind():
            self._sign_in(name)
            for rule, routes in ROUTES.items():
                if isinstance(routes, str):
                    self.assertTrue(hasattr(self, routes), routes)
                    continue
                for route in routes:
                    # the routes of a chatter are the same for all documents
                    for model_name in route.models if name in CURIOUS else route.models[:1]:
                        if model_name in self.by_model:
                            self._attack_route(name, rule, route, model_name)
        self.env.invalidate_all()
        for model_name, secrets in self.by_model.items():
            ids = {secret.id for secret in secrets}
            self.assertEqual(len(self.env[model_name].browse(ids).exists()), len(ids), model_name)
        self.finish()

    def test_pictures(self):
        """What one does not see has the picture of what does not exist."""
        for name in self._each_kind():
            self._sign_in(name)
            seen, hidden, _open = self.divide(name, "res.partner")
            for secrets, is_seen in ((hidden, False), (seen, True)):
                for secret in [s for s in secrets if s.kind == "customer"][:2]:
                    for path in (
                        "/web/image/res.partner/%s/image_128",
                        "/web/image?model=res.partner&id=%s&field=image_1920",
                    ):
                        nothing = self.url_open(path % 999999999)
                        answer = self.url_open(path % secret.id)
                        self.note("pictures", name, "res.partner", answer.content)
                        if (answer.content == nothing.content) == is_seen:
                            self.leak(name, "res.partner", "pictures", f"{secret.kind}, {is_seen}")
        self.finish()

    def test_exports(self):
        for name in self._each_kind():
            user = self.users[name]
            if not user.has_group("base.group_allow_export"):
                continue
            self._sign_in(name)
            for model_name, paths in (
                ("res.partner", ("name", "child_ids/email", "case_ids/name")),
                ("crm.lead", ("name", "partner_id/email", "order_ids/client_order_ref")),
                ("sale.order", ("client_order_ref", "partner_id/ref")),
                ("customer.note", ("body",)),
                ("third.party.contract", ("name", "item_ids/name")),
                ("mail.message", ("body",)),
            ):
                hidden = self.divide(name, model_name)[1]
                for ids in (False, [secret.id for secret in hidden[:1]]):
                    data = {
                        "model": model_name,
                        "ids": ids,
                        "domain": [("id", "in", [s.id for s in self.by_model[model_name]])],
                        "groupby": [],
                        "import_compat": False,
                        "fields": [{"name": path, "label": path} for path in ("id", *paths)],
                        "context": {"allowed_company_ids": user.company_ids.ids},
                    }
                    for kind in ("csv", "xlsx"):
                        answer = self.url_open(
                            f"/web/export/{kind}",
                            data={
                                "data": json.dumps(data),
                                "csrf_token": http.Request.csrf_token(self),
                            },
                        )
                        self.note("exports", name, model_name, self._unpack(answer.content))
        self.finish()

    def test_programs(self):
        """JSON-2 and XML-RPC, as a program of the user's asks."""
        expires = fields.Datetime.now() + timedelta(days=1)
        for name in self._each_kind():
            user = self.users[name]
            if user.share:
                continue
            key = self.env["res.users.apikeys"].with_user(user)._generate("rpc", "x", expires)
            headers = {"Authorization": f"Bearer {key}"}
            database = self.env.cr.dbname
            for model_name in PROGRAM_MODELS:
                secrets = self.by_model[model_name]
                domain = [["id", "in", [secret.id for secret in secrets]]]
                context = {"allowed_company_ids": user.company_ids.ids, "active_test": False}
                values = {"domain": domain, "fields": ["id"], "context": context}
                answer = self.url_open(
                    f"/json/2/{model_name}/search_read", json=values, headers=headers
                )
                self.note("JSON-2", name, model_name, answer.content)
                if answer.status_code == 200:
                    self.compare_ids("JSON-2", name, model_name, [r["id"] for r in answer.json()])
                elif self.divide(name, model_name)[0]:
                    self.leak(name, model_name, "JSON-2", f"keeps all: {answer.status_code}")
                for secret in self.divide(name, model_name)[1][:1]:
                    try:
                        answer = self.xmlrpc_object.execute_kw(
                            database, user.id, user.login, model_name, "read", [[secret.id]]
                        )
                    except xmlrpc.client.Fault as fault:
                        answer = ""
                        self.note("XML-RPC", name, model_name, fault.faultString)
                    self.note("XML-RPC", name, model_name, answer)
                    if answer:
                        self.leak(name, model_name, "XML-RPC", "reads hidden")
        self.finish()

    def test_calendar_feeds(self):
        """Everybody's feed holds his own events and activities, while he sees the customer."""
        self.env["calendar.feed.tick"].create(
            [
                {"event_id": secret.id, "user_id": self.users[name].id}
                for secret in self.by_model["calendar.event"]
                for name in ("linked", "former", "administrator")
            ]
        )
        self.env.cr.execute("UPDATE mail_activity SET in_calendar_feed = TRUE")
        self.authenticate(None, None)
        for name, user in self.users.items():
            if user.share:
                continue
            token = self.env["calendar.feed"]._make_token(user)
            self.env.flush_all()
            answer = self.url_open(f"/crm/calendar/{token}.ics")
            self.note("calendar feed", name, "calendar.feed", answer.content)
            self.assertEqual(answer.status_code, 200)
            told = self.find_words(answer.content)
            if name == "linked":
                self.assertIn(("a", "event"), told)
            if name == "former":
                self.assertFalse(told)
            self.env["calendar.feed"]._revoke(user)
            self.env.flush_all()
            self.assertEqual(self.url_open(f"/crm/calendar/{token}.ics").status_code, 404)
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
                self.leaks.clear()
                for name in ("former", "peer", "bookkeeper"):
                    if not self.leaks:
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
        self.assertIn("keeps note of a", self.leaks["linked", "customer.note"])
