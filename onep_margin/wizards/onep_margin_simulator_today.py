from odoo import api, fields, models

#: Figures that are told from today's.
FIGURES = (
    "sell_price_taxed",
    "revenue_untaxed",
    "landed_cost",
    "commission",
    "fulfilment_fee",
    "other_fees",
    "net_margin",
    "margin_rate",
    "margin_on_price_rate",
    "roi",
    "total_margin",
    "monthly_margin",
    "break_even_price_taxed",
    "suggested_price_taxed",
    "max_buy_price",
)
#: Figures that need the margin to be known.
_OF_MARGIN = (
    "net_margin",
    "margin_rate",
    "margin_on_price_rate",
    "roi",
    "total_margin",
    "monthly_margin",
)


class OnepMarginSimulator(models.TransientModel):
    """What is tried, beside today's figures; kept as a scenario."""

    _name = "onep.margin.simulator"
    _inherit = ["onep.margin.simulator", "onep.margin.comparison.mixin"]

    today = fields.Json(help="Inputs and figures that the others are told from.")
    comparison = fields.Json(compute="_compute_comparison")
    is_moved = fields.Boolean(compute="_compute_comparison")
    monthly_text = fields.Char("Per Month", compute="_compute_monthly_text")
    scenario_name = fields.Char("Name of the Scenario")
    scenario_count = fields.Integer(compute="_compute_scenario_count")

    @api.depends("today", "waterfall", "total_margin", "suggested_price_taxed")
    @api.depends_context("lang")
    def _compute_comparison(self):
        for deal in self:
            figures = deal._get_figures()
            columns = [
                {"key": "now", "label": self.env._("Simulation"), "figures": figures},
            ]
            before = (deal.today or {}).get("figures")
            if before:
                columns.insert(
                    0,
                    {
                        "key": "today",
                        "label": self.env._("Today"),
                        "figures": before,
                        "is_reference": True,
                    },
                )
            deal.comparison = deal._prepare_comparison(columns)
            deal.is_moved = bool(before) and any(
                before.get(name) != figures.get(name) for name in FIGURES
            )

    @api.depends("monthly_margin", "units_per_month", "margin_known")
    @api.depends_context("lang")
    def _compute_monthly_text(self):
        for deal in self:
            if deal.units_per_month and deal.margin_known:
                deal.monthly_text = deal.currency_id.format(deal.monthly_margin)
            elif deal.units_per_month:
                deal.monthly_text = self.env._("unknown, because the margin is")
            else:
                deal.monthly_text = self.env._(
                    "unknown, because nothing says how many are sold: enter it"
                )

    @api.depends("subject", "ean", "product_id")
    def _compute_scenario_count(self):
        for deal in self:
            deal.scenario_count = self.env["onep.margin.scenario"].search_count(
                deal._get_scenario_domain(), limit=99
            )

    def _get_figures(self):
        """Return {figure: value}, None where it is unknown."""
        unknown = {*(self.unknown_figures or ()), *(() if self.margin_known else _OF_MARGIN)}
        zero_is_unknown = ("monthly_margin",) if not self.units_per_month else ()
        lacks_price = not self.sell_price_taxed
        return {
            name: None
            if name in unknown
            or name in zero_is_unknown
            or (lacks_price and name in ("sell_price_taxed", "revenue_untaxed"))
            else self._as_json(self[name])
            for name in FIGURES
        } | {"unknown_text": self.unknown_text or None}

    def _get_inputs(self):
        """Return {field: value} of what was moved, as JSON keeps it."""
        self.ensure_one()
        values = {}
        for name in self._get_input_names():
            value = self[name]
            if self._fields[name].type == "many2one":
                value = value.id
            elif self._fields[name].type == "date":
                value = fields.Date.to_string(value)
            values[name] = value
        return values

    def _take_as_today(self):
        """Tell all that follows from the figures of now."""
        for deal in self:
            deal.today = {"inputs": deal._get_inputs(), "figures": deal._get_figures()}

    def action_take_as_today(self):
        """Go on from here: the simulation becomes what it is told from."""
        self._take_as_today()

    def action_back_to_today(self):
        """Forget what was moved."""
        for deal in self.filtered("today"):
            deal.write(deal.today["inputs"])

    def action_take_suggested_price(self):
        """Sell at the price that earns the target."""
        for deal in self.filtered("suggested_price_taxed"):
            deal.sell_price_taxed = deal.suggested_price_taxed

    def action_save_scenario(self):
        """Keep what is on screen under a name."""
        self.ensure_one()
        scenario = self.env["onep.margin.scenario"]._create_from(self)
        self.scenario_name = False
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Saved: %(name)s.", name=scenario.name),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_compare_scenarios(self):
        """Put the latest scenarios of this article side by side."""
        self.ensure_one()
        scenarios = self.env["onep.margin.scenario"].search(self._get_scenario_domain(), limit=4)
        return scenarios.action_compare()

    def _get_scenario_domain(self):
        """Return the domain of the scenarios of the same article."""
        if self.ean:
            return [("ean", "=", self.ean)]
        if self.product_id:
            return [("product_id", "=", self.product_id.id)]
        return [("subject", "=", self.subject or False)]
