from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .onep_feed_source import FETCHED_CHANNELS

MIN_INTERVAL = timedelta(minutes=5)


class OnepFeedSchedule(models.Model):
    """When a feed's source is asked, and how old that makes its prices."""

    _inherit = "onep.supplier.feed"

    schedule = fields.Selection(
        [("none", "Only on demand"), ("interval", "Every…"), ("daily", "Every day at…")],
        string="How often",
        required=True,
        default="none",
    )
    interval_number = fields.Integer(string="Interval", default=1)
    interval_unit = fields.Selection(
        [("minutes", "minutes"), ("hours", "hours"), ("days", "days")],
        default="hours",
        required=True,
    )
    time_of_day = fields.Float(default=6.0, help="In the time zone beside it.")
    schedule_tz = fields.Selection(
        lambda self: [(name, name) for name in pytz.common_timezones],
        string="Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "Europe/Paris",
    )
    next_check_at = fields.Datetime(
        string="Next check", compute="_compute_next_check_at", store=True, index=True
    )
    fresh_at = fields.Datetime(
        string="Prices of",
        compute="_compute_freshness",
        help="When the prices were last imported, or found unchanged.",
    )
    freshness = fields.Selection(
        [("fresh", "Up to date"), ("ageing", "Ageing"), ("stale", "Out of date")],
        compute="_compute_freshness",
    )

    @api.depends(
        "schedule",
        "interval_number",
        "interval_unit",
        "time_of_day",
        "schedule_tz",
        "channel",
        "active",
        "is_suspended",
        "last_check_at",
    )
    def _compute_next_check_at(self):
        for feed in self:
            is_on = feed.active and not feed.is_suspended and feed.channel in FETCHED_CHANNELS
            feed.next_check_at = is_on and feed._get_next_check()

    def _get_next_check(self):
        """When the schedule asks for the next check, False for never."""
        now = fields.Datetime.now()
        if self.schedule == "interval":
            return self.last_check_at + self._get_interval() if self.last_check_at else now
        if self.schedule != "daily":
            return False
        zone = pytz.timezone(self.schedule_tz or "UTC")
        after = pytz.utc.localize(max(self.last_check_at or now, now)).astimezone(zone)
        minutes = round(self.time_of_day * 60) % (24 * 60)
        for days in (0, 1, 2):
            # naive local time first: a day is not always 24 hours
            local = after.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
            local += timedelta(days=days, minutes=minutes)
            moment = zone.normalize(zone.localize(local))
            if moment > after:
                return moment.astimezone(pytz.utc).replace(tzinfo=None)
        return False

    def _get_interval(self):
        interval = timedelta(**{self.interval_unit or "hours": max(self.interval_number, 0)})
        return max(interval, MIN_INTERVAL)

    @api.depends("last_import_id.state", "last_import_id.finished_at", "confirmed_at", "schedule")
    def _compute_freshness(self):
        """Prices age by the pace of their schedule, by weeks without one."""
        good = dict(
            self.env["onep.import"]._read_group(
                [("feed_id", "in", self.ids), ("state", "=", "done")],
                ["feed_id"],
                ["finished_at:max"],
            )
        )
        now = fields.Datetime.now()
        for feed in self:
            moments = [good.get(feed._origin), feed.confirmed_at]
            feed.fresh_at = max(filter(None, moments), default=False)
            period = timedelta(days=7)
            if feed.schedule == "daily":
                period = timedelta(days=1)
            elif feed.schedule == "interval":
                period = max(feed._get_interval(), timedelta(days=1))
            if not feed.fresh_at:
                feed.freshness = False
            elif now - feed.fresh_at <= 2 * period:
                feed.freshness = "fresh"
            else:
                feed.freshness = "ageing" if now - feed.fresh_at <= 4 * period else "stale"

    @api.constrains("schedule", "interval_number", "interval_unit", "time_of_day")
    def _check_schedule(self):
        for feed in self:
            interval = timedelta(**{feed.interval_unit: feed.interval_number})
            if feed.schedule == "interval" and interval < MIN_INTERVAL:
                raise ValidationError(
                    self.env._("A source is asked every 5 minutes at most: set a longer interval.")
                )
            if feed.schedule == "daily" and not 0 <= feed.time_of_day < 24:
                raise ValidationError(self.env._("The time of day is between 0:00 and 23:59."))

    @api.model
    def _cron_enqueue_checks(self):
        """One job for each feed whose time has come: one that fails stops no other."""
        due = self.search(
            [("next_check_at", "<=", fields.Datetime.now()), ("channel", "in", FETCHED_CHANNELS)]
        )
        for feed in due:
            feed.retry_count = 0
            feed._enqueue_check()
        self.browse()._settle_arrivals()
