"""Import of a price list: ours, against the floor and against Odoo's own load().

The floor is what any import must pay: pandas reads the same file, COPY carries the same columns
to a temporary table, the same upsert writes them: articles by their GTIN to a table like the
products, offers by supplier and SKU to a table like the offers, with the same keys and indexes.
A second figure, `vs_offers_floor`, leaves the articles out.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from .database import environment
from .figures import Figure

COLUMNS = {
    "Référence": "supplier_sku",
    "EAN": "ean",
    "Désignation": "name",
    "Marque": "brand",
    "Famille": "category",
    "Réf fabricant": "manufacturer_part_number",
    "Prix net HT": "purchase_price",
    "Prix public TTC": "recommended_retail_price",
    "Stock": "stock_quantity",
    "Quantité mini": "minimum_order_quantity",
    "Conditionnement": "pack_size",
    "Poids kg": "weight",
    "TVA": "vat_rate",
    "Eco-participation": "eco_tax",
    "Image": "image_url",
}
LOAD_FIELDS = {
    "Référence": "supplier_sku",
    "EAN": "gtin",
    "Désignation": "name",
    "Marque": "brand",
    "Famille": "category",
    "Réf fabricant": "manufacturer_part_number",
    "Prix net HT": "price_untaxed",
    "Prix public TTC": "recommended_retail_price",
    "Stock": "stock_quantity",
    "Quantité mini": "minimum_order_quantity",
    "Conditionnement": "pack_size",
    "Poids kg": "weight_g",
    "TVA": "vat_rate",
    "Eco-participation": "eco_tax",
    "Image": "image_url",
}


PRODUCT_FIELDS = ("gtin", "name", "brand", "category", "image_url", "weight_g")


@dataclass(frozen=True, slots=True)
class Measured:
    """An import: seconds of its job, and the most memory its process held [MB]."""

    seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Floor:
    """Seconds of a floor, and of the same without its articles."""

    seconds: float
    offers_only: float


def make_file(path: Path, rows: int, seed: int = 7, changed: float = 0.0) -> None:
    """Write a semicolon-separated price list of `rows` × 15 columns, decimal comma."""
    rng = np.random.default_rng(seed)
    number = np.arange(rows)
    body = 370_000_000_000 + number.astype(np.int64)
    digits = (body[:, None] // 10 ** np.arange(11, -1, -1, dtype=np.int64)) % 10
    check = (-(digits * np.tile([1, 3], 6)).sum(axis=1)) % 10
    price = np.round(rng.uniform(1, 400, rows), 2)
    if changed:
        moved = np.random.default_rng(seed + 1).random(rows) < changed
        price = np.where(moved, np.round(price * 1.1 + 0.01, 2), price)

    def comma(values):
        return pd.Series(values).map("{:.2f}".format).str.replace(".", ",", regex=False)

    pd.DataFrame(
        {
            "Référence": pd.Series(number).map("ART-{:07d}".format),
            "EAN": (body * 10 + check).astype(str),
            "Désignation": pd.Series(number).map("Article de démonstration {:07d}".format),
            "Marque": pd.Series(number % 97).map("Marque {:02d}".format),
            "Famille": pd.Series(number % 31).map("Famille {:02d}".format),
            "Réf fabricant": pd.Series(number).map("MPN{:07d}".format),
            "Prix net HT": comma(price),
            "Prix public TTC": comma(price * 1.9),
            "Stock": rng.integers(0, 500, rows),
            "Quantité mini": rng.integers(1, 6, rows),
            "Conditionnement": rng.integers(1, 13, rows),
            "Poids kg": comma(rng.uniform(0.05, 12, rows)),
            "TVA": "20",
            "Eco-participation": comma(rng.uniform(0, 2, rows)),
            "Image": pd.Series(number).map("https://img.example.com/{:07d}.jpg".format),
        }
    ).to_csv(path, sep=";", index=False)


def write_xlsx(source: Path, path: Path) -> None:
    """The rows of a price list made by :func:`make_file` as a workbook, numbers as numbers."""
    import xlsxwriter

    frame = pd.read_csv(source, sep=";", decimal=",", dtype={"EAN": str})
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet("Tarif")
    sheet.write_row(0, 0, list(frame.columns))
    for number, row in enumerate(frame.itertuples(index=False, name=None), 1):
        sheet.write_row(number, 0, row)
    book.close()


def make_run(env, feed, path: Path):
    """An import of a file, ready to run, its columns given."""
    upload = env["onep.feed.upload"]._create_from_file(path.name, path.read_bytes(), feed)
    for line in upload.line_ids:
        line.field = COLUMNS[line.column]
    run = upload._create_import()
    env.cr.commit()
    return run


def run_ours(env, feed, path: Path) -> Measured:
    """One import job in a process of its own, as a job runner's worker runs it."""
    run = make_run(env, feed, path)
    command = [sys.executable, "-m", "tests.benchmarks.import_worker", str(run.id)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"the import's process broke:\n{answer.stderr[-2000:]}")
    told = json.loads(answer.stdout.splitlines()[-1])
    if told["state"] != "done":
        raise SystemExit(f"the import ended as {told['state']}: {told['message']}")
    return Measured(told["seconds"], told["peak_mb"])


