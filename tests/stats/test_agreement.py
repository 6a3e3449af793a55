"""Agreement against published figures, real data and the krippendorff library."""

import csv
import json
import os
from collections import defaultdict
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import stats.agreement
import stats.coefficients
from stats.agreement import measure_agreement
from stats.ratings import Counts, Rating

LEVELS = ("nominal", "ordinal", "interval", "ratio")
NO_PAIR = "No unit has values from two annotators."
CONSTANT = (
    "Every rating that can be compared has the same value, "
    "so chance cannot be told from agreement."
)
n = None


def ratings_of(*annotators):
    """Ratings from one line of values per annotator, None where there is none."""
    return [
        Rating(annotator, unit, value)
        for annotator, values in enumerate(annotators)
        for unit, value in enumerate(values)
        if value is not None
    ]


def ratings_in(table):
    """Ratings from one line per unit: how many annotators chose each category."""
    return [
        Rating(annotator, unit, value)
        for unit, line in enumerate(table)
        for annotator, value in enumerate(np.repeat(np.arange(len(line)), line))
    ]


# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C; the same
# ratings are cac.raw4raters of Gwet's irrCAC.
SECTION_C = ratings_of(
    [1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3],
    [n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n],
)

# Wikipedia, Krippendorff's alpha, the worked example.
WIKIPEDIA = ratings_of(
    [n, n, n, n, n, 3, 4, 1, 2, 1, 1, 3, 3, n, 3],
    [1, n, 2, 1, 3, 3, 4, 3, n, n, n, n, n, n, n],
    [n, n, 2, 1, 3, 4, 4, n, 2, 1, 1, 3, 3, n, 4],
)

# Krippendorff (2018), Content Analysis, 4th edition, page 306.
PAGE_306 = ratings_of(
    [0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1],
    [0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 1],
    [0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0],
)

# The same, page 310, which prints .760 after rounding on the way.
PAGE_310 = ratings_of("aacccccbbbbd", "acccccbbbbbd")

# Three annotators, ten units, thirty values of which five are 1, four units mixed.
BY_HAND = ratings_of(
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
    [0, 0, 0, 0, 0, 0, 1, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 1, 0, 1],
)

