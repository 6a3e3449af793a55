"""Counting while labels are read: the manifest's figures need no second look."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from annotation.models import Dataset, Judgment
from annotation.models.unit import UnitKind
from annotation.votes import Subject
from exports.deciding import key_of
from exports.models import GoldRelease
from rubrics.instrument import Question
from rubrics.models import Kind


@dataclass
class CriterionTally:
    """`values` counts labels by value; a preference by its winner's system."""

    labels: int = 0
    unresolved: int = 0
    disputed: int = 0
    votes: int = 0
    values: Counter[Any] = field(default_factory=Counter)


@dataclass
class Tally:
    """Of one build: units are judged when anybody answered, settled when every label
    is resolved."""

    batches: list[dict[str, Any]]
    datasets: dict[UUID, str]
    rows: int = 0
    excluded: int = 0
    units: int = 0
    judged: int = 0
    settled: int = 0
    criteria: dict[str, CriterionTally] = field(default_factory=dict)
    items_by_dataset: Counter[UUID] = field(default_factory=Counter)
    items_by_split: Counter[str] = field(default_factory=Counter)
    labels_by_split: Counter[str] = field(default_factory=Counter)
    _item_id: int | None = None
    _unresolved_in_unit: int = 0

    @classmethod
    def of(cls, release: GoldRelease) -> Tally:
        """An empty tally that knows the batches and datasets; reads one instant's."""
        batches = release.batches.order_by("name")
        datasets = Dataset.objects.filter(batches__in=batches).distinct()
        return cls(
            batches=[
                {
                    "id": str(batch.pk),
                    "name": batch.name,
                    "state": batch.state,
                    "units": batch.unit_count,
                    "judgments": judgments_of(batch.pk),
                }
                for batch in batches.annotate(
                    unit_count=Count("units", filter=Q(units__kind=UnitKind.NORMAL))
                )
            ],
            datasets=dict(datasets.values_list("pk", "name")),
        )

    @property
    def labels(self) -> int:
        return sum(criterion.labels for criterion in self.criteria.values())

    @property
    def unresolved(self) -> int:
        return sum(criterion.unresolved for criterion in self.criteria.values())

    def start_unit(self, subject: Subject, dataset_id: UUID, split: str) -> None:
        self.end_unit()
        self.units += 1
        self.judged += bool(subject.votes)
        if subject.item_id != self._item_id:  # They come ordered by item.
            self._item_id = subject.item_id
            self.items_by_dataset[dataset_id] += 1
            self.items_by_split[split] += 1

    def end_unit(self) -> None:
        """Whether the unit before is settled is known only now."""
        self.settled += self.units > 0 and not self._unresolved_in_unit
        self._unresolved_in_unit = 0

    def counted(self, question: Question, label: dict[str, Any]) -> dict[str, Any]:
        """Count the label and return it."""
        criterion = self.criteria.setdefault(question.key, CriterionTally())
        self.rows += 1
        criterion.votes += label["support"]
        criterion.disputed += label["disputed"]
        if label["unresolved_because"]:
            criterion.unresolved += 1
            self._unresolved_in_unit += 1
        else:
            criterion.labels += 1
            criterion.values[value_key(question, label)] += 1
            self.labels_by_split[label["split"]] += 1
        return label


def judgments_of(batch_id: UUID) -> int:
    units = {"assignment__batch": batch_id, "assignment__unit__kind": UnitKind.NORMAL}
    return Judgment.objects.current().filter(**units).count()


def value_key(question: Question, label: dict[str, Any]) -> Any:
    value = label["value"]
    if question.kind == Kind.PREFERENCE and value in label["outputs"]:
        return label["systems"][label["outputs"].index(value)]
    return value if isinstance(value, (int, float)) else key_of(value)
