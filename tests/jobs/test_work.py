"""Background work from start to end, done by a real worker process."""

from __future__ import annotations

import pytest
from celery import current_app
from django.db import connection, transaction

from accounts.models import Project, User
from jobs import tasks
from jobs.actions import start
from jobs.models import Job, State
from tests.jobs.kinds import TIDIED
from tests.jobs.worker import Worker, wait_until

transactional = pytest.mark.django_db(transaction=True)


@transactional
def test_work_is_done_by_the_worker_and_its_result_kept(
    worker: Worker, project: Project, ada: User
) -> None:
    job = start("count_to", project=project, by=ada, params={"to": 3})

    worker.finish(job)

    assert (job.state, job.result, job.error) == (State.DONE, {"counted": 3}, "")
    assert (job.done, job.total, job.message) == (3, 3, "Counted to 3.")
    assert job.attempts == 1
    assert job.finished_at is not None


@transactional
@pytest.mark.parametrize("kind", ["count_to", "count_in_one_transaction"])
def test_progress_is_seen_while_the_work_goes_on(
    worker: Worker, project: Project, ada: User, kind: str
) -> None:
    if kind == "count_in_one_transaction" and connection.vendor == "sqlite":
        pytest.skip("On SQLite the work itself holds the only write lock.")
    job = start(kind, project=project, by=ada, params={"to": 60, "pause": 0.05})

    def is_under_way() -> bool:
        job.refresh_from_db()
        return job.state == State.RUNNING and 0 < job.done < 60

    wait_until(is_under_way, "progress of running work", pause=0.2)
    assert job.message == f"Counted to {job.done}."
    assert worker.finish(job).done == 60


@transactional
def test_a_refusal_tells_its_maker_why(
    worker: Worker, project: Project, ada: User
) -> None:
    job = worker.finish(start("refuse", project=project, by=ada, params={}))

    assert job.state == State.FAILED
    assert job.error == "The file is empty. Send one with records."
    assert (job.done, job.total) == (2, 5)


@transactional
def test_a_fault_of_ours_is_told_without_its_inside(
    worker: Worker, project: Project, ada: User
) -> None:
    job = worker.finish(start("break", project=project, by=ada, params={}))

    assert job.state == State.FAILED
    assert str(job.pk) in job.error
    assert "secret" not in job.error
    assert "secret detail of the inside" in worker.log.read_text()


@transactional
def test_a_full_disk_is_named(worker: Worker, project: Project, ada: User) -> None:
    job = worker.finish(start("run_out_of_disk", project=project, by=ada, params={}))

    assert job.state == State.FAILED
    assert "no space left" in job.error


@transactional
def test_work_of_a_change_that_is_rolled_back_never_starts(
    worker: Worker, project: Project, ada: User
) -> None:
    class Undone(Exception):
        pass

    def change_and_fail() -> None:
        with transaction.atomic():
            start("count_to", project=project, by=ada, params={"to": 1})
            raise Undone

    with pytest.raises(Undone):
        change_and_fail()
    worker.finish(start("count_to", project=project, by=ada, params={"to": 1}))

    assert Job.objects.count() == 1


@transactional
def test_work_is_kept_when_the_broker_is_away(
    project: Project, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("The broker is away.")

    monkeypatch.setattr(current_app, "send_task", refuse)
    job = start("count_to", project=project, by=ada, params={"to": 1})

    job.refresh_from_db()
    assert job.state == State.QUEUED


@pytest.mark.django_db
def test_work_that_nobody_knows_cannot_be_started(project: Project, ada: User) -> None:
    with pytest.raises(LookupError, match="paint_the_fence"):
        start("paint_the_fence", project=project, by=ada, params={})
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_housekeeping_goes_on_when_one_app_fails_at_it() -> None:
    TIDIED.clear()
    tasks.reap()
    assert TIDIED == ["tidied"]
