"""Outputs that say in their text who wrote them, and what the manager decided."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Min, Q, Sum
from django.utils.translation import gettext_lazy as _

from annotation.models.dataset import Dataset
from annotation.models.item import Output


class LeakState(models.TextChoices):
    OPEN = "open", _("Open")
    MASKED = "masked", _("Masked")
    KEPT = "kept", _("Kept")


class LeakQuerySet(models.QuerySet["IdentityLeak"]):
    def open(self) -> Self:
        return self.filter(state=LeakState.OPEN)

    def output_count(self) -> int:
        """How many outputs they stand in; an output may name several."""
        return int(self.aggregate(count=Count("output", distinct=True))["count"])

    def by_term(self) -> models.QuerySet[IdentityLeak, dict[str, object]]:
        """Terms with their outputs and places, the most frequent first."""
        terms = self.values("term").annotate(
            outputs=Count("pk"), places=Sum("count"), first=Min("pk")
        )
        return terms.order_by("-outputs", "term")


class IdentityLeak(models.Model):
    """A model's or vendor's name found in an output, once per output and term.

    Masking writes the term to `Output.masks`; annotators then see blocks in its place.
    """

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="leaks")
    output = models.ForeignKey(Output, models.CASCADE, related_name="leaks")
    term = models.CharField(max_length=100, help_text="As it stands in the text.")
    count = models.PositiveIntegerField()
    excerpt = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=LeakState, default=LeakState.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = LeakQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["output", "term"], name="one_leak_per_output_and_term"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LeakState.values), name="leak_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "state", "term"], name="leaks_by_state")
        ]

    def __str__(self) -> str:
        return f"{self.term} in {self.output_id}"
