"""Members under one name, so that a batch can be given to all of them at once."""

from __future__ import annotations

import uuid

from django.db import models

from accounts.models.project import Membership, Project


class Group(models.Model):
    """A way to name people; being in one gives no right."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="groups")
    name = models.CharField(max_length=100)
    members = models.ManyToManyField(Membership, related_name="groups", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_group_per_name_and_project"
            )
        ]

    def __str__(self) -> str:
        return self.name
