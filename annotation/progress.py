"""How far the work is: counted in the query, for one annotator or a batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from annotation.models import Assignment, Batch, BatchMember, Unit
from annotation.models.assignment import HOLDING, WAITING, AssignmentState
from annotation.models.batch import SHARED_OUT
from annotation.models.unit import STAGES
from annotation.watching.counts import OF_THE_WORK, counts_of

FRESH_FOR = 60  # seconds
UNDO_WITHIN = timedelta(minutes=15)
UNDO_DEEP = 10


@dataclass(frozen=True)
class Progress:
    """One annotator's counts in a batch; `total` is what may still fall to them.

    It is their own share of the batch and does not shrink while others work: a goal
    that did would tell how far they are. `is_exact` is False where others may come
    first ("up to 43"). Only when nothing at all is left does it end early.
    `opened_at` is when I last opened what still waits, `submitted_at` when I last
    submitted, if that was a moment ago.
    """

    done: int
    skipped: int
    drafts: int
    total: int
    is_exact: bool = True
    opened_at: datetime | None = None
    submitted_at: datetime | None = None

    @property
    def number(self) -> int:
        """Which unit of mine this is, from 1."""
        return self.done + 1

    @property
    def left(self) -> int:
        return self.total - self.done - self.skipped

    @property
    def is_begun(self) -> bool:
        return bool(self.done or self.drafts or self.skipped)

    @property
    def can_undo(self) -> bool:
        """Whether my last submission is recent enough to be opened by one key."""
        return self.submitted_at is not None


def progress_of(batch: Batch, user: User) -> Progress:
    """Counts of one annotator: one query besides the batch's cached size."""
    return progress_in([batch], user)[batch.pk]


def progress_in(batches: Sequence[Batch], user: User) -> dict[UUID, Progress]:
    """Counts of one annotator by batch, in as many queries as for one."""
    state = AssignmentState
    mine = of_the_work(batches).filter(batch=OuterRef("pk"), annotator=user)
    waiting = mine.filter(state__in=WAITING)
    recent = mine.filter(
        state=state.SUBMITTED, submitted_at__gt=timezone.now() - UNDO_WITHIN
    )
    # Each count reads an index alone, however much this person has judged.
    rows = (
        Batch.objects.filter(pk__in=[batch.pk for batch in batches])
        .order_by()
        .annotate(
            done=count_of(mine.filter(state=state.SUBMITTED)),
            skipped=count_of(mine.filter(state=state.SKIPPED)),
            drafts=count_of(waiting.filter(draft_version__gt=0)),
            waiting=count_of(mine.filter(state__in=HOLDING)),
            seen_at=latest_of(waiting, "opened_at"),
            submitted_at=latest_of(recent, "submitted_at"),
        )
        .values("pk", *NOTHING, "seen_at", "submitted_at")
    )
    counts: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        counted_row: dict[str, Any] = dict(row)
        counts[counted_row.pop("pk")] = counted_row
    pooled = [batch for batch in batches if batch.strategy not in SHARED_OUT]
    ends = ends_of(pooled, user, counts)
    return {
        batch.pk: progress(counts.get(batch.pk, NOTHING), ends.get(batch.pk))
        for batch in batches
    }


NOTHING = {"done": 0, "skipped": 0, "drafts": 0, "waiting": 0}


def count_of(rows: QuerySet[Assignment]) -> Coalesce:
    counted_rows = rows.order_by().values("batch").annotate(count=Count("*"))
    return Coalesce(Subquery(counted_rows.values("count")), 0)


def latest_of(rows: QuerySet[Assignment], column: str) -> Subquery:
    known = rows.filter(**{f"{column}__isnull": False})
    return Subquery(known.order_by(f"-{column}").values(column)[:1])


@dataclass(frozen=True)
class End:
    """Where an annotator's road through a pool ends, as far as can be said."""

    total: int
    is_exact: bool


def progress(counts: dict[str, Any], end: End | None) -> Progress:
    """What is done, and where the road ends: never before what I have in hand."""
    had = counts["done"] + counts["skipped"] + counts["waiting"]
    return Progress(
        done=counts["done"],
        skipped=counts["skipped"],
        drafts=counts["drafts"],
        total=had if end is None else max(end.total, had),
        is_exact=end is None or end.is_exact,
        opened_at=counts.get("seen_at"),
        submitted_at=counts.get("submitted_at"),
    )


