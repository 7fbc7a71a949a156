from functools import partial

from odoo import api, fields, models

from ..ingest import mapping, semantics, settle
from ..ingest.expressions import Expression, is_expression
from ..models.ingest_messages import format_expression, get_meaning_message

#: What of a mapping a person may say by the meaning of its figures.
DECIDED = {"prices_include_vat", "price_basis", "currency", "units", "percents", "styles"}


class OnepFeedUpload(models.TransientModel):
    """What the figures mean beyond the names of their columns, and what a person confirmed."""

    _inherit = "onep.feed.upload"

    decisions = fields.Json(help="What a person confirmed: {kind: value}.")
    meanings = fields.Json(compute="_compute_meanings")
    is_unattended = fields.Boolean(
        help="Nobody looks at the screen: the feed's earlier files were confirmed."
    )

    @api.depends(
        "line_ids.field",
        "value_ids.field",
        "value_ids.value",
        "decisions",
        "prices_include_vat",
        "currency_id",
        "kind",
        "sample",
        "feed_id",
        "partner_id",
    )
    def _compute_meanings(self):
        labels = self._get_meaning_labels()
        level = self.env["onep.feed.upload.line"]._fields["level"]
        levels = dict(level._description_selection(self.env))
        for upload in self:
            decisions = upload.decisions or {}
            names = upload._get_column_labels()
            upload.meanings = [
                {
                    "kind": meaning.kind,
                    "label": labels[meaning.kind][0],
                    "value": meaning.value,
                    "choices": upload._get_meaning_choices(meaning, labels[meaning.kind][1]),
                    "level": meaning.level,
                    "certainty": levels[meaning.level],
                    "confirmed": meaning.kind in decisions,
                    "why": get_meaning_message(self.env, meaning.why, names),
                }
                for meaning in upload._judge()
            ] or False

    def _judge(self):
        """What the figures mean, with its confidence; nothing while the columns contradict."""
        self.ensure_one()
        if not self.sample or not self.line_ids:
            return []
        raw = self._get_sample_frame()
        country = self.partner_id.country_id if not self.feed_id.mapping_ids else None
        try:
            settled = settle.settle(mapping.Mapping.from_json(self._get_mapping_json()), raw)
        except mapping.InvalidMapping:
            return []
        return semantics.judge(
            settled,
            raw.frame,
            semantics.FileContext(
                file_name=self.file_name or "",
                currency=self.currency_id.name,
                home_currency=(country and country.currency_id.name) or None,
                scope=self.kind,
                row_count=self.row_count or None,
                known_count=self.feed_id.offer_count or None,
                figures=raw.figures,
            ),
            self.decisions or {},
        )

    @api.model
    def _get_meaning_labels(self):
        """{kind: (what it is, {value: what it says})}."""
        rates = {
            "percent": self.env._("per cent: 10 or 10 %"),
            "share": self.env._("shares of one: 0.1 for 10 %"),
        }
        return {
            "vat": (
                self.env._("Purchase prices"),
                {"untaxed": self.env._("without VAT"), "taxed": self.env._("VAT included")},
            ),
            "price_basis": (
                self.env._("A price is for"),
                {
                    "piece": self.env._("one piece"),
                    "pack": self.env._("a pack (see pack size)"),
                    "10": self.env._("10 pieces"),
                    "100": self.env._("100 pieces"),
                    "1000": self.env._("1,000 pieces"),
                    "column": self.env._("what its column says"),
                },
            ),
            "currency": (self.env._("Currency"), {}),
            "decimal": (
                self.env._("Decimals"),
                {",": self.env._("comma: 1.234,50"), ".": self.env._("point: 1,234.50")},
            ),
            "weight_unit": (
                self.env._("Weights"),
                {
                    "kg": self.env._("kilograms"),
                    "g": self.env._("grams"),
                    "mg": self.env._("milligrams"),
                    "lb": self.env._("pounds"),
                    "oz": self.env._("ounces"),
                },
            ),
            "lead_time_unit": (
                self.env._("Lead times"),
                {
                    "days": self.env._("days"),
                    "working_days": self.env._("working days (5 a week)"),
                    "weeks": self.env._("weeks"),
                    "hours": self.env._("hours"),
                },
            ),
            "discount_form": (self.env._("Discounts"), rates),
            "vat_form": (self.env._("VAT rates"), rates),
            "scope": (
                self.env._("Content"),
                dict(self._fields["kind"]._description_selection(self.env)),
            ),
        }

    def _get_meaning_choices(self, meaning, labels):
        """[(value, what it says)]: of currencies, those that are active in Odoo."""
        values = meaning.choices
        if meaning.kind == "currency":
            active = self.env["res.currency"].search([]).mapped("name")
            values = [code for code in values if code in active or code == meaning.value]
            values += [code for code in active if code not in values]
        return [(value, labels.get(value, value)) for value in values]

    def _get_open_meanings(self):
        """What of the figures' meaning waits for a person, as texts."""
        self.ensure_one()
        if self.is_unattended:
            return []
        open_labels = [item["label"] for item in self.meanings or [] if item["level"] == "asked"]
        if not open_labels:
            return []
        return [
            self.env._(
                "Confirm what the figures mean: %(meanings)s.", meanings=", ".join(open_labels)
            )
        ]

    @api.onchange("decisions")
    def _onchange_decisions(self):
        """What a person confirmed is what the file is read by."""
        self.update(self._prepare_decided_vals(self.decisions or {}))

    @api.onchange("line_ids")
    def _onchange_lines(self):
        """Another price column says by itself whether it includes VAT, unless a person said it."""
        if self.feed_id or not self.sample:
            return
        values = self._get_mapping_json()
        open_values = values | {"prices_include_vat": None, "vat_rate": None, "currency": None}
        try:
            settled = settle.settle(
                mapping.Mapping.from_json(open_values), self._get_sample_frame()
            )
        except mapping.InvalidMapping:
            return
        self._take_over(settled)

    def _prepare_decided_vals(self, decisions):
        vals = {}
        if "vat" in decisions:
            vals["prices_include_vat"] = decisions["vat"] == "taxed"
        if decisions.get("scope") in ("full", "delta"):
            vals["kind"] = decisions["scope"]
        if "currency" in decisions:
            currency = self.env["res.currency"].search(
                [("name", "=", decisions["currency"])], limit=1
            )
            if currency:
                vals["currency_id"] = currency.id
        return vals

    def _add_confirmed(self, values):
        """A mapping (JSON) with what a person confirmed of this file's figures."""
        return self._decide(values, self.decisions or {})

    @api.model
    def _decide(self, values, decisions):
        """A mapping (JSON) with what a person confirmed; as it is while its columns contradict."""
        if not decisions:
            return values
        try:
            decided = semantics.decide(mapping.Mapping.from_json(values), decisions)
        except mapping.InvalidMapping:
            return values
        return values | {
            name: value for name, value in decided.to_json().items() if name in DECIDED
        }

    def _prepare_reading(self):
        """What the feed remembers of this screen beside its columns."""
        constants, expressions, _problems = self._get_adjustments()
        reading = {
            "constants": constants,
            "expressions": {name: item.to_json() for name, item in expressions.items()},
            "confirmed": self.decisions or {},
        }
        return {name: values for name, values in reading.items() if values}

    @api.model
    def _prepare_reading_vals(self, feed):
        """What the feed remembers, as this screen shows it."""
        reading = feed.reading or {}
        confirmed = feed._get_confirmed() if feed else {}
        return self._prepare_reading_vals_of({**reading, "confirmed": confirmed})

    @api.model
    def _prepare_reading_vals_of(self, reading):
        lines = [
            {"field": field, "value": text}
            for field, text in (reading.get("constants") or {}).items()
        ]
        confirmed = reading.get("confirmed") or {}
        return {
            "decisions": confirmed,
            "value_ids": [
                fields.Command.clear(),
                *(fields.Command.create(vals) for vals in lines),
            ],
            **self._prepare_decided_vals(confirmed),
        }

    def _place_adjustments(self, expressions):
        """Show expressions beside their columns; joined texts without one as values for all rows.

        What is done to figures waits for the column that holds them.

        :param expressions: {field: JSON form}
        """
        valued = dict(self.env["onep.feed.upload.value"]._get_field_selection())
        names = self._get_column_labels()
        joined = {value.field for value in self.value_ids if is_expression(value.value or "")}
        for field, values in expressions.items():
            expression = Expression.from_json(values)
            write = partial(format_expression, self.env, values, labels=names)
            lines = self.line_ids.filtered(lambda line, field=field: line.field == field)
            if lines:
                lines[0].adjustment = write(lines[0].column)
            elif expression.parts and field in valued and field not in joined:
                self.value_ids = [fields.Command.create({"field": field, "value": write()})]
