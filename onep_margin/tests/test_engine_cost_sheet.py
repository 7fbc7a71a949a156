import numpy as np

from odoo.tests import BaseCase

from ..engine import causes, customs, explain, margin
from ..engine.causes import Cause, Estimate
from ..engine.contributions import DUE, INSIDE, NONE, ON_TOP
from ..engine.cost_sheet import DOMESTIC, UNION, CostSheet
from ..engine.landed import land
from . import random_deals

EUR, USD = 1, 2
FRANCE, SPAIN, CHINA = 75, 68, 48
PHONE = ("deee", "Smartphone", None)
FRIDGE = ("deee", "Refrigerator", None)
DISK = ("private_copy", "External disk", None)


def sheet(**rows):
    """A French company: one supplier with terms in both currencies, two without."""
    terms = {
        "partner_id": 7,
        "ref": "terms,7",
        "discount_1": 0.1,
        "discount_2": 0.05,
        "carriage": 50.0,
        "carriage_paid_from": 1000.0,
        "order_value": 500.0,
        "inbound_per_kg": 2.0,
    }
    return CostSheet.from_rows(
        **{
            "currencies": [
                {"id": USD, "code": "USD", "rate": 0.9, "safety_margin": 0.02, "ref": "margin,1"},
                {"id": EUR, "code": "EUR", "rate": 1.0},
            ],
            "suppliers": [terms | {"currency_id": USD}, terms | {"currency_id": EUR}],
            "usual": {"inbound_per_unit": 0.5},
            "countries": {FRANCE: DOMESTIC, SPAIN: UNION},
            "duties": [{"hs": "8528", "rate": 0.14, "ref": "duty,1"}],
            "contributions": [
                {"key": PHONE, "amount": 2.56, "ref": "contribution,1"},
                {"key": FRIDGE, "measure_unit": "kg", "measure_max": 40.0, "amount": 12.23},
                {"key": FRIDGE, "measure_unit": "kg", "measure_min": 40.0, "amount": 20.2},
                {"key": DISK, "amount": 6.0},
            ],
            "receiving_cost": 0.2,
        }
        | rows
    )


def offers(**columns):
    """One offer of 100.00, or as many as the longest column."""
    usual = {
        "price": 100.0,
        "quantity": 1.0,
        "eco_amount": np.nan,
        "partner_id": 7.0,
        "currency_id": USD,
        "country_id": FRANCE,
        "weight_g": 1000.0,
        "volume_mm3": np.nan,
        "commodity_code": -1,
        "origin": -1,
        "eco_kind": -1,
        "levy_kind": -1,
    } | columns
    count = max(np.size(column) for column in usual.values())
    return {
        name: np.resize(np.atleast_1d(column), count)
        if name not in ("commodity_code", "origin", "eco_kind", "levy_kind")
        else np.resize(np.atleast_1d(column), count).astype(np.int64)
        for name, column in usual.items()
    }


