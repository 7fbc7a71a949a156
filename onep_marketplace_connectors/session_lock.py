"""A lock of the database session: it outlives commits, and a killed worker gives it back."""

from contextlib import contextmanager

from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError

BUSY_RETRY_SECONDS = 10


@contextmanager
def hold_alone(env, name: str, key: int, *, busy_seconds: float = BUSY_RETRY_SECONDS):
    """Hold the lock of this name and key while working.

    Raises RetryableJobError when another session holds it: this job comes back later.
    """
    pair = SQL("hashtext(%s), %s", name, key)
    ((is_free,),) = env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", pair))
    if not is_free:
        raise RetryableJobError(
            f"Another job works on {name} {key}", seconds=busy_seconds, ignore_retry=True
        )
    try:
        yield
    finally:
        cr = env.cr
        if not cr.closed:
            if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_INERROR:
                # an aborted transaction would keep the lock, and hide what aborted it
                cr.rollback()
            env.execute_query(SQL("SELECT pg_advisory_unlock(%s)", pair))
