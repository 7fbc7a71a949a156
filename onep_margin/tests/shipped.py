"""The shipped fee data as a rate card and as plain rows, without a database."""

from functools import cache

from ..engine import fee_files
from ..engine.purchase import CostTables
from ..engine.rate_card import RateCard

DOUBTFUL = ("unconfirmed", "estimate")


@cache
def rows(name):
    """Return the rows of a shipped file as dicts of text, one per record."""
    return fee_files.read(name)


def number(text):
    """Return the number of a cell, 0 for an empty one."""
    return float(text or 0.0)


@cache
def vat(country):
    """Return {kind: rate} of a country at the end of 2026, as text."""
    own = [row for row in rows("vat_rates") if row["country_id"] == country]
    return {row["kind"]: row["rate"] for row in own if not row["valid_to"]}


def categories(platform, ceilings=None, country="base.fr", clothing_storage=None):
    """Return the fee categories of a platform as the engine's rows."""
    rates = {kind: number(rate) for kind, rate in vat(country).items()}
    return [
        {
            "key": row["id"],
            "vat_rate": rates.get(row["vat_kind"], float("nan")),
            "is_selected_parcel": row["is_selected_parcel"] == "1",
            "low_price_ceiling": (ceilings or {}).get(row["low_price_class"], 0.0),
            "storage_rate": clothing_storage if row["is_stored_as_clothing"] else None,
        }
        for row in rows("fee_categories")
        if row["platform"] == platform
    ]


def commissions(card_id):
    """Return the commissions of a card as the engine's rows."""
    return [
        {
            "category": row["category_id"],
            "condition": row["condition"] or None,
            "method": row["method"],
            "tier_min": number(row["tier_min"]),
            "tier_max": number(row["tier_max"]),
            "rate": number(row["rate"]),
            "minimum": number(row["minimum"]),
            "fixed": number(row["fixed_amount"]),
            "is_unconfirmed": row["status"] in DOUBTFUL,
            "ref": row["id"],
        }
        for row in rows("commissions")
        if row["card_id"] == card_id
    ]


def tiers(card_id):
    """Return the size tiers of a card as the engine's rows, in order."""
    sizes = [name for name in rows("fulfilment_tiers")[0] if name.startswith(("max_", "min_"))]
    return [
        {
            "name": tier["name"],
            "ref": tier["id"],
            "route": tier["route"] or None,
            "is_low_price": tier["is_low_price"] == "1",
            "audience": tier["audience"],
            "is_dimensional": tier["is_dimensional"] == "1",
            **{name: number(tier[name]) for name in sizes},
            "bands": [
                {
                    "weight_max_g": number(band["weight_max_g"]),
                    "amount": number(band["amount"]),
                    "extra": number(band["extra_amount"]),
                    "extra_per_g": number(band["extra_per_g"]),
                    "extra_from_g": number(band["extra_from_g"]),
                    "is_started": band["is_extra_started"] == "1",
                    "is_unconfirmed": band["status"] in DOUBTFUL,
                }
                for band in rows("fulfilment_bands")
                if band["tier_id"] == tier["id"]
            ],
        }
        for tier in sorted(rows("fulfilment_tiers"), key=lambda row: int(row["sequence"]))
        if tier["card_id"] == card_id
    ]


def adjustments(card_id):
    """Return the fulfilment adjustments of a card as the engine's rows."""
    return [
        {
            "code": row["code"],
            "tier": row["tier_id"] or None,
            "weight_max_g": number(row["weight_max_g"]),
            "amount": number(row["amount"]),
            "extra_per_g": number(row["extra_amount"]) / (number(row["extra_per_g"]) or 1.0),
            "extra_from_g": number(row["extra_from_g"]),
            "is_unconfirmed": row["status"] in DOUBTFUL,
            "ref": row["id"],
        }
        for row in rows("fulfilment_adjustments")
        if row["card_id"] == card_id
    ]


def carriers(*ids):
    """Return carriers as the engine's rows."""
    sizes = ("max_weight_g", "max_longest_mm", "max_sum_mm")
    return [
        {
            "code": row["code"],
            "ref": row["id"],
            **{name: number(row[name]) for name in sizes},
            "lines": [
                {
                    "weight_max_g": number(line["weight_max_g"]),
                    "amount": number(line["amount"]),
                    "is_unconfirmed": line["status"] in DOUBTFUL,
                }
                for line in rows("carrier_prices")
                if line["grid_id"] == row["id"]
            ],
        }
        for row in rows("carriers")
        if row["id"] in ids
    ]


def amazon(card_id="rate_card_amazon_fr", **options):
    """Return a rate card of Amazon at the end of 2026, Colissimo included."""
    (card,) = (row for row in rows("rate_cards") if row["id"] == card_id)
    ceilings = {
        "standard": number(card["low_price_ceiling_taxed"]),
        "restricted": number(card["low_price_restricted_ceiling_taxed"]),
    }
    fuel = [row for row in rows("surcharges") if row["card_id"] == card_id]
    values = {
        "platform": "amazon",
        "country": {"base.uk": "GB"}.get(card["country_id"], card["country_id"][-2:].upper()),
        "currency": card["currency_id"].removeprefix("base."),
        "categories": categories(
            "amazon", ceilings, card["country_id"], number(card["storage_clothing_peak_rate"])
        ),
        "commissions": commissions(card_id),
        "tiers": tiers(card_id),
        "adjustments": adjustments(card_id),
        "carriers": carriers("carrier_colissimo_fr_2026"),
        "divisor": number(card["volumetric_divisor"]),
        "surcharge_rate": sum(number(row["rate"]) for row in fuel),
        "default_vat_rate": number(vat(card["country_id"])["standard"]),
        "digital_services_rate": number(card["digital_services_rate"]),
        "refund_admin_rate": number(card["refund_admin_rate"]),
        "storage_rate": number(card["storage_peak_rate"]),
        "subscription": number(card["subscription"]),
    }
    return RateCard.from_rows(**values | options)


@cache
def amazon_fr(**options):
    """Return the rate card of Amazon.fr at the end of 2026, Colissimo included."""
    return amazon(**options)


@cache
def contributions():
    """Return the shipped contributions as the engine's cost tables."""
    return CostTables.from_rows(
        contributions=[
            {
                "key": (row["scheme"], row["name"], row["condition"] or None),
                "measure_min": number(row["measure_min"]),
                "measure_max": number(row["measure_max"]),
                "is_below": row["is_below"] == "1",
                "amount": None if row["is_amount_unknown"] else number(row["amount"]),
                "is_unconfirmed": row["status"] in DOUBTFUL,
                "ref": row["id"],
            }
            for row in rows("contributions")
        ]
    )


def category(card, name):
    """Return the index of a shipped fee category, by the end of its id."""
    return card.category_index(f"fee_category_{card.platform}_{name}")
