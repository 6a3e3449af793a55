"""Judgments made elsewhere: whole rows, idempotent by annotator and outputs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.actions.members import admit
from accounts.actions.people import account_for
from accounts.actions.projects import lock_people_of
from accounts.actions.refusals import AlreadyMember
from accounts.models import AuditEvent, Membership, Role, User
from annotation.actions.holding import WrongState, database_now
from annotation.actions.importing import ImportCounts
from annotation.actions.judging import answer_rows, span_rows
from annotation.actions.units import Plan, Selection, add_chunk, selected_outputs
from annotation.answers.given import MAX_TEXT, Given, content_hash
from annotation.answers.reading import InvalidAnswers, read_answers
from annotation.content.places import text_shown
from annotation.importing.readers import Row
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    BatchMember,
    Judgment,
    Output,
    Span,
    Unit,
    UnitOutput,
)
from annotation.models.assignment import AssignmentState, Source
from annotation.models.batch import BatchState
from annotation.models.unit import UnitKind
from config.chunks import chunks
from rubrics.comparable import are_comparable
from rubrics.instrument import Instrument, published_instrument

CHUNK = 500
FIELDS = {
    "annotator",
    "output",
    "outputs",
    "answers",
    "rationales",
    "spans",
    "note",
    "submitted_at",
    "elapsed_ms",
}
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(days=1)
OUTPUTS_IN = {"scoring": 1, "pairwise": 2}


class RowFault(ValueError):
    """A row that cannot be taken: the field and a sentence."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Sent:
    """A row that has the right shape; outputs are still names."""

    number: int
    annotator: str
    outputs: tuple[str, ...]
    answers: Mapping[str, Any]
    rationales: Mapping[str, Any]
    spans: Mapping[str, Any]
    note: str
    at: datetime | None
    elapsed_ms: int | None


def import_judgments(
    *,
    batch: Batch,
    rows: Iterable[Row],
    by: User,
    create_annotators: bool = False,
    report: Callable[..., None] | None = None,
) -> ImportCounts:
    """Store judgments made elsewhere; they count in statistics like any other.

    A row names an annotator and an output or a list of outputs; a pair without a unit
    gets one. The same row again is unchanged, other answers are a row error. What is
    beyond a unit's overlap is kept as surplus. Raises WrongState.
    """
    if batch.state == BatchState.ARCHIVED:
        raise WrongState(_("The batch is archived; it takes no judgments."))
    counts = ImportCounts()
    people = People(batch, by, create_annotators)
    instrument = published_instrument(batch.rubric_version_id)
    for piece in chunks(rows, CHUNK):
        sent = list(well_shaped(piece, batch.layout, counts))
        with transaction.atomic():
            before = counts.created
            Chunk(batch, instrument, people, counts).take(sent)
            if counts.created and not before:
                # With the first that it stored: a killed import has its event too.
                AuditEvent.objects.record(
                    "judgments imported", batch, by=by, project=batch.project
                )
        if report is not None:
            report(counts.records)
    return counts


def well_shaped(rows: list[Row], layout: str, counts: ImportCounts) -> Iterable[Sent]:
    for row in rows:
        try:
            if row.fault:
                raise RowFault("", row.fault)
            yield read_shape(row, layout)
        except RowFault as fault:
            counts.reject(row.number, [(fault.field, str(fault))])


