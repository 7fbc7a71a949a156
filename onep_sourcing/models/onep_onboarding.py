from markupsafe import Markup

from odoo import api, models


class OnepOnboarding(models.AbstractModel):
    """The first steps of an empty database: what to do next, and what is done already.

    Shown where a new user lands, as the empty state of the opportunities.
    """

    _name = "onep.onboarding"
    _description = "First steps in sourcing"

    @api.model
    def _get_steps(self):
        """Steps in order: (done, title, text, address)."""
        company = self.env.company
        offers = self.env["onep.supplier.offer"].search_count(
            [("company_id", "=", company.id)], limit=1
        )
        marketplaces = self.env["onep.marketplace"].search_count(
            [("company_id", "=", company.id)], limit=1
        )
        market_offers = self.env["onep.marketplace.offer"].search_count(
            [("company_id", "=", company.id), ("state", "=", "found")], limit=1
        )
        return [
            (
                bool(offers),
                self.env._("Import a supplier's price list"),
                self.env._("Drop the file, check the columns, import."),
                "/odoo/feeds",
            ),
            (
                bool(marketplaces),
                self.env._("Connect a marketplace"),
                self.env._("Amazon, Fnac or Cdiscount: enter the keys, test the connection."),
                "/odoo/action-onep_marketplace_connectors.onep_marketplace_action",
            ),
            (
                bool(market_offers),
                self.env._("Read the market"),
                self.env._("Press “Update” on the marketplace."),
                "/odoo/action-onep_marketplace_connectors.onep_marketplace_action",
            ),
        ]

    @api.model
    def _get_help(self):
        """The steps as the empty state of a list (safe HTML)."""
        steps = self._get_steps()
        if all(done for done, *_rest in steps):
            return Markup(
                '<p class="o_view_nocontent_smiling_face">%(title)s</p><p>%(text)s</p>'
            ) % {
                "title": self.env._("No opportunity matches"),
                "text": self.env._(
                    "Remove a filter, or wait for the evaluation that follows each import and "
                    "each market update."
                ),
            }
        rows = Markup("").join(
            Markup(
                '<li class="mb-2"><i class="fa fa-fw %(icon)s me-2"></i>'
                '<a href="%(url)s" class="fw-bold">%(title)s</a>'
                '<span class="ms-2 text-muted">%(text)s</span></li>'
            )
            % {
                "icon": "fa-check-circle text-success" if done else "fa-circle-o text-muted",
                "url": url,
                "title": title,
                "text": text,
            }
            for done, title, text, url in steps
        )
        return Markup(
            '<p class="o_view_nocontent_smiling_face">%(title)s</p>'
            '<ol class="o_onep_onboarding list-unstyled text-start d-inline-block">%(rows)s</ol>'
        ) % {"title": self.env._("Three steps to your first opportunities"), "rows": rows}
