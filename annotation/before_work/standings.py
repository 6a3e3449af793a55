"""How far everybody in a batch is before the work, for its manager."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from annotation.models import Assignment, Batch, BatchMember
from annotation.models.assignment import AssignmentState
from annotation.models.unit import STAGES, UnitKind


@dataclass(frozen=True)
class Standings:
    """One annotator: guidelines read, training tried, calibration judged or skipped."""

    member: BatchMember
    answered: int
    attempts: int
    score: float | None
    calibrated: int

    @property
    def waits_to_be_let_in(self) -> bool:
        """Have they used their last attempt in vain?"""
        tried = self.attempts >= self.member.batch.training_attempts
        return self.member.is_in_training and tried

    @property
    def percent(self) -> int | None:
        return None if self.score is None else round(100 * self.score)


def standings_of(batch: Batch) -> list[Standings]:
    """At most three queries, however many annotators there are."""
    members = (
        batch.members.select_related("user", "batch", "let_in_by")
        .prefetch_related("attempts")
        .order_by("pk")
    )
    done: Counter[tuple[object, str]] = Counter()
    state = AssignmentState
    if batch.has_stages:
        rows = Assignment.objects.filter(
            unit__batch=batch,  # Few units: found by their own index.
            unit__kind__in=STAGES,
            state__in=[state.SUBMITTED, state.SKIPPED],
        )
        done.update(rows.values_list("annotator_id", "unit__kind"))
    return [
        Standings(
            member=member,
            answered=done[member.user_id, UnitKind.TRAINING],
            attempts=len(attempts := list(member.attempts.all())),
            score=attempts[-1].score if attempts else None,
            calibrated=done[member.user_id, UnitKind.CALIBRATION],
        )
        for member in members
    ]
