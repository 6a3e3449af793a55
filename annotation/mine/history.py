"""A person's own judgments, newest first: what they said, never what others did.

Pages are found by keyset on an index, so the last of 100,000 costs what the first does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, User
from annotation.actions.judging import why_it_stays
from annotation.answers.given import sides_of
from annotation.answers.spoken import in_short
from annotation.content import first_words
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    Flag,
    Judgment,
    Skip,
    UnitOutput,
)
from annotation.models.assignment import AssignmentState
from annotation.models.batch import BatchState
from annotation.reasons import shown_reason
from rubrics.comparable import instruments_across
from rubrics.instrument import Instrument, published_instrument

PAGE = 25
TAKES_REVISIONS = (BatchState.OPEN, BatchState.PAUSED)
LISTS = {
    "submitted": gettext_lazy("Submitted"),
    "rationale": gettext_lazy("With rationale"),
    "flagged": gettext_lazy("Flagged"),
    "skipped": gettext_lazy("Skipped"),
}


@dataclass(frozen=True)
class Said:
    """One answer in short: the criterion's key and what was said of it, by side."""

    key: str
    value: str


@dataclass(frozen=True)
class Entry:
    """One unit of mine as a line of the history."""

    assignment: Assignment
    line: str
    warning: str
    answers: list[Said]
    has_words: bool
    at: datetime | None
    seconds: int | None
    revisions: int
    flags: list[Flag]
    skip: str

    @property
    def batch(self) -> Batch:
        return self.assignment.batch

    @property
    def can_edit(self) -> bool:
        return takes_revisions(self.batch) and not self.stays

    @property
    def stays(self) -> str:
        """Why it is not changed whatever its batch does; "" for most."""
        return why_it_stays(self.assignment.unit, self.batch)

    @property
    def stage(self) -> str:
        """What it belongs to before the work, for people; "" for the work itself."""
        unit = self.assignment.unit
        if unit.is_training:
            return _("Training")
        return _("Calibration") if unit.is_calibration else ""

    @property
    def time_taken(self) -> str:
        """As a clock shows it: 1:05 is a minute and five seconds."""
        seconds = self.seconds or 0
        return f"{seconds // 60}:{seconds % 60:02d}"

    @property
    def has_marks(self) -> bool:
        """Is there anything to say of its state?"""
        marks = (self.is_skipped, self.revisions, self.has_words, self.flags)
        return any(marks) or bool(self.stage)

    @property
    def is_skipped(self) -> bool:
        return self.assignment.state == AssignmentState.SKIPPED


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: str  # The cursor of the next page, empty at the end.


def takes_revisions(batch: Batch) -> bool:
    """While a batch is open or paused its judgments may be superseded."""
    return batch.state in TAKES_REVISIONS


def my_assignments(user: User) -> QuerySet[Assignment]:
    """Mine, in the projects for which I still judge."""
    judging = Membership.objects.current().judging().filter(user=user)
    projects = judging.values("project")
    return Assignment.objects.filter(annotator=user, batch__project__in=projects)


def page_of(
    mine: QuerySet[Assignment],
    shown: str = "submitted",
    *,
    words: str = "",
    before: str = "",
    size: int = PAGE,
) -> Page:
    """A page of `mine`: submitted, with rationale, flagged or skipped, as searched.

    `before` is the `older` of the page that came first; what is none of ours begins
    at the newest.
    """
    rows, order = listed(mine, shown, words)
    if position := position_of(before, is_number=order == "position"):
        at, pk = position
        rows = rows.filter(Q(**{f"{order}__lt": at}) | Q(**{order: at}, pk__lt=pk))
        rows = rows.filter(**{f"{order}__lte": at})  # What an index can begin at.
    found = list(with_what_is_shown(rows).order_by(f"-{order}", "-pk")[: size + 1])
    older = cursor_of(found[size - 1], order) if len(found) > size else ""
    return Page(entries(found[:size], order), older)


