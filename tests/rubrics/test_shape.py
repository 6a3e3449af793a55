"""What is a rubric: every fault is found at once and named by its path."""

from __future__ import annotations

from typing import Any

import pytest

from rubrics.shape import CriterionDraft, Misshapen, read_criteria, read_rubric

LEVELS = [{"value": 1}, {"value": 2}]


def one(scale: dict[str, Any], **fields: Any) -> CriterionDraft:
    criterion = {"key": "a", "question": "Right?", "scale": scale} | fields
    [draft] = read_criteria([criterion])
    return draft


def faults(criteria: object) -> dict[str, str]:
    with pytest.raises(Misshapen) as refused:
        read_criteria(criteria)
    return {fault.field: fault.message for fault in refused.value.faults}


def test_what_is_left_out_has_a_sensible_default() -> None:
    draft = one({"kind": "ordinal", "levels": LEVELS})

    assert (draft.target, draft.required, draft.weight) == ("output", True, 1.0)
    assert (draft.rationale_rule, draft.help) == ("optional", "")
    assert [level.label for level in draft.levels] == ["1", "2"]
    assert [level.hotkey for level in draft.levels] == ["1", "2"]


def test_null_counts_as_left_out() -> None:
    draft = one({"kind": "binary", "levels": None}, weight=None, help=None)
    assert [level.value for level in draft.levels] == ["true", "false"]


@pytest.mark.parametrize("kind", ["preference", "ranking"])
def test_comparing_kinds_are_asked_of_the_comparison(kind: str) -> None:
    assert one({"kind": kind}).target == "comparison"
    asked_of_each = [
        {"key": "a", "question": "?", "scale": {"kind": kind}, "target": "output"}
    ]
    assert set(faults(asked_of_each)) == {"criteria.0.target"}


@pytest.mark.parametrize(
    ("strength", "numbers"),
    [
        (False, {"first": 1, "second": -1, "tie": 0, "both_bad": None}),
        (
            True,
            {
                "first_2": 2,
                "first_1": 1,
                "tie": 0,
                "second_1": -1,
                "second_2": -2,
                "both_bad": None,
            },
        ),
    ],
)
def test_a_preference_has_its_own_levels(
    strength: bool, numbers: dict[str, int | None]
) -> None:
    draft = one({"kind": "preference", "strength": strength})
    assert {level.value: level.number for level in draft.levels} == numbers


def test_a_binary_scale_may_anchor_its_two_values() -> None:
    levels = [{"value": False, "label": "Safe"}, {"value": True, "anchor": "Harm."}]
    draft = one({"kind": "binary", "levels": levels})

    assert [(v.value, v.label, v.number) for v in draft.levels] == [
        ("false", "Safe", 0),
        ("true", "Yes", 1),
    ]


def test_numbers_are_spelt_in_one_way() -> None:
    draft = one({"kind": "ordinal", "levels": [{"value": 1.0}, {"value": 2.5}]})
    assert [level.value for level in draft.levels] == ["1", "2.5"]


def test_keys_one_to_nine_are_given_where_none_took_them() -> None:
    levels: list[dict[str, Any]] = [{"value": name} for name in "abc"]
    levels[0]["hotkey"] = "2"
    draft = one({"kind": "nominal", "levels": levels})
    assert [level.hotkey for level in draft.levels] == ["2", "", "3"]

    ten = one({"kind": "nominal", "levels": [{"value": name} for name in "abcdefghij"]})
    assert {level.hotkey for level in ten.levels} == {""}


@pytest.mark.parametrize("kind", ["binary", "ordinal", "numeric"])
def test_a_rationale_may_be_required_below_a_number(kind: str) -> None:
    scale = {"kind": kind} | ({"levels": LEVELS} if kind == "ordinal" else {})
    draft = one(scale, rationale="below:1.5")
    assert (draft.rationale_rule, draft.rationale_below) == ("below", 1.5)


def ordinal(*values: object) -> dict[str, Any]:
    return {"kind": "ordinal", "levels": [{"value": value} for value in values]}


def nominal(*values: object, kind: str = "nominal") -> dict[str, Any]:
    return {"kind": kind, "levels": [{"value": value} for value in values]}


