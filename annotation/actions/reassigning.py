"""Work moved between people while a batch runs: from one to another, or shared out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Membership, User
from annotation.actions.holding import (
    WrongState,
    database_now,
    hold_members,
    locked_to_change,
)
from annotation.actions.releasing import release_reserved
from annotation.actions.reserving import (
    has_room,
    loads,
    reserve,
    reserve_units,
    reserved_row,
    words_asked,
)
from annotation.actions.reserving_stages import reserve_stages
from annotation.actions.slots import give_back_slots
from annotation.mail import tell_of_work
from annotation.models import Assignment, Batch, BatchMember, Unit
from annotation.models.assignment import WAITING, AssignmentState
from annotation.models.batch import SHARED_OUT, BatchState, Strategy
from annotation.models.unit import STAGES
from annotation.skills import skills_in
from config.api import Refused
from config.chunks import chunks
from config.deadlock import tried_again

CHUNK = 1_000


@dataclass(frozen=True)
class Reassigned:
    """What became of somebody's units: moved to another, back in the pool, or left.

    `left` are those that wait for the manager, since the batch has no pool.
    """

    moved: int
    freed: int
    left: int


@tried_again
@transaction.atomic
def reassign(
    *, batch: Batch, from_: User, to: User | None, by: User, leaves: bool = False
) -> Reassigned:
    """Give what somebody has not submitted to another, or back; `leaves`: for good.

    The other becomes an annotator of the batch; they get what they never had, can
    judge and have room for. Drafts stay with whoever wrote them: what comes in late
    is kept. Raises WrongState, Refused.
    """
    row = locked_to_change(batch)
    members = {member.user_id: member for member in hold_members(row)}
    refuse_misfits(row, members, from_, to, leaves)
    if to is not None:
        BatchMember.objects.update_or_create(
            batch=row, user=to, defaults={"active": True}
        )
    if leaves:
        row.members.filter(user=from_).update(active=False)
    handing = Handing(row, from_, to)
    waiting = Assignment.objects.filter(
        batch=row, annotator=from_, state__in=WAITING
    ).exclude(unit__kind__in=STAGES)
    held = list(waiting.select_for_update(of=("self",)).order_by("pk"))
    held.sort(key=lambda one: one.unit_id)
    for piece in chunks(held, CHUNK):
        handing.hand_over(piece)
    release_reserved(row)
    if to is not None and row.has_stages and row.state != BatchState.DRAFT:
        reserve_stages(row)
    if to is not None:
        tell_of_work(row)
    row.members.update(looked_back_at=None)
    named = row.strategy == Strategy.NAMED
    done = Reassigned(
        moved=handing.moved,
        freed=0 if named else handing.freed,
        left=handing.freed if named else 0,
    )
    people = {"from": from_.email, "to": to.email if to else ""}
    AuditEvent.objects.record(
        "units reassigned",
        row,
        by=by,
        project=row.project,
        **people,
        moved=done.moved,
        freed=done.freed,
        left=done.left,
        leaves=leaves,
    )
    return done


def refuse_misfits(
    batch: Batch,
    members: dict[UUID, BatchMember],
    from_: User,
    to: User | None,
    leaves: bool,
) -> None:
    faults = []
    if from_.pk not in members:
        faults.append(
            {
                "field": "from",
                "message": _("%(email)s is no annotator of this batch.")
                % {"email": from_.email},
            }
        )
    judging = Membership.objects.current().judging().filter(project=batch.project_id)
    if to is not None and to.pk == from_.pk:
        message = _("Name somebody else to give the units to.")
        faults.append({"field": "to", "message": message})
    elif to is not None and not judging.filter(user=to).exists():
        message = _("%(email)s does not annotate in this project.")
        faults.append({"field": "to", "message": message % {"email": to.email}})
    others = [m for m in members.values() if m.active and m.user_id != from_.pk]
    if leaves and to is None and not others:
        message = _("Nobody would be left; name who takes over.")
        faults.append({"field": "to", "message": message})
    if faults:
        raise Refused(_("Nothing was reassigned."), faults)


class Handing:
    """Rows of one person handed over in pieces, counting what becomes of them."""

    def __init__(self, batch: Batch, from_: User, to: User | None) -> None:
        self.batch = batch
        self.from_ = from_
        self.to = to
        self.moved = 0
        self.freed = 0
        if to is not None:
            self.load = loads(batch)[to.pk]
            self.cap = batch.members.get(user=to).cap
            self.skills = {*skills_in(batch.project_id)[to.pk]}

    def hand_over(self, rows: list[Assignment]) -> None:
        """These rows are held; their units are locked here."""
        units = Unit.objects.select_for_update().filter(
            pk__in=[row.unit_id for row in rows]
        )
        by_id = {unit.pk: unit for unit in units.order_by("pk")}
        asked = words_asked(self.batch, list(by_id.values()))
        theirs = self.units_had_by_the_other(by_id)
        shown = self.orders_of_others(by_id)
        made: list[Assignment] = []
        freed: list[UUID] = []
        for row in rows:
            unit = by_id[row.unit_id]
            if (
                self.to is not None
                and unit.withdrawn_at is None
                and unit.pk not in theirs
                and has_room(self.load, self.cap, self.batch.cap)
                and (asked is None or asked[unit.item_id] & self.skills)
                and (row.holds_slot or unit.taken < unit.required)
            ):
                unit.taken += 0 if row.holds_slot else 1
                self.load += 1
                made.append(
                    reserved_row(
                        self.batch,
                        unit,
                        self.to.pk,
                        shown[unit.pk],
                        position=row.position,
                    )
                )
            elif row.holds_slot:
                freed.append(unit.pk)
        Assignment.objects.filter(
            pk__in=[row.pk for row in rows if row.holds_slot]
        ).update(state=AssignmentState.RELEASED, holds_slot=False, reserved=False)
        Assignment.objects.bulk_create(made)
        Unit.objects.bulk_update(by_id.values(), ["taken"], batch_size=CHUNK)
        give_back_slots(freed, database_now(self.batch))
        self.moved += len(made)
        self.freed += len(freed)

    def units_had_by_the_other(self, units: dict[UUID, Unit]) -> set[UUID]:
        rows = Assignment.objects.filter(unit__in=list(units), annotator=self.to)
        return set(rows.values_list("unit_id", flat=True)) if self.to else set()

    def orders_of_others(self, units: dict[UUID, Unit]) -> dict[UUID, list[Any]]:
        """The sides that the others who hold a place see, by unit."""
        shown: dict[UUID, list[Any]] = defaultdict(list)
        rows = Assignment.objects.filter(unit__in=list(units), holds_slot=True)
        rows = rows.exclude(annotator=self.from_)
        for unit_id, order in rows.values_list("unit_id", "side_order"):
            shown[unit_id].append(order)
        return shown


@tried_again
@transaction.atomic
def share_out(*, batch: Batch, by: User) -> int:
    """Set the free slots aside for annotators who are there; returns how many.

    Where units are named for people, first for those, then for whoever has least.
    Raises WrongState.
    """
    row = locked_to_change(batch)
    if row.strategy not in SHARED_OUT:
        raise WrongState(
            _("The units of this batch go to whoever is free; none is set aside.")
        )
    if row.state not in (BatchState.OPEN, BatchState.PAUSED):
        raise WrongState(
            _("The batch is %(state)s; units are shared out while it is open.")
            % {"state": row.state_in_words}
        )
    shared = reserve(row)
    if row.strategy == Strategy.NAMED:
        shared += reserve_units(row)
    AuditEvent.objects.record(
        "units shared out", row, by=by, project=row.project, units=shared
    )
    return shared
