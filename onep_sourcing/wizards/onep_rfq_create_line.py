from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..models.counted import counted


class OnepRfqCreateLine(models.TransientModel):
    """One RFQ to come: a supplier, a currency, and what it would ask for."""

    _name = "onep.rfq.create.line"
    _description = "RFQ to create"

    wizard_id = fields.Many2one("onep.rfq.create", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Supplier", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    picking_line_ids = fields.Many2many("onep.picking.list.line", readonly=True)
    line_count = fields.Integer(string="Lines", compute="_compute_figures")
    quantity = fields.Float(string="Units", digits=(16, 3), compute="_compute_figures")
    amount = fields.Monetary(string="Untaxed amount", compute="_compute_figures")
    planned_on = fields.Date(
        string="Expected",
        compute="_compute_figures",
        help="By the longest lead time of its lines, announced or else kept lately by the "
        "supplier; or the day of the need.",
    )
    existing_order_id = fields.Many2one(
        "purchase.order",
        string="Open RFQ",
        domain="[('id', 'in', open_order_ids)]",
        help="Of the same supplier, currency and warehouse, not confirmed yet; the latest one is "
        "proposed.",
    )
    open_order_ids = fields.Many2many(
        "purchase.order", string="Open RFQs", compute="_compute_open_order_ids"
    )
    use_existing = fields.Boolean(
        string="Add to it",
        help="Add the lines below those of the open RFQ instead of making another.",
    )
    note = fields.Char(string="To check", compute="_compute_figures")

    @api.depends("partner_id", "currency_id", "wizard_id.list_id")
    def _compute_open_order_ids(self):
        for wizard, groups in self.grouped("wizard_id").items():
            orders = self.env["purchase.order"].search(
                Domain("partner_id", "in", groups.partner_id.ids) & wizard._get_open_rfq_domain()
            )
            for group in groups:
                group.open_order_ids = orders.filtered(
                    lambda order, group=group: (
                        order.partner_id == group.partner_id
                        and order.currency_id == group.currency_id
                    )
                )

    @api.depends("picking_line_ids", "use_existing", "existing_order_id")
    def _compute_figures(self):
        today = fields.Date.context_today(self)
        for group in self:
            # in a form the lines are only pointed to: their figures are those in the database
            lines = group.picking_line_ids._origin
            delays = lines._get_expected_delays().values()
            known = [days for days in delays if days is not False]
            needed_on = group.wizard_id.list_id.needed_on
            earliest = known and today + relativedelta(days=int(max(known)))
            group.line_count = len(lines)
            group.quantity = sum(lines.mapped("quantity"))
            group.amount = sum(lines.mapped("amount"))
            group.planned_on = max(filter(None, (earliest, needed_on)), default=False)
            group.note = group._get_note(lines, today)

    def _get_note(self, lines, today):
        """What to look at before ordering these lines from this supplier."""
        texts = []
        order = self.existing_order_id
        if self.use_existing and order:
            texts.append(
                self.env._(
                    "Added to %(order)s, which has %(amount)s already",
                    order=order.name,
                    amount=order.currency_id.format(order.amount_untaxed),
                )
            )
            if order.state == "sent":
                texts.append(self.env._("already sent to the supplier: send it again"))
        needed_on = self.wizard_id.list_id.needed_on
        if needed_on:
            late = [
                line
                for line, days in lines._get_expected_delays().items()
                if today + relativedelta(days=int(days or 0)) > needed_on
            ]
            if late:
                texts.append(
                    counted(
                        len(late),
                        self.env._("1 arrives after the need"),
                        self.env._("%(count)s arrive after the need", count=len(late)),
                    )
                )
        untold = lines.filtered(lambda line: line.lead_time_days is False)
        if untold:
            text = self.env._("%(count)s without a lead time", count=len(untold))
            days = untold[:1]._get_expected_delays()[untold[:1]]
            if days is not False:
                text = self.env._(
                    "%(count)s without a lead time: %(days)s days as kept lately",
                    count=len(untold),
                    days=days,
                )
            texts.append(text)
        changed = lines.filtered("is_price_changed")
        if changed:
            texts.append(
                counted(
                    len(changed),
                    self.env._("1 price changed"),
                    self.env._("%(count)s prices changed", count=len(changed)),
                )
            )
        doubled = lines.filtered("duplicate_text")
        if doubled:
            texts.append(self.env._("%(count)s in another open list", count=len(doubled)))
        return ", ".join(texts)
