"""Whom the identity provider's word lets in: people of this site, and invited ones."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.invitations import InvitationIsOver, join, take_up
from accounts.actions.people import create_person
from accounts.models import AuditEvent, Invitation, User


class NotLetIn(Exception):
    """Signed in there, but not here; the message says what to do."""


class SignInIsOver(Exception):
    """The answer belongs to no sign-in that this browser began, or it was used."""


class ProviderFailed(Exception):
    """It could not be reached, or did not answer as it should."""


@transaction.atomic
def welcome(*, email: str, is_verified: bool, name: str) -> User:
    """Return the person with this address; an open invitation makes them one.

    The address is all that ties the two accounts together, so that it must be one that
    the provider has verified: else whoever types it there would be let in here.
    """
    if not email or not is_verified:
        raise NotLetIn(
            _(
                "Your identity provider does not vouch for your e-mail address. Ask "
                "whoever runs it to verify the address, then sign in again."
            )
        )
    user = User.objects.select_for_update().filter(email=email).first()
    if user and user.is_active:
        return user
    if user and not user.is_unopened:
        raise NotLetIn(
            _("This account is switched off. Ask the manager of your project.")
        )

    invitations = [
        invitation
        for invitation in Invitation.objects.open()
        .filter(email=email)
        .select_related("project", "invited_by")
        if is_taken_up(invitation)
    ]
    if not invitations:
        raise NotLetIn(
            _("%(email)s has no account here. Ask a manager for an invitation.")
            % {"email": email}
        )
    user = open_or_create(user, email, name)
    for invitation in invitations:
        join(invitation, user)
    return user


def is_taken_up(invitation: Invitation) -> bool:
    try:
        with transaction.atomic():
            take_up(invitation)
    except InvitationIsOver:
        return False
    return True


def open_or_create(user: User | None, email: str, name: str) -> User:
    if user is None:
        return create_person(email=email, name=name, by=None)
    user.is_active = True
    user.name = user.name or name
    user.save(update_fields=["is_active", "name"])
    AuditEvent.objects.record("account opened", user, by=user)
    return user
