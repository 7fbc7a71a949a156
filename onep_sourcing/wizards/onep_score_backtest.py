from datetime import timedelta

import numpy as np

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from odoo.addons.onep_margin.engine import score as scoring
from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from ..models.counted import counted
from ..planning import backtest, signals
from ..sql import score_snapshot

#: Days of snapshots that are looked back at by default.
LOOK_BACK = 365
#: A rank correlation that must be gained before other weights are worth a word.
LEAST_GAIN = 0.02


class OnepScoreBacktest(models.TransientModel):
    """What a profile said of our products, beside what happened; weights that would have told
    better. It proposes, and changes nothing.
    """

    _name = "onep.score.backtest"
    _description = "Back-test of a Score"
    _rec_name = "profile_id"
    _transient_max_hours = 24

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    profile_id = fields.Many2one("onep.score.profile", required=True, ondelete="cascade")
    marketplace_id = fields.Many2one(
        "onep.marketplace",
        domain="[('company_id', '=', company_id)]",
        ondelete="cascade",
        help="Empty: of every marketplace.",
    )
    date_from = fields.Date(
        "Scores since",
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=LOOK_BACK),
    )
    days = fields.Integer("Followed for (days)", required=True, default=30)
    case_count = fields.Integer("Cases", readonly=True)
    product_count = fields.Integer("Products", readonly=True)
    correlation_units = OptionalFloat("Score and units sold", digits=(4, 2), readonly=True)
    correlation_margin = OptionalFloat("Score and realised margin", digits=(4, 2), readonly=True)
    correlation_before = OptionalFloat("Present weights", digits=(4, 2), readonly=True)
    correlation_after = OptionalFloat("Proposed weights", digits=(4, 2), readonly=True)
    verdict = fields.Text(readonly=True)
    channel_text = fields.Text("Sales counted", compute="_compute_channel_text")
    has_proposal = fields.Boolean(readonly=True)
    band_ids = fields.One2many("onep.score.backtest.band", "backtest_id", readonly=True)
    weight_ids = fields.One2many("onep.score.backtest.weight", "backtest_id", readonly=True)

    @api.constrains("days")
    def _check_days(self):
        for test in self:
            if not 1 <= test.days <= 365:
                raise UserError(self.env._("Sales are followed for 1 to 365 days."))

    @api.depends("marketplace_id", "company_id")
    @api.depends_context("lang")
    def _compute_channel_text(self):
        """Whose sales the figures are: of each marketplace, or of all channels together."""
        for test in self:
            places = test.marketplace_id or self.env["onep.marketplace"].search(
                Domain("company_id", "=", test.company_id.id)
            )
            apart = places.filtered("sale_team_id")
            texts = [
                self.env._(
                    "%(marketplace)s: sales of the team %(team)s.",
                    marketplace=place.name,
                    team=place.sudo().sale_team_id.name,
                )
                for place in apart
            ]
            if places - apart:
                texts.append(
                    self.env._(
                        "%(marketplaces)s: sales of all channels together. To compare by "
                        "marketplace, choose the sales team of its orders on the marketplace.",
                        marketplaces=", ".join((places - apart).mapped("name")),
                    )
                )
            test.channel_text = "\n".join(texts)

    def action_run(self):
        """Measure again, with the settings on screen."""
        return self._run()

    def _run(self):
        """Measure, keep the figures, and show them."""
        self.ensure_one()
        cases = self._get_cases()
        engine = self.profile_id._get_engine_profile()
        present = np.array([curve.weight for curve in engine.curves])
        proposal = backtest.propose(cases, present)
        self.write(
            {
                "case_count": len(cases),
                "product_count": len(np.unique(cases.product)),
                "correlation_units": self._known(
                    backtest.rank_correlation(cases.score, cases.units)
                ),
                "correlation_margin": self._known(
                    backtest.rank_correlation(cases.score, cases.margin)
                ),
                "correlation_before": self._known(proposal and proposal.before),
                "correlation_after": self._known(proposal and proposal.after),
                "has_proposal": bool(proposal),
                "verdict": self._get_verdict(cases, proposal),
                "band_ids": [
                    Command.clear(),
                    *(Command.create(self._prepare_band(band)) for band in self._get_bands(cases)),
                ],
                "weight_ids": [
                    Command.clear(),
                    *map(Command.create, self._prepare_weights(engine, present, proposal)),
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Back-test of %(profile)s", profile=self.profile_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _get_cases(self):
        """Return the ``planning.backtest.Cases`` of the settings: what is over, only."""
        self.env.flush_all()
        until = fields.Date.context_today(self) - timedelta(days=self.days)
        rows = self.env.execute_query(
            score_snapshot.select_outcomes(
                self.company_id.id,
                self.date_from,
                until,
                self.days,
                self.marketplace_id.id or None,
            )
        )
        _ids, products, sources, units, margins = zip(*rows, strict=True) if rows else ((),) * 5
        columns = {
            name: np.array([self._number(kept.get(name)) for kept in sources], dtype=np.float64)
            for name in (*signals.SOURCES, *scoring.FLAGS)
        }
        found = signals.gather(columns)
        profile = self.profile_id._get_engine_profile()
        flags = {name: np.nan_to_num(columns[name]) for name in scoring.FLAGS}
        return backtest.Cases(
            score=scoring.score(found, profile, flags, with_parts=False).score,
            worth=backtest.worths(found, profile),
            units=np.array(units, dtype=np.float64),
            margin=np.array([self._number(margin) for margin in margins], dtype=np.float64),
            product=np.array(products, dtype=np.int64),
        )

    @api.model
    def _number(self, value):
        return np.nan if value is None else float(value)

    @api.model
    def _known(self, value):
        """Return a figure as an Optional field wants it."""
        return False if value is None or value != value else round(float(value), 4)

    @api.model
    def _get_bands(self, cases):
        return reversed(backtest.calibrate(cases))

    def _prepare_band(self, band):
        return {
            "name": f"{band.low:g} – {band.high:g}",
            "case_count": band.count,
            "units": self._known(band.units),
            "margin": self._known(band.margin),
            "profitable_share": self._known(band.profitable_share),
        }

    def _prepare_weights(self, engine, present, proposal):
        """Return the values of a line for each signal, the present weight beside the proposed."""
        return [
            {
                "signal": curve.signal,
                "present": present[place],
                "proposed": round(float((proposal.weights if proposal else present)[place]), 1),
            }
            for place, curve in enumerate(engine.curves)
        ]

    def _get_verdict(self, cases, proposal):
        """Return what the figures say, in words."""
        if not len(cases):
            return self.env._(
                "Nothing to compare yet: no product of ours was scored at least %(days)s days ago "
                "and stocked or sold since. Scores are kept from now on, at each pricing.",
                days=self.days,
            )
        if not proposal:
            return counted(
                len(cases),
                self.env._(
                    "1 case: too few to propose weights, %(least)s are needed.",
                    least=backtest.LEAST_CASES,
                ),
                self.env._(
                    "%(count)s cases: too few to propose weights, %(least)s are needed.",
                    count=len(cases),
                    least=backtest.LEAST_CASES,
                ),
            )
        by = (
            self.env._("realised margin")
            if cases.is_by_margin
            else self.env._("units sold, since most deliveries have no sale order to tell a price")
        )
        if proposal.after - proposal.before < LEAST_GAIN:
            return self.env._(
                "Measured by %(outcome)s: other weights would not have told noticeably better. "
                "Keep the present ones.",
                outcome=by,
            )
        return self.env._(
            "Measured by %(outcome)s: on products they were not learnt from, the proposed weights "
            "agree with what happened at %(after)s, the present ones at %(before)s (1 is the "
            "same order, 0 is chance).",
            outcome=by,
            after=formatLang(self.env, proposal.after, digits=2),
            before=formatLang(self.env, proposal.before, digits=2),
        )

    def action_copy_profile(self):
        """A new profile with the proposed weights, used nowhere until someone chooses it."""
        self.ensure_one()
        self.env["onep.score.profile"].check_access("create")
        if not self.has_proposal:
            raise UserError(self.env._("There are no proposed weights: see why above."))
        proposed = {line.signal: line.proposed for line in self.weight_ids}
        last = self.env["onep.score.profile"].search([], order="sequence desc", limit=1)
        copy = self.profile_id.copy(
            {
                "name": self.env._(
                    "%(profile)s, back-test of %(date)s",
                    profile=self.profile_id.name,
                    date=format_date(self.env, fields.Date.context_today(self)),
                ),
                "company_id": self.company_id.id,
                # the first profile is the one that scores
                "sequence": last.sequence + 10,
            }
        )
        for line in copy.line_ids:
            line.weight = proposed.get(line.signal, line.weight)
        return copy._get_records_action()
