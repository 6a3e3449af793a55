"""What happened in a project: a feed of sentences, filtered, paged by cursor."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import Action, Principal
from annotation.access import project_for
from annotation.models import Batch
from annotation.watching.activity import events_in, told
from config.http import HtmxRequest, render_screen

ON_A_PAGE = 50
MOST_BATCHES = 200
GROUPS = [
    ("batches", gettext_lazy("batches")),
    ("work", gettext_lazy("flags, skips and units")),
    ("data", gettext_lazy("data")),
    ("rubrics", gettext_lazy("rubrics")),
    ("people", gettext_lazy("people")),
    ("gold", gettext_lazy("gold releases")),
]


@login_required
@require_safe
def activity(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    project = project_for(Principal.of(request), project_id, Action.VIEW_AUDIT)
    batches = list(
        Batch.objects.filter(project=project).order_by("name")[:MOST_BATCHES]
    )
    asked = {
        "person": request.GET.get("person", "").replace("\x00", ""),
        "about": request.GET.get("about", ""),
        "batch": next(
            (one for one in batches if str(one.pk) == request.GET.get("batch")), None
        ),
    }
    rows = events_in(
        project,
        person=str(asked["person"] or ""),
        group=str(asked["about"] or ""),
        batch=asked["batch"] if isinstance(asked["batch"], Batch) else None,
    )
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    events = list(rows[: ON_A_PAGE + 1])
    kept = {
        key: str(value.pk) if isinstance(value, Batch) else str(value)
        for key, value in asked.items()
        if value
    }
    older = ""
    if len(events) > ON_A_PAGE:
        older = urlencode({**kept, "before": events[ON_A_PAGE - 1].pk})
    context = {
        "project": project,
        "events": told(events[:ON_A_PAGE]),
        "people": User.objects.filter(memberships__project=project).order_by("email"),
        "groups": GROUPS,
        "batches": batches,
        "asked": asked,
        "older": older,
        "newest": urlencode(kept) if before else None,
    }
    return render_screen(request, "annotation/activity.html", context)
