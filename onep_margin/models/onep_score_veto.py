from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import score


class OnepScoreVeto(models.Model):
    """A rule above the signals of a profile: what meets it is capped, or has no score."""

    _name = "onep.score.veto"
    _description = "Score Veto"
    _price_neutral = frozenset({"name"})
    _inherit = ["onep.price.basis.mixin"]
    _price_parent = "profile_id"
    _order = "profile_id, sequence, id"

    profile_id = fields.Many2one(
        "onep.score.profile", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="profile_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(
        "In Words", required=True, translate=True, help="What buyers read on the opportunity."
    )
    fact = fields.Selection(selection="_selection_fact", string="If", required=True)
    operator = fields.Selection(
        [("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤"), ("eq", "=")],
        string="Is",
        default="ge",
        required=True,
        help="A value that nobody knows meets no veto.",
    )
    value = fields.Float("Than", digits=(12, 3), default=1.0, help="1 for yes, 0 for no.")
    effect = fields.Selection(
        [
            (score.CAP, "The score is at most"),
            (score.NO_SCORE, "No score"),
            (score.WARN, "Only told"),
        ],
        string="Then",
        default=score.CAP,
        required=True,
    )
    cap = fields.Float("Points", digits=(4, 1), default=40.0)

    _check_cap = models.Constraint(
        "CHECK(cap >= 0 AND cap <= 100)", "A cap lies between 0 and 100 points."
    )

    @api.model
    def _selection_fact(self):
        """Return the signals and the flags with their labels."""
        labels = self.env["onep.score.profile.line"]._get_signal_labels()
        labels |= self._get_flag_labels()
        return [(fact, labels[fact]) for fact in (*score.SIGNALS, *score.FLAGS)]

    @api.model
    def _get_flag_labels(self):
        """Return {flag: translated label}."""
        return {
            "is_suspicious": self.env._("Too good to be true (1: yes)"),
            "is_unstable": self.env._("Unstable (1: yes)"),
            "has_hidden_cost": self.env._("Hidden cost (1: yes)"),
        }

    @api.constrains("effect", "cap")
    def _check_cap_useful(self):
        for veto in self:
            if veto.effect == score.CAP and veto.cap >= 100:
                raise ValidationError(
                    self.env._(
                        "%(veto)s: a cap of 100 points holds nothing down. Choose a lower one.",
                        veto=veto.name,
                    )
                )

    def _prepare_engine_veto(self):
        """Return the ``engine.score.Veto`` of this rule."""
        self.ensure_one()
        return score.Veto(self.fact, self.operator, self.value, self.effect, self.cap)
