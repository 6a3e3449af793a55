"""Counting ratings: which of them count, and what the counts keep."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from stats.ratings import Counts, Rating, as_number


def cells(counts):
    """The counts as {(unit, value): times}."""
    values = [counts.values[position] for position in counts.value]
    keys = zip(counts.unit.tolist(), values, strict=True)
    return dict(zip(keys, counts.times.tolist(), strict=True))


@pytest.fixture
def counts():
    return Counts.from_ratings(
        [
            Rating("ada", "u1", "good"),
            Rating("ben", "u1", "good"),
            Rating("cleo", "u1", "bad"),
            Rating("ben", "u2", "bad"),
        ]
    )


def test_counts_say_how_often_a_unit_got_a_value(counts):
    assert cells(counts) == {(0, "good"): 2, (0, "bad"): 1, (1, "bad"): 1}
    assert (counts.units, counts.annotators, counts.ratings) == (2, 3, 4)
    assert counts.per_unit().tolist() == [3, 1]


def test_counts_cannot_be_changed(counts):
    with pytest.raises(ValueError, match="read-only"):
        counts.times[0] = 7
    with pytest.raises(AttributeError):
        counts.units = 7


def test_the_last_of_two_ratings_by_one_annotator_for_one_unit_counts():
    first, other, second = Rating("a", 1, 4), Rating("b", 1, 4), Rating("a", 1, 5)

    assert cells(Counts.from_ratings([first, other, second])) == {(0, 4): 1, (0, 5): 1}
    assert cells(Counts.from_ratings([second, other, first])) == {(0, 4): 2}


def test_no_ratings_are_empty_counts():
    counts = Counts.from_ratings([])
    rows, sizes = counts.distinct_rows()

    assert (counts.units, counts.annotators, counts.ratings) == (0, 0, 0)
    assert (rows.units, sizes.size) == (0, 0)


def test_arrays_count_like_ratings():
    annotators = np.array(["a", "b", "a", "b", "a"])
    units = np.array([10, 10, 20, 20, 10])
    values = np.array([1.0, 2.0, 2.0, 2.0, 2.0])
    same = [Rating(*row) for row in zip(annotators, units, values, strict=True)]

    counts = Counts.from_arrays(annotators, units, values)

    assert cells(counts) == cells(Counts.from_ratings(same))
    assert (counts.units, counts.annotators, counts.ratings) == (2, 2, 4)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_value_is_refused_instead_of_counted_as_one(missing):
    with pytest.raises(ValueError, match="leave missing answers out"):
        Counts.from_ratings([Rating("a", 1, missing), Rating("b", 1, 2)])


def test_values_that_become_one_add_up_their_counts(counts):
    merged = counts.recoded(["any"], np.array([0, 0]))

    assert cells(merged) == {(0, "any"): 3, (1, "any"): 1}


def test_units_with_equal_counts_share_a_row():
    pairs = [("x", "y"), ("x", "x"), ("y", "x"), ("x", "y")]
    counts = Counts.from_ratings(
        Rating(who, unit, value)
        for unit, pair in enumerate(pairs)
        for who, value in zip("ab", pair, strict=True)
    )

    rows, sizes = counts.distinct_rows()

    assert rows.units == 2
    assert sorted(sizes.tolist()) == [1, 3]
    mixed = int(sizes.argmax())
    assert {key[1] for key in cells(rows) if key[0] == mixed} == {"x", "y"}


def test_rows_do_not_depend_on_the_order_of_units():
    ratings = [Rating(who, unit, unit % 3) for unit in range(9) for who in "ab"]
    codes = np.array([0, 1, 2])
    forward = Counts.from_ratings(ratings)
    backward = Counts.from_ratings(ratings[::-1]).recoded([0, 1, 2], codes[::-1])

    (rows, sizes), (others, other_sizes) = (
        forward.distinct_rows(),
        backward.distinct_rows(),
    )
    assert cells(rows) == cells(others)
    assert sizes.tolist() == other_sizes.tolist()


@pytest.mark.parametrize("value", [3, 3.0, Decimal(3), Fraction(3), np.int64(3)])
def test_real_numbers_of_every_kind_are_numbers(value):
    assert as_number(value) == 3.0


@pytest.mark.parametrize("value", [True, "3", None, 3j, float("inf"), Decimal("NaN")])
def test_everything_else_is_not_a_number(value):
    with pytest.raises(TypeError, match="A finite number is needed here"):
        as_number(value)
