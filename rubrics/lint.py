"""Hints to who writes a rubric: what tends to make people disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from django.utils.translation import gettext as _
from rapidfuzz.distance import Indel

from rubrics.instrument import Instrument, Question
from rubrics.models import Kind

MOST_QUESTIONS = 7
MOST_LEVELS = 7
NEARLY_EQUAL = 0.9
# More pairs than this are no scale that anybody reads.
MOST_COMPARED = 20
TWO_AT_ONCE = re.compile(r"\b(and|and/or|as well as)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Hint:
    """What may be improved; `criterion` is "" where it is about the whole."""

    criterion: str
    words: str


def hints(instrument: Instrument) -> list[Hint]:
    found = [hint for question in instrument for hint in hints_on(question)]
    count = len(instrument.questions)
    if count > MOST_QUESTIONS:
        words = _(
            "There are %(count)s questions; beyond %(most)s people tire and answer "
            "alike. Leave some out, or make two rubrics."
        )
        found.append(Hint("", words % {"count": count, "most": MOST_QUESTIONS}))
    return found


def hints_on(question: Question) -> Iterator[Hint]:
    if TWO_AT_ONCE.search(question.question):
        yield Hint(
            question.key,
            _("It may ask two things at once; whoever finds only one true is stuck."),
        )
    if question.kind not in (Kind.ORDINAL, Kind.NOMINAL, Kind.MULTIPLE):
        return
    if len(question.steps) > MOST_LEVELS:
        words = _("%(count)s levels are more than people tell apart.")
        yield Hint(question.key, words % {"count": len(question.steps)})
    if question.kind == Kind.ORDINAL:
        bare = [step.code for step in question.steps if not step.anchor.strip()]
        if bare:
            words = _("No anchor says what %(levels)s means.")
            yield Hint(question.key, words % {"levels": ", ".join(bare[:10])})
    for one, other in combinations(question.steps[:MOST_COMPARED], 2):
        if one.anchor.strip() and alike(one.anchor, other.anchor):
            words = _("The anchors of %(one)s and %(other)s are nearly the same.")
            yield Hint(question.key, words % {"one": one.code, "other": other.code})


def alike(one: str, other: str) -> bool:
    similarity = Indel.normalized_similarity(one.casefold(), other.casefold())
    return float(similarity) >= NEARLY_EQUAL
