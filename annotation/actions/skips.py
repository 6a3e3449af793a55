"""Skips from the manager's side: answered once, and what becomes of the unit."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models.functions import Now
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent, Membership, User
from annotation.actions.breaks import NotFree
from annotation.actions.holding import locked_to_change
from annotation.actions.judging import lock, take_slot, why_it_stays_skipped
from annotation.actions.withdrawing import withdraw_unit
from annotation.models import Assignment, BatchMember, Skip
from annotation.models.assignment import AssignmentState
from config.deadlock import tried_again


class Then(models.TextChoices):
    """What becomes of the unit when its flag or skip is answered."""

    NOTHING = "", gettext_lazy("Nothing else")
    GIVE_BACK = "give_back", gettext_lazy("Give it back to them")
    WITHDRAW = "withdraw", gettext_lazy("Withdraw the unit")


class SkipAnswered(Exception):
    """Somebody answered this skip before; `skip` holds what they said."""

    def __init__(self, skip: Skip) -> None:
        super().__init__(_("This skip is answered; an answer stays as it was given."))
        self.skip = skip


@tried_again
@transaction.atomic
def answer_skip(*, skip: Skip, answer: str, by: User, then: str = "") -> Skip:
    """Answer once, or close it without words; the same again gives what is stored.

    Raises SkipAnswered, NotFree, WrongState; then nothing is changed.
    """
    batch = locked_to_change(skip.assignment.batch)
    found = get_object_or_404(
        Skip.objects.select_for_update(of=("self",)).select_related(
            "assignment__unit__item", "assignment__annotator"
        ),
        pk=skip.pk,
    )
    if found.answered_at is not None:
        if found.answer == answer and is_done(found.assignment, then):
            return found
        raise SkipAnswered(found)
    follow(found.assignment, then, by=by, reason=answer or found.reason)
    Skip.objects.filter(pk=found.pk).update(
        answer=answer, answered_at=Now(), answered_by=by
    )
    AuditEvent.objects.record(
        "skip answered", found, by=by, project=batch.project, batch=str(batch.pk)
    )
    return Skip.objects.select_related("assignment__batch").get(pk=found.pk)


def follow(assignment: Assignment, then: str, *, by: User, reason: str) -> None:
    """Do with the unit what was decided; call it inside the answer's transaction."""
    if then == Then.GIVE_BACK:
        give_back(assignment=assignment, by=by)
    elif then == Then.WITHDRAW:
        withdraw_unit(unit=assignment.unit, by=by, reason=reason)


def is_done(assignment: Assignment, then: str) -> bool:
    """Has become of the unit what is asked for?"""
    if then == Then.GIVE_BACK:
        return assignment.state != AssignmentState.SKIPPED
    return then != Then.WITHDRAW or assignment.unit.withdrawn_at is not None


@tried_again
@transaction.atomic
def give_back(*, assignment: Assignment, by: User) -> Assignment:
    """Set a skipped unit aside for who skipped it, while one of its places is free.

    Giving back twice is giving back once. Raises NotFree, WrongState.
    """
    batch = locked_to_change(assignment.batch)
    member = (
        BatchMember.objects.select_for_update()
        .filter(batch=batch, user=assignment.annotator_id)
        .first()
    )
    judging = Membership.objects.current().judging().filter(project=batch.project_id)
    is_there = judging.filter(user=assignment.annotator_id).exists()
    if member is None or not member.active or not is_there:
        raise NotFree(_("They judge in this batch no longer; others can have it."))
    row = lock(assignment.pk)
    if row.state == AssignmentState.RESERVED:
        return assignment
    if row.state != AssignmentState.SKIPPED:
        raise NotFree(_("They have not skipped it now, so there is nothing to return."))
    if why := why_it_stays_skipped(row, assignment.unit):
        raise NotFree(why)
    if not take_slot(row.unit_id):
        raise NotFree(_("Others have every place of it, so it cannot go back."))
    row.state, row.holds_slot, row.reserved = AssignmentState.RESERVED, True, True
    row.position = 0.0  # before what else waits for them
    row.save(update_fields=["state", "holds_slot", "reserved", "position"])
    AuditEvent.objects.record(
        "unit given back",
        assignment.unit,
        by=by,
        project=batch.project,
        name=batch.name,
        item=assignment.unit.item.external_id,
        person=str(assignment.annotator_id),
    )
    return assignment
