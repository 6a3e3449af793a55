"""Training as it stands: answers beside the known ones, and how far somebody is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from annotation.answers.given import Given
from annotation.before_work.marking import from_stored, mark
from annotation.content import first_words
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    BatchMember,
    KnownAnswer,
    TrainingAttempt,
    UnitOutput,
)
from annotation.models.assignment import AssignmentState
from annotation.models.unit import UnitKind
from rubrics.comparable import instrument_across
from rubrics.instrument import Question, published_instrument


@dataclass(frozen=True)
class Marked:
    """One known answer with what was answered: `mark` is right, near, wrong or ""."""

    question: Question
    position: int | None
    given: Given | None
    known: Given
    mark: str


def marked_answers(assignment: Assignment) -> list[Marked]:
    """The answers of a submitted training unit, in the rubric's order."""
    version = assignment.batch.rubric_version_id
    found = marked(version, [assignment.unit_id], assignment.annotator_id)
    keys = [question.key for question in published_instrument(version)]
    order = [None, *assignment.side_order]
    return sorted(
        found,
        key=lambda one: (keys.index(one.question.key), order.index(one.position)),
    )


def marks_of(member: BatchMember) -> list[str]:
    """The marks of everything that this annotator answered in training."""
    units = member.batch.units.filter(kind=UnitKind.TRAINING).values_list(
        "pk", flat=True
    )
    found = marked(member.batch.rubric_version_id, units, member.user_id)
    return [one.mark for one in found if one.mark]


def marked(
    version_id: UUID, unit_ids: Iterable[UUID], annotator_id: Any
) -> list[Marked]:
    """Every known answer of these units beside the annotator's current one."""
    units = list(unit_ids)
    instrument = instrument_across(version_id)
    questions = instrument.by_id
    order = {question.id: place for place, question in enumerate(instrument)}
    positions = UnitOutput.objects.positions_in(units)
    given: dict[tuple[UUID, int, int | None], Given] = {}
    answers = Answer.objects.filter(
        judgment__superseded_at=None,
        judgment__assignment__unit__in=units,
        judgment__assignment__annotator=annotator_id,
    ).select_related("judgment__assignment")
    for answer in answers:
        unit_id = answer.judgment.assignment.unit_id
        question = questions[answer.criterion_id]
        given[unit_id, question.id, answer.output_id] = given_of(
            question, answer, positions[unit_id]
        )
    known = KnownAnswer.objects.filter(unit__in=units)
    rows = sorted(
        known, key=lambda row: (order[questions[row.criterion_id].id], row.pk)
    )
    found = []
    for row in rows:
        question = questions[row.criterion_id]
        position = row.output_id and positions[row.unit_id][row.output_id]
        right = from_stored(question, position, row.value, row.explanation)
        mine = given.get((row.unit_id, question.id, row.output_id))
        found.append(
            Marked(question, position, mine, right, mark(question, mine, right))
        )
    return found


def given_of(question: Question, answer: Answer, positions: dict[int, int]) -> Given:
    """A stored answer as the plain value it was.

    On a comparable version it chose the level of the same value.
    """
    return Given(
        question,
        None if answer.output_id is None else positions[answer.output_id],
        level_id=answer.level_id and question.by_id[answer.level_id].id,
        number=answer.number,
        text=answer.text,
        choices=answer.choices,
        absent=answer.absent,
        rationale=answer.rationale,
    )


@dataclass(frozen=True)
class Standing:
    """Where an annotator is in the training of a batch."""

    member: BatchMember
    attempts: list[TrainingAttempt]
    answered: int
    units: int

    @property
    def is_let_in(self) -> bool:
        return self.member.trained_at is not None

    @property
    def is_under_way(self) -> bool:
        """Is something of this attempt still to be answered?"""
        return not self.is_let_in and self.answered < self.units

    @property
    def last(self) -> TrainingAttempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def left(self) -> int:
        """How many attempts are left."""
        return max(0, self.member.batch.training_attempts - len(self.attempts))

    @property
    def may_repeat(self) -> bool:
        return not self.is_let_in and not self.is_under_way and self.left > 0

    @property
    def state(self) -> str:
        """One word for programs: passed, under_way, failed, waiting."""
        if self.is_let_in:
            return "passed"
        if self.is_under_way:
            return "under_way"
        return "failed" if self.left else "waiting"

    @property
    def why_no_repeat(self) -> str:
        if self.is_let_in:
            return _("You have passed this training; the work is open to you.")
        return _("No attempt is left; a manager of the project can let you in.")


@dataclass(frozen=True)
class Answered:
    """A training unit that was answered, as a line that leads to what was said."""

    assignment: Assignment
    line: str


def answered_training(batch: Batch, user: User) -> list[Answered]:
    """What this annotator answered of the training, in its order."""
    rows = (
        Assignment.objects.filter(
            batch=batch,
            annotator=user,
            unit__kind=UnitKind.TRAINING,
            state=AssignmentState.SUBMITTED,
        )
        .select_related("unit__item")
        .order_by("unit__place", "pk")
    )
    return [
        Answered(row, row.unit.item.warning or first_words(row.unit.item.input))
        for row in rows
    ]


def standing_of(member: BatchMember) -> Standing:
    """Three queries, whatever the size of the training."""
    mine = Assignment.objects.filter(
        batch=member.batch_id, annotator=member.user_id, unit__kind=UnitKind.TRAINING
    )
    return Standing(
        member=member,
        attempts=list(member.attempts.all()),
        answered=mine.filter(state=AssignmentState.SUBMITTED).count(),
        units=member.batch.units.filter(kind=UnitKind.TRAINING).count(),
    )
