import numpy as np
import pyarrow as pa

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.onep_margin.engine import bounds, causes, landed, purchase_bounds
from odoo.addons.onep_margin.engine.batch import CONDITIONS
from odoo.addons.onep_margin.engine.causes import Cause
from odoo.addons.onep_marketplace_connectors.clients import gtin as gtins

from ..planning import costs, deals, quantity_price, scenario
from ..planning.adjustments import OF_ARTICLE

#: Figures of an opportunity that a simulation begins with; unknown ones are left empty.
_FIGURES = (
    "buy_price",
    "extra_cost",
    "eco_tax",
    "sell_price_taxed",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "units_per_month",
)

#: Where a move keeps what offers cost, by (offer, marketplace, company, quantity), and their agreed
#: prices, by (offer, company).
_LANDED = "onep_margin_simulator_landed"


class OnepMarginSimulator(models.TransientModel):
    """A simulation that begins from the catalogue: an opportunity, a product, a bare EAN."""

    _inherit = "onep.margin.simulator"

    opportunity_id = fields.Many2one("onep.opportunity", help="What today's figures come from.")
    supplier_offer_id = fields.Many2one("onep.supplier.offer")
    marketplace_id = fields.Many2one(
        "onep.marketplace", "Account", domain="[('company_id', '=', company_id)]"
    )
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    landed_extra_cost = fields.Float(
        digits=(16, 6), help="What the supplier's terms give; another amount was typed, and stays."
    )
    ean_message = fields.Char(compute="_compute_ean_message")

    @api.depends("ean", "opportunity_id", "product_id")
    @api.depends_context("lang")
    def _compute_ean_message(self):
        for deal in self:
            deal.ean_message = deal._get_ean_message()

    def _get_ean_message(self):
        """Return what is wrong with the typed EAN, and what to do; False for nothing."""
        if not self.ean or self.opportunity_id or self.product_id:
            return False
        if not self._get_gtin():
            return self.env._("This is no EAN: check its digits.")
        if not self._find_opportunities():
            return self.env._(
                "No supplier offers this EAN on a marketplace: fill in what you know, or look it "
                "up under Catalogue ▸ Look up EANs."
            )
        return False

    @api.model
    def _get_input_names(self):
        return (
            *super()._get_input_names(),
            "opportunity_id",
            "supplier_offer_id",
            "marketplace_id",
        )

    def _is_shipping_untold(self):
        """What the marketplace ships is priced with its shipping, which nobody may have told."""
        return super()._is_shipping_untold() or (
            self.shipping_charged_taxed is False
            and "shipping_charged_unknown" in (self.opportunity_id.estimated_reasons or "")
        )

    def _get_operator(self):
        place = self.marketplace_id
        return place.operator_name if place.platform == self.platform else super()._get_operator()

    def _get_gtin(self):
        """Return the canonical GTIN-14 of the typed EAN; None when it is none."""
        (found,) = gtins.canonical(pa.array([self.ean or None], pa.string())).gtin
        return found

    def _find_opportunities(self):
        """Return the opportunities of the typed EAN, the best first."""
        gtin = self._get_gtin()
        if not gtin:
            return self.env["onep.opportunity"]
        return self.env["onep.opportunity"].search(
            Domain("gtin", "=", gtin) & Domain("company_id", "=", self.env.company.id)
        )

    @api.onchange("marketplace_id")
    def _onchange_marketplace_id(self):
        """Take what is known of the article on the other marketplace."""
        place = self.marketplace_id
        if not place:
            return
        self.update({"platform": place.platform, "country_id": place.country_id.id})
        self.carrier_id = place.carrier_grid_id
        if self.fulfilment == "marketplace" and not place.ships_by_marketplace:
            self.fulfilment = "merchant"
        elif self.fulfilment == "merchant" and not place.ships_by_merchant:
            self.fulfilment = "marketplace"
        there = self._find_there(place)
        if there:
            self.update(self._prepare_market_vals(there))
        else:
            self._onchange_platform()

    @api.onchange("product_id")
    def _onchange_product_id(self):
        """Another product is another article; the opportunity's own says less than it."""
        if self.product_id and self.product_id == self.opportunity_id.variant_id:
            return
        if self.product_id and self.opportunity_id:
            self.update({"opportunity_id": False, "supplier_offer_id": False})
        super()._onchange_product_id()

    @api.onchange("purchase_price", "buy_price", "currency_rate")
    def _onchange_paid_price(self):
        """The supplier's carriage and the duty follow his price, unless others were typed."""
        paid = self.purchase_price if self.is_foreign else self.buy_price
        if not paid or not self.supplier_offer_id or not self.marketplace_id:
            return
        if self.currency_id.compare_amounts(self.extra_cost, self.landed_extra_cost):
            return
        found = self._land(self.quantity or 1.0)
        if not found:
            return
        sheet, purchase, _landed, _assumed = found
        tables = sheet.tables
        if self.is_foreign and self.currency_rate > 0.0 and purchase.currency[0] >= 0:
            tables = scenario.at_rate(tables, int(purchase.currency[0]), self.currency_rate)
        extra = landed.land(quantity_price.at_price(purchase, np.array([paid])), tables).extra_cost
        if not np.isnan(extra[0]):
            self.update({"extra_cost": extra[0], "landed_extra_cost": extra[0]})

    def _find_there(self, place):
        """Return the opportunity of the same offer, else the best of the article, there."""
        if self.supplier_offer_id:
            return self.env["onep.opportunity"].search(
                [
                    ("supplier_offer_id", "=", self.supplier_offer_id.id),
                    ("marketplace_id", "=", place.id),
                ],
                limit=1,
            )
        return self._find_opportunities().filtered(
            lambda opportunity: opportunity.marketplace_id == place
        )[:1]

    @api.model
    def _prepare_market_vals(self, opportunity):
        """Return what a marketplace says of an article; the price stays where it has none."""
        vals = {}
        if opportunity.sell_price_taxed:
            vals["sell_price_taxed"] = opportunity.sell_price_taxed
            # Without an answer of this marketplace, that of the other one is none either.
            vals["shipping_charged_taxed"] = opportunity.shipping_charged_taxed
        if opportunity.fee_category_id:
            vals["fee_category_id"] = opportunity.fee_category_id.id
        return vals

    def _fill_by_ean(self):
        """The catalogue's best opportunity knows more of an EAN than Odoo's product."""
        found = self._find_opportunities()[:1]
        if not found:
            return super()._fill_by_ean()
        self.update(self._prepare_opportunity_vals(found))
        return self._take_as_today()

    def _get_barcode_domain(self):
        """Match a barcode in any spelling of the GTIN."""
        gtin = self._get_gtin()
        if not gtin:
            return super()._get_barcode_domain()
        return Domain("barcode", "in", gtins.spellings(gtin))

    def _prepare_deal(self, card, index):
        """The account says where and how parcels go, the article what they are."""
        vals = super()._prepare_deal(card, index)
        place = self.marketplace_id
        if not place:
            return vals
        articles = self.supplier_offer_id.product_id or self.opportunity_id.product_id
        shipping = place._get_shipping_choice(card) | {"carrier": vals["carrier"]}
        adjustments = place._get_adjustments(card).bits(
            {name: [articles[name]] for name in OF_ARTICLE}
        )
        return vals | shipping | {"adjustments": adjustments}

    def _prepare_purchase_vals(self, quantity):
        """A supplier's offer is landed again: price tiers, and its share of the carriage."""
        if not self.supplier_offer_id or not self.marketplace_id:
            return super()._prepare_purchase_vals(quantity)
        found = self._land(quantity)
        if not found:
            return {}
        sheet, purchase, costs_there, assumed = found
        rate = float(sheet.tables.currencies.paid_rate(purchase.currency)[0])
        return self._prepare_landed_vals(costs_there, rate) | {
            "cost_estimated": self._join_estimates(
                int(costs_there.estimated[0] | assumed[0]) & int(causes.GOODS_ESTIMATES)
            )
        }

    @api.model
    def _join_estimates(self, bits):
        """Return the keys of bits of ``Estimate``, comma-joined; False for none."""
        return ",".join(causes.keys(bits, causes.ESTIMATES)) or False

    def _get_max_buy_price(self, batch, result, card):
        """The supplier's carriage and duty follow his price, as long as they are his."""
        fixed = super()._get_max_buy_price(batch, result, card)
        if not self.supplier_offer_id or not self.marketplace_id:
            return fixed
        found = self._land(self.quantity or 1.0)
        if not found:
            return fixed
        sheet, purchase, costs_there, _assumed = found
        mine = np.array([self.extra_cost, self.eco_tax])
        theirs = np.array([self.landed_extra_cost, costs_there.eco_tax[0]])
        if not np.allclose(mine, theirs, rtol=0.0, atol=0.6 * self.currency_id.rounding):
            # What was typed is what is tried.
            return fixed
        allowed = bounds.max_landed_cost(batch, card, self.target_roi, result)
        price = purchase_bounds.max_purchase_price(purchase, sheet.tables, allowed)
        return float(price[0] * sheet.tables.currencies.paid_rate(purchase.currency)[0])

    def onchange(self, values, field_names, fields_spec):
        """A move works out the former figures too: what the offer costs is fetched once."""
        self.env.cr.cache[_LANDED] = {}
        try:
            result = super().onchange(values, field_names, fields_spec)
        finally:
            self.env.cr.cache.pop(_LANDED, None)
        if "shipping_charged_taxed" in fields_spec:
            result["value"] = (result.get("value") or {}) | self._get_told_shipping(
                values, field_names, result.get("value") or {}
            )
        return result

    def _get_told_shipping(self, values, field_names, told):
        """Return the shipping of the opportunity that a move came to; {} for none.

        Odoo takes 0 and unknown for the same value, and does not tell a screen of either.
        """
        if "marketplace_id" in field_names and values.get("marketplace_id"):
            deal = self.new({name: values.get(name) for name in ("ean", "supplier_offer_id")})
            found = deal._find_there(self.env["onep.marketplace"].browse(values["marketplace_id"]))
            found = found.filtered("sell_price_taxed")
        else:
            key = told.get("opportunity_id")
            key = key.get("id") if isinstance(key, dict) else key
            found = self.env["onep.opportunity"].browse(key or ())
        return {"shipping_charged_taxed": found.shipping_charged_taxed} if found else {}

    def _land(self, quantity):
        """Return what the offer costs at a quantity: (sheet, Purchase, LandedCost, bits of
        ``Estimate``); None when it is gone.
        """
        known = self.env.cr.cache.get(_LANDED, {})
        key = self.supplier_offer_id.id, self.marketplace_id.id, self.company_id.id, quantity
        if key not in known:
            known[key] = self._fetch_landed(quantity)
        return known[key]

    def _fetch_landed(self, quantity):
        """Return the same as ``_land``, as of now."""
        run = self.env["onep.evaluation"].new(
            {
                "scope": "offers",
                "offer_ids": self.supplier_offer_id.ids,
                "company_id": self.company_id.id,
            }
        )
        known = self.env.cr.cache.get(_LANDED, {})
        lists = self.supplier_offer_id.id, self.company_id.id
        if lists not in known:
            run._flush_sources()
            known[lists] = run._get_negotiated()
        columns = run._fetch_deals(self.marketplace_id, 0, known[lists], float(quantity))
        if not len(columns["supplier_offer_id"]):
            return None
        sheet = self.env["onep.cost.sheet"]._get_engine_sheet()
        columns["order_quantity"] = np.array([float(quantity)])
        columns |= run._get_cost_columns(columns, sheet, {})
        return sheet, *costs.land(columns, sheet)

    def _prepare_landed_vals(self, costs_there, rate):
        """Return the fields of a landed cost; what is unknown of it names its causes."""
        unknown = int(costs_there.unknown[0])
        if unknown & ~int(causes.GOODS):
            # A weight lacks for the transport: what is asked here is the transport's cost.
            unknown = unknown & int(causes.GOODS) | Cause.EXTRA_COST_MISSING
        paid = float(np.nan_to_num(costs_there.buy_price[0]))
        extra = float(np.nan_to_num(costs_there.extra_cost[0]))
        return {
            **self._prepare_paid_vals(self.supplier_offer_id.currency_id, paid, rate),
            "extra_cost": extra,
            "landed_extra_cost": extra,
            "eco_tax": float(np.nan_to_num(costs_there.eco_tax[0])),
            "cost_unknown": ",".join(causes.keys(unknown)) or False,
        }

    @api.model
    def _get_list_price_taxed(self, product):
        """Odoo's list price is without VAT, unless the product's own sales taxes are inside it."""
        company = self.env.company
        taxes = product.sudo().taxes_id._filter_taxes_by_company(company)
        found = taxes.compute_all(product.lst_price, company.currency_id, product=product)
        return found["total_included"]

    @api.model
    def _open_for_product(self, product):
        """An Odoo product that suppliers offer is simulated as its best opportunity."""
        pivot = self.env["onep.product"].search([("product_id", "=", product.id)], limit=1)
        return self._open_for_pivot(pivot) or super()._open_for_product(product)

    @api.model
    def _open_for_pivot(self, pivot):
        """Return the action that simulates the best opportunity of a GTIN; None without any."""
        found = self.env["onep.opportunity"].search(
            [("product_id", "=", pivot.id), ("company_id", "=", self.env.company.id)], limit=1
        )
        return self._open_for_opportunity(found) if found else None

    @api.model
    def _open_for_opportunity(self, opportunity):
        """Return the action that simulates an opportunity."""
        company = opportunity.company_id
        Simulator = self.with_company(company)
        vals = Simulator._prepare_opportunity_vals(opportunity)
        return Simulator._open(
            vals | {"company_id": company.id, "currency_id": company.currency_id.id},
            opportunity.display_name,
        )

    @api.model
    def _prepare_opportunity_vals(self, opportunity):
        """Return all that an opportunity knows of its deal, as it was priced."""
        place, offer = opportunity.marketplace_id, opportunity.supplier_offer_id
        condition = int(deals.condition_codes([offer.condition])[0])
        vals = {
            "opportunity_id": opportunity.id,
            "supplier_offer_id": offer.id,
            "marketplace_id": place.id,
            "product_id": opportunity.variant_id.id,
            "subject": opportunity.name,
            "ean": opportunity.ean,
            "platform": place.platform,
            "country_id": place.country_id.id,
            "carrier_id": place.carrier_grid_id.id,
            "fee_category_id": opportunity.fee_category_id.id,
            "fulfilment": opportunity.fulfilment or "merchant",
            "condition": CONDITIONS[max(condition, 0)],
            "quantity": opportunity.order_quantity or 1.0,
            "cost_unknown": ",".join(causes.keys(opportunity._get_goods_causes())) or False,
            "cost_estimated": self._join_estimates(opportunity._get_goods_estimates()),
            **{name: opportunity[name] or 0.0 for name in _FIGURES},
            "shipping_charged_taxed": opportunity.shipping_charged_taxed,
            "landed_extra_cost": opportunity.extra_cost or 0.0,
            **self._prepare_price_vals(opportunity),
        }
        if opportunity.vat_rate is not False:
            vals["vat_rate"] = opportunity.vat_rate
        return vals

    @api.model
    def _prepare_price_vals(self, opportunity):
        """Return what the supplier is paid in its currency, and the rate that makes it ours."""
        sheet = self.env["onep.cost.sheet"]._get_engine_sheet()
        currency = opportunity.offer_currency_id
        rate = float(sheet.tables.currencies.paid_rate(sheet.currency_index([currency.id]))[0])
        return self._prepare_paid_vals(currency, opportunity.buy_price or 0.0, rate)

    @api.model
    def _prepare_paid_vals(self, currency, paid, rate):
        """Return the fields of a buying price, in our currency and in the supplier's."""
        if not rate > 0.0:
            return {"purchase_currency_id": currency.id, "currency_rate": 0.0}
        return {
            "purchase_currency_id": currency.id,
            "purchase_price": paid / rate,
            "currency_rate": rate,
            "buy_price": paid,
        }

    def _get_price_points(self):
        """The account may end its prices otherwise than its platform."""
        if not self.marketplace_id:
            return super()._get_price_points()
        return self.marketplace_id._get_price_points(self.currency_id)

    def _get_channel_name(self):
        """Name the account rather than its platform."""
        if not self.marketplace_id:
            return super()._get_channel_name()
        return self.marketplace_id._get_way_name(self.fulfilment)
