"""What tests of training and calibration share: batches with stages, answers."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions.claiming import take_next
from annotation.actions.judging import Submission, output_ids, submit_judgment
from annotation.actions.training import Training, TrainingItem
from annotation.answers.reading import read_answers
from annotation.models import Assignment, Batch, Unit
from rubrics.instrument import published_instrument

RIGHT = {"accuracy": 4, "fluent": True}
NEAR = {"accuracy": 3, "fluent": True}
WRONG = {"accuracy": 1, "fluent": False}
WHY = "Every claim stands in the notes."


def training(count: int = 2, *, pass_mark: float = 0.75, attempts: int = 2) -> Training:
    """The first outputs of heron; right is accuracy 4 and fluent."""
    items = [
        TrainingItem([f"q{number}/heron"], RIGHT, {"accuracy": WHY})
        for number in range(count)
    ]
    return Training(pass_mark=pass_mark, attempts=attempts, items=items)


def judge(user: User, batch: Batch, answers: Any = RIGHT) -> Assignment:
    """Take the next unit and submit these answers to it."""
    mine = take_next(batch_id=batch.pk, principal=Principal(user))
    assert mine is not None
    submit(user, mine, answers)
    return mine


def submit(user: User, mine: Assignment, answers: Any, **more: Any) -> Submission:
    assignment = assignment_for(Principal(user), mine.pk)
    return submit_judgment(
        assignment=assignment,
        answers=read_answers(
            published_instrument(assignment.batch.rubric_version_id),
            answers,
            side_order=assignment.side_order,
        ),
        outputs=output_ids(assignment),
        **more,
    )


def kind_of(mine: Assignment | None) -> str:
    assert mine is not None
    return Unit.objects.get(pk=mine.unit_id).kind
