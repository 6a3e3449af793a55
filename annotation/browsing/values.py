"""A criterion's value as a filter: `key:4`, `key:true`, `key:2..5`, `key:absence`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotation.answers.scales import levels
from annotation.answers.spoken import absence, level
from annotation.models.judgment import Absent
from rubrics.instrument import Instrument, Question
from rubrics.models import Kind

BY_LEVEL = (Kind.BINARY, Kind.NOMINAL, Kind.ORDINAL, Kind.PREFERENCE)


@dataclass(frozen=True)
class AskedValue:
    """One criterion and what its answer is to be; one of the last four is set."""

    question: Question
    levels: tuple[int, ...] = ()  # its rows, in comparable versions too
    code: str = ""  # one of several categories
    absent: str = ""
    low: float | None = None
    high: float | None = None


def read_value(instrument: Instrument, written: str) -> AskedValue:
    """ValueError, with words for people, for what no answer can be."""
    key, colon, value = written.partition(":")
    question = instrument.by_key.get(key)
    if question is None or not colon or not value:
        known = ", ".join(instrument.by_key)
        raise ValueError(
            _("Write criterion:value, the criterion being one of: %(known)s.")
            % {"known": known}
        )
    step = question.by_code.get(value)
    if step is not None and question.kind in BY_LEVEL:
        rows = [pk for pk, one in question.by_id.items() if one is step]
        return AskedValue(question, levels=tuple(rows))
    if step is not None and question.kind == Kind.MULTIPLE:
        return AskedValue(question, code=step.code)
    if value in Absent.values:
        return AskedValue(question, absent=value)
    if question.kind == Kind.NUMERIC:
        low, dots, high = value.partition("..")
        return AskedValue(
            question, low=number_of(low), high=number_of(high if dots else low)
        )
    if question.kind in (Kind.RANKING, Kind.TEXT):
        raise ValueError(
            _("Rankings and texts have no value to choose; search their words.")
        )
    raise ValueError(
        _("Off the scale; the levels are %(levels)s.") % {"levels": levels(question)}
    )


def number_of(text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(_("Write a number, or a range as in 2..5."))
    return number


def choices_of(question: Question) -> list[tuple[str, str]]:
    """What may be chosen of a criterion in a list: its filter, and its words."""
    found = []
    if question.kind in (*BY_LEVEL, Kind.MULTIPLE):
        found = [(step.code, words_of(question, step.code)) for step in question.steps]
    if question.allow_not_applicable:
        found.append((Absent.NOT_APPLICABLE.value, absence("not_applicable")))
    if question.allow_cannot_judge:
        found.append((Absent.CANNOT_JUDGE.value, absence("cannot_judge")))
    return [(f"{question.key}:{code}", words) for code, words in found]


def words_of(question: Question, code: str) -> str:
    """A level in words; a preference is for the output that was named first or second.

    Which of them stood on the left is each assignment's own matter.
    """
    if question.kind != Kind.PREFERENCE:
        return level(question, code)
    winner, _tilde, strength = code.partition("_")
    return {
        ("tie", ""): _("about equal"),
        ("both", "bad"): _("both bad"),
        ("first", ""): _("the first output is better"),
        ("first", "1"): _("the first output is slightly better"),
        ("first", "2"): _("the first output is much better"),
        ("second", ""): _("the second output is better"),
        ("second", "1"): _("the second output is slightly better"),
        ("second", "2"): _("the second output is much better"),
    }.get((winner, strength), code)
