"""The second factor: switched on and off, asked at sign-in, required by the site."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from accounts.links import SignInTokens
from accounts.models import ApiToken, AuditEvent, Project, User

PASSWORD = "correct horse battery staple"
ON = "/account/two-factor/on/"
OFF = "/account/two-factor/off/"
CODES = "/account/two-factor/codes/"
Maker = Callable[..., Client]


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def switch_on(client: Client) -> str:
    page = client.get(ON).content.decode()
    found = re.search(r'id="id_key" value="(\w+)"', page)
    assert found
    reply = client.post(ON, {"code": code_of(found[1])})
    assert (reply.status_code, reply["Location"]) == (302, CODES)
    return found[1]


def codes_on(page: bytes) -> list[str]:
    return re.findall(r"<code>(\d{8})</code>", page.decode())


def by_password(client: Client, user: User) -> Any:
    return client.post("/sign-in/", {"login": user.email, "password": PASSWORD})


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


NOW = 1_795_000_010.0


@pytest.fixture
def guarded(
    just_signed_in: Maker, ben: User, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, list[str]]:
    """Ben's secret and recovery codes; he switched it on a minute ago."""
    client = just_signed_in(ben)
    with monkeypatch.context() as before:
        before.setattr(time, "time", lambda: NOW - 60)
        secret = switch_on(client)
        return secret, codes_on(client.get(CODES).content)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a minute does not end between a code's making and its use."""
    monkeypatch.setattr(time, "time", lambda: NOW)


pytestmark = pytest.mark.usefixtures("clock")


# --- On and off -----------------------------------------------------------------------


def test_it_is_switched_on_by_a_picture_or_a_key(
    just_signed_in: Maker, ben: User
) -> None:
    client = just_signed_in(ben)
    page = client.get(ON).content.decode()
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert picture
    assert b"<svg" in base64.b64decode(picture[1])
    assert 'href="otpauth://totp/ben%40example.org?secret=' in page

    reply = client.post(ON, {"code": "000000"})
    assert reply.status_code == 422
    assert "It is not on yet." in reply.content.decode()
    assert not Authenticator.objects.exists()

    switch_on(client)
    codes = codes_on(client.get(CODES).content)
    assert len(set(codes)) == 10
    assert (
        "10 recovery codes are left"
        in client.get("/account/two-factor/").content.decode()
    )
    verbs = set(AuditEvent.objects.filter(actor=ben).values_list("verb", flat=True))
    assert verbs >= {"two-factor switched on", "recovery codes made"}


def test_the_codes_follow_at_once_where_there_is_no_password(
    signed_in: Maker, ben: User
) -> None:
    ben.set_unusable_password()
    ben.save()
    client = signed_in(ben)  # Long ago, by a link.
    switch_on(client)
    assert len(codes_on(client.get(CODES).content)) == 10


