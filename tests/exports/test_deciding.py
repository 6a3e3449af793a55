"""One label from its votes: small examples worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exports.deciding import Decision, decide_label
from exports.rules import Options
from exports.splits import split_of
from rubrics.models import Kind
from tests.exports.questions import PAIR, question, votes


def decide(kind: str, rule: str, *values: Any, **options: Any) -> Decision:
    return decide_label(
        question(kind), PAIR, votes(*values), rule=rule, options=Options(**options)
    )


@pytest.mark.parametrize(
    ("kind", "rule", "values", "value", "distribution"),
    [
        (Kind.BINARY, "majority", [True, True, False], True, {"true": 2, "false": 1}),
        (Kind.BINARY, "unanimous", [False, False], False, {"false": 2}),
        (Kind.NOMINAL, "majority", ["billing"], "billing", {"billing": 1}),
        (
            Kind.MULTIPLE,
            "majority",
            [["late", "damaged"], ["damaged", "late"], ["late"]],
            ["late", "damaged"],
            {'["late","damaged"]': 2, '["late"]': 1},
        ),
        (Kind.MULTIPLE, "unanimous", [[], []], [], {"[]": 2}),
        (Kind.ORDINAL, "majority", [4, 4, 5], 4, {"4": 2, "5": 1}),
        (Kind.ORDINAL, "median", [1, 5, 4], 4, {"1": 1, "5": 1, "4": 1}),
        (Kind.ORDINAL, "median", [4, 5], 4.5, {"4": 1, "5": 1}),
        (Kind.ORDINAL, "median", [2, 4], 3, {"2": 1, "4": 1}),
        (Kind.ORDINAL, "mean", [1, 2, 2], 5 / 3, {"1": 1, "2": 2}),
        (Kind.NUMERIC, "mean", [1.5, 2.5], 2, {"1.5": 1, "2.5": 1}),
        (Kind.NUMERIC, "median", [0, -3.25, 12], 0, {"0": 1, "-3.25": 1, "12": 1}),
        (Kind.PREFERENCE, "majority", ["first"], "q1/a", {"q1/a": 1}),
        (
            Kind.PREFERENCE,
            "majority",
            ["tie", "tie", "second"],
            "tie",
            {"tie": 2, "q1/b": 1},
        ),
        (Kind.PREFERENCE, "unanimous", ["both_bad"], "both_bad", {"both_bad": 1}),
        (
            Kind.PREFERENCE,
            "majority",
            ["second_1", "second_2", "both_bad"],
            "q1/b",
            {"q1/b": 2, "both_bad": 1},
        ),
    ],
)
def test_the_rule_gives_this_value(
    kind: str, rule: str, values: list[Any], value: Any, distribution: dict[str, int]
) -> None:
    decision = decide(kind, rule, *values)

    assert decision.value == value
    assert type(decision.value) is type(value)
    assert decision.distribution == distribution
    assert decision.support == len(values)
    assert decision.unresolved_because == ""
    assert decision.disputed is (len(distribution) > 1)


@pytest.mark.parametrize(
    ("kind", "rule", "values", "reason"),
    [
        (Kind.BINARY, "majority", [True, False], "2 values share the most votes."),
        (Kind.BINARY, "unanimous", [True, False, True], "The votes differ."),
        (Kind.MULTIPLE, "unanimous", [["late"], []], "The votes differ."),
        (Kind.PREFERENCE, "majority", ["first", "second"], "2 values share"),
        (Kind.ORDINAL, "median", [], "There are no votes."),
        (
            Kind.ORDINAL,
            "mean",
            ["n/a", "cannot", "n/a"],
            "Nobody gave a value (1 cannot judge, 2 not applicable).",
        ),
        (Kind.NUMERIC, "mean", [1e308, 1.2e308], "too large for the rule"),
        (Kind.NUMERIC, "median", [1e308, 1.2e308], "too large for the rule"),
    ],
)
def test_without_a_value_the_label_says_why(
    kind: str, rule: str, values: list[Any], reason: str
) -> None:
    decision = decide(kind, rule, *values)

    assert decision.value is None
    assert reason in decision.unresolved_because


def test_an_absent_answer_is_no_vote_and_is_counted() -> None:
    decision = decide(Kind.ORDINAL, "majority", 4, "n/a", "n/a", "cannot")

    assert (decision.value, decision.support) == (4, 1)
    assert decision.distribution == {"4": 1, "not_applicable": 2, "cannot_judge": 1}
    assert decision.disputed is False
    lone = decide(Kind.ORDINAL, "majority", 4, "n/a", min_support=2)
    assert lone.unresolved_because == "The rule needs 2 votes and has 1."


def test_a_category_named_like_an_absence_is_told_apart() -> None:
    asked = question(Kind.NOMINAL)
    step = replace(asked.steps[0], value="not_applicable", code="not_applicable")
    decision = decide_label(
        replace(asked, steps=(step,)),
        PAIR,
        votes("not_applicable", "n/a"),
        rule="majority",
        options=Options(),
    )

    assert decision.value == "not_applicable"
    assert decision.distribution == {"not_applicable": 1, "(not_applicable)": 1}


def test_shared_first_places_are_a_tie_when_asked_for() -> None:
    tied = ["first", "first", "second", "second", "both_bad"]

    assert decide(Kind.PREFERENCE, "majority", *tied, tie="tie").value == "tie"
    assert decide(Kind.PREFERENCE, "majority", *tied).value is None
    # The tie is for preferences: other criteria of the same release stay unresolved.
    assert decide(Kind.ORDINAL, "majority", 1, 2, tie="tie").value is None


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("tie", "q1/b"), "would be read as no winner"),
        (("q1/a", "both_bad"), "would be read as no winner"),
        (("q1/a", "q1/a"), "two revisions of one output"),
    ],
)
def test_a_winner_that_cannot_be_named_is_not_guessed(
    names: tuple[str, str], words: str
) -> None:
    outputs = [replace(one, external_id=n) for one, n in zip(PAIR, names, strict=True)]
    decision = decide_label(
        question(Kind.PREFERENCE),
        outputs,
        votes("first", "first", "tie"),
        rule="majority",
        options=Options(),
    )

    assert decision.value is None
    assert words in decision.unresolved_because
    assert decision.distribution == {"first": 2, "tie": 1}


def test_splits_keep_their_shares_and_their_items() -> None:
    shares = {"dev": 0.2, "test": 0.8}
    drawn = {f"item {n}": split_of(f"item {n}", shares, seed=3) for n in range(5_000)}

    assert sum(split == "dev" for split in drawn.values()) / 5_000 == pytest.approx(
        0.2, abs=0.02
    )
    assert all(
        split_of(name, dict(reversed(shares.items())), seed=3) == split
        for name, split in drawn.items()
    )
    other = [split_of(name, shares, seed=4) for name in drawn]
    assert other != list(drawn.values())
    assert split_of("anything", {}, seed=3) == "test"
