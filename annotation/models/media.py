"""Images, audio and video: stored and served by us, never loaded from elsewhere."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Project


class MediaState(models.TextChoices):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class Media(models.Model):
    """One file of a project, named by its content; or a foreign address to fetch.

    Content names it as `media:<id>`. A foreign address is fetched once by a worker,
    and only from a host that the project's owner allows (`Project.media_hosts`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="media")
    sha256 = models.CharField(max_length=64, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    name = models.CharField(max_length=200, blank=True)
    source_url = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=MediaState)
    error = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name_plural = "media"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "sha256"],
                condition=~Q(sha256="") & Q(source_url=""),
                name="one_upload_per_content_and_project",
            ),
            models.UniqueConstraint(
                fields=["project", "source_url"],
                condition=~Q(source_url=""),
                name="one_media_per_address_and_project",
            ),
            models.CheckConstraint(
                condition=~Q(state=MediaState.READY) | ~Q(sha256=""),
                name="ready_media_has_content",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What managers tell it by."""
        return self.name or self.source_url or str(self.pk)

    @property
    def kind(self) -> str:
        """image, audio or video; nothing while it is not here."""
        return self.content_type.partition("/")[0]
