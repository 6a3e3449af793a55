"""A real Celery worker process on the test database, for tests that wait for work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from jobs.models import Job

ROOT = Path(__file__).resolve().parent.parent.parent


def wait_until(
    happened: Callable[[], bool], what: str, *, within: float = 30, pause: float = 0.05
) -> None:
    end = time.monotonic() + within
    while not happened():
        assert time.monotonic() < end, f"Not within {within} s: {what}"
        time.sleep(pause)


def database_of_the_tests() -> str:
    """The address of the database that this run's tests use."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return str(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl())


class Worker:
    """`worker.finish(job)` waits until it has been done and returns it afresh."""

    def __init__(self) -> None:
        self.log = Path(settings.DATA_DIR) / f"worker-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "config", "worker"),
                    *("-P", "threads", "-c", "2", "--loglevel", "INFO"),
                    *("--hostname", f"{self.log.stem}@%h", "--without-mingle"),
                ],
                cwd=ROOT,
                env=os.environ
                | {
                    "DJANGO_SETTINGS_MODULE": "tests.settings",
                    "DATABASE_URL": database_of_the_tests(),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self.is_ready, f"a worker that is ready: {self.log}", within=60)

    def is_ready(self) -> bool:
        assert self.is_alive, self.log.read_text()
        return " ready." in self.log.read_text()

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def finish(self, job: Job, *, within: float = 30) -> Job:
        def is_finished() -> bool:
            job.refresh_from_db()
            return job.is_finished

        wait_until(is_finished, f"the end of {job}; see {self.log}", within=within)
        return job

    def kill(self) -> None:
        """As the machine would: no last words."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self.is_alive:
            self.kill()
