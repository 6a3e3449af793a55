"""One answer, checked, on the unit's canonical axis; and how sides are called.

Outside, answers name sides as shown (A, B …). Inside, they name the unit's canonical
positions; `side_order[i]` is the canonical position of the output shown on side i.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from config.text import Unreadable, canonical_json, clean_text
from rubrics.instrument import Question

SIDES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRENGTHS = (1, 2)
MAX_TEXT = 20_000
MOST_TEXT = {"most": f"{MAX_TEXT:,}"}
CANONICAL = ("first", "second")


class Fault(ValueError):
    """One value that cannot stand; the message is a full sentence."""


@dataclass(frozen=True, order=True)
class Mark:
    """Words marked as evidence: code points in the text of the output at `position`."""

    position: int
    start: int
    end: int
    quote: str = field(compare=False)

    @property
    def place(self) -> tuple[int, int, int]:
        return (self.position, self.start, self.end)


@dataclass(frozen=True)
class Given:
    """One answer, checked: exactly one of the value fields is set.

    `position` is the canonical place of the output, None for a comparison.
    """

    question: Question
    position: int | None
    level_id: int | None = None
    number: float | None = None
    text: str | None = None
    choices: Any = None
    absent: str | None = None
    rationale: str = ""
    marks: tuple[Mark, ...] = ()

    @property
    def order(self) -> float | None:
        """The answer's place on its scale, for rules such as "below 3"."""
        if self.level_id is not None:
            return self.question.by_id[self.level_id].number
        return self.number

    @property
    def identity(self) -> tuple[Any, ...]:
        code = self.question.by_id[self.level_id].code if self.level_id else None
        value = (code, self.number, self.text, self.choices, self.absent)
        marks = [mark.place for mark in self.marks]
        return (self.question.key, self.position, *value, self.rationale, *marks)


def sides_of(count: int) -> str:
    return SIDES[:count]


def content_hash(answers: Iterable[Given]) -> str:
    """Equal for equal answers, in whatever order they came."""
    rows = sorted(
        (canonical_json(answer.identity) for answer in answers), key=lambda row: row
    )
    return sha256("\n".join(rows).encode()).hexdigest()


def text_within_limits(text: str) -> str:
    try:
        clean_text(text)
    except Unreadable as error:
        raise Fault(str(error)) from None
    if len(text) > MAX_TEXT:
        raise Fault(_("The text is longer than %(most)s characters.") % MOST_TEXT)
    return text
