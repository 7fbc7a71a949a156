import json
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import db_connect
from odoo.tests.common import Form, TransactionCase, new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from ..hooks import uninstall_hook
from ..ingest.expressions import Expression, Part
from ..ingest.mapping import Mapping
from ..sql import deal
from ..sql.staged_offer import Carried, Currencies

HEADER = "Référence;EAN;Désignation;Marque;Prix net HT;Stock\n"
ROWS = (
    "A-1;3770000000016;Lampe de bureau;Lumia;12,50;40\n"
    "A-2;3770000000023;Clavier sans fil;Toka;25,90;7\n"
    "A-3;3770000000030;Souris;Toka;9,99;0\n"
)


@tagged("standard", "post_install", "-at_install")
class TestOnepImport(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.currency_id = cls.env.ref("base.EUR")
        # a third of these few articles may go: see test_onep_import_review.py for the guard
        cls.env.company.onep_gone_limit = 1.0
        cls.partner = cls.env["res.partner"].create({"name": "Grossiste Dupont"})
        cls.feed = cls.env["onep.supplier.feed"].create(
            {
                "name": "Dupont",
                "partner_id": cls.partner.id,
                "currency_id": cls.env.ref("base.EUR").id,
            }
        )

    def upload(self, text, name="tarif.csv", encoding="utf-8", feed=None):
        data = text if isinstance(text, bytes) else text.encode(encoding)
        return self.env["onep.feed.upload"]._create_from_file(name, data, feed or self.feed)

    def run_import(self, text, **options):
        run = self.upload(text, **options)._create_import()
        run._job_import()
        return run

    def offers(self):
        return self.env["onep.supplier.offer"].search([("partner_id", "=", self.partner.id)])

    # reading and proposing

    def test_upload_proposes_a_complete_mapping(self):
        upload = self.upload(HEADER + ROWS)
        self.assertFalse(upload.error_message)
        self.assertEqual(
            dict(upload.line_ids.mapped(lambda line: (line.column, line.field))),
            {
                "Référence": "supplier_sku",
                "EAN": "ean",
                "Désignation": "name",
                "Marque": "brand",
                "Prix net HT": "purchase_price",
                "Stock": "stock_quantity",
            },
        )
        self.assertTrue(upload.is_ready, upload.missing)

    def test_preview_shows_normalised_rows_and_marks_the_refused_one(self):
        upload = self.upload(HEADER + ROWS + "A-4;3770000000047;Écran;Toka;sur devis;3\n")
        rows = upload.preview["rows"]
        self.assertEqual(rows[0]["cells"]["purchase_price"], "12.50")
        refused = [row for row in rows if row["state"] == "refuse"]
        self.assertEqual([row["line"] for row in refused], [5])
        self.assertIn("purchase_price", refused[0]["marks"])

    def test_mapping_without_price_is_not_ready_and_says_so(self):
        upload = self.upload(HEADER + ROWS)
        upload.line_ids.filtered(lambda line: line.field == "purchase_price").field = False
        self.assertFalse(upload.is_ready)
        self.assertIn("purchase price", upload.missing)
        with self.assertRaises(UserError):
            upload.action_confirm()

    def test_a_correction_is_remembered_for_the_next_file(self):
        upload = self.upload(HEADER.replace("Stock", "Zone") + ROWS)
        line = upload.line_ids.filtered(lambda line: line.column == "Zone")
        line.field = "minimum_order_quantity"
        upload._create_import()
        again = self.upload(HEADER.replace("Stock", "Zone") + ROWS + "A-9;;Tapis;Toka;3,00;2\n")
        line = again.line_ids.filtered(lambda line: line.column == "Zone")
        self.assertEqual(line.field, "minimum_order_quantity")
        self.assertEqual(line.origin, "memory")

    # importing

    def test_import_makes_offers_and_products(self):
        run = self.run_import(HEADER + ROWS)
        self.assertEqual(run.state, "done", run.error_message)
        self.assertEqual((run.row_count, run.accepted_count, run.new_count), (3, 3, 3))
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.price_untaxed, 12.5)
        self.assertEqual(offer.gtin, "03770000000016")
        self.assertEqual(offer.product_id.gtin, "03770000000016")
        self.assertEqual(offer.product_id.name, "Lampe de bureau")
        self.assertEqual(offer.stock_quantity, 40)

    def test_unknown_figures_stay_unknown(self):
        self.run_import("Référence;EAN;Désignation;Prix net HT\nA-1;3770000000016;Lampe;12,50\n")
        offer = self.offers()
        self.assertIs(offer.stock_quantity, False)
        self.assertIs(offer.weight_g, False)
        self.assertIs(offer.minimum_order_quantity, False)

    def test_second_import_counts_new_changed_unchanged_and_gone(self):
        self.run_import(HEADER + ROWS)
        first = {offer.supplier_sku: offer.id for offer in self.offers()}
        run = self.run_import(
            HEADER
            + "A-1;3770000000016;Lampe de bureau;Lumia;13,00;40\n"
            + "A-2;3770000000023;Clavier sans fil;Toka;25,90;7\n"
            + "A-5;3770000000054;Casque;Toka;49,00;4\n"
        )
        self.assertEqual(
            (run.new_count, run.changed_count, run.unchanged_count, run.gone_count), (1, 1, 1, 1)
        )
        offers = {offer.supplier_sku: offer for offer in self.offers()}
        self.assertEqual(offers["A-1"].id, first["A-1"])
        self.assertEqual(offers["A-1"].previous_price_untaxed, 12.5)
        self.assertFalse(offers["A-3"].is_present)

    def test_the_card_of_a_feed_shows_how_its_files_grow(self):
        other = self.env["onep.supplier.feed"].create(
            {"name": "Other", "partner_id": self.partner.id}
        )
        self.assertEqual((self.feed | other).mapped("row_curve"), [False, False])
        self.run_import(HEADER + ROWS)
        self.run_import(HEADER + ROWS + "A-4;3770000000047;Tapis;Toka;5,00;4\n")
        self.upload(HEADER + ROWS + "A-9;;Câble;Toka;5,00;4\n")._create_import()  # still to do
        self.assertEqual((self.feed | other).mapped("row_curve"), [[3, 4], False])

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

    def test_a_list_without_skus_keeps_its_quarantined_articles(self):
        self.run_import("EAN;Désignation;Prix net HT\n3770000000016;Lampe;12,50\n")
        run = self.run_import(
            "EAN;Désignation;Prix net HT\n3770000000016;Lampe;sur devis\n"
            "3770000000023;Clavier;25,90\n"
        )
        self.assertEqual((run.quarantined_count, run.gone_count), (1, 0))

    def test_a_change_of_currency_is_no_change_of_price(self):
        self.env["res.currency"]._activate_group_multi_currency()
        usd = self.env.ref("base.USD")
        usd.active = True
        self.run_import(HEADER + ROWS)
        self.feed.currency_id = usd
        self.run_import(HEADER + ROWS.replace("12,50", "14,00"))
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.currency_id, usd)
        self.assertIs(offer.previous_price_untaxed, False)

    def test_rows_in_equal_accepted_plus_quarantined(self):
        run = self.run_import(
            HEADER + ROWS + "A-6;3770000000061;Sac;Toka;sur devis;1\n;;Sans rien;Toka;5,00;1\n"
        )
        self.assertEqual(run.row_count, 5)
        self.assertEqual((run.accepted_count, run.quarantined_count), (3, 2))
        issues = run.issue_ids.filtered(lambda issue: issue.severity == "refuse")
        self.assertEqual(issues.sorted("line").mapped("line"), [5, 6])
        self.assertIn("Sac", json.dumps(issues.mapped("raw"), ensure_ascii=False))
        self.assertTrue(all(issues.mapped("reason")))

    def test_a_quarantined_row_is_not_gone(self):
        self.run_import(HEADER + ROWS)
        run = self.run_import(
            HEADER + ROWS.replace("9,99", "sur devis"),
        )
        self.assertEqual(run.gone_count, 0)
        self.assertTrue(all(self.offers().mapped("is_present")))

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

    def test_measures_that_were_converted_are_told_once_on_the_import(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        text = HEADER.replace("Stock", "Stock;Poids (kg)") + ROWS.replace("\n", ";1,2\n")
        run = self.run_import(text)
        self.assertFalse(run.issue_ids)
        self.assertEqual(set(self.offers().mapped("weight_g")), {1200.0})
        self.assertEqual(
            run.repair_text,
            "Weight: The measure was given in kg; it was converted to g. Rows: 3.",
        )
        self.assertIn(run.repair_text, self.upload(text).preview["repairs"])

    def test_a_file_in_an_inactive_currency_shows_its_cells(self):
        self.run_import(HEADER + ROWS + "A-9;;Reste;X;n.c.;1\n")
        waiting = self.env["onep.import.issue"].search([("feed_id", "=", self.feed.id)])
        self.env.ref("base.CHF").active = False
        text = (HEADER + ROWS).replace("Stock", "Stock;Devise").replace("\n", ";CHF\n")
        run = self.run_import(text.replace("Devise;CHF", "Devise"))
        self.assertEqual(run.state, "failed")
        self.assertEqual((run.accepted_count, run.quarantined_count), (0, 3))
        self.assertEqual(run.issue_ids[0].raw["Désignation"], "Lampe de bureau")
        self.assertEqual(set(waiting.mapped("state")), {"open"}, "it replaced nothing")

    def test_a_delta_without_other_columns_keeps_the_supplier_s_own(self):
        full = HEADER.replace("Stock", "Stock;Zone") + ROWS.replace("\n", ";B2\n")
        self.run_import(full)
        self.feed.kind = "delta"
        run = self.run_import("Référence;Prix net HT;Stock\nA-1;12,50;40\n")
        self.assertEqual(run.changed_count, 0)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.extra, {"Zone": "B2"})

    def test_same_sku_twice_keeps_the_first_and_says_so(self):
        run = self.run_import(HEADER + ROWS + "A-1;3770000000016;Lampe bis;Lumia;99,00;1\n")
        self.assertEqual(run.quarantined_count, 1)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.price_untaxed, 12.5)
        self.assertIn("2", run.issue_ids.filtered(lambda i: i.severity == "refuse").reason)

    def test_import_again_changes_nothing(self):
        self.run_import(HEADER + ROWS)
        before = self.offers().read(["price_untaxed", "stock_quantity", "first_seen_at"])
        run = self.run_import(HEADER + ROWS)
        self.assertEqual((run.unchanged_count, run.new_count, run.changed_count), (3, 0, 0))
        after = self.offers().read(["price_untaxed", "stock_quantity", "first_seen_at"])
        self.assertEqual(before, after)

    def test_same_file_is_noticed_before_any_work(self):
        self.run_import(HEADER + ROWS)
        self.assertTrue(self.upload(HEADER + ROWS).duplicate_import_id)

    def test_foreign_currency_is_converted_at_the_day_rate(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": usd.id, "name": fields.Date.today(), "rate": 1.25}
        )
        self.feed.currency_id = usd
        self.run_import(HEADER + ROWS)
        offer = self.offers().filtered(lambda offer: offer.supplier_sku == "A-1")
        self.assertEqual(offer.currency_id, usd)
        self.assertAlmostEqual(offer.price_company, 10.0)

    def test_without_a_rate_the_company_price_is_unknown(self):
        gbp = self.env.ref("base.GBP")
        gbp.active = True
        gbp.rate_ids.unlink()
        self.feed.currency_id = gbp
        self.run_import(HEADER + ROWS)
        self.assertEqual(set(self.offers().mapped("price_company")), {False})

    def test_row_in_an_inactive_currency_waits_in_quarantine(self):
        self.env.ref("base.JPY").active = False
        run = self.run_import(
            "Référence;EAN;Désignation;Prix net HT;Devise\n"
            "A-1;3770000000016;Lampe;12,50;EUR\nA-2;3770000000023;Clavier;2590;JPY\n"
        )
        self.assertEqual((run.accepted_count, run.quarantined_count), (1, 1))
        self.assertIn("JPY", run.issue_ids.reason)

    def test_product_is_matched_to_the_variant_with_that_barcode(self):
        variant = self.env["product.product"].create(
            {"name": "Lampe Odoo", "barcode": "3770000000016"}
        )
        self.run_import(HEADER + ROWS)
        product = self.env["onep.product"].search([("gtin", "=", "03770000000016")])
        self.assertEqual(product.product_id, variant)

    # bad input: a clear message, nothing half done

    def assert_refused(self, data, word, **options):
        upload = self.upload(data, **options)
        self.assertIn(word, upload.error_message or "")
        self.assertFalse(upload.is_ready)
        with self.assertRaises(UserError):
            upload.action_confirm()
        self.assertFalse(self.offers())

    def test_empty_file_is_refused(self):
        self.assert_refused(b"", "empty")

    def test_binary_rubbish_is_refused(self):
        self.assert_refused(bytes(range(256)) * 40, "binary", name="photo.csv")

    def test_file_without_header_is_named_by_what_it_holds(self):
        upload = self.upload("A-1;3770000000016;12,50\nA-2;3770000000023;25,90\n")
        self.assertIn("no header", upload.shape_text)
        self.assertEqual(upload.preview["rows"][0]["line"], 1, "the first line is an article")
        unclear = self.upload("12;13;14\n15;16;17\n18;19;20\n")
        self.assertFalse(unclear.is_ready)
        self.assertIn("identifies the article", unclear.missing)

    def test_header_only_is_refused(self):
        self.assert_refused(HEADER, "no rows")

    def test_wrong_encoding_is_refused_and_can_be_corrected(self):
        upload = self.upload(HEADER + ROWS, encoding="cp1252")
        self.assertEqual(upload.line_ids[0].column, "Référence")
        upload.encoding = "utf-8"
        upload.action_reread()
        self.assertIn("utf-8", upload.error_message)
        upload.encoding = False
        upload.action_reread()
        self.assertFalse(upload.error_message)
        self.assertEqual(upload.line_ids[0].column, "Référence")

    def test_file_without_ean_imports_by_sku(self):
        run = self.run_import("Référence;Désignation;Prix net HT\nA-1;Lampe;12,50\n")
        self.assertEqual(run.state, "done")
        self.assertFalse(self.offers().gtin)

    def test_no_row_accepted_leaves_the_catalogue_alone(self):
        self.run_import(HEADER + ROWS)
        run = self.run_import(
            HEADER + "A-1;3770000000016;Lampe;Lumia;sur devis;1\nA-2;;Clavier;Toka;n.c.;1\n"
        )
        self.assertEqual(run.state, "failed")
        self.assertIn("2", run.error_message)
        self.assertEqual(len(run.issue_ids.filtered(lambda i: i.severity == "refuse")), 2)
        self.assertEqual(len(self.offers().filtered("is_present")), 3)

    def test_a_file_left_without_importing_is_not_kept(self):
        left = self.upload(HEADER + ROWS)
        file = left.attachment_id
        self.env.flush_all()
        self.env.execute_query(
            SQL("UPDATE onep_feed_upload SET write_date = '2020-01-01' WHERE id = %s", left.id)
        )
        self.env["onep.feed.upload"]._transient_clean_rows_older_than(300)
        self.assertFalse(left.exists() or file.exists())
        imported = self.upload(HEADER + ROWS)
        run = imported._create_import()
        imported.unlink()
        self.assertTrue(run.attachment_id.raw)

    def test_quarantine_is_grouped_by_what_the_rule_says(self):
        self.run_import(HEADER + ROWS + "A-1;;Lampe;Lumia;12;1\nA-9;;Lampe;Lumia;sur devis;1\n")
        Issue = self.env["onep.import.issue"]
        domain = [("feed_id", "=", self.feed.id)]
        labels = dict(Issue.fields_get(["rule"])["rule"]["selection"])
        found = {labels[rule] for rule, _count in Issue._read_group(domain, ["rule"], ["__count"])}
        self.assertIn("Line … already has this supplier SKU; the first one was kept.", found)
        self.assertIn("The row has no purchase price.", found)
        self.assertFalse({label for label in labels.values() if "%(" in label})

    def test_messages_come_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.env["onep.feed.upload"].with_context(lang="fr_FR")
        upload = french._create_from_file("vide.csv", b"", self.feed)
        self.assertIn("vide", upload.error_message)

    # jobs and rights

    def test_import_is_queued_once(self):
        run = self.upload(HEADER + ROWS)._create_import()
        with trap_jobs() as trap:
            run.action_import()
            trap.assert_jobs_count(1, only=run._job_import)
            self.assertEqual(run.state, "queued")
            with self.assertRaises(UserError):
                run.action_import()

    def test_the_evaluation_is_queued_with_the_publication(self):
        run = self.upload(HEADER + ROWS)._create_import()
        with trap_jobs() as trap:
            run._job_import()
            evaluation = self.env["onep.evaluation"].search([("import_id", "=", run.id)])
            trap.assert_jobs_count(1, only=evaluation._job_evaluate)

    def test_another_file_cannot_be_read_through_an_import(self):
        secret = self.env["ir.attachment"].create({"name": "paie.csv", "raw": ROWS.encode()})
        run = self.upload(HEADER + ROWS)._create_import()
        run.attachment_id = secret
        run._job_import()
        self.assertEqual(run.state, "failed")
        self.assertIn("upload it again", run.error_message)
        self.assertFalse(self.offers())

    def test_a_broken_job_ends_failed_and_can_be_tried_again(self):
        run = self.upload(HEADER + ROWS)._create_import()
        run.state = "running"
        run._job_failed()
        self.assertEqual(run.state, "failed")
        self.assertIn("changed nothing", run.error_message)
        with trap_jobs():
            run.action_import()
        self.assertEqual(run.state, "queued")

    def test_an_import_whose_job_is_dead_ends_failed(self):
        run = self.upload(HEADER + ROWS)._create_import()
        run.action_import()
        job = self.env["queue.job"].search([("identity_key", "=", f"onep_import-{run.id}")])
        self.assertEqual(len(job), 1)
        self.env["onep.import"]._cron_fail_dead_runs()
        self.assertEqual(run.state, "queued")
        job.state = "failed"
        self.env["onep.import"]._cron_fail_dead_runs()
        self.assertEqual(run.state, "failed")
        self.assertIn("Import again", run.error_message)

    def test_a_cancelled_import_changes_nothing(self):
        run = self.upload(HEADER + ROWS)._create_import()
        with patch.object(type(run), "_run_is_cancelled", return_value=True):
            run._job_import()
        self.assertFalse(self.offers())

    def test_two_imports_of_a_feed_never_run_at_once(self):
        run = self.upload(HEADER + ROWS)._create_import()
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute(
                "SELECT pg_advisory_lock(hashtext('onep_run onep.import'), %s)", [self.feed.id]
            )
            with self.assertRaises(RetryableJobError):
                run._job_import()
            other.execute("SELECT pg_advisory_unlock_all()")
        self.assertEqual(run.state, "draft")

    def test_a_file_of_a_known_layout_finds_its_feed_and_says_so(self):
        self.run_import(HEADER + ROWS)
        upload = self.env["onep.feed.upload"]._create_from_file(
            "suite.csv", (HEADER + ROWS).encode()
        )
        self.assertEqual(upload.feed_id, self.feed)
        self.assertTrue(upload.is_recognised)

    def test_choosing_the_feed_brings_its_corrections(self):
        header = HEADER.replace("Stock", "Zone")
        first = self.upload(header + ROWS)
        first.line_ids.filtered(lambda line: line.column == "Zone").field = "pack_size"
        first._create_import()
        other = header.replace("Marque", "Rayon")
        upload = self.env["onep.feed.upload"]._create_from_file(
            "autre.csv", (other + ROWS).encode()
        )
        self.assertFalse(upload.feed_id)
        with Form(upload) as form:
            form.feed_id = self.feed
        line = upload.line_ids.filtered(lambda line: line.column == "Zone")
        self.assertEqual((line.field, line.origin), ("pack_size", "memory"))

    def test_a_finished_import_does_not_run_again(self):
        run = self.run_import(HEADER + ROWS)
        finished_at = run.finished_at
        run._job_import()
        self.assertEqual(run.finished_at, finished_at)

    def test_buyer_can_upload_and_import(self):
        buyer = new_test_user(self.env, "buyer", groups="onep_sourcing.group_sourcing_user")
        upload = (
            self.env["onep.feed.upload"]
            .with_user(buyer)
            ._create_from_file("t.csv", (HEADER + ROWS).encode(), self.feed.with_user(buyer))
        )
        run = upload._create_import()
        run._job_import()
        self.assertEqual(run.state, "done")

    def test_other_company_sees_nothing(self):
        self.run_import(HEADER + ROWS)
        other = self.env["res.company"].create({"name": "Autre"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="onep_sourcing.group_sourcing_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in ("onep.supplier.feed", "onep.import", "onep.supplier.offer"):
            self.assertFalse(self.env[model].with_user(stranger).search([]), model)

    def test_an_account_that_turns_real_forgets_the_demo_market(self):
        marketplace = self.env["onep.marketplace"].create(
            {"name": "Fnac", "code": "f", "platform": "fnac", "environment": "demo"}
        )
        self.env["onep.marketplace.offer"].create(
            {"marketplace_id": marketplace.id, "gtin": "03770000000016", "state": "found"}
        )
        marketplace.environment = "production"
        self.assertFalse(marketplace.offer_ids)

    def test_only_managers_price_everything_again(self):
        buyer = new_test_user(self.env, "buyer2", groups="onep_sourcing.group_sourcing_user")
        with self.assertRaises(AccessError):
            self.env["onep.evaluation"].with_user(buyer).action_evaluate_all()

    def test_a_feed_with_imports_stays_in_its_company(self):
        self.run_import(HEADER + ROWS)
        with self.assertRaises(UserError):
            self.feed.company_id = self.env["res.company"].create({"name": "Autre"})

    def test_menus_and_jobs_are_given_back_at_uninstall(self):
        run = self.upload(HEADER + ROWS)._create_import()
        run.action_import()
        uninstall_hook(self.env)
        self.assertFalse(self.env["queue.job"].search([("model_name", "=", "onep.import")]))
        self.assertTrue(self.env.ref("onep_margin.onep_margin_menu_root").active)
