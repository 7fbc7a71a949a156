from odoo import api, fields, models

#: Reason of a mark (a key of ``REASONS``) by model; others are "rule".
REASON_BY_MODEL = {
    "onep.rate.card": "card",
    "onep.rate.card.line": "commission",
    "onep.rate.card.surcharge": "fulfilment",
    "onep.logistics.tier": "fulfilment",
    "onep.logistics.band": "fulfilment",
    "onep.logistics.adjustment": "fulfilment",
    "onep.carrier.grid": "carrier",
    "onep.carrier.grid.line": "carrier",
    "onep.carrier.supplement": "carrier",
    "onep.contribution": "contribution",
    "onep.contribution.category": "contribution",
    "onep.currency.margin": "currency",
    "onep.supplier.terms": "supplier",
    "onep.vat.rate": "vat",
    "onep.fee.category": "category",
    "onep.fee.category.map": "category",
    "onep.score.profile": "score",
    "onep.score.profile.line": "score",
}


class OnepPriceBasisMixin(models.AbstractModel):
    """Opportunities keep margins: a change of what they rest on marks them to be priced again."""

    _inherit = "onep.price.basis.mixin"

    waiting_count = fields.Integer(
        string="Deals that wait",
        compute="_compute_waiting_count",
        groups="onep_sourcing.group_sourcing_user",
        help="Deals that depend on it and wait to be priced again.",
    )

    def _compute_waiting_count(self):
        Mark = self.env["onep.evaluation.mark"].sudo()
        # most of the time nothing waits, and no rule needs its deals looked for
        total = Mark._count_waiting()
        for record in self:
            known = record._origin if total else record.browse()
            record.waiting_count = known and Mark._count_waiting(known._get_dependent_deals())

    def _get_dependent_deals(self):
        """Return the deals that these records price now: the one place where this is told.

        A ``SQL`` that selects (supplier_offer_id, marketplace_id, company_id) of opportunities, in
        every company: keep those of ``env.companies``. Pending writes are to be flushed before.
        """
        Mark = self.env["onep.evaluation.mark"].sudo()
        return Mark._select_scopes(self._get_price_scopes())

    def action_reprice_waiting(self):
        """Price what waits now."""
        return self.env["onep.evaluation"].action_reprice_waiting()

    @api.model
    def _keeps_margins(self):
        return True

    def _margins_outdated(self, scopes):
        reason = REASON_BY_MODEL.get(self._name, "rule")
        self.env["onep.evaluation.mark"].sudo()._mark_scopes(scopes, reason)
        return super()._margins_outdated(scopes)
