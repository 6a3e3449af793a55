"""What is known of one batch beyond its counts: days, pace, leases, flags, reasons.

Every query reads an index for a bounded number of rows, except the counts by day,
which read one index once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from accounts.models import User
from annotation.flags import waiting_skips
from annotation.models import Assignment, Batch, Flag, Judgment, Skip
from annotation.models.assignment import AssignmentState, Source
from annotation.models.unit import STAGES
from annotation.reasons import RAN_OUT, SKIP_REASONS
from annotation.watching.pace import Pace, Times, pace_of, times_of

LOOKED_AT = 2_000  # the last judgments, from which the pace is known
OF_ONE = 50  # of each annotator, from which their own times are known
COLUMNS = 40  # most days, or groups of days, in the picture
LEASES = 200
REASONS = 500


@dataclass(frozen=True)
class Days:
    """Judgments by group of so many days; the last group holds today."""

    first: date
    step: int
    counts: tuple[int, ...]

    def rows(self) -> list[tuple[date, int]]:
        """The first day of each group, and how much was judged in it."""
        return [
            (self.first + timedelta(days=self.step * place), judged)
            for place, judged in enumerate(self.counts)
        ]


@dataclass(frozen=True)
class Lease:
    """A unit in somebody's hands."""

    assignment: UUID
    unit: UUID
    item: str
    annotator: UUID
    since: datetime
    ends: datetime


@dataclass(frozen=True)
class Known:
    """One annotator's last judgments."""

    last_at: datetime | None
    times: Times | None


@dataclass(frozen=True)
class Detail:
    pace: Pace
    days: Days | None
    people: dict[UUID, Known]
    leases: tuple[Lease, ...]
    flags: tuple[tuple[str, UUID, int, int], ...]  # kind, annotator, all, waiting
    reasons: dict[str, int]
    skips_waiting: int

    @property
    def flags_waiting(self) -> int:
        return sum(waiting for _, _, _, waiting in self.flags)


def details_of(batches: Sequence[Batch]) -> dict[UUID, Detail]:
    return {batch.pk: detail_of(batch) for batch in batches}


def detail_of(batch: Batch) -> Detail:
    now = timezone.now()
    recent = list(recent_of(batch))
    worked = [
        (at, elapsed)
        for at, elapsed, source in recent
        # Brought from elsewhere without a time: nobody worked on it here.
        if source != Source.IMPORTED or elapsed
    ]
    reasons, waiting = skips_in(batch)
    return Detail(
        pace=pace_of(
            [at for at, _ in worked],
            [elapsed / 1000 for _, elapsed in worked if elapsed],
            now,
            is_cut=len(recent) == LOOKED_AT,
        ),
        days=days_of(batch, now),
        people=people_in(batch),
        leases=tuple(leases_in(batch)),
        flags=tuple(flags_in(batch)),
        reasons=reasons,
        skips_waiting=waiting,
    )


def submitted_in(batch: Batch) -> QuerySet[Assignment]:
    return Assignment.objects.filter(batch=batch, state=AssignmentState.SUBMITTED)


def first_judgments(batch: Batch) -> QuerySet[Judgment]:
    """As first submitted; a revision is no further work on the pace."""
    rows = Judgment.objects.filter(
        number=1,
        assignment__batch=batch,
        assignment__state=AssignmentState.SUBMITTED,
    )
    if batch.has_stages:
        rows = rows.exclude(assignment__unit__kind__in=STAGES)
    return rows


def recent_of(batch: Batch) -> Any:
    return (
        first_judgments(batch)
        .filter(assignment__submitted_at__isnull=False)
        .order_by("-assignment__submitted_at", "-assignment_id")
        .values_list("assignment__submitted_at", "elapsed_ms", "source")[:LOOKED_AT]
    )


