from odoo import fields, models
from odoo.exceptions import UserError

from .ingest_messages import format_expression


class OnepFeedReading(models.Model):
    """What a person said of a feed's files beyond the names of their columns."""

    _inherit = "onep.supplier.feed"

    reading = fields.Json(
        readonly=True,
        copy=False,
        help="Values for all rows, expressions, and what figures mean, as confirmed: "
        '{"constants": {field: text}, "expressions": {field: …}, "confirmed": {kind: value}}.',
    )
    reading_text = fields.Text(string="Also", compute="_compute_reading_text")

    def _compute_reading_text(self):
        labels = dict(
            self.env["onep.feed.mapping"]._fields["field"]._description_selection(self.env)
        )
        for feed in self:
            reading = feed.reading or {}
            names = feed._get_column_labels()
            texts = [
                self.env._("%(field)s: %(value)s for all rows", field=labels[field], value=value)
                for field, value in (reading.get("constants") or {}).items()
            ]
            said = [
                (labels[field], format_expression(self.env, values, labels=names))
                for field, values in (reading.get("expressions") or {}).items()
            ]
            meanings = self.env["onep.feed.upload"]._get_meaning_labels()
            said += [
                (meanings[kind][0], meanings[kind][1].get(value, value))
                for kind, value in feed._get_confirmed().items()
            ]
            texts += [
                self.env._("%(field)s: %(value)s", field=field, value=value)
                for field, value in said
            ]
            feed.reading_text = "\n".join(texts)

    def _get_confirmed(self):
        """{kind: value} a person confirmed; what the feed has a setting for is as set today."""
        self.ensure_one()
        settings = {
            "vat": "taxed" if self.prices_include_vat else "untaxed",
            "currency": self.currency_id.name,
            "scope": self.kind,
        }
        confirmed = (self.reading or {}).get("confirmed") or {}
        return {kind: settings.get(kind, value) for kind, value in confirmed.items()}

    def _get_mapping_json(self):
        """The mapping as it was confirmed, in the JSON form of the ingest package."""
        self.ensure_one()
        values = {
            "columns": [
                {"column": line.column, "index": line.column_index, "field": line.field}
                for line in self.mapping_ids
                if line.field
            ],
            "prices_include_vat": self.prices_include_vat,
            "vat_rate": self.vat_rate / 100 if self.vat_rate else None,
            "currency": self.currency_id.name,
            "constants": (self.reading or {}).get("constants") or {},
            "expressions": (self.reading or {}).get("expressions") or {},
        }
        return self.env["onep.feed.upload"]._decide(values, self._get_confirmed())

    def _prepare_mapping_file(self):
        """The mapping as another feed, or another database, takes it over; see docs/columns."""
        self.ensure_one()
        return {
            "columns": [
                {"column": line.column, "field": line.field or None}
                for line in self.mapping_ids.sorted("column_index")
            ],
            "prices_include_vat": self.prices_include_vat,
            "vat_rate": self.vat_rate if self.prices_include_vat else None,
            "currency": self.currency_id.name,
            "content": self.kind,
            "constants": (self.reading or {}).get("constants") or {},
            "expressions": (self.reading or {}).get("expressions") or {},
            "confirmed": self._get_confirmed(),
        }

    def action_export_mapping(self):
        """Download the mapping as a JSON file."""
        self.ensure_one()
        if not self.mapping_ids:
            raise UserError(self.env._("No columns were confirmed yet: import a first file."))
        return self.env["onep.mapping.file"]._download(self.name, self._prepare_mapping_file())
