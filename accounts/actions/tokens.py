"""API tokens: made by people for themselves, or by managers for those below them."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.members import is_strictly_below, require_rank
from accounts.actions.projects import lock_people_of
from accounts.actions.refusals import Outranked
from accounts.models import ApiToken, AuditEvent, Membership, Project, User

DEFAULT_DAYS = 90


@transaction.atomic
def make_token(
    *,
    user: User,
    by: User | None,
    project: Project | None = None,
    scopes: list[str] | None = None,
    name: str = "",
    days: int = DEFAULT_DAYS,
) -> tuple[ApiToken, str]:
    """Make a token; the secret is returned here and kept nowhere.

    `by` is None when it is made on the console.
    """
    token, secret = ApiToken.issue(
        user=user,
        made_by=by or user,
        project=project,
        scopes=scopes,
        name=name,
        lifetime=timedelta(days=days),
    )
    AuditEvent.objects.record(
        "token made",
        token,
        by=by,
        project=project,
        person=str(user.pk),
        prefix=token.prefix,
        scopes=token.scopes,
    )
    return token, secret


@transaction.atomic
def make_member_token(
    *, membership: Membership, by: User, asked_with: ApiToken | None
) -> tuple[ApiToken, str]:
    """Make a token that acts as a member, in this project only.

    Only for members strictly below; never with more scopes, nor for longer, than the
    token that asks for it has itself.
    """
    project, user = membership.project, membership.user
    lock_people_of(project)
    membership.refresh_from_db(fields=["role", "left_at"])
    acting = require_rank(by, project, membership.role)
    is_site_admin = user.is_superuser or user.is_staff
    if is_site_admin or not is_strictly_below(membership.role, acting):
        raise Outranked(
            _(
                "You can make a token for another person only when their role is "
                "below your own and they do not administer the site."
            )
        )
    if user.is_unopened and not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
    token, secret = make_token(
        user=user,
        by=by,
        project=project,
        scopes=list(asked_with.scopes) if asked_with else None,
        name=(_("Made by %(person)s") % {"person": by})[:100],
    )
    if asked_with and asked_with.expires_at and token.expires_at:
        token.expires_at = min(token.expires_at, asked_with.expires_at)
        token.save(update_fields=["expires_at"])
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> ApiToken:
    """End a token at once; revoking twice changes nothing."""
    now = timezone.now()
    open_rows = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if open_rows.update(revoked_at=now):
        token.revoked_at = now
        AuditEvent.objects.record(
            "token revoked", token, by=by, project=token.project, prefix=token.prefix
        )
    return token
