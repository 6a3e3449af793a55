"""A cost in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.planning.cost import Cost
from annotation.planning.pace import AT_LEAST, Pace, PaceFrom


def sum_of(cost: Cost) -> str:
    """ "120 units × 3 = 360 judgments, about 6.0 h for each of 3 annotators." """
    told = {
        "units": whole(cost.units),
        "overlapping": whole(cost.overlapping),
        "rest": whole(cost.units - cost.overlapping),
        "overlap": cost.overlap,
        "judgments": whole(cost.judgments),
        "hours": hours_of(cost),
    }
    if cost.judgments == cost.units * cost.overlap:
        words = ngettext(
            "%(units)s unit × %(overlap)s = %(judgments)s judgments, %(hours)s.",
            "%(units)s units × %(overlap)s = %(judgments)s judgments, %(hours)s.",
            cost.units,
        )
    elif cost.judgments == cost.units + cost.overlapping * (cost.overlap - 1):
        words = _(
            "%(overlapping)s units × %(overlap)s and %(rest)s × 1 = %(judgments)s "
            "judgments, %(hours)s."
        )
    else:
        words = _("%(units)s units, %(judgments)s judgments, %(hours)s.")
    return words % told


def hours_of(cost: Cost) -> str:
    least, most = duration(cost.shortest), duration(cost.longest)
    people = len(cost.shares)
    if least == most:
        words = ngettext(
            "about %(time)s for %(people)s annotator",
            "about %(time)s for each of %(people)s annotators",
            people,
        )
    else:
        words = ngettext(
            "about %(least)s to %(time)s for %(people)s annotator",
            "about %(least)s to %(time)s for each of %(people)s annotators",
            people,
        )
    return words % {"least": least, "time": most, "people": people}


def details_of(cost: Cost) -> Iterator[str]:
    """What the sum rests on, and what it means for each day."""
    if cost.before_work:
        words = ngettext(
            "Besides, %(count)s judgment before the work; it is in the hours.",
            "Besides, %(count)s judgments before the work; they are in the hours.",
            cost.before_work,
        )
        yield words % {"count": whole(cost.before_work)}
    yield pace_in_words(cost.pace)
    if cost.days and cost.hours_a_day is not None:
        words = ngettext(
            "Due in %(days)s working day: %(time)s for each.",
            "Due in %(days)s working days: %(time)s a day each.",
            cost.days,
        )
        yield words % {"days": cost.days, "time": duration(cost.hours_a_day)}
    if cost.days_of_cap:
        words = ngettext(
            "With the most a day it takes %(days)s working day.",
            "With the most a day it takes %(days)s working days.",
            cost.days_of_cap,
        )
        yield words % {"days": cost.days_of_cap}


def pace_in_words(pace: Pace) -> str:
    words = {
        PaceFrom.OWN: _("%(seconds)s s a judgment: their own median."),
        PaceFrom.RUBRIC: _(
            "%(seconds)s s a judgment: the median of %(count)s with this rubric."
        ),
        PaceFrom.LAYOUT: _(
            "%(seconds)s s a judgment: the median of %(count)s in this layout."
        ),
        PaceFrom.PROJECT: _(
            "%(seconds)s s a judgment: the median of %(count)s in the project."
        ),
        PaceFrom.ASSUMED: _(
            "Fewer than %(least)s judgments were timed here yet: %(seconds)s s a "
            "judgment is an assumption."
        ),
    }[pace.based_on]
    told = {"count": whole(pace.count), "least": AT_LEAST}
    return words % {"seconds": seconds(pace.seconds), **told}


def duration(hours: float) -> str:
    """Minutes below an hour, else hours with one place.

    >>> duration(0.1), duration(1.25)
    ('6 min', '1.2 h')
    """
    minutes = max(1, round(hours * 60)) if hours else 0
    if minutes < 60:
        return ngettext("%(n)s min", "%(n)s min", minutes) % {"n": minutes}
    return ngettext("%(n)s h", "%(n)s h", round(hours)) % {"n": one_place(hours)}


def seconds(value: float) -> str:
    return whole(round(value)) if value >= 10 else one_place(value)


def whole(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def one_place(number: float) -> str:
    # number_format cuts off; a tenth that is left over is rounded here.
    return number_format(round(number, 1), decimal_pos=1, use_l10n=True)
