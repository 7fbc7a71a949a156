"""XML as shops write it: elements that repeat, control characters, entities inside addresses."""

from odoo.tests.common import BaseCase

from ..ingest import arrow, preview, texts


def catalogue(parts, head=""):
    """A file whose records have these elements beside a code, a name and a stock."""
    records = (
        f"<p><sku>A{n}</sku><name>Lampe {n}</name>{part}<stock>3</stock></p>"
        for n, part in enumerate(parts)
    )
    return f"{head}<c>{''.join(records)}</c>"


class TestXml(BaseCase):
    def look_at(self, text, codec="utf-8"):
        found = preview.preview(text.encode(codec))
        self.columns = {entry["column"]: entry["field"] for entry in found["mapping"]}
        self.repairs = {item["rule"]: item["count"] for item in found["repairs"]}
        self.counts = found["counts"]
        self.assertEqual(self.counts["rows"], self.counts["accepted"] + self.counts["quarantined"])
        return found["offers"]

    def test_prices_by_quantity_are_steps(self):
        ways = (
            ("{}", "<price qty='{}'>{}</price>"),
            ("<prices>{}</prices>", "<price><quantity>{}</quantity><amount>{}</amount></price>"),
        )
        given = (
            [(1, "12.50"), (10, "11.50"), (100, "9.90")],
            [(100, "7.00"), (1, "13.50"), (10, "12.50")],
            [(1, "15.50")],
            [(10, "4.50")],
        )
        for around, price in ways:
            parts = [around.format("".join(price.format(*step) for step in row)) for row in given]
            with self.subTest(price):
                offers = self.look_at(catalogue(parts))
                prices = [offer["purchase_price"] for offer in offers]
                self.assertEqual(prices, ["12.50", "13.50", "15.50", "4.50"])
                steps = [
                    {step["quantity"]: step["price"] for step in offer["tiers"] or []}
                    for offer in offers
                ]
                self.assertEqual(
                    steps, [{10: "11.50", 100: "9.90"}, {10: "12.50", 100: "7.00"}, {}, {}]
                )
                self.assertNotIn("xml-repeated", self.repairs)

    def test_elements_that_repeat_with_a_kind_have_columns_of_their_own(self):
        net, retail = "<price type='net'>{}</price>", "<price type='retail'>{}</price>"
        parts = [
            net.format("10.50") + retail.format("20.00"),
            retail.format("22.00") + net.format("11.50"),
            net.format("8.00"),
            retail.format("23.00"),
        ]
        offers = self.look_at(catalogue(parts))
        self.assertEqual(self.columns["price (retail)"], "recommended_retail_price")
        found = [(o["purchase_price"], o["recommended_retail_price"]) for o in offers]
        self.assertEqual(found, [("10.50", "20.00"), ("11.50", "22.00"), ("8.00", None)])
        self.assertEqual(self.counts["quarantined"], 1)  # a retail price is no price to pay

        named = "".join(f"<field name='{name}'>{{}}</field>" for name in ("price", "ean", "brand"))
        offers = self.look_at(catalogue([named.format("12.50", "4006381333931", "Lumia")] * 2))
        self.assertEqual(offers[0]["purchase_price"], "12.50")
        self.assertEqual((offers[0]["ean"], offers[0]["brand"]), ("04006381333931", "Lumia"))

    def test_what_is_read_once_is_said(self):
        """Ids are no kind: each record has others."""
        part = (
            "<price>12.50</price>"
            "<category id='{}'>Salon</category><category id='{}'>Bois</category>"
        )
        offers = self.look_at(catalogue([part.format(n, n + 50) for n in range(3)]))
        self.assertEqual([offer["category"] for offer in offers], ["Salon"] * 3)
        self.assertEqual(self.repairs["xml-repeated"], 3)
        self.assertFalse([name for name in self.columns if "(" in name])

    def test_control_characters_refuse_nothing(self):
        odd = "A\x01B\x00C&#0;&#x1F;&#xFFFF;&#55296;&#1114112;&#233;"
        part = f"<price>12.50</price><brand>{odd}</brand>"
        for codec in ("utf-8", "iso-8859-1", "utf-16"):
            with self.subTest(codec):
                head = f"<?xml version='1.0' encoding='{codec}'?>"
                offers = self.look_at(catalogue([part] * 2, head), codec)
                self.assertEqual([offer["brand"] for offer in offers], ["ABCé"] * 2)
                self.assertEqual(self.repairs["xml-control"], 14)

    def test_addresses_keep_their_parts(self):
        address = "http://shop.example.com/p.jpg?id=1&copy=1&reg;=2&lt=3"
        part = f"<price>12.50</price><image>{address}</image><brand>Caf&eacute;</brand>"
        offers = self.look_at(catalogue([part] * 2))
        self.assertEqual(offers[0]["image_url"], address)
        self.assertEqual(offers[0]["brand"], "Café")

        cells = {
            f"Voir <b>ici</b> {address} &eacute;t&eacute;": f"Voir ici {address} été",
            "A&amp;B http://x.example.com/?a=1&amp;copy=2": "A&B http://x.example.com/?a=1&copy=2",
            "<i>&copy 2026</i> R&Dam &copyright": "© 2026 R&Dam &copyright",
            "Caf&amp;eacute; &#233;&#xE9;": "Café éé",
        }
        clean, _marked = texts.clean(arrow.text(list(cells)))
        self.assertEqual(clean.to_pylist(), list(cells.values()))
