import base64
import tempfile
from pathlib import Path

from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module
from odoo.tools import SQL

from odoo.addons.onep_marketplace_connectors.clients.retry import backoff
from odoo.addons.queue_job.exception import RetryableJobError

from ..channels import selection
from ..channels.errors import (
    ChannelError,
    ContractChanged,
    NeedsPerson,
    RetryLater,
    SourceNotFound,
    TooLarge,
)
from .channel_messages import get_channel_message
from .onep_feed_source import FETCHED_CHANNELS

#: Namespace of the advisory locks that keep one check per feed at a time.
CHECK_LOCK = 0x0E02
#: Tries after the first within one check; the next scheduled check begins anew.
MAX_RETRIES = 4
#: Longest wait that a server may ask for [s].
MAX_WAIT_S = 6 * 3600
#: What a check says when a person has to look at a file.
WAITING_RULES = {"file-held", "file-waits", "import-waits"}
#: What it says of a file that came to nothing for what it holds.
REFUSAL_RULES = {"file-refused", "refused-before"}


class OnepFeedCheck(models.Model):
    """One look at a feed's source: what came of it, and what follows.

    A failing source concerns its own feed only: it is shown there, tried again with growing
    waits, and its responsible is told when it lasts.
    """

    _inherit = "onep.supplier.feed"

    is_suspended = fields.Boolean(
        readonly=True, copy=False, help="Until someone corrects what the last check says."
    )
    last_check_at = fields.Datetime(string="Last check", readonly=True, copy=False)
    check_state = fields.Selection(
        [
            ("running", "Looking"),
            ("ok", "Works"),
            ("waiting", "To check"),
            ("retry", "Trying again"),
            ("failed", "Failed"),
        ],
        readonly=True,
        copy=False,
    )
    check_entries = fields.Json(readonly=True, copy=False)
    check_text = fields.Text(string="Result", compute="_compute_check_text")
    failure_count = fields.Integer(string="Failures in a row", readonly=True, copy=False)
    retry_count = fields.Integer(readonly=True, copy=False)

    @api.depends("check_entries")
    @api.depends_context("lang", "tz")
    def _compute_check_text(self):
        for feed in self:
            feed.check_text = "\n".join(
                get_channel_message(self.env, entry) for entry in feed.check_entries or []
            )

    def write(self, vals):
        """Corrected settings deserve another try."""
        result = super().write(vals)
        if vals.keys() & self._get_source_fields():
            self._resume_checks()
        return result

    def _resume_checks(self):
        """End a suspension; the schedule goes on."""
        self.filtered("is_suspended").sudo().write({"is_suspended": False, "failure_count": 0})

    def action_fetch_now(self):
        """Ask the source now, beside the screen."""
        self.check_access("write")
        for feed in self:
            if feed.channel not in FETCHED_CHANNELS:
                raise UserError(
                    self.env._(
                        "Files of %(feed)s are not fetched: %(channel)s.",
                        feed=feed.name,
                        channel=dict(feed._fields["channel"]._description_selection(self.env))[
                            feed.channel
                        ],
                    )
                )
            feed.sudo().write({"check_state": "running", "retry_count": 0})
            feed._hurry_check()
            feed._enqueue_check()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "The source is being asked. You are told what came of it; you can go on "
                    "working meanwhile."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _get_check_key(self):
        return f"onep_feed_check-{self.id}"

    def _hurry_check(self):
        """A check that waits for its next try comes at once."""
        self.env["queue.job"].sudo().search(
            [
                ("identity_key", "=", self._get_check_key()),
                ("state", "=", "pending"),
                ("eta", "!=", False),
            ]
        ).eta = False

    def _enqueue_check(self):
        """Hand the check to the queue, once."""
        self.ensure_one()
        return (
            self.with_company(self.company_id)
            .with_delay(
                identity_key=self._get_check_key(),
                description=self.env._("Check of %(feed)s", feed=self.name),
            )
            ._job_check()
        )

    def _job_check(self):
        """Ask the source and take what is new."""
        self.ensure_one()
        feed = self.with_company(self.company_id)
        if not feed.active or feed.channel not in FETCHED_CHANNELS:
            return self.env._("Nothing to do.")
        if not feed._lock_check():
            return self.env._("Nothing to do: this feed is being checked already.")
        try:
            entries = feed._ask_source()
        except ChannelError as error:
            return feed._check_failed(error)
        except UserError as error:
            return feed._note_failure({"rule": "file-unreadable", "params": {"detail": str(error)}})
        finally:
            feed._unlock_check()
        return feed._check_succeeded(entries)

    def _job_check_failed(self, *_args, **_kwargs):
        """Called by the queue when the job broke on something nobody foresaw."""
        self._note_failure({"rule": "broken", "params": {}})

    def _lock_check(self):
        """Session-level advisory lock: it outlives the commits of the check."""
        ((locked,),) = self.env.execute_query(
            SQL("SELECT pg_try_advisory_lock(%s, %s)", CHECK_LOCK, self.id)
        )
        return locked

    def _unlock_check(self):
        cr = self.env.cr
        if cr.closed:
            return
        if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            # an aborted transaction would keep the lock, and hide what aborted it
            cr.rollback()
        self.env.execute_query(SQL("SELECT pg_advisory_unlock(%s, %s)", CHECK_LOCK, self.id))

    def _ask_source(self):
        """Look, choose, fetch, hand over; each file is safe before the next one is touched.

        :return: entries of what happened
        """
        source = self.sudo()
        with source._open_channel() as channel, tempfile.TemporaryDirectory() as folder:
            there = channel.look()
            source._learn_host_key(channel)
            source._release_refusals()
            state = source._get_usable_state()
            is_listing = source.channel in ("sftp", "ftp", "folder")
            if is_listing:
                files = selection.choose(
                    there, source.file_pattern, state, source.source_newest_only
                )
                entries = source._describe_refused_files(source._get_wanted(there), state)
            else:
                files, entries = there, []
            if not files and not entries:
                entries.append(source._describe_nothing_new(there, state))
            for file in files:
                try:
                    local = source._fetch(channel, file, Path(folder) / "file", state)
                except (TooLarge, ContractChanged) as error:
                    if not error.mark and not (is_listing and isinstance(error, TooLarge)):
                        raise
                    # what is wrong with one file is no reason to leave those after it
                    state = source._refuse(file, state, error)
                    entries.append(source._describe_refusal(file, error))
                    self._commit_check()
                    continue
                if local is None:
                    entries.append(source._describe_unchanged(state))
                    continue
                with self.env.cr.savepoint():
                    data = local.path.read_bytes()
                    entries.append(self._receive(local.name, data, local.sha256))
                if local.state:
                    # with it, a source that says “not changed” says what it has
                    state.update(local.state, sha256=local.sha256)
                    state.pop("refused", None)
                if is_listing:
                    state = selection.remember(state, there, [file])
                source.source_state = state
                self._commit_check()
                channel.settle(file)
            entries += [{"rule": rule, "params": params} for rule, params in channel.notes]
        return entries

    def _get_usable_state(self):
        """What the channel remembers, without a file whose import came to nothing for another
        reason than what it holds: the source would never give it again.
        """
        state = dict(self.source_state or {})
        latest = self._find_latest_import()
        if latest.state in ("failed", "cancelled") and not latest.refused_as:
            state = selection.forget(state, latest.file_name or "")
        return state

    def _fetch(self, channel, file, target, state):
        """Fetch a file; a try that was stopped half-way leaves its part to the next one."""
        if state.get("partial") and self.source_partial:
            target.write_bytes(base64.b64decode(self.source_partial))
        try:
            local = channel.fetch(file, target, state)
        except RetryLater as error:
            if error.progress:
                part = target.read_bytes() if target.exists() else b""
                self.write(
                    {
                        "source_state": {**state, "partial": error.progress},
                        "source_partial": base64.b64encode(part) if part else False,
                        "retry_count": 0,
                    }
                )
            raise
        if state.pop("partial", None):
            self.write({"source_state": state, "source_partial": False})
        return local

    def _get_wanted(self, there):
        """Files that are this feed's."""
        fitting = selection.by_age(
            file for file in there if selection.fits(file.name, self.file_pattern)
        )
        return fitting[-1:] if self.source_newest_only else fitting

    def _describe_unchanged(self, state):
        """The one file of a source is that of the last check: what that means."""
        refused = (state.get("refused") or {}).get("")
        if refused:
            return self._describe_refused(refused)
        checksum = state.get("sha256")
        self._confirm_prices(checksum)
        nothing = {"rule": "nothing-new", "params": {}}
        return self._describe_waiting() or self._find_refusal(checksum) or nothing

    def _describe_nothing_new(self, there, state):
        """Why no file was taken; a failure when none ever was and none would be."""
        fitting = [file for file in there if selection.fits(file.name, self.file_pattern)]
        if fitting:
            nothing = {"rule": "no-new-file", "params": {"count": len(fitting)}}
        elif self.channel == "folder" or state.get("seen") is not None:
            nothing = {"rule": "folder-waits", "params": {}}
        else:
            return self._raise_nothing_fits(there)
        return self._describe_waiting() or nothing

    def _raise_nothing_fits(self, there):
        """No file is there, or none that fits."""
        folder = self.source_folder or "/"
        if not there:
            raise SourceNotFound("folder-empty", folder=folder)
        raise SourceNotFound(
            "no-file-fits",
            folder=folder,
            pattern=self.file_pattern or "*",
            count=len(there),
            example=selection.by_age(there)[-1].name,
        )

    def _learn_host_key(self, channel):
        """From the first contact on, only this key is accepted."""
        seen = getattr(channel, "seen_key", "")
        if seen and not self.source_host_key:
            self.source_host_key = seen

    def _check_succeeded(self, entries):
        self.ensure_one()
        rules = {entry["rule"] for entry in entries}
        if rules & REFUSAL_RULES:
            return self._note_failure(*entries, retry_count=0)
        feed = self.sudo()
        feed.alert_activity_id.unlink()
        feed.write(
            {
                "last_check_at": fields.Datetime.now(),
                "check_state": "waiting" if rules & WAITING_RULES else "ok",
                "check_entries": entries,
                "failure_count": 0,
                "retry_count": 0,
                "is_suspended": False,
            }
        )
        self._tell_check("warning" if feed.check_state == "waiting" else "success")
        return feed.check_text

    def _check_failed(self, error):
        """Show it, try again when that may help, tell someone when it lasts."""
        self.ensure_one()
        feed = self.sudo()
        is_retry = isinstance(error, RetryLater) and feed.retry_count < MAX_RETRIES
        text = self._note_failure(
            self._get_entry(error),
            check_state="retry" if is_retry else "failed",
            retry_count=feed.retry_count + 1 if is_retry else 0,
            is_suspended=isinstance(error, NeedsPerson),
        )
        if is_retry:
            self._commit_check()
            raise RetryableJobError(
                text,
                seconds=min(max(error.seconds, backoff(feed.retry_count + 3)), MAX_WAIT_S),
                ignore_retry=True,
            )
        return text

    def _note_failure(self, *entries, **vals):
        """Keep a failure on the feed; its responsible is told when a person has to act, or after
        several in a row.
        """
        feed = self.sudo()
        feed.write(
            {
                "last_check_at": fields.Datetime.now(),
                "check_state": "failed",
                "check_entries": list(entries),
                **vals,
            }
        )
        if feed.check_state == "failed":
            feed.failure_count += 1
            if feed.is_suspended or feed.failure_count >= feed._get_alert_after():
                feed._alert()
        self._tell_check("danger")
        return feed.check_text

    def _commit_check(self):
        """Make what is done so far safe: the job must allow commits. Tests never commit."""
        self.env.flush_all()
        if not module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit
