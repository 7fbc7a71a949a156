from odoo import fields, models

#: What of a file's shape tells that its columns are the same, whatever their names are read as.
TABLE = ("format", "delimiter", "cuts", "sheet", "member", "records", "header_row")


class OnepFeedUpload(models.TransientModel):
    """The mapping screen, read again in another way: what a person chose stays with its column."""

    _inherit = "onep.feed.upload"

    def action_reread(self):
        """Read the file again with what the person decided; the screen follows."""
        self.ensure_one()
        before = self._get_choices()
        self._analyse()
        if not self.error_message:
            self._restore_choices(before)

    def _get_choices(self):
        """What a person may have said so far, as plain values."""
        return {
            "shape": self.shape or {},
            "lines": [
                {
                    "column": line.column,
                    "place": line.column_index,
                    "field": line.field,
                    "adjustment": line.adjustment,
                    "is_by_person": line._is_by_person(),
                }
                for line in self.line_ids
            ],
            "feed": self.feed_id,
            "values": {value.field: value.value for value in self.value_ids if value.field},
            "decisions": self.decisions or {},
            "doubted": self._get_doubted_meanings(),
            "vat_rate": self.prices_include_vat and self.vat_rate,
            "changes": self.are_changes_accepted and self._get_changes(),
        }

    def _restore_choices(self, before):
        """Give what a person chose back to the columns that are still there."""
        for line, kept in self._find_same_columns(before):
            if kept["is_by_person"]:
                line.write({"field": kept["field"], "is_decided": True})
            # none was said of a feed that was found only now: its own adjustment holds
            is_said = kept["adjustment"] or self.feed_id == before["feed"]
            if line.field == kept["field"] and is_said:
                line.adjustment = kept["adjustment"]
        if before["changes"] and before["changes"] == self._get_changes():
            self.are_changes_accepted = True
            self._take_over_layout(keep_choices=True)
        self._restore_values(before["values"], is_found=self.feed_id != before["feed"])
        # what the file put in doubt only now is asked; what was in doubt before is answered
        confirmed = (self.feed_id.reading or {}).get("confirmed") or {}
        newly = self._get_doubted_meanings() - before["doubted"]
        decisions = (self.decisions or {}) | {
            kind: value
            for kind, value in before["decisions"].items()
            if kind not in newly or value != confirmed.get(kind)
        }
        self.write({"decisions": decisions, **self._prepare_decided_vals(decisions)})
        if before["vat_rate"] and self.prices_include_vat and self._is_same_table(before["shape"]):
            self.vat_rate = before["vat_rate"]

    def _restore_values(self, values, is_found):
        """Values for all rows as they stood.

        :param is_found: those of a feed that was found only now come beside them
        """
        own = {value.field: value for value in self.value_ids}
        for field, text in values.items():
            if field in own:
                own[field].value = text
            else:
                self.value_ids = [fields.Command.create({"field": field, "value": text})]
        if not is_found:
            self.value_ids.filtered(lambda value: value.field not in values).unlink()

    def _find_same_columns(self, before):
        """[(line, what was chosen of its column)]: by name, by place when only letters changed."""
        by_name = {kept["column"]: kept for kept in before["lines"]}
        by_place = {}
        is_same = self._is_same_table(before["shape"])
        if is_same and len(before["lines"]) == len(self.line_ids):
            by_place = {kept["place"]: kept for kept in before["lines"]}
        found = [
            (line, by_name.get(line.column) or by_place.get(line.column_index))
            for line in self.line_ids
        ]
        return [(line, kept) for line, kept in found if kept]

    def _is_same_table(self, shape):
        now = self.shape or {}
        return bool(shape) and all(now.get(name) == shape.get(name) for name in TABLE)
