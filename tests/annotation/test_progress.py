"""An annotator's goal: it stands still while they walk, and they reach it."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache

from annotation.models import Batch
from annotation.progress import progress_of
from tests.annotation.storm import annotators, judge_until_nothing_is_left

GOOD = {"accuracy": 4, "fluent": True}


def test_what_others_have_taken_is_not_promised(
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
    project: Any,
    ben: Any,
    cleo: Any,
) -> None:
    """Two of three have filled every slot, so nothing is left for Ben."""
    (third,) = annotators(project, 1)
    batch = make_batch(
        dataset, rubric_version, overlap=2, annotators=[ben, cleo, third]
    )
    assert progress_of(batch, ben).total == 8
    judge_until_nothing_is_left(batch, cleo, GOOD)
    judge_until_nothing_is_left(batch, third, GOOD)
    cache.clear()
    assert (progress_of(batch, ben).left, progress_of(batch, ben).total) == (0, 0)


def test_the_goal_stands_still_and_is_reached(
    open_batch: Batch, claim: Any, ben: Any
) -> None:
    """Remembered or counted afresh, with skips on the way, 12 remain 12."""
    goals = {progress_of(open_batch, ben).total}
    for _ in range(3):
        mine = claim(ben, open_batch)
        assert mine is not None
        goals.add(progress_of(open_batch, ben).total)
        cache.clear()
        goals.add(progress_of(open_batch, ben).total)
    judge_until_nothing_is_left(open_batch, ben, GOOD)
    cache.clear()
    found = progress_of(open_batch, ben)
    assert goals == {12}
    assert (found.done, found.total, found.left) == (12, 12, 0)
