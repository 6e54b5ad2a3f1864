import re
import unicodedata
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

# A name without three Latin letters is filled up with this one.
FILLER = "X"


class CustomerCodeCounter(models.Model):
    """The last number given to customers under each prefix (K5)."""

    _name = "customer.code.counter"
    _description = "Counter of customer codes"
    _log_access = False

    prefix = fields.Char(required=True)
    number = fields.Integer(required=True)

    _prefix_unique = models.UniqueIndex("(prefix)")

    @api.model
    def _get_prefix(self, name):
        """Three capital letters of the name: ``Höpfner & Co`` gives ``HOP``."""
        latin = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode()
        letters = re.sub(r"[^A-Za-z]", "", latin).upper()
        return letters[:3].ljust(3, FILLER)

    @api.model
    def _take_codes(self, names):
        """Codes that no other customer has, one per name, in order.

        The counters move in a transaction of their own, so that nobody waits for
        anybody else's import; a rollback leaves a gap, never a code given twice.

        :param names: list of customers' names
        :return: list of codes such as ``HOP0001``
        """
        codes = [None] * len(names)
        open_indexes = list(range(len(names)))
        while open_indexes:
            for index, code in zip(
                open_indexes, self._draw([names[i] for i in open_indexes]), strict=True
            ):
                codes[index] = code
            # sudo: a code of a customer whom the user does not see is taken, too
            taken = set(
                self.env["res.partner"]
                .sudo()
                .with_context(active_test=False)
                .search_fetch([("ref", "in", [codes[i] for i in open_indexes])], ["ref"])
                .mapped("ref")
            )
            open_indexes = [i for i in open_indexes if codes[i] in taken]
        return codes

    @api.model
    def _draw(self, names):
        """The next code of each name's prefix, as the counters say."""
        prefixes = [self._get_prefix(name) for name in names]
        wanted = Counter(prefixes)
        if self.env.registry.ready:
            with self.env.registry.cursor() as cr:
                rows = self._advance(cr, wanted)
        else:
            # while the addon is being installed no other connection knows its tables
            rows = self._advance(self.env.cr, wanted)
        following = {prefix: number - wanted[prefix] for prefix, number in rows}
        codes = []
        for prefix in prefixes:
            following[prefix] += 1
            codes.append(f"{prefix}{following[prefix]:04d}")
        return codes

    @api.model
    def _advance(self, cr, wanted):
        """Move the counters on.

        :param wanted: dict prefix: how many codes
        :return: list of ``(prefix, last number)``
        """
        # a lock of the table takes no snapshot, so the counters are read as the last
        # holder left them: nothing to serialise, nothing to retry
        cr.execute("LOCK TABLE customer_code_counter IN SHARE ROW EXCLUSIVE MODE")
        cr.execute(
            SQL(
                """
                INSERT INTO customer_code_counter AS c (prefix, number)
                SELECT * FROM unnest(%s::text[], %s::int[])
                    ON CONFLICT (prefix) DO UPDATE SET number = c.number + EXCLUDED.number
                RETURNING prefix, number
                """,
                list(wanted),
                list(wanted.values()),
            )
        )
        return cr.fetchall()
