"""Starting background work, and taking it back from workers that died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from jobs.models import Job, State
from jobs.queue import enqueue_on_commit
from jobs.registry import work_of

if TYPE_CHECKING:
    from accounts.models import Project, User

GIVEN_UP = gettext_noop(
    "This stopped three times before it was finished, so it was given up. Start it "
    "again; if it stops again, ask whoever runs this server to look in its log for "
    "job %(id)s."
)


@transaction.atomic
def start(
    kind: str,
    *,
    project: Project,
    by: User,
    params: dict[str, Any],
    total: int = 0,
) -> Job:
    """Queue work of a registered kind; the workers hear of it after the commit."""
    job = Job.objects.create(
        kind=work_of(kind).kind,
        project=project,
        created_by=by,
        params=params,
        total=total,
    )
    enqueue_on_commit(job.pk)
    return job


def reap() -> int:
    """Queue again what lost its worker or its message; return how many."""
    return sum(take_back(job) for job in Job.objects.lost())


@transaction.atomic
def take_back(job: Job) -> bool:
    """Queue a lost job again, or give it up; False if it has moved on meanwhile."""
    unchanged = Job.objects.lost().filter(pk=job.pk, attempts=job.attempts)
    if job.is_hopeless:
        unchanged.update(
            state=State.FAILED, error=GIVEN_UP % {"id": job.pk}, finished_at=Now()
        )
        return False
    if not unchanged.update(state=State.QUEUED, queued_at=Now()):
        return False
    enqueue_on_commit(job.pk)
    return True
