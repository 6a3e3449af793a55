"""Jobs over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Project, User
from jobs.models import Job, State

Api = Callable[..., Client]


def test_a_program_follows_its_job(api: Api, ada: User, adas_job: Job) -> None:
    path = f"/api/v1/jobs/{adas_job.pk}"
    assert api(ada).get(path).json() == {
        "id": str(adas_job.pk),
        "kind": "count_to",
        "state": "queued",
        "done": 0,
        "total": 0,
        "message": "",
        "result": None,
        "error": "",
    }

    Job.objects.update(state=State.DONE, result={"counted": 3}, done=3, total=3)
    reply = api(ada).get(path).json()
    assert (reply["state"], reply["result"]) == ("done", {"counted": 3})


def test_a_token_that_may_only_import_can_follow_its_import(
    api: Api, ada: User, adas_job: Job, bens_job: Job
) -> None:
    importer = api(ada, scopes=["import"])

    assert importer.get(f"/api/v1/jobs/{adas_job.pk}").status_code == 200
    assert importer.get(f"/api/v1/jobs/{bens_job.pk}").status_code == 403


def test_a_token_of_another_project_finds_nothing(
    api: Api, ada: User, adas_job: Job
) -> None:
    other = Project.objects.create(name="Other", created_by=ada)
    bound = api(ada, project=other)

    assert bound.get(f"/api/v1/jobs/{adas_job.pk}").status_code == 404
    listed = bound.get(f"/api/v1/projects/{adas_job.project_id}/jobs")
    assert listed.status_code == 404


def test_who_has_left_finds_nothing(api: Api, ben: User, bens_job: Job) -> None:
    path = f"/api/v1/jobs/{bens_job.pk}"
    assert api(ben).get(path).status_code == 200

    Membership.objects.filter(user=ben).update(left_at=timezone.now())
    assert api(ben).get(path).status_code == 404


def test_the_list_shows_the_newest_first_and_to_annotators_their_own(
    api: Api, ada: User, ben: User, cleo: User, adas_job: Job, bens_job: Job
) -> None:
    Job.objects.filter(pk=adas_job.pk).update(
        created_at=timezone.now() - timedelta(hours=1)
    )

    def listed(user: User) -> list[str]:
        reply = api(user).get(f"/api/v1/projects/{adas_job.project_id}/jobs").json()
        return [job["id"] for job in reply["results"]]

    assert listed(ada) == [str(bens_job.pk), str(adas_job.pk)]
    assert listed(ben) == [str(bens_job.pk)]
    assert listed(cleo) == []


def test_a_long_list_costs_no_more_queries(
    api: Api,
    ada: User,
    adas_job: Job,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    Job.objects.bulk_create(
        Job(project=adas_job.project, created_by=ada, kind="count_to")
        for _ in range(50)
    )
    client = api(ada)
    with django_assert_max_num_queries(4):
        reply = client.get(f"/api/v1/projects/{adas_job.project_id}/jobs?limit=20")
    assert len(reply.json()["results"]) == 20
    assert "cursor=" in reply.json()["next"]
