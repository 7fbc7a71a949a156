"""Every opportunity of a company priced and stored again, against the floor, and 1 % of them.

The floor is what any repricing must pay on the same rows: COPY carries out what the engine needs,
COPY carries the columns of an opportunity into a stage, one upsert writes them to a table like the
opportunities, with the same keys and indexes. Nothing is computed: the figures were made before.
Each side moves every row, on a table that holds them all.
"""

import io
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from .database import environment
from .figures import Figure

PLATFORMS = ("amazon", "fnac", "cdiscount")
#: Share of one marketplace's deals in the category whose commission is changed: 1 % of three.
RARE = 0.03
PAGE = 100_000
#: Moves of a simulation that are timed, and how long one may take.
MOVES, SIMULATOR_MS = 21, 100
#: A setting that every margin rests on, before and after.
EXTRA_COSTS = (0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Priced:
    """A run of the product: seconds of its job, and the most memory its process held [MB]."""

    deals: int
    written: int
    seconds: float
    peak_mb: float


def measure(offers: int) -> list[Figure]:
    """Price everything, its floor, and what a commission rule changes."""
    with environment() as env:
        euro = env.ref("base.EUR")
        euro.active = True
        env.company.write({"country_id": env.ref("base.fr").id, "currency_id": euro.id})
        _make_market(env, offers)
        first = _price("full")
        env.company.onep_extra_cost = EXTRA_COSTS[0]
        env.cr.commit()
        _tidy(env)
        floor = _run_floor(env)
        env.cr.execute("DROP TABLE onep_bench_floor")
        marking_all = _save(env, lambda: env.company.write({"onep_extra_cost": EXTRA_COSTS[1]}))
        full = _price("full")
        again = _price("full")
        marking, some = _change_rule(env)
        moves = simulator_moves(env)
    print(
        f"{full.deals:,} deals, {full.written:,} of them moved: ours {full.seconds:.1f} s, floor "
        f"{floor:.1f} s; the first time {first.seconds:.1f} s, when nothing moves "
        f"{again.seconds:.1f} s; to save the setting that marks them all {marking_all:.1f} s; a "
        f"commission that {some.deals:,} deals pay: {marking:.2f} s to save, {some.seconds:.2f} s "
        "to price"
    )
    share = (marking + some.seconds) / full.seconds
    return [
        Figure("margin.db_vs_floor", floor / full.seconds, 0.5),
        Figure("margin.db_peak_mb", max(first.peak_mb, full.peak_mb), 1000, "lower"),
        Figure("margin.incremental_share", share, 0.03, "lower"),
        Figure("margin.db_deals_per_second", full.deals / full.seconds),
        Figure("margin.db_first_deals_per_second", first.deals / first.seconds),
        Figure("margin.db_unmoved_deals_per_second", again.deals / again.seconds),
        Figure("margin.db_changed_deals", some.deals / full.deals),
        Figure("margin.db_marks_per_second", full.deals / marking_all),
        *(
            Figure(f"margin.simulator_{name}_ms", 1000 * seconds, SIMULATOR_MS, "lower")
            for name, seconds in moves.items()
        ),
    ]


def simulator_moves(env) -> dict[str, float]:
    """Median seconds the server takes to work a simulation out again, by what is moved.

    What the browser asks when a slider moves, of an opportunity whose margin is known.
    """
    from odoo.tests import Form

    found = env["onep.opportunity"].search([("margin_known", "=", True)], limit=1)
    action = env["onep.margin.simulator"]._open_for_opportunity(found)
    form = Form(env[action["res_model"]].browse(action["res_id"]))
    moves = {}
    for name in ("sell_price_taxed", "buy_price", "quantity"):
        start, seconds = form[name], []
        for step in range(MOVES):
            # as in a request of its own: nothing is left of the one before
            env.invalidate_all()
            started = time.perf_counter()
            setattr(form, name, start + step + 1)
            seconds.append(time.perf_counter() - started)
        moves[name] = statistics.median(seconds)
    env.cr.rollback()
    return moves


def _price(scope: str) -> Priced:
    """One pricing job in a process of its own, as a job runner's worker runs it."""
    command = [sys.executable, "-m", "tests.benchmarks.margin_worker", scope]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"the pricing's process broke:\n{answer.stderr[-2000:]}")
    told = json.loads(answer.stdout.splitlines()[-1])
    if told["state"] != "done":
        raise SystemExit(f"the pricing ended as {told['state']}: {told['message']}")
    return Priced(told["deals"], told["written"], told["seconds"], told["peak_mb"])


