import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ingest.expressions import Expression
from ..ingest.fields import FIELDS


class OnepMappingTake(models.TransientModel):
    """Take over the mapping of another feed of the company, or of an exported file."""

    _name = "onep.mapping.take"
    _description = "Mapping taken over"

    upload_id = fields.Many2one("onep.feed.upload", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="upload_id.company_id")
    source = fields.Selection(
        [("feed", "Another feed"), ("file", "An exported file")], required=True, default="feed"
    )
    feed_id = fields.Many2one(
        "onep.supplier.feed",
        domain="[('company_id', '=', company_id), ('mapping_ids', '!=', False)]",
        help="Feeds whose columns were confirmed.",
    )
    file = fields.Binary(attachment=False)
    file_name = fields.Char()

    def action_take(self):
        """Fill the columns of the same name; the screen says what does not match."""
        self.ensure_one()
        self.upload_id._take_mapping(self._get_values())
        return {"type": "ir.actions.act_window_close"}

    def _get_values(self):
        if self.source == "file":
            if not self.file:
                raise UserError(self.env._("Choose the exported file."))
            return self.env["onep.mapping.file"]._read(base64.b64decode(self.file))
        if not self.feed_id:
            raise UserError(self.env._("Choose the feed whose columns are taken over."))
        self.feed_id.check_access("read")
        if self.feed_id.company_id != self.company_id:
            raise UserError(self.env._("Choose a feed of the same company."))
        return self.feed_id._prepare_mapping_file()


class OnepFeedUpload(models.TransientModel):
    """Mappings that come from elsewhere, or go there."""

    _inherit = "onep.feed.upload"

    taken_text = fields.Text(string="Taken over", readonly=True)

    def action_take_mapping(self):
        """Choose where a mapping is taken from."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take over columns"),
            "res_model": "onep.mapping.take",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_upload_id": self.id},
        }

    def action_export_mapping(self):
        """Download the mapping as it stands on screen."""
        self.ensure_one()
        name = self.feed_id.name or self.partner_id.name or self.file_name or ""
        return self.env["onep.mapping.file"]._download(name, self._prepare_mapping_file())

    def _prepare_mapping_file(self):
        reading = self._prepare_reading()
        return {
            "columns": [
                {"column": line.column, "field": line.field or None} for line in self.line_ids
            ],
            "prices_include_vat": self.prices_include_vat,
            "vat_rate": self.vat_rate if self.prices_include_vat else None,
            "currency": self.currency_id.name,
            "content": self.kind,
            **reading,
        }

    def _take_mapping(self, values):
        """Take over a mapping; columns are matched by their names, blanks and case forgiven.

        :param values: as `_prepare_mapping_file` gives them
        """
        self.ensure_one()
        known = dict(self.line_ids._fields["field"]._description_selection(self.env))
        given, left = self._match_columns(values["columns"])
        problems = []
        fields_given = {item["field"] for item in values["columns"]}
        unknown = {field for field in fields_given if field and field not in known}
        if unknown:
            problems.append(
                self.env._("Fields that are not known here: %s.", ", ".join(sorted(unknown)))
            )
        matched = self.line_ids.filtered(lambda line: line in given)
        for line in matched:
            field = given[line]["field"]
            if field is None or field in known:
                line.write({"field": field or False, "is_decided": True})
        missing = [item["column"] for item in left if item["field"]]
        if missing:
            problems.append(
                self.env._("Not in this file: %(columns)s.", columns=", ".join(missing))
            )
        new = (self.line_ids - matched).mapped("column")
        if new:
            problems.append(
                self.env._(
                    "Not in that mapping, left as proposed: %(columns)s.", columns=", ".join(new)
                )
            )
        if matched:  # else it is the mapping of quite another file
            problems += self._take_settings(values)
        self.taken_text = "\n".join(
            [
                self.env._(
                    "%(count)s of %(total)s columns were taken over.",
                    count=len(matched),
                    total=len(self.line_ids),
                ),
                *problems,
            ]
        )

    def _match_columns(self, items):
        """Each column to the one of its very name, else to one that differs by blanks and case.

        :return: ({line: item}, [items of columns that the file has not])
        """
        found, left = {}, list(items)
        for fold in (str, self._fold):
            waiting = {}
            for item in left:
                waiting.setdefault(fold(item["column"]), []).append(item)
            for line in self.line_ids:
                if line not in found and waiting.get(fold(line.column)):
                    found[line] = waiting[fold(line.column)].pop(0)
            left = [item for items in waiting.values() for item in items]
        return found, left

    def _take_settings(self, values):
        """Values for all rows, expressions and what figures mean.

        :return: [what could not be taken over]
        """
        problems = []
        names = {self._fold(line.column): line.column for line in self.line_ids}
        expressions, left = {}, []
        for field, item in (values.get("expressions") or {}).items():
            try:
                parts = [
                    {"column": names[self._fold(part["column"])]} if "column" in part else part
                    for part in item.get("parts") or ()
                ]
                expression = Expression.from_json(item | {"parts": parts})
            except (KeyError, TypeError, ValueError, AttributeError):
                left.append(field)
                continue
            if field in FIELDS:
                expressions[field] = expression.to_json()
        if left:
            labels = dict(self.line_ids._fields["field"]._description_selection(self.env))
            problems.append(
                self.env._(
                    "Adjustments that do not fit this file: %s.",
                    ", ".join(labels.get(field, field) for field in left),
                )
            )
        valued = dict(self.env["onep.feed.upload.value"]._get_field_selection())
        constants = {
            field: str(text)
            for field, text in (values.get("constants") or {}).items()
            if field in valued
        }
        confirmed = {
            kind: value
            for kind, value in (values.get("confirmed") or {}).items()
            if kind in self._get_meaning_labels()
        }
        own = self._get_adjustments()[0]
        currency = self.env["res.currency"].search([("name", "=", values.get("currency"))], limit=1)
        kind = "delta" if values.get("content") == "delta" else "full"
        # what was decided on screen gives way to what the mapping says of the same
        said = {
            "vat": "taxed" if values.get("prices_include_vat") else "untaxed",
            "currency": (currency or self.currency_id).name,
            "scope": kind,
        }
        decisions = {name: said.get(name, value) for name, value in (self.decisions or {}).items()}
        self.write(
            {
                "prices_include_vat": bool(values.get("prices_include_vat")),
                "vat_rate": values.get("vat_rate") or self.vat_rate,
                "kind": kind,
                "currency_id": (currency or self.currency_id).id,
                **self._prepare_reading_vals_of(
                    {
                        "constants": {**own, **constants},
                        "confirmed": {**decisions, **confirmed},
                    }
                ),
            }
        )
        self._place_adjustments(expressions)
        return problems

    @api.model
    def _fold(self, name):
        return " ".join(name.split()).casefold()
