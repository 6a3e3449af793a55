"""The people of a project: who is in, who is invited, and what they may do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import invitation_for, member_for, membership_for
from accounts.actions.invitations import invite, revoke_invitation
from accounts.actions.members import change_member, remove_member
from accounts.actions.people import lend_password_link
from accounts.actions.refusals import AlreadyMember, LastOwner
from accounts.forms.members import InvitationForm, RoleForm
from accounts.links import invitation_link, password_link
from accounts.mail import mail_invitation, mail_is_set_up
from accounts.models import Invitation, Membership
from accounts.permissions import MANAGING, Action, Principal, outranks
from config.http import HtmxRequest, render_screen


@login_required
@require_http_methods(["GET", "POST"])
def members(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """The list; POST invites, and shows the link where no mail server sends it."""
    principal = Principal.of(request)
    acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
    form = InvitationForm(
        request.POST if request.method == "POST" else None, acting=acting
    )
    link = ""
    if form.is_valid():
        try:
            invitation, secret = invite(
                project=acting.project, by=principal.user, **form.cleaned_data
            )
        except AlreadyMember as refusal:
            form.add_error("email", str(refusal))
        else:
            link = invitation_link(secret, request.build_absolute_uri("/"))
            if mail_is_set_up() and mail_invitation(invitation, link):
                messages.success(
                    request,
                    _("%(email)s has been sent a link.") % {"email": invitation.email},
                )
                return redirect("accounts:members", project_id)
            form = InvitationForm(acting=acting)

    context = {
        "acting": acting,
        "project": acting.project,
        "members": [
            (member, can_change(acting, member)) for member in members_of(acting)
        ],
        "invitations": [
            (invitation, outranks(acting, invitation.role))
            for invitation in invitations_to(acting)
        ],
        "form": form,
        "link": link,
        "mail": mail_is_set_up(),
    }
    status = 422 if form.is_bound else 200
    return render_screen(request, "accounts/members.html", context, status)


@login_required
@require_http_methods(["GET", "POST"])
def member(request: HtmxRequest, project_id: UUID, user_id: UUID) -> HttpResponse:
    """One member: role, removal, a password link."""
    principal = Principal.of(request)
    acting, membership = member_for(principal, project_id, user_id)
    require_change(acting, membership)
    initial = {"role": membership.role, "also_annotates": membership.also_annotates}
    posted = request.POST if request.method == "POST" else None
    form = RoleForm(posted, acting=acting, initial=initial)
    if form.is_valid():
        try:
            change_member(membership=membership, by=principal.user, **form.cleaned_data)
        except LastOwner as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(
                request,
                _("%(person)s has this role now: %(role)s.")
                % {"person": membership.user, "role": membership.get_role_display()},
            )
            is_self = membership.user_id == principal.user.pk
            if is_self and membership.role not in MANAGING:
                return redirect("annotation:project", project_id)
            return redirect("accounts:members", project_id)

    status = 422 if form.is_bound else 200
    return show_member(request, acting, membership, status, form=form)


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
    link = password_link(
        membership.user, request.build_absolute_uri("/"), by=principal.user
    )
    return show_member(request, acting, membership, 200, link=link)


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


def show_member(
    request: HtmxRequest,
    acting: Membership,
    membership: Membership,
    status: int,
    **more: Any,
) -> HttpResponse:
    initial = {"role": membership.role, "also_annotates": membership.also_annotates}
    context = {
        "acting": acting,
        "project": acting.project,
        "member": membership,
        "is_self": membership.user_id == acting.user_id,
        "form": RoleForm(acting=acting, initial=initial),
        "mail": mail_is_set_up(),
        **more,
    }
    return render_screen(request, "accounts/member.html", context, status)


def members_of(acting: Membership) -> list[Membership]:
    members = Membership.objects.current().filter(project=acting.project)
    return list(members.select_related("user").order_by("joined_at", "pk"))


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
