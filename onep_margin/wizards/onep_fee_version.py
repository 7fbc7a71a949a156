from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class OnepFeeVersion(models.TransientModel):
    """Copies a rate card or a carrier's grid to a new date, and ends the former the day before."""

    _name = "onep.fee.version"
    _description = "New Version of a Grid"
    _inherit = ["onep.fee.effect.mixin"]

    card_id = fields.Many2one("onep.rate.card", "Rate Card", readonly=True)
    grid_id = fields.Many2one("onep.carrier.grid", "Carrier Grid", readonly=True)
    name = fields.Char("Name of the New Version", required=True)
    valid_from = fields.Date(
        "In Force From",
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(months=1, day=1),
    )
    scope = fields.Selection(
        [("none", "Nothing"), ("all", "Every price"), ("chosen", "Chosen rows")],
        "Change",
        default="none",
        required=True,
    )
    change_rate = fields.Float(
        "By",
        digits=(8, 5),
        help="3.4 % turns 10.00 into 10.34. A commission of 15 % becomes 15.51 %. Minimums and "
        "closing fees stay.",
    )
    line_ids = fields.Many2many(
        "onep.rate.card.line", string="Commissions", domain="[('card_id', '=', card_id)]"
    )
    tier_ids = fields.Many2many(
        "onep.logistics.tier", string="Fulfilment Tiers", domain="[('card_id', '=', card_id)]"
    )
    price_ids = fields.Many2many(
        "onep.carrier.grid.line", string="Prices", domain="[('grid_id', '=', grid_id)]"
    )
    status = fields.Selection(
        selection=lambda self: (
            self.env["onep.fee.row.mixin"]._fields["status"]._description_selection(self.env)
        ),
        string="Status of Changed Rows",
        default="unconfirmed",
        required=True,
        help="Unconfirmed until the new tariff was read: margins are marked as estimated.",
    )

    @api.model
    def default_get(self, fields_list):
        """Fill in the grid the wizard was opened on."""
        values = super().default_get(fields_list)
        model, record_id = self.env.context.get("active_model"), self.env.context.get("active_id")
        link = {"onep.rate.card": "card_id", "onep.carrier.grid": "grid_id"}.get(model)
        if link and record_id:
            values[link] = record_id
            if "name" in fields_list:
                values.setdefault("name", self.env[model].browse(record_id).name)
        return values

    def _get_source(self):
        """Return the grid that is copied."""
        return self.card_id._origin or self.grid_id._origin

    def action_create(self):
        """Copy, change, end the former and put the new one in force; open it."""
        self.ensure_one()
        source = self._get_source()
        self._check_first_day(source)
        copy = source.copy({"valid_from": self.valid_from, "valid_to": self._get_last_day(source)})
        self._change_rows(source, copy)
        source._end_before(self.valid_from)
        copy.write({"name": self.name, "active": True})
        copy.message_post(
            body=self.env._(
                "New version of %(name)s, in force from %(day)s.",
                name=source.name,
                day=format_date(self.env, self.valid_from),
            )
        )
        return copy._get_records_action()

    def _check_first_day(self, source):
        """Refuse a version that would not follow the former one."""
        if self.valid_from <= source.valid_from:
            raise UserError(
                self.env._(
                    "%(name)s begins on %(day)s: its new version begins later.",
                    name=source.name,
                    day=format_date(self.env, source.valid_from),
                )
            )

    def _get_last_day(self, source):
        """Return the end of the new version: that of the former, when it has one to come."""
        return source.valid_to and source.valid_to >= self.valid_from and source.valid_to

    def _get_factors(self):
        """Return {row of the source: what its price is multiplied by} for the rows that change."""
        factor = 1.0 + self.change_rate
        if self.scope == "none" or factor == 1.0:
            return {}
        source = self._get_source()
        if self.card_id:
            rows = [*source.line_ids, *source.tier_ids]
            chosen = {*self.line_ids._origin, *self.tier_ids._origin}
        else:
            rows, chosen = [*source.line_ids], {*self.price_ids._origin}
        return {row: factor for row in rows if self.scope == "all" or row in chosen}

    def _change_rows(self, source, copy):
        """Multiply the prices of the rows of a copy that were chosen in its source."""
        factors = self._get_factors()
        if self.change_rate <= -1.0:
            raise UserError(self.env._("A price cannot fall by 100 % or more."))
        mark = {
            "status": self.status,
            "source": self.env._(
                "%(name)s, changed by %(rate)s %%",
                name=source.name,
                rate=f"{self.change_rate * 100:+g}",
            ),
        }
        names = ("line_ids", "tier_ids") if self.card_id else ("line_ids",)
        for name in names:
            # Copies are made in the order of the ids.
            for old, new in zip(source[name].sorted("id"), copy[name].sorted("id"), strict=True):
                if old in factors:
                    new._multiply(factors[old], mark)

    # Effect of what is on screen

    @api.model
    def _get_effect_fields(self):
        return ("valid_from", "scope", "change_rate", "line_ids", "tier_ids", "price_ids")

    def _get_effect_scope(self):
        source = self._get_source()
        if not source or not self.valid_from:
            return None
        platform = self.card_id.platform if self.card_id else None
        return platform, source.country_id, self._get_effect_day(self.valid_from), None

    def _prepare_effect_rows(self, card, country, on_date, company):
        factors = {f"{row._name},{row.id}": factor for row, factor in self._get_factors().items()}
        if self.card_id:
            source = self.card_id._origin
            if card and card != source:
                return None
            rows = source._prepare_engine_rows(country, on_date, company)
            for rule in rows["commissions"]:
                rule["rate"] *= factors.get(rule["ref"], 1.0)
            for tier in rows["tiers"]:
                for band in tier["bands"]:
                    band["amount"] *= factors.get(tier["ref"], 1.0)
                    band["extra"] *= factors.get(tier["ref"], 1.0)
            return rows
        source = self.grid_id._origin
        rows = source._prepare_effect_rows(card, country, on_date, company)
        for carrier in (rows or {}).get("carriers", ()):
            if carrier["ref"] == f"{source._name},{source.id}":
                lines = source.line_ids.filtered("active")
                for line, row in zip(lines, carrier["lines"], strict=True):
                    row["amount"] *= factors.get(f"{line._name},{line.id}", 1.0)
        return rows
