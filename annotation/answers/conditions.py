"""Which questions are asked, given the answers so far.

A criterion may hang on an earlier one. Of outputs, each is asked by its own answer; a
gate about the outputs together speaks for every one. Where the gate has no answer, or
is not asked itself, the question is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rubrics.instrument import Instrument, Question

# The value at a question and side ("" for one about all); None where there is none.
ValueAt = Callable[[Question, str], Any]


def is_asked(
    instrument: Instrument, question: Question, side: str, value_at: ValueAt
) -> bool:
    """Is this question asked about this side? Values are as the API spells them."""
    condition = question.asked_when
    if condition is None:
        return True
    gate = instrument.by_key[condition.key]
    at = side if gate.of_each_output else ""
    if not is_asked(instrument, gate, at, value_at):
        return False
    value = value_at(gate, at)
    return not is_absence(value) and condition.holds(value)


def is_absence(value: Any) -> bool:
    """No answer, or one that says that there is none."""
    return value is None or (isinstance(value, Mapping) and "absent" in value)
