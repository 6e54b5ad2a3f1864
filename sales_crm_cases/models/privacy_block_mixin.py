from markupsafe import Markup
from odoo import api, fields, models

from .privacy_partner_mixin import OFFICER

# a message names no more records
MOST_LINKS = 10
# Only a trial of an import puts this object into the context: nothing of it will have happened.
TRIAL = object()


class PrivacyBlockMixin(models.AbstractModel):
    """Marks whoever comes back with the address or number of an anonymised person (G6).

    The mark warns, and nothing is refused: in the form before saving, in an import by row, and
    whatever else makes records, as the mail gateway, tells officers and whose record it is.
    """

    _name = "privacy.block.mixin"
    _description = "Warning of anonymised people"
    # as in mail.thread.blacklist, whose heirs these are
    _primary_email = "email"

    is_forgotten = fields.Boolean(
        string="Anonymised before",
        compute="_compute_is_forgotten",
        compute_sudo=True,
        store=True,
        copy=False,
        help="The e-mail address or phone number was that of an anonymised person.",
    )

    _forgotten_idx = models.Index("(id) WHERE is_forgotten IS TRUE")

    @api.depends(lambda self: (self._primary_email, "phone", "phone_sanitized"))
    def _compute_is_forgotten(self):
        blocks = self.env["privacy.block"]
        texts = (
            {record: record._get_blockable_texts() for record in self}
            if blocks._has_blocks()
            else {}
        )
        found = blocks._find(text for own in texts.values() for text in own)
        for record in self:
            record.is_forgotten = any(text in found for text in texts.get(record, ()))

    def _get_blockable_texts(self):
        normalize = self.env["privacy.block"]._normalize
        return {("email", text) for text in normalize("email", self[self._primary_email])} | {
            ("phone", text)
            for number in (self.phone, self.phone_sanitized)
            for text in normalize("phone", number)
        }

    def _warn_if_forgotten(self):
        """What an onchange returns."""
        if not self.is_forgotten or self._origin.is_forgotten:
            return None
        return {
            "warning": {
                "title": self.env._("Anonymised before"),
                "message": self._get_forgotten_message(),
            }
        }

    @api.model
    def _get_forgotten_message(self):
        return self.env._(
            "This e-mail address or phone number was that of somebody whose data was anonymised. Keep it "
            "only if the person came back willingly. If you save it, privacy officers are told."
        )

    # ------------------------------------------------------------------
    # Whoever comes back
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name != "is_forgotten"}
                for vals in vals_list
            ]
        records = super().create(vals_list)
        if self.env["privacy.block"]._has_blocks():
            records._tell_of_return()
        return records

    def write(self, vals):
        if "is_forgotten" in vals and not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "is_forgotten"}
        is_watched = {self._primary_email, "phone", "country_id"} & vals.keys()
        if not is_watched or not self.env["privacy.block"]._has_blocks():
            return super().write(vals)
        # sudo: the mark of whatever is written
        known = self.sudo().filtered("is_forgotten")
        result = super().write(vals)
        (self - known)._tell_of_return()
        return result

    def _tell_of_return(self):
        """A message to the officers, and to whose records these are, without personal data."""
        # sudo: officers are told of records of all companies, whoever makes them
        back = self.sudo().filtered("is_forgotten")
        if not back or self.env.context.get("privacy_trial") is TRIAL:
            return
        officers = self.env.ref(OFFICER).sudo().all_user_ids
        told = (officers | back.user_id).filtered("active") - self.env.user
        for user in told:
            own = back if user in officers else back.filtered(lambda r, u=user: r.user_id == u)
            env = back.with_context(lang=user.lang).env
            links = Markup(" ").join(
                Markup('<a href="/odoo/%s/%s">%s</a>') % (self._name, record.id, record.id)
                for record in own[:MOST_LINKS]
            )
            user.with_env(env)._tell_by_mail(
                env._("Somebody who was anonymised before"),
                Markup("<p>%s</p><p>%s</p>")
                % (
                    env._(
                        "Records with the address or number of somebody whose data was anonymised were made or "
                        "changed: %(count)s. Lift the block if the person came back willingly; else "
                        "delete them.",
                        count=len(own),
                    ),
                    links,
                ),
            )

    def action_lift_block(self):
        """The person came back willingly: lift the blocks of the records' addresses and numbers
        (G6).

        :raise AccessError: no privacy officer
        """
        self.env["privacy.request"]._check_officer()
        self.check_access("read")
        # sudo: officers need not have the right to edit these
        found = self.env["privacy.block"]._find(
            text for record in self.sudo() for text in record._get_blockable_texts()
        )
        self.env["privacy.block"].sudo().browse(found.values())._lift()
        return True

    # ------------------------------------------------------------------
    # Import
    # ------------------------------------------------------------------

    @api.model
    def load(self, fields, data):
        """Rows with the address or number of an anonymised person are imported and give a
        message of the type "warning"."""
        if not self.env["privacy.block"]._has_blocks():
            return super().load(fields, data)
        rows = []
        result = super(PrivacyBlockMixin, self.with_context(privacy_import_rows=rows)).load(
            fields, data
        )
        # sudo: the marks of what was just imported
        records = self.sudo().browse(result["ids"] or [])
        result["messages"] += [
            {
                **info,
                "type": "warning",
                "message": self._get_forgotten_message(),
                "is_privacy": True,
            }
            for record, info in zip(records, rows, strict=False)
            if record.is_forgotten
        ]
        return result

    def _convert_records(self, records, *args, **kwargs):
        rows = self.env.context.get("privacy_import_rows")
        skipped = self.env.context.get("import_skip_records") or ()
        for id_, xid, record, info in super()._convert_records(records, *args, **kwargs):
            if rows is not None and not any(record.get(name) is None for name in skipped):
                rows.append(info)
            yield id_, xid, record, info
