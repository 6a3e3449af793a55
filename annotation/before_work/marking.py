"""An answer beside the known one: right, near or wrong. Plain values, no database.

Right is the known answer. Near is the level beside it on a scale that has an order, one
step (or a twentieth of the scale) from a number, one category more or less of several,
one swap of neighbours in a ranking. Text is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from annotation.answers.given import Given
from rubrics.instrument import Instrument, Question
from rubrics.models import EvidenceRule, Kind, RationaleRule

RIGHT, NEAR, WRONG = "right", "near", "wrong"
WORTH = {RIGHT: 1.0, NEAR: 0.5, WRONG: 0.0}
ALIKE = 1e-9


@dataclass(frozen=True)
class Score:
    """Right counts 1, near one half, wrong 0; the score is their mean."""

    right: int
    near: int
    wrong: int

    @classmethod
    def of(cls, marks: Iterable[str]) -> Score:
        found = list(marks)
        return cls(found.count(RIGHT), found.count(NEAR), found.count(WRONG))

    @property
    def compared(self) -> int:
        return self.right + self.near + self.wrong

    @property
    def value(self) -> float:
        """Nothing to compare is nothing wrong."""
        if not self.compared:
            return 1.0
        return (self.right + self.near * WORTH[NEAR]) / self.compared

    def reaches(self, pass_mark: float) -> bool:
        return self.value >= pass_mark - ALIKE


def mark(question: Question, given: Given | None, known: Given) -> str:
    """How an answer stands to the known one; "" where the scale has no right answer."""
    if question.kind == Kind.TEXT:
        return ""
    if given is None or given.absent != known.absent:
        return WRONG
    if same_value(given, known):
        return RIGHT
    return NEAR if is_near(question, given, known) else WRONG


def same_value(given: Given, known: Given) -> bool:
    if known.number is not None:
        return given.number is not None and abs(given.number - known.number) < ALIKE
    return (given.level_id, given.choices, given.absent) == (
        known.level_id,
        known.choices,
        known.absent,
    )


def is_near(question: Question, given: Given, known: Given) -> bool:
    if question.kind == Kind.NUMERIC:
        assert given.number is not None
        assert known.number is not None
        return abs(given.number - known.number) <= tolerance(question) + ALIKE
    if question.kind == Kind.MULTIPLE:
        return len(set(given.choices) ^ set(known.choices)) == 1
    if question.kind == Kind.RANKING:
        return pairs_apart(given.choices, known.choices) == 1
    if question.measurement != "ordinal" or given.order is None or known.order is None:
        return False
    numbers = sorted({s.number for s in question.steps if s.number is not None})
    return abs(numbers.index(given.order) - numbers.index(known.order)) == 1


def tolerance(question: Question) -> float:
    """How far a number may be off and still be near; 0 where the scale says nothing."""
    if question.step is not None:
        return question.step
    if question.minimum is None or question.maximum is None:
        return 0.0
    return (question.maximum - question.minimum) / 20


def pairs_apart(one: Sequence[Any], other: Sequence[Any]) -> int:
    """In how many pairs two rankings differ; groups are ties."""
    first, second = places(one), places(other)
    return sum(
        compared(first[a], first[b]) != compared(second[a], second[b])
        for a, b in combinations(sorted(first), 2)
    )


def places(ranking: Sequence[Any]) -> dict[int, int]:
    return {
        position: place for place, group in enumerate(ranking) for position in group
    }


def compared(one: int, other: int) -> int:
    return (one > other) - (one < other)


def relaxed(instrument: Instrument) -> Instrument:
    """The questions for known answers: none is required, each can be explained."""
    questions = tuple(
        replace(
            question,
            required=False,
            rationale_rule=RationaleRule.OPTIONAL,
            evidence=EvidenceRule.NONE,
        )
        for question in instrument
    )
    by_key = {question.key: question for question in questions}
    return replace(instrument, questions=questions, by_key=by_key)


def as_stored(given: Given) -> Any:
    """An answer as KnownAnswer keeps it."""
    if given.absent:
        return {"absent": given.absent}
    if given.level_id is not None:
        return given.question.by_id[given.level_id].code
    if given.number is not None:
        return given.number
    return given.text if given.text is not None else given.choices


def from_stored(
    question: Question, position: int | None, value: Any, explanation: str = ""
) -> Given:
    """A KnownAnswer's value as an answer."""
    plain = Given(question, position, rationale=explanation)
    if isinstance(value, dict):
        return replace(plain, absent=value["absent"])
    if question.kind == Kind.NUMERIC:
        return replace(plain, number=float(value))
    if question.kind == Kind.TEXT:
        return replace(plain, text=value)
    if question.kind in (Kind.MULTIPLE, Kind.RANKING):
        return replace(plain, choices=value)
    return replace(plain, level_id=question.by_code[value].id)