@pytest.mark.parametrize(
    ("scale", "field"),
    [
        (None, ""),
        ("ordinal", ""),
        ({}, ".kind"),
        ({"kind": "stars"}, ".kind"),
        ({"kind": ["ordinal"]}, ".kind"),
        ({"kind": "text", "colour": "red"}, ".colour"),
        ({"kind": "text", "levels": LEVELS}, ".levels"),
        ({"kind": "ranking", "min": 1}, ".min"),
        ({"kind": "preference", "levels": [{"value": "A"}]}, ".levels"),
        ({"kind": "preference", "strength": "yes"}, ".strength"),
        ({"kind": "ordinal"}, ".levels"),
        ({"kind": "ordinal", "levels": "1,2"}, ".levels"),
        ({"kind": "ordinal", "levels": [*LEVELS, 3]}, ".levels.2"),
        ({"kind": "ordinal", "levels": [*LEVELS, {"label": "3"}]}, ".levels.2.value"),
        ({"kind": "ordinal", "levels": [*LEVELS, {}]}, ".levels.2.value"),
        (ordinal(1), ".levels"),
        (ordinal(1, 3, 2), ".levels.2.value"),
        (ordinal(1, 1), ".levels.1.value"),
        (ordinal(1, 1.0), ".levels.1.value"),
        (ordinal(1, "2"), ".levels.1.value"),
        (ordinal(False, True), ".levels.0.value"),
        (ordinal(1, float("nan")), ".levels.1.value"),
        (ordinal(1, float("inf")), ".levels.1.value"),
        (ordinal(1, 10**300), ".levels.1.value"),
        (nominal("a"), ".levels"),
        (nominal("a", "a"), ".levels.1.value"),
        (nominal("a", 2), ".levels.1.value"),
        (nominal("a", ""), ".levels.1.value"),
        (nominal("a", " b"), ".levels.1.value"),
        (nominal("a", "b\nc"), ".levels.1.value"),
        (nominal("a", "b\x00"), ".levels.1.value"),
        (nominal("a", "b\ud800"), ".levels.1.value"),
        (nominal("a", "b" * 101), ".levels.1.value"),
        (nominal(kind="multiple"), ".levels"),
        (nominal(True, kind="binary"), ".levels"),
        (nominal(True, True, kind="binary"), ".levels"),
        (nominal("yes", False, kind="binary"), ".levels.0.value"),
        ({"kind": "numeric", "min": 1, "max": 1}, ".max"),
        ({"kind": "numeric", "min": "1"}, ".min"),
        ({"kind": "numeric", "max": True}, ".max"),
        ({"kind": "numeric", "step": 0}, ".step"),
        ({"kind": "numeric", "ratio": True, "min": -1}, ".min"),
        ({"kind": "numeric", "unit": "m" * 31}, ".unit"),
        ({"kind": "nominal", "levels": [{"value": "a"}] * 501}, ".levels"),
    ],
)
def test_a_scale_of_the_wrong_shape_is_refused(scale: object, field: str) -> None:
    found = faults([{"key": "a", "question": "Right?", "scale": scale}])
    assert f"criteria.0.scale{field}" in found


@pytest.mark.parametrize(
    ("level", "field"),
    [
        ({"hotkey": "ab"}, "hotkey"),
        ({"hotkey": " "}, "hotkey"),
        ({"hotkey": "\t"}, "hotkey"),
        ({"hotkey": "k"}, "hotkey"),
        ({"label": 3}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"anchor": "x" * 5001}, "anchor"),
        ({"color": "red"}, "color"),
    ],
)
def test_a_level_of_the_wrong_shape_is_refused(
    level: dict[str, Any], field: str
) -> None:
    levels = [{"value": 1, "hotkey": "k"}, {"value": 2} | level]
    found = faults(
        [{"key": "a", "question": "?", "scale": {"kind": "ordinal", "levels": levels}}]
    )
    assert set(found) == {f"criteria.0.scale.levels.1.{field}"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"key": None}, "key"),
        ({"key": ""}, "key"),
        ({"key": "Über"}, "key"),
        ({"key": "two words"}, "key"),
        ({"key": "a" * 61}, "key"),
        ({"key": 7}, "key"),
        ({"question": " "}, "question"),
        ({"question": "x" * 501}, "question"),
        ({"help": "x" * 10_001}, "help"),
        ({"target": "outputs"}, "target"),
        ({"required": "true"}, "required"),
        ({"required": 1}, "required"),
        ({"weight": -1}, "weight"),
        ({"weight": "1"}, "weight"),
        ({"allow_not_applicable": 0}, "allow_not_applicable"),
        ({"rationale": "sometimes"}, "rationale"),
        ({"rationale": "below"}, "rationale"),
        ({"rationale": "below:"}, "rationale"),
        ({"rationale": "below:nan"}, "rationale"),
        ({"rationale": "below:1e999"}, "rationale"),
        ({"rationale": "below:3", "scale": {"kind": "text"}}, "rationale"),
        ({"rationale": True}, "rationale"),
        ({"evidence": "sometimes"}, "evidence"),
        ({"evidence": True}, "evidence"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_criterion_of_the_wrong_shape_is_refused(
    fields: dict[str, Any], field: str
) -> None:
    criterion = {"key": "a", "question": "Right?", "scale": {"kind": "binary"}}
    assert set(faults([criterion | fields])) == {f"criteria.0.{field}"}


def test_an_unknown_field_is_answered_with_the_known_ones() -> None:
    found = faults(
        [{"key": "a", "question": "?", "scale": {"kind": "binary"}, "name": "A"}]
    )
    assert "question" in found["criteria.0.name"]


def test_every_fault_of_a_body_is_told_at_once() -> None:
    found = faults(
        [
            {"key": "a", "question": "Right?", "scale": {"kind": "binary"}},
            {"key": "a", "scale": ordinal(2, 1), "weight": -1},
            "accuracy",
            {},
        ]
    )
    assert set(found) == {
        "criteria.1.key",
        "criteria.1.question",
        "criteria.1.scale.levels.1.value",
        "criteria.1.weight",
        "criteria.2",
        "criteria.3.key",
        "criteria.3.question",
        "criteria.3.scale",
    }


@pytest.mark.parametrize("criteria", [None, [], {}, "all", [{}] * 101])
def test_a_rubric_has_one_to_a_hundred_criteria(criteria: object) -> None:
    assert set(faults(criteria)) >= {"criteria"}


def test_a_fault_of_the_name_does_not_hide_those_of_the_criteria() -> None:
    with pytest.raises(Misshapen) as refused:
        read_rubric({"name": " ", "criteria": [], "publish": "yes", "owner": "me"})
    fields = {fault.field for fault in refused.value.faults}
    assert fields == {"name", "criteria", "publish", "owner"}
