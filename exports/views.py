"""The screens of gold: what was released, a new release, one release and its files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Project
from accounts.permissions import Action, Principal
from config.api import Refused
from config.http import HtmxRequest, render_screen
from exports import figures
from exports.access import project_for, release_for, releases_of
from exports.actions import request_release
from exports.downloads import chosen_format, file_response
from exports.formats import FORMATS, MAIN
from exports.forms import ReleaseForm, versions_to_choose
from exports.models import GoldRelease
from rubrics.models import RubricVersion

PAGE = 50


@login_required
@require_safe
def release_list(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    releases = releases_of(principal, project_id).select_related(
        "rubric_version__rubric", "by", "job"
    )
    page = Paginator(releases.order_by("-number"), PAGE)
    context = {
        "project": project_for(principal, project_id, Action.EXPORT_GOLD),
        "page": page.get_page(request.GET.get("page")),
    }
    return render_screen(request, "exports/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def release_new(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """Choose a rubric version, then its batches and rules, then release."""
    principal = Principal.of(request)
    project = project_for(principal, project_id, Action.RELEASE_GOLD)
    versions = list(versions_to_choose(project))
    version = chosen_version(request, versions)
    context: dict[str, Any] = {
        "project": project,
        "versions": versions,
        "version": version,
    }
    if version is None:
        return render_screen(request, "exports/new.html", context)

    posted = request.POST if request.method == "POST" else None
    form = ReleaseForm(posted, project=project, version=version)
    if form.is_valid():
        try:
            return redirect(make(form, project, principal))
        except Refused as refusal:
            form.add_refusal(refusal)
    status = 422 if form.is_bound else 200
    return render_screen(
        request, "exports/new.html", context | {"form": form}, status=status
    )


def make(form: ReleaseForm, project: Project, principal: Principal) -> GoldRelease:
    return request_release(
        project=project,
        batches=list(
            form.cleaned_data["batches"].select_related("rubric_version__rubric")
        ),
        rule=form.rule(),
        options=form.options(),
        by=principal.user,
    )


def chosen_version(
    request: HtmxRequest, versions: list[RubricVersion]
) -> RubricVersion | None:
    """The version that the address names, or the only one there is."""
    if named := request.GET.get("version"):
        found = next((one for one in versions if str(one.pk) == named), None)
        if found is None:
            raise Http404
        return found
    return versions[0] if len(versions) == 1 else None


@login_required
@require_safe
def release(request: HtmxRequest, pk: UUID) -> HttpResponse:
    release = release_for(Principal.of(request), pk)
    context: dict[str, Any] = {"release": release, "project": release.project}
    if release.is_ready:
        labels = release.labels.unresolved().select_related(
            "item", "criterion", "output"
        )
        download = reverse("api:release-download", args=[release.pk])
        context |= {
            "coverage": figures.coverage(release.manifest),
            "distributions": figures.distributions(release.manifest),
            "page": Paginator(labels, PAGE).get_page(request.GET.get("page")),
            "files": files_of(release),
            "api_line": request.build_absolute_uri(f"{download}?format=jsonl"),
        }
    return render_screen(request, "exports/release.html", context)


def files_of(release: GoldRelease) -> list[dict[str, Any]]:
    """The main files as kept, with what each of them had to alter."""
    kept = {file.format: file for file in release.files.all()}
    return [
        {"format": made_as, "kept": kept.get(made_as.key)}
        for made_as in [*MAIN, *(one for one in FORMATS.values() if one not in MAIN)]
    ]


@login_required
@require_safe
def download(request: HtmxRequest, pk: UUID) -> HttpResponseBase:
    """The file; before there is one, the release's page, which says why."""
    principal = Principal.of(request)
    release = release_for(principal, pk)
    try:
        file_format = chosen_format(request.GET)
    except Refused:
        raise Http404 from None
    if not release.is_ready:
        return redirect(release)
    return file_response(request, release, file_format, principal.user)
