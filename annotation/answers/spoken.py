"""Answers in words, for people who read them: by side, as an annotator saw the unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotation.answers.given import CANONICAL, Given
from annotation.answers.scales import Valued, shown_value
from rubrics.instrument import Question
from rubrics.models import Kind

LONGEST_TEXT = 40


def spoken(given: Given | None, side_order: Sequence[int]) -> str:
    """The answer in words; sides are those of this order."""
    if given is None:
        return _("No answer")
    if given.absent:
        return absence(given.absent)
    question = given.question
    if given.level_id is not None and question.kind != Kind.PREFERENCE:
        return level(question, question.by_id[given.level_id].code)
    value = shown_value(question, side_order, given)
    if question.kind == Kind.PREFERENCE:
        return preference(value)
    if question.kind == Kind.MULTIPLE:
        return ", ".join(level(question, code) for code in value) or _("None of these")
    if question.kind == Kind.RANKING:
        groups = [one if isinstance(one, list) else [one] for one in value]
        return " > ".join(" = ".join(group) for group in groups)
    return str(value)


def absence(name: str) -> str:
    return {"not_applicable": _("Not applicable"), "cannot_judge": _("Cannot judge")}[
        name
    ]


def level(question: Question, code: str) -> str:
    """A level by its number or its word, with its label where that says more."""
    step = question.by_code[code]
    if question.kind == Kind.BINARY and step.label in ("", code):
        return _("Yes") if code == "true" else _("No")
    if question.kind == Kind.ORDINAL and step.label not in ("", code):
        return f"{code}, {step.label}"
    return step.words


def preference(value: Any) -> str:
    if value == "tie":
        return _("About equal")
    if value == "both_bad":
        return _("Both bad")
    side, strength = (
        (value["choice"], value["strength"]) if isinstance(value, dict) else (value, 0)
    )
    words = {
        0: _("%(side)s is better"),
        1: _("%(side)s is slightly better"),
        2: _("%(side)s is much better"),
    }
    return words[strength] % {"side": side}


def by_output(question: Question, value: Any, names: Sequence[str]) -> str:
    """A value of statistics in a few words, each output by its name.

    Preferences and rankings are on the canonical axis, in which `names` stand.
    """
    if question.kind == Kind.PREFERENCE:
        winner, _tilde, strength = str(value).partition("_")
        if winner not in CANONICAL:
            return preference_in_short(value)
        choice = names[CANONICAL.index(winner)]
        how = {"choice": choice, "strength": int(strength)} if strength else choice
        return preference_in_short(how)
    if question.kind == Kind.RANKING:
        return " > ".join(" = ".join(names[place] for place in one) for one in value)
    if question.kind == Kind.MULTIPLE:
        return ", ".join(level(question, code) for code in value) or _("None of these")
    for step in question.steps:
        if step.value == value:
            return level(question, step.code)
    return cut(value)


def cut(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def in_short(question: Question, side_order: Sequence[int], answer: Valued) -> str:
    """The answer in a few words, for lists; what a person wrote is cut."""
    if answer.absent:
        return (
            _("not applicable")
            if answer.absent == "not_applicable"
            else _("cannot judge")
        )
    value = shown_value(question, side_order, answer)
    if question.kind == Kind.PREFERENCE:
        return preference_in_short(value)
    if question.kind == Kind.RANKING:
        return " > ".join("=".join(g) if isinstance(g, list) else g for g in value)
    if question.kind == Kind.BINARY:
        step = question.by_id[answer.level_id or 0]
        return step.words if step.label else (_("yes") if value else _("no"))
    if question.kind == Kind.NOMINAL:
        return question.by_id[answer.level_id or 0].label or str(value)
    if question.kind == Kind.MULTIPLE:
        labels = [question.by_code[code].label or code for code in value]
        return ", ".join(labels) or _("none")
    return cut(value)


def preference_in_short(value: Any) -> str:
    if value == "tie":
        return _("about equal")
    if value == "both_bad":
        return _("both bad")
    if isinstance(value, dict):
        words = {1: _("%(side)s slightly better"), 2: _("%(side)s much better")}
        return words[value["strength"]] % {"side": value["choice"]}
    return _("%(side)s better") % {"side": value}
