"""The bootstrap over units: what is drawn, and the interval that comes of it."""

import numpy as np
import pytest

import stats.bootstrap
from stats.agreement import measure_agreement
from stats.bootstrap import bootstrap, percentile_interval
from stats.coefficients import Coefficients
from stats.ratings import Counts, Rating

FEW_ROWS = np.array([600, 300, 100])
ALL_DISTINCT = np.ones(50, dtype=np.int64)


def draws(sizes, *, resamples=400, seed=7):
    """The weights themselves, as if they were the statistics."""
    return bootstrap(lambda weights: weights, sizes, resamples=resamples, seed=seed)


@pytest.mark.parametrize("sizes", [FEW_ROWS, ALL_DISTINCT])
def test_every_resample_has_as_many_units_as_the_data(sizes):
    drawn = draws(sizes)

    assert drawn.shape == (400, sizes.size)
    assert (drawn.sum(axis=1) == sizes.sum()).all()


@pytest.mark.parametrize("sizes", [FEW_ROWS, ALL_DISTINCT])
def test_rows_are_drawn_as_a_multinomial_with_their_shares(sizes):
    drawn = draws(sizes, resamples=20_000)

    share = sizes / sizes.sum()
    assert drawn.mean(axis=0) == pytest.approx(sizes, rel=0.05)
    expected = sizes.sum() * share * (1 - share)
    assert drawn.var(axis=0) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("sizes", [FEW_ROWS, ALL_DISTINCT])
def test_the_same_seed_draws_the_same_resamples(sizes):
    assert (draws(sizes, seed=1) == draws(sizes, seed=1)).all()
    assert (draws(sizes, seed=1) != draws(sizes, seed=2)).any()


@pytest.mark.parametrize("sizes", [FEW_ROWS, ALL_DISTINCT])
def test_the_size_of_a_chunk_changes_nothing_but_the_memory(sizes, monkeypatch):
    whole = draws(sizes)
    heights = []
    monkeypatch.setattr(stats.bootstrap, "CHUNK", 7 * sizes.size)

    def note(weights):
        heights.append(len(weights))
        return weights

    assert (bootstrap(note, sizes, resamples=400, seed=7) == whole).all()
    assert heights == [7] * 57 + [1]


def test_statistics_that_hold_more_than_the_weights_get_smaller_chunks(monkeypatch):
    monkeypatch.setattr(stats.bootstrap, "CHUNK", 1_000)
    heights = []

    def note(weights):
        heights.append(len(weights))
        return weights

    bootstrap(note, FEW_ROWS, resamples=30, seed=7, width=100)
    assert heights == [10, 10, 10]


def test_the_interval_is_the_middle_of_the_draws():
    drawn = np.arange(101) / 100

    assert percentile_interval(drawn, confidence=0.9) == pytest.approx((0.05, 0.95))


def test_undefined_draws_do_not_count():
    drawn = np.array([np.nan, 0.0, 1.0, np.nan])

    assert percentile_interval(drawn, confidence=0.5) == (0.25, 0.75)
    assert percentile_interval(drawn[:1], confidence=0.5) is None


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_a_weighted_row_counts_like_that_many_units(level):
    """Alpha, percent and AC of a resample equal those of the units written out."""
    generator = np.random.default_rng(3)
    values = generator.integers(1, 5, size=(40, 3))
    data = [
        Rating(who, unit, int(value))
        for (unit, who), value in np.ndenumerate(values)
        if generator.random() > 0.2
    ]
    numbers = np.arange(1.0, 5.0)
    counts = Counts.from_ratings(data)
    counts = counts.recoded(numbers.tolist(), np.array(counts.values) - 1)
    coefficients = Coefficients(counts, level, numbers, numbers)
    drawn = generator.multinomial(counts.units, np.full(counts.units, 1 / counts.units))

    weights = drawn[None, :].astype(float)
    written_out = [
        Rating(rating, (unit, copy), counts.values[value])
        for unit in range(counts.units)
        for copy in range(drawn[unit])
        for rating, value in enumerate(
            np.repeat(counts.value, counts.times)[
                np.repeat(counts.unit, counts.times) == unit
            ]
        )
    ]
    measured = measure_agreement(
        written_out, level=level, domain=numbers.tolist(), resamples=0
    )
    assert coefficients.alpha(weights)[0] == pytest.approx(measured.alpha.value)
    assert coefficients.percent(weights)[0] == pytest.approx(measured.percent.value)
    assert coefficients.ac(weights)[0] == pytest.approx(measured.ac.value)
