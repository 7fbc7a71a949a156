from odoo import api, fields, models
from odoo.tools import format_datetime

from odoo.addons.onep_margin.engine import explain, margin

from ..planning import deals

#: Inputs of the sale that an opportunity keeps, so that it can be explained as it was.
INPUTS = (
    "sell_price_taxed",
    "shipping_charged_taxed",
    "vat_rate",
    "units_per_month",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
)


class OnepOpportunity(models.Model):
    """Why an opportunity's figures are what they are: what they rest on, line by line."""

    _inherit = "onep.opportunity"

    margin_basis = fields.Char(compute="_compute_bases")
    roi_basis = fields.Char(compute="_compute_bases")
    score_basis = fields.Char(compute="_compute_bases")
    waterfall = fields.Json(compute="_compute_waterfall")
    attention = fields.Text(compute="_compute_attention", string="Unknown or old")
    needs_category = fields.Boolean(compute="_compute_attention")
    needs_size = fields.Boolean(compute="_compute_attention")
    needs_market = fields.Boolean(compute="_compute_attention")
    needs_pricing = fields.Boolean(compute="_compute_attention")

    @api.depends("sell_price_taxed", "landed_cost", "score", "confidence", "fetched_at")
    @api.depends_context("lang")
    def _compute_bases(self):
        """What each of the three big numbers rests on, in one line."""
        for opportunity in self:
            opportunity.margin_basis = opportunity._get_margin_basis()
            opportunity.roi_basis = opportunity._get_roi_basis()
            opportunity.score_basis = opportunity._get_score_basis()

    def _get_margin_basis(self):
        if not self.margin_known:
            return self.unknown_text
        basis = dict(self._fields["price_basis"]._description_selection(self.env))
        ways = dict(self._fields["fulfilment"]._description_selection(self.env))
        return self.env._(
            "%(basis)s %(price)s on %(marketplace)s, shipped by: %(way)s",
            basis=basis.get(self.price_basis, ""),
            price=self.currency_id.format(self.sell_price_taxed or 0.0),
            marketplace=self.marketplace_id.name,
            way=ways.get(self.fulfilment, "").lower(),
        )

    def _get_roi_basis(self):
        if self.landed_cost is False:
            return False
        parts = [self.env._("landed cost %(cost)s", cost=self.currency_id.format(self.landed_cost))]
        if self.max_buy_price:
            parts.append(
                self.env._(
                    "target reached up to %(price)s",
                    price=self.currency_id.format(self.max_buy_price),
                )
            )
        return ", ".join(parts)

    def _get_score_basis(self):
        if self.score is False:
            if self.is_vetoed:
                return self.env._("no score, by a veto of the profile")
            return self.env._("no score without a margin")
        return self.env._(
            "%(share)s %% of the signals are known", share=round(100 * (self.confidence or 0.0))
        )

    @api.depends("net_margin", "evaluated_at")
    @api.depends_context("lang")
    def _compute_waterfall(self):
        """The lines of the deal as it was priced, with the rule behind each and its date."""
        for opportunity in self:
            opportunity.waterfall = opportunity._get_waterfall()

    def _get_waterfall(self):
        """The deal explained by the engine, from its stored inputs and that day's rate card."""
        if not self.evaluated_at or not self.rate_card_id:
            return []
        place = self.marketplace_id
        card, category_index = place.with_company(self.company_id)._get_engine_card(
            self.evaluated_at.date()
        )
        if card.is_missing:
            return []
        condition = int(deals.condition_codes([self.supplier_offer_id.condition])[0])
        category = category_index.get(self.fee_category_id.id, -1)
        sheet, purchase, landed, assumed = self._land()
        batch = deals.restore_batch(
            landed,
            {name: self[name] for name in INPUTS},
            category=category if condition >= 0 else -1,
            fulfilment=0 if self.fulfilment == "marketplace" else 1,
            condition=max(condition, 0),
            estimated=assumed,
            adjustments=self._get_adjustment_bits(card),
            **place._get_shipping_choice(card),
        )
        result = margin.compute(batch, card)
        rules = sheet.rules(purchase, 0)
        lines = self._prepare_waterfall(
            explain.explain(batch, result, 0, card, landed, sheet.tables, rules), self.currency_id
        )
        return self._add_rule_dates(self._add_price_note(lines, sheet, purchase))

    @api.depends("unknown_reasons", "estimated_reasons", "freshness", "score", "waterfall")
    @api.depends_context("lang")
    def _compute_attention(self):
        for opportunity in self:
            causes = (opportunity.unknown_reasons or "").split(",")
            assumed = (opportunity.estimated_reasons or "").split(",")
            opportunity.needs_category = (
                "category_unmapped" in causes or "category_guessed" in assumed
            )
            opportunity.needs_size = bool(
                {"weight_missing", "dimensions_missing", "storage_missing"} & set(causes)
                or "shipping_assumed" in assumed
            )
            opportunity.needs_market = opportunity.freshness != "fresh" or any(
                cause.startswith("market_") for cause in causes
            )
            opportunity.needs_pricing = opportunity._get_margin_by_rules() is not None
            opportunity.attention = "\n".join(opportunity._get_attention())

    def _get_margin_by_rules(self):
        """Net margin by the rules as they stand now, when it is no longer the stored one.

        A rule that was edited since explains the deal otherwise than it was priced.
        """
        if not self.margin_known:
            return None
        amounts = {line["key"]: line["amount"] for line in self.waterfall or []}
        now = amounts.get("net_margin")
        if now is None or not self.currency_id.compare_amounts(now, self.net_margin):
            return None
        return now

    def _get_attention(self):
        """What is unknown, assumed, old or odd, a sentence each."""
        texts = []
        if self.unknown_text:
            texts.append(self.env._("Margin unknown: %(causes)s.", causes=self.unknown_text))
        if self.market_offer_id.reason:
            texts.append(self.market_offer_id.reason)
        if self.freshness in ("ageing", "old"):
            texts.append(
                self.env._(
                    "The market was read on %(date)s: the price may have moved.",
                    date=format_datetime(self.env, self.fetched_at, dt_format="short"),
                )
            )
        by_rules = self._get_margin_by_rules()
        if by_rules is not None:
            texts.append(
                self.env._(
                    "A fee rule was changed after this was priced: the margin was %(stored)s then "
                    "and is %(now)s by the rules shown below. Price it again.",
                    stored=self.currency_id.format(self.net_margin),
                    now=self.currency_id.format(by_rules),
                )
            )
        if self.margin_known and self.estimated_text:
            texts.append(self.env._("Assumed: %(causes)s.", causes=self.estimated_text))
        return texts + self._get_warnings()

    @api.model
    def _get_cause_labels(self):
        """Add why the market gives no price."""
        return super()._get_cause_labels() | {
            "gtin_restricted": self.env._("in-store EAN, unknown outside the supplier"),
            "market_unread": self.env._("marketplace not read yet"),
            "market_not_found": self.env._("EAN not found on the marketplace"),
            "market_no_price": self.env._("no market price"),
            "market_refused": self.env._("the marketplace refused this EAN"),
            "condition_unknown": self.env._("the supplier's condition is not understood"),
        }

    @api.model
    def _get_estimate_labels(self):
        """Add what sourcing assumes."""
        return super()._get_estimate_labels() | {
            "price_lowest": self.env._("nobody holds the buy box: lowest offer taken"),
        }
