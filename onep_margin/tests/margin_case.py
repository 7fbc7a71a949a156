"""Builders for the tests on models."""

from odoo import fields
from odoo.tests import TransactionCase, tagged


@tagged("standard", "post_install", "-at_install")
class MarginCase(TransactionCase):
    """A French company that counts in euros, with the shipped fee data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.france = cls.env.ref("base.fr")
        cls.company = cls.env["res.company"].create(
            {"name": "Revendeur", "currency_id": cls.euro.id, "country_id": cls.france.id}
        )
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))
        cls.company = cls.company.with_env(cls.env)
        cls.today = fields.Date.to_date("2026-11-23")
        cls.RateCard = cls.env["onep.rate.card"]
        cls.amazon = cls.env.ref("onep_margin.rate_card_amazon_fr").with_env(cls.env)
        cls.toys = cls.env.ref("onep_margin.fee_category_amazon_toys").with_env(cls.env)

    def engine_card(self, platform="amazon", on_date=None):
        """Return the engine card and its index of categories for France."""
        return self.RateCard._get_engine_card(platform, self.france, on_date or self.today)

    def new_card(self, **vals):
        """Create a rate card with one category and one commission of 10 %."""
        card = self.RateCard.create(
            {
                "name": "Test card",
                "platform": "fnac",
                "country_id": self.env.ref("base.be").id,
                "currency_id": self.euro.id,
                "valid_from": "2026-01-01",
            }
            | vals
        )
        category = self.env["onep.fee.category"].create(
            {"platform": card.platform, "name": f"Category of {card.name}"}
        )
        self.env["onep.rate.card.line"].create(
            {"card_id": card.id, "category_id": category.id, "rate": 0.1}
        )
        return card
