# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The six suppliers: what they sell and how many bad lines their lists hold."""

from __future__ import annotations

from dataclasses import dataclass

#: Units of a currency for one euro, for the samples only.
RATES = {"EUR": 1.0, "GBP": 0.86}


@dataclass(frozen=True, slots=True)
class Range:
    """How many articles of a category a supplier sells; `shared` ones come from those before."""

    category: str
    articles: int
    shared: int = 0


@dataclass(frozen=True)
class Supplier:
    """A supplier and its price list.

    feed: XML id of its feed in the demo
    no_price: words in place of a price
    refused: lines the import must refuse, by kind
    bad_check_digit, without_ean: lines that are kept without their EAN
    """

    file: str
    feed: str
    ranges: tuple[Range, ...]
    no_price: tuple[str, ...]
    refused: dict[str, int]
    bad_check_digit: int
    without_ean: int = 0
    currency: str = "EUR"


SUPPLIERS = (
    Supplier(
        file="volt_octet_tarif_2026.csv",
        feed="onep_supplier_feed_volt_octet_demo",
        ranges=(
            Range("Informatique", 1374),
            Range("Téléphonie", 649),
            Range("Bricolage", 1563),
        ),
        no_price=("sur devis", "n.c.", "Nous consulter"),
        refused={
            "on_request": 18,
            "missing_price": 14,
            "zero_price": 12,
            "duplicate": 10,
            "section": 4,
        },
        bad_check_digit=14,
        without_ean=90,
    ),
    Supplier(
        file="pharambre_parapharmacie.csv",
        feed="onep_supplier_feed_pharambre_demo",
        ranges=(Range("Beauté", 1195),),
        no_price=("n.c.", "NC"),
        refused={
            "on_request": 5,
            "missing_price": 6,
            "zero_price": 3,
            "duplicate": 4,
            "subtotal": 1,
        },
        bad_check_digit=5,
    ),
    Supplier(
        file="toupie_plume_tarif_2026.xlsx",
        feed="onep_supplier_feed_toupie_plume_demo",
        ranges=(
            Range("Jouets", 774),
            Range("Papeterie", 531),
            Range("Jeux vidéo", 384),
        ),
        no_price=("sur devis", "n.c."),
        refused={
            "on_request": 6,
            "missing_price": 6,
            "zero_price": 5,
            "duplicate": 5,
            "section": 3,
            "subtotal": 3,
        },
        bad_check_digit=6,
        without_ean=12,
    ),
    Supplier(
        file="nuboria_tarifa.csv",
        feed="onep_supplier_feed_nuboria_demo",
        ranges=(
            Range("Informatique", 917, 490),
            Range("Téléphonie", 535, 225),
            Range("Jeux vidéo", 343, 215),
        ),
        no_price=("consultar", "s/c"),
        refused={"on_request": 8, "missing_price": 8, "zero_price": 7, "duplicate": 5},
        bad_check_digit=8,
        without_ean=50,
    ),
    Supplier(
        file="thistlemoor_price_list.csv",
        feed="onep_supplier_feed_thistlemoor_demo",
        ranges=(
            Range("Jouets", 334, 200),
            Range("Jeux vidéo", 118, 118),
            Range("Cuisine et Maison", 186),
            Range("Beauté", 60, 60),
            Range("Sport", 198),
        ),
        no_price=("POA", "TBC"),
        refused={
            "on_request": 4,
            "missing_price": 4,
            "zero_price": 3,
            "duplicate": 3,
            "subtotal": 1,
        },
        bad_check_digit=4,
        currency="GBP",
    ),
    Supplier(
        file="federkamm_preisliste.txt",
        feed="onep_supplier_feed_federkamm_demo",
        ranges=(
            Range("Informatique", 80, 80),
            Range("Bricolage", 377, 230),
            Range("Jouets", 172, 172),
            Range("Papeterie", 245, 140),
            Range("Cuisine et Maison", 304, 90),
            Range("Beauté", 131, 131),
            Range("Sport", 282, 90),
        ),
        no_price=("auf Anfrage", "a.A."),
        refused={
            "on_request": 6,
            "missing_price": 6,
            "zero_price": 5,
            "duplicate": 4,
            "section": 4,
            "subtotal": 1,
        },
        bad_check_digit=6,
        without_ean=10,
    ),
)
