"""Judgments as plain values for statistics: read once, grouped by what was judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import F

from annotation.models import Answer, Batch, Unit, UnitOutput
from annotation.models.unit import UnitKind
from rubrics.instrument import Instrument, Question
from rubrics.models import Kind

CHUNK = 2_000


@dataclass(frozen=True)
class OutputRef:
    """An output as statistics and exports name it."""

    id: int
    external_id: str
    revision: int
    system: str


@dataclass(frozen=True)
class Vote:
    """One annotator's value on one criterion of one subject.

    `value` is as the API spells it, preferences on the canonical axis: first, second,
    tie, both_bad (first_2 … with strength); `number` its place where levels have an
    order. `absent` says why there is no value: not_applicable or cannot_judge.
    """

    annotator_id: UUID
    criterion_id: int
    output_id: int | None
    value: Any
    number: float | None
    absent: str
    at: datetime
    judgment_id: UUID


@dataclass(frozen=True)
class Subject:
    """What was judged: outputs of one item, however many batches asked about them."""

    item_id: int
    item: str
    key: str
    outputs: tuple[OutputRef, ...]
    votes: tuple[Vote, ...] = field(repr=False)

    def targets(self, question: Question) -> Sequence[OutputRef | None]:
        """What a criterion is asked of: each output, or once all together."""
        return self.outputs if question.of_each_output else (None,)


def subjects_of(
    batches: Iterable[Batch], instrument: Instrument, *, kind: str = UnitKind.NORMAL
) -> Iterator[Subject]:
    """Yield every subject of the batches, judged or not, ordered by item and subject.

    The same outputs asked about in two batches are one subject; of an annotator's two
    votes on it the later counts. Memory is bounded by a chunk of units. For one instant
    of a database that is written to meanwhile, call it inside a snapshot transaction.
    """
    units = (
        Unit.objects.filter(batch__in=list(batches), kind=kind)
        .annotate(item_external_id=F("item__external_id"))
        .order_by("item__external_id", "item_id", "subject", "pk")
        .values_list("pk", "item_id", "item_external_id", "subject")
    )
    for chunk in whole_subjects(units.iterator(chunk_size=CHUNK)):
        yield from read_chunk(chunk, instrument)


Row = tuple[UUID, int, str, str]


def whole_subjects(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Chunks of rows that never part the units of one subject."""
    chunk: list[Row] = []
    for _, group in groupby(rows, key=lambda row: row[1:]):
        chunk.extend(group)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def read_chunk(chunk: list[Row], instrument: Instrument) -> Iterator[Subject]:
    unit_ids = [row[0] for row in chunk]
    outputs = outputs_by_unit(unit_ids)
    votes = votes_by_unit(unit_ids, instrument)
    for (item_id, item, key), group in groupby(chunk, key=lambda row: row[1:]):
        ids = [row[0] for row in group]
        yield Subject(
            item_id=item_id,
            item=item,
            key=key,
            outputs=tuple(outputs[ids[0]]),
            votes=in_one_order(
                [(outputs[i], vote) for i in ids for vote in votes.get(i, [])],
                outputs[ids[0]],
                instrument,
            ),
        )


def outputs_by_unit(unit_ids: list[UUID]) -> dict[UUID, list[OutputRef]]:
    """Outputs of each unit in its canonical order."""
    found: dict[UUID, list[OutputRef]] = defaultdict(list)
    rows = (
        UnitOutput.objects.filter(unit_id__in=unit_ids)
        .order_by("unit_id", "position")
        .values_list(
            "unit_id",
            "output_id",
            "output__external_id",
            "output__revision",
            "output__system__name",
        )
    )
    for unit_id, pk, name, revision, system in rows:
        found[unit_id].append(OutputRef(pk, name, revision, system))
    return found


def votes_by_unit(
    unit_ids: list[UUID], instrument: Instrument
) -> dict[UUID, list[Vote]]:
    """Current answers to the instrument's criteria, of each unit.

    Those given on a version that is comparable with it are answers to it, if the
    instrument knows them (`instrument_across`); no others are read.
    """
    questions = instrument.by_id
    found: dict[UUID, list[Vote]] = defaultdict(list)
    rows = Answer.objects.filter(
        judgment__superseded_at=None,
        judgment__assignment__unit_id__in=unit_ids,
        criterion_id__in=list(questions),
    ).values_list(
        "judgment__assignment__unit_id",
        "judgment__assignment__annotator_id",
        "judgment__created_at",
        "judgment_id",
        "criterion_id",
        "output_id",
        "level_id",
        "number",
        "text",
        "choices",
        "absent",
    )
    for row in rows.order_by("pk").iterator():
        unit_id, annotator_id, at, judgment_id, criterion_id, output_id = row[:6]
        level_id, plain_number, text, choices, absent = row[6:]
        question = questions[criterion_id]
        value, number = value_of(question, level_id, plain_number, text, choices)
        found[unit_id].append(
            Vote(
                annotator_id=annotator_id,
                criterion_id=question.id,
                output_id=output_id,
                value=value,
                number=number,
                absent=absent or "",
                at=at,
                judgment_id=judgment_id,
            )
        )
    return found


def value_of(
    question: Question,
    level_id: int | None,
    number: float | None,
    text: str | None,
    choices: Any,
) -> tuple[Any, float | None]:
    """The value that an Answer's columns hold, with its number where it has one."""
    if level_id is not None:
        step = question.by_id[level_id]
        return step.value, step.number
    if number is not None:
        return (int(number) if number == int(number) else number), number
    return (text if text is not None else choices), None


MIRROR = {"first": "second", "second": "first"}


def in_one_order(
    votes: list[tuple[list[OutputRef], Vote]],
    canonical: list[OutputRef],
    instrument: Instrument,
) -> tuple[Vote, ...]:
    """Each annotator's latest judgment, preferences turned to one canonical order.

    Two batches may have asked one annotator about the same outputs, and may have named
    a pair the other way round.
    """
    latest: dict[UUID, tuple[datetime, UUID]] = {}
    for _, vote in votes:
        this = (vote.at, vote.judgment_id)
        latest[vote.annotator_id] = max(latest.get(vote.annotator_id, this), this)
    preferences = {q.id for q in instrument if q.kind == Kind.PREFERENCE}
    return tuple(
        mirrored(vote)
        if outputs != canonical and vote.criterion_id in preferences
        else vote
        for outputs, vote in votes
        if latest[vote.annotator_id] == (vote.at, vote.judgment_id)
    )


def mirrored(vote: Vote) -> Vote:
    """The same preference seen from the other order of a pair."""
    if not isinstance(vote.value, str):
        return vote
    name, separator, strength = vote.value.partition("_")
    if name not in MIRROR:
        return vote
    return replace(
        vote,
        value=MIRROR[name] + separator + strength,
        number=None if vote.number is None else -vote.number,
    )
