"""What an edit changed, and whether old judgments stay comparable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Project, User
from rubrics.actions import create_rubric
from rubrics.changes import compare_versions
from rubrics.instrument import Instrument, read_instrument
from rubrics.models import Rubric
from rubrics.shape import read_criteria

Criteria = list[dict[str, Any]]
ORDINAL = {"kind": "ordinal", "levels": [{"value": 1}, {"value": 2, "anchor": "Good."}]}
NUMERIC = {"kind": "numeric", "min": 0, "max": 10, "unit": "minutes"}
NOMINAL = {"kind": "nominal", "levels": [{"value": "a"}, {"value": "b"}]}


@pytest.fixture
def instrument(project: Project, ada: User) -> Callable[[Criteria], Instrument]:
    def make(criteria: Criteria) -> Instrument:
        drafts = read_criteria(criteria)
        name = f"R{Rubric.objects.count()}"
        version = create_rubric(project=project, name=name, criteria=drafts, by=ada)
        return read_instrument(version)

    return make


def criterion(**fields: Any) -> dict[str, Any]:
    return {"key": "a", "question": "Right?", "scale": ORDINAL} | fields


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ({}, {"question": "Is it right?"}, "safe"),
        ({}, {"help": "Look at the facts."}, "safe"),
        ({}, {"weight": 2}, "safe"),
        ({}, {"rationale": "required"}, "safe"),
        ({}, {"evidence": "optional"}, "safe"),
        ({"evidence": "required"}, {"evidence": "optional"}, "safe"),
        ({}, {"evidence": "required"}, "breaking"),
        ({"evidence": "optional"}, {"evidence": "required"}, "breaking"),
        ({"rationale": "below:1"}, {"rationale": "below:2"}, "safe"),
        (
            {},
            {
                "scale": {
                    "kind": "ordinal",
                    "levels": [{"value": 1, "label": "Bad"}, {"value": 2}],
                }
            },
            "safe",
        ),
        (
            {"scale": NOMINAL},
            {"scale": NOMINAL | {"levels": NOMINAL["levels"][::-1]}},
            "safe",
        ),
        ({}, {"target": "comparison"}, "breaking"),
        ({}, {"required": False}, "breaking"),
        ({"required": False}, {"required": True}, "breaking"),
        ({}, {"allow_not_applicable": True}, "breaking"),
        ({"allow_cannot_judge": True}, {"allow_cannot_judge": False}, "breaking"),
        ({}, {"scale": {"kind": "text"}}, "breaking"),
        (
            {},
            {
                "scale": {
                    "kind": "ordinal",
                    "levels": [
                        {"value": 1},
                        {"value": 2, "anchor": "Good."},
                        {"value": 3},
                    ],
                }
            },
            "breaking",
        ),
        ({"scale": NUMERIC}, {"scale": NUMERIC | {"min": 1}}, "breaking"),
        ({"scale": NUMERIC}, {"scale": NUMERIC | {"max": 11}}, "breaking"),
        ({"scale": NUMERIC}, {"scale": NUMERIC | {"step": 1}}, "breaking"),
        ({"scale": NUMERIC}, {"scale": NUMERIC | {"unit": "hours"}}, "breaking"),
        ({"scale": NUMERIC}, {"scale": NUMERIC | {"ratio": True}}, "breaking"),
        (
            {"scale": {"kind": "preference"}},
            {"scale": {"kind": "preference", "strength": True}},
            "breaking",
        ),
    ],
)
def test_one_edit_is_one_or_more_changes_of_its_kind(
    instrument: Callable[[Criteria], Instrument],
    before: dict[str, Any],
    after: dict[str, Any],
    kind: str,
) -> None:
    changes = compare_versions(
        instrument([criterion(**before)]), instrument([criterion(**before) | after])
    )
    assert changes
    assert {change.kind for change in changes} == {kind}
    assert {change.criterion for change in changes} == {"a"}
    assert all(change.what.endswith(".") for change in changes)


def test_the_same_criteria_have_no_changes(
    instrument: Callable[[Criteria], Instrument],
) -> None:
    assert compare_versions(instrument([criterion()]), instrument([criterion()])) == []


def test_a_changed_condition_is_breaking_and_said_in_words(
    instrument: Callable[[Criteria], Instrument],
) -> None:
    gate = criterion(key="gate", scale={"kind": "binary"})
    only = {"when": {"criterion": "gate", "is": [False]}}
    always = instrument([gate, criterion()])
    sometimes = instrument([gate, criterion(**only)])

    [made] = compare_versions(always, sometimes)
    [taken] = compare_versions(sometimes, always)
    assert (made.criterion, made.kind) == ("a", "breaking")
    assert made.what == "It is asked only when “gate” is no; before, always."
    assert taken.what == "It is asked always; before, only when “gate” is no."


def test_criteria_come_go_and_move(
    instrument: Callable[[Criteria], Instrument],
) -> None:
    old = instrument([criterion(key=key) for key in ["a", "b", "c"]])
    new = instrument([criterion(key=key) for key in ["b", "a", "d"]])
    assert [(c.criterion, c.kind, c.what) for c in compare_versions(old, new)] == [
        ("d", "breaking", "The criterion is new."),
        ("c", "breaking", "The criterion was removed."),
        ("b", "safe", "The criteria stand in another order from here."),
    ]
