"""Work whose worker or message is lost: it is done in the end, and its end once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Project, User
from jobs import running
from jobs.actions import reap, start
from jobs.models import Job, State
from jobs.queue import enqueue
from tests.jobs.worker import Worker, wait_until

transactional = pytest.mark.django_db(transaction=True)
StartWorker = Callable[[], Worker]


@pytest.fixture
def count(project: Project, ada: User, tmp_path: Path) -> Callable[..., Job]:
    """count(to=3): a job that writes a line to `finished` whenever it is finished."""

    def begin(to: int, pause: float = 0) -> Job:
        params = {"to": to, "pause": pause, "finished": str(tmp_path / "finished")}
        return start("count_to", project=project, by=ada, params=params)

    return begin


def wait_until_running(job: Job, attempt: int) -> None:
    def is_running() -> bool:
        job.refresh_from_db()
        return job.state == State.RUNNING and job.attempts == attempt

    wait_until(is_running, f"attempt {attempt}")


def let_a_minute_pass(job: Job) -> None:
    aged = {
        "heartbeat_at": F("heartbeat_at") - timedelta(seconds=61),
        "queued_at": F("queued_at") - timedelta(minutes=6),
    }
    Job.objects.filter(pk=job.pk).update(**aged)


@transactional
def test_work_of_a_killed_worker_is_finished_once_by_another(
    start_worker: StartWorker, count: Callable[..., Job], tmp_path: Path
) -> None:
    first = start_worker()
    job = count(to=20, pause=0.1)
    wait_until_running(job, attempt=1)
    first.kill()

    second = start_worker()
    enqueue(job.pk)  # The message alone takes nothing from a worker that may live.
    assert reap() == 0
    let_a_minute_pass(job)
    assert reap() == 1

    assert second.finish(job).state == State.DONE
    assert job.attempts == 2
    assert (tmp_path / "finished").read_text() == "attempt 2\n"


@transactional
def test_a_worker_that_wakes_up_too_late_writes_nothing(
    start_worker: StartWorker, count: Callable[..., Job], tmp_path: Path
) -> None:
    sleeper = start_worker()
    job = count(to=40, pause=0.1)
    wait_until_running(job, attempt=1)
    sleeper.freeze()
    let_a_minute_pass(job)
    assert reap() == 1
    enqueue(job.pk)  # Redis gives one message to the sleeper, who asked for it before.
    second = start_worker()
    second.finish(job)

    sleeper.thaw()
    wait_until(lambda: "another worker" in sleeper.log.read_text(), "its giving up")

    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 2)
    assert (tmp_path / "finished").read_text() == "attempt 2\n"


@transactional
def test_a_message_delivered_many_times_does_the_work_once(
    worker: Worker, count: Callable[..., Job], tmp_path: Path
) -> None:
    job = count(to=5, pause=0.1)
    for _ in range(5):
        enqueue(job.pk)
    worker.finish(job)
    for _ in range(5):
        enqueue(job.pk)
    worker.finish(count(to=1))

    job.refresh_from_db()
    assert job.attempts == 1
    assert (tmp_path / "finished").read_text() == "attempt 1\n" * 2


@transactional
def test_a_lost_message_is_sent_again_after_five_minutes(
    worker: Worker, project: Project, ada: User
) -> None:
    unheard = Job.objects.create(
        project=project, created_by=ada, kind="count_to", params={"to": 1}
    )
    assert reap() == 0
    let_a_minute_pass(unheard)
    assert reap() == 1

    assert worker.finish(unheard).state == State.DONE


@pytest.mark.django_db
def test_the_third_loss_is_the_last(adas_job: Job) -> None:
    for attempt in (1, 2, 3):
        assert running.claim(adas_job.pk), attempt
        let_a_minute_pass(adas_job)
        reap()

    adas_job.refresh_from_db()
    assert adas_job.state == State.FAILED
    assert "stopped three times" in adas_job.error
    assert running.claim(adas_job.pk) is None


@pytest.mark.django_db
def test_only_one_worker_can_take_a_job(adas_job: Job) -> None:
    assert running.claim(adas_job.pk) is not None
    assert running.claim(adas_job.pk) is None


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.DONE, State.FAILED])
def test_finished_work_stays_finished(adas_job: Job, state: State) -> None:
    ended: dict[str, Any] = {"state": state, "heartbeat_at": timezone.now()}
    Job.objects.filter(pk=adas_job.pk).update(**ended)
    let_a_minute_pass(adas_job)

    assert reap() == 0
    assert running.claim(adas_job.pk) is None


@pytest.mark.django_db
def test_a_message_about_a_job_that_is_gone_is_harmless(adas_job: Job) -> None:
    gone = adas_job.pk
    adas_job.delete()
    running.perform(gone)