# cont3x3abstractors of irrCAC: the first abstractor in rows, the second in columns.
ABSTRACTORS = [
    Rating(abstractor, (first, second, patient), (first, second)[abstractor])
    for first, line in enumerate([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    for second, count in enumerate(line)
    for patient in range(count)
    for abstractor in (0, 1)
]

# distrib.6raters of irrCAC: fifteen subjects of Fleiss (1971).
SIX_RATERS = ratings_in(
    [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
    ]
)


@pytest.mark.parametrize(
    ("ratings", "level", "published", "digits"),
    [
        pytest.param(SECTION_C, "nominal", 0.743, 3, id="section C nominal"),
        pytest.param(SECTION_C, "ordinal", 0.815, 3, id="section C ordinal"),
        pytest.param(SECTION_C, "interval", 0.849, 3, id="section C interval"),
        pytest.param(SECTION_C, "ratio", 0.797, 3, id="section C ratio"),
        pytest.param(WIKIPEDIA, "nominal", 0.691358, 6, id="Wikipedia nominal"),
        pytest.param(WIKIPEDIA, "interval", 0.810845, 6, id="Wikipedia interval"),
        pytest.param(PAGE_306, "nominal", 0.2344, 4, id="page 306"),
        pytest.param(PAGE_310, "nominal", 0.7592, 4, id="page 310"),
        pytest.param(ABSTRACTORS, "nominal", 0.7972585, 7, id="abstractors"),
        pytest.param(SIX_RATERS, "nominal", 0.4204384, 7, id="six raters"),
    ],
)
@pytest.mark.parametrize("library_bytes", [64_000_000, 0], ids=["library", "own"])
def test_alpha_is_the_published_one(
    ratings, level, published, digits, library_bytes, monkeypatch
):
    monkeypatch.setattr(stats.agreement, "LIBRARY_BYTES", library_bytes)

    alpha = measure_agreement(ratings, level=level, resamples=0).alpha.value

    assert round(alpha, digits) == published


def test_alpha_is_one_minus_observed_by_expected_disagreement():
    """Worked by hand in icr's tests: four of thirty and 5 * 25 / 29."""
    measured = measure_agreement(BY_HAND, level="nominal", resamples=0)

    assert measured.alpha.value == pytest.approx(1 - 4 / (5 * 25 / 29))


@pytest.mark.parametrize(
    ("ratings", "percent", "ac1"),
    [
        pytest.param(SECTION_C, 0.8181818, 0.77544, id="cac.raw4raters"),
        pytest.param(ABSTRACTORS, 0.89, 0.8493305, id="cont3x3abstractors"),
        pytest.param(SIX_RATERS, 0.5511111, 0.4448007, id="distrib.6raters"),
    ],
)
def test_percent_and_ac1_are_the_published_ones(ratings, percent, ac1):
    """irrCAC 1.4 for R, README; Gwet (2014), Handbook of Inter-Rater Reliability."""
    measured = measure_agreement(ratings, level="nominal", resamples=0)

    assert measured.percent.value == pytest.approx(percent, abs=5e-8)
    assert measured.ac.value == pytest.approx(ac1, abs=5e-6)


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
@pytest.mark.parametrize("domain", [None, [5, 4, 3, 2, 1]])
def test_ac2_with_quadratic_weights_is_the_published_one(level, domain):
    """The unit tests of irrCAC 0.4.4 for Python on cac.raw4raters."""
    measured = measure_agreement(SECTION_C, level=level, domain=domain, resamples=0)

    assert measured.ac.value == pytest.approx(0.9140, abs=5e-5)
    assert measured.percent.value == pytest.approx(0.8181818, abs=5e-8)


def test_the_counts_behind_the_coefficients_are_reported():
    measured = measure_agreement(SECTION_C, level="ordinal", seed=5)

    assert (measured.units, measured.pairable_units) == (12, 11)
    assert (measured.annotators, measured.ratings) == (4, 41)
    assert (measured.level, measured.seed, measured.resamples) == ("ordinal", 5, 1000)
    assert measured.method == (
        "Alpha with Krippendorff's ordinal metric; AC2 with quadratic weights. "
        "Percentile intervals of 95% from 1,000 resamples of units."
    )


def test_the_interval_is_the_published_unit_bootstrap():
    """The README of icr: [.417, 1.00], P(alpha > .8) = .350, from 1,000 draws.

    One resample in thirty has alpha 1, close to the quantile: hence so many draws.
    """
    measured = measure_agreement(SECTION_C, level="nominal", resamples=20_000)

    assert measured.alpha.low == pytest.approx(0.417, abs=0.04)
    assert measured.alpha.high == pytest.approx(1.0, abs=0.04)
    assert measured.alpha_below[0.667] == pytest.approx(1 - 0.683, abs=0.04)
    assert measured.alpha_below[0.8] == pytest.approx(1 - 0.350, abs=0.04)


def test_more_confidence_makes_a_wider_interval():
    wide = measure_agreement(WIKIPEDIA, level="interval", confidence=0.99).alpha
    narrow = measure_agreement(WIKIPEDIA, level="interval", confidence=0.8).alpha

    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_the_library_computes_alpha_as_long_as_its_arrays_fit(monkeypatch):
    called = []
    real = krippendorff.alpha

    def note(**arguments):
        called.append(arguments["level_of_measurement"])
        return real(**arguments)

    monkeypatch.setattr(krippendorff, "alpha", note)
    # Twelve units and five values: 12 * 5 * 5 numbers of 8 bytes.
    monkeypatch.setattr(stats.agreement, "LIBRARY_BYTES", 2400)
    measure_agreement(SECTION_C, level="ordinal", resamples=0)
    assert called == ["ordinal"]

    monkeypatch.setattr(stats.agreement, "LIBRARY_BYTES", 2399)
    measure_agreement(SECTION_C, level="ordinal", resamples=0)
    assert called == ["ordinal"]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("values", [5, 40])
def test_our_own_alpha_equals_the_library(level, values, monkeypatch):
    generator = np.random.default_rng(11)
    truth = generator.integers(values, size=(200, 1))
    noise = generator.integers(-2, 3, size=(200, 6))
    data = [
        Rating(annotator, unit, int(value))
        for (unit, annotator), value in np.ndenumerate(np.clip(truth + noise, 0, None))
        if generator.random() > 0.3
    ]
    library = measure_agreement(data, level=level, resamples=0).alpha.value
    monkeypatch.setattr(stats.agreement, "LIBRARY_BYTES", 0)
    monkeypatch.setattr(stats.coefficients, "BLOCK", 100)
    own = measure_agreement(data, level=level, resamples=0).alpha.value

    assert own == pytest.approx(library, abs=1e-12)


lines = st.lists(
    st.lists(st.none() | st.integers(0, 6), min_size=6, max_size=6),
    min_size=2,
    max_size=5,
)


@settings(deadline=None)
@given(lines=lines, level=st.sampled_from(LEVELS), step=st.sampled_from([1, 0.1, 1e4]))
def test_any_alpha_equals_the_library(lines, level, step):
    scaled = [[v if v is None else v * step for v in line] for line in lines]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stats.agreement, "LIBRARY_BYTES", 0)
        alpha = measure_agreement(ratings_of(*scaled), level=level, resamples=0).alpha
    assume(alpha.value is not None)

    data = np.array(scaled, dtype=float)
    theirs = krippendorff.alpha(data, level_of_measurement=level)
    assert alpha.value == pytest.approx(theirs, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(lines=lines, level=st.sampled_from(LEVELS), shuffle=st.randoms())
def test_neither_names_nor_order_matter(lines, level, shuffle):
    data = ratings_of(*lines)
    other = [Rating(f"annotator {a}", -unit, value) for a, unit, value in data]
    shuffle.shuffle(other)

    one = measure_agreement(data, level=level, resamples=20)
    same = measure_agreement(other, level=level, resamples=20)
    for name in ("alpha", "percent", "ac"):
        assert getattr(one, name).value == pytest.approx(getattr(same, name).value)
        assert getattr(one, name).low == getattr(same, name).low
        assert getattr(one, name).high == getattr(same, name).high


@settings(deadline=None, max_examples=40)
@given(lines=lines, level=st.sampled_from(LEVELS))
def test_no_number_is_ever_nan_and_what_is_missing_has_a_reason(lines, level):
    measured = measure_agreement(ratings_of(*lines), level=level, resamples=20)

    for estimate in (measured.alpha, measured.percent, measured.ac):
        numbers = (estimate.value, estimate.low, estimate.high)
        assert all(x is None or x == x for x in numbers)
        assert (None in numbers) == bool(estimate.undefined_because)


@pytest.mark.parametrize("level", LEVELS)
def test_the_same_seed_gives_the_same_interval(level):
    first, again, other = (
        measure_agreement(WIKIPEDIA, level=level, resamples=200, seed=seed)
        for seed in (1, 1, 2)
    )

    assert first == again
    assert first.alpha.value == other.alpha.value
    assert first.alpha.low != other.alpha.low


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "ratings", [[], ratings_of([1, n], [n, 2]), ratings_of([1, 2, 3])]
)
def test_without_a_unit_rated_twice_everything_is_undefined(ratings, level):
    measured = measure_agreement(ratings, level=level)

    for estimate in (measured.alpha, measured.percent, measured.ac):
        assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
        assert estimate.undefined_because == NO_PAIR
    assert (measured.resamples, measured.alpha_below) == (0, {})


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("domain", [None, [0, 1, 2]])
def test_constant_ratings_leave_only_alpha_undefined(level, domain):
    # The value 2 was given too, but where nobody else can be compared to it.
    constant = ratings_of([1, 1, 1, n], [1, 1, 1, n])
    measured = measure_agreement(constant, level=level, domain=domain, resamples=50)

    assert measured.alpha.value is None
    assert measured.alpha.undefined_because == CONSTANT
    for estimate in (measured.percent, measured.ac):
        assert (estimate.value, estimate.low, estimate.high) == (1.0, 1.0, 1.0)
    assert (measured.resamples, measured.dropped_resamples) == (50, 50)


def test_a_second_value_on_a_single_rating_does_not_make_alpha_defined():
    measured = measure_agreement(ratings_of([1, 1, 2], [1, 1, n]), level="ordinal")

    assert measured.alpha.undefined_because == CONSTANT
    assert measured.percent.value == 1.0


def test_one_pairable_unit_has_values_and_no_interval():
    measured = measure_agreement(ratings_of([1, 3], [2, n]), level="nominal")

    assert measured.alpha.value == 0.0
    assert measured.alpha.low is None
    assert measured.alpha.undefined_because == (
        "An interval needs at least two units rated by two annotators."
    )
    assert measured.resamples == 0


def test_without_resamples_there_is_no_interval():
    alpha = measure_agreement(SECTION_C, level="nominal", resamples=0).alpha

    assert alpha.value == pytest.approx(0.74342, abs=5e-6)
    assert (alpha.low, alpha.high) == (None, None)
    assert alpha.undefined_because == (
        "No resamples were asked for, so there is no interval."
    )


def test_resamples_without_variation_are_dropped_and_counted():
    # A resample of three units misses the only one with another value in (2/3)^3.
    measured = measure_agreement(ratings_of([1, 1, 2], [1, 1, 2]), level="nominal")

    assert measured.dropped_resamples / 1000 == pytest.approx(9 / 27, abs=0.05)
    assert (measured.alpha.low, measured.alpha.high) == (1.0, 1.0)


def test_without_a_resample_that_varies_alpha_has_no_interval():
    data = ratings_of([1, 1, 2], [1, 1, 2])
    drawn = (
        measure_agreement(data, level="nominal", resamples=1, seed=seed)
        for seed in range(100)
    )
    measured = next(one for one in drawn if one.dropped_resamples)

    assert (measured.alpha.value, measured.alpha.low) == (1.0, None)
    assert measured.alpha.undefined_because == "No resample leaves it defined."
    assert measured.alpha_below == {}


def test_the_domain_counts_the_values_that_could_have_been_chosen():
    """AC1 of two values of which four could have been: p_e = sum pi (1 - pi) / 3."""
    data = ratings_of(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    observed = measure_agreement(data, level="nominal")
    offered = measure_agreement(data, level="nominal", domain=["a", "b", "c", "d"])

    diversity = 1 - (3 / 8) ** 2 - (5 / 8) ** 2
    for measured, chance in ((observed, diversity), (offered, diversity / 3)):
        assert measured.ac.value == pytest.approx((0.75 - chance) / (1 - chance))
    assert observed.alpha == offered.alpha


def test_values_outside_the_domain_are_refused():
    with pytest.raises(ValueError, match=r"not in the domain: 5\.0\."):
        measure_agreement(SECTION_C, level="ordinal", domain=[1, 2, 3, 4])
    with pytest.raises(ValueError, match="not in the domain: 'b'"):
        measure_agreement(ratings_of("ab", "ab"), level="nominal", domain=["a"])


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_words_have_no_order(level):
    with pytest.raises(TypeError, match="'a' is none"):
        measure_agreement(ratings_of("ab", "ab"), level=level)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"level": "metric"}, "The level is one of nominal, ordinal"),
        ({"resamples": -1}, "cannot be negative"),
        ({"confidence": 95}, "lies between 0 and 1"),
    ],
)
def test_arguments_out_of_range_are_refused(wrong, reason):
    with pytest.raises(ValueError, match=reason):
        measure_agreement(SECTION_C, **({"level": "nominal"} | wrong))


