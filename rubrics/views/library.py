"""The library: what there is to begin with, one of it, and using it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import membership_for
from accounts.permissions import Action, Principal
from config.http import HtmxRequest, render_screen
from rubrics.actions import take_from_library
from rubrics.library import LibraryRubric, library, library_rubric
from rubrics.wording import in_words


@login_required
@require_safe
def shelf(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.EDIT_RUBRICS)
    context = {"project": membership.project, "library": library()}
    return render_screen(request, "rubrics/library.html", context)


@login_required
@require_safe
def book(request: HtmxRequest, project_id: UUID, key: str) -> HttpResponse:
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.EDIT_RUBRICS)
    shown = found(key)
    context = {
        "project": membership.project,
        "book": shown,
        "questions": [(question, in_words(question)) for question in shown.instrument],
    }
    return render_screen(request, "rubrics/library_rubric.html", context)


@login_required
@require_POST
def use(request: HtmxRequest, project_id: UUID, key: str) -> HttpResponse:
    """Make it the project's: published at once, or a draft in the editor."""
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.EDIT_RUBRICS)
    version = take_from_library(
        project=membership.project,
        book=found(key),
        by=principal.user,
        publish="draft" not in request.POST,
    )
    if not version.is_published:
        return redirect("rubrics:edit", version.pk)
    messages.success(
        request,
        _("“%(rubric)s” is published. Make a batch with it.")
        % {"rubric": version.rubric},
    )
    return redirect("rubrics:version", version.pk)


def found(key: str) -> LibraryRubric:
    book = library_rubric(key)
    if book is None:
        raise Http404
    return book
