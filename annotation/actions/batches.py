"""Batches made: checked, filled with units, extended by what came later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Membership, Project, User
from annotation.actions.calibration import AT_MOST, Round, draw_units, list_units
from annotation.actions.holding import WrongState, locked
from annotation.actions.reserving import reserve_units
from annotation.actions.training import Training, add_items
from annotation.actions.units import (
    Selection,
    add_units,
    plan_units,
    selection_faults,
)
from annotation.models import Batch, BatchMember, Dataset
from annotation.models.batch import BatchState, Layout, Stage, Strategy
from annotation.models.unit import UnitKind
from config.api import Refused
from jobs.actions import start
from jobs.models import Job
from rubrics.instrument import published_instrument
from rubrics.models import Kind, RubricVersion

AT_ONCE = 10_000
FILLING = "fill_batch"


@transaction.atomic
def create_batch(
    *,
    project: Project,
    dataset: Dataset,
    rubric_version: RubricVersion,
    name: str,
    layout: str,
    overlap: int,
    annotators: Sequence[User],
    selection: Selection,
    by: User,
    strategy: str = Strategy.POOL,
    cap: int | None = None,
    lease: timedelta = timedelta(minutes=30),
    due_at: datetime | None = None,
    seed: int = 0,
    guidelines: str = "",
    training: Training | None = None,
    calibration: Round | None = None,
) -> tuple[Batch, int, Job | None]:
    """Make a draft batch with its units; returns it, their number, and a job.

    More than 10,000 units are made by the job, which is None otherwise. What is judged
    before the work is taken out of them. Raises Refused with every fault found.
    """
    refuse_misfits(
        project, dataset, rubric_version, layout, overlap, annotators, strategy
    )
    refuse_faults(selection_faults(dataset, layout, selection))
    batch = Batch(
        project=project,
        dataset=dataset,
        rubric_version=rubric_version,
        name=name,
        layout=layout,
        overlap=overlap,
        strategy=strategy,
        cap=cap,
        lease=lease,
        due_at=due_at,
        seed=seed,
        selection=selection.as_json(),
        guidelines=guidelines,
        training_pass_mark=training.pass_mark if training else None,
        training_attempts=training.attempts if training else 3,
        calibration_stage=Stage.OPEN if calibration else "",
        calibration_waits=calibration.waits if calibration else True,
        created_by=by,
    )
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            _("The batch was not made."),
            [{"field": "name", "message": _("Another batch has this name.")}],
        ) from None
    BatchMember.objects.bulk_create(
        BatchMember(batch=batch, user=user) for user in dict.fromkeys(annotators)
    )
    units = sum(1 for _ in plan_units(batch, selection))
    if units == 0:
        raise Refused(
            _("The batch was not made."),
            [
                {
                    "field": "dataset",
                    "message": _("The selection holds no units to judge."),
                }
            ],
        )
    if training:
        add_items(batch, training.items)
    if calibration:
        refuse_misfit_round(calibration, units)
        list_units(batch, calibration.listed)
    drawn = calibration.drawn if calibration else 0
    job = None
    if units <= AT_ONCE:
        units = fill(batch, drawn)
    else:
        job = start(
            FILLING,
            project=project,
            by=by,
            params={"batch": str(batch.pk), "calibration": drawn},
            total=units,
        )
    AuditEvent.objects.record(
        "batch created", batch, by=by, project=project, units=units, name=name
    )
    return batch, units, job


def refuse_misfits(
    project: Project,
    dataset: Dataset,
    rubric_version: RubricVersion,
    layout: str,
    overlap: int,
    annotators: Sequence[User],
    strategy: str,
) -> None:
    """Refuse what cannot be judged, all faults at once."""
    faults: list[dict[str, str]] = []

    def fault(field: str, message: str) -> None:
        faults.append({"field": field, "message": message})

    if dataset.project_id != project.pk:
        fault("dataset", _("The dataset belongs to another project."))
    if rubric_version.rubric.project_id != project.pk:
        fault("rubric_version", _("The rubric belongs to another project."))
    elif not rubric_version.is_published:
        fault("rubric_version", _("The version is a draft; publish it first."))
    else:
        for question in published_instrument(rubric_version.pk):
            if layout == Layout.SCORING and not question.of_each_output:
                fault(
                    "layout",
                    f"{question.key} compares outputs, and scoring shows one at a "
                    "time; choose pairwise.",
                )
            if layout == Layout.RANKING and question.kind == Kind.PREFERENCE:
                fault(
                    "layout",
                    f"{question.key} prefers one of two outputs; choose pairwise.",
                )
    if not annotators:
        fault("annotators", _("Name at least one annotator."))
    elif strategy == Strategy.FIXED and overlap > len(set(annotators)):
        fault(
            "overlap",
            f"{overlap} annotators are to judge each unit, but only "
            f"{len(set(annotators))} are named.",
        )
    refuse_faults(faults)


def refuse_faults(faults: list[dict[str, str]]) -> None:
    if faults:
        raise Refused(_("The batch was not made."), faults)


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
    note_filled(batch)
    return batch.units.filter(kind=UnitKind.NORMAL).count()


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
    """Add units for outputs that came later; those it has are passed over."""
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
    made = add_units(row, plan_units(row, selection))
    if made and row.state != BatchState.DRAFT and row.strategy == Strategy.FIXED:
        reserve_units(row)
    AuditEvent.objects.record(
        "batch extended", row, by=by, project=row.project, units=made
    )
    return made
