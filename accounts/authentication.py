"""How an API call says who it is: a bearer token, or the browser's session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.models import ApiToken, User

USED_RECENTLY = timedelta(minutes=1)


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer tst_…`; never an address, never a cookie."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            raise exceptions.ParseError(
                "Send either a token or a session cookie, not both."
            )
        if kind.lower() != "bearer":
            raise exceptions.AuthenticationFailed("Use `Authorization: Bearer TOKEN`.")
        token = ApiToken.objects.matching(secret.strip())
        if token is None:
            raise exceptions.AuthenticationFailed(
                "The token is unknown, expired or revoked."
            )
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="touchstone"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The signed-in browser, with CSRF enforced; a 401 names the token way."""

    def authenticate_header(self, request: Request) -> Any:
        return 'Bearer realm="touchstone"'


def note_use(token: ApiToken) -> None:
    """Remember the use to the minute: not a write for each call."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USED_RECENTLY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