def test_the_ratio_metric_is_undefined_below_zero():
    measured = measure_agreement(ratings_of([-1, 2, 3], [1, 2, 4]), level="ratio")

    assert measured.alpha.undefined_because == (
        "The ratio metric is not defined for negative values."
    )
    assert measured.percent.value == pytest.approx(1 / 3)


def test_the_ratio_metric_is_not_computed_for_very_many_values(monkeypatch):
    monkeypatch.setattr(stats.agreement, "MOST_RATIO_VALUES", 4)
    measured = measure_agreement(SECTION_C, level="ratio")

    assert "at most 4 distinct values" in measured.alpha.undefined_because
    assert measured.ac.value is not None


@pytest.mark.parametrize("library_bytes", [64_000_000, 0], ids=["library", "own"])
def test_differences_too_small_to_square_leave_alpha_undefined(
    library_bytes, monkeypatch
):
    monkeypatch.setattr(stats.agreement, "LIBRARY_BYTES", library_bytes)
    measured = measure_agreement(
        ratings_of([0, 1e-200, 1], [0, 0, n]), level="interval"
    )

    assert measured.alpha.value is None
    assert measured.alpha.undefined_because == (
        "The values differ too little to be told apart."
    )


@pytest.mark.parametrize("offset", [0, 1_700_000_000])
def test_an_offset_and_an_outlier_cost_no_digits(offset, monkeypatch):
    monkeypatch.setattr(stats.agreement, "LIBRARY_BYTES", 0)
    lines = [[1, 2, 3, 4, -(10**9)], [1, 3, 3, 5, n]]
    moved = [[v if v is None else v + offset for v in line] for line in lines]

    alpha = measure_agreement(ratings_of(*moved), level="interval").alpha.value
    assert alpha == pytest.approx(
        krippendorff.alpha([[1.0, 2, 3, 4], [1.0, 3, 3, 5]]), abs=1e-9
    )


