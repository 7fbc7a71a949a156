from odoo import api, fields, models

from ..models.onep_margin_scenario import MOST_COMPARED


class OnepMarginComparison(models.TransientModel):
    """Two to four scenarios side by side, told from today's figures."""

    _name = "onep.margin.comparison"
    _description = "Scenarios Side by Side"
    _inherit = ["onep.margin.comparison.mixin"]

    scenario_ids = fields.Many2many("onep.margin.scenario", string="Scenarios")
    currency_id = fields.Many2one("res.currency", compute="_compute_table")
    table = fields.Json(compute="_compute_table")
    note = fields.Char(compute="_compute_table")

    @api.depends("scenario_ids")
    @api.depends_context("lang")
    def _compute_table(self):
        for comparison in self:
            scenarios = comparison.scenario_ids[:MOST_COMPARED]
            comparison.currency_id = scenarios[:1].currency_id or self.env.company.currency_id
            comparison.table = comparison._get_table(scenarios)
            comparison.note = comparison._get_note(scenarios)

    def _get_table(self, scenarios):
        """Return the table: today's figures of the newest scenario, then each scenario."""
        columns = [
            {
                "key": scenario.id,
                "label": scenario.name,
                "sublabel": ", ".join(
                    part for part in (scenario.channel, scenario.lever_text) if part
                ),
                "figures": scenario.figures or {},
                "record": f"{scenario._name},{scenario._origin.id}",
            }
            for scenario in scenarios
        ]
        self._mark_best(columns)
        today = next((scenario.today for scenario in scenarios if scenario.today), None)
        if today:
            columns.insert(
                0,
                {
                    "key": "today",
                    "label": self.env._("Today"),
                    "figures": today["figures"],
                    "is_reference": True,
                },
            )
        return self._prepare_comparison(columns)

    def _get_note(self, scenarios):
        """Return what a reader should know of the table; False for nothing."""
        if len(self.scenario_ids) > MOST_COMPARED:
            return self.env._("Only %(count)s fit side by side.", count=MOST_COMPARED)
        if len(set(scenarios.mapped("subject"))) > 1:
            return self.env._("These scenarios are not of the same article.")
        if len(scenarios.currency_id) > 1:
            return self.env._("These scenarios are not in the same currency.")
        return False
