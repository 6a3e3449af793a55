"""The places of a unit: taken from the pool, and given back to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from accounts.models import Membership, User
from annotation.models import Assignment, Batch, ItemSegment, Unit
from annotation.models.assignment import HOLDING, AssignmentState
from annotation.models.batch import Strategy
from annotation.models.unit import STAGES, UnitKind
from annotation.skills import spellings

NOWHERE = -1.0  # before every place
FREED_AT_ONCE = 100


@dataclass(frozen=True)
class Taken:
    """A unit of the pool whose slot was just taken."""

    id: UUID
    place: float
    orders: list[list[int]]  # side orders of those who hold the other slots


def take_from_pool(
    batch: Batch,
    user: User,
    *,
    beyond: float = NOWHERE,
    waiting: bool = False,
    skills: Sequence[str] | None = None,
) -> Taken | None:
    """Take a slot of the first unit beyond a place that this person never had.

    One statement on both engines. PostgreSQL passes units that others are taking at
    this instant, unless it is `waiting` for them; SQLite has no such lock and needs
    none: its transaction is the only writer. Of work by skill, a unit that these
    `skills` fit.
    """
    locking, orders = "", "group_concat(o.side_order, ';')"
    if connection.features.has_select_for_update_skip_locked:
        locking = "FOR UPDATE" if waiting else "FOR UPDATE SKIP LOCKED"
        orders = "string_agg(o.side_order::text, ';')"
    unit_table, assignment_table = Unit._meta.db_table, Assignment._meta.db_table
    able, asked = who_is_able(batch, skills or [])
    sql = f"""
        UPDATE {unit_table} SET taken = taken + 1
        WHERE id = (
            SELECT u.id FROM {unit_table} u
            WHERE u.batch_id = %s AND u.taken < u.required AND u.kind = %s
              AND u.place > %s
              AND NOT EXISTS (
                SELECT 1 FROM {assignment_table} a
                WHERE a.unit_id = u.id AND a.annotator_id = %s
              ) {able}
            ORDER BY u.place LIMIT 1 {locking}
        )
        RETURNING id, place, (
            SELECT {orders} FROM {assignment_table} o
            WHERE o.unit_id = {unit_table}.id AND o.holds_slot
        )
    """  # noqa: S608  Table names are ours; every value is a parameter.
    key = Unit._meta.pk.get_db_prep_value
    parameters = [
        key(batch.pk, connection),
        UnitKind.NORMAL,
        beyond,
        key(user.pk, connection),
        *asked,
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    unit_id, place, found = row
    shown = [json.loads(order) for order in (found or "").split(";") if order]
    return Taken(Unit._meta.pk.to_python(unit_id), place, shown)


def who_is_able(batch: Batch, skills: Sequence[str]) -> tuple[str, list[str]]:
    """The condition that work by skill puts on a unit, with its parameters."""
    if batch.strategy != Strategy.SKILL:
        return "", []
    words = spellings(skills)
    if not words:
        return "AND FALSE", []
    fitting = f"""AND EXISTS (
        SELECT 1 FROM {ItemSegment._meta.db_table} s
        WHERE s.item_id = u.item_id AND s.name = %s
          AND lower(trim(s.value)) IN ({", ".join(["%s"] * len(words))})
    )"""  # noqa: S608  As above.
    return fitting, [batch.skill_segment, *words]


def free_lapsed_leases(batch: Batch, now: datetime) -> int:
    """Give back at most 100 slots: of lapsed leases, and of people who left.

    Drafts stay. Rows reserved in advance never lapse to others while their annotator
    is there. Returns how many were freed.
    """
    there = Membership.objects.current().judging()
    there = there.filter(project=batch.project_id, user=OuterRef("annotator"))
    lapsed = Q(state=AssignmentState.LEASED, reserved=False, lease_expires_at__lt=now)
    abandoned = Q(state__in=HOLDING) & ~Exists(there)
    freed = list(
        Assignment.objects.select_for_update(skip_locked=True)
        .filter(lapsed | abandoned, batch=batch)
        .order_by("lease_expires_at", "pk")[:FREED_AT_ONCE]
    )
    Assignment.objects.filter(pk__in=[a.pk for a in freed]).update(
        state=AssignmentState.EXPIRED, holds_slot=False
    )
    give_back_slots([a.unit_id for a in freed], now)
    return len(freed)


def give_back_slots(unit_ids: list[UUID], now: datetime) -> None:
    """Count down `taken` once for each entry; units of the pool go to its far end.

    What is withdrawn, or was only kept when the overlap was lowered, is not opened
    again.
    """
    if not unit_ids:
        return
    given_back = Counter(unit_ids)
    rows = Unit.objects.select_for_update().filter(pk__in=given_back)
    units = list(rows.order_by("pk"))
    # Read after the lock: whoever changes the overlap has done so whole, or not begun.
    batches = Batch.objects.in_bulk({unit.batch_id for unit in units})
    for unit in units:
        unit.taken -= given_back[unit.pk]
        batch = batches[unit.batch_id]
        if unit.withdrawn_at is not None:
            unit.required = unit.taken
        elif unit.kind not in STAGES:
            unit.place = place_of_return(now)
            if batch.strategy != Strategy.NAMED:
                unit.required = min(
                    unit.required, max(asked_for(batch, unit), unit.taken)
                )
        unit.save(update_fields=["taken", "required", "place"])


def asked_for(batch: Batch, unit: Unit) -> int:
    """How many are to judge this unit of the work."""
    return batch.overlap if unit.overlaps else 1


def place_of_return(now: datetime) -> float:
    """Beyond every first place, and beyond every earlier return."""
    return 1.0 + now.timestamp()
