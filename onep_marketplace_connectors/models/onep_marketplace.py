import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

#: Abilities of a client whose lack is told on screen.
NOT_TOLD = ("sales_rank", "buy_box", "package_size", "price_unsold")


class OnepMarketplace(models.Model):
    """One account on one marketplace of one country."""

    _name = "onep.marketplace"
    _description = "Marketplace"
    _inherit = ["mail.thread", "mail.activity.mixin", "onep.secret.owner.mixin"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        required=True, copy=False, help="Short name, such as amazon_fr; unique in the company."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    color = fields.Integer()
    platform = fields.Selection(
        "_selection_platform", required=True, tracking=True, help="Who runs this marketplace."
    )
    country_id = fields.Many2one(
        "res.country", required=True, default=lambda self: self._default_country()
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        check_company=True,
        help="Warned when this account stops working.",
    )
    identity_max_age_days = fields.Integer(
        "Identity Valid for",
        default=lambda self: self.env.company.onep_identity_max_age_days,
        help="Days before asking again what an EAN is.",
    )
    price_max_age_hours = fields.Integer(
        "Prices Valid for",
        default=lambda self: self.env.company.onep_price_max_age_hours,
        help="Hours after which a market price is shown as old.",
    )
    last_sync_at = fields.Datetime("Last Update", readonly=True, copy=False)
    offer_ids = fields.One2many("onep.marketplace.offer", "marketplace_id")
    offer_count = fields.Integer("Market Offers", compute="_compute_offer_count")
    priced_count = fields.Integer("With a Price", compute="_compute_offer_count")
    sync_ids = fields.One2many("onep.market.sync", "marketplace_id", "Updates")
    last_sync_id = fields.Many2one("onep.market.sync", "Newest Update", readonly=True, copy=False)
    last_sync_state = fields.Selection(related="last_sync_id.state", string="Last Update State")
    # the newest update's figures, so that a card shows its progress
    progress = fields.Float(related="last_sync_id.progress")
    done_count = fields.Integer(related="last_sync_id.done_count")
    total_count = fields.Integer(related="last_sync_id.total_count")
    rate_per_second = fields.Float(related="last_sync_id.rate_per_second")
    remaining_seconds = fields.Integer(related="last_sync_id.remaining_seconds")
    error_message = fields.Text(related="last_sync_id.error_message", string="Last Update Message")

    _code_unique = models.Constraint(
        "UNIQUE(company_id, code)", "This company already has a marketplace with this code."
    )

    def _default_country(self):
        return self.env.company.country_id or self.env.ref("base.fr", raise_if_not_found=False)

    @api.model
    def _selection_platform(self):
        names = self._get_platform_names()
        return [(code, names.get(code, code)) for code in self._get_client_classes()]

    def _compute_offer_count(self):
        """A price is that of the buy box, else the lowest: some tell no buy box."""
        known = Domain("marketplace_id", "in", self.ids)
        prices = ("buy_box_price_taxed", "lowest_price_taxed")
        is_priced = Domain.OR(Domain(name, "!=", False) for name in prices)
        every, priced = (
            dict(
                self.env["onep.marketplace.offer"]._read_group(
                    domain, ["marketplace_id"], ["__count"]
                )
            )
            for domain in (known, known & is_priced)
        )
        for marketplace in self:
            marketplace.offer_count = every.get(marketplace, 0)
            marketplace.priced_count = priced.get(marketplace, 0)

    def write(self, vals):
        """New keys or another address make the last test worthless.

        What the demo market said is forgotten when an account turns real, and the other way:
        invented figures must never pass for real ones.
        """
        if "company_id" in vals:
            self._check_company_change(vals["company_id"])
        if "environment" in vals:
            self.filtered(
                lambda marketplace: marketplace.is_demo != (vals["environment"] == "demo")
            )._forget_market()
        result = super().write(vals)
        if set(vals) & self._get_connection_fields():
            self.sudo().write(
                {
                    "connection_state": "unchecked",
                    "last_check_message": False,
                    "learned_settings": False,
                }
            )
        return result

    def _check_company_change(self, company_id):
        """Market offers and what was made of them belong to the account's company."""
        moved = self.sudo().filtered(
            lambda marketplace: marketplace.company_id.id != company_id and marketplace.offer_count
        )
        if moved:
            raise UserError(
                self.env._(
                    "%(marketplace)s has market offers of %(company)s: create another account for"
                    " the other company.",
                    marketplace=moved[0].name,
                    company=moved[0].company_id.name,
                )
            )

    def _forget_market(self):
        """Drop every market offer of these accounts (hook: and what was made of them)."""
        self.env["onep.marketplace.offer"].sudo().search(
            [("marketplace_id", "in", self.ids)]
        ).unlink()

    def action_look_up(self):
        """Ask these marketplaces about EANs typed by hand."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_market_lookup_action"
        )
        return action | {"context": {"default_marketplace_ids": self.ids}}

    def action_view_offers(self):
        """Open the market offers of this marketplace."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_marketplace_offer_action"
        )
        return action | {
            "domain": [("marketplace_id", "=", self.id)],
            "context": {"default_marketplace_id": self.id},
        }

    def _creation_message(self):
        return self.env._("Marketplace created")

    def _get_client(self):
        """The pure client of this account; raises UserError when something is missing."""
        self.ensure_one()
        account = self._get_account()
        client_class = self._get_client_classes()[self.platform]
        return client_class(account, **self._get_client_tools(account))

    def _get_client_tools(self, account):
        """Transport, quotas and token store of a client (hook)."""
        return {}

    @api.model
    def _get_client_classes(self):
        """Client class by platform code (hook)."""
        return {}

    @api.model
    def _get_platform_names(self):
        """Name by platform code (hook)."""
        return {}

    def _get_not_told(self):
        """What this marketplace does not give, in words."""
        self.ensure_one()
        client = self._get_client_classes().get(self.platform)
        if client is None:
            return False
        lacks = [name for name in NOT_TOLD if not getattr(client.capabilities, name)]
        words = {
            "sales_rank": self.env._("no sales rank"),
            "buy_box": self.env._("no buy box holder"),
            "package_size": self.env._("no parcel size"),
            "price_unsold": self.env._("no price of what you do not sell there"),
        }
        if not lacks:
            return False
        return self.env._(
            "%(marketplace)s gives %(lacks)s: such a figure stays empty, it is never invented.",
            marketplace=self._fields["platform"].convert_to_export(self.platform, self)
            or self.name,
            lacks=", ".join(words[name] for name in lacks),
        )
