"""Training: known answers set, annotators' answers marked, attempts, the way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from annotation.actions.before_work import (
    back_to_pool,
    faults_of_known,
    subjects_before_work,
    units_before_work,
)
from annotation.actions.holding import WrongState, database_now, locked
from annotation.actions.units import Selection, listed_plans, plan_units
from annotation.answers.given import Given, sides_of
from annotation.answers.reading import InvalidAnswers, read_answers
from annotation.before_work.marking import Score, as_stored, relaxed
from annotation.before_work.training import marks_of, standing_of
from annotation.mail import tell_of_failed_training
from annotation.models import (
    Assignment,
    Batch,
    BatchMember,
    Judgment,
    KnownAnswer,
    TrainingAttempt,
    Unit,
    UnitOutput,
)
from annotation.models.assignment import AssignmentState
from annotation.models.batch import BatchState
from annotation.models.unit import UnitKind
from config.api import Refused
from config.deadlock import tried_again
from rubrics.instrument import Instrument, published_instrument
from rubrics.models import Kind

AT_MOST = 100


class NoMoreAttempts(Exception):
    """The training cannot be repeated now; the message says why."""


@dataclass(frozen=True)
class TrainingItem:
    """Outputs by external id, what is right about them, and why.

    `answers` and `explanations` are in the shape of a judgment, A and B being the
    places in `outputs`; a plain text explains a criterion for all sides.
    """

    outputs: Sequence[str]
    answers: Any
    explanations: Any = field(default_factory=dict)


@dataclass(frozen=True)
class Training:
    """A training set; a pass mark of 0 lets in whoever has finished it."""

    pass_mark: float = 0.0
    attempts: int = 3
    items: Sequence[TrainingItem] = ()


# --- The manager's side ---------------------------------------------------------------


@transaction.atomic
def change_training(
    *,
    batch: Batch,
    by: User,
    pass_mark: float | None = None,
    attempts: int | None = None,
    items: Sequence[TrainingItem] = (),
) -> Batch:
    """Set the pass mark and the attempts, and add items, while the batch is a draft.

    What is not given stays. Raises WrongState, Refused.
    """
    row = locked(batch)
    refuse_unless_draft(row)
    if pass_mark is not None or row.training_pass_mark is None:
        row.training_pass_mark = pass_mark or 0.0
    row.training_attempts = attempts or row.training_attempts
    row.save(update_fields=["training_pass_mark", "training_attempts"])
    add_items(row, items)
    AuditEvent.objects.record(
        "training changed",
        row,
        by=by,
        project=row.project,
        pass_mark=row.training_pass_mark,
        attempts=row.training_attempts,
        added=len(items),
    )
    return row


def refuse_unless_draft(batch: Batch) -> None:
    if batch.state != BatchState.DRAFT:
        raise WrongState(
            _("The batch is %(state)s; its training is set as a draft.")
            % {"state": batch.state_in_words}
        )


def add_items(batch: Batch, items: Sequence[TrainingItem]) -> list[Unit]:
    """Make a training unit of each item, with its known answers. Raises Refused."""
    refuse_repeats(items)
    lists = [item.outputs for item in items]
    plans = list(listed_plans(batch, lists, "training.units"))
    there = subjects_before_work(batch)
    faults = faults_of_known(there, plans, "training.units")
    if len(there) + len(plans) > AT_MOST:
        message = _("At most %(at_most)s units are judged before the work.") % {
            "at_most": AT_MOST
        }
        faults.append({"field": "training.units", "message": message})
    refuse(faults)
    units = units_before_work(batch, plans, UnitKind.TRAINING)
    for index, (unit, item) in enumerate(zip(units, items, strict=True)):
        faults += set_known_answers(batch, unit, item, f"training.units.{index}")
    refuse(faults)
    return units


def refuse_repeats(items: Sequence[TrainingItem]) -> None:
    seen: set[frozenset[str]] = set()
    faults = []
    for index, item in enumerate(items):
        names = frozenset(item.outputs)
        if names in seen:
            message = _("These outputs stand here twice.")
            faults.append({"field": f"training.units.{index}", "message": message})
        seen.add(names)
    refuse(faults)


def refuse(faults: list[dict[str, str]]) -> None:
    if faults:
        raise Refused(_("The training was not changed."), faults)


def set_known_answers(
    batch: Batch, unit: Unit, item: TrainingItem, field: str
) -> list[dict[str, str]]:
    """Store what is right about a unit, in place of what was; returns the faults."""
    instrument = relaxed(published_instrument(batch.rubric_version_id))
    outputs = list(
        UnitOutput.objects.filter(unit=unit)
        .order_by("position")
        .values_list("output_id", "output__external_id")
    )
    names = [name for _, name in outputs]
    try:
        known = read_answers(
            instrument,
            item.answers,
            on_every_side(instrument, item.explanations, sides_of(len(names))),
            side_order=[names.index(name) for name in item.outputs],
        )
    except InvalidAnswers as error:
        return [
            {"field": f"{field}.{fault['field']}", "message": fault["message"]}
            for fault in error.errors
        ]
    if not any(answer.question.kind != Kind.TEXT for answer in known):
        message = _("Give at least one answer that can be compared; text cannot.")
        return [{"field": f"{field}.answers", "message": message}]
    unit.known_answers.all().delete()
    KnownAnswer.objects.bulk_create(
        known_row(unit, answer, [pk for pk, _ in outputs]) for answer in known
    )
    return []


def on_every_side(instrument: Instrument, explanations: Any, sides: str) -> Any:
    """One text for a criterion of each output explains it for all of them."""
    if not isinstance(explanations, Mapping):
        return explanations
    of_outputs = {q.key for q in instrument if q.of_each_output}
    return {
        key: dict.fromkeys(sides, words)
        if isinstance(words, str) and key in of_outputs
        else words
        for key, words in explanations.items()
    }


def known_row(unit: Unit, answer: Given, outputs: Sequence[int]) -> KnownAnswer:
    return KnownAnswer(
        unit=unit,
        criterion_id=answer.question.id,
        output_id=None if answer.position is None else outputs[answer.position],
        value=as_stored(answer),
        explanation=answer.rationale,
    )


@transaction.atomic
def change_item(*, batch: Batch, unit: Unit, item: TrainingItem, by: User) -> None:
    """Put other known answers in place of a training unit's. Raises as above."""
    row = locked(batch)
    refuse_unless_draft(row)
    refuse(set_known_answers(row, unit, item, "training.units.0"))
    AuditEvent.objects.record("training changed", row, by=by, project=row.project)


