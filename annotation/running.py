"""What waits for the manager of a running batch: work left behind, free slots."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import Membership, User
from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import WAITING


@dataclass(frozen=True)
class LeftBehind:
    """What somebody who takes no more units has not submitted."""

    user: User
    units: int
    is_member: bool  # False: they left the project.


def left_behind(batch: Batch) -> list[LeftBehind]:
    """Who left the project or the batch with work that nobody else has yet.

    What lapsed while others took its slot is nobody's loss and is not counted.
    """
    waiting = Assignment.objects.filter(
        Q(holds_slot=True) | Q(unit__taken__lt=F("unit__required")),
        batch=batch,
        state__in=WAITING,
    )
    counts = dict(
        waiting.order_by().values_list("annotator").annotate(units=Count("pk"))
    )
    judging = Membership.objects.current().judging().filter(project=batch.project_id)
    there = set(judging.values_list("user", flat=True))
    active = set(batch.members.filter(active=True).values_list("user", flat=True))
    gone = User.objects.filter(pk__in=counts.keys() - (there & active))
    return [
        LeftBehind(user, counts[user.pk], user.pk in there)
        for user in gone.order_by("email")
    ]


def free_slots(batch: Batch) -> int:
    """How many more judgments the units ask for than people have in hand or gave."""
    units = Unit.objects.of_the_work().claimable().filter(batch=batch)
    total = units.aggregate(free=Coalesce(Sum(F("required") - F("taken")), 0))
    free: int = total["free"]
    return free
