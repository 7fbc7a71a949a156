"""An approved picking list to RFQs, against Odoo creating the very same purchase orders.

Odoo's side is given what ours had to find out (units, prices, taxes, names, dates, terms) and
creates the orders and their lines in as few calls as it takes them; what it computes by itself,
totals and analytic distributions, it does. Ours counts from the preview to the links back.
Both sides begin with cold caches, end with all written and are undone, in turns; the articles are
products of Odoo that the suppliers are vendors of, as those that are bought again. What a first
order costs, with products and vendors to create on both sides, is told beside.
"""

import time
from collections.abc import Callable

from .database import environment
from .figures import Figure

SUPPLIERS = 8
ROUNDS = 5
GOAL = 1.3
#: What the orders' lines, and the orders, are created with on Odoo's side.
LINE_FIELDS = (
    "product_id",
    "product_uom_id",
    "name",
    "product_qty",
    "price_unit",
    "discount",
    "tax_ids",
    "date_planned",
)
ORDER_FIELDS = (
    "partner_id",
    "company_id",
    "currency_id",
    "picking_type_id",
    "fiscal_position_id",
    "payment_term_id",
    "incoterm_id",
    "user_id",
    "date_order",
    "origin",
)


def measure(lines: int) -> list[Figure]:
    """Order `lines` lines of several suppliers, both ways."""
    with environment() as env:
        picking = _make_list(env, lines)
        first_ours, first_floor, _orders = _compare(env, picking, lines, rounds=1)
        _order(env, picking)
        orders = picking.purchase_order_ids
        orders.button_cancel()
        env.cr.commit()
        ours, floor, order_count = _compare(env, picking, lines, rounds=ROUNDS)
    print(
        f"{lines:,} lines on {order_count} RFQs: ours {ours:.2f} s, Odoo given everything "
        f"{floor:.2f} s; the first time, with products to create, {first_ours:.2f} s and "
        f"{first_floor:.2f} s"
    )
    return [
        Figure("buying.rfq_vs_odoo", ours / floor, GOAL, "lower"),
        Figure("buying.rfq_first_vs_odoo", first_ours / first_floor, None, "lower"),
        Figure("buying.rfq_lines_per_second", lines / ours),
    ]


def _make_list(env, lines: int):
    """An approved list of articles of several suppliers that are no products of Odoo yet."""
    euro = env.ref("base.EUR")
    euro.active = True
    company = env.company
    company.write({"country_id": env.ref("base.fr").id, "currency_id": euro.id})
    suppliers = env["res.partner"].create(
        [{"name": f"Bench supplier {number}", "is_company": True} for number in range(SUPPLIERS)]
    )
    feeds = env["onep.supplier.feed"].create(
        [{"name": supplier.name, "partner_id": supplier.id} for supplier in suppliers]
    )
    place = env["onep.marketplace"].create(
        {"name": "Fnac", "code": "fnac", "platform": "fnac", "environment": "demo"}
    )
    pivots = env["onep.product"].create(
        [
            {"gtin": f"{3760000000000 + 10 * number:014d}", "name": f"Article {number}"}
            for number in range(lines)
        ]
    )
    offers = env["onep.supplier.offer"].create(
        [
            {
                "feed_id": feeds[number % SUPPLIERS].id,
                "partner_id": suppliers[number % SUPPLIERS].id,
                "company_id": company.id,
                "supplier_sku": f"REF-{number}",
                "gtin": pivot.gtin,
                "product_id": pivot.id,
                "name": pivot.name,
                "brand": f"Brand {number % 7}",
                "currency_id": euro.id,
                "price_untaxed": 5.0 + number % 90,
                "stock_quantity": 500,
                "minimum_order_quantity": 1 + number % 6,
                "lead_time_days": 2 + number % 9,
                "weight_g": 300,
                "is_present": True,
                "change_kind": "new",
            }
            for number, pivot in enumerate(pivots)
        ]
    )
    opportunities = env["onep.opportunity"].create(
        [
            {
                "supplier_offer_id": offer.id,
                "marketplace_id": place.id,
                "partner_id": offer.partner_id.id,
                "company_id": company.id,
                "product_id": offer.product_id.id,
                "gtin": offer.gtin,
                "supplier_sku": offer.supplier_sku,
                "name": offer.name,
                "buy_price": offer.price_untaxed,
                "minimum_order_quantity": offer.minimum_order_quantity,
                "supplier_stock": offer.stock_quantity,
                "currency_id": euro.id,
            }
            for offer in offers
        ]
    )
    picking = env["onep.picking.list"].create({})
    picking._add_opportunities(opportunities)
    picking.action_approve()
    env.cr.commit()
    return picking


