"""Units judged before the work: taken out of the pool, or made beside it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from annotation.actions.units import Plan, add_chunk, seeded_place
from annotation.models import Batch, Unit
from annotation.models.unit import STAGES, UnitKind


def units_before_work(batch: Batch, plans: list[Plan], kind: str) -> list[Unit]:
    """Units of these outputs as this kind, in this order, after those there are.

    One that waits in the pool and was given to nobody is taken out of it, so that
    nobody judges it twice. The plans must not be of units before the work already.
    """
    subjects = [plan.subject for plan in plans]
    pool = Unit.objects.filter(batch=batch, kind=UnitKind.NORMAL, assignments=None)
    taken_out = list(pool.filter(subject__in=subjects).values_list("pk", flat=True))
    Unit.objects.filter(pk__in=taken_out).update(kind=kind)
    add_chunk(batch, plans, kind)
    there = Unit.objects.filter(batch=batch, kind=kind)
    by_subject = {unit.subject: unit for unit in there}
    units = [by_subject[subject] for subject in subjects]
    for place, unit in enumerate(units, start=len(by_subject) - len(units)):
        unit.place = place
    Unit.objects.bulk_update(units, ["place"])
    return units


def subjects_before_work(batch: Batch) -> dict[str, str]:
    """What is judged before the work: its kind by subject."""
    units = Unit.objects.filter(batch=batch, kind__in=STAGES)
    return dict(units.values_list("subject", "kind"))


def faults_of_known(
    there: dict[str, str], plans: Sequence[Plan], field: str
) -> list[dict[str, str]]:
    """A fault for each plan that is judged before the work already."""
    return [
        {
            "field": f"{field}.{index}",
            "message": _("These outputs are in the %(there)s already.")
            % {"there": there[plan.subject]},
        }
        for index, plan in enumerate(plans)
        if plan.subject in there
    ]


def back_to_pool(batch: Batch, unit: Unit) -> None:
    unit.kind, unit.required = UnitKind.NORMAL, batch.overlap if unit.overlaps else 1
    unit.place = seeded_place(batch.seed, unit.subject)
    unit.save(update_fields=["kind", "required", "place"])
