"""The manifest: what a release is made of, so that somebody can check and repeat it."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from typing import Any

from django.conf import settings

from accounts.models import Membership
from exports.models import GoldRelease
from exports.rows import COLUMNS
from exports.rules import excluded, rules_by_criterion
from exports.tally import CriterionTally, Tally
from rubrics.instrument import Question, published_instrument
from rubrics.models import Kind
from rubrics.serialize import fingerprint

MANY = 30  # Distinct values that are listed one by one.
BINS = 10


def manifest_of(release: GoldRelease, tally: Tally) -> dict[str, Any]:
    """Everything but the file's hash, which is known when the file is written."""
    instrument = published_instrument(release.rubric_version_id)
    rules = rules_by_criterion(instrument, release.rule)
    return {
        "touchstone": version_of_touchstone(),
        "project": {"id": str(release.project_id), "name": release.project.name},
        "release": {"id": str(release.pk), "number": release.number},
        "created_at": release.at.isoformat(),
        "created_by": pseudonym_of(release),
        "sha256": "",
        "counts": {
            "labels": tally.labels,
            "unresolved": tally.unresolved,
            "excluded": tally.excluded,
        },
        "units": {
            "total": tally.units,
            "judged": tally.judged,
            "settled": tally.settled,
        },
        "rubric": {
            "name": instrument.name,
            "version": instrument.number,
            "version_id": str(instrument.version_id),
            "sha256": fingerprint(instrument),
        },
        "batches": tally.batches,
        "datasets": [
            {"id": str(pk), "name": name, "items": tally.items_by_dataset[pk]}
            for pk, name in sorted(tally.datasets.items(), key=lambda pair: pair[1])
        ],
        "rules": rules,
        "options": release.options,
        "excluded_criteria": [
            {"criterion": key, "reason": reason}
            for key, reason in excluded(instrument).items()
        ],
        "criteria": [
            criterion_facts(
                instrument.by_key[key],
                rule,
                tally.criteria.get(key, CriterionTally()),
            )
            for key, rule in rules.items()
        ],
        "splits": [
            {
                "name": name,
                "items": tally.items_by_split[name],
                "labels": tally.labels_by_split[name],
            }
            for name in sorted({*tally.items_by_split, *release.options["splits"]})
        ],
        "columns": COLUMNS,
    }


def criterion_facts(
    question: Question, rule: str, counted: CriterionTally
) -> dict[str, Any]:
    return {
        "key": question.key,
        "question": question.question,
        "scale": question.kind,
        "rule": rule,
        "labels": counted.labels,
        "unresolved": counted.unresolved,
        "disputed": counted.disputed,
        "votes": counted.votes,
        "values": values_in_order(question, counted.values),
    }


def values_in_order(question: Question, values: Counter[Any]) -> list[dict[str, Any]]:
    """How many labels each value got; numbers that differ a lot, by tenths of range."""
    if question.kind in (Kind.ORDINAL, Kind.NUMERIC):
        if len(values) > MANY:
            return binned(values)
        return listed(sorted(values.items()))
    if question.kind in (Kind.BINARY, Kind.NOMINAL):
        codes = [step.value for step in question.steps]
        return listed((code, values[code]) for code in codes if values[code])
    frequent = values.most_common()
    rest = sum(count for _, count in frequent[MANY:])
    return listed(frequent[:MANY]) + (
        [{"others": True, "labels": rest}] if rest else []
    )


def listed(pairs: Any) -> list[dict[str, Any]]:
    return [{"value": value, "labels": count} for value, count in pairs]


def binned(values: Counter[Any]) -> list[dict[str, Any]]:
    low, high = min(values), max(values)
    edges = [low + (high - low) * step / BINS for step in range(BINS)] + [high]
    counts = [0] * BINS
    for value, count in values.items():
        place = sum(value >= edge for edge in edges[1:-1])
        counts[place] += count
    return [
        {"from": edges[i], "to": edges[i + 1], "labels": counts[i]} for i in range(BINS)
    ]


@cache
def pseudonym_of(release: GoldRelease) -> str:
    """Its maker as the project's files call people: no name leaves with them."""
    members = Membership.objects.filter(project=release.project_id, user=release.by_id)
    return members.values_list("pseudonym", flat=True).first() or ""


def version_of_touchstone() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(project["project"]["version"])