@transaction.atomic
def drop_item(*, batch: Batch, unit: Unit, by: User) -> None:
    """Take a unit out of the training; back to the pool if the batch chose it."""
    row = locked(batch)
    refuse_unless_draft(row)
    unit.known_answers.all().delete()
    plans = plan_units(row, Selection.from_json(row.selection))
    if any(plan.subject == unit.subject for plan in plans):
        back_to_pool(row, unit)
    else:
        unit.delete()
    AuditEvent.objects.record(
        "training changed", row, by=by, project=row.project, dropped=1
    )


@transaction.atomic
def drop_training(*, batch: Batch, by: User) -> None:
    """Let the batch begin without a training. Its units go as in `drop_item`."""
    row = locked(batch)
    refuse_unless_draft(row)
    for unit in Unit.objects.filter(batch=row, kind=UnitKind.TRAINING):
        drop_item(batch=row, unit=unit, by=by)
    row.training_pass_mark = None
    row.save(update_fields=["training_pass_mark"])


@transaction.atomic
def let_in(*, batch: Batch, user: User, by: User) -> BatchMember:
    """Let an annotator begin the work without having passed the training."""
    member = lock_trainee(batch, user)
    if not batch.has_training:
        raise WrongState(_("The batch has no training."))
    if member.trained_at is None:
        member.trained_at, member.let_in_by = database_now(batch), by
        member.save(update_fields=["trained_at", "let_in_by"])
        AuditEvent.objects.record(
            "annotator let in",
            batch,
            by=by,
            project=batch.project,
            annotator=user.email,
            attempts=member.attempts.count(),
        )
    return member


def lock_trainee(batch: Batch, user: User) -> BatchMember:
    """The member's row, held: one person's answers are counted one after another."""
    members = BatchMember.objects.select_for_update(of=("self",))
    return members.select_related("batch", "user").get(batch=batch, user=user)


# --- The annotator's side -------------------------------------------------------------


def finish_attempt(member: BatchMember, now: datetime) -> TrainingAttempt | None:
    """Count the attempt when its last answer is given; None before, or when let in.

    The member's row is held.
    """
    batch = member.batch
    mine = Assignment.objects.filter(
        batch=batch, annotator=member.user, unit__kind=UnitKind.TRAINING
    )
    open_ones = mine.exclude(state=AssignmentState.SUBMITTED)
    if member.trained_at is not None or open_ones.exists():
        return None
    score = Score.of(marks_of(member))
    made = member.attempts.aggregate(last=Max("number"))["last"] or 0
    attempt = TrainingAttempt.objects.create(
        member=member,
        number=made + 1,
        score=score.value,
        right=score.right,
        near=score.near,
        wrong=score.wrong,
        passed=score.reaches(batch.training_pass_mark or 0.0),
        finished_at=now,
    )
    if attempt.passed:
        member.trained_at = now
        member.save(update_fields=["trained_at"])
    elif attempt.number >= batch.training_attempts:
        transaction.on_commit(lambda: tell_of_failed_training(attempt))
    return attempt


@tried_again
@transaction.atomic
def repeat_training(*, batch: Batch, user: User) -> None:
    """Begin the training anew: its answers stay on record, superseded.

    Twice is once. Raises NoMoreAttempts.
    """
    member = lock_trainee(batch, user)
    standing = standing_of(member)
    if standing.is_under_way:
        return
    if not standing.may_repeat:
        raise NoMoreAttempts(standing.why_no_repeat)
    now = database_now(batch)
    mine = Assignment.objects.filter(
        batch=batch,
        annotator=user,
        unit__kind=UnitKind.TRAINING,
        state=AssignmentState.SUBMITTED,
        holds_slot=True,
    )
    rows = list(mine.select_for_update(of=("self",)).order_by("pk"))
    Judgment.objects.current().filter(assignment__in=rows).update(superseded_at=now)
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=AssignmentState.RESERVED, submitted_at=None, draft={}
    )


def next_number(assignment: Assignment) -> int:
    """A repeated training unit has judgments already."""
    return assignment.judgments.count() + 1
