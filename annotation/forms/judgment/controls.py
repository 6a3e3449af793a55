"""What a question looks like: its choices, places, words and evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.answers.spoken import level
from annotation.forms.judgment.posted import suffix_of
from rubrics.instrument import Question, Step
from rubrics.models import EvidenceRule, Kind, RationaleRule

RADIOS = (Kind.BINARY, Kind.NOMINAL, Kind.ORDINAL, Kind.PREFERENCE)
ABSENCES = {
    "not_applicable": (gettext_lazy("Not applicable"), "0"),
    "cannot_judge": (gettext_lazy("Cannot judge"), "-"),
}
TIES = {
    "tie": (gettext_lazy("About equal"), "e"),
    "both_bad": (gettext_lazy("Both bad"), "x"),
}
STRENGTHS = {
    0: gettext_lazy("{side} is better"),
    1: gettext_lazy("{side} slightly better"),
    2: gettext_lazy("{side} much better"),
}


@dataclass(frozen=True)
class Option:
    """One choice: its posted value, its words, its key, and whether it is chosen."""

    value: str
    label: str | Promise
    anchor: str = ""
    hotkey: str = ""
    checked: bool = False
    side: str = ""
    absent: bool = False
    needs_rationale: bool = False


@dataclass(frozen=True)
class Passage:
    """Words marked as evidence, and where they stand in the output's text."""

    start: int
    end: int
    quote: str

    @property
    def place(self) -> str:
        return f"{self.start}-{self.end}"


@dataclass(frozen=True)
class Evidence:
    """What is marked for one question in the output of one side."""

    name: str
    side: str
    passages: list[Passage]
    words: str
    has_text: bool

    @property
    def places(self) -> str:
        return " ".join(passage.place for passage in self.passages)


@dataclass
class Control:
    """One question about one side (or, with no side, about all): its controls."""

    question: Question
    side: str
    options: list[Option] = field(default_factory=list)
    value: str = ""
    is_none: bool = False
    ranks: list[Option] = field(default_factory=list)
    rationale: str = ""
    evidence: list[Evidence] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def suffix(self) -> str:
        return suffix_of(self.question, self.side)

    @property
    def name(self) -> str:
        return f"answer-{self.suffix}"

    @property
    def rationale_name(self) -> str:
        return f"rationale-{self.suffix}"

    @property
    def takes_rationale(self) -> bool:
        return self.question.rationale_rule != RationaleRule.NONE

    @property
    def has_radios(self) -> bool:
        return self.question.kind in RADIOS

    @property
    def has_numbers(self) -> bool:
        """Numbered steps, shown as key caps with their anchors below."""
        return self.question.kind == Kind.ORDINAL

    @property
    def is_rationale_required(self) -> bool:
        """Whatever the answer is; "below a level" depends on it."""
        return self.question.rationale_rule == RationaleRule.REQUIRED

    @property
    def rationale_below(self) -> str:
        below = self.question.rationale_rule == RationaleRule.BELOW
        return plain(self.question.rationale_below) if below else ""

    @property
    def rationale_when(self) -> str:
        """When a rationale is needed, in words; "below 1" says nothing of yes and no.

        Where no level is below the mark, or the mark is below the range, none is.
        """
        needing = [option for option in self.options if option.needs_rationale]
        if self.rationale_below and self.question.kind == Kind.NUMERIC:
            return _("needed below %(level)s") % {"level": self.rationale_below}
        if not needing:
            return _("optional")
        if self.question.kind == Kind.BINARY:
            return _("needed for “%(answer)s”") % {"answer": needing[0].label}
        return _("needed below %(level)s") % {"level": self.rationale_below}

    @property
    def shows_rationale(self) -> bool:
        """There is one, or its lack may be what was refused."""
        return bool(self.rationale) or (bool(self.errors) and self.is_answered)

    @property
    def is_evidence_required(self) -> bool:
        """Where there are words that could be marked."""
        asked = self.question.evidence == EvidenceRule.REQUIRED
        return asked and any(one.has_text for one in self.evidence)

    @property
    def has_words(self) -> bool:
        """Evidence is there as words whose place is still to be found."""
        return any(one.words for one in self.evidence)

    @property
    def is_answered(self) -> bool:
        chosen = any(option.checked for option in self.options)
        ranked = any(rank.value for rank in self.ranks)
        return chosen or bool(self.value) or self.is_none or ranked


@dataclass(frozen=True)
class Group:
    """One criterion with a control for each side it is asked of."""

    question: Question
    controls: list[Control]
    number: int = 0
    gate: Question | None = None

    @property
    def opening(self) -> list[Step]:
        """The answers to the gate with which this is asked."""
        condition = self.question.asked_when
        if self.gate is None or condition is None:
            return []
        return [step for step in self.gate.steps if condition.holds(step.value)]

    @property
    def opening_codes(self) -> str:
        """The same as they are posted, for the script."""
        codes = [step.code for step in self.opening]
        return json.dumps(codes, ensure_ascii=False)

    @property
    def opening_words(self) -> str:
        assert self.gate is not None
        words = [level(self.gate, step.code) for step in self.opening]
        return get_text_list(words, _("or"))

    @property
    def steps(self) -> list[Option]:
        """The levels without the ways to give no answer."""
        return [option for option in self.controls[0].options if not option.absent]

    @property
    def has_anchors(self) -> bool:
        """Whether the levels say more than their key caps do."""
        is_named = self.question.kind == Kind.ORDINAL
        return any(
            step.anchor or (is_named and step.label != step.value)
            for step in self.steps
        )

    @property
    def errors(self) -> list[str]:
        return [error for control in self.controls for error in control.errors]

    @property
    def range(self) -> dict[str, str]:
        """A number's bounds, as an input and a reader take them."""
        question = self.question
        return {
            "minimum": plain(question.minimum),
            "maximum": plain(question.maximum),
            "step": plain(question.step),
        }


