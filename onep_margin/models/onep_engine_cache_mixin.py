from odoo import api, models


class OnepEngineCacheMixin(models.AbstractModel):
    """What the engine's cached tables carry: any change drops them, and they are built anew."""

    _name = "onep.engine.cache.mixin"
    _description = "Carried by the Engine's Tables"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
