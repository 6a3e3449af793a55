"""A rubric's batches beside its latest version: moved to it, or labelled again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Action, Principal
from annotation.access import batch_for, found_or_404
from annotation.actions.holding import WrongState
from annotation.actions.moving import move_batch_to_version, relabel_batch
from annotation.models import Batch
from annotation.versions import batches_on, newest_version, standings_of
from config.api import Refused
from config.http import HtmxRequest, render_screen
from rubrics.access import rubric_for
from rubrics.models import RubricVersion

PAGE = 25


@login_required
@require_safe
def rubric_moves(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Every batch of the rubric: its version, what changed since, what is stale."""
    rubric = rubric_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
    newest = newest_version(rubric.pk)
    page = Paginator(batches_on(rubric), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "project": rubric.project,
        "rubric": rubric,
        "newest": newest,
        "page": page,
        "standings": standings_of(list(page), newest) if newest else [],
    }
    return render_screen(request, "annotation/rubric_moves.html", context)


@login_required
@require_POST
def move_to_version(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Go on with the version that was posted."""
    principal = Principal.of(request)
    batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
    version = posted_version(request, batch)
    try:
        move_batch_to_version(batch=batch, version=version, by=principal.user)
    except (WrongState, Refused) as error:
        messages.error(request, why(error))
    else:
        words = _("“%(batch)s” goes on with version %(number)s.")
        said = {"batch": batch.name, "number": version.number}
        messages.success(request, words % said)
    return redirect("annotation:rubric-moves", version.rubric_id)


@login_required
@require_POST
def relabel(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Make a batch of what became stale, and go to it."""
    principal = Principal.of(request)
    batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
    version = posted_version(request, batch)
    try:
        made = relabel_batch(batch=batch, version=version, by=principal.user)
    except (WrongState, Refused) as error:
        messages.error(request, why(error))
        return redirect("annotation:rubric-moves", version.rubric_id)
    words = ngettext(
        "This batch holds the %(count)s unit to judge again. Look it over, then open "
        "it.",
        "This batch holds the %(count)s units to judge again. Look it over, then open "
        "it.",
        made.units,
    )
    messages.success(request, words % {"count": made.units})
    return redirect(made.batch)


def posted_version(request: HtmxRequest, batch: Batch) -> RubricVersion:
    """A version of the batch's rubric; 404 for any other."""
    try:
        pk = UUID(request.POST.get("rubric_version", ""))
    except ValueError:
        pk = batch.pk  # No version has it.
    versions = RubricVersion.objects.select_related("rubric")
    return found_or_404(versions.filter(pk=pk, rubric=batch.rubric_version.rubric_id))


def why(error: WrongState | Refused) -> str:
    """What stands against it, in full sentences."""
    if isinstance(error, Refused) and error.errors:
        return " ".join(fault["message"] for fault in error.errors)
    return str(error)
