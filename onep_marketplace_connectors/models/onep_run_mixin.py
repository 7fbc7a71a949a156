from contextlib import contextmanager

from odoo import api, fields, models
from odoo.modules import module

from ..session_lock import hold_alone

RUN_STATES = [
    ("draft", "Draft"),
    ("queued", "Waiting"),
    ("running", "Running"),
    ("held", "To check"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]


class OnepRunMixin(models.AbstractModel):
    """One run of something long: when, how far, how fast, what went wrong."""

    _name = "onep.run.mixin"
    _description = "Run"

    name = fields.Char(required=True, default="/", readonly=True, copy=False)
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company)
    state = fields.Selection(
        RUN_STATES, required=True, default="draft", readonly=True, copy=False, index=True
    )
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    phase = fields.Char(readonly=True, copy=False)
    total_count = fields.Integer("To Do", readonly=True, copy=False)
    done_count = fields.Integer("Done", readonly=True, copy=False)
    issue_count = fields.Integer("Issues", readonly=True, copy=False)
    error_message = fields.Text("What Went Wrong", readonly=True, copy=False)
    job_uuid = fields.Char("Job", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress", help="From 0 to 100.")
    rate_per_second = fields.Float(compute="_compute_progress", help="Rows per second.")
    remaining_seconds = fields.Integer(compute="_compute_progress")
    duration_seconds = fields.Integer("Duration", compute="_compute_progress")

    @api.depends("state", "started_at", "finished_at", "total_count", "done_count")
    def _compute_progress(self):
        now = fields.Datetime.now()
        for run in self:
            elapsed = 0.0
            if run.started_at:
                elapsed = ((run.finished_at or now) - run.started_at).total_seconds()
            rate = run.done_count / max(elapsed, 1.0) if run.started_at else 0.0
            left = max(run.total_count - run.done_count, 0)
            run.duration_seconds = int(elapsed)
            run.rate_per_second = rate
            run.remaining_seconds = int(left / rate + 0.5) if run.state == "running" and rate else 0
            if run.total_count:
                run.progress = min(100.0, 100.0 * run.done_count / run.total_count)
            else:
                run.progress = 100.0 if run.state == "done" else 0.0

    def action_cancel(self):
        """Ask waiting and running runs to stop at their next step."""
        self.check_access("write")
        for run in self.filtered(lambda run: run.state in ("draft", "queued", "running", "held")):
            run.sudo().write({"state": "cancelled", "finished_at": fields.Datetime.now()})
            run.sudo()._notify_run()
        return True

    def _run_start(self, total):
        """Begin, or go on after a pause: counts so far and the first start are kept."""
        self.ensure_one()
        self.write(
            {
                "state": "running",
                "started_at": self.started_at or fields.Datetime.now(),
                "finished_at": False,
                "total_count": total,
                "error_message": False,
            }
        )
        self._commit_progress()

    def _run_progress(self, done, total=None, phase=None):
        """Note how far the run is.

        done: rows dealt with since the very start
        total: rows to deal with, when that changed
        """
        self.ensure_one()
        vals = {"done_count": done}
        if total is not None:
            vals["total_count"] = total
        if phase is not None:
            vals["phase"] = phase
        self.write(vals)
        self._commit_progress()

    def _run_finish(self, **vals):
        """End well."""
        self.ensure_one()
        self.write({"state": "done", "finished_at": fields.Datetime.now(), "phase": False, **vals})
        self._commit_progress()

    def _run_fail(self, message):
        """End badly, with a message that says what to do."""
        self.ensure_one()
        self.write(
            {
                "state": "failed",
                "finished_at": fields.Datetime.now(),
                "phase": False,
                "error_message": message,
            }
        )
        self._commit_progress()

    def _run_is_cancelled(self):
        """Whether someone asked this run to stop, as of the last commit."""
        self.ensure_one()
        self.invalidate_recordset(["state"])
        return self.state == "cancelled"

    @contextmanager
    def _run_alone(self, key=None):
        """Hold a lock while working, so that two jobs never work on one thing at once.

        A run that was stopped and resumed has two jobs until the first one notices. The lock
        belongs to the database session: it outlives the commits of the run, and a killed worker
        gives it back.

        key: id of what must be alone; by default the run itself

        Raises RetryableJobError when another job holds it: this one comes back later.
        """
        self.ensure_one()
        with hold_alone(self.env, f"onep_run {self._name}", key or self.id):
            yield

    def _commit_progress(self):
        """Make the progress visible to others: the job must allow commits. Tests never commit."""
        self._notify_run()
        self.env.flush_all()
        if not module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _notify_run(self):
        """Tell open screens."""
        for run in self:
            message = run._prepare_run_message()
            for target in run._get_run_targets():
                target._bus_send("onep/run", message)

    def _prepare_run_message(self):
        return {
            "model": self._name,
            "id": self.id,
            "state": self.state,
            "progress": self.progress,
            "done": self.done_count,
            "total": self.total_count,
            "rate": self.rate_per_second,
            "remaining": self.remaining_seconds,
        }

    def _get_run_targets(self):
        """Bus targets (users, groups) that follow this run."""
        return self.env.user
