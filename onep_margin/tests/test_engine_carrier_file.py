from odoo.tests import BaseCase, tagged

from ..engine import carrier_file, table_file


@tagged("standard", "post_install", "-at_install")
class TestCarrierFile(BaseCase):
    """Grids as carriers send them: each row gives a price, or says what is wrong with it."""

    def grid_of(self, text, unit=None):
        content = text if isinstance(text, bytes) else text.encode()
        rows = table_file.read(content)
        header = carrier_file.find_header(rows)
        columns = carrier_file.recognise(rows, header)
        self.roles = [column.role for column in columns]
        unit = unit or carrier_file.weight_unit(columns)
        names = [column.header for column in columns]
        return carrier_file.parse(rows, header, self.roles, unit, names)

    def figures(self, grid):
        return [(price.zone, price.weight_to_g, price.amount) for price in grid.prices]

    def problems(self, grid):
        return [(problem.line, problem.key) for problem in grid.problems]

    def test_a_french_list_under_a_title(self):
        grid = self.grid_of(
            "Tarif 2027;;\n;;\nPoids jusqu'à (kg);Prix HT;Surcharge carburant\n"
            "0,25;5,25 €;12,5 %\n0,5;1 007,35;\n2;10,70;12,5 %\n".encode("cp1252")
        )
        self.assertEqual(self.roles, ["weight_to", "price", "fuel"])
        self.assertEqual(
            self.figures(grid), [("", 250.0, 5.25), ("", 500.0, 1007.35), ("", 2000.0, 10.7)]
        )
        self.assertEqual(grid.settings, {"fuel": 0.125})
        self.assertFalse(grid.problems)

    def test_a_column_for_each_zone(self):
        grid = self.grid_of("Tranche;Zone 1;Zone 2\n0 - 0,5 kg;4,10;5,20\n0,5 à 1 kg;4,60;\n")
        self.assertEqual(self.roles, ["weight_to", "zone_price", "zone_price"])
        self.assertEqual(
            self.figures(grid),
            [("Zone 1", 500.0, 4.1), ("Zone 2", 500.0, 5.2), ("Zone 1", 1000.0, 4.6)],
        )
        self.assertFalse(grid.problems)

    def test_a_wrong_cell_makes_no_column_pass_unseen(self):
        grid = self.grid_of("Poids (kg);Zone A;Zone B\n0,5;4,1;5,2\n1;sur devis;6\n2;7;8\n")
        self.assertEqual(self.roles, ["weight_to", "zone_price", "zone_price"])
        self.assertEqual(self.problems(grid), [(3, "price_unreadable")])

    def test_every_line_that_is_wrong_is_told(self):
        grid = self.grid_of(
            "from (kg);to (kg);zone;price;currency\n0;1;;5;EUR\n1;2;;sur devis;EUR\n2;3;;;EUR\n"
            ";;;6;EUR\n0;1;;7;EUR\n0;1;A;5;USD\n2;3;A;8;EUR\n5;4;B;9;EUR\nlourd;9;B;9;EUR\n"
            "0;9;C;0;EUR\n"
        )
        self.assertEqual(
            self.problems(grid),
            [
                (3, "price_unreadable"),
                (4, "price_missing"),
                (5, "weight_missing"),
                (6, "double"),
                (7, "setting_differs"),
                (8, "hole"),
                (9, "weight_order"),
                (10, "weight_unreadable"),
                (11, "price_not_positive"),
            ],
        )

    def test_no_price_column(self):
        self.assertEqual(
            self.problems(self.grid_of("Poids (kg);Délai\n1;J+1\n")), [(1, "no_price")]
        )

    def test_unit_is_never_guessed(self):
        rows = [["Poids", "Prix"], ["1", "5"]]
        self.assertEqual(carrier_file.weight_unit(carrier_file.recognise(rows, 0)), "")
        rows = [["Poids (g)", "Prix"], ["1", "5"]]
        self.assertEqual(carrier_file.weight_unit(carrier_file.recognise(rows, 0)), "g")

    def test_spreadsheet_and_text_are_read_alike(self):
        rows = [["weight_to_g", "zone", "price"], [250, "Corse", 5.25], ["", "Corse", 9.5]]
        rows[2].insert(0, None)
        rows = [["weight_from_g", *rows[0]], [0, *rows[1]], [250, *rows[2][1:]]]
        for content in (table_file.write_xlsx(rows, "grid"), table_file.write_csv(rows)):
            grid = self.grid_of(content)
            self.assertEqual(self.figures(grid), [("Corse", 250.0, 5.25), ("Corse", 0.0, 9.5)])
            self.assertFalse(grid.problems)

    def test_what_is_no_table(self):
        for content, key in (
            (b"", "empty"),
            (b"hello", "not_a_table"),
            (b"PK\x03\x04", "not_a_table"),
        ):
            with self.assertRaises(table_file.UnreadableFile) as caught:
                table_file.read(content)
            self.assertEqual(caught.exception.args[0], key)