def _order(env, picking) -> None:
    """Press the button, as the wizard on screen does."""
    wizard = env["onep.rfq.create"].create({"list_id": picking.id})
    env.flush_all()
    wizard.action_create()
    env.flush_all()


def _compare(env, picking, lines: int, rounds: int) -> tuple[float, float, int]:
    """Seconds of ours and of Odoo's side, best of rounds in turns; orders of a round."""
    ours, floor, created = [], [], {}
    for _round in range(rounds):
        if not created:
            _undo(env, lambda: (_order(env, picking), created.update(_read_back(picking))))
            if len(created["lines"]) != lines:
                raise SystemExit(f"{len(created['lines'])} lines were ordered, not {lines}.")
        ours.append(_time(env, lambda: _order(env, picking)))
        floor.append(_time(env, lambda: _create(env, created)))
    return min(ours), min(floor), len(created["orders"])


def _undo(env, act: Callable) -> None:
    """Do something, then take it back."""
    env.cr.execute("SAVEPOINT bench")
    env.invalidate_all()
    try:
        act()
    finally:
        env.flush_all()
        env.cr.execute("ROLLBACK TO SAVEPOINT bench")
        env.invalidate_all()


def _time(env, act: Callable) -> float:
    """Seconds of what is taken back afterwards."""
    seconds = []

    def timed():
        started = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - started)

    _undo(env, timed)
    return seconds[0]


def _read_back(picking) -> dict:
    """What was created, as values to create it with; new products as their own values."""
    orders = picking.purchase_order_ids.filtered(lambda order: order.state == "draft")
    order_lines = orders.order_line
    products = order_lines.product_id.filtered(
        lambda product: product.create_date == picking.env.cr.now()
    )
    return {
        "orders": [(order.id, _values(order, ORDER_FIELDS)) for order in orders],
        "lines": [(line.order_id.id, _values(line, LINE_FIELDS)) for line in order_lines],
        "products": [
            (
                product.id,
                _values(product, ("name", "barcode", "type", "is_storable", "weight", "volume"))
                | {
                    "seller_ids": [
                        (
                            0,
                            0,
                            _values(
                                row,
                                (
                                    "partner_id",
                                    "company_id",
                                    "product_code",
                                    "product_name",
                                    "price",
                                    "currency_id",
                                    "min_qty",
                                    "delay",
                                ),
                            ),
                        )
                        for row in product.seller_ids
                    ]
                },
            )
            for product in products
        ],
    }


def _values(record, names) -> dict:
    record = record.with_context(active_test=False)
    return {name: record._fields[name].convert_to_write(record[name], record) for name in names}


def _create(env, created: dict) -> None:
    """Odoo alone: products if there are new ones, orders, and all their lines at once."""
    products = env["product.product"].create([vals for _id, vals in created["products"]])
    new = dict(zip((known for known, _vals in created["products"]), products.ids, strict=True))
    orders = env["purchase.order"].create([dict(vals) for _id, vals in created["orders"]])
    own = dict(zip((known for known, _vals in created["orders"]), orders.ids, strict=True))
    env["purchase.order.line"].create(
        [
            vals | {"order_id": own[order_id], "product_id": new.get(*(2 * [vals["product_id"]]))}
            for order_id, vals in created["lines"]
        ]
    )
    env.flush_all()
