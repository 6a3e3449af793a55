"""The database itself refuses rows that no rubric can have."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from rubrics.models import Criterion, RubricVersion

GOOD = {"key": "new", "question": "?", "kind": "ordinal", "target": "output"}


@pytest.mark.parametrize(
    "fields",
    [
        {"key": "accuracy"},
        {"position": 1},
        {"kind": "stars"},
        {"kind": "preference"},
        {"kind": "ranking"},
        {"minimum": 1},
        {"maximum": 1},
        {"step": 1},
        {"is_ratio": True},
        {"kind": "numeric", "minimum": 2, "maximum": 2},
        {"kind": "numeric", "minimum": 3, "maximum": 2},
        {"kind": "numeric", "step": 0},
        {"with_strength": True},
        {"rationale_rule": "below"},
        {"weight": -1},
        {"evidence": "sometimes"},
    ],
)
def test_a_criterion_that_cannot_be_is_refused(
    draft_version: RubricVersion, fields: dict[str, Any]
) -> None:
    rows = draft_version.criteria
    with transaction.atomic():
        rows.create(**GOOD | {"position": 10})
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.create(**GOOD | {"key": "other", "position": 11} | fields)


@pytest.mark.parametrize("fields", [{"value": "1"}, {"position": 1}])
def test_a_level_stands_once(
    draft_version: RubricVersion, fields: dict[str, Any]
) -> None:
    accuracy = Criterion.objects.get(version=draft_version, key="accuracy")
    accuracy.levels.create(value="6", position=6)
    with pytest.raises(IntegrityError), transaction.atomic():
        accuracy.levels.create(**{"value": "7", "position": 7} | fields)


def test_a_rubric_has_one_draft_and_each_number_once(
    draft_version: RubricVersion,
) -> None:
    for number in (1, 2):
        with pytest.raises(IntegrityError), transaction.atomic():
            RubricVersion.objects.create(rubric=draft_version.rubric, number=number)
