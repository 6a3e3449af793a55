"""The people of a project: who is in, who is invited, and what they may do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import invitation_for, member_for, membership_for
from accounts.actions.groups import change_groups_of
from accounts.actions.invitations import (
    NotInvited,
    invite_all,
    renew_invitation,
    revoke_invitation,
)
from accounts.actions.members import change_member, remove_member
from accounts.actions.people import lend_password_link
from accounts.actions.refusals import LastOwner
from accounts.desk import Asked, members_asked_for, people, skills_in
from accounts.forms.members import InvitationForm, MemberForm
from accounts.inviting import Sent, send
from accounts.links import address_for, password_link
from accounts.mail import mail_is_set_up
from accounts.models import Invitation, Membership, Role, User
from accounts.permissions import MANAGING, Action, Principal, outranks
from config.http import HtmxRequest, render_screen

PAGE = 50


@login_required
@require_http_methods(["GET", "POST"])
def members(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """The list; POST invites, and shows the links once."""
    principal = Principal.of(request)
    acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
    posted = request.POST if request.method == "POST" else None
    form = InvitationForm(posted, acting=acting)
    if form.is_valid():
        try:
            made = invite_all(
                project=acting.project,
                emails=form.cleaned_data.pop("email"),
                by=principal.user,
                **form.cleaned_data,
            )
        except NotInvited as refusal:
            form.put_faults(refusal.faults)
        else:
            return show_members(request, acting, 200, sent=send(request, made))
    return show_members(request, acting, 422 if form.is_bound else 200, form=form)


@login_required
@require_http_methods(["GET", "POST"])
def member(request: HtmxRequest, project_id: UUID, user_id: UUID) -> HttpResponse:
    """One member: role, skills, groups, removal, a password link."""
    principal = Principal.of(request)
    acting, membership = member_for(principal, project_id, user_id)
    require_change(acting, membership)
    posted = request.POST if request.method == "POST" else None
    form = MemberForm(posted, acting=acting, member=membership)
    if form.is_valid():
        try:
            save_member(membership, form, principal.user)
        except LastOwner as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(
                request,
                _("%(person)s is saved. Role: %(role)s.")
                % {"person": membership.user, "role": membership.get_role_display()},
            )
            is_self = membership.user_id == principal.user.pk
            if is_self and membership.role not in MANAGING:
                return redirect("annotation:project", project_id)
            return redirect("accounts:members", project_id)

    status = 422 if form.is_bound else 200
    return show_member(request, acting, membership, status, form=form)


@transaction.atomic
def save_member(membership: Membership, form: MemberForm, by: User) -> None:
    chosen = dict(form.cleaned_data)
    groups = chosen.pop("groups", None)
    if groups is not None:
        change_groups_of(membership=membership, groups=groups, by=by)
    change_member(membership=membership, by=by, **chosen)


@login_required
@require_POST
def member_removal(
    request: HtmxRequest, project_id: UUID, user_id: UUID
) -> HttpResponse:
    principal = Principal.of(request)
    acting, membership = member_for(principal, project_id, user_id)
    require_change(acting, membership)
    try:
        remove_member(membership=membership, by=principal.user)
    except LastOwner as refusal:
        return show_member(request, acting, membership, 422, refusal=str(refusal))
    if membership.user_id == principal.user.pk:
        messages.success(request, _("You have left the project."))
        return redirect("accounts:account")
    messages.success(
        request,
        _("%(person)s is no longer a member. Their work is kept.")
        % {"person": membership.user},
    )
    return redirect("accounts:members", project_id)


@login_required
@require_POST
def member_password_link(
    request: HtmxRequest, project_id: UUID, user_id: UUID
) -> HttpResponse:
    """Make a link for a member who cannot sign in, and show it once."""
    principal = Principal.of(request)
    acting, membership = member_for(principal, project_id, user_id)
    lend_password_link(membership=membership, by=principal.user)
    link = password_link(membership.user, address_for(request), by=principal.user)
    return show_member(request, acting, membership, 200, link=link)


@login_required
@require_POST
def invitation_renewal(
    request: HtmxRequest, project_id: UUID, invitation_id: UUID
) -> HttpResponse:
    """Send it again: a new link, for another week."""
    principal = Principal.of(request)
    acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
    invitation = invitation_for(principal, project_id, invitation_id)
    made = renew_invitation(invitation=invitation, by=principal.user)
    return show_members(request, acting, 200, sent=send(request, [made]))


@login_required
@require_POST
def invitation_revocation(
    request: HtmxRequest, project_id: UUID, invitation_id: UUID
) -> HttpResponse:
    principal = Principal.of(request)
    invitation = invitation_for(principal, project_id, invitation_id)
    revoke_invitation(invitation=invitation, by=principal.user)
    messages.success(
        request,
        _("The invitation of %(email)s is revoked.") % {"email": invitation.email},
    )
    return redirect("accounts:members", project_id)


def show_members(
    request: HtmxRequest,
    acting: Membership,
    status: int,
    *,
    form: InvitationForm | None = None,
    sent: Sequence[Sent] = (),
) -> HttpResponse:
    project = acting.project
    asked = Asked.of(request.GET)
    pages = Paginator(members_asked_for(project, asked), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "acting": acting,
        "project": project,
        "asked": asked,
        "page": page,
        "people": [
            (person, can_change(acting, person.member))
            for person in people(project, list(page))
        ],
        "roles": Role.choices,
        "groups": project.groups.order_by("name"),
        "skills": skills_in(project),
        "invitations": [
            (invitation, outranks(acting, invitation.role))
            for invitation in invitations_to(acting)
        ],
        "form": form or InvitationForm(acting=acting),
        "sent": sent,
        "mail": mail_is_set_up(),
    }
    return render_screen(request, "accounts/members.html", context, status)


def show_member(
    request: HtmxRequest,
    acting: Membership,
    membership: Membership,
    status: int,
    **more: Any,
) -> HttpResponse:
    context = {
        "acting": acting,
        "project": acting.project,
        "member": membership,
        "is_self": membership.user_id == acting.user_id,
        "form": MemberForm(acting=acting, member=membership),
        "mail": mail_is_set_up(),
        **more,
    }
    return render_screen(request, "accounts/member.html", context, status)


def invitations_to(acting: Membership) -> list[Invitation]:
    invitations = acting.project.invitations.open().select_related("invited_by")
    return list(invitations.order_by("created_at"))


def can_change(acting: Membership, member: Membership) -> bool:
    return acting.pk == member.pk or outranks(acting, member.role)


def require_change(acting: Membership, member: Membership) -> None:
    if not can_change(acting, member):
        raise PermissionDenied(
            _("You can change members whose role is below your own.")
        )
