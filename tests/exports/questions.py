"""Questions of each scale and votes on them, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from annotation.votes import OutputRef, Vote
from rubrics.instrument import Instrument, Question, Step
from rubrics.models import Kind

LEVELS: dict[str, list[tuple[Any, str, float | None]]] = {
    Kind.BINARY: [(True, "true", 1), (False, "false", 0)],
    Kind.NOMINAL: [("billing", "billing", None), ("other", "other", None)],
    Kind.MULTIPLE: [("late", "late", None), ("damaged", "damaged", None)],
    Kind.ORDINAL: [(n, str(n), n) for n in range(1, 6)],
    Kind.PREFERENCE: [
        (code, code, number)
        for code, number in [
            ("first", 1),
            ("second", -1),
            ("tie", 0),
            ("both_bad", None),
        ]
    ],
}
PAIR = (OutputRef(1, "q1/a", 1, "a"), OutputRef(2, "q1/b", 1, "b"))


def question(kind: str, key: str = "", **fields: Any) -> Question:
    compares = kind in (Kind.PREFERENCE, Kind.RANKING)
    values: dict[str, Any] = {
        "id": 1,
        "key": key or str(kind),
        "question": "Well?",
        "help": "",
        "target": "comparison" if compares else "output",
        "kind": str(kind),
        "steps": tuple(
            Step(place, value, code, number, code, "", "")
            for place, (value, code, number) in enumerate(LEVELS.get(kind, []))
        ),
        "minimum": None,
        "maximum": None,
        "step": None,
        "measure": "",
        "is_ratio": False,
        "with_strength": False,
        "required": True,
        "weight": 1.0,
        "allow_not_applicable": True,
        "allow_cannot_judge": True,
        "rationale_rule": "optional",
        "rationale_below": None,
    }
    return Question(**values | fields)


def instrument(*kinds: str) -> Instrument:
    questions = tuple(question(kind) for kind in kinds)
    return Instrument(
        version_id=UUID(int=1),
        rubric_id=UUID(int=2),
        name="Any",
        number=1,
        questions=questions,
        by_key={one.key: one for one in questions},
    )


def votes(*values: Any) -> list[Vote]:
    """Votes with these values; "n/a" and "cannot" are absent answers."""
    absent = {"n/a": "not_applicable", "cannot": "cannot_judge"}
    return [
        Vote(
            annotator_id=uuid4(),
            criterion_id=1,
            output_id=None,
            value=None if is_absent(value) else value,
            number=None,
            absent=absent[value] if is_absent(value) else "",
            at=datetime(2026, 1, 1, tzinfo=UTC),
            judgment_id=uuid4(),
        )
        for value in values
    ]


def is_absent(value: Any) -> bool:
    return isinstance(value, str) and value in ("n/a", "cannot")
