from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .crm_process import NAMED_BY_STEP


class CrmLead(models.Model):
    """The subject of a case: one of its process, or what was typed (B1)."""

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    subject_mode = fields.Selection(related="process_id.subject_mode", string="Subjects")
    subject_id = fields.Many2one(
        "crm.process.subject",
        compute="_compute_subject_id",
        inverse="_inverse_subject_id",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain="[('process_id', '=', process_id)]",
        help="The subject of the process that the name of the case is, in whatever language.",
    )
    has_subjects = fields.Boolean(
        compute="_compute_has_subjects", export_string_translation=False, compute_sudo=True
    )

    @api.depends("name", "process_id")
    def _compute_subject_id(self):
        subjects = self.env["crm.process.subject"]
        known = subjects._get_ids_by_name(self.process_id._origin.ids)
        for lead in self:
            key = (lead.process_id._origin.id, subjects._fold(lead.name))
            lead.subject_id = known.get(key, False)

    def _inverse_subject_id(self):
        for lead in self:
            if lead.subject_id:
                lead.name = lead.subject_id.name

    @api.depends("process_id.subject_ids")
    def _compute_has_subjects(self):
        for lead in self:
            lead.has_subjects = bool(lead.process_id.subject_ids)

    @api.constrains("subject_id")
    def _check_subject_is_of_process(self):
        for lead in self.filtered("subject_id"):
            if lead.subject_id.process_id != lead.process_id:
                raise ValidationError(
                    self.env._(
                        "“%(subject)s” is a subject of the process “%(foreign)s”, which the case “%(case)s” does not "
                        "follow. Choose a subject of its own process.",
                        subject=lead.subject_id.name,
                        foreign=lead.subject_id.process_id.name,
                        case=lead.name,
                    )
                )

    @api.onchange("subject_id")
    def _onchange_subject_id(self):
        self._inverse_subject_id()

    def _check_subject(self):
        """Fixed subjects are what a case is called (B1).

        :raise UserError: names the subjects
        """
        if self.env.su or self.env.context.get("case_named") is NAMED_BY_STEP:
            return
        for lead in self:
            # sudo: a process of another company
            process = lead.process_id.sudo()
            if lead.type != "opportunity" or process.subject_mode != "fixed" or lead.subject_id:
                continue
            raise UserError(
                self.env._(
                    "“%(subject)s” is no subject of the process “%(process)s”. Choose one of: %(subjects)s.",
                    subject=lead.name,
                    process=process.name,
                    subjects=", ".join(process.subject_ids.mapped("name")),
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create([self._complete_name(vals) for vals in vals_list])
        leads._check_subject()
        return leads

    def write(self, vals):
        names = {}
        if {"name", "subject_id"} & vals.keys():
            names = {lead: lead.name for lead in self}
        result = super().write(vals)
        if names:
            self.filtered(lambda lead: lead.name != names[lead])._check_subject()
        return result

    @api.model
    def _complete_name(self, vals):
        """The name is required, and what a subject says."""
        subject = self.env["crm.process.subject"].browse(vals.get("subject_id") or ())
        if subject and not vals.get("name"):
            return {**vals, "name": subject.name}
        return vals
