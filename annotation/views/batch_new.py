"""The page that makes a batch, and says what it will cost before it is made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Action, Principal
from annotation.access import project_for
from annotation.actions.batches import create_batch
from annotation.forms.batches import BatchForm
from annotation.planning.cost import Cost, cost_of
from annotation.views.refusals import take_errors
from config.api import Refused
from config.http import HtmxRequest, render_screen

PREVIEW = "preview"


@login_required
@require_http_methods(["GET", "POST"])
def new_batch(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """Make a batch; `act=preview` only says what it would cost."""
    principal = Principal.of(request)
    project = project_for(principal, project_id, Action.MANAGE_BATCHES)
    form = BatchForm(
        request.POST if request.method == "POST" else None, project=project
    )
    cost = None
    if request.POST.get("act") == PREVIEW:
        cost = cost_asked(form)
    elif form.is_valid():
        try:
            batch, units, job = create_batch(by=principal.user, **vars(form.asked()))
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
    context = {"project": project, "form": form, "cost": cost}
    status = 422 if form.errors else 200
    return render_screen(request, "annotation/batch_new.html", context, status=status)


@login_required
@require_POST
def preview(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """What the batch would cost, as the fields stand now.

    Where another dataset was chosen, its systems and segments travel along.
    """
    principal = Principal.of(request)
    project = project_for(principal, project_id, Action.MANAGE_BATCHES)
    form = BatchForm(request.POST, project=project)
    dataset = form.chosen_dataset
    chosen = str(dataset.pk) if dataset else ""
    context: dict[str, Any] = {
        "project": project,
        "form": form,
        "cost": cost_asked(form),
        "has_other_choices": request.POST.get("choices_of", "") != chosen,
    }
    return render(request, "annotation/parts/_cost_update.html", context)


def cost_asked(form: BatchForm) -> Cost | None:
    """The cost, or None with what is missing among the form's errors."""
    if not form.is_valid():
        return None
    try:
        return cost_of(form.asked())
    except Refused as error:
        take_errors(form, error)
        return None
