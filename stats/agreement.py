"""Agreement of annotators beyond chance, with the counts to trust or doubt it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import krippendorff
import numpy as np
from numpy.typing import NDArray

from stats.bootstrap import bootstrap, percentile_interval
from stats.coefficients import Coefficients, Level
from stats.ratings import Counts, FloatArray, Rating, as_number

__all__ = ["Agreement", "Estimate", "Level", "measure_agreement"]

# The library makes arrays of units x values x values; beyond this many bytes for one
# of them alpha comes from our own form, which makes none.
LIBRARY_BYTES = 64_000_000

# At the ratio level the time grows with the square of the number of values.
MOST_RATIO_VALUES = 5_000

# Krippendorff's conventions: below the first discard, from the second on rely.
ALPHA_THRESHOLDS = (0.667, 0.8)

METRICS: Mapping[Level, str] = {
    "nominal": "Alpha with the nominal metric; AC1.",
    "ordinal": "Alpha with Krippendorff's ordinal metric; AC2 with quadratic weights.",
    "interval": "Alpha with the interval metric; AC2 with quadratic weights.",
    "ratio": "Alpha with Krippendorff's ratio metric; AC2 with quadratic weights.",
}


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; what is None has its reason in a full sentence.

    undefined_because explains the value, or the interval where only that is missing.
    """

    value: float | None
    low: float | None
    high: float | None
    undefined_because: str = ""


@dataclass(frozen=True)
class Agreement:
    """Three coefficients of one criterion and the counts behind them.

    level              level of measurement
    method             the metrics and the interval, as sentences to print or export
    units              units with a rating
    pairable_units     units with ratings by two annotators or more
    annotators         annotators with a rating
    ratings            ratings, one per annotator and unit
    alpha              Krippendorff's alpha
    percent            share of agreeing pairs, as the mean over pairable units
    ac                 Gwet's AC1 (nominal) or AC2 with quadratic weights
    confidence         confidence of the intervals
    resamples          resamples drawn for the intervals; 0 where there are none
    dropped_resamples  those of them that leave alpha undefined, which do not count
    alpha_below        share of the resamples kept with alpha below .667 and below .8
    seed               seed of the resamples
    """

    level: Level
    method: str
    units: int
    pairable_units: int
    annotators: int
    ratings: int
    alpha: Estimate
    percent: Estimate
    ac: Estimate
    confidence: float
    resamples: int
    dropped_resamples: int
    alpha_below: Mapping[float, float]
    seed: int


