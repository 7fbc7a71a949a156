from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from .counted import counted
from .offer_values import format_number
from .onep_picking_list import EDITABLE_STATES, FIGURES


class OnepPickingList(models.Model):
    """How much of what: advised quantities, and what of the lines has to be looked at."""

    _inherit = "onep.picking.list"

    warning = fields.Text(compute="_compute_warning", help="What to look at before ordering.")
    has_quantity_warning = fields.Boolean(compute="_compute_warning")
    has_duplicates = fields.Boolean(compute="_compute_warning")

    @api.depends(
        "line_ids.quantity_warning",
        "line_ids.duplicate_text",
        "line_ids.margin_known",
        "line_ids.price_company",
        "line_ids.is_offer_gone",
        "line_ids.is_price_changed",
        "storage_text",
    )
    def _compute_warning(self):
        for picking in self:
            lines = picking.line_ids
            wrong = lines.filtered("quantity_warning")
            doubled = lines.filtered("duplicate_text")
            changed = lines.filtered("is_price_changed")
            picking.has_quantity_warning = bool(wrong)
            picking.has_duplicates = bool(doubled)
            gone = lines.filtered("is_offer_gone")
            texts = []
            if gone:
                texts.append(
                    counted(
                        len(gone),
                        self.env._("1 line is no longer offered by its supplier: remove it."),
                        self.env._(
                            "%(count)s lines are no longer offered by their supplier: remove them.",
                            count=len(gone),
                        ),
                    )
                )
            if picking.unknown_price_count:
                texts.append(
                    counted(
                        picking.unknown_price_count,
                        self.env._(
                            "1 line has no exchange rate: it is missing from the budget, and a "
                            "purchase manager has to approve the list."
                        ),
                        self.env._(
                            "%(count)s lines have no exchange rate: they are missing from the "
                            "budget, and a purchase manager has to approve the list.",
                            count=picking.unknown_price_count,
                        ),
                    )
                )
            if wrong:
                texts.append(
                    counted(
                        len(wrong),
                        self.env._("1 line does not fit the supplier's minimum, packs or stock."),
                        self.env._(
                            "%(count)s lines do not fit the supplier's minimum, packs or stock.",
                            count=len(wrong),
                        ),
                    )
                )
            if doubled:
                others = self.browse().union(*doubled._find_other_lists().values())
                names = ", ".join(others.mapped("name"))
                texts.append(
                    counted(
                        len(doubled),
                        self.env._("1 line is also in another open list: %(lists)s.", lists=names),
                        self.env._(
                            "%(count)s lines are also in another open list: %(lists)s.",
                            count=len(doubled),
                            lists=names,
                        ),
                    )
                )
            if picking.storage_text:
                texts.append(picking.storage_text)
            if changed:
                texts.append(
                    counted(
                        len(changed),
                        self.env._("The supplier changed the price of 1 line since it was added."),
                        self.env._(
                            "The supplier changed the price of %(count)s lines since they were "
                            "added.",
                            count=len(changed),
                        ),
                    )
                )
            if picking.unknown_margin_count:
                texts.append(
                    counted(
                        picking.unknown_margin_count,
                        self.env._(
                            "1 line has an unknown margin: it counts in the budget, not in the "
                            "margin."
                        ),
                        self.env._(
                            "%(count)s lines have an unknown margin: they count in the budget, not "
                            "in the margin.",
                            count=picking.unknown_margin_count,
                        ),
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
                lambda line: (
                    line.quantity <= 0 and line.quantity_reason in ("stock_short", "storage")
                )
            )
            if impossible:
                picking._post_lines(
                    self.env._("Removed, as they cannot be ordered:"),
                    [(line.display_name, line.quantity_warning) for line in impossible],
                )
                impossible.unlink()
            picking.line_ids._fix_quantities()

    def action_update_prices(self):
        """Take the supplier's present price and the present margin on every line."""
        self._check_step(*EDITABLE_STATES)
        self.line_ids._update_from_opportunity()

    def action_advise(self):
        """Advise the quantities again: today's sales, stock and prices over the days to cover."""
        self._check_step(*EDITABLE_STATES)
        for picking in self:
            lines = picking.line_ids.filtered("opportunity_id")
            lines.check_access("write")
            opportunities = lines.opportunity_id.browse([line.opportunity_id.id for line in lines])
            advice = picking._prepare_advice_vals(opportunities)
            for line, vals in zip(lines, advice, strict=True):
                line.sudo().write(line.opportunity_id._prepare_picking_line_vals() | vals)
            lines._refigure()

    def _read_own_figures(self):
        """Take today's stock and sales of ours on every line, the quantities left as they are.

        Who decides sees what is true now; the chatter tells which stocks moved since.
        """
        for picking in self:
            lines = picking.line_ids.filtered("opportunity_id")
            if not lines:
                continue
            opportunities = lines.opportunity_id.browse([line.opportunity_id.id for line in lines])
            cover_days = picking.cover_days or picking.company_id.onep_cover_days
            demand = opportunities._get_demand(picking.company_id, cover_days)
            told = opportunities._prepare_demand_vals(demand)
            before = lines.mapped("available_quantity")
            changed = set(lines._write_demand(told).ids)
            moved = [
                (line.display_name, picking._format_stock_move(units, vals["available_quantity"]))
                for line, units, vals in zip(lines, before, told, strict=True)
                # A line of which only the sales moved keeps its stock; False is no 0 here.
                if line.id in changed and _is_other(units, vals["available_quantity"])
            ]
            if moved:
                picking._post_lines(
                    self.env._("Our stock and what is coming moved since these were advised:"),
                    moved,
                )

    def _format_stock_move(self, *units):
        before, after = (
            self.env._("unknown") if each is False else format_number(self.env, each)
            for each in units
        )
        return f"{before} → {after}"

    def _add_opportunities(self, opportunities):
        """Add opportunities with an advised quantity; an offer already here is not doubled.

        One supplier offer is bought once: of its opportunities, the best net margin speaks.

        :return: the new lines
        """
        self.ensure_one()
        picked = self._pick_offers(opportunities)
        return self._create_lines(picked, self._prepare_advice_vals(picked))

    def _pick_offers(self, opportunities):
        """Of opportunities, one for each offer that is not here yet, in the order given."""
        here = set(self.line_ids.supplier_offer_id.ids)
        chosen = {}
        for opportunity in opportunities.sorted(
            lambda opp: (not opp.margin_known, -(opp.net_margin or 0.0), opp.id)
        ):
            offer_id = opportunity.supplier_offer_id.id
            if offer_id not in here:
                chosen.setdefault(offer_id, opportunity.id)
        kept = set(chosen.values())
        return opportunities.filtered(lambda opportunity: opportunity.id in kept)

    def _create_lines(self, opportunities, quantity_vals):
        """Create a line for each opportunity.

        :param quantity_vals: what each line says of its quantity; see ``_prepare_advice_vals``
        """
        self.ensure_one()
        self._check_step(*EDITABLE_STATES)
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
                    **vals,
                }
                for opportunity, vals in zip(opportunities, quantity_vals, strict=True)
            ]
        )
        # The figures are those of this moment, whatever moves before they are read.
        lines._recompute_recordset(FIGURES)
        return lines.with_env(self.env)

    def _prepare_advice_vals(self, opportunities):
        """What a line says of its quantity, for each opportunity: the advice and what it rests
        on.
        """
        cover_days = self.cover_days or self.company_id.onep_cover_days
        demand = opportunities._get_demand(self.company_id, cover_days)
        others = self.line_ids.filtered(lambda line: line.opportunity_id not in opportunities)
        advice = opportunities._advise(demand, self._get_storage(others))
        return [
            {
                "quantity": quantity,
                "recommended_quantity": quantity,
                "quantity_reason": reason,
                **basis,
            }
            for quantity, reason, basis in zip(
                advice.quantity.tolist(),
                advice.keys(),
                opportunities._prepare_demand_vals(demand),
                strict=True,
            )
        ]

    def action_optimise(self):
        """Ask within what the best quantities are to be found."""
        self.ensure_one()
        self._check_step(*EDITABLE_STATES)
        if not self.line_ids:
            raise UserError(self.env._("Add opportunities to %(name)s first.", name=self.name))
        choice = self.env["onep.basket.choice"].create(
            {
                "list_id": self.id,
                "company_id": self.company_id.id,
                "cover_days": self.cover_days,
                "budget": self.budget,
                "storage_m3": self.storage_m3,
            }
        )
        return choice._get_dialog()

    def _take_basket(self, choices, is_removed):
        """Write an optimal basket: its quantities, prices and reasons.

        :param choices: ``onep.basket.choice.line``
        :param is_removed: lines that are not bought leave the list, else they stay empty
        """
        self.ensure_one()
        self._check_step(*EDITABLE_STATES)
        left_out = self.line_ids.browse()
        for choice in choices.filtered("picking_line_id"):
            line = choice.picking_line_id
            line.check_access("write")
            line.sudo().write(
                line.opportunity_id._prepare_picking_line_vals() | self._prepare_choice_vals(choice)
            )
            if not choice.quantity:
                left_out |= line
        new = choices.filtered(lambda choice: choice.quantity and not choice.picking_line_id)
        new = new.sorted("id")
        self._create_lines(
            new.opportunity_id, [self._prepare_choice_vals(choice) for choice in new]
        )
        self.line_ids._refigure()
        words = dict(self.line_ids._get_reason_words())
        if left_out and is_removed:
            self._post_lines(
                self.env._("Left out by the optimisation:"),
                [(line.display_name, words[line.quantity_reason]) for line in left_out],
            )
            left_out.unlink()

    def _prepare_choice_vals(self, choice):
        return {
            "quantity": choice.quantity,
            "recommended_quantity": choice.quantity,
            "quantity_reason": choice.reason,
            **(choice.basis or {}),
        }

    def _post_lines(self, title, rows):
        """Say in the chatter what befell lines of the list.

        :param rows: [(article, what)]
        """
        items = Markup("").join(Markup("<li>%s: %s</li>") % row for row in rows)
        self.message_post(body=Markup("<p>%s</p><ul>%s</ul>") % (title, items))


def _is_other(before, after):
    """Whether a figure moved; False, which is unknown, equals 0 in Python."""
    return (before, before is False) != (after, after is False)
