import hashlib
import hmac
import os
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config, email_normalize_all, ormcache

from ..personal_identity import get_digits

# where the key is looked for: a server that has one of its own keeps it out of the database
KEY_OPTION = "privacy_key"
KEY_VARIABLE = "SALES_CRM_PRIVACY_KEY"
KEY_PARAMETER = "sales_crm_cases.privacy_key"


class PrivacyBlock(models.Model):
    """E-mail addresses and phone numbers of anonymised people, as keyed hashes (G6).

    A name alone says nothing: it has namesakes, so it is not kept. Neither is whose address it
    was or the hour, which would lead back to the records that were anonymised. Of two keys, the
    server's own and that in the database, the first makes the hashes, and both find them: hashes
    from before the server got a key are found still.
    """

    _name = "privacy.block"
    _description = "Address of an anonymised person"
    _order = "date DESC, id DESC"
    _rec_name = "kind"
    _log_access = False

    kind = fields.Selection(
        [("email", "E-mail address"), ("phone", "Phone number")], required=True, readonly=True
    )
    digest = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    date = fields.Date(string="Anonymised on", required=True, readonly=True)

    _digest_unique = models.UniqueIndex("(digest)")

    # ------------------------------------------------------------------
    # Hashes
    # ------------------------------------------------------------------

    @api.model
    def _get_keys(self):
        """The keys, the one that makes hashes first.

        :return: list of bytes
        """
        # sudo: readable by the system alone
        parameters = self.env["ir.config_parameter"].sudo()
        keys = [
            os.environ.get(KEY_VARIABLE) or config.get(KEY_OPTION),
            parameters.get_param(KEY_PARAMETER),
        ]
        return [key.encode() for key in keys if key]

    @api.model
    def _get_or_make_keys(self):
        """The same; the one in the database is made at the installation."""
        keys = self._get_keys()
        if not keys:
            # sudo: as above
            self.env["ir.config_parameter"].sudo().set_param(KEY_PARAMETER, secrets.token_hex(32))
            keys = self._get_keys()
        return keys

    @api.model
    def _normalize(self, kind, text):
        """:return: set of texts that are the same for all notations of an address or number"""
        if not text:
            return set()
        if kind == "email":
            return set(email_normalize_all(text)) or {text.strip().lower()}
        digits = get_digits(text)
        if not digits:
            return set()
        is_international = text.strip().startswith(("+", "00"))
        return {f"+{digits.lstrip('0')}" if is_international else digits}

    @api.model
    def _hash(self, key, kind, text):
        return hmac.new(key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()

    # ------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------

    @api.model
    @ormcache()
    def _has_blocks(self):
        """Whether there are any: as long as there are none, nothing is asked."""
        return bool(self.env.execute_query(SQL("SELECT 1 FROM privacy_block LIMIT 1")))

    @api.model
    def _add(self, identity):
        """Keep the hashes of whoever is being anonymised, in his transaction (G6).

        :param identity: the :class:`PersonalIdentity` of the people, without what others share
        """
        texts = {
            ("email", text) for email in identity.emails for text in self._normalize("email", email)
        }
        texts |= {
            ("phone", text)
            for number in identity.numbers
            for text in self._normalize("phone", number)
        }
        if not texts:
            return
        key = self._get_or_make_keys()[0]
        # in an order that tells nothing of who belongs to whom
        rows = sorted((self._hash(key, kind, text), kind) for kind, text in texts)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO privacy_block (digest, kind, date)
                SELECT n.digest, n.kind, %s FROM unnest(%s, %s) AS n(digest, kind)
                    ON CONFLICT DO NOTHING
                """,
                fields.Date.today(),
                [digest for digest, _kind in rows],
                [kind for _digest, kind in rows],
            )
        )
        self.env["privacy.registry"]._forget_answers()

    @api.model
    def _find(self, texts):
        """Which of these were a person's who is anonymised, in one query.

        :param texts: iterable of ``(kind, normalised text)``
        :return: dict ``{(kind, text): id of the row}``
        """
        texts = set(texts)
        if not texts or not self._has_blocks():
            return {}
        by_digest = {
            self._hash(key, kind, text): (kind, text)
            for key in self._get_keys()
            for kind, text in texts
        }
        rows = self.env.execute_query(
            SQL("SELECT digest, id FROM privacy_block WHERE digest = ANY(%s)", list(by_digest))
        )
        return {by_digest[digest]: id_ for digest, id_ in rows}

    # ------------------------------------------------------------------
    # Lift
    # ------------------------------------------------------------------

    @api.model
    def lift(self, texts):
        """Lift the blocks of e-mail addresses and phone numbers: the person came back willingly
        (G6). It is logged, without them.

        :param texts: list of e-mail addresses and phone numbers, these with the country's prefix
        :return: how many blocks were lifted
        :raise AccessError: no privacy officer
        :raise UserError: none of them is blocked
        """
        self.env["privacy.request"]._check_officer()
        if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
            raise UserError(self.env._("Give a list of e-mail addresses and phone numbers."))
        found = self._find(
            (kind, normal)
            for text in texts
            for kind in ("email", "phone")
            for normal in self._normalize(kind, text)
        )
        if not found:
            raise UserError(self.env._("None of these addresses and numbers is blocked."))
        # sudo: the list is the server's; the right is checked above
        self.sudo().browse(found.values())._lift()
        return len(found)

    def action_lift(self):
        """Lift the chosen blocks. As :meth:`lift`."""
        self.env["privacy.request"]._check_officer()
        self.check_access("read")
        # sudo: as above
        self.sudo().exists()._lift()
        return True

    def _lift(self):
        """``self`` is sudo."""
        count = len(self)
        self.unlink()
        self.env["privacy.registry"]._forget_answers()
        self.env["privacy.request"]._log("lift", self.env["res.partner"]).write(
            {"state": "done", "date_done": fields.Datetime.now(), "person_count": count}
        )
        for model_name in ("res.partner", "crm.lead"):
            Model = self.env[model_name].with_context(active_test=False)
            marked = Model.search([("is_forgotten", "=", True)])
            self.env.add_to_compute(Model._fields["is_forgotten"], marked)
