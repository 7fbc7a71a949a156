from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

# a server that was down at the hour sweeps when it is back, but not by day
SWEEP_WINDOW = timedelta(hours=5)


class OnepMarketplace(models.Model):
    """The nightly sweep: when it is due."""

    _inherit = "onep.marketplace"

    is_swept = fields.Boolean(
        "Read Every Night", default=True, help="Ask what is due, most valuable first."
    )
    sweep_hour = fields.Integer(
        "At", default=2, help="Hour of the day, from 0 to 23, where the responsible person is."
    )
    last_sweep_at = fields.Datetime("Last Sweep", readonly=True, copy=False)

    _sweep_hour_of_day = models.Constraint(
        "CHECK(sweep_hour BETWEEN 0 AND 23)", "The hour of the sweep is between 0 and 23."
    )

    @api.model
    def _cron_sweep(self):
        """Start the sweeps that are due at this hour; one that cannot start says so alone."""
        for marketplace in self.search([("is_swept", "=", True)]):
            if not marketplace._is_sweep_due():
                continue
            # also one that cannot start: not once more each hour
            marketplace.last_sweep_at = fields.Datetime.now()
            try:
                marketplace._sync()
            except UserError as error:
                marketplace._note_pause(error.args[0])
            self.env["ir.cron"]._commit_progress(1)

    def _is_sweep_due(self):
        """Whether the hour of this account's sweep came and none began since."""
        self.ensure_one()
        now = fields.Datetime.now()
        slot = self._get_sweep_slot(now)
        is_begun = self.last_sweep_at and self.last_sweep_at >= slot
        return self.is_configured and now - slot < SWEEP_WINDOW and not is_begun

    def _get_sweep_slot(self, now):
        """When the latest nightly sweep was due, as of now (both UTC).

        An hour that the change of the clocks leaves out comes with the next one.
        """
        zone = pytz.timezone(self.user_id.tz or self.env.user.tz or "UTC")
        today = pytz.utc.localize(now).astimezone(zone).date()
        for day in (today, today - timedelta(days=1)):
            at = zone.localize(datetime.combine(day, time(self.sweep_hour)))
            slot = at.astimezone(pytz.utc).replace(tzinfo=None)
            if slot <= now:
                break
        return slot
