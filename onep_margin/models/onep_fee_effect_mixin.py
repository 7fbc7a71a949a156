from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..engine.commission import find_overlap
from ..engine.rate_card import RateCard

_COLOURS = {
    "turn_good": "text-success",
    "turn_bad": "text-danger",
    "become_unknown": "text-warning",
    "become_known": "text-success",
}


class OnepFeeEffectMixin(models.AbstractModel):
    """Shows what a change of rules would move while it is on screen and not saved.

    The deals are priced by the rules in force and by those on screen, in memory. Who knows
    deals (``onep_sourcing``) measures them in ``_measure_effect``.
    """

    _name = "onep.fee.effect.mixin"
    _description = "Effect of Fee Changes"

    effect_shown = fields.Boolean(
        "Show the Effect",
        store=False,
        help="Prices the opportunities that depend on this, by the rules in force and by those on "
        "screen. Nothing is saved.",
    )
    effect = fields.Html(
        "What It Would Move",
        compute="_compute_effect",
        sanitize=False,
        groups="onep_margin.group_margin_manager",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [{k: v for k, v in vals.items() if k != "effect_shown"} for vals in vals_list]
        )

    def write(self, vals):
        # Looking at the effect changes nothing: a shipped row stays one.
        if "effect_shown" in vals:
            vals = {name: value for name, value in vals.items() if name != "effect_shown"}
            if not vals:
                return True
        return super().write(vals)

    @api.depends(lambda self: ("effect_shown", *self._get_effect_fields()))
    @api.depends_context("lang", "company")
    def _compute_effect(self):
        for record in self:
            record.effect = record.effect_shown and record._render_effect()

    @api.model
    def _get_effect_fields(self):
        """Hook: fields whose change on screen changes the effect."""
        return ()

    def _get_effect_day(self, first_day):
        """Return the day the deals are priced on: today, or the first day in force."""
        today = fields.Date.context_today(self)
        return max(today, first_day) if first_day else today

    def _get_effect_scope(self):
        """Hook: (platform or None for all, country, day, fee category ids or None for all).

        None while there is nothing to compare yet.
        """
        return None

    def _prepare_effect_rows(self, card, country, on_date, company):
        """Hook: arguments of ``RateCard.from_rows`` with what is on screen.

        card: the rate card in force for the company on the day, empty when there is none
        Returns None when what is on screen does not change the fees of that card.
        """
        return None

    def _get_effect_cards(self, platform, country, on_date, operator=None):
        """Return (present, changed, {fee_category_id: index}) engine cards; None for no change.

        Both are in the currency of the current company.
        """
        Card = self.env["onep.rate.card"].sudo()
        company = self.env.company
        present, _index = Card._get_engine_card(platform, country, on_date, operator)
        card = Card._find_card(platform, country, on_date, company, operator)
        rows = self.sudo()._prepare_effect_rows(card, country, on_date, company)
        if rows is None:
            return None
        clash = find_overlap(rows["commissions"])
        if clash:
            raise UserError(
                self.env._("Two rules match the same price: this could not be saved as it is.")
            )
        changed = Card._get_in_company_currency(RateCard.from_rows(**rows), on_date)
        index = {key: place for place, key in enumerate(changed.category_keys)}
        return present, changed, index

    def _measure_effect(self):
        """Hook: return an ``engine.effect.Effect``; None where no deals are known."""
        return None

    def _render_effect(self):
        """Return what the change would move, as a panel of the form."""
        self.ensure_one()
        effect, problem = None, False
        try:
            effect = self._measure_effect() if self._get_effect_scope() else None
        except UserError as error:
            problem = error.args[0]
        return self.env["ir.qweb"]._render(
            "onep_margin.fee_effect", self._prepare_effect_values(effect, problem)
        )

    def _prepare_effect_values(self, effect, problem=False):
        """Return what the panel shows of an ``engine.effect.Effect``; None for no deal."""
        values = {"effect": effect, "problem": problem, "amount": self._format_effect_amount}
        if effect is None:
            return values
        counts = {
            "turn_good": self.env._("would reach your targets"),
            "turn_bad": self.env._("would fall below your targets"),
            "become_unknown": self.env._("would no longer have a known margin"),
            "become_known": self.env._("would get a known margin"),
        }
        figures = [
            {"name": name, "class": _COLOURS[name], "value": getattr(effect, name), "words": words}
            for name, words in counts.items()
            if getattr(effect, name) or name.startswith("turn")
        ]
        moved = self._format_effect_amount(effect.margin_moved)
        figures.append(
            {
                "name": "margin_moved",
                "class": "",
                "value": f"+{moved}" if effect.margin_moved > 0 else moved,
                "words": self.env._("of net margin per unit, all opportunities together"),
            }
        )
        return values | {
            "figures": figures,
            "deals": self._get_effect_deals(effect.top),
            "summary": self.env._(
                "%(moved)s of %(compared)s opportunities would move.",
                moved=effect.moved,
                compared=effect.compared,
            ),
            "first_only": effect.compared < effect.total
            and self.env._(
                "Only the first %(compared)s of %(total)s opportunities were compared.",
                compared=effect.compared,
                total=effect.total,
            ),
        }

    @api.model
    def _format_effect_amount(self, amount):
        """Return an amount in the company's currency, as people read it; ? for unknown."""
        if amount is None:
            return "?"
        return formatLang(self.env, amount, currency_obj=self.env.company.currency_id)

    def _get_effect_deals(self, moved):
        """Hook: (``engine.effect.Moved``, {name, place}) of each deal, to be read by people."""
        return [(deal, {"name": str(deal.key), "place": ""}) for deal in moved]
