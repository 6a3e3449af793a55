"""A rubric and its versions: drafts change, published versions never do."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Project

if TYPE_CHECKING:
    from accounts.models import User


class RubricQuerySet(models.QuerySet["Rubric"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))


class Rubric(models.Model):
    """An instrument under one name through its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="rubrics")
    name = models.CharField(max_length=200)
    origin = models.CharField(
        max_length=60, blank=True, help_text="The library's rubric that it began as."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )

    objects = RubricQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def in_force(self) -> RubricVersion:
        """The latest published version, or the draft while none is published."""
        versions = self.versions.all()  # All: they may have been fetched before.
        return max(versions, key=lambda v: (v.is_published, v.number))

    def draft(self) -> RubricVersion | None:
        return next((v for v in self.versions.all() if not v.is_published), None)


class RubricVersionQuerySet(models.QuerySet["RubricVersion"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(rubric__project__in=Project.objects.visible_to(user))

    def published(self) -> Self:
        return self.exclude(published_at=None)


class RubricVersion(models.Model):
    """One state of a rubric. `published_at` set: frozen for ever."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rubric = models.ForeignKey(Rubric, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = RubricVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rubric", "number"], name="one_version_per_number"
            ),
            models.UniqueConstraint(
                fields=["rubric"],
                condition=Q(published_at=None),
                name="one_draft_per_rubric",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rubric} v{self.number}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    def previous_published(self) -> RubricVersion | None:
        versions = self.rubric.versions.published().filter(number__lt=self.number)
        return versions.order_by("-number").first()
