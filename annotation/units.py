"""Units as a manager reads them: how many judged, and how far the answers are apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from annotation.answers.spoken import by_output
from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import AssignmentState
from annotation.rows import winner
from annotation.votes import OutputRef, Vote, outputs_by_unit, votes_by_unit
from config.chunks import chunks
from rubrics.comparable import instrument_across
from rubrics.instrument import Question
from rubrics.models import Kind

UNIT_STATES = ("open", "done")
CHUNK = 1_000


def units_in(batch: Batch, state: str = "") -> QuerySet[Any]:
    """The batch's units; `done` have as many judgments as they require."""
    units: QuerySet[Any] = Unit.objects.of_the_work().filter(batch=batch)
    units = units.annotate(
        submitted=Count(
            "assignments", filter=Q(assignments__state=AssignmentState.SUBMITTED)
        )
    )
    if state == "done":
        return units.filter(submitted__gte=F("required"))
    if state == "open":
        return units.filter(submitted__lt=F("required"))
    return units


def ranked_by_disagreement(batch: Batch, units: QuerySet[Any]) -> list[UUID]:
    """Ids of units with two judgments or more, most apart first."""
    instrument = instrument_across(batch.rubric_version_id)
    scores: list[tuple[float, str, UUID]] = []
    ids = units.filter(submitted__gte=2).order_by("pk").values_list("pk", flat=True)
    for piece in chunks(ids.iterator(chunk_size=CHUNK), CHUNK):
        for unit_id, votes in votes_by_unit(piece, instrument).items():
            spreads = spread_by_target(list(instrument), votes)
            score = sum(spread for _, _, spread in spreads)
            scores.append((-score, str(unit_id), unit_id))
    return [unit_id for _, _, unit_id in sorted(scores)]


def spread_by_target(
    questions: list[Question], votes: list[Vote]
) -> list[tuple[Question, int | None, float]]:
    """For each criterion and output, the share of pairs of votes that differ.

    On ordered scales a pair counts by its distance over the scale's range.
    """
    grouped: dict[tuple[int, int | None], list[Vote]] = defaultdict(list)
    for vote in votes:
        if not vote.absent:
            grouped[vote.criterion_id, vote.output_id].append(vote)
    by_id = {question.id: question for question in questions}
    return [
        (by_id[criterion_id], output_id, spread(by_id[criterion_id], group))
        for (criterion_id, output_id), group in grouped.items()
    ]


def spread(question: Question, votes: list[Vote]) -> float:
    """Mean distance over all pairs of votes, from 0 (all alike) to 1.

    "Both bad" has no place on a scale of strength: it is as far from all as can be.
    """
    pairs = len(votes) * (len(votes) - 1) / 2
    if pairs == 0:
        return 0.0
    numbers = [vote.number for vote in votes if vote.number is not None]
    if question.measurement in ("ordinal", "interval", "ratio") and numbers:
        low, high = scale_range(question, numbers)
        total = sum(abs(a - b) for i, a in enumerate(numbers) for b in numbers[i + 1 :])
        apart = total / (high - low) if high > low else 0.0
        return (apart + len(numbers) * (len(votes) - len(numbers))) / pairs
    counts = Counter(repr(vote.value) for vote in votes)
    alike = sum(count * (count - 1) / 2 for count in counts.values())
    return 1 - alike / pairs


def scale_range(question: Question, numbers: list[float]) -> tuple[float, float]:
    steps = [step.number for step in question.steps if step.number is not None]
    ends = steps or [
        end for end in (question.minimum, question.maximum) if end is not None
    ]
    return min([*ends, *numbers]), max([*ends, *numbers])


def shown(question: Question, vote: Vote, refs: list[OutputRef]) -> str:
    """A vote's value in words; a preference names the output that won."""
    if question.kind == Kind.PREFERENCE:
        return winner(vote.value, refs)
    return str(vote.value).lower() if isinstance(vote.value, bool) else str(vote.value)


def apart_rows(batch: Batch, unit_ids: list[UUID]) -> list[dict[str, Any]]:
    """Rows for these units with the criteria on which they differ, for people.

    Of each: which output it is about, where there are several, and what was said of it
    by how many, the most frequent first.
    """
    instrument = instrument_across(batch.rubric_version_id)
    by_key = instrument.by_key
    outputs = outputs_by_unit(unit_ids)
    votes = votes_by_unit(unit_ids, instrument)
    rows = spread_rows(batch, unit_ids)
    for unit_id, row in zip(unit_ids, rows, strict=True):
        names = [ref.external_id for ref in outputs[unit_id]]
        ids = {ref.external_id: ref.id for ref in outputs[unit_id]}
        row["criteria"] = [
            {
                "key": part["key"],
                "output": part["output"] if len(names) > 1 else None,
                "said": Counter(
                    by_output(by_key[part["key"]], vote.value, names)
                    for vote in votes[unit_id]
                    if vote.criterion_id == by_key[part["key"]].id
                    and vote.output_id == ids.get(part["output"])
                    and not vote.absent
                ).most_common(),
            }
            for part in row["criteria"]
            if part["spread"]
        ]
    return rows


def spread_rows(batch: Batch, unit_ids: list[UUID]) -> list[dict[str, Any]]:
    """Rows for these units, in this order, with spread and counts by criterion."""
    instrument = instrument_across(batch.rubric_version_id)
    outputs = outputs_by_unit(unit_ids)
    votes = votes_by_unit(unit_ids, instrument)
    units = Unit.objects.in_bulk(unit_ids)
    items = dict(
        Unit.objects.filter(pk__in=unit_ids).values_list("pk", "item__external_id")
    )
    submitted: Counter[UUID] = Counter(
        Assignment.objects.filter(
            unit__in=unit_ids, state=AssignmentState.SUBMITTED
        ).values_list("unit_id", flat=True)
    )
    return [
        {
            "id": str(unit_id),
            "item": items[unit_id],
            "outputs": [ref.external_id for ref in outputs[unit_id]],
            "required": units[unit_id].required,
            "submitted": submitted[unit_id],
            "criteria": [
                {
                    "key": question.key,
                    "output": next(
                        (r.external_id for r in outputs[unit_id] if r.id == output_id),
                        None,
                    ),
                    "spread": round(apart, 4),
                    "values": dict(
                        Counter(
                            shown(question, vote, outputs[unit_id])
                            for vote in votes[unit_id]
                            if vote.criterion_id == question.id
                            and vote.output_id == output_id
                            and not vote.absent
                        )
                    ),
                }
                for question, output_id, apart in spread_by_target(
                    list(instrument), votes.get(unit_id, [])
                )
            ],
        }
        for unit_id in unit_ids
    ]
