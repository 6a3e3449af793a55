"""What comes before the work: known answers, attempts at training, the discussion."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.batch import BatchMember
from annotation.models.item import Output
from annotation.models.unit import Unit
from rubrics.models import Criterion


class KnownAnswer(models.Model):
    """What is right on one criterion of a unit, and why.

    `value` is on the unit's canonical axis: a level's code, a number, a text, a list of
    categories or of ranked positions, or {"absent": …}.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="known_answers")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    output = models.ForeignKey(Output, models.PROTECT, null=True, related_name="+")
    value = models.JSONField()
    explanation = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "criterion", "output"],
                condition=Q(output__isnull=False),
                name="one_known_answer_per_output",
            ),
            models.UniqueConstraint(
                fields=["unit", "criterion"],
                condition=Q(output__isnull=True),
                name="one_known_answer_per_comparison",
            ),
        ]

    def __str__(self) -> str:
        return f"known answer to {self.criterion_id}"


class TrainingAttempt(models.Model):
    """One annotator's finished run through a batch's training."""

    member = models.ForeignKey(BatchMember, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    score = models.FloatField(help_text="Right counts 1, near one half, wrong 0.")
    right = models.PositiveIntegerField()
    near = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    passed = models.BooleanField()
    finished_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "number"], name="one_attempt_per_member_and_number"
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(passed=True),
                name="training_is_passed_once",
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="a_score_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.member_id}"


class CalibrationComment(models.Model):
    """What somebody says about the spread of a calibration unit."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_comment_says_a_thing")
        ]

    def __str__(self) -> str:
        return self.text
