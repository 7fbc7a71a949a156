from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import retention
from ..optional_fields import OptionalInteger, OptionalMonetary
from ..sql import market_history


class OnepMarketplaceOfferHistory(models.Model):
    """One state of a market offer's figures, and from when to when it was seen.

    Only changes begin a line, by set-based SQL (sql/market_history.py).
    """

    _name = "onep.marketplace.offer.history"
    _description = "Past of a Market Offer"
    _order = "first_seen_at desc, id desc"
    _log_access = False
    _rec_name = "first_seen_at"

    offer_id = fields.Many2one(
        "onep.marketplace.offer", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    sync_id = fields.Many2one(
        "onep.market.sync", "Update", index="btree_not_null", ondelete="set null", readonly=True
    )
    first_seen_at = fields.Datetime("From", required=True, readonly=True)
    last_seen_at = fields.Datetime("Until", required=True, readonly=True)
    state = fields.Selection(
        [
            ("found", "Found"),
            ("not_found", "Not found"),
            ("no_price", "No price"),
            ("error", "Refused"),
        ],
        readonly=True,
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    buy_box_price_taxed = OptionalMonetary("Buy Box", readonly=True, aggregator="avg")
    buy_box_shipping_taxed = OptionalMonetary("Shipping", readonly=True, aggregator="avg")
    buy_box_seller = fields.Char("Buy Box Holder", readonly=True)
    buy_box_fulfilment = fields.Selection(
        [("marketplace", "Marketplace"), ("merchant", "Merchant")], "Shipped by", readonly=True
    )
    lowest_price_taxed = OptionalMonetary("Lowest Price", readonly=True, aggregator="avg")
    offer_count = OptionalInteger("Offers", readonly=True, aggregator="avg")
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
        readonly=True,
    )
    sales_rank = OptionalInteger(readonly=True, aggregator="min")
    sales_rank_category = fields.Char("Rank Within", readonly=True)
    ranks = fields.Text("All Ranks", readonly=True)
    list_price_taxed = OptionalMonetary("List Price", readonly=True, aggregator="avg")

    holder_before = fields.Char(compute="_compute_holder")
    is_holder_change = fields.Boolean(
        "Another Holder", compute="_compute_holder", search="_search_is_holder_change"
    )

    _offer_time_unique = models.UniqueIndex("(offer_id, first_seen_at)")
    # lines are only added, in the order of time: block ranges find them
    _time_idx = models.Index("USING brin (first_seen_at) WITH (autosummarize = on)")

    def init(self):
        """Leave room on each page, so that moving the end of a line touches no index."""
        self.env.cr.execute("ALTER TABLE onep_marketplace_offer_history SET (fillfactor = 85)")

    @api.depends("offer_id", "buy_box_seller")
    def _compute_holder(self):
        """The buy box went from one known seller to another with this line."""
        self.flush_model()
        changes = self.env.execute_query(
            market_history.select_holder_changes(SQL("h.offer_id = ANY(%s)", self.offer_id.ids))
        )
        before = dict(changes)
        for line in self:
            line.holder_before = before.get(line._origin.id, False)
            line.is_holder_change = line._origin.id in before

    @api.model
    def _search_is_holder_change(self, operator, value):
        if operator != "in":
            return NotImplemented
        changes = SQL(
            "(SELECT id FROM (%s) AS changed)", market_history.select_holder_changes(SQL("TRUE"))
        )
        inside = Domain("id", "in", changes)
        return inside if True in value else ~inside

    @api.model
    def _cron_remove_old(self):
        """Drop what the market said too long ago, in small transactions."""
        retention.remove_in_parts(self.env, self._remove_old)

    @api.model
    def _remove_old(self):
        """Drop old lines, some at a time; whether there may be more."""
        self.flush_model()
        days = retention.get_days(self.env, retention.HISTORY)
        self.env.cr.execute(market_history.delete_old(days, retention.AT_ONCE))
        has_more = self.env.cr.rowcount >= retention.AT_ONCE
        self.invalidate_model()
        return has_more
