"""What was asked, and what each system answered."""

from __future__ import annotations

from django.db import models

from accounts.models import Project
from annotation.models.dataset import Dataset, Import


class Item(models.Model):
    """One input with its context, reference and segments."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="items")
    external_id = models.CharField(max_length=200)
    input = models.JSONField(help_text="A string, or a list of chat messages.")
    context = models.JSONField(null=True)
    reference = models.JSONField(null=True)
    metadata = models.JSONField(default=dict)
    warning = models.CharField(
        max_length=300,
        blank=True,
        help_text="What may disturb in it; the content is covered until one asks.",
    )
    content_hash = models.CharField(max_length=64, db_index=True)
    record_hash = models.CharField(max_length=64)
    imported_in = models.ForeignKey(
        Import, models.SET_NULL, null=True, related_name="items"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "external_id"], name="one_item_per_external_id"
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class ItemSegment(models.Model):
    """A named slice that an item belongs to: intent, language, user group."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="segments")
    name = models.CharField(max_length=60)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "name"], name="one_value_per_item_and_segment"
            )
        ]
        indexes = [
            models.Index(fields=["dataset", "name", "value"], name="items_by_segment")
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class System(models.Model):
    """What produced outputs: a model with its prompt version and settings."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="systems")
    name = models.CharField(max_length=200)
    family = models.CharField(max_length=200, blank=True)
    settings = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_system_per_name_and_project"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Output(models.Model):
    """What one system answered to one item. A revision is a row of its own."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="outputs")
    external_id = models.CharField(max_length=250)
    revision = models.PositiveSmallIntegerField(default=1)
    item = models.ForeignKey(Item, models.CASCADE, related_name="outputs")
    system = models.ForeignKey(System, models.PROTECT, related_name="outputs")
    content = models.JSONField(help_text="Text, messages or any JSON; may be empty.")
    masks = models.JSONField(
        default=list, help_text="Words that annotators see as blocks: identity leaks."
    )
    metadata = models.JSONField(default=dict)
    latency_ms = models.FloatField(null=True)
    cost_usd = models.FloatField(null=True)
    tokens = models.PositiveIntegerField(null=True)
    content_hash = models.CharField(max_length=64)
    record_hash = models.CharField(max_length=64)
    imported_in = models.ForeignKey(
        Import, models.SET_NULL, null=True, related_name="outputs"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "external_id", "revision"],
                name="one_output_per_external_id_and_revision",
            )
        ]

    def __str__(self) -> str:
        return self.external_id
