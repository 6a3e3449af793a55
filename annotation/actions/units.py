"""Units of a batch: made in chunks as planned, and the overlap laid on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from annotation.models import Batch, Unit, UnitOutput
from annotation.models.unit import STAGES, UnitKind
from annotation.selecting.faults import selection_faults
from annotation.selecting.outputs import selected_outputs
from annotation.selecting.plans import Plan, fits, groups_of, listed_plans, plan_units
from annotation.selecting.selection import Selection
from config.chunks import chunks

__all__ = [
    "Plan",
    "Selection",
    "add_chunk",
    "add_units",
    "fits",
    "groups_of",
    "lay_overlap",
    "listed_plans",
    "overlapping",
    "plan_units",
    "seeded_place",
    "selected_outputs",
    "selection_faults",
]

CHUNK = 1_000


def add_units(
    batch: Batch, plans: Iterable[Plan], report: Callable[..., None] | None = None
) -> list[tuple[float, UUID]]:
    """Make the planned units that the batch does not have yet; returns their places.

    What is judged before the work is not part of it. Each chunk is a transaction, so a
    killed job goes on where it stopped.
    """
    made: list[tuple[float, UUID]] = []
    done = 0
    for piece in chunks(plans, CHUNK):
        before = Unit.objects.filter(batch=batch, kind__in=STAGES)
        there = set(before.values_list("subject", flat=True))
        new = add_chunk(batch, [p for p in piece if p.subject not in there])
        made += [(unit.place, unit.pk) for unit in new]
        done += len(piece)
        if report is not None:
            report(done)
    return made


@transaction.atomic
def add_chunk(
    batch: Batch, plans: list[Plan], kind: str = UnitKind.NORMAL
) -> list[Unit]:
    """Make the units of this kind that the batch does not have yet, and return them."""
    # Where a share of the units overlaps, `lay_overlap` says later which.
    overlaps = batch.overlap_share == 1 or kind != UnitKind.NORMAL
    by_subject = {plan.subject: plan for plan in plans}
    there = Unit.objects.filter(batch=batch, kind=kind, subject__in=list(by_subject))
    for subject in there.values_list("subject", flat=True):
        del by_subject[subject]
    units = [
        Unit(
            batch=batch,
            item_id=plan.item_id,
            subject=subject,
            kind=kind,
            required=plan.required or (batch.overlap if overlaps else 1),
            overlaps=overlaps,
            place=seeded_place(batch.seed, subject),
        )
        for subject, plan in by_subject.items()
    ]
    Unit.objects.bulk_create(units, batch_size=CHUNK)
    UnitOutput.objects.bulk_create(
        (
            UnitOutput(unit=unit, position=position, output_id=output[0])
            for unit in units
            for position, output in enumerate(by_subject[unit.subject].outputs)
        ),
        batch_size=CHUNK,
    )
    return units


def lay_overlap(batch: Batch, places: Iterable[tuple[float, UUID]]) -> int:
    """Let `overlap` annotators judge the batch's share of these units, one the rest.

    Those that come first in the pool, so that agreement is known early. The units must
    be new: nobody has been given one. Returns how many overlap.
    """
    units = sorted(places)
    count = overlapping(len(units), batch.overlap_share)
    for piece in chunks((pk for _, pk in units[:count]), CHUNK):
        Unit.objects.filter(pk__in=piece).update(required=batch.overlap, overlaps=True)
    return count


def overlapping(units: int, share: float) -> int:
    """How many of so many units the share is; one at least, as no share is empty."""
    return max(1, round(share * units)) if units else 0


def seeded_place(seed: int, subject: str) -> float:
    """A number in [0, 1) that depends on seed and subject alone: the pool's order."""
    digest = sha256(f"{seed}:{subject}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
