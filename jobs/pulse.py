"""The heartbeat of a running job, and its progress, written beside the work.

A thread with a connection of its own writes both, so that progress is seen at once
although the work may be inside one long transaction.
"""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from jobs.models import Job
from jobs.registry import SomeoneElsesNow

logger = logging.getLogger(__name__)

BEAT_EVERY = 10.0
WRITE_EVERY = 1.0


class Pulse:
    """`with Pulse(job) as pulse:` beats while the work inside runs."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._done, self._total, self._message = job.done, job.total, job.message
        self._changed = False
        self._lost = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse-{job.pk}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def report(self, done: int, total: int | None = None, message: str = "") -> None:
        """What the work calls; see `jobs.registry.Report`."""
        if self._lost.is_set():
            raise SomeoneElsesNow
        self._done = done
        self._total = self._total if total is None else total
        self._message = message
        self._changed = True

    def progress(self) -> dict[str, Any]:
        return {
            "done": self._done,
            "total": self._total,
            "message": self._message[:500],
        }

    def _beat(self) -> None:
        last = time.monotonic()
        while not self._stopped.wait(WRITE_EVERY):
            if self._changed or time.monotonic() - last >= BEAT_EVERY:
                last = time.monotonic()
                self._write()
        connection.close()

    def _write(self) -> None:
        self._changed = False
        mine = Job.objects.filter(pk=self.job.pk).held_in(self.job.attempts)
        try:
            held = mine.update(heartbeat_at=Now(), **self.progress())
        except DatabaseError:
            # A missed beat is no harm: five more may follow before anyone acts.
            logger.warning("Job %s missed a heartbeat.", self.job.pk, exc_info=True)
            connection.close()
            return
        if not held:
            self._lost.set()
