"""Random deals with every cost line on, as the engine takes them and as the reference does."""

from decimal import Decimal
from functools import cache
from math import isnan

import numpy as np

from ..engine import customs, fee_files
from ..engine.batch import CHEAPEST, MARKETPLACE, MERCHANT
from ..engine.contributions import POSITIONS
from ..engine.landed import land
from ..engine.margin import compute
from ..engine.price_tiers import PriceTiers
from ..engine.purchase import CostTables, Purchase
from ..engine.rate_card import Assumptions
from . import rules, shipped

CODES = (
    "85171300",
    "8528490000",
    "85285900",
    "950300",
    "9503",
    "64039900",
    "640299",
    "0101",
    "8501",
)
ORIGINS = ("CN", "KR", "VN", "DE")
DISCOUNTS = (0.0, 0.02, 0.05, 0.1, 0.35)
ZONES = (None, "islands")
OPTIONS = ((), ("signature",), ("evening",), ("signature", "evening"))
ADJUSTMENTS = ((), ("dangerous_goods",), ("own_packaging",), ("oversize_packaging",))
#: Prices and sizes where a table turns, drawn as often as the others.
PRICES = (10, 10.01, 12, 12.01, 15, 15.01, 20, 20.01, 50, 50.01, 100, 100.01, 200, 250, 250.01)
SIDES = (25, 40, 60, 70, 90, 120, 230, 250, 300, 330, 340, 350, 400, 450, 460, 600, 610, 1010, 1200)
WEIGHTS = (20, 21, 100, 101, 210, 400, 460, 461, 960, 1760, 1900, 3900, 11900, 15000, 23000, 31500)
_RATES = (None, 0.0, 0.02, 0.15)


def card(card_id="rate_card_amazon_fr"):
    """Return a shipped rate card with the invented carriers and every assumption."""
    return shipped.amazon(
        card_id, carriers=rules.CARRIERS, assumptions=Assumptions(**rules.ASSUMED)
    )


def tables():
    """Return the cost tables: invented suppliers, currencies, duties; shipped contributions."""
    return CostTables(
        currencies=CostTables.from_rows(currencies=rules.CURRENCIES).currencies,
        suppliers=CostTables.from_rows(suppliers=rules.SUPPLIERS).suppliers,
        duties=CostTables.from_rows(duties=rules.DUTIES).duties,
        contributions=shipped.contributions().contributions,
    )