def read_shape(row: Row, layout: str) -> Sent:
    data = row.data
    if not isinstance(data, Mapping):
        raise RowFault("", _("A row is a JSON object."))
    if unknown := data.keys() - FIELDS:
        known = ", ".join(sorted(FIELDS))
        raise RowFault(
            min(map(str, unknown)),
            _("No such field; there are %(known)s.") % {"known": known},
        )
    annotator = data.get("annotator")
    if not isinstance(annotator, str) or not annotator.strip():
        raise RowFault("annotator", _("Name the annotator by e-mail address."))
    if "output" in data and "outputs" in data:
        raise RowFault("outputs", _("Send either output or outputs."))
    alone = "output" in data
    outputs = [data["output"]] if alone else data.get("outputs")
    if (
        not isinstance(outputs, list)
        or not outputs
        or not all(isinstance(name, str) for name in outputs)
    ):
        raise RowFault(
            "output" if alone else "outputs", _("Name outputs by their ids.")
        )
    expected = OUTPUTS_IN.get(layout)
    if len(set(outputs)) < len(outputs) or (expected and len(outputs) != expected):
        wanted = f"{expected} different outputs" if expected else "different outputs"
        raise RowFault(
            "outputs", _("This batch shows %(wanted)s together.") % {"wanted": wanted}
        )
    for name in ("answers", "rationales", "spans"):
        if not isinstance(data.get(name, {}), Mapping):
            raise RowFault(name, _("Send an object with a value for each criterion."))
    return Sent(
        number=row.number,
        annotator=annotator.strip().lower(),
        outputs=tuple(outputs),
        answers=data.get("answers", {}),
        rationales=data.get("rationales", {}),
        spans=data.get("spans", {}),
        note=note_of(data.get("note")),
        at=time_of(data.get("submitted_at")),
        elapsed_ms=milliseconds_of(data.get("elapsed_ms")),
    )


