"""A criterion's rules as sentences, for screens and print."""

from __future__ import annotations

from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rubrics.instrument import Condition, Question
from rubrics.models import EvidenceRule, Kind, RationaleRule
from rubrics.shape import plain_number

SCALES: dict[str, str | Promise] = {
    Kind.BINARY: gettext_lazy("Yes or no."),
    Kind.NOMINAL: gettext_lazy("One category."),
    Kind.MULTIPLE: gettext_lazy("Any number of categories."),
    Kind.ORDINAL: gettext_lazy("One level; the levels rise."),
    Kind.PREFERENCE: gettext_lazy("Which output is better."),
    Kind.RANKING: gettext_lazy("An order of the outputs; ties are possible."),
    Kind.TEXT: gettext_lazy("Words."),
}
RATIONALES: dict[str, str | Promise] = {
    RationaleRule.NONE: gettext_lazy("No rationale is asked."),
    RationaleRule.OPTIONAL: gettext_lazy("A rationale may be given."),
    RationaleRule.REQUIRED: gettext_lazy("A rationale is required."),
}


EVIDENCE: dict[str, str | Promise] = {
    EvidenceRule.OPTIONAL: gettext_lazy(
        "Words of the output may be marked as evidence."
    ),
    EvidenceRule.REQUIRED: gettext_lazy("Words of the output are marked as evidence."),
}


def in_words(question: Question) -> list[str]:
    """What is asked of what, and which answers are possible."""
    sentences = [
        _("Asked of each output.")
        if question.of_each_output
        else _("Asked once of the outputs together."),
        scale_in_words(question),
        _("An answer is required.")
        if question.required
        else _("It may be left empty."),
    ]
    if question.asked_when:
        sentences.append(
            _("It is asked %(when)s.") % {"when": when_in_words(question.asked_when)}
        )
    if question.allow_not_applicable:
        sentences.append(_("“Not applicable” may be answered."))
    if question.allow_cannot_judge:
        sentences.append(_("“Cannot judge” may be answered."))
    sentences.append(rationale_in_words(question))
    if question.takes_evidence:
        sentences.append(str(EVIDENCE[question.evidence]))
    if question.weight != 1:
        sentences.append(_("Weight %(weight)s.") % {"weight": written(question.weight)})
    return sentences


def rationale_in_words(question: Question) -> str:
    """When a rationale is asked; "below 1" would say nothing of yes and no."""
    if question.rationale_rule != RationaleRule.BELOW:
        return str(RATIONALES[question.rationale_rule])
    if question.kind != Kind.BINARY:
        below = written(question.rationale_below)
        return _("A rationale is required below %(level)s.") % {"level": below}
    steps = [step for step in question.steps if question.needs_rationale(step.number)]
    if not steps:
        return str(RATIONALES[RationaleRule.OPTIONAL])
    answers = get_text_list([f"“{step.words}”" for step in steps], _("or"))
    return _("A rationale is required for %(answers)s.") % {"answers": answers}


def when_in_words(condition: Condition | None) -> str:
    """When a question is asked, as part of a sentence."""
    if condition is None:
        return _("always")
    return _("only when “%(criterion)s” is %(values)s") % {
        "criterion": condition.key,
        "values": get_text_list([said(value) for value in condition.values], _("or")),
    }


def said(value: object) -> str:
    """A value of a scale as a sentence has it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return written(value) if isinstance(value, int | float) else f"“{value}”"


def scale_in_words(question: Question) -> str:
    if question.kind == Kind.NUMERIC:
        return range_in_words(question)
    if question.with_strength:
        return _("Which output is better, slightly or much.")
    return str(SCALES[question.kind])


def range_in_words(question: Question) -> str:
    """Each part a sentence, so that a translator can order its words."""
    low, high = question.minimum, question.maximum
    values = {"low": written(low), "high": written(high)}
    if low is not None and high is not None:
        sentence = _("A number from %(low)s up to %(high)s.") % values
    elif low is not None:
        sentence = _("A number from %(low)s.") % values
    elif high is not None:
        sentence = _("A number up to %(high)s.") % values
    else:
        sentence = _("A number.")
    sentences = [sentence]
    if question.measure:
        sentences.append(_("Its unit: %(unit)s.") % {"unit": question.measure})
    if question.step is not None:
        step = {"step": written(question.step)}
        sentences.append(_("In steps of %(step)s.") % step)
    if question.is_ratio:
        sentences.append(_("Zero means none."))
    return " ".join(sentences)


def written(number: float | None) -> str:
    """The number as the reader writes it."""
    return "" if number is None else str(localize(plain_number(number)))
