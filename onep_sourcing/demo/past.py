"""The past of the demo's reseller, invented: what it sold, bought and agreed, and what the score
said of it then. It fills the back-test, the supplier's card and the figures of one's own.
"""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

SALES_WEEKS = 8
#: Days ago that the past order was confirmed, that it was promised for, and that it came.
ORDERED, PROMISED, CAME = 40, 33, 31.5
BOUGHT_LINES = 6
#: Days ago that its bill came; by what share that asked too much for the first article.
BILLED, TOO_DEAR = 25, 0.04
AGREED_PRICES = 3
#: Days ago that the past scores are of; the back-test follows each for 30.
SCORED = 50


def sell(env, products):
    """Weeks of sales of these products, delivered; of the last week some are still awaited."""
    customer = env["res.partner"].create({"name": "Clients place de marché (démo)"})
    now = fields.Datetime.now()
    for week in range(SALES_WEEKS, 0, -1):
        order = env["sale.order"].create(
            {
                "partner_id": customer.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": 1 + (index + week) % 4}
                    )
                    for index, product in enumerate(products)
                    if (index + week) % 3
                ],
            }
        )
        order.action_confirm()
        order.date_order = now - timedelta(weeks=week)
        if week > 1:
            _move(order.picking_ids, order.date_order + timedelta(days=1))


def buy(env, products):
    """An order received late and short by one article, billed too dear, and agreed prices."""
    offers = env["onep.supplier.offer"].search(
        [("product_id.product_id", "in", products.ids), ("price_untaxed", ">", 0)]
    )
    by_supplier = offers.grouped("partner_id")
    if not by_supplier:
        return
    partner, own = max(by_supplier.items(), key=lambda item: len(item[1]))
    own = own.grouped("product_id").values()
    own = [offer[0] for offer in own][:BOUGHT_LINES]
    now = fields.Datetime.now()
    order = env["purchase.order"].create(
        {
            "partner_id": partner.id,
            "currency_id": own[0].currency_id.id,
            "origin": "Commande passée (démo)",
            "order_line": [
                Command.create(
                    {
                        "product_id": offer.product_id.product_id.id,
                        "product_qty": 12,
                        "price_unit": offer.price_untaxed,
                        "date_planned": now - timedelta(days=PROMISED),
                    }
                )
                for offer in own
            ],
        }
    )
    order.button_confirm()
    order.date_approve = now - timedelta(days=ORDERED)
    order.order_line.date_planned = now - timedelta(days=PROMISED)
    _move(order.picking_ids, now - timedelta(days=CAME), short=4)
    _bill(order, fields.Date.context_today(order) - timedelta(days=BILLED))
    today = fields.Date.context_today(order)
    env["product.supplierinfo"].create(
        [
            {
                "partner_id": partner.id,
                "product_tmpl_id": offer.product_id.product_id.product_tmpl_id.id,
                "product_code": offer.supplier_sku,
                "product_name": f"{offer.name} (accord démo)",
                "currency_id": offer.currency_id.id,
                "company_id": offer.company_id.id,
                "min_qty": quantity,
                "price": round(offer.price_untaxed * share, 2),
                "delay": 7,
                "date_start": today - timedelta(days=30),
                "date_end": today + timedelta(days=90),
            }
            for offer in own[:AGREED_PRICES]
            for quantity, share in ((1, 0.95), (24, 0.9))
        ]
    )


def _bill(order, day):
    """Bill what came: the first article above the price ordered, two of the second given back."""
    order.action_create_invoice()
    bill = order.invoice_ids
    bill.invoice_date = day
    bill.invoice_line_ids[0].price_unit *= 1 + TOO_DEAR
    bill.action_post()
    credit = bill._reverse_moves([{"invoice_date": day + timedelta(days=3)}])
    returned = credit.invoice_line_ids[1:2]
    (credit.invoice_line_ids - returned).unlink()
    returned.quantity = 2
    credit.action_post()


def remember_scores(env):
    """What today's score would have said before these sales, as if it had been kept then."""
    Snapshot = env["onep.score.snapshot"].sudo()
    day = fields.Date.context_today(Snapshot) - timedelta(days=SCORED)
    if not Snapshot.search_count([("taken_on", "=", day)]):
        for snapshot in Snapshot.search([]):
            snapshot.copy({"taken_on": day})


def _move(transfers, moment, short=0):
    """Transfer everything at a past moment; of the last article so much is missing for good."""
    moves = transfers.move_ids
    for move in moves:
        move.quantity = move.product_uom_qty
        move.picked = True
    if short:
        moves[-1].quantity -= short
    transfers.with_context(cancel_backorder=True)._action_done()
    moves.move_line_ids.date = moment
    moves.date = moment
    transfers.date_done = moment
