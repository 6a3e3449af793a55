"""What people of a project have open and have done: for managers and for who leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from accounts.desk import OpenWork
from accounts.models import Membership, Project, User
from annotation.downloads import Table
from annotation.mine.file import by_day_and_batch, worked
from annotation.models import Assignment, Batch, BatchMember, Judgment
from annotation.models.assignment import HOLDING, AssignmentState, Source
from annotation.models.batch import BatchState

HOURS_COLUMNS = ["annotator", "batch", "day", "judgments", "active_seconds", "hours"]
RUNNING = [BatchState.OPEN, BatchState.PAUSED]


@dataclass(frozen=True)
class Share:
    """One person's part of one batch."""

    batch: Batch
    takes_part: bool
    in_hand: int
    reserved: int
    drafts: int
    submitted: int
    seconds: int

    @property
    def is_open(self) -> bool:
        """Would anything stay behind if this person left?"""
        return self.batch.state in RUNNING and bool(self.in_hand or self.reserved)

    @property
    def minutes(self) -> int:
        return round(self.seconds / 60)


def open_work_in(project: Project, people: Sequence[UUID]) -> dict[UUID, OpenWork]:
    """What these people have open in running batches: four queries."""
    running = list(
        Batch.objects.filter(project=project, state__in=RUNNING).values_list(
            "pk", flat=True
        )
    )
    counts: dict[UUID, Any] = {
        row["annotator"]: row
        for row in Assignment.objects.filter(
            batch__in=running, annotator__in=people, state__in=HOLDING
        )
        .order_by()
        .values("annotator")
        .annotate(
            in_hand=Count("pk", filter=Q(state=AssignmentState.LEASED)),
            reserved=Count("pk", filter=Q(state=AssignmentState.RESERVED)),
        )
    }
    members = BatchMember.objects.filter(batch__in=running, user__in=people)
    batches = dict(
        members.filter(active=True).order_by().values_list("user").annotate(Count("pk"))
    )
    last = last_submissions(project, people)
    return {
        pk: OpenWork(
            in_hand=counts.get(pk, {}).get("in_hand", 0),
            reserved=counts.get(pk, {}).get("reserved", 0),
            batches=batches.get(pk, 0),
            last_submitted_at=last.get(pk),
        )
        for pk in people
    }


def last_submissions(
    project: Project, people: Sequence[UUID]
) -> dict[UUID, datetime | None]:
    submitted = Assignment.objects.filter(
        annotator=OuterRef("pk"),
        state=AssignmentState.SUBMITTED,
        batch__project=project,
    )
    rows = User.objects.filter(pk__in=people).annotate(
        last=Subquery(submitted.order_by("-submitted_at").values("submitted_at")[:1])
    )
    return dict(rows.values_list("pk", "last"))


def shares_of(project: Project, user: User) -> list[Share]:
    """A person's part of each batch of the project, the newest first: three queries."""
    members = dict(
        BatchMember.objects.filter(batch__project=project, user=user).values_list(
            "batch", "active"
        )
    )
    state = AssignmentState
    counts: dict[UUID, Any] = {
        row["batch"]: row
        for row in Assignment.objects.filter(batch__project=project, annotator=user)
        .order_by()
        .values("batch")
        .annotate(
            in_hand=Count("pk", filter=Q(state=state.LEASED)),
            reserved=Count("pk", filter=Q(state=state.RESERVED)),
            drafts=Count("pk", filter=Q(state__in=HOLDING, draft_version__gt=0)),
            submitted=Count("pk", filter=Q(state=state.SUBMITTED)),
        )
    }
    times = dict(
        Judgment.objects.filter(
            assignment__batch__project=project, assignment__annotator=user
        )
        .exclude(source=Source.IMPORTED)
        .order_by()
        .values_list("assignment__batch")
        .annotate(Sum("elapsed_ms"))
    )
    batches = Batch.objects.filter(pk__in={*members, *counts}).order_by("-created_at")
    nothing = dict.fromkeys(["in_hand", "reserved", "drafts", "submitted"], 0)
    return [
        Share(
            batch=batch,
            takes_part=members.get(batch.pk, False),
            **{name: counts.get(batch.pk, nothing)[name] for name in nothing},
            seconds=round((times.get(batch.pk) or 0) / 1000),
        )
        for batch in batches
    ]


def project_hours(project: Project, *, identities: bool) -> Table:
    """Everybody's active time by day and batch; by pseudonym unless identities."""
    return Table("hours", HOURS_COLUMNS, hours_in(project, identities))


def hours_in(project: Project, identities: bool) -> Iterator[dict[str, Any]]:
    people = dict(
        Membership.objects.filter(project=project).values_list(
            "user", "user__email" if identities else "pseudonym"
        )
    )
    rows = by_day_and_batch(Judgment.objects.filter(assignment__batch__project=project))
    who, batch = "assignment__annotator", "assignment__batch__name"
    for row in rows.values(who, batch, "day", "units", "time").order_by(
        "day", batch, who
    ):
        yield {"annotator": people[row[who]], "batch": row[batch], **worked(row)}
