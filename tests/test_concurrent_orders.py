"""Two buyers press “Create RFQs” at the same moment, each on a connection of their own.

On one list, whatever the order of events, each line is ordered once; on two lists of the same
articles, each article becomes one product of Odoo, with or without a GTIN.
"""

import os

import pytest

from .live_odoo import run_shell, scratch_database

pytestmark = pytest.mark.skipif(
    not os.environ.get("ONEP_TEST_DB"), reason="needs the database that ./onep test makes"
)

PREPARE = """
supplier = env["res.partner"].create({"name": "Grossiste"})
feed = env["onep.supplier.feed"].create({"name": "Liste", "partner_id": supplier.id})
place = env["onep.marketplace"].create(
    {"name": "Fnac", "code": "fnac", "platform": "fnac", "environment": "demo"})
picking = env["onep.picking.list"].create({})
for number in range(12):
    gtin = f"0376000000{number:04d}"
    offer = env["onep.supplier.offer"].create({
        "feed_id": feed.id, "partner_id": supplier.id, "company_id": env.company.id,
        "supplier_sku": f"A-{number}", "gtin": gtin, "name": f"Article {number}",
        "currency_id": feed.currency_id.id, "price_untaxed": 10.0, "is_present": True,
        "product_id": env["onep.product"].create({"gtin": gtin}).id})
    picking._add_opportunities(env["onep.opportunity"].create({
        "supplier_offer_id": offer.id, "marketplace_id": place.id, "partner_id": supplier.id,
        "company_id": env.company.id, "product_id": offer.product_id.id, "gtin": gtin,
        "supplier_sku": offer.supplier_sku, "name": offer.name, "buy_price": 10.0,
        "currency_id": env.company.currency_id.id}))
picking.action_approve()
for number in range(3):
    other = env["onep.picking.list"].create({})
    other._add_opportunities(picking.line_ids.opportunity_id)
    other.action_approve()
    if number:
        # known by the supplier's code alone
        other.flush_model()
        cr.execute("UPDATE onep_picking_list_line SET gtin = NULL, product_id = NULL"
                   " WHERE list_id = %s", [other.id])
"""

#: `before` says when the second buyer's transaction begins: before the first one has committed
#: (its snapshot is old) or while the first one holds the lines.
RACE = """
import threading
from odoo.exceptions import UserError
from odoo.service.model import retrying
lists = env["onep.picking.list"].search([], order="id")
wizards = [picking.action_create_rfqs()["res_id"] for picking in ({lists})]
cr.commit()
has_read, has_locked, has_tried = threading.Event(), threading.Event(), threading.Event()

def act(buyer, before_ordering, before_commit):
    with Registry(env.cr.dbname).cursor() as own:
        own_env = api.Environment(own, SUPERUSER_ID, {{}})
        wizard = own_env["onep.rfq.create"].browse(wizards[buyer])
        wizard.list_id.line_ids.mapped("purchase_line_id")  # the snapshot is taken
        before_ordering()

        def order():
            wizard.action_create()
            before_commit()

        try:
            retrying(order, own_env)  # as a request does it: replays, then commits
        except UserError as error:
            own.rollback()
            outcomes[buyer] = str(error)
            has_tried.set()
            return
        outcomes[buyer] = "created"

def first():
    act(0, has_read.wait, lambda: (has_locked.set(), {hold} and has_tried.wait(30)))

def second():
    act(1, lambda: (has_read.set(), has_locked.wait(30), {hold} or one.join()), lambda: None)

outcomes = {{}}
one, two = threading.Thread(target=first), threading.Thread(target=second)
one.start(); two.start(); one.join(60); two.join(60)
cr.rollback()
orders = env["purchase.order"].search([])
print(outcomes[0])
print(outcomes[1])
print(len(orders), len(orders.order_line), len(orders.order_line.product_id))
print(len(orders.order_line.product_id.seller_ids))
print(env["product.product"].search_count([("barcode", "=like", "376000000%")]))
"""

CLEAR = """
orders.button_cancel()
env["onep.picking.list"].search([]).line_ids.purchase_line_id = False
products = orders.order_line.product_id
orders.unlink()
env["onep.product"].search([]).product_id = False
products.unlink()
cr.commit()
"""


@pytest.fixture(scope="module")
def database():
    with scratch_database() as name:
        run_shell(name, PREPARE)
        yield name


def race(database: str, **how) -> list[str]:
    """The last lines that the race prints; RFQs, lines and products are then taken away."""
    told = run_shell(database, RACE.format(**how) + CLEAR).splitlines()
    return told[-5:]


@pytest.mark.parametrize(
    ("hold", "told"),
    [(True, "Somebody is ordering"), (False, "has an RFQ already")],
    ids=["while the lines are held", "with an older view of the lines"],
)
def test_two_buyers_order_each_line_once(database, hold, told):
    first, second, orders, vendors, products = race(database, hold=hold, lists="lists[0], lists[0]")
    assert first == "created"
    assert told in second
    assert orders == "1 12 12"
    assert (vendors, products) == ("12", "12")


def test_two_lists_make_one_product_of_each_article(database):
    first, second, orders, vendors, products = race(
        database, hold=False, lists="lists[0], lists[1]"
    )
    assert (first, second) == ("created", "created")
    assert orders == "2 24 12"
    assert (vendors, products) == ("12", "12")


def test_two_lists_make_one_product_of_a_supplier_s_code(database):
    """Without a GTIN nothing is unique in Odoo: it is the offers that are ordered one by one."""
    first, second, orders, vendors, products = race(
        database, hold=False, lists="lists[2], lists[3]"
    )
    assert (first, second) == ("created", "created")
    assert orders == "2 24 12"
    assert (vendors, products) == ("12", "0"), "12 products, none with a barcode"
