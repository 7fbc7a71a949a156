from odoo import api, models
from odoo.fields import Domain

from odoo.addons.onep_marketplace_connectors.clients import gtin as gtins


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model
    def _onep_match(self, lines):
        """Odoo product and unit of each picking list line that has one already.

        By barcode in any spelling of the GTIN (the product's own, else one of its packagings),
        then by the supplier's own code. A product that another company keeps for itself never
        matches. An archived product does when nothing else has its barcode.

        :param lines: onep.picking.list.line of one company
        :return: {line: (product.product, uom.uom)}
        """
        by_gtin = self._onep_match_barcodes(
            lines.company_id, [gtin for gtin in lines.mapped("gtin") if gtin]
        )
        by_code = self._onep_match_vendor_codes(
            lines.filtered(lambda line: line.supplier_sku and line.gtin not in by_gtin)
        )
        matches = {}
        for line in lines:
            found = by_gtin.get(line.gtin) or by_code.get((line.partner_id, line.supplier_sku))
            if found:
                matches[line] = found
        return matches

    @api.model
    def _onep_match_barcodes(self, company, canonical):
        """{GTIN-14: (product, unit)} for the GTINs that a barcode spells."""
        spelt = {spelling: gtin for gtin in canonical for spelling in gtins.spellings(gtin)}
        if not spelt:
            return {}
        allowed = Domain("barcode", "in", list(spelt)) & Domain(
            "company_id", "in", (False, company.id)
        )
        found = {}
        packagings = (
            self.env["product.uom"]
            .sudo()
            .search(
                Domain("barcode", "in", list(spelt))
                & Domain("product_id.company_id", "in", (False, company.id))
            )
        )
        for packaging in packagings:
            found[spelt[packaging.barcode]] = (packaging.product_id, packaging.uom_id)
        products = (
            self.sudo().with_context(active_test=False).search(allowed, order="active, id desc")
        )
        # The last one wins: active before archived, the oldest first.
        for product in products:
            found[spelt[product.barcode]] = (product, product.uom_id)
        return found

    @api.model
    def _onep_match_vendor_codes(self, lines):
        """{(supplier, code): (product, unit)} for the codes that a vendor price list has.

        A template with several variants is ambiguous unless the row names one.
        """
        if not lines:
            return {}
        rows = (
            self.env["product.supplierinfo"]
            .sudo()
            .search(
                Domain("partner_id", "in", lines.partner_id.ids)
                & Domain("product_code", "in", lines.mapped("supplier_sku"))
                & Domain("company_id", "in", (False, lines.company_id.id)),
                order="id desc",
            )
        )
        wanted = {(line.partner_id, line.supplier_sku): line.gtin for line in lines}
        found = {}
        for row in rows:
            product = row.product_id or row.product_tmpl_id.product_variant_ids
            key = (row.partner_id, row.product_code)
            is_ours = not product.company_id or product.company_id in lines.company_id
            if not is_ours:
                continue
            if len(product) == 1 and key in wanted and self._onep_may_be(product, wanted[key]):
                found[key] = (product, row.product_uom_id or product.uom_id)
        return found

    @api.model
    def _onep_may_be(self, product, gtin):
        """Whether a product may carry a GTIN: its barcode does not say otherwise."""
        return not (gtin and product.barcode) or product.barcode in gtins.spellings(gtin)

    @api.model
    def _onep_create(self, lines):
        """Create the Odoo product of each line, one per GTIN (or per supplier's code).

        Buyers have no right to create products: ordering is what grants it.

        :return: {line: product.product}
        """
        groups = {}
        for line in lines:
            key = line.gtin or (line.partner_id, line.supplier_sku)
            groups[key] = groups.get(key, self.env["onep.picking.list.line"]) | line
        taken = self._onep_get_taken_barcodes(lines)
        products = self.sudo().create(
            [self._onep_prepare_vals(own[0], taken) for own in groups.values()]
        )
        for product, own in zip(products, groups.values(), strict=True):
            if own[0].product_id:
                own[0].sudo().product_id.product_id = product
        return {
            line: product
            for product, own in zip(products, groups.values(), strict=True)
            for line in own
        }

    @api.model
    def _onep_get_taken_barcodes(self, lines):
        """GTINs whose barcode another company's product carries."""
        spelt = {
            spelling: line.gtin
            for line in lines
            if line.gtin
            for spelling in gtins.spellings(line.gtin)
        }
        products = self.sudo().search([("barcode", "in", list(spelt))])
        return {spelt[product.barcode] for product in products}

    @api.model
    def _onep_prepare_vals(self, line, taken):
        """Values of the product that a line orders.

        :param taken: GTINs that another company has as its own: ours is then ours alone
        """
        pivot = line.product_id
        offer = line.supplier_offer_id
        weight_g = offer.weight_g or pivot.weight_g
        sides = offer if offer.length_mm else pivot
        volume = sides.length_mm * sides.width_mm * sides.height_mm / 1e9
        return self._onep_prepare_category_vals(line.opportunity_id) | {
            "name": line.name,
            "barcode": gtins.spellings(line.gtin)[0] if line.gtin else False,
            "company_id": line.company_id.id if line.gtin in taken else False,
            "type": "consu",
            "is_storable": True,
            "purchase_ok": True,
            "sale_ok": True,
            "weight": weight_g / 1000.0 if weight_g else 0.0,
            "volume": volume,
            "description_purchase": False,
        }

    @api.model
    def _onep_prepare_category_vals(self, opportunity):
        """The Odoo category that the article's category names are mapped to, if they are."""
        category = self.env["onep.fee.category.map"]._get_product_category(
            opportunity.platform, [opportunity.market_category, opportunity.category]
        )
        return {"categ_id": category.id} if category else {}

    def _onep_get_vendor_row(self, line):
        """The vendor price list row of this product for a line's supplier, if any."""
        self.ensure_one()
        partner = line.partner_id
        rows = self.seller_ids.filtered(
            lambda row: (
                row.partner_id in (partner | partner.commercial_partner_id)
                and (not row.product_id or row.product_id == self)
                and row.company_id.id in (False, line.company_id.id)
            )
        )
        return rows.filtered(lambda row: row.product_code == line.supplier_sku)[:1] or rows[:1]

    @api.model
    def _onep_add_vendors(self, products):
        """Make each supplier a vendor of the product its line orders, with its code and name.

        A row that is there already keeps its price, which may be negotiated; it only gains
        the code it lacks.

        :param products: {picking list line: product.product}
        """
        missing = {}
        for line, product in products.items():
            row = product.sudo()._onep_get_vendor_row(line)
            if not row:
                missing.setdefault(
                    (product, line.partner_id), product._onep_prepare_vendor_vals(line)
                )
            elif not row.product_code and line.supplier_sku:
                row.write({"product_code": line.supplier_sku, "product_name": line.name})
        self.env["product.supplierinfo"].sudo().create(list(missing.values()))

    def _onep_prepare_vendor_vals(self, line):
        """Values of a vendor price list row."""
        self.ensure_one()
        return {
            "product_tmpl_id": self.product_tmpl_id.id,
            "product_id": self.id,
            "partner_id": line.partner_id.id,
            "company_id": line.company_id.id,
            "product_code": line.supplier_sku,
            "product_name": line.name,
            "price": line.price_unit,
            "onep_price_source": "catalogue",
            "currency_id": line.currency_id.id,
            "min_qty": line.minimum_order_quantity or 0.0,
            "delay": int(line.lead_time_days or 0),
        }
