from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..price_scope import PriceScope

#: Amounts of an order, in the currency of the terms.
ORDER_AMOUNTS = ("carriage", "handling", "small_order_below", "small_order_surcharge")
INBOUND_AMOUNTS = ("inbound_per_unit", "inbound_per_kg", "inbound_per_m3")
DISCOUNTS = ("discount_1", "discount_2", "discount_3")
POSITIONS = [
    ("none", "None is borne"),
    ("inside", "Inside the price"),
    ("on_top", "On top of the price"),
    ("due", "Ours to declare"),
]


class OnepSupplierTerms(models.Model):
    """What buying from a supplier costs beside its prices, from one day to another."""

    _name = "onep.supplier.terms"
    _description = "Supplier Terms"
    _inherit = ["mail.thread", "onep.dated.mixin", "onep.fee.row.mixin"]
    _order = "partner_id, valid_from desc"
    _check_company_auto = True
    _dated_by = ("partner_id", "company_id")

    partner_id = fields.Many2one(
        "res.partner",
        "Supplier",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('parent_id', '=', False)]",
        tracking=True,
    )
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="Of the order's amounts. Brought to the currency of the offers at the day's rate.",
    )
    valid_from = fields.Date(tracking=True)
    valid_to = fields.Date(tracking=True)
    discount_1 = fields.Float(
        "Discount", digits=(6, 5), tracking=True, help="Off the prices of the supplier's list."
    )
    discount_2 = fields.Float("Then", digits=(6, 5), tracking=True, help="Off what remains.")
    discount_3 = fields.Float("And Then", digits=(6, 5), tracking=True, help="Off what remains.")
    order_value = fields.Monetary(
        "Usual Order",
        tracking=True,
        help="Value of the orders that you expect to place, untaxed. It decides whether carriage "
        "and surcharges are due, and they are spread over it.",
    )
    order_weight_kg = fields.Float("Its Weight (kg)", digits=(10, 3), tracking=True)
    order_unit_count = fields.Float("Its Units", digits=(10, 1), tracking=True)
    minimum_order = fields.Monetary(
        tracking=True, help="Value below which the supplier takes no order; 0: it takes any."
    )
    carriage = fields.Monetary(tracking=True, help="Per order, when it is due.")
    carriage_paid_from = fields.Monetary(
        tracking=True, help="Order value. 0: carriage is always due."
    )
    handling = fields.Monetary(tracking=True, help="Per order, whatever its value.")
    small_order_below = fields.Monetary(
        tracking=True, help="Order value below which the surcharge is due."
    )
    small_order_surcharge = fields.Monetary(tracking=True)
    spread = fields.Selection(
        [("value", "Value"), ("weight", "Weight"), ("units", "Units")],
        "Spread By",
        default="value",
        required=True,
        tracking=True,
        help="How the articles of an order share its carriage, handling and surcharge.",
    )
    inbound_currency_id = fields.Many2one(
        "res.currency",
        "Currency of the Transport",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    inbound_per_unit = fields.Monetary(
        "Per Unit", currency_field="inbound_currency_id", tracking=True
    )
    inbound_per_kg = fields.Monetary("Per kg", currency_field="inbound_currency_id", tracking=True)
    inbound_per_m3 = fields.Monetary("Per m³", currency_field="inbound_currency_id", tracking=True)
    supply = fields.Selection(
        [
            ("domestic", "Our country"),
            ("union", "Another country of the customs union"),
            ("import", "Outside the customs union"),
        ],
        "Goods Come From",
        tracking=True,
        help="Empty: where the supplier is. Goods from outside the customs union bear a duty.",
    )
    is_duty_paid = fields.Boolean(
        "Delivered Duty Paid",
        tracking=True,
        help="The supplier clears the goods through customs at its own cost (DDP).",
    )
    eco_position = fields.Selection(
        POSITIONS,
        "Eco-Contribution",
        tracking=True,
        help="Empty: on top of the price of a supplier of our country; ours to declare when the "
        "goods come from another one.",
    )
    levy_position = fields.Selection(
        POSITIONS,
        "Private-Copy Levy",
        tracking=True,
        help="Empty: inside the price of a supplier of our country; ours to declare when the "
        "goods come from another one.",
    )

    _check_discounts = models.Constraint(
        "CHECK(COALESCE(discount_1, 0) >= 0 AND COALESCE(discount_1, 0) < 1"
        " AND COALESCE(discount_2, 0) >= 0 AND COALESCE(discount_2, 0) < 1"
        " AND COALESCE(discount_3, 0) >= 0 AND COALESCE(discount_3, 0) < 1)",
        "A discount is between 0 and 100 %.",
    )

    @api.depends("partner_id")
    def _compute_currency_id(self):
        for terms in self:
            terms.currency_id = terms._get_usual_currency()

    @api.depends("partner_id", "valid_from")
    def _compute_display_name(self):
        for terms in self:
            terms.display_name = self.env._(
                "Terms of %(supplier)s", supplier=terms.partner_id.display_name or ""
            )

    @api.constrains("partner_id", "company_id", "valid_from", "valid_to", "active")
    def _check_overlap(self):
        self._check_one_at_a_time()

    @api.constrains(
        *ORDER_AMOUNTS,
        *INBOUND_AMOUNTS,
        "order_value",
        "order_weight_kg",
        "order_unit_count",
        "carriage_paid_from",
        "minimum_order",
    )
    def _check_amounts(self):
        names = (
            *ORDER_AMOUNTS,
            *INBOUND_AMOUNTS,
            "order_value",
            "order_weight_kg",
            "order_unit_count",
            "carriage_paid_from",
            "minimum_order",
        )
        for terms in self:
            if any(terms[name] < 0.0 for name in names):
                raise ValidationError(
                    self.env._("%(terms)s: an amount is below zero.", terms=terms.display_name)
                )

    @api.constrains(
        "carriage",
        "handling",
        "small_order_surcharge",
        "spread",
        "order_value",
        "order_weight_kg",
        "order_unit_count",
    )
    def _check_usual_order(self):
        """Carriage is shared by a whole order: without one, a single unit would bear it all."""
        measures = {"weight": "order_weight_kg", "units": "order_unit_count"}
        for terms in self:
            if not (terms.carriage or terms.handling or terms.small_order_surcharge):
                continue
            for name in ("order_value", measures.get(terms.spread)):
                if name and not terms[name]:
                    raise ValidationError(
                        self.env._(
                            "%(terms)s: fill in “%(field)s”, over which carriage, handling and "
                            "surcharge are spread.",
                            terms=terms.display_name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("currency_id", "inbound_currency_id", "company_id")
    def _check_rates(self):
        for terms in self:
            company = terms.company_id or self.env.company
            currencies = terms.currency_id | terms.inbound_currency_id
            rates = currencies._onep_get_rates(company)
            for currency in currencies:
                if rates[currency.id] is None:
                    raise ValidationError(
                        self.env._(
                            "No exchange rate is known for %(currency)s: enter one first, in "
                            "the currencies of Odoo.",
                            currency=currency.name,
                        )
                    )

    def _creation_message(self):
        return self.env._("Supplier terms created")

    def _get_price_scopes(self, on_date=None):
        """What is bought from their suppliers."""
        return {
            PriceScope(
                company_id=terms.company_id.id or None,
                supplier_ids=(terms.partner_id.commercial_partner_id.id,),
            )
            for terms in self._filter_in_force(on_date)
        }

    def _get_usual_currency(self):
        """Hook: the currency in which a supplier is likely to state its terms."""
        self.ensure_one()
        return self.currency_id or self.env.company.currency_id

    @api.model
    def _prepare_engine_rows(self, on_date, company, rates):
        """Return rows of ``CostSheet.from_rows(suppliers=…)`` in force on a day.

        A supplier has one row for each currency it may invoice in. Terms of the company replace
        those that are for every company.

        rates: units of the company's currency for one of each, by currency id; None unknown
        """
        found = self.search(
            self._get_valid_domain(on_date) & Domain("company_id", "in", (company.id, False)),
            order="company_id",
        )
        by_partner = {}
        for terms in found:
            by_partner.setdefault(terms.partner_id.commercial_partner_id.id, terms)
        known = {currency: rate for currency, rate in rates.items() if rate}
        return [
            terms._prepare_engine_row(known, currency)
            | {"partner_id": partner_id, "currency_id": currency}
            for partner_id, terms in by_partner.items()
            for currency in known.keys() | {terms.currency_id.id}
        ]

    def _prepare_engine_row(self, rates, currency_id):
        """Return these terms in a currency; NaN for an amount that no rate brings to it."""
        self.ensure_one()
        unknown = float("nan")
        own = rates.get(self.currency_id.id, unknown)
        factor = 1.0 if currency_id == self.currency_id.id else own / rates[currency_id]
        inbound = rates.get(self.inbound_currency_id.id, unknown)
        return {
            **{name: self[name] for name in DISCOUNTS},
            **{name: self[name] * factor for name in ORDER_AMOUNTS},
            **{name: self[name] * inbound if self[name] else 0.0 for name in INBOUND_AMOUNTS},
            "carriage_paid_from": self.carriage_paid_from * factor or None,
            "order_value": self.order_value * factor,
            "order_weight_g": self.order_weight_kg * 1000.0,
            "order_units": self.order_unit_count,
            "spread": self.spread,
            "supply": self.supply or None,
            "is_duty_paid": self.is_duty_paid,
            "is_unconfirmed": self._is_doubtful(),
            "eco_position": self.eco_position or None,
            "levy_position": self.levy_position or None,
            "ref": f"{self._name},{self.id}",
        }
