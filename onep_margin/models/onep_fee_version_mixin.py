from odoo import models


class OnepFeeVersionMixin(models.AbstractModel):
    """A grid that has versions: copied to a new date, compared with another."""

    _name = "onep.fee.version.mixin"
    _description = "Grid with Versions"

    def action_new_version(self):
        """Copy this grid to a new date."""
        self.ensure_one()
        return self._get_grid_action("onep_margin.onep_fee_version_action")

    def action_compare(self):
        """Compare two grids; one alone with the one that it follows."""
        return self._get_grid_action("onep_margin.onep_fee_comparison_action")

    def _get_grid_action(self, xml_id):
        """Return an action that opens a wizard on these grids."""
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return action | {
            "context": {
                "active_model": self._name,
                "active_id": self[:1].id,
                "active_ids": self.ids,
            }
        }
