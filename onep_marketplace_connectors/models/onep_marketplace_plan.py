from datetime import UTC, datetime, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..clients.errors import MarketplaceError
from ..clients.steps import Step
from ..messages import error_message
from ..sql import market_task, marketplace_offer

VOLATILE_DAYS = 30
# a sweep started by hand in the evening goes on into the night
LEAST_ROOM_SECONDS = 6 * 3600


class OnepMarketplace(models.Model):
    """What is worth asking a marketplace, which step takes what, and what fits in the quotas."""

    _inherit = "onep.marketplace"

    def _get_wanted(self):
        """A SELECT of (gtin, bonus) worth asking for (hook): here, those already known.

        bonus: from 0 to 100, how near its threshold a decision on this product is
        """
        self.ensure_one()
        return SQL(
            "SELECT gtin, 0.0 AS bonus FROM onep_marketplace_offer WHERE marketplace_id = %s",
            self.id,
        )

    def _get_due(self, wanted, steps, *, everything=False):
        """The SELECT of what is to be asked; see sql/market_task.py."""
        now = fields.Datetime.now()
        hours = self.price_max_age_hours or 24
        ages = market_task.Ages(
            identity_since=now - timedelta(days=self.identity_max_age_days or 30),
            price_since=now - timedelta(hours=hours),
            volatile_since=now - timedelta(days=VOLATILE_DAYS),
            price_hours=hours,
        )
        return market_task.select_due(
            self.id, wanted, ages, has_identity=Step.IDENTITY in steps, everything=everything
        )

    def _get_gates(self, steps):
        """Which offers go into each step after the first: (step, condition), in funnel order.

        Conditions speak of market offer o and task t.
        """
        price = marketplace_offer.selling_price()
        since = fields.Datetime.now() - timedelta(days=self.identity_max_age_days or 30)
        own = {
            Step.WIDE: SQL("o.external_id IS NOT NULL AND o.state NOT IN ('not_found', 'error')"),
            Step.DETAIL: SQL("o.state = 'found'"),
            Step.RIGHTS: SQL(
                "o.state IN ('found', 'no_price') AND (o.rights_at IS NULL OR o.rights_at < %s"
                " OR t.urgency = %s)",
                since,
                market_task.URGENT,
            ),
            Step.FEES: SQL(
                "o.state = 'found' AND %(price)s IS NOT NULL"
                " AND (o.fees_at IS NULL OR o.fees_at < %(since)s"
                " OR o.fee_price_taxed IS DISTINCT FROM %(price)s)",
                price=price,
                since=since,
            ),
        }
        return [
            (
                step.value,
                own[step]
                if step is Step.WIDE
                else SQL("(%s) AND (%s)", own[step], self._get_survivors(step)),
            )
            for step in Step
            if step in steps and step in own
        ]

    def _get_survivors(self, step):
        """Condition over market offer o and task t: worth this dear step (hook).

        Here only a person's own questions go as far as rights and fees.
        """
        if step is Step.DETAIL:
            return SQL("TRUE")
        return SQL("t.urgency = %s", market_task.URGENT)

    def _get_steps(self):
        """The steps this account can be asked for now, and the quotas they take.

        Raises UserError when the account is not set up.
        """
        try:
            with self._get_client() as client:
                return dict(client.steps()), self._get_present_limits()
        except MarketplaceError as error:
            raise UserError(error_message(self.env, error)) from None

    def _count_due(self, due, steps):
        """How many GTINs a sweep would ask at each step; unread ones are taken for survivors in
        the share of those that were read."""
        gates = [gate for gate in self._get_gates(steps) if gate[0] != Step.WIDE]
        ((identity, every, read, *passing),) = self.env.execute_query(
            market_task.count_due(self.id, due, gates)
        )
        counts = {"all": every, Step.WIDE.value: every}
        if Step.IDENTITY in steps:
            counts[Step.IDENTITY.value] = identity
        for (step, _gate), count in zip(gates, passing, strict=True):
            share = count / read if read else float(step == Step.DETAIL)
            counts[step] = count + round((every - read) * share)
        return counts

    @api.model
    def _get_seconds(self, counts, steps, limits):
        """Time that each operation takes for these counts at the quotas of now [s]."""
        seconds = {}
        for step, spec in steps.items():
            for operation, needed in spec.seconds(counts.get(step.value, 0), limits).items():
                seconds[operation] = seconds.get(operation, 0.0) + needed
        return seconds

    def _get_room_today(self, counts, steps, limits):
        """How many GTINs of a sweep fit in the quota left today, None when all do."""
        every = counts["all"]
        left = self._get_seconds_left_today()
        longest = max(self._get_seconds(counts, steps, limits).values(), default=0.0)
        if longest <= left:
            return None
        low, high = 0, every
        while low < high:
            middle = (low + high + 1) // 2
            part = {step: count * middle / every for step, count in counts.items()}
            fits = max(self._get_seconds(part, steps, limits).values(), default=0.0) <= left
            low, high = (middle, high) if fits else (low, middle - 1)
        return low

    def _get_seconds_left_today(self):
        zone = pytz.timezone(self.user_id.tz or self.env.user.tz or "UTC")
        now = datetime.now(UTC).astimezone(zone)
        left = (24 - now.hour) * 3600 - now.minute * 60 - now.second
        return max(left, LEAST_ROOM_SECONDS)
