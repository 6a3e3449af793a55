"""A batch and the versions of its rubric: moved to another, or labelled once more."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import NoReturn

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Membership, User
from annotation.actions.asking import Asked, rubric_misfits
from annotation.actions.batches import create_batch
from annotation.actions.changing import move_batch
from annotation.actions.holding import WrongState, hold_members, locked
from annotation.actions.units import Selection
from annotation.models import Assignment, Batch, Judgment, KnownAnswer, Unit
from annotation.models.assignment import AssignmentState
from annotation.models.batch import BatchState, Strategy
from annotation.models.unit import UnitKind
from annotation.stale import stale_units
from annotation.versions import MOVABLE
from annotation.votes import outputs_by_unit
from config.api import Refused
from config.chunks import chunks
from jobs.models import Job
from rubrics.changes import Change
from rubrics.comparable import breaking_between, comparable_versions
from rubrics.instrument import published_instrument
from rubrics.models import RubricVersion

CHUNK = 1_000


@transaction.atomic
def move_batch_to_version(*, batch: Batch, version: RubricVersion, by: User) -> Batch:
    """Go on with another version of the rubric; the same again changes nothing.

    What is judged already stays as it was answered, so a version that asks another
    thing is taken only while nothing is judged. Raises Refused and WrongState.
    """
    row = locked(batch)
    refuse_misfit_version(row, version)
    if row.rubric_version_id == version.pk:
        return row
    if row.state not in MOVABLE:
        words = _("The batch is %(state)s; open it to move it to another version.")
        if row.state == BatchState.ARCHIVED:
            words = _("The batch is %(state)s; it does not change any more.")
        raise WrongState(words % {"state": row.state_in_words})
    broken = breaking_between(row.rubric_version_id, version.pk)
    if broken:
        refuse_to_mix(row, version, broken)
    carry_known_answers(row, version, broken)
    before = row.rubric_version
    row.rubric_version = version
    row.save(update_fields=["rubric_version"])
    AuditEvent.objects.record(
        "batch moved to another version",
        row,
        by=by,
        project=row.project,
        name=row.name,
        before=before.number,
        after=version.number,
    )
    batch.rubric_version = version
    return row


def refuse_misfit_version(batch: Batch, version: RubricVersion) -> None:
    message = ""
    if version.rubric_id != batch.rubric_version.rubric_id:
        message = _("The version is of another rubric; a batch keeps its rubric.")
    elif not version.is_published:
        message = _("The version is a draft; publish it first.")
    if message:
        fault = {"field": "rubric_version", "message": message}
        raise Refused(_("The batch was not moved."), [fault])
    asked = Asked(
        project=batch.project,
        dataset=batch.dataset,
        rubric_version=version,
        name=batch.name,
        layout=batch.layout,
        overlap=batch.overlap,
        annotators=[],
        selection=Selection(),
    )
    faults = [
        {"field": "rubric_version", "message": words}
        for _field, words in rubric_misfits(asked)
    ]
    if faults:
        raise Refused(_("The batch was not moved."), faults)


def refuse_to_mix(batch: Batch, version: RubricVersion, broken: list[Change]) -> None:
    """Nothing may be judged, and what is being submitted was read by the old version.

    A submission holds its assignment's row, and begins with the row's lease as it was
    told to its page: it is either waited for and found here, or it is turned away.
    """
    hold_members(batch)  # A claim under way would bring a row that is not seen here.
    waiting = Assignment.objects.filter(batch=batch)
    waiting.exclude(state=AssignmentState.SUBMITTED).update(
        lease_epoch=F("lease_epoch") + 1
    )
    if Judgment.objects.filter(assignment__batch=batch).exists():
        words = _(
            "This batch has judgments, and version %(number)s asks another thing: "
            "%(changes)s Make a re-label batch on version %(number)s instead."
        )
        raise WrongState(
            words % {"number": version.number, "changes": in_words(broken)}
        )


def in_words(changes: list[Change]) -> str:
    return " ".join(f"{change.criterion}: {change.what}" for change in changes)


def carry_known_answers(
    batch: Batch, version: RubricVersion, broken: list[Change]
) -> None:
    """What is right in training goes along, where its question stayed the same."""
    known = KnownAnswer.objects.filter(unit__batch=batch)
    changed = {change.criterion for change in broken}
    held = sorted(
        set(
            known.filter(criterion__key__in=changed).values_list(
                "criterion__key", flat=True
            )
        )
    )
    if held:
        words = _(
            "The training has known answers to %(keys)s, which version %(number)s asks "
            "otherwise. Take these items out of the training first, and add them again "
            "on the new version."
        )
        raise WrongState(words % {"keys": ", ".join(held), "number": version.number})
    new = published_instrument(version.pk)
    for question in published_instrument(batch.rubric_version_id):
        if question.key in new.by_key:
            same = new.by_key[question.key]
            known.filter(criterion=question.id).update(criterion=same.id)


@dataclass(frozen=True)
class Relabelling:
    """The new batch, how many units it has, and the job that makes them if one does."""

    batch: Batch
    units: int
    job: Job | None


@transaction.atomic
def relabel_batch(
    *,
    batch: Batch,
    version: RubricVersion,
    by: User,
    name: str = "",
    opens: bool = False,
) -> Relabelling:
    """Make a draft batch on this version with the units whose labels it made stale.

    Those that wait in another batch to be labelled again are left to it. All else is
    as in the old batch, but for the people who left it; units that were given to people
    by name go to a pool. Raises Refused and WrongState.
    """
    row = locked(batch)
    refuse_misfit_version(row, version)
    if not breaking_between(row.rubric_version_id, version.pk):
        words = _(
            "Version %(number)s asks what this batch asks, so its labels are not "
            "stale. Move the batch to it instead."
        )
        raise WrongState(words % {"number": version.number})
    stale = stale_units(version, [row])
    if not stale.exists():
        words = _(
            "Nothing in this batch is to be labelled again: what was judged is judged "
            "on version %(number)s too, or was replaced by newer outputs."
        )
        raise WrongState(words % {"number": version.number})
    waiting = units_waiting_on(version)
    listed = outputs_of(stale.filter(~Exists(waiting)))
    if not listed:
        refuse_to_repeat(stale, waiting, version)
    by_name = row.strategy == Strategy.NAMED
    made, units, job = create_batch(
        by=by,
        project=row.project,
        dataset=row.dataset,
        rubric_version=version,
        name=name or name_on(row, version),
        layout=row.layout,
        overlap=row.overlap,
        overlap_share=row.overlap_share,
        annotators=annotators_of(row),
        selection=Selection(listed=listed),
        strategy=Strategy.POOL if by_name else row.strategy,
        skill_segment=row.skill_segment,
        cap=row.cap,
        daily_cap=row.daily_cap,
        priority=row.priority,
        lease=row.lease,
        seed=row.seed,
        guidelines=row.guidelines,
    )
    if opens:
        move_batch(batch=made, to=BatchState.OPEN, by=by)
    return Relabelling(made, units, job)


def units_waiting_on(version: RubricVersion) -> QuerySet[Unit]:
    """The same outputs in a batch where they can still be labelled afresh."""
    return Unit.objects.filter(
        item=OuterRef("item"),
        subject=OuterRef("subject"),
        kind=UnitKind.NORMAL,
        withdrawn_at=None,
        batch__state__in=MOVABLE,
        batch__rubric_version__in=comparable_versions(version.pk),
    )


def outputs_of(stale: QuerySet[Unit]) -> list[list[str]]:
    """External ids of the outputs of each unit, in its canonical order."""
    units = stale.order_by("pk").values_list("pk", flat=True)
    return [
        [ref.external_id for ref in outputs_here[unit_id]]
        for piece in chunks(units.iterator(chunk_size=CHUNK), CHUNK)
        for outputs_here in [outputs_by_unit(piece)]
        for unit_id in piece
    ]


def refuse_to_repeat(
    stale: QuerySet[Unit], waiting: QuerySet[Unit], version: RubricVersion
) -> NoReturn:
    name = Subquery(waiting.order_by("batch").values("batch__name")[:1])
    where = stale.order_by().values_list(name, flat=True).distinct()
    words = _(
        "All that is to be labelled again on version %(number)s waits already in "
        "%(batches)s. Have it judged there."
    )
    batches = ", ".join(f"“{name}”" for name in sorted(where))
    raise WrongState(words % {"number": version.number, "batches": batches})


def name_on(batch: Batch, version: RubricVersion) -> str:
    """The old name with the version, and a number where another batch has it.

    Cut where all together is too long.
    """
    on = _(" on v%(number)s") % {"number": version.number}
    others = Batch.objects.filter(project=batch.project_id, name__contains=on)
    taken = set(others.values_list("name", flat=True))
    suffixes = (on if n == 1 else f"{on} ({n})" for n in count(1))
    names = (batch.name[: 200 - len(suffix)] + suffix for suffix in suffixes)
    return next(name for name in names if name not in taken)


def annotators_of(batch: Batch) -> list[User]:
    """Its active annotators who still annotate in the project."""
    active = batch.members.filter(active=True).values("user")
    members = Membership.objects.current().filter(
        project=batch.project_id, user__in=active
    )
    rows = members.select_related("user").order_by("pk")
    return [member.user for member in rows if member.annotates]
