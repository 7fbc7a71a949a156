import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..clients import gtin


class OnepMarketLookup(models.TransientModel):
    """Ask marketplaces about EANs typed or pasted by hand."""

    _name = "onep.market.lookup"
    _description = "Look Up EANs"

    marketplace_ids = fields.Many2many(
        "onep.marketplace",
        string="Marketplaces",
        required=True,
        default=lambda self: self._default_marketplaces(),
    )
    eans = fields.Text("EANs", required=True, help="One per line, or separated by spaces.")

    @api.model
    def _default_marketplaces(self):
        return self.env["onep.marketplace"].search([("company_id", "in", self.env.companies.ids)])

    def action_look_up(self):
        """Queue one update per marketplace for the valid EANs."""
        self.ensure_one()
        words = [word for word in re.split(r"[\s,;]+", self.eans or "") if word]
        column = gtin.canonical(words)
        found = [value for value in column.gtin if value]
        if not found:
            raise UserError(
                self.env._(
                    "None of these is a valid EAN: %(words)s. An EAN has 8, 12, 13 or 14 digits"
                    " and its last digit must fit.",
                    words=", ".join(words[:5]) or "–",
                )
            )
        syncs = self.env["onep.market.sync"].browse()
        for marketplace in self.marketplace_ids:
            syncs |= marketplace._sync(found)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_market_sync_action"
        )
        return action | {"domain": [("id", "in", syncs.ids)]}
