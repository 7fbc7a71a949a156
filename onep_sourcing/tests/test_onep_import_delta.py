"""Files that tell only what changed, values for all rows, articles marked as deleted."""

from odoo.tests.common import tagged
from odoo.tools import SQL

from odoo.addons.queue_job.tests.common import trap_jobs

from ..ingest.expressions import Expression, Part
from ..ingest.mapping import Mapping
from ..sql import deal
from ..sql.staged_offer import Carried, Currencies
from .upload_case import HEADER, ROWS, UploadCase


@tagged("standard", "post_install", "-at_install")
class TestOnepImportDelta(UploadCase):
    def test_delta_feed_marks_nothing_gone(self):
        self.feed.kind = "delta"
        self.run_import(HEADER + ROWS)
        run = self.run_import(HEADER + "A-1;3770000000016;Lampe de bureau;Lumia;13,00;40\n")
        self.assertEqual(run.gone_count, 0)
        self.assertTrue(all(self.offers().mapped("is_present")))

    def test_a_delta_leaves_alone_what_it_does_not_carry(self):
        self.run_import(HEADER + ROWS)
        self.feed.kind = "delta"
        run = self.run_import("Référence;Prix net HT\nA-1;13,00\n")
        self.assertEqual(run.changed_count, 1)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.price_untaxed, 13.0)
        self.assertEqual(offer.name, "Lampe de bureau")
        self.assertEqual(offer.stock_quantity, 40)
        self.assertTrue(offer.product_id)

    def offer(self, sku="A-1"):
        return self.offers().filtered(lambda offer: offer.supplier_sku == sku)

    def test_a_delta_of_stocks_says_what_is_available(self):
        self.run_import(HEADER + ROWS)
        self.assertEqual(self.offer().availability, "yes")
        self.feed.kind = "delta"
        header = "Référence;Prix net HT;Stock\n"
        self.run_import(header + "A-1;12,50;0\n")
        self.assertEqual((self.offer().stock_quantity, self.offer().availability), (0, "no"))
        self.run_import(header + "A-1;12,51;12\n")
        self.assertEqual((self.offer().stock_quantity, self.offer().availability), (12, "yes"))
        # a row that does not say leaves what it does not fill itself
        self.run_import(header + "A-1;12,52;\n")
        self.assertEqual(self.offer().availability, "yes")

    def map_delta(self, header, row, fields, delta=None, **options):
        """Import a delta of another feed whose columns are mapped by hand."""
        delta = delta or self.feed.copy({"name": "Daily", "kind": "delta"})
        run = self.upload(f"{header}\n{row}\n", feed=delta)._create_import()
        columns = dict(zip(header.split(";"), fields, strict=True))
        run.mapping = Mapping(
            {column: field for column, field in columns.items() if field}, **options
        ).to_json()
        run._job_import()
        self.assertEqual(run.state, "done", run.error_message or run.hold_message)
        return run

    def test_a_delta_whose_one_column_gives_three_sizes(self):
        key = ("supplier_sku", "purchase_price")
        self.run_import(HEADER + ROWS)
        sizes = ("length_mm", "width_mm", "height_mm")
        header = "Ref;Prix;Dimensions"
        self.map_delta(header, "A-1;12,50;10x20x5 cm", (*key, "length"))
        self.assertEqual([self.offer()[name] for name in sizes], [100, 200, 50])
        self.map_delta(header, "A-1;12,50;11x21x6 cm", (*key, "length"))
        self.assertEqual([self.offer()[name] for name in sizes], [110, 210, 60])
        self.map_delta(header, "A-1;12,50;12 cm", (*key, "length"))
        self.assertEqual([self.offer()[name] for name in sizes], [120, 210, 60], "not wiped")

    def test_a_delta_carries_what_its_columns_are_joined_to(self):
        self.run_import(HEADER + ROWS)
        joined = Expression(parts=(Part(column="Maison"), Part(column="Modèle")))
        self.map_delta(
            "Ref;Prix;Maison;Modèle", "A-1;12,50;Lumia;L20",
            ("supplier_sku", "purchase_price", None, None), expressions={"name": joined},
        )  # fmt: skip
        self.assertEqual(self.offer().name, "Lumia L20")

    def test_a_value_for_all_rows_of_a_delta_fills_only_what_is_not_known(self):
        self.run_import(HEADER + ROWS)
        self.assertFalse(self.offer().category)
        name = self.offer().name
        run = self.map_delta(
            "Ref;Prix", "A-1;12,50", ("supplier_sku", "purchase_price"),
            constants={"name": "Article", "category": "Luminaires"},
        )  # fmt: skip
        self.assertEqual((self.offer().name, self.offer().category), (name, "Luminaires"))
        self.assertEqual(run.changed_count, 1)

    def say_for_all(self, delta, rows="A-1;12,50", **constants):
        """A delta of references and prices with values for all rows; returns its import."""
        fields = ("supplier_sku", "purchase_price")
        return self.map_delta("Ref;Prix", rows, fields, delta, constants=constants)

    def test_a_changed_value_for_all_rows_of_a_delta_reaches_the_articles_it_lists(self):
        self.run_import(HEADER + ROWS)
        delta = self.feed.copy({"name": "Daily", "kind": "delta"})
        all_three = "A-1;12,50\nA-2;25,90\nN-1;5,00"
        self.say_for_all(delta, all_three, category="Lampes", condition="new")
        run = self.say_for_all(delta, "A-1;12,50\nN-1;5,00", category="Luminaires")
        self.assertEqual((run.changed_count, run.unchanged_count), (2, 0))
        found = {sku: self.offer(sku).category for sku in ("A-1", "A-2", "N-1")}
        self.assertEqual(found, {"A-1": "Luminaires", "A-2": "Lampes", "N-1": "Luminaires"})
        self.assertEqual(self.offer().condition, "new", "nobody speaks of it any more")
        # the article it did not list then, two changes later
        self.say_for_all(delta, "A-2;25,90", category="Éclairage")
        self.assertEqual(self.offer("A-2").category, "Éclairage")
        run = self.say_for_all(delta, "A-2;25,90", category="Éclairage")
        self.assertEqual((run.changed_count, run.unchanged_count), (0, 1))

    def test_what_the_catalogue_s_column_says_wins_over_a_value_for_all_rows(self):
        full = "Référence;Prix net HT;Catégorie\n"
        delta = self.feed.copy({"name": "Daily", "kind": "delta"})
        self.run_import(full + "A-1;12,50;Bureau\nA-2;25,90;\n")
        self.assertEqual((self.offer().category, self.offer("A-2").category), ("Bureau", False))
        both = "A-1;12,50\nA-2;25,90"
        self.say_for_all(delta, both, category="Lampes")
        self.say_for_all(delta, both, category="Luminaires")
        self.assertEqual(self.offer().category, "Bureau")
        self.assertEqual(self.offer("A-2").category, "Luminaires")
        # even where both say the same word
        run = self.run_import(full + "A-1;12,50;Bureau\nA-2;25,90;Luminaires\n")
        self.assertEqual(run.changed_count, 0)
        self.say_for_all(delta, both, category="Éclairage")
        self.assertEqual(self.offer("A-2").category, "Luminaires")
        # and a value for all rows is that of its own feed only
        other = self.feed.copy({"name": "Hourly", "kind": "delta"})
        self.say_for_all(delta, "N-1;5,00", category="Éclairage")
        self.say_for_all(other, "N-1;5,00", category="Autres")
        self.assertEqual(self.offer("N-1").category, "Éclairage")

    def test_a_value_for_all_rows_that_was_withdrawn_makes_room_for_another_feed_s(self):
        first = self.feed.copy({"name": "Daily", "kind": "delta"})
        other = self.feed.copy({"name": "Hourly", "kind": "delta"})
        row = "N-1;5,00"
        self.say_for_all(first, row, category="Éclairage")
        self.say_for_all(other, row, category="Autres")
        self.assertEqual(self.offer("N-1").category, "Éclairage")
        self.say_for_all(first, row)
        self.assertEqual(self.offer("N-1").category, "Éclairage", "until another one says more")
        self.say_for_all(other, row, category="Autres")
        self.assertEqual(self.offer("N-1").category, "Autres")
        self.say_for_all(first, row, category="Éclairage")
        self.assertEqual(self.offer("N-1").category, "Autres", "the other one stands by it")

    def test_what_a_column_of_a_delta_says_is_nobody_s_value_for_all_rows(self):
        first = self.feed.copy({"name": "Daily", "kind": "delta"})
        fields = ("supplier_sku", "purchase_price", "category")
        self.say_for_all(first, "N-1;5,00", category="Lampes")
        self.map_delta("Ref;Prix;Rayon", "N-1;5,00;Lampes", fields)
        self.say_for_all(first, "N-1;5,00", category="Luminaires")
        self.assertEqual(self.offer("N-1").category, "Lampes")

    def test_a_delta_without_values_for_all_rows_makes_no_json_of_most_offers(self):
        carried = Carried(("stock_quantity",), (), beside=frozenset({"availability"}))
        ((made,),) = self.env.execute_query(
            SQL(
                "SELECT %s FROM (SELECT NULL::jsonb AS constant_feeds) AS offer, "
                "(SELECT NULL::boolean AS availability) AS staged",
                carried.constant_feeds(Currencies((), "EUR")),
            )
        )
        self.assertIsNone(made)
        code = carried.constant_feeds(Currencies((), "EUR")).code
        self.assertTrue(code.startswith("CASE WHEN offer.constant_feeds IS NOT NULL"))

    def test_a_row_s_own_word_on_the_stock_wins_over_a_value_for_all_rows(self):
        self.run_import(HEADER + ROWS)
        delta = self.feed.copy({"name": "Daily", "kind": "delta"})

        def stocks(*rows, said="En stock"):
            fields = ("supplier_sku", "purchase_price", "stock_quantity")
            constants = {"availability": said}
            self.map_delta("Ref;Prix;Stock", "\n".join(rows), fields, delta, constants=constants)
            return [self.offer(row.split(";")[0]).availability for row in rows]

        self.assertEqual(stocks("A-1;12,50;Rupture", "N-1;5,00;En stock"), ["no", "yes"])
        self.assertEqual(stocks("A-1;12,50;En stock", "N-1;5,00;0"), ["yes", "no"])
        # a row that says nothing leaves what is known
        self.assertEqual(stocks("N-1;5,00;", "A-1;12,50;Rupture"), ["no", "no"])
        self.assertEqual(stocks("N-1;5,00;", "A-1;12,50;dispo", said="non"), ["no", "yes"])

    def test_a_delta_of_another_feed_does_not_take_offers_over(self):
        self.run_import(HEADER + ROWS)
        delta = self.feed.copy({"name": "Daily", "kind": "delta"})
        run = self.run_import("Référence;Prix net HT\nA-1;13,00\n", feed=delta)
        self.assertEqual(self.offers().feed_id, self.feed)
        to_price = self.env.execute_query(
            SQL(
                "SELECT supplier_sku FROM onep_supplier_offer AS offer WHERE %s",
                deal.of_import(run.id, 0),
            )
        )
        self.assertEqual(to_price, [("A-1",)])
        run = self.run_import(HEADER + "A-2;3770000000023;Clavier sans fil;Toka;25,90;7\n")
        self.assertEqual(run.gone_count, 2)

    def test_an_article_marked_as_deleted_is_gone(self):
        header = HEADER.replace("Stock", "Stock;Statut")
        rows = "".join(row + ";actif\n" for row in ROWS.splitlines())
        self.run_import(header + rows)
        run = self.run_import(header + rows.replace("7;actif", "7;supprimé"))
        gone = self.offers().filtered(lambda offer: not offer.is_present)
        self.assertEqual(gone.mapped("supplier_sku"), ["A-2"], run.hold_message)
        self.assertEqual((run.gone_count, run.quarantined_count), (1, 1))

    def run_deletion(self, *rows, header="Référence;Prix net HT;Statut\n", **feed):
        """Import a delta of another feed of the supplier."""
        delta = self.feed.copy({"name": "Daily", "kind": "delta", **feed})
        return self.run_import(header + "".join(rows), feed=delta)

    def test_a_delta_that_marks_an_article_as_deleted_makes_it_gone(self):
        self.run_import(HEADER + ROWS)
        listed_at = self.offers().sorted("supplier_sku")[1].write_date
        run = self.run_deletion("A-1;13,00;actif\n", "A-2;25,90;supprimé\n", "A-9;1;supprimé\n")
        gone = self.offers().filtered(lambda offer: not offer.is_present)
        self.assertEqual(gone.mapped("supplier_sku"), ["A-2"], run.hold_message)
        self.assertEqual((gone.change_kind, gone.gone_at), ("gone", listed_at))
        self.assertEqual(
            (run.changed_count, run.gone_count, run.accepted_count, run.quarantined_count),
            (1, 1, 1, 2),
        )
        past = self.env["onep.supplier.offer.history"].search(
            [("offer_id", "=", gone.id), ("import_id", "=", run.id)]
        )
        self.assertEqual(past.kind, "gone")
        opened = self.env["onep.supplier.offer"].search(run.action_open_gone()["domain"])
        self.assertEqual(opened, gone)
        back = self.run_import(HEADER + ROWS)
        self.assertTrue(gone.is_present)
        self.assertEqual((back.new_count, back.gone_count), (1, 0))

    def test_a_delta_may_do_no_more_than_delete(self):
        self.run_import(HEADER + ROWS)
        run = self.run_deletion("A-2;25,90;supprimé\n")
        self.assertEqual((run.state, run.gone_count), ("done", 1), run.error_message)
        self.assertEqual((run.accepted_count, run.quarantined_count), (0, 1))
        header = "Référence;Prix net HT;Statut\n"
        again = self.run_import(header + "A-2;25,91;supprimé\n", feed=run.feed_id)
        self.assertEqual((again.state, again.gone_count), ("done", 0))
        useless = self.run_import(header + "A-2;sur devis;actif\n", feed=run.feed_id)
        self.assertEqual(useless.state, "failed")

    def test_a_delta_that_deletes_a_good_part_of_the_catalogue_is_held(self):
        self.env.company.onep_gone_limit = 0.3
        self.run_import(HEADER + ROWS)
        run = self.run_deletion("A-1;12,50;actif\n", "A-2;25,90;supprimé\n")
        self.assertEqual(run.state, "held")
        self.assertIn("1 of the 3", run.hold_message)
        self.assertTrue(run.holds_gone)
        self.assertTrue(all(self.offers().mapped("is_present")))
        with trap_jobs():
            run.action_import_and_keep_missing()
        run._job_import()
        self.assertEqual((run.state, run.gone_count), ("done", 0))

    def test_an_article_of_another_line_is_not_deleted(self):
        self.run_import(HEADER + ROWS)
        run = self.run_deletion("A-2;25,90;supprimé\n", "A-2;19,90;actif\n")
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-2")
        self.assertEqual((run.gone_count, offer.price_untaxed, offer.is_present), (0, 19.9, True))

    def test_a_delta_changes_those_of_the_supplier_s_own_columns_that_it_has(self):
        header = HEADER.replace("Stock", "Stock;Zone;Quai;Note")
        self.run_import(header + ROWS.replace("\n", ";B2;4;ancien\n"))
        delta = self.feed.copy({"name": "Daily", "kind": "delta"})
        rows = "Référence;Prix net HT;Quai;Note;Casier\nA-1;12,50;{};{};{}\n"
        run = self.run_import(rows.format("4", "ancien", ""), feed=delta)
        self.assertEqual((run.changed_count, run.unchanged_count), (0, 1))
        run = self.run_import(rows.format("5", "", "L7"), feed=delta)
        self.assertEqual(run.changed_count, 1)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.extra, {"Zone": "B2", "Quai": "5", "Casier": "L7"})
        past = self.env["onep.supplier.offer.history"].search([("import_id", "=", run.id)])
        self.assertEqual(
            past.others["extra"], [{"Zone": "B2", "Quai": "4", "Note": "ancien"}, offer.extra]
        )
        run = self.run_import(header + ROWS.replace("\n", ";B2;4;\n"))
        self.assertEqual(offer.extra, {"Zone": "B2", "Quai": "4"})

    def test_a_delta_without_other_columns_keeps_the_supplier_s_own(self):
        full = HEADER.replace("Stock", "Stock;Zone") + ROWS.replace("\n", ";B2\n")
        self.run_import(full)
        self.feed.kind = "delta"
        run = self.run_import("Référence;Prix net HT;Stock\nA-1;12,50;40\n")
        self.assertEqual(run.changed_count, 0)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.extra, {"Zone": "B2"})
