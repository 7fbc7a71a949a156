from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepEvaluationMark(BuyingCase):
    """Each kind of change marks the deals that rest on it, no others, and one job prices them.

    Deals are named by their marketplace and their offer: Amazon (A) and Fnac (F) of a company,
    which buys offers 1 to 4, Amazon of another company (B), which buys offer 1 of its own.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env, since = cls.env, "2020-01-01"
        cls.today = fields.Date.context_today(cls.company)
        cls.xop = env["res.currency"].create({"name": "XOP", "symbol": "¤"})
        cls.rate = env["res.currency.rate"].create(
            {"currency_id": cls.xop.id, "name": since, "rate": 2.0, "company_id": cls.company.id}
        )
        cls.other_category = env["onep.fee.category"].create(
            {"platform": "amazon", "name": "Other goods", "vat_kind": "reduced"}
        )
        cls.rate_card.line_ids = [(0, 0, {"category_id": cls.other_category.id, "rate": 0.2})]
        cls.reduced = env["onep.vat.rate"].create(
            {
                "country_id": cls.country.id,
                "kind": "reduced",
                "rate": 0.1,
                "valid_from": since,
            }
        )
        fnac_category = env["onep.fee.category"].create(
            {"platform": "fnac", "name": "Hand-worked goods"}
        )
        cls.fnac_card = env["onep.rate.card"].create(
            {
                "name": "Fnac Andorra",
                "platform": "fnac",
                "country_id": cls.country.id,
                "currency_id": cls.eur.id,
                "valid_from": since,
                "line_ids": [(0, 0, {"category_id": fnac_category.id, "rate": 0.15})],
            }
        )
        cls.bound_carrier = cls.carrier.copy({"code": "bound_post"})
        cls.bound_carrier.active = True
        cls.fnac_profile = env["onep.score.profile"].search([], limit=1).copy({"sequence": 99})
        cls.fnac = cls.make_marketplace(
            name="Fnac.ad",
            code="fnac_ad",
            platform="fnac",
            carrier_grid_id=cls.bound_carrier.id,
            score_profile_id=cls.fnac_profile.id,
        )
        cls.other_company = env["res.company"].create(
            {"name": "Other", "currency_id": cls.eur.id, "country_id": cls.country.id}
        )
        cls.other_place = cls.make_marketplace(code="amazon_other", company_id=cls.other_company.id)
        cls.other_feed = cls.make_feed(
            cls.make_supplier("Elsewhere"), company_id=cls.other_company.id
        )
        kinds = ["Hand-worked goods", "Other goods", "Hand-worked goods", "Quantum widgets"]
        cls.offers = env["onep.supplier.offer"]
        for gtin, kind in zip(GTINS, kinds, strict=False):
            cls.offers |= cls.make_offer(gtin)
            for place in (cls.marketplace, cls.fnac):
                cls.make_market_offer(gtin, place, category=kind)
        cls.offers[2].currency_id = cls.xop
        cls.other_offer = cls.make_offer(GTINS[0], cls.other_feed)
        cls.make_market_offer(GTINS[0], cls.other_place)
        cls.evaluate()
        cls.evaluate(company_id=cls.other_company.id)
        cls.names = {cls.marketplace: "A", cls.fnac: "F", cls.other_place: "B"}

    def read_marks(self):
        """{name of deal: reason} of what waits, as the docstring names deals."""
        names = {offer: str(number) for number, offer in enumerate(self.offers, 1)}
        names[self.other_offer] = "1"
        marks = self.env["onep.evaluation.mark"].sudo().search([])
        return {
            self.names[mark.marketplace_id] + names[mark.supplier_offer_id]: mark.reason
            for mark in marks
        }

    def forget_marks(self):
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM onep_evaluation_mark")
        self.env["onep.evaluation.mark"].invalidate_model()

    def assertMarks(self, change, deals, reason=None):
        """A change marks these deals, told as "A1 A2", for this reason."""
        self.forget_marks()
        change()
        self.env.flush_all()
        marks = self.read_marks()
        self.assertEqual(sorted(marks), deals.split())
        self.assertEqual(set(marks.values()), {reason} if deals else set())

    def price_waiting(self, company=None):
        self.env.flush_all()
        outcome = (company or self.company)._job_price_waiting()
        self.env.invalidate_all()
        return outcome

    def get_line(self, card=None, category=None):
        category = category or self.fee_category
        return (card or self.rate_card).line_ids.filtered(lambda line: line.category_id == category)

    AMAZON = "A1 A2 A3 A4 B1"
    EVERY = "A1 A2 A3 A4 B1 F1 F2 F3 F4"
    COMPANY = "A1 A2 A3 A4 F1 F2 F3 F4"

    def test_fee_rules(self):
        line = self.get_line()
        band = self.rate_card.tier_ids.band_ids
        env, card = self.env, self.rate_card
        later = self.today + timedelta(days=1)
        surcharge = {"card_id": card.id, "name": "Peak", "amount": 0.1, "valid_from": self.today}
        contribution = {
            "country_id": self.country.id,
            "scheme": "toys",
            "name": "Toy",
            "amount": 0.1,
            "valid_from": self.today,
        }
        abroad = {"country_id": self.env.ref("base.de").id}
        cases = [
            ("commission", lambda: line.write({"rate": 0.11}), "A1 A3 B1", "commission"),
            ("the same rate", lambda: line.write({"rate": 0.11}), "", None),
            ("source", lambda: line.write({"source": "Contract"}), "", None),
            ("inferred", lambda: line.write({"status": "inferred"}), "", None),
            ("estimate", lambda: line.write({"status": "estimate"}), "A1 A3 B1", "commission"),
            (
                "deleted rule",
                lambda: self.get_line(category=self.other_category).unlink(),
                "A2",
                "commission",
            ),
            (
                "another category",
                lambda: line.write({"category_id": self.other_category.id}),
                "A1 A2 A3 B1",
                "commission",
            ),
            ("archived rule", lambda: line.write({"active": False}), "A2", "commission"),
            ("rule that was archived", lambda: line.write({"rate": 0.3}), "", None),
            ("name of a card", lambda: card.write({"name": "Amazon"}), "", None),
            ("card", lambda: card.write({"digital_services_rate": 0.03}), self.AMAZON, "card"),
            ("fulfilment", lambda: band.write({"amount": 4.1}), self.AMAZON, "fulfilment"),
            (
                "line of a card",
                lambda: self.fnac_card.write(
                    {"line_ids": [(1, self.fnac_card.line_ids.id, {"rate": 0.2})]}
                ),
                "F1 F3",
                "commission",
            ),
            (
                "surcharge",
                lambda: env["onep.rate.card.surcharge"].create(surcharge),
                self.AMAZON,
                "fulfilment",
            ),
            (
                "surcharge of tomorrow",
                lambda: env["onep.rate.card.surcharge"].create(
                    surcharge | {"name": "Fuel", "valid_from": later}
                ),
                "",
                None,
            ),
            (
                "carrier",
                lambda: self.carrier.line_ids.write({"amount": 5.1}),
                self.AMAZON,
                "carrier",
            ),
            (
                "bound carrier",
                lambda: self.bound_carrier.line_ids.write({"amount": 5.1}),
                self.EVERY,
                "carrier",
            ),
            ("VAT", lambda: self.reduced.write({"rate": 0.05}), "A2", "vat"),
            (
                "contribution",
                lambda: env["onep.contribution"].create(contribution),
                self.EVERY,
                "contribution",
            ),
            (
                "contribution abroad",
                lambda: env["onep.contribution"].create(contribution | abroad),
                "",
                None,
            ),
            ("ended card", lambda: card.write({"valid_to": "2021-01-01"}), self.AMAZON, "card"),
        ]
        for name, change, deals, reason in cases:
            with self.subTest(name):
                self.assertMarks(change, deals, reason)

    def test_company_s_own_card(self):
        """A shared card does not price a company that has its own."""
        own = self.rate_card.copy({"company_id": self.other_company.id})
        self.assertMarks(lambda: own.write({"active": True}), "B1", "card")
        self.assertMarks(
            lambda: self.rate_card.write({"digital_services_rate": 0.03}), "A1 A2 A3 A4", "card"
        )

    def test_category_names(self):
        names = self.env["onep.fee.category.map"]
        vals = {"fee_category_id": self.fee_category.id, "source_name": "Frobnicator"}
        self.assertMarks(lambda: names.create(vals), "", None)
        vals["source_name"] = "Quantum Widget"
        self.assertMarks(lambda: names.create(vals), "A4", "category")
        self.price_waiting()
        self.assertEqual(self.find(self.offers[3]).fee_category_id, self.fee_category)
        self.assertMarks(
            lambda: self.fee_category.write({"is_selected_parcel": True}), "A1 A3 A4 B1", "category"
        )

    def test_exchange_rates(self):
        Rate = self.env["res.currency.rate"]
        vals = {"currency_id": self.xop.id, "company_id": self.company.id, "rate": 4.0}
        old = self.today - timedelta(days=900)
        later = self.today + timedelta(days=1)
        self.assertMarks(lambda: Rate.create(vals | {"name": self.today}), "A3 F3", "currency")
        self.assertMarks(lambda: self.rate.write({"rate": 3.0}), "", None)
        self.assertMarks(lambda: Rate.create(vals | {"name": old}), "", None)
        self.assertMarks(lambda: Rate.create(vals | {"name": later, "rate": 5.0}), "", None)
        self.assertMarks(
            lambda: self.env["onep.evaluation.mark"]._mark_begun_or_ended(self.today, later),
            "A3 F3",
            "currency",
        )
        self.assertMarks(
            lambda: Rate.search([("currency_id", "=", self.xop.id)]).unlink(), "A3 F3", "currency"
        )
        self.fnac_card.currency_id = self.xop
        self.assertMarks(
            lambda: Rate.create(vals | {"name": self.today}), "A3 F1 F2 F3 F4", "currency"
        )

    def test_company_marketplace_and_score(self):
        company, place = self.company, self.marketplace
        default = self.env["onep.score.profile"]._get_default_profile()
        cases = [
            (
                "setting",
                lambda: company.write({"margin_return_rate": 0.07}),
                self.COMPANY,
                "settings",
            ),
            ("the same", lambda: company.write({"margin_return_rate": 0.07}), "", None),
            (
                "country of its address",
                lambda: company.partner_id.write({"country_id": self.env.ref("base.be").id}),
                self.COMPANY,
                "settings",
            ),
            ("extra", lambda: company.write({"onep_extra_cost": 0.2}), self.COMPANY, "settings"),
            ("unrelated", lambda: company.write({"onep_cover_days": 12}), "", None),
            (
                "ways of shipping",
                lambda: place.write({"ships_by_merchant": False}),
                "A1 A2 A3 A4",
                "marketplace",
            ),
            (
                "carrier where nothing is shipped by us",
                lambda: self.carrier.line_ids.write({"amount": 5.3}),
                "B1",
                "carrier",
            ),
            (
                "chosen profile",
                lambda: self.fnac_profile.write({"threshold_a": 80.0}),
                "F1 F2 F3 F4",
                "score",
            ),
            (
                "signal",
                lambda: default.line_ids[0].write({"weight": 33.0}),
                self.AMAZON,
                "score",
            ),
            (
                "closed marketplace",
                lambda: self.fnac.write({"active": False}),
                "F1 F2 F3 F4",
                "marketplace",
            ),
        ]
        for name, change, deals, reason in cases:
            with self.subTest(name):
                self.assertMarks(change, deals, reason)

    def test_offers_and_articles(self):
        offer, market = self.offers[0], self.find(self.offers[1]).market_offer_id
        group = self.env["res.partner"].create({"name": "Group", "is_company": True})
        cases = [
            ("price", lambda: offer.write({"price_untaxed": 11.0}), "A1 F1", "offer"),
            ("description", lambda: offer.write({"description": "Text"}), "", None),
            ("weight", lambda: offer.product_id.write({"weight_g": 300}), "A1 B1 F1", "product"),
            ("market", lambda: market.write({"buy_box_price_taxed": 33.0}), "A2 F2", "market"),
            ("seen", lambda: market.write({"fetched_at": fields.Datetime.now()}), "", None),
            (
                "country of the supplier",
                lambda: self.supplier.write({"country_id": self.country.id}),
                self.COMPANY,
                "supplier",
            ),
            (
                "another company's contact, with its terms",
                lambda: self.supplier.write({"is_company": False, "parent_id": group.id}),
                self.COMPANY,
                "supplier",
            ),
            ("gone", lambda: offer.write({"is_present": False}), "A1 F1", "offer"),
        ]
        for name, change, deals, reason in cases:
            with self.subTest(name):
                self.assertMarks(change, deals, reason)

    def test_size_read_elsewhere(self):
        """A marketplace that does not tell the weight takes the one another update brought."""
        sync = self.env["onep.market.sync"].create(
            self.env["onep.market.sync"]._prepare_sync_vals(self.marketplace, "sweep")
        )
        changed = (
            self.find(self.offers[0]).market_offer_id | self.find(self.offers[1]).market_offer_id
        )
        changed.write({"sync_id": sync.id, "changed_sync_id": sync.id, "weight_g": 700})
        self.find(self.offers[1], self.fnac).market_offer_id.weight_g = False
        sync.changed_count = 2
        with trap_jobs():
            self.assertMarks(sync._after_sync, "F2", "market")

    def test_article_enriched_by_another_list(self):
        """A weight that one supplier's list brings serves the offers of all."""
        imported = self.env["onep.import"].create(
            {
                "feed_id": self.other_feed.id,
                "file_name": "list.csv",
                "started_at": fields.Datetime.now(),
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE onep_product SET write_date = create_date + interval '1 hour', weight_g = 90 "
            "WHERE id = %s",
            self.offers[1].product_id.ids,
        )
        with trap_jobs():
            self.assertMarks(
                lambda: self.env["onep.evaluation"]._enqueue_for_import(imported),
                "A2 F2",
                "product",
            )

    def test_days_that_begin_and_end(self):
        """A new day prices what no change did; the same day only what an update loaded."""
        Mark, today = self.env["onep.evaluation.mark"], self.today
        self.env["onep.rate.card.surcharge"].create(
            {"card_id": self.rate_card.id, "name": "Peak", "amount": 0.1, "valid_from": today}
        )
        self.fnac_card.write(
            {"storage_peak_rate": 3.0, "storage_peak_from_month": 10, "storage_peak_to_month": 12}
        )
        yesterday = today - timedelta(days=1)
        self.assertMarks(
            lambda: Mark._mark_begun_or_ended(yesterday, today), self.AMAZON, "fulfilment"
        )
        october = fields.Date.to_date("2024-10-01")
        self.assertMarks(
            lambda: Mark._mark_begun_or_ended(october - timedelta(days=1), october),
            "F1 F2 F3 F4",
            "card",
        )
        settings = self.env["ir.config_parameter"].sudo()
        noticed = fields.Datetime.to_string(self.env.cr.now())
        settings.set_param("onep_sourcing.rules_noticed_at", noticed)
        self.assertMarks(Mark._cron_mark_due, "", None)
        line = self.get_line().with_context(onep_fee_data_load=True)
        line.write({"origin": "shipped", "active": False})
        settings.set_param("onep_sourcing.rules_noticed_at", noticed)
        self.assertMarks(Mark._cron_mark_due, "A1 A3 B1", "commission")

    def test_job_prices_what_waits(self):
        self.forget_marks()
        self.get_line().rate = 0.2
        self.company.onep_extra_cost = 1.0
        opportunity = self.find(self.offers[0])
        self.assertEqual((opportunity.commission, opportunity.landed_cost), (3.0, 10.0))
        self.price_waiting()
        self.assertEqual((opportunity.commission, opportunity.landed_cost), (6.0, 11.0))
        self.assertEqual(self.read_marks(), {"B1": "commission"})
        run = self.env["onep.evaluation"].search([("scope", "=", "waiting")], limit=1)
        self.assertRecordValues(run, [{"state": "done", "total_count": 8, "done_count": 8}])
        self.assertEqual(run.reason_text, "Company settings, Commissions")
        # what no other company may see is priced by its own job
        self.price_waiting(self.other_company)
        self.assertEqual(self.find(self.other_offer, self.other_place).commission, 6.0)
        self.assertFalse(self.read_marks())
        runs = self.env["onep.evaluation"].search_count([])
        self.assertEqual(self.price_waiting(), "Nothing to do: no deal waits.")
        self.assertEqual(self.env["onep.evaluation"].search_count([]), runs)

    def test_marks_without_a_deal_go(self):
        """A gone offer is archived, a deleted one leaves nothing to price: neither waits."""
        gone, deleted = self.offers[0], self.offers[1]
        self.forget_marks()
        (gone | deleted).price_untaxed = 12.0
        gone.is_present = False
        deleted.unlink()
        self.price_waiting()
        self.assertFalse(self.env["onep.evaluation.mark"].search_count([]))
        self.assertEqual(self.find(gone).mapped("active"), [False])

    def test_any_run_settles_what_it_prices(self):
        self.forget_marks()
        self.offers[:2].write({"price_untaxed": 12.0})
        self.evaluate("offers", offer_ids=self.offers[:1].ids)
        self.assertEqual(sorted(self.read_marks()), ["A2", "F2"])
        self.evaluate("marketplace", marketplace_id=self.fnac.id)
        self.assertEqual(sorted(self.read_marks()), ["A2"])
        self.evaluate()
        self.assertFalse(self.read_marks())

    def test_changes_of_a_minute_are_one_job(self):
        self.env["queue.job"].sudo().search([]).unlink()
        before = fields.Datetime.now()
        self.get_line().rate = 0.2
        self.company.onep_extra_cost = 1.0
        self.offers[0].price_untaxed = 12.0
        key = f"onep_evaluation_waiting-{self.company.id}"
        job = self.env["queue.job"].sudo().search([("identity_key", "=", key)])
        self.assertEqual(len(job), 1)
        self.assertGreaterEqual(job.eta, before + timedelta(seconds=59))
        self.assertEqual(job.channel, "root.onep_evaluation")
        answer = self.env["onep.evaluation"].with_user(self.buyer).action_reprice_waiting()
        self.assertIn("8 deals", answer["params"]["message"])
        self.assertFalse(job.eta)
        self.assertEqual(self.env["queue.job"].sudo().search([("identity_key", "=", key)]), job)

    def test_what_people_see(self):
        """The rule's form tells how many of its deals wait, of the companies at hand."""
        self.forget_marks()
        line, card = self.get_line(), self.rate_card
        line.rate = 0.2
        self.assertEqual((line.waiting_count, card.waiting_count), (2, 2))
        self.assertEqual(self.bound_carrier.waiting_count, 2)
        self.assertEqual((self.fnac_card.waiting_count, self.reduced.waiting_count), (0, 0))
        self.assertEqual(self.env["res.config.settings"].create({}).onep_waiting_count, 2)
        runs = self.env["onep.evaluation"]
        self.assertEqual(runs.with_user(self.buyer).get_waiting_count(), 2)
        Opportunity = self.env["onep.opportunity"].with_user(self.buyer)
        waiting = Opportunity.search([("is_waiting", "=", True)])
        self.assertEqual(waiting.supplier_offer_id, self.offers[0] | self.offers[2])
        self.assertTrue(all(waiting.mapped("is_waiting")))
        self.assertFalse((Opportunity.search([]) - waiting)[0].is_waiting)
