from odoo import api, models
from odoo.tools import format_datetime

from odoo.addons.onep_margin.wizards.onep_fee_gap import Place


class OnepFeeGap(models.TransientModel):
    """What is missing for the marketplaces that are open and the articles offered on them."""

    _inherit = "onep.fee.gap"

    @api.model
    def _get_places(self):
        places = {}
        for marketplace in self.env["onep.marketplace"].sudo()._get_priced(self.env.company):
            key = marketplace.platform, marketplace.country_id, marketplace.operator_name
            platform, country, operator = key
            places.setdefault(key, Place(platform, country, marketplace.name, operator))
        return list(places.values())

    @api.model
    def _count_used_categories(self, place):
        counts = (
            self.env["onep.opportunity"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", self.env.company.id),
                    ("fee_category_id", "!=", False),
                    ("marketplace_id.platform", "=", place.platform),
                    ("marketplace_id.country_id", "=", place.country.id),
                    ("marketplace_id.operator_name", "=", place.operator or False),
                ],
                ["fee_category_id"],
                ["__count"],
            )
        )
        return {category.id: count for category, count in counts}

    def _prepare_currency_gaps(self, currencies, today):
        """Add the currencies of the offers, and a source of rates that fails."""
        company = self.env.company
        offered = self.env["res.currency"].browse(
            currency.id
            for (currency,) in self.env["onep.supplier.offer"]
            .sudo()
            ._read_group(
                [("company_id", "=", company.id), ("currency_id", "!=", False)], ["currency_id"]
            )
        )
        gaps = super()._prepare_currency_gaps(currencies | offered, today)
        failing = (
            self.env["res.currency.rate.provider"]
            .sudo()
            .search([("company_id", "=", company.id), ("onep_failure", "!=", False)])
        )
        return gaps + [
            self._prepare_gap(
                "2_soon",
                "currency",
                self.env._(
                    "%(provider)s could not be read on %(day)s, the last known rates are used: "
                    "%(failure)s",
                    provider=provider.name,
                    day=format_datetime(self.env, provider.onep_failed_at),
                    failure=provider.onep_failure,
                ),
                provider,
            )
            for provider in failing
        ]
