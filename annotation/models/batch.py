"""Outputs to be judged with one rubric version by named annotators."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Project
from annotation.models.dataset import Dataset
from rubrics.models import RubricVersion

if TYPE_CHECKING:
    from accounts.models import User


class Layout(models.TextChoices):
    SCORING = "scoring", _("one output at a time")
    PAIRWISE = "pairwise", _("two outputs side by side")
    RANKING = "ranking", _("several outputs in order")


class Strategy(models.TextChoices):
    POOL = "pool", _("whoever is free takes the next unit")
    FIXED = "fixed", _("units are shared out in balanced blocks in advance")
    NAMED = "named", _("each unit is given to the people named for it")
    SKILL = "skill", _("units are shared out among those who have their skill")


# Shared out when the batch opens; those of a pool are not.
SHARED_OUT = (Strategy.FIXED, Strategy.NAMED, Strategy.SKILL)


class BatchState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", _("Archived")


class Blinding(models.TextChoices):
    BLIND = "blind", _("systems and others' answers are hidden")
    OPEN = "open", _("systems are shown")


class Priority(models.IntegerChoices):
    """Which of several batches an annotator is offered first."""

    LOW = -1, _("Low")
    NORMAL = 0, _("Normal")
    HIGH = 1, _("High")


class Stage(models.TextChoices):
    """Of the calibration round; a batch without one has none of these."""

    OPEN = "open", _("everybody judges the same units")
    DISCUSSION = "discussion", _("everybody sees the spread and discusses it")
    CLOSED = "closed", _("Closed")


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))


class Batch(models.Model):
    """Outputs, a rubric version, annotators, and what they do before the work.

    `training_pass_mark` is empty where there is no training, and 0 where there is one
    that everybody passes by finishing it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="batches")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="batches")
    rubric_version = models.ForeignKey(
        RubricVersion, models.PROTECT, related_name="batches"
    )
    name = models.CharField(max_length=200)
    layout = models.CharField(max_length=10, choices=Layout)
    overlap = models.PositiveSmallIntegerField()
    overlap_share = models.FloatField(
        default=1.0, help_text="Of the units, judged by `overlap`; the rest by one."
    )
    strategy = models.CharField(max_length=10, choices=Strategy, default=Strategy.POOL)
    skill_segment = models.CharField(
        max_length=100,
        blank=True,
        help_text="The segment whose value an annotator must have among their skills.",
    )
    blinding = models.CharField(max_length=10, choices=Blinding, default=Blinding.BLIND)
    lease = models.DurationField(default=timedelta(minutes=30))
    due_at = models.DateTimeField(null=True, blank=True)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="The most units that one annotator may judge."
    )
    daily_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="The most that one may judge in a day (UTC)."
    )
    seed = models.BigIntegerField(default=0)
    selection = models.JSONField(
        default=dict, help_text="How its units were chosen: pairs, systems, segments."
    )
    guidelines = models.TextField(blank=True)
    guidelines_changed_at = models.DateTimeField(null=True, editable=False)
    training_pass_mark = models.FloatField(null=True, blank=True)
    training_attempts = models.PositiveSmallIntegerField(default=3)
    calibration_stage = models.CharField(max_length=10, choices=Stage, blank=True)
    calibration_waits = models.BooleanField(
        default=True, help_text="The pool opens when the round is closed."
    )
    filled_at = models.DateTimeField(
        null=True, editable=False, help_text="When its first units were all made."
    )
    state = models.CharField(
        max_length=10, choices=BatchState, default=BatchState.DRAFT
    )
    opened_at = models.DateTimeField(
        null=True, editable=False, help_text="When it was opened first."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_batch_per_name_and_project"
            ),
            models.CheckConstraint(
                condition=Q(overlap__gte=1), name="overlap_is_at_least_one"
            ),
            models.CheckConstraint(
                condition=Q(overlap_share__gt=0, overlap_share__lte=1),
                name="overlap_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(strategy__in=Strategy.values), name="strategy_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(strategy=Strategy.SKILL) ^ Q(skill_segment__gt=""),
                name="skills_are_of_a_segment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=BatchState.values), name="batch_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(training_pass_mark=None)
                | Q(training_pass_mark__gte=0, training_pass_mark__lte=1),
                name="a_pass_mark_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(training_attempts__gte=1), name="training_is_tried_once"
            ),
            models.CheckConstraint(
                condition=Q(calibration_stage__in=["", *Stage.values]),
                name="calibration_stage_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("annotation:batch", args=[self.pk])

    @property
    def state_in_words(self) -> str:
        """As it stands within a sentence."""
        return str(BatchState(self.state).label).lower()

    @property
    def is_open(self) -> bool:
        return self.state == BatchState.OPEN

    @property
    def has_training(self) -> bool:
        return self.training_pass_mark is not None

    @property
    def has_calibration(self) -> bool:
        return bool(self.calibration_stage)

    @property
    def has_stages(self) -> bool:
        """Is there anything to judge before the batch's own units?"""
        return self.has_training or self.has_calibration

    @property
    def is_discussed(self) -> bool:
        """May members see each other's answers to the calibration units now?"""
        return self.calibration_stage == Stage.DISCUSSION


class GuidelinesChange(models.Model):
    """What the guidelines said before they were changed."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="guidelines_changes")
    before = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"guidelines of {self.batch_id} until {self.at}"


class BatchMember(models.Model):
    """An annotator in a batch; its row is what one person's claims wait on.

    `place` is how far this annotator has walked through the pool; `looked_back_at`
    when they last searched behind it in vain. `trained_at` is when they passed the
    training, or were let in by `let_in_by` without. The `told_` instants are of the
    mails about this work, so that each is sent once.
    """

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="batch_memberships"
    )
    cap = models.PositiveIntegerField(null=True, blank=True)
    place = models.FloatField(default=-1.0)
    looked_back_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    guidelines_read_at = models.DateTimeField(null=True)
    trained_at = models.DateTimeField(null=True)
    let_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    told_assigned_at = models.DateTimeField(null=True, editable=False)
    told_due_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "user"], name="one_batch_member_per_person"
            ),
            models.CheckConstraint(
                condition=Q(let_in_by=None) | Q(trained_at__isnull=False),
                name="who_is_let_in_is_in",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.batch_id}"

    @property
    def knows_guidelines(self) -> bool:
        """Have they read the guidelines as they are now?"""
        read, changed = self.guidelines_read_at, self.batch.guidelines_changed_at
        return read is not None and (changed is None or changed <= read)

    @property
    def is_in_training(self) -> bool:
        return self.batch.has_training and self.trained_at is None

    @property
    def waits_for_calibration(self) -> bool:
        """Is the pool closed to everybody until the round is over?"""
        stage = self.batch.calibration_stage
        return self.batch.calibration_waits and stage in (Stage.OPEN, Stage.DISCUSSION)
