"""Stored judgments in the API's shape: answers by side, rationales, note."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from annotation.answers.given import sides_of
from annotation.answers.scales import shown_value
from annotation.content.places import text_shown
from annotation.models import Assignment, Judgment, UnitOutput
from rubrics.comparable import instrument_across


def stored_answers(assignment: Assignment) -> dict[str, Any]:
    """The current judgment of a submitted assignment, as its annotator sent it."""
    judgment = assignment.judgments.current().get()
    return judgment_as_sent(assignment, judgment)


def judgment_as_sent(assignment: Assignment, judgment: Judgment) -> dict[str, Any]:
    instrument = instrument_across(assignment.batch.rubric_version_id)
    positions = {
        output_id: position
        for position, output_id in assignment.unit.unit_outputs.values_list(
            "position", "output_id"
        )
    }
    sides = sides_of(len(assignment.side_order))
    answers: dict[str, Any] = {}
    rationales: dict[str, Any] = {}
    spans: dict[str, Any] = {}
    texts = texts_of(assignment)
    rows = judgment.answers.all()
    for answer in rows.prefetch_related("spans") if instrument.takes_evidence else rows:
        question = instrument.by_id[answer.criterion_id]
        for span in answer.spans.all() if instrument.takes_evidence else ():
            position = positions[span.output_id]
            # Read afresh: a name that was masked since stays masked.
            quote = texts()[position][span.start : span.end]
            by_side = spans.setdefault(question.key, {})
            by_side.setdefault(sides[assignment.side_order.index(position)], []).append(
                span.as_json() | {"quote": quote}
            )
        value = shown_value(question, assignment.side_order, answer)
        if answer.output_id is None:
            answers[question.key] = value
            if answer.rationale:
                rationales[question.key] = answer.rationale
            continue
        side = sides[assignment.side_order.index(positions[answer.output_id])]
        answers.setdefault(question.key, {})[side] = value
        if answer.rationale:
            rationales.setdefault(question.key, {})[side] = answer.rationale
    return {
        "answers": answers,
        "rationales": rationales,
        "spans": spans,
        "note": judgment.note,
    }


def texts_of(assignment: Assignment) -> Callable[[], list[str]]:
    """What gives the texts of an assignment's outputs, in canonical order, once."""

    @cache
    def texts() -> list[str]:
        rows = UnitOutput.objects.filter(unit=assignment.unit_id)
        contents = rows.order_by("position").select_related("output")
        return [text_shown(row.output) for row in contents]

    return texts
