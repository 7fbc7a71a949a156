from odoo import api, fields, models


class OnepSupplierOffer(models.Model):
    """The price of an offer over time, as its history tells it."""

    _inherit = "onep.supplier.offer"

    price_curve = fields.Json(
        string="Price over time",
        compute="_compute_price_curve",
        help="Periods that follow each other: [{start, end, state, price, currency_id, file}, …]. "
        "Times are UTC; a price of null is unknown.",
    )

    @api.depends("history_ids", "price_untaxed", "currency_id", "is_present", "first_seen_at")
    def _compute_price_curve(self):
        now = fields.Datetime.now()
        for offer in self:
            offer.price_curve = [
                {
                    **period,
                    "start": fields.Datetime.to_string(period["start"]),
                    "end": fields.Datetime.to_string(period["end"]),
                }
                for period in offer._get_price_periods(now)
            ]

    def _get_price_periods(self, now):
        """The price from the first file to now, in periods during which it stood still.

        state: listed; currency (listed, in another currency than today's); unknown (listed,
        without a known price); absent (not in the catalogue); unconfirmed (the last known price,
        which no file has repeated since)

        :param now: UTC, where the last period ends
        """
        self.ensure_one()
        changes = self.history_ids.sorted("id")
        repriced = changes.filtered(self._is_repriced)[:1]
        price, currency = self.price_untaxed, self.currency_id
        if repriced:
            price, currency = repriced.price_before, repriced.currency_before_id
        is_present = changes[0].kind != "returned" if changes else self.is_present
        start = self.first_seen_at or changes[:1].changed_at or self.create_date
        steps = [(start, self._get_price_state(price, currency, is_present, self.first_import_id))]
        for change in changes:
            if self._is_repriced(change):
                price, currency = change.price_after, change.currency_id
            is_present = change.kind != "gone"
            state = self._get_price_state(price, currency, is_present, change.import_id)
            steps.append((change.changed_at, state))
        return self._join_price_steps(steps, now)

    @api.model
    def _is_repriced(self, change):
        """Whether the price moved, to or from unknown included."""
        return change.price_before is not False or change.price_after is not False

    def _get_price_state(self, price, currency, is_present, run):
        """What is known of the price from an import on."""
        if not is_present:
            state = "absent"
        elif price is False:
            state = "unknown"
        else:
            state = "listed" if currency == self.currency_id else "currency"
        return {
            "state": state,
            "price": None if state in ("absent", "unknown") else price,
            "currency_id": currency.id,
            "file": run.file_name or False,
        }

    def _join_price_steps(self, steps, now):
        """Steps (time, state) → periods; steps at which only other columns moved are left out."""
        periods = []
        for at, step in steps:
            last = periods[-1] if periods else {}
            if any(step[name] != last.get(name) for name in ("state", "price", "currency_id")):
                if last:
                    last["end"] = at
                periods.append({**step, "start": at, "end": now})
        last = periods[-1]
        confirmed_at = self.feed_id.published_import_id.finished_at or self.last_seen_at or now
        if last["state"] == "listed" and confirmed_at < now:
            last["end"] = max(confirmed_at, last["start"])
            periods.append({**last, "start": last["end"], "end": now, "state": "unconfirmed"})
        return periods
