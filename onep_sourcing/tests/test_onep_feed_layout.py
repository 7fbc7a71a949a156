"""A supplier changes its file: what goes on, what waits, and one click to accept it."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..ingest.automap.fingerprint import Layout
from .feed_source_case import FeedSourceCase

COLUMNS = ("Réf", "EAN", "Désignation", "Prix HT", "Poids (kg)", "Stock", "Page")
ROWS = [
    (
        f"A-{number:02d}",
        "",
        f"Lampe modèle {number}",
        f"{5 + number * 1.3:.2f}".replace(".", ","),
        f"{0.3 + number / 8:.3f}".replace(".", ","),
        str(number * 7 % 40),
        str(number // 4 + 1),
    )
    for number in range(1, 31)
]


def file(columns=COLUMNS, rows=ROWS):
    return "\n".join(";".join(row) for row in (columns, *rows)).encode()


def with_cells(column, convert, columns=COLUMNS):
    """The file with the cells of a column converted."""
    place = COLUMNS.index(column)
    rows = [(*row[:place], convert(row[place]), *row[place + 1 :]) for row in ROWS]
    return file(columns, rows)


def renamed(**names):
    return tuple(names.get(column.split()[0], column) for column in COLUMNS)


@tagged("standard", "post_install", "-at_install")
class TestFeedLayout(FeedSourceCase):
    def setUp(self):
        super().setUp()
        self.upload = self.open(file())
        self.upload.line_ids.filtered(lambda line: line.column == "Page").field = False
        self.upload._create_import()
        self.run_import()

    def open(self, data, user=None):
        uploads = self.env["onep.feed.upload"].with_user(user or self.buyer)
        feed = self.feed.with_user(user or self.buyer)
        return uploads._create_from_file("tarif.csv", data, feed)

    def find(self, sku="A-01"):
        return self.env["onep.supplier.offer"].search(
            [("feed_id", "=", self.feed.id), ("supplier_sku", "=", sku)]
        )

    def receive(self, data):
        return self.feed._receive("tarif.csv", data)

    def test_a_feed_whose_mapping_is_sure_asks_nobody(self):
        self.assertEqual(self.receive(with_cells("Stock", lambda _cell: "3"))["rule"],
                         "file-imported")  # fmt: skip
        self.run_import()
        self.assertEqual(self.find().stock_quantity, 3)
        self.assertFalse(self.feed.activity_ids)

    def test_a_file_nobody_looks_at_is_looked_at_once(self):
        with patch.object(Layout, "of", side_effect=Layout.of) as look:
            self.receive(with_cells("Stock", lambda _cell: "3"))
        self.assertEqual(look.call_count, 1)
        self.assertEqual(self.feed._get_layout().print_of("Stock").sample, "3")

    def test_harmless_changes_go_on(self):
        columns = ("Remarque", "Stock", "Réf", "EAN", "Désignation", "PRIX HT", "Poids (kg)")
        rows = [("–", row[5], *row[:5]) for row in ROWS]
        entry = self.receive(file(columns, rows))
        self.assertEqual(entry["rule"], "file-imported", entry)
        run = self.run_import()
        self.assertEqual(run.accepted_count, 30)
        self.assertEqual(self.find().price_untaxed, 6.3)
        fields = {line.column: line.field for line in self.feed.mapping_ids}
        self.assertEqual((fields["PRIX HT"], fields["Remarque"]), ("purchase_price", False))
        # and this is what the next file is compared with
        self.assertEqual(self.feed.layout["columns"], list(columns))

    def test_a_renamed_column_waits_and_says_so(self):
        entry = self.receive(file(renamed(Prix="Tarif revendeur")))
        self.assertEqual(entry["rule"], "file-held")
        words = (
            "“Prix HT” is called “Tarif revendeur” now. "
            "100 % of the articles have the same value in it."
        )
        self.assertIn(words, self.feed.waiting_ids.reason_text)
        self.assertTrue(self.feed.waiting_ids.is_drifted)
        self.assertIn("Tarif revendeur", self.feed.activity_ids.note)

    def test_one_click_on_the_arrival_takes_it_over_and_is_remembered(self):
        data = file(renamed(Prix="Tarif revendeur"))
        self.receive(data)
        action = self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.assertEqual(action["res_model"], "onep.import")
        self.assertFalse(self.feed.waiting_count)
        run = self.run_import()
        self.assertEqual((run.accepted_count, self.find().price_untaxed), (30, 6.3))
        self.env.invalidate_all()
        self.assertFalse(self.feed.activity_ids)
        self.assertEqual(self.receive(data.replace(b"6,30", b"6,40"))["rule"], "file-imported")
        self.run_import()
        self.assertEqual(self.find().price_untaxed, 6.4)

    def adjust(self, **adjustments):
        """A file imported with adjustments, which the feed keeps."""
        upload = self.open(with_cells("Page", lambda _cell: "9"))
        for line in upload.line_ids:
            line.adjustment = adjustments.get(line.column.split()[0])
        upload._create_import()
        self.run_import()

    def test_an_amount_added_to_prices_waits_for_their_column(self):
        self.adjust(Prix="× 0,5 + 1,5")
        upload = self.open(file(renamed(Prix="Zone libre")))
        self.assertNotIn("purchase_price", upload.line_ids.mapped("field"))
        self.assertFalse(upload.value_ids)
        upload.action_accept_changes()
        self.run_import()
        self.assertEqual(self.find().price_untaxed, 4.65)
        self.assertEqual(self.feed.reading["expressions"]["purchase_price"]["factor"], 0.5)
        self.assertNotIn("constants", self.feed.reading)

    def test_an_amount_goes_to_the_column_a_person_points_at(self):
        self.adjust(Prix="+ 1,5")
        upload = self.open(file(renamed(Prix="Zone libre")))
        with Form(upload) as form:
            for index, column in enumerate(upload.line_ids.mapped("column")):
                with form.line_ids.edit(index) as line:
                    if column == "Zone libre":
                        line.field = "purchase_price"
        self.assertEqual(upload.preview["rows"][0]["cells"]["purchase_price"], "7.80")

    def test_what_was_typed_stays_when_changes_are_accepted(self):
        self.adjust(Prix="+ 1,5", Désignation='"X " + []')
        upload = self.open(file(renamed(Page="Folio", Stock="Disponible")))
        for line in upload.line_ids:
            if line.field == "purchase_price":
                line.adjustment = "+ 2"
        upload.action_accept_changes()
        self.run_import()
        self.assertEqual((self.find().price_untaxed, self.find().name), (8.3, "X Lampe modèle 1"))

    def test_changes_that_somebody_else_accepted_meanwhile(self):
        data = file(renamed(Prix="Tarif revendeur"))
        mine, other = self.open(data), self.open(data)
        other.action_accept_changes()
        self.run_import()
        self.assertEqual(mine.action_accept_changes()["res_model"], "onep.import")
        self.run_import()
        late = self.open(file(renamed(Prix="Prix libre", Stock="Disponible")))
        other = self.open(file(renamed(Prix="Zone libre")))
        other.action_accept_changes()
        self.assertIn("meanwhile", late.action_accept_changes()["params"]["message"])
        self.assertIn("Zone libre", late.change_ids.mapped("before"))

    def dated(self, *years):
        """The file with a column of prices for each of two years, the second ones dearer."""
        columns = ("Réf", "Désignation", *(f"Tarif {year}" for year in years))
        prices = [float(row[3].replace(",", ".")) for row in ROWS]
        return file(columns, [
            (row[0], row[2], f"{price:.2f}", f"{price * 1.155:.2f}")
            for row, price in zip(ROWS, prices, strict=True)
        ])  # fmt: skip

    def test_dates_that_alone_tell_prices_apart_are_no_matter_of_one_click(self):
        upload = self.open(self.dated(2025, 2026))
        for line in upload.line_ids:
            line.field = {"Tarif 2025": False, "Tarif 2026": "purchase_price"}.get(
                line.column, line.field
            )
        upload._create_import()
        self.run_import()
        price = self.find().price_untaxed
        self.receive(self.dated(2026, 2027))
        self.assertIn("“Tarif 2026” still has this name.", self.feed.waiting_ids.reason_text)
        action = self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.assertEqual(action["res_model"], "onep.feed.upload", "the columns have to be seen")
        upload = self.env["onep.feed.upload"].with_user(self.buyer).browse(action["res_id"])
        shown = upload.change_ids.filtered("holds").mapped(lambda line: (line.kind, line.field))
        self.assertIn(("kept", "purchase_price"), shown)
        for line in upload.line_ids:
            line.write({
                "field": {"Tarif 2026": False, "Tarif 2027": "purchase_price"}.get(
                    line.column, line.field
                ),
                "is_decided": True,
            })  # fmt: skip
        upload.action_accept_changes()
        self.run_import()
        self.assertEqual(self.find().price_untaxed, price)
        lines = {line.column: line.field for line in self.feed.mapping_ids}
        self.assertEqual((lines["Tarif 2026"], lines["Tarif 2027"]), (False, "purchase_price"))

    def test_one_click_accepts_what_was_told_and_no_more(self):
        columns = (*renamed(Prix="Tarif revendeur"), "Marque")
        self.receive(file(columns, [(*row, "Lumo") for row in ROWS]))
        self.assertNotIn("Marque", self.feed.waiting_ids.reason_text)
        self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.run_import()
        self.assertEqual(self.find().price_untaxed, 6.3)
        self.assertFalse(self.find().brand, "nobody was told of a new column")
        facts = self.env["onep.column.memory"].search([("feed_id", "=", self.feed.id)])
        checked = {fact.header: fact.confirmed_count for fact in facts}
        self.assertEqual(checked["Tarif revendeur"], 1)
        self.assertEqual(checked["Désignation"], 1, "by the first import only")
        self.assertEqual(checked["Marque"], 0)

    def test_more_changes_than_are_told_open_the_screen(self):
        names = {"Réf": "Code", "Désignation": "Nom libre", "Prix": "Tarif", "Poids": "Masse kg",
                 "Stock": "Dispo", "EAN": "Gencod"}  # fmt: skip
        rows = [(row[0], f"376{number:010d}", *row[2:]) for number, row in enumerate(ROWS)]
        upload = self.open(file(rows=rows))
        upload.line_ids.filtered(lambda line: line.column == "EAN").field = "ean"
        upload._create_import()
        self.run_import()
        self.receive(file(renamed(**names), rows))
        waiting = self.feed.waiting_ids
        self.assertEqual(waiting.reason["rule"], "layout-drifted-more")
        action = waiting.with_user(self.buyer).action_accept_changes()
        self.assertEqual(action["res_model"], "onep.feed.upload")

    def test_the_screen_shows_the_changes_above_the_columns(self):
        columns = renamed(Prix="Tarif revendeur")[:-1]
        upload = self.open(file(columns, [row[:-1] for row in ROWS]))
        self.assertTrue(upload.is_drifted)
        shown = [(line.kind, line.before, line.after, line.field, line.holds, line.sample)
                 for line in upload.change_ids]  # fmt: skip
        self.assertEqual(
            shown,
            [
                ("renamed", "Prix HT", "Tarif revendeur", "purchase_price", True, "6,30"),
                ("gone", "Page", "", False, False, "1"),
            ],
        )
        action = upload.action_accept_changes()
        self.assertEqual(action["res_model"], "onep.import")
        lines = {line.column: line for line in self.feed.mapping_ids}
        self.assertEqual(lines["Tarif revendeur"].field, "purchase_price")
        self.assertFalse(self.open(file(columns, [row[:-1] for row in ROWS])).change_ids)

    def test_what_was_chosen_on_screen_stays(self):
        upload = self.open(file(renamed(Prix="Tarif revendeur", Stock="Disponible")))
        line = upload.line_ids.filtered(lambda line: line.column == "Disponible")
        line.write({"field": False, "proposed_field": "stock_quantity"})
        upload.action_accept_changes()
        fields = {line.column: line.field for line in self.feed.mapping_ids}
        self.assertFalse(fields["Disponible"])
        self.assertEqual(fields["Tarif revendeur"], "purchase_price")

    def test_a_price_that_is_gone_keeps_the_screen_open(self):
        place = COLUMNS.index("Prix HT")
        data = file(*[(row[:place] + row[place + 1 :]) for row in (COLUMNS,)],
                    [row[:place] + row[place + 1 :] for row in ROWS])  # fmt: skip
        self.receive(data)
        self.assertIn("It filled Purchase price.", self.feed.waiting_ids.reason_text)
        action = self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.assertEqual(action["res_model"], "onep.feed.upload")
        upload = self.env["onep.feed.upload"].browse(action["res_id"])
        self.assertIn("purchase price", upload.missing)
        self.assertTrue(self.feed.waiting_count)

    def test_grams_for_kilograms_wait(self):
        def grams(cell):
            return f"{float(cell.replace(',', '.')) * 1000:.0f}"

        self.receive(with_cells("Poids (kg)", grams))
        self.assertIn(
            "“Poids (kg)” may be in another unit (2.2375 → 2,237.5). "
            "The same articles have 1,000 times the value.",
            self.feed.waiting_ids.reason_text,
        )

    def test_prices_with_vat_wait_and_are_asked_about_once(self):
        def taxed(cell):
            return f"{float(cell.replace(',', '.')) * 1.2:.2f}".replace(".", ",")

        data = with_cells("Prix HT", taxed)
        self.receive(data)
        self.assertIn("VAT rate of 20 %", self.feed.waiting_ids.reason_text)
        action = self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.assertEqual(action["res_model"], "onep.feed.upload", "figures alone are a question")
        upload = self.env["onep.feed.upload"].with_user(self.buyer).browse(action["res_id"])
        upload.write({"prices_include_vat": True, "vat_rate": 20.0})
        upload.action_accept_changes()
        run = self.run_import()
        self.assertEqual(run.state, "done", "the import does not ask the same again")
        self.assertAlmostEqual(self.find().price_untaxed, 6.3, 2)

    def test_prices_that_somebody_accepted_are_not_refused_row_by_row(self):
        data = with_cells("Prix HT", lambda cell: cell.replace(",", ""))
        upload = self.open(data)
        self.assertEqual(upload.change_ids.filtered("holds").mapped("kind"), ["unit"])
        upload.action_accept_changes()
        run = self.run_import()
        self.assertEqual((run.accepted_count, run.quarantined_count), (30, 0))
        self.assertEqual(self.find().price_untaxed, 630)

    def test_vat_and_currency_that_the_file_names_are_taken_over(self):
        def taxed(cell):
            return f"{float(cell.replace(',', '.')) * 1.2:.2f}".replace(".", ",")

        self.env.ref("base.USD").active = True
        self.receive(with_cells("Prix HT", taxed, renamed(Prix="Prix TTC")))
        reason = self.feed.waiting_ids.reason_text
        self.assertIn("The file says that these prices include VAT now.", reason)
        self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.run_import()
        self.assertTrue(self.feed.prices_include_vat)
        self.assertAlmostEqual(self.find().price_untaxed, 6.3, 2)
        self.receive(with_cells("Prix HT", taxed, renamed(Prix="Prix TTC USD")))
        self.assertIn("EUR → USD", self.feed.waiting_ids.reason_text)
        self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.run_import()
        self.assertEqual(self.find().currency_id, self.env.ref("base.USD"))

    def test_the_rate_of_vat_that_came_in_is_the_one_of_the_supplier_s_country(self):
        def taxed(cell):
            return f"{float(cell.replace(',', '.')) * 1.19:.4f}".replace(".", ",")

        rates = self.env["onep.vat.rate"]
        self.supplier.country_id = self.env.ref("base.de")
        self.assertEqual(rates._get_rates(self.env.ref("base.de"), "2026-11-01")["standard"], 0.19)
        data = with_cells("Prix HT", taxed, renamed(Prix="Prix TTC"))
        self.open(data).action_accept_changes()
        self.run_import()
        self.assertEqual(self.feed.vat_rate, 19)
        self.assertAlmostEqual(self.find().price_untaxed, 6.3, 2)

    def test_a_rate_of_vat_that_nobody_knows_is_asked_for(self):
        self.supplier.country_id = self.env.ref("base.aq")
        self.receive(file(renamed(Prix="Prix TTC"), [
            (*row[:3], f"{float(row[3].replace(',', '.')) * 1.3:.4f}", *row[4:]) for row in ROWS
        ]))  # fmt: skip
        action = self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.assertEqual(action["res_model"], "onep.feed.upload")
        upload = self.env["onep.feed.upload"].browse(action["res_id"])
        self.assertIn("Say the rate of the VAT", upload.missing)
        upload.vat_rate = 30
        self.assertTrue(upload.is_ready, upload.missing)

    def test_a_new_column_that_looks_like_the_price_waits(self):
        data = file((*COLUMNS, "Prix d'achat net"), [(*row, "4,20") for row in ROWS])
        self.receive(data)
        self.assertIn("“Prix d'achat net” is new. It looks like Purchase price, which “Prix HT” "
                      "fills.", self.feed.waiting_ids.reason_text)  # fmt: skip
        self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.run_import()
        self.assertEqual(self.find().price_untaxed, 6.3)

    def test_another_feed_chosen_on_screen_has_other_files(self):
        upload = self.open(file(renamed(Prix="Tarif revendeur")))
        other = self.make_feed(self.supplier).with_user(self.buyer)
        with Form(upload) as form:
            form.feed_id = other
        self.assertFalse(upload.change_ids)
        with Form(upload) as form:
            form.feed_id = self.feed.with_user(self.buyer)
        self.assertEqual(upload.change_ids.filtered("holds").mapped("kind"), ["renamed"])

    def test_the_words_are_the_reader_s(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.receive(file(renamed(Prix="Tarif revendeur")))
        text = self.feed.waiting_ids.with_context(lang="fr_FR").reason_text
        self.assertNotIn("is called", text)
        self.assertIn("Tarif revendeur", text)

    def test_what_a_person_said_of_a_renamed_column_goes_with_it(self):
        upload = self.open(file())
        lines = {line.column: line for line in upload.line_ids}
        lines["Prix HT"].adjustment = "× 0.5"
        lines["Désignation"].adjustment = "[] + [Réf]"
        upload._create_import()
        self.run_import()
        self.assertEqual(self.find().price_untaxed, 3.15)
        self.receive(file(renamed(Prix="Tarif revendeur", Réf="Code article")))
        self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.run_import()
        offer = self.find()
        self.assertEqual((offer.price_untaxed, offer.name), (3.15, "Lampe modèle 1 A-01"))

    def test_a_confirmed_unit_is_asked_again_when_figures_changed(self):
        upload = self.open(file())
        upload.decisions = {"weight_unit": "kg", "scope": "full"}
        upload._create_import()
        self.run_import()

        def grams(cell):
            return f"{float(cell.replace(',', '.')) * 1000:.0f}"

        data = with_cells("Poids (kg)", grams, renamed(Poids="Poids (g)"))
        self.assertEqual(self.open(data).decisions, {"scope": "full"})
        self.receive(data)
        self.feed.waiting_ids.with_user(self.buyer).action_accept_changes()
        self.run_import()
        weights = self.env["onep.supplier.offer"].search([("feed_id", "=", self.feed.id)])
        self.assertEqual(max(weights.mapped("weight_g")), 4050)

    def test_columns_of_before_this_version_are_compared_by_name(self):
        self.feed.layout = False
        self.assertEqual(self.receive(with_cells("Stock", lambda _cell: "4"))["rule"],
                         "file-imported")  # fmt: skip

    def test_changes_on_screen_are_their_author_s(self):
        upload = self.open(file(renamed(Prix="Tarif revendeur")))
        other = self.make_user("buyer_other_onep", "onep_sourcing.group_sourcing_user")
        with self.assertRaises(AccessError):
            upload.change_ids.with_user(other).read(["before"])
