import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
from pyarrow import csv

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.onep_margin.models.onep_margin_scenario import MOST_COMPARED

from ..planning import deals, scenario
from ..planning.quantity import to_orderable
from ..sql import scenario as scenario_sql

#: Rows of the table; see ``onep.margin.comparison.mixin``.
FIGURE_ROWS = (
    ("good", "number", "up"),
    ("turns_good", "number", None),
    ("turns_bad", "number", None),
    ("stays_good", "number", None),
    ("stays_bad", "number", None),
    ("unknown", "number", "down"),
    ("margin", "money", "up"),
    ("margin_good", "money", "up"),
)


class OnepScenarioTrial(models.TransientModel):
    """What a scenario would make of a whole selection of opportunities, which it leaves alone."""

    _name = "onep.scenario.trial"
    _description = "Scenario Tried on a Selection"
    _inherit = ["onep.margin.lever.mixin", "onep.margin.comparison.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    domain = fields.Json(readonly=True, help="Of the opportunities that are tried.")
    opportunity_count = fields.Integer("Opportunities", compute="_compute_opportunity_count")
    scenario_id = fields.Many2one("onep.margin.scenario", "Take from", help="A saved scenario.")
    other_scenario_ids = fields.Many2many(
        "onep.margin.scenario",
        string="Compare With",
        help="Saved scenarios, tried on the same selection.",
    )
    target_roi = fields.Float(
        "Good from an ROI of",
        digits=(6, 4),
        default=lambda self: self.env.company.margin_target_roi,
    )
    target_margin_rate = fields.Float(
        "And a Net Margin of",
        digits=(6, 4),
        default=lambda self: self.env.company.onep_target_margin_rate,
    )
    scenario_name = fields.Char("Name of the Scenario")
    table = fields.Json(readonly=True)
    outcome_ids = fields.One2many("onep.scenario.outcome", "trial_id", readonly=True)
    turns_good_count = fields.Integer(readonly=True)
    turns_bad_count = fields.Integer(readonly=True)
    skipped_text = fields.Char(readonly=True)

    @api.depends("domain")
    def _compute_opportunity_count(self):
        for trial in self:
            trial.opportunity_count = trial._get_opportunities().search_count(trial._get_domain())

    @api.onchange("scenario_id")
    def _onchange_scenario_id(self):
        """Move what the scenario moved."""
        if self.scenario_id:
            self.update({name: self.scenario_id[name] for name in self._get_lever_names()})

    def _get_opportunities(self):
        """Return the model of the opportunities; chosen ones may have left the catalogue."""
        return self.env["onep.opportunity"].with_context(active_test=False)

    def _get_domain(self):
        """Return the domain of the selection, within what is one company's."""
        return Domain(self.domain or [("id", "=", 0)]) & Domain(
            "company_id", "=", self.company_id.id
        )

    @api.model
    def _open(self, domain, company):
        """Return the action that asks what to try on a selection."""
        trial = self.with_company(company).create({"domain": domain, "company_id": company.id})
        return trial._get_dialog()

    def _get_dialog(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What if…"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def action_try(self):
        """Price the selection with what is moved, and say what turns."""
        self.ensure_one()
        self._check_something_moves()
        trial = self.with_company(self.company_id)
        trial.outcome_ids.unlink()
        tried = [(self.env._("This one"), self)]
        tried += [(other.name, other) for other in self.other_scenario_ids[: MOST_COMPARED - 1]]
        totals = [scenario.Totals() for _ in tried]
        skipped = set()
        for place in trial._get_places():
            trial._try_on(place, [lever for _name, lever in tried], totals, skipped)
        gone = trial.opportunity_count - int(totals[0].count.sum())
        if gone > 0:
            skipped.add(
                self.env._("%(count)s opportunities are left out: their offer is gone.", count=gone)
            )
        trial._keep(tried, totals, skipped)
        return trial._get_dialog()

    def _check_something_moves(self):
        """Refuse to try nothing: the answer would be that nothing turns."""
        if not any(self[name] for name in self._get_lever_names()):
            raise UserError(
                self.env._("Move something first: a price, a cost, a carrier, a commission…")
            )
        if self.moved_currency_id and self.moved_currency_rate <= 0:
            raise UserError(
                self.env._(
                    "Enter what one %(currency)s would cost.", currency=self.moved_currency_id.name
                )
            )

    def _get_places(self):
        """Return the marketplaces of the selection."""
        groups = self._get_opportunities()._read_group(self._get_domain(), ["marketplace_id"])
        return self.env["onep.marketplace"].browse([place.id for (place,) in groups])

    def _try_on(self, place, levers, totals, skipped):
        """Add to the totals what each of the levers makes of the deals of one marketplace."""
        run = self.env["onep.evaluation"].new({"scope": "full", "company_id": self.company_id.id})
        card, index = place.with_company(self.company_id)._get_engine_card()
        if card.is_missing:
            index = {}
        sheet = self.env["onep.cost.sheet"]._get_engine_sheet()
        terms = replace(
            run._get_terms(place, card),
            target_roi=self.target_roi,
            target_margin_rate=self.target_margin_rate,
        )
        own = [lever._get_engine_levers(place, card, sheet, skipped) for lever in levers]
        for pages in self._fetch_pages(run, place, sheet, index, levers):
            batches = []
            for columns, lever in zip(pages, (scenario.Levers(), *own), strict=True):
                landed, assumed = scenario.land(columns, sheet, lever)
                conditions = deals.condition_codes(columns["condition"])
                batches.append(deals.to_batch(columns, landed, assumed, conditions, terms))
            for number, lever in enumerate(levers):
                trial = scenario.try_out(batches[0], batches[number + 1], card, terms, own[number])
                totals[number].add(trial)
                if lever == self:
                    self._store(place, pages[0]["supplier_offer_id"], trial)

    def _fetch_pages(self, run, place, sheet, index, levers):
        """Yield the deals of a marketplace as numpy columns: as today, then for each of the
        levers, at the quantity that it tries.
        """
        Opportunity = self._get_opportunities()
        run._flush_sources()
        chosen = Opportunity._search(self._get_domain()).select()
        scope = scenario_sql.of_opportunities(chosen, place.id)
        rotation, negotiated = run._get_rotation(), run._get_negotiated()
        matches, kinds = {}, {}
        after_id = 0

        def fetch(quantity):
            columns = run._fetch_deals(place, after_id, negotiated, quantity, scope)
            if quantity is not None:
                columns["order_quantity"] = to_orderable(
                    np.full(len(columns["supplier_offer_id"]), quantity),
                    columns["minimum_order_quantity"],
                    columns["pack_size"],
                )
            columns |= run._match_categories(place, columns, index, matches)
            columns["units_per_month"] = run._get_units_per_month(columns["variant_id"], rotation)
            return columns | run._get_cost_columns(columns, sheet, kinds)

        while True:
            today = fetch(None)
            if not len(today["supplier_offer_id"]):
                return
            others = {
                quantity: fetch(quantity)
                for quantity in {lever.order_quantity for lever in levers} - {0.0}
            }
            yield [today, *(others.get(lever.order_quantity, today) for lever in levers)]
            after_id = int(today["supplier_offer_id"][-1])

    def _store(self, place, offer_ids, trial):
        """Keep the deals that turn, by COPY. The offers are ascending."""
        turned = np.flatnonzero(np.isin(trial.verdict, (scenario.TURNS_GOOD, scenario.TURNS_BAD)))
        if not len(turned):
            return
        found = self.env.execute_query(
            scenario_sql.find_opportunities(place.id, offer_ids[turned].tolist())
        )
        now = fields.Datetime.to_string(fields.Datetime.now())
        fixed = {
            "trial_id": self.id,
            "currency_id": self.currency_id.id,
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": now,
            "write_date": now,
        }
        columns = {name: pa.array([value] * len(turned)) for name, value in fixed.items()}
        columns["opportunity_id"] = pa.array(
            [opportunity_id for _offer_id, opportunity_id in found]
        )
        columns["verdict"] = pa.array(np.array(scenario.VERDICTS)[trial.verdict[turned]].tolist())
        for name, places in (("margin", 6), ("roi", 4)):
            for moment in ("before", "after"):
                figures = np.round(getattr(trial, f"{name}_{moment}")[turned], places)
                columns[f"{name}_{moment}"] = pa.array(figures, from_pandas=True)
        buffer = io.BytesIO()
        csv.write_csv(
            pa.table({name: columns[name] for name in scenario_sql.OUTCOME_COLUMNS}),
            buffer,
            csv.WriteOptions(include_header=False),
        )
        buffer.seek(0)
        cr = self.env.cr
        cr.copy_expert(cr.mogrify(scenario_sql.copy_outcomes()).decode(), buffer)
        self.env["onep.scenario.outcome"].invalidate_model()

    def _keep(self, tried, totals, skipped):
        """Write what came out: counts, and the scenarios side by side."""
        own = totals[0]
        columns = [
            {
                "key": "today",
                "label": self.env._("Today"),
                "figures": own.before(),
                "is_reference": True,
            },
            *(
                {
                    "key": number,
                    "label": name,
                    "sublabel": lever.lever_text,
                    "figures": total.after(),
                }
                for number, ((name, lever), total) in enumerate(zip(tried, totals, strict=True))
            ),
        ]
        self.write(
            {
                "table": self._prepare_comparison(columns),
                "turns_good_count": own.count[scenario.TURNS_GOOD],
                "turns_bad_count": own.count[scenario.TURNS_BAD],
                "skipped_text": " ".join(sorted(skipped)) or False,
            }
        )

    @api.model
    def _get_figure_rows(self):
        """Counts and sums of a selection, instead of the figures of one deal."""
        return FIGURE_ROWS

    @api.model
    def _get_figure_labels(self):
        return {
            "good": self.env._("Good deals"),
            "turns_good": self.env._("Turn good"),
            "turns_bad": self.env._("Turn bad"),
            "stays_good": self.env._("Stay good"),
            "stays_bad": self.env._("Stay below the targets"),
            "unknown": self.env._("Margin unknown"),
            "margin": self.env._("Margin of one unit of each"),
            "margin_good": self.env._("Of which the good deals"),
        }

    def action_view_good(self):
        """Open the deals that turn good."""
        return self._view_outcomes("turns_good")

    def action_view_bad(self):
        """Open the deals that turn bad."""
        return self._view_outcomes("turns_bad")

    def _view_outcomes(self, verdict):
        return {
            "type": "ir.actions.act_window",
            "name": f"{self._get_figure_labels()[verdict]} · {self.lever_text}",
            "res_model": "onep.scenario.outcome",
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("trial_id", "=", self.id), ("verdict", "=", verdict)],
        }

    def action_save_scenario(self):
        """Keep what is moved under a name, to try it again."""
        self.ensure_one()
        levers = self.env["onep.margin.lever.mixin"]
        vals = {
            name: self[name].id if levers._fields[name].type == "many2one" else self[name]
            for name in self._get_lever_names()
        }
        self.scenario_id = self.env["onep.margin.scenario"].create(
            vals
            | {
                "name": (self.scenario_name or "").strip() or self.lever_text,
                "company_id": self.company_id.id,
                "currency_id": self.currency_id.id,
            }
        )
        self.scenario_name = False
        return self._get_dialog()
