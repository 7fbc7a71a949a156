from odoo import fields, models

STEPS = [
    ("identity", "What it is"),
    ("wide", "Prices"),
    ("detail", "Offers in detail"),
    ("rights", "Right to sell"),
    ("fees", "Fees"),
]


class OnepMarketTask(models.Model):
    """One EAN that waits for one step of a marketplace's funnel.

    Written by set-based SQL (sql/market_task.py); the worker that asks holds the row's lock.
    """

    _name = "onep.market.task"
    _description = "Market Question"
    _order = "urgency desc, value desc, id"
    _log_access = False
    _rec_name = "gtin"

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    sync_id = fields.Many2one(
        "onep.market.sync", "Update", required=True, index=True, ondelete="cascade", readonly=True
    )
    gtin = fields.Char("GTIN", size=14, required=True, readonly=True)
    step = fields.Selection(STEPS, required=True, readonly=True)
    urgency = fields.Integer(readonly=True, aggregator=None, help="2: a buyer waits; 1: a sweep.")
    value = fields.Float(
        readonly=True,
        aggregator=None,
        help="What reading it is worth: never read first, then decisions near their threshold,"
        " then what moves often, then what is old.",
    )
    attempts = fields.Integer("Failed Tries", readonly=True, default=0)
    part_size = fields.Integer(
        "Asked by",
        readonly=True,
        aggregator=None,
        help="How many EANs are asked at once, where an answer made no sense: empty for full"
        " batches, 0 for the last try of one alone.",
    )
    not_before = fields.Datetime(readonly=True)
    rule = fields.Char("Last Error", readonly=True)

    _marketplace_gtin_unique = models.Constraint(
        "UNIQUE(marketplace_id, gtin)", "An EAN waits once on a marketplace."
    )
    _claim_idx = models.Index("(marketplace_id, step, urgency DESC, value DESC, id)")
