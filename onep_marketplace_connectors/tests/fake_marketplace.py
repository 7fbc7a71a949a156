"""A marketplace without a network, that says what a test tells it to."""

from odoo.addons.onep_marketplace_connectors.clients.base import Account, MarketplaceClient
from odoo.addons.onep_marketplace_connectors.clients.errors import ContractChanged
from odoo.addons.onep_marketplace_connectors.clients.records import (
    Answer,
    CandidateBatch,
    CheckReport,
    FeeBatch,
    FigureBatch,
    IdentityBatch,
    RightsBatch,
)
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, StepSpec

BATCHES = {
    Step.IDENTITY: IdentityBatch,
    Step.WIDE: FigureBatch,
    Step.DETAIL: FigureBatch,
    Step.RIGHTS: RightsBatch,
    Step.FEES: FeeBatch,
}
SILENT = {
    Step.WIDE: frozenset({"buy_box_seller", "buy_box_fulfilment", "lowest_price_taxed", "ranks"}),
    Step.DETAIL: frozenset({"sales_rank", "sales_rank_category", "ranks", "name", "url"}),
}


class FakeMarket:
    """What the fake marketplace knows, and what it was asked.

    rows: values of a GTIN by step; a GTIN without any is found at 20.00
    errors: to come, one per call: an error to give instead of an answer, or None
    poison: GTINs that spoil every answer they are in
    asked: (step, GTINs) of each call that was answered
    senseless: (step, count of GTINs) of each call that was spoilt
    """

    def __init__(self, steps=tuple(Step), batch_size=10):
        self.steps = {step: StepSpec(batch_size, {step.value: 1}) for step in steps}
        self.rows = {}
        self.candidates = []
        self.errors = []
        self.poison = set()
        self.asked = []
        self.senseless = []
        self.subjects = []

    def tell(self, gtin, step, **values):
        """What a GTIN is answered at a step, from now on."""
        self.rows.setdefault((gtin, step), {}).update(values)

    def row(self, gtin, step, external_id=None):
        """The answer about one GTIN."""
        usual = {
            Step.IDENTITY: {"external_id": f"B{gtin[-9:]}", "candidate_count": 1, "name": gtin},
            Step.WIDE: {"buy_box_price_taxed": 20.0, "offer_count": 3, "currency": "EUR"},
            Step.DETAIL: {"buy_box_price_taxed": 20.0, "buy_box_seller": "S1", "offer_count": 3},
            Step.RIGHTS: {"may_sell": "yes", "may_be_stored": "yes"},
            Step.FEES: {"price_taxed": 20.0, "total_fee": 5.0, "currency": "EUR"},
        }[step]
        values = usual | self.rows.get((gtin, step), {})
        return {"gtin": gtin, "state": "found", "external_id": external_id} | values

    def client(self):
        """A client on this market."""
        return FakeClient(self)


class FakeClient(MarketplaceClient):
    """The contract on a :class:`FakeMarket`."""

    platform = "fake"

    def __init__(self, market):
        super().__init__(Account("fake"))
        self.market = market

    def steps(self):
        return self.market.steps

    def _check(self):
        return CheckReport()

    def _ask_step(self, draft):
        raise NotImplementedError

    def ask(self, step, subjects):
        market = self.market
        market.subjects.append(subjects)
        size = market.steps[step].batch_size
        rows, error = [], None
        left = list(subjects.gtin)
        known = dict(zip(subjects.gtin, subjects.external_id, strict=True))
        while left and error is None:
            error = market.errors.pop(0) if market.errors else None
            if error is None and market.poison.intersection(left[:size]):
                market.senseless.append((step, len(left[:size])))
                error = ContractChanged(operation=step.value, detail="not readable")
            if error is None:
                part, left = left[:size], left[size:]
                market.asked.append((step, tuple(part)))
                rows += [market.row(gtin, step, known[gtin]) for gtin in part]
        others = {"silent": SILENT[step]} if step in SILENT else {}
        rows = [
            {name: value for name, value in row.items() if name not in others.get("silent", ())}
            for row in rows
        ]
        answered = {row["gtin"] for row in rows}
        candidates = [row for row in market.candidates if row["gtin"] in answered]
        return Answer(
            step,
            BATCHES[step].from_rows(rows, **others),
            CandidateBatch.from_rows(candidates) if step is Step.IDENTITY else None,
            tuple(left),
            error,
        )
