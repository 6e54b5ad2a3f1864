from odoo import api, models


class RecommendationSubjectMixin(models.AbstractModel):
    """Records on which reasons of recommendations depend: a change closes at once what has
    lost its reason (R2)."""

    _name = "recommendation.subject.mixin"
    _description = "Subject of recommendations"

    # stored fields of which a change concerns the recommendations of the customer
    _recommendation_fields = frozenset()
    # path to the customer
    _recommendation_customer_path = "customer_id"

    def _write_multi(self, vals_list):
        # here, not in write(): computed fields are written without it
        result = super()._write_multi(vals_list)
        names = self._recommendation_fields
        changed = [
            (record.id, vals)
            for record, vals in zip(self, vals_list, strict=True)
            if not names.isdisjoint(vals)
        ]
        records = self.browse(id_ for id_, _vals in changed)
        path = self._recommendation_customer_path.split(".")[0]
        records._recheck_recommendations(has_moved=any(path in vals for _id, vals in changed))
        return result

    def unlink(self):
        customer_ids = self._get_recommendation_customers().ids
        result = super().unlink()
        self.env["sales.recommendation"]._recheck(customer_ids)
        return result

    @api.model
    def _get_recommendation_customers(self):
        # sudo: whoever changes the record
        return self.sudo().mapped(self._recommendation_customer_path)

    def _recheck_recommendations(self, has_moved):
        """
        :param has_moved: they may have been another customer's
        """
        if not self:
            return
        recommendations = self.env["sales.recommendation"]
        customer_ids = set(self._get_recommendation_customers().ids)
        if has_moved:
            customer_ids |= recommendations._get_customer_ids_of(self)
        recommendations._recheck(customer_ids)
