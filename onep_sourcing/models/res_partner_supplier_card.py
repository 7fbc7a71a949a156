from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import formatLang

from odoo.addons.onep_marketplace_connectors.optional_fields import (
    OptionalFloat,
    OptionalMonetary,
)

from ..sql import supplier_card
from .counted import counted

#: How far back a supplier's card looks.
CARD_MONTHS = 12
#: Figures of the card, in the order of the statement's columns.
FIGURES = (
    "onep_order_count",
    "onep_ordered_amount",
    "onep_promised_days",
    "onep_taken_days",
    "onep_due_count",
    "onep_on_time_rate",
    "onep_awaited_count",
    "onep_late_count",
    "onep_closed_count",
    "onep_fill_rate",
    "onep_billed_count",
    "onep_price_drift",
)
COUNTS = {name for name in FIGURES if name.endswith("_count")}


class ResPartner(models.Model):
    """How a supplier kept its word over the last 12 months, in the current company."""

    _inherit = "res.partner"

    property_onep_incoterm_id = fields.Many2one(
        "account.incoterms",
        string="Usual incoterm",
        company_dependent=True,
        help="Put on the RFQs made from picking lists. Empty: the company's default incoterm.",
    )
    onep_card_currency_id = fields.Many2one(
        "res.currency", compute="_compute_supplier_card", groups="onep_sourcing.group_sourcing_user"
    )
    onep_order_count = fields.Integer(
        string="Orders confirmed",
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
    )
    onep_ordered_amount = OptionalMonetary(
        string="Ordered, untaxed",
        currency_field="onep_card_currency_id",
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
    )
    onep_promised_days = OptionalFloat(
        string="Lead time promised (days)",
        digits=(8, 1),
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
        help="From confirmation to the day planned; median of the lines received in full.",
    )
    onep_taken_days = OptionalFloat(
        string="Lead time achieved (days)",
        digits=(8, 1),
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
        help="From confirmation to the last receipt; median of the lines received in full.",
    )
    onep_due_count = fields.Integer(
        string="Lines due",
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
    )
    onep_on_time_rate = OptionalFloat(
        string="On time",
        digits=(6, 4),
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
        help="Share of the lines due that came in full on the day planned or before; what is late "
        "now counts as late.",
    )
    onep_awaited_count = fields.Integer(
        string="Lines awaited",
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
    )
    onep_late_count = fields.Integer(
        string="Of these late",
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
    )
    onep_closed_count = fields.Integer(
        string="Lines closed",
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
        help="Nothing more is awaited of them.",
    )
    onep_fill_rate = OptionalFloat(
        string="Fill rate",
        digits=(6, 4),
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
        help="Share of the ordered value that came, of the lines that nothing more is awaited of.",
    )
    onep_billed_count = fields.Integer(
        string="Lines billed",
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
    )
    onep_price_drift = OptionalFloat(
        string="Price drift",
        digits=(6, 4),
        compute="_compute_supplier_card",
        groups="onep_sourcing.group_sourcing_user",
        help="What posted bills, less credit notes, ask for above the prices ordered; below when "
        "negative. Bills in another currency than their order and those not linked to one are "
        "left out.",
    )

    onep_card_text = fields.Char(
        string="Word kept",
        compute="_compute_onep_card_text",
        groups="onep_sourcing.group_sourcing_user",
        help="Lead times, quantities and prices of the last 12 months against what was promised.",
    )

    @api.depends_context("company")
    def _compute_supplier_card(self):
        """One statement for any number of suppliers; contacts show their company's card."""
        company = self.env.company
        self.onep_card_currency_id = company.currency_id
        suppliers = self.commercial_partner_id._origin
        cards = {}
        if suppliers:
            self.env.flush_all()
            now = fields.Datetime.now()
            since = now - relativedelta(months=CARD_MONTHS)
            statement = supplier_card.by_supplier(suppliers.ids, company.id, since, now.date())
            cards = {row[0]: row[1:] for row in self.env.execute_query(statement)}
        for partner in self:
            card = cards.get(partner.commercial_partner_id._origin.id, (None,) * len(FIGURES))
            for name, value in zip(FIGURES, card, strict=True):
                if name in COUNTS:
                    partner[name] = value or 0
                else:
                    partner[name] = False if value is None else float(value)

    @api.depends_context("company", "lang")
    def _compute_onep_card_text(self):
        """What is known of the card, in one line."""
        for partner in self:
            partner.onep_card_text = " · ".join(partner._get_card_texts()) or self.env._(
                "Unknown: no order of the last 12 months says it"
            )

    def _get_card_texts(self):
        def told(figure, digits=0):
            return formatLang(self.env, figure, digits=digits)

        texts = []
        if self.onep_taken_days is not False:
            texts.append(
                self.env._(
                    "%(taken)s days for %(promised)s promised",
                    taken=told(self.onep_taken_days, 1),
                    promised=told(self.onep_promised_days, 1),
                )
            )
        if self.onep_due_count:
            texts.append(
                counted(
                    self.onep_due_count,
                    self.env._(
                        "%(share)s %% of 1 line on time", share=told(100 * self.onep_on_time_rate)
                    ),
                    self.env._(
                        "%(share)s %% of %(count)s lines on time",
                        share=told(100 * self.onep_on_time_rate),
                        count=self.onep_due_count,
                    ),
                )
            )
        if self.onep_fill_rate is not False:
            texts.append(
                self.env._("%(share)s %% delivered", share=told(100 * self.onep_fill_rate))
            )
        if self.onep_price_drift is not False:
            texts.append(
                self.env._(
                    "billed %(drift)s %% off the price ordered",
                    drift=f"{'+' if self.onep_price_drift > 0 else ''}"
                    f"{told(100 * self.onep_price_drift, 1)}",
                )
            )
        return texts
