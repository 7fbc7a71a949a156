from odoo import models


class OnepImport(models.Model):
    """What an import did, one click each: also for an older import, by the offers' history."""

    _inherit = "onep.import"

    def action_open_new(self):
        return self._get_offer_action(
            self.env._("New in this import"),
            [
                "|",
                ("first_import_id", "=", self.id),
                ("history_ids", "any", self._get_change_domain("returned")),
            ],
        )

    def action_open_changed(self):
        return self._get_offer_action(
            self.env._("Changed by this import"),
            [("history_ids", "any", self._get_change_domain("changed"))],
        )

    def action_open_gone(self):
        return self._get_offer_action(
            self.env._("Gone at this import"),
            [("history_ids", "any", self._get_change_domain("gone"))],
        )

    def action_open_unchanged(self):
        return self._get_offer_action(
            self.env._("Unchanged by this import"), [("unchanged_in_import_id", "=", self.id)]
        )

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
            "domain": domain,
            "context": {},
        }
