from odoo import api, models


class RecordDialogMixin(models.AbstractModel):
    """Dialogs about records. They show the names of their records, also to who made the dialog
    up by RPC: nobody makes one about records with which he may not do what it is for."""

    _name = "record.dialog.mixin"
    _description = "Dialog about records"

    # ``{relational field: operation that the user must be allowed on its records}``
    _dialog_records = {}

    @api.constrains(lambda self: tuple(self._dialog_records))
    def _check_dialog_records(self):
        for name, operation in self._dialog_records.items():
            # constraints run as superuser
            self[name].sudo(False).check_access(operation)
