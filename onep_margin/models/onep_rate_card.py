import logging
from datetime import date

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..engine.causes import Cause
from ..engine.rate_card import Assumptions, RateCard
from ..price_scope import PriceScope

_logger = logging.getLogger(__name__)


class OnepRateCard(models.Model):
    """The fees of one marketplace in one country, from one day to another."""

    _name = "onep.rate.card"
    _description = "Rate Card"
    _price_neutral = frozenset({"name"})
    _inherit = [
        "mail.thread",
        "onep.fee.effect.mixin",
        "onep.fee.version.mixin",
        "onep.dated.mixin",
        "onep.fee.row.mixin",
    ]
    _order = "platform, country_id, valid_from desc"
    _check_company_auto = True
    _dated_by = ("platform", "country_id", "operator_key", "company_id")

    name = fields.Char(required=True, tracking=True)
    platform = fields.Selection(
        selection="_get_platforms", string="Marketplace", required=True, index=True
    )
    country_id = fields.Many2one("res.country", required=True)
    operator = fields.Char(
        tracking=True,
        help="On a platform that several operators run, such as Mirakl: whose fees these are, as "
        "its account names it. Empty: of every operator that has no card of its own.",
    )
    operator_key = fields.Char(compute="_compute_operator_key", store=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    company_id = fields.Many2one(
        "res.company", help="Empty: for every company that has no card of its own."
    )
    valid_from = fields.Date(tracking=True)
    valid_to = fields.Date(tracking=True)
    digital_services_rate = fields.Float(
        digits=(6, 5),
        tracking=True,
        help="Share the marketplace adds to its own fees (commission, closing fee, fulfilment).",
    )
    refund_admin_rate = fields.Float(
        "Kept on Refund",
        digits=(6, 5),
        tracking=True,
        help="Share of the commission that the marketplace keeps when a sale is refunded.",
    )
    subscription = fields.Monetary(
        "Subscription per Month",
        tracking=True,
        help="Without VAT. Spread over the sales of a month when the settings say how many.",
    )
    volumetric_divisor = fields.Float(
        digits=(10, 1),
        tracking=True,
        help="Volume in cm³ that counts as one kilogram, for tiers billed on volume.",
    )
    low_price_ceiling_taxed = fields.Monetary(
        "Low-Price Ceiling",
        tracking=True,
        help="Articles up to this price, VAT included, are fulfilled at the low-price rate.",
    )
    low_price_restricted_ceiling_taxed = fields.Monetary(
        "Restricted Low-Price Ceiling",
        tracking=True,
        help="The same for categories with a restricted ceiling.",
    )
    line_ids = fields.One2many(
        "onep.rate.card.line",
        "card_id",
        "Commissions",
        copy=True,
        context={"active_test": False},
    )
    tier_ids = fields.One2many(
        "onep.logistics.tier",
        "card_id",
        "Fulfilment Tiers",
        copy=True,
        context={"active_test": False},
    )
    surcharge_ids = fields.One2many(
        "onep.rate.card.surcharge",
        "card_id",
        "Surcharges",
        copy=True,
        context={"active_test": False},
    )
    adjustment_ids = fields.One2many(
        "onep.logistics.adjustment",
        "card_id",
        "Adjustments of All Tiers",
        domain=[("tier_id", "=", False)],
        copy=True,
        context={"active_test": False},
    )
    line_count = fields.Integer(compute="_compute_counts")
    doubtful_count = fields.Integer("To Confirm", compute="_compute_counts")

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(hashtext(platform), hashtext(platform), '[]') WITH &&,
            int8range(country_id, country_id, '[]') WITH &&,
            int8range(hashtext(coalesce(operator_key, '')), hashtext(coalesce(operator_key, '')),
                '[]') WITH &&,
            int8range(coalesce(company_id, 0), coalesce(company_id, 0), '[]') WITH &&,
            (CASE WHEN valid_to < valid_from THEN 'empty'
                ELSE daterange(valid_from, valid_to, '[]') END) WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another rate card for the same case. Reload the page.",
    )

    @api.model
    def _get_platforms(self):
        """Hook: marketplaces that may have a rate card, as a selection."""
        return [("amazon", "Amazon"), ("fnac", "Fnac Darty"), ("cdiscount", "Cdiscount")]

    @api.depends("operator")
    def _compute_operator_key(self):
        for card in self:
            card.operator_key = self._get_operator_key(card.operator)

    @api.depends("line_ids.status", "line_ids.active")
    def _compute_counts(self):
        counts = {}
        groups = self.env["onep.rate.card.line"]._read_group(
            [("card_id", "in", self._origin.ids)], ["card_id", "status"], ["__count"]
        )
        for card, status, count in groups:
            counts.setdefault(card.id, {})[status] = count
        doubtful = self._get_doubtful_statuses()
        for card in self:
            by_status = counts.get(card._origin.id, {})
            card.line_count = sum(by_status.values())
            card.doubtful_count = sum(by_status.get(status, 0) for status in doubtful)

    @api.constrains(
        "platform", "country_id", "operator", "company_id", "valid_from", "valid_to", "active"
    )
    def _check_overlap(self):
        self._check_one_at_a_time()

    def copy_data(self, default=None):
        """Copy archived: two cards cannot be in force together, dates come first."""
        default = dict(default or {}, active=False)
        return [
            dict(vals, name=self.env._("%s (copy)", card.name))
            for card, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_view_lines(self):
        """Open the commissions of this card as a list to filter and edit."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Commissions of %(card)s", card=self.name),
            "res_model": "onep.rate.card.line",
            "view_mode": "list",
            "domain": [("card_id", "=", self.id)],
            "context": {"default_card_id": self.id},
        }

    def _creation_message(self):
        return self.env._("Rate card created")

    def _get_rule_rows(self):
        tiers = self.tier_ids
        rows = (self.line_ids, tiers, tiers.band_ids, self.surcharge_ids, self.adjustment_ids)
        return (*rows, tiers.adjustment_ids)

    # Effect of what is on screen

    @api.model
    def _get_effect_fields(self):
        return (
            "platform",
            "country_id",
            "operator",
            "currency_id",
            "valid_from",
            "valid_to",
            "active",
            "digital_services_rate",
            "refund_admin_rate",
            "subscription",
            "volumetric_divisor",
            "low_price_ceiling_taxed",
            "low_price_restricted_ceiling_taxed",
            "storage_rate",
            "storage_peak_rate",
            "storage_clothing_rate",
            "storage_clothing_peak_rate",
            "surcharge_ids.rate",
            "surcharge_ids.amount",
            "tier_ids.band_ids.amount",
            *(f"line_ids.{name}" for name in self.env["onep.rate.card.line"]._get_rule_fields()),
        )

    def _get_effect_scope(self):
        self.ensure_one()
        if not self.platform or not self.country_id:
            return None
        return self.platform, self.country_id, self._get_effect_day(self.valid_from), None

    def _prepare_effect_rows(self, card, country, on_date, company):
        """A card on screen is compared with the one in force that it is, or replaces."""
        if card and card != self._origin and card._get_precedence() > self._get_precedence():
            return None
        if not self.active or (self.valid_to and self.valid_to < on_date):
            return None
        return self._prepare_engine_rows(country, on_date, company)

    def _get_effect_cards(self, platform, country, on_date, operator=None):
        """A card that names its operator concerns no other one."""
        if self.operator_key and self.operator_key != self._get_operator_key(operator):
            return None
        return super()._get_effect_cards(platform, country, on_date, operator)

    def _get_precedence(self):
        """Return by what a card goes before another that is in force too."""
        return bool(self.operator_key), bool(self.company_id)

    # Engine

    @api.model
    def _get_operator_key(self, name):
        """Return an operator's name as cards compare it, whatever its case; False for none."""
        return " ".join((name or "").split()).casefold() or False

    @api.model
    def _get_engine_card(self, platform, country, on_date=None, operator=None):
        """Return (RateCard, {fee_category_id: index}) in force for the current company.

        platform: a code of ``_get_platforms``
        country: the destination, a res.country or its two-letter code
        on_date: the day of the sale; today when not given
        operator: of a platform that several run; its own card goes before the one of all

        Amounts are in the company's currency. Where no card is in force, the RateCard is a
        missing one: margins are then unknown and say so. Built once per registry, and again
        when a row of fee data, or a setting of the company, changes.
        """
        code = country if isinstance(country, str) else country.code
        on_date = on_date or fields.Date.context_today(self)
        if not isinstance(on_date, date):
            on_date = fields.Date.to_date(on_date)
        company = self.env.company
        card, index = self._build_engine_card(
            platform, code, on_date, company.id, self._get_operator_key(operator)
        )
        return self._get_in_company_currency(card, on_date), index

    @api.model
    def _get_in_company_currency(self, card, on_date):
        """Return an engine card in the currency of the current company, a missing one when no
        rate is known."""
        company = self.env.company
        if card.is_missing or card.currency == company.currency_id.name:
            return card
        rate = self._get_exchange_rate(card.currency, company, on_date)
        if not rate:
            return RateCard.missing(card.platform, card.country, Cause.CURRENCY_RATE_MISSING)
        return card.in_currency(company.currency_id.name, rate)

    @api.model
    def _get_exchange_rate(self, currency_name, company, on_date):
        """Return units of the company's currency for one of another; 0 when no rate is known.

        Odoo takes a currency without any rate for worth one: here it is unknown.
        """
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", currency_name)], limit=1)
        )
        known = self.env["res.currency.rate"].search_count(
            [
                ("currency_id", "=", currency.id),
                ("company_id", "in", (company.root_id.id, False)),
                ("name", "<=", on_date),
            ],
            limit=1,
        )
        if not known:
            return 0.0
        return currency._get_conversion_rate(currency, company.currency_id, company, on_date)

    @api.model
    @tools.ormcache("platform", "country_code", "on_date", "company_id", "operator_key")
    def _build_engine_card(self, platform, country_code, on_date, company_id, operator_key):
        """Read every rule in force and hand it to the engine; see ``_get_engine_card``."""
        cards = self.sudo()
        company = self.env["res.company"].browse(company_id)
        country = self.env["res.country"].search([("code", "=", country_code)], limit=1)
        card = cards._find_card(platform, country, on_date, company, operator_key)
        if not card:
            _logger.info("No rate card for %s %s on %s", platform, country_code, on_date)
            return RateCard.missing(platform, country_code), {}
        engine_card = RateCard.from_rows(**card._prepare_engine_rows(country, on_date, company))
        return engine_card, {
            category_id: index for index, category_id in enumerate(engine_card.category_keys)
        }

    def _prepare_engine_rows(self, country, on_date, company):
        """Return the arguments of ``RateCard.from_rows`` for this card on a day.

        The card may be one on screen that is not saved: ``_get_changed_engine_card``.
        """
        self.ensure_one()
        categories = (
            self.env["onep.fee.category"]
            .sudo()
            .search([("platform", "=", self.platform)], order="id")
        )
        vat_rates = self.env["onep.vat.rate"].sudo()._get_rates(country, on_date)
        return {
            "platform": self.platform,
            "country": country.code,
            "currency": self.currency_id.name,
            "ref": f"onep.rate.card,{self._origin.id}",
            "categories": self._prepare_engine_categories(categories, vat_rates, on_date),
            "commissions": self._prepare_engine_commissions(),
            "tiers": self._prepare_engine_tiers(),
            "adjustments": self._prepare_engine_adjustments(),
            "routes": [code for code, _name in self.tier_ids._fields["route"].selection],
            "carriers": self.env["onep.carrier.grid"]
            .sudo()
            ._prepare_engine_rows(country, on_date, company),
            "divisor": self.volumetric_divisor,
            "default_vat_rate": vat_rates.get("standard", float("nan")),
            "assumptions": Assumptions(**company._prepare_margin_assumptions()),
            "digital_services_rate": self.digital_services_rate,
            "refund_admin_rate": self.refund_admin_rate,
            "storage_rate": self._get_storage_rate(on_date),
            "subscription": self.subscription,
            **self._prepare_engine_surcharges(on_date),
        }

    def _find_card(self, platform, country, on_date, company, operator=None):
        """Return the card in force: the operator's before that of all, then the company's own
        before the shared one.
        """
        return self.search(
            self._get_valid_domain(on_date)
            & Domain("platform", "=", platform)
            & Domain("country_id", "=", country.id)
            & Domain("operator_key", "in", (self._get_operator_key(operator), False))
            & Domain("company_id", "in", (company.id, False)),
            order="operator_key, company_id",
            limit=1,
        )

    def _get_price_scopes(self, on_date=None):
        """The marketplaces whose fees they are."""
        on_date = on_date or fields.Date.context_today(self)
        scopes = set()
        for card in self._filter_in_force(on_date):
            scopes.add(
                PriceScope(
                    platform=card.platform,
                    country_id=card.country_id.id,
                    company_id=card.company_id.id or None,
                    except_company_ids=card._get_replacing_companies(on_date),
                )
            )
        return scopes

    def _prepare_engine_categories(self, categories, vat_rates, on_date):
        """Return rows of ``RateCard.from_rows(categories=…)``, keyed by record id."""
        ceilings = {
            "standard": self.low_price_ceiling_taxed,
            "restricted": self.low_price_restricted_ceiling_taxed,
        }
        clothing = self._get_clothing_storage_rate(on_date)
        return [
            {
                "key": category.id,
                "vat_rate": vat_rates.get(category.vat_kind, float("nan")),
                "is_selected_parcel": category.is_selected_parcel,
                "low_price_ceiling": ceilings.get(category.low_price_class, 0.0),
                "storage_rate": clothing if category.is_stored_as_clothing else None,
            }
            for category in categories
        ]

    def _prepare_engine_commissions(self):
        """Return rows of ``RateCard.from_rows(commissions=…)``."""
        lines = self.line_ids.filtered(lambda line: line.active and line.category_id.active)
        return [line._prepare_engine_row() for line in lines]

    def _prepare_engine_tiers(self):
        """Return rows of ``RateCard.from_rows(tiers=…)``, in order of preference."""
        tiers = self.tier_ids.filtered("active").sorted("sequence")
        if self._origin == self:
            bands = self.env["onep.logistics.band"].search([("tier_id", "in", tiers.ids)])
            by_tier = bands.grouped("tier_id")
        else:
            by_tier = {tier: tier.band_ids.filtered("active") for tier in tiers}
        return [
            tier._prepare_engine_row()
            | {"bands": [band._prepare_engine_row() for band in by_tier.get(tier, ())]}
            for tier in tiers
        ]

    def _prepare_engine_adjustments(self):
        """Return rows of ``RateCard.from_rows(adjustments=…)``."""
        rows = self.env["onep.logistics.adjustment"].search([("card_id", "=", self._origin.id)])
        return [row._prepare_engine_row() for row in rows]

    def _prepare_engine_surcharges(self, on_date):
        """Return the sums of the surcharges in force on a day."""
        valid = self.surcharge_ids.filtered(
            lambda row: (
                row.active
                and row.valid_from
                and row.valid_from <= on_date
                and (not row.valid_to or row.valid_to >= on_date)
            )
        )
        return {
            "surcharge_rate": sum(valid.mapped("rate")),
            "surcharge_amount": sum(valid.mapped("amount")),
        }
