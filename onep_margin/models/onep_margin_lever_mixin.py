from odoo import api, fields, models
from odoo.tools.misc import formatLang


class OnepMarginLeverMixin(models.AbstractModel):
    """What a scenario moves, whatever the deal; nothing moved is today."""

    _name = "onep.margin.lever.mixin"
    _description = "What a Scenario Moves"

    cost_change_rate = fields.Float(
        "Change of the Supplier's Price", digits=(8, 5), help="-3 %: the supplier gives 3 %."
    )
    price_change_rate = fields.Float(
        "Change of the Selling Price", digits=(8, 5), help="+5 %: everything is sold 5 % dearer."
    )
    fulfilment = fields.Selection(
        [("marketplace", "Shipped by the marketplace"), ("merchant", "Shipped by us")],
        string="Shipping",
        help="Empty: as today.",
    )
    carrier_id = fields.Many2one("onep.carrier.grid", help="Empty: as today.")
    is_commission_forced = fields.Boolean("Other Commission")
    commission_rate = fields.Float(
        "Commission Tried", digits=(6, 5), help="Instead of the rate card's, for every category."
    )
    moved_currency_id = fields.Many2one(
        "res.currency", "Rate of", help="Suppliers' currency whose rate moves."
    )
    moved_currency_rate = fields.Float(
        "Rate Tried",
        digits=(16, 6),
        help="What one unit of it costs in the company's currency, safety margin included.",
    )
    order_quantity = fields.Float(
        "Units Bought at Once",
        digits=(12, 2),
        help="Of each article, raised to what its supplier sells at least: prices by quantity and "
        "the share of the carriage follow. 0: as today.",
    )
    vat_country_id = fields.Many2one(
        "res.country", "VAT of", help="Sold to this country. Empty: the marketplace's own."
    )
    lever_text = fields.Char("What It Moves", compute="_compute_lever_text")

    @api.model
    def _get_lever_names(self):
        """Return the names of the fields that move something."""
        return [
            "cost_change_rate",
            "price_change_rate",
            "fulfilment",
            "carrier_id",
            "is_commission_forced",
            "commission_rate",
            "moved_currency_id",
            "moved_currency_rate",
            "order_quantity",
            "vat_country_id",
        ]

    @api.depends(lambda self: self._get_lever_names())
    @api.depends_context("lang")
    def _compute_lever_text(self):
        for lever in self:
            lever.lever_text = ", ".join(lever._get_lever_words())

    def _get_lever_words(self):
        """Return what is moved, a few words each."""
        self.ensure_one()
        words = []
        if self.cost_change_rate:
            words.append(
                self.env._(
                    "supplier's price %(change)s", change=self._format_change(self.cost_change_rate)
                )
            )
        if self.price_change_rate:
            words.append(
                self.env._(
                    "selling price %(change)s", change=self._format_change(self.price_change_rate)
                )
            )
        if self.fulfilment:
            ways = dict(self._fields["fulfilment"]._description_selection(self.env))
            words.append(ways[self.fulfilment].lower())
        if self.carrier_id:
            words.append(self.carrier_id.name)
        if self.is_commission_forced:
            words.append(
                self.env._(
                    "commission %(rate)s %%", rate=self._format_figure(100 * self.commission_rate)
                )
            )
        if self.moved_currency_id and self.moved_currency_rate:
            words.append(
                self.env._(
                    "%(currency)s at %(rate)s",
                    currency=self.moved_currency_id.name,
                    rate=self._format_figure(self.moved_currency_rate, 4),
                )
            )
        if self.order_quantity:
            words.append(
                self.env._(
                    "%(units)s units at once", units=self._format_figure(self.order_quantity)
                )
            )
        if self.vat_country_id:
            words.append(self.env._("VAT of %(country)s", country=self.vat_country_id.name))
        return words or [self.env._("as today")]

    @api.model
    def _format_change(self, rate):
        """Return a share with its sign, in percent."""
        sign = "+" if rate > 0 else "−"
        return f"{sign}{self._format_figure(abs(100 * rate))} %"

    @api.model
    def _format_figure(self, figure, digits=2):
        """Return a figure as the reader writes it, without needless decimals."""
        needed = next(
            count for count in range(digits + 1) if round(figure, count) == round(figure, digits)
        )
        return formatLang(self.env, figure, digits=needed)
