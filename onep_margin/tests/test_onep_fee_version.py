from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from ..engine import margin
from ..engine.batch import DealBatch
from .margin_case import MarginCase


class TestFeeVersion(MarginCase):
    """A grid is copied to a new date; the former is kept, and ends the day before."""

    def wizard(self, source, **vals):
        context = {"active_model": source._name, "active_id": source.id}
        return (
            self.env["onep.fee.version"]
            .with_context(**context)
            .create({"valid_from": "2027-01-01"} | vals)
        )

    def version(self, source, **vals):
        action = self.wizard(source, **vals).action_create()
        return self.env[source._name].browse(action["res_id"])

    def commission(self, on_date):
        card, index = self.engine_card(on_date=on_date)
        deal = DealBatch(buy_price=5.0, sell_price_taxed=24.0, category=index[self.toys.id])
        return margin.compute(deal, card).commission[0]

    def test_an_old_day_keeps_its_grid(self):
        toys = self.env.ref("onep_margin.commission_amazon_fr_toys")
        new = self.version(
            self.amazon, name="Amazon.fr 2027", scope="chosen", line_ids=[(6, 0, toys.ids)],
            change_rate=0.1, status="confirmed",
        )  # fmt: skip
        self.assertTrue(new.active)
        self.assertEqual(str(self.amazon.valid_to), "2026-12-31")
        self.assertEqual((new.name, str(new.valid_from)), ("Amazon.fr 2027", "2027-01-01"))
        self.assertAlmostEqual(self.commission("2026-12-31"), 3.6)
        self.assertAlmostEqual(self.commission("2027-01-01"), 3.96)
        for name in ("line_ids", "tier_ids", "surcharge_ids"):
            self.assertEqual(len(new[name]), len(self.amazon[name]), name)
        self.assertEqual(len(new.tier_ids.band_ids), len(self.amazon.tier_ids.band_ids))
        changed = new.line_ids.filtered(lambda line: "10" in (line.source or "")[-6:])
        self.assertEqual(changed.mapped("status"), ["confirmed"])
        self.assertIn("Amazon.fr 2026", changed.source)

    def test_everything_by_a_percentage(self):
        grid = self.env.ref("onep_margin.carrier_colissimo_fr_2026")
        new = self.version(grid, scope="all", change_rate=0.034)
        for old, line in zip(grid.line_ids, new.line_ids, strict=True):
            self.assertEqual(line.amount, self.euro.round(old.amount * 1.034))
            self.assertEqual(line.status, "unconfirmed")
        new = self.version(self.amazon, scope="all", change_rate=0.05)
        band, old = new.tier_ids[0].band_ids[0], self.amazon.tier_ids[0].band_ids[0]
        self.assertEqual(band.amount, self.euro.round(old.amount * 1.05))

    def test_a_version_ends_when_the_former_would_have(self):
        self.amazon.valid_to = "2027-06-30"
        self.assertEqual(str(self.version(self.amazon).valid_to), "2027-06-30")

    def test_a_version_follows_the_former(self):
        with self.assertRaisesRegex(UserError, "Amazon.fr 2026"):
            self.version(self.amazon, valid_from="2026-02-01")
        later = self.amazon.copy({"valid_from": "2027-01-01"})
        later.write({"name": "Prepared by hand", "valid_from": "2027-03-01"})
        self.amazon.valid_to = "2027-02-28"
        later.active = True
        self.amazon.valid_to = "2027-02-28"
        new = self.version(self.amazon)
        self.assertEqual(str(new.valid_to), "2027-02-28")
        with self.assertRaisesRegex(ValidationError, "Prepared by hand"), self.env.cr.savepoint():
            new.valid_to = False

    def test_form(self):
        context = {"active_model": "onep.rate.card", "active_id": self.amazon.id}
        with Form(self.env["onep.fee.version"].with_context(**context)) as form:
            self.assertEqual(form.name, "Amazon.fr 2026")
            form.effect_shown = True
            # This addon alone knows no deals.
            self.assertIn("nothing to compare", form.effect)
