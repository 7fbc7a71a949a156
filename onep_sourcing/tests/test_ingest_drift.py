"""What changed in a supplier's file, and what of it a person has to see."""

import json

import pandas as pd

from odoo.tests.common import BaseCase

from ..ingest import arrow
from ..ingest.automap import drift
from ..ingest.automap.fingerprint import KEPT_ROWS, Layout, fingerprint

ROWS = 40
FIELDS = {
    "Réf": "supplier_sku",
    "EAN": "ean",
    "Désignation": "name",
    "PA HT": "purchase_price",
    "PVC": "recommended_retail_price",
    "Poids (kg)": "weight",
    "Stock": "stock_quantity",
    "Colisage": "pack_size",
    "Page": None,
}


def ean(number):
    body = f"376000000{number:03d}"
    total = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def price(number):
    return 3.1 + number * 1.37


def decimal(value):
    return f"{value:.2f}".replace(".", ",")


def file(rows=ROWS):
    """The accepted file: header → cells."""
    numbers = range(1, rows + 1)
    return {
        "Réf": [f"A-{n:03d}" for n in numbers],
        "EAN": [ean(n) for n in numbers],
        "Désignation": [f"Lampe modèle {n} en laiton" for n in numbers],
        "PA HT": [decimal(price(n)) for n in numbers],
        "PVC": [decimal(price(n) * 2.2) for n in numbers],
        "Poids (kg)": [decimal(0.2 + n / 10) for n in numbers],
        "Stock": [str(n * 3 % 50) for n in numbers],
        "Colisage": [str((6, 10, 12)[n % 3]) for n in numbers],
        "Page": [str(10 + n // 5) for n in numbers],
    }


def layout(columns):
    return Layout.of(list(columns), pd.DataFrame(columns, dtype=str))


def rename(columns, **names):
    """With columns under other headers, in their places."""
    return {names.get(name, name): cells for name, cells in columns.items()}


class TestDrift(BaseCase):
    def compare(self, columns, before=None, fields=None, **options):
        """What changed, as if the accepted file had been kept and read again."""
        kept = json.loads(json.dumps(layout(before or file()).to_json()))
        options = {"vat_rates": (0.2, 0.055)} | options
        return drift.compare(Layout.from_json(kept), layout(columns), fields or FIELDS, **options)

    def only(self, found, kind, holds=True):
        """The one difference."""
        self.assertEqual(
            [(change.kind, change.holds) for change in found.changes], [(kind, holds)], found
        )
        self.assertEqual(found.holds, holds)
        return found.changes[0]

    def test_the_same_layout_does_not_drift(self):
        columns = file()
        columns["PA HT"] = [decimal(price(n) * 1.04) for n in range(1, ROWS + 1)]
        columns["Stock"] = [str(n * 7 % 90) for n in range(1, ROWS + 1)]
        found = self.compare(columns)
        self.assertEqual(found.changes, ())
        self.assertEqual(found.origins, {name: name for name in FIELDS})

    def test_another_decimal_style_is_no_drift(self):
        columns = file()
        for name in ("PA HT", "PVC", "Poids (kg)"):
            columns[name] = [cell.replace(",", ".") for cell in columns[name]]
        self.assertEqual(self.compare(columns).changes, ())

    def test_a_renamed_column_is_found_by_its_values(self):
        found = self.compare(rename(file(), **{"PA HT": "Tarif revendeur"}))
        change = self.only(found, "renamed")
        self.assertEqual(
            (change.column, change.before, change.after, change.field),
            ("Tarif revendeur", "PA HT", "Tarif revendeur", "purchase_price"),
        )
        self.assertEqual(found.origins["Tarif revendeur"], "PA HT")
        self.assertEqual(
            change.evidence.message, "100 % of the articles have the same value in it."
        )
        self.assertEqual(change.reason.message, "“PA HT” is called “Tarif revendeur” now.")

    def test_a_renamed_price_is_found_though_prices_moved(self):
        columns = rename(file(), **{"PA HT": "Tarif revendeur", "Page": "Folio"})
        columns["Tarif revendeur"] = [decimal(price(n) * 1.05) for n in range(1, ROWS + 1)]
        found = self.compare(columns)
        self.assertEqual(found.origins["Tarif revendeur"], "PA HT")
        self.assertEqual(found.origins["Folio"], "Page")
        self.assertEqual([change.column for change in found.held], ["Tarif revendeur"])

    def test_two_renamed_prices_are_not_swapped(self):
        columns = rename(file(), **{"PA HT": "Prix A", "PVC": "Prix B"})
        found = self.compare(columns)
        self.assertEqual((found.origins["Prix A"], found.origins["Prix B"]), ("PA HT", "PVC"))

    def test_the_identifier_itself_may_be_renamed(self):
        found = self.compare(rename(file(), Réf="Code produit"))
        self.assertEqual(self.only(found, "renamed").before, "Réf")

    def test_only_a_date_in_a_header_is_harmless(self):
        fields = {("Stock au 25/11/2026" if name == "Stock" else name): field
                  for name, field in FIELDS.items()}  # fmt: skip
        before = rename(file(), Stock="Stock au 25/11/2026")
        found = self.compare(rename(file(), Stock="STOCK AU 26/11/2026"), before, fields)
        change = self.only(found, "renamed", holds=False)
        self.assertEqual(found.origins[change.column], "Stock au 25/11/2026")

    def test_a_date_that_tells_two_columns_apart_holds(self):
        fields = {("Tarif 2026" if name == "PA HT" else name): field
                  for name, field in FIELDS.items()}  # fmt: skip
        before = rename(file(), **{"PA HT": "Tarif 2026"}) | {"Tarif 2025": file()["PVC"]}
        after = rename(file(), **{"PA HT": "Tarif 2027"}) | {"Tarif 2026": file()["PA HT"]}
        held = self.compare(after, before, fields).held
        change = next(change for change in held if change.kind == "renamed")
        self.assertEqual((change.column, change.before), ("Tarif 2027", "Tarif 2025"))
        self.assertIn("tells them apart", change.evidence.message)
        # the column that is found by its name is told of as well: it may be last year's now
        kept = next(change for change in held if change.kind == "kept")
        self.assertEqual((kept.column, kept.field), ("Tarif 2026", "purchase_price"))
        # neither is mapped: nobody is asked
        fields |= {"Tarif 2026": None}
        renamed = self.compare(after, before, fields).changes
        self.assertFalse(any(change.holds for change in renamed if change.kind == "renamed"))

    def test_an_unmapped_column_may_be_renamed(self):
        self.only(self.compare(rename(file(), Page="Page du catalogue")), "renamed", holds=False)

    def test_a_moved_column_is_harmless_when_names_are_unique(self):
        columns = file()
        stock = columns.pop("Stock")
        change = self.only(self.compare({"Stock": stock, **columns}), "moved", holds=False)
        self.assertEqual((change.column, change.before, change.after), ("Stock", "7", "1"))
        self.assertEqual(self.compare({"Stock": stock, **columns}, is_named=True).changes, ())

    def test_a_new_first_column_moves_nothing(self):
        found = self.compare({"Remarque": ["x"] * ROWS, **file()})
        self.only(found, "new", holds=False)

    def test_a_moved_column_holds_when_its_name_repeats(self):
        fields = FIELDS | {"Prix": "purchase_price", "Prix (2)": "recommended_retail_price"}
        fields = {name: field for name, field in fields.items() if name not in ("PA HT", "PVC")}
        before = rename(file(), **{"PA HT": "Prix", "PVC": "Prix (2)"})
        after = dict(before)
        last = after.pop("Prix (2)")
        found = self.compare({"Prix (2)": last, **after}, before, fields)
        self.assertEqual(self.only(found, "moved").column, "Prix (2)")
        # the unique names hide the move: the values tell
        swapped = before | {"Prix": before["Prix (2)"], "Prix (2)": before["Prix"]}
        found = self.compare(swapped, before, fields)
        self.assertEqual({change.kind for change in found.held}, {"content"})

    def test_a_new_column_that_fills_nothing_is_harmless(self):
        found = self.compare(file() | {"Remarque": ["–"] * ROWS})
        change = self.only(found, "new", holds=False)
        self.assertNotIn("Remarque", found.origins)
        self.assertIsNone(change.field)

    def test_a_new_column_that_looks_like_a_mapped_field_holds(self):
        columns = file() | {"Prix d'achat net": [decimal(price(n) * 0.9) for n in range(ROWS)]}
        change = self.only(self.compare(columns), "new")
        self.assertEqual(change.field, "purchase_price")
        self.assertIn("PA HT", change.evidence.message)

    def test_a_new_column_for_a_field_nothing_fills_is_told_and_goes_on(self):
        change = self.only(
            self.compare(file() | {"Fabricant": ["Lumo"] * ROWS}, proposed={"Fabricant": "brand"}),
            "new",
            holds=False,
        )
        self.assertEqual(change.field, "brand")

    def test_a_mapped_column_that_is_gone_holds(self):
        columns = file()
        del columns["Stock"]
        change = self.only(self.compare(columns), "gone")
        self.assertEqual((change.column, change.field), ("Stock", "stock_quantity"))
        columns = file()
        del columns["Page"]
        self.only(self.compare(columns), "gone", holds=False)

    def test_gone_and_new_are_not_one_column_when_nothing_agrees(self):
        columns = rename(file(), Stock="Garantie")
        columns["Garantie"] = ["deux ans, pièces et main d'œuvre"] * ROWS
        found = self.compare(columns)
        self.assertEqual({change.kind for change in found.changes}, {"new", "gone"})

    def test_without_fingerprints_names_alone_are_compared(self):
        before = Layout(tuple(FIELDS))
        after = layout(
            rename(
                file(), **{"PA HT": "Col. H", "Désignation": "DESIGNATION", "PVC": "Prix public"}
            )
        )
        found = drift.compare(before, after, FIELDS)
        kinds = {change.column: (change.kind, change.holds) for change in found.changes}
        self.assertEqual(kinds["DESIGNATION"], ("renamed", False))
        self.assertEqual(kinds["PA HT"], ("gone", True))
        self.assertEqual(kinds["Col. H"], ("new", False))
        self.assertEqual(kinds["Prix public"], ("renamed", True))

    # units

    def test_kilograms_that_became_grams(self):
        columns = file()
        columns["Poids (kg)"] = [str(200 + n * 100) for n in range(1, ROWS + 1)]
        change = self.only(self.compare(columns), "unit")
        self.assertEqual(change.field, "weight")
        self.assertEqual(change.evidence.message, "The same articles have 1000 times the value.")
        self.assertEqual((change.before, change.after), ("2.25", "2250"))

    def test_grams_said_by_the_header(self):
        columns = rename(file(), **{"Poids (kg)": "Poids (g)"})
        columns["Poids (g)"] = [str(200 + n * 100) for n in range(1, ROWS + 1)]
        found = self.compare(columns)
        unit = next(change for change in found.changes if change.kind == "unit")
        self.assertEqual((unit.before, unit.after), ("kg", "g"))
        self.assertEqual(found.origins["Poids (g)"], "Poids (kg)")

    def test_other_articles_in_grams_are_told_by_their_magnitude(self):
        columns = {
            name: [f"B{cell}" if name in ("Réf", "Désignation") else cell for cell in cells]
            for name, cells in file().items()
        }
        columns["EAN"] = [ean(500 + n) for n in range(ROWS)]
        columns["Poids (kg)"] = [str(300 + n * 90) for n in range(ROWS)]
        change = self.only(self.compare(columns), "unit")
        self.assertEqual(change.evidence.rule, "drift-magnitude-up")

    def test_a_price_of_a_package_instead_of_a_piece(self):
        packs = [int(cell) for cell in file()["Colisage"]]
        columns = file()
        columns["PA HT"] = [decimal(round(price(n), 2) * pack) for n, pack in enumerate(packs, 1)]
        change = self.only(self.compare(columns), "unit")
        self.assertEqual(change.evidence.rule, "drift-per-package")
        back = self.compare(file(), columns)
        self.assertEqual(self.only(back, "unit").evidence.rule, "drift-per-piece")

    def test_a_package_said_by_the_header(self):
        found = self.compare(rename(file(), **{"PA HT": "Prix HT carton"}))
        self.assertEqual(
            {(change.kind, change.evidence.rule) for change in found.held},
            {("renamed", "drift-same-values"), ("unit", "drift-header-package")},
        )

    def test_prices_in_cents(self):
        columns = file()
        columns["PA HT"] = [str(round(price(n) * 100)) for n in range(1, ROWS + 1)]
        change = self.only(self.compare(columns), "unit")
        self.assertEqual((change.evidence.rule, change.field),
                         ("drift-ratio-up", "purchase_price"))  # fmt: skip

    def test_vat_by_the_header(self):
        columns = rename(file(), **{"PA HT": "PA TTC"})
        columns["PA TTC"] = [decimal(price(n) * 1.2) for n in range(1, ROWS + 1)]
        rules = {change.evidence.rule for change in self.compare(columns).held}
        self.assertIn("drift-vat-in", rules)

    def test_vat_by_the_ratio(self):
        fields = {("Prix" if name == "PA HT" else name): field for name, field in FIELDS.items()}
        before = rename(file(), **{"PA HT": "Prix"})
        columns = dict(before)
        columns["Prix"] = [decimal(price(n) * 1.2) for n in range(1, ROWS + 1)]
        change = self.only(self.compare(columns, before, fields), "unit")
        self.assertEqual(
            (change.evidence.rule, change.evidence.params), ("drift-vat-added", {"rate": "20"})
        )
        change = self.only(self.compare(before, columns, fields), "unit")
        self.assertEqual(change.evidence.rule, "drift-vat-left")

    def test_a_header_that_begins_to_say_what_was_so_already(self):
        fields = {("Prix" if name == "PVC" else name): field for name, field in FIELDS.items()}
        found = self.compare(rename(file(), PVC="Prix TTC"), rename(file(), PVC="Prix"), fields)
        self.assertEqual([change.kind for change in found.changes], ["renamed"])

    def test_another_currency_by_its_sign_or_column(self):
        columns = file()
        columns["PA HT"] = [f"{cell} $" for cell in columns["PA HT"]]
        change = self.only(self.compare(columns, currency="EUR"), "unit")
        self.assertEqual((change.before, change.after), ("EUR", "USD"))
        self.assertEqual(self.compare(columns, currency="USD").changes, ())
        before = file() | {"Devise": ["EUR"] * ROWS}
        after = file() | {"Devise": ["USD"] * ROWS}
        change = self.only(self.compare(after, before, FIELDS | {"Devise": "currency"}), "unit")
        self.assertEqual((change.column, change.after), ("Devise", "USD"))

    def test_values_that_moved_below_headers_that_stayed(self):
        columns = file()
        columns["Réf"], columns["Désignation"] = columns["Désignation"], columns["Réf"]
        found = self.compare(columns)
        self.assertEqual(
            {(change.kind, change.column) for change in found.held},
            {("content", "Réf"), ("content", "Désignation")},
        )

    def test_words_below_a_header_that_had_figures(self):
        columns = file() | {"PVC": ["voir catalogue"] * ROWS}
        change = self.only(self.compare(columns), "content")
        self.assertEqual((change.column, change.evidence.rule), ("PVC", "drift-other-kind"))

    def test_a_few_rows_are_not_judged_by_their_size(self):
        columns = {name: cells[:3] for name, cells in file().items()}
        columns["Réf"] = ["Z-1", "Z-2", "Z-3"]
        columns["EAN"] = ["", "", ""]
        columns["Désignation"] = ["4711", "4712", "4713"]
        columns["Poids (kg)"] = ["900", "1100", "1300"]
        self.assertEqual(self.compare(columns).changes, ())

    def test_a_file_of_few_rows_leaves_what_is_known(self):
        whole, few = layout(file()), layout({name: cells[:3] for name, cells in file().items()})
        self.assertIs(few.or_fuller(whole).prints, whole.prints)
        self.assertIs(whole.or_fuller(few), whole)
        other = layout({"Réf": ["A"], "Prix": ["1"]})
        self.assertIs(other.or_fuller(whole), other)

    def test_columns_looked_at_together_are_as_looked_at_alone(self):
        columns = file() | {
            "Vide": [""] * ROWS,
            "Dispo": ["en stock", "rupture", "", " en stock "] * (ROWS // 4),
            "Photo": [f"https://example.com/{n % 3}.jpg" for n in range(ROWS)],
            "Prix TTC": [f"{n},5 € TTC" for n in range(ROWS)],
            "Price": [f"$1,{n:03d}.50" if n % 2 else "" for n in range(ROWS)],
        }
        together = layout(columns)
        for name, cells in columns.items():
            self.assertEqual(together.print_of(name), layout({name: cells}).print_of(name), name)
        found = together.print_of("Dispo")
        self.assertEqual((found.share("filled"), found.share("availability")), (0.75, 1.0))
        self.assertEqual((found.share("distinct"), found.share("numeric")), (2 / 30, 0.0))
        self.assertEqual(found.cells[0], found.cells[3])
        self.assertEqual(found.cells[2], 0)
        taxed, price = together.print_of("Prix TTC"), together.print_of("Price")
        self.assertEqual((taxed.taxed, taxed.currency, taxed.numbers[3]), (True, "EUR", 3.5))
        self.assertEqual((price.currency, price.numbers[:2]), ("USD", (None, 1001.5)))
        self.assertEqual(together.print_of("EAN").share("gtin"), 1.0)
        self.assertEqual(together.print_of("Photo").share("url"), 1.0)
        self.assertFalse(together.print_of("Vide").is_known)

    def test_a_fingerprint_keeps_little(self):
        column = pd.Series([f"{n},50" for n in range(500)], dtype=str)
        kept = fingerprint(arrow.text(column), "Prix HT").to_json()
        self.assertEqual(len(kept["cells"]), KEPT_ROWS)
        self.assertIs(kept["taxed"], False)
        self.assertLess(len(json.dumps(kept)), 2000)