def days_of(batch: Batch, now: datetime) -> Days | None:
    """Judgments by day since the first; one statement that only compares instants."""
    rows = submitted_in(batch)
    if batch.has_stages:
        rows = rows.exclude(unit__kind__in=STAGES)
    first_at = (
        rows.order_by("submitted_at").values_list("submitted_at", flat=True).first()
    )
    if first_at is None:
        return None
    today = timezone.localdate(now)
    first = min(timezone.localdate(first_at), today)  # Another's clock may be ahead.
    step = -(-((today - first).days + 1) // COLUMNS)
    groups = -(-((today - first).days + 1) // step)
    first = today - timedelta(days=step * groups - 1)
    parts = []
    for group in range(groups):
        start = midnight(first + timedelta(days=step * group))
        end = midnight(first + timedelta(days=step * (group + 1)))
        within = rows.filter(submitted_at__gte=start, submitted_at__lt=end).order_by()
        part = within.annotate(group=Value(group)).values("group")
        parts.append(part.annotate(judged=Count("*")).values_list("group", "judged"))
    union = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found = dict(union)
    return Days(first, step, tuple(found.get(group, 0) for group in range(groups)))


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def people_in(batch: Batch) -> dict[UUID, Known]:
    """When each annotator judged last, and how long they take: two queries."""
    theirs = submitted_in(batch).filter(annotator=OuterRef("user"))
    newest = theirs.order_by("-submitted_at", "-pk").values("submitted_at")
    members = list(
        batch.members.order_by("pk")
        .annotate(
            last_at=Subquery(newest[:1]), since=Subquery(newest[OF_ONE - 1 : OF_ONE])
        )
        .values_list("user", "last_at", "since")
    )
    last = Q(pk__in=[])
    for user, last_at, since in members:
        if since:
            last |= Q(annotator=user, submitted_at__gte=since)
        elif last_at:
            last |= Q(annotator=user)
    times: dict[UUID, list[float]] = {user: [] for user, _, _ in members}
    bound = 2 * OF_ONE * max(len(members), 1)
    first = Judgment.objects.filter(assignment=OuterRef("pk"), number=1)
    rows = submitted_in(batch).filter(last)
    if batch.has_stages:
        rows = rows.exclude(unit__kind__in=STAGES)
    # Looked up row by row: joined, the planner would rather read all there are.
    rows = rows.annotate(spent=Subquery(first.values("elapsed_ms")[:1]))
    for user, elapsed in rows.values_list("annotator", "spent")[:bound]:
        if elapsed:
            times[user].append(elapsed / 1000)
    return {user: Known(last_at, times_of(times[user])) for user, last_at, _ in members}


def leases_in(batch: Batch) -> list[Lease]:
    """What is in somebody's hands, the oldest first."""
    now = timezone.now()
    rows = (
        Assignment.objects.filter(
            batch=batch,
            annotator__in=User.objects.filter(batch_memberships__batch=batch),
            state=AssignmentState.LEASED,
        )
        .order_by("opened_at", "created_at")
        .values_list(
            "pk",
            "unit",
            "unit__item__external_id",
            "annotator",
            "opened_at",
            "created_at",
            "lease_expires_at",
        )
    )
    found = [
        Lease(pk, unit, item, annotator, opened_at or created_at, ends or now)
        for pk, unit, item, annotator, opened_at, created_at, ends in rows[:LEASES]
    ]
    return sorted(found, key=lambda lease: lease.since)


def flags_in(batch: Batch) -> list[tuple[str, UUID, int, int]]:
    return list(
        Flag.objects.filter(assignment__batch=batch)
        .order_by("kind")
        .values_list("kind", "assignment__annotator")
        .annotate(all=Count("*"), waiting=Count("pk", filter=Q(answered_at=None)))
    )


def skips_in(batch: Batch) -> tuple[dict[str, int], int]:
    """How often each reason was given, in its stored words, and how many wait."""
    rows = (
        Skip.objects.filter(assignment__batch=batch)
        .order_by()
        .values_list("reason")
        .annotate(count=Count("*"))
        .order_by("-count")[:REASONS]
    )
    reasons: Counter[str] = Counter()
    for reason, count in rows:
        reasons[head_of(reason)] += count
    waiting = waiting_skips().filter(assignment__batch=batch).count()
    return dict(reasons.most_common()), waiting


def head_of(reason: str) -> str:
    """The reason that was chosen, without the words that were added to it."""
    for known in (*SKIP_REASONS, RAN_OUT):
        if reason.startswith(known):
            return known
    return reason
