"""A batch by segment: how much of each slice is judged, and what nobody has begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.db.models import Count, Q, Sum

from annotation.models import Assignment, Batch, ItemSegment, Unit
from annotation.models.assignment import HOLDING
from annotation.watching.counts import OF_THE_WORK
from annotation.watching.remembered import Kept, remembered

MOST_NAMES = 20
MOST_VALUES = 50
LOOKED_AT = 500  # items, in which the names of segments are looked for


@dataclass(frozen=True)
class Segment:
    """One value: its units, and the judgments that are there and required."""

    value: str
    units: int
    required: int
    done: int
    untouched: int


def segment_names(batch: Batch) -> list[str]:
    """The segments that the first items of the dataset have, by name: one query."""
    first = batch.dataset.items.order_by("pk").values("pk")[:LOOKED_AT]
    rows = ItemSegment.objects.filter(item__in=first).order_by("name")
    return list(rows.values_list("name", flat=True).distinct()[:MOST_NAMES])


def segments_in(batch: Batch, name: str) -> Kept[list[Segment]]:
    """The values of one segment, the largest first, as counted a moment ago."""
    key = f"segment-{sha256(name.encode()).hexdigest()[:16]}"
    return remembered(key, [batch], partial(by_value, name=name))[batch.pk]


def by_value(batches: Sequence[Batch], *, name: str) -> dict[UUID, list[Segment]]:
    return {batch.pk: values_of(batch, name) for batch in batches}


def values_of(batch: Batch, name: str) -> list[Segment]:
    """Two queries; what is in hand is taken off what is taken, so none reads all."""
    units = (
        Unit.objects.filter(batch=batch, kind__in=OF_THE_WORK)
        .filter(item__segments__name=name)
        .order_by()
        .values("item__segments__value")
        .annotate(
            units=Count("*"),
            needed=Sum("required"),
            held=Sum("taken"),
            untouched=Count("taken", filter=Q(taken=0, required__gt=0)),
        )
        .order_by("-units", "item__segments__value")[:MOST_VALUES]
    )
    in_hand = dict(
        Assignment.objects.filter(
            batch=batch, state__in=HOLDING, unit__kind__in=OF_THE_WORK
        )
        .filter(unit__item__segments__name=name)
        .order_by()
        .values_list("unit__item__segments__value")
        .annotate(count=Count("*"))
    )
    return [
        Segment(
            value=row["item__segments__value"],
            units=row["units"],
            required=row["needed"],
            done=row["held"] - in_hand.get(row["item__segments__value"], 0),
            untouched=row["untouched"],
        )
        for row in units
    ]
