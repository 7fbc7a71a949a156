"""The shipped fee files: rows written once for several cards, spread to one row per record.

A row is written for several cards in one of two ways:

- ``card_id`` names several cards, separated by spaces;
- the row has columns named like cards (``amazon_fr``, without ``rate_card_``) that hold the
  figures: ``7.05``, or ``7.05+0.2`` for an amount and its extra amount; a ``?`` at the end marks
  the figure as unconfirmed; empty means that the card has no such row.

``{card}`` in an id stands for the card, without ``rate_card_``.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "fees"
CARD_PREFIX = "rate_card_"


def read(name: str, folder: Path = FOLDER) -> list[dict[str, str]]:
    """Return the records of a file, as dicts of text."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(spread(csv.DictReader(stream), card_names(folder)))


def card_names(folder: Path = FOLDER) -> frozenset[str]:
    """Return the names of the shipped cards, as columns bear them."""
    with (folder / "rate_cards.csv").open(encoding="utf-8", newline="") as stream:
        return frozenset(row["id"].removeprefix(CARD_PREFIX) for row in csv.DictReader(stream))


def spread(rows: Iterable[dict[str, str]], cards: frozenset[str]) -> Iterator[dict[str, str]]:
    """Yield one row per record."""
    for row in rows:
        figures = {name: row[name] for name in row if name in cards}
        if figures:
            plain = {name: text for name, text in row.items() if name not in cards}
            for card, figure in figures.items():
                if figure:
                    yield _filled(plain | _figure(figure, plain["status"]), card)
        elif "{card}" in row.get("id", ""):
            for card_id in row["card_id"].split():
                yield _filled(row | {"card_id": card_id}, card_id.removeprefix(CARD_PREFIX))
        else:
            yield row


def _filled(row: dict[str, str], card: str) -> dict[str, str]:
    """Return a row with its card's name in its references."""
    return {
        name: text.replace("{card}", card) if name == "id" or name.endswith("_id") else text
        for name, text in row.items()
    }


def _figure(text: str, status: str) -> dict[str, str]:
    """Return what a figure says: amount, extra amount, status."""
    doubtful = text.endswith("?")
    amount, _plus, extra = text.removesuffix("?").partition("+")
    return {
        "amount": amount,
        "extra_amount": extra,
        "status": "unconfirmed" if doubtful else status,
    }
