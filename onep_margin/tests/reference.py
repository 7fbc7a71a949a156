"""The margin again, one deal at a time, in decimals, straight from the shipped files.

Written from the fee sheets and not from the engine, which it checks: no array, no table.
"""

from decimal import ROUND_CEILING, Decimal

from . import shipped

CARD = "rate_card_amazon_fr"


def dec(text):
    """Return the decimal of a cell, None for an empty one."""
    return Decimal(text) if text else None


def commission(category, base):
    """Return (commission, closing fee) of a fee category for what the buyer pays."""
    bands = sorted(
        (row for row in shipped.rows("commissions") if row["category_id"] == category),
        key=lambda row: dec(row["tier_min"]) or 0,
    )
    total = Decimal(0)
    for band in bands:
        low, high = dec(band["tier_min"]) or Decimal(0), dec(band["tier_max"])
        inside = base > low and (high is None or base <= high)
        if band["method"] == "marginal":
            if base > low:
                total += (min(base, high) if high is not None else base) * Decimal(
                    band["rate"]
                ) - low * Decimal(band["rate"])
        elif inside:
            total = base * Decimal(band["rate"])
    minimum = dec(bands[0]["minimum"]) or Decimal(0)
    return max(total, minimum), dec(bands[0]["fixed_amount"]) or Decimal(0)


def fulfilment(category, price, sides, weight):
    """Return the FBA fee before surcharges of a parcel [mm, g]."""
    (entry,) = (row for row in shipped.rows("fee_categories") if row["id"] == category)
    (card,) = (row for row in shipped.rows("rate_cards") if row["id"] == CARD)
    ceiling = {
        "standard": dec(card["low_price_ceiling_taxed"]),
        "restricted": dec(card["low_price_restricted_ceiling_taxed"]),
    }[entry["low_price_class"]]
    shortest, median, longest = sorted(sides)
    girth = longest + 2 * median + 2 * shortest
    volume_weight = longest * median * shortest / Decimal(card["volumetric_divisor"])
    for tier in sorted(shipped.rows("fulfilment_tiers"), key=lambda row: int(row["sequence"])):
        if tier["is_low_price"] and price > ceiling:
            continue
        if tier["audience"] == ("other" if entry["is_selected_parcel"] else "selected"):
            continue
        limits = (
            (longest, "max_longest_mm"),
            (median, "max_median_mm"),
            (shortest, "max_shortest_mm"),
            (girth, "max_girth_mm"),
            (weight, "max_weight_g"),
            (volume_weight, "max_dimensional_g"),
        )
        if any(tier[name] and value > Decimal(tier[name]) for value, name in limits):
            continue
        if tier["min_weight_g"] and weight <= Decimal(tier["min_weight_g"]):
            continue
        billed = max(weight, volume_weight) if tier["is_dimensional"] else weight
        return band_fee(tier["id"], billed)
    return None


def band_fee(tier, billed):
    """Return the fee of a billed weight in a tier."""
    bands = [row for row in shipped.rows("fulfilment_bands") if row["tier_id"] == tier]
    bands.sort(key=lambda row: dec(row["weight_max_g"]) or Decimal("Infinity"))
    for band in bands:
        if band["weight_max_g"] and billed > Decimal(band["weight_max_g"]):
            continue
        fee = Decimal(band["amount"])
        if band["extra_amount"] and billed > Decimal(band["extra_from_g"]):
            steps = (billed - Decimal(band["extra_from_g"])) / Decimal(band["extra_per_g"])
            if band["is_extra_started"]:
                steps = steps.to_integral_value(ROUND_CEILING)
            fee += steps * Decimal(band["extra_amount"])
        return fee
    return None


def parcel(sides, weight):
    """Return what Colissimo 2026 charges for a parcel; None when it does not take it."""
    (grid,) = (row for row in shipped.rows("carriers") if row["id"].endswith("2026"))
    if max(sides) > Decimal(grid["max_longest_mm"]) or sum(sides) > Decimal(grid["max_sum_mm"]):
        return None
    prices = [row for row in shipped.rows("carrier_prices") if row["grid_id"] == grid["id"]]
    for price in sorted(prices, key=lambda row: Decimal(row["weight_max_g"])):
        if weight <= Decimal(price["weight_max_g"]):
            return Decimal(price["amount"])
    return None


def net_margin(deal, assumed):
    """Return the net margin of a deal given as decimals; None when unknown."""
    (card,) = (row for row in shipped.rows("rate_cards") if row["id"] == CARD)
    base = deal["sell_price_taxed"] + deal["shipping_charged_taxed"]
    fee, closing = commission(deal["category"], base)
    sides = (deal["length_mm"], deal["width_mm"], deal["height_mm"])
    if deal["fulfilment"]:
        shipping = parcel(sides, deal["weight_g"])
        fba = Decimal(0)
    else:
        shipping = Decimal(0)
        fba = fulfilment(deal["category"], deal["sell_price_taxed"], sides, deal["weight_g"])
        fba = fba and fba * (1 + Decimal(shipped.rows("surcharges")[0]["rate"]))
    if shipping is None or fba is None:
        return None
    services = Decimal(card["digital_services_rate"]) * (fee + closing + fba)
    landed = deal["buy_price"] + deal["extra_cost"] + deal["eco_tax"]
    volume = sides[0] * sides[1] * sides[2] / Decimal(10**9)
    storage = Decimal(0)
    if not deal["fulfilment"]:
        months = assumed["storage_days"] * 12 / Decimal(365)
        storage = volume * Decimal(card["storage_peak_rate"]) * months
    returns = assumed["return_rate"] * (
        fba
        + shipping
        + Decimal(card["refund_admin_rate"]) * fee
        + assumed["return_cost"]
        + assumed["return_loss_rate"] * landed
    )
    (entry,) = (row for row in shipped.rows("fee_categories") if row["id"] == deal["category"])
    (vat,) = (
        Decimal(row["rate"])
        for row in shipped.rows("vat_rates")
        if row["country_id"] == "base.fr" and row["kind"] == entry["vat_kind"]
    )
    revenue = base / (1 + vat)
    return revenue - landed - fee - closing - services - fba - shipping - storage - returns
