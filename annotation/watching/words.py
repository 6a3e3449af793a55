"""What the figures of a batch mean, in sentences; "too few to say" where it is so."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.watching.pace import Forecast

WEEK = timedelta(days=6)


def forecast_words(forecast: Forecast, now: datetime) -> list[str]:
    """How much is left, when it may be done, and how that stands to the due date."""
    if forecast.unknown == "done":
        return [_("Every judgment that was asked for is there.")]
    said = []
    if forecast.hours is not None:
        said.append(
            _("About %(time)s of work left.") % {"time": worked(forecast.hours)}
        )
    if forecast.unknown == "few":
        said.append(_("Too few judgments in a day to say when it will be done."))
    elif forecast.unknown == "resting":
        said.append(_("Nobody has judged for three days, so no end is in sight."))
    elif forecast.done_at:
        said.append(
            _("At the pace of the last day it is done %(when)s.")
            % {"when": when(forecast.done_at, now)}
        )
    if forecast.due_at:
        said.append(due_words(forecast, now))
    return said


def due_words(forecast: Forecast, now: datetime) -> str:
    assert forecast.due_at is not None
    at = {"when": when(forecast.due_at, now)}
    if forecast.due_at < now:
        return _("It was due %(when)s.") % at
    if forecast.is_late:
        return _("That is later than it is due: %(when)s.") % at
    return _("It is due %(when)s.") % at


def worked(hours: float) -> str:
    """
    >>> worked(0.4), worked(3.2)
    ('24 min', '3 h')
    """
    if hours < 1:
        minutes = max(1, round(hours * 60))
        return ngettext("%(n)s min", "%(n)s min", minutes) % {"n": minutes}
    return ngettext("%(n)s h", "%(n)s h", round(hours)) % {"n": f"{round(hours):,}"}


def taken(seconds: float) -> str:
    """
    >>> taken(42.4), taken(95)
    ('42 s', '1 min 35 s')
    """
    whole = max(1, round(seconds))
    if whole < 60:
        return _("%(s)s s") % {"s": whole}
    if whole < 3600:
        return _("%(m)s min %(s)s s") % {"m": whole // 60, "s": whole % 60}
    return _("%(h)s h %(m)s min") % {"h": whole // 3600, "m": whole % 3600 // 60}


def when(at: datetime, now: datetime) -> str:
    """An instant as one says it: nearer ones with the hour, farther ones by date."""
    local, today = timezone.localtime(at), timezone.localdate(now)
    words = {"time": date_format(local, "H:i"), "day": date_format(local, "l")}
    if local.date() == today:
        return _("today at %(time)s") % words
    if local.date() == today + timedelta(days=1):
        return _("tomorrow at %(time)s") % words
    if timedelta() < at - now < WEEK:
        return _("on %(day)s at %(time)s") % words
    return _("on %(date)s") % {"date": date_format(local, "DATE_FORMAT")}
