import numpy as np
from markupsafe import Markup

from odoo import api, fields, models

from ..planning import quantity as planning
from .onep_picking_list import EDITABLE_STATES


class OnepPickingList(models.Model):
    """How much of what: advised quantities, and what of the lines has to be looked at."""

    _inherit = "onep.picking.list"

    warning = fields.Text(compute="_compute_warning", help="What to look at before ordering.")
    has_quantity_warning = fields.Boolean(compute="_compute_warning")

    @api.depends(
        "line_ids.quantity_warning",
        "line_ids.duplicate_text",
        "line_ids.margin_known",
        "line_ids.price_company",
        "line_ids.is_offer_gone",
        "line_ids.is_price_changed",
    )
    def _compute_warning(self):
        for picking in self:
            lines = picking.line_ids
            wrong = lines.filtered("quantity_warning")
            doubled = lines.filtered("duplicate_text")
            changed = lines.filtered("is_price_changed")
            picking.has_quantity_warning = bool(wrong)
            gone = lines.filtered("is_offer_gone")
            texts = []
            if gone:
                texts.append(
                    self.env._(
                        "%(count)s lines are no longer offered by their supplier: remove them.",
                        count=len(gone),
                    )
                )
            if picking.unknown_price_count:
                texts.append(
                    self.env._(
                        "%(count)s lines have no exchange rate: they are missing from the budget, "
                        "and a purchase manager has to approve the list.",
                        count=picking.unknown_price_count,
                    )
                )
            if wrong:
                texts.append(
                    self.env._(
                        "%(count)s lines do not fit the supplier's minimum, packs or stock.",
                        count=len(wrong),
                    )
                )
            if doubled:
                texts.append(
                    self.env._(
                        "%(count)s lines are also in another open list: %(lists)s.",
                        count=len(doubled),
                        lists=", ".join(sorted(set(doubled.mapped("duplicate_text")))),
                    )
                )
            if changed:
                texts.append(
                    self.env._(
                        "The supplier changed the price of %(count)s lines since they were added.",
                        count=len(changed),
                    )
                )
            if picking.unknown_margin_count:
                texts.append(
                    self.env._(
                        "%(count)s lines have an unknown margin: they count in the budget, not in "
                        "the margin.",
                        count=picking.unknown_margin_count,
                    )
                )
            picking.warning = "\n".join(texts)

    def action_fix_quantities(self):
        """Raise quantities to the supplier's minimum and to whole packs.

        A line that cannot be ordered at all leaves the list; the chatter keeps its reason.
        """
        self._check_step(*EDITABLE_STATES)
        for picking in self:
            impossible = picking.line_ids.filtered(
                lambda line: line.quantity <= 0 and line.quantity_reason == "stock_short"
            )
            if impossible:
                picking.message_post(
                    body=Markup("<p>%s</p><ul>%s</ul>")
                    % (
                        self.env._("Removed, as they cannot be ordered:"),
                        Markup("").join(
                            Markup("<li>%s: %s</li>") % (line.display_name, line.quantity_warning)
                            for line in impossible
                        ),
                    )
                )
                impossible.unlink()
            picking.line_ids._fix_quantities()

    def action_update_prices(self):
        """Take the supplier's present price and the present margin on every line."""
        self._check_step(*EDITABLE_STATES)
        self.line_ids._update_from_opportunity()

    def _add_opportunities(self, opportunities):
        """Add opportunities with an advised quantity; an offer already here is not doubled.

        One supplier offer is bought once: of its opportunities, the best net margin speaks.

        :return: the new lines
        """
        self.ensure_one()
        self._check_step(*EDITABLE_STATES)
        here = set(self.line_ids.supplier_offer_id.ids)
        chosen = {}
        for opportunity in opportunities.sorted(
            lambda opp: (not opp.margin_known, -(opp.net_margin or 0.0), opp.id)
        ):
            offer_id = opportunity.supplier_offer_id.id
            if offer_id not in here:
                chosen.setdefault(offer_id, opportunity.id)
        # In the order of the screen, so that the list reads as it was picked.
        kept = set(chosen.values())
        picked = opportunities.filtered(lambda opportunity: opportunity.id in kept)
        advice = self._advise(picked)
        Line = self.env["onep.picking.list.line"]
        Line.check_access("create")
        self.check_access("write")
        lines = Line.sudo().create(
            [
                {
                    "list_id": self.id,
                    "opportunity_id": opportunity.id,
                    # Said here, so that no default of the context says otherwise.
                    "purchase_line_id": False,
                    **opportunity._prepare_picking_line_vals(),
                    "quantity": float(quantity),
                    "recommended_quantity": float(quantity),
                    "quantity_reason": reason,
                }
                for opportunity, quantity, reason in zip(
                    picked, advice.quantity, advice.keys(), strict=True
                )
            ]
        )
        return lines.with_env(self.env)

    def _advise(self, opportunities):
        """Quantity for each opportunity: our sales over the cover period, less what we have.

        What customers have ordered already is not counted as had.
        """
        company = self.company_id
        variants = opportunities.product_id.product_id
        figures = variants._onep_get_own_figures(company)
        needs = figures.daily_sales * company.onep_cover_days - figures.forecast
        is_sold = figures.daily_sales > 0
        wanted_by_variant = dict(zip(np.array(variants.ids)[is_sold], needs[is_sold], strict=True))
        nan = float("nan")
        return planning.recommend(
            wanted=np.array(
                [
                    wanted_by_variant.get(opportunity.product_id.product_id.id, nan)
                    for opportunity in opportunities
                ]
            ),
            minimum=np.array(opportunities.mapped("minimum_order_quantity") or [], np.float64),
            pack=np.array(opportunities.mapped("pack_size") or [], np.float64),
            stock=np.array(
                [
                    nan if opportunity.supplier_stock is False else opportunity.supplier_stock
                    for opportunity in opportunities
                ],
                np.float64,
            ),
        )
