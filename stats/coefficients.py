"""Alpha, percent agreement and AC1/AC2 as functions of how often each unit counts.

A coefficient is computed for many weightings of the units at once: with the weights
at the number of units per distinct row it is the coefficient of the data, with
multinomial weights it is one of its bootstrap resamples. No units x values x values
array is ever made, so that memory follows the number of ratings.

With x the position of a value, the sum of (x_c - x_k)^2 over all ordered pairs of
counts n is 2 (n. sum n x^2 - (sum n x)^2). Interval distances have this form with x
the number itself, and so do Krippendorff's ordinal distances with x the mid-rank:
sum_{g=c..k} n_g - (n_c + n_k) / 2 is the difference of the mid-ranks of k and c.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from stats.ratings import Counts, FloatArray

Level = Literal["nominal", "ordinal", "interval", "ratio"]

# Cells of the distance matrix of the ratio level that are held at once (8 MB).
BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The coefficients of G rows of counts over V values.

    rows        the counts, one row per unit or per distinct row
    level       the level of measurement, which decides the distances
    numbers     (V,) the values as rising numbers; at the nominal level any numbers
    categories  (q,) the same for all values that could have been given

    Every method takes weights of shape (K, G), how often each row counts in each of
    K weightings, and returns (K,), with NaN where the coefficient is undefined.
    """

    rows: Counts
    level: Level
    numbers: FloatArray
    categories: FloatArray

    def alpha(self, weights: FloatArray) -> FloatArray:
        """Krippendorff's alpha, 1 - (n - 1) D_o / D_e (Krippendorff 2011).

        Rows with a single rating do not count. NaN where all values are equal.
        """
        times = self.rows.times * self._is_pairable[self.rows.unit]
        totals = self._totals(weights, times)
        positions = mid_ranks(totals) if self.level == "ordinal" else self._positions

        observed = self._observed(weights, positions)
        expected = self._expected(totals, positions)
        # Rounding may leave a trace of disagreement where there is only one value.
        varies = ((totals > 0).sum(axis=1) > 1) & (expected > 0)
        ratio = np.full(len(weights), np.nan)
        np.divide(observed, expected, out=ratio, where=varies)
        alpha: FloatArray = 1 - (totals.sum(axis=1) - 1) * ratio
        return alpha

    def percent(self, weights: FloatArray) -> FloatArray:
        """Share of agreeing pairs of ratings, as the mean over the pairable rows."""
        return self._mean_over_pairable(weights, self._same_share)

    def ac(self, weights: FloatArray) -> FloatArray:
        """Gwet's AC1 at the nominal level, else AC2 with quadratic weights.

        (p_a - p_e) / (1 - p_e), p_e = T_w / (q (q - 1)) sum pi (1 - pi); pi is the
        mean share of a value over all rows, single ratings included (Gwet 2014).
        """
        agreeing = self._same_share if self.level == "nominal" else self._close_share
        observed = self._mean_over_pairable(weights, agreeing)

        share = self.rows.times / self._ratings[self.rows.unit]
        prevalence = self._totals(weights, share) / weights.sum(axis=1)[:, None]
        same: FloatArray = np.square(prevalence).sum(axis=1)
        chance = self._chance_factor * (1 - same)
        return (observed - chance) / (1 - chance)

    def _totals(self, weights: FloatArray, cells: FloatArray) -> FloatArray:
        """Add up the weighted cells by value, shape (K, V)."""
        rows = self.rows
        return np.array([rows.sum_by_value(cells * w[rows.unit]) for w in weights])

    def _observed(self, weights: FloatArray, positions: FloatArray) -> FloatArray:
        """Weigh and add up the disagreement of the rows, shape (K,)."""
        if self.level == "ordinal":
            # Mid-ranks follow the totals, so every weighting has its own distances.
            lines = zip(weights, positions, strict=True)
            return np.array([line @ self._squares_in_rows(x) for line, x in lines])
        return weights @ self._disagreement

    def _expected(self, totals: FloatArray, positions: FloatArray) -> FloatArray:
        """Add up the distances of all pairs of ratings in the totals, shape (K,)."""
        if self.level == "ratio":
            return self._ratio_distances_of(totals)
        n: FloatArray = totals.sum(axis=1)
        if self.level == "nominal":
            same: FloatArray = np.square(totals).sum(axis=1)
            return np.square(n) - same
        moment = totals * positions
        return sum_of_squares(n, moment.sum(axis=1), (moment * positions).sum(axis=1))

    @cached_property
    def _disagreement(self) -> FloatArray:
        """Distances over the pairs of each row by m - 1, for fixed distances, (G,)."""
        match self.level:
            case "nominal":
                return self._is_pairable * self._ratings * (1 - self._same_share)
            case "ratio":
                return self._ratio_distances_in_rows()
            case _:
                return self._squares_in_rows(self._positions)

    def _squares_in_rows(self, positions: FloatArray) -> FloatArray:
        """Add up squared distances over the pairs of each row by m - 1, shape (G,)."""
        rows, at = self.rows, positions[self.rows.value]
        moment = rows.times * at
        squares = sum_of_squares(
            self._ratings, rows.sum_by_unit(moment), rows.sum_by_unit(moment * at)
        )
        return squares / self._others

    def _ratio_distances_in_rows(self) -> FloatArray:
        """Add up ((c - k) / (c + k))^2 over each row's pairs by m - 1, shape (G,)."""
        rows = self.rows
        added = np.zeros(rows.units)
        left, step = np.arange(rows.unit.size), 0
        while left.size:
            step += 1
            left = left[left + step < rows.unit.size]
            left = left[rows.unit[left] == rows.unit[left + step]]
            right = left + step
            pairs = 2 * rows.times[left] * rows.times[right]
            c, k = self.numbers[rows.value[left]], self.numbers[rows.value[right]]
            distances = pairs * np.square((c - k) / (c + k))
            added += np.bincount(
                rows.unit[left], weights=distances, minlength=rows.units
            )
        return added / self._others

    def _ratio_distances_of(self, totals: FloatArray) -> FloatArray:
        """Add up n_c n_k ((c - k) / (c + k))^2 block by block, shape (K,)."""
        added = np.zeros(len(totals))
        height = max(1, BLOCK // self.numbers.size)
        for start in range(0, self.numbers.size, height):
            c, k = self.numbers[start : start + height, None], self.numbers
            distances = np.zeros((c.size, k.size))
            np.divide(c - k, c + k, out=distances, where=c != k)
            reached = totals @ np.square(distances).T
            added += (totals[:, start : start + height] * reached).sum(axis=1)
        return added

    def _mean_over_pairable(
        self, weights: FloatArray, by_row: FloatArray
    ) -> FloatArray:
        """Average a number per row over the pairable rows; NaN without one."""
        pairable = weights @ self._is_pairable
        mean = np.full(len(weights), np.nan)
        np.divide(weights @ by_row, pairable, out=mean, where=pairable > 0)
        return mean

    @cached_property
    def _ratings(self) -> FloatArray:
        return self.rows.per_unit().astype(np.float64)

    @cached_property
    def _others(self) -> FloatArray:
        """Ratings that one rating of the row can be compared to, but at least 1."""
        return np.maximum(self._ratings - 1, 1.0)

    @cached_property
    def _is_pairable(self) -> FloatArray:
        return (self._ratings > 1).astype(np.float64)

    @cached_property
    def _positions(self) -> FloatArray:
        """The values around their median, in widths of the scale, shape (V,).

        Distances do not change, and squares of numbers near 0 lose no digits.
        """
        median = float(np.median(self.numbers[self.rows.value]))
        return (self.numbers - median) / self._width

    @cached_property
    def _same_share(self) -> FloatArray:
        """Share of each row's pairs that have the same value; 0 for single ratings."""
        same = self.rows.sum_by_unit(self.rows.times * (self.rows.times - 1))
        return same / (self._ratings * self._others)

    @cached_property
    def _close_share(self) -> FloatArray:
        """The same with quadratic weights 1 - ((c - k) / (max - min))^2 on pairs."""
        squares = self._squares_in_rows(self._positions)
        return self._is_pairable * (1 - squares / self._ratings)

    @cached_property
    def _chance_factor(self) -> float:
        """T_w / (q (q - 1)); T_w is the sum of the weights of all pairs of values."""
        q = self.categories.size
        if q < 2:
            return 0.0
        if self.level == "nominal":
            return 1 / (q - 1)
        at = (self.categories - self.categories.mean()) / self._width
        distances = 2 * (q * float(at @ at) - float(at.sum()) ** 2)
        return (q * q - distances) / (q * (q - 1))

    @cached_property
    def _width(self) -> float:
        return float(np.ptp(self.categories)) or 1.0


def mid_ranks(totals: FloatArray) -> FloatArray:
    """Return the mid-rank of every value in each line of totals, shape (K, V)."""
    return totals.cumsum(axis=1) - totals / 2


def sum_of_squares(n: FloatArray, moment: FloatArray, square: FloatArray) -> FloatArray:
    """Sum of (x - y)^2 over ordered pairs of n numbers with sum x and sum x^2."""
    return np.maximum(2 * (n * square - np.square(moment)), 0.0)
