"""Rules that make one value of several votes, and when they make none."""

from decimal import Decimal

import pytest

from stats.consensus import RULES, decide, majority, mean, median, unanimous


@pytest.mark.parametrize(
    ("rule", "votes", "value"),
    [
        (unanimous, ["pass", "pass", "pass"], "pass"),
        (unanimous, [3], 3),
        (majority, ["a", "b", "a"], "a"),
        (majority, ["a", "b", "c", "b", "d"], "b"),
        (median, [5, 1, 4], 4),
        (median, [1, 2, 4, 5], 3.0),
        (median, [4, 4], 4),
        (median, [Decimal("1.5"), Decimal("2.5")], 2.0),
        (mean, [1, 2, 4, 5], 3.0),
        (mean, [0.1] * 10, 0.1),
    ],
)
def test_a_rule_resolves_the_votes(rule, votes, value):
    consensus = rule(votes)

    assert consensus.value == value
    assert consensus.is_resolved
    assert consensus.unresolved_because == ""
    assert consensus.support == len(votes)


@pytest.mark.parametrize(
    ("rule", "votes", "reason"),
    [
        (unanimous, ["pass", "pass", "fail"], "The votes differ."),
        (majority, ["a", "b"], "2 values share the most votes."),
        (majority, ["a", "b", "b", "c", "c"], "2 values share the most votes."),
        (majority, ["a", "b", "c"], "3 values share the most votes."),
    ],
)
def test_a_rule_leaves_the_votes_unresolved_and_says_why(rule, votes, reason):
    consensus = rule(votes)

    assert consensus.value is None
    assert not consensus.is_resolved
    assert consensus.unresolved_because == reason
    assert consensus.support == len(votes)


def test_the_distribution_keeps_every_vote():
    assert majority(["b", "a", "b"]).distribution == {"b": 2, "a": 1}
    assert unanimous(["b", "a", "b"]).distribution == {"b": 2, "a": 1}


def test_a_tied_top_takes_the_value_for_ties():
    assert majority(["first", "second"], tie="tie").value == "tie"
    assert majority(["first", "tie", "first"], tie="tie").value == "first"


def test_half_of_the_votes_are_a_majority_when_alone_at_the_top():
    assert majority(["a", "a", "b", "c"]).value == "a"


@pytest.mark.parametrize("rule", RULES)
def test_no_votes_are_unresolved(rule):
    consensus = decide(rule, [])

    assert not consensus.is_resolved
    assert consensus.unresolved_because == "There are no votes."
    assert (consensus.support, consensus.distribution) == (0, {})


@pytest.mark.parametrize("rule", RULES)
def test_fewer_votes_than_the_least_support_are_unresolved(rule):
    refused = decide(rule, [2, 2], min_support=3)

    assert refused.value is None
    assert refused.unresolved_because == "The rule needs 3 votes and has 2."
    assert decide(rule, [2, 2, 2], min_support=3).value == 2


@pytest.mark.parametrize("rule", [median, mean])
@pytest.mark.parametrize("vote", ["4", True, None, float("nan")])
def test_numeric_rules_refuse_what_is_not_a_number(rule, vote):
    with pytest.raises(TypeError, match="A finite number is needed here"):
        rule([1, vote, 3])


def test_the_median_of_whole_numbers_stays_one_of_the_votes():
    assert isinstance(median([1, 4, 4, 5]).value, int)


def test_an_unknown_rule_names_the_known_ones():
    with pytest.raises(ValueError, match="choose among unanimous, majority, median"):
        decide("dictator", [1])


def test_only_the_majority_rule_takes_a_value_for_ties():
    assert decide("majority", ["a", "b"], tie="tie").value == "tie"
    with pytest.raises(ValueError, match="means nothing to the rule 'median'"):
        decide("median", [1, 2], tie="tie")
