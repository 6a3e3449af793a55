"""The worker's side: take a job, do its work, write down how it ended.

Delivering a message twice is harmless: only one delivery can claim the row, and only
the current attempt can write to it.
"""

from __future__ import annotations

import errno
import logging
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from jobs.models import Job, State
from jobs.pulse import Pulse
from jobs.registry import SomeoneElsesNow, WorkFailed, work_of

logger = logging.getLogger(__name__)

# Stored in English; a page says them in its reader's language (config.spoken).
DISK_FULL = gettext_noop(
    "There is no space left on this server, so this was not finished. Ask whoever runs "
    "it to make room, then start it again."
)
UNEXPECTED = gettext_noop(
    "Something failed here that should not have. Start it again; if it fails again, "
    "ask whoever runs this server to look in its log for job %(id)s."
)


def perform(job_id: UUID | str) -> None:
    """Do the job's work, unless it is done already or in another worker's hands."""
    job = claim(job_id)
    if job is None:
        return
    try:
        with Pulse(job) as pulse:
            result = work_of(job.kind).do(job, pulse.report)
        finish(job, pulse, state=State.DONE, result=result)
    except SomeoneElsesNow:
        logger.warning("Job %s was given to another worker; stopped here.", job.pk)
    except WorkFailed as refusal:
        finish(job, pulse, state=State.FAILED, error=str(refusal))
    except (OperationalError, InterfaceError):
        # The database was away or busy: the heartbeat has ended, the reaper retries.
        logger.exception("Job %s lost the database; it will be tried again.", job.pk)
    except Exception as error:
        logger.exception("Job %s (%s) failed.", job.pk, job.kind)
        finish(job, pulse, state=State.FAILED, error=sentence_about(error, job))


@transaction.atomic
def claim(job_id: UUID | str) -> Job | None:
    """Take the job for this attempt, by compare-and-set; None if it is not free."""
    claimed = (
        Job.objects.claimable()
        .filter(pk=job_id)
        .update(
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            heartbeat_at=Now(),
            done=0,
            message="",
        )
    )
    if not claimed:
        return None
    return Job.objects.select_related("project", "created_by").get(pk=job_id)


def finish(job: Job, pulse: Pulse, **outcome: Any) -> None:
    """Write the end and the last progress together, if the job is still ours."""
    mine = Job.objects.filter(pk=job.pk).held_in(job.attempts)
    if not mine.update(**pulse.progress(), **outcome, finished_at=Now()):
        logger.warning("Job %s was given to another worker; nothing written.", job.pk)


def sentence_about(error: Exception, job: Job) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return DISK_FULL
    return UNEXPECTED % {"id": job.pk}
