"""Units given to annotators in advance: in balanced blocks, by skill, or by name."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from annotation.actions.holding import hold_members
from annotation.actions.sides import side_order
from annotation.models import Assignment, Batch, Unit, UnitOutput
from annotation.models.assignment import AssignmentState
from annotation.models.batch import SHARED_OUT, Strategy
from annotation.models.unit import STAGES, UnitKind
from annotation.skills import skills_in, words_by_item
from config.chunks import chunks

CHUNK = 1_000


def reserve(batch: Batch) -> int:
    """Give out in advance what this batch's strategy gives; returns how many rows."""
    if batch.strategy == Strategy.NAMED:
        return reserve_named(batch)
    return reserve_units(batch) if batch.strategy in SHARED_OUT else 0


def reserve_named(batch: Batch) -> int:
    """Give each unit to the people named for it, where they are in the batch.

    When the batch opens first, so many are required as are named. Safe to run again.
    """
    there = {member.user_id for member in hold_members(batch) if member.active}
    there &= skills_in(batch.project_id).keys()
    named = {
        frozenset(one["outputs"]): [UUID(str(user)) for user in one["annotators"]]
        for one in batch.selection.get("assigned") or []
    }
    units = Unit.objects.filter(
        batch=batch, kind=UnitKind.NORMAL, withdrawn_at=None
    ).order_by("place", "pk")
    reserved = 0
    for names in chunks(list(units.values_list("pk", flat=True)), CHUNK):
        piece = list(units.select_for_update().filter(pk__in=names))
        outputs = names_by_unit(piece)
        rows = rows_by_unit(piece)
        made: list[Assignment] = []
        for unit in piece:
            people = named.get(frozenset(outputs[unit.pk]), [])
            holding = {row.annotator_id for row in rows[unit.pk] if row.holds_slot}
            if people and batch.opened_at is None:
                unit.required = max(unit.taken, len(holding.union(people)))
            had = {row.annotator_id for row in rows[unit.pk]}
            able = [user for user in people if user in there and user not in had]
            made += reserve_for(batch, unit, able, rows[unit.pk], reserved + len(made))
        Assignment.objects.bulk_create(made, batch_size=CHUNK)
        Unit.objects.bulk_update(piece, ["taken", "required"], batch_size=CHUNK)
        reserved += len(made)
    return reserved


def names_by_unit(units: list[Unit]) -> dict[Any, list[str]]:
    """The external ids of each unit's outputs."""
    names: dict[Any, list[str]] = defaultdict(list)
    rows = UnitOutput.objects.filter(unit__in=units)
    for unit_id, name in rows.values_list("unit_id", "output__external_id"):
        names[unit_id].append(name)
    return names


def rows_by_unit(units: list[Unit]) -> dict[Any, list[Assignment]]:
    rows: dict[Any, list[Assignment]] = defaultdict(list)
    for assignment in Assignment.objects.filter(unit__in=units):
        rows[assignment.unit_id].append(assignment)
    return rows


def reserve_for(
    batch: Batch,
    unit: Unit,
    able: Sequence[Any],
    rows: list[Assignment],
    position: float,
) -> list[Assignment]:
    """Rows for the first of the able, as many as the unit, which is held, has free."""
    shown = [row.side_order for row in rows if row.holds_slot]
    made: list[Assignment] = []
    for user in dict.fromkeys(able):
        if unit.taken >= unit.required:
            break
        row = reserved_row(batch, unit, user, shown, position=position + len(made))
        shown.append(row.side_order)
        made.append(row)
        unit.taken += 1
    return made


def reserve_units(batch: Batch) -> int:
    """Give each unit's free slots to the least loaded of those able, seeded.

    Balanced to within one where all are able to judge all, and no annotator always
    meets the same other one. A cap is kept; slots that nobody has room for stay in the
    pool. Safe to run again.
    """
    skills = skills_in(batch.project_id)
    members = [m for m in hold_members(batch) if m.active and m.user_id in skills]
    load = loads(batch)
    chance = random.Random(batch.seed)  # noqa: S311  Fairness, not secrecy.
    reserved = 0
    free = Unit.objects.claimable().filter(batch=batch, kind=UnitKind.NORMAL)
    free = free.order_by("place", "pk")
    ids = list(free.values_list("pk", flat=True))
    for names in chunks(ids, CHUNK):
        # A skip may give a slot back meanwhile, so `taken` is read under a lock.
        piece = list(free.select_for_update().filter(pk__in=names))
        rows = rows_by_unit(piece)
        asked = words_asked(batch, piece)
        made: list[Assignment] = []
        for unit in piece:
            had = {assignment.annotator_id for assignment in rows[unit.pk]}
            able = [
                member.user_id
                for member in members
                if member.user_id not in had
                and has_room(load[member.user_id], member.cap, batch.cap)
                and (asked is None or asked[unit.item_id] & {*skills[member.user_id]})
            ]
            chance.shuffle(able)
            able.sort(key=lambda user: load[user])
            given = reserve_for(batch, unit, able, rows[unit.pk], reserved + len(made))
            load.update(row.annotator_id for row in given)
            made += given
        Assignment.objects.bulk_create(made, batch_size=CHUNK)
        Unit.objects.bulk_update(piece, ["taken"], batch_size=CHUNK)
        reserved += len(made)
    return reserved


def loads(batch: Batch) -> Counter[Any]:
    """How many units of the work each person has: judged, in hand, set aside."""
    has = Q(holds_slot=True) | Q(state=AssignmentState.SUBMITTED)
    rows = Assignment.objects.filter(has, batch=batch).exclude(unit__kind__in=STAGES)
    counted = rows.order_by().values_list("annotator").annotate(count=Count("pk"))
    return Counter(dict(counted))


def words_asked(batch: Batch, units: list[Unit]) -> dict[int, set[str]] | None:
    """What each item asks of its annotators' skills; None where it asks nothing."""
    if batch.strategy != Strategy.SKILL:
        return None
    return words_by_item(batch, [unit.item_id for unit in units])


def has_room(load: int, own_cap: int | None, batch_cap: int | None) -> bool:
    cap = own_cap if own_cap is not None else batch_cap
    return cap is None or load < cap


def reserved_row(
    batch: Batch, unit: Unit, user: Any, shown: list[list[int]], *, position: float
) -> Assignment:
    return Assignment(
        unit=unit,
        batch=batch,
        annotator_id=user,
        state=AssignmentState.RESERVED,
        holds_slot=True,
        reserved=True,
        position=position,
        side_order=side_order(batch, unit.pk, shown),
    )
