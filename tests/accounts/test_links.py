"""One-time links: in by a link, the first set-up, a password link from a manager."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts import links
from accounts.actions.members import change_member, remove_member
from accounts.links import password_link, set_up_link, sign_in_link
from accounts.models import AuditEvent, Membership, Project, Role, User

BASE = "http://testserver"
NEW_PASSWORD = "an entirely different phrase"
TWICE = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


def path_of(link: str) -> str:
    assert link.startswith(BASE)
    return urlsplit(link).path


@pytest.fixture
def later(monkeypatch):
    """later(days=2): from now on it is so much later, for links."""

    def move(**by: float) -> None:
        now = timezone.now().replace(tzinfo=None) + timedelta(**by)
        monkeypatch.setattr(links.OneTimeTokens, "_now", lambda self: now)

    return move


# --- Sign-in links --------------------------------------------------------------------


def test_a_sign_in_link_signs_in_on_post_only(client, ben):
    link = path_of(sign_in_link(ben, BASE))

    page = client.get(link)
    words = page.content.decode()
    assert "<title>Sign in as Ben" in words
    assert "AnonymousUser" not in words
    assert client.get("/api/v1/me").status_code == 401, "a GET changes nothing"
    assert client.get(link).status_code == 200, "so a mail scanner uses up nothing"

    assert client.post(link)["Location"] == "/"
    assert client.get("/api/v1/me").json()["email"] == ben.email


def test_a_sign_in_link_works_once(client, ben):
    link = path_of(sign_in_link(ben, BASE))
    client.post(link)

    for again in [Client().get(link), Client().post(link)]:
        assert again.status_code == 404
        assert "no longer works" in again.content.decode()


def test_a_link_made_in_the_second_of_a_sign_in_dies_with_it(client, ben):
    """Django's own generator rounds the last sign-in to seconds."""
    ben.last_login = timezone.now().replace(microsecond=1)
    ben.save()
    link = path_of(sign_in_link(ben, BASE))
    User.objects.filter(pk=ben.pk).update(
        last_login=ben.last_login.replace(microsecond=2)
    )

    assert client.get(link).status_code == 404


def test_a_sign_in_link_is_over_after_a_day(client, ben, later):
    link = path_of(sign_in_link(ben, BASE))
    later(hours=23)
    assert client.get(link).status_code == 200
    later(hours=25)
    assert client.get(link).status_code == 404


def test_a_sign_in_link_is_of_one_person_only(client, ben, cleo):
    link = path_of(sign_in_link(ben, BASE)).replace(str(ben.pk), str(cleo.pk))
    assert client.post(link).status_code == 404


def test_a_sign_in_link_needs_its_form(ben):
    link = path_of(sign_in_link(ben, BASE))
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403


# --- Set-up ---------------------------------------------------------------------------


SET_UP = {
    "email": "Olga@Example.org",
    "name": "Olga",
    "project_name": "Support answers",
    **TWICE,
}


def test_the_set_up_link_makes_the_first_account_and_project(db, client):
    link = path_of(set_up_link(BASE))
    assert client.get(link).status_code == 200

    assert client.post(link, SET_UP)["Location"] == "/"

    olga = User.objects.get()
    assert (olga.email, olga.is_superuser) == ("olga@example.org", True)
    membership = Membership.objects.get(user=olga)
    assert membership.role == Role.OWNER
    assert membership.project.name == "Support answers"
    assert client.get("/api/v1/me").json()["email"] == "olga@example.org"


def test_the_set_up_link_is_over_once_somebody_has_an_account(client, ben):
    link = path_of(set_up_link(BASE))
    for response in [client.get(link), client.post(link, SET_UP)]:
        assert response.status_code == 404
    assert list(User.objects.all()) == [ben]


def test_the_set_up_link_is_over_after_a_quarter_of_an_hour(db, client, monkeypatch):
    link = path_of(set_up_link(BASE))
    monkeypatch.setattr(links, "SET_UP_LIFETIME", timedelta(seconds=-1))
    assert client.post(link, SET_UP).status_code == 404
    assert not User.objects.exists()


