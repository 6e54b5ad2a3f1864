from odoo import fields, models
from odoo.tools import SQL


class SalesVisibilityRevision(models.Model):
    """One row: which state of ``sales.visibility`` a transaction sees.

    Every refresh of the relation takes this row first. That does two things:

    * two reorganisations at once cannot each compute the team from a tree that
      lacks the other's change: the later one fails to serialise and Odoo runs
      its request again;
    * the number never repeats (it is drawn from a sequence, which no rollback
      turns back), so what is kept in memory under it can never be stale.
    """

    _name = "sales.visibility.revision"
    _description = "Revision of the visibility relation"
    _log_access = False

    revision = fields.Integer(required=True)

    def init(self):
        self.env.cr.execute("CREATE SEQUENCE IF NOT EXISTS sales_visibility_revision_number")
        self.env.cr.execute(
            """
            INSERT INTO sales_visibility_revision (id, revision)
            SELECT 1, nextval('sales_visibility_revision_number')
             WHERE NOT EXISTS (SELECT 1 FROM sales_visibility_revision)
            """
        )

    def _get_current(self):
        """The revision that this transaction sees."""
        [[revision]] = self.env.execute_query(
            SQL("SELECT revision FROM sales_visibility_revision WHERE id = 1")
        )
        return revision

    def _advance(self):
        """Take the row and give it a number that was never used."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE sales_visibility_revision
                   SET revision = nextval('sales_visibility_revision_number')
                 WHERE id = 1
                """
            )
        )
