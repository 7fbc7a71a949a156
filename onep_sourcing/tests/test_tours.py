from datetime import datetime

from odoo.tests.common import HttpCase, tagged

from .buying_case import BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestTours(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.admin = cls.env.ref("base.user_admin")
        cls.admin.lang = "fr_FR"

    def test_unreadable_file_says_why_in_french(self):
        upload = (
            self.env["onep.feed.upload"]
            .with_user(self.admin)
            .with_context(lang="fr_FR")
            ._create_from_file("vide.csv", b"")
        )
        self.start_tour(
            f"/odoo/onep.feed.upload/{upload.id}", "onep_sourcing_unreadable_file", login="admin"
        )
        self.assertFalse(upload.exists())

    def test_a_changed_file_is_accepted_by_one_click_in_french(self):
        partner = self.env["res.partner"].create({"name": "Grossiste Dupont"})
        feed = self.env["onep.supplier.feed"].create({"name": "Dupont", "partner_id": partner.id})
        uploads = self.env["onep.feed.upload"].with_user(self.admin).with_context(lang="fr_FR")
        data = "Référence;Désignation;Prix HT;Stock\n" + "".join(
            f"A-{number};Lampe {number};{number},50;{number}\n" for number in range(10, 20)
        )
        run = uploads._create_from_file("tarif.csv", data.encode(), feed)._create_import()
        run._job_import()
        lines = data.replace("Prix HT", "Tarif revendeur").splitlines()
        data = "\n".join([lines[0] + ";Remarque", *(f"{line};-" for line in lines[1:])])
        upload = uploads._create_from_file("tarif.csv", data.encode(), feed)
        self.start_tour(
            f"/odoo/onep.feed.upload/{upload.id}", "onep_sourcing_feed_drift", login="admin"
        )
        fields = {line.column: line.field for line in feed.mapping_ids}
        self.assertEqual(fields["Tarif revendeur"], "purchase_price")
        self.assertFalse(fields["Remarque"])
        self.assertEqual(len(feed.import_ids), 2)

    def test_a_first_list_is_corrected_completed_confirmed_and_imported_in_french(self):
        partner = self.env["res.partner"].create({"name": "Grossiste Dupont"})
        feed = self.env["onep.supplier.feed"].create({"name": "Dupont", "partner_id": partner.id})
        lines = ["Code;Désignation;Tarif 1;Tarif 2;Poids"]
        prices = ("12,50", "8,90", "49,00", "15,20", "22,00", "sur devis", "7,30", "31,00")
        for number, price in enumerate(prices):
            lines.append(f"A-{number};Lampe {number};{price};{price};{25 + number}")
        upload = (
            self.env["onep.feed.upload"]
            .with_user(self.admin)
            .with_context(lang="fr_FR")
            ._create_from_file("maj_lampes.csv", "\n".join(lines).encode(), feed)
        )
        self.start_tour(
            f"/odoo/onep.feed.upload/{upload.id}", "onep_sourcing_feed_mapping", login="admin"
        )
        run = feed.import_ids
        self.assertEqual(run.state, "queued")
        run._job_import()
        self.assertEqual((run.accepted_count, run.quarantined_count), (7, 1))
        offers = self.env["onep.supplier.offer"].search([("partner_id", "=", partner.id)])
        offer = offers.filtered(lambda offer: offer.supplier_sku == "A-0")
        self.assertEqual((offer.price_untaxed, offer.brand, offer.weight_g), (6.25, "Lego", 25))
        self.assertEqual(feed.reading["confirmed"], {"weight_unit": "g", "scope": "full"})
        line = feed.mapping_ids.filtered(lambda line: line.column == "Tarif 1")
        self.assertEqual((line.field, line.origin), ("purchase_price", "person"))
        learned = self.env["onep.column.memory"].search(
            [("feed_id", "=", feed.id), ("header", "=", "Tarif 1")]
        )
        self.assertEqual((learned.field, learned.correction_count), ("purchase_price", 1))

    def test_quarantined_rows_are_corrected_and_replayed_in_french(self):
        partner = self.env["res.partner"].create({"name": "Grossiste Dupont"})
        feed = self.env["onep.supplier.feed"].create({"name": "Dupont", "partner_id": partner.id})
        data = (
            "Référence;Désignation;Prix net HT\nA-1;Lampe;12,50\nA-3;Écran;99,90\n"
            "A-2;Clavier;sur devis\n;Souris;9,99\n"
        )
        run = (
            self.env["onep.feed.upload"]
            ._create_from_file("tarif.csv", data.encode(), feed)
            ._create_import()
        )
        run._job_import()
        self.start_tour("/odoo/sourcing-quarantine", "onep_sourcing_quarantine", login="admin")
        self.assertEqual((run.accepted_count, run.quarantined_count), (4, 0))
        offers = self.env["onep.supplier.offer"].search([("partner_id", "=", partner.id)])
        prices = dict(offers.mapped(lambda offer: (offer.supplier_sku, offer.price_untaxed)))
        self.assertEqual(prices, {"A-1": 12.5, "A-2": 25.9, "A-3": 99.9, "S-1": 9.99})

    def test_an_offer_shows_its_price_over_time_in_both_languages(self):
        partner = self.env["res.partner"].create({"name": "Grossiste Dupont"})
        feed = self.env["onep.supplier.feed"].create({"name": "Dupont", "partner_id": partner.id})
        others = "".join(f"B-{number};Lampe;{number + 5},00\n" for number in range(6))
        for day, price in enumerate((10.0, 9.0, None, 10.5), 1):
            line = f"A-1;Écran;{price:.2f}\n".replace(".", ",") if price else ""
            data = f"Référence;Désignation;Prix net HT\n{line}{others}"
            run = (
                self.env["onep.feed.upload"]
                ._create_from_file(f"tarif-{day}.csv", data.encode(), feed)
                ._create_import()
            )
            run._job_import()
            self.assertEqual(run.state, "done")
            run.finished_at = datetime(2026, 10, day)
            changes = self.env["onep.supplier.offer.history"].search([("import_id", "=", run.id)])
            changes.changed_at = datetime(2026, 10, day)
        offer = self.env["onep.supplier.offer"].search([("supplier_sku", "=", "A-1")])
        offer.first_seen_at = datetime(2026, 10, 1)
        for lang, name in (("fr_FR", "fr"), ("en_US", "en")):
            self.admin.lang = lang
            self.start_tour(
                f"/odoo/onep.supplier.offer/{offer.id}",
                f"onep_sourcing_price_curve_{name}",
                login="admin",
            )

    def test_the_list_of_all_changes_opens(self):
        self.start_tour(
            "/odoo/supplier-offer-changes", "onep_sourcing_offer_changes", login="admin"
        )


@tagged("standard", "post_install", "-at_install")
class TestSimulationTour(BuyingCase, HttpCase):
    """A buyer wonders what another price would leave."""

    def test_a_buyer_simulates_and_compares_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        opportunity = self.make_opportunity()
        self.buyer.write({"lang": "fr_FR", "password": "buyer_onep"})
        self.start_tour(
            f"/odoo/opportunities/{opportunity.id}", "onep_sourcing_simulation", login="buyer_onep"
        )
        scenarios = self.env["onep.margin.scenario"].search([("user_id", "=", self.buyer.id)])
        self.assertEqual(
            scenarios.mapped(lambda scenario: (scenario.name, scenario.sell_price_taxed)),
            [("Objectif", 23.99), ("Soldes", 18.0)],
        )
        opportunity.invalidate_recordset()
        self.assertEqual(opportunity.net_margin, 8.0)
