import pandas as pd

from odoo import api, fields, models

from ..ingest import mapping, pipeline, readers
from ..ingest.fields import FIELDS, NUMBER_COLUMNS
from ..ingest.issues import list_repairs
from ..models.ingest_messages import get_repair_message, get_rule_message
from ..models.offer_values import format_number, format_percent

PREVIEW_ROWS = 12
#: Fields that stand first in the preview, which is narrow.
FIRST_SHOWN = {"supplier_sku", "ean", "purchase_price"}
#: What the figures of a kind of field are shown in.
UNITS = {"weight": "(g)", "size": "(mm)"}
#: Encodings that have another name than Python's.
ENCODINGS = {"cp1252": "Windows-1252", "utf-8-sig": "UTF-8"}


class OnepFeedUpload(models.TransientModel):
    """The live preview of the mapping screen: what the file is, and its first normalised rows."""

    _inherit = "onep.feed.upload"

    shape_text = fields.Char(string="Read as", compute="_compute_shape_text")
    preview = fields.Json(compute="_compute_preview")

    @api.depends("shape")
    def _compute_shape_text(self):
        for upload in self:
            upload.shape_text = upload._get_shape_text()

    def _get_shape_text(self):
        shape = self.shape or {}
        parts = [(shape.get("format") or "").upper()]
        if shape.get("compression"):
            archive = shape["compression"].upper()
            parts.append(
                self.env._("%(member)s in a %(archive)s", member=shape["member"], archive=archive)
                if shape.get("member")
                else self.env._("packed as %(archive)s", archive=archive)
            )
        if shape.get("encoding"):
            parts.append(ENCODINGS.get(shape["encoding"], shape["encoding"].upper()))
        delimiter = shape.get("delimiter")
        if delimiter:
            parts.append(
                self.env._(
                    "separated by %(delimiter)s",
                    delimiter={"\t": self.env._("tabs")}.get(delimiter, f"« {delimiter} »"),
                )
            )
        if shape.get("sheet"):
            parts.append(self.env._("sheet %(sheet)s", sheet=shape["sheet"]))
        if shape.get("header_row"):
            parts.append(self.env._("header in line %(line)s", line=shape["header_row"]))
        if shape.get("guessed"):
            parts.append(self.env._("no header: columns named by what they hold"))
        return " · ".join(part for part in parts if part)

    @api.depends(
        "line_ids.field",
        "line_ids.adjustment",
        "value_ids.field",
        "value_ids.value",
        "decisions",
        "prices_include_vat",
        "vat_rate",
        "currency_id",
        "sample",
        "feed_id",
    )
    def _compute_preview(self):
        for upload in self:
            upload.preview = upload._get_preview()

    def _get_preview(self):
        """First normalised rows with their problems, from the sampled rows."""
        if not self.sample or not self.line_ids:
            return False
        try:
            batch = pipeline.process(
                self._get_sample_frame(),
                mapping.Mapping.from_json(self._get_mapping_json()),
                today=fields.Date.context_today(self),
            )
        except mapping.InvalidMapping as error:
            return {"message": get_rule_message(self.env, {"rule": error.rule, **error.__dict__})}
        labels = dict(self.line_ids._fields["field"]._description_selection(self.env))
        return self._format_preview(batch, labels)

    def _get_sample_frame(self):
        """The sampled rows as the ingest package reads them."""
        headers = self.sample["headers"]
        frame = pd.DataFrame(self.sample["rows"], columns=range(len(headers)), dtype=str)
        return readers.RawFrame.from_sample(
            headers, frame, self.sample["lines"], self.sample.get("figures") or ()
        )

    def _format_preview(self, batch, labels):
        """A processed batch as the preview widget shows it."""
        issues = {}
        for issue in batch.issues.to_dict("records"):
            issues.setdefault(issue["line"], []).extend(issue["reasons"])
        refused_lines = {
            issue["line"]
            for issue in batch.issues.to_dict("records")
            if issue["severity"] == "refuse"
        }
        columns = self._get_preview_columns(batch.accepted, labels)
        rows = [
            {
                "line": int(row["line"]),
                "state": "ok",
                "reasons": "",
                "cells": {
                    column["name"]: self._format_cell(row.get(column["source"]), column["kind"])
                    for column in columns
                },
                "marks": self._get_marks(issues.get(row["line"], [])),
            }
            for row in batch.accepted.head(PREVIEW_ROWS).to_dict("records")
        ]
        by_field = {line.field: line.column for line in self.line_ids if line.field}
        for issue in batch.issues.to_dict("records"):
            if issue["severity"] != "refuse" or len(rows) >= 2 * PREVIEW_ROWS:
                continue
            rows.append(
                {
                    "line": int(issue["line"]),
                    "state": "refuse",
                    "reasons": " ".join(
                        get_rule_message(self.env, entry)
                        for entry in issue["reasons"]
                        if entry.get("severity") == "refuse"
                    ),
                    "cells": {
                        column["name"]: (issue["raw"] or {}).get(by_field.get(column["name"]), "")
                        for column in columns
                    },
                    "marks": self._get_marks(issue["reasons"]),
                }
            )
        return {
            "columns": columns,
            "repairs": [
                get_repair_message(self.env, entry) for entry in list_repairs(batch.repairs)
            ],
            "rows": sorted(rows, key=lambda row: row["line"]),
            "summary": self.env._(
                "Of the first %(rows)s rows: %(accepted)s accepted, %(refused)s refused.",
                rows=batch.row_count,
                accepted=len(batch.accepted),
                refused=len(refused_lines),
            ),
        }

    def _get_preview_columns(self, accepted, labels):
        """Columns of the preview: the mapped fields, first what tells whether they are right."""
        filled = set(self._get_filled_fields())
        return [
            {
                "name": field.name,
                "source": field.columns[0],
                "label": " ".join(
                    filter(None, (labels.get(field.name, field.label), UNITS.get(field.kind)))
                ),
                "kind": field.kind,
                "numeric": field.columns[0] in NUMBER_COLUMNS,
            }
            for field in sorted(FIELDS.values(), key=lambda field: field.name not in FIRST_SHOWN)
            if field.columns and field.name in filled and field.columns[0] in accepted.columns
        ]

    def _get_marks(self, entries):
        marks = {}
        for entry in entries:
            if entry.get("field"):
                marks.setdefault(entry["field"], get_rule_message(self.env, entry))
        return marks

    @api.model
    def _format_cell(self, value, kind):
        """A normalised value as a buyer reads it; an unknown one is a dash."""
        if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
            return "–"
        if isinstance(value, bool):
            return self.env._("yes") if value else self.env._("no")
        if kind == "percent":
            return format_percent(self.env, value)
        if kind == "gtin":
            return value.removeprefix("0")
        if isinstance(value, float):
            return format_number(self.env, value, least=2 if kind == "price" else 0, most=4)
        return str(value)
