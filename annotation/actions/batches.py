"""Batches made: checked, filled with units, extended by what came later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Membership, Project, User
from annotation.actions.asking import Asked, refuse_faults, refuse_misfits
from annotation.actions.calibration import AT_MOST, Round, draw_units, list_units
from annotation.actions.holding import WrongState, locked
from annotation.actions.reserving import reserve
from annotation.actions.training import add_items
from annotation.actions.units import (
    Selection,
    add_units,
    lay_overlap,
    plan_units,
    selection_faults,
)
from annotation.models import Batch, BatchMember
from annotation.models.batch import BatchState, Strategy
from annotation.models.unit import UnitKind
from annotation.selecting.counting import count_units
from config.api import Refused
from jobs.actions import start
from jobs.models import Job

AT_ONCE = 10_000
FILLING = "fill_batch"


@transaction.atomic
def create_batch(*, by: User, **fields: Any) -> tuple[Batch, int, Job | None]:
    """Make a draft batch with its units; returns it, their number, and a job.

    Takes the fields of `Asked`. More than 10,000 units are made by the job, which is
    None otherwise. What is judged before the work is taken out of them. Raises Refused
    with every fault found.
    """
    asked = Asked(**fields)
    refuse_misfits(asked)
    batch = asked.as_batch()
    batch.created_by = by
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError:
        refuse_faults([name_taken()])
    BatchMember.objects.bulk_create(
        BatchMember(batch=batch, user=user) for user in dict.fromkeys(asked.annotators)
    )
    units = count_wanted(batch, asked)
    calibration = asked.calibration
    if asked.training:
        add_items(batch, asked.training.items)
    if calibration:
        list_units(batch, calibration.listed)
    drawn = calibration.drawn if calibration else 0
    job = None
    if units <= AT_ONCE:
        units = fill(batch, drawn)
    else:
        job = start(
            FILLING,
            project=asked.project,
            by=by,
            params={"batch": str(batch.pk), "calibration": drawn},
            total=units,
        )
    AuditEvent.objects.record(
        "batch created",
        batch,
        by=by,
        project=asked.project,
        units=units,
        name=batch.name,
    )
    return batch, units, job


def count_wanted(batch: Batch, asked: Asked) -> int:
    """The units that the selection comes to; Refused where nothing is left to judge."""
    units = count_units(batch, asked.selection)
    if units == 0:
        words = _("The selection holds no units to judge.")
        refuse_faults([{"field": "dataset", "message": words}])
    if asked.calibration:
        refuse_misfit_round(asked.calibration, units)
    return units


def refuse_taken_name(asked: Asked) -> None:
    """What saving would refuse, asked without saving. Raises Refused."""
    if Batch.objects.filter(project=asked.project, name=asked.name).exists():
        refuse_faults([name_taken()])


def name_taken() -> dict[str, str]:
    return {"field": "name", "message": _("Another batch has this name.")}


def annotators_named(
    project: Project, emails: Iterable[str], field: str = "annotators"
) -> list[User]:
    """The project's annotators of these addresses; Refused names the others."""
    members = Membership.objects.current().filter(project=project)
    by_email = {m.user.email.lower(): m for m in members.select_related("user")}
    faults, users = [], []
    for index, email in enumerate(emails):
        member = by_email.get(email.strip().lower())
        if member is None:
            message = f"{email} is not a member of this project."
        elif not member.annotates:
            message = f"{email} is {member.role} here and does not annotate."
        else:
            users.append(member.user)
            continue
        faults.append({"field": f"{field}.{index}", "message": message})
    if faults:
        raise Refused(_("Not everybody named can annotate here."), faults)
    return users


def fill_batch(batch: Batch, report: Any, calibration: int = 0) -> dict[str, Any]:
    """The job: make the units of the stored selection; safe to run again."""
    there = batch.units.count()
    units = fill(batch, calibration, report)
    made = batch.units.count() - there
    return {"batch": str(batch.pk), "units": units, "made": made}


def fill(batch: Batch, calibration: int, report: Any = None) -> int:
    """Make the units, draw those of the calibration; returns how many are left."""
    add_units(batch, plan_units(batch, Selection.from_json(batch.selection)), report)
    if calibration:
        draw_units(batch, calibration)
    work = batch.units.filter(kind=UnitKind.NORMAL)
    if batch.overlap_share < 1:
        lay_overlap(batch, work.values_list("place", "pk").iterator())
    note_filled(batch)
    return work.count()


def refuse_misfit_round(calibration: Round, units: int) -> None:
    count = calibration.drawn or len(calibration.listed)
    faults = []
    if not 1 <= count <= AT_MOST:
        faults.append(
            _("A calibration round has 1 to %(at_most)s units.") % {"at_most": AT_MOST}
        )
    elif calibration.drawn >= units:
        faults.append(
            _("The selection holds %(units)s units; leave some for after the round.")
            % {"units": units}
        )
    refuse_faults(
        [{"field": "calibration.units", "message": message} for message in faults]
    )


def note_filled(batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(filled_at=Now())


def is_being_filled(batch: Batch) -> bool:
    jobs = Job.objects.unfinished().filter(kind=FILLING, project=batch.project)
    return any(job.params.get("batch") == str(batch.pk) for job in jobs)


@transaction.atomic
def extend_batch(*, batch: Batch, selection: Selection, by: User) -> int:
    """Add units for outputs that came later; those it has are passed over.

    `overlap` annotators judge the batch's share of the new ones, too.
    """
    if faults := selection_faults(batch.dataset, batch.layout, selection):
        raise Refused(_("No units were added."), faults)
    row = locked(batch)
    if row.state in (BatchState.CLOSED, BatchState.ARCHIVED):
        raise WrongState(
            _("The batch is %(state)s; it takes no more units.")
            % {"state": row.state_in_words}
        )
    if is_being_filled(row):
        raise WrongState(_("Its units are still being made; wait for the job to end."))
    row.members.update(looked_back_at=None)
    selection = with_new_people(row, selection)
    nothing_new = row.strategy == Strategy.NAMED and not selection.assigned
    places = add_units(row, [] if nothing_new else plan_units(row, selection))
    if row.overlap_share < 1:
        lay_overlap(row, places)
    made = len(places)
    if made and row.state != BatchState.DRAFT:
        reserve(row)
    AuditEvent.objects.record(
        "batch extended", row, by=by, project=row.project, units=made
    )
    return made


def with_new_people(batch: Batch, selection: Selection) -> Selection:
    """Of units with named people, those that are new; their people join the batch."""
    if (batch.strategy == Strategy.NAMED) != bool(selection.assigned):
        words = (
            _("Say who judges which unit: this batch gives units to named people.")
            if batch.strategy == Strategy.NAMED
            else _("Only the strategy “named” gives units to named people.")
        )
        raise Refused(
            _("No units were added."), [{"field": "assigned", "message": words}]
        )
    if not selection.assigned:
        return selection
    stored = batch.selection.get("assigned") or []
    known = {frozenset(entry["outputs"]) for entry in stored}
    new = [one for one in selection.assigned if frozenset(one["outputs"]) not in known]
    batch.selection["assigned"] = [*stored, *new]
    batch.save(update_fields=["selection"])
    people = {UUID(pk) for entry in new for pk in entry["annotators"]}
    there = batch.members.values_list("user_id", flat=True)
    BatchMember.objects.bulk_create(
        BatchMember(batch=batch, user_id=pk) for pk in sorted(people - set(there))
    )
    return replace(selection, assigned=new)
