# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How each supplier writes its list: header, lines, section titles, totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .articles import ean13
from .offers import VAT, Offer

Cell = str | int | float | None
Row = list[Cell]


@dataclass(frozen=True)
class Layout:
    """The shape of a list.

    format: "csv", or "xlsx" with `title` and `notes` beside the table
    title: rows above the header, one cell each
    line: an offer as a row
    section: what titles go by; heading: a title's text
    total: label, number of articles, sum of the prices [cents] → row
    total_by_section: a total under each section instead of one under all
    """

    header: tuple[str, ...]
    line: Callable[[Offer], Row]
    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ";"
    line_end: str = "\r\n"
    title: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    section: Callable[[Offer], str] | None = None
    heading: Callable[[str], str] = str.upper
    total: Callable[[str, int, int], Row] | None = None
    total_by_section: bool = False


def decimal(cents: int, comma: str = ",") -> str:
    """Return an amount with two decimals."""
    return f"{cents // 100}{comma}{cents % 100:02d}"


def kilograms(grams: int, comma: str = ",") -> str:
    """Return a weight in kg with three decimals."""
    return f"{grams // 1000}{comma}{grams % 1000:03d}"


def price(offer: Offer, write: Callable[[int], Cell], pieces: int = 1) -> Cell:
    """Return the cell of the purchase price, or what stands there instead."""
    match offer.fault:
        case "on_request":
            return offer.no_price
        case "missing_price":
            return None
        case "zero_price":
            return write(0)
        case _:
            return write(offer.price * pieces)


# Volt & Octet


def _volt_octet(offer: Offer) -> Row:
    article, family = offer.article, offer.article.family
    pieces = 100 if family.per_hundred else 1
    return [
        f"{article.brand.code}{240_000 + 7 * offer.position}",
        article.reference,
        article.words["fr"].name,
        article.brand.name.upper(),
        offer.ean,
        family.sections["fr"],
        decimal(round(offer.retail / VAT * pieces)),
        price(offer, decimal, pieces),
        "C" if family.per_hundred else "U",
        offer.pack,
        offer.minimum,
        offer.stock,
        kilograms(article.weight),
        family.eco_tax.replace(".", ","),
    ]


VOLT_OCTET = Layout(
    header=(
        "Référence Volt & Octet", "Référence fabricant", "Désignation", "Marque", "Code EAN",
        "Famille", "Prix public HT", "Prix net HT", "Unité de prix", "Conditionnement", "Qté mini",
        "Stock disponible", "Poids brut (kg)", "Éco-part. HT",
    ),
    line=_volt_octet,
    encoding="cp1252",
    title=("Votre tarif personnalisé — compte client 048213 — 01/01/2026",),
    section=lambda offer: offer.article.family.sections["fr"],
    heading=lambda name: f"*** {name.upper()} ***",
)  # fmt: skip


# Pharambre


def _pharambre(offer: Offer) -> Row:
    article, words = offer.article, offer.article.words["fr"]
    listed = article.number % 2  # some have a code of the pharmacists beside their EAN
    active = offer.stock or offer.whim < 0.6
    return [
        f"PA{10_000 + 3 * offer.position}",
        f"{words.kind} {words.series}",
        article.brand.name,
        words.series,
        article.family.sections["fr"],
        offer.ean,
        ean13(f"34009{article.ean[5:12]}") if listed else "",
        f"{article.container} {words.detail}",
        price(offer, decimal),
        decimal(offer.retail),
        "20,00",
        offer.minimum,
        offer.stock,
        "oui" if active else "non",
    ]


PHARAMBRE = Layout(
    header=(
        "reference", "designation", "marque", "gamme", "categorie", "ean", "cip13",
        "conditionnement", "prix_pro_ht", "prix_public_ttc", "tva", "qte_mini", "stock", "actif",
    ),
    line=_pharambre,
    encoding="utf-8-sig",
    total=lambda label, count, cents: ["TOTAL", f"{count} articles"],
)  # fmt: skip


# Toupie & Plume


def _toupie_plume(offer: Offer) -> Row:
    article, family = offer.article, offer.article.family
    ean: Cell = offer.ean or None
    if ean and offer.whim < 0.3:
        ean = int(offer.ean)
    return [
        f"TP{family.number:03d}-{offer.position:04d}",
        ean,
        article.words["fr"].name,
        article.brand.name,
        family.category,
        family.sections["fr"],
        offer.pack,
        offer.minimum,
        price(offer, lambda cents: cents / 100),
        offer.retail / 100,
        offer.stock,
        article.weight,
        *(side / 10 for side in article.size),
        article.origin,
        (2, 2, 3, 5)[int(offer.whim * 400) % 4] if offer.stock else 15,
    ]


