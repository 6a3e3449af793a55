"""Training and calibration given to every annotator in advance."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from annotation.actions.holding import hold_members
from annotation.actions.reserving import CHUNK, reserved_row
from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import AssignmentState
from annotation.models.unit import STAGES, UnitKind

# Where the rows of a stage begin: before those of the work, which begin at 0.
FIRST = {UnitKind.TRAINING: -2e9, UnitKind.CALIBRATION: -1e9}


def reserve_stages(batch: Batch) -> int:
    """Give every active annotator every unit of training and calibration, once.

    As many must judge each as there are annotators; whoever joins later gets them too,
    and whoever comes back gets back what they had not judged. Safe to run again.
    Returns how many rows were given.
    """
    members = [member for member in hold_members(batch) if member.active]
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
