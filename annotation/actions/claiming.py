"""The claim: the next unit for an annotator, atomically, in the fewest statements.

Locks are taken in one order everywhere: the annotator's BatchMember, then
assignments, then units; the pool passes units that others hold (SKIP LOCKED). Should a
knot be tied all the same, the act is tried again.
Time is the database's, read once with the member's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import (
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership, User
from accounts.permissions import Action, Principal, allows
from annotation.actions.sides import side_order
from annotation.actions.slots import Taken, free_lapsed_leases, take_from_pool
from annotation.models import Assignment, Batch, BatchMember, Unit
from annotation.models.assignment import HOLDING, WAITING, AssignmentState, Source
from annotation.models.batch import Strategy
from annotation.models.unit import STAGES, UnitKind
from annotation.progress import count_of
from annotation.skills import units_for
from config.deadlock import tried_again

PREPARED_LEASE = timedelta(minutes=2)
LOOK_BACK_AGAIN = timedelta(seconds=15)
PATIENCE = 100


class BatchNotOpen(Exception):
    """Units are handed out only while the batch is open; the message says its state."""


class HeldBack(BatchNotOpen):
    """Open, but not to this annotator yet; the message says what comes first.

    `stage` is guidelines, training, calibration, or day: enough for today.
    """

    def __init__(self, stage: str, words: str) -> None:
        super().__init__(words)
        self.stage = stage


class NotInBatch(PermissionDenied):
    """The person is no active annotator of the batch."""


@dataclass(frozen=True)
class Claimer:
    """The locked member with the instant of this transaction."""

    member: Any  # A BatchMember, annotated by `lock_member`.
    batch: Batch
    user: User
    now: datetime
    source: str

    def lease_end(self, *, prepared: bool) -> datetime:
        length = min(PREPARED_LEASE, self.batch.lease) if prepared else self.batch.lease
        return self.now + length


@tried_again
@transaction.atomic
def take_next(
    *,
    batch_id: UUID,
    principal: Principal,
    after: UUID | None = None,
    source: str = Source.SCREEN,
    guided: bool = False,
) -> Assignment | None:
    """Return the unit to judge next, leased to this annotator; None: nothing is left.

    Twice in a row gives the same assignment. With `after`, the one that follows the
    assignment being judged is prepared under a short lease; never more than two live.
    `guided`: only to who has read the guidelines as they are. Training and calibration
    come before the pool; where units are named for people there is none. Raises
    NotInBatch, BatchNotOpen, HeldBack.
    """
    me = lock_member(batch_id, principal, source)
    if guided and not me.member.knows_guidelines:
        raise HeldBack("guidelines", _("Read the guidelines first."))
    waiting = waiting_rows(me)
    # What is not in my hands cannot be followed; then it is a plain "next".
    prepared = any(row.pk == after and row.holds_slot for row in waiting)
    mine = [row for row in waiting if row.pk != after]
    for row in mine:
        if row.turn != Turn.BEFORE_POOL:
            continue
        if row.state != AssignmentState.LEASED:
            refuse_more_today(me)
        if resume(me, row, prepared=prepared):
            return cast(Assignment, row)
    hold_back(me)
    refuse_more_today(me)
    if has_room(me) and me.batch.strategy != Strategy.NAMED:
        unit = take_ahead(me)
        if unit is None:
            free_lapsed_leases(me.batch, me.now)
            unit = take_ahead(me) or look_everywhere(me)
        if unit is not None:
            return assign(me, unit, prepared=prepared)
    for row in mine:
        if row.turn == Turn.AFTER_POOL and resume(me, row, prepared=prepared):
            return cast(Assignment, row)
    return None


def lock_member(batch_id: UUID, principal: Principal, source: str) -> Claimer:
    """One statement: the door, the lock that one person's claims wait on, the time."""
    membership = Membership.objects.current().filter(
        project=OuterRef("batch__project"), user=OuterRef("user")
    )
    # By the index on annotator and state alone; what came before the work is few.
    had = Assignment.objects.filter(
        batch=OuterRef("batch"),
        annotator=OuterRef("user"),
        state__in=[*HOLDING, AssignmentState.SUBMITTED],
    )
    before = had.filter(unit__batch=OuterRef("batch"), unit__kind__in=STAGES)
    capped = Q(cap__isnull=False) | Q(batch__cap__isnull=False)
    by_skill = Q(batch__strategy=Strategy.SKILL)
    member = (
        BatchMember.objects.select_for_update(of=("self",))
        .select_related("batch", "user")
        .filter(batch_id=batch_id, user_id=principal.user.pk, active=True)
        .annotate(
            now=Now(),
            role=Subquery(membership.values("role")[:1]),
            also_annotates=Subquery(membership.values("also_annotates")[:1]),
            skills=Case(
                When(by_skill, then=Subquery(membership.values("skills")[:1])),
                default=None,
            ),
            used=Case(
                When(capped, then=count_of(had) - count_of(before)), default=None
            ),
        )
        .first()
    )
    if (
        member is None
        or member.role is None
        or not principal.reaches(member.batch.project_id)
        or not allows(
            principal,
            Membership(role=member.role, also_annotates=member.also_annotates),
            Action.ANNOTATE,
        )
    ):
        raise NotInBatch(_("You are not an annotator of this batch."))
    if not member.batch.is_open:
        raise BatchNotOpen(
            _("This batch is %(state)s; it is not open for work.")
            % {"state": member.batch.state_in_words}
        )
    return Claimer(member, member.batch, member.user, member.now, source)


