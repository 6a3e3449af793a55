"""Rubrics by API: what a program posts, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEvent, Project, Role, Scope, User
from rubrics.models import Rubric, RubricVersion

Criteria = Callable[..., list[dict[str, Any]]]


def send(client: Client, path: str, body: Any, **headers: str) -> HttpResponse:
    return client.post(
        f"/api/v1{path}", json.dumps(body), "application/json", headers=headers
    )


@pytest.fixture
def program(ada: User, project: Project, api: Callable[..., Client]) -> Client:
    """Ada's program, with every right of hers."""
    return api(ada, scopes=list(Scope.values))


def test_a_posted_rubric_is_published_and_read_back(
    program: Client, project: Project, criteria: Criteria
) -> None:
    body = {"name": "Helpfulness", "criteria": criteria(), "publish": True}
    made = send(program, f"/projects/{project.pk}/rubrics", body)

    assert made.status_code == 201
    assert made.json()["version"] == 1
    read = program.get(f"/api/v1/rubrics/{made.json()['id']}").json()
    assert read["name"] == "Helpfulness"
    assert read["version_id"] == made.json()["version_id"]
    assert read["published_at"]
    assert [version["version"] for version in read["versions"]] == [1]
    again = send(
        program,
        f"/projects/{project.pk}/rubrics",
        {"name": "Copy", "criteria": read["criteria"]},
    )
    copy = program.get(f"/api/v1/rubrics/{again.json()['id']}").json()
    assert copy["criteria"] == read["criteria"]


def test_a_rubric_may_be_posted_as_a_draft_and_published_later(
    program: Client, project: Project, criteria: Criteria
) -> None:
    body = {"name": "Helpfulness", "criteria": criteria(), "publish": False}
    made = send(program, f"/projects/{project.pk}/rubrics", body).json()
    path = f"/rubric-versions/{made['version_id']}"
    assert program.get(f"/api/v1{path}").json()["published_at"] is None

    assert send(program, f"{path}/publication", {}).status_code == 201
    assert program.get(f"/api/v1{path}").json()["published_at"]
    assert send(program, f"{path}/publication", {}).status_code == 409


def test_making_a_rubric_is_audited(
    program: Client, project: Project, ada: User, criteria: Criteria
) -> None:
    body = {"name": "Helpfulness", "criteria": criteria()}
    send(program, f"/projects/{project.pk}/rubrics", body)
    events = AuditEvent.objects.filter(project=project, actor=ada)
    verbs = set(events.values_list("verb", flat=True))
    assert verbs >= {"rubric created", "rubric published"}


def test_a_rubric_with_faults_is_refused_whole(
    program: Client, project: Project, criteria: Criteria
) -> None:
    faulty = criteria(
        accuracy={"scale": {"kind": "ordinal", "levels": [{"value": 2}, {"value": 1}]}},
        remark={"weight": -1},
    )
    refused = send(
        program, f"/projects/{project.pk}/rubrics", {"name": "", "criteria": faulty}
    )

    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in refused.json()["errors"]] == [
        "name",
        "criteria.0.scale.levels.1.value",
        "criteria.2.weight",
    ]
    assert not Rubric.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"name": NaN}', b"\xff"])
def test_a_body_that_is_no_object_is_unreadable(
    program: Client, project: Project, body: bytes
) -> None:
    path = f"/api/v1/projects/{project.pk}/rubrics"
    assert program.post(path, body, "application/json").status_code == 400


