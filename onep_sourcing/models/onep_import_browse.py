from odoo import models
from odoo.fields import Domain


class OnepImport(models.Model):
    """What an import did, one click each: also for an older import, by the offers' history."""

    _inherit = "onep.import"

    def action_open_new(self):
        title = self.env._("New in this import")
        first = [("first_import_id", "=", self.id)]
        back = [("history_ids", "any", self._get_change_domain("returned"))]
        return self._get_offer_action(title, Domain.OR([first, back]))

    def action_open_changed(self):
        title = self.env._("Changed by this import")
        changed = [("history_ids", "any", self._get_change_domain("changed"))]
        return self._get_offer_action(title, changed)

    def action_open_gone(self):
        title = self.env._("Gone at this import")
        gone = [("history_ids", "any", self._get_change_domain("gone"))]
        return self._get_offer_action(title, gone)

    def action_open_unchanged(self):
        title = self.env._("Unchanged by this import")
        return self._get_offer_action(title, [("unchanged_in_import_id", "=", self.id)])

    def action_compare(self):
        """What differs from the import before: article, field, before, after."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_import_difference_action"
            ),
            "domain": [("import_id", "=", self.id)],
            "context": {},
        }

    def action_open_issues(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_import_issue_action"
            ),
            "domain": [("import_id", "=", self.id)],
            "context": {},
        }

    def _get_change_domain(self, kind):
        return [("import_id", "=", self.id), ("kind", "=", kind)]

    def _get_offer_action(self, name, domain):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_supplier_offer_action"
            ),
            "name": name,
            "display_name": name,
            "domain": list(domain),
            "context": {},
        }
