from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..price_scope import PriceScope


class OnepCarrierGrid(models.Model):
    """What a carrier charges us for a parcel, by weight, from one day to another."""

    _name = "onep.carrier.grid"
    _description = "Carrier Grid"
    _price_neutral = frozenset({"name"})
    _inherit = [
        "mail.thread",
        "onep.fee.effect.mixin",
        "onep.fee.version.mixin",
        "onep.dated.mixin",
        "onep.fee.row.mixin",
    ]
    _order = "country_id, code, valid_from desc"
    _dated_by = ("code", "country_id", "company_id")

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        required=True,
        index=True,
        help="Same code for the successive grids of one service of one carrier.",
    )
    country_id = fields.Many2one("res.country", "Destination", required=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    valid_from = fields.Date(tracking=True)
    valid_to = fields.Date(tracking=True)
    volumetric_divisor = fields.Float(
        digits=(10, 1),
        tracking=True,
        help="Volume in cm³ that counts as one kilogram. 0: only the real weight counts.",
    )
    weight_step_g = fields.Float(
        "Weight Rounded Up To (g)", digits=(10, 1), help="0: the weight is not rounded."
    )
    side_step_mm = fields.Float(
        "Sides Rounded To (mm)",
        digits=(10, 1),
        help="Before the volume is worked out. 0: not rounded.",
    )
    max_weight_g = fields.Float("Weight Up To (g)", digits=(10, 1), help="0: no limit.")
    max_longest_mm = fields.Float("Longest Side (mm)", digits=(10, 1), help="0: no limit.")
    max_sum_mm = fields.Float("Three Sides Together (mm)", digits=(10, 1), help="0: no limit.")
    max_girth_mm = fields.Float(
        "Length and Girth (mm)",
        digits=(10, 1),
        help="Longest side plus twice both others. 0: no limit.",
    )
    fuel_rate = fields.Float(
        "Fuel Surcharge", digits=(6, 5), tracking=True, help="Share of the price by weight."
    )
    fixed_amount = fields.Monetary(
        "Per Parcel", tracking=True, help="Added to each parcel: label, packaging, fixed options."
    )
    usual_zone = fields.Char(
        "Zone of the Destination",
        tracking=True,
        help="The zone of this grid that the country is in, as its prices name it. A marketplace "
        "may tell another one. Empty: the prices without a zone.",
    )
    line_ids = fields.One2many(
        "onep.carrier.grid.line",
        "grid_id",
        "Prices",
        copy=True,
        context={"active_test": False},
    )

    supplement_ids = fields.One2many(
        "onep.carrier.supplement",
        "grid_id",
        "Supplements",
        copy=True,
        context={"active_test": False},
    )

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(hashtext(code), hashtext(code), '[]') WITH &&,
            int8range(country_id, country_id, '[]') WITH &&,
            int8range(coalesce(company_id, 0), coalesce(company_id, 0), '[]') WITH &&,
            (CASE WHEN valid_to < valid_from THEN 'empty'
                ELSE daterange(valid_from, valid_to, '[]') END) WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another grid for the same case. Reload the page.",
    )

    @api.constrains("code", "country_id", "company_id", "valid_from", "valid_to", "active")
    def _check_overlap(self):
        self._check_one_at_a_time()

    @api.constrains("usual_zone", "line_ids")
    def _check_usual_zone(self):
        for grid in self.filtered("usual_zone"):
            zones = grid._get_zones()
            if grid.usual_zone not in zones:
                raise ValidationError(
                    self.env._(
                        "%(grid)s has no price for the zone %(zone)s. Its zones: %(zones)s.",
                        grid=grid.name,
                        zone=grid.usual_zone,
                        zones=", ".join(zones) or self.env._("none"),
                    )
                )

    def _get_zones(self):
        """Return the zones that these grids have prices for."""
        return sorted(set(self.line_ids.filtered("active").mapped("zone")) - {False, ""})

    def copy_data(self, default=None):
        """Copy archived: two grids cannot be in force together, dates come first."""
        default = dict(default or {}, active=False)
        return [
            dict(vals, name=self.env._("%s (copy)", grid.name))
            for grid, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _creation_message(self):
        return self.env._("Carrier grid created")

    def _get_rule_rows(self):
        return (self.line_ids, self.supplement_ids)

    def _get_price_scopes(self, on_date=None):
        """What we ship ourselves to their country, unless it is bound to another carrier."""
        on_date = on_date or fields.Date.context_today(self)
        scopes = set()
        for grid in self._filter_in_force(on_date):
            scopes.add(
                PriceScope(
                    country_id=grid.country_id.id,
                    company_id=grid.company_id.id or None,
                    except_company_ids=grid._get_replacing_companies(on_date),
                    fulfilment="merchant",
                    carrier_code=grid.code,
                )
            )
        return scopes

    # Effect of what is on screen

    @api.model
    def _get_effect_fields(self):
        return (
            "code",
            "country_id",
            "currency_id",
            "valid_from",
            "valid_to",
            "active",
            "volumetric_divisor",
            "weight_step_g",
            "side_step_mm",
            "max_weight_g",
            "max_longest_mm",
            "max_sum_mm",
            "max_girth_mm",
            "fuel_rate",
            "fixed_amount",
            "usual_zone",
            "line_ids.zone",
            "line_ids.weight_max_g",
            "line_ids.amount",
            "line_ids.active",
            "supplement_ids.code",
            "supplement_ids.amount",
            "supplement_ids.rate",
            "supplement_ids.is_fuelled",
            "supplement_ids.above_weight_g",
            "supplement_ids.above_longest_mm",
            "supplement_ids.above_sum_mm",
            "supplement_ids.above_girth_mm",
            "supplement_ids.active",
        )

    def _get_effect_scope(self):
        self.ensure_one()
        if not self.country_id or not self.code:
            return None
        return None, self.country_id, self._get_effect_day(self.valid_from), None

    def _prepare_effect_rows(self, card, country, on_date, company):
        """This grid takes the place of the one of the same code; archived, it only leaves it."""
        if not card:
            return None
        rows = card._prepare_engine_rows(country, on_date, company)
        present = [row for row in rows["carriers"] if row["code"] == self.code]
        own = self.browse([int(row["ref"].rpartition(",")[2]) for row in present])
        if own.company_id and not self.company_id:
            return None
        carriers = [row for row in rows["carriers"] if row not in present]
        if self.active and not (self.valid_to and self.valid_to < on_date):
            row = self._prepare_engine_row(on_date, company)
            carriers += [row] if row else []
        return rows | {"carriers": sorted(carriers, key=lambda row: row["code"])}

    # Engine

    @api.model
    def _prepare_engine_rows(self, country, on_date, company):
        """Return rows of ``RateCard.from_rows(carriers=…)`` in the company's currency.

        A grid of the company replaces the shared one of the same code.
        """
        grids = self.search(
            self._get_valid_domain(on_date)
            & Domain("country_id", "=", country.id)
            & Domain("company_id", "in", (company.id, False))
        )
        own = set(grids.filtered("company_id").mapped("code"))
        kept = grids.filtered(lambda grid: grid.company_id or grid.code not in own)
        rows = [grid._prepare_engine_row(on_date, company) for grid in kept.sorted("code")]
        return [row for row in rows if row]

    def _prepare_engine_row(self, on_date, company):
        """Return this grid as a row of ``CarrierGrid.from_row``, None when no rate is known for
        its currency: a carrier whose price is unknown cannot be chosen.
        """
        self.ensure_one()
        rate = 1.0
        if self.currency_id != company.currency_id:
            rate = self.env["onep.rate.card"]._get_exchange_rate(
                self.currency_id.name, company, on_date
            )
        if not rate:
            return None
        lines = self.line_ids.filtered("active")
        return {
            "code": self.code,
            "name": self.name,
            "ref": f"onep.carrier.grid,{self.id}",
            "divisor": self.volumetric_divisor,
            "weight_step_g": self.weight_step_g,
            "side_step_mm": self.side_step_mm,
            "max_weight_g": self.max_weight_g,
            "max_longest_mm": self.max_longest_mm,
            "max_sum_mm": self.max_sum_mm,
            "max_girth_mm": self.max_girth_mm,
            "fuel_rate": self.fuel_rate,
            "fixed_amount": self.fixed_amount * rate,
            "usual_zone": self.usual_zone or None,
            "supplements": [
                supplement._prepare_engine_row(rate)
                for supplement in self.supplement_ids.filtered("active")
            ],
            "lines": [
                {
                    "zone": line.zone or None,
                    "weight_max_g": line.weight_max_g,
                    "amount": line.amount * rate,
                    "is_unconfirmed": line._is_doubtful() or self._is_doubtful(),
                }
                for line in lines
            ],
        }
