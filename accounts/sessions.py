"""How long somebody stays signed in, and where they are signed in now.

The times lie in the session itself, which every request reads anyway: holding it to its
limits costs no query. Every few minutes of use they are written anew, and with them the
row that the list of one's own sessions shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.devices import device_of
from accounts.models import User
from accounts.permissions import MANAGING

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
LONGEST_OF_MANAGERS = timedelta(hours=24)
NOTED_EVERY = timedelta(minutes=5)
NO_ADDRESS = "0.0.0.0"  # noqa: S104  Nothing listens: a request over a socket has none.

Handler = Callable[[HttpRequest], HttpResponse]


class SessionLimitsMiddleware:
    """Ends a session that was idle, or lasted, too long; notes that one is in use."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if SESSION_KEY in session:
            now = timezone.now()
            if is_over(session, now):
                UserSession.objects.filter(session_key=session.session_key).delete()
                session.flush()
            elif now.timestamp() - session.get("seen_at", 0) > NOTED_EVERY.seconds:
                note_use(request, now)
        return self.get_response(request)


def is_over(session: SessionBase, now: datetime) -> bool:
    """A session from before there were limits has no times: it gets them first."""
    at = now.timestamp()
    is_idle = at - session.get("seen_at", at) > IDLE.total_seconds()
    return bool(is_idle or at > session.get("ends_at", at))


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    """By whatever way somebody came in, Django says so here."""
    request.session["signed_in_at"] = timezone.now().timestamp()
    note_use(request, timezone.now())


def note_use(request: HttpRequest, now: datetime) -> None:
    session = request.session
    if session.session_key is None:
        session.save()
    user_id = session[SESSION_KEY]
    began = session.setdefault("signed_in_at", now.timestamp())
    # Asked anew each time: who becomes a manager meanwhile gets a manager's limit.
    session["ends_at"] = began + longest_for(user_id).total_seconds()
    session["seen_at"] = now.timestamp()
    used = {
        "user_id": user_id,
        "last_seen_at": now,
        "ip": address_of(request),
        "user_agent": request.headers.get("User-Agent", "")[:200],
    }
    if not UserSession.objects.filter(session_key=session.session_key).update(**used):
        UserSession.objects.create(session_key=session.session_key, **used)


def longest_for(user_id: str) -> timedelta:
    is_current = Q(memberships__left_at=None, memberships__role__in=MANAGING)
    managers = User.objects.filter(Q(is_superuser=True) | is_current, pk=user_id)
    return LONGEST_OF_MANAGERS if managers.exists() else LONGEST


def address_of(request: HttpRequest) -> str:
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return NO_ADDRESS  # None told, or fewer proxies passed than are configured.


# --- One's own ------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnSession:
    """One place where a person is signed in, as they are told of it."""

    id: int
    device: str
    address: str
    signed_in_at: datetime
    last_seen_at: datetime
    is_this_one: bool


def own_sessions(user: User, this_key: str | None) -> list[OwnSession]:
    """Where this person is signed in; the session that asks comes first."""
    told = [
        OwnSession(
            id=row.pk,
            device=device_of(row.user_agent),
            address=shortened(row.ip),
            signed_in_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_this_one=row.session_key == this_key,
        )
        for row in open_sessions_of(user).order_by("-last_seen_at", "-pk")
    ]
    return sorted(told, key=lambda session: not session.is_this_one)


def open_sessions_of(user: User) -> QuerySet[Any]:
    now = timezone.now()
    kept = Session.objects.filter(expire_date__gt=now).values("session_key")
    sessions: QuerySet[Any] = UserSession.objects.filter(
        user=user,
        session_key__in=kept,
        last_seen_at__gt=now - IDLE,
        created_at__gt=now - longest_for(str(user.pk)),
    )
    return sessions


def shortened(address: str) -> str:
    """The network of an address: enough to know one's own, no more is shown."""
    if address == NO_ADDRESS:
        return ""
    bits = 24 if ip_address(address).version == 4 else 48
    network = str(ip_network(f"{address}/{bits}", strict=False).network_address)
    return f"{network.removesuffix('.0')}.…" if bits == 24 else f"{network}…"
