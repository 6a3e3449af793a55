"""A batch for its manager: made, opened and closed, its agreement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.permissions import Action, Principal, can
from annotation.access import batch_for
from annotation.actions.changing import change_batch, delete_batch, move_batch
from annotation.actions.holding import WrongState
from annotation.agreement import MEASURING, is_large, measure_batch, start_measuring
from annotation.charts import interval_plot
from annotation.forms.before_work import GuidelinesForm
from annotation.models.batch import BatchState
from annotation.units import apart_rows, ranked_by_disagreement, units_in
from config.http import HtmxRequest, render_screen
from jobs.models import Job

MOST_APART = 20


MOVES = [
    (BatchState.OPEN, "open", gettext_lazy("Open for work")),
    (BatchState.PAUSED, "pause", gettext_lazy("Pause")),
    (BatchState.CLOSED, "close", gettext_lazy("Close")),
    (BatchState.ARCHIVED, "archive", gettext_lazy("Archive")),
]


@login_required
@require_POST
def move(request: HtmxRequest, pk: UUID, to: str) -> HttpResponse:
    found = batch_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
    try:
        moved = move_batch(batch=found, to=to, by=Principal.of(request).user)
        words = _("%(name)s is %(state)s now.")
        told = {"name": moved.name, "state": moved.get_state_display().lower()}
        messages.success(request, words % told)
    except WrongState as error:
        messages.error(request, str(error))
    return redirect(found)


@login_required
@require_POST
def delete(request: HtmxRequest, pk: UUID) -> HttpResponse:
    found = batch_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
    try:
        delete_batch(batch=found, by=Principal.of(request).user)
    except WrongState as error:
        messages.error(request, str(error))
        return redirect(found)
    words = _("The batch %(name)s is deleted.") % {"name": found.name}
    messages.success(request, words)
    return redirect("annotation:project", found.project_id)


@login_required
@require_http_methods(["GET", "POST"])
def guidelines(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Change the guidelines; whoever has begun is shown what changed."""
    principal = Principal.of(request)
    found = batch_for(principal, pk, Action.MANAGE_BATCHES)
    form = GuidelinesForm(
        request.POST if request.method == "POST" else None,
        initial={"guidelines": found.guidelines},
    )
    if form.is_valid():
        sent = form.cleaned_data["guidelines"].replace("\r\n", "\n")
        try:
            change_batch(batch=found, by=principal.user, guidelines=sent)
        except WrongState as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The guidelines are changed."))
            return redirect(found)
    context = {"project": found.project, "batch": found, "form": form}
    status = 422 if form.is_bound else 200
    return render_screen(request, "annotation/guidelines.html", context, status=status)


@login_required
@require_safe
def agreement(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """How far the annotators agree, and the units where they differ most."""
    principal = Principal.of(request)
    found = batch_for(principal, pk, Action.VIEW_PROGRESS)
    context: dict[str, Any] = {"project": found.project, "batch": found}
    if is_large(found):
        jobs = Job.objects.filter(kind=MEASURING, params__batch=str(found.pk))
        context["job"] = jobs.order_by("-created_at").first()
    else:
        measured = measure_batch(found)
        apart = ranked_by_disagreement(found, units_in(found))[:MOST_APART]
        context |= {
            "agreement": measured,
            "plot": interval_plot(measured.criteria),
            "apart": apart_rows(found, apart),
            "sees_units": can(principal, Action.VIEW_JUDGMENTS, found.project),
        }
    return render_screen(request, "annotation/agreement.html", context)


@login_required
@require_POST
def measure(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Measure a large batch in the background."""
    found = batch_for(Principal.of(request), pk, Action.VIEW_PROGRESS)
    start_measuring(found, Principal.of(request).user)
    return redirect("annotation:agreement", pk)
