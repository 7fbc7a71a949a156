import numpy as np

from odoo import fields, models

from odoo.addons.onep_margin.engine.batch import MARKETPLACE, MERCHANT

from ..planning.scenario import Levers


class OnepMarginLeverMixin(models.AbstractModel):
    """What a scenario moves, on the deals of a marketplace."""

    _inherit = "onep.margin.lever.mixin"

    def _get_engine_levers(self, place, card, sheet, skipped):
        """Return these levers as ``planning.scenario`` wants them on a marketplace.

        :param card: the engine's rate card of the marketplace
        :param sheet: the engine's cost sheet of the company
        :param skipped: set of sentences, to which what cannot be moved there is added
        """
        self.ensure_one()
        carrier = None
        if self.carrier_id:
            carrier = card.carrier_index(self.carrier_id.code)
            if carrier < 0:
                carrier = None
                skipped.add(
                    self.env._(
                        "%(carrier)s has no price for %(marketplace)s: its deals keep theirs.",
                        carrier=self.carrier_id.name,
                        marketplace=place.name,
                    )
                )
        ways = {"marketplace": MARKETPLACE, "merchant": MERCHANT}
        return Levers(
            price_change=self.price_change_rate,
            cost_change=self.cost_change_rate,
            **self._get_rate_levers(sheet),
            way=ways.get(self.fulfilment),
            carrier=carrier,
            commission_rate=self.commission_rate if self.is_commission_forced else None,
            vat_rates=self._get_vat_rates(card) if self.vat_country_id else None,
        )

    def _get_rate_levers(self, sheet):
        """Return what tries another exchange rate; {} for none."""
        if not (self.moved_currency_id and self.moved_currency_rate):
            return {}
        (index,) = sheet.currency_index([self.moved_currency_id.id])
        if index < 0:
            return {}
        return {"currency": int(index), "currency_rate": self.moved_currency_rate}

    def _get_vat_rates(self, card):
        """Return the VAT of the tried country by category of a card, the last for none."""
        rates = (
            self.env["onep.vat.rate"]
            .sudo()
            ._get_rates(self.vat_country_id, fields.Date.context_today(self))
        )
        categories = self.env["onep.fee.category"].sudo().browse(card.category_keys)
        kinds = [*categories.mapped("vat_kind"), "standard"]
        return np.array([rates.get(kind, np.nan) for kind in kinds])
