import pandas as pd

from odoo import fields, models

from ..ingest.automap import drift, memory
from ..ingest.automap.fingerprint import Layout
from ..sql.column_memory import Said
from .column_labels import get_column_labels

SHOWN_CHANGES = 5


class OnepFeedLayout(models.Model):
    """What the files of a feed look like: the one accepted last, how another differs, and what
    the mapper learns from each.
    """

    _inherit = "onep.supplier.feed"

    layout = fields.Json(
        prefetch=False,
        readonly=True,
        copy=False,
        help="Columns of the file accepted last, with what little is kept of their content.",
    )

    def _get_memory(self, columns):
        """What earlier files said of these columns."""
        self.ensure_one()
        return self.env["onep.column.memory"]._get_memory(
            columns, self.company_id, self.partner_id, self
        )

    def _accept_layout(self, layout, by_person, seen=None):
        """A file was accepted and its columns are mapped: keep its look, remember what they fill.

        :param layout: of its first rows
        :param by_person: someone looked at the file
        :param seen: columns they looked at; all of them unless given
        """
        self.ensure_one()
        lines = self.mapping_ids.sorted("column_index")
        if not by_person:
            layout = layout.or_fuller(Layout.from_json(self.layout or {}))
        self.layout = layout.to_json()
        words = memory.keys(lines.mapped("column"))
        said = {True: [], False: []}
        for key, line in zip(words, lines, strict=True):
            is_seen = by_person and (seen is None or line.column in seen)
            is_corrected = is_seen and line.origin == "person"
            said[is_seen].append(Said(key, line.column, line.field or None, is_corrected))
        for is_confirmed, columns in said.items():
            self.env["onep.column.memory"]._remember(self, columns, is_confirmed)

    def _get_column_labels(self):
        """{column: what it is called on screen}, of those its files give no name."""
        self.ensure_one()
        shape = self._find_latest_import().shape
        return get_column_labels(self.env, self.mapping_ids.mapped("column"), shape)

    def _get_layout(self):
        """The columns accepted last; without what they looked like when that was not kept."""
        self.ensure_one()
        columns = tuple(self.mapping_ids.sorted("column_index").mapped("column"))
        kept = Layout.from_json(self.layout or {})
        return Layout(columns, {name: kept.prints[name] for name in columns if name in kept.prints})

    def _read_layout(self, sample):
        """What the columns of a file look like.

        :param sample: {"headers": names, "rows": first rows}
        """
        frame = pd.DataFrame(sample["rows"], columns=range(len(sample["headers"])), dtype=str)
        return Layout.of(sample["headers"], frame, sample.get("figures") or ())

    def _compare_layout(self, layout, file_format=None, proposed=None):
        """How a file differs from the one accepted last.

        :param proposed: {column: field} as the mapper would have them
        :return: a `drift.Drift`
        """
        return drift.compare(
            self._get_layout(),
            layout,
            {line.column: line.field or None for line in self.mapping_ids},
            proposed=proposed,
            currency=self.currency_id.name,
            vat_rates=[rate / 100 for rate in self._get_vat_rates() if rate],
            is_named=file_format in ("json", "xml"),
        )

    def _describe_changes(self, changes):
        """What a person has to accept, as an entry; None when nothing.

        :param changes: as `drift.Change.to_json` makes them
        """
        held = [change for change in changes if change["holds"]]
        if not held:
            return None
        entries = [
            change[part] for change in held[:SHOWN_CHANGES] for part in ("reason", "evidence")
        ]
        rule = "layout-drifted-more" if held[SHOWN_CHANGES:] else "layout-drifted"
        return {"rule": rule, "params": {"changes": entries, "count": len(held)}}
