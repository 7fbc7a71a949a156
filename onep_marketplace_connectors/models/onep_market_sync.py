import logging
from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError

from ..clients.errors import BadCredentials, MarketplaceError, RateLimited, RetryLater
from ..clients.retry import MAX_ATTEMPTS, backoff
from ..messages import error_message
from ..sql import marketplace_offer

_logger = logging.getLogger(__name__)


class OnepMarketSync(models.Model):
    """One update of a marketplace's offers: batch by batch, at the pace it allows.

    A run that meets a quota gives its worker back and goes on later with what is left.
    """

    _name = "onep.market.sync"
    _description = "Market Update"
    _inherit = "onep.run.mixin"
    _order = "id desc"

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="marketplace_id.company_id", store=True, index=True, default=None
    )
    platform = fields.Selection(related="marketplace_id.platform")
    is_demo = fields.Boolean(related="marketplace_id.is_demo")
    # one GTIN a line, while the run lasts; kept out of every read that does not ask for it
    asked_gtins = fields.Text(prefetch=False, copy=False, groups="base.group_system")
    attempt_count = fields.Integer(readonly=True, copy=False)
    asked_count = fields.Integer("EANs Asked", readonly=True, copy=False)
    found_count = fields.Integer("Found", readonly=True, copy=False)
    not_found_count = fields.Integer("Not Found", readonly=True, copy=False)
    priced_count = fields.Integer("With a Price", readonly=True, copy=False)
    new_count = fields.Integer("New", readonly=True, copy=False)
    changed_count = fields.Integer("Changed", readonly=True, copy=False)
    failed_count = fields.Integer("Refused", readonly=True, copy=False)
    offer_ids = fields.One2many("onep.marketplace.offer", "sync_id", "Market Offers")

    def action_retry(self):
        """Go on with what a failed or cancelled run left."""
        self.check_access("write")
        for sync in self.filtered(lambda sync: sync.state in ("failed", "cancelled")):
            sync.sudo().write({"state": "queued", "finished_at": False, "error_message": False})
            sync.marketplace_id.sudo().last_sync_id = sync
            sync.sudo()._enqueue()

    def action_view_offers(self):
        """Open the market offers this run read."""
        self.ensure_one()
        return self.marketplace_id.action_view_offers() | {"domain": [("sync_id", "=", self.id)]}

    def _enqueue(self):
        """Hand the run to the queue, once."""
        self.ensure_one()
        job = self.with_delay(
            description=self.env._("Market update of %(name)s", name=self.marketplace_id.name),
            identity_key=f"onep_market_sync-{self.id}",
        )._job_sync()
        self.write({"state": "queued", "job_uuid": getattr(job, "uuid", False)})
        self._notify_run()

    def _job_sync(self):
        """Read market offers until done, a quota is spent or something has to be mended."""
        self.ensure_one()
        run = self.sudo()
        with run._run_alone():
            if run.state not in ("queued", "running"):
                return self.env._("Nothing to do: this update is not waiting.")
            try:
                client = run.marketplace_id._get_client()
            except UserError as error:
                return run._stop(error.args[0])
            with client:
                return run._read_offers(client)

    def _read_offers(self, client):
        gtins = self._get_remaining_gtins()
        self._run_start(self.asked_count)
        while gtins:
            if self._run_is_cancelled():
                return self.env._("Cancelled.")
            asked, gtins = gtins[: client.batch_size], gtins[client.batch_size :]
            fetched = client.fetch(asked)
            self._store(fetched.batch)
            self.marketplace_id._remember(client.learned)
            self._run_progress(self.done_count + len(fetched.batch))
            if fetched.error:
                return self._pause_or_stop(fetched.error, bool(len(fetched.batch)))
        self._finish()
        return self.env._(
            "%(done)s EANs asked, %(priced)s with a price.",
            done=self.done_count,
            priced=self.priced_count,
        )

    def _store(self, batch):
        """Keep one batch of answers: COPY, upsert, counts."""
        if not len(batch):
            return
        self.env["onep.marketplace.offer"].flush_model()
        self.marketplace_id.flush_recordset()
        # to the microsecond: that is how a change is told from an older one
        now = datetime.now(UTC).replace(tzinfo=None)
        marketplace_id = self.marketplace_id.id
        self.env.cr.execute(marketplace_offer.drop_stage())
        self.env.cr.execute(marketplace_offer.create_stage())
        self.env.cr.copy_expert(marketplace_offer.copy_statement(), marketplace_offer.as_csv(batch))
        outcome = self.env.execute_query(
            marketplace_offer.upsert(marketplace_id, self.id, self.env.uid, now)
        )
        self.env.cr.execute(
            marketplace_offer.upsert_refused(marketplace_id, self.id, self.env.uid, now)
        )
        self.env["onep.marketplace.offer"].invalidate_model()
        states = list(batch.state)
        new_count = sum(is_new for is_new, _changed in outcome)
        refused = states.count("error")
        self.write(
            {
                "attempt_count": 0,
                "found_count": self.found_count + states.count("found") + states.count("no_price"),
                "not_found_count": self.not_found_count + states.count("not_found"),
                "failed_count": self.failed_count + refused,
                "issue_count": self.issue_count + refused,
                "priced_count": self.priced_count
                + len(states)
                - list(batch.buy_box_price_taxed).count(None),
                "new_count": self.new_count + new_count,
                "changed_count": self.changed_count
                + sum(changed for _new, changed in outcome)
                - new_count,
            }
        )

    def _pause_or_stop(self, error, has_answers):
        """Come back later when that may help, else end with what to do."""
        if not isinstance(error, RetryLater):
            return self._stop(error_message(self.env, error), error)
        attempts = 0 if has_answers or isinstance(error, RateLimited) else self.attempt_count + 1
        if attempts >= MAX_ATTEMPTS:
            return self._stop(
                self.env._(
                    "The marketplace has not answered %(count)s times in a row: %(cause)s The"
                    " offers read so far are kept. Press Resume when it is back.",
                    count=attempts,
                    cause=error_message(self.env, error),
                ),
                error,
            )
        seconds = max(error.seconds, backoff(attempts) if attempts else 0.0)
        message = error_message(self.env, error)
        self.write({"attempt_count": attempts})
        self._run_progress(self.done_count, phase=message)
        raise RetryableJobError(message, seconds=max(1, round(seconds)), ignore_retry=True)

    def _stop(self, message, error=None):
        """End badly; only this marketplace stops."""
        cause = error.rule if isinstance(error, MarketplaceError) else "setup"
        _logger.info("update %s of %s stopped: %s", self.id, self.marketplace_id, cause)
        self._run_fail(message)
        if error is None or isinstance(error, BadCredentials):
            self.marketplace_id._note_check(False, message)
            self.marketplace_id._warn_responsible(
                self.env._("Check the account of %(name)s", name=self.marketplace_id.name),
                message,
            )
        self._commit_progress()
        return message

    def _job_failed(self, *_args, **_kwargs):
        """Called by the queue when the job broke on something nobody foresaw."""
        self.sudo()._run_fail(
            self.env._(
                "The update broke on an unexpected error; the administrator finds it in the job."
                " The offers read so far are kept. Press Resume to go on."
            )
        )

    def _finish(self):
        self._run_finish(asked_gtins=False, done_count=self.asked_count)
        self.marketplace_id.sudo().write(
            {"last_sync_at": fields.Datetime.now(), "connection_state": "ok"}
        )
        self._after_sync()
        self._commit_progress()

    def _after_sync(self):
        """Something to do once market offers are fresh (hook)."""

    def _get_remaining_gtins(self):
        """GTINs asked for and not dealt with yet, in order."""
        asked = (self.sudo().asked_gtins or "").split()
        done = self.env.execute_query(
            marketplace_offer.select_synced(self.marketplace_id.id, self.id)
        )
        done = {gtin for (gtin,) in done}
        return [gtin for gtin in asked if gtin not in done]

    def _get_run_targets(self):
        return self.env.ref("onep_marketplace_connectors.group_connector_user")

    @api.model
    def _prepare_sync_vals(self, marketplace, gtins):
        gtins = list(dict.fromkeys(gtins))
        return {
            "name": self.env._(
                "%(marketplace)s, %(count)s EANs", marketplace=marketplace.name, count=len(gtins)
            ),
            "marketplace_id": marketplace.id,
            "asked_gtins": "\n".join(gtins),
            "asked_count": len(gtins),
            "total_count": len(gtins),
        }
