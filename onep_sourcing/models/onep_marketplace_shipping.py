from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.onep_margin.engine.batch import LOCAL

from ..planning.adjustments import Adjustments

#: Codes of the fulfilment adjustments that a marketplace's stock asks for, by field.
OF_STOCK = {
    "is_pan_european": "pan_eu_oversize",
    "is_central_europe_stock": "central_europe_stock",
    "is_oversize_packed": "oversize_packaging",
}


class OnepMarketplace(models.Model):
    """How parcels reach the buyers of a marketplace: by which of its tariffs, or by which of ours.

    A country's zone in a carrier's grid is the grid's; what is told here stands before it.
    """

    _inherit = "onep.marketplace"

    fulfilment_route = fields.Selection(
        selection=lambda self: (
            self.env["onep.logistics.tier"]._fields["route"]._description_selection(self.env)
        ),
        string="Stock",
        help="Where the marketplace ships from. Empty: stocked in the country where it is sold. "
        "From another country: its cross-border tariff (European Fulfilment Network).",
    )
    is_pan_european = fields.Boolean(
        string="Pan-European FBA",
        help="Oversize articles pay a supplement where the rate card has one.",
    )
    is_central_europe_stock = fields.Boolean(
        string="Central Europe Programme",
        help="Stock may lie in Poland and the Czech Republic: German fulfilment costs less.",
    )
    is_oversize_packed = fields.Boolean(
        string="Packaging of oversize articles",
        help="The marketplace packs oversize articles, and charges for it, unless an article "
        "ships in its own packaging.",
    )
    fulfilment_adjustments = fields.Char(
        string="Other adjustments",
        help="Codes of fulfilment adjustments of the rate card that all articles pay, separated "
        "by commas.",
    )

    @api.constrains("carrier_zone", "carrier_options", "fulfilment_adjustments", "country_id")
    def _check_shipping_words(self):
        """A zone, an option or an adjustment that no tariff has is a slip of the pen."""
        for place in self:
            grids = place._get_carrier_grids()
            place._check_known(place.carrier_zone, grids._get_zones(), grids, "carrier_zone")
            options = grids.supplement_ids.filtered("active").mapped("code")
            for code in place._split(place.carrier_options):
                place._check_known(code, options, grids, "carrier_options")
            cards = self.env["onep.rate.card"].sudo().search([("platform", "=", place.platform)])
            rows = self.env["onep.logistics.adjustment"].sudo()
            known = rows.search([("card_id", "in", cards.ids)]).mapped("code")
            for code in place._split(place.fulfilment_adjustments):
                place._check_known(code, known, cards, "fulfilment_adjustments")

    def _check_known(self, word, known, tariffs, name):
        """Refuse a word of a field that none of these tariffs has; without any, nobody can tell."""
        known = sorted(set(known) - {False, ""})
        if not word or not tariffs or word in known:
            return
        field = self._fields[name]._description_string(self.env)
        raise ValidationError(
            self.env._(
                "%(field)s: no tariff of %(country)s has “%(word)s”. Known: %(known)s.",
                field=field,
                country=self.country_id.name,
                word=word,
                known=", ".join(known) or self.env._("none"),
            )
        )

    def _get_carrier_grids(self):
        """Return the carriers' grids in force in the country of this marketplace."""
        Grid = self.env["onep.carrier.grid"].sudo()
        return Grid.search(
            Grid._get_valid_domain(fields.Date.context_today(self))
            & fields.Domain("country_id", "=", self.country_id.id)
            & fields.Domain("company_id", "in", (self.company_id.id, False))
        )

    @api.model
    def _split(self, words):
        """Return the codes of a text, in order."""
        return [code for code in (part.strip() for part in (words or "").split(",")) if code]

    def _get_shipping_choice(self, card):
        """The carrier, zone and options of our parcels and the route of the marketplace's, as
        ``DealBatch`` has them.

        An option that no carrier offers is one bit of its own: then no carrier will do. A route
        that the card has no tier for leaves the fulfilment fee unknown.
        """
        self.ensure_one()
        asked = set(self._split(self.carrier_options))
        known = asked & set(card.option_codes)
        unknown = 1 << len(card.option_codes) if asked - known else 0
        route = self.fulfilment_route
        return {
            "carrier": card.carrier_index(self.carrier_grid_id.code or ""),
            "zone": card.zone_index(self.carrier_zone or ""),
            "carrier_options": card.option_bits(*known) | unknown,
            "route": card.route_index(route) if route and not card.is_missing else LOCAL,
        }

    def _get_adjustments(self, card):
        """Return the ``planning.adjustments.Adjustments`` of deals here on a card."""
        self.ensure_one()
        stock = [code for name, code in OF_STOCK.items() if self[name]]
        return Adjustments.of_card(card, [*stock, *self._split(self.fulfilment_adjustments)])
