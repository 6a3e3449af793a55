"""What a batch may be made of: systems and segments with their counts, people."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Membership, Project
from annotation.models import Dataset, ItemSegment, Output, System
from config.text import read_json

LARGEST = 2**31 - 1  # that the columns hold
MOST_VALUES = 20  # of a segment; the rest is left to the API


@dataclass(frozen=True)
class SegmentValue:
    """One value of a segment, and how many items have it."""

    code: str
    value: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class SegmentChoice:
    name: str
    values: list[SegmentValue]
    more: int


def segment_choices(dataset: Dataset | None, chosen: list[str]) -> list[SegmentChoice]:
    """The dataset's segments, the most frequent values first."""
    if dataset is None:
        return []
    rows = ItemSegment.objects.filter(dataset=dataset).order_by()
    counted: dict[str, list[SegmentValue]] = defaultdict(list)
    for name, value, count in rows.values_list("name", "value").annotate(Count("pk")):
        code = segment_code(name, value)
        counted[name].append(SegmentValue(code, value, count, code in chosen))
    choices = []
    for name, values in sorted(counted.items()):
        values.sort(key=lambda one: (not one.is_chosen, -one.count, one.value))
        shown = values[:MOST_VALUES]
        choices.append(SegmentChoice(name, shown, len(values) - len(shown)))
    return choices


def segment_code(name: str, value: str) -> str:
    """One segment's value as a form sends it."""
    return json.dumps([name, value])


def read_segment(code: str) -> tuple[str, str]:
    """Raises ValueError for what is no code."""
    read = read_json(code)
    if not isinstance(read, list) or [type(part) for part in read] != [str, str]:
        raise ValueError(code)
    return read[0], read[1]


def system_choices(project: Project, dataset: Dataset | None) -> list[tuple[str, str]]:
    """The dataset's systems; while none is chosen, all with where they have outputs."""
    if dataset is not None:
        return [(name, name) for name in systems_in(dataset)]
    datasets = list(Dataset.objects.filter(project=project).order_by("name"))
    found: dict[str, list[str]] = defaultdict(list)
    for one in datasets:
        for name in systems_in(one):
            found[name].append(one.name)
    return [
        (name, f"{name} ({', '.join(names)})" if len(datasets) > 1 else name)
        for name, names in sorted(found.items())
    ]


def systems_in(dataset: Dataset) -> list[str]:
    outputs = Output.objects.filter(dataset=dataset, system=OuterRef("pk"))
    there = System.objects.filter(Exists(outputs), project=dataset.project_id)
    return list(there.order_by("name").values_list("name", flat=True))


def annotating_members(project: Project) -> Any:
    annotating = Membership.objects.current().judging().filter(project=project)
    return annotating.select_related("user").order_by("user__name", "user__email")


def annotator_label(member: Membership) -> str:
    words = str(member.user)
    if member.skills:
        words = f"{words} ({', '.join(map(str, member.skills))})"
    if member.user.is_active:
        return words
    return _("%(person)s, cannot sign in") % {"person": words}
