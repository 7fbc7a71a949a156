from odoo import fields, models

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from .onep_opportunity import GRADES


class OnepScoreSnapshot(models.Model):
    """What the score said of one of our products one day, for the back-test.

    Written by the evaluation when the grade moved or a month went by, by set-based SQL
    (sql/score_snapshot.py): the best deal of the product on the marketplace.
    """

    _name = "onep.score.snapshot"
    _description = "Past Score"
    _log_access = False
    _order = "taken_on desc, id desc"
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", readonly=True
    )
    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, ondelete="cascade", index=True, readonly=True
    )
    partner_id = fields.Many2one("res.partner", "Supplier", ondelete="set null", readonly=True)
    taken_on = fields.Date("On", required=True, readonly=True)
    score = OptionalFloat(digits=(4, 1), aggregator="avg", readonly=True)
    grade = fields.Selection(GRADES, readonly=True)
    confidence = OptionalFloat(digits=(4, 3), aggregator="avg", readonly=True)
    unit_margin = OptionalFloat("Net margin foreseen", aggregator="avg", readonly=True)
    unit_fees = OptionalFloat("Fees foreseen", aggregator="avg", readonly=True)
    unit_cost = OptionalFloat("Landed cost foreseen", aggregator="avg", readonly=True)
    sources = fields.Json(readonly=True, help="Columns of planning.signals, unknown left out.")

    _day_unique = models.Constraint(
        "UNIQUE(product_id, marketplace_id, taken_on)", "One a day for a product on a marketplace."
    )
