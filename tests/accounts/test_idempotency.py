"""The same request sent twice has one effect."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.idempotency import purge_idempotency
from accounts.models import (
    ApiToken,
    AuditEvent,
    IdempotencyRecord,
    Project,
    Role,
)

JSON = "application/json"
PROJECTS = "/api/v1/projects"


def send(client: Client, key: str | None, url: str = PROJECTS, **body: object):
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(url, body, content_type=JSON, headers=headers)


def test_the_same_again_is_answered_and_not_done_again(api, sam):
    client = api(sam)
    first = send(client, "k1", name="New")
    second = send(client, "k1", name="New")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Project.objects.count() == 1
    assert AuditEvent.objects.filter(verb="project created").count() == 1


def test_the_order_of_a_bodys_keys_is_no_difference(api, ada, project):
    client, url = api(ada), f"/api/v1/projects/{project.pk}/members"
    for body in [
        '{"email": "nina@example.org", "role": "viewer"}',
        '{"role": "viewer",  "email": "nina@example.org"}',
    ]:
        response = client.post(
            url, body, content_type=JSON, headers={"Idempotency-Key": "k1"}
        )
    assert response.status_code == 200


def test_another_body_or_address_under_the_same_key_is_refused(api, sam, project, join):
    join(project, sam, Role.OWNER)
    client = api(sam)
    send(client, "k1", name="New")

    assert send(client, "k1", name="Other").status_code == 422
    other = send(client, "k1", f"/api/v1/projects/{project.pk}/members", name="New")
    assert other.status_code == 422
    assert Project.objects.filter(name="Other").count() == 0


def test_without_a_key_or_with_another_one_it_is_done_again(api, sam):
    client = api(sam)
    for key in [None, None, "k1", "k2"]:
        assert send(client, key, name="New").status_code == 201
    assert Project.objects.count() == 4


def test_a_key_belongs_to_its_token_or_person(api, signed_in, sam):
    for client in [api(sam), api(sam), signed_in(sam)]:
        assert send(client, "k1", name="New").status_code == 201
    assert send(signed_in(sam), "k1", name="New").status_code == 200


def test_what_was_refused_may_be_mended_under_the_same_key(api, sam):
    client = api(sam)
    assert send(client, "k1", name="").status_code == 422
    assert send(client, "k1", name="New").status_code == 201


def test_an_answer_is_forgotten_after_a_day(api, sam):
    client = api(sam)
    send(client, "k1", name="New")
    long_ago = timezone.now() - timedelta(hours=25)
    IdempotencyRecord.objects.update(created_at=long_ago)

    assert send(client, "k1", name="Other").status_code == 201
    assert send(client, "k1", name="Other").status_code == 200

    assert purge_idempotency() == 0
    IdempotencyRecord.objects.update(created_at=long_ago)
    assert purge_idempotency() == 1


@pytest.mark.parametrize(
    "key",
    ["", "x" * 201, "a\x07b", "a\x7f", "tab\there", "\x85"],
    ids=["empty", "long", "bell", "delete", "tab", "next line"],
)
def test_a_key_that_cannot_be_kept_is_unreadable(api, sam, key):
    client = api(sam)
    response = client.post(
        PROJECTS, {"name": "New"}, content_type=JSON, HTTP_IDEMPOTENCY_KEY=key
    )
    assert response.status_code == 400
    assert not Project.objects.exists()


def test_a_key_of_two_hundred_characters_is_kept(api, sam):
    client = api(sam)
    assert send(client, "x" * 200, name="New").status_code == 201
    assert send(client, "x" * 200, name="New").status_code == 200


def test_a_secret_is_told_once_and_not_kept(api, project, ada):
    client = api(ada)
    url = f"/api/v1/projects/{project.pk}/members?with_token=1"
    nina = {"email": "nina@example.org", "role": "annotator"}
    first, second = send(client, "k1", url, **nina), send(client, "k1", url, **nina)

    secret = first.json().pop("token")
    assert second.json() == {k: v for k, v in first.json().items() if k != "token"}
    assert secret not in str(IdempotencyRecord.objects.values().get())
    assert ApiToken.objects.filter(user__email="nina@example.org").count() == 1