class Missing:
    """Nothing was sent; None is an answer, it says "not applicable"."""

    def __bool__(self) -> bool:
        return False


MISSING = Missing()


def at(answers: Any, key: str, side: str) -> Any:
    """The value at a criterion and side; MISSING where none was sent."""
    value = answers.get(key, MISSING) if isinstance(answers, Mapping) else MISSING
    if not side:
        return value
    return value.get(side, MISSING) if isinstance(value, Mapping) else MISSING


def absence_of(value: Any) -> dict[str, Any]:
    """The ways in which a value says that there is no answer; empty when it is one."""
    if value is None:
        return {"absent": "not_applicable"}
    return dict(value) if isinstance(value, Mapping) and "absent" in value else {}


def plain(number: float | None) -> str:
    """A number as people write it: 3, not 3.0."""
    if number is None:
        return ""
    return str(int(number)) if number == int(number) else repr(number)


def options(
    question: Question, sides: str, value: Any, absent: object = None
) -> list[Option]:
    """The choices of a question; those that say "no answer" come last."""
    if question.kind == Kind.PREFERENCE:
        made = preferences(question, sides, value)
    else:
        chosen = value if isinstance(value, list) else [value]
        keys = hotkeys(question)
        made = [
            Option(
                step.code,
                step.words,
                anchor=step.anchor,
                hotkey=keys[step.code],
                checked=any(same(step.value, one) for one in chosen),
                needs_rationale=question.needs_rationale(step.number),
            )
            for step in question.steps
        ]
    taken = {option.hotkey for option in made}
    if question.kind == Kind.NUMERIC:
        taken |= {
            hotkey for _, hotkey in ABSENCES.values()
        }  # These keys write numbers.
    allowed = {
        "not_applicable": question.allow_not_applicable,
        "cannot_judge": question.allow_cannot_judge,
    }
    said = absent if isinstance(absent, list) else [absent]
    made += [
        Option(
            f"absent:{name}",
            label,
            hotkey="" if hotkey in taken else hotkey,
            checked=name in said,
            absent=True,
        )
        for name, (label, hotkey) in ABSENCES.items()
        if allowed[name]
    ]
    return made


def hotkeys(question: Question) -> dict[str, str]:
    """Each level's key. Levels named by one digit each are chosen by that digit."""
    codes = [step.code for step in question.steps]
    by_place = [step.hotkey for step in question.steps] == [
        str(place) for place in range(1, len(codes) + 1)
    ]
    if question.kind == Kind.ORDINAL and by_place and all(is_digit(c) for c in codes):
        return {code: code for code in codes}
    return {step.code: step.hotkey for step in question.steps}


def is_digit(code: str) -> bool:
    return len(code) == 1 and code in "0123456789"


def same(one: Any, other: Any) -> bool:
    """Equal, where true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def preferences(question: Question, sides: str, value: Any) -> list[Option]:
    """A first, ties between, B last, both bad apart; keys a, e, b, x or 1 to 5."""
    first, second = sides[0], sides[1]
    strengths = (2, 1) if question.with_strength else (0,)
    order = [(first, s) for s in strengths] + [("tie", 0)]
    order += [(second, s) for s in reversed(strengths)] + [("both_bad", 0)]
    chosen = posted_preference(value)
    made = []
    for place, (choice, strength) in enumerate(order, 1):
        code = f"{choice}{strength or ''}"
        if choice in TIES:
            label, hotkey = TIES[choice]
        else:
            label = format_lazy(STRENGTHS[strength], side=choice)
            hotkey = choice.lower()
        if question.with_strength and choice != "both_bad":
            hotkey = str(place)
        side = choice if choice not in TIES else ""
        made.append(
            Option(code, label, hotkey=hotkey, checked=code == chosen, side=side)
        )
    return made


def posted_preference(value: Any) -> str:
    """The posted code of a stored preference: A, A2, tie, both_bad."""
    if isinstance(value, Mapping):
        return f"{value.get('choice', '')}{value.get('strength') or ''}"
    return value if isinstance(value, str) else ""


def ranks(sides: str, value: Any) -> list[Option]:
    """One rank to choose for each side; equal ranks are a tie."""
    places: dict[str, str] = {}
    for place, group in enumerate(value if isinstance(value, list) else [], 1):
        for side in group if isinstance(group, list) else [group]:
            places[str(side)] = str(place)
    return [Option(places.get(side, ""), side, side=side) for side in sides]


def evidence_in(question: Question, side: str, sent: Any, text: str | None) -> Evidence:
    """What was marked in the output of a side; words without a place stay words.

    Without a text the output is not known yet, and taken to have words.
    """
    passages, words = [], []
    for one in sent if isinstance(sent, list) else []:
        start, end = (one.get("start"), one.get("end")) if is_object(one) else (0, 0)
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end:
            passages.append(Passage(start, end, (text or "")[start:end]))
        elif is_object(one) and isinstance(one.get("quote"), str):
            words.append(one["quote"])
    name = f"span-{question.key}-{side}"
    has_text = text is None or bool(text.strip())
    return Evidence(name, side, passages, "\n".join(words), has_text)


def is_object(value: Any) -> bool:
    return isinstance(value, Mapping)
