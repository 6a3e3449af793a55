"""The pictures of a batch as plain numbers; a table beneath says the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.watching.detail import Days, midnight
from annotation.watching.pace import Forecast, Times
from annotation.watching.words import taken

WIDTH, HEIGHT = 520, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 22, 26
ROW = 34


@dataclass(frozen=True)
class Column:
    """A day, or a few, as the table beneath shows it."""

    first: date
    last: date
    judged: int
    total: int


@dataclass(frozen=True)
class BurnUp:
    """Judgments by day, summed, against what is required."""

    area: str
    line: str
    end: tuple[float, float]
    ahead: str
    required_y: float
    required: int
    floor: float
    ticks: list[tuple[float, str]]
    days: list[tuple[float, str, str]]
    columns: list[Column]
    finding: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def label_y(self) -> float:
        """Where the word stands: just above the line of what is required."""
        return round(self.required_y - 7, 1)


def burn_up(
    days: Days | None, required: int, forecast: Forecast, now: datetime
) -> BurnUp | None:
    if days is None or not any(days.counts):
        return None
    totals = list(accumulate(days.counts))
    starts = [days.first + timedelta(days=days.step * n) for n in range(len(totals))]
    start = midnight(starts[0])
    end = max(now, midnight(starts[-1]) + timedelta(hours=12))
    reach = forecast.done_at
    is_near = reach is not None and reach - now <= max(end - start, timedelta(days=2))
    until = max(end, reach) if reach and is_near else end
    top = max(required, totals[-1], 1)
    floor = HEIGHT - BOTTOM

    def x(at: datetime) -> float:
        share = (at - start) / (until - start)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(count: int) -> float:
        return round(floor - count / top * (floor - TOP), 1)

    ends = [midnight(day) for day in starts[1:]] + [min(end, now)]
    points = [(x(start), y(0))]
    points += [(x(at), y(total)) for at, total in zip(ends, totals, strict=True)]
    line = " ".join(f"{px},{py}" for px, py in points)
    ahead = ""
    if reach and is_near:
        px, py = points[-1]
        ahead = f"{px},{py} {x(reach)},{y(required)}"
    return BurnUp(
        area=f"{line} {points[-1][0]},{floor} {points[0][0]},{floor}",
        line=line,
        end=points[-1],
        ahead=ahead,
        required_y=y(required),
        required=required,
        floor=floor,
        ticks=[(y(round(top * n / 4)), f"{round(top * n / 4):,}") for n in (0, 2, 4)],
        days=day_ticks(start, until, x),
        columns=[
            Column(day, day + timedelta(days=days.step - 1), judged, total)
            for day, judged, total in zip(starts, days.counts, totals, strict=True)
        ],
        finding=_(
            "%(judged)s of %(required)s judgments in %(days)s days; %(today)s in the "
            "last of them."
        )
        % {
            "judged": f"{totals[-1]:,}",
            "required": f"{required:,}",
            "days": (now - start).days + 1,
            "today": f"{days.counts[-1]:,}",
        },
    )


def day_ticks(
    start: datetime, until: datetime, x: Callable[[datetime], float]
) -> list[tuple[float, str, str]]:
    """The first day, one in the middle, the last: where it stands, name, its end."""
    middle = start + (until - start) / 2
    ticks = [(start, "start"), (middle, "middle"), (until, "end")]
    return [
        (x(at), date_format(timezone.localtime(at), "j M"), anchor)
        for at, anchor in ticks
    ]


@dataclass(frozen=True)
class TimesRow:
    name: str
    y: int
    low: float
    x: float
    high: float
    said: str


@dataclass(frozen=True)
class TimesPlot:
    """Active time for a unit by annotator: the median, and the middle half."""

    rows: list[TimesRow]
    ticks: list[tuple[float, str]]
    height: int
    axis_y: int
    finding: str
    width: int = WIDTH
    left: int = 150


def times_plot(people: Sequence[tuple[str, Times]]) -> TimesPlot | None:
    if not people:
        return None
    left, right = 150, 84
    top = max(times.high for _, times in people) or 1

    def x(seconds: float) -> float:
        return round(left + seconds / top * (WIDTH - left - right), 1)

    rows = [
        TimesRow(
            name=name,
            y=24 + place * ROW,
            low=x(times.low),
            x=x(times.median),
            high=x(times.high),
            said=taken(times.median),
        )
        for place, (name, times) in enumerate(people)
    ]
    axis_y = 24 + len(rows) * ROW - 10
    medians = sorted(times.median for _, times in people)
    return TimesPlot(
        rows=rows,
        ticks=[(x(0), "0"), (x(top), taken(top))],
        height=axis_y + 24,
        axis_y=axis_y,
        finding=ngettext(
            "Median active time for a unit of %(count)s annotator: %(low)s.",
            "Median active time for a unit of %(count)s annotators: from %(low)s to "
            "%(high)s.",
            len(rows),
        )
        % {"count": len(rows), "low": taken(medians[0]), "high": taken(medians[-1])},
    )
