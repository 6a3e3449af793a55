"""How long a session lasts, the list of one's own, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.actions.members import change_member
from accounts.devices import device_of
from accounts.links import PasswordTokens
from accounts.models import AuditEvent, Membership, Project, Scope, User
from accounts.sessions import NO_ADDRESS, shortened

SignedIn = Callable[..., Client]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Firefox/140.0"
NEW_PASSWORD = "an entirely different phrase"


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """later(hours=2): from now on it is two hours later."""
    now = timezone.now
    passed = timedelta()

    def go(**by: float) -> None:
        nonlocal passed
        passed += timedelta(**by)
        monkeypatch.setattr(timezone, "now", lambda: now() + passed)

    return go


# --- How long -------------------------------------------------------------------------


def test_twelve_idle_hours_sign_out(signed_in: SignedIn, ben: User, later: Any) -> None:
    client = signed_in(ben)
    later(hours=11.9)
    assert is_signed_in(client)
    later(hours=11.9)
    assert is_signed_in(client), "it was used meanwhile"

    later(hours=12.1)
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"
    assert client.get("/api/v1/me").status_code == 401
    assert not UserSession.objects.exists()


def worked_through(client: Client, later: Any, hours: int) -> bool:
    """Is somebody who never rests signed in after so many hours?"""
    for _ in range(hours // 8):
        later(hours=8)
        is_in = is_signed_in(client)
    return is_in


def test_an_annotator_signs_in_once_a_week(
    signed_in: SignedIn, project: Project, ben: User, later: Any
) -> None:
    client = signed_in(ben)
    assert worked_through(client, later, 7 * 24 - 8)
    later(hours=8.1)
    assert not is_signed_in(client)


def test_who_manages_signs_in_once_a_day(
    signed_in: SignedIn, project: Project, ada: User, sam: User, later: Any
) -> None:
    manager, site_admin = signed_in(ada), signed_in(sam)
    later(hours=11)
    assert is_signed_in(manager)
    assert is_signed_in(site_admin)
    later(hours=11)
    assert is_signed_in(manager)
    assert is_signed_in(site_admin)
    later(hours=2.1)
    assert not is_signed_in(manager)
    assert not is_signed_in(site_admin)


def test_who_becomes_a_manager_gets_a_managers_limit(
    signed_in: SignedIn, project: Project, olga: User, ben: User, later: Any
) -> None:
    client = signed_in(ben)
    membership = Membership.objects.get(user=ben)
    change_member(membership=membership, by=olga, role="manager")
    assert worked_through(client, later, 16)
    later(hours=8.1)
    assert not is_signed_in(client)


def test_use_is_noted_to_five_minutes(
    signed_in: SignedIn,
    ben: User,
    later: Any,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    client = signed_in(ben)
    later(minutes=4)
    with django_assert_num_queries(2):  # Session, person.
        client.get("/settings/")
    later(minutes=2)
    client.get("/settings/")
    assert UserSession.objects.get().last_seen_at > timezone.now() - timedelta(
        seconds=30
    )


def test_a_session_from_before_the_limits_gets_its_times(
    signed_in: SignedIn, ben: User, later: Any
) -> None:
    client = signed_in(ben)
    session = client.session
    for name in ["signed_in_at", "seen_at", "ends_at"]:
        del session[name]
    session.save()
    UserSession.objects.all().delete()

    assert is_signed_in(client)
    assert UserSession.objects.get().user == ben
    later(hours=12.1)
    assert not is_signed_in(client)


# --- The list -------------------------------------------------------------------------


def test_the_list_names_devices_and_marks_this_one(
    just_signed_in: SignedIn, ben: User, cleo: User
) -> None:
    here = just_signed_in(ben, **{"User-Agent": FIREFOX})
    just_signed_in(ben, **{"User-Agent": "Mozilla/5.0 (iPhone) CriOS/140 Safari"})
    just_signed_in(cleo, **{"User-Agent": "Opera OPR/99 on Linux"})

    page = here.get("/account/sessions/").content.decode()
    assert page.index("Firefox on Windows") < page.index("This one")
    assert page.index("This one") < page.index("Chrome on iPhone")
    assert "127.0.0.…" in page
    assert "127.0.0.1" not in page
    assert "Opera" not in page


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh) Chrome/140 Safari/537 Edg/140", "Edge on macOS"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140 Safari", "Chrome on Android"),
        ("Mozilla/5.0 (iPad) Version/26 Safari/605", "Safari on iPad"),
        ("curl/8.1", "curl"),
        ("", "Unknown browser"),
        ("<script>alert(1)</script>", "Unknown browser"),
    ],
)
def test_a_browsers_name_is_told_in_plain_words(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device


def test_an_address_is_shortened_to_its_network() -> None:
    assert shortened("203.0.113.77") == "203.0.113.…"
    assert shortened("2001:db8:1:2::3") == "2001:db8:1::…"
    assert shortened(NO_ADDRESS) == ""


def test_the_list_takes_as_many_queries_for_many(
    signed_in: SignedIn, ben: User, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(ben)
    for _ in range(12):
        signed_in(ben)
    with django_assert_max_num_queries(4):
        page = client.get("/account/sessions/")
    assert page.content.decode().count("Unknown browser") >= 13


# --- Ending them ----------------------------------------------------------------------


def test_ending_one_signs_out_there_and_nowhere_else(
    signed_in: SignedIn, ben: User
) -> None:
    here, lost, third = signed_in(ben), signed_in(ben), signed_in(ben)
    row = UserSession.objects.get(session_key=lost.session.session_key)
    reply = here.post(f"/account/sessions/{row.pk}/end/", follow=True)

    assert "That device is signed out." in reply.content.decode()
    assert [is_signed_in(client) for client in (here, lost, third)] == [
        True,
        False,
        True,
    ]
    assert AuditEvent.objects.get(verb="session ended").actor == ben
    assert here.post(f"/account/sessions/{row.pk}/end/").status_code == 404


def test_anothers_session_is_not_there(
    signed_in: SignedIn, ben: User, accounts_bens_session: Any, cleo: User
) -> None:
    address = f"/account/sessions/{accounts_bens_session.pk}/end/"
    assert signed_in(cleo).post(address).status_code == 404
    assert UserSession.objects.filter(pk=accounts_bens_session.pk).exists()


def test_ending_this_one_is_signing_out(signed_in: SignedIn, ben: User) -> None:
    client = signed_in(ben)
    row = UserSession.objects.get()
    assert client.post(f"/account/sessions/{row.pk}/end/")["Location"] == "/sign-in/"
    assert not is_signed_in(client)


def test_all_others_end_at_once(signed_in: SignedIn, ben: User, cleo: User) -> None:
    here, there, anothers = signed_in(ben), signed_in(ben), signed_in(cleo)
    page = here.post("/account/sessions/others/end/", follow=True).content.decode()

    assert "1 other device is signed out." in page
    assert "You are signed in nowhere else." in page
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert is_signed_in(anothers)
    assert AuditEvent.objects.get(verb="other sessions ended").data == {"number": 1}


def test_a_new_password_ends_the_sessions_elsewhere(
    signed_in: SignedIn, ben: User
) -> None:
    here, there = signed_in(ben), signed_in(ben)
    sent = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    sent |= {"oldpassword": "correct horse battery staple"}
    here.post("/account/password/", sent)

    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert Session.objects.count() == 1
    assert "This one" in here.get("/account/sessions/").content.decode()


def test_a_password_link_ends_all_sessions(
    signed_in: SignedIn, project: Project, ben: User, ada: User
) -> None:
    signed_in(ben)
    token = PasswordTokens(str(ada.pk)).make_token(ben)
    sent = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    Client().post(f"/password/link/{ben.pk}/{ada.pk}/{token}/", sent)
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_an_account_that_is_switched_off_is_signed_out(
    signed_in: SignedIn, ben: User
) -> None:
    client = signed_in(ben)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert not is_signed_in(client)


def test_saving_a_draft_after_the_end_answers_as_signed_out(
    signed_in: SignedIn, ben: User
) -> None:
    """The judging page then keeps what was typed: tests/browser/test_trouble.py."""
    client = signed_in(ben)
    signed_in(ben).post("/account/sessions/others/end/")
    reply = client.get("/account/", headers={"HX-Request": "true"})
    assert (reply.status_code, reply["Location"]) == (302, "/sign-in/?next=/account/")


# --- The API --------------------------------------------------------------------------


def test_a_browser_lists_and_ends_sessions_over_the_api(
    signed_in: SignedIn, ben: User
) -> None:
    here, there = signed_in(ben), signed_in(ben)
    rows = here.get("/api/v1/me/sessions").json()["results"]
    assert [row["is_this_one"] for row in rows] == [True, False]
    assert set(rows[0]) == {
        "id",
        "device",
        "address",
        "signed_in_at",
        "last_seen_at",
        "is_this_one",
    }
    assert datetime.fromisoformat(rows[0]["signed_in_at"]) <= timezone.now()

    gone = f"/api/v1/me/sessions/{rows[1]['id']}"
    assert here.delete(gone).status_code == 204
    assert not is_signed_in(there)
    assert here.delete(gone).status_code == 404
    signed_in(ben)
    assert here.delete("/api/v1/me/sessions").status_code == 204
    assert UserSession.objects.count() == 1


def test_a_token_needs_the_scope_admin_everywhere(
    api: SignedIn, signed_in: SignedIn, project: Project, ben: User
) -> None:
    signed_in(ben)
    row = UserSession.objects.get()
    for narrow in [{"scopes": [Scope.READ]}, {"project": project}]:
        client = api(ben, **narrow)
        assert client.get("/api/v1/me/sessions").status_code == 403
        assert client.delete(f"/api/v1/me/sessions/{row.pk}").status_code == 403
        assert client.delete("/api/v1/me/sessions").status_code == 403
    wide = api(ben, scopes=[Scope.ADMIN])
    assert len(wide.get("/api/v1/me/sessions").json()["results"]) == 1
    assert wide.delete("/api/v1/me/sessions").status_code == 204
    assert not UserSession.objects.exists()