def read_floor(path: Path):
    """Frames of a file as pandas reads them."""
    if path.suffix == ".xlsx":
        yield pd.read_excel(path, engine="calamine", dtype={"EAN": str})
    else:
        yield from pd.read_csv(path, sep=";", decimal=",", dtype={"EAN": str}, chunksize=50_000)


def run_floor(env, feed, path: Path) -> Floor:
    """Seconds to read, COPY and upsert the same file with nothing else done.

    Nothing is mapped, checked, normalised, compared or remembered: no link from offers to
    products, no history, no progress. The upsert is ours (new rows inserted, moved rows updated,
    each after one join on the key) into tables like the products and the offers: same columns and
    types, same unique keys and indexes, same room on their pages. The text for COPY is made the
    fast way, by Arrow.
    """
    cr = env.cr
    cr.execute("SELECT to_regclass('onep_bench_floor') IS NULL")
    if cr.fetchone()[0]:
        cr.execute(
            "CREATE TABLE onep_bench_floor (LIKE onep_supplier_offer INCLUDING ALL); "
            "ALTER TABLE onep_bench_floor SET (fillfactor = 85); "
            "CREATE TABLE onep_bench_floor_product (LIKE onep_product INCLUDING ALL)"
        )
    cr.commit()
    names = list(LOAD_FIELDS.values())
    columns = ", ".join(names)
    owner = (feed.id, feed.partner_id.id, feed.company_id.id, feed.currency_id.id)
    started = time.perf_counter()
    cr.execute(
        f"CREATE TEMP TABLE onep_bench_stage AS SELECT {columns} FROM onep_bench_floor LIMIT 0"
    )
    for frame in read_floor(path):
        buffer = io.BytesIO()
        csv.write_csv(
            pa.Table.from_pandas(frame[list(LOAD_FIELDS)], preserve_index=False),
            buffer,
            csv.WriteOptions(include_header=False),
        )
        buffer.seek(0)
        cr.copy_expert(f"COPY onep_bench_stage ({columns}) FROM STDIN WITH (FORMAT csv)", buffer)
    cr.execute("SET LOCAL work_mem = '384MB'; SET LOCAL jit = off; ANALYZE onep_bench_stage")
    before_products = time.perf_counter()
    described = ", ".join(PRODUCT_FIELDS)
    cr.execute(
        f"INSERT INTO onep_bench_floor_product ({described}) SELECT {described} "
        "FROM onep_bench_stage AS stage WHERE NOT EXISTS (SELECT 1 FROM onep_bench_floor_product "
        "AS known WHERE known.gtin = stage.gtin) ON CONFLICT (gtin) DO NOTHING"
    )
    products = time.perf_counter() - before_products
    key = (
        "known.partner_id = %s AND known.company_id = %s "
        "AND known.supplier_sku = stage.supplier_sku"
    )
    others = [name for name in names if name != "supplier_sku"]
    cr.execute(
        "UPDATE onep_bench_floor AS known SET "
        + ", ".join(f"{name} = stage.{name}" for name in others)
        + f" FROM onep_bench_stage AS stage WHERE {key} AND ("
        + " OR ".join(f"known.{name} IS DISTINCT FROM stage.{name}" for name in others)
        + ")",
        (owner[1], owner[2]),
    )
    cr.execute(
        f"INSERT INTO onep_bench_floor (feed_id, partner_id, company_id, currency_id, {columns}) "
        f"SELECT %s, %s, %s, %s, {columns} FROM onep_bench_stage AS stage WHERE NOT EXISTS "
        f"(SELECT 1 FROM onep_bench_floor AS known WHERE {key})",
        (*owner, owner[1], owner[2]),
    )
    cr.execute("DROP TABLE onep_bench_stage")
    cr.commit()
    elapsed = time.perf_counter() - started
    cr.execute("ANALYZE onep_bench_floor; ANALYZE onep_bench_floor_product")
    cr.commit()
    return Floor(elapsed, elapsed - products)


def run_load(env, feed, path: Path, rows: int) -> float:
    """Seconds of Odoo's own load() for the first `rows` rows of the file."""
    frame = pd.read_csv(path, sep=";", dtype=str, nrows=rows)
    for column in ("Prix net HT", "Prix public TTC", "Poids kg", "Eco-participation"):
        frame[column] = frame[column].str.replace(",", ".", regex=False)
    frame["Référence"] = "LOAD-" + frame["Référence"]
    names = [*LOAD_FIELDS.values(), "feed_id/.id", "partner_id/.id", "company_id/.id"]
    names.append("currency_id/.id")
    ids = [feed.id, feed.partner_id.id, feed.company_id.id, feed.currency_id.id]
    data = [[*row, *map(str, ids)] for row in frame[list(LOAD_FIELDS)].values.tolist()]
    started = time.perf_counter()
    answer = env["onep.supplier.offer"].load(names, data)
    env.flush_all()
    elapsed = time.perf_counter() - started
    if not answer["ids"]:
        raise SystemExit(f"load() refused the rows: {answer['messages'][:1]}")
    env.cr.rollback()
    return elapsed


