from odoo import api, fields, models
from odoo.exceptions import UserError


class OnepMarketplace(models.Model):
    """What the account itself has there: its offers, its stock; and the category tree."""

    _inherit = "onep.marketplace"

    listing_ids = fields.One2many("onep.marketplace.listing", "marketplace_id", "Own Offers")
    listing_count = fields.Integer("Own Offers on Sale", compute="_compute_listing_count")
    category_count = fields.Integer("Categories", compute="_compute_category_count")
    reading_ids = fields.One2many("onep.marketplace.reading", "marketplace_id", "Readings")

    def _compute_listing_count(self):
        counts = dict(
            self.env["onep.marketplace.listing"]._read_group(
                [("marketplace_id", "in", self.ids), ("state", "!=", "gone")],
                ["marketplace_id"],
                ["__count"],
            )
        )
        for marketplace in self:
            marketplace.listing_count = counts.get(marketplace._origin, 0)

    def _compute_category_count(self):
        counts = dict(
            self.env["onep.marketplace.category"]._read_group(
                [("marketplace_id", "in", self.ids)], ["marketplace_id"], ["__count"]
            )
        )
        for marketplace in self:
            marketplace.category_count = counts.get(marketplace._origin, 0)

    def action_read_listings(self):
        """Read own offers, own stock and categories in the background."""
        self.check_access("read")
        Reading = self.env["onep.marketplace.reading"]
        readings = Reading
        for marketplace in self:
            kinds = marketplace._get_reading_kinds()
            if not kinds:
                raise UserError(
                    self.env._(
                        "%(marketplace)s tells neither own offers nor categories.",
                        marketplace=marketplace.name,
                    )
                )
            readings |= Reading._enqueue_for(marketplace, kinds)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_marketplace_reading_action"
        )
        return action | {"domain": [("id", "in", readings.ids)], "context": {}}

    def action_view_listings(self):
        """Open the own offers of this marketplace."""
        return self._get_own_action("onep_marketplace_listing_action")

    def action_view_categories(self):
        """Open the category tree of this marketplace."""
        return self._get_own_action("onep_marketplace_category_action")

    def _get_own_action(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"onep_marketplace_connectors.{name}"
        )
        return action | {
            "domain": [("marketplace_id", "=", self.id)],
            "context": {"default_marketplace_id": self.id},
        }

    @api.model
    def _cron_read_listings(self):
        """Queue the daily reading of every account whose keys work."""
        accounts = self.search([("connection_state", "in", ("ok", "limited"))])
        for marketplace in accounts.filtered("is_configured"):
            self.env["onep.marketplace.reading"]._enqueue_for(
                marketplace, marketplace._get_reading_kinds()
            )

    def _forget_market(self):
        """Own offers and categories of the demo market are no more real than its prices."""
        for name in ("listing", "category", "reading"):
            self.env[f"onep.marketplace.{name}"].sudo().with_context(active_test=False).search(
                [("marketplace_id", "in", self.ids)]
            ).unlink()
        return super()._forget_market()

    def _get_reading_kinds(self):
        """What this platform tells of an account, as kinds of a reading."""
        self.ensure_one()
        can = self._get_client_classes()[self.platform].capabilities
        return [
            kind
            for kind, is_given in (
                ("offers", can.own_offers),
                ("stock", can.own_stock),
                ("categories", can.categories),
            )
            if is_given
        ]
