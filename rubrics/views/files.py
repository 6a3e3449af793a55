"""Rubrics as files: a version downloaded, a rubric or its next version imported."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import membership_for
from accounts.permissions import Action, Principal
from config.http import HtmxRequest, render_screen
from rubrics.access import rubric_for, version_for
from rubrics.actions import NameTaken, Refusal, create_rubric, create_version
from rubrics.files.sending import file_of
from rubrics.forms.upload import UploadForm
from rubrics.models import RubricVersion
from rubrics.shape import Misshapen, read_rubric, read_version


@login_required
@require_safe
def download(request: HtmxRequest, pk: UUID, form: str) -> HttpResponse:
    return file_of(version_for(Principal.of(request), pk), form)


@login_required
@require_http_methods(["GET", "POST"])
def import_new(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """Make a rubric from a file, as a draft."""
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.EDIT_RUBRICS)
    context = {"project": membership.project}
    if request.method == "GET":
        return show(request, UploadForm(), context)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, form, context)
    try:
        draft = read_rubric(form.body)
        version = create_rubric(
            project=membership.project,
            name=draft.name,
            criteria=draft.criteria,
            by=principal.user,
        )
    except Misshapen as misshapen:
        form.show_faults(misshapen.faults)
        return show(request, form, context)
    except NameTaken as refusal:
        form.add_error("name", str(refusal))
        return show(request, form, context)
    return imported(request, version)


@login_required
@require_http_methods(["GET", "POST"])
def import_over(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Make a rubric's next draft from a file."""
    principal = Principal.of(request)
    rubric = rubric_for(principal, pk, Action.EDIT_RUBRICS)
    draft = rubric.draft()
    context = {"project": rubric.project, "rubric": rubric}
    kind = {"is_new": False, "has_draft": draft is not None}
    if request.method == "GET":
        return show(request, UploadForm(**kind), context)
    form = UploadForm(request.POST, request.FILES, **kind)
    if not form.is_valid():
        return show(request, form, context)
    try:
        version = create_version(
            rubric=rubric,
            criteria=read_version(form.body, name=rubric.name).criteria,
            by=principal.user,
            publish=False,
            replace_draft=form.cleaned_data.get("replace", False),
        )
    except Misshapen as misshapen:
        form.show_faults(misshapen.faults)
        return show(request, form, context)
    except Refusal as refusal:
        words = str(refusal)
        if "replace" in form.fields:
            words = _("This rubric has a draft. Tick this to replace it, or edit it.")
        form.add_error("replace" if "replace" in form.fields else None, words)
        return show(request, form, context)
    return imported(request, version)


def show(
    request: HtmxRequest, form: UploadForm, context: dict[str, Any]
) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render_screen(
        request, "rubrics/import.html", {"form": form, **context}, status
    )


def imported(request: HtmxRequest, version: RubricVersion) -> HttpResponse:
    messages.success(
        request,
        _("The file was read into the draft %(version)s. Look at it, then publish it.")
        % {"version": version},
    )
    return redirect("rubrics:version", version.pk)
