"""What a manager sends back to its annotator, with a question."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.assignment import Assignment
from config.ids import uuid7


class ReturnQuerySet(models.QuerySet["Return"]):
    def waiting(self) -> Self:
        return self.filter(settled_at=None)


class Return(models.Model):
    """A submitted judgment to be looked at once more; it stays as it is meanwhile.

    Settled when its annotator revises the judgment or says that it stands (`reply`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="returns")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reply = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(settled_at=None),
                name="one_waiting_return_per_assignment",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="a_return_says_why"),
        ]

    def __str__(self) -> str:
        return f"return of {self.assignment_id}"
