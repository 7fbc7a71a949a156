import base64

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form

from ..engine import table_file
from .margin_case import MarginCase


class TestCarrierImport(MarginCase):
    """A carrier's file becomes a grid, whole or not at all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Grid = cls.env["onep.carrier.grid"]
        cls.grid = cls.env.ref("onep_margin.carrier_colissimo_fr_2026").with_env(cls.env)

    def fill(self, content, replaced=None, **vals):
        context = {
            "active_model": "onep.carrier.grid",
            "active_id": replaced and replaced.id,
            "default_file_name": "tarif.csv",
        }
        form = Form(self.env["onep.carrier.import"].with_context(**context))
        form.file = base64.b64encode(content)
        for name, value in vals.items():
            form[name] = value
        return form

    def imported(self, form):
        return self.Grid.browse(form.save().action_import()["res_id"])

    def test_a_new_carrier(self):
        form = self.fill(
            b"Poids (kg);Corse;Continent;Carburant\n0,5;7,10;5,10;12 %\n1;9;6,20;12 %\n",
            name="DPD Predict", code="dpd_predict", valid_from="2026-06-01",
        )  # fmt: skip
        self.assertEqual(form.weight_unit, "kg")
        self.assertEqual(form.country_id, self.france)
        self.assertIn("7.10", form.preview)
        self.assertEqual(form.zone_names, "Corse, Continent")
        self.assertIn("Every price is for a zone", form.preview)
        form.usual_zone = "Bretagne"
        self.assertIn("no zone Bretagne. Its zones: Continent, Corse", form.preview)
        form.usual_zone = "Continent"
        self.assertEqual(form.problem_count, 0)
        self.assertNotIn("Every price is for a zone", form.preview)
        grid = self.imported(form)
        self.assertEqual(grid.usual_zone, "Continent")
        self.assertEqual((grid.fuel_rate, grid.currency_id), (0.12, self.euro))
        self.assertEqual(
            [(line.zone, line.weight_max_g, line.amount) for line in grid.line_ids.sorted()],
            [
                ("Continent", 500.0, 5.1),
                ("Continent", 1000.0, 6.2),
                ("Corse", 500.0, 7.1),
                ("Corse", 1000.0, 9.0),
            ],
        )
        self.assertEqual(set(grid.line_ids.mapped("source")), {"tarif.csv"})

    def test_there_and_back(self):
        """What is exported and imported again is the same grid."""
        self.grid.write({"fuel_rate": 0.1275, "volumetric_divisor": 5000.0, "fixed_amount": 0.35})
        self.grid.line_ids.create(
            {"grid_id": self.grid.id, "zone": "Corse", "weight_max_g": 0, "amount": 40.0}
        )
        self.grid.supplement_ids = [
            Command.create({"name": "Signature", "code": "sign", "amount": 1.2}),
            Command.create({"name": "Long parcel", "above_longest_mm": 800, "amount": 6.0}),
            Command.create({"name": "Gone", "code": "gone", "amount": 9.0, "active": False}),
        ]
        action = self.grid.action_export()
        attachment = self.env["ir.attachment"].browse(
            int(action["url"].split("/")[3].split("?")[0])
        )
        form = self.fill(attachment.raw, self.grid, valid_from="2027-01-01")
        self.assertEqual(form.problem_count, 0)
        copy = self.imported(form)
        self.assertEqual(str(self.grid.valid_to), "2026-12-31")
        for name in ("fuel_rate", "volumetric_divisor", "fixed_amount", "max_sum_mm", "code"):
            self.assertEqual(copy[name], self.grid[name], name)
        # No file says what options cost: a grid without them would take no parcel that asks one.
        self.assertEqual(
            [(row.name, row.code, row.amount) for row in copy.supplement_ids],
            [("Signature", "sign", 1.2), ("Long parcel", False, 6.0)],
        )
        self.assertEqual(len(self.grid.supplement_ids), 3)
        self.assertEqual(
            copy.line_ids.sorted().mapped(lambda line: (line.zone, line.weight_max_g, line.amount)),
            self.grid.line_ids.sorted().mapped(
                lambda line: (line.zone, line.weight_max_g, line.amount)
            ),
        )

    def test_the_template_is_read_without_a_question(self):
        rows = [self.Grid._get_file_header(), *self.Grid._get_file_example()]
        for content in (table_file.write_xlsx(rows, "template"), table_file.write_csv(rows)):
            form = self.fill(content)
            self.assertEqual((form.problem_count, form.price_count), (0, len(rows) - 1))
            self.assertEqual((form.weight_unit, form.fuel_rate), ("g", 0.125))

    def test_nothing_half_saved(self):
        before = self.Grid.search_count([])
        content = b"Poids (kg);Prix\n0,5;5\n1;sur devis\n1;6\n1;7\n"
        form = self.fill(content, self.grid, valid_from="2027-01-01")
        self.assertEqual(form.problem_count, 2)
        self.assertIn("“sur devis” is not a price", form.preview)
        with self.assertRaisesRegex(UserError, "(?s)Nothing was imported.*Line 3.*Line 5"):
            form.save().action_import()
        self.assertEqual(self.Grid.search_count([]), before)
        self.assertFalse(self.grid.valid_to)

    def test_columns_are_corrected_by_hand(self):
        content = b"X;Y;Z\n0,5;5;x\n1;6;y\n"
        form = self.fill(content, name="By hand", code="hand")
        self.assertIn("No column holds the weights", form.preview)
        for place, role in enumerate(("weight_to", "price", "ignore")):
            with form.column_ids.edit(place) as column:
                column.role = role
        self.assertIn("kilograms or grams", form.preview)
        form.weight_unit = "kg"
        self.assertEqual((form.problem_count, form.price_count), (0, 2))
        self.assertEqual(self.imported(form).line_ids.mapped("weight_max_g"), [500.0, 1000.0])

    def test_not_a_table(self):
        with self.assertRaisesRegex(UserError, "CSV or XLSX"):
            self.fill(b"hello")
