"""Members: added, changed and removed by those who outrank them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.projects import lock_people_of
from accounts.actions.refusals import AlreadyMember, LastOwner, Outranked
from accounts.models import ApiToken, AuditEvent, Membership, Project, Role, User
from accounts.models.project import new_pseudonym
from accounts.models.token import ApiTokenQuerySet
from accounts.permissions import MANAGING, RANK, outranks
from accounts.skills import cleaned


@transaction.atomic
def add_member(
    *,
    project: Project,
    user: User,
    role: str,
    by: User,
    also_annotates: bool = False,
    skills: Iterable[str] | None = None,
) -> Membership:
    """Make the person a member, or a member again: who left gets their row back."""
    lock_people_of(project)
    require_rank(by, project, role)
    membership = admit(
        project=project, user=user, role=role, by=by, also_annotates=also_annotates
    )
    if skills is not None:
        membership.skills = cleaned(skills)
        membership.save(update_fields=["skills"])
    return membership


@transaction.atomic
def change_member(
    *,
    membership: Membership,
    by: User,
    role: str | None = None,
    also_annotates: bool | None = None,
    skills: Iterable[str] | None = None,
) -> Membership:
    """Give a member another role, the flag or skills; to oneself, only a lower role.

    Raises BadSkills.
    """
    project = membership.project
    lock_people_of(project)
    membership.refresh_from_db(fields=["role", "also_annotates", "skills", "left_at"])
    if membership.left_at is not None:
        raise Outranked(_("This person is no longer a member; add them again first."))
    if membership.user_id != by.pk:
        require_rank(by, project, membership.role)
    role = membership.role if role is None else role
    require_rank(by, project, role)
    if role != Role.OWNER:
        require_another_owner(membership)

    before = membership.role
    if role != before:
        end_what_was_lent(membership, by)
    membership.role = role
    if also_annotates is not None:
        membership.also_annotates = also_annotates
    if skills is not None:
        membership.skills = cleaned(skills)
    membership.save(update_fields=["role", "also_annotates", "skills"])
    AuditEvent.objects.record(
        "member changed",
        membership,
        by=by,
        project=project,
        person=str(membership.user_id),
        before=before,
        after=role,
        also_annotates=membership.also_annotates,
        **({} if skills is None else {"skills": membership.skills}),
    )
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> Membership:
    """End a membership, perhaps one's own; the row and the work stay.

    Leases lapse by themselves.
    """
    project = membership.project
    lock_people_of(project)
    membership.refresh_from_db(fields=["role", "left_at"])
    if membership.left_at is not None:
        return membership
    if membership.user_id != by.pk:
        require_rank(by, project, membership.role)
    require_another_owner(membership)

    end_what_was_lent(membership, by)
    bound_here = ApiToken.objects.usable().filter(project=project)
    revoke_tokens(bound_here.filter(user_id=membership.user_id), by)
    membership.left_at = timezone.now()
    membership.save(update_fields=["left_at"])
    AuditEvent.objects.record(
        "member removed",
        membership,
        by=by,
        project=project,
        person=str(membership.user_id),
        role=membership.role,
    )
    return membership


def require_rank(by: User, project: Project, role: str) -> Membership:
    """Return the acting membership as it is now, not as it was at the door."""
    acting = Membership.objects.current().filter(project=project, user=by).first()
    if acting is None or acting.role not in MANAGING or not outranks(acting, role):
        raise Outranked
    return acting


def require_another_owner(membership: Membership) -> None:
    owners = Membership.objects.current().filter(
        project_id=membership.project_id, role=Role.OWNER
    )
    is_owner = membership.role == Role.OWNER and membership.left_at is None
    if is_owner and not owners.exclude(pk=membership.pk).exists():
        raise LastOwner


def end_what_was_lent(membership: Membership, by: User) -> None:
    """Revoke what would carry an old rank into a new one.

    Tokens that others made for this member would rise with the member's role; tokens
    and invitations that this member gave to others would outlive the right to give.
    """
    tokens = ApiToken.objects.usable().filter(project_id=membership.project_id)
    person = membership.user_id
    revoke_tokens(tokens.filter(user_id=person).exclude(made_by_id=person), by)
    revoke_tokens(tokens.filter(made_by_id=person).exclude(user_id=person), by)
    for invitation in membership.project.invitations.open().filter(invited_by=person):
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
        AuditEvent.objects.record(
            "invitation revoked",
            invitation,
            by=by,
            project=membership.project,
            email=invitation.email,
        )


def revoke_tokens(tokens: ApiTokenQuerySet, by: User) -> None:
    for token in tokens.select_related("project"):
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        AuditEvent.objects.record(
            "token revoked", token, by=by, project=token.project, prefix=token.prefix
        )


def admit(
    *, project: Project, user: User, role: str, by: User, also_annotates: bool
) -> Membership:
    """Write the membership; the caller holds the lock and has checked the rank."""
    membership = Membership.objects.filter(project=project, user=user).first()
    if membership is None:
        membership = Membership(
            project=project, user=user, pseudonym=free_pseudonym(project)
        )
    elif membership.left_at is None:
        raise AlreadyMember(membership)
    membership.role = role
    membership.also_annotates = also_annotates
    membership.left_at = None
    membership.save()
    AuditEvent.objects.record(
        "member added",
        membership,
        by=by,
        project=project,
        person=str(user.pk),
        role=role,
        also_annotates=also_annotates,
    )
    return membership


def free_pseudonym(project: Project) -> str:
    pseudonym = new_pseudonym()
    while project.memberships.filter(pseudonym=pseudonym).exists():
        pseudonym = new_pseudonym()
    return pseudonym


def is_strictly_below(role: str, acting: Membership) -> bool:
    """Unlike `outranks`, this holds for owners too: none stands below a peer."""
    return RANK[Role(role)] < RANK[Role(acting.role)]
