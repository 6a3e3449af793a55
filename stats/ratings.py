"""The plain values that statistics on annotators start from, and their counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from numbers import Real
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


class Rating(NamedTuple):
    """One annotator's value for one unit; a missing answer is no rating."""

    annotator: Hashable
    unit: Hashable
    value: Hashable


class Coded(NamedTuple):
    """A column as its distinct entries and, row by row, their positions."""

    distinct: Sequence[Hashable]
    codes: IntArray


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each value was given to each unit: the cells that are not zero.

    Only these cells are stored, so a slider with a thousand positions costs no
    more than a scale of five. They come unit by unit, and by value inside a unit.
    The arrays are read-only.

    values      V distinct values
    unit        (cells,) the cell's unit, from 0; every unit has a cell
    value       (cells,) the cell's value, as a position in `values`
    times       (cells,) how many annotators gave the unit this value, from 1
    units       number of units
    annotators  number of annotators
    """

    values: tuple[Hashable, ...]
    unit: IntArray
    value: IntArray
    times: IntArray
    units: int
    annotators: int

    def __post_init__(self) -> None:
        for array in (self.unit, self.value, self.times):
            array.setflags(write=False)

    @classmethod
    def from_ratings(cls, ratings: Iterable[Rating]) -> Self:
        """Count ratings by any hashable annotators, of any hashable values.

        If one annotator has several ratings for one unit, the last one counts.
        Raises ValueError for the values None and NaN, which are no ratings.
        """
        columns = list(zip(*ratings, strict=True)) or [(), (), ()]
        return cls._from_columns(*map(_coded_objects, columns))

    @classmethod
    def from_arrays(
        cls, annotators: ArrayLike, units: ArrayLike, values: ArrayLike
    ) -> Self:
        """Count ratings that come as three arrays (R,); rules as in from_ratings."""
        columns = np.broadcast_arrays(annotators, units, values)
        return cls._from_columns(*map(_coded_array, columns))

    @classmethod
    def _from_columns(cls, annotators: Coded, units: Coded, values: Coded) -> Self:
        if any(value is None or value != value for value in values.distinct):
            raise ValueError("A rating has no value; leave missing answers out.")

        last = _last_of_each(units.codes * len(annotators.distinct) + annotators.codes)
        unit, value, times = _tallied(
            units.codes[last], values.codes[last], np.ones(last.size, dtype=np.int64)
        )
        return cls(
            values=tuple(values.distinct),
            unit=unit,
            value=value,
            times=times,
            units=len(units.distinct),
            annotators=len(annotators.distinct),
        )

    @property
    def ratings(self) -> int:
        return int(self.times.sum())

    def per_unit(self) -> IntArray:
        """Return how many ratings each unit has, shape (units,)."""
        return self.sum_by_unit(self.times).astype(np.int64)

    def sum_by_unit(self, cells: NDArray[np.number]) -> FloatArray:
        """Add up a number per cell to a number per unit, shape (units,)."""
        added = np.bincount(self.unit, weights=cells, minlength=self.units)
        return np.asarray(added, dtype=np.float64)

    def sum_by_value(self, cells: NDArray[np.number]) -> FloatArray:
        """Add up a number per cell to a number per value, shape (V,)."""
        added = np.bincount(self.value, weights=cells, minlength=len(self.values))
        return np.asarray(added, dtype=np.float64)

    def recoded(self, values: Iterable[Hashable], codes: IntArray) -> Counts:
        """Return the counts with value number i renamed to values[codes[i]].

        Values that get the same code become one.
        """
        unit, value, times = _tallied(self.unit, codes[self.value], self.times)
        return replace(self, values=tuple(values), unit=unit, value=value, times=times)

    def distinct_rows(self) -> tuple[Counts, IntArray]:
        """Merge units with equal counts into rows; say how many units share each.

        The units of the returned counts are the rows; the sizes have shape (rows,).
        The order of the rows depends on the rows alone, not on the order of units.
        """
        cells = np.stack((self.value, self.times), axis=1)
        packed = cells.tobytes()
        ends = np.cumsum(np.bincount(self.unit, minlength=self.units))
        bounds = [0, *(ends * cells.strides[0]).tolist()]
        keys = [packed[start:end] for start, end in pairwise(bounds)]

        shared = sorted(Counter(keys).items())
        rows = np.frombuffer(b"".join(key for key, _ in shared), dtype=np.int64)
        lengths = np.array(
            [len(key) // cells.strides[0] for key, _ in shared], dtype=np.int64
        )
        merged = replace(
            self,
            unit=np.repeat(np.arange(len(shared)), lengths),
            value=rows[0::2],
            times=rows[1::2],
            units=len(shared),
        )
        return merged, np.array([size for _, size in shared], dtype=np.int64)


def as_number(value: object) -> float:
    """Return a real number as float; booleans, NaN and infinities are none.

    Raises TypeError for everything else.
    """
    if isinstance(value, Real | Decimal) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number):
            return number
    raise TypeError(f"A finite number is needed here, and {value!r} is none.")


def _coded_objects(column: Sequence[Hashable]) -> Coded:
    """Number the distinct entries of a column in order of appearance."""
    code_of = {entry: code for code, entry in enumerate(dict.fromkeys(column))}
    codes = np.fromiter(
        map(code_of.__getitem__, column), dtype=np.int64, count=len(column)
    )
    return Coded(list(code_of), codes)


def _coded_array(column: NDArray[np.generic]) -> Coded:
    """Number the distinct entries of an array in rising order."""
    distinct, codes = np.unique(column, return_inverse=True)
    return Coded(distinct.tolist(), codes.astype(np.int64))


def _last_of_each(keys: IntArray) -> IntArray:
    """Return the position of the last occurrence of every distinct key."""
    _, from_the_end = np.unique(keys[::-1], return_index=True)
    return keys.size - 1 - from_the_end


def _tallied(
    unit: IntArray, value: IntArray, times: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Add up the times of equal (unit, value) and order the cells by both."""
    width = int(value.max(initial=0)) + 1
    keys, cell = np.unique(unit * width + value, return_inverse=True)
    added = np.bincount(cell, weights=times, minlength=keys.size)
    return keys // width, keys % width, added.astype(np.int64)
