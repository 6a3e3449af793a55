"""Walks a batch's submissions in the order of time, never far without a result.

A page takes the filters to the newest rows first: what many have is found there. What
is still missing is looked for from its rare side (`rare.py`), then further back in
growing steps until `PATIENCE` is over; the page then says how far it has looked and
goes on from there when it is asked to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from annotation.browsing.asked import Asked
from annotation.browsing.conditions import conditions, in_time
from annotation.browsing.rare import rare_ones
from annotation.mine.history import moment
from annotation.models import Assignment, Batch

SIZE = 50
FIRST_STEP = 1_000
LONGEST_STEP = 8_000
PATIENCE = 0.15  # seconds, after which an empty page says so
ORDERS = ("newest", "oldest")

Place = tuple[datetime, UUID]


@dataclass(frozen=True)
class Page:
    """Places of one page. `next` is where more begins, None at the end.

    `looked` says how many rows were looked at when the walk stopped before its page
    was full; 0 when the page is all there was to find.
    """

    places: list[Place]
    next: Place | None
    looked: int = 0

    @property
    def ids(self) -> list[UUID]:
        return [pk for _at, pk in self.places]


@dataclass
class Walk:
    """The batch's submissions in one order, from a place on."""

    batch: Batch
    asked: Asked
    newest_first: bool = True
    after: Place | None = None
    rows: QuerySet[Assignment] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = in_time(self.batch, self.asked)

    def page(self, size: int = SIZE) -> Page:
        narrowing = conditions(self.batch, self.asked)
        if not narrowing:
            return self.full(
                places(self.ordered(self.rows, self.after), size + 1), size
            )
        found: list[Place] = []
        start, looked = self.after, 0
        step, began = FIRST_STEP, monotonic()
        while True:
            end = self.step_end(start, step)
            rows = self.between(start, end).filter(*narrowing)
            found += places(self.ordered(rows, start), size + 1 - len(found))
            looked += step
            if len(found) > size or end is None:
                return self.full(found, size)
            if step == FIRST_STEP:
                few = rare_ones(self.batch, self.asked)
                if few is not None:
                    rest = self.rows.filter(*narrowing, pk__in=few)
                    rest = self.ordered(rest, end)
                    found += places(rest, size + 1 - len(found))
                    return self.full(found, size)
            start, step = end, min(step * 2, LONGEST_STEP)
            if monotonic() - began > PATIENCE:
                return Page(found, end, looked)

    def full(self, found: list[Place], size: int) -> Page:
        more = found[size - 1] if len(found) > size else None
        return Page(found[:size], more)

    def step_end(self, start: Place | None, step: int) -> Place | None:
        """The last place of a step; None when the rows end before it."""
        row: Any = self.ordered(self.rows, start).values_list("submitted_at", "pk")
        return next(iter(row[step - 1 : step]), None)

    def between(self, start: Place | None, end: Place | None) -> QuerySet[Assignment]:
        """The rows of a step, its end among them."""
        if end is None:
            return self.rows
        at, pk = end
        if self.newest_first:
            reached = Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gte=pk)
            return self.rows.filter(reached, submitted_at__gte=at)
        reached = Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lte=pk)
        return self.rows.filter(reached, submitted_at__lte=at)

    def ordered(
        self, rows: QuerySet[Assignment], start: Place | None
    ) -> QuerySet[Assignment]:
        """The rows behind a place, in this walk's order."""
        if start is not None:
            at, pk = start
            if self.newest_first:
                beyond = Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=pk)
                # The second is what an index can begin at.
                rows = rows.filter(beyond, submitted_at__lte=at)
            else:
                beyond = Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gt=pk)
                rows = rows.filter(beyond, submitted_at__gte=at)
        if self.newest_first:
            return rows.order_by("-submitted_at", "-pk")
        return rows.order_by("submitted_at", "pk")


def places(rows: Any, most: int) -> list[Place]:
    return list(rows.values_list("submitted_at", "pk")[:most])


def place_written(place: Place | None) -> str:
    return f"{place[0].isoformat()}~{place[1]}" if place else ""


def place_read(written: str) -> Place | None:
    """None for what is no place of ours: the walk then begins at its start."""
    at, _tilde, pk = written.partition("~")
    try:
        return moment(at), UUID(pk)
    except (ValueError, OverflowError):
        return None
