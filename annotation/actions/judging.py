"""Judging: what an annotator does with an assignment, one transaction an act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from annotation.actions.slots import give_back_slots
from annotation.actions.training import finish_attempt, lock_trainee, next_number
from annotation.answers.given import Given, content_hash
from annotation.content.media import show_media
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    Judgment,
    Skip,
    Span,
    Unit,
    UnitOutput,
)
from annotation.models.assignment import HOLDING, AssignmentState, Source
from annotation.models.batch import BatchState, Stage
from config.deadlock import tried_again
from rubrics.comparable import are_comparable

# Pausing lets open work finish; what was begun before closing still counts.
TAKES_WORK = (BatchState.OPEN, BatchState.PAUSED, BatchState.CLOSED)


class AlreadySubmitted(Exception):
    """Another judgment stands here; a revision must name it in `supersedes`."""

    def __init__(self, current: Judgment) -> None:
        super().__init__(
            _("This assignment is submitted; a revision names what it supersedes.")
        )
        self.current = current


class BatchIsShut(Exception):
    """The batch takes no judgments any more."""


class NotSkippable(BatchIsShut):
    """What is in training is answered; the message says so."""


class DraftConflict(Exception):
    """The draft was changed elsewhere; `assignment` holds what is stored."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(_("The draft was changed elsewhere."))
        self.assignment = assignment


@dataclass(frozen=True)
class Submission:
    """What became of a submission. `late`: stored, but it holds no slot."""

    judgment: Judgment
    is_new: bool
    late: bool


@tried_again
@transaction.atomic
def submit_judgment(
    *,
    assignment: Assignment,
    answers: Sequence[Given],
    outputs: Sequence[int],
    note: str = "",
    elapsed_ms: int | None = None,
    supersedes: UUID | None = None,
    source: str = Source.SCREEN,
) -> Submission:
    """Record the annotator's decision; the same again gives what is stored.

    `assignment` comes from its door, `outputs` are the unit's output ids in canonical
    order. A lapsed lease costs nothing while the slot is still held or free; otherwise
    the work is stored as late. Raises AlreadySubmitted, BatchIsShut.
    """
    hashed = content_hash(answers)
    trainee = None
    if assignment.unit.is_training:
        trainee = lock_trainee(assignment.batch, assignment.annotator)
    number = next_number(assignment) if trainee else 1
    instant = door_time(assignment)
    if not close_held(assignment):
        row = lock(assignment.pk)
        refuse_changed_rubric(assignment)
        if row.is_submitted:
            current = row.judgments.current().get()
            if current.content_hash == hashed and note in (current.note, ""):
                return Submission(current, is_new=False, late=not row.holds_slot)
            if supersedes != current.pk:
                raise AlreadySubmitted(current)
            refuse_unless(row.batch.state, BatchState.OPEN, BatchState.PAUSED)
            if why := why_it_stays(assignment.unit, row.batch):
                raise BatchIsShut(why)
            Judgment.objects.filter(pk=current.pk).update(superseded_at=row.now)
            row.returns.waiting().update(settled_at=row.now)
            number = current.number + 1
        else:
            refuse_unless(row.batch.state, *TAKES_WORK)
            if why := why_it_stays_skipped(row, assignment.unit):
                raise BatchIsShut(why)
            row.holds_slot = row.holds_slot or take_slot(row.unit_id)
            close(row)
        assignment, instant = row, row.now
    judgment = Judgment.objects.create(
        assignment=assignment,
        number=number,
        source=source,
        created_at=instant,
        elapsed_ms=elapsed_ms,
        note=note,
        content_hash=hashed,
    )
    rows = Answer.objects.bulk_create(answer_rows(judgment, answers, outputs))
    Span.objects.bulk_create(span_rows(rows, answers, outputs))
    if trainee:
        finish_attempt(trainee, instant)
    return Submission(judgment, is_new=True, late=not assignment.holds_slot)


def door_time(assignment: Any) -> datetime:
    """The database's time, which the door has brought with the assignment."""
    now: datetime = assignment.now
    return now


def close_held(assignment: Any) -> bool:
    """The common case in one statement: I hold the slot and am the first to submit.

    The update waits for whoever submits this row at the same time, then misses; so it
    does where the batch went to another rubric version since the door was passed.
    """
    if assignment.batch.state not in TAKES_WORK:
        return False
    held = Assignment.objects.filter(
        pk=assignment.pk,
        state__in=HOLDING,
        holds_slot=True,
        lease_epoch=assignment.lease_epoch,
    )
    if not held.update(
        state=AssignmentState.SUBMITTED, submitted_at=assignment.now, draft={}
    ):
        return False
    assignment.state = AssignmentState.SUBMITTED
    assignment.holds_slot = True
    assignment.submitted_at = assignment.now
    return True


def lock(assignment_id: UUID) -> Any:
    """The assignment's row, held until the end of the transaction, with its batch.

    Http404 when its batch was deleted in this moment.
    """
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("batch")
    return get_object_or_404(rows.annotate(now=Now()), pk=assignment_id)


def refuse_changed_rubric(assignment: Assignment) -> None:
    """Answers read by a version that asks another thing cannot stand here."""
    read_by = assignment.batch.rubric_version_id
    batches = Batch.objects.filter(pk=assignment.batch_id)
    now = batches.values_list("rubric_version", flat=True).get()
    if now != read_by and not are_comparable(now, read_by):
        raise BatchIsShut(
            _("The rubric of this batch was changed in this moment; submit again.")
        )


