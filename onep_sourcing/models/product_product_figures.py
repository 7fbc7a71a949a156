from odoo import fields, models

from ..planning.own_figures import OwnFigures
from ..sql import own_figures


class ProductProduct(models.Model):
    """What Odoo itself knows of a product, for decisions: read when they are taken."""

    _inherit = "product.product"

    def _onep_get_own_figures(self, company):
        """Return the ``planning.own_figures.OwnFigures`` of these products in a company.

        One per product, in the order of ``ids``, by one statement whatever their number. Access is
        not checked: figures of a company are for those who may see that company.
        """
        if not self.ids:
            return OwnFigures.from_rows([])
        self.env.flush_all()
        query = own_figures.select(company.id, self.ids, fields.Datetime.now())
        return OwnFigures.from_rows(self.env.execute_query(query))
