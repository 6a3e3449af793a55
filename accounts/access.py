"""The doors to a project and its people; foreign and missing are the same 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import (
    ApiToken,
    Group,
    Invitation,
    Membership,
    Project,
    Scope,
    User,
)
from accounts.models.audit import AuditEventQuerySet
from accounts.models.project import ProjectQuerySet
from accounts.models.token import digest_of
from accounts.permissions import (
    MANAGING,
    SCOPES,
    Action,
    Principal,
    allows,
    outranks,
)
from accounts.sessions import open_sessions_of


def membership_for(
    principal: Principal, project_id: UUID | str, action: Action
) -> Membership:
    """Return the principal's membership, with its project, if it allows the action.

    Every door of every app passes here. Http404: no such project for them;
    PermissionDenied: a member without this right.
    """
    if not principal.reaches(project_id):
        raise Http404
    memberships = Membership.objects.current().select_related("project")
    membership = memberships.filter(
        user_id=principal.user.pk, project_id=project_id
    ).first()
    if membership is None:
        raise Http404
    require(principal, membership, action)
    return membership


def require(principal: Principal, membership: Membership, action: Action) -> None:
    if not allows(principal, membership, action):
        raise PermissionDenied(f"Your role here does not let you {action.value}.")


def projects_of(principal: Principal) -> ProjectQuerySet:
    """The projects this principal may list; a token without `read` lists none."""
    token = principal.token
    if token and SCOPES[Action.VIEW_PROJECT] not in token.scopes:
        raise PermissionDenied("This token's scopes do not include read.")
    projects = Project.objects.visible_to(principal.user)
    if token and token.project_id:
        projects = projects.filter(pk=token.project_id)
    return projects


def site_admin(principal: Principal) -> User:
    """Return the person if they administer the site, and not through a narrow token."""
    if not principal.is_site_admin:
        raise PermissionDenied("Only a site admin can make projects.")
    return principal.user


def member_for(
    principal: Principal, project_id: UUID, user_id: UUID
) -> tuple[Membership, Membership]:
    """Return the manager's own membership and the one of the member they named."""
    acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
    members = Membership.objects.current().select_related("project", "user")
    return acting, get_object_or_404(members, project_id=project_id, user_id=user_id)


def invitation_for(
    principal: Principal, project_id: UUID, invitation_id: UUID
) -> Invitation:
    """Return an open invitation of the project, to somebody who may revoke it."""
    acting = membership_for(principal, project_id, Action.MANAGE_MEMBERS)
    invitations = Invitation.objects.open().select_related("project")
    invitation = get_object_or_404(invitations, project_id=project_id, pk=invitation_id)
    if not outranks(acting, invitation.role):
        raise PermissionDenied("You can revoke invitations to roles below your own.")
    return invitation


def invitation_by_link(secret: str) -> Invitation:
    """Return the open invitation whose link this is; its sender must still manage."""
    invitations = Invitation.objects.open().select_related("project", "invited_by")
    invitation = get_object_or_404(invitations, digest=digest_of(secret))
    senders = Membership.objects.current().filter(project=invitation.project)
    sender = senders.filter(user=invitation.invited_by).first()
    if sender is None or sender.role not in MANAGING:
        raise Http404
    if not outranks(sender, invitation.role):
        raise Http404
    return invitation


def group_for(principal: Principal, group_id: UUID) -> Group:
    """Return a group, to somebody who manages the people of its project."""
    groups = Group.objects.filter(
        project__in=Project.objects.visible_to(principal.user)
    )
    group = get_object_or_404(groups.select_related("project"), pk=group_id)
    membership_for(principal, group.project_id, Action.MANAGE_MEMBERS)
    return group


def own_token(principal: Principal, token_id: UUID) -> ApiToken:
    tokens = ApiToken.objects.select_related("project")
    return get_object_or_404(tokens, pk=token_id, user=principal.user)


def session_holder(principal: Principal) -> User:
    """Return whose sessions these are; a narrowed token sees and ends none."""
    token = principal.token
    if token and (token.project_id or Scope.ADMIN not in token.scopes):
        raise PermissionDenied("This token's scopes do not include admin everywhere.")
    return principal.user


def own_session(principal: Principal, session_id: int) -> Any:
    sessions = open_sessions_of(session_holder(principal))
    return get_object_or_404(sessions, pk=session_id)


def audit_trail_of(
    principal: Principal, project_id: UUID
) -> tuple[Membership, AuditEventQuerySet]:
    """Return the reader's membership and the project's events, newest first."""
    acting = membership_for(principal, project_id, Action.VIEW_AUDIT)
    events = acting.project.audit_events.select_related("actor").order_by("-id")
    return acting, events
