from odoo import api, fields, models
from odoo.tools import SQL


class CrmProcessSubject(models.Model):
    """A subject of which the cases of a process may choose (B1)."""

    _name = "crm.process.subject"
    _description = "Subject of cases"
    _order = "sequence, id"

    process_id = fields.Many2one("crm.process", required=True, index=True, ondelete="cascade")
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)

    @api.model
    def _get_ids_by_name(self, process_ids):
        """The subjects of some processes by their names in all languages: who writes a case
        and who reads it need not share one.

        :return: dict ``{(id of the process, folded name): id of the subject}``
        """
        if not process_ids:
            return {}
        self.flush_model(["name", "process_id", "sequence"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.process_id, t.value, s.id
                  FROM crm_process_subject s, jsonb_each_text(s.name) t
                 WHERE s.process_id = ANY(%s) ORDER BY s.sequence DESC, s.id DESC
                """,
                list(process_ids),
            )
        )
        return {(process_id, self._fold(name)): id_ for process_id, name, id_ in rows}

    @api.model
    def _fold(self, name):
        return " ".join((name or "").split()).casefold()
