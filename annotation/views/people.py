"""What people have open in a project: looked at, left behind, paid."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import membership_for
from accounts.actions.members import remove_member
from accounts.actions.refusals import LastOwner
from accounts.models import Membership
from accounts.permissions import Action, Principal, allows, outranks
from annotation.downloads import download
from annotation.people import project_hours, shares_of
from config.http import HtmxRequest, render_screen


@login_required
@require_safe
def person(request: HtmxRequest, project_id: UUID, user_id: UUID) -> HttpResponse:
    """One person's batches: what is in hand, what is done, how long it took."""
    principal = Principal.of(request)
    acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
    members = Membership.objects.filter(project=acting.project, user=user_id)
    member = members.select_related("user").first()
    if member is None:
        raise Http404
    shares = shares_of(acting.project, member.user)
    context = {
        "project": acting.project,
        "acting": acting,
        "member": member,
        "shares": shares,
        "open": [share for share in shares if share.is_open],
        "takers": takers_for(member),
        "hours": round(sum(share.seconds for share in shares) / 3600, 1),
        "can_change": member.left_at is None
        and (acting.pk == member.pk or outranks(acting, member.role)),
    }
    return render_screen(request, "annotation/person.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def leaving(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """Leave a project oneself: what stays behind is shown first."""
    principal = Principal.of(request)
    mine = membership_for(principal, project_id, Action.VIEW_PROJECT)
    refusal = ""
    if request.method == "POST":
        try:
            remove_member(membership=mine, by=principal.user)
        except LastOwner as fault:
            refusal = str(fault)
        else:
            messages.success(
                request,
                _("You have left %(project)s. Your work is kept.")
                % {"project": mine.project},
            )
            return redirect("accounts:account")
    shares = shares_of(mine.project, principal.user)
    context = {
        "project": mine.project,
        "member": mine,
        "open": [share for share in shares if share.is_open],
        "submitted": sum(share.submitted for share in shares),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render_screen(request, "annotation/leaving.html", context, status)


@login_required
@require_safe
def hours_file(request: HtmxRequest, project_id: UUID) -> FileResponse:
    """Everybody's hours, for pay: CSV."""
    principal = Principal.of(request)
    acting = membership_for(principal, project_id, Action.VIEW_JUDGMENTS)
    identities = allows(principal, acting, Action.EXPORT_IDENTITIES)
    return download(
        "hours", "csv", project_hours(acting.project, identities=identities)
    )


def takers_for(member: Membership) -> list[Membership]:
    """Who may take over their open work."""
    judging = Membership.objects.current().judging().filter(project=member.project_id)
    others = judging.exclude(pk=member.pk).select_related("user")
    return list(others.order_by("user__name", "user__email"))
