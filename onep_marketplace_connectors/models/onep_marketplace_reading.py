import logging
from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError

from ..clients.errors import BadCredentials, MarketplaceError, RateLimited, RetryLater
from ..clients.retry import MAX_ATTEMPTS, backoff
from ..messages import error_message
from ..sql import listing_stage, marketplace_category, marketplace_listing

_logger = logging.getLogger(__name__)

KINDS = [
    ("offers", "Own offers"),
    ("stock", "Own stock"),
    ("categories", "Categories"),
]
#: More pages than any account has: a cursor that runs in a circle ends here.
MAX_PAGES = 10_000
#: A place in a listing does not keep: Amazon forgets it after 30 s. Then it starts over.
MAX_RESTARTS = 3


class OnepMarketplaceReading(models.Model):
    """One reading of what an account itself has at a marketplace: offers, stock, categories.

    Page by page; a reading that meets a quota gives its worker back and goes on where it was.
    """

    _name = "onep.marketplace.reading"
    _description = "Reading of an Account"
    _inherit = "onep.run.mixin"
    _order = "id desc"

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="marketplace_id.company_id", store=True, index=True, default=None
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    # where the marketplace was left; of no use to anybody but the job
    cursor = fields.Char(copy=False, groups="base.group_system")
    page_count = fields.Integer("Pages", readonly=True, copy=False)
    attempt_count = fields.Integer(readonly=True, copy=False)
    restart_count = fields.Integer(readonly=True, copy=False)
    new_count = fields.Integer("New", readonly=True, copy=False)
    gone_count = fields.Integer("Gone", readonly=True, copy=False)

    @api.depends("kind", "marketplace_id")
    def _compute_display_name(self):
        names = dict(self._fields["kind"]._description_selection(self.env))
        for reading in self:
            reading.display_name = f"{reading.marketplace_id.name}, {names.get(reading.kind)}"

    @api.model
    def _enqueue_for(self, marketplace, kinds):
        """Queue a reading of each kind; those under way are returned, their jobs seen to."""
        readings = self.sudo().browse()
        for kind in kinds:
            running = self.sudo().search(
                [
                    ("marketplace_id", "=", marketplace.id),
                    ("kind", "=", kind),
                    ("state", "in", ("queued", "running")),
                ],
                limit=1,
            )
            if not running:
                running = self.sudo().create(
                    {"marketplace_id": marketplace.id, "kind": kind, "name": kind}
                )
                running._enqueue()
            else:
                # whose job may have been lost: one that is there is not queued twice
                running._queue_job()
            readings |= running
        return readings.sudo(False)

    def action_retry(self):
        """Go on where a failed or cancelled reading stopped."""
        self.check_access("write")
        for reading in self.filtered(lambda reading: reading.state in ("failed", "cancelled")):
            vals = {"finished_at": False, "error_message": False, "attempt_count": 0}
            if not reading.sudo().cursor:
                # from the start
                vals |= {"page_count": 0, "done_count": 0, "new_count": 0}
            reading.sudo().write(vals)
            reading.sudo()._enqueue()

    def _enqueue(self):
        self.ensure_one()
        job = self._queue_job()
        self.write({"state": "queued", "job_uuid": getattr(job, "uuid", False)})
        self._notify_run()

    def _queue_job(self):
        """The job of this reading, on the channel of its account."""
        return self.with_delay(
            description=self.display_name,
            identity_key=f"onep_marketplace_reading-{self.id}",
            channel=self.marketplace_id._get_channel(),
        )._job_read()

    def _job_read(self):
        """Read page by page until the end, a spent quota, or something that has to be mended."""
        self.ensure_one()
        run = self.sudo()
        # one at a time for an account: offers and stock write the same lines
        with run._run_alone(run.marketplace_id.id):
            if run.state not in ("queued", "running"):
                return self.env._("Nothing to do: this reading is not waiting.")
            try:
                client = run.marketplace_id._get_client()
            except UserError as error:
                return run._stop(error.args[0])
            with client:
                try:
                    return run._read_pages(client)
                except MarketplaceError as error:
                    return run._pause_or_stop(error)

    def _read_pages(self, client):
        ask = {
            "offers": client.own_offers,
            "stock": client.own_stock,
            "categories": client.categories,
        }[self.kind]
        # the quotas of a marketplace never tell how many pages there are
        self._run_start(0)
        while self.page_count < MAX_PAGES:
            if self._run_is_cancelled():
                return self.env._("Cancelled.")
            page = ask(self.cursor or None)
            if page is None:
                return self._stop(self.env._("This marketplace does not give that."))
            self._store(page)
            # an empty page in the middle, or the same place again: it leads nowhere
            is_stuck = page.next and (page.next == self.cursor or not len(page))
            self.write(
                {
                    "cursor": False if is_stuck else page.next or False,
                    "page_count": self.page_count + 1,
                    "attempt_count": 0,
                }
            )
            self._run_progress(self.done_count + len(page))
            if not page.next:
                return self._finish()
            if is_stuck:
                break
        self.cursor = False
        return self._stop(
            self.env._(
                "The marketplace's list does not come to an end: it leads to the same place again"
                " or to an empty page. What was read is kept, nothing is marked as gone. Press"
                " Resume to read it again from its start."
            )
        )

    def _store(self, page):
        """Keep one page: COPY, upsert, counts."""
        if not len(page):
            return
        table = marketplace_category if self.kind == "categories" else marketplace_listing
        # to the microsecond: what a reading saw is told from what it did not
        now = datetime.now(UTC).replace(tzinfo=None)
        self.marketplace_id.flush_recordset()
        cr = self.env.cr
        cr.execute(listing_stage.drop(table.STAGE))
        cr.execute(listing_stage.create(table.STAGE, table.COLUMNS))
        cr.copy_expert(
            listing_stage.copy_statement(table.STAGE, table.COLUMNS),
            listing_stage.as_csv(page, table.COLUMNS),
        )
        scope = () if self.kind == "categories" else (self.kind,)
        outcome = self.env.execute_query(
            table.upsert(*scope, self.marketplace_id.id, self.env.uid, now)
        )
        self._invalidate()
        self.new_count += sum(is_new for (is_new,) in outcome)

    def _finish(self):
        """What was not met is gone; then the links between what was."""
        marketplace_id, uid = self.marketplace_id.id, self.env.uid
        now = datetime.now(UTC).replace(tzinfo=None)
        self.flush_recordset()
        if self.kind == "categories":
            gone = self.env.execute_query(
                marketplace_category.archive_gone(marketplace_id, self.started_at, uid, now)
            )
            self.env.cr.execute(marketplace_category.link_parents(marketplace_id))
            self.env.cr.execute(marketplace_category.write_paths(marketplace_id))
        else:
            gone = self.env.execute_query(
                marketplace_listing.mark_gone(self.kind, marketplace_id, self.started_at, uid, now)
            )
            self.env["onep.marketplace.offer"].flush_model(["gtin", "external_id"])
            self.env.cr.execute(marketplace_listing.complete_gtins(marketplace_id))
        self._invalidate()
        self._after_reading()
        self._run_finish(gone_count=len(gone), total_count=self.done_count)
        return self.env._(
            "%(count)s read, %(new)s new, %(gone)s gone.",
            count=self.done_count,
            new=self.new_count,
            gone=self.gone_count,
        )

    def _after_reading(self):
        """Something to do once own offers or categories are fresh (hook)."""

    def _pause_or_stop(self, error):
        """Come back later when that may help, else end with what to do."""
        is_expired = error.rule == "cursor-expired" or (
            # a marketplace that says so in words of its own
            self.cursor and not isinstance(error, (RetryLater, BadCredentials))
        )
        if is_expired and self.restart_count < MAX_RESTARTS:
            self.write(
                {
                    "cursor": False,
                    "restart_count": self.restart_count + 1,
                    "page_count": 0,
                    "new_count": 0,
                }
            )
            self._run_progress(0)
            raise RetryableJobError(error_message(self.env, error), seconds=1, ignore_retry=True)
        if isinstance(error, RetryLater) and not is_expired:
            attempts = 0 if isinstance(error, RateLimited) else self.attempt_count + 1
            if attempts < MAX_ATTEMPTS:
                message = error_message(self.env, error)
                seconds = max(error.seconds, backoff(attempts) if attempts else 0.0)
                self.attempt_count = attempts
                self._run_progress(self.done_count, phase=message)
                raise RetryableJobError(message, seconds=max(1, round(seconds)), ignore_retry=True)
        return self._stop(error_message(self.env, error), error)

    def _stop(self, message, error=None):
        """End badly; only this reading stops."""
        cause = error.rule if isinstance(error, MarketplaceError) else "setup"
        _logger.info("reading %s of %s stopped: %s", self.id, self.marketplace_id, cause)
        self._run_fail(message)
        if isinstance(error, BadCredentials) and error.rule != "missing-permission":
            self.marketplace_id._note_check(False, message)
            self.marketplace_id._warn_responsible(
                self.env._("Check the account of %(name)s", name=self.marketplace_id.name), message
            )
        self._commit_progress()
        return message

    def _job_failed(self, *_args, **_kwargs):
        """Called by the queue when the job broke on something nobody foresaw."""
        self.sudo()._run_fail(
            self.env._(
                "The reading broke on an unexpected error; the administrator finds it in the job."
                " What was read so far is kept. Press Resume to go on."
            )
        )

    def _invalidate(self):
        model = (
            "onep.marketplace.category" if self.kind == "categories" else "onep.marketplace.listing"
        )
        self.env[model].invalidate_model()

    def _get_run_targets(self):
        return self.env.ref("onep_marketplace_connectors.group_connector_user")
