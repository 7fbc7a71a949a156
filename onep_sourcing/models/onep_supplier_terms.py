import numpy as np

from odoo import api, fields, models

from ..planning.basket_terms import Suppliers
from ..planning.quantity_price import order_terms


class OnepSupplierTerms(models.Model):
    _inherit = "onep.supplier.terms"

    def _get_usual_currency(self):
        """The currency of the supplier's own price list, else of our orders to it."""
        feed = (
            self.env["onep.supplier.feed"]
            .sudo()
            .search([("partner_id", "child_of", self.partner_id.ids)], limit=1)
        )
        return (
            self.currency_id
            or feed.currency_id
            or self.partner_id.property_purchase_currency_id
            or super()._get_usual_currency()
        )

    @api.model
    def _get_order_terms(self, company, orders):
        """Return the ``planning.basket_terms.Suppliers`` of orders, in their order.

        :param orders: [(commercial partner id, currency id)]
        """
        partners, currencies = np.array(orders, np.int64).reshape(-1, 2).T
        today = fields.Date.context_today(self)
        sheet = self.env["onep.cost.sheet"].with_company(company)._get_engine_sheet(today)
        index = sheet.supplier_index(partners, currencies)
        rates = (self.env["res.currency"].browse(set(currencies.tolist())).sudo())._onep_get_rates(
            company, today
        )
        return Suppliers(
            terms=order_terms(sheet.tables.suppliers, index),
            minimum_order=[
                self._get_minimum_order(sheet.refs[place], currency, rates, company)
                for place, currency in zip(index.tolist(), currencies.tolist(), strict=True)
            ],
            rate=sheet.tables.currencies.paid_rate(sheet.currency_index(currencies)),
        )

    @api.model
    def _get_minimum_order(self, ref, currency_id, rates, company):
        """Return the smallest order of the terms behind a ref, in a currency; 0 for none."""
        if not ref:
            return 0.0
        terms = self.sudo().browse(int(ref.split(",")[1])).exists()
        if not terms.minimum_order or terms.currency_id.id == currency_id:
            return terms.minimum_order
        own = terms.currency_id._onep_get_rates(company)[terms.currency_id.id]
        wanted = rates.get(currency_id)
        return terms.minimum_order * own / wanted if own and wanted else 0.0
