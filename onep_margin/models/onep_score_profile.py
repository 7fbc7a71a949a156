from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import score


class OnepScoreProfile(models.Model):
    """What makes an opportunity good: signals, what they are worth, and grades."""

    _name = "onep.score.profile"
    _description = "Score Profile"
    _price_neutral = frozenset({"name"})
    _inherit = ["mail.thread", "onep.price.basis.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10, help="The first one is used unless another is chosen.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    threshold_a = fields.Float("A From", default=75.0, required=True, tracking=True)
    threshold_b = fields.Float("B From", default=60.0, required=True, tracking=True)
    threshold_c = fields.Float("C From", default=45.0, required=True, tracking=True)
    threshold_d = fields.Float("D From", default=30.0, required=True, tracking=True)
    line_ids = fields.One2many("onep.score.profile.line", "profile_id", "Signals", copy=True)
    veto_ids = fields.One2many("onep.score.veto", "profile_id", "Vetoes", copy=True)

    @api.constrains("threshold_a", "threshold_b", "threshold_c", "threshold_d")
    def _check_thresholds(self):
        for profile in self:
            steps = [100.0, *profile._get_thresholds(), 0.0]
            if steps != sorted(steps, reverse=True) or len(set(steps[1:-1])) < 4:
                raise ValidationError(
                    self.env._("Grades go down from A to D, between 100 and 0 points.")
                )

    @api.constrains("line_ids")
    def _check_weights(self):
        for profile in self:
            if profile.line_ids and not sum(profile.line_ids.mapped("weight")):
                raise ValidationError(self.env._("At least one signal has a weight."))

    def _get_thresholds(self):
        self.ensure_one()
        return (self.threshold_a, self.threshold_b, self.threshold_c, self.threshold_d)

    @api.constrains("veto_ids")
    def _check_veto_count(self):
        for profile in self:
            if len(profile.veto_ids) > score.MAX_VETOES:
                raise ValidationError(
                    self.env._("A profile has at most %s vetoes.", score.MAX_VETOES)
                )

    @api.model
    def _get_profiles(self, company):
        """Return the profiles that a company may use, the default one first."""
        return self.search([("company_id", "in", (company.id, False))])

    @api.model
    def _get_default_profile(self):
        """Return the profile of the current company: the first by sequence."""
        return self.search([("company_id", "in", (self.env.company.id, False))], limit=1)

    def _get_engine_profile(self):
        """Return the ``engine.score.ScoreProfile`` of this profile."""
        self.ensure_one()
        return score.ScoreProfile.from_rows(
            [line._prepare_engine_row() for line in self.line_ids if line.weight > 0],
            self._get_thresholds(),
            [veto._prepare_engine_veto() for veto in self.veto_ids],
        )

    def _get_met_vetoes(self, bits):
        """Return the vetoes of this profile whose bit is set in ``ScoreResult.vetoes``."""
        self.ensure_one()
        return self.veto_ids.browse(
            [veto.id for place, veto in enumerate(self.veto_ids) if int(bits) >> place & 1]
        )
