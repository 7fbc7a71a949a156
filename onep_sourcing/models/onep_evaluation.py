import io

import pyarrow as pa
from pyarrow import csv

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.onep_margin.engine.rate_card import RateCard
from odoo.addons.onep_marketplace_connectors.clients import gtin

from ..planning import deals
from ..sql import deal, opportunity

BATCH_DEALS = 100_000
SCOPES = [
    ("full", "Everything"),
    ("marketplace", "One marketplace"),
    ("import", "An import"),
    ("sync", "A market update"),
    ("offers", "Chosen offers"),
]


class OnepEvaluation(models.Model):
    """One margin and score run: supplier offers × marketplaces, by columns."""

    _name = "onep.evaluation"
    _inherit = ["onep.run.mixin"]
    _description = "Evaluation"
    _order = "id desc"

    company_id = fields.Many2one(required=True)
    scope = fields.Selection(SCOPES, required=True, default="full", readonly=True)
    import_id = fields.Many2one("onep.import", ondelete="set null", readonly=True)
    sync_id = fields.Many2one("onep.market.sync", ondelete="set null", readonly=True)
    marketplace_id = fields.Many2one("onep.marketplace", ondelete="set null", readonly=True)
    offer_ids = fields.Json(readonly=True, help="Ids of the supplier offers to price.")
    opportunity_count = fields.Integer(
        string="Written", readonly=True, help="Opportunities whose figures moved."
    )
    gone_count = fields.Integer(
        string="Archived", readonly=True, help="Opportunities whose offer has gone."
    )

    @api.model
    def _enqueue_for_import(self, import_record):
        """Price what an import changed, on every marketplace of its company."""
        return self._enqueue(
            "import",
            import_record.company_id,
            name=self.env._("After import of %(file)s", file=import_record.file_name or "/"),
            import_id=import_record.id,
        )

    @api.model
    def _enqueue_for_sync(self, sync):
        """Price the articles whose figures a market update saw move."""
        return self._enqueue(
            "sync",
            sync.company_id,
            name=self.env._("After update of %(name)s", name=sync.marketplace_id.name),
            sync_id=sync.id,
            marketplace_id=sync.marketplace_id.id,
        )

    @api.model
    def _enqueue_for_marketplace(self, marketplace):
        """Price every present offer on one marketplace."""
        return self._enqueue(
            "marketplace",
            marketplace.company_id,
            name=self.env._("All offers on %(name)s", name=marketplace.name),
            marketplace_id=marketplace.id,
        )

    @api.model
    def _enqueue_for_offers(self, offers):
        """Price chosen supplier offers, one run per company."""
        runs = self.browse()
        for company, own in offers.grouped("company_id").items():
            runs |= self._enqueue(
                "offers",
                company,
                name=self.env._("%(count)s chosen offers", count=len(own)),
                offer_ids=sorted(own.ids),
            )
        return runs

    @api.model
    def _enqueue_all(self, company):
        """Price every present offer of a company on every marketplace."""
        return self._enqueue("full", company, name=self.env._("All offers"))

    @api.model
    def _enqueue(self, scope, company, **vals):
        """Queue a run; one that waits for the same work already is given back instead."""
        Run = self.sudo()
        same = [(name, "=", value) for name, value in vals.items() if name.endswith("_id")]
        waiting = Run.browse()
        if scope != "offers":
            waiting = Run.search(
                [
                    ("state", "=", "queued"),
                    ("scope", "=", scope),
                    ("company_id", "=", company.id),
                    *same,
                ],
                limit=1,
            )
        if not waiting:
            waiting = Run.create({"scope": scope, "company_id": company.id, **vals})
            waiting._delay()
        return waiting.sudo(False)

    def _delay(self):
        """Hand the run to the queue, once."""
        self.ensure_one()
        job = self.with_delay(
            description=self.env._("Evaluation: %(name)s", name=self.name),
            identity_key=f"onep_evaluation-{self.id}",
        )._job_evaluate()
        self.write({"state": "queued", "job_uuid": getattr(job, "uuid", False)})

    def action_retry(self):
        """Start a failed or cancelled run again."""
        self.check_access("write")
        for run in self.filtered(lambda run: run.state in ("failed", "cancelled")):
            run.sudo().write({"done_count": 0, "opportunity_count": 0, "finished_at": False})
            run.sudo()._delay()

    @api.model
    def action_evaluate_all(self):
        """Price everything of the current company again."""
        self.check_access("create")
        return self._enqueue_all(self.env.company)._get_records_action()

    def _job_evaluate(self):
        """Price and score the deals of this run, a page of columns at a time."""
        self.ensure_one()
        run = self.sudo().with_company(self.company_id)
        with run._run_alone():
            if run.state not in ("queued", "running"):
                return self.env._("Nothing to do: this evaluation is not waiting.")
            return run._price_places()

    def _price_places(self):
        """Price this run's deals on each of its marketplaces; returns the outcome in words."""
        places = self.marketplace_id or self.env["onep.marketplace"]._get_priced(self.company_id)
        places = places.filtered("active")
        self._flush_sources()
        self._see_marks()
        counts = {place: self._count(place) for place in places}
        self._run_start(sum(counts.values()))
        done = 0
        for place in filter(counts.get, places):
            for size in self._evaluate(place):
                done += size
                self._run_progress(done, phase=place.name)
                if self._run_is_cancelled():
                    return self.env._("Cancelled.")
            self._take_snapshots(place)
        self._archive_gone()
        self._drop_idle_marks()
        self._run_finish(done_count=done, total_count=done)
        return self.env._("%(count)s deals priced", count=done)

    def _job_failed(self, *_args, **_kwargs):
        """Called by the queue when the job broke on something nobody foresaw."""
        self.sudo()._run_fail(
            self.env._(
                "The evaluation broke on an unexpected error; the administrator finds it in the "
                "job. The figures priced so far are kept. Press Retry to start again."
            )
        )

    def _flush_sources(self):
        """Bring to the tables what the statements of sql/deal.py read."""
        for name in (
            "onep.supplier.offer",
            "onep.product",
            "onep.marketplace",
            "onep.marketplace.offer",
            "onep.opportunity",
            "product.product",
            "product.supplierinfo",
            "res.partner",
        ):
            self.env[name].flush_model()

    def _get_scope(self, marketplace):
        """The offers this run prices on a marketplace, as a condition of select_deals."""
        if self.scope == "import":
            return deal.of_import(self.import_id.id, marketplace.id)
        if self.scope == "sync":
            return deal.of_sync(self.sync_id.id)
        if self.scope == "offers":
            return deal.of_offers(self.offer_ids or [])
        return deal.ALL

    def _count(self, marketplace):
        ((count,),) = self.env.execute_query(
            deal.count_deals(marketplace.id, self.company_id.id, self._get_scope(marketplace))
        )
        return count

    def _evaluate(self, marketplace):
        """Price the deals of one marketplace; yields the size of each page once stored."""
        card, category_index = marketplace.with_company(self.company_id)._get_engine_card()
        if card.is_missing:
            category_index = {}
        profile = marketplace._get_score_profile()._get_engine_profile()
        curves = marketplace._get_rank_curves(category_index)
        terms = self._get_terms(marketplace, card)
        sheet = self.env["onep.cost.sheet"]._get_engine_sheet()
        rotation = self._get_rotation()
        self._refresh_stability(marketplace)
        negotiated = self._get_negotiated()
        matches, kinds = {}, {}
        after_id = 0
        while True:
            columns = self._fetch_deals(marketplace, after_id, negotiated)
            size = len(columns["supplier_offer_id"])
            if not size:
                return
            after_id = int(columns["supplier_offer_id"][-1])
            categories = self._match_categories(marketplace, columns, category_index, matches)
            columns["units_per_month"] = self._get_units_per_month(columns["variant_id"], rotation)
            columns |= self._get_cost_columns(columns, sheet, kinds)
            columns |= self._get_demand_columns(columns, categories["category"], curves)
            priced = deals.evaluate(columns | categories, sheet, card, profile, terms)
            self._store(
                marketplace,
                card,
                {
                    "supplier_offer_id": columns["supplier_offer_id"],
                    "fee_category_id": categories["fee_category_id"],
                    **priced,
                },
            )
            self._drop_marks(marketplace)
            yield size
            if size < BATCH_DEALS:
                return

    def _get_terms(self, marketplace, card: RateCard):
        """What the company and the marketplace decide, for planning.deals."""
        company = self.company_id
        return deals.Terms(
            by_marketplace=marketplace.ships_by_marketplace,
            by_merchant=marketplace.ships_by_merchant,
            **marketplace._get_shipping_choice(card),
            adjustments=marketplace._get_adjustments(card),
            target_roi=company.margin_target_roi,
            target_margin_rate=company.onep_target_margin_rate,
            limits=company._get_flag_limits(),
            decimals=company.currency_id.decimal_places,
        )

    def _fetch_deals(self, marketplace, after_id, negotiated, quantity=None, scope=None):
        """A page of deals as numpy columns, straight from COPY.

        negotiated: ``planning.asked_price.PriceLists``
        quantity: units of each, raised to what the supplier sells; its smallest order when None
        scope: condition of ``select_deals``, that of this run when it is None
        """
        self.env.cr.execute(deal.prepare())
        company = self.company_id
        currencies = self.env["res.currency"].search([("active", "=", True)])
        rates = currencies._onep_get_rates(company)
        query = deal.select_deals(
            marketplace_id=marketplace.id,
            company_id=company.id,
            rates=list(rates.items()),
            country_id=marketplace.country_id.id or None,
            scope=self._get_scope(marketplace) if scope is None else scope,
            after_id=after_id,
            limit=BATCH_DEALS,
        )
        buffer = io.BytesIO()
        statement = SQL("COPY (%s) TO STDOUT WITH (FORMAT csv, HEADER)", query)
        self.env.cr.copy_expert(self.env.cr.mogrify(statement).decode(), buffer)
        buffer.seek(0)
        table = csv.read_csv(
            buffer,
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types={
                    "supplier_offer_id": pa.int64(),
                    "gtin": pa.string(),
                    **dict.fromkeys(deal.DEAL_NUMBERS, pa.float64()),
                    **dict.fromkeys(deal.DEAL_FLAGS, pa.bool_()),
                    **dict.fromkeys(deal.DEAL_WORDS, pa.string()),
                },
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        steps = [table[name].combine_chunks() for name in ("tier_quantities", "tier_prices")]
        table = table.drop_columns(["tier_quantities", "tier_prices"])
        columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
        columns |= self._get_price_columns(columns, steps, negotiated, rates, quantity)
        columns["is_restricted"] = gtin.restricted(columns.pop("gtin"))
        return columns

    def _store(self, marketplace, card, columns):
        """Columns → stage by COPY → opportunities, in one upsert."""
        cr = self.env.cr
        offers = columns["supplier_offer_id"]
        names = list(opportunity.STAGE_COLUMNS)
        arrays = [pa.array(columns[name], from_pandas=True) for name in names]
        integers = {"supplier_offer_id", "fee_category_id", "offer_currency_id", "pack_mismatch"}
        table = pa.table(
            [
                array.cast(pa.int64()) if name in integers else array
                for name, array in zip(names, arrays, strict=True)
            ],
            names=names,
        )
        buffer = io.BytesIO()
        csv.write_csv(table, buffer, csv.WriteOptions(include_header=False))
        buffer.seek(0)
        cr.execute(opportunity.create_stage())
        cr.copy_expert(cr.mogrify(opportunity.copy_stage(names)).decode(), buffer)
        cr.execute(opportunity.analyse_stage())
        cr.execute(
            opportunity.upsert(
                marketplace_id=marketplace.id,
                rate_card_id=int(card.ref.split(",")[1]) if card.ref else None,
                user_id=self.env.uid,
                evaluated_at=fields.Datetime.now(),
                offers=(int(offers.min()), int(offers.max())),
            )
        )
        self.opportunity_count += cr.rowcount
        self.env["onep.opportunity"].invalidate_model()

    def _archive_gone(self):
        """Opportunities whose offer has gone leave the list; picking lists keep them."""
        self.env.cr.execute(opportunity.deactivate_gone(self.company_id.id, self._get_archived()))
        self.gone_count = self.env.cr.rowcount
        self.env["onep.opportunity"].invalidate_model()

    def _get_archived(self):
        """The opportunities this run looks at for gone offers, as a condition of their update."""
        return deal.ALL

    def action_open_opportunities(self):
        """What buyers look at."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_sourcing.onep_opportunity_action"
        )
        domain = []
        if self.marketplace_id:
            domain = [("marketplace_id", "=", self.marketplace_id.id)]
        return action | {"domain": domain, "context": {}}

    def _get_run_targets(self):
        return self.env.ref("onep_sourcing.group_sourcing_user")
