"""Single sign-on: there and back, and everybody whom it must not let in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.actions.invitations import invite
from accounts.models import AuditEvent, Invitation, Membership, Project, Role, User
from tests.accounts.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    IdentityProvider,
)

START = "/sign-in/single/"
VERIFIED = {"email": "ben@example.org", "email_verified": True, "name": "Ben"}


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running: IdentityProvider, settings: Any) -> IdentityProvider:
    """A provider at which whoever comes is Ben, and a site that trusts it."""
    running.claims, running.lies = dict(VERIFIED), {}
    running.signs_with, running.tells_in_token = running.key, True
    settings.OIDC_ISSUER = running.issuer
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.OIDC_NAME = "Example Cloud"
    return running


def there(client: Client, start: str = START) -> str:
    """Go to the provider, sign in; returns the address that it sends one back to."""
    reply = client.get(start)
    assert reply.status_code == 302, reply.content
    answer = requests.get(reply["Location"], allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    return answer.headers["Location"].removeprefix("http://testserver")


def there_and_back(client: Client, start: str = START) -> HttpResponse:
    return client.get(there(client, start))


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


def assert_refused(reply: HttpResponse, client: Client, status: int) -> str:
    assert reply.status_code == status
    assert not is_signed_in(client)
    page = reply.content.decode()
    assert "You are not signed in" in page
    return page


# --- Let in ---------------------------------------------------------------------------


def test_a_person_signs_in_by_their_verified_address(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    page = client.get("/sign-in/?next=/account/tokens/").content.decode()
    assert "Sign in with Example Cloud" in page
    assert 'href="/sign-in/single/?next=%2Faccount%2Ftokens%2F"' in page

    reply = there_and_back(client, f"{START}?next=/account/tokens/")
    assert (reply.status_code, reply["Location"]) == (302, "/account/tokens/")
    assert client.get("/api/v1/me").json()["email"] == "ben@example.org"
    assert AuditEvent.objects.get(verb="person signed in").actor == ben


def test_the_request_carries_state_nonce_and_a_challenge(
    provider: IdentityProvider, client: Client, db: None
) -> None:
    asked = parse_qs(urlsplit(client.get(START)["Location"]).query)
    assert asked["redirect_uri"] == ["http://testserver/sign-in/single/answer/"]
    assert asked["code_challenge_method"] == ["S256"]
    for name in ["state", "nonce", "code_challenge"]:
        assert len(asked[name][0]) >= 16
    again = parse_qs(urlsplit(client.get(START)["Location"]).query)
    assert again["state"] != asked["state"]
    assert again["nonce"] != asked["nonce"]


def test_the_address_may_come_from_userinfo_and_in_capitals(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    provider.claims["email"] = "Ben@Example.ORG"
    provider.tells_in_token = False
    assert there_and_back(client)["Location"] == "/"
    assert is_signed_in(client)


def test_an_invited_person_gets_an_account_and_joins(
    provider: IdentityProvider, client: Client, project: Project, ada: User
) -> None:
    invite(project=project, email="nina@example.org", role=Role.ANNOTATOR, by=ada)
    provider.claims |= {"email": "nina@example.org", "name": "Nina"}
    there_and_back(client)

    me = client.get("/api/v1/me").json()
    assert (me["email"], me["name"]) == ("nina@example.org", "Nina")
    assert [row["role"] for row in me["memberships"]] == ["annotator"]
    assert not User.objects.get(email="nina@example.org").has_usable_password()
    assert there_and_back(Client())["Location"] == "/", "and signs in again"


def test_an_imported_annotator_is_opened_by_an_invitation_only(
    provider: IdentityProvider, client: Client, project: Project, ada: User
) -> None:
    nina = User.objects.create_user("nina@example.org", is_active=False)
    provider.claims["email"] = "nina@example.org"
    assert_refused(there_and_back(client), client, 403)

    invite(project=project, email="nina@example.org", role=Role.ANNOTATOR, by=ada)
    there_and_back(client)
    assert is_signed_in(client)
    nina.refresh_from_db()
    assert nina.is_active
    assert AuditEvent.objects.get(verb="account opened").actor == nina


def test_a_second_factor_of_ours_is_asked_too(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(ben, generate_totp_secret())
    assert there_and_back(client)["Location"] == "/sign-in/code/"
    assert not is_signed_in(client)


def test_who_came_by_it_is_not_made_to_switch_a_factor_on(
    provider: IdentityProvider, client: Client, ben: User, settings: Any
) -> None:
    settings.TOUCHSTONE_REQUIRE_TWO_FACTOR = "everyone"
    there_and_back(client)
    assert client.get("/account/").status_code == 200


def test_the_next_person_gets_nothing_of_the_session_before(
    provider: IdentityProvider, signed_in: Callable[..., Client], ben: User, cleo: User
) -> None:
    client = signed_in(cleo)
    session = client.session
    session["hers"] = "secret"
    session.save()
    there_and_back(client)
    assert client.get("/api/v1/me").json()["email"] == ben.email
    assert "hers" not in client.session


# --- Not let in -----------------------------------------------------------------------


@pytest.mark.parametrize("word", [False, None, "false", "yes", 1])
def test_an_address_that_nobody_verified_takes_over_no_account(
    provider: IdentityProvider, client: Client, ben: User, word: object
) -> None:
    provider.claims["email_verified"] = word
    page = assert_refused(there_and_back(client), client, 403)
    assert "does not vouch for your e-mail address" in page


def test_an_answer_without_an_address_lets_nobody_in(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    del provider.claims["email"]
    assert_refused(there_and_back(client), client, 403)


def test_who_is_unknown_is_told_to_ask_for_an_invitation(
    provider: IdentityProvider, client: Client, project: Project
) -> None:
    provider.claims["email"] = "stranger@example.org"
    page = assert_refused(there_and_back(client), client, 403)
    assert "stranger@example.org has no account here" in page
    assert "Ask a manager for an invitation." in page
    assert not User.objects.filter(email="stranger@example.org").exists()


@pytest.mark.parametrize("why", ["revoked", "expired", "its sender left"])
def test_an_invitation_that_is_over_opens_nothing(
    provider: IdentityProvider, client: Client, project: Project, ada: User, why: str
) -> None:
    invite(project=project, email="nina@example.org", role=Role.VIEWER, by=ada)
    now = timezone.now()
    if why == "revoked":
        Invitation.objects.update(revoked_at=now)
    elif why == "expired":
        Invitation.objects.update(expires_at=now - timedelta(seconds=1))
    else:
        Membership.objects.filter(user=ada).update(left_at=now)
    provider.claims["email"] = "nina@example.org"
    assert_refused(there_and_back(client), client, 403)
    assert not User.objects.filter(email="nina@example.org").exists()


def test_an_account_that_is_switched_off_stays_so(
    provider: IdentityProvider, client: Client, project: Project, ada: User, ben: User
) -> None:
    User.objects.filter(pk=ben.pk).update(is_active=False, last_login=timezone.now())
    Membership.objects.filter(user=ben).update(left_at=timezone.now())
    invite(project=project, email=ben.email, role=Role.VIEWER, by=ada)
    page = assert_refused(there_and_back(client), client, 403)
    assert "switched off" in page


# --- Forged, replayed, mixed up -------------------------------------------------------


def test_an_answer_with_anothers_state_is_refused(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    attackers = there(Client())
    assert_refused(client.get(attackers), client, 400)
    there(client)
    assert_refused(client.get(attackers), client, 400)


def test_an_answer_counts_once(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    address = there(client)
    client.get(address)
    client.post("/sign-out/")
    assert_refused(client.get(address), client, 400)


def test_a_replayed_code_is_refused_by_the_provider_and_by_us(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    used = parse_qs(urlsplit(there(client)).query)["code"][0]
    provider.codes.pop(used)
    fresh = parse_qs(urlsplit(there(client)).query)["state"][0]
    reply = client.get(f"{START}answer/?code={used}&state={fresh}")
    assert_refused(reply, client, 502)


def test_anothers_code_does_not_fit_this_browsers_challenge(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    stolen = parse_qs(urlsplit(there(Client())).query)["code"][0]
    state = parse_qs(urlsplit(there(client)).query)["state"][0]
    reply = client.get(f"{START}answer/?code={stolen}&state={state}")
    assert_refused(reply, client, 502)


LIES = {
    "another nonce": {"nonce": "of another sign-in"},
    "no nonce": {"nonce": None},
    "for another client": {"aud": "another"},
    "from another issuer": {"iss": "https://evil.example"},
    "too old": {"exp": 1_000_000_000},
    "from the future": {"iat": 4_000_000_000, "nbf": 4_000_000_000},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    provider: IdentityProvider, client: Client, ben: User, lie: dict[str, Any]
) -> None:
    provider.lies = lie
    assert_refused(there_and_back(client), client, 502)


@pytest.mark.parametrize("key", ["another key", "a shared secret"])
def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    provider: IdentityProvider, client: Client, ben: User, key: str
) -> None:
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    provider.signs_with = another if key == "another key" else CLIENT_SECRET.encode()
    assert_refused(there_and_back(client), client, 502)


def test_userinfo_of_somebody_else_is_refused(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    provider.tells_in_token = False
    provider.lies = {"sub": "2"}
    assert_refused(there_and_back(client), client, 502)


def test_a_provider_that_names_another_issuer_is_not_used(
    provider: IdentityProvider, client: Client, db: None
) -> None:
    provider.lies = {"issuer": "https://evil.example"}
    assert_refused(client.get(START), client, 502)


def test_cancelling_there_is_no_error_here(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    state = parse_qs(urlsplit(there(client)).query)["state"][0]
    reply = client.get(f"{START}answer/?error=access_denied&state={state}")
    assert "Try it again" in assert_refused(reply, client, 502)


def test_a_provider_that_is_away_is_said_so(
    provider: IdentityProvider, client: Client, settings: Any, db: None
) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert_refused(client.get(START), client, 502)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_starts_no_sign_in(
    provider: IdentityProvider, client: Client, db: None, site: str
) -> None:
    reply = client.get(START, headers={"Sec-Fetch-Site": site})
    assert reply["Location"] == "/sign-in/"


def test_next_never_leads_off_the_host(
    provider: IdentityProvider, client: Client, ben: User
) -> None:
    reply = there_and_back(client, f"{START}?next=https://evil.example/")
    assert reply["Location"] == "/"


# --- What the operator chose ----------------------------------------------------------


def test_without_a_provider_there_is_nothing(client: Client, db: None) -> None:
    assert client.get(START).status_code == 404
    assert client.get(f"{START}answer/").status_code == 404
    assert "single" not in client.get("/sign-in/").content.decode()


def test_where_it_is_the_only_way_no_password_is_taken(
    provider: IdentityProvider, client: Client, ben: User, settings: Any
) -> None:
    settings.OIDC_ONLY = True
    assert 'type="password"' not in client.get("/sign-in/").content.decode()
    sent = {"login": ben.email, "password": "correct horse battery staple"}
    assert client.post("/sign-in/", sent).status_code == 422
    assert not is_signed_in(client)
    there_and_back(client)
    assert is_signed_in(client)
