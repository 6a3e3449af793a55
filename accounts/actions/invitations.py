"""Invitations by link: sent, revoked, accepted once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.members import admit, require_rank
from accounts.actions.people import create_person, open_account
from accounts.actions.projects import lock_people_of
from accounts.actions.refusals import AlreadyMember, Outranked
from accounts.models import AuditEvent, Invitation, Membership, Project, User
from accounts.models.token import digest_of
from accounts.permissions import outranks_everywhere


class InvitationIsOver(Exception):
    """Accepted, revoked or expired, or its sender may no longer invite."""


class AccountExists(Exception):
    """The address belongs to somebody, who has to sign in before accepting."""


class NotInvited(Exception):
    """Nobody was invited: some addresses are refused, by their place, each with why."""

    def __init__(self, faults: Mapping[int, str]) -> None:
        super().__init__()
        self.faults = faults


@transaction.atomic
def invite_all(
    *,
    project: Project,
    emails: Sequence[str],
    role: str,
    by: User,
    also_annotates: bool = False,
) -> list[tuple[Invitation, str]]:
    """Invite these addresses, or none of them; raises NotInvited."""
    made, faults = [], {}
    for place, email in enumerate(emails):
        try:
            made.append(
                invite(
                    project=project,
                    email=email,
                    role=role,
                    by=by,
                    also_annotates=also_annotates,
                )
            )
        except AlreadyMember as refusal:
            faults[place] = str(refusal)
    if faults:
        raise NotInvited(faults)
    return made


@transaction.atomic
def invite(
    *, project: Project, email: str, role: str, by: User, also_annotates: bool = False
) -> tuple[Invitation, str]:
    """Invite an address; the link's secret is returned here and kept nowhere.

    Inviting the same address again replaces the open invitation and its link.
    """
    email = email.strip().lower()
    lock_people_of(project)
    require_rank(by, project, role)
    members = Membership.objects.current().filter(project=project, user__email=email)
    if member := members.first():
        raise AlreadyMember(member)
    for earlier in project.invitations.open().filter(email=email):
        require_rank(by, project, earlier.role)
        revoke_invitation(invitation=earlier, by=by)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        project=project,
        email=email,
        role=role,
        also_annotates=also_annotates,
        digest=digest_of(secret),
        invited_by=by,
    )
    AuditEvent.objects.record(
        "invitation sent", invitation, by=by, project=project, email=email, role=role
    )
    return invitation, secret


@transaction.atomic
def renew_invitation(*, invitation: Invitation, by: User) -> tuple[Invitation, str]:
    """Send it again, with a new link for another week; the old link is over."""
    return invite(
        project=invitation.project,
        email=invitation.email,
        role=invitation.role,
        by=by,
        also_annotates=invitation.also_annotates,
    )


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """End an open invitation; its link is a 404 from now on."""
    project = invitation.project
    require_rank(by, project, invitation.role)
    open_rows = Invitation.objects.open().filter(pk=invitation.pk)
    if open_rows.update(revoked_at=timezone.now()):
        AuditEvent.objects.record(
            "invitation revoked",
            invitation,
            by=by,
            project=project,
            email=invitation.email,
        )
    return invitation


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> Membership:
    """Make the signed-in person, whose address was invited, a member."""
    if user.email.lower() != invitation.email:
        raise Outranked(_("This invitation is for another address."))
    take_up(invitation)
    return join(invitation, user)


@transaction.atomic
def accept_as_newcomer(*, invitation: Invitation, name: str, password: str) -> User:
    """Make or open the invited person's account, and make them a member."""
    take_up(invitation)
    user = User.objects.select_for_update().filter(email=invitation.email).first()
    if user is None:
        user = create_person(
            email=invitation.email, name=name, password=password, by=None
        )
    elif may_open(invitation, user):
        open_account(user=user, name=name, password=password)
        AuditEvent.objects.record("account opened", user, by=user)
    else:
        raise AccountExists
    join(invitation, user)
    return user


def may_open(invitation: Invitation, user: User) -> bool:
    """May the link's holder set this account's password without signing in?

    Whoever sent the invitation has seen its link, so opening an account by it must
    not reach further than they do: no site admin, no role they do not outrank.
    """
    return user.is_unopened and outranks_everywhere(invitation.invited_by, user)


def take_up(invitation: Invitation) -> None:
    """Use the invitation, once, while its sender still may invite to this role."""
    lock_people_of(invitation.project)
    try:
        require_rank(invitation.invited_by, invitation.project, invitation.role)
    except Outranked:
        raise InvitationIsOver from None
    open_rows = Invitation.objects.open().filter(pk=invitation.pk)
    if not open_rows.update(accepted_at=timezone.now()):
        raise InvitationIsOver


def join(invitation: Invitation, user: User) -> Membership:
    try:
        return admit(
            project=invitation.project,
            user=user,
            role=invitation.role,
            by=user,
            also_annotates=invitation.also_annotates,
        )
    except AlreadyMember as already:  # Added by other means since: that role stays.
        return already.membership
