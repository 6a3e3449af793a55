"""Making a project and naming it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import membership_for, site_admin
from accounts.actions.projects import create_project, rename_project
from accounts.forms.projects import ProjectForm
from accounts.permissions import Action, Principal
from config.http import HtmxRequest, render_screen


@login_required
@require_http_methods(["GET", "POST"])
def project_new(request: HtmxRequest) -> HttpResponse:
    user = site_admin(Principal.of(request))
    form = ProjectForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        project = create_project(name=form.cleaned_data["name"], by=user)
        messages.success(request, _("The project is made. Invite its people here."))
        return redirect("accounts:members", project.pk)

    status = 422 if form.is_bound else 200
    return render_screen(request, "accounts/project_new.html", {"form": form}, status)


@login_required
@require_http_methods(["GET", "POST"])
def project_settings(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    acting = membership_for(principal, project_id, Action.MANAGE_OWNERS)
    posted = request.POST if request.method == "POST" else None
    form = ProjectForm(posted, initial={"name": acting.project.name})
    if form.is_valid():
        name = form.cleaned_data["name"]
        rename_project(project=acting.project, name=name, by=principal.user)
        messages.success(request, _("The project’s new name is saved."))
        return redirect("accounts:project-settings", project_id)

    context = {"form": form, "acting": acting, "project": acting.project}
    status = 422 if form.is_bound else 200
    return render_screen(request, "accounts/project_settings.html", context, status)