def test_counts_made_from_arrays_measure_the_same():
    columns = [np.array(column) for column in zip(*WIKIPEDIA, strict=True)]

    assert measure_agreement(
        Counts.from_arrays(*columns), level="ordinal"
    ) == measure_agreement(WIKIPEDIA, level="ordinal")


# Real data, with the figures of the SOURCE.md beside it.

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TOUCHSTONE_TEST_DATA", ROOT.parent / "shared" / "data"))
real_data = pytest.mark.skipif(
    not (DATA / "oracles.json").exists(),
    reason="Set TOUCHSTONE_TEST_DATA to the folder with oracles.json and the data.",
)


def ratings_by_criterion(path, annotator, unit, value, criterion=None, as_type=int):
    """Read ratings from a CSV of the data folder, by the criterion's name."""
    ratings = defaultdict(list)
    with (DATA / path).open(newline="") as file:
        for row in csv.DictReader(file):
            rating = Rating(row[annotator], row[unit], as_type(row[value]))
            ratings[row.get(criterion)].append(rating)
    return ratings


@real_data
@pytest.mark.parametrize(
    ("criterion", "percent", "nominal", "ordinal", "interval"),
    [
        ("fluency", 0.587, 0.091, 0.277, 0.552),
        ("coherence", 0.439, 0.116, 0.264, 0.433),
        ("relevance", 0.362, 0.138, 0.409, 0.503),
        ("faithfulness", 0.491, 0.239, 0.521, 0.632),
        ("aspect_coverage", 0.422, 0.240, 0.604, 0.644),
        ("sentiment_consistency", 0.332, 0.115, 0.351, 0.412),
        ("specificity", 0.298, 0.090, 0.298, 0.336),
    ],
)
def test_scored_summaries_agree_as_known(
    criterion, percent, nominal, ordinal, interval
):
    ratings = ratings_by_criterion(
        "summeval_op/ratings.csv", "annotator", "item_id", "score", "criterion"
    )[criterion]
    measured = {
        level: measure_agreement(ratings, level=level, resamples=0)
        for level in ("nominal", "ordinal", "interval")
    }

    assert measured["nominal"].percent.value == pytest.approx(percent, abs=6e-4)
    assert measured["nominal"].alpha.value == pytest.approx(nominal, abs=6e-4)
    assert measured["ordinal"].alpha.value == pytest.approx(ordinal, abs=6e-4)
    assert measured["interval"].alpha.value == pytest.approx(interval, abs=6e-4)
    assert measured["ordinal"].pairable_units == 416