def make_feed(env, name: str):
    """A feed of a supplier of its own."""
    partner = env["res.partner"].create({"name": f"Bench supplier {name}"})
    feed = env["onep.supplier.feed"].create({"name": name, "partner_id": partner.id})
    env.cr.commit()
    return feed


def main(argv: list[str]) -> list[Figure]:
    """Measure a first import and one with 10 % changes, a workbook, and the worker's memory."""
    parser = argparse.ArgumentParser(prog="onep bench import")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the CSV file")
    parser.add_argument("--small-rows", type=int, default=100_000, help="0: no memory growth")
    parser.add_argument("--xlsx-rows", type=int, default=100_000, help="0: no workbook")
    parser.add_argument("--load-rows", type=int, default=2_000, help="0: no load()")
    options = parser.parse_args(argv)
    label = f"csv_{_short(options.rows)}"
    figures = []
    with tempfile.TemporaryDirectory() as folder, environment() as env:
        env.company.onep_price_jump_severity = "refuse"
        if options.xlsx_rows:
            figures += _measure_xlsx(env, Path(folder), options.xlsx_rows)
        small = None
        if options.small_rows:
            path = Path(folder) / "small.csv"
            make_file(path, options.small_rows)
            small = run_ours(env, make_feed(env, "small"), path)
        first, second = Path(folder) / "first.csv", Path(folder) / "second.csv"
        make_file(first, options.rows)
        make_file(second, options.rows, changed=0.1)
        feed = make_feed(env, "large")
        # the small catalogue's articles belong to other suppliers: start the large one afresh
        floor_first = run_floor(env, feed, first)
        ours_first = run_ours(env, feed, first)
        floor_second = run_floor(env, feed, second)
        ours_second = run_ours(env, feed, second)
        load = run_load(env, feed, first, options.load_rows) if options.load_rows else None
    rows = options.rows
    print(
        f"{rows:,} rows: ours {ours_first.seconds:.1f} s "
        f"({rows / ours_first.seconds:,.0f} rows/s), floor {floor_first.seconds:.1f} s "
        f"({floor_first.offers_only:.1f} s without the articles); "
        f"with 10 % changes ours {ours_second.seconds:.1f} s, "
        f"floor {floor_second.seconds:.1f} s ({floor_second.offers_only:.1f} s)"
    )
    for suffix, floor, ours in (
        ("", floor_first, ours_first),
        ("_10pct", floor_second, ours_second),
    ):
        name = f"import.{label}{suffix}"
        figures += [
            Figure(f"{name}.vs_floor", floor.seconds / ours.seconds, 0.5),
            Figure(f"{name}.vs_offers_floor", floor.offers_only / ours.seconds),
        ]
    figures += [
        Figure(f"import.{label}.peak_mb", ours_first.peak_mb, 700, "lower"),
        Figure(f"import.{label}_10pct.peak_mb", ours_second.peak_mb, 700, "lower"),
    ]
    if load:
        speed = load / options.load_rows
        print(f"load(): {1 / speed:,.0f} rows/s")
        for suffix, ours in (("", ours_first), ("_10pct", ours_second)):
            ratio = speed * rows / ours.seconds
            figures.append(Figure(f"import.{label}{suffix}.vs_load", ratio, 40))
    if small:
        growth = max(ours_first.peak_mb, ours_second.peak_mb) / small.peak_mb
        figures.append(Figure("import.memory_growth", growth, 1.5, "lower"))
    return figures


def _measure_xlsx(env, folder: Path, rows: int) -> list[Figure]:
    text, path = folder / "book.csv", folder / "book.xlsx"
    make_file(text, rows)
    write_xlsx(text, path)
    feed = make_feed(env, "workbook")
    floor = run_floor(env, feed, path)
    ours = run_ours(env, feed, path)
    env.cr.execute("DROP TABLE onep_bench_floor, onep_bench_floor_product")
    env.cr.commit()
    print(f"XLSX, {rows:,} rows: ours {ours.seconds:.1f} s, floor {floor.seconds:.1f} s")
    label = f"xlsx_{_short(rows)}"
    return [
        Figure(f"import.{label}.vs_floor", floor.seconds / ours.seconds, 0.5),
        Figure(f"import.{label}.vs_offers_floor", floor.offers_only / ours.seconds),
        Figure(f"import.{label}.peak_mb", ours.peak_mb, 700, "lower"),
    ]


def _short(rows: int) -> str:
    if rows % 1_000_000 == 0:
        return f"{rows // 1_000_000}m"
    return f"{rows // 1000}k" if rows >= 1000 else str(rows)
