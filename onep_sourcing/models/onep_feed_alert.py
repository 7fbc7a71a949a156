from datetime import timedelta

from odoo import fields, models
from odoo.tools import plaintext2html

ALERT_PARAMETER = "onep_sourcing.feed_alert_after"
ALERT_AFTER = 3
#: Sources asked no more often than this may not fail twice before a person knows.
RARE_INTERVAL = timedelta(hours=12)


class OnepFeedAlert(models.Model):
    """Who is told what came of a check, and how."""

    _inherit = "onep.supplier.feed"

    alert_activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null"
    )

    def _get_alert_after(self):
        """Failed checks in a row after which a person is told: one when the next is a day away."""
        if self.schedule == "daily" or (
            self.schedule == "interval" and self._get_interval() >= RARE_INTERVAL
        ):
            return 1
        value = self.env["ir.config_parameter"].sudo().get_param(ALERT_PARAMETER)
        return int(value) if value and value.isdigit() and int(value) else ALERT_AFTER

    def _alert(self):
        """A to-do for the responsible, one at a time."""
        if self.alert_activity_id:
            return
        person = self._get_responsible()
        words = self.with_context(lang=person.lang, tz=person.tz)
        self.alert_activity_id = self.activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=person.id,
            summary=words.env._("No file comes from %(feed)s", feed=self.name),
            note=plaintext2html(words.check_text),
        )

    def _tell_check(self, kind):
        """Open screens follow; a word to whoever pressed “Fetch now”, as scheduled checks disturb
        nobody.
        """
        self.env.ref("onep_sourcing.group_sourcing_user")._bus_send(
            "onep/feed_check", {"id": self.id}
        )
        user = self.env.user
        if user.share or user.id == self.env.ref("base.user_root").id or self.retry_count > 1:
            return
        user._bus_send(
            "simple_notification",
            {"type": kind, "title": self.name, "message": self.check_text or ""},
        )
