"""The cost of a batch that is asked for: judgments, hours for each annotator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from annotation.actions.asking import Asked, refuse_misfits
from annotation.actions.batches import count_wanted, refuse_taken_name
from annotation.actions.units import overlapping
from annotation.models import Batch
from annotation.models.batch import Strategy
from annotation.planning.pace import Pace, own_paces, pace_of
from annotation.planning.sharing import share_by_skill, share_evenly, units_by_skill
from annotation.planning.warnings import Warned, warnings_of
from annotation.skills import skills_in

WORKDAYS = 5  # of a week


@dataclass(frozen=True)
class Share:
    """What falls to one annotator. `judgments` are their units of the work, and what
    they judge before it."""

    user: User
    units: int
    judgments: int
    pace: Pace

    @property
    def hours(self) -> float:
        return self.judgments * self.pace.seconds / 3_600


@dataclass(frozen=True)
class Cost:
    """`left_over` judgments are those that nobody here may make.

    `days` are the working days from now to the due date, or those that the daily cap
    makes it take; None where there is neither.
    """

    units: int
    overlapping: int
    overlap: int
    judgments: int
    before_work: int
    left_over: int
    shares: list[Share]
    pace: Pace
    days: int | None = None
    days_of_cap: int | None = None
    warnings: list[Warned] = field(default_factory=list)

    @property
    def hours(self) -> float:
        return sum(share.hours for share in self.shares)

    @property
    def longest(self) -> float:
        """Hours of whoever has most to do."""
        return max((share.hours for share in self.shares), default=0.0)

    @property
    def shortest(self) -> float:
        return min((share.hours for share in self.shares), default=0.0)

    @property
    def hours_a_day(self) -> float | None:
        """Of whoever has most to do, on each working day until it is due."""
        return self.longest / self.days if self.days else None


def cost_of(asked: Asked) -> Cost:
    """Reckon without making anything. Raises Refused where `create_batch` would."""
    refuse_misfits(asked)
    refuse_taken_name(asked)
    batch = asked.as_batch()
    calibration = asked.calibration
    units = count_wanted(batch, asked)
    known = len(asked.training.items) if asked.training else 0
    if calibration:
        known += calibration.drawn or len(calibration.listed)
        units -= calibration.drawn
    people = list(dict.fromkeys(asked.annotators))
    overlap = overlapping(units, batch.overlap_share)
    judgments = overlap * batch.overlap + units - overlap
    missing: list[str] = []
    if batch.strategy == Strategy.NAMED:
        named = asked.selection.assigned
        judgments = sum(len(entry["annotators"]) for entry in named)
        load = Counter(UUID(pk) for entry in named for pk in entry["annotators"])
    elif batch.strategy == Strategy.SKILL:
        load, missing = by_skill(asked, batch, people, judgments / units)
    else:
        most = units if batch.cap is None else min(units, batch.cap)
        reachable = judgments - max(0, batch.overlap - len(people)) * overlap
        load = share_evenly(reachable, {person.pk: most for person in people})
    pace, own = pace_of(batch), own_paces(batch, people)
    shares = [
        Share(one, load[one.pk], load[one.pk] + known, own.get(one.pk, pace))
        for one in people
    ]
    most_units = max((share.units for share in shares), default=0)
    cost = Cost(
        units=units,
        overlapping=overlap,
        overlap=batch.overlap,
        judgments=judgments,
        before_work=known * len(people),
        left_over=judgments - sum(load.values()),
        shares=shares,
        pace=pace,
        days=working_days(timezone.localdate(), due_day(batch)),
        days_of_cap=ceil(most_units / batch.daily_cap) if batch.daily_cap else None,
    )
    cost.warnings.extend(warnings_of(batch, cost, missing))
    return cost


def by_skill(
    asked: Asked, batch: Batch, people: Sequence[User], per_unit: float
) -> tuple[Counter[UUID], list[str]]:
    known = skills_in(batch.project_id)
    skills = {person.pk: known.get(person.pk, []) for person in people}
    units = units_by_skill(batch, asked.selection)
    return share_by_skill(units, per_unit, skills, batch.cap)


def due_day(batch: Batch) -> date | None:
    return timezone.localdate(batch.due_at) if batch.due_at else None


def working_days(today: date, due: date | None) -> int | None:
    """Mondays to Fridays from today to that day, both counted; None without one.

    >>> working_days(date(2026, 11, 20), date(2026, 11, 24))  # a Friday to a Tuesday
    3
    """
    if due is None:
        return None
    days = max(0, (due - today).days + 1)
    weeks, rest = divmod(days, 7)
    begun = (today + timedelta(days=n) for n in range(rest))
    return weeks * WORKDAYS + sum(day.weekday() < WORKDAYS for day in begun)
