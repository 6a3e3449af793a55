"""A batch for its manager: made, watched, opened and closed, its agreement."""

from __future__ import annotations

from typing import Any, cast
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

from accounts.models import User
from accounts.permissions import Action, Principal, can
from annotation.access import batch_for, project_for
from annotation.actions.batches import create_batch
from annotation.actions.changing import MOVES as ALLOWED
from annotation.actions.changing import change_batch, delete_batch, move_batch
from annotation.actions.holding import WrongState
from annotation.agreement import MEASURING, is_large, measure_batch, start_measuring
from annotation.before_work.standings import standings_of
from annotation.charts import interval_plot
from annotation.content import rendered
from annotation.flags import waiting_by_batch
from annotation.forms.batches import BatchForm
from annotation.forms.before_work import GuidelinesForm
from annotation.models import Batch
from annotation.models.batch import BatchState
from annotation.models.unit import UnitKind
from annotation.progress import batch_progress, by_annotator
from annotation.units import apart_rows, ranked_by_disagreement, units_in
from config.api import Refused
from config.http import HtmxRequest, render_screen
from jobs.models import Job
from rubrics.instrument import published_instrument

MOST_APART = 20


@login_required
@require_http_methods(["GET", "POST"])
def new_batch(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    project = project_for(principal, project_id, Action.MANAGE_BATCHES)
    posted = request.POST if request.method == "POST" else None
    form = BatchForm(posted, project=project)
    if form.is_valid():
        try:
            batch, units, job = create_batch(
                project=project, by=Principal.of(request).user, **form.as_arguments()
            )
        except Refused as error:
            take_errors(form, error)
        else:
            words = _("%(name)s is made with %(units)s units; open it to start.")
            made = {"name": batch.name, "units": f"{units:,}"}
            messages.success(request, words % made)
            if job:
                return redirect("jobs:job", job.pk)
            if batch.has_training:
                return redirect("annotation:training-set", batch.pk)
            return redirect(batch)
    context = {"project": project, "form": form}
    status = 422 if form.is_bound else 200
    return render_screen(request, "annotation/batch_new.html", context, status=status)


def take_errors(form: BatchForm, error: Refused) -> None:
    """Show an action's refusals at their fields."""
    for fault in error.errors:
        field = fault["field"].partition(".")[0]
        form.add_error(field if field in form.fields else None, fault["message"])
    if not error.errors:
        form.add_error(None, str(error.detail))


@login_required
@require_safe
def batch(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """How far a batch is, by annotator, and what can be done with it."""
    principal = Principal.of(request)
    found = batch_for(principal, pk, Action.VIEW_JUDGMENTS)
    context = {
        "project": found.project,
        "batch": found,
        "instrument": published_instrument(found.rubric_version_id),
        "progress": batch_progress(found),
        "guidelines": rendered(found.guidelines) if found.guidelines else "",
        "annotators": with_standings(found),
        "training_units": found.units.filter(kind=UnitKind.TRAINING).count(),
        "calibration_units": found.units.filter(kind=UnitKind.CALIBRATION).count(),
        "pass_mark": round(100 * (found.training_pass_mark or 0)),
        "lease_minutes": max(1, round(found.lease.total_seconds() / 60)),
        "waiting_flags": waiting_by_batch([found]).get(found.pk, 0),
        "moves": [move for move in MOVES if found.state in ALLOWED[move[0]]],
        "can_delete": not found.assignments.filter(judgments__isnull=False).exists(),
    }
    return render_screen(request, "annotation/batch.html", context)


def with_standings(batch: Batch) -> list[dict[str, object]]:
    """Each annotator's counts, with how far they are before the work."""
    standings = {one.member.user_id: one for one in standings_of(batch)}
    return [
        row | {"before": standings.get(cast("User", row["user"]).pk)}
        for row in by_annotator(batch)
    ]


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