@real_data
@pytest.mark.parametrize(
    ("criterion", "percent", "nominal", "ordinal", "interval"),
    [
        ("relevance", 0.270, 0.059, 0.165, 0.138),
        ("coherence", 0.177, -0.040, -0.054, -0.055),
        ("empathy", 0.290, 0.042, 0.117, 0.116),
        ("surprise", 0.269, -0.034, 0.015, 0.051),
        ("engagement", 0.267, 0.047, 0.167, 0.180),
        ("complexity", 0.331, 0.100, 0.266, 0.278),
    ],
)
def test_scored_stories_agree_as_known(criterion, percent, nominal, ordinal, interval):
    ratings = ratings_by_criterion(
        "hanna/ratings.csv", "rater_slot", "item_id", "score", "criterion"
    )[criterion]
    measured = {
        level: measure_agreement(ratings, level=level, resamples=0)
        for level in ("nominal", "ordinal", "interval")
    }

    assert measured["nominal"].percent.value == pytest.approx(percent, abs=6e-4)
    assert measured["nominal"].alpha.value == pytest.approx(nominal, abs=6e-4)
    assert measured["ordinal"].alpha.value == pytest.approx(ordinal, abs=6e-4)
    assert measured["interval"].alpha.value == pytest.approx(interval, abs=6e-4)
    assert measured["ordinal"].pairable_units == 1056


