"""A person's own judgments and hours as rows of a file.

Blind like their screens: no systems, no ids of outputs, nobody else, and no word of
which units were probes or repeats.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from annotation.answers.given import sides_of
from annotation.answers.scales import shown_value
from annotation.content import first_words
from annotation.downloads import Table
from annotation.mine.history import my_assignments
from annotation.models import Answer, Judgment, UnitOutput
from annotation.models.assignment import Source
from annotation.models.unit import STAGES
from annotation.rows import CHUNK, answers_by_judgment
from config.chunks import chunks
from rubrics.comparable import instruments_across
from rubrics.instrument import Instrument

JUDGMENT_COLUMNS = [
    "project",
    "batch",
    "stage",
    "assignment",
    "item",
    "submitted_at",
    "revision",
    "superseded_at",
    "active_seconds",
    "answers",
    "rationales",
    "note",
]
HOUR_COLUMNS = ["project", "batch", "day", "judgments", "active_seconds", "hours"]


def judgments_table(user: User, project_id: UUID | None = None) -> Table:
    """One row for each judgment of mine, revisions too, in the order of time."""
    return Table("judgments", JUDGMENT_COLUMNS, rows_of_mine(user, project_id))


def hours_table(user: User, project_id: UUID | None = None) -> Table:
    """My active time by day and batch (UTC), oldest first."""
    return Table("hours", HOUR_COLUMNS, hours_of_mine(user, project_id))


def judgments_by(user: User, project_id: UUID | None) -> QuerySet[Judgment]:
    mine = my_assignments(user)
    if project_id is not None:
        mine = mine.filter(batch__project=project_id)
    return Judgment.objects.filter(assignment__in=mine)


def rows_of_mine(user: User, project_id: UUID | None) -> Iterator[dict[str, Any]]:
    judgments = (
        judgments_by(user, project_id)
        .select_related("assignment__unit__item", "assignment__batch__project")
        .order_by("created_at", "pk")
    )
    for piece in chunks(judgments.iterator(chunk_size=CHUNK), CHUNK):
        yield from rows_in(piece)


def rows_in(judgments: list[Judgment]) -> Iterator[dict[str, Any]]:
    answers = answers_by_judgment(judgments)
    assignments = [judgment.assignment for judgment in judgments]
    positions = UnitOutput.objects.positions_in([row.unit_id for row in assignments])
    instruments = instruments_across(row.batch.rubric_version_id for row in assignments)
    for judgment in judgments:
        mine = judgment.assignment
        values, rationales = as_i_gave_them(
            instruments[mine.batch.rubric_version_id],
            mine.side_order,
            positions[mine.unit_id],
            answers[judgment.pk],
        )
        item, kind = mine.unit.item, mine.unit.kind
        yield {
            "project": mine.batch.project.name,
            "batch": mine.batch.name,
            "stage": kind if kind in STAGES else "",
            "assignment": str(mine.pk),
            "item": "" if item.warning else first_words(item.input),
            "submitted_at": judgment.created_at.isoformat(),
            "revision": judgment.number - 1,
            "superseded_at": judgment.superseded_at
            and judgment.superseded_at.isoformat(),
            "active_seconds": seconds_of(judgment.elapsed_ms),
            "answers": values,
            "rationales": rationales,
            "note": judgment.note,
        }


def as_i_gave_them(
    instrument: Instrument,
    side_order: list[int],
    positions: dict[int, int],
    answers: list[Answer],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answers and rationales by criterion; of each output by the side I saw it on."""
    sides = sides_of(len(side_order))
    values: dict[str, Any] = defaultdict(dict)
    rationales: dict[str, Any] = defaultdict(dict)
    for answer in answers:
        question = instrument.by_id[answer.criterion_id]
        value = shown_value(question, side_order, answer)
        if answer.output_id is None or len(side_order) == 1:
            values[question.key] = value
            if answer.rationale:
                rationales[question.key] = answer.rationale
            continue
        side = sides[side_order.index(positions[answer.output_id])]
        values[question.key][side] = value
        if answer.rationale:
            rationales[question.key][side] = answer.rationale
    return dict(values), dict(rationales)


def hours_of_mine(user: User, project_id: UUID | None) -> Iterator[dict[str, Any]]:
    rows = by_day_and_batch(judgments_by(user, project_id))
    names = ("assignment__batch__project__name", "assignment__batch__name")
    for row in rows.values(*names, "day", "units", "time").order_by("day", *names):
        yield {"project": row[names[0]], "batch": row[names[1]], **worked(row)}


def by_day_and_batch(judgments: QuerySet[Judgment]) -> Any:
    """To be grouped by more: each day's judgments and active time.

    What was made elsewhere and imported took no time here; a revision takes time, but
    is no further unit.
    """
    return (
        judgments.exclude(source=Source.IMPORTED)
        .order_by()
        .annotate(day=TruncDate("created_at"))
        .values("assignment__batch", "day")
        .annotate(units=Count("pk", filter=Q(number=1)), time=Sum("elapsed_ms"))
    )


def worked(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "day": row["day"].isoformat(),
        "judgments": row["units"],
        "active_seconds": seconds_of(row["time"]) or 0,
        "hours": round((row["time"] or 0) / 3_600_000, 2),
    }


def seconds_of(milliseconds: int | None) -> int | None:
    return None if milliseconds is None else round(milliseconds / 1000)
