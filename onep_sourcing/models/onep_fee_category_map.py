from odoo import api, models

from ..sql import category_name


class OnepFeeCategoryMap(models.Model):
    """Adds the names that suppliers and marketplaces use."""

    _inherit = "onep.fee.category.map"

    @api.model
    def _get_names_in_use(self, platform):
        self.env["onep.opportunity"].flush_model()
        names = self.env.execute_query(category_name.count_names(self.env.company.id, platform))
        return [*names, *super()._get_names_in_use(platform)]
