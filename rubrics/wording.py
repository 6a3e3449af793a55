"""A criterion's rules as sentences, for screens and print."""

from __future__ import annotations

from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rubrics.instrument import Question
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
    if question.allow_not_applicable:
        sentences.append(_("“Not applicable” may be answered."))
    if question.allow_cannot_judge:
        sentences.append(_("“Cannot judge” may be answered."))
    if question.rationale_rule == RationaleRule.BELOW:
        assert question.rationale_below is not None
        below = written(question.rationale_below)
        sentences.append(
            _("A rationale is required below %(level)s.") % {"level": below}
        )
    else:
        sentences.append(str(RATIONALES[question.rationale_rule]))
    if question.takes_evidence:
        sentences.append(str(EVIDENCE[question.evidence]))
    if question.weight != 1:
        sentences.append(_("Weight %(weight)s.") % {"weight": written(question.weight)})
    return sentences


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
