# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Write the sample supplier files of the demo, the same bytes for the same seed.

    python data/generate.py [--seed 20] [--folder data]

Brands, suppliers and products are invented; EANs have right check digits. The same articles are
sold by several suppliers, each in the layout, language, currency and number style of its trade,
with the small share of bad lines real files have. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import io
import random
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

HERE = Path(__file__).resolve().parent
PRODUCTS = 4200
#: Units of a currency for one euro, for the demo only.
RATES = {"EUR": 1.0, "CHF": 0.94, "GBP": 0.86}

#: Invented brands by category, each with the GS1 company prefix its EANs start with.
BRANDS = {
    "Informatique": (("Kelvar", "3770118"), ("Nordix", "4072551"), ("Tessira", "8437019"),
                     ("Oberon Tech", "4260633"), ("Lynkeo", "3770204")),
    "Jeux vidéo": (("Arkadia", "3770131"), ("Pixelforge", "5061402"), ("Drakon Play", "8435688"),
                   ("Vortek", "4262311")),
    "Jouets": (("Babilou & Cie", "3770147"), ("Woodlands", "5061173"), ("Piccolino", "8057911"),
               ("Zimbo", "8436612")),
    "Cuisine": (("Caséo", "3770152"), ("Bellacucina", "8058664"), ("Maison Tavel", "3770163"),
                ("Kochwerk", "4251922")),
    "Beauté": (("Laboratoires Aubrac", "3770171"), ("Florissance", "3770188"),
               ("Dermalune", "3770195"), ("Aqua Sevilla", "8437244")),
    "Bricolage": (("Voltis", "3770211"), ("Brixo", "4262087"), ("Ferrano", "8059433"),
                  ("Outilor", "3770226")),
    "Papeterie": (("Papyrel", "3770233"), ("Inkwell & Co", "5061588"), ("Cartolina", "8057355"),
                  ("Clairmont", "3770249")),
}  # fmt: skip
SERIES = ("Aero", "Bora", "Cosmo", "Delta", "Eko", "Fjord", "Galet", "Horizon", "Iris", "Jade",
          "Kube", "Luna", "Mistral", "Nova", "Origin", "Prisme", "Quartz", "Rivage", "Solis",
          "Terra", "Ultra", "Vega", "Zenith")  # fmt: skip


@dataclass(frozen=True)
class Product:
    """An article; prices in EUR, sizes packed [mm], weight [g].

    cost: what a wholesaler asks for it, untaxed; names: by language
    """

    ean: str
    names: dict[str, str]
    brand: str
    category: str
    reference: str
    rrp_taxed: float
    cost: float
    weight: int
    sizes: tuple[int, int, int]


@dataclass(frozen=True)
class Offer:
    """A product as one supplier sells it; price untaxed in the supplier's currency."""

    product: Product
    sku: str
    price: float
    rrp: float
    stock: int
    minimum: int
    pack: int


