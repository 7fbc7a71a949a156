from odoo import models


class OnepFeeVersionMixin(models.AbstractModel):
    """A grid that has versions: copied to a new date, compared with another."""

    _name = "onep.fee.version.mixin"
    _description = "Grid with Versions"

    def write(self, vals):
        """Judge the rows of a grid by how they end, not by each step of a form being saved."""
        if self.env.context.get("onep_conflicts_later"):
            return super().write(vals)
        super(OnepFeeVersionMixin, self.with_context(onep_conflicts_later=True)).write(vals)
        self._check_overlap()
        for rows in self._get_rule_rows():
            rows._check_overlap()
        return True

    def _get_rule_rows(self):
        """Hook: the recordsets of rules that a form of this grid writes."""
        return ()

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
