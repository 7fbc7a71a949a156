from odoo import models

from ..planning import signals
from .offer_values import format_number


class OnepOpportunity(models.Model):
    """The signals of a score and the warnings of a deal, in words."""

    _inherit = "onep.opportunity"

    def _get_signal_words(self):
        """Return {signal: words with its value, or that it is unknown}."""
        self.ensure_one()
        unknown = self._get_unknown_words()
        words = self._get_known_words()
        return {signal: words.get(signal) or text for signal, text in unknown.items()}

    def _get_known_words(self):
        """Return {signal: words with its value} of the signals that are known."""
        known = self._get_signal_columns()
        found = signals.gather(known)
        values = {name: float(getattr(found, name)[0]) for name in found.__slots__}
        money = self.company_id.currency_id
        retailer = {
            1.0: self.env._("Sold by the marketplace itself"),
            0.0: self.env._("Not sold by the marketplace itself"),
        }
        rights = {
            0.0: self.env._("We may sell it"),
            0.5: self.env._("Selling it needs an approval"),
            1.0: self.env._("We may not sell it"),
        }
        packs = {
            0.0: self.env._("Same unit as the listing"),
            1.0: self.env._("The listing is a pack, the supplier's article does not say so"),
        }

        def figure(value, most=0):
            # Not "-0" of what rounds to nothing.
            return format_number(self.env, round(value, most) + 0.0, most=most)

        def signed(value):
            return ("+" if round(value) > 0 else "") + figure(value)

        write = {
            "roi": lambda v: self.env._("ROI %(value)s %%", value=figure(100 * v)),
            "margin_rate": lambda v: self.env._(
                "Net margin %(value)s %%", value=figure(100 * v, 1)
            ),
            "monthly_margin": lambda v: self.env._(
                "%(amount)s of margin to expect a month", amount=money.format(v)
            ),
            "buy_box_headroom": lambda v: self.env._(
                "Break-even price %(value)s %% under the buy box", value=figure(100 * v)
            ),
            "price_volatility_30": lambda v: self.env._(
                "Price volatility %(value)s %% over 30 days", value=figure(100 * v)
            ),
            "price_volatility_90": lambda v: self.env._(
                "Price volatility %(value)s %% over 90 days", value=figure(100 * v)
            ),
            "price_trend": lambda v: self.env._(
                "Market price %(value)s %% a month", value=signed(100 * v)
            ),
            "offer_count": lambda v: self.env._("Competing offers: %(value)s", value=figure(v)),
            "holder_changes": lambda v: self.env._(
                "Buy box changed hands %(value)s times in 30 days", value=figure(v)
            ),
            "main_holder_share": lambda v: self.env._(
                "Its main holder has the buy box %(value)s %% of the time", value=figure(100 * v)
            ),
            "retailer_present": retailer.get,
            "sales_rank": lambda v: self.env._("Sales rank %(value)s", value=figure(v)),
            "estimated_sales": lambda v: self.env._(
                "About %(value)s sold a month by all sellers (%(low)s to %(high)s)",
                value=figure(v, 1 if v < 10 else 0),
                low=figure(self.estimated_sales_low or 0.0),
                high=figure(self.estimated_sales_high or 0.0),
            ),
            "rank_trend": lambda v: self.env._(
                "Sales rank %(value)s %% a month", value=signed(100 * v)
            ),
            "own_sales": lambda v: self.env._(
                "We sell %(value)s a month", value=figure(v, 1 if v < 100 else 0)
            ),
            "supplier_stock": lambda v: self.env._(
                "Supplier's stock: %(value)s", value=figure(v, 3)
            ),
            "lead_time_days": lambda v: self.env._(
                "Supplier delivers in %(value)s days", value=figure(v, 1)
            ),
            "sell_restriction": rights.get,
            "candidate_count": lambda v: self.env._(
                "Products of the marketplace with this EAN: %(value)s", value=figure(v)
            ),
            "pack_mismatch": packs.get,
            "assumption_count": lambda v: self.env._(
                "Estimates that the margin rests on: %(value)s", value=figure(v)
            ),
            "freshness_days": lambda v: self.env._(
                "Market read %(value)s h before", value=figure(24 * v)
            ),
        }
        return {name: write[name](value) for name, value in values.items() if value == value}

    def _get_unknown_words(self):
        """Return {signal: words that it is unknown}."""
        return {
            "roi": self.env._("ROI unknown"),
            "margin_rate": self.env._("Net margin unknown"),
            "monthly_margin": self.env._(
                "Margin a month unknown: neither our sales nor the rank tell"
            ),
            "buy_box_headroom": self.env._("Distance to the buy box unknown"),
            "price_volatility_30": self.env._("Price history of 30 days too short"),
            "price_volatility_90": self.env._("Price history of 90 days too short"),
            "price_trend": self.env._("Trend of the price unknown"),
            "offer_count": self.env._("Number of offers unknown"),
            "holder_changes": self.env._("Rotation of the buy box unknown"),
            "main_holder_share": self.env._("Holders of the buy box unknown"),
            "retailer_present": self.env._("Unknown whether the marketplace sells it itself"),
            "sales_rank": self.env._("No sales rank on this marketplace"),
            "estimated_sales": self.env._(
                "Sales of the market unknown: no rank, or no curve for it"
            ),
            "rank_trend": self.env._("Trend of the rank unknown"),
            "own_sales": self.env._("We have not sold it yet"),
            "supplier_stock": self.env._("Supplier's stock unknown"),
            "lead_time_days": self.env._("Supplier's lead time unknown"),
            "sell_restriction": self.env._("Right to sell not told"),
            "candidate_count": self.env._("Number of products with this EAN unknown"),
            "pack_mismatch": self.env._("Pack of the listing unknown"),
            "assumption_count": self.env._("Estimates of the margin unknown"),
            "freshness_days": self.env._("Market never read"),
        }

    def _get_warnings(self):
        """Return a sentence for each flag that is up, and for a profile that was changed."""
        self.ensure_one()
        texts = []
        for key in filter(None, (self.suspicious_reasons or "").split(",")):
            texts.append(
                self.env._("Too good to be true: %(reason)s", reason=self._get_suspicions()[key])
            )
        if self.is_unstable:
            texts.append(
                self.env._(
                    "Unstable: %(reasons)s.",
                    reasons=", ".join(
                        words
                        for name, words in self._get_known_words().items()
                        if name in ("price_volatility_30", "price_volatility_90", "holder_changes")
                    ),
                )
            )
        if self.has_hidden_cost:
            texts.append(self._get_hidden_cost_words())
        if self._is_scored_otherwise():
            texts.append(
                self.env._("The score profile was changed since this was priced. Price it again.")
            )
        return texts

    def _get_suspicions(self):
        """Return {key of ``signals.SUSPICIONS``: what to check}."""
        return {
            "roi": self.env._(
                "compare the supplier's unit with the one sold on the marketplace (single, pack "
                "or case)."
            ),
            "pack": self.env._(
                "the listing is a pack of several, the supplier's article seems a single."
            ),
            "rival": self.env._(
                "it costs less than half of what the cheapest other supplier asks."
            ),
            "spike": self.env._(
                "the market price is far above its mean of 90 days; it will come down."
            ),
        }

    def _get_hidden_cost_words(self):
        """Return what eats the margin."""
        currency = self.company_id.currency_id
        added = (self.landed_cost or 0.0) - (self.buy_price or 0.0)
        before = added + (self.net_margin or 0.0)
        if before > 0 and added / before >= (self.company_id.onep_hidden_cost_share or 9e9):
            return self.env._(
                "Hidden cost: %(added)s on top of the buying price eat %(share)s %% of the margin.",
                added=currency.format(added),
                share=format_number(self.env, 100 * added / before, most=0),
            )
        return self.env._(
            "Hidden cost: a cost is only assumed, and the margin is below your target. Confirm it "
            "before you buy."
        )
