from odoo import api, models
from odoo.fields import Domain

from odoo.addons.onep_marketplace_connectors.clients import gtin as gtins


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        products = super().create(vals_list)
        products._onep_follow_barcodes()
        return products

    def write(self, vals):
        """An article is matched by barcode: it follows the barcode that somebody corrects."""
        if not {"barcode", "active"} & set(vals):
            return super().write(vals)
        before = dict(zip(self, self._onep_get_gtins(), strict=True))
        result = super().write(vals)
        self._onep_follow_barcodes(before)
        return result

    def _onep_get_gtins(self):
        """[GTIN-14, None where the barcode is none] of these products."""
        barcodes = [product.barcode or None for product in self]
        return gtins.canonical(barcodes).gtin.tolist() if any(barcodes) else barcodes

    def _onep_follow_barcodes(self, before=None):
        """Point the articles that these products are to them, and the others away.

        Only products that all companies share: the link is shared too.

        :param before: {product: GTIN-14 of its barcode before it was changed}
        """
        now = dict(zip(self, self._onep_get_gtins(), strict=True))
        Pivot = self.env["onep.product"].sudo()
        left = {
            gtin: product
            for product, gtin in (before or {}).items()
            if gtin and gtin != now[product]
        }
        if left:
            articles = Pivot.search([("gtin", "in", list(left))])
            articles.filtered(
                lambda article: article.product_id == left[article.gtin]
            ).product_id = False
        own = {
            gtin: product
            for product, gtin in now.items()
            if gtin and product.active and not product.sudo().company_id
        }
        if own:
            for article in Pivot.search([("gtin", "in", list(own)), ("product_id", "=", False)]):
                article.product_id = own[article.gtin]

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

        A template with several variants is ambiguous unless the row names one. The list counts
        pieces when it knows how many are in a pack; else a code is for what the vendor sells by it.
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
        wanted = {(line.partner_id, line.supplier_sku): line for line in lines}
        found = {}
        for row in rows:
            product = row.product_id or row.product_tmpl_id.product_variant_ids
            key = (row.partner_id, row.product_code)
            is_ours = not product.company_id or product.company_id in lines.company_id
            if not is_ours:
                continue
            line = wanted.get(key)
            if len(product) == 1 and line and self._onep_may_be(product, line.gtin):
                is_by_piece = line.pack_size and line.pack_size > 1
                unit = product.uom_id if is_by_piece else row.product_uom_id
                found[key] = (product, unit or product.uom_id)
        return found

    @api.model
    def _onep_may_be(self, product, gtin):
        """Whether a product may carry a GTIN: its barcode does not say otherwise."""
        return not (gtin and product.barcode) or product.barcode in gtins.spellings(gtin)
