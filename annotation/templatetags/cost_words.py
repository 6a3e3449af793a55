"""A cost and a pace, for people."""

from __future__ import annotations

from django import template

from annotation.planning.cost import Cost
from annotation.planning.pace import Pace
from annotation.planning.words import (
    details_of,
    duration,
    pace_in_words,
    seconds,
    sum_of,
)

register = template.Library()

register.filter("cost_sum", sum_of)
register.filter("duration", duration)
register.filter("pace_words", pace_in_words)


@register.filter
def cost_details(cost: Cost) -> list[str]:
    return list(details_of(cost))


@register.filter
def pace_seconds(pace: Pace) -> str:
    return seconds(pace.seconds)
