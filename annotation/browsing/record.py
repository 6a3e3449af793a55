"""One judgment in full: what was said, how it came to be, what others said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotation.answers.given import sides_of
from annotation.answers.spoken import absence, in_short
from annotation.browsing.asked import Asked
from annotation.browsing.columns import columns_of
from annotation.browsing.records import Record, records_of
from annotation.browsing.walking import Walk
from annotation.models import Answer, Assignment, Batch, Judgment, Skip, Span
from annotation.models.assignment import AssignmentState
from annotation.reasons import shown_reason
from annotation.rows import answers_by_judgment, spans_by_answer
from annotation.votes import OutputRef, outputs_by_unit
from rubrics.comparable import instrument_across
from rubrics.instrument import Instrument, Question

MOST_OTHERS = 50


@dataclass(frozen=True)
class SaidOnce:
    """One answer: the question, the side it is about, the value, words and quotes."""

    question: Question
    side: str
    system: str
    value: str
    rationale: str
    spans: list[Span]


@dataclass(frozen=True)
class Change:
    """What a revision said otherwise than the one before it."""

    about: str
    before: str
    after: str


@dataclass(frozen=True)
class Revision:
    judgment: Judgment
    changes: list[Change]


@dataclass(frozen=True)
class History:
    """All judgments on an assignment with what each said, oldest first."""

    judgments: list[Judgment]
    answers: dict[Any, list[Answer]]
    spans: dict[int, list[Span]]
    instrument: Instrument
    refs: list[OutputRef]
    order: list[int]

    @classmethod
    def of(cls, assignment: Assignment) -> History:
        judgments = list(assignment.judgments.order_by("number"))
        return cls(
            judgments=judgments,
            answers=answers_by_judgment(judgments),
            spans=spans_by_answer(judgments),
            instrument=instrument_across(assignment.batch.rubric_version_id),
            refs=outputs_by_unit([assignment.unit_id])[assignment.unit_id],
            order=list(assignment.side_order),
        )

    def said(self, judgment: Judgment) -> list[SaidOnce]:
        """The answers of one judgment, by question and side."""
        places = {question.id: n for n, question in enumerate(self.instrument)}
        found = []
        for answer in self.answers.get(judgment.pk, []):
            side, system = self.about(answer)
            question = self.instrument.by_id[answer.criterion_id]
            found.append(
                SaidOnce(
                    question=question,
                    side=side,
                    system=system,
                    value=self.value(question, answer),
                    rationale=answer.rationale,
                    spans=self.spans.get(answer.pk, []),
                )
            )
        return sorted(found, key=lambda one: (places[one.question.id], one.side))

    def about(self, answer: Answer) -> tuple[str, str]:
        """The side and the system of an answer about one of several outputs."""
        if answer.output_id is None or len(self.refs) < 2:
            return "", ""
        ids = [ref.id for ref in self.refs]
        position = ids.index(answer.output_id)
        side = sides_of(len(self.order))[self.order.index(position)]
        return side, self.refs[position].system

    def value(self, question: Question, answer: Answer) -> str:
        if answer.absent:
            return absence(answer.absent)
        return answer.text or in_short(question, self.order, answer)

    def revisions(self) -> list[Revision]:
        """Newest first, each with what it changed."""
        found = []
        before: Judgment | None = None
        for judgment in self.judgments:
            changes = self.changes(before, judgment) if before else []
            found.append(Revision(judgment, changes))
            before = judgment
        return found[::-1]

    def changes(self, before: Judgment, after: Judgment) -> list[Change]:
        old = {(s.question.id, s.side): s for s in self.said(before)}
        new = {(s.question.id, s.side): s for s in self.said(after)}
        found = []
        for key in [*new, *(key for key in old if key not in new)]:
            one, other = old.get(key), new.get(key)
            some = other or one
            assert some is not None
            name = f"{some.question.key} {some.side}".strip()
            values = (one.value if one else "", other.value if other else "")
            words = (one.rationale if one else "", other.rationale if other else "")
            if values[0] != values[1]:
                found.append(Change(name, *(v or _("No answer") for v in values)))
            if words[0] != words[1]:
                about = _("rationale of %(criterion)s") % {"criterion": name}
                found.append(Change(about, *(w or _("None") for w in words)))
        if before.note != after.note:
            notes = (before.note or _("None"), after.note or _("None"))
            found.append(Change(_("note"), *notes))
        return found


def skips_on(assignment: Assignment) -> list[tuple[Skip, str]]:
    """Skips with their reasons in words, oldest first."""
    skips = assignment.skips.order_by("pk")
    return [(skip, shown_reason(skip.reason)) for skip in skips]


def others_on(assignment: Assignment) -> list[Record]:
    """What other annotators said about the same unit."""
    rows = Assignment.objects.filter(
        unit=assignment.unit_id, state=AssignmentState.SUBMITTED
    ).exclude(pk=assignment.pk)
    ids = list(rows.order_by("submitted_at").values_list("pk", flat=True)[:MOST_OTHERS])
    batch = assignment.batch
    instrument = instrument_across(batch.rubric_version_id)
    wanted = ["annotator", "rationale", "note", "time", "marks"]
    wanted += [f"answer.{question.key}" for question in instrument]
    columns = columns_of(instrument, Shown(wanted))
    return records_of(batch, ids, columns, Asked())


class Shown:
    """These columns, as an address would ask for them."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def getlist(self, key: str) -> list[str]:
        return self.names if key == "show" else []


@dataclass(frozen=True)
class Neighbours:
    """The judgments before and after one, as the page that it was opened from."""

    previous: Judgment | None
    next: Judgment | None


def neighbours(
    batch: Batch, asked: Asked, assignment: Assignment, *, newest_first: bool
) -> Neighbours:
    if assignment.submitted_at is None:
        return Neighbours(None, None)
    here = (assignment.submitted_at, assignment.pk)
    before = Walk(batch, asked, not newest_first, after=here).page(1).ids
    after = Walk(batch, asked, newest_first, after=here).page(1).ids
    current = Judgment.objects.current().filter(assignment__in=[*before, *after])
    found = {row.assignment_id: row for row in current}
    return Neighbours(
        *(next((found.get(pk) for pk in ids), None) for ids in (before, after))
    )
