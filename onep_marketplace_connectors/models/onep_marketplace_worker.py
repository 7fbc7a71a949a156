import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module

from odoo.addons.queue_job.exception import RetryableJobError

from ..clients.breaker import Circuit
from ..clients.errors import (
    BadCredentials,
    MarketplaceError,
    MissingPermission,
    RateLimited,
    RetryLater,
)
from ..clients.retry import MAX_ATTEMPTS, backoff
from ..clients.steps import Step, Subjects
from ..messages import error_message
from ..session_lock import hold_alone
from ..sql import market_gate, market_task

_logger = logging.getLogger(__name__)

SLICE_SECONDS = 20.0
# a worker that found everything in others' hands looks again after this
BUSY_SECONDS = 2.0
# so many answers of a step that make no sense, and not one that does: it is not the EANs
MAX_SENSELESS_IN_A_ROW = 12
SUM_UP_SECONDS = 1.0
# what one transaction should take; claims grow or shrink towards it
CLAIM_SECONDS = 2.0
MAX_CLAIM = 2000
MAX_PAUSE_FOR_TOKENS = 2.0


class OnepMarketplace(models.Model):
    """Asking: workers that claim what waits, ask, store, and give their place back to wait."""

    _inherit = "onep.marketplace"

    def _job_ask(self, number):
        """Ask until nothing waits, no step has a quota left, or this worker's slice is over.

        number: of the worker; 0 takes only what a person waits for
        """
        self.ensure_one()
        place = self.sudo()
        with hold_alone(self.env, "onep_market_worker", place.id * 100 + number, busy_seconds=5):
            try:
                client = place._get_client()
            except UserError as error:
                return place._stop_asking(error.args[0])
            except MarketplaceError as error:
                return place._stop_asking(error_message(self.env, error), error)
            with client:
                return _Shift(place, client, urgent_only=number == 0).work()

    def _job_ask_failed(self, *_args, **_kwargs):
        """Called by the queue when the job broke on something nobody foresaw."""
        self.sudo()._stop_asking(
            self.env._(
                "The update broke on an unexpected error; the administrator finds it in the job."
                " The offers read so far are kept. Press Resume to go on."
            )
        )

    def _stop_asking(self, message, error=None):
        """End the runs of this marketplace badly; the others go on."""
        self.ensure_one()
        _logger.info("%s stopped: %s", self, error.rule if error else "setup")
        for run in self.sync_ids.filtered(lambda run: run.state in market_task.LIVE_STATES):
            run._run_fail(message)
        self._note_pause(message)
        if error is None or isinstance(error, BadCredentials):
            self._note_check(False, message)
            self._warn_responsible(
                self.env._("Check the account of %(name)s", name=self.name), message
            )
        else:
            self._warn_responsible(
                self.env._("%(name)s gives no answer of use", name=self.name), message
            )
        self._commit_answers()
        return message

    @api.model
    def _commit_answers(self):
        """Make what was stored visible to others: the job must allow commits. Tests never do."""
        self.env.flush_all()
        if not module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _get_words(self, gtins):
        """What suppliers call these products, to rank candidates: GTIN → (name, brand) (hook)."""
        return {}