class RandomDeals:
    """``count`` deals drawn from a seed, as columns; ``rows`` gives them one by one."""

    def __init__(self, seed, count, rate_card, cost_tables):
        rng = np.random.default_rng(seed)
        self.card, self.tables, self.count = rate_card, cost_tables, count
        draw = {
            "price": rng.integers(50, 20_000, count) / 100.0,
            "quantity": rng.choice([1, 2, 6, 10, 12, 50, 100, np.nan], count),
            "units_priced": rng.choice([1, 1, 1, 6, 12, 100], count),
            "currency": rng.choice(4, count, p=[0.7, 0.14, 0.14, 0.02]),
            "supplier": rng.integers(0, len(rules.SUPPLIERS), count),
            "has_order": rng.random(count) < 0.5,
            "order_value": rng.integers(50_00, 2_000_00, count) / 100.0,
            "order_weight_g": rng.integers(40_000, 400_000, count),
            "order_units": rng.integers(20, 500, count),
            "is_imported": rng.random(count) < 0.4,
            "hs": rng.integers(0, len(CODES), count),
            "origin": rng.integers(0, len(ORIGINS), count),
            "receiving_cost": rng.integers(0, 60, count) / 100.0,
            "preparation_cost": rng.integers(0, 80, count) / 100.0,
            "sell_price_taxed": _around(rng, count, PRICES, rng.integers(100, 40_000, count) / 100),
            "shipping_charged_taxed": rng.integers(0, 800, count) * (rng.random(count) < 0.4) / 100,
            "weight_g": _around(rng, count, WEIGHTS, np.floor(10 ** rng.uniform(1, 4.7, count))),
            "category": rng.integers(0, len(rate_card.category_keys), count),
            "fulfilment": rng.choice([MARKETPLACE, MERCHANT], count),
            "route": rng.choice([-1, 0], count, p=[0.7, 0.3]),
            "adjustments": rng.integers(0, len(ADJUSTMENTS), count),
            "zone": rng.integers(0, len(ZONES), count),
            "options": rng.choice(len(OPTIONS), count, p=[0.7, 0.1, 0.1, 0.1]),
            "units_per_month": rng.integers(0, 300, count),
        }
        for name in ("length_mm", "width_mm", "height_mm"):
            draw[name] = _around(rng, count, SIDES, rng.integers(5, 1_300, count))
        for name in ("discount_1", "discount_2", "discount_3"):
            draw[name] = rng.choice(DISCOUNTS, count)
        for name in ("storage_days", "return_rate", "advertising_rate"):
            draw[name] = rng.integers(0, len(_RATES), count)
        keys = cost_tables.contributions.keys
        levies = [number for number, key in enumerate(keys) if key[0] == "private_copy"]
        others = [number for number in range(len(keys)) if number not in levies]
        for prefix, kinds in (("eco", others), ("levy", levies)):
            draw[f"{prefix}_kind"] = rng.choice(kinds, count)
            draw[f"{prefix}_position"] = rng.integers(0, len(POSITIONS), count)
            draw[f"{prefix}_measure"] = rng.choice([3, 5, 8, 32, 33, 40, 128, 5_000, 6_000], count)
        self.draw = draw
        self.tiers = self._draw_tiers(rng)

    def _draw_tiers(self, rng):
        """Return the price tiers: none to three for each offer, each cheaper than the last."""
        sizes = rng.integers(0, 4, self.count)
        first = np.concatenate(([0], np.cumsum(sizes)))
        place = np.arange(first[-1]) - np.repeat(first[:-1], sizes)
        base = np.repeat(self.draw["price"], sizes)
        quantity = np.array([2.0, 10.0, 50.0])[place]
        return PriceTiers(first, quantity, np.round(base * (0.97 - 0.06 * place), 2))

    def purchase(self):
        """Return the offers as the engine takes them."""
        draw, tables = self.draw, self.tables
        origins = np.array([tables.duties.origin_index(origin) for origin in ORIGINS])
        own = ("price", "quantity", "units_priced", "currency", "supplier", "is_imported")
        own += ("weight_g", "receiving_cost", "preparation_cost")
        own += ("discount_1", "discount_2", "discount_3")
        own += tuple(f"{a}_{b}" for a in ("eco", "levy") for b in ("kind", "measure", "position"))
        orders = ("order_value", "order_weight_g", "order_units")
        return Purchase(
            **{name: draw[name] for name in own},
            **{name: np.where(draw["has_order"], draw[name], np.nan) for name in orders},
            volume_mm3=draw["length_mm"] * draw["width_mm"] * draw["height_mm"],
            commodity_code=customs.codes(CODES)[draw["hs"]],
            origin=origins[draw["origin"]],
            tiers=self.tiers,
        )

    def sale(self):
        """Return the columns of the sale, for ``LandedCost.deals``."""
        draw, card = self.draw, self.card
        own = ("sell_price_taxed", "shipping_charged_taxed", "weight_g", "length_mm", "width_mm")
        own += ("height_mm", "category", "fulfilment", "route", "units_per_month")
        known = set(card.fulfilment.adjustment_codes)
        bits = np.array([card.adjustment_bits(*known.intersection(codes)) for codes in ADJUSTMENTS])
        options = np.array([card.option_bits(*codes) for codes in OPTIONS])
        zones = np.array([card.zone_index(zone) for zone in ZONES])
        return {
            **{name: draw[name] for name in own},
            "adjustments": bits[draw["adjustments"]],
            "carrier_options": options[draw["options"]],
            "zone": zones[draw["zone"]],
            "carrier": CHEAPEST,
            "storage_days": self._rates("storage_days", 100.0),
            "return_rate": self._rates("return_rate"),
            "advertising_rate": self._rates("advertising_rate"),
        }

    def _rates(self, name, factor=1.0):
        rates = [np.nan if rate is None else rate * factor for rate in _RATES]
        return np.array(rates)[self.draw[name]]

    def price(self):
        """Return (landed costs, deals, margins) of the engine."""
        landed = land(self.purchase(), self.tables)
        batch = landed.deals(**self.sale())
        return landed, batch, compute(batch, self.card)

    def rows(self, number=lambda value: Decimal(str(value))):
        """Yield (offer, deal) of each index as the reference reads them."""
        keys = self.tables.contributions.keys
        # The same figures come again and again: each is spelt once.
        number = cache(number)
        first, quantities, prices = (
            getattr(self.tiers, name).tolist() for name in ("first", "quantity", "price")
        )
        columns = [column.tolist() for column in self.draw.values()]
        for index, values in enumerate(zip(*columns, strict=True)):
            draw = dict(zip(self.draw, values, strict=True))
            sides = [number(draw[name]) for name in ("length_mm", "width_mm", "height_mm")]
            tiers = range(first[index], first[index + 1])
            order = ("order_value", "order_weight_g", "order_units")
            offer = {
                "price": number(draw["price"]),
                "tiers": [(quantities[row], number(prices[row])) for row in tiers],
                "discounts": [number(draw[f"discount_{place}"]) for place in (1, 2, 3)],
                "currency": rules.CURRENCIES[draw["currency"]]["code"],
                "supplier": rules.SUPPLIERS[draw["supplier"]]["key"],
                "is_imported": draw["is_imported"],
                "hs": CODES[draw["hs"]],
                "origin": ORIGINS[draw["origin"]],
                "sides": sides,
                **{
                    name: number(draw[name])
                    for name in ("units_priced", "weight_g", "receiving_cost", "preparation_cost")
                },
                "quantity": None if isnan(draw["quantity"]) else number(draw["quantity"]),
                **{name: number(draw[name]) if draw["has_order"] else None for name in order},
            }
            for prefix in ("eco", "levy"):
                offer[f"{prefix}_key"] = keys[draw[f"{prefix}_kind"]]
                offer[f"{prefix}_position"] = POSITIONS[draw[f"{prefix}_position"]]
                offer[f"{prefix}_measure"] = draw[f"{prefix}_measure"]
            yield offer, self._deal(draw, sides, number)

    def _deal(self, draw, sides, number):
        """Return the sale of one deal as the reference reads it."""
        rates = {
            name: None if _RATES[draw[name]] is None else number(_RATES[draw[name]] * factor)
            for name, factor in (
                ("storage_days", 100.0),
                ("return_rate", 1.0),
                ("advertising_rate", 1.0),
            )
        }
        by_marketplace = draw["fulfilment"] == MARKETPLACE
        return rates | {
            "sides": sides,
            "category": self.card.category_keys[draw["category"]],
            "fulfilment": "marketplace" if by_marketplace else "merchant",
            "route": None if draw["route"] < 0 else self.card.route_keys[draw["route"]],
            "adjustments": ADJUSTMENTS[draw["adjustments"]],
            "carrier_options": OPTIONS[draw["options"]],
            "zone": ZONES[draw["zone"]],
            **{
                name: number(draw[name])
                for name in (
                    "sell_price_taxed",
                    "shipping_charged_taxed",
                    "weight_g",
                    "units_per_month",
                )
            },
        }


def _around(rng, count, turns, others):
    """Return values, half of them where a table turns or just beyond."""
    near = rng.choice(np.array(turns, dtype=np.float64), count)
    return np.where(rng.random(count) < 0.5, near, others)


CARD_IDS = tuple(
    row["id"]
    for row in fee_files.read("rate_cards")
    if row["platform"] == "amazon" and not row["valid_to"]
)
