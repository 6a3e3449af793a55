"""Each filter as a condition on submitted assignments, checked row by row."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection
from django.db.models import (
    BooleanField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.lookups import Exact

from annotation.browsing.asked import Asked
from annotation.browsing.values import AskedValue
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    Flag,
    ItemSegment,
    Judgment,
    Return,
    UnitOutput,
)
from annotation.models.assignment import AssignmentState
from annotation.models.unit import STAGES

LAST_CHARACTER = "\U0010ffff"


class Says(Func):
    """Does this text hold all of these words? Full text where the engine has it."""

    output_field = BooleanField()

    def __init__(self, column: str, words: str) -> None:
        super().__init__(F(column), Value(words))

    def as_sql(self, compiler: Any, connection: Any, *_form: Any, **_more: Any) -> Any:
        column, words = self.get_source_expressions()
        text, nothing = compiler.compile(column)
        asked, params = compiler.compile(words)
        sql = f"to_tsvector('simple', {text}) @@ plainto_tsquery('simple', {asked})"
        return sql, [*nothing, *params]


def says(column: str, words: str) -> Q:
    if connection.vendor == "postgresql":
        return Q(Says(column, words))
    found = Q()
    for word in words.split():
        found &= Q(**{f"{column}__icontains": word})
    return found


def begins(column: str, written: str) -> Q:
    """An id, or with a star at its end the beginning of ids; case counts."""
    beginning, star, rest = written.partition("*")
    if not star or rest:
        return Q(**{column: written})
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": beginning})
    return Q(
        **{f"{column}__gte": beginning, f"{column}__lt": beginning + LAST_CHARACTER}
    )


def in_time(batch: Batch, asked: Asked) -> QuerySet[Assignment]:
    """What the indexes by time serve alone: the batch, one annotator, some days."""
    rows = Assignment.objects.filter(batch=batch, state=AssignmentState.SUBMITTED)
    if asked.annotator is not None:
        rows = rows.filter(annotator=asked.annotator)
    if asked.since is not None:
        rows = rows.filter(submitted_at__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(submitted_at__lt=asked.until)
    return rows


def conditions(batch: Batch, asked: Asked, stages: Collection[str] = ()) -> list[Any]:
    """All that rows must be; what came before the work is seen where it is asked for.

    `stages` names what of it is wanted beside the work.
    """
    left_out = [kind for kind in STAGES if kind not in stages]
    if asked.kind:
        first = [Q(unit__kind=asked.kind)]
    else:
        first = [~Q(unit__kind__in=left_out)] if batch.has_stages and left_out else []
    return [*first, *each_condition(asked)]


def each_condition(asked: Asked) -> Iterator[Any]:
    if asked.source:
        yield Q(source=asked.source)
    if asked.system is not None:
        yield Exists(
            UnitOutput.objects.filter(
                unit=OuterRef("unit"), output__system=asked.system
            )
        )
    if asked.item:
        yield begins("unit__item__external_id", asked.item)
    if asked.output:
        named = begins("output__external_id", asked.output)
        yield Exists(UnitOutput.objects.filter(named, unit=OuterRef("unit")))
    for name, value in asked.segments:
        yield Exists(
            ItemSegment.objects.filter(
                item=OuterRef("unit__item"), name=name, value=value
            )
        )
    for value_asked in asked.answers:
        yield Exists(counting_answers().filter(is_value(value_asked)))
    if asked.below is not None or asked.above is not None:
        yield Exists(counting().filter(took(asked)))
    if asked.words:
        noted = counting().exclude(note="").filter(says("note", asked.words))
        explained = explained_answers().filter(says("rationale", asked.words))
        yield Q(is_there(noted)) | Q(is_there(explained))
    yield from each_mark(asked.only)


def is_there(rows: QuerySet[Any, Any]) -> Exact:
    """EXISTS that is asked row by row.

    Of two with OR between them PostgreSQL would rather gather all rows with a common
    word than look at a thousand.
    """
    return Exact(Subquery(rows.order_by().values(there=Value(1))[:1]), 1)


def each_mark(only: frozenset[str]) -> Iterator[Any]:
    here = {"assignment": OuterRef("pk")}
    if "surplus" in only:
        yield Q(holds_slot=False)
    if "revised" in only:
        yield Exists(Judgment.objects.filter(number__gt=1, **here))
    if "note" in only:
        yield Exists(counting().exclude(note=""))
    if "rationale" in only:
        yield Exists(explained_answers())
    if "flagged" in only:
        yield Exists(Flag.objects.filter(**here))
    if "returned" in only:
        yield Exists(Return.objects.filter(**here))


def counting() -> QuerySet[Judgment]:
    """The judgment that counts on an assignment."""
    return Judgment.objects.current().filter(assignment=OuterRef("pk"))


def counting_answers() -> QuerySet[Answer]:
    return Answer.objects.filter(
        judgment__assignment=OuterRef("pk"), judgment__superseded_at=None
    )


def explained_answers() -> QuerySet[Answer]:
    return counting_answers().exclude(rationale="")


def took(asked: Asked) -> Q:
    """Shorter than `below` seconds, longer than `above`."""
    found = Q(elapsed_ms__isnull=False)
    if asked.below is not None:
        found &= Q(elapsed_ms__lt=asked.below * 1000)
    if asked.above is not None:
        found &= Q(elapsed_ms__gt=asked.above * 1000)
    return found


def is_value(asked: AskedValue) -> Q:
    found = Q(criterion__in=asked.question.rows)
    if asked.levels:
        return found & Q(level__in=asked.levels)
    if asked.absent:
        return found & Q(absent=asked.absent)
    if asked.code:
        if connection.vendor == "postgresql":
            return found & Q(choices__contains=[asked.code])
        return found & Q(choices__icontains=json.dumps(asked.code))
    found &= Q(number__isnull=False)
    if asked.low is not None:
        found &= Q(number__gte=asked.low)
    if asked.high is not None:
        found &= Q(number__lte=asked.high)
    return found
