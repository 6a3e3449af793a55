"""Leaving and coming back: a break gives back what was prepared; a skip taken back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Principal
from annotation.actions.claiming import has_room, lease, lock_member
from annotation.actions.judging import lock, take_slot, why_it_stays_skipped
from annotation.actions.slots import give_back_slots
from annotation.models import Assignment, Batch, BatchMember
from annotation.models.assignment import AssignmentState
from config.deadlock import tried_again


class NotFree(Exception):
    """The unit cannot come back to me; the message says why."""


@tried_again
@transaction.atomic
def take_a_break(*, batch: Batch, user: User) -> int:
    """Give back the units prepared for me that I have not seen; returns how many.

    What I have on the screen stays mine until its lease ends. A unit reserved for me in
    advance stays reserved.
    """
    BatchMember.objects.select_for_update().filter(batch=batch, user=user).first()
    prepared = list(
        Assignment.objects.select_for_update()
        .filter(
            batch=batch,
            annotator=user,
            state=AssignmentState.LEASED,
            opened_at=None,
        )
        .annotate(now=Now())
    )
    given_back: list[Any] = []
    for row in prepared:
        if row.reserved:
            row.state = AssignmentState.RESERVED
        else:
            row.state, row.holds_slot = AssignmentState.EXPIRED, False
            given_back.append(row)
        row.save(update_fields=["state", "holds_slot"])
    if given_back:
        give_back_slots([row.unit_id for row in given_back], given_back[0].now)
    return len(prepared)


@tried_again
@transaction.atomic
def take_back(*, assignment: Assignment, principal: Principal) -> Assignment:
    """Bring a skipped unit back to me while one of its places is free.

    Taking back twice is taking back once. Raises NotFree, NotInBatch, BatchNotOpen.
    """
    me = lock_member(assignment.batch_id, principal, assignment.source)
    row: Any = lock(assignment.pk)
    if row.state != AssignmentState.SKIPPED:
        return assignment
    if why := why_it_stays_skipped(row, assignment.unit):
        raise NotFree(why)
    if not has_room(me):
        raise NotFree(_("You have judged as many items of this batch as one may."))
    if not take_slot(row.unit_id):
        raise NotFree(_("Others have this item now, so it cannot come back to you."))
    lease(me, row, Assignment.objects.filter(pk=row.pk), prepared=False)
    return assignment
