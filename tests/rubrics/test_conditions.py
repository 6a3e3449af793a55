"""Criteria that are asked only where an earlier one was answered so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Project, User
from rubrics.actions import create_rubric
from rubrics.instrument import Condition, instrument_of, read_instrument
from rubrics.serialize import criteria_json, fingerprint
from rubrics.shape import Misshapen, read_criteria

SCALES: dict[str, dict[str, Any]] = {
    "yes": {"kind": "binary"},
    "grade": {"kind": "ordinal", "levels": [{"value": 1}, {"value": 2.5}]},
    "topic": {
        "kind": "nominal",
        "levels": [{"value": "billing"}, {"value": "true"}, {"value": "1"}],
    },
    "tags": {"kind": "multiple", "levels": [{"value": "rude"}, {"value": "long"}]},
    "words": {"kind": "text"},
    "count": {"kind": "numeric"},
    "better": {"kind": "preference"},
}


def asked(when: Any, **fields: Any) -> list[dict[str, Any]]:
    """One criterion of each scale, then one that hangs on one of them."""
    gates = [
        {"key": key, "question": "Gate?", "scale": scale}
        for key, scale in SCALES.items()
    ]
    gates.append(
        {
            "key": "both",
            "question": "Do both help?",
            "target": "comparison",
            "scale": {"kind": "binary"},
        }
    )
    last = {"key": "last", "question": "Why?", "scale": {"kind": "text"}}
    return [*gates, last | {"when": when} | fields]


@pytest.mark.parametrize(
    ("key", "values", "stored"),
    [
        ("yes", [False], [False]),
        ("yes", [False, True], [True, False]),
        ("grade", [1.0], [1]),
        ("grade", [2.5, 1], [1, 2.5]),
        ("topic", ["1", "true"], ["true", "1"]),
        ("tags", ["long"], ["long"]),
        ("both", [True], [True]),
    ],
)
def test_a_condition_names_values_of_an_earlier_scale(
    key: str, values: list[Any], stored: list[Any]
) -> None:
    *_, last = read_criteria(asked({"criterion": key, "is": values}))
    assert last.asked_when == {"criterion": key, "values": stored}
    assert [type(value) for value in last.asked_when["values"]] == [
        type(value) for value in stored
    ]


@pytest.mark.parametrize(
    ("when", "field", "words"),
    [
        ("yes", "", "must be an object"),
        ({"criterion": "yes", "equals": [True]}, ".equals", "Unknown field"),
        ({"is": [True]}, ".criterion", "required"),
        ({"criterion": "nobody", "is": [True]}, ".criterion", "No criterion before"),
        ({"criterion": "last", "is": [True]}, ".criterion", "No criterion before"),
        ({"criterion": "words", "is": ["a"]}, ".criterion", "kind text"),
        ({"criterion": "count", "is": [1]}, ".criterion", "kind numeric"),
        ({"criterion": "better", "is": ["tie"]}, ".criterion", "kind preference"),
        ({"criterion": "yes"}, ".is", "at least one value of yes"),
        ({"criterion": "yes", "is": []}, ".is", "at least one value"),
        ({"criterion": "yes", "is": True}, ".is", "must be a list"),
        ({"criterion": "yes", "is": [True] * 3}, ".is", "at most 2"),
        ({"criterion": "yes", "is": [1]}, ".is.0", "values are true, false"),
        ({"criterion": "yes", "is": ["true"]}, ".is.0", "no value of yes"),
        ({"criterion": "grade", "is": [True, 3]}, ".is.0", "no value of grade"),
        ({"criterion": "grade", "is": ["1"]}, ".is.0", "no value of grade"),
        ({"criterion": "grade", "is": [10**400]}, ".is.0", "no value of grade"),
        ({"criterion": "topic", "is": [1]}, ".is.0", "no value of topic"),
        ({"criterion": "tags", "is": [["rude"]]}, ".is.0", "no value of tags"),
        ({"criterion": "tags", "is": ["rude", "new"]}, ".is.1", "no value of tags"),
    ],
)
def test_a_wrong_condition_is_found_at_its_field(
    when: Any, field: str, words: str
) -> None:
    with pytest.raises(Misshapen) as refused:
        read_criteria(asked(when))
    fault = refused.value.faults[0]
    assert fault.field == f"criteria.8.when{field}"
    assert words in fault.message


def test_a_comparison_hangs_only_on_a_comparison() -> None:
    once = {"target": "comparison"}
    read_criteria(asked({"criterion": "both", "is": [True]}, **once))
    with pytest.raises(Misshapen) as refused:
        read_criteria(asked({"criterion": "yes", "is": [True]}, **once))
    assert refused.value.faults[0].field == "criteria.8.when.criterion"


def test_a_gate_at_fault_is_named_once() -> None:
    criteria = [
        {"key": "gate", "question": "?", "scale": {"kind": "ordinal", "levels": []}},
        {
            "key": "b",
            "question": "?",
            "scale": {"kind": "text"},
            "when": {"criterion": "gate", "is": [1]},
        },
    ]
    with pytest.raises(Misshapen) as refused:
        read_criteria(criteria)
    fields = [fault.field for fault in refused.value.faults]
    assert fields == ["criteria.0.scale.levels"]


def test_null_means_always() -> None:
    *_, last = read_criteria(asked(None))
    assert last.asked_when is None


def test_what_is_read_posted_again_gives_the_same(project: Project, ada: User) -> None:
    criteria = asked({"criterion": "grade", "is": [2.5, 1.0]})
    first = create_rubric(
        project=project, name="One", criteria=read_criteria(criteria), by=ada
    )
    read = criteria_json(read_instrument(first))
    assert read[-1]["when"] == {"criterion": "grade", "is": [1, 2.5]}
    assert "when" not in read[0]

    second = create_rubric(
        project=project, name="Two", criteria=read_criteria(read), by=ada
    )
    assert fingerprint(read_instrument(second)) == fingerprint(read_instrument(first))
    assert instrument_of(second).by_key["last"].asked_when == Condition(
        "grade", (1, 2.5)
    )


def test_the_page_of_a_version_says_when_a_question_is_asked(
    client: Client, project: Project, ada: User
) -> None:
    criteria = asked({"criterion": "topic", "is": ["billing", "1"]})
    version = create_rubric(
        project=project, name="One", criteria=read_criteria(criteria), by=ada
    )
    client.force_login(ada)
    page = client.get(reverse("rubrics:version", args=[version.pk])).content.decode()
    assert "It is asked only when “topic” is “billing” or “1”." in page


def test_a_rationale_below_a_level_is_said_of_yes_and_no_by_the_answer(
    client: Client, project: Project, ada: User
) -> None:
    criteria = [
        {
            "key": "safe",
            "question": "Is it safe?",
            "scale": {"kind": "binary"},
            "rationale": "below:1",
        }
    ]
    version = create_rubric(
        project=project, name="One", criteria=read_criteria(criteria), by=ada
    )
    client.force_login(ada)
    page = client.get(reverse("rubrics:version", args=[version.pk])).content.decode()
    assert "A rationale is required for “No”." in page
