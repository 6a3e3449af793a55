"""Agreement of a batch, criterion by criterion, from the rows of this instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.utils.translation import gettext_noop

from accounts.models import User
from annotation.actions.holding import database_now
from annotation.models import Answer, Batch
from annotation.models.unit import UnitKind
from annotation.votes import Subject, Vote, subjects_of
from config.snapshot import snapshot
from jobs.actions import start
from jobs.models import Job, State
from rubrics.comparable import instrument_across
from rubrics.instrument import Question
from rubrics.models import Kind
from stats.agreement import Agreement, Estimate, Level, measure_agreement
from stats.ratings import Rating

# Beyond this many current answers the measuring is a job, not a page's wait.
AT_ONCE = 200_000
MEASURING = "measure_agreement"
UNDEFINED = gettext_noop("Agreement is not defined for this kind of answer: %(kind)s.")


@dataclass(frozen=True)
class CriterionAgreement:
    """One criterion's agreement, or why its scale has none."""

    question: Question
    measured: Agreement | None
    left_out: int
    undefined_because: str = ""

    @property
    def key(self) -> str:
        return self.question.key


@dataclass(frozen=True)
class BatchAgreement:
    batch: Batch
    criteria: list[CriterionAgreement]
    computed_at: datetime


def is_large(batch: Batch) -> bool:
    answers = Answer.objects.filter(
        judgment__superseded_at=None, judgment__assignment__batch=batch
    )
    return answers[AT_ONCE : AT_ONCE + 1].exists()


def start_measuring(batch: Batch, by: User) -> Job:
    """A job that measures the batch from now on; one still in the queue will do."""
    waiting = Job.objects.filter(
        kind=MEASURING,
        project=batch.project,
        state=State.QUEUED,
        params__batch=str(batch.pk),
    )
    return waiting.first() or start(
        MEASURING, project=batch.project, by=by, params={"batch": str(batch.pk)}
    )


def measure_batch(
    batch: Batch, *, kind: str = UnitKind.NORMAL, seed: int = 0
) -> BatchAgreement:
    """Measure every criterion over all current judgments, surplus and imported too.

    Over those of the calibration round instead, with its `kind`.

    For a comparison the value is on the system axis: which of the unit's outputs won,
    whichever side it was shown on.
    """
    instrument = instrument_across(batch.rubric_version_id)
    with snapshot():
        computed_at = database_now(batch)
        subjects = subjects_of([batch], instrument, kind=kind)
        ratings = ratings_by_criterion(subjects, instrument)
    return BatchAgreement(
        batch,
        [
            measure(question, *ratings[question.id], seed=seed)
            for question in instrument
        ],
        computed_at,
    )


def ratings_by_criterion(
    subjects: Iterable[Subject], instrument: Iterable[Question]
) -> dict[int, tuple[list[Rating], int]]:
    """Plain ratings of each criterion, and how many answers had no value."""
    questions = {question.id: question for question in instrument}
    ratings: dict[int, list[Rating]] = defaultdict(list)
    left_out: dict[int, int] = defaultdict(int)
    for subject in subjects:
        for vote in subject.votes:
            question = questions[vote.criterion_id]
            value = comparable(question, vote)
            if value is None:
                left_out[question.id] += 1
            else:
                unit = (subject.item_id, subject.key, vote.output_id)
                ratings[question.id].append(Rating(vote.annotator_id, unit, value))
    return {key: (ratings[key], left_out[key]) for key in questions}


def comparable(question: Question, vote: Vote) -> Any:
    """The value as statistics take it; None for "not applicable" and the like.

    "Both bad" has no place on a scale of strength, so it is kept apart there.
    """
    if vote.absent or question.measurement is None:
        return None
    if question.measurement == "nominal":
        return vote.value
    return vote.number


def measure(
    question: Question, ratings: list[Rating], left_out: int, *, seed: int
) -> CriterionAgreement:
    level = question.measurement
    if level is None:
        return CriterionAgreement(
            question, None, left_out, UNDEFINED % {"kind": Kind(question.kind).label}
        )
    measured = measure_agreement(
        ratings,
        level=cast(Level, level),
        domain=domain_of(question),
        seed=seed,
    )
    return CriterionAgreement(question, measured, left_out)


def domain_of(question: Question) -> list[Any] | None:
    """All values of the scale, also those that nobody chose; None for numbers."""
    if not question.steps:
        return None
    if question.measurement == "nominal":
        return [step.value for step in question.steps]
    return sorted({step.number for step in question.steps if step.number is not None})


def as_json(found: BatchAgreement) -> dict[str, Any]:
    return {
        "criteria": [criterion_json(criterion) for criterion in found.criteria],
        "computed_at": found.computed_at.isoformat(),
    }


def criterion_json(criterion: CriterionAgreement) -> dict[str, Any]:
    head = {
        "key": criterion.key,
        "scale": criterion.question.kind,
        "left_out": criterion.left_out,
    }
    measured = criterion.measured
    if measured is None:
        undefined = {
            "value": None,
            "low": None,
            "high": None,
            "undefined_because": criterion.undefined_because,
        }
        return head | {
            "level": None,
            "units": 0,
            "annotators": 0,
            "ratings": 0,
            "alpha": undefined,
            "percent": undefined,
            "ac": undefined,
        }
    return head | {
        "level": measured.level,
        "method": measured.method,
        "units": measured.units,
        "pairable_units": measured.pairable_units,
        "annotators": measured.annotators,
        "ratings": measured.ratings,
        "alpha": estimate_json(measured.alpha),
        "percent": estimate_json(measured.percent),
        "ac": estimate_json(measured.ac),
        "confidence": measured.confidence,
        "resamples": measured.resamples,
        "dropped_resamples": measured.dropped_resamples,
        "seed": measured.seed,
    }


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    found: dict[str, Any] = {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
    }
    if estimate.undefined_because:
        found["undefined_because"] = estimate.undefined_because
    return found
