"""One question of a rubric version, and the steps of its scale."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rubrics.models.rubric import RubricVersion


class Target(models.TextChoices):
    OUTPUT = "output", _("each output shown")
    COMPARISON = "comparison", _("the outputs together")


class Kind(models.TextChoices):
    BINARY = "binary", _("yes or no")
    NOMINAL = "nominal", _("one category")
    MULTIPLE = "multiple", _("any number of categories")
    ORDINAL = "ordinal", _("levels in rising order")
    NUMERIC = "numeric", _("a number")
    PREFERENCE = "preference", _("which output is better")
    RANKING = "ranking", _("an order of the outputs")
    TEXT = "text", _("words")


class RationaleRule(models.TextChoices):
    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"
    BELOW = "below"


class EvidenceRule(models.TextChoices):
    """Whether words of an output are marked as evidence for the answer."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


COMPARING = [Kind.PREFERENCE, Kind.RANKING]


class Criterion(models.Model):
    """One question. Which columns of the scale are set depends on its kind."""

    version = models.ForeignKey(RubricVersion, models.CASCADE, related_name="criteria")
    key = models.SlugField(max_length=60)
    question = models.CharField(max_length=500)
    help = models.TextField(blank=True)
    target = models.CharField(max_length=12, choices=Target)
    kind = models.CharField(max_length=12, choices=Kind)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    step = models.FloatField(null=True, blank=True)
    measure = models.CharField(
        max_length=30, blank=True, help_text="What the number counts, such as minutes."
    )
    is_ratio = models.BooleanField(default=False)
    with_strength = models.BooleanField(default=False)
    required = models.BooleanField(default=True)
    weight = models.FloatField(default=1.0)
    allow_not_applicable = models.BooleanField(default=False)
    allow_cannot_judge = models.BooleanField(default=False)
    rationale_rule = models.CharField(
        max_length=10, choices=RationaleRule, default=RationaleRule.OPTIONAL
    )
    rationale_below = models.FloatField(
        null=True, blank=True, help_text="A rationale is required below this level."
    )
    evidence = models.CharField(
        max_length=10, choices=EvidenceRule, default=EvidenceRule.NONE
    )
    asked_when = models.JSONField(
        null=True,
        blank=True,
        help_text='{"criterion": key, "values": […]}: asked only where that earlier '
        "one was answered so; empty: always.",
    )
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"], name="one_criterion_per_key"
            ),
            models.UniqueConstraint(
                fields=["version", "position"], name="one_criterion_per_position"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="kind_is_a_known_scale"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=COMPARING) | Q(target=Target.COMPARISON),
                name="preference_and_ranking_compare_outputs",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.NUMERIC)
                | Q(minimum=None, maximum=None, step=None, is_ratio=False),
                name="only_numbers_have_a_range",
            ),
            models.CheckConstraint(
                condition=Q(minimum=None)
                | Q(maximum=None)
                | Q(minimum__lt=models.F("maximum")),
                name="minimum_is_below_maximum",
            ),
            models.CheckConstraint(
                condition=Q(step=None) | Q(step__gt=0), name="step_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.PREFERENCE) | Q(with_strength=False),
                name="only_preferences_have_strength",
            ),
            models.CheckConstraint(
                condition=~Q(rationale_rule=RationaleRule.BELOW)
                | Q(rationale_below__isnull=False),
                name="a_rationale_below_names_the_level",
            ),
            models.CheckConstraint(
                condition=Q(evidence__in=EvidenceRule.values),
                name="evidence_rule_is_known",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=0), name="weight_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Level(models.Model):
    """One step of a scale. `value` is its name for ever; the anchor fixes its meaning.

    A preference's levels lie on the unit's canonical order of outputs: `first` is the
    first output, whichever side it was shown on. `number` is set where levels have an
    order: ordinal scales, binary (0, 1), preference by strength (first positive).
    """

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="levels")
    value = models.CharField(max_length=100)
    number = models.FloatField(null=True, blank=True)
    label = models.CharField(max_length=200, blank=True)
    anchor = models.TextField(blank=True)
    hotkey = models.CharField(max_length=1, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["criterion", "value"], name="one_level_per_value"
            ),
            models.UniqueConstraint(
                fields=["criterion", "position"], name="one_level_per_position"
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.value

    def natural_value(self) -> Any:
        """The value as the API spells it: true, 4, "billing"."""
        return natural_value(self.criterion.kind, self.value, self.number)


def natural_value(kind: str, value: str, number: float | None) -> Any:
    if kind == Kind.BINARY:
        return value == "true"
    if kind == Kind.ORDINAL and number is not None:
        return int(number) if number == int(number) else number
    return value
