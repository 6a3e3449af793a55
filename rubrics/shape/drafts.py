"""What a well-shaped criterion is: values that may be stored as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LevelDraft:
    """One step of a scale; the columns of a Level."""

    value: str
    number: float | None = None
    label: str = ""
    anchor: str = ""
    hotkey: str = ""


@dataclass(frozen=True)
class CriterionDraft:
    """One question with its scale; the columns of a Criterion."""

    key: str
    question: str
    help: str
    target: str
    kind: str
    levels: tuple[LevelDraft, ...]
    minimum: float | None
    maximum: float | None
    step: float | None
    measure: str
    is_ratio: bool
    with_strength: bool
    required: bool
    weight: float
    allow_not_applicable: bool
    allow_cannot_judge: bool
    rationale_rule: str
    rationale_below: float | None
    evidence: str = "none"
    asked_when: dict[str, Any] | None = None


def plain_number(number: float) -> int | float:
    """The number without a needless point.

    >>> plain_number(3.0), plain_number(2.5)
    (3, 2.5)
    """
    return int(number) if number == int(number) else number
