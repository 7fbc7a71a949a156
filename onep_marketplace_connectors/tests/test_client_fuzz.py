"""Answers of any shape: figures or an error that says what to do, never a traceback."""

import copy
import json
import os
import random
from pathlib import Path

import httpx
from lxml import etree

from odoo.tests import tagged

from odoo.addons.onep_marketplace_connectors.clients import xml
from odoo.addons.onep_marketplace_connectors.clients.errors import MarketplaceError
from odoo.addons.onep_marketplace_connectors.clients.records import STATES
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects

from .test_client_recorded import RecordedCase

DATA = Path(__file__).parent / "data"
ROUNDS = int(os.environ.get("ONEP_FUZZ_ROUNDS", "200"))
GTIN = "03700000000017"
ODD = (None, "", "x", 0, -1, 1e300, True, [], [None], {}, {"a": 1}, "2359109693", ["x", 3])
SHEET = {"items": [{"reference": "AUC1", "gtin": "3700000000017", "label": "Cafetière"}]}
OFFERS = {
    "items": [
        {
            "condition": "New",
            "product": {"gtin": "3700000000017", "reference": "AUC1"},
            "facialPrice": {"price": 24.9},
            "quantity": 3,
            "salesChannelFeedback": {
                "bestOfferDetails": {"isBestOffer": False, "price": 22.5},
                "competingOffers": [
                    {
                        "price": 22.5,
                        "isBestOffer": True,
                        "seller": {"id": 7, "name": "X"},
                        "shipping": {"shippingPrice": 1.0},
                    }
                ],
            },
        }
    ]
}
CATEGORIES = {"items": [{"categoryReference": "0A1B02", "label": "X", "parentReferences": ["0A"]}]}
MIRAKL = {
    "products": [
        {
            "product_sku": "P1",
            "product_title": "Lampe",
            "product_references": [{"reference_type": "EAN", "reference": "3700000000017"}],
            "product_id": "3700000000017",
            "product_id_type": "EAN",
            "total_count": 2,
            "offers": [{"price": 20.0, "applicable_pricing": {"price": 20.0}, "active": True}],
        }
    ]
}
MIRAKL_OFFERS = {
    "offers": [MIRAKL["products"][0] | {"shop_sku": "S", "price": 2}],
    "total_count": 1,
}
STOCK = {
    "payload": {
        "inventorySummaries": [
            {
                "sellerSku": "S",
                "asin": "B0",
                "totalQuantity": 3,
                "inventoryDetails": {
                    "fulfillableQuantity": 2,
                    "inboundWorkingQuantity": 1,
                    "reservedQuantity": {"totalReservedQuantity": 1},
                },
            }
        ]
    }
}


def mutated(value, draw):
    """A copy with one node replaced, dropped or doubled."""
    value = copy.deepcopy(value)
    holder, key, node = None, None, value
    while isinstance(node, dict | list) and node and (holder is None or draw.random() < 0.85):
        holder = node
        key = draw.choice(list(node)) if isinstance(node, dict) else draw.randrange(len(node))
        node = node[key]
    if holder is None:
        return draw.choice(ODD)
    change = draw.random()
    if change < 0.7:
        holder[key] = draw.choice(ODD)
    elif change < 0.85:
        del holder[key]
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(node))
    else:
        holder[f"{key}_new"] = node
    return value


