"""Figures of a batch in words, for its page."""

from __future__ import annotations

from django import template

from annotation.watching import words

register = template.Library()


@register.filter
def taken(seconds: float) -> str:
    return words.taken(seconds)
