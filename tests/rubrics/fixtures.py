"""Things made for the tests of rubrics; the access table asks for them by name.

Use `rubric_version` (accuracy 1 to 5, fluent yes or no, remark in words),
`pairwise_version` (which output is better) and `strength_version` (and how much).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from accounts.models import Project, User
from rubrics.actions import create_rubric
from rubrics.models import RubricVersion
from rubrics.shape import read_criteria

HELPFULNESS: list[dict[str, Any]] = [
    {
        "key": "accuracy",
        "question": "Is every claim true?",
        "scale": {
            "kind": "ordinal",
            "levels": [
                {"value": 1, "anchor": "All wrong."},
                {"value": 2, "anchor": "Mostly wrong."},
                {"value": 3, "anchor": "Partly wrong."},
                {"value": 4, "anchor": "A slip."},
                {"value": 5, "anchor": "All right."},
            ],
        },
    },
    {"key": "fluent", "question": "Does it read well?", "scale": {"kind": "binary"}},
    {
        "key": "remark",
        "question": "Anything else?",
        "scale": {"kind": "text"},
        "required": False,
    },
]
OVERALL = {"key": "overall", "question": "Which is better?"}


@pytest.fixture
def criteria() -> Callable[..., list[dict[str, Any]]]:
    """criteria(accuracy={"weight": 2}): a rubric's criteria to post, some changed."""

    def make(**changed: dict[str, Any]) -> list[dict[str, Any]]:
        made = deepcopy(HELPFULNESS)
        return [criterion | changed.get(criterion["key"], {}) for criterion in made]

    return make


@pytest.fixture
def rubric_version(project: Project, ada: User) -> RubricVersion:
    """Published: accuracy (ordinal), fluent (binary), remark (text, not required)."""
    return published(project, ada, "Helpfulness", HELPFULNESS)


@pytest.fixture
def pairwise_version(project: Project, ada: User) -> RubricVersion:
    """Published: one preference, `overall`."""
    criteria = [OVERALL | {"scale": {"kind": "preference"}}]
    return published(project, ada, "Better answer", criteria)


@pytest.fixture
def strength_version(project: Project, ada: User) -> RubricVersion:
    """Published: one preference with strength, `overall`."""
    criteria = [OVERALL | {"scale": {"kind": "preference", "strength": True}}]
    return published(project, ada, "How much better", criteria)


@pytest.fixture
def draft_version(project: Project, ada: User) -> RubricVersion:
    """A rubric of its own that was never published."""
    criteria = read_criteria(HELPFULNESS)
    return create_rubric(project=project, name="Drafted", criteria=criteria, by=ada)


def published(
    project: Project, by: User, name: str, criteria: list[dict[str, Any]]
) -> RubricVersion:
    return create_rubric(
        project=project,
        name=name,
        criteria=read_criteria(criteria),
        by=by,
        publish=True,
    )
