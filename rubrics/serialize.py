"""An instrument as the API spells it: what was posted, with every default said."""

from __future__ import annotations

import hashlib
from typing import Any

from config.text import canonical_json
from rubrics.instrument import Instrument, Question
from rubrics.models import Kind, RationaleRule
from rubrics.shape import plain_number


def criteria_json(instrument: Instrument) -> list[dict[str, Any]]:
    """The criteria in the shape of their POST; posted again they give the same."""
    return [criterion_json(question) for question in instrument]


def criterion_json(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "question": question.question,
        "help": question.help,
        "target": question.target,
        "scale": scale_json(question),
        "required": question.required,
        "weight": plain_number(question.weight),
        "allow_not_applicable": question.allow_not_applicable,
        "allow_cannot_judge": question.allow_cannot_judge,
        "rationale": rationale_text(question),
        "evidence": question.evidence,
    } | condition_json(question)


def condition_json(question: Question) -> dict[str, Any]:
    """Nothing where a criterion is always asked."""
    if question.asked_when is None:
        return {}
    condition = question.asked_when
    return {"when": {"criterion": condition.key, "is": list(condition.values)}}


def scale_json(question: Question) -> dict[str, Any]:
    scale: dict[str, Any] = {"kind": question.kind}
    if question.kind == Kind.PREFERENCE:
        scale["strength"] = question.with_strength
    elif question.kind == Kind.NUMERIC:
        for name, number in [
            ("min", question.minimum),
            ("max", question.maximum),
            ("step", question.step),
        ]:
            if number is not None:
                scale[name] = plain_number(number)
        scale["ratio"] = question.is_ratio
        scale["unit"] = question.measure
    elif question.steps:
        scale["levels"] = [
            {"value": step.value, "label": step.label, "anchor": step.anchor}
            | ({"hotkey": step.hotkey} if step.hotkey else {})
            for step in question.steps
        ]
    return scale


def rationale_text(question: Question) -> str:
    """`none`, `optional`, `required`, or `below:` and its number."""
    if question.rationale_rule == RationaleRule.BELOW:
        assert question.rationale_below is not None
        return f"below:{plain_number(question.rationale_below)}"
    return question.rationale_rule


def fingerprint(instrument: Instrument) -> str:
    """Equal for equal criteria: tells whether a draft is still as it was read."""
    text = canonical_json(criteria_json(instrument))
    return hashlib.sha256(text.encode()).hexdigest()
