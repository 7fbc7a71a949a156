"""Fnac's offers_query: what a shop sells itself, with the fee Fnac would take."""

from __future__ import annotations

import operator
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from . import accounts
from .exchange import Call, Reply
from .fnac_xml import NAMESPACE, NEW, error, fnac_id, own_price, own_quantity, text_of, title, xml
from .market import Listing, Market
from .motion import Draws

_MOST = 10_000
_FEE, _FEE_LEAST, _SHIPPING, _VAT = 0.12, 0.90, 2.99, 1.2
_FIRST_DAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
_MODES = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanOrEquals": operator.le,
    "GreaterThanOrEquals": operator.ge,
}


class OwnOffers:
    """Pages of a shop's own offers."""

    def __init__(self, market: Market):
        self._market = market

    def query(self, call: Call, root, account: dict) -> Reply:
        """offers_query."""
        size = int(root.get("results_count", "100"))
        if size > _MOST:
            words = "The limit of requested elements is reached by the service."
            return xml(
                f'<offers_query_response xmlns="{NAMESPACE}" status="ERROR">'
                f"{error('ERR_105', words)}</offers_query_response>"
            )
        name = accounts.name_of(accounts.FNAC, account)
        found = [
            listing
            for listing in self._market.own_listings(account["place"], name)
            if self._is_wanted(root, listing)
        ]
        page = max(int(text_of(root, "paging") or "1"), 1)
        part = found[(page - 1) * size : page * size]
        fees = root.get("with_fees") == "true"
        offers = "".join(_offer(listing, fees, call) for listing in part)
        return xml(
            f'<offers_query_response xmlns="{NAMESPACE}" status="OK"><page>{page}</page>'
            f"<total_paging>{-(-len(found) // size)}</total_paging>"
            f"<nb_total_per_page>{size}</nb_total_per_page>"
            f"<nb_total_result>{len(found)}</nb_total_result>{offers}</offers_query_response>"
        )

    def _is_wanted(self, root, listing: Listing) -> bool:
        sku = text_of(root, "offer_seller_id")
        number = text_of(root, "product_fnac_id")
        if (sku and sku != _sku(listing)) or (number and number != fnac_id(listing.gtin)):
            return False
        quantity = root.find(f"{{{NAMESPACE}}}quantity")
        if quantity is not None:
            compare = _MODES[quantity.get("mode", "Equals")]
            if not compare(own_quantity(listing), int(quantity.get("value", "0"))):
                return False
        dates = root.find(f"{{{NAMESPACE}}}date")
        return dates is None or self._is_within(dates, listing)

    def _is_within(self, dates, listing: Listing) -> bool:
        draws = Draws(self._market.seed, listing.gtin)
        moment = _FIRST_DAY + timedelta(days=int(200 * draws("fnac|created")))
        if dates.get("type") == "Modified":
            moment += timedelta(days=int(60 * draws("fnac|modified")))
        least, most = text_of(dates, "min"), text_of(dates, "max")
        return (not least or moment >= _aware(least)) and (not most or moment <= _aware(most))


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sku(listing: Listing) -> str:
    return f"SKU-{listing.gtin[6:13]}"


def _offer(listing: Listing, with_fees: bool, call: Call) -> str:
    price = own_price(listing)
    fee = round(max(_FEE * (price + _SHIPPING), _FEE_LEAST), 2)
    number = f"{int(listing.gtin):012X}"[-12:]
    fees = (
        f"<fee_excluding_taxes>{fee}</fee_excluding_taxes>"
        f"<fee_including_all_taxes>{round(fee * _VAT, 2)}</fee_including_all_taxes>"
        if with_fees
        else ""
    )
    unknown = "<eco_score>B</eco_score>" if call.fault == "new-fields" else ""
    return (
        f"<offer>{title(listing)}<product_fnac_id>{fnac_id(listing.gtin)}</product_fnac_id>"
        f"<offer_fnac_id>32C1E9FC-8011-0C1B-F0F3-{number}</offer_fnac_id>"
        f"<offer_seller_id><![CDATA[{escape(_sku(listing))}]]></offer_seller_id>"
        f"<product_state>{NEW}</product_state><price>{price}</price>{fees}"
        f"<quantity>{own_quantity(listing)}</quantity><description/>"
        "<internal_comment><![CDATA[]]></internal_comment>"
        f"<product_url><![CDATA[https://www.fnac.com/a{int(listing.gtin[5:13])}]]></product_url>"
        f"<nb_messages>0</nb_messages><showcase></showcase>{unknown}</offer>"
    )
