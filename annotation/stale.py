"""Labels made stale by a breaking change of their rubric: found, counted, listed.

A label is stale when its batch is on a version that is not comparable with the one in
force, and nobody has judged the same outputs on a comparable one since. A label on
content that was replaced by a newer revision is past, and not stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotation.models import Answer, Batch, Judgment, Output, Unit, UnitOutput
from annotation.models.unit import UnitKind
from annotation.votes import outputs_by_unit
from rubrics.comparable import comparable_versions, published_with
from rubrics.models import RubricVersion


def stale_units(
    version: RubricVersion, batches: Collection[Batch] | None = None
) -> QuerySet[Unit]:
    """Units whose labels this version made stale; of these batches, if given."""
    fresh = comparable_versions(version.pk)
    others = published_with(version.pk) - fresh
    judged = Judgment.objects.current().filter(assignment__unit=OuterRef("pk"))
    judged_afresh = Judgment.objects.current().filter(
        assignment__unit__item=OuterRef("item"),
        assignment__unit__subject=OuterRef("subject"),
        assignment__unit__kind=UnitKind.NORMAL,
        assignment__batch__rubric_version__in=fresh,
    )
    newer = Output.objects.filter(
        dataset=OuterRef("output__dataset"),
        external_id=OuterRef("output__external_id"),
        revision__gt=OuterRef("output__revision"),
    )
    replaced = UnitOutput.objects.filter(Exists(newer), unit=OuterRef("pk"))
    units: QuerySet[Unit] = Unit.objects.filter(
        Exists(judged),
        ~Exists(judged_afresh),
        ~Exists(replaced),
        kind=UnitKind.NORMAL,
        withdrawn_at=None,
        batch__rubric_version__in=others,
    )
    return units if batches is None else units.filter(batch__in=batches)


@dataclass
class Staleness:
    """What is stale in one batch: units, and answers by criterion's key."""

    units: int = 0
    answers: dict[str, int] = field(default_factory=dict)


def staleness_of(
    version: RubricVersion, batches: Collection[Batch]
) -> dict[UUID, Staleness]:
    """The same of several batches: two queries to count, however many there are."""
    found: dict[UUID, Staleness] = defaultdict(Staleness)
    units = stale_units(version, batches)
    counted = units.order_by().values_list("batch").annotate(Count("pk"))
    for batch_id, count in counted:
        found[batch_id].units = count
    answers = (
        Answer.objects.filter(
            judgment__superseded_at=None,
            judgment__assignment__unit__in=units.order_by().values("pk"),
        )
        .order_by()
        .values_list("judgment__assignment__batch", "criterion__key")
        .annotate(Count("pk"))
    )
    for batch_id, key, count in sorted(answers, key=lambda row: row[1]):
        found[batch_id].answers[key] = count
    return dict(found)


def stale_rows(units: Iterable[Unit]) -> list[dict[str, Any]]:
    """Rows of these units, which bring their batch and item."""
    listed = list(units)
    ids = [unit.pk for unit in listed]
    outputs = outputs_by_unit(ids)
    current = Q(superseded_at=None, assignment__unit__in=ids)
    annotators = dict(
        Judgment.objects.filter(current)
        .order_by()
        .values_list("assignment__unit")
        .annotate(Count("assignment__annotator", distinct=True))
    )
    keys: dict[UUID, list[str]] = defaultdict(list)
    answered = (
        Answer.objects.filter(
            judgment__superseded_at=None, judgment__assignment__unit__in=ids
        )
        .order_by("criterion__position", "criterion__key")
        .values_list(
            "judgment__assignment__unit", "criterion__key", "criterion__position"
        )
        .distinct()
    )
    for unit_id, key, _position in answered:
        if key not in keys[unit_id]:
            keys[unit_id].append(key)
    return [
        {
            "unit": str(unit.pk),
            "item": unit.item.external_id,
            "outputs": [ref.external_id for ref in outputs[unit.pk]],
            "criteria": keys[unit.pk],
            "batch": str(unit.batch_id),
            "rubric_version": str(unit.batch.rubric_version_id),
            "annotators": annotators.get(unit.pk, 0),
        }
        for unit in listed
    ]
