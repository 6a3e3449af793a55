"""What was decided: appended and superseded, never edited or deleted."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.assignment import Assignment, Source
from annotation.models.item import Output
from annotation.models.unit import Unit
from config.ids import uuid7
from rubrics.models import Criterion, Level


class Absent(models.TextChoices):
    NOT_APPLICABLE = "not_applicable"
    CANNOT_JUDGE = "cannot_judge"


class JudgmentQuerySet(models.QuerySet["Judgment"]):
    def current(self) -> Self:
        return self.filter(superseded_at=None)


class Judgment(models.Model):
    """What an annotator decided on an assignment; a revision is the next number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="judgments")
    number = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    elapsed_ms = models.PositiveIntegerField(null=True)
    note = models.TextField(blank=True)
    source = models.CharField(max_length=10, choices=Source)
    content_hash = models.CharField(
        max_length=64, help_text="Of the answers, to tell the same from another."
    )

    objects = JudgmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "number"],
                name="one_judgment_per_assignment_and_number",
            ),
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(superseded_at=None),
                name="one_current_judgment_per_assignment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(number__gt=1),
                name="revisions_by_time",
            ),
            models.Index(
                fields=["assignment"],
                condition=~Q(note=""),
                name="judgments_with_a_note",
            ),
            models.Index(
                fields=["elapsed_ms"],
                condition=Q(superseded_at=None, elapsed_ms__isnull=False),
                name="judgments_by_time_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"judgment {self.number} on {self.assignment_id}"


VALUES = ["level", "number", "text", "choices", "absent"]


def exactly_one_value() -> Q:
    """True when one of the value columns is set and the others are empty."""
    one = Q()
    for name in VALUES:
        one |= Q(**{f"{other}__isnull": other != name for other in VALUES})
    return one


class Answer(models.Model):
    """The value on one criterion, of one output or, with none, of all together."""

    judgment = models.ForeignKey(Judgment, models.PROTECT, related_name="answers")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="answers")
    output = models.ForeignKey(
        Output, models.PROTECT, null=True, related_name="answers"
    )
    level = models.ForeignKey(Level, models.PROTECT, null=True, related_name="answers")
    number = models.FloatField(null=True)
    text = models.TextField(null=True)  # noqa: DJ001  NULL is "no text"; "" is one.
    choices = models.JSONField(null=True)
    absent = models.CharField(  # noqa: DJ001  NULL is "a value stands here".
        max_length=15, choices=Absent, null=True
    )
    rationale = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["judgment", "criterion", "output"],
                condition=Q(output__isnull=False),
                name="one_answer_per_criterion_and_output",
            ),
            models.UniqueConstraint(
                fields=["judgment", "criterion"],
                condition=Q(output__isnull=True),
                name="one_answer_per_comparison_criterion",
            ),
            models.CheckConstraint(
                condition=exactly_one_value(), name="an_answer_is_exactly_one_value"
            ),
        ]
        indexes = [
            models.Index(
                fields=["judgment"],
                condition=~Q(rationale=""),
                name="answers_with_a_rationale",
            ),
            models.Index(
                fields=["criterion", "absent"],
                condition=Q(absent__isnull=False),
                name="absent_answers",
            ),
            models.Index(
                fields=["criterion", "number"],
                condition=Q(number__isnull=False),
                name="answers_by_number",
            ),
        ]

    def __str__(self) -> str:
        return f"answer to {self.criterion_id}"


class Span(models.Model):
    """Words of an output, marked as evidence for an answer.

    `start` and `end` count code points in the output's text, as
    `annotation.content.as_text` gives it; `quote` is what stood there.
    """

    answer = models.ForeignKey(Answer, models.PROTECT, related_name="spans")
    output = models.ForeignKey(Output, models.PROTECT, related_name="+")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "output", "start", "end"],
                name="one_span_per_answer_and_place",
            ),
            models.CheckConstraint(
                condition=Q(start__lt=models.F("end")), name="a_span_is_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.quote

    def as_json(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "quote": self.quote}


class Adjudication(models.Model):
    """An adjudicator's decision where annotators differ; the votes stay."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="adjudications")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    output = models.ForeignKey(Output, models.PROTECT, null=True, related_name="+")
    value = models.JSONField()
    rationale = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "criterion", "output"],
                condition=Q(superseded_at=None, output__isnull=False),
                name="one_current_adjudication_per_output",
            ),
            models.UniqueConstraint(
                fields=["unit", "criterion"],
                condition=Q(superseded_at=None, output__isnull=True),
                name="one_current_adjudication_per_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"adjudication of {self.unit_id}"
