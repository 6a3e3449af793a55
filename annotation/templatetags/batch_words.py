"""What a batch is called in its states, for people."""

from __future__ import annotations

from django import template

from annotation.models.batch import BatchState

register = template.Library()


@register.filter
def batch_state(state: str) -> str:
    return str(BatchState(state).label)
