from odoo import api, models
from odoo.tools import SQL


class IrSequence(models.Model):
    """Many numbers at once, where Odoo draws one by one."""

    _inherit = "ir.sequence"

    @api.model
    def _draw_by_code(self, code, count):
        """As ``next_by_code``, for the company of the user.

        :param count: how many numbers
        :return: list of numbers; of ``False`` if there is no such sequence
        """
        if not count:
            return []
        sequence = self.search(
            [("code", "=", code), ("company_id", "in", [self.env.company.id, False])],
            order="company_id",
            limit=1,
        )
        if not sequence:
            return [False] * count
        if count == 1 or sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence.next_by_id() for _number in range(count)]
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        return [sequence.get_next_char(number) for (number,) in rows]
