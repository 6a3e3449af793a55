"""Names of rules and scales, as a manifest spells them, for people."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from rubrics.models import Kind

register = template.Library()

RULES = {
    "unanimous": _("unanimous"),
    "majority": _("majority"),
    "median": _("median"),
    "mean": _("mean"),
}


@register.filter
def rule_name(rule: str) -> str:
    return str(RULES.get(rule, rule))


@register.filter
def scale_name(kind: str) -> str:
    return str(Kind(kind).label) if kind in Kind.values else kind
