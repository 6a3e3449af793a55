"""Ending sessions: one's own, and all when a password changes."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.models import AuditEvent, User


@transaction.atomic
def end_session(*, session: Any, by: User) -> User:
    """Sign out where this session is; what was typed there stays on its page."""
    delete([session.session_key])
    AuditEvent.objects.record("session ended", by, by=by)
    return by


@transaction.atomic
def end_other_sessions(*, user: User, this_key: str | None) -> int:
    """Sign out everywhere but here; returns in how many places."""
    number = end_sessions_of(user, but=this_key)
    AuditEvent.objects.record("other sessions ended", user, by=user, number=number)
    return number


def end_sessions_of(user: User, *, but: str | None = None) -> int:
    """Delete the sessions themselves: a right that comes back revives none of them."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=but)
    return delete(list(rows.values_list("session_key", flat=True)))


def delete(keys: list[str]) -> int:
    UserSession.objects.filter(session_key__in=keys).delete()
    number, _ = Session.objects.filter(session_key__in=keys).delete()
    return number
