"""Batches changed: opened, paused, closed, given other annotators, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, ProtectedError, Q, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from annotation.actions.batches import is_being_filled
from annotation.actions.guidelines import change_guidelines
from annotation.actions.holding import WrongState, database_now, locked
from annotation.actions.reserving import reserve_stages, reserve_units
from annotation.actions.slots import give_back_slots, place_of_return
from annotation.models import Assignment, Batch, BatchMember, Judgment, Unit
from annotation.models.assignment import AssignmentState
from annotation.models.batch import BatchState, Strategy
from annotation.models.unit import STAGES, UnitKind
from config.api import Refused
from config.chunks import chunks

UNCHANGED: Any = object()  # None means "no due date".
MOVES = {
    BatchState.OPEN: {BatchState.DRAFT, BatchState.PAUSED, BatchState.CLOSED},
    BatchState.PAUSED: {BatchState.OPEN},
    BatchState.CLOSED: {BatchState.OPEN, BatchState.PAUSED},
    BatchState.ARCHIVED: {BatchState.CLOSED, BatchState.DRAFT},
}


@transaction.atomic
def move_batch(*, batch: Batch, to: str, by: User) -> Batch:
    """Open, pause, close or archive; the same state again changes nothing.

    Opening a fixed batch reserves each unit for its annotators. Raises WrongState.
    """
    row = locked(batch)
    if row.state == to:
        return row
    if row.state not in MOVES[BatchState(to)]:
        raise WrongState(
            _("The batch is %(state)s; it cannot become %(to)s from there.")
            % {
                "state": row.state_in_words,
                "to": str(BatchState(to).label).lower(),
            }
        )
    if to == BatchState.OPEN:
        if is_being_filled(row):
            raise WrongState(
                _("Its units are still being made; wait for the job to end.")
            )
        if row.filled_at is None:
            raise WrongState(
                _(
                    "Making its units was not finished; delete the batch and make it "
                    "again."
                )
            )
        refuse_empty_stages(row)
        reserve_stages(row)
        if row.strategy == Strategy.FIXED:
            reserve_units(row)
    row.state = to
    row.save(update_fields=["state"])
    verb = {"open": "opened", "paused": "paused", "closed": "closed"}.get(to, to)
    AuditEvent.objects.record(
        f"batch {verb}", row, by=by, project=row.project, name=row.name
    )
    batch.state = to
    return row


def refuse_empty_stages(batch: Batch) -> None:
    kinds = set(
        Unit.objects.filter(batch=batch, kind__in=STAGES).values_list("kind", flat=True)
    )
    if batch.has_training and UnitKind.TRAINING not in kinds:
        raise WrongState(
            _("Its training has no items yet; add some, or do without it.")
        )
    if batch.has_calibration and UnitKind.CALIBRATION not in kinds:
        raise WrongState(_("Its calibration round has no units; make the batch again."))


@transaction.atomic
def change_batch(
    *,
    batch: Batch,
    by: User,
    annotators: Sequence[User] | None = None,
    overlap: int | None = None,
    lease: timedelta | None = None,
    due_at: Any = UNCHANGED,
    guidelines: str | None = None,
) -> Batch:
    """Change what may change after creation; what is not given stays."""
    row = locked(batch)
    if row.state == BatchState.ARCHIVED:
        raise WrongState(_("The batch is archived; it does not change any more."))
    changed: dict[str, Any] = {}
    if annotators is not None:
        set_annotators(row, annotators)
        changed["annotators"] = [user.email for user in annotators]
    if overlap is not None and overlap != row.overlap:
        change_overlap(row, overlap)
        row.overlap = changed["overlap"] = overlap
    if lease is not None:
        row.lease = lease
        changed["lease_minutes"] = lease.total_seconds() / 60
    if due_at is not UNCHANGED:
        row.due_at = due_at
        changed["due_at"] = str(due_at)
    if guidelines is not None:
        change_guidelines(row, guidelines, by)
        changed["guidelines"] = len(guidelines)
    row.save()
    if changed:
        AuditEvent.objects.record(
            "batch changed", row, by=by, project=row.project, **changed
        )
    return row


def set_annotators(batch: Batch, annotators: Sequence[User]) -> None:
    """Those named are active; the others keep their work and take no more."""
    if not annotators:
        raise Refused(
            _("The batch was not changed."),
            [{"field": "annotators", "message": _("Name at least one annotator.")}],
        )
    BatchMember.objects.bulk_create(
        [BatchMember(batch=batch, user=user) for user in dict.fromkeys(annotators)],
        ignore_conflicts=True,
    )
    named = Q(user__in=annotators)
    batch.members.update(active=Case(When(named, then=True), default=False))
    batch.members.update(looked_back_at=None)
    release_reserved(batch)
    if batch.has_stages and batch.state != BatchState.DRAFT:
        reserve_stages(batch)


def release_reserved(batch: Batch) -> None:
    """What was set aside for those who take no more goes back to the pool.

    What they have in hand stays theirs until its lease lapses, as for anybody.
    """
    idle = batch.members.filter(active=False).values("user")
    rows = Assignment.objects.filter(batch=batch, reserved=True, annotator__in=idle)
    rows.filter(state=AssignmentState.LEASED).update(reserved=False)
    waiting = list(
        rows.filter(state=AssignmentState.RESERVED)
        .select_for_update()
        .order_by("pk")
        .values_list("pk", "unit_id")
    )
    for piece in chunks(waiting, 1_000):
        Assignment.objects.filter(pk__in=[pk for pk, _ in piece]).update(
            state=AssignmentState.RELEASED, holds_slot=False, reserved=False
        )
        give_back_slots([unit_id for _, unit_id in piece], database_now(batch))


def change_overlap(batch: Batch, overlap: int) -> None:
    """Lower to what is taken at least; raise by opening only the missing slots.

    A unit that becomes claimable again goes to the far end of the pool (invariant 2).
    """
    place = place_of_return(database_now(batch))
    batch.members.update(looked_back_at=None)  # Before units, as claims lock them.
    Unit.objects.filter(batch=batch).of_the_work().update(
        place=Case(
            When(Q(taken__gte=F("required")) & Q(taken__lt=overlap), then=Value(place)),
            default=F("place"),
        ),
        required=Greatest(Value(overlap), F("taken")),
    )


@transaction.atomic
def delete_batch(*, batch: Batch, by: User) -> None:
    """Delete a batch that nobody has judged; raises WrongState otherwise."""
    row = locked(batch)
    # Nobody claims or submits here until the deletion is done or undone.
    list(row.members.select_for_update().order_by("pk"))
    list(row.assignments.select_for_update().order_by("pk").values_list("pk"))
    if Judgment.objects.filter(assignment__batch=row).exists():
        raise WrongState(
            _("The batch has judgments; archive it instead of deleting it.")
        )
    AuditEvent.objects.record(
        "batch deleted", row, by=by, project=row.project, name=row.name
    )
    Assignment.objects.filter(batch=row).delete()
    try:
        row.delete()
    except ProtectedError:
        raise WrongState(
            _("A gold release names this batch; archive it instead of deleting it.")
        ) from None
