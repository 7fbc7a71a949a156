from odoo import models
from odoo.exceptions import UserError

from .offer_values import format_number

#: Opportunities that near-misses are searched among.
MOST_NEGOTIATED = 5_000


class OnepOpportunity(models.Model):
    """What was selected on a list: the page, or all that match, without anything cut unsaid."""

    _inherit = "onep.opportunity"

    def _get_selection_limit(self):
        """Return how many records a list hands over as ids."""
        parameters = self.env["ir.config_parameter"].sudo()
        return int(parameters.get_param("web.active_ids_limit", 20000))

    def _get_chosen_domain(self):
        """Return the domain of what was selected on a list.

        Who selects all that match gets the first ones only as ids: the list's own domain tells
        the others.
        """
        domain = self.env.context.get("active_domain")
        if domain and len(self) >= self._get_selection_limit():
            return domain
        return [("id", "in", self.ids)]

    def _check_selection(self, most=None):
        """Refuse more than can be handled at once, rather than handle a part of it.

        :param most: opportunities at most; as many as a list hands over when not given
        """
        limit = self._get_selection_limit()
        most = min(most or limit, limit)
        count = len(self)
        if count >= limit:
            count = self.search_count(self._get_chosen_domain())
        if count > most:
            raise UserError(
                self.env._(
                    "%(count)s opportunities are selected, %(most)s at most are taken at once. "
                    "Filter the list first, by score, margin or supplier for instance.",
                    count=format_number(self.env, count),
                    most=format_number(self.env, most),
                )
            )
