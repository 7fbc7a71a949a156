"""The margin again, one deal at a time, with plain loops and conditions, from the rows themselves.

Written from the fee sheets and not from the engine, which it checks: no array, no table. Exact
with ``Decimal``; the bench runs it with ``float``.
"""

from decimal import ROUND_CEILING, Decimal
from functools import cache
from math import ceil, floor

from . import rules, shipped

INFINITE = Decimal("Infinity")


class Unknown(Exception):
    """A figure that the deal needs is missing."""


class Reference:
    """Rules of one shipped card and of ``rules``, and the margin they give to a deal."""

    def __init__(self, card_id="rate_card_amazon_fr", number=Decimal):
        # The same figures come again and again: each is spelt once.
        self.number = cache(lambda value: number(str(0 if value in (None, "") else value)))
        self.card = next(row for row in shipped.rows("rate_cards") if row["id"] == card_id)
        self.categories = {row["id"]: row for row in shipped.rows("fee_categories")}
        self.commissions = {}
        for row in shipped.rows("commissions"):
            if row["card_id"] == card_id:
                self.commissions.setdefault(row["category_id"], []).append(self.figures(row))
        own = [row for row in shipped.rows("fulfilment_tiers") if row["card_id"] == card_id]
        self.tiers = [self.figures(row) for row in sorted(own, key=lambda r: int(r["sequence"]))]
        names = {tier["id"] for tier in self.tiers}
        self.bands = {}
        for row in shipped.rows("fulfilment_bands"):
            if row["tier_id"] in names:
                self.bands.setdefault(row["tier_id"], []).append(self.figures(row))
        self.adjustments = [
            self.figures(row)
            for row in shipped.rows("fulfilment_adjustments")
            if row["card_id"] == card_id
        ]
        self.vat = {
            row["kind"]: self.number(row["rate"])
            for row in shipped.rows("vat_rates")
            if row["country_id"] == self.card["country_id"] and not row["valid_to"]
        }
        self.fuel = self.number(
            next(r["rate"] for r in shipped.rows("surcharges") if r["card_id"] == card_id)
        )
        self.assumed = {name: self.number(value) for name, value in rules.ASSUMED.items()}
        self.contributions = {}
        for row in shipped.rows("contributions"):
            key = (row["scheme"], row["name"], row["condition"] or None)
            self.contributions.setdefault(key, []).append(self.figures(row))
        self.currencies = {row["code"]: row for row in rules.CURRENCIES}
        self.suppliers = {row["key"]: row for row in rules.SUPPLIERS}

    def figures(self, row):
        """Return a row of text with its figures as numbers; empty ones are 0."""
        plain = {}
        for name, text in row.items():
            is_figure = name.startswith(("max_", "min_", "tier_m", "measure_m", "weight_", "extra"))
            is_figure |= name in ("amount", "rate", "minimum", "fixed_amount")
            plain[name] = self.number(text) if is_figure else text
        return plain

    # Cost

    def landed(self, offer):
        """Return {line: amount} of an offer; raises Unknown."""
        number = self.number
        currency = self.currencies[offer["currency"]]
        if currency["rate"] is None:
            raise Unknown
        rate = number(currency["rate"]) * (1 + number(currency.get("safety_margin") or 0))
        eco, inside_eco = self.contribution(offer, "eco")
        levy, inside_levy = self.contribution(offer, "levy")
        price = offer["price"]
        if offer["tiers"] and offer["quantity"] is None:
            raise Unknown
        for quantity, tier_price in offer["tiers"]:
            if quantity <= offer["quantity"]:
                price = tier_price
        price = price / offer["units_priced"] * rate
        inside = inside_eco + inside_levy
        open_to_discount = price - inside
        for discount in offer["discounts"]:
            open_to_discount -= open_to_discount * discount
        price = open_to_discount + inside
        extras = self.supplier_extras(offer, price / rate) * rate
        inbound = self.inbound(offer)
        duty = self.duty(offer, price + extras + inbound)
        lines = {
            "buy_price": price,
            "supplier_extras": extras,
            "inbound_cost": inbound,
            "customs_duty": duty,
            "receiving_cost": offer["receiving_cost"],
            "preparation_cost": offer["preparation_cost"],
            "eco_contribution": eco,
            "private_copy_levy": levy,
        }
        return lines | {"landed_cost": sum(lines.values())}

    def contribution(self, offer, prefix):
        """Return what a contribution adds to the price, and what of it is inside the price."""
        key, position = offer[f"{prefix}_key"], offer[f"{prefix}_position"]
        if position == "none" or (position == "inside" and not any(offer["discounts"])):
            # In the price, whatever it is worth.
            return self.number(0), self.number(0)
        measure = offer[f"{prefix}_measure"]
        for row in self.contributions[key]:
            low, high = row["measure_min"], row["measure_max"] or self.number("Infinity")
            fits = low <= measure < high if row["is_below"] else low < measure <= high
            if fits or (low == 0 and measure == 0):
                if row["is_amount_unknown"]:
                    raise Unknown
                break
        if position == "inside":
            return self.number(0), row["amount"]
        return row["amount"], self.number(0)

    def supplier_extras(self, offer, price):
        """Return the share of the order's extras of a unit bought at ``price``, in his money."""
        number = self.number
        terms = self.suppliers[offer["supplier"]]
        order = offer["order_value"]
        quantity = offer["quantity"]
        extras = number(terms.get("handling"))
        paid_from = terms.get("carriage_paid_from")
        if paid_from is None or self.order_value(offer, price) < number(paid_from):
            extras += number(terms.get("carriage"))
        small_below = terms.get("small_order_below")
        if small_below and self.order_value(offer, price) < number(small_below):
            extras += number(terms.get("small_order_surcharge"))
        spread = terms.get("spread") or "value"
        if order is None:
            if extras and quantity is None:
                raise Unknown
            return extras / quantity if extras else extras
        if spread == "value":
            return extras * price / order
        if spread == "weight":
            return extras * offer["weight_g"] / offer["order_weight_g"]
        return extras / offer["order_units"]

    def order_value(self, offer, price):
        """Return the value of the order of an offer bought at ``price``."""
        if offer["order_value"] is not None:
            return offer["order_value"]
        if offer["quantity"] is None:
            raise Unknown
        return price * offer["quantity"]

    def inbound(self, offer):
        """Return our transport of a unit."""
        terms = self.suppliers[offer["supplier"]]
        length, width, height = offer["sides"]
        return (
            self.number(terms.get("inbound_per_unit"))
            + self.number(terms.get("inbound_per_kg")) * offer["weight_g"] / 1000
            + self.number(terms.get("inbound_per_m3")) * length * width * height / 10**9
        )

    def duty(self, offer, value):
        """Return the customs duty of a unit worth ``value`` at the border."""
        if not offer["is_imported"]:
            return self.number(0)
        candidates = [
            row
            for row in rules.DUTIES
            if offer["hs"].startswith(row["hs"]) and row.get("origin") in (None, offer["origin"])
        ]
        if not candidates:
            raise Unknown
        row = max(candidates, key=lambda row: (bool(row.get("origin")), len(row["hs"])))
        by_weight = self.number(row.get("per_kg")) * offer["weight_g"] / 1000
        return self.number(row["rate"]) * value + by_weight

    # Sale

    def commission(self, category, base):
        """Return (commission, closing fee) of a fee category for what the buyer pays."""
        bands = self.commissions[category]
        total = self.number(0)
        for band in sorted(bands, key=lambda band: band["tier_min"]):
            low, high = band["tier_min"], band["tier_max"]
            if band["method"] == "marginal":
                if base > low:
                    total += ((min(base, high) if high else base) - low) * band["rate"]
            elif base > low and (not high or base <= high):
                total = base * band["rate"]
        return max(total, bands[0]["minimum"]), bands[0]["fixed_amount"]

    def fulfilment(self, deal):
        """Return the marketplace's fee, adjustments and surcharge included."""
        entry = self.categories[deal["category"]]
        ceiling = {
            "standard": self.number(self.card["low_price_ceiling_taxed"]),
            "restricted": self.number(self.card["low_price_restricted_ceiling_taxed"]),
        }[entry["low_price_class"]]
        shortest, median, longest = sorted(deal["sides"])
        weight = deal["weight_g"]
        by_volume = longest * median * shortest / self.number(self.card["volumetric_divisor"])
        limits = (
            ("max_longest_mm", longest),
            ("max_median_mm", median),
            ("max_shortest_mm", shortest),
            ("max_girth_mm", longest + 2 * median + 2 * shortest),
            ("max_weight_g", weight),
            ("max_dimensional_g", by_volume),
        )
        for tier in self.tiers:
            if (tier["route"] or None) != deal["route"]:
                continue
            if tier["is_low_price"] and deal["sell_price_taxed"] > ceiling:
                continue
            if tier["audience"] == ("other" if entry["is_selected_parcel"] else "selected"):
                continue
            if tier["min_weight_g"] and weight <= tier["min_weight_g"]:
                continue
            if any(tier[name] and value > tier[name] for name, value in limits):
                continue
            billed = max(weight, by_volume) if tier["is_dimensional"] else weight
            return self.band_fee(tier["id"], billed, deal["adjustments"]) * (1 + self.fuel)
        raise Unknown

    def band_fee(self, tier, billed, adjustments):
        """Return the fee of a billed weight in a tier, with what the adjustments add."""
        bands = self.bands[tier]
        for band in sorted(bands, key=lambda b: b["weight_max_g"] or float("inf")):
            if not band["weight_max_g"] or billed <= band["weight_max_g"]:
                break
        else:
            raise Unknown
        fee = band["amount"]
        if band["extra_amount"] and billed > band["extra_from_g"]:
            steps = (billed - band["extra_from_g"]) / band["extra_per_g"]
            if band["is_extra_started"]:
                steps = self.started(steps)
            fee += steps * band["extra_amount"]
        for code in adjustments:
            fee += self.adjustment(code, tier, band, billed)
        return fee

    def adjustment(self, code, tier, band, billed):
        """Return what one adjustment adds: its row for this tier, else the one for all."""
        own = [row for row in self.adjustments if row["code"] == code]
        fitting = [
            row
            for row in own
            if row["tier_id"] == tier and row["weight_max_g"] in (0, band["weight_max_g"])
        ]
        for row in fitting or [row for row in own if not row["tier_id"]]:
            extra = max(billed - row["extra_from_g"], 0) * row["extra_amount"]
            return row["amount"] + (extra / row["extra_per_g"] if extra else 0)
        return 0

    def started(self, steps):
        """Return steps with a started one counted whole."""
        if isinstance(steps, Decimal):
            return steps.to_integral_value(ROUND_CEILING)
        return ceil(steps - 1e-9)

    def parcel(self, deal):
        """Return what the cheapest carrier that takes a parcel charges."""
        prices = [self.carrier_price(grid, deal) for grid in rules.CARRIERS]
        prices = [price for price in prices if price is not None]
        if not prices:
            raise Unknown
        return min(prices)

    def carrier_price(self, grid, deal):
        """Return what a carrier charges for a parcel; None when it does not take it."""
        number = self.number
        sides, weight = deal["sides"], deal["weight_g"]
        longest = max(sides)
        girth = 2 * sum(sides) - longest
        limits = (
            ("max_weight_g", weight),
            ("max_longest_mm", longest),
            ("max_sum_mm", sum(sides)),
            ("max_girth_mm", girth),
        )
        if any(grid.get(name) and value > number(grid[name]) for name, value in limits):
            return None
        offered = {supplement.get("code") for supplement in grid.get("supplements", ())}
        if not set(deal["carrier_options"]) <= offered:
            return None
        billed = weight
        if grid.get("divisor"):
            step = number(grid.get("side_step_mm"))
            if step:
                sides = [floor(side / step + number("0.5")) * step for side in sides]
            billed = max(billed, sides[0] * sides[1] * sides[2] / number(grid["divisor"]))
        if grid.get("weight_step_g"):
            step = number(grid["weight_step_g"])
            billed = self.started(billed / step) * step
        zones = {line.get("zone") for line in grid["lines"]}
        zone = deal["zone"] if deal["zone"] in zones else None
        for line in grid["lines"]:
            if line.get("zone") == zone and billed <= number(line["weight_max_g"]):
                break
        else:
            return None
        price, fuelled, plain = number(line["amount"]), number(0), number(0)
        for supplement in grid.get("supplements", ()):
            bounds = (
                ("above_weight_g", weight),
                ("above_longest_mm", longest),
                ("above_sum_mm", sum(sides)),
                ("above_girth_mm", girth),
            )
            limited = [(name, value) for name, value in bounds if supplement.get(name)]
            if limited and not any(value > number(supplement[name]) for name, value in limited):
                continue
            if supplement.get("code") and supplement["code"] not in deal["carrier_options"]:
                continue
            amount = number(supplement["amount"]) + number(supplement.get("rate")) * price
            if supplement.get("is_fuelled"):
                fuelled += amount
            else:
                plain += amount
        fuel = number(grid.get("fuel_rate"))
        return (price + fuelled) * (1 + fuel) + plain + number(grid.get("fixed_amount"))

    def margin(self, deal, landed):
        """Return {line: amount} of a deal that costs ``landed``; raises Unknown."""
        number = self.number
        kind = self.categories[deal["category"]]["vat_kind"]
        if kind not in self.vat:
            raise Unknown
        base = deal["sell_price_taxed"] + deal["shipping_charged_taxed"]
        revenue = base / (1 + self.vat[kind])
        commission, closing = self.commission(deal["category"], base)
        by_marketplace = deal["fulfilment"] == "marketplace"
        fba = self.fulfilment(deal) if by_marketplace else number(0)
        parcel = number(0) if by_marketplace else self.parcel(deal)
        services = number(self.card["digital_services_rate"]) * (commission + closing + fba)
        length, width, height = deal["sides"]
        is_clothing = self.categories[deal["category"]]["is_stored_as_clothing"]
        theirs = self.card["storage_clothing_peak_rate" if is_clothing else "storage_peak_rate"]
        monthly = number(theirs) if by_marketplace else self.assumed["own_storage_rate"]
        days = self.own(deal, "storage_days")
        storage = monthly * days * 12 / 365 * length * width * height / 10**9
        returned = self.own(deal, "return_rate") * (
            fba
            + parcel
            + number(self.card["refund_admin_rate"]) * commission
            + self.assumed["return_cost"]
            + self.assumed["return_loss_rate"] * landed
        )
        fees = {
            "commission": commission,
            "closing_fee": closing,
            "digital_services_fee": services,
            "fulfilment_fee": fba,
            "carrier_cost": parcel,
            "storage_cost": storage,
            "return_cost": returned,
            "advertising_cost": self.own(deal, "advertising_rate") * revenue,
            "subscription_cost": number(self.card["subscription"]) / self.assumed["monthly_units"],
        }
        net = revenue - landed - sum(fees.values())
        return fees | {
            "revenue_untaxed": revenue,
            "total_fees": sum(fees.values()),
            "net_margin": net,
            "margin_rate": net / revenue,
            "margin_on_price_rate": net / base,
            "roi": net / landed if landed > 0 else None,
            "monthly_margin": net * deal["units_per_month"],
        }

    def own(self, deal, name):
        """Return an expectation of the deal, else what is assumed of all."""
        return self.assumed[name] if deal[name] is None else deal[name]

    def price(self, offer, deal):
        """Return every line of a deal, from the offer on; raises Unknown."""
        costs = self.landed(offer)
        return costs | self.margin(deal, costs["landed_cost"])
