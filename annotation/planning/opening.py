"""What a change of overlap or people opens, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import User
from annotation.actions.units import overlapping
from annotation.models import Batch, Unit
from annotation.models.unit import UnitKind
from annotation.planning.pace import Pace, own_paces, pace_of
from annotation.watching.counts import counts_of


@dataclass(frozen=True)
class Opening:
    """`opened` judgments more are wanted and `closed` fewer; `remaining` are then left
    to make by `people`, what is in hand among them."""

    opened: int
    closed: int
    remaining: int
    people: int
    pace: Pace

    @property
    def hours_each(self) -> float:
        """Of what is opened."""
        return self.hours(self.opened)

    @property
    def remaining_hours_each(self) -> float:
        return self.hours(self.remaining)

    def hours(self, judgments: int) -> float:
        return judgments * self.pace.seconds / 3_600 / max(1, self.people)


def opening_of(
    batch: Batch, *, overlap: int, share: float, people: Sequence[User]
) -> Opening:
    """Reckoned from the units' counts; nothing is changed.

    Where the share changes, the units that gain or lose the overlap are taken to be
    like the others of their kind.
    """
    groups = list(
        Unit.objects.filter(batch=batch, kind=UnitKind.NORMAL, withdrawn_at=None)
        .order_by()
        .values_list("overlaps", "required", "taken")
        .annotate(units=Count("pk"))
    )
    total = sum(units for *_, units in groups)
    flips = 0
    if share != batch.overlap_share:
        marked = sum(units for overlaps, *_, units in groups if overlaps)
        flips = overlapping(total, share) - marked
    opened = closed = 0
    # Those least taken lose the overlap first, as they do when the change is made.
    for overlaps, required, taken, units in sorted(groups, key=lambda group: group[2]):
        flipped = 0
        if flips > 0 and not overlaps:
            flipped = min(units, flips)
            flips -= flipped
        elif flips < 0 and overlaps:
            flipped = min(units, -flips)
            flips += flipped
        for count, marks in [(flipped, not overlaps), (units - flipped, overlaps)]:
            wanted = max(overlap if marks else 1, taken)
            opened += count * max(0, wanted - required)
            closed += count * max(0, required - wanted)
    # As the batch's page counts what remains.
    remaining = max(0, counts_of([batch])[batch.pk].remaining + opened - closed)
    paces = own_paces(batch, people)
    pace = pace_of(batch)
    seconds = [paces.get(person.pk, pace).seconds for person in people]
    mean = sum(seconds) / len(seconds) if seconds else pace.seconds
    pace = Pace(mean, pace.based_on, pace.count)
    return Opening(opened, closed, remaining, len(people), pace)