def test_the_codes_follow_at_once_though_the_set_up_took_long(
    just_signed_in: Maker, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = just_signed_in(ben)
    monkeypatch.setattr(time, "time", lambda: NOW + 290)
    switch_on(client)
    monkeypatch.setattr(time, "time", lambda: NOW + 310)
    assert len(codes_on(client.get(CODES).content)) == 10


def test_the_code_that_switched_it_on_is_used(
    just_signed_in: Maker, signed_in: Maker, ben: User
) -> None:
    code = code_of(switch_on(just_signed_in(ben)))
    elsewhere = signed_in(ben)
    sent = {"code": code, "next": CODES}
    assert elsewhere.post("/sign-in/again/code/", sent).status_code == 422


def test_the_database_holds_no_secret_in_the_clear(
    guarded: tuple[str, list[str]],
) -> None:
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert guarded[0] not in kept
    assert "gAAAA" in kept


def test_under_another_key_of_the_site_no_code_fits(
    guarded: tuple[str, list[str]], ben: User, settings: Any
) -> None:
    settings.SECRET_KEY = "another key, after the first was lost"
    client = Client()
    by_password(client, ben)
    for code in [code_of(guarded[0]), guarded[1][0], "000000"]:
        assert client.post("/sign-in/code/", {"code": code}).status_code == 422


def test_it_is_switched_off_after_saying_who_one_is(
    guarded: tuple[str, list[str]], signed_in: Maker, ben: User
) -> None:
    client = signed_in(ben)
    assert client.post(OFF)["Location"].startswith("/sign-in/again/?next=")
    assert Authenticator.objects.exists()

    sent = {"password": PASSWORD, "next": OFF}
    assert client.post("/sign-in/again/", sent)["Location"] == "/account/two-factor/"
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.get(verb="two-factor switched off").actor == ben


@pytest.mark.parametrize("address", [ON, OFF, CODES, f"{CODES}new/"])
def test_a_session_left_open_changes_no_factor(
    guarded: tuple[str, list[str]],
    signed_in: Maker,
    ben: User,
    cleo: User,
    address: str,
) -> None:
    client = signed_in(cleo if address == ON else ben)
    reply = client.get(address)
    assert reply.status_code == 302
    assert reply["Location"].startswith("/sign-in/again/")


def test_a_code_says_who_one_is_as_well(
    guarded: tuple[str, list[str]], signed_in: Maker, ben: User
) -> None:
    client = signed_in(ben)
    client.get(CODES)
    assert "Use a code instead" in client.get("/sign-in/again/").content.decode()
    sent = {"code": code_of(guarded[0]), "next": CODES}
    assert client.post("/sign-in/again/code/", sent)["Location"] == CODES
    assert codes_on(client.get(CODES).content) == guarded[1]


def test_new_recovery_codes_end_the_old(
    guarded: tuple[str, list[str]], just_signed_in: Maker, signed_in: Maker, ben: User
) -> None:
    client = Client()
    by_password(client, ben)
    client.post("/sign-in/code/", {"code": code_of(guarded[0])})
    assert client.post(f"{CODES}new/")["Location"] == CODES
    fresh = codes_on(client.get(CODES).content)
    assert len(fresh) == 10
    assert not set(fresh) & set(guarded[1])

    other = Client()
    by_password(other, ben)
    assert other.post("/sign-in/code/", {"code": guarded[1][0]}).status_code == 422
    assert other.post("/sign-in/code/", {"code": fresh[0]}).status_code == 302


# --- At sign-in -----------------------------------------------------------------------


def test_after_the_password_a_code_is_asked(
    guarded: tuple[str, list[str]], client: Client, ben: User
) -> None:
    reply = client.post(
        "/sign-in/",
        {"login": ben.email, "password": PASSWORD, "next": "/account/tokens/"},
    )
    assert reply["Location"] == "/sign-in/code/"
    assert not is_signed_in(client)
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"

    wrong = client.post("/sign-in/code/", {"code": "123456"})
    assert wrong.status_code == 422
    assert "You are not signed in." in wrong.content.decode()
    right = client.post("/sign-in/code/", {"code": code_of(guarded[0])})
    assert right["Location"] == "/account/tokens/"
    assert is_signed_in(client)


def test_a_code_works_once(
    guarded: tuple[str, list[str]], client: Client, ben: User
) -> None:
    code = code_of(guarded[0])
    for expected in (302, 422):
        browser = Client()
        by_password(browser, ben)
        assert browser.post("/sign-in/code/", {"code": code}).status_code == expected


@pytest.mark.parametrize("steps", [-1, 1])
def test_an_old_or_early_code_does_not_fit(
    guarded: tuple[str, list[str]], client: Client, ben: User, steps: int
) -> None:
    by_password(client, ben)
    code = code_of(guarded[0], steps)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 422


def test_a_recovery_code_works_once(
    guarded: tuple[str, list[str]], just_signed_in: Maker, ben: User
) -> None:
    for expected in (302, 422):
        browser = Client()
        by_password(browser, ben)
        reply = browser.post("/sign-in/code/", {"code": guarded[1][3]})
        assert reply.status_code == expected


def test_guessing_codes_is_slowed_down(
    guarded: tuple[str, list[str]], client: Client, ben: User, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/key"}
    by_password(client, ben)
    for _ in range(3):
        client.post("/sign-in/code/", {"code": "000000"})
    right = client.post("/sign-in/code/", {"code": code_of(guarded[0])})
    assert right.status_code == 422
    assert not is_signed_in(client)


def test_the_code_page_is_for_who_gave_the_password(
    client: Client, signed_in: Maker, ben: User
) -> None:
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"
    assert client.post("/sign-in/code/", {"code": "1"})["Location"] == "/sign-in/"


def test_the_operators_link_signs_in_without_a_code_and_may_switch_it_off(
    guarded: tuple[str, list[str]], client: Client, ben: User
) -> None:
    ben.refresh_from_db()
    client.post(f"/sign-in/link/{ben.pk}/{SignInTokens().make_token(ben)}/")
    assert is_signed_in(client)
    assert client.post(OFF)["Location"] == "/account/two-factor/"
    assert not Authenticator.objects.exists()


def test_programs_are_not_asked(guarded: tuple[str, list[str]], ben: User) -> None:
    _, secret = ApiToken.issue(user=ben, made_by=ben)
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me").status_code == 200


# --- Required by the site -------------------------------------------------------------


def test_managers_have_to_where_the_site_says_so(
    just_signed_in: Maker, project: Project, ada: User, ben: User, settings: Any
) -> None:
    settings.TOUCHSTONE_REQUIRE_TWO_FACTOR = "managers"
    assert just_signed_in(ben).get("/account/").status_code == 200

    client = just_signed_in(ada)
    assert client.get("/account/")["Location"] == "/account/two-factor/"
    assert client.get("/api/v1/me").status_code == 403
    assert "This site asks you" in client.get("/account/two-factor/").content.decode()
    switch_on(client)
    assert client.get("/account/").status_code == 200


def test_everyone_has_to_where_the_site_says_so(
    just_signed_in: Maker, project: Project, ben: User, settings: Any
) -> None:
    settings.TOUCHSTONE_REQUIRE_TWO_FACTOR = "everyone"
    client = just_signed_in(ben)
    assert client.get("/")["Location"] == "/account/two-factor/"
    assert client.post("/sign-out/")["Location"] == "/"
    assert not is_signed_in(client)


def test_who_has_it_goes_on(
    guarded: tuple[str, list[str]], client: Client, ben: User, settings: Any
) -> None:
    settings.TOUCHSTONE_REQUIRE_TWO_FACTOR = "everyone"
    by_password(client, ben)
    client.post("/sign-in/code/", {"code": code_of(guarded[0])})
    assert client.get("/account/").status_code == 200
