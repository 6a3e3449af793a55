"""Who judges what: one annotator's duty to judge one unit, with its lease."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from annotation.models.batch import Batch
from annotation.models.unit import Unit


class AssignmentState(models.TextChoices):
    RESERVED = "reserved"
    LEASED = "leased"
    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    RELEASED = "released"


class Source(models.TextChoices):
    SCREEN = "screen"
    API = "api"
    IMPORTED = "imported"


HOLDING = [AssignmentState.RESERVED, AssignmentState.LEASED]
WAITING = [*HOLDING, AssignmentState.EXPIRED, AssignmentState.RELEASED]


class Assignment(models.Model):
    """`holds_slot` says whether the row counts in `Unit.taken` (invariant 2).

    `reserved` rows were set aside in advance: their lease never lapses to others.
    `side_order[i]` is the canonical position of the output shown on side i. `batch`
    repeats the unit's, because a person's open rows are found by batch at each claim.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="assignments")
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="assignments")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments"
    )
    state = models.CharField(max_length=10, choices=AssignmentState)
    holds_slot = models.BooleanField()
    reserved = models.BooleanField(default=False)
    position = models.FloatField(default=0.0)
    source = models.CharField(max_length=10, choices=Source, default=Source.SCREEN)
    lease_epoch = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    side_order = models.JSONField(default=list)
    draft = models.JSONField(default=dict)
    draft_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "annotator"],
                name="one_assignment_per_unit_and_annotator",
            ),
            models.CheckConstraint(
                condition=Q(state__in=HOLDING, holds_slot=True)
                | Q(state=AssignmentState.SUBMITTED)
                | Q(
                    state__in=[
                        AssignmentState.SKIPPED,
                        AssignmentState.EXPIRED,
                        AssignmentState.RELEASED,
                    ],
                    holds_slot=False,
                ),
                name="the_state_says_who_holds_a_slot",
            ),
            models.CheckConstraint(
                condition=~Q(state=AssignmentState.LEASED)
                | Q(lease_expires_at__isnull=False),
                name="a_lease_has_an_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "annotator", "state"], name="assignments_of_annotator"
            ),
            models.Index(
                fields=["batch", "annotator", "position"],
                condition=Q(state__in=WAITING),
                name="waiting_assignments",
            ),
            models.Index(
                fields=["batch", "lease_expires_at"],
                condition=Q(state=AssignmentState.LEASED, reserved=False),
                name="leases_by_end",
            ),
            models.Index(
                fields=["annotator", "-submitted_at", "-id"],
                condition=Q(state=AssignmentState.SUBMITTED),
                name="submissions_by_time",
            ),
            models.Index(
                fields=["batch", "-submitted_at", "-id"],
                condition=Q(state=AssignmentState.SUBMITTED),
                name="submissions_of_batch",
            ),
            models.Index(
                fields=["batch", "annotator", "-submitted_at", "-id"],
                condition=Q(state=AssignmentState.SUBMITTED),
                name="submissions_in_batch_of_one",
            ),
            models.Index(
                fields=["batch"],
                condition=Q(state=AssignmentState.SUBMITTED, holds_slot=False),
                name="surplus_of_batch",
            ),
            models.Index(
                fields=["batch", "source", "-submitted_at", "-id"],
                condition=Q(state=AssignmentState.SUBMITTED) & ~Q(source=Source.SCREEN),
                name="submissions_from_elsewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annotator_id} on {self.unit_id}"

    def get_absolute_url(self) -> str:
        return reverse("annotation:assignment", args=[self.pk])

    @property
    def is_submitted(self) -> bool:
        return self.state == AssignmentState.SUBMITTED


class Skip(models.Model):
    """Why a unit was passed over.

    It does not come back to its annotator, unless the manager's answer gives it back.
    """

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="skips")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return self.reason
