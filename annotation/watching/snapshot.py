"""A batch as its manager sees it: counts, pace, people, leases, at one instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from annotation.models import Batch, BatchMember
from annotation.models.assignment import AssignmentState
from annotation.watching.counts import Counts, counts_of
from annotation.watching.detail import Detail, Known, Lease, details_of
from annotation.watching.pace import Forecast, forecast_of
from annotation.watching.remembered import Kept, remembered


@dataclass(frozen=True)
class Annotator:
    """One person in a batch; `member` is None for who only brought judgments in."""

    user: User
    member: BatchMember | None
    states: Counter[str]
    share: int
    known: Known
    oldest: Lease | None
    flags_waiting: int

    @property
    def done(self) -> int:
        return self.states[AssignmentState.SUBMITTED]

    @property
    def in_hand(self) -> int:
        return self.states[AssignmentState.LEASED]

    @property
    def set_aside(self) -> int:
        return self.states[AssignmentState.RESERVED]

    @property
    def skipped(self) -> int:
        return self.states[AssignmentState.SKIPPED]

    @property
    def active(self) -> bool:
        return self.member is not None and self.member.active

    @property
    def has_work(self) -> bool:
        """Is anything in their hands, or set aside for them?"""
        return bool(self.in_hand or self.set_aside)


@dataclass(frozen=True)
class Snapshot:
    """`as_of` is when the older of its two parts was counted."""

    batch: Batch
    counts: Counts
    detail: Detail
    as_of: datetime
    annotators: list[Annotator]

    @cached_property
    def forecast(self) -> Forecast:
        return forecast_of(
            self.counts.remaining, self.detail.pace, timezone.now(), self.batch.due_at
        )

    @property
    def is_moving(self) -> bool:
        """May its figures change while one looks at them?"""
        return self.batch.state in ("open", "paused")

    @property
    def lapsed(self) -> list[Lease]:
        now = timezone.now()
        return [lease for lease in self.detail.leases if lease.ends < now]

    @property
    def waiting(self) -> int:
        return self.detail.flags_waiting + self.detail.skips_waiting


def counts_in(batches: Sequence[Batch]) -> dict[UUID, Kept[Counts]]:
    """The counts of many batches as they were a moment ago."""
    return remembered("counts", batches, counts_of)


def snapshot_of(batch: Batch) -> Snapshot:
    counts = counts_in([batch])[batch.pk]
    detail = remembered("detail", [batch], details_of)[batch.pk]
    return Snapshot(
        batch=batch,
        counts=counts.value,
        detail=detail.value,
        as_of=min(counts.at, detail.at),
        annotators=annotators_in(batch, counts.value, detail.value),
    )


def annotators_in(batch: Batch, counts: Counts, detail: Detail) -> list[Annotator]:
    """Those who joined the batch first, then whoever else judged in it."""
    members = {
        member.user_id: member
        for member in batch.members.select_related("user", "batch").order_by("pk")
    }
    users = {user_id: member.user for user_id, member in members.items()}
    others = [user_id for user_id in counts.people if user_id not in users]
    if others:
        found = User.objects.filter(pk__in=others).order_by("email")
        users |= {user.pk: user for user in found}
    oldest = {lease.annotator: lease for lease in reversed(detail.leases)}
    flags: Counter[UUID] = Counter()
    for _, annotator, _, waiting in detail.flags:
        flags[annotator] += waiting
    all_done = max(counts.submitted, 1)
    nothing: Counter[str] = Counter()
    return [
        Annotator(
            user=user,
            member=members.get(user_id),
            states=(states := counts.people.get(user_id, nothing)),
            share=round(100 * states[AssignmentState.SUBMITTED] / all_done),
            known=detail.people.get(user_id, Known(None, None)),
            oldest=oldest.get(user_id),
            flags_waiting=flags[user_id],
        )
        for user_id, user in users.items()
    ]