class _Shift:
    """One worker's slice of time on one marketplace.

    urgent_only: only what a person waits for
    """

    def __init__(self, place, client, *, urgent_only):
        self.place = place
        self.env = place.env
        self.client = client
        self.urgent_only = urgent_only
        self.specs = dict(client.steps())
        # the same for each batch: what they ask of the database is asked once
        self.gates = place._get_gates(self.specs)
        self.blocked = {}
        self.claims = {}
        self.learned = dict(client.learned)
        self.pause_error = None
        self.skipped = None
        self.doubted = self._read_doubted()
        self.answered = 0
        self.summed_at = 0.0
        self.stopped = None

    def work(self):
        """Returns the outcome in words; raises RetryableJobError to come back later."""
        self.env.flush_all()
        self._walk_strays()
        ends_at = time.monotonic() + SLICE_SECONDS
        while step := self._pick():
            self._ask(step)
            if self.stopped:
                return self.stopped
            if time.monotonic() - self.summed_at > SUM_UP_SECONDS:
                self._sum_up()
            if time.monotonic() > ends_at:
                raise self._come_back(0.05, self.env._("Goes on."))
        return self._leave()

    def _pick(self):
        """The most pressing step that has something to ask and may be asked."""
        waiting = self.env.execute_query(
            market_task.select_waiting(
                self.place.id,
                [step.value for step in self.specs],
                fields.Datetime.now(),
                urgent_only=self.urgent_only,
            )
        )
        now = time.monotonic()
        self.waiting = [Step(step) for (step,) in waiting]
        return next((step for step in self.waiting if self.blocked.get(step, 0.0) <= now), None)

    def _ask(self, step):
        """Claim, ask, store and move on, in one transaction."""
        place, spec = self.place, self.specs[step]
        size = self.claims.get(step, spec.batch_size)
        tasks = self.env.execute_query(
            market_task.claim(
                place.id, step.value, fields.Datetime.now(), size, urgent_only=self.urgent_only
            )
        )
        if not tasks:
            # all of them are in other workers' hands
            self.blocked[step] = time.monotonic() + BUSY_SECONDS
            self.place._commit_answers()
            return
        part_size = tasks[0][-1]
        began = time.monotonic()
        answer = self.client.ask(step, self._get_subjects(step, tasks))
        ids = {gtin: task_id for task_id, gtin, *_rest in tasks}
        tries = {gtin: attempts for _id, gtin, *_rest, attempts, _part in tasks}
        asked = list(answer.table.gtin)
        if asked:
            self.answered += len(asked)
            self._trust(step)
            self._store(step, answer, [ids[gtin] for gtin in asked])
        if answer.error:
            self._put_off(step, answer, ids, tries, part_size)
        elif part_size is None and len(tasks) == size:
            self._resize(step, spec, size, time.monotonic() - began)
        if self.client.learned != self.learned:
            self.learned = dict(self.client.learned)
            place._remember(self.learned)
        place._commit_answers()

    def _resize(self, step, spec, size, seconds):
        """Claim as much as one transaction should take."""
        fitting = int(size * CLAIM_SECONDS / max(seconds, 0.001))
        grown = min(max(fitting, spec.batch_size), 2 * size, max(MAX_CLAIM, spec.batch_size))
        self.claims[step] = max(grown // spec.batch_size, 1) * spec.batch_size

    def _get_subjects(self, step, tasks):
        _ids, gtins, external_ids, names, brands, prices, *_past = zip(*tasks, strict=True)
        if step is Step.IDENTITY:
            words = self.place._get_words(gtins)
            known = [
                words.get(gtin, (name, brand))
                for gtin, name, brand in zip(gtins, names, brands, strict=True)
            ]
            names, brands = zip(*known, strict=True)
        return Subjects(
            gtin=gtins, external_id=external_ids, name=names, brand=brands, price_taxed=prices
        )

    def _store(self, step, answer, task_ids):
        """Keep what was answered, count it by run, and send it through the next gate."""
        place = self.place
        rows = self.env["onep.marketplace.offer"]._store_answer(place, answer)
        self._count(step, rows, self._walk(step, task_ids))

    def _walk(self, step, task_ids):
        """Send tasks that are done with a step through the next gate."""
        gates = [gate for gate in self.gates if self._is_after(gate[0], step)]
        return self.env.execute_query(market_task.walk(task_ids, gates))

    def _count(self, step, rows, moves):
        """Add one line of counts per run."""
        lines = {}

        def line(run):
            return lines.setdefault(run, dict.fromkeys(COUNTS, 0))

        for run, state, count in rows:
            line(run)[STATE_COUNTS[state]] += count
            line(run)["asked"] += count
        for run, following, count in moves:
            line(run)["passed" if following else "ended"] += count
        if lines:
            self.env.cr.execute(
                market_gate.insert_gates(
                    [(run, step.value, *counts.values()) for run, counts in lines.items() if run]
                )
            )

    @staticmethod
    def _is_after(one, other):
        order = list(Step)
        if other is Step.IDENTITY:
            return one == Step.WIDE
        return order.index(Step(one)) > order.index(other)

    def _put_off(self, step, answer, ids, tries, part_size):
        """What to do about questions without an answer, by the kind of error.

        part_size: of the claim, None for full batches
        """
        error = answer.error
        self.pause_error = error
        # only the first batch of what is left was asked
        failed = answer.pending[: self.specs[step].batch_size]
        if isinstance(error, MissingPermission) and step not in (Step.IDENTITY, Step.WIDE):
            return self._skip(step, error)
        if isinstance(error, BadCredentials):
            return self._stop(error)
        if isinstance(error, RetryLater):
            return self._wait(step, error, failed, ids, tries)
        if self._doubt(step, error) >= MAX_SENSELESS_IN_A_ROW:
            return self._stop(error)
        return self._narrow(step, error, failed, ids, part_size)

    def _wait(self, step, error, failed, ids, tries):
        """The marketplace asks for time, or has none to give: so many tries for each question."""
        self.blocked[step] = time.monotonic() + self._get_pause(step, error)
        if isinstance(error, RateLimited) or error.rule == "circuit-open":
            return
        given_up = [gtin for gtin in failed if tries[gtin] + 1 >= MAX_ATTEMPTS]
        if given_up:
            self._give_up(step, error, given_up, ids)
        left = [gtin for gtin in failed if tries[gtin] + 1 < MAX_ATTEMPTS]
        for attempts in {tries[gtin] for gtin in left}:
            self.env.cr.execute(
                market_task.postpone(
                    [ids[gtin] for gtin in left if tries[gtin] == attempts],
                    error.rule,
                    self._get_moment_in(backoff(attempts + 1)),
                )
            )

    def _narrow(self, step, error, failed, ids, part_size):
        """A batch got an answer that makes no sense: find the question that spoils it.

        Once more as a whole, then half by half; one that is alone is asked once more, then listed.
        """
        count = len(failed)
        if part_size == 0:
            self._give_up(step, error, failed, ids)
            return
        if part_size is None:
            smaller, seconds = count, backoff(1)
        elif count > 1:
            smaller, seconds = count // 2, 0.0
        else:
            smaller, seconds = 0, backoff(1)
        self.env.cr.execute(
            market_task.narrow(
                [ids[gtin] for gtin in failed],
                error.rule,
                smaller,
                self._get_moment_in(seconds) if seconds else None,
            )
        )

    @staticmethod
    def _get_moment_in(seconds):
        return fields.Datetime.now() + timedelta(seconds=seconds)

    def _get_doubt_key(self, step):
        """Where all workers of the account count a step's answers that make no sense."""
        return self.place._get_breaker_key(f"senseless:{step.value}")

    def _read_doubted(self):
        """Steps whose last answer, of whichever worker, made no sense."""
        keys = {self._get_doubt_key(step): step for step in self.specs}
        return {keys[key] for key in self.place._get_limits_store().read(keys)}

    def _doubt(self, step, error):
        """Count an answer that makes no sense; how many came in a row."""

        def count(known, _now):
            failures = known.failures + 1 if known else 1
            # whoever resumes the account begins anew
            is_over = failures >= MAX_SENSELESS_IN_A_ROW
            circuit = replace(known or Circuit(), failures=failures, cause=error.rule)
            return None if is_over else circuit, failures

        self.doubted.add(step)
        return self.place._get_limits_store().update(self._get_doubt_key(step), count)

    def _trust(self, step):
        """The step answers."""
        if step in self.doubted:
            self.doubted.discard(step)
            self.place._get_limits_store().update(
                self._get_doubt_key(step), lambda _known, _now: (None, None)
            )

    def _get_pause(self, step, error):
        """How long to leave a step alone: for a spent quota, until several calls are saved up."""
        if not isinstance(error, RateLimited):
            return error.seconds
        fills = [limit.burst / limit.rate for limit in self._get_limits(step)]
        return max(error.seconds, min(min(fills, default=0.0) / 2, MAX_PAUSE_FOR_TOKENS))

    def _get_limits(self, step):
        """The quotas of a step's operations."""
        limits = [self.client.limiter.limit(name) for name in self.specs[step].operations]
        return [limit for limit in limits if limit]

    def _give_up(self, step, error, gtins, ids):
        """List questions that were never answered, with the reason."""
        # the text follows from the rule, in the reader's language
        own_words = error.params.get("detail") or error.params.get("cause")
        rows = self.env["onep.marketplace.offer"]._store_refused(
            self.place, step, gtins, f"not-answered,{error.rule}", own_words
        )
        moves = self.env.execute_query(market_task.walk([ids[gtin] for gtin in gtins], []))
        self._count(step, rows, moves)

    def _skip(self, step, error):
        """The account has no right to a dear step: the others go on without it."""
        self.skipped = error_message(self.env, error)
        self.specs.pop(step)
        self.gates = self.place._get_gates(self.specs)
        self._walk_strays()

    def _walk_strays(self):
        """Move on what waits for a step that this account has not: it was never asked there."""
        absent = [step for step in Step if step not in self.specs]
        while strays := self.env.execute_query(
            market_task.select_strays(self.place.id, [step.value for step in absent], MAX_CLAIM)
        ):
            for step in absent:
                ids = [task_id for task_id, at in strays if at == step]
                if ids:
                    self._count(step, [], self._walk(step, ids))

    def _stop(self, error):
        """This account cannot go on by itself."""
        self.stopped = self.place._stop_asking(error_message(self.env, error), error)

    def _sum_up(self, phase=None, *, wait=False):
        runs = self.place.sync_ids.search(
            [("marketplace_id", "=", self.place.id), ("state", "in", market_task.LIVE_STATES)]
        )
        runs._sum_up(phase, wait=wait)
        self.doubted |= self._read_doubted()
        self.summed_at = time.monotonic()
        self.place._commit_answers()

    def _leave(self):
        """Nothing can be asked now: end, or come back when it can."""
        is_left, at = self.env.execute_query(
            market_task.select_next_time(self.place.id, urgent_only=self.urgent_only)
        )[0]
        seconds = self._get_wait(at) if is_left else 0.0
        error = self.pause_error if is_left else None
        phase = error_message(self.env, error) if error else None
        self._sum_up(phase, wait=True)
        if self.skipped:
            self.place._note_pause(self.skipped)
            self.place._commit_answers()
        if not is_left:
            return self.env._("%(count)s answers, nothing is waiting.", count=self.answered)
        if error and not isinstance(error, RateLimited):
            self.place._note_pause(phase, seconds)
            self.place._commit_answers()
        elif self.answered and self.place.waiting_message and not self.skipped:
            self.place._note_pause(False)
            self.place._commit_answers()
        raise self._come_back(seconds, phase or self.env._("Others are asking what is left."))

    def _get_wait(self, at):
        """Seconds until something may be asked: a quota, or a question that was put off."""
        now = time.monotonic()
        waits = [
            self.blocked[step] - now
            for step in self.waiting
            if step in self.specs and step in self.blocked
        ]
        if at:
            waits.append((at - datetime.now(UTC).replace(tzinfo=None)).total_seconds())
        return max(min(waits, default=BUSY_SECONDS), 0.05)

    def _come_back(self, seconds, message):
        return RetryableJobError(message, seconds=seconds, ignore_retry=True)


COUNTS = ("asked", "found", "not_found", "no_price", "refused", "passed", "ended")
STATE_COUNTS = {
    "found": "found",
    "not_found": "not_found",
    "no_price": "no_price",
    "error": "refused",
}
