"""Annotation's background work: each kind loads its rows and calls the action."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from celery import Task, shared_task
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from annotation import mail
from annotation.actions.batches import fill_batch
from annotation.actions.holding import WrongState
from annotation.actions.importing import ImportCounts, import_outputs
from annotation.actions.judgments import import_judgments
from annotation.actions.media import fetch_waiting, remove_files_of_deleted_projects
from annotation.agreement import as_json, measure_batch
from annotation.importing.readers import UnreadableFile, read_rows
from annotation.models import Batch, Dataset
from jobs.models import Job
from jobs.registry import Report, WorkFailed, housekeeping, work

logger = logging.getLogger(__name__)

GONE = {
    "dataset": gettext_noop("The dataset was deleted meanwhile; nothing was imported."),
    "batch": gettext_noop("The batch was deleted meanwhile; nothing was imported."),
}


@work("import_outputs", title=_("Importing outputs"))
def import_outputs_job(job: Job, report: Report) -> dict[str, Any]:
    """Safe to run again: what was imported before is unchanged then."""
    datasets = Dataset.objects.select_related("project")
    dataset = still_there(datasets.filter(pk=job.params["dataset"]), "dataset")
    format_name = job.params["format_name"]
    with kept_file(job) as file:
        counts = import_outputs(
            dataset=dataset,
            rows=read_rows(file, format_name),
            by=maker_of(job),
            on_change=job.params["on_change"],
            dry_run=job.params["dry_run"],
            source=job.params.get("source") or f"API, {format_name}",
            report=report,
        )
    return counted(counts)


@work("import_judgments", title=_("Importing judgments"))
def import_judgments_job(job: Job, report: Report) -> dict[str, Any]:
    batches = Batch.objects.select_related("project", "dataset")
    batch = still_there(batches.filter(pk=job.params["batch"]), "batch")
    with kept_file(job) as file:
        counts = import_judgments(
            batch=batch,
            rows=read_rows(file, job.params["format_name"]),
            by=maker_of(job),
            create_annotators=job.params["create_annotators"],
            report=report,
        )
    return counted(counts)


@work("fill_batch", title=_("Making units"))
def fill_batch_job(job: Job, report: Report) -> dict[str, Any]:
    batch = Batch.objects.select_related("project").get(pk=job.params["batch"])
    return fill_batch(batch, report, job.params.get("calibration", 0))


@work("measure_agreement", title=_("Measuring agreement"))
def measure_agreement_job(job: Job, report: Report) -> dict[str, Any]:
    batch = Batch.objects.get(pk=job.params["batch"])
    return as_json(measure_batch(batch))


@work("fetch_media", title=_("Fetching media"))
def fetch_media_job(job: Job, report: Report) -> dict[str, Any]:
    """Safe to run again: what was fetched before is fetched no more."""
    return fetch_waiting(project=job.project, report=report)


housekeeping(remove_files_of_deleted_projects)


@shared_task(name="annotation.tasks.tell_of_work")
def tell_of_work(batch: str) -> None:
    mail.tell_members_of(batch)


@shared_task(name="annotation.tasks.remind")
def remind() -> None:
    """Every ten minutes: who has work left that is due within a day."""
    mail.remind_of_due_work()


@shared_task(name="annotation.tasks.write_letter", bind=True, max_retries=4)
def write_letter(self: Task[Any, Any], kind: str, pk: str) -> None:
    """Tried five times within an hour, then given up: the work itself waits anyway."""
    try:
        mail.write_letter(kind, pk)
    except OSError as error:  # SMTP errors are OSErrors too.
        logger.warning("The mail server did not take a letter: %s", error)
        raise self.retry(exc=error, countdown=60 * 3**self.request.retries) from None


def still_there(rows: QuerySet[Any], what: str) -> Any:
    found = rows.first()
    if found is None:
        raise WorkFailed(GONE[what])
    return found


@contextmanager
def kept_file(job: Job) -> Iterator[IO[bytes]]:
    """The upload that was kept for a job; removed when it is read or unreadable.

    Any other fault leaves it, for the job's next attempt.
    """
    path = Path(settings.DATA_DIR) / "uploads" / Path(job.params["path"]).name
    if not path.exists():
        raise WorkFailed(gettext_noop("The uploaded file is gone; send it again."))
    try:
        with path.open("rb") as file:
            yield file
    except (UnreadableFile, WrongState) as error:
        path.unlink()
        raise WorkFailed(str(error)) from None
    path.unlink()


def counted(counts: ImportCounts) -> dict[str, Any]:
    if counts.records == 0:
        raise WorkFailed(
            gettext_noop("The file holds no records; nothing was imported.")
        )
    return counts.as_json()


def maker_of(job: Job) -> Any:
    return job.created_by
