from odoo import api, fields, models
from odoo.exceptions import UserError

#: More columns than these cannot be read side by side.
MOST_COMPARED = 4


class OnepMarginScenario(models.Model):
    """A simulation kept under a name, with the figures it had and what it moved.

    Its figures stay those of the day it was saved; opened again, it is priced by the rules of
    its own day. What it moves can be tried on other deals.
    """

    _name = "onep.margin.scenario"
    _description = "Margin Scenario"
    _inherit = ["onep.margin.mixin", "onep.margin.comparison.mixin", "onep.margin.lever.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    user_id = fields.Many2one(
        "res.users", "Owner", required=True, default=lambda self: self.env.user
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(default=lambda self: self.env.company.currency_id)
    subject = fields.Char("Article", index=True)
    ean = fields.Char("EAN", index=True)
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="set null")
    channel = fields.Char()
    sell_price_taxed = fields.Monetary("Selling Price")
    inputs = fields.Json(help="All that was on screen, to open it again.")
    figures = fields.Json(help="All that was worked out; null where unknown.")
    today = fields.Json(help="What it is told from: inputs and figures of its day.")
    waterfall = fields.Json()
    note = fields.Text()

    @api.model
    def _create_from(self, deal):
        """Keep a simulation; ``scenario_name`` names it, else what it moves does."""
        vals = self._prepare_vals(deal)
        scenario = self.create(vals | {"name": vals["name"] or "/"})
        if not vals["name"]:
            scenario.name = scenario.lever_text
        return scenario

    @api.model
    def _prepare_vals(self, deal):
        """Return the values of a scenario kept from a simulation."""
        figures = (
            "revenue_untaxed",
            "landed_cost",
            "commission",
            "fulfilment_fee",
            "total_fees",
            "net_margin",
            "margin_rate",
            "roi",
            "break_even_price_taxed",
            "max_buy_price",
            "margin_known",
            "unknown_reasons",
            "estimated_reasons",
            "sell_price_taxed",
            "waterfall",
            "subject",
            "ean",
            "today",
        )
        return {
            "name": (deal.scenario_name or "").strip(),
            "company_id": self.env.company.id,
            "currency_id": deal.currency_id.id,
            "product_id": deal.product_id.id,
            "channel": deal._get_channel_name(),
            "inputs": deal._get_inputs(),
            "figures": deal._get_figures(),
            **{name: deal[name] for name in figures},
            **self._prepare_lever_vals(deal),
        }

    @api.model
    def _prepare_lever_vals(self, deal):
        """Return what a simulation moves from today's, as levers for other deals."""
        before = (deal.today or {}).get("inputs") or {}
        cost = "purchase_price" if deal.is_foreign else "buy_price"

        def change(name):
            return deal[name] / before[name] - 1.0 if before.get(name) else 0.0

        def moved(name):
            value = deal[name].id if deal._fields[name].type == "many2one" else deal[name]
            return value if before and value != before.get(name) else False

        rate = deal.is_foreign and moved("currency_rate")
        return {
            "cost_change_rate": round(change(cost), 5),
            "price_change_rate": round(change("sell_price_taxed"), 5),
            "fulfilment": moved("fulfilment"),
            "carrier_id": moved("carrier_id"),
            "is_commission_forced": deal.is_commission_forced,
            "commission_rate": deal.commission_rate if deal.is_commission_forced else 0.0,
            "moved_currency_id": deal.purchase_currency_id.id if rate else False,
            "moved_currency_rate": rate or 0.0,
            "order_quantity": moved("quantity") or 0.0,
            "vat_country_id": moved("vat_country_id"),
        }

    def action_open_simulator(self):
        """Go on with this scenario."""
        self.ensure_one()
        Simulator = self.env["onep.margin.simulator"]
        known = set(Simulator._get_input_names())
        vals = {name: value for name, value in (self.inputs or {}).items() if name in known}
        deal = Simulator.create(vals | {"today": self.today})
        return deal._get_records_action(name=self.name)

    def action_compare(self):
        """Put these scenarios side by side."""
        if not self:
            raise UserError(self.env._("Save a scenario first, then compare."))
        table = self.env["onep.margin.comparison"].create(
            {"scenario_ids": [(6, 0, self[:MOST_COMPARED].ids)]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Scenarios side by side"),
            "res_model": table._name,
            "res_id": table.id,
            "view_mode": "form",
            "target": "new",
        }
