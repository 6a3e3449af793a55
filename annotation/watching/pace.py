"""How fast a batch is judged, and when it may be done: said only when enough is known.

Pure: from judgments as plain values and an instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles

ENOUGH = 10  # judgments below which a pace says nothing
ENOUGH_TIMES = 5  # and measured times below which a median says nothing
SLOT = 900  # seconds: a quarter of an hour in which somebody judged is worked
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RESTING = timedelta(days=3)  # without a judgment, after which there is no forecast


@dataclass(frozen=True)
class Times:
    """Active seconds for a unit: the median and the quarters around it."""

    low: float
    median: float
    high: float
    count: int


@dataclass(frozen=True)
class Pace:
    """Judgments in the last hour, and in the last day of work.

    `an_hour` is by hour in which somebody judged, `a_day` by day on the calendar, both
    over the day that ends with the last judgment; None where that is too few to say.
    """

    last_hour: int
    an_hour: float | None
    a_day: float | None
    last_at: datetime | None
    times: Times | None


@dataclass(frozen=True)
class Forecast:
    """What is left, in hours of work and as an instant.

    `unknown` says why there is none: done, few, resting.
    """

    remaining: int
    hours: float | None = None
    done_at: datetime | None = None
    due_at: datetime | None = None
    unknown: str = ""

    @property
    def is_late(self) -> bool:
        return bool(self.done_at and self.due_at and self.done_at > self.due_at)


def times_of(seconds: Sequence[float]) -> Times | None:
    if len(seconds) < ENOUGH_TIMES:
        return None
    low, median, high = quantiles(seconds, n=4, method="inclusive")
    return Times(low, median, high, len(seconds))


def pace_of(
    instants: Sequence[datetime],
    seconds: Sequence[float],
    now: datetime,
    *,
    is_cut: bool = False,
) -> Pace:
    """From the instants of the last judgments, newest first; `is_cut`: more were there.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    >>> each_minute = [noon - timedelta(minutes=n) for n in range(30)]
    >>> pace_of(each_minute, [], noon).last_hour
    30
    """
    times = times_of(seconds)
    if not instants:
        return Pace(0, None, None, None, times)
    last = instants[0]
    last_hour = sum(1 for at in instants if at > now - HOUR)
    day = [at for at in instants if at > last - DAY]
    if len(day) < ENOUGH:
        return Pace(last_hour, None, None, last, times)
    slots = {int(at.timestamp()) // SLOT for at in day}
    window = DAY
    if is_cut and len(day) == len(instants):
        window = max(last - day[-1], timedelta(seconds=SLOT))
    return Pace(
        last_hour=last_hour,
        an_hour=len(day) / (len(slots) * SLOT / 3600),
        a_day=len(day) * (DAY / window),
        last_at=last,
        times=times,
    )


def forecast_of(
    remaining: int, pace: Pace, now: datetime, due_at: datetime | None = None
) -> Forecast:
    if remaining == 0:
        return Forecast(0, due_at=due_at, unknown="done")
    if pace.an_hour is None or pace.a_day is None or pace.last_at is None:
        return Forecast(remaining, due_at=due_at, unknown="few")
    hours = remaining / pace.an_hour
    if pace.last_at < now - RESTING:
        return Forecast(remaining, hours=hours, due_at=due_at, unknown="resting")
    try:
        done_at = now + DAY * (remaining / pace.a_day)
    except OverflowError:
        return Forecast(remaining, hours=hours, due_at=due_at, unknown="few")
    return Forecast(remaining, hours=hours, done_at=done_at, due_at=due_at)
