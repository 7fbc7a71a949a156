"""Properties of reading: rows in = accepted + quarantined, whatever the file holds."""

import csv
import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..ingest import arrow, automap, pipeline, preview, readers, shape
from ..ingest.automap.memory import Fact, Memory, key
from ..ingest.errors import UnreadableFile
from ..ingest.fields import FIELDS, REPEATABLE
from ..ingest.mapping import Mapping
from ..ingest.rules import FILE_RULES
from ..ingest.settle import settle

CELL = st.one_of(
    st.sampled_from(
        ["", "A1", "B2", "4006381333931", "2000000000015", "12,50", "1.234,00", "0", "-1",
         "sur devis", ">100", "rupture", "<b>x</b>", "&amp;", "10 %", "48h", "1 kg",
         "Sous-total", '"', "€ 5"]
    ),
    st.text(max_size=8),
)  # fmt: skip


COLUMNS = (
    "Réf", "EAN", "Désignation", "PA HT", "Prix public", "Stock", "MOQ", "Poids", "TVA", "Délai",
    "Devise", "Unité de prix", "Longueur", "Prix 10+",
)  # fmt: skip


class TestProperties(BaseCase):
    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.lists(CELL, min_size=14, max_size=14), min_size=1, max_size=8))
    def test_rows_in_are_accepted_or_quarantined(self, table):
        raw = readers.RawFrame.from_sample(COLUMNS, table, range(2, 2 + len(table)))
        mapping = Mapping.from_proposal(automap.propose(COLUMNS, raw.frame))
        batch = pipeline.process(raw, mapping)
        self.assertEqual(batch.row_count, len(raw))
        steps = batch.details.loc[batch.details["rule"] == "quantity-step", "line"]
        self.assertEqual(len(steps), batch.merged_count)
        lines = sorted([*batch.accepted["line"], *batch.quarantined["line"], *steps])
        self.assertEqual(lines, raw.lines.tolist())
        self.assertTrue((batch.accepted["purchase_price"] > 0).all())
        self.assertTrue(batch.accepted["supplier_sku"].notna().all())
        self.assertTrue(batch.accepted["supplier_sku"].is_unique)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.lists(CELL, min_size=14, max_size=14), min_size=1, max_size=6))
    def test_normalising_twice_changes_nothing(self, table):
        fields = {
            "supplier_sku": "supplier_sku", "gtin": "ean", "name": "name",
            "purchase_price": "purchase_price", "stock_quantity": "stock_quantity",
            "recommended_retail_price": "recommended_retail_price", "currency": "currency",
            "minimum_order_quantity": "minimum_order_quantity", "weight_g": "weight",
            "lead_time_days": "lead_time_days", "length_mm": "length",
        }  # fmt: skip
        raw = readers.RawFrame.from_sample(COLUMNS, table, range(2, 2 + len(table)))
        mapping = Mapping.from_proposal(automap.propose(COLUMNS, raw.frame))
        once = pipeline.process(raw, mapping).accepted
        if once.empty:
            return
        text = io.StringIO()
        once[list(fields)].to_csv(text, index=False, quoting=csv.QUOTE_ALL, lineterminator="\n")
        cells = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
        again = pipeline.process(
            readers.RawFrame.from_sample(list(fields), cells[1:], once["line"].tolist()),
            Mapping(
                fields,
                units={"weight": "g", "length": "mm"},
                prices_include_vat=False,
                retail_includes_vat=False,
            ),
        ).accepted
        for column in fields:
            first, second = once[column].tolist(), again[column].tolist()
            for one, other in zip(first, second, strict=True):
                self.assertTrue(
                    one == other or (one != one and other != other), (column, one, other)
                )

    @settings(max_examples=150, deadline=None)
    @given(
        st.binary(max_size=300) | st.text(alphabet='ab1;,"\n\té €.', max_size=200).map(str.encode)
    )
    def test_any_bytes_are_read_or_refused(self, data):
        try:
            found = preview.preview(data)
        except UnreadableFile as error:
            self.assertIn(error.rule, FILE_RULES)
            return
        counts = found["counts"]
        self.assertEqual(counts["rows"], counts["accepted"] + counts["quarantined"])
        json.dumps(found)

    @settings(max_examples=20, deadline=None)
    @given(st.data())
    def test_every_column_gets_one_answer_and_no_field_two(self, data):
        header = st.sampled_from([*COLUMNS, "EAN", "Prix", "", "Qté 1", "Prix 1"]) | st.text(
            max_size=30
        )
        headers = data.draw(st.lists(header, min_size=1, max_size=10))
        names = shape.unique_names([arrow.encodable(" ".join(name.split())) for name in headers])
        row = st.lists(CELL, min_size=len(names), max_size=len(names))
        raw = readers.RawFrame.from_sample(
            names, table := data.draw(st.lists(row, max_size=6)), range(2, 2 + len(table))
        )
        known = st.sampled_from([None, *FIELDS])
        remembered = Memory(
            names,
            [Fact(name, key(name), data.draw(known), 1, 1, confirmed=1) for name in names[::2]],
            feed=1,
            supplier=1,
        )
        found = automap.propose(names, raw.frame, data.draw(st.sampled_from([None, remembered])))
        self.assertEqual([item.column for item in found], list(names))
        taken = [item.field for item in found if item.field and item.field not in REPEATABLE]
        self.assertEqual(len(taken), len(set(taken)))
        for item in found:
            self.assertTrue(item.why)
            self.assertTrue(0 <= item.confidence <= 1)
            self.assertFalse(item.field and item.level == "asked")
            self.assertNotIn(item.field, item.alternatives)
        mapping = settle(Mapping.from_proposal(found), raw)
        written = json.loads(json.dumps(mapping.to_json()))
        self.assertEqual(Mapping.from_json(written), mapping)
