from odoo.tests import Form, HttpCase, tagged

from odoo.addons.onep_margin.engine.effect import Effect

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestFeeEffect(BuyingCase):
    """What a change of fees would move is seen while it is on screen, and nothing is written.

    The deal of ``common``: 8.00 shipped by the marketplace, 7.00 by us.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.opportunity = cls.make_opportunity()
        cls.rule = cls.rate_card.line_ids

    def setUp(self):
        super().setUp()
        self.env.flush_all()
        self.before = self.state()

    def state(self):
        self.env.cr.execute("SELECT net_margin, write_date, xmin::text FROM onep_opportunity")
        rows = self.env.cr.fetchall()
        self.env.cr.execute("SELECT id, rate, origin, xmin::text FROM onep_rate_card_line")
        return rows, sorted(self.env.cr.fetchall())

    def assertEffect(self, record, **figures):
        effect = record._measure_effect()
        for name, value in figures.items():
            self.assertAlmostEqual(getattr(effect, name), value, 4, name)
        return effect

    def test_a_rule_on_screen(self):
        form = Form(self.rule)
        self.assertFalse(form.effect)
        form.effect_shown = True
        self.assertIn("0 of 1 opportunities would move", form.effect)
        # 40 % of 30.00 is 12.00: 9.00 more than before, and no margin left.
        form.rate = 0.4
        self.assertRegex(form.effect, r'name="turn_bad">1<')
        self.assertRegex(form.effect, r'name="margin_moved">-\D*9\.00')
        self.assertIn(self.opportunity.name, form.effect)
        self.assertIn("falls below the targets", form.effect)
        self.env.flush_all()
        self.assertEqual(self.state(), self.before)

    def test_looking_makes_no_row_ours(self):
        self.env.cr.execute("UPDATE onep_rate_card_line SET origin = 'shipped'")
        self.rule.invalidate_recordset()
        with Form(self.rule) as form:
            form.effect_shown = True
        self.assertEqual(self.rule.origin, "shipped")

    def test_the_rule_that_goes(self):
        form = Form(self.rate_card)
        with form.line_ids.edit(0) as line:
            line.active = False
        form.effect_shown = True
        self.assertRegex(form.effect, r'name="become_unknown">1<')

    def test_a_second_rule_for_the_same_price(self):
        new = self.rule.new({"card_id": self.rate_card.id, "category_id": self.fee_category.id})
        new.update({"rate": 0.2, "method": "flat", "effect_shown": True})
        self.assertIn("could not be saved", new.effect)

    def test_only_deals_of_its_category(self):
        other = self.env["onep.fee.category"].create({"platform": "amazon", "name": "Others"})
        rule = self.rule.create(
            {"card_id": self.rate_card.id, "category_id": other.id, "rate": 0.3}
        )
        self.assertIsNone(rule._measure_effect())
        self.assertEffect(self.rule, compared=1, total=1, moved=0)

    def test_a_card_on_screen(self):
        form = Form(self.rate_card)
        with form.line_ids.edit(0) as line:
            line.rate = 0.05
        form.digital_services_rate = 0.1
        form.effect_shown = True
        # 1.50 of commission less; then 10 % of 1.50 + 4.00 more
        self.assertRegex(form.effect, r'name="margin_moved">\+\D*0\.95')
        self.env.flush_all()
        self.assertEqual(self.state(), self.before)

    def test_a_carrier_on_screen(self):
        self.marketplace.ships_by_marketplace = False
        form = Form(self.carrier)
        with form.line_ids.edit(0) as line:
            line.amount = 6.0
        form.fuel_rate = 0.1
        form.effect_shown = True
        self.assertRegex(form.effect, r'name="margin_moved">-\D*1\.60')
        form.max_weight_g = 100
        self.assertRegex(form.effect, r'name="become_unknown">1<')

    def test_a_version_to_come(self):
        context = {"active_model": "onep.rate.card", "active_id": self.rate_card.id}
        form = Form(self.env["onep.fee.version"].with_context(**context))
        form.scope = "all"
        form.change_rate = 0.1
        form.effect_shown = True
        # 0.30 more of commission, 0.40 more of fulfilment
        self.assertRegex(form.effect, r'name="margin_moved">-\D*0\.70')
        self.env.flush_all()
        self.assertEqual(self.state(), self.before)
        form.save().action_create()
        card, _index = self.env["onep.rate.card"]._get_engine_card(
            "amazon", self.country, form.valid_from
        )
        self.assertAlmostEqual(card.commission.rate[0], 0.11)

    def test_the_first_ones_are_said_to_be_so(self):
        self.make_opportunity(GTINS[1])
        effect = Effect(compared=1, total=2, moved=1)
        text = self.env["ir.qweb"]._render(
            "onep_margin.fee_effect",
            self.rule._prepare_effect_values(effect),
        )
        self.assertRegex(" ".join(text.split()), "Only the first 1 of 2 opportunities")
        self.assertEffect(self.rule, compared=2, total=2)


@tagged("standard", "post_install", "-at_install")
class TestFeeEffectTour(BuyingCase, HttpCase):
    """An administrator adds a rule in French and sees what it moves before saving it."""

    def test_an_administrator_adds_a_commission(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        category = self.env["onep.fee.category"].create(
            {"platform": "amazon", "name": "Objets rares"}
        )
        opportunity = self.make_opportunity(
            offer_vals={"name": "Vase unique"}, market_vals={"category": "Objets rares"}
        )
        self.assertFalse(opportunity.margin_known)
        admin = self.env.ref("base.user_admin")
        admin.write(
            {
                "company_ids": [(4, self.company.id)],
                "company_id": self.company.id,
                "lang": "fr_FR",
            }
        )
        self.start_tour(
            f"/odoo/margin-rate-cards/{self.rate_card.id}",
            "onep_sourcing_fee_effect",
            login="admin",
        )
        rule = self.rate_card.line_ids.filtered(lambda line: line.category_id == category)
        self.assertAlmostEqual(rule.rate, 0.12)
