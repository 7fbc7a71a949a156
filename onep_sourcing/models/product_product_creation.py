from odoo import Command, api, models
from odoo.fields import Domain

from odoo.addons.onep_marketplace_connectors.clients import gtin as gtins

#: Fields of other addons that tell where goods come from; the first that exists is filled.
ORIGIN_FIELDS = ("country_of_origin", "intrastat_origin_country_id")


class ProductProduct(models.Model):
    """Odoo products of what is ordered for the first time, as far as the settings allow."""

    _inherit = "product.product"

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
        if not groups:
            return {}
        taken = self._onep_get_taken_barcodes(lines)
        firsts = [own[0] for own in groups.values()]
        known = self._onep_prepare_known_vals(firsts)
        products = self.sudo().create(
            [self._onep_prepare_vals(line, taken) | known[line] for line in firsts]
        )
        for product, line in zip(products, firsts, strict=True):
            if line.product_id and line.product_id.product_id != product:
                line.sudo().product_id.product_id = product
        return {
            line: product
            for product, own in zip(products, groups.values(), strict=True)
            for line in own
        }

    @api.model
    def _onep_complete(self, products):
        """Fill what matched products lack with what the lists know, as the settings say.

        :param products: {picking list line: product.product}
        """
        lines = [line for line in products if line.company_id.onep_complete_products]
        if not lines:
            return
        for line, vals in self._onep_prepare_known_vals(lines).items():
            product = products[line].sudo()
            lacking = {name: value for name, value in vals.items() if not product[name]}
            if lacking:
                product.write(lacking)

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
        """Values that every product needs, whatever the settings.

        :param taken: GTINs that another company has as its own: ours is then ours alone
        """
        return {
            "name": line.name,
            "barcode": gtins.spellings(line.gtin)[0] if line.gtin else False,
            "company_id": line.company_id.id if line.gtin in taken else False,
            "type": "consu",
            "is_storable": True,
            "purchase_ok": True,
            "sale_ok": True,
            "description_purchase": False,
        }

    @api.model
    def _onep_prepare_known_vals(self, lines):
        """{line: values of the product fields that the settings fill and that are known}."""
        company = lines[0].company_id
        brands = self._onep_get_brands(lines) if company.onep_fill_brand else {}
        countries = self._onep_get_origins(lines) if company.onep_fill_origin else {}
        origin = self._onep_get_origin_field()
        hs_code = self._onep_get_hs_code_field() if company.onep_fill_hs_code else None
        values = {}
        for line in lines:
            offer, pivot = line.supplier_offer_id, line.product_id
            vals = values[line] = {}
            if company.onep_fill_weight:
                vals |= self._onep_prepare_weight_vals(offer.weight_g or pivot.weight_g)
            if company.onep_fill_dimensions:
                vals |= self._onep_prepare_volume_vals(offer if offer.length_mm else pivot)
            if company.onep_fill_category:
                vals |= self._onep_prepare_category_vals(line.opportunity_id)
            vals |= brands.get((offer.brand or pivot.brand or "").strip().lower(), {})
            if hs_code and offer.hs_code:
                vals[hs_code] = offer.hs_code
            country = countries.get((offer.country_of_origin or "").strip().lower())
            if origin and country:
                vals[origin] = country.id
        return values

    @api.model
    def _onep_get_hs_code_field(self):
        """Name of the products' HS code, None unless an addon has one to be typed in."""
        field = self._fields.get("hs_code")
        return field.name if field is not None and field.type == "char" else None

    @api.model
    def _onep_get_origin_field(self):
        """Name of the products' country of origin, None unless an addon has one."""
        return next((name for name in ORIGIN_FIELDS if name in self._fields), None)

    @api.model
    def _onep_prepare_weight_vals(self, weight_g):
        """Weight in the unit of the settings; nothing when it is unknown."""
        if not weight_g:
            return {}
        unit = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        kilogram = self.env.ref("uom.product_uom_kgm")
        return {"weight": kilogram._compute_quantity(weight_g / 1000.0, unit, round=False)}

    @api.model
    def _onep_prepare_volume_vals(self, sides):
        """Volume in the unit of the settings; nothing unless the three sides are known."""
        if not (sides.length_mm and sides.width_mm and sides.height_mm):
            return {}
        unit = self.env["product.template"]._get_volume_uom_id_from_ir_config_parameter()
        cubic_metre = self.env.ref("uom.product_uom_cubic_meter")
        volume = sides.length_mm * sides.width_mm * sides.height_mm / 1e9
        return {"volume": cubic_metre._compute_quantity(volume, unit, round=False)}

    @api.model
    def _onep_prepare_category_vals(self, opportunity):
        """The Odoo category that the article's category names are mapped to, if they are."""
        category = self.env["onep.fee.category.map"]._get_product_category(
            opportunity.platform, [opportunity.market_category, opportunity.category]
        )
        return {"categ_id": category.id} if category else {}

    @api.model
    def _onep_get_brands(self, lines):
        """{brand in lower case: values of a product of it}.

        The brand field of the OCA's product_brand when it is installed, else a product tag.
        """
        names = {}
        for line in lines:
            name = (line.supplier_offer_id.brand or line.product_id.brand or "").strip()
            if name:
                names.setdefault(name.lower(), name)
        if not names:
            return {}
        has_field = "product_brand_id" in self._fields and "product.brand" in self.env
        Brand = self.env["product.brand" if has_field else "product.tag"].sudo()
        known = Brand.search(Domain.OR(Domain("name", "=ilike", name) for name in names.values()))
        found = {brand.name.strip().lower(): brand for brand in known}
        missing = [name for key, name in names.items() if key not in found]
        more = {} if has_field else {"visible_to_customers": False}
        for brand in Brand.create([{"name": name, **more} for name in missing]):
            found[brand.name.strip().lower()] = brand
        return {
            key: {"product_brand_id": found[key].id}
            if has_field
            else {"product_tag_ids": [Command.link(found[key].id)]}
            for key in names
        }

    @api.model
    def _onep_get_origins(self, lines):
        """{what the offer says in lower case: res.country}, by code or by name."""
        told = {
            (line.supplier_offer_id.country_of_origin or "").strip().lower() for line in lines
        } - {""}
        if not told:
            return {}
        countries = self.env["res.country"].search(
            Domain("code", "in", [word.upper() for word in told])
            | Domain.OR(Domain("name", "=ilike", word) for word in told)
        )
        found = {country.name.lower(): country for country in countries}
        return found | {country.code.lower(): country for country in countries}
