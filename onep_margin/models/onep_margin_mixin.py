from math import isnan

from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import causes
from ..figure_words import figure_words


class OnepMarginMixin(models.AbstractModel):
    """The results of the engine on a record, declared once, and their words.

    Unknown is NULL. Odoo reads it as 0, hence ``margin_known``: screens hide the figures
    without it. Who stores them by SQL fills the columns as the engine returns them, with
    ``causes.texts`` for the two columns of reasons.
    """

    _name = "onep.margin.mixin"
    _description = "Margin Results"

    currency_id = fields.Many2one("res.currency")
    revenue_untaxed = fields.Monetary("Revenue", help="What remains of the price without VAT.")
    landed_cost = fields.Monetary(help="What a unit costs on our shelf, without VAT.")
    commission = fields.Monetary(help="Referral commission of the marketplace, without VAT.")
    fulfilment_fee = fields.Monetary(
        "Shipping Cost", help="Marketplace fulfilment or our carrier, per unit, without VAT."
    )
    total_fees = fields.Monetary(help="Every cost of the sale but the goods, without VAT.")
    net_margin = fields.Monetary(help="What a unit leaves once everything is paid.")
    margin_rate = fields.Float(
        "Net Margin %", digits=(16, 4), aggregator="avg", help="Net margin over revenue."
    )
    roi = fields.Float("ROI", digits=(16, 4), aggregator="avg", help="Net margin over landed cost.")
    break_even_price_taxed = fields.Monetary(
        "Break-Even Price", help="Lowest selling price, VAT included, that loses nothing."
    )
    max_buy_price = fields.Monetary(
        "Highest Buying Price",
        help="Dearest buying price that still earns the target ROI. Zero or less: none does.",
    )
    margin_known = fields.Boolean(help="Nothing that the margin needs is missing.")
    unknown_reasons = fields.Char(help="Why the margin is unknown: keys, comma-separated.")
    estimated_reasons = fields.Char(help="What the margin assumes: keys, comma-separated.")
    unknown_text = fields.Char(
        "Why Unknown", compute="_compute_reason_texts", help="Why the margin is unknown."
    )
    estimated_text = fields.Char(
        "Estimated", compute="_compute_reason_texts", help="What the margin assumes."
    )
    unknown_advice = fields.Text(
        "What to Do",
        compute="_compute_unknown_advice",
        help="Each cause with what makes the margin known.",
    )

    @api.depends("unknown_reasons", "estimated_reasons")
    @api.depends_context("lang")
    def _compute_reason_texts(self):
        causes_by_key = self._get_cause_labels()
        estimates_by_key = self._get_estimate_labels()
        for record in self:
            record.unknown_text = self._join_labels(record.unknown_reasons, causes_by_key)
            record.estimated_text = self._join_labels(record.estimated_reasons, estimates_by_key)

    @api.depends("unknown_reasons")
    @api.depends_context("lang")
    def _compute_unknown_advice(self):
        for record in self:
            record.unknown_advice = "\n".join(self._get_advice(record.unknown_reasons)) or False

    @api.model
    def _get_advice(self, keys):
        """Return a sentence for each of the comma-joined causes: what lacks, and what to do."""
        labels, advice = self._get_cause_labels(), self._get_cause_advice()
        texts = []
        for key in (keys or "").split(","):
            label = labels.get(key, key)
            label = label[:1].upper() + label[1:]
            if key in advice:
                label = self.env._("%(cause)s: %(advice)s.", cause=label, advice=advice[key])
            if label:
                texts.append(label)
        return texts

    @api.model
    def _join_labels(self, keys, labels):
        """Return comma-joined keys in words; False for none."""
        return ", ".join(labels.get(key, key) for key in keys.split(",")) if keys else False

    @api.model
    def _get_cause_labels(self):
        """Return {key: words} for why a margin is unknown; keys of ``engine.causes.CAUSES``."""
        return {
            "rate_card_missing": self.env._("no rate card for this marketplace on this day"),
            "buy_price_missing": self.env._("no buying price"),
            "sell_price_missing": self.env._("no selling price"),
            "vat_rate_missing": self.env._("no VAT rate"),
            "category_unmapped": self.env._("category not mapped"),
            "commission_missing": self.env._("no commission for this category"),
            "weight_missing": self.env._("no weight"),
            "dimensions_missing": self.env._("no dimensions"),
            "fulfilment_missing": self.env._("no fulfilment fee for this size"),
            "carrier_missing": self.env._("no carrier takes this parcel"),
            "extra_cost_missing": self.env._("extra costs unknown"),
            "eco_tax_missing": self.env._("eco-contribution unknown"),
            "storage_missing": self.env._("volume to store unknown"),
            "currency_rate_missing": self.env._("no exchange rate"),
            "supplier_terms_missing": self.env._("delivery terms of the supplier unknown"),
            "customs_duty_missing": self.env._("no customs duty for this code and origin"),
            "private_copy_levy_missing": self.env._("private-copy levy unknown"),
            "quantity_missing": self.env._("quantity to order unknown"),
            "commodity_code_missing": self.env._("no customs (HS) code: the duty is unknown"),
        }

    @api.model
    def _get_cause_advice(self):
        """Return {key: what to do} for the causes of ``_get_cause_labels``."""
        return {
            "rate_card_missing": self.env._(
                "have an administrator add the rate card of this marketplace and country"
            ),
            "buy_price_missing": self.env._("enter what the supplier asks"),
            "sell_price_missing": self.env._("enter the price you would sell at"),
            "vat_rate_missing": self.env._("enter the VAT rate, or add it for this country"),
            "category_unmapped": self.env._("choose the fee category"),
            "commission_missing": self.env._(
                "try a commission of your own, or add the rule to the rate card"
            ),
            "weight_missing": self.env._("enter the weight of the packed parcel"),
            "dimensions_missing": self.env._("enter the three sides of the packed parcel"),
            "fulfilment_missing": self.env._(
                "the parcel is beyond every size tier: ship it yourself, or correct its size"
            ),
            "carrier_missing": self.env._(
                "choose another carrier, or add the grid of one that takes this parcel"
            ),
            "extra_cost_missing": self.env._("enter the inbound and handling cost"),
            "eco_tax_missing": self.env._("enter the eco-contribution, 0 when there is none"),
            "storage_missing": self.env._("enter the three sides of the packed parcel"),
            "currency_rate_missing": self.env._("enter the rate, or update the currency rates"),
            "supplier_terms_missing": self.env._("fill in the supplier's delivery terms"),
            "customs_duty_missing": self.env._("add the duty of this code and origin"),
            "private_copy_levy_missing": self.env._("enter the private-copy levy"),
            "quantity_missing": self.env._("enter the quantity you would order"),
        }

    @api.model
    def _get_line_causes(self):
        """Return {line key: causes} that leave a line of the waterfall unknown."""
        parcel = ("weight_missing", "dimensions_missing")
        commission = ("category_unmapped", "commission_missing")
        return {
            "sell_price_taxed": ("sell_price_missing",),
            "vat": ("sell_price_missing", "vat_rate_missing"),
            "revenue_untaxed": ("sell_price_missing", "vat_rate_missing"),
            "buy_price": ("buy_price_missing", "currency_rate_missing", "quantity_missing"),
            "extra_cost": ("extra_cost_missing",),
            "supplier_extras": ("supplier_terms_missing", "quantity_missing", "weight_missing"),
            "inbound_cost": ("supplier_terms_missing", "weight_missing"),
            "customs_duty": ("customs_duty_missing", "weight_missing"),
            "eco_tax": ("eco_tax_missing",),
            "eco_contribution": ("eco_tax_missing",),
            "private_copy_levy": ("private_copy_levy_missing",),
            "commission": commission,
            "closing_fee": commission,
            "digital_services_fee": (*commission, *parcel, "fulfilment_missing"),
            "fulfilment_fee": (*parcel, "fulfilment_missing", "category_unmapped"),
            "carrier_cost": (*parcel, "carrier_missing"),
            "storage_cost": ("storage_missing", *parcel),
        }

    @api.model
    def _add_line_causes(self, lines, keys):
        """Say on each unknown line of a waterfall why it is unknown.

        keys: the deal's causes, comma-joined
        """
        causes_by_line, labels = self._get_line_causes(), self._get_cause_labels()
        causes = [key for key in (keys or "").split(",") if key]
        for line in lines:
            if line["amount"] is None:
                # A sum is unknown for all that its parts lack.
                own = causes_by_line.get(line["key"], causes)
                named = [labels.get(key, key) for key in causes if key in own]
                line["why"] = ", ".join(named or [labels.get(key, key) for key in causes])
                line["causes"] = [key for key in causes if key in own]
        return lines

    @api.model
    def _get_estimate_labels(self):
        """Return {key: words} for what a margin assumes; keys of ``engine.causes.ESTIMATES``."""
        return {
            "category_guessed": self.env._("category recognised by its name"),
            "commission_unconfirmed": self.env._("commission not confirmed"),
            "fulfilment_unconfirmed": self.env._("fulfilment fee not confirmed"),
            "carrier_unconfirmed": self.env._("carrier price not confirmed"),
            "storage_assumed": self.env._("storage time assumed"),
            "returns_assumed": self.env._("returns assumed"),
            "size_unchecked": self.env._("parcel size not checked"),
            "shipping_assumed": self.env._("weight or size assumed"),
            "customs_duty_unconfirmed": self.env._("customs duty not confirmed"),
            "contribution_unconfirmed": self.env._("eco-contribution or levy not confirmed"),
            "advertising_assumed": self.env._("advertising assumed"),
            "subscription_spread": self.env._("subscription spread over expected sales"),
            "supplier_terms_assumed": self.env._("no terms for this supplier: usual costs taken"),
            "supplier_terms_unconfirmed": self.env._("supplier's terms not confirmed"),
            "contribution_unchecked": self.env._(
                "bought abroad, no eco-contribution known for its category"
            ),
            "shipping_charged_unknown": self.env._("shipping charged unknown: taken as 0"),
        }

    @api.model
    def _get_line_labels(self):
        """Return {label_key: words} for the lines of ``engine.explain``."""
        return {
            "sell_price_taxed": self.env._("Price, VAT included"),
            "shipping_charged_taxed": self.env._("Shipping charged"),
            "vat": self.env._("VAT"),
            "revenue_untaxed": self.env._("Revenue"),
            "buy_price": self.env._("Buying price"),
            "extra_cost": self.env._("Inbound and handling"),
            "supplier_extras": self.env._("Supplier's carriage and handling"),
            "inbound_cost": self.env._("Inbound transport"),
            "customs_duty": self.env._("Customs duty"),
            "receiving_cost": self.env._("Receiving"),
            "preparation_cost": self.env._("Preparation"),
            "eco_contribution": self.env._("Eco-contribution on top"),
            "private_copy_levy": self.env._("Private-copy levy"),
            "eco_tax": self.env._("Eco-contribution"),
            "commission": self.env._("Commission"),
            "closing_fee": self.env._("Closing fee"),
            "digital_services_fee": self.env._("Digital services fee"),
            "fulfilment_fee": self.env._("Fulfilment"),
            "fulfilment_adjustment": self.env._("Fulfilment adjustments"),
            "fulfilment_surcharge": self.env._("Fulfilment surcharges"),
            "carrier_cost": self.env._("Carrier"),
            "storage_cost": self.env._("Storage"),
            "return_cost": self.env._("Returns"),
            "advertising_cost": self.env._("Advertising"),
            "subscription_cost": self.env._("Share of the subscription"),
            "net_margin": self.env._("Net margin"),
        }

    @api.model
    def _format_figure(self, value):
        """Return a figure in at most six digits, with the decimal sign of the reader."""
        return figure_words(self.env, value)

    @api.model
    def _get_note(self, line):
        """Return in words what explains a line of ``engine.explain``; False for nothing."""
        params = line.params
        rate = self._format_figure((params.get("rate") or 0.0) * 100)
        notes = {
            "shipping_unknown": lambda: self.env._("the marketplace does not tell it: taken as 0"),
            "vat_rate": lambda: self.env._("%(rate)s %% VAT", rate=rate),
            "commission_flat": lambda: self.env._("%(rate)s %% of what the buyer pays", rate=rate),
            "commission_forced": lambda: self.env._(
                "%(rate)s %% of what the buyer pays, as tried here", rate=rate
            ),
            "commission_whole": lambda: self.env._(
                "%(rate)s %% of what the buyer pays, from the band of the total", rate=rate
            ),
            "commission_marginal": lambda: self.env._(
                "by portion, %(rate)s %% above %(lower)s",
                rate=rate,
                lower=self._format_figure(params.get("lower") or 0.0),
            ),
            "minimum": lambda: self.env._("minimum commission"),
            "share_of_fees": lambda: self.env._("%(rate)s %% of the marketplace's fees", rate=rate),
            "tier": lambda: params["tier"],
            "share_of_fulfilment": lambda: self.env._("%(rate)s %% of fulfilment", rate=rate),
            "carrier": lambda: params["carrier"],
            "storage": lambda: self.env._(
                "%(days)s days assumed", days=self._format_figure(params["days"])
            ),
            "returns": lambda: self.env._("%(rate)s %% of sales come back", rate=rate),
            "share_of_revenue": lambda: self.env._("%(rate)s %% of revenue", rate=rate),
            "subscription": lambda: self.env._(
                "spread over %(units)s sales a month", units=self._format_figure(params["units"])
            ),
        }
        return notes[line.note_key]() if line.note_key in notes else False

    @api.model
    def _prepare_waterfall(self, lines, currency):
        """Return the lines of ``engine.explain`` as the ``onep_waterfall`` widget reads them.

        A list of {key, label, amount (null when unknown), kind (total, gain, cost), note,
        rule ("model,id"), estimated}, amounts rounded by currency.
        """
        labels = self._get_line_labels()
        return [
            {
                "key": line.label_key,
                "label": labels.get(line.label_key, line.label_key),
                "amount": None if line.amount is None else currency.round(line.amount),
                "kind": line.kind,
                "note": self._get_note(line),
                "rule": line.rule_ref or False,
                "estimated": line.estimated,
            }
            for line in lines
        ]

    @api.model
    def _add_rule_dates(self, lines):
        """Say in each line's note from which day its rule is in force."""
        for line in lines:
            if not line["rule"]:
                continue
            model, rule_id = line["rule"].split(",")
            rule = self.env[model].sudo().browse(int(rule_id)).exists()
            if not rule:
                line["rule"] = False
                continue
            for owner in ("tier_id", "grid_id", "card_id"):
                if "valid_from" not in rule._fields and owner in rule._fields:
                    rule = rule[owner]
            since = "valid_from" in rule._fields and rule.valid_from
            if since:
                dated = self.env._(
                    "%(rule)s, since %(date)s",
                    rule=rule.display_name,
                    date=format_date(self.env, since),
                )
                line["note"] = f"{line['note']} · {dated}" if line["note"] else dated
        return lines

    @api.model
    def _prepare_margin_vals(self, result, index, currency):
        """Return the values of one deal of a ``MarginResult``, rounded by currency.

        ``break_even_price_taxed`` and ``max_buy_price`` come from ``engine.bounds``: not here.
        """

        def rounded(amount):
            return False if isnan(amount) else currency.round(float(amount))

        def known(ratio):
            return False if isnan(ratio) else float(ratio)

        return {
            "currency_id": currency.id,
            "revenue_untaxed": rounded(result.revenue_untaxed[index]),
            "landed_cost": rounded(result.landed_cost[index]),
            "commission": rounded(result.commission[index]),
            "fulfilment_fee": rounded(result.fulfilment_fee[index] + result.carrier_cost[index]),
            "total_fees": rounded(result.total_fees[index]),
            "net_margin": rounded(result.net_margin[index]),
            "margin_rate": known(result.margin_rate[index]),
            "roi": known(result.roi[index]),
            "margin_known": not result.unknown[index],
            "unknown_reasons": ",".join(causes.keys(result.unknown[index])) or False,
            "estimated_reasons": ",".join(causes.keys(result.estimated[index], causes.ESTIMATES))
            or False,
        }
