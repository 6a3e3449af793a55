"""The bootstrap over units, and its percentile interval.

Units, not ratings or pairs, are what was sampled, so units are resampled. A unit
matters only through its row of counts: resampling N units is drawing how often each
distinct row occurs, a multinomial draw with the shares of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stats.ratings import FloatArray, IntArray

# Numbers in the weights of one chunk of resamples (32 MB).
CHUNK = 4_000_000

# A multinomial draw takes one binomial draw per row, about as long as eight units.
UNITS_PER_BINOMIAL = 8


def bootstrap(
    statistics: Callable[[FloatArray], FloatArray],
    sizes: IntArray,
    *,
    resamples: int,
    seed: int,
    width: int = 1,
) -> FloatArray:
    """Compute statistics on resamples of units; the same seed gives the same draws.

    statistics  takes weights (K, rows), how often each row is in each of K
                resamples, and returns (K, S)
    sizes       (rows,) how many units have each distinct row
    width       how many numbers per resample the statistics hold at once

    Returns (resamples, S). Resamples come in chunks, so that memory stays flat.
    """
    chunk = max(1, CHUNK // max(sizes.size, width))
    generator = np.random.default_rng(seed)
    drawn = [
        statistics(weights)
        for weights in resampled_weights(generator, sizes, resamples, chunk)
    ]
    return np.concatenate(drawn)


def resampled_weights(
    generator: np.random.Generator, sizes: IntArray, resamples: int, chunk: int
) -> Iterator[FloatArray]:
    """Yield how often each row is drawn, shape (at most chunk, rows)."""
    units = int(sizes.sum())
    row_of_unit = np.repeat(np.arange(sizes.size), sizes)
    for start in range(0, resamples, chunk):
        count = min(chunk, resamples - start)
        if sizes.size * UNITS_PER_BINOMIAL <= units:
            drawn = generator.multinomial(units, sizes / units, size=count)
        else:
            drawn = np.array(
                [
                    np.bincount(
                        row_of_unit[generator.integers(units, size=units)],
                        minlength=sizes.size,
                    )
                    for _ in range(count)
                ]
            )
        yield drawn.astype(np.float64)


def percentile_interval(
    draws: FloatArray, *, confidence: float
) -> tuple[float, float] | None:
    """Return the central interval of draws (R,) without the NaN; None if none is left.

    A draw is NaN where a resample leaves the statistic undefined.
    """
    kept = draws[~np.isnan(draws)]
    if not kept.size:
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(kept, [tail, 1 - tail])
    return float(low), float(high)
