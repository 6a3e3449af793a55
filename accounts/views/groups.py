"""Groups of annotators: listed and made, changed, deleted."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import group_for, membership_for
from accounts.actions.groups import change_group, delete_group, make_group
from accounts.forms.groups import GroupForm
from accounts.permissions import Action, Principal
from config.api import Refused
from config.http import HtmxRequest, render_screen


@login_required
@require_http_methods(["GET", "POST"])
def groups(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """The project's groups; POST makes one."""
    principal = Principal.of(request)
    acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
    posted = request.POST if request.method == "POST" else None
    form = GroupForm(posted, project=acting.project)
    if form.is_valid():
        try:
            group = make_group(
                project=acting.project, by=principal.user, **form.cleaned_data
            )
        except Refused as refusal:
            put_errors(form, refusal)
        else:
            messages.success(
                request, _("The group %(group)s is made.") % {"group": group}
            )
            return redirect("accounts:groups", project_id)
    rows = acting.project.groups.annotate(
        size=Count("members", filter=Q(members__left_at=None))
    )
    context = {
        "project": acting.project,
        "groups": rows.order_by("name"),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render_screen(request, "accounts/groups.html", context, status)


@login_required
@require_http_methods(["GET", "POST"])
def group(request: HtmxRequest, group_id: UUID) -> HttpResponse:
    """One group: its name, and who is in it."""
    principal = Principal.of(request)
    found = group_for(principal, group_id)
    posted = request.POST if request.method == "POST" else None
    form = GroupForm(posted, project=found.project, group=found)
    if form.is_valid():
        try:
            change_group(group=found, by=principal.user, **form.cleaned_data)
        except Refused as refusal:
            found.refresh_from_db()
            put_errors(form, refusal)
        else:
            messages.success(
                request, _("The group %(group)s is saved.") % {"group": found}
            )
            return redirect("accounts:groups", found.project_id)
    context = {"project": found.project, "group": found, "form": form}
    status = 422 if form.is_bound else 200
    return render_screen(request, "accounts/group.html", context, status)


@login_required
@require_POST
def group_deletion(request: HtmxRequest, group_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    found = group_for(principal, group_id)
    delete_group(group=found, by=principal.user)
    messages.success(
        request,
        _("The group %(group)s is deleted. Its people stay members.")
        % {"group": found},
    )
    return redirect("accounts:groups", found.project_id)


def put_errors(form: GroupForm, refusal: Refused) -> None:
    for fault in refusal.errors:
        form.add_error(fault["field"], fault["message"])
