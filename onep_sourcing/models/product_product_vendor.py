from odoo import api, fields, models

#: Within which a quantity in the vendor's unit counts as whole.
WHOLE = 1e-6


class ProductProduct(models.Model):
    """A product as its vendor knows it: its code, its name, its unit."""

    _inherit = "product.product"

    @api.model
    def _onep_get_vendor_rows(self, products):
        """{picking list line: vendor price list rows of its product for its supplier}.

        The row with the supplier's code first, then those that are valid today.

        :param products: {picking list line: (product.product, unit)}
        """
        today = fields.Date.context_today(self)
        rows = {}
        for line, (product, _unit) in products.items():
            partner = line.partner_id
            allowed = (partner.id, partner.commercial_partner_id.id)
            own = product.sudo().seller_ids.filtered(
                lambda row, line=line, product=product, allowed=allowed: (
                    row.partner_id.id in allowed
                    and row.product_id.id in (False, product.id)
                    and row.company_id.id in (False, line.company_id.id)
                )
            )
            if len(own) > 1:
                own = own.sorted(
                    lambda row, line=line: (
                        row.product_code != line.supplier_sku,
                        bool(row.date_start and row.date_start > today)
                        or bool(row.date_end and row.date_end < today),
                    )
                )
            rows[line] = own
        return rows

    @api.model
    def _onep_add_vendors(self, products):
        """Make each supplier a vendor of the product its line orders, with its code and name.

        A row that is there already keeps its price, which may be negotiated; it only gains
        the code it lacks.

        :param products: {picking list line: (product.product, unit of the line's quantity)}
        :return: {picking list line: its vendor's rows, the one to order by first}
        """
        self._onep_add_agreed_prices(products)
        found = self._onep_get_vendor_rows(products)
        missing = {}
        for line, (product, unit) in products.items():
            row = found[line][:1]
            if not row:
                missing.setdefault((product, line.partner_id), (line, unit))
            elif not row.product_code and line.supplier_sku:
                row.write({"product_code": line.supplier_sku, "product_name": line.name})
        if missing:
            created = (
                self.env["product.supplierinfo"]
                .sudo()
                .create(
                    [
                        product._onep_prepare_vendor_vals(line, unit)
                        for (product, _partner), (line, unit) in missing.items()
                    ]
                )
            )
            rows = dict(zip(missing, created, strict=True))
            for line, (product, _unit) in products.items():
                found[line] = found[line] or rows[product, line.partner_id]
        return found

    @api.model
    def _onep_add_agreed_prices(self, lines):
        """Prices agreed before an article was in Odoo go to the vendor price list it now has."""
        by_company = {}
        for line in lines:
            known = by_company.setdefault(line.company_id, self.env["onep.supplier.offer"])
            by_company[line.company_id] = known | line.supplier_offer_id
        today = fields.Date.context_today(self)
        for company, offers in by_company.items():
            Negotiation = self.env["onep.negotiation.line"].with_company(company)
            Negotiation._get_agreed(offers, today)._write_vendor_prices()

    def _onep_prepare_vendor_vals(self, line, unit):
        """Values of a vendor price list row; an unknown lead time is Odoo's usual one."""
        self.ensure_one()
        known = {}
        if line.lead_time_days is not False:
            known["delay"] = int(line.lead_time_days)
        return known | {
            "product_tmpl_id": self.product_tmpl_id.id,
            "product_id": self.id,
            "partner_id": line.partner_id.id,
            "company_id": line.company_id.id,
            "product_code": line.supplier_sku,
            "product_name": line.name,
            "product_uom_id": unit.id,
            "price": line.price_unit,
            "onep_price_source": "catalogue",
            "currency_id": line.currency_id.id,
            # The price is that of this quantity: a tier of the catalogue.
            "min_qty": line.quantity,
        }

    @api.model
    def _onep_get_order_unit(self, line, unit, row):
        """(unit, quantity, price) that the vendor is asked for.

        The vendor's own unit when the quantity is a whole number of it, else the unit that the
        list counts in: nothing is ordered that was not approved.

        :param unit: the unit that the line's quantity and price are told in
        :param row: the vendor price list row, empty when there is none
        """
        quantity = max(line.quantity, line._get_orderable_quantity())
        own = row.product_uom_id
        if not own or own == unit or not unit._has_common_reference(own):
            return unit, quantity, line.price_unit
        counted = unit._compute_quantity(quantity, own, round=False)
        if abs(counted - round(counted)) > WHOLE or round(counted) == 0:
            return unit, quantity, line.price_unit
        return own, float(round(counted)), unit._compute_price(line.price_unit, own)

    def _onep_get_vendor_names(self, partner, company, rows):
        """{product id: description as Odoo writes it on an RFQ of this vendor}.

        :param rows: {product id: rows of the vendor, the one to order by first}
        """
        context = {"lang": partner.lang, "partner_id": partner.id, "company_id": company.id}
        # Odoo joins the codes of a vendor that has several, unless it is told which.
        alone = self.filtered(lambda product: len(rows[product.id]) > 1)
        names = {
            product.id: product._onep_get_description()
            for product in (self - alone).with_context(**context)
        }
        for product in alone:
            named = product.with_context(**context, seller_id=rows[product.id][0].id)
            names[product.id] = named._onep_get_description()
        return names

    def _onep_get_description(self):
        return "\n".join(filter(None, [self.display_name, self.description_purchase]))
