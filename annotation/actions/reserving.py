"""Units given to named annotators in advance: of fixed batches, and before the work."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

from annotation.actions.sides import side_order
from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import AssignmentState
from annotation.models.unit import STAGES, UnitKind
from config.chunks import chunks

CHUNK = 1_000
# Where the rows of a stage begin: before those of the work, which begin at 0.
FIRST = {UnitKind.TRAINING: -2e9, UnitKind.CALIBRATION: -1e9}


def reserve_units(batch: Batch) -> int:
    """Give each unit's free slots to the least loaded annotators, seeded.

    Balanced to within one, and no annotator always meets the same other one. A cap
    is kept; slots that nobody has room for stay in the pool. Safe to run again.
    """
    # Claims begin with their member's row: none is under way from here on.
    members = list(batch.members.select_for_update().order_by("pk"))
    load: dict[Any, int] = {m.user_id: 0 for m in members if m.active}
    caps = {member.user_id: member.cap for member in members}
    rows = Assignment.objects.filter(batch=batch, unit__kind=UnitKind.NORMAL)
    for annotator_id in rows.values_list("annotator_id", flat=True).iterator():
        load[annotator_id] = load.get(annotator_id, 0) + 1
    chance = random.Random(batch.seed)  # noqa: S311  Fairness, not secrecy.
    reserved = 0
    free = Unit.objects.claimable().filter(batch=batch, kind=UnitKind.NORMAL)
    free = free.order_by("place", "pk")
    ids = list(free.values_list("pk", flat=True))
    for names in chunks(ids, CHUNK):
        # A skip may give a slot back meanwhile, so `taken` is read under a lock.
        piece = list(free.select_for_update().filter(pk__in=names))
        there: dict[Any, list[Assignment]] = defaultdict(list)
        for assignment in Assignment.objects.filter(unit__in=piece):
            there[assignment.unit_id].append(assignment)
        made: list[Assignment] = []
        for unit in piece:
            others = {assignment.annotator_id for assignment in there[unit.pk]}
            shown = [a.side_order for a in there[unit.pk] if a.holds_slot]
            able = [
                user
                for user in load
                if user in caps
                and user not in others
                and has_room(load[user], caps[user], batch.cap)
            ]
            chance.shuffle(able)
            able.sort(key=lambda user: load[user])
            for user in able[: unit.required - unit.taken]:
                row = reserved_row(batch, unit, user, shown, position=reserved)
                made.append(row)
                shown.append(row.side_order)
                load[user] += 1
                unit.taken += 1
                reserved += 1
        Assignment.objects.bulk_create(made, batch_size=CHUNK)
        Unit.objects.bulk_update(piece, ["taken"], batch_size=CHUNK)
    return reserved


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


def reserve_stages(batch: Batch) -> int:
    """Give every active annotator every unit of training and calibration, once.

    As many must judge each as there are annotators; whoever joins later gets them too,
    and whoever comes back gets back what they had not judged. Safe to run again.
    Returns how many rows were given.
    """
    # Claims begin with their member's row: none is under way from here on.
    members = list(batch.members.select_for_update().filter(active=True).order_by("pk"))
    stages = Unit.objects.filter(batch=batch, kind__in=STAGES)
    there: dict[Any, dict[Any, Assignment]] = defaultdict(dict)
    rows = Assignment.objects.select_for_update(of=("self",)).filter(unit__in=stages)
    for row in rows.order_by("pk"):
        there[row.unit_id][row.annotator_id] = row
    made: list[Assignment] = []
    back: list[Assignment] = []
    units = list(stages.select_for_update().order_by("place", "pk"))
    for place, unit in enumerate(units):
        shown = [row.side_order for row in there[unit.pk].values() if row.holds_slot]
        for member in members:
            mine = there[unit.pk].get(member.user_id)
            if mine is None:
                mine = reserved_row(
                    batch,
                    unit,
                    member.user_id,
                    shown,
                    position=FIRST[UnitKind(unit.kind)] + place,
                )
                made.append(mine)
            elif mine.state in (AssignmentState.EXPIRED, AssignmentState.RELEASED):
                mine.state, mine.holds_slot = AssignmentState.RESERVED, True
                back.append(mine)
            else:
                continue
            mine.reserved = True
            shown.append(mine.side_order)
            unit.taken += 1
        unit.required = max(unit.taken, len(members))
    Unit.objects.bulk_update(units, ["taken", "required"], batch_size=CHUNK)
    Assignment.objects.bulk_create(made, batch_size=CHUNK)
    Assignment.objects.bulk_update(
        back, ["state", "holds_slot", "reserved"], batch_size=CHUNK
    )
    return len(made) + len(back)