TOUPIE_PLUME = Layout(
    header=(
        "Code article", "Code barres", "Libellé", "Marque", "Univers", "Sous-famille", "PCB",
        "Mini de commande", "Prix d'achat HT", "PVC TTC", "Stock", "Poids (g)", "Longueur (cm)",
        "Largeur (cm)", "Hauteur (cm)", "Origine", "Délai (jours)",
    ),
    line=_toupie_plume,
    format="xlsx",
    title=(
        "TOUPIE & PLUME - Jouets, papeterie et jeux",
        "Tarif revendeurs applicable au 1er janvier 2026",
    ),
    notes=(
        "Toupie & Plume - conditions 2026",
        "Tarif réservé aux revendeurs, prix d'achat hors taxes départ entrepôt.",
        "PCB : nombre de pièces par carton. Franco de port à partir de 400 € HT.",
        "PVC TTC : prix de vente conseillé, TVA 20 % comprise.",
    ),
    section=lambda offer: offer.article.family.category,
    total=lambda label, count, cents: [
        None, None, f"Sous-total {label} ({count} références)", *[None] * 5, cents / 100,
    ],
    total_by_section=True,
)  # fmt: skip


# Nuboria


def _nuboria(offer: Offer) -> Row:
    article, words = offer.article, offer.article.words["es"]
    return [
        f"D{45_000 + 4 * offer.position}",
        f"{words.kind} {article.brand.name} {words.series}",
        article.reference,
        offer.ean,
        article.brand.name,
        article.family.sections["es"],
        price(offer, lambda cents: decimal(cents, ".")),
        article.family.levy or "0.00",
        offer.stock,
        kilograms(article.weight, "."),
        words.detail,
    ]


NUBORIA = Layout(
    header=(
        "codigo", "descripcion", "pn", "ean", "marca", "familia", "precio", "canon", "stock",
        "peso", "caracteristicas",
    ),
    line=_nuboria,
    line_end="\n",
)  # fmt: skip


# Thistlemoor


def _thistlemoor(offer: Offer) -> Row:
    article, words = offer.article, offer.article.words["en"]
    gap = ",\n" if offer.position % 32 == 19 else ", "
    return [
        f"TM-{article.brand.code}-{offer.position:04d}",
        offer.ean.removeprefix("0"),
        f"{article.brand.name} {words.series} {words.kind} - {words.detail}",
        f"{words.kind}{gap}{words.detail}. Retail packaging.",
        article.brand.name,
        article.family.sections["en"],
        price(offer, lambda cents: decimal(cents, ".")),
        decimal(offer.retail, "."),
        _english_stock(offer),
        offer.minimum,
        offer.pack,
        article.weight,
        article.origin,
    ]


def _english_stock(offer: Offer) -> str:
    """Return the stock: a third of the lines in words, many pieces sometimes as ">100"."""
    if offer.whim < 0.35 and offer.stock < 1000:
        if not offer.stock:
            return "out of stock"
        return "low stock" if offer.stock < 5 else "in stock"
    if 100 < offer.stock < 1000 and offer.whim < 0.9:
        return ">100"
    return f"{offer.stock:,}"


THISTLEMOOR = Layout(
    header=(
        "SKU", "Barcode", "Product Name", "Description", "Brand", "Category", "Trade Price (GBP)",
        "RRP inc VAT", "Stock", "MOQ", "Case Qty", "Weight (g)", "Country of Origin",
    ),
    line=_thistlemoor,
    delimiter=",",
    total=lambda label, count, cents: [
        "", "", "Grand Total", "", "", "", decimal(cents, "."),
    ],
)  # fmt: skip


# Federkamm


def _federkamm(offer: Offer) -> Row:
    article = offer.article
    return [
        f"{4_000 + 3 * offer.position:06d}",
        offer.ean,
        article.words["de"].name,
        article.brand.name,
        article.family.sections["de"],
        price(offer, decimal),
        decimal(offer.retail),
        f"{offer.stock:,}".replace(",", "."),
        offer.pack,
        offer.minimum,
        kilograms(article.weight),
    ]


FEDERKAMM = Layout(
    header=(
        "Artikelnummer", "EAN", "Bezeichnung", "Hersteller", "Warengruppe", "EK netto", "UVP",
        "Bestand", "VPE", "Mindestmenge", "Gewicht kg",
    ),
    line=_federkamm,
    encoding="cp1252",
    delimiter="\t",
    section=lambda offer: offer.article.family.sections["de"],
    heading=lambda name: f"Warengruppe: {name}",
    total=lambda label, count, cents: ["", "", "Gesamtsumme", "", "", decimal(cents)],
)  # fmt: skip


LAYOUTS = {
    "volt_octet_tarif_2026.csv": VOLT_OCTET,
    "pharambre_parapharmacie.csv": PHARAMBRE,
    "toupie_plume_tarif_2026.xlsx": TOUPIE_PLUME,
    "nuboria_tarifa.csv": NUBORIA,
    "thistlemoor_price_list.csv": THISTLEMOOR,
    "federkamm_preisliste.txt": FEDERKAMM,
}