class TestCostSheet(BaseCase):
    """From an offer's columns to its landed cost, by the rules of its supplier and country."""

    def land(self, given=None, **columns):
        given = given or sheet()
        purchase, assumed = given.purchase(offers(**columns))
        return purchase, land(purchase, given.tables), assumed

    def test_terms_of_a_supplier(self):
        """100 $ less 10 % and 5 % is 85.50 $, 78.489 € at 0.918; carriage is a tenth of it."""
        purchase, landed, assumed = self.land()
        self.assertAlmostEqual(landed.buy_price[0], 78.489)
        self.assertAlmostEqual(landed.supplier_extras[0], 7.8489)
        self.assertAlmostEqual(landed.inbound_cost[0], 2.0)
        self.assertAlmostEqual(landed.landed_cost[0], 78.489 + 7.8489 + 2.0 + 0.2)
        self.assertEqual((landed.unknown[0], assumed[0]), (0, 0))
        rules = sheet().rules(purchase, 0)
        self.assertEqual(rules["buy_price"], "terms,7")
        self.assertEqual(rules["supplier_extras"], "terms,7")

    def test_supplier_without_terms(self):
        """The usual costs are taken, and said to be."""
        purchase, landed, assumed = self.land(partner_id=8.0)
        self.assertAlmostEqual(landed.landed_cost[0], 91.8 + 0.5 + 0.2)
        self.assertEqual(assumed[0], Estimate.SUPPLIER_TERMS_ASSUMED)
        self.assertEqual(sheet().rules(purchase, 0)["buy_price"], "margin,1")
        self.assertIsNone(sheet().rules(purchase, 0)["inbound_cost"])

    def test_currency_without_rate(self):
        _purchase, landed, _assumed = self.land(currency_id=[EUR, 99], partner_id=8.0)
        self.assertEqual(list(landed.unknown), [0, Cause.CURRENCY_RATE_MISSING])
        self.assertAlmostEqual(landed.landed_cost[0], 100.7)

    def test_origin_decides_on_duty(self):
        """A code matters only to goods from outside the customs union."""
        televisions = customs.codes(["8528720000"])[0]
        _purchase, landed, _assumed = self.land(
            partner_id=8.0,
            currency_id=EUR,
            country_id=[FRANCE, SPAIN, np.nan, CHINA, CHINA, CHINA],
            commodity_code=[-1, -1, -1, -1, televisions, customs.codes(["950300"])[0]],
        )
        self.assertEqual(
            [causes.keys(mask) for mask in landed.unknown],
            [[], [], [], ["commodity_code_missing"], [], ["customs_duty_missing"]],
        )
        self.assertEqual(list(landed.customs_duty[:3]), [0.0, 0.0, 0.0])
        self.assertAlmostEqual(landed.customs_duty[4], 0.14 * 100.5)

    def test_terms_beat_the_country(self):
        for terms, duty in (
            ({"supply": "union"}, 0.0),
            ({"supply": "import"}, np.nan),
            ({"supply": "import", "is_duty_paid": True}, 0.0),
        ):
            given = sheet(suppliers=[terms | {"partner_id": 7, "currency_id": USD}])
            _purchase, landed, _assumed = self.land(given)
            self.assertTrue(np.allclose(landed.customs_duty, duty, equal_nan=True), terms)

    def test_contributions_by_origin(self):
        """At home an eco-contribution comes on top and a levy is inside; abroad both are ours."""
        table = sheet().tables.contributions
        purchase, landed, assumed = self.land(
            country_id=[FRANCE, SPAIN, FRANCE, SPAIN],
            eco_kind=[table.index(PHONE)] * 2 + [-1] * 2,
            levy_kind=[table.index(DISK)] * 2 + [-1] * 2,
        )
        self.assertEqual(list(purchase.eco_position), [ON_TOP, DUE, NONE, NONE])
        self.assertEqual(list(purchase.levy_position), [INSIDE, DUE, NONE, NONE])
        self.assertEqual(list(landed.eco_contribution), [2.56, 2.56, 0.0, 0.0])
        self.assertEqual(list(landed.private_copy_levy), [0.0, 6.0, 0.0, 0.0])
        self.assertEqual(list(assumed), [0, 0, 0, Estimate.CONTRIBUTION_UNCHECKED])

    def test_what_the_list_says_of_contributions(self):
        """Its amount, in its currency, beats the schedule; none does not where it is ours."""
        phone = sheet().tables.contributions.index(PHONE)
        _purchase, landed, _assumed = self.land(
            country_id=[FRANCE, FRANCE, SPAIN, FRANCE],
            eco_kind=[phone, phone, phone, -1],
            eco_amount=[1.0, 0.0, 0.0, 1.0],
        )
        self.assertTrue(np.allclose(landed.eco_contribution, [0.918, 0.0, 2.56, 0.918]))

    def test_weighed_contributions(self):
        fridge = sheet().tables.contributions.index(FRIDGE)
        _purchase, landed, _assumed = self.land(
            eco_kind=fridge, weight_g=[30e3, 50e3, np.nan], partner_id=8.0
        )
        self.assertTrue(np.allclose(landed.eco_contribution, [12.23, 20.2, np.nan], equal_nan=True))
        self.assertEqual(causes.keys(landed.unknown[2]), ["eco_tax_missing"])

    def test_unconfirmed_terms(self):
        given = sheet(suppliers=[{"partner_id": 7, "currency_id": USD, "is_unconfirmed": True}])
        _purchase, _landed, assumed = self.land(given)
        self.assertEqual(assumed[0], Estimate.SUPPLIER_TERMS_UNCONFIRMED)

    def test_waterfall_names_the_terms(self):
        given = sheet()
        purchase, landed, assumed = self.land(given)
        card = random_deals.card()
        batch = landed.deals(
            sell_price_taxed=200.0, category=0, fulfilment=1, weight_g=900.0, estimated=assumed
        )
        lines = explain.explain(
            batch,
            margin.compute(batch, card),
            0,
            card,
            landed,
            given.tables,
            given.rules(purchase, 0),
        )
        refs = {line.label_key: line.rule_ref for line in lines}
        self.assertEqual(refs["buy_price"], "terms,7")
        self.assertEqual(refs["supplier_extras"], "terms,7")
        self.assertIsNone(refs["receiving_cost"])
