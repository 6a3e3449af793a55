"""What the broker carries: a job's id, and the call to look after all jobs."""

from __future__ import annotations

import logging

from celery import shared_task

from accounts.idempotency import purge_idempotency
from jobs import actions, running
from jobs.registry import all_housekeeping, housekeeping

logger = logging.getLogger(__name__)

# Accounts is below us and knows no jobs, so its housekeeping is named here.
housekeeping(purge_idempotency)


@shared_task(name="jobs.tasks.run")
def run(job_id: str) -> None:
    running.perform(job_id)


@shared_task(name="jobs.tasks.reap")
def reap() -> None:
    """Every half minute: revive lost jobs, then let each app tidy up after itself."""
    actions.reap()
    for name, tidy in all_housekeeping().items():
        try:
            tidy()
        except Exception:  # One app's fault must not keep the others from theirs.
            logger.exception("The housekeeping %s failed.", name)
