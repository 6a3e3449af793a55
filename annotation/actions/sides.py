"""Which output stands on which side: fair to the outputs, fixed by the batch's seed."""

from __future__ import annotations

import random
from hashlib import sha256
from uuid import UUID

from annotation.models import Batch, UnitOutput


def side_order(batch: Batch, unit_id: UUID, shown: list[list[int]]) -> list[int]:
    """Which output is shown on which side: seeded by unit, then the turn least shown.

    So each order of a pair is shown as often as the other, over those who hold a
    unit's slots (odd overlaps differ by one) and, by the seed, over an annotator's
    units. `shown` are the orders that the others have.
    """
    count = outputs_in(batch.layout) or count_outputs(unit_id)
    if count == 1:
        return [0]
    seed = sha256(f"{batch.seed}:{unit_id}".encode()).digest()
    order = list(range(count))
    random.Random(seed).shuffle(order)  # noqa: S311  Fairness, not secrecy.
    turns = [order[turn:] + order[:turn] for turn in range(count)]
    return min(turns, key=shown.count)


def outputs_in(layout: str) -> int | None:
    """How many outputs a unit of this layout has; None where it varies."""
    return {"scoring": 1, "pairwise": 2}.get(layout)


def count_outputs(unit_id: UUID) -> int:
    return UnitOutput.objects.filter(unit=unit_id).count()
