"""A person's own working time, for their own eyes: days, pace, what is left of it.

Active time is what the screen measured while it was seen and used. Judgments made
elsewhere and imported are left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from uuid import UUID

from django.core.cache import cache
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from annotation.models import Assignment, Judgment
from annotation.models.assignment import AssignmentState, Source

DAYS = 14
KEPT = 86_400  # seconds for which days that are over are remembered
LOOKED_AT = 200  # my last judgments, from which the pace is known
ENOUGH = 5  # judgments below which a pace says nothing
WIDTH, HEIGHT, GAP = 560, 96, 8
LEAST_TOP = 30  # minutes at the top of the scale, so that little looks little


@dataclass(frozen=True)
class Day:
    """One day of mine: how long, how much."""

    day: date
    seconds: int
    judgments: int

    @property
    def minutes(self) -> int:
        return round(self.seconds / 60)


@dataclass(frozen=True)
class Bar:
    """A day in the picture's coordinates."""

    day: Day
    x: float
    y: float
    width: float
    height: float
    middle: float
    is_today: bool

    @property
    def label_y(self) -> float:
        """Where the minutes stand: just above the bar."""
        return round(self.y - 5, 1)


@dataclass(frozen=True)
class Activity:
    """The last 14 days, oldest first, as figures and as a picture."""

    days: list[Day]
    bars: list[Bar]
    top: int  # minutes at the top of the scale
    finding: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def today(self) -> Day:
        return self.days[-1]

    @property
    def is_empty(self) -> bool:
        return not any(day.minutes for day in self.days)


def activity_of(user: User, *, now: datetime | None = None) -> Activity:
    """My last 14 days: two queries, each from an index, for today alone when known."""
    days = days_of(user, now or timezone.now(), DAYS)
    top = max(LEAST_TOP, *(day.minutes for day in days))
    step = WIDTH / len(days)
    bars = []
    for place, day in enumerate(days):
        height = round(HEIGHT * min(day.seconds / 60 / top, 1.0), 1)
        bars.append(
            Bar(
                day=day,
                x=round(place * step + GAP / 2, 1),
                y=round(HEIGHT - height, 1),
                width=round(step - GAP, 1),
                height=height,
                middle=round(place * step + step / 2, 1),
                is_today=place == len(days) - 1,
            )
        )
    return Activity(days, bars, top, finding(days))


def today_of(user: User, *, now: datetime | None = None) -> Day:
    return days_of(user, now or timezone.now(), 1)[0]


def days_of(user: User, now: datetime, count: int) -> list[Day]:
    """So many days up to now, oldest first, none left out.

    Days that are over are remembered: what is added to them later took no time here.
    """
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in reversed(range(count))]
    zone = timezone.get_current_timezone_name()
    name = f"days:{user.pk}:{zone}:{days[0]}:{today}"
    over: list[Day] | None = cache.get(name) if count > 1 else []
    if over is None:
        *over, last = by_day(user, days)
        cache.set(name, over, KEPT)
        return [*over, last]
    return [*over, *by_day(user, [today])]


def by_day(user: User, days: list[date]) -> list[Day]:
    """Active time and judgments of each day: two queries, for firsts and revisions."""
    since = timezone.make_aware(datetime.combine(days[0], time.min))
    first = Judgment.objects.filter(assignment=OuterRef("pk"), number=1)
    first = first.exclude(source=Source.IMPORTED)
    # Looked up row by row: joined, the planner would rather read all there are.
    firsts = Assignment.objects.filter(
        annotator=user, state=AssignmentState.SUBMITTED, submitted_at__gte=since
    ).annotate(spent=Subquery(first.values(known=Coalesce("elapsed_ms", 0))[:1]))
    # A revision is time, but no further unit.
    again = Judgment.objects.filter(
        assignment__annotator=user, number__gt=1, created_at__gte=since
    ).exclude(source=Source.IMPORTED)
    spent, units = Counter[date](), Counter[date]()
    for at, milliseconds in firsts.values_list("submitted_at", "spent"):
        if at is not None and milliseconds is not None:
            day = timezone.localdate(at)
            spent[day] += milliseconds
            units[day] += 1
    for at, milliseconds in again.values_list("created_at", "elapsed_ms"):
        spent[timezone.localdate(at)] += milliseconds or 0
    return [Day(day, round(spent[day] / 1000), units[day]) for day in days]


def finding(days: Sequence[Day]) -> str:
    """The picture in one sentence."""
    worked = [day for day in days if day.minutes]
    if not worked:
        return _("No active minutes in the last %(days)s days.") % {"days": len(days)}
    total = sum(day.minutes for day in worked)
    most = max(worked, key=lambda day: day.minutes)
    return ngettext(
        "%(total)s active minutes on %(count)s of the last %(days)s days, most on "
        "%(day)s with %(most)s.",
        "%(total)s active minutes on %(count)s of the last %(days)s days, most on "
        "%(day)s with %(most)s.",
        len(worked),
    ) % {
        "total": total,
        "count": len(worked),
        "days": len(days),
        "day": date_format(most.day, "MONTH_DAY_FORMAT"),
        "most": most.minutes,
    }


def paces_of(user: User) -> dict[UUID, float]:
    """My median active seconds per unit, by batch, from my last judgments: one query.

    A batch in which I judged fewer than five with a measured time is left out.
    """
    rows = (
        Judgment.objects.filter(
            Q(elapsed_ms__gt=0),
            number=1,
            assignment__annotator=user,
            assignment__state=AssignmentState.SUBMITTED,
        )
        .order_by("-assignment__submitted_at", "-assignment_id")
        .values_list("assignment__batch", "elapsed_ms")
    )
    times: dict[UUID, list[int]] = defaultdict(list)
    for batch, elapsed in rows[:LOOKED_AT]:
        times[batch].append(elapsed or 0)
    return {
        batch: median(found) / 1000
        for batch, found in times.items()
        if len(found) >= ENOUGH
    }


def minutes_left(left: int, pace: float | None) -> int | None:
    """About how long what is left takes me; None where it cannot be said."""
    if pace is None or left <= 0:
        return None
    return max(1, round(left * pace / 60))
