"""The demo, driven once along the whole road: feed → import → market → opportunity → list.

It calls what the buttons call, so that the demo is what a user would have made. Called by the
entry script on a new demo database, before any job runner is started: the story runs the jobs
itself. Every step that was played already is left out.
"""

import csv
import itertools
import logging
import time
from pathlib import Path

from odoo.addons.queue_job.exception import RetryableJobError

from . import past

_logger = logging.getLogger(__name__)

# Sample files stand beside the addons in the project; an addon installed alone has none.
DATA = Path(__file__).resolve().parents[2] / "data"
HERE = Path(__file__).resolve().parent
# Feed (XML id) → its sample file.
FILES = {
    "onep_supplier_feed_volt_octet_demo": "volt_octet_tarif_2026.csv",
    "onep_supplier_feed_pharambre_demo": "pharambre_parapharmacie.csv",
    "onep_supplier_feed_toupie_plume_demo": "toupie_plume_tarif_2026.xlsx",
    "onep_supplier_feed_nuboria_demo": "nuboria_tarifa.csv",
    "onep_supplier_feed_thistlemoor_demo": "thistlemoor_price_list.csv",
    "onep_supplier_feed_federkamm_demo": "federkamm_preisliste.txt",
    "onep_supplier_feed_lantau_demo": "lantau_price_list.csv",
}
STOCKED_PRODUCTS = 40
LIST_LINES = 24


def play(env):
    """Play the story in the company of `env`; the caller commits.

    :return: one line that says what was made
    """
    if not (DATA / "demo_catalogue.csv").exists():
        return "no sample files beside the addons"
    env = env(user=env.ref("base.user_admin"), context=dict(env.context, lang="fr_FR"))
    _dress_company(env)
    _stock_some_products(env)
    for name, file_name in FILES.items():
        _import_file(env, env.ref(f"onep_sourcing.{name}"), file_name)
    if not env["purchase.order"].search_count([], limit=1):
        past.buy(
            env, env["stock.quant"].search([("location_id.usage", "=", "internal")]).product_id
        )
    for marketplace in env["onep.marketplace"].search([("environment", "=", "demo")]):
        _read_market(marketplace)
    evaluations = env["onep.evaluation"]
    evaluations.search([("state", "=", "queued")]).action_cancel()
    evaluations._enqueue_all(env.company)._job_evaluate()
    past.remember_scores(env)
    env["queue.job"].search([("state", "=", "pending")]).button_done()
    picking = _fill_picking_list(env)
    _propose_this_morning(env)
    offers = env["onep.supplier.offer"].search_count([])
    opportunities = env["onep.opportunity"].search_count([])
    return f"{offers} offers, {opportunities} opportunities, {len(picking.line_ids)} lines chosen"


def _dress_company(env):
    """Give the company a name that says it is a demo, and its people French."""
    company = env.company
    if company.partner_id.city != "Villeurbanne":
        company.write(
            {
                "name": "Comptoir Rhodanien (démo)",
                "street": "12 rue des Essais",
                "zip": "69100",
                "city": "Villeurbanne",
                "country_id": env.ref("base.fr").id,
            }
        )
    env.ref("base.user_admin").write({"lang": "fr_FR", "tz": "Europe/Paris"})
    # what is sent back to a French supplier is in French
    suppliers = env["onep.supplier.feed"].search([]).partner_id
    suppliers.filtered(lambda partner: partner.country_id.code == "FR").lang = "fr_FR"


def _stock_some_products(env):
    """Create articles the reseller already sells: stock on hand and some weeks of sales."""
    Product = env["product.product"]
    with (DATA / "demo_catalogue.csv").open(encoding="utf-8") as stream:
        rows = list(itertools.islice(csv.DictReader(stream), 0, STOCKED_PRODUCTS * 25, 25))
    known = set(Product.search([]).mapped("barcode"))
    products = Product.create(
        [
            {
                "name": row["name"],
                "barcode": row["ean"],
                "is_storable": True,
                "list_price": round(float(row["rrp_taxed"]) / 1.2, 2),
                "weight": float(row["weight_g"]) / 1000,
                "standard_price": round(float(row["rrp_taxed"]) / 1.2 * 0.62, 2),
            }
            for row in rows
            if row["ean"] not in known
        ]
    )
    if not products:
        return
    location = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    for index, product in enumerate(products):
        env["stock.quant"]._update_available_quantity(
            product, location.lot_stock_id, 24 + 7 * index % 31
        )
    past.sell(env, products)


def _import_file(env, feed, file_name):
    """Drop a sample file on its feed, accept what the mapper proposes, import."""
    if feed.import_ids:
        return
    path = HERE / file_name
    data = (path if path.exists() else DATA / file_name).read_bytes()
    upload = env["onep.feed.upload"]._create_from_file(file_name, data, feed)
    run = upload._create_import()
    run._job_import()
    if run.state != "done":
        raise RuntimeError(f"the sample file {file_name} was not imported: {run.error_message}")
    _logger.info("%s: %s rows, %s quarantined", file_name, run.row_count, run.quarantined_count)


def _read_market(marketplace):
    """Read the demo market at the pace it allows, as the queue would."""
    if marketplace.last_sync_at:
        return
    sync = marketplace._sync()
    while sync.state in ("queued", "running"):
        try:
            marketplace._job_ask(1)
        except RetryableJobError as pause:
            time.sleep(min(pause.seconds or 1, 5))
    if sync.state != "done":
        raise RuntimeError(f"{marketplace.name} could not be read: {sync.error_message}")


def _fill_picking_list(env):
    """Keep the best opportunities, as a buyer would on a Monday morning."""
    picking = env["onep.picking.list"].search([], limit=1)
    if picking:
        return picking
    best = env["onep.opportunity"].search(
        [("margin_known", "=", True), ("net_margin", ">", 2), ("supplier_stock", ">", 0)],
        order="score desc",
        limit=LIST_LINES,
    )
    picking = env["onep.picking.list"].create({"name": "Achats de la semaine"})
    picking._add_opportunities(best)
    return picking


def _propose_this_morning(env):
    """Write a rule for the mornings, and let it propose today's list."""
    rules = env["onep.purchase.proposal.rule"]
    if rules.search([], limit=1):
        return
    rule = rules.create(
        {
            "name": "Chaque matin (démo)",
            "minimum_score": 55.0,
            "minimum_roi": 0.2,
            "weekly_budget": 9000.0,
            "maximum_lines": 15,
        }
    )
    picking = rule._run()
    picking.name = "Proposition du matin (démo)"
