"""One version of a rubric with its anchors: read, print, publish, throw away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from accounts.permissions import Action, Principal, can
from config.http import HtmxRequest, render_screen
from rubrics.access import version_for, versions_of
from rubrics.actions import AlreadyPublished, Refusal, delete_draft, publish
from rubrics.changes import compare_versions
from rubrics.instrument import instrument_of
from rubrics.lint import hints
from rubrics.wording import in_words


@login_required
@require_GET
def version(request: HtmxRequest, pk: UUID) -> HttpResponse:
    principal = Principal.of(request)
    shown = version_for(principal, pk)
    versions = list(versions_of(principal, shown.rubric).order_by("-number"))
    instrument = instrument_of(shown)
    before = shown.previous_published()
    may_edit = can(principal, Action.EDIT_RUBRICS, shown.rubric.project)
    context = {
        "project": shown.rubric.project,
        "rubric": shown.rubric,
        "version": shown,
        "hints": hints(instrument) if may_edit and not shown.is_published else [],
        "questions": [(question, in_words(question)) for question in instrument],
        "versions": versions,
        "latest": versions[0],
        "before": before,
        "changes": compare_versions(instrument_of(before), instrument)
        if before
        else [],
        "may_edit": may_edit,
    }
    return render_screen(request, "rubrics/version.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def publication(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Publish a draft: GET shows what it changes, POST publishes it."""
    principal = Principal.of(request)
    draft = version_for(principal, pk, Action.EDIT_RUBRICS)
    before = draft.previous_published()
    if request.method == "GET":
        if draft.is_published or before is None:
            return redirect("rubrics:version", pk)
        changes = compare_versions(instrument_of(before), instrument_of(draft))
        context = {
            "project": draft.rubric.project,
            "rubric": draft.rubric,
            "version": draft,
            "before": before,
            "changes": changes,
            "is_breaking": any(change.is_breaking for change in changes),
        }
        return render_screen(request, "rubrics/publication.html", context)
    try:
        publish(version=draft, by=principal.user)
    except AlreadyPublished:
        pass  # A double click: the first one counts.
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("%(version)s is published and will not change.") % {"version": draft},
        )
    return redirect("rubrics:version", pk)


@login_required
@require_POST
def draft_deletion(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Throw a draft away."""
    principal = Principal.of(request)
    draft = version_for(principal, pk, Action.EDIT_RUBRICS)
    try:
        delete_draft(version=draft, by=principal.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("rubrics:version", pk)
    messages.success(
        request, _("The draft %(version)s was deleted.") % {"version": draft}
    )
    return redirect("rubrics:list", draft.rubric.project_id)
