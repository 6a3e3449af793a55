"""How many units a selection comes to, counted by the database where it can."""

from __future__ import annotations

from django.db.models import Case, Count, F, IntegerField, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable

from annotation.models import Batch, Output
from annotation.models.batch import Layout
from annotation.selecting.outputs import fitting, pieces_of
from annotation.selecting.plans import every_plan
from annotation.selecting.selection import Selection


def count_units(batch: Batch, selection: Selection) -> int:
    """As many as `plan_units` yields. Raises Refused where that does."""
    sure = selection.sure
    scoring = batch.layout == Layout.SCORING
    if selection.units_named or (not scoring and (sure or selection.only)):
        # Only the units themselves tell: none is made, none is kept.
        return count_one_by_one(batch, selection)
    pieces = list(pieces_of(batch, selection))
    there = sum(count_groups(batch, selection, outputs) for outputs in pieces)
    if selection.sample is not None:
        return min(there, selection.sample)
    if sure is None or selection.rest_share is None:
        return there
    is_sure = fitting(sure.segments, sure.metadata)
    certain = sum(outputs.filter(is_sure).count() for outputs in pieces)
    return certain + round(selection.rest_share * (there - certain))


def count_one_by_one(batch: Batch, selection: Selection) -> int:
    certain = rest = 0
    for plan in every_plan(batch, selection):
        certain += plan.is_sure
        rest += not plan.is_sure
    if selection.sample is not None:
        return min(certain + rest, selection.sample)
    if selection.rest_share is None:
        return certain + rest
    return certain + round(selection.rest_share * rest)


def count_groups(batch: Batch, selection: Selection, outputs: QuerySet[Output]) -> int:
    """Units of these outputs, by what `groups_of` makes of the outputs of an item."""
    if batch.layout == Layout.SCORING:
        return outputs.count()
    sizes = outputs.order_by().values("item").annotate(size=Count("pk"))
    counted = sizes.aggregate(units=Sum(groups_in(F("size"), batch.layout, selection)))
    return counted["units"] or 0


def groups_in(size: F, layout: str, selection: Selection) -> Combinable:
    if layout == Layout.RANKING:
        groups: Combinable = Value(1)
    elif selection.pairs == "chain":
        groups = size - 1
    elif selection.pairs == "random":
        groups = size / 2
    else:
        groups = size * (size - 1) / 2
    return Case(
        When(size__gte=2, then=groups), default=Value(0), output_field=IntegerField()
    )
