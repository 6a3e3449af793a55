"""The page that changes a batch: its name, people, overlap, caps and dates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Membership, User
from accounts.permissions import Action, Principal
from annotation.access import batch_for
from annotation.actions.changing import change_batch
from annotation.actions.holding import WrongState
from annotation.forms.batches import SettingsForm
from annotation.models import Batch
from annotation.models.batch import BatchState
from annotation.planning.opening import Opening, opening_of
from annotation.views.refusals import take_errors
from config.api import Refused
from config.http import HtmxRequest, render_screen

PREVIEW = "preview"


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Change a batch; `act=preview` only says what the change would open."""
    principal = Principal.of(request)
    found = batch_for(principal, pk, Action.MANAGE_BATCHES)
    form = SettingsForm(request.POST if request.method == "POST" else None, batch=found)
    if form.is_valid() and request.POST.get("act") != PREVIEW:
        changes = form.changes()
        try:
            changed = change_batch(batch=found, by=principal.user, **changes)
        except WrongState as error:
            form.add_error(None, str(error))
        except Refused as error:
            take_errors(form, error, {"lease": "lease_minutes"})
        else:
            said = _("The changes are saved.") if changes else _("Nothing was changed.")
            messages.success(request, said)
            return redirect(changed)
    context = {
        "project": found.project,
        "batch": found,
        "form": form,
        "is_archived": found.state == BatchState.ARCHIVED,
        "left": people_who_left(found),
        "opening": opening_asked(found, form),
    }
    status = 422 if form.errors else 200
    template = "annotation/batch_settings.html"
    return render_screen(request, template, context, status=status)


@login_required
@require_POST
def preview(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """What the change would open, as the fields stand now."""
    found = batch_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
    form = SettingsForm(request.POST, batch=found)
    context: dict[str, Any] = {"form": form, "opening": opening_asked(found, form)}
    return render(request, "annotation/parts/_opening.html", context)


def opening_asked(batch: Batch, form: SettingsForm) -> Opening | None:
    if not form.is_bound or not form.is_valid() or "overlap" not in form.fields:
        return None
    return opening_of(
        batch,
        overlap=form.cleaned_data["overlap"],
        share=form.cleaned_data["overlap_share"] / 100,
        people=form.people(),
    )


def people_who_left(batch: Batch) -> list[User]:
    """Active in the batch, but no longer annotators of the project."""
    there = Membership.objects.current().judging().filter(project=batch.project_id)
    gone = batch.members.filter(active=True).exclude(user__in=there.values("user"))
    return [member.user for member in gone.select_related("user").order_by("pk")]
