from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.onep_marketplace_connectors.clients.steps import Step

from ..sql import dependent_deals, market_value

#: What the margins and scores of a marketplace rest on.
PRICED_BY = (
    "platform",
    "country_id",
    "operator_name",
    "currency_id",
    "score_profile_id",
    "ships_by_marketplace",
    "ships_by_merchant",
    "carrier_grid_id",
    "carrier_zone",
    "carrier_options",
    "fulfilment_route",
    "is_pan_european",
    "is_central_europe_stock",
    "is_oversize_packed",
    "fulfilment_adjustments",
    "active",
)
#: Platforms that stock and ship for their sellers.
FULFILLING_PLATFORMS = ("amazon",)


class OnepMarketplace(models.Model):
    """What a marketplace needs to be priced: fees, ways of shipping, score."""

    _inherit = "onep.marketplace"

    score_profile_id = fields.Many2one(
        "onep.score.profile",
        string="Score profile",
        check_company=True,
        help="Empty: the company's first profile.",
    )
    sale_team_id = fields.Many2one(
        "crm.team",
        string="Sales team of its orders",
        check_company=True,
        help="Team that its sale orders carry: back-tests then count its own sales. Empty: those "
        "of all channels together.",
    )
    ships_by_marketplace = fields.Boolean(
        string="Shipped by the marketplace",
        compute="_compute_ships_by_marketplace",
        store=True,
        readonly=False,
        help="Compare with the marketplace's own fulfilment, such as FBA.",
    )
    ships_by_merchant = fields.Boolean(
        string="Shipped by us",
        default=True,
        help="Compare with our own parcels, at the carrier's price.",
    )
    carrier_grid_id = fields.Many2one(
        "onep.carrier.grid",
        string="Carrier",
        domain="[('country_id', '=', country_id)]",
        help="Empty: the cheapest carrier that takes the parcel.",
    )
    price_rounding_id = fields.Many2one(
        "onep.price.rounding",
        string="Suggested prices",
        domain="[('currency_id', '=', currency_id)]",
        help="How suggested selling prices end, such as …,99. Empty: as for its currency.",
    )
    carrier_zone = fields.Char(
        string="Carriers' zone",
        help="As the carriers' grids name it. Empty: the zone that each grid has for the country.",
    )
    carrier_options = fields.Char(
        string="Carriers' options",
        help="Codes that the carrier must offer, separated by commas: signature, insurance…",
    )
    operator_name = fields.Char(
        "Operator",
        compute="_compute_operator_name",
        store=True,
        readonly=False,
        help="Of a platform that several run, as its rate card names it. Its fees are those of "
        "the card that bears this name, else those of the card that names nobody.",
    )
    rate_card_id = fields.Many2one(
        "onep.rate.card",
        string="Rate card in force",
        compute="_compute_rate_card_id",
        help="Found by platform, operator, country and day.",
    )
    shared_card_text = fields.Char(compute="_compute_rate_card_id")
    opportunity_count = fields.Integer(
        string="Opportunities",
        compute="_compute_opportunity_count",
        groups="onep_sourcing.group_sourcing_user",
    )

    @api.depends("platform")
    def _compute_ships_by_marketplace(self):
        for marketplace in self:
            marketplace.ships_by_marketplace = marketplace.platform in FULFILLING_PLATFORMS

    @api.depends("platform", "mirakl_instance_url")
    def _compute_operator_name(self):
        """An operator's address begins with its name."""
        for marketplace in self:
            host = self._get_host(marketplace.mirakl_instance_url)
            is_named = marketplace.platform == "mirakl" and host.endswith(".mirakl.net")
            marketplace.operator_name = is_named and host.split(".")[0]

    @api.depends("platform", "country_id", "operator_name", "company_id")
    @api.depends_context("lang")
    def _compute_rate_card_id(self):
        today = fields.Date.context_today(self)
        Card = self.env["onep.rate.card"]
        for marketplace in self:
            marketplace.rate_card_id = Card.sudo()._find_card(
                marketplace.platform,
                marketplace.country_id,
                today,
                marketplace.company_id,
                marketplace.operator_name,
            )
            others = marketplace._get_other_operators()
            marketplace.shared_card_text = bool(others) and self.env._(
                "This card names no operator, so it prices %(others)s too. Name the operator on "
                "the card, then enter one for each of the others.",
                others=", ".join(others.mapped("name")),
            )

    def _get_other_operators(self):
        """Return the accounts of other operators that an unnamed card prices as well."""
        card = self.rate_card_id
        if self.platform != "mirakl" or not card or card.operator_key:
            return self.browse()
        there = self.search(
            Domain("platform", "=", self.platform)
            & Domain("country_id", "=", self.country_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("id", "!=", self._origin.id)
        )
        named = self.env["onep.rate.card"]._get_operator_key
        own = named(self.operator_name)
        return there.filtered(
            lambda other: named(other.operator_name) != own and other.rate_card_id == card
        )

    def _get_engine_card(self, on_date=None):
        """Return what ``onep.rate.card._get_engine_card`` does, of this marketplace."""
        return self.env["onep.rate.card"]._get_engine_card(
            self.platform, self.country_id, on_date, self.operator_name
        )

    def _compute_opportunity_count(self):
        counts = dict(
            self.env["onep.opportunity"]._read_group(
                [("marketplace_id", "in", self.ids)], ["marketplace_id"], ["__count"]
            )
        )
        for marketplace in self:
            marketplace.opportunity_count = counts.get(marketplace._origin, 0)

    def write(self, vals):
        """Its ways of shipping and its country price every deal of a marketplace."""
        before = {place: [place[name] for name in PRICED_BY] for place in self}
        result = super().write(vals)
        moved = self.filtered(lambda place: [place[name] for name in PRICED_BY] != before[place])
        if moved:
            Mark = self.env["onep.evaluation.mark"].sudo()
            Mark._mark(dependent_deals.of_marketplaces(moved.ids), "marketplace")
        return result

    def action_evaluate(self):
        """Price every present offer on these marketplaces again, in the background."""
        runs = self.env["onep.evaluation"]
        for marketplace in self:
            runs |= runs._enqueue_for_marketplace(marketplace)
        return runs._get_records_action(name=self.env._("Evaluations"))

    def action_new_rate_card(self):
        """Open an empty rate card for this marketplace, which has none."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "onep.rate.card",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_name": self.name,
                "default_platform": self.platform,
                "default_country_id": self.country_id.id,
                "default_operator": self.operator_name,
                "default_currency_id": self.currency_id.id,
                "default_valid_from": fields.Date.context_today(self),
            },
        }

    def action_open_opportunities(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_opportunity_action"
            ),
            "domain": [("marketplace_id", "=", self.id)],
            "context": {},
        }

    def _forget_market(self):
        """Opportunities rest on the market offers: they go with them."""
        self.env["onep.opportunity"].sudo().with_context(active_test=False).search(
            [("marketplace_id", "in", self.ids)]
        ).unlink()
        return super()._forget_market()

    def _get_wanted(self):
        """Add what suppliers offer; decisions near their threshold are worth more."""
        for name in ("onep.supplier.offer", "onep.opportunity", "res.company"):
            self.env[name].flush_model()
        return market_value.select_wanted(self.id, self.company_id.id, super()._get_wanted())

    def _get_survivors(self, step):
        """Dear calls are for what may earn something: the market's price over a supplier's."""
        company = self.company_id
        currencies = self.env["res.currency"].sudo().search([("active", "=", True)])
        self.env["onep.supplier.offer"].flush_model()
        enough = market_value.leaves_enough(
            list(currencies._onep_get_rates(company).items()), company.onep_survivor_markup
        )
        if step is Step.DETAIL:
            return SQL("(%s OR NOT %s)", enough, market_value.is_offered())
        return SQL("(%s OR %s)", enough, super()._get_survivors(step))

    def _get_words(self, gtins):
        """The products' own name and brand, from the suppliers' files."""
        products = (
            self.env["onep.product"]
            .sudo()
            .search_fetch([("gtin", "in", list(gtins))], ["gtin", "name", "brand"])
        )
        return {product.gtin: (product.name or None, product.brand or None) for product in products}

    def _get_score_profile(self):
        """The profile that scores this marketplace; empty when the company has none."""
        self.ensure_one()
        profile = self.score_profile_id
        return (
            profile
            or self.env["onep.score.profile"].with_company(self.company_id)._get_default_profile()
        )

    def _get_rank_curves(self, category_index):
        """The ``engine.demand.RankCurves`` by category of the rate card's engine index."""
        self.ensure_one()
        return self.env["onep.sales.rank.curve"]._get_engine_curves(
            self.platform, self.country_id, category_index
        )

    def _get_price_points(self, currency):
        """Return how suggested prices in a currency end here, for the engine."""
        self.ensure_one()
        own = self.price_rounding_id
        if own.active and own.currency_id == currency:
            return own.sudo()._get_points()
        return self.env["onep.price.rounding"]._find_points(currency, self.platform)

    def _get_way_name(self, fulfilment):
        """Return this account and who ships, as a buyer names the channel."""
        self.ensure_one()
        if fulfilment != "marketplace":
            return self.env._("%(marketplace)s, shipped by us", marketplace=self.name)
        if self.platform == "amazon":
            return self.env._("%(marketplace)s, FBA", marketplace=self.name)
        return self.env._("%(marketplace)s, shipped by it", marketplace=self.name)

    @api.model
    def _get_priced(self, company):
        """Marketplaces of a company that are open, in their order."""
        return self.search(Domain("company_id", "=", company.id))
