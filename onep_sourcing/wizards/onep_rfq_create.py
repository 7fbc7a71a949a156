from dateutil.relativedelta import relativedelta

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
    skipped_count = fields.Integer(
        compute="_compute_summary", string="Lines that have an RFQ already"
    )
    has_demo_lines = fields.Boolean(related="list_id.has_demo_lines")

    @api.depends("list_id")
    def _compute_line_ids(self):
        for wizard in self:
            picking = wizard.list_id
            groups = picking._group_by_supplier(picking._get_lines_to_order())
            wizard.line_ids = [
                Command.create(
                    {
                        "partner_id": partner.id,
                        "currency_id": currency.id,
                        "picking_line_ids": [Command.set(lines.ids)],
                        "existing_order_id": wizard._find_open_rfq(partner, currency).id,
                    }
                )
                for (partner, currency), lines in groups.items()
            ]

    @api.depends("line_ids", "list_id")
    def _compute_summary(self):
        for wizard in self:
            lines = wizard.line_ids.picking_line_ids
            matches = self.env["product.product"]._onep_match(lines) if lines else {}
            wizard.rfq_count = len(wizard.line_ids)
            wizard.amount_company = sum(lines.mapped("amount_company"))
            wizard.new_product_count = len(
                {
                    line.gtin or (line.partner_id.id, line.supplier_sku)
                    for line in lines
                    if line not in matches
                }
            )
            wizard.skipped_count = len(wizard.list_id.line_ids._get_live_purchase_lines())

    def _find_open_rfq(self, partner, currency):
        """The supplier's latest RFQ that is still a draft, in this currency."""
        return self.env["purchase.order"].search(
            [
                ("partner_id", "=", partner.id),
                ("currency_id", "=", currency.id),
                ("company_id", "=", self.list_id.company_id.id),
                ("state", "=", "draft"),
            ],
            order="id desc",
            limit=1,
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
        wizard = self.with_company(picking.company_id)
        products = wizard._get_products(todo)
        existing = {
            (line.partner_id, line.currency_id): line.existing_order_id
            for line in self.line_ids
            if line.use_existing and line.existing_order_id.state == "draft"
        }
        orders = self.env["purchase.order"]
        for key, lines in picking._group_by_supplier(todo).items():
            orders |= wizard._fill_order(lines, products, existing.get(key))
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
        lines.invalidate_recordset(["purchase_line_id", "is_offer_gone"])
        return self.list_id._get_lines_to_order()

    def _get_products(self, lines):
        """{line: (product.product, uom.uom)}: matched, else created."""
        Product = self.env["product.product"]
        found = Product._onep_match(lines)
        for line, (product, _uom) in found.items():
            if not product.active:
                product.sudo().active = True
                product.message_post(
                    body=self.env._("Restored: ordered by %(list)s.", list=line.list_id.name)
                )
        missing = lines.filtered(lambda line: line not in found)
        for line, product in Product._onep_create(missing).items():
            found[line] = (product, product.uom_id)
        for line, (product, _uom) in found.items():
            if line.product_id and line.product_id.product_id != product:
                line.sudo().product_id.product_id = product
        Product._onep_add_vendors({line: product for line, (product, _uom) in found.items()})
        return {
            line: (product.sudo(False), uom.sudo(False)) for line, (product, uom) in found.items()
        }

    def _fill_order(self, lines, products, order=None):
        """One supplier's RFQ with these lines; links both ways.

        :param order: an open RFQ to add to, a new one when empty
        """
        PurchaseLine = self.env["purchase.order.line"]
        if not order:
            order = self.env["purchase.order"].create(self._prepare_order_vals(lines))
        purchase_lines = PurchaseLine.create(
            [self._prepare_order_line_vals(order, line, *products[line]) for line in lines]
        )
        for line, purchase_line in zip(lines, purchase_lines, strict=True):
            line.sudo().purchase_line_id = purchase_line
        if not order.picking_list_id:
            order.picking_list_id = self.list_id
        return order

    def _prepare_order_vals(self, lines):
        """Values of the RFQ, as Odoo's own procurement would fill them."""
        picking = self.list_id
        company = picking.company_id
        partner = lines.partner_id.with_company(company)
        fiscal_position = (
            self.env["account.fiscal.position"].with_company(company)._get_fiscal_position(partner)
        )
        return {
            "partner_id": partner.id,
            "company_id": company.id,
            "currency_id": lines.currency_id.id,
            "fiscal_position_id": fiscal_position.id,
            "payment_term_id": partner.property_supplier_payment_term_id.id,
            "user_id": (partner.buyer_id or picking.user_id).id,
            "origin": picking.name,
            "picking_list_id": picking.id,
        }

    def _prepare_order_line_vals(self, order, line, product, uom):
        """Values of one RFQ line: the supplier's own code and name, the list's price."""
        company = order.company_id
        row = product.sudo()._onep_get_vendor_row(line)
        named = product.with_context(
            lang=order.partner_id.lang, partner_id=order.partner_id.id, seller_id=row.id
        )
        taxes = product.sudo().supplier_taxes_id._filter_taxes_by_company(company)
        return {
            "order_id": order.id,
            "product_id": product.id,
            "product_uom_id": uom.id,
            "name": "\n".join(filter(None, [named.display_name, named.description_purchase])),
            "product_qty": max(line.quantity, line._get_orderable_quantity()),
            "price_unit": line.price_unit,
            "discount": 0.0,
            "tax_ids": [Command.set(order.fiscal_position_id.map_tax(taxes).ids)],
            "date_planned": order.date_order + relativedelta(days=int(line.lead_time_days or 0)),
            "opportunity_id": line.opportunity_id.id,
        }
