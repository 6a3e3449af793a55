"""The tabs of a project, each shown to whoever may open it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from accounts.models import Project
from accounts.permissions import Action, Principal, allows, membership_of

register = template.Library()

TABS = [
    ("work", _("Work"), "annotation:project", Action.VIEW_PROJECT),
    ("rubrics", _("Rubrics"), "rubrics:list", Action.VIEW_RUBRICS),
    ("media", _("Media"), "annotation:media", Action.VIEW_DATA),
    ("gold", _("Gold"), "exports:list", Action.EXPORT_GOLD),
    ("people", _("People"), "accounts:members", Action.MANAGE_MEMBERS),
]


@register.inclusion_tag("includes/_project_tabs.html", takes_context=True)
def project_tabs(
    context: dict[str, Any], project: Project, here: str
) -> dict[str, Any]:
    """Links to a project's pages; `here` names the present one. One query."""
    principal = Principal.of(context["request"])
    membership = membership_of(principal, project)
    tabs = [
        {"label": label, "url": url, "here": name == here}
        for name, label, url, action in TABS
        if membership is not None and allows(principal, membership, action)
    ]
    return {"tabs": tabs, "project": project}
