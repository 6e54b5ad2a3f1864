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

    @api.model
    def _get_dialog(self, model_name, name, context, view=None):
        """A form in a dialog.

        :param context: dict, mostly of the defaults
        :param view: XML id of the form, without the name of this module; None: the model's first
        """
        view_id = view and self.env.ref(f"sales_crm_cases.{view}").id
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model_name,
            "view_mode": "form",
            "views": [(view_id or False, "form")],
            "target": "new",
            "context": context,
        }