def _make_market(env, offers: int) -> None:
    """Offers of a supplier, and what their articles sell for on three marketplaces of France.

    One in ten has no market price, one in ten no size; commissions, tiers and carriers are those
    shipped with the addon.
    """
    supplier = env["res.partner"].create({"name": "Bench supplier"})
    feed = env["onep.supplier.feed"].create({"name": "bench", "partner_id": supplier.id})
    for platform in PLATFORMS:
        place = env["onep.marketplace"].create(
            {"name": platform, "code": platform, "platform": platform, "environment": "demo"}
        )
        place._get_score_profile()
    env.flush_all()
    cr = env.cr
    cr.execute("SELECT setseed(0.5)")
    cr.execute(
        """
        INSERT INTO onep_product (gtin, name, create_date, write_date)
        SELECT lpad((3700000000000 + n)::text, 14, '0'), 'Article ' || n, now(), now()
          FROM generate_series(1, %(offers)s) AS n;
        INSERT INTO onep_supplier_offer (
            feed_id, partner_id, company_id, supplier_sku, gtin, product_id, name, brand, category,
            currency_id, price_untaxed, stock_quantity, minimum_order_quantity, pack_size,
            weight_g, eco_tax, is_present, change_kind, create_date, write_date)
        SELECT %(feed)s, %(partner)s, %(company)s, 'ART-' || pivot.id, pivot.gtin, pivot.id,
               pivot.name, 'Brand ' || pivot.id %% 97, 'Family ' || pivot.id %% 31, %(currency)s,
               round((1 + 80 * random())::numeric, 2), (200 * random())::integer, 1,
               1 + pivot.id %% 6, round((50 + 4000 * random())::numeric, 1),
               round(random()::numeric, 2), TRUE, 'new', now(), now()
          FROM onep_product AS pivot
        """,
        {
            "offers": offers,
            "feed": feed.id,
            "partner": supplier.id,
            "company": env.company.id,
            "currency": env.company.currency_id.id,
        },
    )
    for place in env["onep.marketplace"].search([]):
        categories = env["onep.fee.category"].search([("platform", "=", place.platform)])
        priced = categories.filtered("line_ids")
        cr.execute(
            """
            INSERT INTO onep_marketplace_offer (
                marketplace_id, company_id, is_demo, gtin, external_id, name, category, state,
                currency_id, buy_box_price_taxed, lowest_price_taxed, offer_count, sales_rank,
                retailer_present, weight_g, length_mm, width_mm, height_mm, fetched_at,
                create_date, write_date)
            SELECT %(place)s, %(company)s, TRUE, gtin, 'B' || id, name,
                   CASE WHEN chance < %(rare)s THEN %(rare_name)s
                        ELSE (%(names)s::text[])[1 + id %% %(count)s] END,
                   CASE WHEN id %% 10 = 3 THEN 'no_price' ELSE 'found' END, %(currency)s,
                   CASE WHEN id %% 10 <> 3 THEN round((2 + 160 * random())::numeric, 2) END, NULL,
                   1 + id %% 20, 1 + (500000 * random())::integer, 'no',
                   CASE WHEN id %% 10 <> 4 THEN 50 + 4000 * random() END,
                   CASE WHEN id %% 10 <> 4 THEN 50 + 400 * random() END, 120, 60,
                   now() AT TIME ZONE 'UTC', now(), now()
              FROM (SELECT pivot.*, random() AS chance FROM onep_product AS pivot) AS pivot
            """,
            {
                "place": place.id,
                "company": env.company.id,
                "currency": place.currency_id.id,
                "names": priced[1:].mapped("name"),
                "count": len(priced) - 1,
                "rare": RARE,
                "rare_name": priced[0].name,
            },
        )
    cr.commit()
    _tidy(env)


def _tidy(env) -> None:
    """Statistics and free room, as autovacuum leaves them."""
    connection = env.cr._cnx
    env.cr.commit()
    connection.autocommit = True
    for table in ("onep_supplier_offer", "onep_product", "onep_marketplace_offer"):
        env.cr.execute(f"VACUUM ANALYZE {table}")
    env.cr.execute("VACUUM ANALYZE onep_opportunity")
    connection.autocommit = False


