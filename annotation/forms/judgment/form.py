"""The whole form: bound to a post, or showing a draft or a judgment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from annotation.answers.conditions import is_asked
from annotation.answers.given import MAX_TEXT, MOST_TEXT, Given, sides_of
from annotation.answers.reading import InvalidAnswers, Texts, read_answers
from annotation.forms.judgment.controls import (
    MISSING,
    Control,
    Evidence,
    Group,
    absence_of,
    at,
    evidence_in,
    options,
    ranks,
)
from annotation.forms.judgment.posted import as_sent
from rubrics.instrument import Instrument, Question
from rubrics.models import Kind


class JudgmentForm:
    """Bound to a post, or showing what is stored: a draft or a judgment.

    `texts` gives the outputs' texts in canonical order; it is called where the rubric
    asks for evidence.
    """

    def __init__(
        self,
        instrument: Instrument,
        side_order: Sequence[int],
        *,
        posted: QueryDict | None = None,
        stored: Mapping[str, Any] | None = None,
        texts: Texts = list,
    ) -> None:
        self.instrument = instrument
        self.side_order = side_order
        self.sides = sides_of(len(side_order))
        self.is_bound = posted is not None
        self.sent = (
            dict(stored or {})
            if posted is None
            else as_sent(instrument, self.sides, posted)
        )
        self.texts = texts
        self.note = str(self.sent.get("note", ""))
        self.given: list[Given] = []
        self.errors: list[dict[str, str]] = []

    def is_valid(self) -> bool:
        """Read the post; on faults, `errors` says what is missing or wrong.

        What was entered where nothing is asked is dropped once the rest stands.
        """
        if not self.is_bound:
            return False
        asked = self.what_is_asked()
        try:
            self.given = read_answers(
                self.instrument,
                asked["answers"],
                asked["rationales"],
                asked["spans"],
                side_order=self.side_order,
                texts=self.texts,
            )
        except InvalidAnswers as error:
            self.errors = error.errors
        self.errors += self.contradictions()
        if len(self.note) > MAX_TEXT:
            message = _("The note is longer than %(most)s characters.") % MOST_TEXT
            self.errors.append({"field": "note", "message": message})
        if not self.errors:
            self.sent = asked
        return not self.errors

    def what_is_asked(self) -> dict[str, Any]:
        """What was sent, without what was entered for questions that are not asked."""
        kept = dict(self.sent)
        for part in ("answers", "rationales", "spans"):
            by_key = {}
            for question in self.instrument:
                sent = self.sent[part].get(question.key)
                if question.of_each_output and sent is not None:
                    sent = {
                        side: value
                        for side, value in sent.items()
                        if self.asks(question, side)
                    }
                elif sent is not None and not self.asks(question, ""):
                    sent = None
                if sent is not None:
                    by_key[question.key] = sent
            kept[part] = by_key
        return kept

    def asks(self, question: Question, side: str) -> bool:
        """Is this question asked about this side, by what is entered?"""
        return is_asked(self.instrument, question, side, self.entered)

    def entered(self, question: Question, side: str) -> Any:
        value = at(self.sent.get("answers"), question.key, side)
        return None if value is MISSING else value

    def contradictions(self) -> list[dict[str, str]]:
        """An answer beside "not applicable": neither is thrown away unseen."""
        said = _("This says that there is no answer and gives one; leave one of both.")
        return [
            {"field": paths(question, side)[0], "message": said}
            for question in self.instrument
            for side in (self.sides if question.of_each_output else ("",))
            if self.asks(question, side)
            and "value" in absence_of(at(self.sent["answers"], question.key, side))
        ]

    @property
    def note_errors(self) -> list[str]:
        return [error["message"] for error in self.errors if error["field"] == "note"]

    @cached_property
    def groups(self) -> list[Group]:
        numbered = [question for question in self.instrument if question.takes_evidence]
        return [
            Group(
                question,
                [
                    self.control(question, side)
                    for side in (self.sides if question.of_each_output else ("",))
                ],
                number=numbered.index(question) + 1 if question in numbered else 0,
                gate=self.gate_of(question),
            )
            for question in self.instrument
        ]

    def gate_of(self, question: Question) -> Question | None:
        """The question on whose answer it hangs whether this one is asked."""
        condition = question.asked_when
        return self.instrument.by_key[condition.key] if condition else None

    @property
    def about_outputs(self) -> list[Group]:
        return [group for group in self.groups if group.question.of_each_output]

    @property
    def about_all(self) -> list[Group]:
        return [group for group in self.groups if not group.question.of_each_output]

    @cached_property
    def text_by_side(self) -> dict[str, str]:
        """The outputs' texts, where the rubric asks for evidence in them."""
        if not self.instrument.takes_evidence:
            return {}
        texts = self.texts()
        places = zip(self.sides, self.side_order, strict=True)
        return {side: texts[place] for side, place in places if place < len(texts)}

    @property
    def has_empty_output(self) -> bool:
        """There is one in which no evidence can be marked."""
        return any(not text.strip() for text in self.text_by_side.values())

    @property
    def has_levels(self) -> bool:
        """Is there a question whose choices have digits, beside preferences?"""
        return any(
            option.hotkey.isdigit() and not option.absent
            for group in self.groups
            if group.question.kind != Kind.PREFERENCE
            for option in group.controls[0].options
        )

    @property
    def has_preference(self) -> bool:
        return any(question.kind == Kind.PREFERENCE for question in self.instrument)

    @property
    def has_strength(self) -> bool:
        return any(question.with_strength for question in self.instrument)

    @property
    def has_absence(self) -> bool:
        return any(
            question.allow_not_applicable or question.allow_cannot_judge
            for question in self.instrument
        )

    @property
    def has_ranking(self) -> bool:
        return any(question.kind == Kind.RANKING for question in self.instrument)

    @property
    def sources(self) -> list[tuple[str, str]]:
        """The same as JSON by side, for the script that marks evidence."""
        return [
            (side, json.dumps(text, ensure_ascii=False))
            for side, text in self.text_by_side.items()
        ]

    def control(self, question: Question, side: str) -> Control:
        value = at(self.sent.get("answers"), question.key, side)
        absent = absence_of(value)
        if absent:
            value = absent.get("value")
        control = Control(
            question,
            side,
            rationale=str(at(self.sent.get("rationales"), question.key, side) or ""),
            evidence=self.evidence(question, side),
            errors=[
                error["message"]
                for error in self.errors
                if error["field"] in paths(question, side)
            ],
        )
        if not side:
            control.errors += self.errors_by_side(question)
        if question.kind in (Kind.NUMERIC, Kind.TEXT):
            plain = isinstance(value, (str, int, float))
            control.value = str(value) if plain else ""
        elif question.kind == Kind.RANKING:
            control.ranks = ranks(self.sides, value)
        control.is_none = question.kind == Kind.MULTIPLE and value == []
        control.options = options(question, self.sides, value, absent.get("absent"))
        return control

    def evidence(self, question: Question, side: str) -> list[Evidence]:
        """Of one output in its own; of all together in any of them."""
        if not question.takes_evidence:
            return []
        sent = self.sent.get("spans")
        return [
            evidence_in(
                question,
                one,
                at(sent, question.key, one),
                self.text_by_side.get(one),
            )
            for one in (side or self.sides)
        ]

    def errors_by_side(self, question: Question) -> list[str]:
        """Faults of a comparison's evidence, each in the output of a side."""
        return [
            _("Output %(side)s: %(fault)s") % {"side": side, "fault": error["message"]}
            for side in self.sides
            for error in self.errors
            if error["field"] == f"spans.{question.key}.{side}"
        ]


def paths(question: Question, side: str) -> tuple[str, ...]:
    """Where faults of a control are reported: at its side or at its criterion."""
    wholes = (f"answers.{question.key}", f"spans.{question.key}")
    sided = tuple(f"{whole}.{side}" for whole in wholes) if side else ()
    return (*sided, *wholes)
