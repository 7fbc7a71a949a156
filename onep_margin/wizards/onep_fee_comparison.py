from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class OnepFeeComparison(models.TransientModel):
    """Two rate cards, or two carriers' grids, side by side."""

    _name = "onep.fee.comparison"
    _description = "Comparison of Grids"

    kind = fields.Selection(
        [("card", "Rate cards"), ("grid", "Carrier grids")],
        "Compare",
        default="card",
        required=True,
    )
    card_id = fields.Many2one("onep.rate.card", "This One")
    other_card_id = fields.Many2one("onep.rate.card", "With")
    grid_id = fields.Many2one("onep.carrier.grid", "This Grid")
    other_grid_id = fields.Many2one("onep.carrier.grid", "With Grid")
    sample_weight_g = fields.Float(
        "A Parcel Of (g)", digits=(10, 1), default=1000.0, help="Priced by both carriers."
    )
    sample_price_taxed = fields.Float(
        "A Sale At",
        digits=(16, 2),
        default=50.0,
        help="Price with VAT whose commission is worked out by both cards, in their currency.",
    )
    line_ids = fields.One2many("onep.fee.comparison.line", "comparison_id")

    @api.model
    def default_get(self, fields_list):
        """Compare the grids chosen in a list, or the one at hand with the one before it."""
        values = super().default_get(fields_list)
        context = self.env.context
        kinds = {"onep.rate.card": ("card", "card_id"), "onep.carrier.grid": ("grid", "grid_id")}
        if context.get("active_model") not in kinds:
            return values
        kind, name = kinds[context["active_model"]]
        records = self.env[context["active_model"]].browse(
            context.get("active_ids") or [context.get("active_id")]
        )
        records = records.sorted("valid_from")
        if len(records) == 1:
            records = records._get_former() | records
        values["kind"] = kind
        values[name] = records[:1].id
        if len(records) > 1:
            values[f"other_{name}"] = records[1].id
        return values

    def action_compare(self):
        """Open the rows of both, side by side."""
        self.ensure_one()
        if self.kind == "card":
            left, right = self.card_id, self.other_card_id
        else:
            left, right = self.grid_id, self.other_grid_id
        if not left or not right or left == right:
            raise UserError(self.env._("Choose two different grids to compare."))
        self.line_ids = [
            Command.clear(),
            *(
                Command.create(vals | {"sequence": place})
                for place, vals in enumerate(self._prepare_lines(left, right))
            ),
        ]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_margin.onep_fee_comparison_line_action"
        )
        return action | {
            "name": self.env._("%(left)s ↔ %(right)s", left=left.name, right=right.name),
            "domain": [("comparison_id", "=", self.id)],
        }

    def _prepare_lines(self, left, right):
        """Return the values of the lines, in the order of the sections."""
        before, after = left._get_comparable(), right._get_comparable()
        sections = dict.fromkeys([*before, *after])
        samples = self._get_samples(left), self._get_samples(right)
        lines = []
        for section in sections:
            old, new = before.get(section, {}), after.get(section, {})
            for key in dict.fromkeys([*old, *new]):
                lines.append(self._prepare_line(section, key, old.get(key), new.get(key)))
        for key in dict.fromkeys([*samples[0], *samples[1]]):
            lines.append(
                self._prepare_line("sample", key, samples[0].get(key), samples[1].get(key))
            )
        return lines

    @api.model
    def _prepare_line(self, section, key, old, new):
        """Return the values of a line; None is a row that one side does not have."""
        if old is None or new is None:
            change = "new" if old is None else "gone"
        else:
            change = "same" if abs(old - new) < 1e-6 else "changed"
        return {
            "section": section,
            "name": key,
            "before": old or 0.0,
            "after": new or 0.0,
            "has_before": old is not None,
            "has_after": new is not None,
            "difference": new - old if change == "changed" else 0.0,
            "difference_rate": new / old - 1.0 if change == "changed" and old else 0.0,
            "change": change,
        }

    def _get_samples(self, record):
        """Return {words: figure} of what both would charge for the sample."""
        if self.kind == "card":
            return record._price_sample(self.sample_price_taxed)
        return record._price_sample(self.sample_weight_g)
