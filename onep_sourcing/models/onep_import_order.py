from odoo import api, fields, models
from odoo.exceptions import UserError

WAITS_RULE = "held-older"


class OnepImportOrder(models.Model):
    """Of a feed that sends changes only, none may be skipped: while a file waits for a person,
    those that came after it wait too, and follow by themselves once it is decided.
    """

    _inherit = "onep.import"

    waits_for_older = fields.Boolean(compute="_compute_waits_for_older")

    @api.depends("hold_reasons")
    def _compute_waits_for_older(self):
        for run in self:
            run.waits_for_older = any(
                entry["rule"] == WAITS_RULE for entry in run.hold_reasons or []
            )

    def unlink(self):
        feeds = self.feed_id
        result = super().unlink()
        self._release_waiting(feeds.exists())
        return result

    def action_cancel(self):
        result = super().action_cancel()
        self._release_waiting(self.feed_id)
        return result

    def _confirm(self, gone_policy):
        """What nobody has looked into yet cannot be confirmed."""
        if self.filtered(lambda run: run.state == "held" and run.waits_for_older):
            raise UserError(
                self.env._(
                    "Decide on the older file of this feed first; this one follows by itself."
                )
            )
        return super()._confirm(gone_policy)

    def _hold_behind_older(self):
        """Hold a file of changes while an older one of its feed is held; whether it is."""
        if self.feed_id.kind != "delta":
            return False
        older = [("feed_id", "=", self.feed_id.id), ("state", "=", "held"), ("id", "<", self.id)]
        if not self.search_count(older, limit=1):
            return False
        self._hold([{"rule": WAITS_RULE, "params": {}}])
        return True

    def _settle_older(self):
        """Told when this file is published: a full catalogue replaces older ones that are held."""
        if self.feed_id.kind == "full":
            self._cancel_older_held()
        self._release_waiting(self.feed_id)

    def _run_fail(self, message):
        self._release_waiting(self.feed_id)
        return super()._run_fail(message)

    @api.model
    def _release_waiting(self, feeds):
        """Queue the next file of each feed that waited for nothing but an older one."""
        for feed in feeds:
            held = self.sudo().search(
                [("feed_id", "=", feed.id), ("state", "=", "held")], order="id", limit=1
            )
            if held.waits_for_older:
                held.write({"hold_reasons": False})
                held._enqueue()
