"""Links that let somebody in once: to sign in, to set up the site, to set a password.

Opening a link changes nothing, since mail scanners open links too: its page has a form.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import base36_to_int

from accounts.actions.people import open_account
from accounts.actions.sessions import end_sessions_of
from accounts.models import AuditEvent, User
from accounts.permissions import outranks_everywhere

SET_UP_SALT = "accounts.links.set-up"
SET_UP_LIFETIME = timedelta(minutes=15)
CONSOLE = "console"


class LinkIsOver(Exception):
    """Used, too old, replaced or never made: which of them is nobody's business."""


class OneTimeTokens(PasswordResetTokenGenerator):
    """A token that dies with use, since using it changes what it was made from."""

    lifetime = timedelta(days=1)

    def check_token(self, user: User | None, token: str | None) -> bool:
        if not super().check_token(user, token):
            return False
        assert token is not None
        made_at = base36_to_int(token.partition("-")[0])
        age = self._num_seconds(self._now()) - made_at
        return bool(age <= self.lifetime.total_seconds())

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        # Django leaves the fraction of last_login out: a link made in the second of a
        # sign-in would survive that sign-in.
        at = user.last_login.isoformat() if user.last_login else ""
        value: str = super()._make_hash_value(user, timestamp)
        return f"{value}{at}{user.is_active}"


class SignInTokens(OneTimeTokens):
    key_salt = "accounts.links.sign-in"


class PasswordTokens(OneTimeTokens):
    """Bound to their maker, so that a link names whose right it rests on."""

    key_salt = "accounts.links.password"

    def __init__(self, maker: str) -> None:
        super().__init__()
        self.maker = maker

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{self.maker}"


# --- Making links ---------------------------------------------------------------------


def sign_in_link(user: User, base_url: str) -> str:
    """A link that signs this person in, once, within a day."""
    token = SignInTokens().make_token(user)
    return absolute(base_url, "accounts:sign-in-link", user.pk, token)


def password_link(user: User, base_url: str, *, by: User | None) -> str:
    """A link to set this person's password, once, within a day.

    It works while its maker may still be trusted with the account; `by` is None when
    it is made on the console.
    """
    maker = str(by.pk) if by else CONSOLE
    token = PasswordTokens(maker).make_token(user)
    return absolute(base_url, "accounts:password-link", user.pk, maker, token)


def set_up_link(base_url: str) -> str:
    """A link to make the first account, within 15 minutes, while there is none."""
    token = signing.TimestampSigner(salt=SET_UP_SALT).sign("first")
    return absolute(base_url, "accounts:set-up", token.partition(":")[2])


def invitation_link(secret: str, base_url: str) -> str:
    return absolute(base_url, "accounts:invitation", secret)


def absolute(base_url: str, name: str, *args: object) -> str:
    return base_url.rstrip("/") + reverse(name, args=args)


def address_for(request: HttpRequest) -> str:
    """Where people reach us: as the operator says, else as this request found us."""
    return settings.TOUCHSTONE_URL or request.build_absolute_uri("/")


def own_address() -> str:
    """This installation's address, for links that are printed on the console."""
    named = [host for host in settings.ALLOWED_HOSTS if not host.startswith(".")]
    if settings.HTTPS and named:
        return f"https://{named[0]}"
    return "http://127.0.0.1:8000"


# --- Following links ------------------------------------------------------------------


def person_to_sign_in(user_id: UUID, token: str) -> User:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not SignInTokens().check_token(user, token):
        raise LinkIsOver
    return user


@transaction.atomic
def sign_in_once(request: HttpRequest, user_id: UUID, token: str) -> User:
    """Sign in; of two who use the link at once, the second is refused.

    No second factor is asked: only the operator makes such links, on the console, and
    they are the way back in for who lost their phone and their recovery codes.
    """
    User.objects.select_for_update().filter(pk=user_id).first()
    user = person_to_sign_in(user_id, token)
    get_adapter(request).login(request, user)
    return user


def person_to_get_a_password(user_id: UUID, maker: str, token: str) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None or not PasswordTokens(maker).check_token(user, token):
        raise LinkIsOver
    if not (user.is_active or user.is_unopened) or not still_trusted(maker, user):
        raise LinkIsOver
    return user


def still_trusted(maker: str, user: User) -> bool:
    """The token proves who made the link; this asks whether they still may."""
    if maker == CONSOLE:
        return True
    by = User.objects.filter(pk=maker, is_active=True).first()
    return by is not None and outranks_everywhere(by, user)


@transaction.atomic
def set_password_by_link(
    *, user_id: UUID, maker: str, token: str, password: str
) -> User:
    """Set the password; of two who use the link at once, the second is refused."""
    User.objects.select_for_update().filter(pk=user_id).first()
    user = person_to_get_a_password(user_id, maker, token)
    open_account(user=user, name=user.name, password=password)
    end_sessions_of(user)
    AuditEvent.objects.record("password set by link", user, by=user)
    return user


def may_set_up(token: str) -> bool:
    """Is this a fresh set-up link, and is there still nobody?"""
    signer = signing.TimestampSigner(salt=SET_UP_SALT)
    try:
        signer.unsign(f"first:{token}", max_age=SET_UP_LIFETIME)
    except signing.BadSignature:
        return False
    return not User.objects.exists()
