from odoo import api, fields, models, tools

from ..engine.cost_sheet import DOMESTIC, UNION, CostSheet

#: Countries that are in the customs union of the European Union without being members.
CUSTOMS_UNION = ("MC", "AD", "SM")


class OnepCostSheet(models.AbstractModel):
    """Every rule of the cost side, handed to the engine; see ``engine.cost_sheet``."""

    _name = "onep.cost.sheet"
    _description = "Cost Sheet"

    @api.model
    def _get_engine_sheet(self, on_date=None):
        """Return the ``CostSheet`` of the current company on a day; today when not given.

        Built once per registry, and again when terms, duties, contributions, safety margins,
        exchange rates, or a setting of the company change.
        """
        on_date = fields.Date.to_date(on_date) or fields.Date.context_today(self)
        return self._build_engine_sheet(on_date, self.env.company.id)

    @api.model
    @tools.ormcache("on_date", "company_id")
    def _build_engine_sheet(self, on_date, company_id):
        """Read every row in force and hand it to the engine; see ``_get_engine_sheet``."""
        # Kinds of article are known by their untranslated names.
        env = self.sudo().with_context(lang="en_US", active_test=True).env
        company = env["res.company"].browse(company_id)
        currencies = env["res.currency"].search([("active", "=", True)]) | company.currency_id
        rates = currencies._onep_get_rates(company, on_date)
        margins = env["onep.currency.margin"]._get_margins(on_date, company)
        return CostSheet.from_rows(
            currencies=[
                {
                    "id": currency.id,
                    "code": currency.name,
                    "rate": rates[currency.id],
                    **self._prepare_safety(margins.get(currency.id), currency, company),
                }
                for currency in currencies
            ],
            suppliers=env["onep.supplier.terms"]._prepare_engine_rows(on_date, company, rates),
            usual=company._prepare_margin_usual_terms(),
            countries=self._get_supplies(env, company.country_id),
            duties=env["onep.customs.duty"]._prepare_engine_rows(on_date, company, rates),
            contributions=env["onep.contribution"]._prepare_engine_rows(
                company.country_id, on_date, rates
            ),
            receiving_cost=company.margin_receiving_cost,
            preparation_cost=company.margin_preparation_cost,
        )

    @api.model
    def _prepare_safety(self, margin, currency, company):
        """Return the safety margin of a currency; our own currency does not move."""
        if not margin or currency == company.currency_id:
            return {}
        return {"safety_margin": margin.safety_margin, "ref": f"{margin._name},{margin.id}"}

    @api.model
    def _get_supplies(self, env, home):
        """Return where suppliers of each country stand; those that are absent are imports.

        A company without a country imports from nobody.
        """
        if not home:
            return dict.fromkeys(env["res.country"].search([]).ids, DOMESTIC)
        union = env.ref("base.europe").country_ids
        union |= env["res.country"].search([("code", "in", CUSTOMS_UNION)])
        near = union if home in union else home
        return dict.fromkeys(near.ids, UNION) | {home.id: DOMESTIC}
