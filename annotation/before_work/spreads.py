"""How the answers to one unit are spread: who said what, and a bar for each value."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from annotation.answers.given import SIDES, Given
from annotation.answers.spoken import absence, level, preference, spoken
from annotation.before_work.training import given_of
from annotation.models import (
    Answer,
    UnitOutput,
)
from rubrics.instrument import Instrument, Question
from rubrics.models import Kind

LABEL, LONGEST, ROW = 150, 190, 28


@dataclass(frozen=True)
class Voice:
    """What one annotator said on a criterion."""

    name: str
    is_me: bool
    words: str
    rationale: str


@dataclass(frozen=True)
class Bar:
    """A value with how many chose it, in the picture's coordinates."""

    label: str
    count: int
    is_mine: bool
    y: int
    width: float

    @property
    def end(self) -> float:
        return LABEL + self.width + 8


@dataclass(frozen=True)
class Spread:
    """All answers to a criterion about one side or, with no side, about all."""

    question: Question
    side: str
    voices: list[Voice]
    bars: list[Bar]

    @property
    def has_rationales(self) -> bool:
        return any(voice.rationale for voice in self.voices)

    @property
    def height(self) -> int:
        return len(self.bars) * ROW + 4

    @property
    def width(self) -> int:
        return LABEL + LONGEST + 40

    @property
    def start(self) -> int:
        return LABEL

    @property
    def finding(self) -> str:
        """The picture in one sentence."""
        said = [f"{bar.label}: {bar.count}" for bar in self.bars if bar.count]
        return "; ".join(said) or _("No answers.")


def spreads_of(
    instrument: Instrument,
    answers: Iterable[Answer],
    rows: Sequence[UnitOutput],
    order: list[int],
    *,
    names: dict[Any, tuple[str, bool]],
    reader: User,
) -> list[Spread]:
    positions = {row.output_id: row.position for row in rows}
    said: dict[tuple[int, int | None], list[tuple[Any, Given]]] = defaultdict(list)
    for answer in answers:
        question = instrument.by_id[answer.criterion_id]
        given = given_of(question, answer, positions)
        person = answer.judgment.assignment.annotator_id
        said[question.id, given.position].append((person, given))
    found = []
    for question in instrument:
        of_sides: list[int | None] = [None]
        if question.of_each_output:
            of_sides = list(order)
        for place, position in enumerate(of_sides):
            spoken_by = said[question.id, position]
            side = SIDES[place] if position is not None and len(order) > 1 else ""
            found.append(
                Spread(
                    question,
                    side,
                    voices=voices(spoken_by, order, names, reader),
                    bars=bars(question, spoken_by, order, reader),
                )
            )
    return found


def voices(
    said: list[tuple[Any, Given]],
    order: list[int],
    names: dict[Any, tuple[str, bool]],
    reader: User,
) -> list[Voice]:
    """Mine first, the others by pseudonym."""
    found = [
        Voice(
            names.get(person, ("", False))[0],
            person == reader.pk,
            spoken(given, order),
            given.rationale,
        )
        for person, given in said
    ]
    return sorted(found, key=lambda voice: (not voice.is_me, voice.name))


def bars(
    question: Question, said: list[tuple[Any, Given]], order: list[int], reader: User
) -> list[Bar]:
    """How often each value was chosen; every level of a scale, chosen or not."""
    if question.kind == Kind.TEXT:
        return []
    counts: Counter[str] = Counter()
    mine: set[str] = set()
    for person, given in said:
        for label in labels(given, order):
            counts[label] += 1
            if person == reader.pk:
                mine.add(label)
    scale = labels_of_scale(question, order)
    others = [label for label in counts if label not in scale]
    if question.kind == Kind.NUMERIC:
        others.sort(key=by_number)
    most = max(counts.values(), default=1)
    return [
        Bar(
            label=label,
            count=counts[label],
            is_mine=label in mine,
            y=place * ROW + 4,
            width=round(LONGEST * counts[label] / most, 1),
        )
        for place, label in enumerate([*scale, *others])
    ]


def labels(given: Given, order: list[int]) -> list[str]:
    """The rows of the picture that an answer adds to: one, or one a category."""
    if given.question.kind == Kind.MULTIPLE and given.choices:
        return [level(given.question, code) for code in given.choices]
    return [spoken(given, order)]


def labels_of_scale(question: Question, order: list[int]) -> list[str]:
    found: list[str] = []
    if question.kind == Kind.PREFERENCE:
        strengths = (2, 1) if question.with_strength else (0,)
        for side, ranked in (("A", strengths), ("", ()), ("B", strengths[::-1])):
            found += [
                preference({"choice": side, "strength": one} if one else side)
                for one in ranked
            ] or [preference("tie")]
        found.append(preference("both_bad"))
    elif question.kind != Kind.RANKING:
        found = [level(question, step.code) for step in question.steps]
    if question.allow_not_applicable:
        found.append(absence("not_applicable"))
    if question.allow_cannot_judge:
        found.append(absence("cannot_judge"))
    return list(dict.fromkeys(found))


def by_number(label: str) -> tuple[int, float, str]:
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label
