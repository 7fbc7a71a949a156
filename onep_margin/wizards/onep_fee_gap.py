from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..figure_words import figure_words
from ..sql import fee_gap

#: Where we sell: a marketplace in a country, as people call it.
Place = namedtuple("Place", "platform country name operator", defaults=[None])
#: Days ahead in which a missing card is announced, and age from which a rate is old.
AHEAD_DAYS, OLD_RATE_DAYS = 30, 7


class OnepFeeGap(models.TransientModel):
    """What is missing in the fees for the margins of today and of the month to come."""

    _name = "onep.fee.gap"
    _description = "Missing Fee"
    _order = "severity, count desc, id"

    severity = fields.Selection(
        [
            ("1_blocking", "No margin"),
            ("2_soon", "Soon no margin"),
            ("3_doubtful", "Estimated margins"),
            ("4_advice", "To look at"),
        ],
        required=True,
        readonly=True,
    )
    kind = fields.Selection(
        [
            ("card", "Rate card"),
            ("commission", "Commission"),
            ("fulfilment", "Fulfilment"),
            ("carrier", "Carrier"),
            ("vat", "VAT"),
            ("currency", "Exchange rate"),
            ("category", "Category"),
            ("status", "Not confirmed"),
        ],
        "About",
        required=True,
        readonly=True,
    )
    name = fields.Char("What Is Missing", required=True, readonly=True)
    count = fields.Integer("Concerned", readonly=True, aggregator=None)
    res_model = fields.Char("Kind of Record", readonly=True)
    res_id = fields.Integer("Record", readonly=True)
    mend_action = fields.Char("Where to Mend", readonly=True)

    @api.model
    def action_open(self):
        """Work everything out for the current company, and open the list."""
        self.search([("create_uid", "=", self.env.uid)]).unlink()
        self.create(self._prepare_gaps())
        return self.env["ir.actions.act_window"]._for_xml_id("onep_margin.onep_fee_gap_action")

    def action_refresh(self):
        """Work everything out again, in the list that is open."""
        self.action_open()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_mend(self):
        """Open what is to be mended."""
        self.ensure_one()
        if self.mend_action:
            return getattr(self, f"_mend_{self.mend_action}")()
        action = {"type": "ir.actions.act_window", "res_model": self.res_model, "name": self.name}
        if self.res_id:
            return action | {"view_mode": "form", "views": [(False, "form")], "res_id": self.res_id}
        return action | {"view_mode": "list,form", "views": [(False, "list"), (False, "form")]}

    def _mend_vat_rates(self):
        return self.env["ir.actions.act_window"]._for_xml_id("onep_margin.onep_vat_rate_action")

    def _mend_categories(self):
        return self.env["onep.fee.category.suggestion"].action_open()

    @api.model
    def _get_places(self):
        """Hook: where the current company sells. Here: wherever there is a recent rate card."""
        since = fields.Date.context_today(self) - timedelta(days=365)
        cards = self.env["onep.rate.card"].search(
            [
                "|",
                ("valid_to", "=", False),
                ("valid_to", ">=", since),
                ("company_id", "in", (self.env.company.id, False)),
            ]
        )
        places = {}
        for card in cards:
            places[card.platform, card.country_id, card.operator_key] = Place(
                card.platform, card.country_id, card.name, card.operator
            )
        return list(places.values())

    @api.model
    def _count_used_categories(self, place):
        """Hook: {fee category id: number of opportunities} of a place; None when not known."""
        return None

    @api.model
    def _prepare_gaps(self):
        """Return the values of every gap."""
        today = fields.Date.context_today(self)
        places = self._get_places()
        cards = self.env["onep.rate.card"]
        gaps = []
        for place in places:
            card = cards._find_card(
                place.platform, place.country, today, self.env.company, place.operator
            )
            cards |= card
            gaps += self._prepare_card_gaps(place, card, today)
            if card:
                gaps += self._prepare_category_gaps(place, card)
        grids = self._get_grids({place.country for place in places}, today)
        gaps += self._prepare_price_gaps(cards)
        gaps += self._prepare_tier_gaps(cards)
        gaps += self._prepare_grid_gaps(grids, {place.country for place in places})
        gaps += self._prepare_vat_gaps(places, today)
        gaps += self._prepare_currency_gaps(cards.currency_id | grids.currency_id, today)
        gaps += self._prepare_status_gaps(cards, grids)
        return gaps + self._prepare_unmapped_gaps({place.platform for place in places})

    @api.model
    def _prepare_gap(self, severity, kind, name, record=None, **vals):
        """Return the values of a gap; ``record`` is what the button opens."""
        target = {"res_model": record._name, "res_id": record.id} if record is not None else {}
        return {"severity": severity, "kind": kind, "name": name, **target, **vals}

    def _prepare_card_gaps(self, place, card, today):
        """No card today, or none on one of the days to come."""
        Card = self.env["onep.rate.card"]
        if not card:
            words = self.env._("%(place)s has no rate card in force today.", place=place.name)
            return [self._prepare_gap("1_blocking", "card", words, Card)]
        last = today + timedelta(days=AHEAD_DAYS)
        day = card.valid_to
        while day and day < last:
            following = Card._find_card(
                place.platform,
                place.country,
                day + timedelta(days=1),
                self.env.company,
                place.operator,
            )
            if not following:
                words = self.env._(
                    "%(card)s ends on %(day)s and nothing follows: copy it to its new date.",
                    card=card.name,
                    day=format_date(self.env, day),
                )
                return [self._prepare_gap("2_soon", "card", words, card)]
            card, day = following, following.valid_to
        return []

    def _prepare_category_gaps(self, place, card):
        """Fee categories in use without a commission."""
        known = card.line_ids.filtered("active").category_id
        used = self._count_used_categories(place)
        if used is None:
            lacking = self.env["onep.fee.category"].search(
                [("platform", "=", place.platform), ("id", "not in", known.ids)]
            )
            return [
                self._prepare_gap(
                    "4_advice",
                    "commission",
                    self.env._(
                        "%(category)s has no commission in %(card)s.",
                        category=category.name,
                        card=card.name,
                    ),
                    card,
                )
                for category in lacking
            ]
        lacking = self.env["onep.fee.category"].browse(set(used) - set(known.ids))
        return [
            self._prepare_gap(
                "1_blocking",
                "commission",
                self.env._(
                    "%(category)s has no commission in %(card)s: %(count)s opportunities wait.",
                    category=category.name,
                    card=card.name,
                    count=used[category.id],
                ),
                card,
                count=used[category.id],
            )
            for category in lacking
        ]

    def _prepare_price_gaps(self, cards):
        """Price ranges without a commission."""
        conditions = dict(
            self.env["onep.rate.card.line"]._fields["condition"]._description_selection(self.env)
        )
        gaps = []
        for card_id, category_id, condition, lower, upper in self.env.execute_query(
            fee_gap.select_price_holes(cards.ids)
        ):
            card = self.env["onep.rate.card"].browse(card_id)
            category = self.env["onep.fee.category"].browse(category_id)
            case = " · ".join(filter(None, (category.name, conditions.get(condition))))
            if upper is None:
                words = self.env._(
                    "%(case)s has no commission above %(lower)s in %(card)s.",
                    case=case,
                    lower=figure_words(self.env, lower),
                    card=card.name,
                )
            else:
                words = self.env._(
                    "%(case)s has no commission from %(lower)s to %(upper)s in %(card)s.",
                    case=case,
                    lower=figure_words(self.env, lower),
                    upper=figure_words(self.env, upper),
                    card=card.name,
                )
            gaps.append(self._prepare_gap("1_blocking", "commission", words, card))
        return gaps

    def _prepare_tier_gaps(self, cards):
        """Size tiers without a fee for a weight that they take."""
        gaps = []
        for tier_id, reached, limit in self.env.execute_query(fee_gap.select_tier_holes(cards.ids)):
            tier = self.env["onep.logistics.tier"].browse(tier_id)
            if reached is None:
                words = self.env._(
                    "%(tier)s has no fee in %(card)s.", tier=tier.name, card=tier.card_id.name
                )
            else:
                words = self.env._(
                    "%(tier)s has no fee from %(reached)s to %(limit)s g in %(card)s.",
                    tier=tier.name,
                    reached=figure_words(self.env, reached),
                    limit=figure_words(self.env, limit),
                    card=tier.card_id.name,
                )
            gaps.append(self._prepare_gap("1_blocking", "fulfilment", words, tier))
        return gaps

    def _get_grids(self, countries, today):
        """Return the carriers' grids in force in these countries."""
        Grid = self.env["onep.carrier.grid"]
        return Grid.search(
            Grid._get_valid_domain(today)
            & Domain("country_id", "in", [country.id for country in countries])
            & Domain("company_id", "in", (self.env.company.id, False))
        )

    def _prepare_grid_gaps(self, grids, countries):
        """Countries without a carrier, weights without a price, grids without fuel."""
        Grid = self.env["onep.carrier.grid"]
        gaps = [
            self._prepare_gap(
                "1_blocking",
                "carrier",
                self.env._(
                    "No carrier delivers to %(country)s: what you ship yourself has no cost there.",
                    country=country.name,
                ),
                Grid,
            )
            for country in countries
            if country not in grids.country_id
        ]
        for grid_id, zone, reached, limit in self.env.execute_query(
            fee_gap.select_weight_holes(grids.ids)
        ):
            grid = Grid.browse(grid_id)
            name = " · ".join(filter(None, (grid.name, zone)))
            if reached is None:
                words = self.env._("%(grid)s has no price.", grid=name)
            else:
                words = self.env._(
                    "%(grid)s has no price from %(reached)s to %(limit)s g.",
                    grid=name,
                    reached=figure_words(self.env, reached),
                    limit=figure_words(self.env, limit),
                )
            gaps.append(self._prepare_gap("1_blocking", "carrier", words, grid))
        return gaps + [
            self._prepare_gap(
                "4_advice",
                "carrier",
                self.env._(
                    "%(grid)s has no fuel surcharge: check your last invoice.", grid=grid.name
                ),
                grid,
            )
            for grid in grids
            if not grid.fuel_rate
        ]

    def _prepare_vat_gaps(self, places, today):
        """Countries without the VAT of a kind of goods that is sold there."""
        kinds = dict(self.env["onep.vat.rate"]._fields["kind"]._description_selection(self.env))
        gaps = []
        for country in dict.fromkeys(place.country for place in places):
            known = self.env["onep.vat.rate"]._get_rates(country, today)
            platforms = {place.platform for place in places if place.country == country}
            used = {
                kind
                for (kind,) in self.env["onep.fee.category"]._read_group(
                    [("platform", "in", list(platforms))], ["vat_kind"]
                )
            }
            for kind in sorted({"standard", *used} - set(known)):
                gaps.append(
                    self._prepare_gap(
                        "1_blocking" if kind == "standard" else "2_soon",
                        "vat",
                        self.env._(
                            "%(country)s has no VAT rate for goods of the kind %(kind)s.",
                            country=country.name,
                            kind=kinds[kind],
                        ),
                        mend_action="vat_rates",
                    )
                )
        return gaps

    def _prepare_currency_gaps(self, currencies, today):
        """Currencies of the fees without a rate, or whose last rate is old."""
        company = self.env.company
        foreign = currencies - company.currency_id
        Rate = self.env["res.currency.rate"].sudo()
        domain = [
            ("currency_id", "in", foreign.ids),
            ("company_id", "in", (company.root_id.id, False)),
            ("name", "<=", today),
        ]
        last = dict(Rate._read_group(domain, ["currency_id"], ["name:max"]))
        gaps = []
        for currency in foreign:
            day = last.get(currency)
            if not day:
                words = self.env._("%(currency)s has no exchange rate.", currency=currency.name)
                gaps.append(self._prepare_gap("1_blocking", "currency", words, currency))
            elif (today - day).days > OLD_RATE_DAYS:
                words = self.env._(
                    "The last exchange rate of %(currency)s is of %(day)s.",
                    currency=currency.name,
                    day=format_date(self.env, day),
                )
                gaps.append(self._prepare_gap("3_doubtful", "currency", words, currency))
        return gaps

    def _prepare_status_gaps(self, cards, grids):
        """Cards and grids in use with rows that nobody confirmed."""
        statuses = self.env["onep.fee.row.mixin"]._get_doubtful_statuses()
        gaps = []
        for model, record_id, count in self.env.execute_query(
            fee_gap.count_doubtful(cards.ids, grids.ids, statuses)
        ):
            record = self.env[model].browse(record_id)
            words = self.env._(
                "%(name)s is in use with %(count)s figures that nobody confirmed.",
                name=record.name,
                count=count,
            )
            gaps.append(self._prepare_gap("3_doubtful", "status", words, record, count=count))
        return gaps

    def _prepare_unmapped_gaps(self, platforms):
        """Category names in use that lead to no fee category."""
        labels = dict(self.env["onep.rate.card"]._get_platforms())
        gaps = []
        Suggestion = self.env["onep.fee.category.suggestion"]
        for platform in sorted(platforms):
            unmapped = [
                vals
                for vals in Suggestion._prepare_suggestions(platform)
                if vals["state"] == "unmapped"
            ]
            count = sum(vals["offer_count"] for vals in unmapped)
            if unmapped:
                words = self.env._(
                    "%(names)s category names are not mapped on %(platform)s; they hold up "
                    "%(count)s articles.",
                    names=len(unmapped),
                    platform=labels.get(platform, platform),
                    count=count,
                )
                gaps.append(
                    self._prepare_gap(
                        "1_blocking", "category", words, count=count, mend_action="categories"
                    )
                )
        return gaps