@tagged("standard", "post_install", "-at_install")
class TestOddAnswers(RecordedCase):
    def try_all(self, platform, sample, use, **changes):
        """Run `use(client)` on many mutations of a sample."""
        answers = {}
        client = self.client(
            platform, lambda _request: httpx.Response(200, json=answers["body"]), **changes
        )
        for seed in range(ROUNDS):
            answers["body"] = mutated(sample, random.Random(seed))
            with self.subTest(seed=seed, body=json.dumps(answers["body"])[:200]):
                use(client)

    def ask(self, step, gtin=GTIN, external_id="B0EXAMPLE1"):
        def use(client):
            answer = client.ask(step, Subjects([gtin], [external_id], price_taxed=[25.5]))
            self.assertEqual([*answer.table.gtin, *answer.pending], [gtin])
            self.assertLessEqual(set(answer.table.state), set(STATES))
            for name in ("buy_box_price_taxed", "lowest_price_taxed", "offer_count", "total_fee"):
                for value in getattr(answer.table, name, ()):
                    self.assertIsInstance(value, int | float | None)
                    self.assertLess(value or 0, 1e15)
            for name in ("name", "brand", "buy_box_seller", "url", "reason_detail", "currency"):
                for value in getattr(answer.table, name, ()):
                    self.assertIsInstance(value, str | None)

        return use

    def test_amazon(self):
        answers = json.loads((DATA / "amazon_answers.json").read_text())
        sandbox = {
            name: json.loads((DATA / "amazon_sandbox" / f"{name}.json").read_text())
            for name in (
                "getCompetitiveSummary",
                "getMyFeesEstimates",
                "getListingsRestrictions",
                "getItemEligibilityPreview",
            )
        }
        early = copy.deepcopy(answers["offers"])
        early["responses"][0]["body"]["payload"]["status"] = "ActiveButTooSoonForProcessing"
        self.try_all("amazon", answers["catalog"], self.ask(Step.IDENTITY))
        self.try_all("amazon", answers["competitive"], self.ask(Step.WIDE))
        self.try_all("amazon", answers["offers"], self.ask(Step.DETAIL))
        self.try_all("amazon", early | sandbox["getCompetitiveSummary"], self.ask(Step.DETAIL))
        self.try_all("amazon", sandbox["getMyFeesEstimates"], self.ask(Step.FEES))
        rights = sandbox["getListingsRestrictions"] | sandbox["getItemEligibilityPreview"]
        self.try_all("amazon", rights, self.ask(Step.RIGHTS))

    def test_cdiscount(self):
        self.try_all("cdiscount", SHEET, self.ask(Step.IDENTITY))
        self.try_all("cdiscount", OFFERS, self.ask(Step.WIDE))

    def test_mirakl(self):
        self.try_all("mirakl", MIRAKL, self.ask(Step.IDENTITY))
        self.try_all("mirakl", MIRAKL, self.ask(Step.WIDE))

    def test_listings(self):
        for platform, sample, name in (
            ("cdiscount", OFFERS, "own_offers"),
            ("cdiscount", CATEGORIES, "categories"),
            ("mirakl", MIRAKL_OFFERS, "own_offers"),
            ("mirakl", {"hierarchies": [{"code": "1", "label": "X", "level": 1}]}, "categories"),
            ("amazon", STOCK, "own_stock"),
        ):

            def use(client, name=name):
                try:
                    page = getattr(client, name)()
                except MarketplaceError:
                    return
                for column in page.columns():
                    self.assertLessEqual(
                        {type(value) for value in column}, {str, int, float, bool, type(None)}
                    )

            self.try_all(platform, sample, use)

    def test_fnac(self):
        for name in ("fnac_prices_v3.xml", "fnac_pricing_v1.xml", "fnac_pricing_v2.xml"):
            root = xml.parse((DATA / name).read_bytes())
            reference = root.find(".//product_reference").text.zfill(14)
            answers = {}
            client = self.client(
                "fnac",
                lambda _request, answers=answers: httpx.Response(200, content=answers["body"]),
                settings={"pricing": "v1"} if "pricing" in name else {},
            )
            for seed in range(ROUNDS):
                draw = random.Random(seed)
                changed = copy.deepcopy(root)
                node = draw.choice([one for one in changed.iter() if one is not changed])
                change = draw.random()
                if change < 0.3:
                    node.getparent().remove(node)
                elif change < 0.7:
                    node.text = draw.choice(("", "x", "-1", "1e999", "0", "n/a", "12,50"))
                else:
                    node.tag = draw.choice(("standard", "error", "price", "ranked_offers", "odd"))
                answers["body"] = etree.tostring(changed)
                with self.subTest(name=name, seed=seed):
                    self.ask(Step.WIDE, reference, None)(client)
