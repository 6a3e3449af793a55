"""A person's settings, and the language in which they are answered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import AuditEvent, User

SignedIn = Callable[[User], Client]
POSTED = {
    "name": "Benjamin",
    "language": "de",
    "theme": "dark",
    "density": "compact",
    "break_minutes": "0",
}


def html_tag(page: bytes) -> str:
    found = re.search(r"<html[^>]*>", page.decode())
    assert found
    return found[0]


def test_settings_are_kept_and_hold_on_every_page(
    signed_in: SignedIn, ben: User
) -> None:
    client = signed_in(ben)
    reply = client.post("/settings/", POSTED, follow=True)

    ben.refresh_from_db()
    assert (ben.name, ben.language, ben.theme) == ("Benjamin", "de", "dark")
    assert (ben.density, ben.single_keys, ben.break_minutes) == ("compact", False, 0)
    assert "Die Einstellungen sind gespeichert." in reply.content.decode()
    tag = html_tag(client.get("/account/").content)
    for told in ['lang="de"', 'dir="ltr"', 'data-theme="dark"']:
        assert told in tag
    assert 'data-density="compact"' in tag
    assert 'data-single-keys="off"' in tag


def test_the_usual_look_leaves_no_mark(signed_in: SignedIn, ben: User) -> None:
    usual = {"language": "usual", "theme": "usual", "density": "usual"}
    client = signed_in(ben)
    client.post("/settings/", POSTED | usual | {"single_keys": "on"})

    ben.refresh_from_db()
    assert (ben.language, ben.theme, ben.density, ben.single_keys) == ("", "", "", True)
    assert html_tag(client.get("/account/").content) == '<html lang="en" dir="ltr">'


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a\x00b"},
        {"name": ""},
        {"language": "tlh"},
        {"theme": "neon"},
        {"break_minutes": "-1"},
        {"break_minutes": "soon"},
        {"break_minutes": "601"},
    ],
)
def test_what_is_no_setting_is_shown_again(
    signed_in: SignedIn, ben: User, wrong: dict[str, str]
) -> None:
    reply = signed_in(ben).post("/settings/", POSTED | wrong)
    assert reply.status_code == 422
    assert 'id="form-errors"' in reply.content.decode()
    ben.refresh_from_db()
    assert (ben.name, ben.language) == ("Ben", "")


def test_a_new_name_is_on_record_and_an_old_one_is_not(
    signed_in: SignedIn, ben: User
) -> None:
    client = signed_in(ben)
    client.post("/settings/", POSTED)
    client.post("/settings/", POSTED)
    assert AuditEvent.objects.filter(verb="person renamed", actor=ben).count() == 1


def test_settings_take_no_query_of_their_own(
    signed_in: SignedIn, ben: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    ben.language, ben.theme = "de", "dark"
    ben.save()
    client = signed_in(ben)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        client.get("/settings/")  # Session, person.


# --- The language of an answer --------------------------------------------------------


def test_a_visitor_is_answered_as_the_browser_asks(client: Client, db: None) -> None:
    reply = client.get("/sign-in/", headers={"Accept-Language": "de-AT,en;q=0.5"})
    assert 'lang="de"' in html_tag(reply.content)
    assert reply["Content-Language"] == "de"
    assert "Accept-Language" in reply["Vary"]
    page = reply.content.decode()
    assert "Anmelden" in page
    assert ">English</button>" in page, "Each language is named by itself."


def test_a_visitor_chooses_on_the_sign_in_page(client: Client, db: None) -> None:
    page = client.get("/sign-in/?next=/account/").content.decode()
    assert 'value="de" lang="de"' in page
    chosen = {"language": "de", "next": "/sign-in/?next=/account/"}
    reply = client.post("/language/", chosen, follow=True)
    assert reply.redirect_chain == [("/sign-in/?next=/account/", 302)]
    assert 'lang="de"' in html_tag(reply.content)
    cookie = client.cookies["django_language"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_choosing_a_language_leads_to_no_other_host(client: Client, db: None) -> None:
    chosen = {"language": "de", "next": "https://example.com/"}
    assert client.post("/language/", chosen)["Location"] == "/"


def test_ones_own_setting_goes_before_the_browsers(
    signed_in: SignedIn, ben: User
) -> None:
    ben.language = "en"
    ben.save()
    reply = signed_in(ben).get("/settings/", headers={"Accept-Language": "de"})
    assert 'lang="en"' in html_tag(reply.content)
    assert reply["Content-Language"] == "en"


def test_a_language_that_was_taken_away_is_no_error(
    signed_in: SignedIn, ben: User
) -> None:
    ben.language = "tlh"
    ben.save()
    reply = signed_in(ben).get("/settings/", headers={"Accept-Language": "de"})
    assert 'lang="de"' in html_tag(reply.content)
    assert 'value="usual" selected' in reply.content.decode()


def test_the_api_answers_in_english_whoever_asks(
    signed_in: SignedIn, ben: User
) -> None:
    ben.language = "de"
    ben.save()
    reply = signed_in(ben).post(
        "/api/v1/projects", {}, "application/json", headers={"Accept-Language": "de"}
    )
    assert reply["Content-Language"] == "en"
    assert reply.json()["detail"] == "Only a site admin can make projects."


def test_an_error_page_speaks_the_readers_language(
    signed_in: SignedIn, ben: User
) -> None:
    ben.language = "de"
    ben.save()
    reply = signed_in(ben).get("/nowhere/")
    assert reply.status_code == 404
    assert 'lang="de"' in html_tag(reply.content)
    assert "Diese Seite gibt es hier nicht" in reply.content.decode()


def test_one_answer_leaves_no_language_behind(
    signed_in: SignedIn, ben: User, client: Client
) -> None:
    """Threads answer one person after the other."""
    ben.language = "de"
    ben.save()
    signed_in(ben).get("/settings/")
    assert 'lang="en"' in html_tag(Client().get("/sign-in/").content)
