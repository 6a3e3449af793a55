"""The outputs of a selection, as queries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.models import (
    Answer,
    Assignment,
    Batch,
    Item,
    ItemSegment,
    Output,
    Unit,
    UnitOutput,
)
from annotation.models.assignment import AssignmentState
from annotation.models.batch import Layout
from annotation.selecting.metadata import output_says
from annotation.selecting.selection import Only, Selection
from config.chunks import chunks
from rubrics.comparable import comparable_versions, published_with

CHUNK = 1_000


def pieces_of(batch: Batch, selection: Selection) -> Iterator[QuerySet[Output]]:
    """The selected outputs, one query after another where items are listed."""
    outputs = selected_outputs(batch, selection)
    if not selection.items:
        yield outputs
        return
    known = item_keys(batch.dataset_id, selection.items)
    for piece in chunks(sorted(known.values()), CHUNK):
        yield outputs.filter(item__in=piece)


def selected_outputs(batch: Batch, selection: Selection) -> QuerySet[Output]:
    """Latest revisions of the selected outputs, items together, in order of import.

    Of whatever items: `pieces_of` narrows to those that are listed.
    """
    newer = Output.objects.filter(
        dataset=OuterRef("dataset"),
        external_id=OuterRef("external_id"),
        revision__gt=OuterRef("revision"),
    )
    outputs = Output.objects.filter(~Exists(newer), dataset=batch.dataset_id)
    if selection.systems:
        outputs = outputs.filter(system__name__in=selection.systems)
    outputs = outputs.filter(fitting(selection.segments, selection.metadata))
    if selection.only and batch.layout == Layout.SCORING:
        wanted, unwanted = judged_units(batch, selection.only)
        outputs = outputs.exclude(pk__in=shown_in(unwanted))
        if wanted is not None:
            outputs = outputs.filter(pk__in=shown_in(wanted))
    return outputs.order_by("item_id", "pk")


def fitting(
    segments: Mapping[str, Sequence[str]], metadata: Mapping[str, Sequence[Any]]
) -> Q:
    """Outputs with one of the values in each segment and at each key."""
    condition = Q()
    for name, values in segments.items():
        segment = ItemSegment.objects.filter(
            item=OuterRef("item"), name=name, value__in=values
        )
        condition &= Q(Exists(segment))
    for key, among in metadata.items():
        condition &= output_says(key, among)
    return condition


def judged_units(
    batch: Batch, only: str
) -> tuple[QuerySet[Unit] | None, QuerySet[Unit]]:
    """Units of the dataset under this rubric: judged as wanted (None: no matter), and
    judged so that they are not wanted."""
    if only == Only.NEVER_JUDGED:
        return None, units_judged(batch)
    fitting_versions = comparable_versions(batch.rubric_version_id)
    others = published_with(batch.rubric_version_id) - fitting_versions
    return units_judged(batch, others), units_judged(batch, fitting_versions)


def units_judged(
    batch: Batch, versions: Collection[UUID] | None = None
) -> QuerySet[Unit]:
    """Judged under this batch's rubric; with versions, answered by one of these.

    A batch may have moved to another version meanwhile: only answers know theirs.
    """
    submitted = Assignment.objects.filter(
        state=AssignmentState.SUBMITTED,
        batch__dataset=batch.dataset_id,
        batch__rubric_version__rubric__versions=batch.rubric_version_id,
    )
    if versions is not None:
        answered = Answer.objects.filter(
            criterion__version__in=versions, judgment__superseded_at=None
        )
        submitted = submitted.filter(pk__in=answered.values("judgment__assignment"))
    return Unit.objects.of_the_work().filter(pk__in=submitted.values("unit"))


def shown_in(units: QuerySet[Unit]) -> QuerySet[Any, int]:
    shown = UnitOutput.objects.filter(unit__in=units)
    return shown.values_list("output_id", flat=True)


def item_keys(dataset_id: UUID, names: Sequence[str]) -> dict[str, int]:
    """The items of these external ids that there are."""
    found: dict[str, int] = {}
    for piece in chunks(dict.fromkeys(names), CHUNK):
        items = Item.objects.filter(dataset=dataset_id, external_id__in=piece)
        found |= dict(items.values_list("external_id", "pk"))
    return found
