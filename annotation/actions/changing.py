"""Batches changed: opened, paused, closed, given other annotators, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, ProtectedError, Q, When
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from annotation.actions.batches import is_being_filled
from annotation.actions.guidelines import change_guidelines
from annotation.actions.holding import (
    WrongState,
    database_now,
    locked,
    locked_to_change,
)
from annotation.actions.overlap import change_overlap
from annotation.actions.releasing import release_reserved
from annotation.actions.reserving import reserve, reserve_units
from annotation.actions.reserving_stages import reserve_stages
from annotation.mail import tell_of_work
from annotation.models import Assignment, Batch, BatchMember, Judgment, Unit
from annotation.models.batch import BatchState, Strategy
from annotation.models.unit import STAGES, UnitKind
from config.api import Refused
from config.deadlock import tried_again

UNCHANGED: Any = object()  # None means "no due date".
BY_LOAD = (Strategy.FIXED, Strategy.SKILL)  # Shared out to whoever has least.
MOVES = {
    BatchState.OPEN: {BatchState.DRAFT, BatchState.PAUSED, BatchState.CLOSED},
    BatchState.PAUSED: {BatchState.OPEN},
    BatchState.CLOSED: {BatchState.OPEN, BatchState.PAUSED},
    BatchState.ARCHIVED: {BatchState.CLOSED, BatchState.DRAFT},
}


@tried_again
@transaction.atomic
def move_batch(*, batch: Batch, to: str, by: User) -> Batch:
    """Open, pause, close or archive; the same state again changes nothing.

    Opening a batch that is shared out in advance reserves its units. Raises WrongState.
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
        reserve(row)
        row.opened_at = row.opened_at or database_now(row)
    row.state = to
    row.save(update_fields=["state", "opened_at"])
    verb = {"open": "opened", "paused": "paused", "closed": "closed"}.get(to, to)
    AuditEvent.objects.record(
        f"batch {verb}", row, by=by, project=row.project, name=row.name
    )
    if to == BatchState.OPEN:
        tell_of_work(row)
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


@tried_again
@transaction.atomic
def change_batch(
    *,
    batch: Batch,
    by: User,
    name: str | None = None,
    annotators: Sequence[User] | None = None,
    overlap: int | None = None,
    overlap_share: float | None = None,
    priority: int | None = None,
    cap: Any = UNCHANGED,
    daily_cap: Any = UNCHANGED,
    lease: timedelta | None = None,
    due_at: Any = UNCHANGED,
    guidelines: str | None = None,
) -> Batch:
    """Change what may change after creation; what is not given stays.

    Raises WrongState, Refused.
    """
    row = locked_to_change(batch)
    changes = Changes(row)
    if name is not None:
        refuse_name_of_another(row, name)
        changes.set("name", name)
    if annotators is not None:
        before = emails_in(row)
        set_annotators(row, annotators)
        changes.note("annotators", before, emails_in(row))
        tell_of_work(row)
    asked = (
        row.overlap if overlap is None else overlap,
        row.overlap_share if overlap_share is None else overlap_share,
    )
    if asked != (row.overlap, row.overlap_share):
        was = row.overlap, row.overlap_share
        change_overlap(row, *asked)
        changes.note("overlap", was[0], row.overlap)
        changes.note("overlap_share", was[1], row.overlap_share)
    for field, value in [("cap", cap), ("daily_cap", daily_cap), ("due_at", due_at)]:
        if value is not UNCHANGED:
            changes.set(field, value)
    if priority is not None:
        changes.set("priority", priority)
    if lease is not None:
        minutes = row.lease.total_seconds() / 60
        row.lease = lease
        changes.note("lease_minutes", minutes, lease.total_seconds() / 60)
    if guidelines is not None:
        length = len(row.guidelines)
        change_guidelines(row, guidelines, by)
        changes.note("guidelines", length, len(guidelines))
    row.save()
    running = row.state != BatchState.DRAFT and row.filled_at is not None
    if running and changes.opens_slots and row.strategy in BY_LOAD:
        reserve_units(row)
    if changes.told:
        AuditEvent.objects.record(
            "batch changed", row, by=by, project=row.project, **changes.told
        )
    return row


class Changes:
    """What became of a batch, as the audit trail tells it: before → after."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.told: dict[str, str] = {}

    def set(self, field: str, value: Any) -> None:
        before = getattr(self.batch, field)
        setattr(self.batch, field, value)
        self.note(field, before, value)

    def note(self, field: str, before: Any, after: Any) -> None:
        if before != after:
            self.told[field] = f"{spoken(before)} → {spoken(after)}"

    @property
    def opens_slots(self) -> bool:
        return not self.told.keys().isdisjoint(["overlap", "overlap_share"])


def spoken(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "–" if value is None else str(value)


def emails_in(batch: Batch) -> list[str]:
    active = batch.members.filter(active=True).order_by("user__email")
    return list(active.values_list("user__email", flat=True))


def refuse_name_of_another(batch: Batch, name: str) -> None:
    others = Batch.objects.filter(project=batch.project_id).exclude(pk=batch.pk)
    if others.filter(name=name).exists():
        fault = {"field": "name", "message": _("Another batch has this name.")}
        raise Refused(_("The batch was not changed."), [fault])


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
