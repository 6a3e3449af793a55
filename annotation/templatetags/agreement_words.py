"""How agreement was measured, in words; stats knows no language but its own."""

from __future__ import annotations

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from annotation.agreement import UNDEFINED, CriterionAgreement
from rubrics.models import Kind

register = template.Library()

LEVELS = {
    "nominal": gettext_lazy("nominal"),
    "ordinal": gettext_lazy("ordinal"),
    "interval": gettext_lazy("interval"),
    "ratio": gettext_lazy("ratio"),
}
METHODS = {
    "nominal": gettext_lazy("Alpha with the nominal metric; AC1."),
    "ordinal": gettext_lazy(
        "Alpha with Krippendorff's ordinal metric; AC2 with quadratic weights."
    ),
    "interval": gettext_lazy(
        "Alpha with the interval metric; AC2 with quadratic weights."
    ),
    "ratio": gettext_lazy(
        "Alpha with Krippendorff's ratio metric; AC2 with quadratic weights."
    ),
}
# What stats may say instead of a number; `|spoken` finds the translation.
REASONS = [
    gettext_noop("No unit has values from two annotators."),
    gettext_noop(
        "Every rating that can be compared has the same value, so chance cannot be "
        "told from agreement."
    ),
    gettext_noop("The ratio metric is not defined for negative values."),
    gettext_noop(
        "The ratio metric is computed for at most %(most)s distinct values; round the "
        "values first."
    ),
    gettext_noop("An interval needs at least two units rated by two annotators."),
    gettext_noop("No resamples were asked for, so there is no interval."),
    gettext_noop("The values differ too little to be told apart."),
    gettext_noop("No resample leaves it defined."),
]


@register.filter
def level_name(level: str) -> str:
    return str(LEVELS.get(level, level))


@register.filter
def not_defined_for(kind: str) -> str:
    """Why answers of this kind have no agreement."""
    return _(UNDEFINED) % {"kind": Kind(kind).label}


@register.filter
def method_in_words(criterion: CriterionAgreement) -> str:
    """The metrics and the interval, as `Agreement.method` says them in English."""
    measured = criterion.measured
    if measured is None:
        return ""
    interval = _(
        "Percentile intervals of %(percent)s%% from %(resamples)s resamples of units."
    ) % {
        "percent": f"{measured.confidence * 100:.4g}",
        "resamples": intcomma(measured.resamples),
    }
    return f"{METHODS[measured.level]} {interval}"
