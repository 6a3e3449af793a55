"""The page of a job: what it says, and that it asks again until the job is finished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from jobs.models import Job, State

SignedIn = Callable[[User], Client]


def polled(client: Client, job: Job) -> str:
    headers = {"HX-Request": "true", "HX-Target": job.element_id}
    return client.get(job.get_absolute_url(), headers=headers).content.decode()


def change(job: Job, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk).update(**fields)


def test_a_poll_gets_the_fragment_alone(
    signed_in: SignedIn, ada: User, adas_job: Job
) -> None:
    whole = signed_in(ada).get(adas_job.get_absolute_url()).content.decode()
    part = polled(signed_in(ada), adas_job)

    assert "<!doctype html>" in whole
    assert "<title>" not in part
    assert part.count("<section") == 1
    assert f'id="{adas_job.element_id}"' in whole
    assert f'id="{adas_job.element_id}"' in part


@pytest.mark.parametrize(
    ("state", "asks_again"),
    [
        (State.QUEUED, True),
        (State.RUNNING, True),
        (State.DONE, False),
        (State.FAILED, False),
    ],
)
def test_it_asks_again_until_the_job_is_finished(
    signed_in: SignedIn, ada: User, adas_job: Job, state: State, asks_again: bool
) -> None:
    change(adas_job, state=state, heartbeat_at=timezone.now())

    part = polled(signed_in(ada), adas_job)

    assert ("hx-trigger" in part) is asks_again
    assert ("hx-get" in part) is asks_again
    assert (">Refresh</a>" in part) is asks_again


@pytest.mark.parametrize(
    ("age", "every"),
    [
        (timedelta(0), "every 1s"),
        (timedelta(seconds=30), "every 3s"),
        (timedelta(minutes=5), "every 10s"),
    ],
)
def test_old_jobs_are_asked_for_less_often(
    signed_in: SignedIn, ada: User, adas_job: Job, age: timedelta, every: str
) -> None:
    change(adas_job, created_at=timezone.now() - age)

    assert every in polled(signed_in(ada), adas_job)


def test_it_says_when_no_worker_is_there(
    signed_in: SignedIn, ada: User, adas_job: Job, bens_job: Job
) -> None:
    client = signed_in(ada)
    assert "About to start" in polled(client, adas_job)

    change(adas_job, queued_at=timezone.now() - timedelta(seconds=10))
    assert "Waiting for a worker" in polled(client, adas_job)

    change(bens_job, state=State.RUNNING, heartbeat_at=timezone.now())
    assert "Waiting for its turn" in polled(client, adas_job)

    silent = timezone.now() - timedelta(seconds=61)
    change(bens_job, heartbeat_at=silent)
    assert "Waiting for a worker" in polled(client, adas_job)

    change(adas_job, state=State.RUNNING, heartbeat_at=silent)
    assert "Its worker stopped" in polled(client, adas_job)


def test_it_shows_progress_and_then_the_result_and_where_to_go_on(
    signed_in: SignedIn, ada: User, adas_job: Job
) -> None:
    client = signed_in(ada)
    now = timezone.now()
    change(adas_job, state=State.RUNNING, heartbeat_at=now, done=2, total=3)
    assert "2 of 3 done" in polled(client, adas_job)

    errors = [{"row": 7, "field": "id", "message": "The id <b>stands</b> twice."}]
    change(adas_job, state=State.DONE, result={"created": 41, "errors": errors})
    part = polled(client, adas_job)

    assert 'href="/counted/3/"' in part
    assert "<dd>41</dd>" in part
    assert "The id &lt;b&gt;stands&lt;/b&gt; twice." in part


def test_a_failure_says_what_to_do(
    signed_in: SignedIn, ada: User, adas_job: Job
) -> None:
    change(adas_job, state=State.FAILED, error="The file is empty. Send another.")

    part = polled(signed_in(ada), adas_job)

    assert "The file is empty. Send another." in part
    assert "/counted/" not in part


def test_a_poll_takes_five_queries(
    signed_in: SignedIn,
    ada: User,
    adas_job: Job,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    client = signed_in(ada)
    with django_assert_max_num_queries(5):
        polled(client, adas_job)
