import numpy as np

from odoo import api, fields, models

from odoo.addons.onep_margin.engine import customs
from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

from ..planning import costs, deals
from .counted import counted


class OnepOpportunity(models.Model):
    """What an opportunity's article costs on our shelf, and what of it is missing."""

    _inherit = "onep.opportunity"

    order_quantity = OptionalFloat(
        string="Quantity ordered",
        digits=(16, 3),
        aggregator=None,
        help="What the cost rests on: the supplier's minimum, in whole packs.",
    )
    catalogue_price = OptionalMonetary(
        string="Price at the quantity",
        currency_field="offer_currency_id",
        aggregator="avg",
        help="Supplier price for the quantity ordered: the negotiated one where it is valid, else "
        "the catalogue's before discounts.",
    )
    is_negotiated = fields.Boolean(
        string="Negotiated price",
        help="A negotiated price of Odoo's vendor price list beats the supplier's catalogue.",
    )
    supplier_extras = OptionalMonetary(
        string="Carriage and handling",
        aggregator="avg",
        help="A unit's share of the supplier's carriage, handling and small-order surcharge.",
    )
    inbound_cost = OptionalMonetary(
        string="Inbound transport", aggregator="avg", help="Transport that we pay ourselves."
    )
    customs_duty = OptionalMonetary(aggregator="avg")
    extra_cost = OptionalMonetary(
        string="Costs on top",
        aggregator="avg",
        help="Carriage, transport, duty, receiving and preparation.",
    )
    eco_tax = OptionalMonetary(
        string="Contributions",
        aggregator="avg",
        help="Eco-contribution and private-copy levy on top of the price.",
    )
    max_purchase_price = OptionalMonetary(
        string="Highest supplier price",
        currency_field="offer_currency_id",
        aggregator="avg",
        help="Dearest price of the supplier, in its currency and before its discounts, that still "
        "earns the target ROI.",
    )
    units_per_month = OptionalFloat(
        string="Own sales a month",
        digits=(16, 2),
        aggregator=None,
        help="Of the last 90 days, days without stock left out. Empty: we have not sold it.",
    )
    monthly_margin = OptionalMonetary(
        string="Net margin a month",
        aggregator="sum",
        help="Net margin times our own sales of a month.",
    )
    needs_terms = fields.Boolean(compute="_compute_cost_needs")
    needs_duty = fields.Boolean(compute="_compute_cost_needs")

    @api.depends("unknown_reasons", "estimated_reasons")
    def _compute_cost_needs(self):
        for opportunity in self:
            causes = (opportunity.unknown_reasons or "").split(",")
            assumed = (opportunity.estimated_reasons or "").split(",")
            opportunity.needs_terms = (
                "supplier_terms_assumed" in assumed or "supplier_terms_missing" in causes
            )
            opportunity.needs_duty = "customs_duty_missing" in causes

    def action_enter_terms(self):
        """A form for the terms of this supplier."""
        self.ensure_one()
        return self._get_dialog(
            "onep.supplier.terms",
            self.env._("Terms of %(supplier)s", supplier=self.partner_id.display_name),
            default_partner_id=self.partner_id.commercial_partner_id.id,
        )

    def action_enter_duty(self):
        """A form for the duty on this article's customs code."""
        self.ensure_one()
        code = customs.codes([self.supplier_offer_id.hs_code])[0]
        return self._get_dialog(
            "onep.customs.duty",
            self.env._("Customs duty"),
            default_hs_prefix=f"{code:0{customs.DIGITS}d}"[:6] if code >= 0 else False,
        )

    def _get_dialog(self, model, name, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def _land(self):
        """The cost of the offer as it was priced, by the engine: (sheet, Purchase, LandedCost,
        bits of ``Estimate``).

        The price and the quantity are those of that day, and so are the rules and the rates.
        """
        self.ensure_one()
        offer = self.supplier_offer_id
        sheet = (
            self.env["onep.cost.sheet"]
            .with_company(self.company_id)
            ._get_engine_sheet(self.evaluated_at.date())
        )
        figures = {
            "price": self.catalogue_price,
            "eco_amount": self._get_eco_amount(),
            "order_quantity": self.order_quantity,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "currency_id": self.offer_currency_id.id,
            "supplier_country_id": self.partner_id.country_id.id,
            **{name: self[name] for name in ("weight_g", "length_mm", "width_mm", "height_mm")},
        }
        columns = {name: np.array([deals.number(value)]) for name, value in figures.items()}
        words = {
            "hs_code": offer.hs_code,
            "country_of_origin": offer.country_of_origin,
            "condition": offer.condition,
            "supplier_category": offer.category or self.product_id.category,
        }
        columns |= {name: np.array([value or None], dtype=object) for name, value in words.items()}
        columns |= self.env["onep.evaluation"]._get_cost_columns(columns, sheet, {})
        columns |= {"tiers": None, "is_negotiated": np.array([self.is_negotiated])}
        return sheet, *costs.land(columns, sheet)

    def _get_eco_amount(self):
        """Return the contribution that the supplier tells, in the currency it would be paid in."""
        offer = self.supplier_offer_id
        if offer.eco_tax is False or offer.currency_id == self.offer_currency_id:
            return offer.eco_tax
        return offer.eco_tax * self.env["res.currency"]._get_conversion_rate(
            offer.currency_id, self.offer_currency_id, self.company_id, self.evaluated_at.date()
        )

    def _add_price_note(self, lines, sheet, purchase):
        """Say how the buying price comes from the supplier's."""
        parts = [self.env._("negotiated")] if self.is_negotiated else []
        share = sheet.discount_share(purchase)[0]
        if share != 1.0:
            off = self._format_figure(round((1.0 - share) * 100, 3))
            parts.append(self.env._("%(share)s %% off", share=off))
        currencies = sheet.tables.currencies
        rate = currencies.paid_rate(purchase.currency)[0]
        if self.offer_currency_id != self.currency_id and rate == rate:
            parts.append(self.env._("at a rate of %(rate)s", rate=self._format_figure(rate)))
            safety = currencies.safety_margin[purchase.currency[0]]
            # Without a discount the margin is the rule behind the line, which names itself.
            if safety and share != 1.0:
                added = self._format_figure(round(safety * 100, 3))
                parts.append(self.env._("%(share)s %% of it for safety", share=added))
        if not parts and purchase.quantity[0] == 1.0:
            return lines
        price = self.offer_currency_id.format(self.catalogue_price or 0.0)
        asked = counted(
            purchase.quantity[0],
            self.env._("%(price)s for 1 unit", price=price),
            self.env._(
                "%(price)s for %(count)s units",
                price=price,
                count=self._format_figure(purchase.quantity[0]),
            ),
        )
        for line in lines:
            if line["key"] == "buy_price":
                line["note"] = ", ".join([asked, *parts])
        return lines
