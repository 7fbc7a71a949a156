import numpy as np

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.onep_margin.engine.price_tiers import PriceTiers

from ..planning import basket_terms, quantity_price
from ..planning.deals import number


class OnepOpportunity(models.Model):
    """Opportunities as the optimal basket is chosen from them."""

    _inherit = "onep.opportunity"

    def action_open_best(self):
        """Ask how many of the best on screen, within what budget; of a selection, among those."""
        domain = self._get_chosen_domain() if self else self.env.context.get("active_domain")
        wizard = self.env["onep.picking.best"].create({"domain": list(Domain(domain or []))})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Best within a budget"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def action_optimise(self):
        """Ask within what the best basket of these is to be found."""
        if not self:
            raise UserError(self.env._("Select the opportunities to choose from first."))
        choice = self.env["onep.basket.choice"].create(
            {"domain": self._get_chosen_domain(), "company_id": self.company_id[:1].id}
        )
        return choice._get_dialog()

    def _get_basket(self, company, demand, is_room_limited=False):
        """Return (``basket_terms.Offers``, ``basket_terms.Suppliers``) of these, in their order.

        Each offer once: whoever calls has chosen its marketplace. Volumes are in m³.

        :param demand: ``planning.demand.Demand`` of these
        :param is_room_limited: the storage is: what has no known size is not bought
        """
        offers = [opportunity.supplier_offer_id for opportunity in self]
        order_of = {}
        for opportunity, offer in zip(self, offers, strict=True):
            key = opportunity.partner_id.commercial_partner_id.id, offer.currency_id.id
            order_of.setdefault(key, len(order_of))
        suppliers = self.env["onep.supplier.terms"]._get_order_terms(company, list(order_of))
        lines = self._get_straight_lines()
        volume = self._get_unit_volumes()
        product = np.array(
            [
                opportunity.product_id.id or -offer.id
                for opportunity, offer in zip(self, offers, strict=True)
            ],
            np.int64,
        )
        # Offers of one product share its demand, wherever each of them would be sold.
        known, own = np.unique(product, return_inverse=True)
        wanted = np.full(len(known), np.nan)
        np.fmax.at(wanted, own, demand.wanted)
        wanted = wanted[own]
        is_unknown = np.isnan(lines.own_cost) | (np.isnan(volume) & is_room_limited)
        found = basket_terms.Offers(
            key=[offer.id for offer in offers],
            product=product,
            supplier=[
                order_of[opportunity.partner_id.commercial_partner_id.id, offer.currency_id.id]
                for opportunity, offer in zip(self, offers, strict=True)
            ],
            price=lines.price,
            value=np.where(is_unknown, np.nan, lines.value),
            demand=np.maximum(wanted, 0.0),
            # What is unknown is not bought: its value says so already.
            price_weight=np.where(np.isnan(lines.price_weight), 1.0, lines.price_weight),
            own_cost=np.nan_to_num(lines.own_cost),
            revenue=lines.revenue,
            minimum=[number(offer.minimum_order_quantity) for offer in offers],
            pack=[number(offer.pack_size) for offer in offers],
            stock=self._get_numbers("supplier_stock"),
            volume=np.nan_to_num(volume),
            tiers=lines.tiers,
        )
        return found, suppliers

    def _get_straight_lines(self):
        """Return the ``quantity_price.Lines`` of these, in their order; agreed prices among the
        prices by quantity.
        """
        count = len(self)
        columns = {
            name: np.full(count, np.nan)
            for name in quantity_price.Lines.__slots__
            if name != "tiers"
        }
        tiers = [[] for _row in range(count)]
        usual = [opportunity.order_quantity or 1.0 for opportunity in self]
        for bought in self._buy(usual, np.full(count, np.nan)):
            own = quantity_price.straight(bought)
            for name, column in columns.items():
                column[bought.rows] = getattr(own, name)
            first = own.tiers.first
            for place, row in enumerate(bought.rows.tolist()):
                part = slice(first[place], first[place + 1])
                steps = own.tiers.quantity[part].tolist(), own.tiers.price[part].tolist()
                tiers[row] = list(zip(*steps, strict=True))
        for row, steps in self._get_agreed_steps().items():
            begin, price = steps[0]
            if begin <= 1.0:
                columns["price"][row], tiers[row] = price, steps[1:]
            else:
                tiers[row] = [step for step in tiers[row] if step[0] < begin] + steps
        return quantity_price.Lines(
            **columns,
            tiers=PriceTiers(
                np.concatenate(([0], np.cumsum([len(steps) for steps in tiers]))),
                [quantity for steps in tiers for quantity, _price in steps],
                [price for steps in tiers for _quantity, price in steps],
            ),
        )

    def _get_agreed_steps(self):
        """Return {place: [(quantity, net price [company's currency])]} of agreed prices, rising.

        From the first quantity on an agreed price beats the supplier's list.
        """
        wanted = {
            row: sorted(quantities)
            for row, quantities in enumerate(self._get_agreed_quantities())
            if quantities
        }
        steps = {row: [] for row in wanted}
        for place in range(max(map(len, wanted.values()), default=0)):
            rows = [row for row, quantities in wanted.items() if len(quantities) > place]
            own = self.browse([self._ids[row] for row in rows])
            quantities = [wanted[row][place] for row in rows]
            prices = own._price_at(quantities).price_company
            for row, quantity, price in zip(rows, quantities, prices.tolist(), strict=True):
                steps[row].append((quantity, price))
        return steps
