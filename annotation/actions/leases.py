"""Leases from the annotator's side: prepare what follows, take a lapsed unit again."""

from __future__ import annotations

from django.db import transaction

from accounts.permissions import Principal
from annotation.actions.claiming import lock_member, resume, take_next
from annotation.actions.judging import lock
from annotation.models import Assignment
from annotation.models.assignment import WAITING, Source
from config.deadlock import tried_again


def prepare_next(*, assignment: Assignment, principal: Principal) -> Assignment | None:
    """Claim the unit that follows the one being judged, for two minutes.

    None when nothing follows, or when this one is not in my hands: claiming would be
    a plain "next" then. Raises NotInBatch, BatchNotOpen.
    """
    if assignment.is_submitted or not assignment.holds_slot:
        return None
    return take_next(
        batch_id=assignment.batch_id, principal=principal, after=assignment.pk
    )


@tried_again
@transaction.atomic
def take_again(*, assignment: Assignment, principal: Principal) -> Assignment:
    """Lease a unit of mine anew, also one whose lease lapsed, if a slot is free.

    Returns the row as it is now: `holds_slot` says whether it is in my hands again.
    Raises NotInBatch, BatchNotOpen.
    """
    me = lock_member(assignment.batch_id, principal, Source.SCREEN)
    row: Assignment = lock(assignment.pk)
    if row.state in WAITING:
        resume(me, row, prepared=False)
    return row
