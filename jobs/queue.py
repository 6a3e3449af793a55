"""The broker carries a job's id and nothing else; losing it costs time, not work."""

from __future__ import annotations

from uuid import UUID

from celery import current_app
from django.db import transaction


def enqueue_on_commit(job_id: UUID) -> None:
    """Tell the workers once the row can be read.

    Robust: when the broker is away, the row stays queued and the reaper tells them.
    """
    transaction.on_commit(lambda: enqueue(job_id), robust=True)


def enqueue(job_id: UUID) -> None:
    current_app.send_task("jobs.tasks.run", args=[str(job_id)])
