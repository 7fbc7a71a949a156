from datetime import datetime, time

from dateutil.relativedelta import relativedelta

from odoo import Command, fields, models
from odoo.exceptions import UserError

from ..sql import ordered_line


class OnepRfqCreate(models.TransientModel):
    """What an RFQ and its lines hold, as Odoo's own procurement would fill them."""

    _inherit = "onep.rfq.create"

    def _fill_orders(self, lines, existing):
        """Put lines on RFQs, one per supplier and currency; links both ways.

        :param existing: {(supplier, currency): draft RFQ to add to instead of a new one}
        :return: the RFQs
        """
        picking = self.list_id
        products = self._get_products(lines)
        rows = self.env["product.product"]._onep_add_vendors(products)
        groups = picking._group_by_supplier(lines)
        orders, vals_list, ordered = self.env["purchase.order"], [], []
        for key, own in groups.items():
            order = existing.get(key) or orders.create(self._prepare_order_vals(own))
            if key in existing:
                self._add_origin(order)
            orders |= order
            vals_list += self._prepare_order_line_vals(order, own, products, rows)
            ordered += own
        purchase_lines = self.env["purchase.order.line"].create(vals_list)
        linked = self.env["onep.picking.list.line"].union(*ordered)
        linked.check_access("write")
        self.env.flush_all()
        self.env.execute_query(
            ordered_line.link(
                linked.ids,
                purchase_lines.ids,
                [products[line][1].id for line in ordered],
                self.env.uid,
            )
        )
        linked.invalidate_recordset(["purchase_line_id", "uom_id", "write_uid", "write_date"])
        purchase_lines.invalidate_recordset(["picking_line_ids"])
        linked.modified(["purchase_line_id", "uom_id"])
        return orders

    def _add_origin(self, order):
        """Say on an open RFQ that the list's lines were added to it."""
        picking = self.list_id
        origins = [text.strip() for text in (order.origin or "").split(",") if text.strip()]
        if picking.name not in origins:
            order.origin = ", ".join([*origins, picking.name])
        if not order.picking_list_id:
            order.picking_list_id = picking
        order.message_post(
            body=self.env._("Lines of the picking list %(name)s added.", name=picking.name)
        )

    def _get_products(self, lines):
        """{line: (product.product, unit its quantity is told in)}: matched, else created."""
        Product = self.env["product.product"]
        found = Product._onep_match(lines)
        missing = lines.filtered(lambda line: line not in found)
        if missing and not self.list_id.company_id.onep_create_products:
            raise UserError(
                self.env._(
                    "These articles are no products of Odoo yet, and the settings do not let "
                    "orders create them. Create them with their barcode, or change the "
                    "settings:\n%(lines)s",
                    lines="\n".join(
                        f"{line.ean or line.supplier_sku} {line.name}" for line in missing[:20]
                    ),
                )
            )
        for line, (product, _unit) in found.items():
            if not product.active:
                product.sudo().active = True
                product.message_post(
                    body=self.env._("Restored: ordered by %(list)s.", list=line.list_id.name)
                )
        Product._onep_complete({line: product for line, (product, _unit) in found.items()})
        for line, product in Product._onep_create(missing).items():
            found[line] = (product, product.uom_id)
        for line, (product, _unit) in found.items():
            if line.product_id and line.product_id.product_id != product:
                line.sudo().product_id.product_id = product
        return {
            line: (product.sudo(False), unit.sudo(False)) for line, (product, unit) in found.items()
        }

    def _prepare_order_vals(self, lines):
        """Values of one supplier's RFQ."""
        picking = self.list_id
        company = picking.company_id
        partner = lines.partner_id.with_company(company)
        fiscal_position = (
            self.env["account.fiscal.position"].with_company(company)._get_fiscal_position(partner)
        )
        incoterm = partner.property_onep_incoterm_id or company.incoterm_id
        return {
            "partner_id": partner.id,
            "company_id": company.id,
            "currency_id": lines.currency_id.id,
            "picking_type_id": picking._get_receipt_type().id,
            "fiscal_position_id": fiscal_position.id,
            "payment_term_id": partner.property_supplier_payment_term_id.id,
            "incoterm_id": incoterm.id,
            "user_id": (partner.buyer_id or picking.user_id).id,
            "date_order": self._get_order_deadline(lines),
            "origin": picking.name,
            "picking_list_id": picking.id,
        }

    def _get_order_deadline(self, lines):
        """When the RFQ has to be confirmed: the list's deadline, or what its need leaves."""
        picking = self.list_id
        latest = [picking.deadline]
        if picking.needed_on:
            delay = max(int(days or 0) for days in lines._get_expected_delays().values())
            latest.append(picking.needed_on - relativedelta(days=delay))
        now = fields.Datetime.now()
        return max(now, min((self._at_noon(day) for day in latest if day), default=now))

    def _at_noon(self, day):
        return datetime.combine(day, time(12))

    def _prepare_order_line_vals(self, order, lines, products, rows):
        """Values of an RFQ's lines: the supplier's code, name and unit, the list's price.

        The analytic distribution is left to Odoo's own models of it; where there is none, Odoo
        need not look for one line by line.

        :param products: {line: (product, unit that its quantity is told in)}
        :param rows: {line: rows of its vendor's price list, the one to order by first}
        """
        company = order.company_id
        now = fields.Datetime.now()
        ordered_at = max(order.date_order, now)
        needed_at = self._at_noon(self.list_id.needed_on) if self.list_id.needed_on else now
        own = self.env["product.product"].union(*(products[line][0] for line in lines))
        names = own._onep_get_vendor_names(
            order.partner_id, company, {products[line][0].id: rows[line] for line in lines}
        )
        mapped_taxes = {}
        Distribution = self.env["account.analytic.distribution.model"].sudo()
        analytic = (
            {} if Distribution.search_count([], limit=1) else {"analytic_distribution": False}
        )
        delays = self.env["onep.picking.list.line"].union(*lines)._get_expected_delays()
        values = []
        for line in lines:
            product, unit = products[line]
            row = rows[line][:1]
            taxes = product.sudo().supplier_taxes_id
            if taxes not in mapped_taxes:
                mapped_taxes[taxes] = order.fiscal_position_id.map_tax(
                    taxes._filter_taxes_by_company(company)
                )
            delay = row.delay if delays[line] is False else delays[line]
            unit, quantity, price = product._onep_get_order_unit(line, unit, row)
            price = self._get_asked_price(price, product, unit, mapped_taxes[taxes])
            values.append(
                {
                    "order_id": order.id,
                    "product_id": product.id,
                    "product_uom_id": unit.id,
                    "name": names[product.id],
                    "product_qty": quantity,
                    "price_unit": price,
                    "discount": 0.0,
                    "tax_ids": [Command.set(mapped_taxes[taxes].ids)],
                    "date_planned": max(ordered_at + relativedelta(days=int(delay)), needed_at),
                    "opportunity_id": line.opportunity_id.id,
                    **analytic,
                }
            )
        return values

    def _get_asked_price(self, price, product, unit, taxes):
        """The unit price that an RFQ line takes for an untaxed price.

        Prices of lists are untaxed. Odoo takes a tax that is included in the price off it: it is
        added first, so that the line's untaxed amount is the price that was approved.
        """
        if not any(taxes.mapped("price_include")):
            return price
        return taxes._adapt_price_unit_to_another_taxes(
            price, product, self.env["account.tax"], taxes, product_uom=unit
        )
