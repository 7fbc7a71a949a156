from datetime import timedelta

from odoo import api, fields, models

from ..clients.records import OF_MINIMUM
from ..clients.steps import Step
from ..messages import reason_message
from ..optional_fields import OptionalFloat, OptionalInteger, OptionalMonetary
from ..sql import marketplace_offer as offer_sql


class OnepMarketplaceOffer(models.Model):
    """What one GTIN sells for on one marketplace, as last seen. Unknown figures are NULL."""

    _name = "onep.marketplace.offer"
    _description = "Market Offer"
    _order = "fetched_at desc, id desc"
    _rec_name = "name"

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="marketplace_id.company_id", store=True)
    is_demo = fields.Boolean("Demo Market", related="marketplace_id.is_demo", store=True)
    platform = fields.Selection(related="marketplace_id.platform")
    gtin = fields.Char("GTIN", required=True, index=True, size=14, readonly=True)
    ean = fields.Char("EAN", compute="_compute_ean", search="_search_ean")
    external_id = fields.Char("Marketplace Reference", index="btree_not_null", readonly=True)
    candidate_count = OptionalInteger("Candidates", readonly=True, aggregator=None)
    candidate_ids = fields.One2many("onep.marketplace.candidate", "offer_id", readonly=True)
    is_doubtful = fields.Boolean(
        "To Confirm",
        readonly=True,
        help="Several products carry this EAN and none stands out: choose the one that is meant.",
    )
    chosen_by_id = fields.Many2one(
        "res.users", "Chosen by", readonly=True, help="Whoever chose the product: it stays."
    )
    name = fields.Char("Product", index="trigram", readonly=True)
    brand = fields.Char(readonly=True)
    category = fields.Char(readonly=True, help="The marketplace's own category.")
    category_code = fields.Char(readonly=True, help="The marketplace's own code.")
    pack_quantity = OptionalInteger("Pack", readonly=True, aggregator=None)
    image_url = fields.Char("Picture", readonly=True)
    url = fields.Char("Page", readonly=True)
    state = fields.Selection(
        [
            ("found", "Found"),
            ("not_found", "Not found"),
            ("no_price", "No price"),
            ("error", "Refused"),
        ],
        required=True,
        default="not_found",
        readonly=True,
    )
    reason_codes = fields.Char(readonly=True)
    identity_reason_codes = fields.Char(readonly=True)
    detail_reason_codes = fields.Char(readonly=True)
    rights_reason_codes = fields.Char(readonly=True)
    fees_reason_codes = fields.Char(readonly=True)
    reason_detail = fields.Char(readonly=True)
    reason = fields.Char(
        "Why Unknown", compute="_compute_reason", help="Why a figure is unknown, in words."
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    buy_box_price_taxed = OptionalMonetary("Buy Box", readonly=True, aggregator="avg")
    buy_box_shipping_taxed = OptionalMonetary("Shipping", readonly=True, aggregator="avg")
    buy_box_seller = fields.Char("Buy Box Holder", readonly=True)
    buy_box_fulfilment = fields.Selection(
        [("marketplace", "Marketplace"), ("merchant", "Merchant")], "Shipped by", readonly=True
    )
    lowest_price_taxed = OptionalMonetary(
        "Lowest Price", readonly=True, aggregator="avg", help="New, shipping included."
    )
    offer_count = OptionalInteger("Offers", readonly=True, aggregator="avg")
    offer_count_sign = fields.Char(
        "At Least",
        compute="_compute_offer_count_sign",
        help="≥: the marketplace may have more offers than it lists.",
    )
    marketplace_fulfilled_count = OptionalInteger(
        "Shipped by Marketplace", readonly=True, aggregator="avg"
    )
    merchant_fulfilled_count = OptionalInteger(
        "Shipped by Sellers", readonly=True, aggregator="avg"
    )
    used_offer_count = OptionalInteger("Used Offers", readonly=True, aggregator="avg")
    retailer_present = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("unknown", "Unknown")],
        "Sold by the Marketplace",
        required=True,
        default="unknown",
        readonly=True,
    )
    sales_rank = OptionalInteger(readonly=True, aggregator="min")
    sales_rank_category = fields.Char("Rank Within", readonly=True)
    ranks = fields.Text("All Ranks", readonly=True)
    list_price_taxed = OptionalMonetary("List Price", readonly=True, aggregator="avg")
    last_price_taxed = OptionalMonetary(
        "Last Known Buy Box",
        readonly=True,
        aggregator=None,
        help="The newest buy box that was read, on its own date.",
    )
    last_price_at = fields.Datetime("Buy Box Known on", readonly=True)
    last_rank = OptionalInteger("Last Known Rank", readonly=True, aggregator=None)
    last_rank_at = fields.Datetime("Rank Known on", readonly=True)
    may_sell = fields.Selection(
        [
            ("yes", "Yes"),
            ("approval", "With an approval"),
            ("no", "No"),
            ("unknown", "Not told"),
        ],
        "May We Sell It",
        readonly=True,
    )
    approval_url = fields.Char("Where to Apply", readonly=True)
    sell_reason = fields.Char("Restriction", readonly=True)
    may_be_stored = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("unknown", "Not told")],
        "Taken by Its Warehouse",
        readonly=True,
    )
    stored_reason = fields.Char("Warehouse's Reason", readonly=True)
    fee_price_taxed = OptionalMonetary("Fees Quoted for", readonly=True, aggregator=None)
    fee_total = OptionalMonetary(
        "Quoted Fees",
        readonly=True,
        aggregator="avg",
        help="What the marketplace estimates to keep. It does not say whether VAT is in it.",
    )
    fee_commission = OptionalMonetary("Quoted Commission", readonly=True, aggregator="avg")
    fee_fulfilment = OptionalMonetary("Quoted Fulfilment", readonly=True, aggregator="avg")
    weight_g = OptionalFloat("Weight (g)", readonly=True, aggregator=None)
    length_mm = OptionalFloat("Length (mm)", readonly=True, aggregator=None)
    width_mm = OptionalFloat("Width (mm)", readonly=True, aggregator=None)
    height_mm = OptionalFloat("Height (mm)", readonly=True, aggregator=None)
    first_seen_at = fields.Datetime("First Seen", readonly=True)
    fetched_at = fields.Datetime("Seen", index=True, readonly=True)
    identified_at = fields.Datetime("Identified", readonly=True)
    detailed_at = fields.Datetime("Read in Detail", readonly=True)
    rights_at = fields.Datetime("Rights Read", readonly=True)
    fees_at = fields.Datetime("Fees Quoted", readonly=True)
    changed_at = fields.Datetime(
        "Last Change", readonly=True, help="When a market figure was last seen to differ."
    )
    freshness = fields.Selection(
        [("fresh", "Fresh"), ("ageing", "Ageing"), ("old", "Old"), ("never", "Never read")],
        compute="_compute_freshness",
        help="Old: beyond the age that the marketplace's settings allow.",
    )
    sync_id = fields.Many2one(
        "onep.market.sync", "Update", index="btree_not_null", ondelete="set null", readonly=True
    )

    changed_sync_id = fields.Many2one(
        "onep.market.sync",
        "Changed by",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The update that last saw a figure differ.",
    )
    history_ids = fields.One2many("onep.marketplace.offer.history", "offer_id", readonly=True)
    trend_ids = fields.One2many("onep.marketplace.trend", "offer_id", readonly=True)
    # id of the open line of the history, kept by the statement that stores answers
    history_id = fields.Integer("Last State", readonly=True, copy=False, groups="base.group_system")
    wide_digest = fields.Char(readonly=True, copy=False, groups="base.group_system")
    not_told = fields.Char("Not Told Here", compute="_compute_not_told")

    _marketplace_gtin_unique = models.Constraint(
        "UNIQUE(marketplace_id, gtin)", "A marketplace has one market offer per EAN."
    )

    @api.depends("gtin")
    def _compute_ean(self):
        for offer in self:
            gtin = offer.gtin or ""
            offer.ean = gtin[1:] if gtin.startswith("0") else gtin

    def _search_ean(self, operator, value):
        if operator in ("in", "not in"):
            return [("gtin", operator, [str(v).strip().zfill(14) for v in value if v])]
        if operator in ("ilike", "like", "=ilike", "=like"):
            return [("gtin", operator, value)]
        return NotImplemented

    @api.depends("name", "ean")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = offer.name or offer.ean

    @api.depends_context("lang")
    @api.depends(*offer_sql.REASONS.values(), "reason_detail")
    def _compute_reason(self):
        for offer in self:
            codes = filter(None, (offer[name] for name in offer_sql.REASONS.values()))
            told = dict.fromkeys(code for text in codes for code in text.split(","))
            offer.reason = reason_message(self.env, ",".join(told), offer.reason_detail)

    @api.depends("reason_codes", "offer_count")
    def _compute_offer_count_sign(self):
        for offer in self:
            codes = (offer.reason_codes or "").split(",")
            lacks = bool(offer.offer_count) and not OF_MINIMUM.isdisjoint(codes)
            offer.offer_count_sign = lacks and "≥"

    @api.depends_context("lang")
    @api.depends("platform")
    def _compute_not_told(self):
        for offer in self:
            offer.not_told = offer.marketplace_id._get_not_told()

    @api.depends("fetched_at", "marketplace_id.price_max_age_hours")
    def _compute_freshness(self):
        now = fields.Datetime.now()
        for offer in self:
            allowed = timedelta(hours=offer.marketplace_id.price_max_age_hours or 24)
            if not offer.fetched_at:
                offer.freshness = "never"
            elif now - offer.fetched_at <= allowed:
                offer.freshness = "fresh"
            elif now - offer.fetched_at <= 3 * allowed:
                offer.freshness = "ageing"
            else:
                offer.freshness = "old"

    def action_refresh(self):
        """Ask the marketplaces again for these offers now, before anything else that waits."""
        for marketplace, offers in self.grouped("marketplace_id").items():
            marketplace._sync(offers.mapped("gtin"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%(count)s market offers are being read again.", count=len(self)
                ),
            },
        }

    def action_open_page(self):
        """Open the product's page on the marketplace."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    def action_open_curve(self):
        """Price, rank and offers day by day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_marketplace_curve_action"
        )
        return action | {"domain": [("offer_id", "=", self.id)], "display_name": self.display_name}

    def action_open_history(self):
        """Every state of the figures, and who held the buy box."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_marketplace_offer_history_action"
        )
        return action | {"domain": [("offer_id", "=", self.id)]}

    def action_open_approval(self):
        """Where the marketplace takes applications to sell this product."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.approval_url, "target": "new"}

    def _choose(self, candidate):
        """A person says which product is meant: the figures of another one are forgotten."""
        self.ensure_one()
        vals = {"chosen_by_id": self.env.uid, "is_doubtful": False}
        is_another = candidate.external_id != self.external_id
        if is_another:
            vals |= {
                "external_id": candidate.external_id,
                "identified_at": fields.Datetime.now(),
                "state": "found",
                "history_id": False,
                "wide_digest": False,
                "fetched_at": False,
                "retailer_present": "unknown",
                **{
                    name: candidate[name]
                    for name in ("name", "brand", "category", "pack_quantity", "image_url", "url")
                },
                **dict.fromkeys(
                    (
                        *(name for name in offer_sql.FIGURES if name != "retailer_present"),
                        *(name for name in offer_sql.RIGHTS),
                        *offer_sql.FEES.values(),
                        *(name for pair in offer_sql.LAST_KNOWN.values() for name in pair),
                        *(offer_sql.ANSWERED_AT[step] for step in (Step.DETAIL, Step.RIGHTS)),
                        offer_sql.ANSWERED_AT[Step.FEES],
                        *offer_sql.REASONS.values(),
                        "reason_detail",
                        "weight_g",
                        "length_mm",
                        "width_mm",
                        "height_mm",
                    ),
                    False,
                ),
            }
        self.sudo().write(vals)
        if is_another:
            self.marketplace_id._sync([self.gtin])
