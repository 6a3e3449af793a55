"""What waits for an annotator: their batches, how far they are, where they stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from django.db.models import F

from accounts.models import Membership, User
from annotation.mine.activity import minutes_left, paces_of
from annotation.models import Batch, BatchMember
from annotation.models.batch import BatchState
from annotation.progress import Progress, progress_in


@dataclass(frozen=True)
class Work:
    """One of my batches: how far I am in it, and about how long the rest takes me."""

    batch: Batch
    progress: Progress
    minutes: int | None

    @property
    def is_waiting(self) -> bool:
        return self.batch.is_open and self.progress.left > 0


def work_of(user: User) -> list[Work]:
    """My open and paused batches where I still judge, the first due first."""
    judging = Membership.objects.current().judging().filter(user=user)
    projects = judging.values("project")
    mine = (
        BatchMember.objects.filter(user=user, active=True)
        .filter(batch__state__in=[BatchState.OPEN, BatchState.PAUSED])
        .filter(batch__project__in=projects)
        .select_related("batch__project")
        .order_by(F("batch__due_at").asc(nulls_last=True), "batch__created_at")
    )
    batches = [member.batch for member in mine]
    progress = progress_in(batches, user)
    paces = paces_of(user)
    return [
        Work(
            batch,
            progress[batch.pk],
            minutes_left(progress[batch.pk].left, paces.get(batch.pk)),
        )
        for batch in batches
    ]


def to_resume(work: Sequence[Work], last: Batch | None = None) -> Work | None:
    """Where I stopped, if anything waits there; else what is due first.

    `last` is where I submitted last: it tells when no opened unit does.
    """
    waiting = [row for row in work if row.is_waiting]
    begun = [(row.progress.opened_at, row) for row in waiting if row.progress.opened_at]
    if begun:
        return max(begun, key=itemgetter(0))[1]
    waiting.sort(key=lambda row: row.batch != last)
    return waiting[0] if waiting else None
