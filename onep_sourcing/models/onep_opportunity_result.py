from odoo import api, fields, models

from odoo.addons.onep_margin.engine import bounds, margin
from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

from ..planning.quantity import SALES_DAYS
from .offer_values import format_number


class OnepOpportunity(models.Model):
    """What a deal leaves, by piece and by month, the prices that bound it, and what lacks."""

    _inherit = "onep.opportunity"

    margin_on_price_rate = OptionalFloat("Margin on price", compute="_compute_result")
    other_fees = OptionalMonetary("Other fees", compute="_compute_result")
    monthly_text = fields.Char("Per month", compute="_compute_monthly_text")
    break_even_label_price = OptionalMonetary(
        "Break-even price, rounded",
        compute="_compute_result",
        help="Lowest price that loses nothing, as prices end on this marketplace.",
    )
    suggested_price_taxed = OptionalMonetary(
        "Price for the target",
        compute="_compute_result",
        help="Lowest price that earns the target ROI, as prices end on this marketplace.",
    )
    max_buy_price_by_margin = OptionalMonetary(
        "Highest buying price for the target margin", compute="_compute_result"
    )

    quoted_fees_text = fields.Char(
        "Fees quoted by the marketplace",
        compute="_compute_quoted_fees_text",
        help="Its own estimate, for a price of its own day: to be held against our rate card.",
    )

    @api.depends("net_margin", "evaluated_at", "total_fees")
    def _compute_result(self):
        for opportunity in self:
            opportunity.update(opportunity._get_result_vals())

    def _get_result_vals(self):
        """Return what is not stored, by today's rules and at the stored way of shipping."""
        currency = self.currency_id
        fees = (self.total_fees, self.commission, self.fulfilment_fee)
        vals = {
            "margin_on_price_rate": False,
            "other_fees": False not in fees and currency.round(fees[0] - fees[1] - fees[2]),
            "break_even_label_price": False,
            "suggested_price_taxed": False,
            "max_buy_price_by_margin": False,
        }
        if not self.evaluated_at:
            return vals
        card, batch = self._restore()
        batch = batch.replace(fulfilment=0 if self.fulfilment == "marketplace" else 1)
        company = self.company_id
        points = self.marketplace_id._get_price_points(company.currency_id)
        result = margin.compute(batch, card)
        prices = {
            "break_even_label_price": bounds.target_price(batch, card, points=points),
            "suggested_price_taxed": bounds.target_price(
                batch, card, company.margin_target_roi, points=points
            ),
        }
        dearest = bounds.max_buy_price(
            batch, card, None, result, target_margin_rate=company.onep_target_margin_rate
        )[0]
        prices["margin_on_price_rate"] = result.margin_on_price_rate
        vals |= {name: float(price[0]) for name, price in prices.items() if price[0] == price[0]}
        if dearest == dearest:
            vals["max_buy_price_by_margin"] = currency.round(float(dearest) - currency.rounding / 2)
        return vals

    @api.depends("monthly_margin", "units_per_month", "margin_known")
    @api.depends_context("lang")
    def _compute_monthly_text(self):
        """Return the margin of a month in words, or why it is unknown."""
        for opportunity in self:
            units = opportunity.units_per_month
            if units is False:
                opportunity.monthly_text = self.env._(
                    "unknown, because we have not sold it in the last %s days", SALES_DAYS
                )
            elif not opportunity.margin_known:
                opportunity.monthly_text = self.env._("unknown, because the margin is")
            else:
                opportunity.monthly_text = self.env._(
                    "%(margin)s for %(units)s sold a month",
                    margin=opportunity.currency_id.format(opportunity.monthly_margin or 0.0),
                    units=format_number(self.env, units, most=1 if units >= 10 else 2),
                )

    @api.depends("market_offer_id.fees_at")
    @api.depends_context("lang")
    def _compute_quoted_fees_text(self):
        """Return what the marketplace says it would keep, part by part; nothing when not asked."""
        for opportunity in self:
            offer = opportunity.market_offer_id
            opportunity.quoted_fees_text = offer.fees_at and self._format_quote(offer)

    @api.model
    def _format_quote(self, offer):
        names = {
            "fee_total": self.env._("%s in all"),
            "fee_commission": self.env._("commission %s"),
            "fee_fulfilment": self.env._("fulfilment %s"),
        }
        parts = [
            text % offer.currency_id.format(offer[name])
            for name, text in names.items()
            if offer[name] is not False
        ]
        if not parts:
            return False
        if offer.fee_price_taxed is False:
            return ", ".join(parts)
        return self.env._(
            "%(fees)s, at a price of %(price)s",
            fees=", ".join(parts),
            price=offer.currency_id.format(offer.fee_price_taxed),
        )

    def _get_waterfall(self):
        """Unknown lines say why, and offer what makes them known."""
        lines = self._add_line_causes(super()._get_waterfall(), self.unknown_reasons)
        fixes = self._get_cause_fixes()
        for line in lines:
            own = dict.fromkeys(fixes[key] for key in line.pop("causes", ()) if key in fixes)
            if own:
                line["fixes"] = [{"label": label, "method": method} for label, method in own]
        return lines

    @api.model
    def _get_cause_fixes(self):
        """Return {cause: (label, method)} of what this person may do about it."""
        refresh = (self.env._("Refresh market"), "action_refresh_market")
        size = (self.env._("Fill in weight and size"), "action_open_product")
        fixes = {
            **dict.fromkeys(("market_unread", "market_no_price", "market_not_found"), refresh),
            **dict.fromkeys(("weight_missing", "dimensions_missing", "storage_missing"), size),
        }
        if self.env.user.has_group("onep_margin.group_margin_manager"):
            fixes["category_unmapped"] = (self.env._("Map the category"), "action_map_category")
            card = (self.env._("Open the rate card"), "action_open_rate_card")
            fixes |= dict.fromkeys(
                ("commission_missing", "fulfilment_missing", "rate_card_missing"), card
            )
            fixes["supplier_terms_missing"] = (
                self.env._("Enter the supplier's terms"),
                "action_enter_terms",
            )
            fixes["customs_duty_missing"] = (self.env._("Enter the duty"), "action_enter_duty")
        return fixes

    def action_open_rate_card(self):
        """The rate card this was priced with, else the one in force; a new one without any."""
        self.ensure_one()
        card = self.rate_card_id or self.marketplace_id.rate_card_id
        return card._get_records_action() if card else self.marketplace_id.action_new_rate_card()

    @api.model
    def _get_line_causes(self):
        """Add what leaves the market's price unknown."""
        market = ("gtin_restricted", "market_unread", "market_not_found", "market_no_price")
        causes = super()._get_line_causes()
        for key in ("sell_price_taxed", "vat", "revenue_untaxed"):
            causes[key] = (*causes[key], *market, "market_refused")
        causes["commission"] = (*causes["commission"], "condition_unknown")
        return causes

    @api.model
    def _get_cause_advice(self):
        """Add what to do about a market that gives no price."""
        return super()._get_cause_advice() | {
            "gtin_restricted": self.env._("ask the supplier for the manufacturer's EAN"),
            "market_unread": self.env._("refresh the market"),
            "market_not_found": self.env._("check the EAN; nobody sells it there yet"),
            "market_no_price": self.env._("nobody sells it now: simulate a price of your own"),
            "market_refused": self.env._("check the EAN, then refresh the market"),
            "condition_unknown": self.env._("correct the condition in the supplier's file"),
        }