def check_digit(body: str) -> str:
    """Return the GS1 check digit of 12 digits."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return str(-total % 10)


def make_products(rng: random.Random, count: int) -> list[Product]:
    """Invent products of every type, with distinct EANs."""
    with (HERE / "product_types.csv").open(encoding="utf-8", newline="") as handle:
        types = list(csv.DictReader(handle))
    products: list[Product] = []
    numbers: dict[str, int] = {}
    seen: set[str] = set()
    while len(products) < count:
        kind = types[len(products) % len(types)]
        brand, prefix = rng.choice(BRANDS[kind["category"]])
        serie, variant = rng.choice(SERIES), rng.choice(kind["variants"].split("|"))
        model = f"{serie} {rng.randint(1, 9) * 100}"
        tail = f"{brand} {model} {variant}"
        if (key := kind["fr"] + tail) in seen:
            continue
        seen.add(key)
        numbers[prefix] = numbers.get(prefix, 0) + rng.randint(1, 9)
        body = prefix + f"{numbers[prefix]:0{12 - len(prefix)}d}"
        rrp = rng.triangular(float(kind["rrp_low"]), float(kind["rrp_high"]))
        rrp = round(rrp) - 0.1 if rrp > 10 else round(rrp, 1)
        scale = rng.uniform(0.85, 1.15)
        products.append(
            Product(
                ean=body + check_digit(body),
                names={lang: f"{kind[lang]} {tail}" for lang in ("fr", "en", "de", "es", "it")},
                brand=brand,
                category=kind["category"],
                reference=f"{brand[:2].upper()}{serie[:2].upper()}-{rng.randint(1000, 9999)}",
                rrp_taxed=rrp,
                cost=rrp * rng.triangular(0.40, 0.74, 0.52),
                weight=rng.randint(int(kind["grams_low"]), int(kind["grams_high"])),
                sizes=tuple(
                    round(int(kind[side]) * scale) for side in ("length", "width", "height")
                ),
            )
        )
    return products


def make_offers(
    rng: random.Random,
    products: list[Product],
    shares: dict[str, float],
    count: int,
    currency: str,
    sku: Callable[[int, Product], str],
) -> list[Offer]:
    """Choose what a supplier sells (`shares`: category → how much of it) and at what price."""
    wanted = [product for product in products if rng.random() < shares.get(product.category, 0)]
    rng.shuffle(wanted)
    rate, offers = RATES[currency], []
    for number, product in enumerate(sorted(wanted[:count], key=lambda item: item.ean)):
        in_stock = rng.random() < 0.85
        offers.append(
            Offer(
                product=product,
                sku=sku(number, product),
                price=max(0.2, product.cost * rng.uniform(0.93, 1.08) * rate),
                rrp=product.rrp_taxed * rate,
                stock=int(rng.triangular(1, 400, 25)) if in_stock else 0,
                minimum=rng.choice((1, 1, 1, 2, 3, 6)) if product.rrp_taxed < 60 else 1,
                pack=rng.choice((1, 1, 1, 6, 12)) if product.rrp_taxed < 30 else 1,
            )
        )
    return offers


def comma(value: float, places: int = 2) -> str:
    """Write a number with a decimal comma."""
    return f"{value:.{places}f}".replace(".", ",")


def spoiled(rng: random.Random, ean: str) -> str:
    """Return an EAN as careless exports write it: mistyped, in science notation, or glued."""
    wrong = str((int(ean[-1]) + 1) % 10)
    return rng.choice((ean[:-1] + wrong, f"{float(ean):.5E}".replace(".", ","), f"EAN{ean}"))


def repeated(rng: random.Random, rows: list[list[str]], count: int) -> list[list[str]]:
    """Put some lines a second time further down."""
    for row in [rng.choice(rows) for _time in range(count)]:
        rows.insert(rng.randrange(len(rows) // 2, len(rows)), list(row))
    return rows


# the six suppliers


def voltenord(rng: random.Random, products: list[Product]) -> bytes:
    """French electrical wholesaler: cp1252, a title line, prices for one, a hundred, a thousand."""
    shares = {"Bricolage": 1.0, "Cuisine": 0.25, "Informatique": 0.2}
    offers = make_offers(rng, products, shares, 1100, "EUR", lambda n, p: f"VN{n * 7 + 100045}")
    rows = []
    for offer in offers:
        per, unit = (100, "C") if offer.price < 4 and rng.random() < 0.5 else (1, "U")
        price = comma(offer.price * per)
        ean = offer.product.ean
        fate = rng.random()
        if fate < 0.015:
            price = "sur devis"
        elif fate < 0.025:
            price = ""
        elif fate < 0.04:
            ean = spoiled(rng, ean)
        rows.append([
            offer.sku, offer.product.reference, offer.product.names["fr"], offer.product.brand,
            ean, offer.product.category, comma(offer.rrp / 1.2 * per), price, unit,
            str(offer.pack), f">{offer.stock // 100 * 100}" if offer.stock > 200 else
            str(offer.stock), comma(offer.product.weight / 1000, 3),
        ])  # fmt: skip
    repeated(rng, rows, 6)
    header = ["Référence Volténord", "Référence fabricant", "Désignation", "Marque", "Code EAN",
              "Famille", "Prix public HT", "Prix net HT", "Unité de prix", "Colisage",
              "Stock disponible", "Poids kg"]  # fmt: skip
    title = ["Mon tarif personnalisé – compte 700418"]
    return delimited([title, header, *rows], ";", "cp1252")


def alpdistri(rng: random.Random, products: list[Product]) -> bytes:
    """Swiss IT distributor: tabs, German headers, decimal point, Swiss francs."""
    shares = {"Informatique": 0.95, "Jeux vidéo": 0.6, "Bricolage": 0.1}
    offers = make_offers(rng, products, shares, 1500, "CHF", lambda n, p: f"{n + 16:06d}A")
    rows = []
    for offer in offers:
        product = offer.product
        serie = product.names["de"].split(product.brand)
        ean, price = product.ean, f"{offer.price:.2f}"
        fate = rng.random()
        if fate < 0.01:
            ean = spoiled(rng, ean)
        elif fate < 0.018:
            price = "0.00"
        elif fate < 0.05:
            ean = ""
        rows.append([
            offer.sku, product.reference, product.brand, product.names["de"],
            (serie[-1] if serie else "").strip(), ean, price, "CHF", str(offer.stock),
            f"{product.weight / 1000:.2f}", product.category,
            f"https://img.alpdistri.example/{product.ean}.jpg", rng.choice(("24h", "48h", "2-3 Tage")),
        ])  # fmt: skip
    repeated(rng, rows, 4)
    header = ["ARTIKEL_NR", "HSTNUMMER", "HERSTELLER", "ARTIKEL1", "ARTIKEL2", "EAN", "EK",
              "WAEHRUNG", "LAGERBESTAND", "GEWICHT_KG", "WARENGRUPPE", "BILD1",
              "LIEFERZEIT"]  # fmt: skip
    return delimited([header, *rows], "\t", "utf-8")


def pharmabelle(rng: random.Random, products: list[Product]) -> bytes:
    """French beauty house: UTF-8 with a mark, snake_case headers, `actif` oui or non."""
    shares = {"Beauté": 1.0}
    offers = make_offers(rng, products, shares, 700, "EUR", lambda n, p: f"PB-{n + 1:04d}")
    rows = []
    for offer in offers:
        product, price = offer.product, comma(offer.price)
        name = product.names["fr"].replace(" & ", " &amp; ")
        active = "oui" if offer.stock else "non"
        if rng.random() < 0.03:
            price = ""
        rows.append([
            name, product.brand, product.ean, f"Flacon {product.names['fr'].split()[-2]} ml"
            if "ml" in name else "", price, comma(product.rrp_taxed), offer.sku, active,
            str(offer.stock), str(offer.minimum),
        ])  # fmt: skip
    repeated(rng, rows, 3)
    header = ["nom", "marque", "ean", "contenance", "prix_pro_ht", "prix_public_conseille",
              "reference", "actif", "stock", "minimum_commande"]  # fmt: skip
    return delimited([header, *rows], ";", "utf-8-sig")


def casalinea(rng: random.Random, products: list[Product]) -> bytes:
    """Italian kitchenware maker: a workbook whose second sheet holds the list, under titles."""
    shares = {"Cuisine": 0.9, "Papeterie": 0.25, "Beauté": 0.1}
    offers = make_offers(rng, products, shares, 800, "EUR", lambda n, p: f"CL{n * 3 + 1500:05d}")
    book = Workbook()
    notes = book.active
    notes.title = "Note"
    for line in ("Listino riservato ai rivenditori", "Prezzi in EUR, IVA esclusa",
                 "Porto franco da 300 EUR"):  # fmt: skip
        notes.append([line])
    sheet = book.create_sheet("Listino")
    sheet.append(["CASALINEA S.r.l. — Listino 2026"])
    sheet.append(["Valido per la Francia"])
    sheet.merge_cells("A1:M1")
    sheet.merge_cells("A2:M2")
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([])
    sheet.append(["Codice art.", "Descrizione", "Marca", "EAN", "UM", "Pz/conf", "Prezzo netto",
                  "Prezzo al pubblico", "IVA", "MOQ", "Giacenza", "Consegna giorni",
                  "Categoria"])  # fmt: skip
    family = None
    for offer in sorted(offers, key=lambda item: (item.product.category, item.sku)):
        product = offer.product
        if product.category != family:
            family = product.category
            sheet.append([family.upper()])
        price: float | str = round(offer.price, 2)
        fate = rng.random()
        if fate < 0.012:
            price = "su richiesta"
        elif fate < 0.018:
            price = -price
        sheet.append([
            offer.sku, product.names["it"], product.brand,
            int(product.ean) if rng.random() < 0.7 else product.ean, "PZ", offer.pack, price,
            product.rrp_taxed, 20, offer.minimum, offer.stock, rng.choice((2, 3, 5, 8)),
            product.category,
        ])  # fmt: skip
    sheet.append(["Totale articoli", None, None, None, None, None, None, None, None, None,
                  len(offers)])  # fmt: skip
    return still(book)


def iberjuego(rng: random.Random, products: list[Product]) -> bytes:
    """Spanish games and IT wholesaler: a private-copy levy beside the price, decimal point."""
    shares = {"Jeux vidéo": 0.95, "Jouets": 0.65, "Informatique": 0.65, "Beauté": 0.2,
              "Cuisine": 0.2, "Bricolage": 0.15}  # fmt: skip
    offers = make_offers(rng, products, shares, 2400, "EUR", lambda n, p: f"IJ{n + 45001}")
    rows = []
    for offer in offers:
        product = offer.product
        storage = any(word in product.names["es"] for word in ("SSD", "Memoria", "microSD"))
        price, ean = f"{offer.price:.2f}", product.ean
        fate = rng.random()
        if fate < 0.01:
            price = "consultar"
        elif fate < 0.02:
            ean = spoiled(rng, ean)
        rows.append([
            offer.sku, product.names["es"], product.reference, ean, product.brand,
            product.category, price, "1.20" if storage else "0.00",
            str(offer.stock) if rng.random() > 0.02 else "agotado",
            f"{product.weight / 1000:.2f}", f"https://fotos.iberjuego.example/{product.ean}.jpg",
        ])  # fmt: skip
    repeated(rng, rows, 10)
    header = ["codigo", "descripcion", "pn", "ean", "marca", "familia", "precio", "canon", "stock",
              "peso", "foto"]  # fmt: skip
    return delimited([header, *rows], ";", "iso-8859-15")


def brightside(rng: random.Random, products: list[Product]) -> bytes:
    """British toy and stationery wholesaler: commas, quotes, pounds, sizes in millimetres."""
    shares = {"Jouets": 0.95, "Papeterie": 0.95, "Jeux vidéo": 0.35, "Cuisine": 0.2}
    offers = make_offers(rng, products, shares, 1700, "GBP", lambda n, p: f"BS-{n * 2 + 20011}")
    rows = []
    for offer in offers:
        product = offer.product
        length, width, height = product.sizes
        price, ean = f"£{offer.price:,.2f}", product.ean
        fate = rng.random()
        if fate < 0.01:
            price = "POA"
        elif fate < 0.02:
            ean = spoiled(rng, ean)
        rows.append([
            offer.sku, ean, product.names["en"], product.brand, product.category, price,
            f"£{offer.rrp:,.2f}", "GBP", f"{offer.stock}+" if offer.stock > 250 else
            str(offer.stock), str(offer.minimum), str(offer.pack), str(product.weight),
            str(length), str(width), str(height), "CN" if rng.random() < 0.6 else "GB",
        ])  # fmt: skip
    repeated(rng, rows, 8)
    header = ["SKU", "Barcode", "Product Name", "Brand", "Category", "Trade Price (ex VAT)",
              "RRP inc VAT", "Currency", "Stock Level", "Min Order Qty", "Pack Size", "Weight (g)",
              "Length (mm)", "Width (mm)", "Height (mm)", "Country of Origin"]  # fmt: skip
    return delimited([header, *rows], ",", "utf-8")


SUPPLIERS: dict[str, Callable[[random.Random, list[Product]], bytes]] = {
    "voltenord_tarif_2026.csv": voltenord,
    "alpdistri_preisliste.txt": alpdistri,
    "pharmabelle_catalogue.csv": pharmabelle,
    "casalinea_listino.xlsx": casalinea,
    "iberjuego_tarifa.csv": iberjuego,
    "brightside_trade_list.csv": brightside,
}


# writing


def delimited(rows: Iterable[list[str]], delimiter: str, encoding: str) -> bytes:
    """Return rows as delimited text with Windows line ends."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def still(book: Workbook) -> bytes:
    """Return a workbook without the time it was written at, so that it is always the same."""
    day = datetime.datetime(2026, 1, 5)
    book.properties.created = book.properties.modified = day
    fresh, frozen = io.BytesIO(), io.BytesIO()
    book.save(fresh)
    with zipfile.ZipFile(fresh) as source, zipfile.ZipFile(frozen, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = without_times(data)
            member = zipfile.ZipInfo(name, day.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, data)
    return frozen.getvalue()


def without_times(core: bytes) -> bytes:
    """Replace the moment openpyxl stamps into a workbook when it saves it."""
    start = core.find(b"<dcterms:modified")
    end = core.find(b"</dcterms:modified>", start)
    text = core.find(b">", start) + 1
    return core[:text] + b"2026-01-05T00:00:00Z" + core[end:] if start >= 0 else core


def catalogue(products: list[Product]) -> bytes:
    """Return the articles as the demo market knows them, in French."""
    header = ["ean", "name", "brand", "category", "rrp_taxed", "weight_g", "length_mm", "width_mm",
              "height_mm"]  # fmt: skip
    rows = [
        [item.ean, item.names["fr"], item.brand, item.category, f"{item.rrp_taxed:.2f}",
         str(item.weight), *map(str, item.sizes)]
        for item in sorted(products, key=lambda item: item.ean)
    ]  # fmt: skip
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def generate(seed: int) -> dict[str, bytes]:
    """Return every file by its name."""
    products = make_products(random.Random(f"{seed}-products"), PRODUCTS)
    files = {"demo_catalogue.csv": catalogue(products)}
    for name, write in SUPPLIERS.items():
        files[name] = write(random.Random(f"{seed}-{name}"), products)
    return files


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=HERE)
    arguments = parser.parse_args()
    for name, data in generate(arguments.seed).items():
        (arguments.folder / name).write_bytes(data)
        print(f"{name}: {len(data):,} bytes")


if __name__ == "__main__":
    main()
