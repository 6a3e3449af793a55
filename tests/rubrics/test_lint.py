"""Hints to who writes a rubric."""

from __future__ import annotations

from typing import Any

import pytest

from rubrics.lint import hints
from rubrics.shape import read_criteria
from rubrics.sketch import sketched

GOOD: dict[str, Any] = {
    "key": "a",
    "question": "Is it right?",
    "scale": {
        "kind": "ordinal",
        "levels": [
            {"value": 1, "anchor": "A statement is false."},
            {"value": 2, "anchor": "Everything can be checked and holds."},
        ],
    },
}


def levels(*anchors: str, kind: str = "ordinal") -> dict[str, Any]:
    rows = [
        {"value": place if kind == "ordinal" else f"v{place}", "anchor": anchor}
        for place, anchor in enumerate(anchors, start=1)
    ]
    return {"scale": {"kind": kind, "levels": rows}}


def hints_on(*criteria: dict[str, Any]) -> list[str]:
    return [hint.words for hint in hints(sketched("R", read_criteria(list(criteria))))]


def test_a_good_criterion_has_no_hint() -> None:
    assert hints_on(GOOD) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"question": "Is it right and polite?"}, "two things at once"),
        (levels("Bad.", ""), "No anchor says what 2 means"),
        (levels("It is nearly right.", "It is nearly right!"), "1 and 2 are nearly"),
        (levels(*"abcdefgh"), "8 levels are more"),
        (levels(*"abcdefgh", kind="nominal"), "8 levels are more"),
    ],
)
def test_what_makes_people_disagree_is_hinted(
    change: dict[str, Any], words: str
) -> None:
    [hint] = hints_on(GOOD | change)
    assert words in hint


def test_many_questions_tire() -> None:
    many = [GOOD | {"key": f"q{number}"} for number in range(8)]
    assert hints_on(*many[:7]) == []
    assert "There are 8 questions" in hints_on(*many)[0]
