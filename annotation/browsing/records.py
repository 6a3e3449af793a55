"""Judgments as rows of cells for the manager: in words, each leading to its like."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Membership
from annotation.answers.spoken import in_short
from annotation.browsing.asked import Asked
from annotation.browsing.columns import Column
from annotation.browsing.values import BY_LEVEL
from annotation.models import Answer, Assignment, Batch, Flag, Judgment, Return, Span
from annotation.models.assignment import Source
from annotation.models.unit import UnitKind
from annotation.rows import answers_by_judgment, winner
from annotation.votes import OutputRef, outputs_by_unit
from rubrics.comparable import instrument_across
from rubrics.instrument import Instrument, Question
from rubrics.models import Kind

LONGEST_WORDS = 160
CONTENT = ("input", "context", "reference", "metadata")


@dataclass(frozen=True)
class Part:
    """A word of a cell: what stands before it, and the filter that it leads to."""

    text: str
    of: str = ""
    url: str = ""
    is_code: bool = False


@dataclass(frozen=True)
class Cell:
    column: Column
    parts: list[Part]


@dataclass(frozen=True)
class Record:
    """One judgment that counts, with the cells of the columns that are shown."""

    judgment: Judgment
    cells: list[Cell]

    @property
    def assignment(self) -> Assignment:
        return self.judgment.assignment


def judgments_on(ids: Sequence[UUID]) -> list[Judgment]:
    """The judgments that count on these assignments, in their order."""
    content = [f"assignment__unit__item__{name}" for name in CONTENT]
    rows = (
        Judgment.objects.current()
        .filter(assignment__in=ids)
        .select_related("assignment__unit__item", "assignment__annotator")
        .defer(*content, "assignment__draft")
    )
    by_assignment = {row.assignment_id: row for row in rows}
    return [by_assignment[pk] for pk in ids if pk in by_assignment]


def records_of(
    batch: Batch, ids: Sequence[UUID], columns: Sequence[Column], asked: Asked
) -> list[Record]:
    """The rows of a page: at most eight queries, however many there are."""
    judgments = judgments_on(ids)
    teller = Teller(batch, judgments, asked)
    shown = [column for column in columns if column.is_shown]
    return [
        Record(j, [Cell(column, list(teller.parts(column, j))) for column in shown])
        for j in judgments
    ]


@dataclass
class Teller:
    """Says what each column holds for the judgments of one page."""

    batch: Batch
    judgments: list[Judgment]
    asked: Asked

    @cached_property
    def instrument(self) -> Instrument:
        return instrument_across(self.batch.rubric_version_id)

    @cached_property
    def outputs(self) -> dict[UUID, list[OutputRef]]:
        return outputs_by_unit([j.assignment.unit_id for j in self.judgments])

    @cached_property
    def answers(self) -> dict[UUID, list[Answer]]:
        return answers_by_judgment(self.judgments)

    @cached_property
    def pseudonyms(self) -> dict[UUID, str]:
        people = {j.assignment.annotator_id for j in self.judgments}
        members = Membership.objects.filter(
            project=self.batch.project_id, user__in=people
        )
        return dict(members.values_list("user_id", "pseudonym"))

    @cached_property
    def evidence(self) -> dict[UUID, int]:
        spans = Span.objects.filter(answer__judgment__in=self.judgments).order_by()
        return dict(spans.values_list("answer__judgment").annotate(Count("pk")))

    @cached_property
    def marks(self) -> dict[UUID, list[str]]:
        found: dict[UUID, list[str]] = defaultdict(list)
        ids = [j.assignment_id for j in self.judgments]
        flags = Flag.objects.filter(assignment__in=ids).order_by()
        returns = Return.objects.filter(assignment__in=ids).order_by()
        for pk in Counter(flags.values_list("assignment", flat=True)):
            found[pk].append("flagged")
        for pk in Counter(returns.values_list("assignment", flat=True)):
            found[pk].append("returned")
        return found

    def parts(self, column: Column, judgment: Judgment) -> Iterable[Part]:
        if column.question is not None:
            return self.said(column.question, judgment)
        found: Iterable[Part] = getattr(self, f"say_{column.name}")(judgment)
        return found

    def leading(self, name: str, value: str) -> str:
        return f"?{self.asked.query(plus=(name, value))}"

    def refs(self, judgment: Judgment) -> list[OutputRef]:
        return self.outputs[judgment.assignment.unit_id]

    def said(self, question: Question, judgment: Judgment) -> Iterator[Part]:
        """The answers on a criterion: of several outputs, each by its system."""
        refs = {ref.id: ref for ref in self.refs(judgment)}
        order = judgment.assignment.side_order
        for answer in self.answers[judgment.pk]:
            if answer.criterion_id not in question.rows:
                continue
            about = refs[answer.output_id] if answer.output_id else None
            named = about is not None and len(refs) > 1
            yield Part(
                in_short(question, order, answer),
                of=f"{about.system}:" if about and named else "",
                url=self.value_url(question, answer),
            )

    def value_url(self, question: Question, answer: Answer) -> str:
        value = answer.absent or ""
        if answer.level_id is not None and question.kind in BY_LEVEL:
            value = question.by_id[answer.level_id].code
        elif answer.number is not None:
            value = f"{answer.number:g}"
        return self.leading("answer", f"{question.key}:{value}") if value else ""

    def say_when(self, judgment: Judgment) -> Iterator[Part]:
        at = localtime(judgment.assignment.submitted_at or judgment.created_at)
        yield Part(date_format(at, "SHORT_DATETIME_FORMAT"))

    def say_annotator(self, judgment: Judgment) -> Iterator[Part]:
        assignment = judgment.assignment
        pseudonym = self.pseudonyms.get(assignment.annotator_id, "")
        url = self.leading("annotator", pseudonym) if pseudonym else ""
        yield Part(str(assignment.annotator), url=url)
        yield Part(pseudonym, is_code=True)

    def say_item(self, judgment: Judgment) -> Iterator[Part]:
        name = judgment.assignment.unit.item.external_id
        yield Part(name, url=self.leading("item", name), is_code=True)

    def say_unit(self, judgment: Judgment) -> Iterator[Part]:
        yield Part(str(judgment.assignment.unit_id), is_code=True)

    def say_outputs(self, judgment: Judgment) -> Iterator[Part]:
        for ref in self.refs(judgment):
            url = self.leading("output", ref.external_id)
            yield Part(ref.external_id, url=url, is_code=True)

    def say_systems(self, judgment: Judgment) -> Iterator[Part]:
        for name in dict.fromkeys(ref.system for ref in self.refs(judgment)):
            yield Part(name, url=self.leading("system", name))

    def say_shown(self, judgment: Judgment) -> Iterator[Part]:
        refs = self.refs(judgment)
        for position in judgment.assignment.side_order:
            yield Part(refs[position].external_id, is_code=True)

    def say_preferred(self, judgment: Judgment) -> Iterator[Part]:
        asked = [q for q in self.instrument if q.kind == Kind.PREFERENCE]
        questions = {pk: question for question in asked for pk in question.rows}
        for answer in self.answers[judgment.pk]:
            question = questions.get(answer.criterion_id)
            if question and answer.level_id is not None:
                code = question.by_id[answer.level_id].code
                of = f"{question.key}:" if len(asked) > 1 else ""
                yield Part(chosen(code, self.refs(judgment)), of=of)

    def say_rationale(self, judgment: Judgment) -> Iterator[Part]:
        for answer in self.answers[judgment.pk]:
            if answer.rationale:
                yield Part(shortened(answer.rationale))

    def say_note(self, judgment: Judgment) -> Iterator[Part]:
        if judgment.note:
            yield Part(shortened(judgment.note))

    def say_evidence(self, judgment: Judgment) -> Iterator[Part]:
        if count := self.evidence.get(judgment.pk):
            yield Part(str(count))

    def say_time(self, judgment: Judgment) -> Iterator[Part]:
        if judgment.elapsed_ms is not None:
            yield Part(clock(judgment.elapsed_ms))

    def say_source(self, judgment: Judgment) -> Iterator[Part]:
        name = judgment.source
        yield Part(SOURCES[name](), url=self.leading("source", name))

    def say_kind(self, judgment: Judgment) -> Iterator[Part]:
        name = judgment.assignment.unit.kind
        yield Part(KINDS[name](), url=self.leading("kind", name))

    def say_surplus(self, judgment: Judgment) -> Iterator[Part]:
        if not judgment.assignment.holds_slot:
            yield Part(_("surplus"), url=self.leading("only", "surplus"))

    def say_revision(self, judgment: Judgment) -> Iterator[Part]:
        if judgment.number > 1:
            yield Part(str(judgment.number), url=self.leading("only", "revised"))
        else:
            yield Part("1")

    def say_rubric(self, judgment: Judgment) -> Iterator[Part]:
        yield Part(f"{self.instrument.name} v{self.instrument.number}")

    def say_marks(self, judgment: Judgment) -> Iterator[Part]:
        marks = list(self.marks.get(judgment.assignment_id, ()))
        if judgment.number > 1:
            marks.append("revised")
        if not judgment.assignment.holds_slot:
            marks.append("surplus")
        for mark in marks:
            yield Part(MARKS[mark](), url=self.leading("only", mark))


def chosen(code: str, refs: list[OutputRef]) -> str:
    return {"tie": _("about equal"), "both_bad": _("both bad")}.get(
        code, winner(code, refs)
    )


def shortened(text: str) -> str:
    """The first words of what a person wrote, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_WORDS else f"{line[: LONGEST_WORDS - 1]}…"


def clock(milliseconds: int) -> str:
    """As a clock shows it: 1:05 is a minute and five seconds."""
    seconds = round(milliseconds / 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"


SOURCES: dict[str, Callable[[], str]] = {
    Source.SCREEN.value: lambda: _("screen"),
    Source.API.value: lambda: _("API"),
    Source.IMPORTED.value: lambda: _("imported"),
}
KINDS: dict[str, Callable[[], str]] = {
    UnitKind.NORMAL.value: lambda: _("normal"),
    UnitKind.PROBE.value: lambda: _("probe"),
    UnitKind.REPEAT.value: lambda: _("repeat"),
    UnitKind.TRAINING.value: lambda: _("training"),
    UnitKind.CALIBRATION.value: lambda: _("calibration"),
}
MARKS: dict[str, Callable[[], str]] = {
    "revised": lambda: _("revised"),
    "note": lambda: _("with note"),
    "rationale": lambda: _("with rationale"),
    "surplus": lambda: _("surplus"),
    "flagged": lambda: _("flagged"),
    "returned": lambda: _("returned"),
}