def _run_floor(env) -> float:
    """Seconds of the floor for the rows the opportunities have now, every price 0.01 dearer."""

    from odoo.addons.onep_sourcing.sql import deal

    cr = env.cr
    run = env["onep.evaluation"].new({"company_id": env.company.id, "scope": "full"})
    cr.execute(
        "CREATE TABLE onep_bench_floor (LIKE onep_opportunity INCLUDING ALL); "
        "INSERT INTO onep_bench_floor SELECT * FROM onep_opportunity"
    )
    cr.execute("SELECT reloptions FROM pg_class WHERE relname = 'onep_opportunity'")
    for option in cr.fetchone()[0] or ():
        cr.execute(f"ALTER TABLE onep_bench_floor SET ({option})")
    cr.execute("ANALYZE onep_bench_floor")
    columns = [
        name
        for name, field in env["onep.opportunity"]._fields.items()
        if field.store and field.column_type and name not in ("id", "create_uid", "create_date")
    ]
    listed = ", ".join(columns)
    pages = []
    for place in env["onep.marketplace"].search([]):
        moved = ", ".join(
            f"{name} + 0.01" if name in ("landed_cost", "net_margin", "score") else name
            for name in columns
        )
        cr.execute(
            "SELECT supplier_offer_id FROM onep_opportunity WHERE marketplace_id = %s "
            "ORDER BY supplier_offer_id",
            (place.id,),
        )
        ids = [offer_id for (offer_id,) in cr.fetchall()]
        for start in range(0, len(ids), PAGE):
            page = io.BytesIO()
            query = (
                f"COPY (SELECT {moved} FROM onep_opportunity WHERE marketplace_id = {place.id} "
                f"AND supplier_offer_id BETWEEN {ids[start]} AND {ids[start : start + PAGE][-1]} "
                "ORDER BY supplier_offer_id) TO STDOUT WITH (FORMAT csv)"
            )
            cr.copy_expert(query, page)
            pages.append((place, ids[start] - 1, page))
    cr.commit()
    assigned = ", ".join(
        f"{name} = excluded.{name}"
        for name in columns
        if name not in ("supplier_offer_id", "marketplace_id")
    )
    rates = list(
        env["res.currency"].search([("active", "=", True)])._onep_get_rates(env.company).items()
    )
    started = time.perf_counter()
    for place, after_id, page in pages:
        cr.execute(deal.prepare())
        deals = deal.select_deals(
            marketplace_id=place.id,
            company_id=env.company.id,
            rates=rates,
            country_id=place.country_id.id,
            scope=run._get_scope(place),
            after_id=after_id,
            limit=PAGE,
        )
        statement = cr.mogrify(deals).decode()
        cr.copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)", io.BytesIO())
        cr.execute(
            "DROP TABLE IF EXISTS onep_bench_stage; CREATE TEMPORARY TABLE onep_bench_stage AS "
            f"SELECT {listed} FROM onep_bench_floor LIMIT 0"
        )
        page.seek(0)
        cr.copy_expert(f"COPY onep_bench_stage ({listed}) FROM STDIN WITH (FORMAT csv)", page)
        cr.execute(
            f"INSERT INTO onep_bench_floor ({listed}) SELECT {listed} FROM onep_bench_stage "
            f"ON CONFLICT (supplier_offer_id, marketplace_id) DO UPDATE SET {assigned}"
        )
        cr.commit()
    return time.perf_counter() - started


def _change_rule(env) -> tuple[float, Priced]:
    """Change the commission of the rare category somewhere; seconds to save, and the run."""
    place = env["onep.marketplace"].search([("platform", "=", PLATFORMS[0])])
    rare = (
        env["onep.fee.category"].search([("platform", "=", place.platform)]).filtered("line_ids")[0]
    )
    line = place.rate_card_id.line_ids.filtered(lambda rule: rule.category_id == rare)[0]
    env.cr.commit()
    marking = _save(env, lambda: line.write({"rate": line.rate + 0.01}))
    return marking, _price("waiting")


def _save(env, change) -> float:
    """Seconds that a change takes whoever saves it, marks included."""
    started = time.perf_counter()
    change()
    env.flush_all()
    env.cr.commit()
    return time.perf_counter() - started
