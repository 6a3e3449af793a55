"""The first screen: what waits for me, how far I am, and my projects; breaks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from accounts.models import Membership
from accounts.permissions import MANAGING, Principal
from annotation.access import batch_as_annotator
from annotation.actions.breaks import take_a_break
from annotation.mine.activity import activity_of, today_of
from annotation.mine.attention import attention_for
from annotation.mine.history import latest
from annotation.mine.managing import of_a_manager
from annotation.mine.work import to_resume, work_of
from annotation.models import Assignment
from annotation.models.assignment import AssignmentState
from annotation.progress import progress_of
from config.http import HtmxRequest, render_screen


@login_required
@require_safe
def home(request: HtmxRequest) -> HttpResponse:
    """My open batches, answers that came, my last submissions, my days; my projects."""
    user = Principal.of(request).user
    memberships = list(
        Membership.objects.current()
        .filter(user=user)
        .select_related("project")
        .order_by("project__name")
    )
    annotating = [m.project_id for m in memberships if m.annotates]
    context: dict[str, Any] = {"memberships": memberships, "annotating": annotating}
    if annotating:
        work, done = work_of(user), latest(user)
        context |= {
            "work": work,
            "resume": to_resume(work, last=done[0].batch if done else None),
            "attention": attention_for(user),
            "latest": done,
            "activity": activity_of(user),
        }
    if any(m.role in MANAGING for m in memberships):
        context["attention"] = [*of_a_manager(user), *context.get("attention", [])]
    return render_screen(request, "annotation/home.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def rest(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """A break: what was prepared goes back, what is in hand is kept, as it says."""
    user = Principal.of(request).user
    batch = batch_as_annotator(Principal.of(request), pk)
    if request.method == "POST":
        take_a_break(batch=batch, user=user)
        return redirect("annotation:break", pk)
    in_hand = (
        Assignment.objects.filter(
            batch=batch, annotator=user, state=AssignmentState.LEASED
        )
        .exclude(opened_at=None)
        .order_by("lease_expires_at")
        .first()
    )
    context = {
        "batch": batch,
        "progress": progress_of(batch, user),
        "in_hand": in_hand,
        "lease_minutes": round(batch.lease.total_seconds() / 60),
        "today": today_of(user),
    }
    return render_screen(request, "annotation/break.html", context)
