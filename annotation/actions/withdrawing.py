"""A unit taken out of a running batch, and brought back."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from annotation.actions.holding import (
    WrongState,
    database_now,
    hold_members,
    locked_to_change,
)
from annotation.actions.releasing import free_reserved
from annotation.actions.reserving import reserve_units
from annotation.actions.slots import asked_for, place_of_return
from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import AssignmentState
from annotation.models.batch import BatchState, Strategy
from annotation.models.unit import STAGES
from config.deadlock import tried_again


@tried_again
@transaction.atomic
def withdraw_unit(*, unit: Unit, by: User, reason: str) -> Unit:
    """Give a unit to nobody any more; its judgments stay, what is in hand may come.

    Withdrawing twice is withdrawing once. Raises WrongState.
    """
    batch = locked_to_change(unit.batch)
    if unit.kind in STAGES:
        raise WrongState(
            _("Everybody judges this unit before the work; it is not withdrawn.")
        )
    hold_members(batch)
    rows = Assignment.objects.filter(unit=unit)
    free_reserved(batch, rows)
    # In hand until its lease lapses, like anybody's of the pool.
    rows.filter(state=AssignmentState.LEASED).update(reserved=False)
    row = Unit.objects.select_for_update().get(pk=unit.pk)
    if row.withdrawn_at is not None:
        return row
    row.withdrawn_at, row.required = database_now(batch), row.taken
    row.save(update_fields=["withdrawn_at", "required"])
    record("unit withdrawn", batch, row, by, reason=reason)
    return row


@tried_again
@transaction.atomic
def restore_unit(*, unit: Unit, by: User) -> Unit:
    """Bring a withdrawn unit back, at the far end of the pool. Raises WrongState."""
    batch = locked_to_change(unit.batch)
    hold_members(batch)
    row = Unit.objects.select_for_update().get(pk=unit.pk)
    if row.withdrawn_at is None:
        return row
    row.withdrawn_at = None
    row.required = max(wanted(batch, row), row.taken)
    row.place = place_of_return(database_now(batch))
    row.save(update_fields=["withdrawn_at", "required", "place"])
    batch.members.update(looked_back_at=None)
    running = batch.state != BatchState.DRAFT
    if running and batch.strategy in (Strategy.FIXED, Strategy.SKILL):
        reserve_units(batch)
    record("unit restored", batch, row, by)
    return row


def wanted(batch: Batch, unit: Unit) -> int:
    """How many are to judge it again: those it was given to, where they are named."""
    rows = Assignment.objects.filter(unit=unit)
    given = rows.exclude(state=AssignmentState.SKIPPED).count()
    named = batch.strategy == Strategy.NAMED
    return given if named and given else asked_for(batch, unit)


def record(verb: str, batch: Batch, unit: Unit, by: User, **data: str) -> None:
    AuditEvent.objects.record(
        verb,
        unit,
        by=by,
        project=batch.project,
        name=batch.name,
        item=unit.item.external_id,
        **data,
    )
