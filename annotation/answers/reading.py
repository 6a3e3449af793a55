"""Answers as the API spells them, read against an instrument: all right or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from annotation.answers.conditions import is_asked
from annotation.answers.evidence import MOST_MARKS, read_marks
from annotation.answers.given import Fault, Given, Mark, sides_of, text_within_limits
from annotation.answers.scales import READERS
from rubrics.instrument import Instrument, Question
from rubrics.models import EvidenceRule, RationaleRule
from rubrics.wording import when_in_words

Texts = Callable[[], Sequence[str]]


class InvalidAnswers(ValueError):
    """`errors` is a list of {field, message}; nothing was stored."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{e['field']}: {e['message']}" for e in errors))
        self.errors = errors


def read_answers(
    instrument: Instrument,
    answers: Any,
    rationales: Any = None,
    spans: Any = None,
    *,
    side_order: Sequence[int],
    texts: Texts = list,
) -> list[Given]:
    """Check everything and return the answers on the canonical axis.

    `texts` gives the outputs' texts in canonical order; it is called only where
    evidence is sent or required. Raises InvalidAnswers with one entry for each fault:
    unknown criteria and sides, values off the scale, missing answers, rationales and
    evidence, words that do not stand in the output, answers to what the others leave
    unasked.
    """
    reading = Reading(instrument, side_order, texts)
    reading.take(answers, rationales, spans)
    if reading.errors:
        raise InvalidAnswers(reading.errors)
    return reading.given


