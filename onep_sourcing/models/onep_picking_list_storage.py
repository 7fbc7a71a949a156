import numpy as np

from odoo import api, fields, models

from ..planning.storage import Storage
from .offer_values import format_number


class OnepPickingList(models.Model):
    """What may be stored of a list: it bounds the quantities advised."""

    _inherit = "onep.picking.list"

    storage_m3 = fields.Float(
        string="Storage room (m³)",
        digits=(16, 3),
        default=lambda self: self.env.company.onep_storage_m3,
        help="Advised quantities fit in it. 0: no limit.",
    )
    storage_kg = fields.Float(
        string="Storage weight (kg)",
        digits=(16, 1),
        default=lambda self: self.env.company.onep_storage_kg,
        help="Advised quantities weigh no more. 0: no limit.",
    )
    storage_text = fields.Char(
        compute="_compute_storage_text", help="By how much the list exceeds its storage."
    )

    _storage_positive = models.Constraint(
        "CHECK(storage_m3 >= 0 AND storage_kg >= 0)",
        "A limit of storage cannot be negative; 0 means no limit.",
    )

    @api.depends("storage_m3", "storage_kg", "volume_m3", "weight_kg")
    @api.depends_context("lang")
    def _compute_storage_text(self):
        for picking in self:
            texts = []
            if picking.storage_m3 and picking.volume_m3 > picking.storage_m3 + 5e-4:
                texts.append(
                    self.env._(
                        "The list takes %(volume)s m³, the storage has %(room)s m³.",
                        volume=format_number(self.env, picking.volume_m3, most=4),
                        room=format_number(self.env, picking.storage_m3, most=4),
                    )
                )
            if picking.storage_kg and picking.weight_kg > picking.storage_kg + 5e-2:
                texts.append(
                    self.env._(
                        "The list weighs %(weight)s kg, the storage bears %(limit)s kg.",
                        weight=format_number(self.env, picking.weight_kg, most=1),
                        limit=format_number(self.env, picking.storage_kg, most=1),
                    )
                )
            picking.storage_text = " ".join(texts) or False

    def _get_storage(self, others=None):
        """Return the ``planning.storage.Storage`` that is left for lines.

        :param others: lines of the list that stay as they are: what they take is gone
        """
        self.ensure_one()
        used = {"volume_m3": 0.0, "weight_kg": 0.0}
        if others:
            used = others._sum_up([others])[0]

        def left(limit, name):
            # What is unknown of size takes no room; the list counts it.
            return max(limit - (used[name] or 0.0), 1e-9) if limit else np.inf

        return Storage(
            days=self.company_id.onep_storage_days or np.inf,
            volume_m3=left(self.storage_m3, "volume_m3"),
            weight_kg=left(self.storage_kg, "weight_kg"),
        )