@real_data
@pytest.mark.parametrize(
    ("criterion", "ac1"),
    [
        ("guidelines", 0.90),
        ("syntax", 0.97),
        ("superfluous", 0.66),
        ("unsubstantiated", 0.60),
        ("incoherence", 0.81),
    ],
)
def test_ac1_of_the_user_study_is_the_authors(criterion, ac1):
    ratings = ratings_by_criterion(
        "hanna/user_study_labels.csv", "rater_slot", "item_id", "label", "criterion"
    )[criterion]

    measured = measure_agreement(ratings, level="nominal", resamples=0)
    assert measured.ac.value == pytest.approx(ac1, abs=0.005)


@real_data
def test_prevalence_pulls_alpha_down_and_leaves_percent_and_ac1():
    ratings = ratings_by_criterion(
        "hanna/user_study_labels.csv", "rater_slot", "item_id", "label", "criterion"
    )["syntax"]
    measured = measure_agreement(ratings, level="nominal", resamples=0)

    assert measured.alpha.value == pytest.approx(-0.014, abs=6e-4)
    assert measured.percent.value == pytest.approx(0.967, abs=6e-4)


@real_data
def test_a_real_criterion_without_variation_has_no_alpha():
    ratings = ratings_by_criterion(
        "hanna/user_study_labels.csv", "rater_slot", "item_id", "label", "criterion"
    )["incorrectness"]
    measured = measure_agreement(ratings, level="nominal", domain=[0, 1])

    assert len(ratings) == 300
    assert measured.alpha.undefined_because == CONSTANT
    assert (measured.percent.value, measured.ac.value) == (1.0, 1.0)


@real_data
def test_a_crowd_of_different_sizes_per_pair_agrees_as_known():
    votes = ratings_by_criterion(
        "llmfao/labels.csv", "annotator", "pair_id", "label", as_type=str
    )[None]
    measured = measure_agreement(votes, level="nominal", resamples=100)

    assert measured.alpha.value == pytest.approx(0.2906, abs=5e-5)
    assert measured.alpha.low < 0.2906 < measured.alpha.high
    assert (measured.units, measured.annotators) == (2139, 124)
    assert (measured.pairable_units, measured.ratings) == (2124, 8931)

    decided = [vote for vote in votes if vote.value != "tie"]
    assert measure_agreement(
        decided, level="nominal", resamples=0
    ).alpha.value == pytest.approx(0.3702, abs=5e-5)


@real_data
@pytest.mark.parametrize(
    "name",
    [
        "alpha.krippendorff2011_C",
        "alpha.wikipedia",
        "alpha.hayes_krippendorff2007",
        "alpha.krippendorff2018_p306",
        "alpha.krippendorff2018_p310",
    ],
)
def test_alpha_meets_the_oracles(name):
    oracles = json.loads((DATA / "oracles.json").read_text())
    oracle = next(oracle for oracle in oracles if oracle["id"] == name)
    ratings = ratings_of(*oracle["inputs"]["raters_x_units"])

    for level, published in oracle["expected"].items():
        alpha = measure_agreement(ratings, level=level, resamples=0).alpha.value
        assert alpha == pytest.approx(published, abs=oracle["tol"])


@real_data
def test_alpha_meets_the_twenty_files_of_freelon():
    """Freelon (2010), ReCal: tables 9 and 10."""
    oracles = json.loads((DATA / "oracles.json").read_text())
    oracle = next(oracle for oracle in oracles if oracle["id"] == "alpha.freelon2010")

    for file in oracle["inputs"].values():
        ratings = ratings_of(*zip(*file["units_x_raters"], strict=True))
        alpha = measure_agreement(ratings, level="nominal", resamples=0).alpha.value
        assert alpha == pytest.approx(file["alpha_nominal"], abs=oracle["tol"])
