from odoo import api, models
from odoo.fields import Domain


class OnepMarginSimulator(models.TransientModel):
    """Where a simulation begins: from an article, filled in by all that is known of it."""

    _inherit = "onep.margin.simulator"

    @api.model
    def _open(self, vals, name=None):
        """Return the action that opens a simulation of ``vals``, today's figures beside it."""
        deal = self.create(vals)
        deal._take_as_today()
        return {
            "type": "ir.actions.act_window",
            "name": name or self.env._("Simulator"),
            "res_model": self._name,
            "res_id": deal.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    @api.model
    def _open_for_product(self, product):
        """Return the action that simulates an Odoo product."""
        vals = self.new({})._prepare_product_vals(product)
        return self._open(vals | {"product_id": product.id}, product.display_name)

    @api.onchange("product_id")
    def _onchange_product_id(self):
        """Take what the product knows: price, cost, weight, category."""
        if self.product_id:
            self.update(self._prepare_product_vals(self.product_id))
            self._take_as_today()

    @api.onchange("ean")
    def _onchange_ean(self):
        """Find the article of a bare EAN."""
        if self.ean:
            self._fill_by_ean()

    def _fill_by_ean(self):
        """Fill in what is known of the typed EAN. Hook: catalogues know more than Odoo."""
        product = self.env["product.product"].search(self._get_barcode_domain(), limit=1)
        if product:
            self.product_id = product
            self.update(self._prepare_product_vals(product))
            self._take_as_today()

    def _get_barcode_domain(self):
        """Return the domain of the products that bear the typed EAN, zeros in front or not."""
        digits = (self.ean or "").strip().replace(" ", "").lstrip("0")
        return Domain("barcode", "in", [digits.zfill(length) for length in (8, 12, 13, 14)])

    @api.onchange("quantity")
    def _onchange_quantity(self):
        """Follow the supplier's prices by quantity."""
        if self.quantity > 0:
            self.update(self._prepare_purchase_vals(self.quantity))

    def _prepare_product_vals(self, product):
        """Return what an Odoo product knows of a deal; nothing that it does not know."""
        category = product.categ_id
        names = self.env["onep.fee.category.map"]
        match = names._match_product_categories(self.platform, category).get(category)
        return {
            "subject": product.display_name,
            "ean": product.barcode or self.ean,
            "sell_price_taxed": self._get_list_price_taxed(product),
            "buy_price": product.standard_price,
            "purchase_currency_id": self.env.company.currency_id.id,
            "weight_g": self._get_weight_g(product),
            "fee_category_id": match and match.key,
        } | self._prepare_vendor_vals(product, self.quantity)

    @api.model
    def _get_list_price_taxed(self, product):
        """Return the product's list price, VAT included. Hook: here nothing knows its taxes."""
        return product.lst_price

    @api.model
    def _get_weight_g(self, product):
        """Return the product's weight, which Odoo keeps in the unit of the settings."""
        unit = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        gram = self.env.ref("uom.product_uom_gram")
        return unit._compute_quantity(product.weight, gram, round=False)

    def _prepare_purchase_vals(self, quantity):
        """Hook: what a unit costs when ``quantity`` of them are bought; {} when nobody knows."""
        return self._prepare_vendor_vals(self.product_id, quantity) if self.product_id else {}

    def _prepare_vendor_vals(self, product, quantity):
        """Return the price of the vendor that Odoo would buy a quantity from; {} for none."""
        row = product.sudo()._select_seller(
            partner_id=False, quantity=quantity or 1.0, date=self.on_date
        )
        if not row:
            return {}
        price = row.product_uom_id._compute_price(row.price_discounted, product.uom_id)
        return {
            "purchase_currency_id": row.currency_id.id,
            "purchase_price": price,
        } | ({"buy_price": price} if row.currency_id == self.env.company.currency_id else {})