def test_the_same_request_twice_makes_one_rubric(
    program: Client, project: Project, criteria: Criteria
) -> None:
    path = f"/projects/{project.pk}/rubrics"
    body = {"name": "Helpfulness", "criteria": criteria()}
    first = send(program, path, body, **{"Idempotency-Key": "one"})
    second = send(program, path, body, **{"Idempotency-Key": "one"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Rubric.objects.count() == 1


def test_a_new_version_says_what_changed(
    program: Client, rubric_version: RubricVersion, criteria: Criteria
) -> None:
    changed = criteria(
        accuracy={"question": "Is each claim true?"}, fluent={"required": False}
    )
    path = f"/rubrics/{rubric_version.rubric_id}/versions"
    made = send(program, path, {"criteria": changed})

    assert made.status_code == 201
    assert made.json()["version"] == 2
    assert made.json()["changes"] == [
        {
            "criterion": "accuracy",
            "kind": "safe",
            "what": "The question was reworded.",
        },
        {"criterion": "fluent", "kind": "breaking", "what": "It may be left out now."},
    ]
    first = program.get(f"/api/v1/rubric-versions/{rubric_version.pk}").json()
    assert first["criteria"][0]["question"] == "Is every claim true?"
    listed = program.get(f"/api/v1{path}").json()["results"]
    assert [version["version"] for version in listed] == [1, 2]


def test_what_is_in_force_is_the_latest_published_version(
    program: Client, rubric_version: RubricVersion, criteria: Criteria
) -> None:
    path = f"/rubrics/{rubric_version.rubric_id}"
    body = {"criteria": criteria(), "publish": False}
    draft = send(program, f"{path}/versions", body).json()

    read = program.get(f"/api/v1{path}").json()
    assert read["version"] == 1
    assert read["versions"][1]["version_id"] == draft["version_id"]


def test_a_draft_is_not_lost_to_a_new_version_unasked(
    program: Client, draft_version: RubricVersion, criteria: Criteria
) -> None:
    path = f"/rubrics/{draft_version.rubric_id}/versions"
    body: dict[str, Any] = {"criteria": criteria()[:1]}
    refused = send(program, path, body)
    assert refused.status_code == 409
    assert draft_version.criteria.count() == 3

    made = send(program, path, body | {"replace_draft": True})
    assert made.json()["version_id"] == str(draft_version.pk)
    assert draft_version.criteria.count() == 1


def test_a_new_version_does_not_rename_its_rubric(
    program: Client, rubric_version: RubricVersion, criteria: Criteria
) -> None:
    path = f"/rubrics/{rubric_version.rubric_id}/versions"
    refused = send(program, path, {"name": "Other", "criteria": criteria()})
    assert [error["field"] for error in refused.json()["errors"]] == ["name"]
    same = send(program, path, {"name": "Helpfulness", "criteria": criteria()})
    assert same.status_code == 201


def test_annotators_read_what_is_published_and_no_draft(
    ben: User,
    program: Client,
    project: Project,
    rubric_version: RubricVersion,
    draft_version: RubricVersion,
    api: Callable[..., Client],
    criteria: Criteria,
) -> None:
    path = f"/api/v1/rubrics/{rubric_version.rubric_id}"
    send(program, f"{path[7:]}/versions", {"criteria": criteria(), "publish": False})
    bens = api(ben, scopes=[Scope.READ])

    listed = bens.get(f"/api/v1/projects/{project.pk}/rubrics").json()["results"]
    assert [rubric["name"] for rubric in listed] == ["Helpfulness"]
    assert [v["version"] for v in bens.get(path).json()["versions"]] == [1]
    versions = bens.get(f"{path}/versions").json()["results"]
    assert [version["version"] for version in versions] == [1]
    hidden = bens.get(f"/api/v1/rubric-versions/{draft_version.pk}")
    assert hidden.status_code == 403


def test_a_token_of_another_project_does_not_find_the_rubric(
    ada: User, rubric_version: RubricVersion, api: Callable[..., Client]
) -> None:
    elsewhere = Project.objects.create(name="Elsewhere", created_by=ada)
    elsewhere.memberships.create(user=ada, role=Role.MANAGER)
    bound = api(ada, scopes=list(Scope.values), project=elsewhere)
    path = f"/api/v1/rubrics/{rubric_version.rubric_id}"
    assert bound.get(path).status_code == 404
    assert bound.delete(path).status_code == 404


def test_a_token_that_may_only_read_makes_nothing(
    ada: User, project: Project, api: Callable[..., Client], criteria: Criteria
) -> None:
    reader = api(ada, scopes=[Scope.READ])
    body = {"name": "Helpfulness", "criteria": criteria()}
    refused = send(reader, f"/projects/{project.pk}/rubrics", body)
    assert refused.status_code == 403
    assert not Rubric.objects.exists()


def test_a_rubric_that_nothing_uses_is_deleted_and_a_published_version_is_not(
    program: Client, rubric_version: RubricVersion
) -> None:
    version = f"/api/v1/rubric-versions/{rubric_version.pk}"
    assert program.delete(version).status_code == 409
    rubric = f"/api/v1/rubrics/{rubric_version.rubric_id}"
    assert program.delete(rubric).status_code == 204
    assert program.get(version).status_code == 404


def test_deleting_the_only_draft_deletes_its_rubric(
    program: Client, draft_version: RubricVersion
) -> None:
    version = f"/api/v1/rubric-versions/{draft_version.pk}"
    assert program.delete(version).status_code == 204
    assert not Rubric.objects.exists()


def test_the_list_pages_oldest_first(
    program: Client, project: Project, criteria: Criteria
) -> None:
    for name in ["First", "Second", "Third"]:
        send(
            program,
            f"/projects/{project.pk}/rubrics",
            {"name": name, "criteria": criteria()},
        )
    path = f"/api/v1/projects/{project.pk}/rubrics?limit=2"
    page = program.get(path).json()
    assert [rubric["name"] for rubric in page["results"]] == ["First", "Second"]
    rest = program.get(page["next"]).json()
    assert [rubric["name"] for rubric in rest["results"]] == ["Third"]


def test_listing_takes_as_many_queries_for_many_rubrics_as_for_one(
    program: Client,
    project: Project,
    criteria: Criteria,
    django_assert_num_queries: Any,
) -> None:
    path = f"/projects/{project.pk}/rubrics"
    for name in ["First", "Second", "Third"]:
        send(program, path, {"name": name, "criteria": criteria()})
    program.get(f"/api/v1{path}")  # The token's use is noted once a minute.
    with django_assert_num_queries(4):  # token, membership, rubrics, versions
        program.get(f"/api/v1{path}")


def test_an_unknown_rubric_is_not_found(program: Client, criteria: Criteria) -> None:
    for path in [f"/rubrics/{uuid4()}", f"/rubric-versions/{uuid4()}"]:
        assert program.get(f"/api/v1{path}").status_code == 404
