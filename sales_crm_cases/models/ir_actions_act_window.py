from odoo import api, models


class IrActionsActWindow(models.Model):
    _inherit = "ir.actions.act_window"

    @api.model
    def _get_named(self, xmlid, name, **values):
        """One of our lists for some of its records, under a name of its own.

        The web client shows ``display_name``, which :meth:`_for_xml_id` gives with the action's
        own name: a new ``name`` alone would never be seen.

        :param xmlid: the action, without the name of this module
        :param values: what is to be changed in it, as ``domain`` and ``context``
        """
        action = self._for_xml_id(f"sales_crm_cases.{xmlid}")
        return {**action, **values, "name": name, "display_name": name}
