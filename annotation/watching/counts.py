"""Units and assignments counted, for many batches at once, without reading a table.

Each query is answered by an index alone: units_by_need, assignments_of_annotator,
surplus_of_batch. What is judged before the work is few rows, and is taken off again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import AssignmentState
from annotation.models.unit import STAGES, UnitKind

OF_THE_WORK = [kind for kind in UnitKind if kind not in STAGES]
# Counted to tell them apart; what expired or was released is nobody's now.
STATES = (
    AssignmentState.SUBMITTED,
    AssignmentState.LEASED,
    AssignmentState.RESERVED,
    AssignmentState.SKIPPED,
)


@dataclass(frozen=True)
class Counts:
    """A batch's own work at one instant; `people` counts states by annotator."""

    units: int = 0
    untouched: int = 0
    filled: int = 0
    required: int = 0
    taken: int = 0
    withdrawn: int = 0
    surplus: int = 0
    people: dict[UUID, Counter[str]] = field(default_factory=dict)

    def total(self, state: str) -> int:
        return sum(counted[state] for counted in self.people.values())

    @property
    def submitted(self) -> int:
        """Every judgment, those beyond the overlap too."""
        return self.total(AssignmentState.SUBMITTED)

    @property
    def done(self) -> int:
        """Judgments that were required and are there."""
        return self.submitted - self.surplus

    @property
    def in_hand(self) -> int:
        return self.total(AssignmentState.LEASED)

    @property
    def set_aside(self) -> int:
        """Given to a person in advance, and not opened yet."""
        return self.total(AssignmentState.RESERVED)

    @property
    def skipped(self) -> int:
        return self.total(AssignmentState.SKIPPED)

    @property
    def remaining(self) -> int:
        return max(self.required - self.done, 0)

    @property
    def free(self) -> int:
        """Places that nobody has taken yet."""
        return max(self.required - self.taken, 0)

    @property
    def is_done(self) -> bool:
        return self.required > 0 and self.remaining == 0

    @property
    def percent(self) -> int:
        """Rounded down: 100 only when everything is there."""
        return 100 * self.done // self.required if self.required else 0


def counts_of(batches: Sequence[Batch]) -> dict[UUID, Counts]:
    """The counts of many batches: five queries, one less where none has stages."""
    units = (
        Unit.objects.filter(batch__in=batches, kind__in=OF_THE_WORK)
        .order_by()
        .values("batch")
        .annotate(
            units=Count("*"),
            untouched=Count("taken", filter=Q(taken=0, required__gt=0)),
            filled=Count("taken", filter=Q(taken__gte=F("required"))),
            needed=Coalesce(Sum("required"), 0),
            held=Coalesce(Sum("taken"), 0),
        )
    )
    by_need = {row["batch"]: row for row in units}
    withdrawn = by_batch(
        Unit.objects.filter(batch__in=batches, withdrawn_at__isnull=False)
        .order_by()
        .values_list("batch")
        .annotate(count=Count("*"))
    )
    people, surplus = assignments_of(batches)
    found = {}
    for batch in batches:
        row = by_need.get(batch.pk)
        found[batch.pk] = Counts(
            units=row["units"] if row else 0,
            untouched=row["untouched"] if row else 0,
            filled=row["filled"] if row else 0,
            required=row["needed"] if row else 0,
            taken=row["held"] if row else 0,
            withdrawn=withdrawn.get(batch.pk, 0),
            surplus=surplus[batch.pk],
            people=people[batch.pk],
        )
    return found


def assignments_of(
    batches: Sequence[Batch],
) -> tuple[dict[UUID, dict[UUID, Counter[str]]], Counter[UUID]]:
    """By batch: each annotator's states, and judgments that hold no slot."""
    people: dict[UUID, dict[UUID, Counter[str]]] = {batch.pk: {} for batch in batches}
    rows = Assignment.objects.filter(batch__in=batches).order_by()
    counted = rows.values_list("batch", "annotator", "state").annotate(count=Count("*"))
    for batch, annotator, state, count in counted:
        people[batch].setdefault(annotator, Counter())[state] += count
    surplus: Counter[UUID] = Counter(
        by_batch(
            rows.filter(state=AssignmentState.SUBMITTED, holds_slot=False)
            .values_list("batch")
            .annotate(count=Count("*"))
        )
    )
    staged = [batch for batch in batches if batch.has_stages]
    if staged:
        before = (
            Assignment.objects.filter(
                unit__batch__in=staged, unit__kind__in=STAGES, batch__in=staged
            )
            .order_by()
            .values_list("batch", "annotator", "state", "holds_slot")
            .annotate(count=Count("*"))
        )
        for batch, annotator, state, holds_slot, count in before:
            people[batch][annotator][state] -= count
            if state == AssignmentState.SUBMITTED and not holds_slot:
                surplus[batch] -= count
    return people, surplus


def by_batch(rows: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    return dict(rows)
