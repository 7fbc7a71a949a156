"""Import of a price list: ours, against the floor and against Odoo's own load().

The floor is what any import must pay: pandas reads the same file, COPY carries the same columns
to a temporary table, one upsert writes them to a table with the same unique key.
"""

import argparse
import io
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

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


def run_ours(env, feed, path: Path) -> float:
    """Seconds of one import job, as the job runner runs it."""
    upload = env["onep.feed.upload"]._create_from_file(path.name, path.read_bytes(), feed)
    for line in upload.line_ids:
        line.field = COLUMNS[line.column]
    run = upload._create_import()
    env.cr.commit()
    started = time.perf_counter()
    run._job_import()
    env.cr.commit()
    elapsed = time.perf_counter() - started
    if run.state != "done":
        raise SystemExit(f"the import ended as {run.state}: {run.error_message}")
    return elapsed


def run_floor(env, path: Path) -> float:
    """Seconds to read, COPY and upsert the same file with nothing else done."""
    cr = env.cr
    columns = ", ".join(f"c{index} text" for index in range(len(COLUMNS)))
    cr.execute(f"CREATE TABLE IF NOT EXISTS onep_bench_floor ({columns}, UNIQUE (c0))")
    cr.commit()
    started = time.perf_counter()
    cr.execute(f"CREATE TEMPORARY TABLE onep_bench_staging ({columns})")
    for chunk in pd.read_csv(path, sep=";", dtype=str, chunksize=50_000):
        buffer = io.StringIO()
        chunk.to_csv(buffer, index=False, header=False)
        buffer.seek(0)
        cr.copy_expert("COPY onep_bench_staging FROM STDIN WITH (FORMAT csv)", buffer)
    names = [f"c{index}" for index in range(len(COLUMNS))]
    cr.execute(
        "INSERT INTO onep_bench_floor AS known SELECT * FROM onep_bench_staging "
        "ON CONFLICT (c0) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        + " WHERE "
        + " OR ".join(f"known.{name} IS DISTINCT FROM excluded.{name}" for name in names[1:])
    )
    cr.execute("DROP TABLE onep_bench_staging")
    cr.commit()
    return time.perf_counter() - started


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


def main(argv: list[str]) -> list[Figure]:
    """Measure a first import and one with 10 % changes."""
    parser = argparse.ArgumentParser(prog="onep bench import")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--load-rows", type=int, default=2_000)
    options = parser.parse_args(argv)
    label = f"csv_{options.rows // 1000}k"
    with tempfile.TemporaryDirectory() as folder, environment() as env:
        first, second = Path(folder) / "first.csv", Path(folder) / "second.csv"
        make_file(first, options.rows)
        make_file(second, options.rows, changed=0.1)
        partner = env["res.partner"].create({"name": "Bench supplier"})
        feed = env["onep.supplier.feed"].create({"name": "Bench", "partner_id": partner.id})
        env.cr.commit()
        floor_first = run_floor(env, first)
        ours_first = run_ours(env, feed, first)
        floor_second = run_floor(env, second)
        ours_second = run_ours(env, feed, second)
        load = run_load(env, feed, first, options.load_rows)
    per_row_load = load / options.load_rows
    print(
        f"{options.rows:,} rows: ours {options.rows / ours_first:,.0f} rows/s, "
        f"floor {options.rows / floor_first:,.0f} rows/s, load() {1 / per_row_load:,.0f} rows/s"
    )
    return [
        Figure(f"import.{label}.vs_floor", floor_first / ours_first, 0.5),
        Figure(f"import.{label}_10pct.vs_floor", floor_second / ours_second, 0.5),
        Figure(f"import.{label}.vs_load", per_row_load * options.rows / ours_first, 40),
    ]
