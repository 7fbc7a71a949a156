"""Quantity breaks and their prices, as one JSON list a row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, money, numbers, quantities
from .automap import Proposal
from .mapping import Mapping
from .rules import Reason

#: Rows are quantity steps only when so many articles, and this share of all rows, repeat.
MIN_ARTICLES = 3
MOST_ROWS = 0.6
_PIECES = r"(?:pcs?|pces?|pièces?|pieces?|pz|stk|st|szt|uds?|unités?|units?|u)?\.?"
_MONEY = f"(?:{money.signs()}|{money.codes()}|ht|net)"
_QUANTITY = re.compile(
    rf"(\d+)\s*(?:\+|et \+|et plus|ou plus|or more)?\s*{_PIECES}\s*{_MONEY}?\s*\)?\s*$"
    rf"|(?:from|dès|ab|da|à partir de|desde|vanaf|od|>=?|x|par)\s*(\d+)\b|(\d+)\s*(?:\+|-\d+)",
    re.IGNORECASE,
)
_PRICE = re.compile(
    r"^(?:prix|tarif|p\.?u\.?|pa|price|unit price|preis|ek|staffelpreis|staffel|prezzo|precio|"
    r"prijs|cena|"
    r"net(?:to)?|qty|qté|ab|dès|from|palier|tier|remise quantité|prix par)\b",
    re.IGNORECASE,
)


def quantity_of(header: str) -> int | None:
    """Return the quantity a header of prices names: 10 for `Prix 10+`, `PU 10`, `ab 10 Stk`."""
    found = _QUANTITY.search(header)
    number = int(next(group for group in found.groups() if group)) if found else 0
    return number if 1 < number < 100_000 and not 2000 <= number <= 2100 else None


def propose(
    columns: Sequence[str], sample: pd.DataFrame, proposal: Proposal
) -> dict[str, tuple[str, Reason]]:
    """Return the quantity steps that a proposal has no word for: column → (field, why).

    columns: of the file, in order; sample: its first rows under these names
    """
    found: dict[str, tuple[str, Reason]] = {}
    if not proposal.fields:
        return found
    for name in of_headers(columns, proposal.fields):
        found[name] = (
            "tier_price",
            Reason("header-names-step", {"quantity": quantity_of(name)}),
        )
    for mapping in _readings(proposal):
        quantity = of_rows(sample, mapping)
        if quantity:
            found[quantity] = ("tier_qty", Reason("rows-are-steps", {}))
            break
    return found


def _readings(proposal: Proposal) -> Iterator[Mapping]:
    """Yield a mapping for each column that may hold the SKU, where the proposal leaves it open.

    Rows of an article repeat its code, which speaks against a code: a person is asked. What the
    rows say together, the falling prices, tells more than that column alone.
    """
    fields = proposal.fields
    if "supplier_sku" in fields.values():
        yield Mapping(fields)
        return
    for item in proposal:
        if item.level == "asked" and "supplier_sku" in item.alternatives:
            yield Mapping(fields | {item.column: "supplier_sku"})


def of_headers(columns: Sequence[str], mapped: Collection[str]) -> list[str]:
    """Return the columns left over whose names are prices from a quantity on.

    One such name alone may be a list's own number (`Tarif 3`); two rising ones are steps.
    """
    found = [
        (name, quantity)
        for name in columns
        if name not in mapped and _is_price(name) and (quantity := quantity_of(name))
    ]
    steps = [quantity for _name, quantity in found]
    consecutive = steps == list(range(steps[0], steps[0] + len(steps))) if steps else False
    sure = (len(found) > 1 and not consecutive) or any("+" in name for name, _quantity in found)
    return [name for name, _quantity in found] if sure else []


def _is_price(name: str) -> bool:
    """Tell names of prices; those of a catalogue are paths: `pricing/price (10+)`."""
    return any(_PRICE.match(part) for part in name.split("/"))


def of_rows(sample: pd.DataFrame, mapping: Mapping) -> str | None:
    """Return the column of stock that really is the quantity a price starts from, or None.

    It is so where most rows are several of one article that each have another one, and the more
    the cheaper. A few articles that stand twice in a list are repeats, not steps.
    """
    sku, stock = mapping.column("supplier_sku"), mapping.column("stock_quantity")
    price = mapping.column("purchase_price")
    if not (sku and stock and price) or mapping.columns("tier_qty"):
        return None
    again = sample[sample[sku].duplicated(keep=False) & (sample[sku].str.strip() != "")]
    if again[sku].nunique() < MIN_ARTICLES or len(again) < MOST_ROWS * len(sample):
        return None
    texts = {name: arrow.text(again[name]) for name in (stock, price)}
    figures = {
        name: numbers.parse(text, numbers.style_of(text)).value for name, text in texts.items()
    }
    table = pd.DataFrame(
        {"sku": again[sku].to_numpy(), "quantity": figures[stock], "price": figures[price]}
    )
    table = table.sort_values(["sku", "quantity"], kind="stable")
    falls = table.groupby("sku", sort=False)["price"].diff()
    rises = table.groupby("sku", sort=False)["quantity"].diff()
    later = table["sku"].duplicated()
    return stock if bool(((falls < 0) & (rises > 0))[later].mean() >= 0.9) else None


def read(texts: dict[str, pa.Array], mapping: Mapping, divisor: np.ndarray) -> pa.Array:
    """Return per row a JSON list `[{"quantity": 10, "price": 7.4}, …]`, or null (n).

    A tier price takes its quantity from its own header (`Prix 10+`), else from the tier quantity
    column that stands before or after it in the file. Steps go by rising quantity; prices are of
    one piece, without VAT, like the purchase price. A step whose price or quantity is unknown is
    left out.

    divisor: what makes a price as written one of a piece without VAT (float64, n; NaN unknown)
    """
    pairs = _pairs(texts, mapping)
    if not pairs:
        return pa.nulls(len(divisor), pa.large_string())
    quantity = np.column_stack([pair[0] for pair in pairs])
    price = np.round(np.column_stack([pair[1] for pair in pairs]) / divisor[:, None], 6)
    return lists(quantity, price)


def lists(quantity: np.ndarray, price: np.ndarray) -> pa.Array:
    """Return steps (n × k, NaN where there is none) as JSON text by rising quantity, or null."""
    quantity = np.where((quantity > 0) & (price > 0), quantity, np.inf)
    order = np.argsort(quantity, axis=1, kind="stable")
    quantity, price = (np.take_along_axis(values, order, axis=1) for values in (quantity, price))
    members = []
    for place in range(quantity.shape[1]):
        given = np.isfinite(quantity[:, place])
        texts = [_text(np.where(given, values[:, place], np.nan)) for values in (quantity, price)]
        members.append(
            pc.binary_join_element_wise('{"quantity": ', texts[0], ', "price": ', texts[1], "}", "")
        )
    joined = pc.binary_join_element_wise(*members, ", ", null_handling="skip")
    wrapped = pc.binary_join_element_wise("[", joined, "]", "")
    some = pc.greater(pc.binary_length(joined), 0)
    return pc.if_else(some, wrapped, pa.scalar(None, wrapped.type)).cast(pa.large_string())


def _text(values: np.ndarray) -> pa.Array:
    """Return figures as JSON writes them, null where unknown."""
    return pc.cast(pa.array(values, from_pandas=True), pa.string())


def _pairs(texts: dict[str, pa.Array], mapping: Mapping) -> list[tuple[np.ndarray, np.ndarray]]:
    quantities_left = mapping.columns("tier_qty")
    found = []
    for column in mapping.columns("tier_price"):
        price = numbers.parse(texts[column], mapping.style(column)).value
        if "tier_price" in mapping.hundredths:
            price = price / 100
        expression = mapping.expressions.get("tier_price")
        price = price if expression is None else expression.figures(price)
        named = quantity_of(column)
        if named:
            found.append((np.full(len(price), float(named)), price))
        elif quantities_left:
            source = quantities_left.pop(0)
            value = quantities.pack(texts[source], mapping.style(source)).value
            found.append((value, price))
    return found
