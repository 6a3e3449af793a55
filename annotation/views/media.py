"""A project's media: the files themselves, and the page where managers keep them."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.access import membership_for
from accounts.models import Project
from accounts.permissions import Action, Principal, allows
from annotation.access import media_for, project_for
from annotation.actions import media as actions
from annotation.forms.media import HostsForm, MediaUploadForm
from annotation.media.fetch import host_of_address
from annotation.media.refusal import MediaRefused
from annotation.media.serving import media_response
from annotation.models import Media
from annotation.models.media import MediaState
from config.api import Refused
from config.http import HtmxRequest, render_screen

ON_A_PAGE = 48
MOST_ADDRESSES = 20_000


@login_required
@require_safe
def media_file(request: HtmxRequest, pk: UUID) -> HttpResponseBase:
    """The file, for members whose role shows them content."""
    return media_response(
        request, media_for(Principal.of(request), pk, Action.VIEW_MEDIA)
    )


@login_required
@require_http_methods(["GET", "POST"])
def media(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """What is stored, what waits, what failed; POST uploads files."""
    principal = Principal.of(request)
    posted = request.method == "POST"
    action = Action.IMPORT_DATA if posted else Action.VIEW_DATA
    project = project_for(principal, project_id, action)
    form = MediaUploadForm()
    if posted:
        form = MediaUploadForm(request.POST, request.FILES)
        if form.is_valid() and upload(request, project, form):
            return redirect("annotation:media", project_id)
    return show(request, project, form, status=422 if posted else 200)


def upload(request: HtmxRequest, project: Project, form: MediaUploadForm) -> bool:
    """Keep each file; False with the form's errors where one is not taken."""
    by = Principal.of(request).user
    kept = 0
    for file in form.cleaned_data["file"]:
        try:
            actions.store_media(project=project, file=file, by=by, name=file.name)
            kept += 1
        except MediaRefused as refusal:
            words = _("%(name)s: %(why)s") % {"name": file.name, "why": refusal}
            form.add_error("file", words)
    if kept:
        messages.success(
            request,
            ngettext("%(count)s file is stored.", "%(count)s files are stored.", kept)
            % {"count": kept},
        )
    return not form.errors


def show(
    request: HtmxRequest,
    project: Project,
    form: MediaUploadForm,
    *,
    hosts_form: HostsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    principal = Principal.of(request)
    membership = membership_for(principal, project.pk, Action.VIEW_DATA)
    rows = Media.objects.filter(project=project).select_related("by")
    ready = rows.filter(state=MediaState.READY).order_by("-at", "pk")
    failed = rows.filter(state=MediaState.FAILED).order_by("-at", "pk")
    context = {
        "project": project,
        "form": form,
        "hosts_form": hosts_form
        or HostsForm(initial={"hosts": "\n".join(project.media_hosts)}),
        "may_allow_hosts": allows(principal, membership, Action.ALLOW_HOSTS),
        "page": Paginator(ready, ON_A_PAGE).get_page(request.GET.get("page")),
        "failed": failed[:ON_A_PAGE],
        "failed_count": failed.count(),
        "waiting": waiting_by_host(project),
    }
    return render_screen(request, "annotation/media.html", context, status=status)


def waiting_by_host(project: Project) -> list[dict[str, Any]]:
    """The hosts that content names and that nothing was fetched from yet."""
    urls = actions.waiting_media(project).values_list("source_url", flat=True)
    counted = Counter(host_of_address(url) or "" for url in urls[:MOST_ADDRESSES])
    return [
        {"host": host, "count": count, "is_allowed": host in project.media_hosts}
        for host, count in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    ]


@login_required
@require_POST
def media_hosts(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """The owner says from which hosts media may be fetched."""
    principal = Principal.of(request)
    project = project_for(principal, project_id, Action.ALLOW_HOSTS)
    form = HostsForm(request.POST)
    if form.is_valid():
        names = form.named
        if request.POST.get("add"):
            names = [*project.media_hosts, request.POST["add"]]
        try:
            job = actions.set_hosts(project=project, hosts=names, by=principal.user)
        except Refused as error:
            for fault in error.errors:
                form.add_error("hosts", fault["message"])
        else:
            messages.success(
                request,
                _("The hosts are saved; what waits there is being fetched.")
                if job
                else _("The hosts are saved."),
            )
            return redirect("annotation:media", project_id)
    return show(request, project, MediaUploadForm(), hosts_form=form, status=422)


@login_required
@require_POST
def media_attempts(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """Try again to fetch what failed: one address, or all of them."""
    principal = Principal.of(request)
    project = project_for(principal, project_id, Action.IMPORT_DATA)
    one = request.POST.get("media", "")
    media_id = uuid_or_none(one)
    job = None
    if media_id or not one:
        job = actions.try_again(project=project, by=principal.user, media_id=media_id)
    if job:
        messages.success(request, _("Another attempt is on its way."))
    else:
        messages.info(
            request, _("Nothing was fetched: no address waits at an allowed host.")
        )
    return redirect("annotation:media", project_id)


def uuid_or_none(posted: str) -> UUID | None:
    try:
        return UUID(posted)
    except ValueError:
        return None
