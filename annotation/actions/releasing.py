"""What annotators hold, given back: by a manager, or because they take no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import AuditEvent, User
from annotation.actions.holding import (
    database_now,
    hold_members,
    locked_to_change,
)
from annotation.actions.slots import give_back_slots
from annotation.models import Assignment, Batch
from annotation.models.assignment import AssignmentState
from config.chunks import chunks
from config.deadlock import tried_again

CHUNK = 1_000


@tried_again
@transaction.atomic
def release_leases(*, batch: Batch, by: User, annotator: User | None = None) -> int:
    """End the leases of a batch, or of one annotator in it; returns how many.

    Drafts stay with whoever wrote them, and what was set aside for somebody is set
    aside for them still. Raises WrongState.
    """
    row = locked_to_change(batch)
    hold_members(row)
    leased = Assignment.objects.filter(batch=row, state=AssignmentState.LEASED)
    if annotator is not None:
        leased = leased.filter(annotator=annotator)
    held = list(
        leased.select_for_update()
        .order_by("pk")
        .values_list("pk", "unit_id", "reserved")
    )
    aside = [pk for pk, _, reserved in held if reserved]
    for names in chunks(aside, CHUNK):
        Assignment.objects.filter(pk__in=names).update(state=AssignmentState.RESERVED)
    free(row, [one[:2] for one in held if not one[2]], AssignmentState.EXPIRED)
    row.members.update(looked_back_at=None)
    AuditEvent.objects.record(
        "leases released",
        row,
        by=by,
        project=row.project,
        annotator=annotator.email if annotator else "",
        released=len(held),
    )
    return len(held)


def free(batch: Batch, held: list[tuple[UUID, UUID]], state: str) -> None:
    """Give the slots of these assignments, (id, unit), back; their rows are held."""
    for piece in chunks(held, CHUNK):
        Assignment.objects.filter(pk__in=[pk for pk, _ in piece]).update(
            state=state, holds_slot=False, reserved=False
        )
        give_back_slots([unit_id for _, unit_id in piece], database_now(batch))


def release_reserved(batch: Batch) -> None:
    """What was set aside for those who take no more goes back to the pool.

    What they have in hand stays theirs until its lease lapses, as for anybody.
    """
    idle = batch.members.filter(active=False).values("user")
    rows = Assignment.objects.filter(batch=batch, reserved=True, annotator__in=idle)
    rows.filter(state=AssignmentState.LEASED).update(reserved=False)
    free_reserved(batch, rows)


def free_reserved(batch: Batch, rows: QuerySet[Assignment]) -> None:
    waiting: list[Any] = list(
        rows.filter(state=AssignmentState.RESERVED)
        .select_for_update()
        .order_by("pk")
        .values_list("pk", "unit_id")
    )
    free(batch, waiting, AssignmentState.RELEASED)
