"""Jobs and workers for tests, named so that the access table can ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import tests.jobs.kinds  # noqa: F401  (registers its kinds in this process too)
from accounts.models import Project, User
from jobs.models import Job
from tests.jobs.worker import Worker


@pytest.fixture(scope="session")
def _worker_of_the_session(django_db_setup: None) -> Iterator[list[Worker]]:
    running: list[Worker] = []
    yield running
    for worker in running:
        worker.stop()


@pytest.fixture
def worker(_worker_of_the_session: list[Worker], transactional_db: None) -> Worker:
    """A worker process, kept for the session; for tests whose data are committed."""
    running = _worker_of_the_session
    if not (running and running[-1].is_alive):
        running.append(Worker())
    return running[-1]


@pytest.fixture
def start_worker(
    _worker_of_the_session: list[Worker], transactional_db: None
) -> Iterator[Callable[[], Worker]]:
    """start_worker(): another one, for tests that kill it. No other runs meanwhile."""
    for worker in _worker_of_the_session:
        worker.stop()
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker())
        return started[-1]

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def adas_job(project: Project, ada: User) -> Job:
    """Queued by the manager."""
    return Job.objects.create(
        project=project, created_by=ada, kind="count_to", params={"to": 3}
    )


@pytest.fixture
def bens_job(project: Project, ben: User) -> Job:
    """Queued by an annotator."""
    return Job.objects.create(
        project=project, created_by=ben, kind="count_to", params={"to": 3}
    )
