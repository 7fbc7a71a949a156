"""A marketplace account on a fake marketplace, for tests of the funnel."""

from odoo import fields

from odoo.addons.onep_marketplace_connectors.clients.steps import Step
from odoo.addons.queue_job.exception import RetryableJobError

from .fake_marketplace import FakeMarket
from .market_case import MarketplaceCase, gtins


class FunnelCase(MarketplaceCase):
    """One account whose client is fake; the other accounts stay on the simulator."""

    def setUp(self):
        super().setUp()
        self.place = self.make_marketplace("amazon", name="Fake")
        self.market = FakeMarket()
        usual = type(self.place)._get_client
        test = self

        def get_client(place):
            return test.market.client() if place.id == test.place.id else usual(place)

        self.patch(self.env.registry["onep.marketplace"], "_get_client", get_client)

    def asked(self, step):
        """GTINs asked at a step, in the order of asking."""
        return [gtin for one, part in self.market.asked if one == step for gtin in part]

    def offer(self, gtin):
        """The market offer of a GTIN, as it is in the database."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["onep.marketplace.offer"].search(
            [("marketplace_id", "=", self.place.id), ("gtin", "=", gtin)]
        )

    def age(self, offers, **interval):
        """As if these offers had been read so long ago."""
        self.env.flush_all()
        days = interval.get("days", 0) + interval.get("hours", 0) / 24
        shift = f"- interval '{days} days'"
        self.env.cr.execute(
            f"UPDATE onep_marketplace_offer SET fetched_at = fetched_at {shift},"
            f" identified_at = identified_at {shift}, changed_at = changed_at {shift},"
            f" rights_at = rights_at {shift}, fees_at = fees_at {shift} WHERE id = ANY(%s)",
            [offers.ids],
        )
        self.env.cr.execute(
            "UPDATE onep_marketplace_offer_history SET"
            f" first_seen_at = first_seen_at {shift}, last_seen_at = last_seen_at {shift}"
            " WHERE offer_id = ANY(%s)",
            [offers.ids],
        )
        self.env.invalidate_all()

    def look(self, gtin, **figures):
        """Ask one GTIN now, with these figures of the wide and the detailed call."""
        self.market.tell(gtin, Step.WIDE, **figures)
        self.market.tell(gtin, Step.DETAIL, **figures)
        self.sync(self.place, [gtin])
        return self.offer(gtin)

    def gates(self, run):
        """Counts of a run by step: (answered, found, went on, stopped here)."""
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            line.step: (
                line.asked_count,
                line.found_count,
                line.passed_count,
                line.ended_count,
            )
            for line in run.funnel_ids
        }

    def known(self, count, **values):
        """Offers that were read two days ago, cheapest to ask again."""
        offers = self.env["onep.marketplace.offer"].create(
            [
                {
                    "marketplace_id": self.place.id,
                    "gtin": gtin,
                    "external_id": f"B{gtin[-9:]}",
                    "state": "found",
                    "fetched_at": fields.Datetime.now(),
                    "identified_at": fields.Datetime.now(),
                    **values,
                }
                for gtin in gtins(count)
            ]
        )
        self.age(offers, days=2)
        return offers

    def shifts(self, run, count=30):
        """Let worker 0 come back, each time as if the pause were over, until the run ends."""
        for _shift in range(count):
            try:
                self.place._job_ask(0)
            except RetryableJobError:
                self.env.flush_all()
                self.env.cr.execute("UPDATE onep_market_task SET not_before = NULL")
            self.env.invalidate_all()
            if run.state not in ("queued", "running"):
                break
