from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa

from odoo import fields, models

from ..planning import costs, deals, quantity_price
from ..planning.adjustments import OF_ARTICLE
from ..planning.deals import UNIT_DECIMALS
from .onep_opportunity_explanation import INPUTS

_SIZES = ("weight_g", "length_mm", "width_mm", "height_mm")


class OnepOpportunity(models.Model):
    """What opportunities cost and earn at a quantity, by the rules of the day they were priced."""

    _inherit = "onep.opportunity"

    def _price_at(self, quantities):
        """Return the ``planning.quantity_price.LineFigures`` of these at quantities (n).

        The supplier's price is the present one, at the tier of the quantity, or the agreed one.
        """
        found = quantity_price.LineFigures.unknown(len(self))
        for bought in self._buy(quantities):
            found.fill(bought.rows, quantity_price.figures(bought))
        return found

    def _buy(self, quantities, agreed=None):
        """Yield these as ``planning.quantity_price.Bought``, a marketplace and a day at a time.

        :param quantities: units of each (n)
        :param agreed: net unit prices (n) that beat the list, NaN for none; those that were agreed
            with the suppliers when not given
        """
        quantities = np.asarray(quantities, np.float64)
        if agreed is None:
            agreed = self._get_agreed_prices(quantities)
        places = {}
        today = fields.Date.context_today(self)
        for row, opportunity in enumerate(self):
            day = opportunity.evaluated_at.date() if opportunity.evaluated_at else today
            key = opportunity.company_id, opportunity.marketplace_id, day
            places.setdefault(key, []).append(row)
        for (company, place, day), rows in places.items():
            own = self.browse([self._ids[row] for row in rows])
            rows = np.array(rows)
            yield own._buy_of(company, place, day, rows, quantities[rows], agreed[rows])

    def _buy_of(self, company, place, day, rows, quantities, agreed):
        """Return these, of one marketplace and one day, as the engines want them."""
        card, category_index = place.with_company(company)._get_engine_card(day)
        sheet = self.env["onep.cost.sheet"].with_company(company)._get_engine_sheet(day)
        columns = self._get_purchase_columns(quantities)
        columns |= self.env["onep.evaluation"]._get_cost_columns(columns, sheet, {})
        purchase, landed, list_price = quantity_price.buy(columns, sheet, agreed)
        condition = deals.condition_codes(columns["condition"])
        category = np.array(
            [
                -1 if card.is_missing else category_index.get(opportunity.fee_category_id.id, -1)
                for opportunity in self
            ]
        )
        sale = {name: self._get_numbers(name) for name in INPUTS}
        # Shipping that nobody told is none, as when it was priced.
        sale["shipping_charged_taxed"], _untold = deals.untold_as_zero(
            sale["shipping_charged_taxed"]
        )
        batch = landed.deals(
            **sale,
            category=np.where(condition < 0, -1, category),
            fulfilment=[0 if own.fulfilment == "marketplace" else 1 for own in self],
            condition=np.maximum(condition, 0),
            **self._get_shipping_columns(place, card),
        )
        return quantity_price.Bought(
            rows=rows,
            sheet=sheet,
            card=card,
            purchase=purchase,
            landed=landed,
            list_price=list_price,
            batch=batch,
            is_agreed=~np.isnan(agreed),
        )

    def _get_purchase_columns(self, quantities):
        """Return what ``planning.costs.land`` reads of these offers, in columns (n)."""
        offers = [opportunity.supplier_offer_id for opportunity in self]
        partners = [opportunity.partner_id for opportunity in self]
        return {
            "price": np.array([offer.price_untaxed for offer in offers], np.float64),
            "tiers": costs.price_tiers(*self._get_tier_texts(offers)),
            "eco_amount": np.array([deals.number(offer.eco_tax) for offer in offers]),
            "order_quantity": quantities,
            "is_negotiated": np.zeros(len(self), bool),
            "partner_id": np.array([partner.commercial_partner_id.id for partner in partners]),
            "currency_id": np.array([offer.currency_id.id for offer in offers]),
            "supplier_country_id": np.array(
                [deals.number(partner.country_id.id) for partner in partners]
            ),
            **{name: self._get_numbers(name) for name in _SIZES},
            **{
                name: np.array([offer[name] or None for offer in offers], dtype=object)
                for name in ("hs_code", "country_of_origin", "condition")
            },
            "supplier_category": np.array(
                [
                    offer.category or opportunity.product_id.category or None
                    for offer, opportunity in zip(offers, self, strict=True)
                ],
                dtype=object,
            ),
        }

    def _get_shipping_columns(self, place, card):
        """Return how these are shipped from a marketplace, as ``DealBatch`` has it."""
        articles = [opportunity.product_id for opportunity in self]
        bits = place._get_adjustments(card).bits(
            {name: [article[name] for article in articles] for name in OF_ARTICLE}
        )
        return place._get_shipping_choice(card) | {"adjustments": bits}

    def _get_numbers(self, name):
        """Return a field of these (n), NaN unknown."""
        return np.array([deals.number(value) for value in self.mapped(name)], np.float64)

    def _get_tier_texts(self, offers):
        """Return quantities and prices by quantity as ``planning.costs.price_tiers`` reads them."""
        lists = [offer._get_tier_rows() for offer in offers]
        return [
            pa.array([";".join(str(row[place]) for row in rows) or None for rows in lists])
            if any(lists)
            else pa.nulls(len(lists), pa.string())
            for place in (0, 1)
        ]

    def _get_agreed_prices(self, quantities):
        """Return net unit prices (n) agreed with the suppliers at quantities, NaN for none.

        Of Odoo's vendor price lists, in the currency of the supplier's own list. Hook: what else
        was agreed.
        """
        today = fields.Date.context_today(self)
        agreed = np.full(len(self), np.nan)
        rounds, asked_before = defaultdict(list), Counter()
        for row, opportunity in enumerate(self):
            # An offer is asked for once at a time: several lists may buy it, at other quantities.
            offer_id = opportunity.supplier_offer_id.id
            rounds[asked_before[offer_id]].append(row)
            asked_before[offer_id] += 1
        for rows in rounds.values():
            offers = self.supplier_offer_id.browse([self[row].supplier_offer_id.id for row in rows])
            told = offers._get_purchase_prices([quantities[row] for row in rows])
            for row, offer, asked in zip(rows, offers, told, strict=True):
                if not asked.is_negotiated or asked.price is False:
                    continue
                agreed[row] = asked.price
                if asked.currency != offer.currency_id:
                    agreed[row] *= self.env["res.currency"]._get_conversion_rate(
                        asked.currency, offer.currency_id, self[row].company_id, today
                    )
        return agreed

    def _get_agreed_quantities(self):
        """Return, for each of these, the set of quantities from which another agreed price holds.

        Hook: what else was agreed.
        """
        steps = self.supplier_offer_id._get_negotiated_quantities()
        return [set(steps.get(opportunity.supplier_offer_id.id, ())) for opportunity in self]

    def _prepare_quantity_vals(self, quantities):
        """Return the figures of a picking list line, for each of these at its quantity."""
        found = self._price_at(quantities)
        agreed = ~np.isnan(self._get_agreed_prices(np.asarray(quantities, np.float64)))
        return [
            {
                "catalogue_price": known(listed, UNIT_DECIMALS),
                "price_unit": known(price, UNIT_DECIMALS) or 0.0,
                "price_company": known(company, UNIT_DECIMALS),
                "landed_cost": known(landed, UNIT_DECIMALS),
                "unit_margin": known(margin, UNIT_DECIMALS),
                "margin_known": margin == margin,
                "roi": known(roi, 4),
                "is_price_agreed": is_agreed,
            }
            for listed, price, company, landed, margin, roi, is_agreed in zip(
                *(getattr(found, name).tolist() for name in found.__slots__),
                agreed.tolist(),
                strict=True,
            )
        ]


def known(value, decimals):
    """Return an engine's figure as a field takes it, rounded; False for NaN."""
    return round(value, decimals) if value == value else False