def hold_back(me: Claimer) -> None:
    """Raise HeldBack where the pool is not open to this member yet."""
    if me.member.is_in_training:
        raise HeldBack(
            "training", _("The work of this batch begins when you pass its training.")
        )
    if me.member.waits_for_calibration:
        raise HeldBack(
            "calibration",
            _("The work of this batch begins when its calibration round is closed."),
        )


def refuse_more_today(me: Claimer) -> None:
    """Raise HeldBack where this annotator has had a day's units: judged and in hand.

    The day is UTC's, by the database's clock; what was imported is no day's work.
    """
    if words := enough_today(me.batch, me.user, me.now):
        raise HeldBack("day", words)


def enough_today(batch: Batch, user: User, now: datetime) -> str:
    """Why this person is given nothing more today; "" where they are."""
    most = batch.daily_cap
    if most is None or judged_today(batch, user, now) < most:
        return ""
    words = ngettext(
        "You have judged %(most)s unit today, the most that this batch allows in a "
        "day; go on tomorrow.",
        "You have judged %(most)s units today, the most that this batch allows in a "
        "day; go on tomorrow.",
        most,
    )
    return words % {"most": most}


def judged_today(batch: Batch, user: User, now: datetime) -> int:
    """How many units of the work this person has had today, with those in hand."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    state = AssignmentState
    rows = Assignment.objects.filter(
        Q(state=state.SUBMITTED, submitted_at__gte=today) | Q(state=state.LEASED),
        batch=batch,
        annotator=user,
    )
    work = rows.exclude(source=Source.IMPORTED).exclude(unit__kind__in=STAGES)
    return work.count()


class Turn:
    """When a waiting row of mine comes: before or after the pool."""

    BEFORE_POOL = 0
    AFTER_POOL = 1


def waiting_rows(me: Claimer) -> list[Any]:
    """My rows that I may go on with: leased, reserved, then expired ones still free.

    What I put off myself (released) comes after the pool.
    """
    state = AssignmentState
    return list(
        Assignment.objects.filter(
            Q(holds_slot=True) | Q(unit__taken__lt=F("unit__required")),
            kinds_open_to(me),
            batch=me.batch,
            annotator=me.user,
            state__in=WAITING,
        )
        .annotate(
            turn=Case(
                When(state=state.RELEASED, then=Value(Turn.AFTER_POOL)),
                default=Value(Turn.BEFORE_POOL),
            ),
            rank=Case(
                # What was on my screen, before what was only prepared for it.
                When(state=state.LEASED, opened_at__isnull=False, then=Value(0)),
                When(state=state.LEASED, then=Value(1)),
                When(state=state.RESERVED, then=Value(2)),
                default=Value(3),
            ),
        )
        .order_by("rank", "position", "pk")[:4]
    )


def kinds_open_to(me: Claimer) -> Q:
    """Which of my rows may be handed out now, where the batch has stages."""
    if me.member.is_in_training:
        return Q(unit__kind=UnitKind.TRAINING)
    if me.member.waits_for_calibration:
        return Q(unit__kind=UnitKind.CALIBRATION)
    # Who was let in by hand may have left some of the training.
    return ~Q(unit__kind=UnitKind.TRAINING) if me.batch.has_training else Q()


def resume(me: Claimer, mine: Assignment, *, prepared: bool) -> bool:
    """Go on with my own row, its lease starting anew; False when it slipped away.

    Compare and set: another tab may have submitted it, others may have its slot.
    """
    if mine.holds_slot:
        held = Assignment.objects.filter(pk=mine.pk, state__in=HOLDING)
        return lease(me, mine, held, prepared=prepared)
    if not has_room(me):
        return False
    row = Assignment.objects.select_for_update().get(pk=mine.pk)
    if row.state not in (AssignmentState.EXPIRED, AssignmentState.RELEASED):
        return False
    free = Unit.objects.claimable().filter(pk=row.unit_id)
    if not free.update(taken=F("taken") + 1):
        return False
    return lease(me, mine, Assignment.objects.filter(pk=row.pk), prepared=prepared)


def lease(
    me: Claimer, mine: Assignment, row: QuerySet[Assignment], *, prepared: bool
) -> bool:
    mine.batch = me.batch
    mine.state = AssignmentState.LEASED
    mine.holds_slot = True
    mine.lease_epoch += 1
    # What was shown once keeps its whole lease.
    prepared = prepared and mine.opened_at is None
    mine.lease_expires_at = me.lease_end(prepared=prepared)
    if not prepared:
        mine.opened_at = mine.opened_at or me.now
    return bool(
        row.update(
            state=mine.state,
            holds_slot=True,
            lease_epoch=mine.lease_epoch,
            lease_expires_at=mine.lease_expires_at,
            opened_at=mine.opened_at,
        )
    )


def has_room(me: Claimer) -> bool:
    """Is there room under the cap of this member or the batch?"""
    cap = me.member.cap if me.member.cap is not None else me.batch.cap
    return cap is None or me.member.used < cap


def take_ahead(me: Claimer) -> Taken | None:
    return take_from_pool(
        me.batch, me.user, beyond=me.member.place, skills=me.member.skills
    )


def look_everywhere(me: Claimer) -> Taken | None:
    """Search once more, behind me too, and wait for units that others hold locked.

    "Nothing is left" must be true when it is said. The walk is long when I have judged
    much, so after one in vain the next waits a little; a unit from the pool clears it.
    """
    looked = me.member.looked_back_at
    if looked is not None and me.now - looked < LOOK_BACK_AGAIN:
        return None
    for _attempt in range(PATIENCE):
        unit = take_from_pool(me.batch, me.user, waiting=True, skills=me.member.skills)
        if unit is not None:
            return unit
        # Whom I waited for may have taken the last slot of that unit, not of all.
        if not claimable_for(me).exists():
            BatchMember.objects.filter(pk=me.member.pk).update(looked_back_at=me.now)
            return None
    return None


def claimable_for(me: Claimer) -> QuerySet[Unit]:
    mine = Assignment.objects.filter(unit=OuterRef("pk"), annotator=me.user)
    units = Unit.objects.claimable().filter(batch=me.batch, kind=UnitKind.NORMAL)
    return units_for(units.filter(~Exists(mine)), me.batch, me.member.skills)


def assign(me: Claimer, unit: Taken, *, prepared: bool) -> Assignment:
    """Record the claim, and how far I have walked."""
    mine = Assignment.objects.create(
        unit_id=unit.id,
        batch=me.batch,
        annotator=me.user,
        state=AssignmentState.LEASED,
        holds_slot=True,
        source=me.source,
        lease_epoch=1,
        lease_expires_at=me.lease_end(prepared=prepared),
        opened_at=None if prepared else me.now,
        side_order=side_order(me.batch, unit.id, unit.orders),
    )
    BatchMember.objects.filter(pk=me.member.pk).update(
        place=max(unit.place, me.member.place), looked_back_at=None
    )
    return mine
