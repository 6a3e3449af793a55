"""What few judgments have is found from its own side: through the index of the filter.

Each filter names the rows it begins at. Where they are at most `FEW`, the assignments
they belong to are all there is to look at; where they are more, the walk by time meets
them soon enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from annotation.browsing.asked import Asked
from annotation.browsing.conditions import begins, is_value, says, took
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    Flag,
    Item,
    ItemSegment,
    Judgment,
    Output,
    Return,
    Unit,
    UnitOutput,
)
from annotation.models.assignment import AssignmentState, Source

FEW = 5_000
BY_ID = "external_id"


class TooMany(Exception):
    """More than a few: this side is no shorter way."""


def rare_ones(batch: Batch, asked: Asked) -> list[UUID] | None:
    """The few assignments that one of the filters leaves; None where none is rare."""
    for side in sides(batch, asked):
        try:
            found: list[UUID] = side()
        except TooMany:
            continue
        return found
    return None


def few(rows: QuerySet[Any, Any], *order: str) -> list[Any]:
    """All of them, when they are few; the index is left after one too many.

    An `order` names the index to go by where a table's many rows would all do.
    """
    found = list(rows.order_by(*order)[: FEW + 1])
    if len(found) > FEW:
        raise TooMany
    return found


def sides(batch: Batch, asked: Asked) -> Iterator[Any]:
    """The filters' own sides, those that are usually shortest first."""
    of_batch = Assignment.objects.filter(batch=batch, state=AssignmentState.SUBMITTED)
    if asked.item:
        items = Item.objects.filter(
            begins("external_id", asked.item), dataset=batch.dataset_id
        )
        yield lambda: of_items(batch, few(items.values_list("pk", flat=True), BY_ID))
    if asked.output:
        outputs = Output.objects.filter(
            begins("external_id", asked.output), dataset=batch.dataset_id
        )
        yield lambda: of_outputs(few(outputs.values_list("pk", flat=True), BY_ID))
    if "returned" in asked.only:
        yield lambda: of_marks(Return)
    if "flagged" in asked.only:
        yield lambda: of_marks(Flag)
    if "surplus" in asked.only:
        yield lambda: few(
            of_batch.filter(holds_slot=False).values_list("pk", flat=True)
        )
    if asked.source and asked.source != Source.SCREEN:
        sent = of_batch.exclude(source=Source.SCREEN).filter(source=asked.source)
        yield lambda: few(sent.values_list("pk", flat=True))
    if asked.words:
        yield lambda: of_words(asked.words)
    if asked.kind:
        units = Unit.objects.filter(batch=batch, kind=asked.kind)
        yield lambda: of_units(few(units.values_list("pk", flat=True)))
    for value in asked.answers:
        answers = Answer.objects.filter(is_value(value))
        if not value.code:  # Categories of several have no index of their own.
            yield lambda a=answers: of_answers(a)
    if "revised" in asked.only:
        revisions = Judgment.objects.filter(number__gt=1)
        yield lambda: few(revisions.values_list("assignment", flat=True))
    if "note" in asked.only:
        noted = Judgment.objects.exclude(note="")
        yield lambda: few(noted.values_list("assignment", flat=True))
    if asked.below is not None or asked.above is not None:
        quick = Judgment.objects.current().filter(took(asked))
        yield lambda: few(quick.values_list("assignment", flat=True))
    for name, value_of in asked.segments:
        named = ItemSegment.objects.filter(
            dataset=batch.dataset_id, name=name, value=value_of
        )
        yield lambda n=named: of_items(batch, few(n.values_list("item", flat=True)))
    if asked.system is not None:
        outputs = Output.objects.filter(system=asked.system)
        yield lambda: of_outputs(few(outputs.values_list("pk", flat=True)))
    if "rationale" in asked.only:
        yield lambda: of_answers(Answer.objects.exclude(rationale=""))


def of_words(words: str) -> list[UUID]:
    noted = Judgment.objects.exclude(note="").filter(says("note", words))
    explained = Answer.objects.exclude(rationale="").filter(says("rationale", words))
    return [
        *few(noted.values_list("assignment", flat=True)),
        *of_answers(explained),
    ]


def of_answers(answers: QuerySet[Answer]) -> list[UUID]:
    judgments = Judgment.objects.current().filter(
        pk__in=few(answers.values_list("judgment", flat=True))
    )
    return few(judgments.values_list("assignment", flat=True))


def of_marks(model: type[Flag] | type[Return]) -> list[UUID]:
    return few(model.objects.values_list("assignment", flat=True))


def of_items(batch: Batch, items: Sequence[int]) -> list[UUID]:
    units = Unit.objects.filter(item__in=items, batch=batch)
    return of_units(few(units.values_list("pk", flat=True)))


def of_outputs(outputs: Sequence[int]) -> list[UUID]:
    units = UnitOutput.objects.filter(output__in=outputs)
    return of_units(few(units.values_list("unit", flat=True)))


def of_units(units: Sequence[UUID]) -> list[UUID]:
    rows = Assignment.objects.filter(unit__in=units)
    return few(rows.values_list("pk", flat=True))
