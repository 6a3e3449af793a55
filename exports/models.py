"""Gold: a numbered, immutable, hashed set of labels, and the files made of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Project
from annotation.models import Batch, Item, Output
from jobs.models import Job, State
from jobs.registry import SomeoneElsesNow
from rubrics.models import Criterion, RubricVersion

if TYPE_CHECKING:
    from accounts.models import User


class ReleaseState(models.TextChoices):
    BUILDING = "building", _("Building")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class GoldReleaseQuerySet(models.QuerySet["GoldRelease"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def abandoned(self) -> Self:
        """Building for ever: their job was given up, or its row is gone."""
        building = self.filter(state=ReleaseState.BUILDING)
        return building.filter(Q(job__state=State.FAILED) | Q(job=None))


class GoldRelease(models.Model):
    """Built once from one snapshot; afterwards only read. `sha256` is of its JSONL.

    `tries` counts the builds that were begun: a build that is not the last one writes
    nothing more (its worker was taken for dead and is not).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="releases")
    number = models.PositiveIntegerField()
    rubric_version = models.ForeignKey(RubricVersion, models.PROTECT, related_name="+")
    batches = models.ManyToManyField(
        Batch, through="ReleaseBatch", related_name="releases"
    )
    rule = models.JSONField(help_text="A rule's name, or one for each criterion key.")
    options = models.JSONField(default=dict, help_text="tie, min_support, splits, seed")
    state = models.CharField(
        max_length=10, choices=ReleaseState, default=ReleaseState.BUILDING
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = GoldReleaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="one_release_per_number_and_project"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReleaseState.values),
                name="release_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReleaseState.READY) | ~Q(sha256=""),
                name="a_ready_release_has_its_hash",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Gold release %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("exports:release", args=[self.pk])

    @property
    def is_ready(self) -> bool:
        return self.state == ReleaseState.READY

    @property
    def is_building(self) -> bool:
        return self.state == ReleaseState.BUILDING

    def hold(self) -> None:
        """Lock the row for this transaction, if it still stands as it did when read.

        Raises SomeoneElsesNow when a later build has begun, or one has ended.
        """
        same = GoldRelease.objects.select_for_update().filter(
            pk=self.pk, tries=self.tries, state=self.state
        )
        if same.first() is None:
            raise SomeoneElsesNow


class ReleaseBatch(models.Model):
    """A batch that a release was made of; it is not deleted while the release is."""

    release = models.ForeignKey(GoldRelease, models.CASCADE, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "batch"], name="one_row_per_release_and_batch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} in {self.release_id}"


class GoldLabelQuerySet(models.QuerySet["GoldLabel"]):
    def resolved(self) -> Self:
        return self.filter(unresolved_because="")

    def unresolved(self) -> Self:
        return self.exclude(unresolved_because="")


class GoldLabel(models.Model):
    """The value for a subject and criterion; without one, `unresolved_because`."""

    release = models.ForeignKey(GoldRelease, models.CASCADE, related_name="labels")
    position = models.PositiveIntegerField()
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=64)
    outputs = models.JSONField(help_text="External ids in the unit's canonical order.")
    revisions = models.JSONField(help_text="Of each output, in the same order.")
    systems = models.JSONField()
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    output = models.ForeignKey(Output, models.PROTECT, null=True, related_name="+")
    value = models.JSONField(null=True)
    distribution = models.JSONField(default=dict)
    support = models.PositiveIntegerField()
    decided_by = models.CharField(max_length=30)
    disputed = models.BooleanField()
    split = models.CharField(max_length=30)
    unresolved_because = models.CharField(max_length=200, blank=True)

    objects = GoldLabelQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=False, unresolved_because="")
                | (Q(value__isnull=True) & ~Q(unresolved_because="")),
                name="a_label_has_a_value_or_a_reason",
            ),
            models.UniqueConstraint(
                fields=["release", "position"], name="one_label_per_position"
            ),
            models.UniqueConstraint(
                fields=["release", "item", "subject", "criterion", "output"],
                condition=Q(output__isnull=False),
                name="one_label_per_subject_criterion_and_output",
            ),
            models.UniqueConstraint(
                fields=["release", "item", "subject", "criterion"],
                condition=Q(output__isnull=True),
                name="one_label_per_subject_and_criterion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject[:8]} {self.criterion_id}"


class ExportFile(models.Model):
    """A file made of a ready release and kept; made again when it is gone.

    `altered` counts the cells that its format could not hold as they are.
    """

    release = models.ForeignKey(GoldRelease, models.CASCADE, related_name="files")
    format = models.CharField(max_length=30)
    name = models.CharField(max_length=200, help_text="Its place in the file storage.")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    altered = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "format"], name="one_file_per_release_and_format"
            )
        ]

    def __str__(self) -> str:
        return f"{self.format} of {self.release_id}"
