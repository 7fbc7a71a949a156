import base64
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ingest import arrow
from ..ingest.semantics import is_possible

#: Of the JSON file that mappings are exported to; docs/columns.en.md describes it.
FILE_FORMAT = "1up-sourcing-mapping"
FILE_VERSION = 1


class OnepMappingFile(models.TransientModel):
    """A mapping on its way to a person's computer."""

    _name = "onep.mapping.file"
    _description = "Exported mapping"

    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    @api.model
    def _download(self, name, values):
        """Offer a mapping as a file.

        :param name: of the feed it is from
        :param values: as `onep.supplier.feed._prepare_mapping_file` gives them
        """
        head = {"format": FILE_FORMAT, "version": FILE_VERSION, "feed": name}
        text = json.dumps(head | values, ensure_ascii=False, indent=2)
        stem = "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in name)
        record = self.create(
            {
                "file": base64.b64encode(text.encode()),
                "file_name": self.env._("%(feed)s columns.json", feed=stem),
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{record.id}/file/{record.file_name}?download=true",
            "target": "download",
        }

    @api.model
    def _read(self, data):
        """The mapping a file holds, as `_download` wrote it.

        :param data: bytes of the file
        """
        try:
            values = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict) or values.get("format") != FILE_FORMAT:
            raise UserError(
                self.env._("This is no exported mapping: choose a file that “Export” made.")
            )
        if values.get("version") != FILE_VERSION:
            raise UserError(
                self.env._(
                    "This mapping was exported by a newer version: version %(version)s is not "
                    "known here.",
                    version=values.get("version"),
                )
            )
        columns = values.get("columns")
        is_sound = isinstance(columns, list) and all(
            isinstance(item, dict)
            and isinstance(item.get("column"), str)
            and isinstance(item.get("field"), str | None)
            for item in columns
        )
        texts = [values.get(name) or {} for name in ("constants", "expressions", "confirmed")]
        is_sound &= all(isinstance(item, dict) for item in texts) and self._is_storable(values)
        if not is_sound:
            raise UserError(self.env._("The exported mapping is damaged: export it again."))
        for name, value in self._find_impossible(values):
            raise UserError(
                self.env._(
                    "The exported mapping was edited: “%(name)s” cannot be %(value)s. Correct it, "
                    "or export the mapping again.",
                    name=name,
                    value=json.dumps(value, ensure_ascii=False),
                )
            )
        return values

    @api.model
    def _is_storable(self, values):
        """All texts are such that a database can hold them."""
        text = json.dumps(values, ensure_ascii=False)
        return "\\u0000" not in text and arrow.encodable(text) == text

    @api.model
    def _find_impossible(self, values):
        """[(name, value)] that no export writes."""
        found = []
        rate = values.get("vat_rate")
        is_number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if rate is not None and not (is_number and 0 <= rate <= 100):
            found.append(("vat_rate", rate))
        for name, possible in (
            ("prices_include_vat", (None, False, True)),
            ("content", (None, "full", "delta")),
        ):
            if values.get(name) not in possible:
                found.append((name, values[name]))
        currency = values.get("currency")
        confirmed = values.get("confirmed") or {}
        known = self.env["onep.feed.upload"]._get_meaning_labels()
        meanings = {kind: value for kind, value in confirmed.items() if kind in known}
        if currency:
            found += [("currency", currency)] * (not is_possible("currency", currency))
        found += [item for item in meanings.items() if not is_possible(*item)]
        constants = values.get("constants") or {}
        return found + [
            item for item in constants.items() if not isinstance(item[1], str | int | float)
        ]