def note_of(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise RowFault("note", _("A note is text."))
    if len(value or "") > MAX_TEXT:
        raise RowFault(
            "note",
            _("The note is longer than %(most)s characters.")
            % {"most": intcomma(MAX_TEXT)},
        )
    return value or ""


def time_of(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        at = parse_datetime(value) if isinstance(value, str) else None
        if at is not None and timezone.is_naive(at):
            at = timezone.make_aware(at)
        # At the ends of the calendar a time may have no equal in UTC.
        at = at and at.astimezone(UTC)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise RowFault("submitted_at", _("Send a time as in 2026-05-01T10:00:00Z."))
    if not EARLIEST <= at <= timezone.now() + CLOCKS_DIFFER:
        raise RowFault("submitted_at", _("Send a time between 1970 and now."))
    return at


def milliseconds_of(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise RowFault("elapsed_ms", _("Send whole milliseconds."))
    return value


class People:
    """Annotators of a project by e-mail, made on demand where that was asked for."""

    def __init__(self, batch: Batch, by: User, create: bool) -> None:
        self.project = batch.project
        self.by = by
        self.create = create
        members = Membership.objects.filter(project=self.project)
        self.found: dict[str, UUID] = {
            email.lower(): pk
            for email, pk in members.values_list("user__email", "user_id")
        }

    def named(self, email: str) -> UUID:
        """The person's id; raises RowFault for somebody unknown here."""
        if email not in self.found:
            if not self.create:
                raise RowFault(
                    "annotator",
                    f"{email} is not a member of this project; add them, or send "
                    "create_annotators=1.",
                )
            self.found[email] = self.enrol(email)
        return self.found[email]

    def enrol(self, email: str) -> UUID:
        """Make an annotator who cannot sign in, or let an existing person join."""
        lock_people_of(self.project)
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            if "@" not in email or len(email) > 254 or not email.isprintable():
                raise RowFault("annotator", f"{email[:60]!r} is no e-mail address.")
            user = account_for(email=email, by=self.by)
            User.objects.filter(pk=user.pk).update(is_active=False)
        with contextlib.suppress(AlreadyMember):  # By another import, in this moment.
            admit(
                project=self.project,
                user=user,
                role=Role.ANNOTATOR,
                by=self.by,
                also_annotates=False,
            )
        return user.pk


@dataclass
class Target:
    """What rows are about: outputs in canonical order, and the unit if there is one."""

    plan: Plan
    unit: Unit | None = None

    @property
    def output_ids(self) -> list[int]:
        return [pk for pk, _, _ in self.plan.outputs]

    @property
    def names(self) -> list[str]:
        return [name for _, name, _ in self.plan.outputs]


@dataclass(frozen=True)
class Checked:
    """A row whose answers stand, with its annotator and target."""

    sent: Sent
    target: Target
    side_order: list[int]
    answers: list[Given]
    annotator: UUID


class Chunk:
    """One transaction's worth of rows: read what is there, decide, write in bulk.

    Imports into one batch take turns. Then rows are locked in the order of claims:
    members, assignments, units.
    """

    def __init__(
        self, batch: Batch, instrument: Instrument, people: People, counts: ImportCounts
    ) -> None:
        self.batch = batch
        self.instrument = instrument
        self.people = people
        self.counts = counts
        self.now = database_now(batch)
        self.targets: dict[str, Target] = {}
        self.there: dict[tuple[UUID, UUID], Assignment] = {}
        self.hashes: dict[tuple[UUID, UUID], str] = {}
        self.new_assignments: list[Assignment] = []
        self.changed_assignments: list[Assignment] = []
        self.judgments: list[Judgment] = []
        self.answers: list[Answer] = []
        self.spans: list[Span] = []
        self.filled: dict[UUID, Unit] = {}

    def take(self, rows: list[Sent]) -> None:
        held = Batch.objects.select_for_update(no_key=True).get(pk=self.batch.pk)
        if not are_comparable(held.rubric_version_id, self.batch.rubric_version_id):
            raise WrongState(
                _(
                    "The batch was moved to another version of its rubric meanwhile; "
                    "send the rest again."
                )
            )
        plans = self.plans_of(rows)
        self.read_units({plan.subject for plan in plans.values()})
        checked: list[Checked] = []
        for row in rows:
            try:
                checked.append(self.check(row, plans))
            except RowFault as fault:
                self.counts.reject(row.number, [(fault.field, str(fault))])
            except InvalidAnswers as error:
                faults = [(e["field"], e["message"]) for e in error.errors]
                self.counts.reject(row.number, faults)
        self.make_units()
        self.lock({row.annotator for row in checked})
        for row_ in checked:
            self.enter(row_)
        self.write()

    def plans_of(self, rows: list[Sent]) -> dict[tuple[str, ...], Plan]:
        """What each row's outputs come to, for those that the dataset has together."""
        names = {name for row in rows for name in row.outputs}
        found = {
            name: (item_id, (pk, name, revision))
            for name, item_id, pk, revision in selected_outputs(self.batch, Selection())
            .filter(external_id__in=names)
            .values_list("external_id", "item_id", "pk", "revision")
        }
        plans = {}
        for row in rows:
            items = {found[name][0] for name in row.outputs if name in found}
            if all(name in found for name in row.outputs) and len(items) == 1:
                refs = tuple(found[name][1] for name in row.outputs)
                plans[row.outputs] = Plan(items.pop(), refs)
        self.known = found.keys()
        return plans

    def read_units(self, subjects: set[str]) -> None:
        """The batch's units of these subjects."""
        units = Unit.objects.filter(
            batch=self.batch, kind=UnitKind.NORMAL, subject__in=subjects
        )
        by_id = {unit.pk: unit for unit in units}
        refs: dict[UUID, list[tuple[int, str, int]]] = {pk: [] for pk in by_id}
        shown = UnitOutput.objects.filter(unit__in=list(by_id)).order_by("position")
        for unit_id, output_id, name, revision in shown.values_list(
            "unit_id", "output_id", "output__external_id", "output__revision"
        ):
            refs[unit_id].append((output_id, name, revision))
        for unit in by_id.values():
            plan = Plan(unit.item_id, tuple(refs[unit.pk]))
            self.targets[unit.subject] = Target(plan, unit)

    def check(self, row: Sent, plans: dict[tuple[str, ...], Plan]) -> Checked:
        plan = plans.get(row.outputs)
        if plan is None:
            for name in row.outputs:
                if name not in self.known:
                    words = _("There is no output %(name)s in the dataset.") % {
                        "name": repr(name)
                    }
                    raise RowFault("outputs", words)
            raise RowFault("outputs", _("The outputs answer different items."))
        # The first row that stands names a new unit's canonical order.
        target = self.targets.get(plan.subject) or Target(plan)
        side_order = [target.names.index(name) for name in row.outputs]
        answers = read_answers(
            self.instrument,
            row.answers,
            row.rationales,
            row.spans,
            side_order=side_order,
            texts=lambda: self.texts_of(target),
        )
        annotator = self.people.named(row.annotator)
        self.targets.setdefault(plan.subject, target)
        return Checked(row, target, side_order, answers, annotator)

    def texts_of(self, target: Target) -> list[str]:
        """What evidence is marked in; asked of rows that send or need evidence."""
        found = Output.objects.in_bulk(target.output_ids)
        return [text_shown(found[pk]) for pk in target.output_ids]

    def make_units(self) -> None:
        missing = [t.plan for t in self.targets.values() if t.unit is None]
        if not missing:
            return
        for unit in add_chunk(self.batch, missing):
            self.targets[unit.subject].unit = unit

    def lock(self, people: set[UUID]) -> None:
        """Hold what these people have of these units, and the units; read both."""
        members = BatchMember.objects.filter(batch=self.batch, user__in=people)
        list(members.select_for_update().order_by("pk"))
        units = [target.unit for target in self.targets.values()]
        rows = Assignment.objects.filter(unit__in=units, annotator__in=people)
        for assignment in rows.select_for_update().order_by("pk"):
            key = (assignment.unit_id, assignment.annotator_id)
            self.there[key] = assignment
        current = Judgment.objects.current().filter(assignment__unit__in=units)
        for unit_id, annotator_id, hashed in current.values_list(
            "assignment__unit_id", "assignment__annotator_id", "content_hash"
        ):
            self.hashes[unit_id, annotator_id] = hashed
        held = Unit.objects.filter(pk__in=[unit.pk for unit in units if unit])
        by_id = {unit.pk: unit for unit in held.select_for_update().order_by("pk")}
        for target in self.targets.values():
            target.unit = target.unit and by_id[target.unit.pk]

    def enter(self, row: Checked) -> None:
        """Store a row, or say that it is there, or that it was judged otherwise."""
        unit = row.target.unit
        assert unit is not None, "make_units gave every target its unit"
        key = (unit.pk, row.annotator)
        hashed = content_hash(row.answers)
        if key not in self.hashes:
            self.hashes[key] = hashed
            self.add(row, unit, hashed)
            self.counts.created += 1
        elif self.hashes[key] == hashed:
            self.counts.unchanged += 1
        else:
            words = (
                f"{row.sent.annotator} judged this before, with other answers; a "
                "judgment is revised by its annotator, not replaced."
            )
            self.counts.reject(row.sent.number, [("answers", words)])

    def add(self, row: Checked, unit: Unit, hashed: str) -> None:
        at = row.sent.at or self.now
        assignment = self.there.get((unit.pk, row.annotator))
        if assignment is None:
            assignment = Assignment(
                unit=unit,
                batch=self.batch,
                annotator_id=row.annotator,
                holds_slot=False,
                source=Source.IMPORTED,
                side_order=row.side_order,
            )
            self.new_assignments.append(assignment)
        else:
            self.changed_assignments.append(assignment)
        if not assignment.holds_slot and unit.taken < unit.required:
            unit.taken += 1
            self.filled[unit.pk] = unit
            assignment.holds_slot = True
        assignment.state = AssignmentState.SUBMITTED
        assignment.submitted_at = at
        assignment.draft = {}
        judgment = Judgment(
            assignment=assignment,
            created_at=at,
            elapsed_ms=row.sent.elapsed_ms,
            note=row.sent.note,
            source=Source.IMPORTED,
            content_hash=hashed,
        )
        self.judgments.append(judgment)
        answers = answer_rows(judgment, row.answers, row.target.output_ids)
        self.answers += answers
        self.spans += span_rows(answers, row.answers, row.target.output_ids)

    def write(self) -> None:
        Assignment.objects.bulk_create(self.new_assignments)
        Assignment.objects.bulk_update(
            self.changed_assignments,
            ["state", "submitted_at", "holds_slot", "draft"],
        )
        Unit.objects.bulk_update(self.filled.values(), ["taken"])
        Judgment.objects.bulk_create(self.judgments)
        Answer.objects.bulk_create(self.answers, batch_size=2_000)
        Span.objects.bulk_create(self.spans, batch_size=2_000)
