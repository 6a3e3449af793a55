"""A rubric with three versions: reworded, then changed so that it breaks."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from accounts.models import User
from rubrics.actions import create_version
from rubrics.models import Rubric, RubricVersion
from rubrics.shape import read_criteria
from tests.rubrics.fixtures import HELPFULNESS


@pytest.fixture
def reworded(rubric_version: RubricVersion, ada: User) -> RubricVersion:
    """Version 2: the same in other words."""
    return next_version(rubric_version.rubric, ada, question="Are all claims true?")


@pytest.fixture
def rescaled(reworded: RubricVersion, ada: User) -> RubricVersion:
    """Version 3: accuracy has four levels instead of five."""
    scale = deepcopy(HELPFULNESS[0]["scale"])
    scale["levels"].pop()
    return next_version(reworded.rubric, ada, scale=scale)


def next_version(rubric: Rubric, by: User, **changed: Any) -> RubricVersion:
    """A new published version in which the first criterion differs."""
    criteria = deepcopy(HELPFULNESS)
    criteria[0] |= changed
    return create_version(rubric=rubric, criteria=read_criteria(criteria), by=by)