def test_a_made_up_set_up_link_is_over(db, client):
    assert client.get("/set-up/1abc:def/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password2": "other"}, "password2"),
        ({"password1": "short", "password2": "short"}, "password1"),
        (
            {"password1": "olga@example.org", "password2": "olga@example.org"},
            "password1",
        ),
        ({"email": "no address"}, "email"),
        ({"project_name": " "}, "project_name"),
    ],
)
def test_an_incomplete_set_up_is_shown_again(db, client, change, field):
    response = client.post(path_of(set_up_link(BASE)), SET_UP | change)

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not User.objects.exists()


# --- Password links that a manager makes ----------------------------------------------


def make_link(client: Client, project: Project, person: User):
    where = f"/projects/{project.pk}/members/{person.pk}/password-link/"
    return client.post(where)


def shown_link(response) -> str:
    found = re.search(
        r"http://testserver(/password/link/[^\s<\x22]+)", response.content.decode()
    )
    assert found
    return found[1]


def test_a_manager_makes_a_password_link_and_the_member_uses_it_once(
    signed_in, project, ada, ben
):
    link = shown_link(make_link(signed_in(ada), project, ben))
    event = AuditEvent.objects.get(verb="password link made")
    assert (event.actor, event.data["person"]) == (ada, str(ben.pk))

    client = Client()
    assert client.get(link).status_code == 200
    assert client.post(link, TWICE)["Location"] == "/password/reset/done/"
    ben.refresh_from_db()
    assert ben.check_password(NEW_PASSWORD)
    assert AuditEvent.objects.get(verb="password set by link").actor == ben
    assert client.post(link, TWICE).status_code == 404


def test_a_password_link_opens_an_account_that_an_import_made(
    signed_in, project, join, ada
):
    imported = User.objects.create_user("rater-7@example.org", is_active=False)
    join(project, imported, Role.ANNOTATOR)

    Client().post(shown_link(make_link(signed_in(ada), project, imported)), TWICE)

    imported.refresh_from_db()
    assert imported.is_active
    assert imported.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("person", ["olga", "ada"])
def test_a_manager_makes_no_password_link_upward(
    signed_in, project, ada, person, request
):
    person = request.getfixturevalue(person)
    assert make_link(signed_in(ada), project, person).status_code == 403


@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER])
def test_no_password_link_for_members_of_a_foreign_project(
    signed_in, project, elsewhere, join, ada, ben, role
):
    join(elsewhere, ben, role)
    assert make_link(signed_in(ada), project, ben).status_code == 403


def test_one_must_manage_each_of_their_projects_not_only_stand_above(
    signed_in, project, elsewhere, join, ada, ben
):
    join(elsewhere, ben, Role.ANNOTATOR)
    join(elsewhere, ada, Role.ADJUDICATOR)
    assert make_link(signed_in(ada), project, ben).status_code == 403

    Membership.objects.filter(project=elsewhere, user=ada).update(role=Role.MANAGER)
    assert make_link(signed_in(ada), project, ben).status_code == 200


def test_no_password_link_for_a_site_admin(signed_in, project, join, olga, sam):
    join(project, sam, Role.VIEWER)
    assert make_link(signed_in(olga), project, sam).status_code == 403


def test_no_password_link_for_an_account_that_was_switched_off(
    signed_in, project, ada, ben
):
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert make_link(signed_in(ada), project, ben).status_code == 403


def test_a_password_link_does_not_rise_with_the_member(client, project, olga, ada, ben):
    link = path_of(password_link(ben, BASE, by=ada))
    membership = Membership.objects.get(project=project, user=ben)
    change_member(membership=membership, role=Role.OWNER, by=olga)

    assert client.post(link, TWICE).status_code == 404
    ben.refresh_from_db()
    assert not ben.check_password(NEW_PASSWORD)


def test_a_password_link_ends_with_its_makers_right(client, project, olga, ada, ben):
    link = path_of(password_link(ben, BASE, by=ada))
    assert client.get(link).status_code == 200
    remove_member(membership=Membership.objects.get(project=project, user=ada), by=olga)
    assert client.post(link, TWICE).status_code == 404


def test_a_password_link_cannot_be_passed_off_as_the_consoles(
    client, project, ada, ben
):
    link = path_of(password_link(ben, BASE, by=ada))
    assert client.get(link.replace(str(ada.pk), "console")).status_code == 404
