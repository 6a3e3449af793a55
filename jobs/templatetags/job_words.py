"""What a page says about a job: its title, how it stands, where to go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.spoken import spoken
from jobs.models import DEAD_AFTER, Job, State
from jobs.registry import work_of

register = template.Library()

# What results are made of, as their keys spell it.
FACTS = [
    gettext_noop("created"),
    gettext_noop("updated"),
    gettext_noop("unchanged"),
    gettext_noop("rejected"),
    gettext_noop("records"),
    gettext_noop("revised"),
    gettext_noop("computed at"),
    gettext_noop("excluded"),
    gettext_noop("labels"),
    gettext_noop("number"),
    gettext_noop("release"),
    gettext_noop("units"),
    gettext_noop("unresolved"),
]
SOON = timedelta(seconds=5)
# Ask again after so many seconds while the job is younger than that.
POLL = [(1, timedelta(seconds=10)), (3, timedelta(minutes=1))]
POLL_OLD = 10


@register.filter
def job_title(job: Job) -> str:
    return str(work_of(job.kind).title)


@register.filter
def job_page(job: Job) -> str:
    """Where to go on when it is done; empty when the job's page is the end."""
    page = work_of(job.kind).page
    return page(job) if page and job.state == State.DONE else ""


@register.filter
def job_poll(job: Job) -> int:
    """Seconds until the page asks again: seldom for what takes long anyway."""
    age = timezone.now() - job.created_at
    return next((every for every, limit in POLL if age < limit), POLL_OLD)


@register.filter
def job_standing(job: Job) -> str:
    """One sentence: what happens with it now."""
    now = timezone.now()
    if job.state == State.DONE:
        return _("Finished.")
    if job.state == State.FAILED:
        return _("Not finished.")
    if job.state == State.RUNNING:
        if job.heartbeat_at is None or now - job.heartbeat_at > DEAD_AFTER:
            return _("Its worker stopped. Another takes it up within two minutes.")
        return spoken(job.message) or _("Working on it.")
    if Job.objects.beating().exists():
        return _("Waiting for its turn: other work is being done first.")
    if now - job.queued_at < SOON:
        return _("About to start.")
    return _(
        "Waiting for a worker. If this lasts longer than a minute, ask whoever runs "
        "this server to see that its worker is running; the work is not lost."
    )


@register.filter
def job_facts(job: Job) -> list[tuple[str, Any]]:
    """The plain values of its result, named for people."""
    return [
        (spoken(name.replace("_", " ")).capitalize(), spoken_value(value))
        for name, value in (job.result or {}).items()
        if isinstance(value, (int, float, str)) and not isinstance(value, bool)
    ]


def spoken_value(value: float | str) -> str:
    """Numbers as the reader writes them."""
    return value if isinstance(value, str) else localize(value, use_l10n=True)


@register.filter
def job_errors(job: Job) -> list[dict[str, Any]]:
    """Rows that were refused, where the work names them as imports do."""
    errors = (job.result or {}).get("errors")
    return errors[:100] if isinstance(errors, list) else []
