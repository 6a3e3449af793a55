"""Signing in and out, and passwords: what a person at a browser gets."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import AuditEvent, User

PASSWORD = "correct horse battery staple"
NEW_PASSWORD = "an entirely different phrase"
HTMX = {"HX-Request": "true"}


def sign_in(client: Client, email: str, password: str = PASSWORD, **more):
    return client.post("/sign-in/", {"login": email, "password": password}, **more)


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


def test_a_person_signs_in_with_address_and_password(client, ben):
    response = sign_in(client, "Ben@Example.org")

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/api/v1/me").json()["email"] == "ben@example.org"
    assert AuditEvent.objects.get(verb="person signed in").actor == ben


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, ben):
    wrong = sign_in(client, "ben@example.org", "not my password")
    unknown = sign_in(client, "nobody@example.org", "not my password")

    assert wrong.status_code == unknown.status_code == 422
    told, told_unknown = (
        list(response.context["form"].non_field_errors())
        for response in (wrong, unknown)
    )
    assert told == told_unknown != []
    assert not is_signed_in(client)


def test_a_refused_sign_in_says_what_does_not_match(client, ben):
    page = sign_in(client, "ben@example.org", "not my password").content.decode()

    assert "You are not signed in." in page
    assert "E-mail address and password do not match." in page
    assert "Nothing was saved" not in page
    for label in ["E-mail address", "Password", "Remember me"]:
        assert f">{label}" in page


def test_the_session_id_changes_on_signing_in(client, ben):
    session = client.session
    session["before"] = True
    session.save()
    old = client.cookies["sessionid"].value

    sign_in(client, "ben@example.org")

    assert client.cookies["sessionid"].value != old


def test_an_account_that_is_switched_off_cannot_sign_in(client, ben):
    ben.is_active = False
    ben.save()

    assert sign_in(client, "ben@example.org")["Location"] == "/sign-in/inactive/"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("headers", "whole_page"), [({}, True), (HTMX, False)], ids=["browser", "htmx"]
)
def test_the_sign_in_page_is_page_and_fragment(db, client, headers, whole_page):
    response = client.get("/sign-in/", headers=headers)

    assert (b"<!doctype html>" in response.content) is whole_page
    assert b'<form class="form" method="post" action="/sign-in/">' in response.content
    assert b"csrfmiddlewaretoken" in response.content


def test_signing_in_from_another_site_is_refused(ben):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "ben@example.org").status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "/\\evil.example",
        "////evil.example",
        "https://evil.example/",
        "http:evil.example",
        "https:///evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "\t//evil.example",
        "\x0b//evil.example",
        "//testserver@evil.example",
        "http://localhost/",
        "http://testserver.evil.example/",
        "/\r\nSet-Cookie: a=b",
    ],
)
@pytest.mark.parametrize("page", ["sign in", "sign out", "signed in already"])
def test_next_never_leads_off_the_host(client, ben, page, address):
    if page == "sign in":
        sent = {"login": "ben@example.org", "password": PASSWORD, "next": address}
        response = client.post("/sign-in/", sent)
    else:
        client.force_login(ben)
        where = "/sign-out/" if page == "sign out" else "/sign-in/"
        ask = client.post if page == "sign out" else client.get
        response = ask(where, {"next": address})

    assert response.status_code == 302
    assert re.fullmatch(r"/([^/\\].*)?", response["Location"])
    assert "\n" not in response["Location"]
    assert "Set-Cookie" not in response.cookies


def test_next_within_the_site_is_followed(client, ben):
    sent = {"login": "ben@example.org", "password": PASSWORD, "next": "/account/"}
    assert client.post("/sign-in/", sent)["Location"] == "/account/"


def test_a_get_does_not_sign_out_and_a_post_does(signed_in, ben):
    client = signed_in(ben)

    assert client.get("/sign-out/").status_code == 200
    assert is_signed_in(client)

    assert client.post("/sign-out/")["Location"] == "/"
    assert not is_signed_in(client)


def test_nobody_signs_up(db, client):
    assert client.get("/sign-up/").status_code == 404
    assert client.post("/sign-up/", {"email": "a@b.org"}).status_code == 404


def test_there_is_no_account_by_default(db):
    assert not User.objects.exists()


def test_changing_the_password_ends_other_sessions(signed_in, ben):
    here, there = signed_in(ben), signed_in(ben)
    response = here.post(
        "/account/password/",
        {
            "oldpassword": PASSWORD,
            "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD,
        },
    )

    assert response["Location"] == "/account/"
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert AuditEvent.objects.filter(verb="password changed", actor=ben).exists()


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", NEW_PASSWORD, NEW_PASSWORD),
        (PASSWORD, "short", "short"),
        (PASSWORD, NEW_PASSWORD, NEW_PASSWORD + "!"),
    ],
    ids=["old one wrong", "too short", "typed differently"],
)
def test_a_refused_password_is_not_set(signed_in, ben, old, new, again):
    sent = {"oldpassword": old, "password1": new, "password2": again}
    assert signed_in(ben).post("/account/password/", sent).status_code == 422

    ben.refresh_from_db()
    assert ben.check_password(PASSWORD)


def test_somebody_without_a_password_sets_a_first_one(signed_in, ben):
    ben.set_unusable_password()
    ben.save()
    client = signed_in(ben)

    first = "/account/password/first/"
    assert client.get("/account/password/")["Location"] == first
    sent = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(first, sent)["Location"] == "/account/"
    ben.refresh_from_db()
    assert ben.check_password(NEW_PASSWORD)


# --- Reset by e-mail ------------------------------------------------------------------


@pytest.fixture
def with_mail(settings):
    settings.EMAIL_URL = "smtp://mail.example.org"


def mailed_link() -> str:
    found = re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def test_a_forgotten_password_is_set_anew_by_a_mailed_link(client, with_mail, ben):
    client.post("/password/reset/", {"email": "ben@example.org"})
    assert mail.outbox[0].to == ["ben@example.org"]

    form = client.get(mailed_link(), follow=True)
    address = form.redirect_chain[-1][0]
    sent = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(address, sent)["Location"] == "/password/reset/done/"

    ben.refresh_from_db()
    assert ben.check_password(NEW_PASSWORD)
    assert Client().get(mailed_link()).status_code == 404, "the link works once"


def test_the_reset_page_tells_nobody_who_has_an_account(client, with_mail, ben):
    known = client.post("/password/reset/", {"email": "ben@example.org"})
    unknown = client.post("/password/reset/", {"email": "nobody@example.org"})

    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"] == "/password/reset/sent/"
    assert "no account with this address" in mail.outbox[1].body


def test_without_a_mail_server_the_page_names_the_manager(client, ben):
    page = client.get("/password/reset/")
    assert "Ask the manager of your project" in page.content.decode()
    assert b'name="email"' not in page.content

    assert client.post("/password/reset/", {"email": ben.email}).status_code == 422
    assert mail.outbox == []


def test_a_mangled_reset_link_is_over(client, ben):
    for key in [f"{ben.pk.hex}-abc-def", "x-y", "0-a-b"]:
        assert client.get(f"/password/reset/key/{key}/").status_code == 404


def test_too_many_wrong_passwords_are_slowed_down(client, ben, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/key"}
    for _ in range(3):
        sign_in(client, "ben@example.org", "wrong")

    assert sign_in(client, "ben@example.org").status_code == 422
    assert not is_signed_in(client)