class Reading:
    """One pass over what was sent, collecting answers and faults."""

    def __init__(
        self, instrument: Instrument, side_order: Sequence[int], texts: Texts
    ) -> None:
        self.instrument = instrument
        self.texts = cache(texts)
        self.side_order = list(side_order)
        self.sides = sides_of(len(self.side_order))
        self.given: list[Given] = []
        self.errors: list[dict[str, str]] = []
        # What stands at each question and side so far; FAULTY where it cannot.
        self.stands: dict[tuple[str, str], Any] = {}

    def take(self, answers: Any, rationales: Any, spans: Any) -> None:
        rationales = {} if rationales is None else rationales
        spans = {} if spans is None else spans
        for name, sent in [
            ("answers", answers),
            ("rationales", rationales),
            ("spans", spans),
        ]:
            if not isinstance(sent, Mapping):
                self.fault(name, _("Send an object with a value for each criterion."))
                return
            for key in sent.keys() - self.instrument.by_key.keys():
                known = {"known": ", ".join(self.instrument.by_key)}
                words = _("No such criterion; there are %(known)s.") % known
                self.fault(f"{name}.{key}", words)
        for question in self.instrument:
            self.take_question(question, answers, rationales, spans)

    def take_question(
        self,
        question: Question,
        answers: Mapping[str, Any],
        rationales: Mapping[str, Any],
        spans: Mapping[str, Any],
    ) -> None:
        key = question.key
        marked = self.by_side(f"spans.{key}", spans.get(key, {}))
        if not question.of_each_output:
            value, words = answers.get(key, MISSING), rationales.get(key, "")
            self.take_if_asked(question, "", value, words, marked)
            return
        values = self.by_side(f"answers.{key}", answers.get(key, {}))
        why = self.by_side(f"rationales.{key}", rationales.get(key, {}))
        for side in self.sides:
            value, words = values.get(side, MISSING), why.get(side, "")
            marked_here = {side: marked[side]} if side in marked else {}
            self.take_if_asked(question, side, value, words, marked_here)

    def take_if_asked(
        self,
        question: Question,
        side: str,
        value: Any,
        rationale: Any,
        marked: Mapping[str, Any],
    ) -> None:
        if self.hangs_on_a_fault(question, side):
            return
        if is_asked(self.instrument, question, side, self.standing):
            self.take_one(question, side, value, rationale, marked)
            return
        is_left_out = value is MISSING or (
            value is None and not question.allow_not_applicable
        )
        if not is_left_out or rationale or any(marked.values()):
            self.fault(field_of(question, side), unasked(question))

    def hangs_on_a_fault(self, question: Question, side: str) -> bool:
        """Is it unknown whether this is asked, because an answer before is at fault?"""
        condition = question.asked_when
        if condition is None:
            return False
        gate = self.instrument.by_key[condition.key]
        at = side if gate.of_each_output else ""
        if self.stands.get((gate.key, at)) is FAULTY:
            return True
        return self.hangs_on_a_fault(gate, at)

    def standing(self, question: Question, side: str) -> Any:
        return self.stands.get((question.key, side))

    def by_side(self, field: str, sent: Any) -> Mapping[str, Any]:
        """Values by side; with one output shown, the value alone will do."""
        if isinstance(sent, Mapping) and sent.keys() <= set(self.sides):
            return sent
        if len(self.sides) == 1 and not (
            isinstance(sent, Mapping) and sent.keys() - {"absent"}
        ):
            return {self.sides: sent}
        sides = {"sides": ", ".join(self.sides)}
        self.fault(field, _("Send a value for each side: %(sides)s.") % sides)
        return dict.fromkeys(self.sides, FAULTY)

    def take_one(
        self,
        question: Question,
        side: str,
        value: Any,
        rationale: Any,
        marked: Mapping[str, Any],
    ) -> None:
        position = self.side_order[self.sides.index(side)] if side else None
        self.stands[question.key, side] = FAULTY
        if value is FAULTY or FAULTY in marked.values():
            return
        marks = self.read_marks(question, marked)
        try:
            answer = self.read_value(question, value)
            if answer is None:
                if rationale:
                    raise Fault(_("A rationale stands here without an answer."))
                if marks:
                    raise Fault(_("Words are marked here, but there is no answer."))
                self.stands[question.key, side] = None
                return
            answer = replace(answer, position=position, marks=tuple(marks or ()))
            if marks == [] and self.needs_evidence(answer):
                raise Fault(
                    _("This answer needs evidence: mark words of the output for it.")
                )
            self.given.append(replace(answer, rationale=words_of(answer, rationale)))
            self.stands[question.key, side] = value
        except Fault as fault:
            self.fault(field_of(question, side), str(fault))

    def read_marks(
        self, question: Question, marked: Mapping[str, Any]
    ) -> list[Mark] | None:
        """The words marked for an answer, in order; None when they have faults."""
        marks: list[Mark] = []
        sound = True
        for side, sent in marked.items():
            if not sent and sent in ([], None, ""):
                continue
            position = self.side_order[self.sides.index(side)]
            try:
                if not question.takes_evidence:
                    raise Fault(_("This criterion takes no evidence."))
                text = "".join(self.texts()[position : position + 1])
                marks += read_marks(sent, position, text)
            except Fault as fault:
                sound = False
                self.fault(f"spans.{question.key}.{side}", str(fault))
        if len(marks) > MOST_MARKS:
            sound = False
            most = {"most": MOST_MARKS, "sent": len(marks)}
            words = _("At most %(most)s passages are evidence; here are %(sent)s.")
            self.fault(f"spans.{question.key}", words % most)
        return sorted(marks) if sound else None

    def needs_evidence(self, answer: Given) -> bool:
        """Where the rubric asks for it and there are words that could be marked."""
        if answer.question.evidence != EvidenceRule.REQUIRED or answer.absent:
            return False
        texts = self.texts()
        here = answer.position
        asked = texts if here is None else texts[here : here + 1]
        return any(text.strip() for text in asked)

    def read_value(self, question: Question, value: Any) -> Given | None:
        if value is MISSING or (value is None and not question.allow_not_applicable):
            if question.required:
                raise Fault(_("This criterion needs an answer."))
            return None
        if value is None:
            return Given(question, None, absent="not_applicable")
        if isinstance(value, Mapping) and "absent" in value:
            return Given(question, None, absent=absence(question, value["absent"]))
        return READERS[question.kind](question, value, self.side_order)

    def fault(self, field: str, message: str) -> None:
        self.errors.append({"field": field, "message": message})


MISSING: Any = object()
FAULTY: Any = object()


def field_of(question: Question, side: str) -> str:
    return f"answers.{question.key}.{side}" if side else f"answers.{question.key}"


def unasked(question: Question) -> str:
    """Why an answer to a question that is not asked cannot stand."""
    words = _(
        "%(key)s is asked %(when)s, which is not so here; leave it out, or change the "
        "answer to %(gate)s."
    )
    assert question.asked_when is not None
    when = when_in_words(question.asked_when)
    return words % {"key": question.key, "when": when, "gate": question.asked_when.key}


def absence(question: Question, name: Any) -> str:
    allowed = {
        "not_applicable": question.allow_not_applicable,
        "cannot_judge": question.allow_cannot_judge,
    }
    if not isinstance(name, str) or not allowed.get(name):
        words = _("%(name)r is not offered for this criterion.")
        raise Fault(words % {"name": name})
    return name


def words_of(answer: Given, rationale: Any) -> str:
    """The rationale, held to the criterion's rule."""
    if not isinstance(rationale, str):
        raise Fault(_("A rationale is text."))
    words = text_within_limits(rationale.strip())
    rule = answer.question.rationale_rule
    if words and rule == RationaleRule.NONE:
        raise Fault(_("This criterion takes no rationale."))
    if (
        not words
        and not answer.absent
        and answer.question.needs_rationale(answer.order)
    ):
        raise Fault(_("This answer needs a rationale."))
    return words
