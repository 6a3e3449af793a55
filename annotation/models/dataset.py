"""Datasets, and the imports that filled them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from accounts.models import Project

if TYPE_CHECKING:
    from accounts.models import User


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def with_sizes(self) -> Self:
        """Annotate `item_count` and `output_count`, each counted in its own table."""
        return self.annotate(
            item_count=counted("items"), output_count=counted("outputs")
        )


def counted(relation: str) -> models.expressions.Combinable:
    """By the index on `dataset` alone: wide rows are not read to be counted."""
    model: Any = Dataset._meta.get_field(relation).related_model
    rows = (
        model.objects.filter(dataset=models.OuterRef("pk"))
        .order_by()
        .values("dataset")
        .annotate(count=models.Count("*"))
        .values("count")
    )
    return Coalesce(models.Subquery(rows), 0)


class Dataset(models.Model):
    """A named collection of items."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )

    objects = DatasetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_dataset_per_name_and_project"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One sending that wrote something; what it made can be taken back as one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="imports")
    source = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.source or 'import'} into {self.dataset_id}"
