"""What an annotator tells the manager about a unit, and what came of it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotation.models.assignment import Assignment
from config.ids import uuid7


class FlagKind(models.TextChoices):
    BROKEN_ITEM = "broken_item", _("The item is broken")
    UNCLEAR_RUBRIC = "unclear_rubric", _("The rubric is unclear here")
    HARMFUL_CONTENT = "harmful_content", _("The content is harmful")
    OTHER = "other", _("Something else")


class FlagQuerySet(models.QuerySet["Flag"]):
    def waiting(self) -> Self:
        return self.filter(answered_at=None)

    def answered(self) -> Self:
        return self.filter(answered_at__isnull=False)

    def unseen(self) -> Self:
        """Answered, and whoever raised them has not said that they read it."""
        return self.answered().filter(seen_at=None)


class Flag(models.Model):
    """Raised beside the work: it neither submits nor skips. Answered once.

    `seen_at` is when the annotator put the answer away; until then home shows it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=20, choices=FlagKind)
    text = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    seen_at = models.DateTimeField(null=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "kind"],
                condition=Q(answered_at=None),
                name="one_waiting_flag_per_assignment_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FlagKind.values), name="flag_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="an_answered_flag_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.assignment_id}"

    @property
    def is_waiting(self) -> bool:
        return self.answered_at is None
