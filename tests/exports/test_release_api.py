"""Releases over the API: asked for, watched, downloaded, refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, Project, User
from annotation.models import Batch
from exports.models import GoldRelease, ReleaseState
from rubrics.models import RubricVersion
from tests.exports.fixtures import JudgedBatch, Released, built

Api = Callable[..., Client]


def post(client: Client, project: Project, body: Any, **headers: str) -> Any:
    return client.post(
        f"/api/v1/projects/{project.pk}/releases",
        json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_release_is_asked_for_and_watched_until_it_is_ready(
    api: Api, ada: User, project: Project, scored_batch: Batch
) -> None:
    client = api(ada)
    answer = post(
        client,
        project,
        {
            "batches": [str(scored_batch.pk)],
            "rule": {"accuracy": "median", "fluent": "majority"},
            "min_support": 1,
            "splits": {"dev": 0.5, "test": 0.5},
            "seed": 3,
        },
    )

    assert answer.status_code == 202
    started = answer.json()
    assert set(started) == {"id", "job"}
    assert client.get(f"/api/v1/jobs/{started['job']}").json()["state"] == "queued"
    path = f"/api/v1/releases/{started['id']}"
    before = client.get(path).json()
    assert (before["state"], before["number"], before["sha256"]) == ("building", 1, "")

    built(GoldRelease.objects.get(pk=started["id"]))

    after = client.get(path).json()
    assert after["state"] == "ready"
    assert after["counts"] == {"labels": 5, "unresolved": 1, "excluded": 3}
    assert after["manifest"]["options"] == {
        "tie": None,
        "min_support": 1,
        "splits": {"dev": 0.5, "test": 0.5},
        "seed": 3,
    }
    file = body_of(client.get(f"{path}/download"))
    assert hashlib.sha256(file).hexdigest() == after["sha256"]
    listed = client.get(f"/api/v1/projects/{project.pk}/releases").json()["results"]
    assert [one["id"] for one in listed] == [started["id"]]
    assert listed[0] == after


def test_asking_is_in_the_audit_trail_and_so_is_downloading(
    api: Api, ada: User, project: Project, scored_batch: Batch
) -> None:
    answer = post(
        api(ada), project, {"batches": [str(scored_batch.pk)], "rule": "majority"}
    )
    release = built(GoldRelease.objects.get(pk=answer.json()["id"]))
    body_of(api(ada).get(f"/api/v1/releases/{release.pk}/download?format=csv"))

    asked, downloaded = AuditEvent.objects.filter(subject_id=str(release.pk))
    assert (asked.verb, asked.actor) == ("gold release requested", ada)
    assert asked.data["number"] == 1
    assert (downloaded.verb, downloaded.data["format"]) == (
        "gold release downloaded",
        "csv",
    )


def test_the_same_key_asks_once(
    api: Api, ada: User, project: Project, scored_batch: Batch
) -> None:
    client, wanted = api(ada), {"batches": [str(scored_batch.pk)], "rule": "majority"}

    answers = [
        post(client, project, wanted, **{"Idempotency-Key": "once"}) for _ in range(3)
    ]

    assert len({answer.content for answer in answers}) == 1
    assert GoldRelease.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"batches": []}, "batches", ""),
        ({"batches": ["not an id"]}, "batches.0", "No such batch in this project."),
        (
            {"batches": ["00000000-0000-0000-0000-000000000000"]},
            "batches.0",
            "No such batch",
        ),
        ({"rule": "median"}, "rule", "fluent is binary; median does not fit"),
        ({"rule": "dawid_skene"}, "rule", "There is no rule"),
        ({"rule": {"accuracy": "mean"}}, "rule.fluent", "Name a rule for it"),
        ({"rule": None}, "rule", "null"),
        ({"tie": "tie"}, "tie", "preferences decided by majority"),
        ({"min_support": 0}, "min_support", "1"),
        ({"min_support": "many"}, "min_support", "integer"),
        ({"splits": {"dev": 0.5}}, "splits", "add up to 1"),
        ({"splits": {"dev": "half", "test": 0.5}}, "splits.dev", "number"),
        ({"splits": {"a/b": 1}}, "splits.a/b", "Name a split"),
        ({"splits": {"dev": -1, "test": 2}}, "splits.dev", "above 0"),
        ({"seed": 2**63 - 1, "min_support": 10**9}, "min_support", "10000"),
    ],
)
def test_what_cannot_be_released_is_refused_by_field(
    api: Api,
    ada: User,
    project: Project,
    scored_batch: Batch,
    changed: dict[str, Any],
    field: str,
    words: str,
) -> None:
    wanted = {"batches": [str(scored_batch.pk)], "rule": "majority"} | changed
    answer = post(api(ada), project, wanted)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    fault = answer.json()["errors"][0]
    assert fault["field"] == field
    assert words in fault["message"]
    assert not GoldRelease.objects.exists()


def test_a_foreign_projects_batch_is_not_found(
    api: Api, eve: User, elsewhere: Project, scored_batch: Batch
) -> None:
    wanted = {"batches": [str(scored_batch.pk)], "rule": "majority"}
    answer = post(api(eve), elsewhere, wanted)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == "No such batch in this project."


def test_a_token_needs_the_export_scope(
    api: Api, ada: User, ready_release: GoldRelease
) -> None:
    path = f"/api/v1/releases/{ready_release.pk}/download"

    assert api(ada, scopes=["read", "import"]).get(path).status_code == 403
    assert api(ada, scopes=["export"]).get(path).status_code == 200


@pytest.mark.parametrize(
    ("query", "name", "content_type"),
    [
        ("", "gold-release-1.jsonl", "application/jsonl; charset=utf-8"),
        ("?format=jsonl", "gold-release-1.jsonl", "application/jsonl; charset=utf-8"),
        ("?format=csv", "gold-release-1.csv", "text/csv; charset=utf-8"),
        ("?format=csv&raw=1", "gold-release-1.raw.csv", "text/csv; charset=utf-8"),
        (
            "?format=unresolved",
            "gold-release-1.unresolved.jsonl",
            "application/jsonl; charset=utf-8",
        ),
    ],
)
def test_a_file_comes_under_our_name_with_its_hash(
    api: Api,
    ada: User,
    ready_release: GoldRelease,
    query: str,
    name: str,
    content_type: str,
) -> None:
    answer = api(ada).get(f"/api/v1/releases/{ready_release.pk}/download{query}")

    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"] == content_type
    assert answer["ETag"] == f'"{hashlib.sha256(body_of(answer)).hexdigest()}"'
    assert answer["Touchstone-Altered-Cells"] == "0"


def test_altered_cells_are_counted_in_the_answer(
    api: Api,
    ada: User,
    ben: User,
    judged_batch: JudgedBatch,
    released: Released,
    rubric_version: RubricVersion,
) -> None:
    votes = {ben: {"accuracy": 1, "fluent": True}}
    release = released([judged_batch(rubric_version, {"=1+1/a": votes})])

    answer = api(ada).get(f"/api/v1/releases/{release.pk}/download?format=csv")

    # The item and the output, on the row of either criterion.
    assert answer["Touchstone-Altered-Cells"] == "4"
    assert b"'=1+1/a" in body_of(answer)


def test_whatever_is_accepted_the_file_is_the_one_asked_for(
    api: Api, ada: User, ready_release: GoldRelease
) -> None:
    answer = api(ada).get(
        f"/api/v1/releases/{ready_release.pk}/download?format=csv",
        headers={"Accept": "text/csv"},
    )

    assert answer.status_code == 200


def test_an_unknown_format_is_refused_with_those_there_are(
    api: Api, ada: User, ready_release: GoldRelease
) -> None:
    answer = api(ada).get(
        f"/api/v1/releases/{ready_release.pk}/download?format=parquet"
    )

    assert answer.status_code == 422
    assert "jsonl" in answer.json()["errors"][0]["message"]


def test_a_release_that_is_being_built_is_not_downloaded_yet(
    api: Api, ada: User, building_release: GoldRelease
) -> None:
    answer = api(ada).get(f"/api/v1/releases/{building_release.pk}/download")

    assert answer.status_code == 409
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["job"] == str(building_release.job_id)


def test_a_release_that_failed_says_so(
    api: Api, ada: User, building_release: GoldRelease
) -> None:
    building_release.state, building_release.error = ReleaseState.FAILED, "Disk full."
    building_release.save()

    answer = api(ada).get(f"/api/v1/releases/{building_release.pk}/download")

    assert answer.status_code == 409
    assert "Disk full." in answer.json()["detail"]


def test_the_list_takes_the_same_queries_however_long_it_is(
    api: Api,
    ada: User,
    project: Project,
    released: Released,
    scored_batch: Batch,
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(4):
        released([scored_batch])
    client = api(ada)
    client.get("/api/v1/me")

    with django_assert_max_num_queries(5):
        answer = client.get(f"/api/v1/projects/{project.pk}/releases?limit=3")

    assert [one["number"] for one in answer.json()["results"]] == [1, 2, 3]
    assert answer.json()["next"]