def with_what_is_shown(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    return rows.select_related("batch__project", "unit__item").only(
        *("id", "state", "submitted_at", "position", "side_order", "annotator_id"),
        *("unit__kind", "unit__item__input", "unit__item__warning"),
        *("batch__name", "batch__state", "batch__rubric_version_id"),
        *("batch__calibration_stage", "batch__project__name"),
    )


def listed(
    mine: QuerySet[Assignment], shown: str, words: str
) -> tuple[QuerySet[Assignment], str]:
    """The rows of a list, and the column by which they go."""
    rows: Any
    if shown == "flagged":
        flags = Flag.objects.filter(assignment=OuterRef("pk")).order_by("-at")
        rows = mine.filter(pk__in=Flag.objects.values("assignment"))
        rows = rows.annotate(flagged_at=Subquery(flags.values("at")[:1]))
        if words:
            said = Q(text__icontains=words) | Q(answer__icontains=words)
            rows = rows.filter(Exists(flags.filter(said)))
        return rows, "flagged_at"
    if shown == "skipped":
        rows = mine.filter(state=AssignmentState.SKIPPED)
        if words:
            skips = Skip.objects.filter(assignment=OuterRef("pk"))
            rows = rows.filter(Exists(skips.filter(reason__icontains=words)))
        return rows, "position"  # A skip puts a unit behind all else: its time.
    rows = mine.filter(state=AssignmentState.SUBMITTED)
    if shown == "rationale":
        rows = rows.filter(Exists(with_rationale()))
    if words:
        judged = Judgment.objects.current().filter(assignment=OuterRef("pk"))
        noted = judged.exclude(note="").filter(note__icontains=words)
        explained = with_rationale().filter(rationale__icontains=words)
        rows = rows.filter(Exists(noted) | Exists(explained))
    return rows, "submitted_at"


def with_rationale() -> QuerySet[Answer]:
    return Answer.objects.filter(
        judgment__assignment=OuterRef("pk"), judgment__superseded_at=None
    ).exclude(rationale="")


def cursor_of(row: Assignment, order: str) -> str:
    at = getattr(row, order)
    return f"{at.isoformat() if isinstance(at, datetime) else repr(at)}~{row.pk}"


def position_of(cursor: str, *, is_number: bool) -> tuple[Any, UUID] | None:
    at, _tilde, pk = cursor.partition("~")
    try:
        return (float(at) if is_number else moment(at)), UUID(pk)
    except (ValueError, OverflowError, ValidationError):
        return None


def moment(text: str) -> datetime:
    found = parse_datetime(text)
    if found is None:
        raise ValueError(text)
    # At the ends of the calendar a time may have no equal in UTC.
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def entries(rows: Sequence[Assignment], order: str = "submitted_at") -> list[Entry]:
    """The lines of these units: five queries, however many there are.

    One more where a batch went to another version of its rubric since it was judged.
    """
    ids = [row.pk for row in rows]
    judgments: dict[UUID, list[Judgment]] = grouped(
        Judgment.objects.filter(assignment__in=ids).order_by("number")
    )
    current = [found[-1] for found in judgments.values()]
    answers: dict[UUID, list[Answer]] = defaultdict(list)
    for answer in Answer.objects.filter(judgment__in=current).order_by("pk"):
        answers[answer.judgment_id].append(answer)
    positions = UnitOutput.objects.positions_in([row.unit_id for row in rows])
    flags: dict[UUID, list[Flag]] = grouped(
        Flag.objects.filter(assignment__in=ids)
        .select_related("answered_by")
        .order_by("pk")
    )
    skips: dict[UUID, list[Skip]] = grouped(
        Skip.objects.filter(assignment__in=ids).order_by("pk")
    )
    instruments = instruments_reading(rows, judgments, answers)
    made = []
    for row in rows:
        said = judgments.get(row.pk, [])
        given = answers[said[-1].pk] if said else []
        times = [judgment.elapsed_ms for judgment in said if judgment.elapsed_ms]
        is_skipped = row.state == AssignmentState.SKIPPED
        skip = skips.get(row.pk, [])[-1] if is_skipped and row.pk in skips else None
        item = row.unit.item
        made.append(
            Entry(
                assignment=row,
                line="" if item.warning else first_words(item.input),
                warning=item.warning,
                answers=said_in(
                    row,
                    given,
                    positions[row.unit_id],
                    instruments[row.batch.rubric_version_id],
                ),
                has_words=bool(said and said[-1].note)
                or any(answer.rationale for answer in given),
                at=time_of(row, order, said, skip),
                seconds=round(sum(times) / 1000) if times else None,
                revisions=max(len(said) - 1, 0),
                flags=flags.get(row.pk, []),
                skip=shown_reason(skip.reason) if skip else "",
            )
        )
    return made


def time_of(
    row: Any, order: str, said: list[Judgment], skip: Skip | None
) -> datetime | None:
    """When it came to stand in this list; a revision shows its own time."""
    if order == "flagged_at":
        found: datetime = row.flagged_at
        return found
    if skip is not None:
        return skip.at
    return said[-1].created_at if said else row.submitted_at


def grouped(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.assignment_id].append(row)
    return found


def instruments_reading(
    rows: Sequence[Assignment],
    judgments: Mapping[UUID, list[Judgment]],
    answers: Mapping[UUID, list[Answer]],
) -> dict[UUID, Instrument]:
    """By version, what reads the current answers to these units."""
    versions = {row.pk: row.batch.rubric_version_id for row in rows}
    own = {pk: published_instrument(pk) for pk in versions.values()}
    reads_all = all(
        answer.criterion_id in own[versions[pk]].by_id
        for pk, said in judgments.items()
        for answer in answers[said[-1].pk]
    )
    return own if reads_all else instruments_across(own)


def said_in(
    row: Assignment,
    answers: Iterable[Answer],
    positions: dict[int, int],
    instrument: Instrument,
) -> list[Said]:
    """Answers as they were given, by the sides that were shown."""
    order = list(row.side_order)
    sides = sides_of(len(order))
    by_question: dict[int, dict[str, str]] = defaultdict(dict)
    for answer in answers:
        side = ""
        if answer.output_id is not None and len(order) > 1:
            side = sides[order.index(positions[answer.output_id])]
        question = instrument.by_id[answer.criterion_id]
        by_question[question.id][side] = in_short(question, order, answer)
    return [
        Said(
            question.key,
            ", ".join(
                f"{side} {value}".strip()
                for side, value in sorted(by_question[question.id].items())
            ),
        )
        for question in instrument
        if question.id in by_question
    ]


def latest(user: User, size: int = 10) -> list[Entry]:
    """My last submissions, wherever they were."""
    return page_of(my_assignments(user), size=size).entries


def before_undo(batch: Batch, user: User, since: datetime) -> list[UUID]:
    """My submissions of this batch since then, newest first: the way of undo."""
    rows = Assignment.objects.filter(
        batch=batch,
        annotator=user,
        state=AssignmentState.SUBMITTED,
        submitted_at__gt=since,
    )
    return list(rows.order_by("-submitted_at", "-pk").values_list("pk", flat=True))
