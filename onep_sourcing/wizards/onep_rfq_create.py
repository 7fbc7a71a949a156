from odoo import Command, api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain

from ..sql import ordered_line


class OnepRfqCreate(models.TransientModel):
    """What an approved picking list would order; then one native RFQ per supplier and currency.

    Running it twice creates nothing twice: a line keeps its RFQ line, and the lines are locked
    while they are ordered.
    """

    _name = "onep.rfq.create"
    _description = "Create RFQs from a picking list"

    list_id = fields.Many2one("onep.picking.list", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="list_id.company_id")
    currency_id = fields.Many2one(related="list_id.currency_id")
    warehouse_id = fields.Many2one(related="list_id.warehouse_id")
    line_ids = fields.One2many(
        "onep.rfq.create.line",
        "wizard_id",
        string="RFQs",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    rfq_count = fields.Integer(compute="_compute_summary", string="RFQs to create")
    added_count = fields.Integer(compute="_compute_summary", string="Open RFQs to add to")
    amount_company = fields.Monetary(compute="_compute_summary", string="Total")
    new_product_count = fields.Integer(
        compute="_compute_summary", string="Products to create in Odoo"
    )
    may_create_products = fields.Boolean(compute="_compute_summary")
    skipped_count = fields.Integer(
        compute="_compute_summary", string="Lines that have an RFQ already"
    )
    has_demo_lines = fields.Boolean(related="list_id.has_demo_lines")

    @api.depends("list_id")
    def _compute_line_ids(self):
        for wizard in self:
            picking = wizard.list_id
            groups = picking._group_by_supplier(picking._get_lines_to_order())
            open_rfqs = wizard._find_open_rfqs(groups)
            wizard.line_ids = [
                Command.create(
                    {
                        "partner_id": partner.id,
                        "currency_id": currency.id,
                        "picking_line_ids": [Command.set(lines.ids)],
                        "existing_order_id": open_rfqs.get((partner, currency)),
                    }
                )
                for (partner, currency), lines in groups.items()
            ]

    @api.depends("line_ids.use_existing", "line_ids.existing_order_id", "list_id")
    def _compute_summary(self):
        for wizard in self:
            lines = wizard.line_ids.picking_line_ids._origin
            new = wizard._find_new()
            adding = wizard.line_ids.filtered(
                lambda line: line.use_existing and line.existing_order_id
            )
            wizard.rfq_count = len(wizard.line_ids - adding)
            wizard.added_count = len(adding.existing_order_id)
            wizard.amount_company = sum(lines.mapped("amount_company"))
            wizard.new_product_count = len(
                {line.gtin or (line.partner_id.id, line.supplier_sku) for line in new}
            )
            wizard.may_create_products = wizard.company_id.onep_create_products
            wizard.skipped_count = len(wizard.list_id.line_ids._get_live_purchase_lines())

    def _find_new(self):
        """Lines whose article is no product of Odoo yet."""
        lines = self.line_ids.picking_line_ids._origin
        matches = self.env["product.product"]._onep_match(lines) if lines else {}
        return lines.filtered(lambda line: line not in matches)

    def _find_open_rfqs(self, keys):
        """{(supplier, currency): id of its latest RFQ for the warehouse, not confirmed yet}."""
        partners = self.env["res.partner"].union(*(partner for partner, _currency in keys))
        orders = self.env["purchase.order"].search(
            Domain("partner_id", "in", partners.ids) & self._get_open_rfq_domain(), order="id"
        )
        # The last one wins.
        return {(order.partner_id, order.currency_id): order.id for order in orders}

    def _get_open_rfq_domain(self):
        """RFQs to which the list's lines may be added: not confirmed, for its warehouse."""
        picking = self.list_id
        return (
            Domain("company_id", "=", picking.company_id.id)
            & Domain("picking_type_id", "=", picking._get_receipt_type().id)
            & Domain("state", "in", ("draft", "sent"))
        )

    def action_create(self):
        """Create the RFQs of the lines that have none, and open them."""
        self.ensure_one()
        picking = self.list_id
        if picking.state != "approved":
            raise UserError(
                self.env._("%(name)s has to be approved before ordering.", name=picking.name)
            )
        todo = self._lock_lines()
        if not todo:
            raise UserError(
                self.env._(
                    "Every line of %(name)s has an RFQ already: nothing was created.",
                    name=picking.name,
                )
            )
        todo._check_still_offered()
        existing = self._lock_existing_orders()
        orders = self.with_company(picking.company_id)._fill_orders(todo, existing)
        added = self.env["purchase.order"].union(*existing.values()) & orders
        texts = {
            orders - added: self.env._("RFQs created: %(orders)s."),
            added: self.env._("Lines added to RFQs that were open: %(orders)s."),
        }
        for made, text in texts.items():
            if made:
                picking.message_post(body=text % {"orders": ", ".join(made.mapped("name"))})
        return picking.action_open_orders()

    def _lock_existing_orders(self):
        """{(supplier, currency): open RFQ to add to}, locked: none is confirmed meanwhile."""
        chosen = self.line_ids.filtered(lambda line: line.use_existing and line.existing_order_id)
        orders = chosen.existing_order_id
        try:
            orders.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody is changing one of these RFQs at this very moment, or deleted it: "
                    "%(orders)s. Try again in a few seconds.",
                    orders=", ".join(orders.mapped("display_name")),
                )
            ) from error
        open_orders = orders.filtered_domain(self._get_open_rfq_domain())
        for line in chosen:
            order = line.existing_order_id
            if (
                order not in open_orders
                or order.partner_id != line.partner_id
                or order.currency_id != line.currency_id
            ):
                raise UserError(
                    self.env._(
                        "%(order)s can no longer take these lines: it is confirmed, cancelled, or "
                        "for another supplier, currency or warehouse. Choose another RFQ, or "
                        "untick “Add to it”.",
                        order=order.display_name,
                    )
                )
        return {(line.partner_id, line.currency_id): line.existing_order_id for line in chosen}

    def _lock_lines(self):
        """Lock the list's lines (FOR UPDATE) and return those without a live RFQ, as of now.

        While another run holds them, this one stops; when the other has just committed,
        PostgreSQL refuses our snapshot, Odoo replays the request and it finds them ordered.
        """
        lines = self.list_id.line_ids
        try:
            lines.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody is ordering %(name)s at this very moment. Reload the list in a few "
                    "seconds.",
                    name=self.list_id.name,
                )
            ) from error
        lines.supplier_offer_id.invalidate_recordset(["is_present"])
        lines.check_access("write")
        self.env.cr.execute(ordered_line.claim(lines.supplier_offer_id.ids))
        lines.invalidate_recordset(["purchase_line_id", "is_offer_gone", "is_closed"])
        return self.list_id._get_lines_to_order()
