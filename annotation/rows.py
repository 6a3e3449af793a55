"""Judgments as rows for people and programs: every column, streamed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from accounts.models import Membership
from annotation.answers.given import CANONICAL
from annotation.answers.scales import shown_value
from annotation.models import Answer, Batch, Judgment, Span
from annotation.models.unit import STAGES
from annotation.votes import OutputRef, outputs_by_unit
from config.chunks import chunks
from rubrics.comparable import instrument_across
from rubrics.instrument import Instrument
from rubrics.models import Kind

CHUNK = 1_000


def judgments_of(batch: Batch, stages: Collection[str] = ()) -> Any:
    """All judgments of a batch, superseded ones too, oldest first.

    Those of training and calibration only where these `stages` are asked for.
    """
    left_out = [kind for kind in STAGES if kind not in stages]
    return (
        Judgment.objects.filter(assignment__batch=batch)
        .exclude(assignment__unit__kind__in=left_out)
        .select_related("assignment__unit__item", "assignment__annotator")
        .order_by("pk")
    )


def stream_rows(
    batch: Batch, *, identities: bool, judgments: Any
) -> Iterator[dict[str, Any]]:
    """Yield a row for each of these judgments; memory is bounded by a chunk."""
    for piece in chunks(judgments.iterator(chunk_size=CHUNK), CHUNK):
        yield from rows_of(batch, piece, identities=identities)


def rows_of(
    batch: Batch, judgments: list[Judgment], *, identities: bool
) -> Iterator[dict[str, Any]]:
    """Rows of these judgments; annotators by pseudonym unless identities are asked."""
    instrument = instrument_across(batch.rubric_version_id)
    outputs = outputs_by_unit([j.assignment.unit_id for j in judgments])
    answers = answers_by_judgment(judgments)
    spans = spans_by_answer(judgments) if instrument.takes_evidence else {}
    names = annotator_names(batch, judgments, identities=identities)
    for judgment in judgments:
        assignment = judgment.assignment
        refs = outputs[assignment.unit_id]
        values, rationales, preferred = values_of(
            instrument, refs, assignment.side_order, answers[judgment.pk]
        )
        yield {
            "id": str(judgment.pk),
            "unit": str(assignment.unit_id),
            "item": assignment.unit.item.external_id,
            "outputs": [ref.external_id for ref in refs],
            "systems": [ref.system for ref in refs],
            "shown": [refs[position].external_id for position in assignment.side_order],
            "annotator": names[assignment.annotator_id],
            "answers": values,
            "preferred": preferred,
            "rationales": rationales,
            "spans": marked(instrument, refs, answers[judgment.pk], spans),
            "note": judgment.note,
            "kind": assignment.unit.kind,
            "source": judgment.source,
            "surplus": not assignment.holds_slot,
            "rubric_version": str(batch.rubric_version_id),
            "submitted_at": judgment.created_at.isoformat(),
            "elapsed_ms": judgment.elapsed_ms,
            "superseded_at": judgment.superseded_at
            and judgment.superseded_at.isoformat(),
        }


def answers_by_judgment(judgments: list[Judgment]) -> dict[UUID, list[Answer]]:
    found: dict[UUID, list[Answer]] = defaultdict(list)
    for answer in Answer.objects.filter(judgment__in=judgments).order_by("pk"):
        found[answer.judgment_id].append(answer)
    return found


def spans_by_answer(judgments: list[Judgment]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for span in Span.objects.filter(answer__judgment__in=judgments).order_by("start"):
        found[span.answer_id].append(span)
    return found


def annotator_names(
    batch: Batch, judgments: list[Judgment], *, identities: bool
) -> dict[UUID, str]:
    people = {j.assignment.annotator_id: j.assignment.annotator for j in judgments}
    if identities:
        return {pk: user.email for pk, user in people.items()}
    members = Membership.objects.filter(project=batch.project_id, user__in=list(people))
    return dict(members.values_list("user_id", "pseudonym"))


def values_of(
    instrument: Instrument,
    refs: list[OutputRef],
    side_order: list[int],
    answers: Iterable[Answer],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """Answers and rationales by criterion key and, of outputs, by output id.

    Comparisons are as they were given, by side; `preferred`, the third, names the
    output that each preference was for.
    """
    questions = instrument.by_id
    names = {ref.id: ref.external_id for ref in refs}
    values: dict[str, Any] = {}
    rationales: dict[str, Any] = {}
    preferred: dict[str, str] = {}
    for answer in answers:
        question = questions[answer.criterion_id]
        value = shown_value(question, side_order, answer)
        if answer.output_id is None:
            values[question.key] = value
            if answer.rationale:
                rationales[question.key] = answer.rationale
            if question.kind == Kind.PREFERENCE and answer.level_id is not None:
                code = question.by_id[answer.level_id].code
                preferred[question.key] = winner(code, refs)
            continue
        name = names[answer.output_id]
        values.setdefault(question.key, {})[name] = value
        if answer.rationale:
            rationales.setdefault(question.key, {})[name] = answer.rationale
    return values, rationales, preferred


def marked(
    instrument: Instrument,
    refs: list[OutputRef],
    answers: Iterable[Answer],
    spans: Mapping[int, list[Span]],
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Words marked as evidence, by criterion key and output id."""
    questions = instrument.by_id
    names = {ref.id: ref.external_id for ref in refs}
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for answer in answers:
        for span in spans.get(answer.pk, ()):
            by_output = found.setdefault(questions[answer.criterion_id].key, {})
            by_output.setdefault(names[span.output_id], []).append(span.as_json())
    return found


def winner(code: str, refs: list[OutputRef]) -> str:
    """The preferred output's id, or tie, or both_bad."""
    choice = code.partition("_")[0]
    return refs[CANONICAL.index(choice)].external_id if choice in CANONICAL else code
