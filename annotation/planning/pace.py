"""How long a judgment takes, from the latest ones of the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from annotation.models import Assignment, Batch
from annotation.models.assignment import AssignmentState

ASSUMED = 60.0  # seconds, said to be an assumption wherever it is shown
AT_LEAST = 10  # timed judgments, below which a median says nothing
LATEST_BATCHES, OF_A_BATCH, OF_A_PERSON = 5, 400, 50


class PaceFrom(StrEnum):
    """Whose judgments a pace is taken from; the first with enough of them."""

    OWN = "own"
    RUBRIC = "rubric"
    LAYOUT = "layout"
    PROJECT = "project"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Pace:
    """Seconds that one judgment takes, and on which and how many the number rests."""

    seconds: float
    based_on: PaceFrom
    count: int = 0


def pace_of(batch: Batch) -> Pace:
    """The median of judgments of its rubric, else its layout, else its project."""
    there = Batch.objects.filter(project=batch.project_id)
    of_rubric = there.filter(rubric_version__rubric__versions=batch.rubric_version_id)
    for based_on, batches in [
        (PaceFrom.RUBRIC, of_rubric),
        (PaceFrom.LAYOUT, there.filter(layout=batch.layout)),
        (PaceFrom.PROJECT, there),
    ]:
        taken = latest_times(batches)
        if len(taken) >= AT_LEAST:
            return Pace(median(taken) / 1_000, based_on, len(taken))
    return Pace(ASSUMED, PaceFrom.ASSUMED)


def own_paces(batch: Batch, people: Sequence[User]) -> dict[UUID, Pace]:
    """The own pace of those who have judged with this rubric often enough."""
    batches = Batch.objects.filter(
        project=batch.project_id,
        rubric_version__rubric__versions=batch.rubric_version_id,
    )
    paces = {}
    # One query for each: every one reads the first rows of an index, where a query
    # for all would read whatever they have ever judged.
    for person in people:
        judged = Assignment.objects.filter(batch__in=batches, annotator=person.pk)
        times = latest(judged, OF_A_PERSON)
        if len(times) >= AT_LEAST:
            paces[person.pk] = Pace(median(times) / 1_000, PaceFrom.OWN, len(times))
    return paces


def latest_times(batches: QuerySet[Batch]) -> list[int]:
    """Milliseconds of the latest judgments in the latest batches that have any."""
    submitted = Assignment.objects.filter(
        batch=OuterRef("pk"), state=AssignmentState.SUBMITTED
    )
    judged = batches.filter(Exists(submitted)).order_by("-created_at")
    newest = judged[:LATEST_BATCHES]
    times: list[int] = []
    for one in newest:
        times += latest(Assignment.objects.filter(batch=one.pk), OF_A_BATCH)
    return times


def latest(rows: QuerySet[Assignment], most: int) -> list[int]:
    """Milliseconds of the latest of these that were judged and timed."""
    timed = rows.filter(
        state=AssignmentState.SUBMITTED,
        judgments__superseded_at=None,
        judgments__elapsed_ms__isnull=False,
    )
    timed = timed.order_by("-submitted_at", "-pk")
    times = timed.values_list("judgments__elapsed_ms", flat=True)[:most]
    return [taken for taken in times if taken is not None]
