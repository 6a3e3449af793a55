"""Kinds of work for tests; the test settings have the worker import them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.db import transaction

from jobs.models import Job
from jobs.registry import Report, WorkFailed, housekeeping, work


@work("count_to", title="Counting", page=lambda job: f"/counted/{job.params['to']}/")
def count_to(job: Job, report: Report) -> dict[str, Any]:
    """Count slowly; note each finished count in a file, so that two are seen as two."""
    to, pause = job.params["to"], job.params.get("pause", 0)
    for number in range(1, to + 1):
        time.sleep(pause)
        report(number, total=to, message=f"Counted to {number}.")
    if finished := job.params.get("finished"):
        with Path(finished).open("a") as file:
            file.write(f"attempt {job.attempts}\n")
    return {"counted": to}


@work("count_in_one_transaction")
@transaction.atomic
def count_in_one_transaction(job: Job, report: Report) -> dict[str, Any]:
    return count_to(job, report)


@work("refuse")
def refuse(job: Job, report: Report) -> dict[str, Any]:
    report(2, total=5)
    raise WorkFailed("The file is empty. Send one with records.")


@work("break")
def break_down(job: Job, report: Report) -> dict[str, Any]:
    raise RuntimeError("secret detail of the inside")


@work("run_out_of_disk")
def run_out_of_disk(job: Job, report: Report) -> dict[str, Any]:
    raise OSError(28, "No space left on device")


TIDIED: list[str] = []


@housekeeping
def fail_to_tidy() -> None:
    raise RuntimeError("tidying broke")


@housekeeping
def tidy() -> None:
    TIDIED.append("tidied")
