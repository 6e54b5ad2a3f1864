from odoo import models

from ..models.privacy_block_mixin import TRIAL

# the message names no more rows
MOST_ROWS = 50


class BaseImportImport(models.TransientModel):
    """The import dialog takes every message for a failure and stays where it is, so that people
    import the file once more. What was imported is told beside it (G6)."""

    _inherit = "base_import.import"

    def execute_import(self, fields, columns, options, dryrun=False):
        first = options.get("skip", 0) + (2 if options.get("has_headers") else 1)
        dialog = self.with_context(privacy_trial=TRIAL) if dryrun else self
        result = super(BaseImportImport, dialog).execute_import(
            fields, columns, options, dryrun=dryrun
        )
        messages = result.get("messages", [])
        rows = [m["rows"]["from"] + first for m in messages if m.get("is_privacy")]
        if not rows:
            return result
        result["messages"] = [m for m in messages if not m.get("is_privacy")]
        text = self.env._(
            "Rows of the file with the address or number of somebody who was anonymised: %(rows)s. "
            "They are imported with a mark, and privacy officers are told.",
            rows=", ".join(map(str, rows[:MOST_ROWS])) + (" …" if len(rows) > MOST_ROWS else ""),
        )
        if dryrun:
            result["messages"].append({"type": "warning", "message": text})
        elif result["ids"]:
            self.env.user._tell_on_screen(
                self.env._("Anonymised before"), text, kind="warning", sticky=True
            )
        return result