def ends_of(
    batches: Sequence[Batch], user: User, counts: dict[UUID, dict[str, Any]]
) -> dict[UUID, End]:
    """How many units of each pool may come to this annotator in the end.

    Their fair share while anything is left that they have not seen. Remembered for a
    minute, so that the goal does not move with every step.
    """
    names = {batch.pk: f"end:{batch.pk}:{user.pk}" for batch in batches}
    known: dict[str, End] = cache.get_many(list(names.values()))
    asked = [batch for batch in batches if names[batch.pk] not in known]
    if asked:
        mine = Assignment.objects.filter(unit=OuterRef("pk"), annotator=user)
        work = Unit.objects.of_the_work()
        free = work.claimable().filter(~Exists(mine), batch=OuterRef("pk"))
        with_more = set(
            Batch.objects.filter(Exists(free), pk__in=[batch.pk for batch in asked])
            .order_by()
            .values_list("pk", flat=True)
        )
        units = sizes_of(asked)
        members = counted(BatchMember.objects.filter(batch__in=asked, active=True))
        for batch in asked:
            own = counts.get(batch.pk, NOTHING)
            had = own["done"] + own["skipped"] + own["waiting"]
            people = members.get(batch.pk, 0)
            share = fair_share(batch, units[batch.pk], people)
            has_more = batch.pk in with_more
            known[names[batch.pk]] = End(
                total=max(share, had) if has_more else had,
                # Where everybody judges every unit, nobody takes another's place.
                is_exact=not has_more or batch.overlap >= people,
            )
        cache.set_many({names[b.pk]: known[names[b.pk]] for b in asked}, FRESH_FOR)
    return {pk: known[name] for pk, name in names.items()}


def sizes_of(batches: Sequence[Batch]) -> dict[UUID, int]:
    """Units of the work in each batch, counted once a minute for everybody in it."""
    names = {batch.pk: f"size:{batch.pk}" for batch in batches}
    known: dict[str, int] = cache.get_many(list(names.values()))
    asked = [batch for batch in batches if names[batch.pk] not in known]
    if asked:
        units = counted(Unit.objects.filter(batch__in=asked, kind__in=OF_THE_WORK))
        known |= {names[batch.pk]: units.get(batch.pk, 0) for batch in asked}
        cache.set_many({names[b.pk]: known[names[b.pk]] for b in asked}, FRESH_FOR)
    return {pk: known[name] for pk, name in names.items()}


def fair_share(batch: Batch, units: int, members: int) -> int:
    """Units that fall to each annotator of a pool, bounded by cap and size."""
    share = min(units, ceil(units * batch.overlap / max(members, 1)))
    return share if batch.cap is None else min(share, batch.cap)


def counted(rows: QuerySet[Any]) -> dict[UUID, int]:
    # Rows, not ids: an index that holds no id can count them.
    return dict(rows.order_by().values_list("batch").annotate(count=Count("*")))


def of_the_work(batches: Sequence[Batch]) -> QuerySet[Assignment]:
    """The assignments of these batches without those of training and calibration.

    Units are looked at only where a batch has any of those.
    """
    rows = Assignment.objects.filter(batch__in=batches)
    if any(batch.has_stages for batch in batches):
        rows = rows.exclude(unit__kind__in=STAGES)
    return rows


def stage_progress(batch: Batch, user: User, kind: str) -> Progress:
    """How far one annotator is in the training or the calibration round."""
    state = AssignmentState
    mine = Assignment.objects.filter(batch=batch, annotator=user, unit__kind=kind)
    counts = mine.aggregate(
        done=Count("pk", filter=Q(state=state.SUBMITTED)),
        skipped=Count("pk", filter=Q(state=state.SKIPPED)),
        total=Count("pk"),
    )
    return Progress(drafts=0, **counts)


@dataclass(frozen=True)
class BatchProgress:
    """A batch's counts for its manager, of this instant."""

    units: int
    required: int
    submitted: int
    in_hand: int
    surplus: int


def batch_progress(batch: Batch) -> BatchProgress:
    return progress_by_batch([batch])[batch.pk]


def progress_by_batch(batches: Sequence[Batch]) -> dict[UUID, BatchProgress]:
    """The counts of many batches, in as many queries as for one."""
    return {
        pk: BatchProgress(
            units=counts.units,
            required=counts.required,
            submitted=counts.done,
            in_hand=counts.in_hand,
            surplus=counts.surplus,
        )
        for pk, counts in counts_of(batches).items()
    }


def by_annotator(batch: Batch) -> list[dict[str, object]]:
    """Each annotator's counts, those who joined the batch first."""
    counts = dict(counts_of([batch])[batch.pk].people)
    rows = []
    for member in batch.members.select_related("user").order_by("pk"):
        row = counted_states(counts.pop(member.user_id, Counter()))
        rows.append({**row, "user": member.user, "active": member.active})
    for user in User.objects.filter(pk__in=list(counts)).order_by("email"):
        row = counted_states(counts[user.pk])
        rows.append({**row, "user": user, "active": False})
    return rows


def counted_states(states: Counter[str]) -> dict[str, int]:
    return {
        "submitted": states[AssignmentState.SUBMITTED],
        "in_hand": states[AssignmentState.LEASED],
        "skipped": states[AssignmentState.SKIPPED],
    }
