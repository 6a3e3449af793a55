"""The scales: one reader for each kind of value, and the way back to what was sent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _

from annotation.answers.given import (
    CANONICAL,
    SIDES,
    STRENGTHS,
    Fault,
    Given,
    sides_of,
    text_within_limits,
)
from rubrics.instrument import Question
from rubrics.models import Kind


def read_binary(question: Question, value: Any, _order: Sequence[int]) -> Given:
    if not isinstance(value, bool):
        raise Fault(_("Send true or false."))
    return Given(question, None, level_id=question.by_code[str(value).lower()].id)


def read_nominal(question: Question, value: Any, _order: Sequence[int]) -> Given:
    return Given(question, None, level_id=step_by_code(question, value).id)


def read_multiple(question: Question, value: Any, _order: Sequence[int]) -> Given:
    if not isinstance(value, list):
        raise Fault(_("Send a list of categories; it may be empty."))
    codes = [step_by_code(question, one).code for one in value]
    if len(set(codes)) < len(codes):
        raise Fault(_("A category stands twice in the list."))
    in_order = [step.code for step in question.steps if step.code in codes]
    return Given(question, None, choices=in_order)


def read_ordinal(question: Question, value: Any, _order: Sequence[int]) -> Given:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for step in question.steps:
            if step.number == value:
                return Given(question, None, level_id=step.id)
    raise Fault(
        _("Off the scale; the levels are %(levels)s.") % {"levels": levels(question)}
    )


def read_numeric(question: Question, value: Any, _order: Sequence[int]) -> Given:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise Fault(_("Send a number."))
    number = float(value)
    low, high, step = question.minimum, question.maximum, question.step
    if not math.isfinite(number):
        raise Fault(_("Send a finite number."))
    if (low is not None and number < low) or (high is not None and number > high):
        raise Fault(off_the_range(low, high))
    if step is not None:
        steps = (number - (low or 0.0)) / step
        if not math.isfinite(steps) or abs(steps - round(steps)) > 1e-6:
            raise Fault(
                _("The scale goes in steps of %(step)s.") % {"step": f"{step:g}"}
            )
    return Given(question, None, number=number)


def read_preference(question: Question, value: Any, order: Sequence[int]) -> Given:
    choice, strength = value, None
    if isinstance(value, Mapping):
        if value.keys() - {"choice", "strength"}:
            raise Fault(_('Send {"choice": "A", "strength": 2}.'))
        choice, strength = value.get("choice"), value.get("strength")
    if choice in ("tie", "both_bad"):
        if strength is not None:
            raise Fault(f"{choice!r} has no strength.")
        return Given(question, None, level_id=question.by_code[choice].id)
    sides = sides_of(len(order))
    if not isinstance(choice, str) or len(choice) != 1 or choice not in sides:
        raise Fault(
            _("Send one of %(sides)s, tie, both_bad.") % {"sides": ", ".join(sides)}
        )
    code = CANONICAL[order[sides.index(choice)]]
    if question.with_strength:
        if type(strength) is not int or strength not in STRENGTHS:  # Nor True, 1.0.
            raise Fault(_('Say how much: {"choice": "A", "strength": 1 or 2}.'))
        code = f"{code}_{strength}"
    elif strength is not None:
        raise Fault(_("This criterion does not ask for a strength."))
    return Given(question, None, level_id=question.by_code[code].id)


def read_ranking(question: Question, value: Any, order: Sequence[int]) -> Given:
    sides = sides_of(len(order))
    groups = value if isinstance(value, list) else None
    if groups is None:
        raise Fault(_("Send a list of sides, best first; a list inside is a tie."))
    ranked = [group if isinstance(group, list) else [group] for group in groups]
    named = [side for group in ranked for side in group]
    if sorted(map(str, named)) != sorted(sides) or not all(ranked):
        raise Fault(_("Rank each of %(sides)s once.") % {"sides": ", ".join(sides)})
    positions = [sorted(order[sides.index(side)] for side in group) for group in ranked]
    return Given(question, None, choices=positions)


def read_text(question: Question, value: Any, _order: Sequence[int]) -> Given:
    if not isinstance(value, str):
        raise Fault(_("Send text."))
    text = text_within_limits(value)
    if question.required and not text.strip():
        raise Fault(_("This criterion needs an answer."))
    return Given(question, None, text=text)


READERS: dict[str, Callable[[Question, Any, Sequence[int]], Given]] = {
    Kind.BINARY: read_binary,
    Kind.NOMINAL: read_nominal,
    Kind.MULTIPLE: read_multiple,
    Kind.ORDINAL: read_ordinal,
    Kind.NUMERIC: read_numeric,
    Kind.PREFERENCE: read_preference,
    Kind.RANKING: read_ranking,
    Kind.TEXT: read_text,
}


def step_by_code(question: Question, value: Any) -> Any:
    step = question.by_code.get(value) if isinstance(value, str) else None
    if step is None:
        raise Fault(
            _("Off the scale; the categories are %(levels)s.")
            % {"levels": levels(question)}
        )
    return step


def levels(question: Question) -> str:
    return ", ".join(str(step.value) for step in question.steps)


def off_the_range(low: float | None, high: float | None) -> str:
    if low is None:
        return _("Off the scale; it goes up to %(high)s.") % {"high": f"{high:g}"}
    if high is None:
        return _("Off the scale; it goes from %(low)s up.") % {"low": f"{low:g}"}
    return _("Off the scale; it goes from %(low)s to %(high)s.") % {
        "low": f"{low:g}",
        "high": f"{high:g}",
    }


class Valued(Protocol):
    """An answer, stored or just read: one of these is set."""

    @property
    def level_id(self) -> int | None: ...
    @property
    def number(self) -> float | None: ...
    @property
    def text(self) -> str | None: ...
    @property
    def choices(self) -> Any: ...
    @property
    def absent(self) -> str | None: ...


def shown_value(question: Question, side_order: Sequence[int], answer: Valued) -> Any:
    """The value as the API spells it, in the sides of this order."""
    if answer.absent == "not_applicable":
        return None
    if answer.absent:
        return {"absent": answer.absent}
    if answer.level_id is not None:
        step = question.by_id[answer.level_id]
        if question.kind == Kind.PREFERENCE:
            return shown_preference(step.code, side_order)
        return step.value
    if answer.number is not None:
        whole = answer.number == int(answer.number)
        return int(answer.number) if whole else answer.number
    if question.kind == Kind.RANKING:
        sides = [
            sides_of(len(side_order))[list(side_order).index(p)]
            for p in range(len(side_order))
        ]
        return [
            # By side: the canonical order would tell which system came first.
            sides[group[0]] if len(group) == 1 else sorted(sides[p] for p in group)
            for group in answer.choices
        ]
    return answer.text if answer.text is not None else answer.choices


def shown_preference(code: str, side_order: Sequence[int]) -> Any:
    name, _, strength = code.partition("_")
    if name not in CANONICAL:
        return code
    side = SIDES[list(side_order).index(CANONICAL.index(name))]
    return {"choice": side, "strength": int(strength)} if strength else side
