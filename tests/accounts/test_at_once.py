"""What must hold when two requests arrive in the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.actions.invitations import invite
from accounts.actions.projects import create_project
from accounts.links import password_link, set_up_link, sign_in_link
from accounts.models import ApiToken, Membership, Project, Role, User

BASE = "http://testserver"
PHRASE = "an entirely different phrase"
TWICE = {"password1": PHRASE, "password2": PHRASE}


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Run act(0) … act(number - 1) in threads that start together."""
    start, answers = threading.Barrier(number), [None] * number

    def run(place: int) -> None:
        try:
            start.wait()
            answers[place] = act(place)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[place]) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_equal_requests_at_once_have_one_effect():
    sam = User.objects.create_superuser("sam@example.org")
    _, secret = ApiToken.issue(user=sam, made_by=sam)

    def act(place: int):
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        response = client.post(
            "/api/v1/projects",
            {"name": "New"},
            content_type="application/json",
            headers={"Idempotency-Key": "k1"},
        )
        return response.status_code, response.json()

    answers = at_once(12, act)

    assert sorted(status for status, _ in answers) == [200] * 11 + [201]
    assert len({str(body) for _, body in answers}) == 1
    assert Project.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one():
    olga, otto = (
        User.objects.create_user(f"{n}@example.org") for n in ("olga", "otto")
    )
    for turn in range(5):
        project = Project.objects.create(name=f"Round {turn}", created_by=olga)
        for user in (olga, otto):
            Membership.objects.create(project=project, user=user, role=Role.OWNER)
        people = [(olga, otto), (otto, olga)]
        secrets = [ApiToken.issue(user=u, made_by=u)[1] for u, _ in people]

        def act(place: int, project=project, people=people, secrets=secrets):
            client = Client(headers={"Authorization": f"Bearer {secrets[place]}"})
            other = people[place][1]
            url = f"/api/v1/projects/{project.pk}/members/{other.pk}"
            return client.delete(url).status_code

        answers = at_once(2, act)

        owners = Membership.objects.current().filter(project=project)
        assert owners.count() == 1, answers
        assert answers.count(204) == 1
        assert set(answers) <= {204, 403, 404, 409}


@pytest.mark.django_db(transaction=True)
def test_an_invitation_accepted_twice_at_once_makes_one_account():
    sam = User.objects.create_superuser("sam@example.org")
    project = create_project(name="New", by=sam)
    _, secret = invite(project=project, email="n@example.org", role="viewer", by=sam)

    def act(place: int):
        sent = {"name": f"N{place}", **TWICE}
        return Client().post(f"/invitations/{secret}/", sent).status_code

    answers = at_once(6, act)

    assert answers.count(302) == 1, answers
    assert set(answers) <= {302, 404, 422}
    assert User.objects.filter(email="n@example.org").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["sign in", "set a password"])
def test_a_link_used_twice_at_once_works_once(kind):
    nina = User.objects.create_user("n@example.org")
    if kind == "sign in":
        link = sign_in_link(nina, BASE)
    else:
        link = password_link(nina, BASE, by=None)
    path = link.removeprefix(BASE)

    answers = at_once(6, lambda place: Client().post(path, TWICE).status_code)

    assert sorted(answers) == [302] + [404] * 5


@pytest.mark.django_db(transaction=True)
def test_a_site_set_up_twice_at_once_has_one_first_account():
    path = set_up_link(BASE).removeprefix(BASE)

    def act(place: int):
        sent = {
            "email": f"p{place}@example.org",
            "name": "First",
            "project_name": "First",
            **TWICE,
        }
        return Client().post(path, sent).status_code

    answers = at_once(6, act)

    assert answers.count(302) == 1, answers
    assert User.objects.count() == 1


def test_threads_of_these_tests_share_one_database(db):
    """On SQLite the test database is a file, else the tests above prove nothing."""
    assert "memory" not in str(connection.settings_dict["NAME"])
