import base64
import json

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests.common import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .mapping_case import SURE_LIST, MappingCase


@tagged("standard", "post_install", "-at_install")
class TestMappingTake(MappingCase):
    """Mappings exported, imported and copied from another feed."""

    def take(self, upload, **vals):
        upload.env["onep.mapping.take"].create({"upload_id": upload.id, **vals}).action_take()

    def test_a_mapping_is_exported_and_imported(self):
        upload = self.upload(SURE_LIST)
        self.value(upload, "pack_size", "6")
        self.line(upload, "Prix net HT").adjustment = "× 0.5"
        self.line(upload, "Marque").field = "category"
        self.decide(upload, scope="delta")
        values = self.exported(upload.action_export_mapping())
        self.assertEqual(values["format"], "1up-sourcing-mapping")
        other = self.upload("prix  NET ht;Référence;Marque;Zone\n12,50;A-1;Toka;7\n")
        data = base64.b64encode(json.dumps(values).encode())
        self.take(other, source="file", file=data)
        fields = {line.column: line.field for line in other.line_ids}
        self.assertEqual(fields["Marque"], "category")
        self.assertEqual(fields["prix NET ht"], "purchase_price")
        self.assertEqual(other.kind, "delta")
        self.assertEqual(other.value_ids.mapped("value"), ["6"])
        self.assertEqual(other.preview["rows"][0]["cells"]["purchase_price"], "6.25")
        self.assertIn("3 of 4 columns", other.taken_text)
        self.assertIn("Désignation", other.taken_text)
        self.assertIn("Zone", other.taken_text)

    def test_a_mapping_is_copied_from_another_feed(self):
        first = self.upload(SURE_LIST)
        self.line(first, "Marque").field = "category"
        self.line(first, "Référence").adjustment = '"X-" + []'
        first._create_import()
        partner = self.env["res.partner"].create({"name": "Autre"})
        other = self.upload(SURE_LIST.replace("Référence", "REFERENCE"), "autre.csv")
        other.write({"feed_id": False, "partner_id": partner.id})
        self.take(other, feed_id=first.feed_id.id)
        self.assertEqual(self.line(other, "Marque").field, "category")
        self.assertIn("Not in this file: Référence", other.taken_text)
        self.assertEqual(
            self.exported(first.feed_id.action_export_mapping())["columns"][2],
            {"column": "Marque", "field": "category"},
        )

    def test_what_the_mapping_says_of_vat_beats_what_the_screen_had(self):
        upload = self.upload(SURE_LIST)
        self.decide(upload, vat="taxed", weight_unit="g")
        self.take(upload, feed_id=self.upload(SURE_LIST)._create_import().feed_id.id)
        self.assertFalse(upload.prices_include_vat)
        self.assertEqual(upload.decisions, {"vat": "untaxed", "weight_unit": "g"})

    def test_columns_whose_names_differ_by_case_alone_are_told_apart(self):
        upload = self.upload("Référence;PRIX;Prix;prix\nA-1;9,00;12,50;3\n")
        columns = [("Référence", "supplier_sku"), ("Prix", "purchase_price"), ("PRIX", None),
                   ("PriX ", "stock_quantity"), ("prix", None), ("pRIX", "ean")]  # fmt: skip
        items = [{"column": column, "field": field} for column, field in columns]
        values = {"format": "1up-sourcing-mapping", "version": 1, "columns": items[:4]}
        self.take(upload, source="file", file=base64.b64encode(json.dumps(values).encode()))
        fields = {line.column: line.field for line in upload.line_ids}
        self.assertEqual(
            fields,
            {
                "Référence": "supplier_sku",
                "PRIX": False,
                "Prix": "purchase_price",
                "prix": "stock_quantity",
            },
        )
        values["columns"] = items
        self.take(upload, source="file", file=base64.b64encode(json.dumps(values).encode()))
        self.assertFalse(self.line(upload, "prix").field)
        self.assertIn("Not in this file: PriX , pRIX", upload.taken_text)

    def test_the_mapping_of_quite_another_file_changes_nothing(self):
        first = self.upload("Code;Libellé;Tarif net HT\nA-1;Lampe;12,50\nA-2;Table;9,00\n")
        self.decide(first, scope="delta")
        first._create_import()
        upload = self.upload(SURE_LIST)
        self.value(upload, "pack_size", "6")
        self.take(upload, feed_id=first.feed_id.id)
        self.assertIn("0 of 4 columns", upload.taken_text)
        self.assertEqual((upload.kind, upload.value_ids.mapped("value")), ("full", ["6"]))
        self.assertEqual(self.line(upload, "Prix net HT").field, "purchase_price")

    def test_a_file_that_is_no_mapping_says_so(self):
        upload = self.upload(SURE_LIST)
        head = b'{"format": "1up-sourcing-mapping", "version": 1, '
        for data, words in (
            (b"a;b", "no exported mapping"),
            (b'{"columns": []}', "no exported mapping"),
            (b'{"format": "1up-sourcing-mapping", "version": 9}', "newer version"),
            (head + b'"columns": [3]}', "damaged"),
            (b"[" * 100_000, "no exported mapping"),
            (head + b'"columns": [], "constants": {"brand": "a\\u0000"}}', "damaged"),
            (head + b'"columns": [{"column": "\\ud800", "field": "ean"}]}', "damaged"),
        ):
            with self.subTest(data=data), self.assertRaisesRegex(UserError, words):
                self.take(upload, source="file", file=base64.b64encode(data))

    def test_an_edited_mapping_says_what_cannot_be(self):
        upload = self.upload(SURE_LIST)
        values = {
            "format": "1up-sourcing-mapping",
            "version": 1,
            "columns": [{"column": "Référence", "field": "supplier_sku"}],
        }
        for edited, words in (
            ({"confirmed": {"price_basis": "dozen"}}, '“price_basis” cannot be "dozen"'),
            ({"confirmed": {"decimal": ";"}}, '“decimal” cannot be ";"'),
            ({"confirmed": {"weight_unit": ["kg"]}}, "“weight_unit” cannot be"),
            ({"vat_rate": "20 %"}, '“vat_rate” cannot be "20 %"'),
            ({"currency": ["EUR"]}, "“currency” cannot be"),
            ({"content": {}}, "“content” cannot be"),
            ({"prices_include_vat": "no"}, "“prices_include_vat” cannot be"),
            ({"constants": {"brand": ["Lego"]}}, "“brand” cannot be"),
        ):
            data = base64.b64encode(json.dumps(values | edited).encode())
            with self.subTest(edited=edited), self.assertRaisesRegex(UserError, words):
                self.take(upload, source="file", file=data)
        joined = {"ean": {"parts": [{"column": "Référence"}, {"text": "-"}]}}
        sound = {
            "confirmed": {"price_basis": "10", "weight_unit": "mg", "later": 1},
            "vat_rate": 5.5,
            "currency": "EUR",
            "constants": {"pack_size": 6, "ean": "3770000000016"},
            "expressions": joined,
        }
        data = base64.b64encode(json.dumps(values | sound).encode())
        self.take(upload, source="file", file=data)
        self.assertEqual(upload.decisions, {"price_basis": "10", "weight_unit": "mg"})
        self.assertEqual(upload.value_ids.mapped("value"), ["6"])

    def test_only_feeds_of_the_company_are_offered(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.feed.copy({"company_id": elsewhere.id})
        upload = self.upload(SURE_LIST)
        arch = etree.fromstring(upload.get_view(view_type="form")["arch"])
        domains = [
            node.get("domain") for node in arch.iter("field") if node.get("name") == "feed_id"
        ]
        offered = self.env["onep.supplier.feed"].sudo()
        for domain in filter(None, domains):
            offered |= offered.search(safe_eval(domain, {"company_id": upload.company_id.id}))
        self.assertIn(self.feed, offered)
        self.assertNotIn(theirs, offered)

    def test_feeds_of_other_companies_stay_theirs(self):
        first = self.upload(SURE_LIST)
        first._create_import()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            login="stranger",
            groups="onep_sourcing.group_sourcing_user",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        mine = (
            self.env["onep.feed.upload"]
            .with_user(stranger)
            .with_context(allowed_company_ids=elsewhere.ids)
            ._create_from_file("tarif.csv", SURE_LIST.encode())
        )
        with self.assertRaises(AccessError):
            self.take(mine, feed_id=first.feed_id.id)
        with self.assertRaisesRegex(UserError, "same company"):
            self.take(mine.sudo(), feed_id=first.feed_id.id)