def measure_agreement(
    ratings: Iterable[Rating] | Counts,
    *,
    level: Level,
    domain: Sequence[Hashable] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Measure how far annotators agree, by itself and beyond chance.

    level     nominal takes any hashable values, the others take numbers
    domain    all values of the scale. AC1 and AC2 count the values that could have
              been chosen, and AC2 weighs by the distance of two values over the
              whole range; without a domain both know only the values that occur.
              Alpha does not depend on it.

    Intervals are percentiles of the bootstrap over units; they do not depend on the
    order of the ratings. Raises ValueError for a value outside the domain or an
    argument out of range, TypeError where a number is needed and something else given.

    >>> same = [Rating(a, u, v) for a in "AB" for u, v in enumerate([1, 2, 5])]
    >>> measure_agreement(same, level="ordinal").alpha.value
    1.0
    """
    refuse_nonsense(level, resamples, confidence)
    counts = ratings if isinstance(ratings, Counts) else Counts.from_ratings(ratings)
    counts, categories = on_scale(counts, level, domain)
    pairable = counts.per_unit() > 1
    without_pairs = "" if pairable.any() else "No unit has values from two annotators."
    without_alpha = without_pairs or why_alpha_is_undefined(counts, pairable, level)
    without_interval = why_there_is_no_interval(pairable, resamples)

    values, draws = np.full(3, np.nan), np.empty((0, 3))
    if not without_pairs:
        values, draws = values_and_draws(
            counts,
            categories,
            level,
            with_alpha=not without_alpha,
            resamples=0 if without_interval else resamples,
            seed=seed,
        )
    if not without_alpha and fits_the_library(counts):
        values[0] = library_alpha(counts, pairable, level)
    kept = draws[~np.isnan(draws[:, 0]), 0]

    reasons = (without_alpha, without_pairs, without_pairs)
    alpha, percent, ac = (
        estimate(value, column, confidence, reason, without_interval)
        for value, column, reason in zip(values, draws.T, reasons, strict=True)
    )
    return Agreement(
        level=level,
        method=method_of(level, confidence, len(draws)),
        units=counts.units,
        pairable_units=int(pairable.sum()),
        annotators=counts.annotators,
        ratings=counts.ratings,
        alpha=alpha,
        percent=percent,
        ac=ac,
        confidence=confidence,
        resamples=len(draws),
        dropped_resamples=len(draws) - kept.size,
        alpha_below=shares_below(kept),
        seed=seed,
    )


def refuse_nonsense(level: Level, resamples: int, confidence: float) -> None:
    """Raise ValueError for arguments out of range."""
    if level not in METRICS:
        raise ValueError(f"The level is one of {', '.join(METRICS)}, not {level!r}.")
    if resamples < 0:
        raise ValueError("The number of resamples cannot be negative.")
    if not 0 < confidence < 1:
        raise ValueError("The confidence lies between 0 and 1, as 0.95 does.")


def on_scale(
    counts: Counts, level: Level, domain: Sequence[Hashable] | None
) -> tuple[Counts, FloatArray]:
    """Order the values as the level asks; return the categories as numbers too.

    Nominal values are put in an order of their own, so that resamples do not depend
    on which rating came first; categories are then 0 to q - 1.
    """
    if level == "nominal":
        order = sorted(range(len(counts.values)), key=lambda i: repr(counts.values[i]))
        values: list[Hashable] = [counts.values[i] for i in order]
        codes = np.argsort(order)
        scale: Sequence[Hashable] = values if domain is None else domain
        categories = np.arange(len(set(scale)), dtype=np.float64)
    else:
        numbers = np.array([as_number(v) for v in counts.values], dtype=np.float64)
        distinct, codes = np.unique(numbers, return_inverse=True)
        values = distinct.tolist()
        scale = values if domain is None else [as_number(v) for v in domain]
        categories = np.unique(np.array(scale, dtype=np.float64))

    if strangers := set(values).difference(scale):
        named = ", ".join(sorted(map(repr, strangers)))
        raise ValueError(f"These values are not in the domain: {named}.")
    return counts.recoded(values, codes), categories


def numbers_of(counts: Counts, level: Level) -> FloatArray:
    """Return the values of counts that are on scale as numbers, shape (V,)."""
    if level == "nominal":
        return np.arange(len(counts.values), dtype=np.float64)
    return np.array(counts.values, dtype=np.float64)


def why_alpha_is_undefined(
    counts: Counts, pairable: NDArray[np.bool_], level: Level
) -> str:
    """Return why pairable ratings have no alpha, or nothing if they have one."""
    if np.unique(counts.value[pairable[counts.unit]]).size == 1:
        return (
            "Every rating that can be compared has the same value, "
            "so chance cannot be told from agreement."
        )
    if level == "ratio":
        if numbers_of(counts, level).min() < 0:
            return "The ratio metric is not defined for negative values."
        if len(counts.values) > MOST_RATIO_VALUES:
            return (
                f"The ratio metric is computed for at most {MOST_RATIO_VALUES:,} "
                "distinct values; round the values first."
            )
    return ""


def why_there_is_no_interval(pairable: NDArray[np.bool_], resamples: int) -> str:
    """Return why units cannot be resampled, or nothing if they can."""
    if pairable.sum() < 2:
        return "An interval needs at least two units rated by two annotators."
    if resamples == 0:
        return "No resamples were asked for, so there is no interval."
    return ""


def values_and_draws(
    counts: Counts,
    categories: FloatArray,
    level: Level,
    *,
    with_alpha: bool,
    resamples: int,
    seed: int,
) -> tuple[FloatArray, FloatArray]:
    """Compute alpha, percent and AC, shape (3,), and their draws (resamples, 3)."""
    rows, sizes = counts.distinct_rows()
    coefficients = Coefficients(rows, level, numbers_of(counts, level), categories)
    statistics = partial(all_three, coefficients, with_alpha=with_alpha)

    values = statistics(sizes[None, :].astype(np.float64))[0]
    if not resamples:
        return values, np.empty((0, 3))
    width = len(counts.values)
    return values, bootstrap(
        statistics, sizes, resamples=resamples, seed=seed, width=width
    )


def all_three(
    coefficients: Coefficients, weights: FloatArray, *, with_alpha: bool
) -> FloatArray:
    """Alpha, percent and AC of every weighting, shape (K, 3); NaN where undefined."""
    undefined = np.full(len(weights), np.nan)
    alpha = coefficients.alpha(weights) if with_alpha else undefined
    return np.stack(
        [alpha, coefficients.percent(weights), coefficients.ac(weights)], axis=1
    )


def fits_the_library(counts: Counts) -> bool:
    cells = counts.units * len(counts.values) ** 2
    return cells * np.dtype(np.float64).itemsize <= LIBRARY_BYTES


def library_alpha(counts: Counts, pairable: NDArray[np.bool_], level: Level) -> float:
    """Alpha by the krippendorff library, from the dense table of pairable units."""
    table = np.zeros((counts.units, len(counts.values)), dtype=np.int64)
    table[counts.unit, counts.value] = counts.times
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = krippendorff.alpha(
            value_counts=table[pairable],
            value_domain=numbers_of(counts, level),
            level_of_measurement=level,
        )
    return float(alpha)


def estimate(
    value: float,
    draws: FloatArray,
    confidence: float,
    without_value: str,
    without_interval: str,
) -> Estimate:
    """Join a value and the interval of its draws (R,), or the reasons for neither."""
    if np.isnan(value) and not without_value:
        without_value = "The values differ too little to be told apart."
    if without_value:
        return Estimate(None, None, None, without_value)
    interval = percentile_interval(draws, confidence=confidence)
    if interval is None:
        reason = without_interval or "No resample leaves it defined."
        return Estimate(float(value), None, None, reason)
    return Estimate(float(value), *interval)


def shares_below(draws: FloatArray) -> dict[float, float]:
    """Return the share of draws (R,) below each threshold; nothing without draws."""
    if not draws.size:
        return {}
    return {limit: float((draws < limit).mean()) for limit in ALPHA_THRESHOLDS}


def method_of(level: Level, confidence: float, resamples: int) -> str:
    """Name the metrics and the interval, for the screen and the export."""
    if not resamples:
        return METRICS[level]
    return (
        f"{METRICS[level]} Percentile intervals of {confidence * 100:.4g}% "
        f"from {resamples:,} resamples of units."
    )
