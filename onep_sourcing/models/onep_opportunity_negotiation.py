import numpy as np

from odoo import fields, models
from odoo.exceptions import UserError

from ..planning import negotiation as planning
from .onep_opportunity_quantity import known
from .onep_opportunity_selection import MOST_NEGOTIATED


class OnepOpportunity(models.Model):
    """What to ask suppliers for, and what they agreed to."""

    _inherit = "onep.opportunity"

    def action_negotiate(self):
        """Make a negotiation of the near-misses, one for each supplier and currency."""
        if not self:
            raise UserError(self.env._("Select the opportunities to negotiate first."))
        self._check_selection(MOST_NEGOTIATED)
        made = self.env["onep.negotiation"]
        counts = dict.fromkeys(planning.VERDICTS, 0)
        groups = self.grouped(
            lambda opp: (
                opp.company_id,
                opp.partner_id.commercial_partner_id,
                opp.supplier_offer_id.currency_id,
            )
        )
        for (company, partner, currency), own in groups.items():
            negotiation = made.with_company(company).create(
                {
                    "company_id": company.id,
                    "partner_id": partner.id,
                    "currency_id": currency.id,
                }
            )
            added, others = negotiation._add_near_misses(own)
            counts = {key: count + others[key] for key, count in counts.items()}
            if added:
                negotiation.message_post(body=negotiation._get_counts_text(added, others))
                made |= negotiation
            else:
                negotiation.unlink()
        if not made:
            raise UserError(made._get_nothing_to_ask(counts))
        return made._get_records_action(name=self.env._("Negotiations"))

    def _ask(self, targets):
        """Yield each of these with what to ask for: {price, wanted_price, cut, quantity, verdict}.

        The quantity is the one its cost rests on, the price the supplier's own, whatever was
        agreed before.
        """
        quantities = np.array(
            [opportunity.order_quantity or 1.0 for opportunity in self], np.float64
        )
        for bought in self._buy(quantities):
            asked = planning.ask(
                bought.purchase,
                bought.sheet.tables,
                bought.landed,
                bought.batch,
                bought.card,
                targets,
            )
            for place, row in enumerate(bought.rows.tolist()):
                yield (
                    self.browse(self._ids[row]),
                    {
                        "price": float(asked.price[place]),
                        "wanted_price": float(asked.wanted_price[place]),
                        "cut": float(asked.cut[place]),
                        "quantity": float(quantities[row]),
                        "verdict": planning.VERDICTS[asked.verdict[place]],
                    },
                )

    def _prepare_negotiation_vals(self, asked):
        """Values of a line that asks for a price of this offer."""
        self.ensure_one()
        return {
            "opportunity_id": self.id,
            "supplier_offer_id": self.supplier_offer_id.id,
            "product_id": self.product_id.id,
            "marketplace_id": self.marketplace_id.id,
            "supplier_sku": self.supplier_sku,
            "gtin": self.gtin,
            "name": self.name,
            "quantity": asked["quantity"],
            "price": known(asked["price"], 6),
            "wanted_price": asked["wanted_price"],
        }

    def _get_agreed_prices(self, quantities):
        """Add what suppliers agreed to on negotiations, from the quantities it was agreed for."""
        agreed = super()._get_agreed_prices(quantities)
        found = self._get_agreed_lines()
        for row, opportunity in enumerate(self if found else ()):
            line = found.get(opportunity.supplier_offer_id.id)
            if line and quantities[row] >= line.quantity:
                agreed[row] = line.answer_price
        return agreed

    def _get_agreed_quantities(self):
        """Add the quantity that each agreed line was asked for."""
        steps = super()._get_agreed_quantities()
        found = self._get_agreed_lines()
        for own, opportunity in zip(steps, self, strict=True):
            line = found.get(opportunity.supplier_offer_id.id)
            if line:
                own.add(line.quantity)
        return steps

    def _get_agreed_lines(self):
        """Return {offer id: its latest agreed line in force}."""
        today = fields.Date.context_today(self)
        found = {}
        for line in self.env["onep.negotiation.line"]._get_agreed(self.supplier_offer_id, today):
            found.setdefault(line.supplier_offer_id.id, line)
        return found
