"""How many judge a unit, and of which share: changed while the batch runs."""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Greatest

from annotation.actions.holding import database_now
from annotation.actions.slots import place_of_return
from annotation.actions.units import overlapping
from annotation.models import Batch, Unit
from annotation.models.unit import UnitKind
from config.chunks import chunks

CHUNK = 1_000


def change_overlap(batch: Batch, overlap: int, share: float) -> None:
    """Lower to what is taken at least; raise by opening only the missing slots.

    A unit that becomes claimable again goes to the far end of the pool; one that is
    withdrawn stays as it is (invariant 2).
    """
    batch.members.update(looked_back_at=None)  # Before units, as claims lock them.
    if share != batch.overlap_share:
        mark_share(batch, share)
    batch.overlap, batch.overlap_share = overlap, share
    place = place_of_return(database_now(batch))
    asked = Case(
        When(overlaps=True, then=Value(overlap)),
        default=Value(1),
        output_field=IntegerField(),
    )
    units = Unit.objects.filter(batch=batch, withdrawn_at=None).of_the_work()
    opened = Q(taken__gte=F("required")) & Q(taken__lt=asked)
    units.update(
        place=Case(When(opened, then=Value(place)), default=F("place")),
        required=Greatest(asked, F("taken"), output_field=IntegerField()),
    )


def mark_share(batch: Batch, share: float) -> None:
    """Mark more units by lowest place, or fewer: those least taken lose it first."""
    units = Unit.objects.filter(
        batch=batch, kind=UnitKind.NORMAL, withdrawn_at=None
    ).order_by("place", "pk")
    wanted = overlapping(units.count(), share)
    marked = units.filter(overlaps=True)
    more = wanted - marked.count()
    if more > 0:
        chosen = units.filter(overlaps=False)[:more]
    else:
        chosen = marked.order_by("taken", "-place", "pk")[:-more]
    for names in chunks(list(chosen.values_list("pk", flat=True)), CHUNK):
        Unit.objects.filter(pk__in=names).update(overlaps=more > 0)
