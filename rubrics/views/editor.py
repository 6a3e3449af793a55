"""The editor: a new rubric, or the next version of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import membership_for
from accounts.permissions import Action, Principal
from config.http import HtmxRequest, render_screen
from rubrics.access import version_for
from rubrics.actions import (
    DraftInTheWay,
    NameTaken,
    Refusal,
    create_rubric,
    fingerprint_of,
    publish,
    save_draft,
)
from rubrics.forms import RubricEditor
from rubrics.forms.editor import TOO_LARGE
from rubrics.instrument import instrument_of
from rubrics.models import RubricVersion


@login_required
@require_http_methods(["GET", "POST"])
def new_rubric(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.EDIT_RUBRICS)
    context = {"project": membership.project}
    if request.method == "GET":
        return show(request, RubricEditor.blank(), context)

    editor = RubricEditor.posted(request.POST, named=True)
    criteria = editor.criteria() if editor.is_saving else None
    if criteria is None:
        return show(request, editor, context)
    try:
        version = create_rubric(
            project=membership.project,
            name=editor.name,
            criteria=criteria,
            by=principal.user,
            publish=editor.act == "publish",
        )
    except NameTaken as refusal:
        assert editor.name_form is not None
        editor.name_form.add_error("name", str(refusal))
        return show(request, editor, context)
    return saved(request, version)


@login_required
@require_http_methods(["GET", "POST"])
def edit_version(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Edit the draft, or begin one from a published version."""
    principal = Principal.of(request)
    version = version_for(principal, pk, Action.EDIT_RUBRICS)
    rubric = version.rubric
    draft = rubric.draft()
    is_next = rubric.versions.published().exists()
    context = {
        "project": rubric.project,
        "rubric": rubric,
        "version": version,
        "origin": rubric.origin,
        "is_next": is_next,
    }
    if request.method == "GET":
        if draft is not None and draft != version:
            return redirect("rubrics:edit", draft.pk)
        editor = RubricEditor.of(instrument_of(version), seen=fingerprint_of(draft))
        if editor.is_too_large:
            messages.info(request, str(TOO_LARGE))
            return redirect("rubrics:version", version.pk)
        return show(request, editor, context)

    editor = RubricEditor.posted(request.POST)
    criteria = editor.criteria() if editor.is_saving else None
    if criteria is None:
        return show(request, editor, context)
    try:
        version = save_draft(
            rubric=rubric, criteria=criteria, by=principal.user, seen=editor.seen
        )
        if editor.act == "publish" and not is_next:
            version = publish(version=version, by=principal.user)
    except Refusal as refusal:
        editor.refusal = str(refusal)
        if isinstance(refusal, DraftInTheWay):
            # Who has been told may replace it by saving again.
            editor.seen = fingerprint_of(draft)
        return show(request, editor, context)
    if editor.act == "publish" and is_next:
        # What differs from the version in use is seen before it is published.
        return redirect("rubrics:publication", version.pk)
    return saved(request, version)


def show(
    request: HtmxRequest, editor: RubricEditor, context: dict[str, Any]
) -> HttpResponse:
    status = 422 if editor.is_saving else 200
    context = {"editor": editor, **context}
    response = render_screen(request, "rubrics/editor.html", context, status)
    # The same page again is no new place in the browser's history.
    if request.method == "POST":
        response["HX-Push-Url"] = "false"
    return response


def saved(request: HtmxRequest, version: RubricVersion) -> HttpResponse:
    if version.is_published:
        messages.success(
            request,
            _("%(version)s is published and will not change.") % {"version": version},
        )
    else:
        messages.success(
            request,
            _("The draft %(version)s is saved. Publish it for use.")
            % {"version": version},
        )
    return redirect("rubrics:version", version.pk)
