from odoo import models

from odoo.addons.onep_margin.engine.effect import Effect


class OnepFeeEffectMixin(models.AbstractModel):
    """Measures a change of fees on the deals of the current company."""

    _inherit = "onep.fee.effect.mixin"

    def _measure_effect(self):
        platform, country, on_date, category_ids = self._get_effect_scope()
        places = self.env["onep.marketplace"].sudo()._get_priced(self.env.company)
        places = places.filtered(
            lambda place: (
                place.active
                and place.country_id == country._origin
                and platform in (None, place.platform)
            )
        )
        effect = None
        for place in places:
            cards = self._get_effect_cards(
                place.platform, place.country_id, on_date, place.operator_name
            )
            if cards:
                measured = (
                    self.env["onep.evaluation"].sudo()._compare_cards(place, *cards, category_ids)
                )
                effect = (effect or Effect()).plus(measured)
        return effect if effect and effect.compared else None

    def _get_effect_deals(self, moved):
        offers = self.env["onep.supplier.offer"].sudo().browse(deal.key[0] for deal in moved)
        places = self.env["onep.marketplace"].sudo().browse({deal.key[1] for deal in moved})
        names = {place.id: place.name for place in places}
        return [
            (deal, {"name": offer.name or offer.supplier_sku, "place": names[deal.key[1]]})
            for deal, offer in zip(moved, offers, strict=True)
        ]
