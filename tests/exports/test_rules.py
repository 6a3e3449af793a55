"""Which rule fits which scale, and what a release may ask for."""

from __future__ import annotations

from typing import Any

import pytest

from exports.rules import Options, option_faults, rule_faults, rules_by_criterion
from rubrics.models import Kind
from tests.exports.questions import instrument

FITS = {
    Kind.BINARY: {"unanimous", "majority"},
    Kind.NOMINAL: {"unanimous", "majority"},
    Kind.MULTIPLE: {"unanimous", "majority"},
    Kind.ORDINAL: {"unanimous", "majority", "median", "mean"},
    Kind.NUMERIC: {"median", "mean"},
    Kind.PREFERENCE: {"unanimous", "majority"},
}


@pytest.mark.parametrize("rule", ["unanimous", "majority", "median", "mean"])
@pytest.mark.parametrize("kind", FITS)
def test_a_rule_fits_a_scale_or_is_refused_with_those_that_do(
    kind: str, rule: str
) -> None:
    faults = rule_faults(instrument(kind), rule)

    if rule in FITS[Kind(kind)]:
        assert faults == []
    else:
        (fault,) = faults
        assert fault["field"] == "rule"
        assert fault["message"].startswith(
            f"{kind} is {kind}; {rule} does not fit that scale. Choose "
        )
        assert all(name in fault["message"] for name in FITS[Kind(kind)])


def test_one_name_stands_for_all_criteria_that_can_have_labels() -> None:
    asked = instrument(Kind.BINARY, Kind.TEXT, Kind.ORDINAL)

    assert rule_faults(asked, "majority") == []
    assert rules_by_criterion(asked, "majority") == {
        "binary": "majority",
        "ordinal": "majority",
    }


@pytest.mark.parametrize(
    ("rule", "field", "words"),
    [
        ("plurality", "rule", "There is no rule 'plurality'"),
        (7, "rule", "Send a rule's name"),
        (None, "rule", "Send a rule's name"),
        ({"binary": "majority"}, "rule.ordinal", "Name a rule for it"),
        ({}, "rule.binary", "Name a rule for it"),
        (
            {"binary": "majority", "ordinal": "mean", "tone": "mean"},
            "rule.tone",
            "no such criterion",
        ),
        (
            {"binary": "majority", "ordinal": "mean", "text": "majority"},
            "rule.text",
            "text takes no rule",
        ),
        (
            {"binary": "median", "ordinal": "mean"},
            "rule.binary",
            "Choose unanimous or majority",
        ),
        (
            {"binary": ["majority"], "ordinal": "mean"},
            "rule.binary",
            "There is no rule",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused(rule: Any, field: str, words: str) -> None:
    faults = rule_faults(instrument(Kind.BINARY, Kind.TEXT, Kind.ORDINAL), rule)

    assert faults[0]["field"] == field
    assert words in faults[0]["message"]


def test_a_rubric_of_words_and_orders_has_no_gold() -> None:
    (fault,) = rule_faults(instrument(Kind.TEXT, Kind.RANKING), "majority")

    assert "No criterion of this rubric can have gold labels" in fault["message"]


@pytest.mark.parametrize(
    ("kinds", "rule", "tie", "is_right"),
    [
        ([Kind.PREFERENCE], "majority", "tie", True),
        ([Kind.PREFERENCE, Kind.ORDINAL], "majority", "tie", True),
        ([Kind.PREFERENCE], "unanimous", "tie", False),
        ([Kind.ORDINAL], "majority", "tie", False),
        ([Kind.PREFERENCE], "majority", "first", False),
        ([Kind.PREFERENCE], "majority", "", False),
    ],
)
def test_a_tie_is_for_preferences_decided_by_majority(
    kinds: list[str], rule: str, tie: str, is_right: bool
) -> None:
    faults = option_faults(instrument(*kinds), rule, Options(tie=tie))

    assert [fault["field"] for fault in faults] == ([] if is_right else ["tie"])


@pytest.mark.parametrize(
    ("splits", "field"),
    [
        ({}, None),
        ({"dev": 0.5, "test": 0.5}, None),
        ({"a": 0.1, "b": 0.2, "c": 0.7}, None),
        ({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, None),
        ({"dev": 0.5, "test": 0.4}, "splits"),
        ({"dev": 0.5, "test": 0.50001}, "splits"),
        ({"dev": 1.5, "test": -0.5}, "splits.test"),
        ({"dev": 0, "test": 1}, "splits.dev"),
        ({"dev": float("nan"), "test": 1}, "splits.dev"),
        ({"a b": 1}, "splits.a b"),
        ({"": 1}, "splits."),
        ({"x" * 31: 1}, "splits." + "x" * 31),
        ({"=cmd": 1}, "splits.=cmd"),
    ],
)
def test_splits_are_named_shares_that_make_a_whole(
    splits: dict[str, float], field: str | None
) -> None:
    faults = option_faults(instrument(Kind.BINARY), "majority", Options(splits=splits))

    assert [fault["field"] for fault in faults] == ([field] if field else [])


def test_support_is_at_least_one_vote() -> None:
    asked = instrument(Kind.BINARY)

    assert option_faults(asked, "majority", Options(min_support=1)) == []
    (fault,) = option_faults(asked, "majority", Options(min_support=0))
    assert fault["field"] == "min_support"
