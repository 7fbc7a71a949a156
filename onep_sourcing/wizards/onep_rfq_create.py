from odoo import Command, api, fields, models
from odoo.exceptions import LockError, UserError


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

    @api.depends("line_ids", "list_id")
    def _compute_summary(self):
        for wizard in self:
            lines = wizard.line_ids.picking_line_ids
            new = wizard._find_new()
            wizard.rfq_count = len(wizard.line_ids)
            wizard.amount_company = sum(lines.mapped("amount_company"))
            wizard.new_product_count = len(
                {line.gtin or (line.partner_id.id, line.supplier_sku) for line in new}
            )
            wizard.may_create_products = wizard.company_id.onep_create_products
            wizard.skipped_count = len(wizard.list_id.line_ids._get_live_purchase_lines())

    def _find_new(self):
        """Lines whose article is no product of Odoo yet."""
        lines = self.line_ids.picking_line_ids
        matches = self.env["product.product"]._onep_match(lines) if lines else {}
        return lines.filtered(lambda line: line not in matches)

    def _find_open_rfqs(self, keys):
        """{(supplier, currency): id of its latest RFQ for the warehouse that is still a draft}."""
        partners = self.env["res.partner"].union(*(partner for partner, _currency in keys))
        orders = self.env["purchase.order"].search(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "=", self.list_id.company_id.id),
                ("picking_type_id", "=", self.list_id._get_receipt_type().id),
                ("state", "=", "draft"),
            ],
            order="id",
        )
        # The last one wins.
        return {(order.partner_id, order.currency_id): order.id for order in orders}

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
        existing = {
            (line.partner_id, line.currency_id): line.existing_order_id
            for line in self.line_ids
            if line.use_existing and line.existing_order_id.state == "draft"
        }
        orders = self.with_company(picking.company_id)._fill_orders(todo, existing)
        picking.message_post(
            body=self.env._("RFQs created: %(orders)s.", orders=", ".join(orders.mapped("name")))
        )
        return picking.action_open_orders()

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
        lines.invalidate_recordset(["purchase_line_id", "is_offer_gone", "is_closed"])
        return self.list_id._get_lines_to_order()
