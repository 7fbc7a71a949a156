from datetime import timedelta

from odoo import api, fields, models

from ..sql import dependent_deals, evaluation_mark
from ..unchecked_many2one import UncheckedMany2one

REASONS = [
    ("offer", "Supplier offers"),
    ("product", "Sizes and categories of articles"),
    ("supplier", "Suppliers"),
    ("negotiated", "Negotiated prices"),
    ("market", "Market prices"),
    ("marketplace", "Marketplace settings"),
    ("card", "Rate cards"),
    ("commission", "Commissions"),
    ("fulfilment", "Fulfilment fees"),
    ("carrier", "Carrier prices"),
    ("contribution", "Contributions"),
    ("vat", "VAT rates"),
    ("category", "Category names"),
    ("score", "Score profiles"),
    ("currency", "Exchange rates"),
    ("settings", "Company settings"),
    ("rule", "Other cost rules"),
]

#: When the dates of rules were last looked at.
NOTICED_PARAMETER = "onep_sourcing.rules_noticed_at"


class OnepEvaluationMark(models.Model):
    """A deal that waits to be priced again, and since when. Written by SQL alone, in sets."""

    _name = "onep.evaluation.mark"
    _description = "Deal to Price Again"
    _order = "since, id"
    _log_access = False

    # Without foreign keys, as one rule marks a million deals: a run drops the marks of deals that
    # are no more.
    supplier_offer_id = UncheckedMany2one("onep.supplier.offer", required=True)
    marketplace_id = UncheckedMany2one("onep.marketplace", required=True)
    company_id = UncheckedMany2one("res.company", required=True)
    reason = fields.Selection(REASONS, required=True)
    since = fields.Datetime(required=True)
    transaction_number = fields.Integer(
        required=True, help="Marks of one transaction are one: marks of two never meet."
    )

    _deal_transaction_unique = models.Constraint(
        "UNIQUE(marketplace_id, supplier_offer_id, transaction_number)",
        "A transaction marks a deal once.",
    )

    @api.model
    def _mark(self, deals, reason):
        """Mark deals and queue their pricing, once per company.

        deals: a select of ``sql.dependent_deals``
        reason: a key of ``REASONS``
        """
        self.env.flush_all()
        for company_id, _count in self.env.execute_query(evaluation_mark.mark(deals, reason)):
            self.env["onep.evaluation"]._enqueue_waiting(self.env["res.company"].browse(company_id))

    @api.model
    def _mark_scopes(self, scopes, reason):
        """Mark the deals of ``onep_margin.price_scope.PriceScope``."""
        if scopes:
            self._mark(self._select_scopes(scopes), reason)

    @api.model
    def _select_scopes(self, scopes):
        """Return the select of ``sql.dependent_deals`` for a set of ``PriceScope``."""
        texts = {}
        for scope in scopes:
            if scope.category_names is not None and scope.platform not in texts:
                self.env.flush_all()
                query = dependent_deals.category_texts(scope.platform)
                texts[scope.platform] = [text for (text,) in self.env.execute_query(query)]
        return dependent_deals.of_scopes(
            (scope, self._find_texts(scope, texts)) for scope in sorted(scopes, key=repr)
        )

    @api.model
    def _find_texts(self, scope, texts):
        """Return the category texts that the names of a scope may tell, of {platform: texts}."""
        if scope.category_names is None:
            return []
        names = self.env["onep.fee.category.map"]
        return names._find_texts(texts[scope.platform], scope.category_names)

    @api.model
    def _count_waiting(self, deals=None):
        """Number of deals that wait in the companies at hand, among ``deals`` when given."""
        self.env.flush_all()
        query = evaluation_mark.count_waiting(self.env.companies.ids, deals)
        return self.env.execute_query(query)[0][0]

    @api.model
    def _get_basis_models(self):
        """Return the names of the models that margins rest on."""
        mixin = self.env.registry["onep.price.basis.mixin"]
        return [
            name
            for name, model in self.env.registry.items()
            if issubclass(model, mixin) and not model._abstract
        ]

    @api.model
    def _cron_mark_due(self):
        """Mark what a new day moved without a change: rules and rates that begin or end.

        So are rules that an update of the addon loaded, when nobody was there to notice.
        """
        settings = self.env["ir.config_parameter"].sudo()
        now = fields.Datetime.now()
        last = fields.Datetime.to_datetime(settings.get_param(NOTICED_PARAMETER)) or now
        self._mark_begun_or_ended(
            fields.Datetime.context_timestamp(self, last).date(), fields.Date.context_today(self)
        )
        self._mark_loaded(last)
        settings.set_param(NOTICED_PARAMETER, fields.Datetime.to_string(now))
        self.env["onep.evaluation"]._enqueue_forgotten()

    @api.model
    def _mark_begun_or_ended(self, since, until):
        """Mark what one day prices otherwise than the other, by its rules and exchange rates."""
        if since >= until:
            return
        for name in self._get_basis_models():
            rules = self.env[name].sudo()._find_begun_or_ended(since, until)
            scopes = rules._get_price_scopes(since) | rules._get_price_scopes(until)
            rules._margins_outdated(scopes)
        self.env["product.supplierinfo"]._onep_mark_begun_or_ended(since, until)
        currencies = self.env["res.currency"]
        currencies._mark_moved_rates(
            currencies._get_rates_by_company(since), currencies._get_rates_by_company(until)
        )

    @api.model
    def _mark_loaded(self, since):
        """Mark what rests on rules that were loaded with the addon since an instant.

        Rows bear the time at which their transaction began: one that took up to an hour is seen.
        """
        since -= timedelta(hours=1)
        for name in self._get_basis_models():
            rules = self.env[name].sudo().with_context(active_test=False, onep_archived_too=True)
            if "origin" in rules._fields:
                loaded = rules.search([("origin", "=", "shipped"), ("write_date", ">", since)])
                loaded._margins_outdated(loaded._get_price_scopes())
