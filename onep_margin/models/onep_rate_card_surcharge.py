from odoo import api, fields, models


class OnepRateCardSurcharge(models.Model):
    """What comes on top of every fulfilment fee for a while: fuel, peak season."""

    _name = "onep.rate.card.surcharge"
    _description = "Fulfilment Surcharge"
    _price_neutral = frozenset({"name"})
    _price_parent = "card_id"
    _price_fulfilment = "marketplace"
    _inherit = ["onep.dated.mixin", "onep.fee.row.mixin"]
    _order = "card_id, valid_from"
    _dated_by = ("card_id", "name")

    card_id = fields.Many2one("onep.rate.card", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    name = fields.Char(required=True, translate=True)
    rate = fields.Float(digits=(6, 5), help="Share of the fulfilment fee.")
    amount = fields.Monetary(help="Per unit, without VAT.")

    _no_conflict = models.Constraint(
        """EXCLUDE USING gist (
            int8range(card_id, card_id, '[]') WITH &&,
            int8range(hashtext((name ->> 'en_US')), hashtext((name ->> 'en_US')), '[]') WITH &&,
            (CASE WHEN valid_to < valid_from THEN 'empty'
                ELSE daterange(valid_from, valid_to, '[]') END) WITH &&
        ) WHERE (active) DEFERRABLE INITIALLY DEFERRED""",
        "Someone has just saved another surcharge for the same case. Reload the page.",
    )

    @api.constrains("card_id", "name", "valid_from", "valid_to", "active")
    def _check_overlap(self):
        """Surcharges of different names add up; one of them counts once."""
        self._check_one_at_a_time()