def refuse_unless(state: str, *allowed: str) -> None:
    if state not in allowed:
        raise BatchIsShut(
            _("This batch is %(state)s; it takes no judgments.")
            % {"state": str(BatchState(state).label).lower()}
        )


def why_it_stays(unit: Unit, batch: Batch) -> str:
    """What was judged before its author saw more of it stays; "" for other units."""
    if unit.is_training:
        return _("You have seen what is right here; your answer stays.")
    if unit.is_calibration and batch.calibration_stage != Stage.OPEN:
        return _("The calibration is discussed; your judgment stays.")
    return ""


def why_it_stays_skipped(row: Assignment, unit: Unit) -> str:
    """Who skipped a calibration unit has seen what the others said about it since."""
    if row.state == AssignmentState.SKIPPED and why_it_stays(unit, row.batch):
        return _("The calibration is discussed; what you skipped stays skipped.")
    return ""


def take_slot(unit_id: UUID) -> bool:
    """Take a free slot of the unit; False when others have all of them."""
    units = Unit.objects.claimable().filter(pk=unit_id)
    return bool(units.update(taken=F("taken") + 1))


def answer_rows(
    judgment: Judgment, answers: Sequence[Given], outputs: Sequence[int]
) -> list[Answer]:
    return [
        Answer(
            judgment=judgment,
            criterion_id=answer.question.id,
            output_id=None if answer.position is None else outputs[answer.position],
            level_id=answer.level_id,
            number=answer.number,
            text=answer.text,
            choices=answer.choices,
            absent=answer.absent,
            rationale=answer.rationale,
        )
        for answer in answers
    ]


def span_rows(
    rows: Sequence[Answer], answers: Sequence[Given], outputs: Sequence[int]
) -> list[Span]:
    """The evidence of answers whose rows stand in the same order."""
    return [
        Span(
            answer=row,
            output_id=outputs[mark.position],
            start=mark.start,
            end=mark.end,
            quote=mark.quote,
        )
        for row, answer in zip(rows, answers, strict=True)
        for mark in answer.marks
    ]


def close(row: Any) -> None:
    row.state = AssignmentState.SUBMITTED
    row.submitted_at = row.submitted_at or row.now
    row.draft = {}
    row.save(update_fields=["state", "holds_slot", "submitted_at", "draft"])


def save_draft(
    *, assignment: Assignment, draft: dict[str, Any], version: int
) -> Assignment:
    """Keep unfinished work and renew the lease; raises DraftConflict if it is stale.

    The draft of a lapsed or skipped assignment is kept too; a submitted one has none.
    """
    changed = (
        Assignment.objects.filter(pk=assignment.pk, draft_version=version)
        .exclude(state=AssignmentState.SUBMITTED)
        .update(draft=draft, draft_version=F("draft_version") + 1)
    )
    assignment.refresh_from_db(fields=["draft", "draft_version", "state"])
    if not changed and assignment.draft != draft:
        raise DraftConflict(assignment)
    renew(assignment=assignment)
    return assignment


def renew(*, assignment: Assignment) -> datetime | None:
    """Start the lease anew from this instant; returns its end, None if not leased."""
    leased = Assignment.objects.filter(pk=assignment.pk, state=AssignmentState.LEASED)
    leased.update(lease_expires_at=Now() + assignment.batch.lease)
    assignment.refresh_from_db(fields=["lease_expires_at", "state"])
    held = assignment.state == AssignmentState.LEASED
    return assignment.lease_expires_at if held else None


def show(*, assignment: Assignment) -> None:
    """Note that a prepared assignment is on the screen now; its lease becomes whole."""
    Assignment.objects.filter(pk=assignment.pk, opened_at=None).update(opened_at=Now())
    renew(assignment=assignment)


@tried_again
@transaction.atomic
def skip(*, assignment: Assignment, reason: str, later: bool = False) -> Assignment:
    """Pass over a unit: its slot is free for others, it does not come back to me.

    With `later` it comes back to me when nothing else is left. Skipping twice is
    skipping once. Raises AlreadySubmitted, BatchIsShut.
    """
    if assignment.unit.is_training:
        raise NotSkippable(_("Training is not skipped; answer as well as you can."))
    row = lock(assignment.pk)
    if row.is_submitted:
        raise AlreadySubmitted(row.judgments.current().get())
    refuse_unless(row.batch.state, *TAKES_WORK)
    if row.state == AssignmentState.SKIPPED:
        return cast(Assignment, row)
    Skip.objects.create(assignment=row, reason=reason)
    keeps_slot = later and row.reserved
    if row.holds_slot and not keeps_slot:
        row.holds_slot = False
        give_back_slots([row.unit_id], row.now)
    if keeps_slot:
        row.state = AssignmentState.RESERVED
    else:
        row.state = AssignmentState.RELEASED if later else AssignmentState.SKIPPED
    row.position = row.now.timestamp()  # behind all that I have not put off
    row.save(update_fields=["state", "holds_slot", "position"])
    return cast(Assignment, row)


def outputs_of(unit_id: UUID) -> list[UnitOutput]:
    """The unit's outputs in canonical order, with their item: one query.

    Where their content names media elsewhere, one more finds what we hold of it.
    """
    rows = list(
        UnitOutput.objects.filter(unit_id=unit_id)
        .select_related("output__item")
        .order_by("position")
    )
    show_media(rows)
    return rows


def output_ids(assignment: Any) -> list[int]:
    """The unit's output ids in canonical order; the door has brought up to two."""
    if len(assignment.side_order) <= 2:
        found = [assignment.first_output, assignment.second_output]
        return found[: len(assignment.side_order)]
    return [row.output_id for row in outputs_of(assignment.unit_id)]
