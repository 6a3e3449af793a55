"""What one annotator judges in one go: one, two or more outputs of one item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from annotation.models.batch import Batch
from annotation.models.item import Item, Output
from config.ids import uuid7


class UnitKind(models.TextChoices):
    NORMAL = "normal"
    PROBE = "probe"
    REPEAT = "repeat"
    TRAINING = "training"
    CALIBRATION = "calibration"


# Judged before the work; they count in nothing that is said about the work.
STAGES = (UnitKind.TRAINING, UnitKind.CALIBRATION)


class UnitQuerySet(models.QuerySet["Unit"]):
    def of_the_work(self) -> UnitQuerySet:
        return self.exclude(kind__in=STAGES)

    def claimable(self) -> UnitQuerySet:
        return self.filter(taken__lt=F("required"))


class Unit(models.Model):
    """`taken` counts the assignments that hold a slot; it never passes `required`.

    `place` orders the pool: seeded in [0, 1); a unit that becomes claimable again gets
    1 + epoch seconds, so that nobody walks over what they have done.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="units")
    item = models.ForeignKey(Item, models.PROTECT, related_name="units")
    subject = models.CharField(max_length=64)
    required = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    overlaps = models.BooleanField(
        default=True, help_text="One of the share that `overlap` annotators judge."
    )
    withdrawn_at = models.DateTimeField(
        null=True, help_text="Taken out: nobody is given it any more."
    )
    place = models.FloatField()
    kind = models.CharField(max_length=12, choices=UnitKind, default=UnitKind.NORMAL)
    repeats = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "subject"],
                condition=Q(kind=UnitKind.NORMAL),
                name="one_unit_per_subject_and_batch",
            ),
            models.UniqueConstraint(
                fields=["batch", "subject"],
                condition=Q(kind__in=STAGES),
                name="one_unit_before_the_work_per_subject_and_batch",
            ),
            models.CheckConstraint(
                condition=Q(taken__gte=0, taken__lte=F("required")),
                name="taken_is_between_none_and_required",
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "place"],
                condition=Q(taken__lt=F("required")),
                name="claimable_units_by_place",
            ),
            # Counts for the manager read this alone, never the table.
            models.Index(
                fields=["batch", "kind", "required", "taken"], name="units_by_need"
            ),
            models.Index(
                fields=["batch"],
                condition=Q(withdrawn_at__isnull=False),
                name="withdrawn_units",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.batch_id}"

    @property
    def is_training(self) -> bool:
        return self.kind == UnitKind.TRAINING

    @property
    def is_calibration(self) -> bool:
        return self.kind == UnitKind.CALIBRATION


class UnitOutputQuerySet(models.QuerySet["UnitOutput"]):
    def positions_in(self, unit_ids: Sequence[UUID]) -> dict[UUID, dict[int, int]]:
        """The canonical position of each output, by unit: one query."""
        found: dict[UUID, dict[int, int]] = defaultdict(dict)
        rows = self.filter(unit__in=unit_ids)
        for unit, output, position in rows.values_list("unit", "output", "position"):
            found[unit][output] = position
        return found


class UnitOutput(models.Model):
    """An output of a unit, at its place in the unit's canonical order."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="unit_outputs")
    position = models.PositiveSmallIntegerField()
    output = models.ForeignKey(Output, models.PROTECT, related_name="unit_outputs")

    objects = UnitOutputQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "position"], name="one_output_per_unit_and_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.output_id} at {self.position}"


def subject_of(outputs: Iterable[tuple[str, int]]) -> str:
    """Name a set of outputs, in whatever order: SHA-256 of sorted (id, revision).

    >>> subject_of([("a", 1), ("b", 1)]) == subject_of([("b", 1), ("a", 1)])
    True
    """
    names = sorted(f"{external_id}\x1f{revision}" for external_id, revision in outputs)
    return sha256("\x1e".join(names).encode()).hexdigest()
