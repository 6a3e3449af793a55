"""A piece of background work: its row is the truth, the message only its id."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Project

if TYPE_CHECKING:
    from accounts.models import User


MAX_ATTEMPTS = 3
DEAD_AFTER = timedelta(seconds=60)  # Six heartbeats missed.
LOST_AFTER = timedelta(minutes=5)  # In the queue, and nobody has taken it.


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def unfinished(self) -> Self:
        return self.filter(state__in=[State.QUEUED, State.RUNNING])

    def beating(self) -> Self:
        """A worker has them and is alive, by the database's clock."""
        return self.filter(state=State.RUNNING, heartbeat_at__gte=Now() - DEAD_AFTER)

    def without_heartbeat(self) -> Self:
        return self.filter(state=State.RUNNING, heartbeat_at__lt=Now() - DEAD_AFTER)

    def lost(self) -> Self:
        """Their worker is dead, or their message never arrived."""
        forgotten = Q(state=State.QUEUED, queued_at__lt=Now() - LOST_AFTER)
        return self.without_heartbeat() | self.filter(forgotten)

    def held_in(self, attempt: int) -> Self:
        """The fence: a worker writes only while its attempt is the current one."""
        return self.filter(state=State.RUNNING, attempts=attempt)

    def claimable(self) -> Self:
        takable = self.filter(state=State.QUEUED) | self.without_heartbeat()
        return takable.filter(attempts__lt=MAX_ATTEMPTS)


class Job(models.Model):
    """Counts up from `done` to `total`; `heartbeat_at` tells that a worker has it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    params = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="job_state_is_known"
            )
        ]
        indexes = [
            models.Index(
                fields=["state", "heartbeat_at"],
                condition=Q(state__in=["queued", "running"]),
                name="unfinished_jobs",
            ),
            models.Index(fields=["project", "-created_at"], name="jobs_by_project"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("jobs:job", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return self.state in (State.DONE, State.FAILED)

    @property
    def element_id(self) -> str:
        """The id of its fragment, which names the request of a poll."""
        return f"job-{self.pk}"

    @property
    def is_hopeless(self) -> bool:
        """Each attempt lost its worker; another would likely lose it too."""
        return self.state == State.RUNNING and self.attempts >= MAX_ATTEMPTS
