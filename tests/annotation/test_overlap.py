"""The overlap while a batch runs: k on a share of the units, one on the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from annotation.actions.changing import change_batch
from annotation.actions.judging import skip
from annotation.actions.units import Selection
from annotation.actions.withdrawing import restore_unit, withdraw_unit
from annotation.invariants import violations
from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import AssignmentState
from tests.annotation.before_work import judge, submit
from tests.annotation.storm import annotators, judge_until_nothing_is_left
from tests.annotation.test_claiming import lapse

GOOD = {"accuracy": 4, "fluent": True}
Claim = Callable[..., Assignment | None]


@pytest.fixture
def half(make_batch: Any, dataset: Any, rubric_version: Any) -> Batch:
    """Twelve units: two annotators on half of them."""
    return make_batch(dataset, rubric_version, overlap=2, overlap_share=0.5)


def required(batch: Batch) -> Counter[int]:
    return Counter(batch.units.values_list("required", flat=True))


def test_the_overlap_is_of_the_share_alone(half: Batch, ada: Any) -> None:
    assert required(half) == {2: 6, 1: 6}
    change_batch(batch=half, by=ada, overlap=3)
    assert required(half) == {3: 6, 1: 6}
    assert list(violations()) == []


def test_a_larger_share_marks_more_units_of_lowest_place(half: Batch, ada: Any) -> None:
    before = set(half.units.filter(overlaps=True).values_list("pk", flat=True))
    others = half.units.filter(overlaps=False).order_by("place")
    nearest = list(others.values_list("pk", flat=True)[:3])
    change_batch(batch=half, by=ada, overlap_share=0.75)
    now = set(half.units.filter(overlaps=True).values_list("pk", flat=True))
    assert now == before | set(nearest)
    assert required(half) == {2: 9, 1: 3}


def test_a_smaller_share_spares_what_is_taken(
    half: Batch, ada: Any, ben: Any, cleo: Any
) -> None:
    for user in (ben, cleo):
        for _ in range(3):
            judge(user, half, GOOD)
    done = set(half.units.filter(taken=2).values_list("pk", flat=True))
    assert len(done) == 3
    change_batch(batch=half, by=ada, overlap_share=0.25)
    assert set(half.units.filter(overlaps=True).values_list("pk", flat=True)) == done
    assert required(half) == {2: 3, 1: 9}
    assert list(violations()) == []


def test_what_the_lowered_overlap_only_kept_is_not_opened_again(
    open_batch: Batch, claim: Claim, ada: Any, ben: Any, cleo: Any
) -> None:
    mine = claim(ben, open_batch)
    judge(cleo, open_batch, GOOD)
    change_batch(batch=open_batch, by=ada, overlap=1)
    skip(assignment=mine, reason="Not now.")
    unit = Unit.objects.get(pk=mine.unit_id)
    assert (unit.taken, unit.required) == (1, 1)
    assert list(violations()) == []


def test_a_raised_overlap_is_reserved_in_a_batch_of_blocks(
    make_batch: Any, dataset: Any, rubric_version: Any, ada: Any, ben: Any, cleo: Any
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=1, strategy="fixed")
    change_batch(batch=batch, by=ada, overlap=2)
    reserved = Assignment.objects.filter(batch=batch, state=AssignmentState.RESERVED)
    assert Counter(reserved.values_list("annotator__name", flat=True)) == {
        "Ben": 12,
        "Cleo": 12,
    }
    assert list(violations()) == []


def test_a_withdrawn_unit_is_given_to_nobody_and_keeps_its_judgments(
    open_batch: Batch, claim: Claim, ada: Any, ben: Any, cleo: Any
) -> None:
    judged = judge(ben, open_batch, GOOD)
    unit = Unit.objects.select_related("batch", "item").get(pk=judged.unit_id)
    withdrawn = withdraw_unit(unit=unit, by=ada, reason="A broken link.")
    assert (withdrawn.taken, withdrawn.required) == (1, 1)
    change_batch(batch=open_batch, by=ada, overlap=3)
    assert judge_until_nothing_is_left(open_batch, cleo, GOOD) == 11
    assert not unit.assignments.filter(annotator=cleo).exists()

    restore_unit(unit=unit, by=ada)
    open_batch.members.update(looked_back_at=None)
    assert judge_until_nothing_is_left(open_batch, cleo, GOOD) == 1
    assert list(violations()) == []


def test_what_is_in_hand_of_a_withdrawn_unit_may_come_until_it_lapses(
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
    claim: Claim,
    ada: Any,
    ben: Any,
    cleo: Any,
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=2, strategy="fixed")
    mine = claim(ben, batch)
    unit = Unit.objects.select_related("batch", "item").get(pk=mine.unit_id)
    withdraw_unit(unit=unit, by=ada, reason="Broken.")
    cleos = unit.assignments.get(annotator=cleo)
    assert cleos.state == AssignmentState.RELEASED
    assert claim(ben, batch) == mine

    lapse(mine)
    judge_until_nothing_is_left(batch, cleo, GOOD)
    assert submit(ben, mine, GOOD).late
    unit.refresh_from_db()
    assert (unit.taken, unit.required) == (0, 0)
    assert list(violations()) == []


def test_a_restored_unit_is_given_again_to_those_named(
    make_batch: Any, dataset: Any, rubric_version: Any, ada: Any, ben: Any, cleo: Any
) -> None:
    (dan,) = annotators(dataset.project, 1)
    people = [str(one.pk) for one in (ben, cleo, dan)]
    batch = make_batch(
        dataset,
        rubric_version,
        overlap=1,
        annotators=[ben, cleo, dan],
        strategy="named",
        selection=Selection(assigned=[{"outputs": ["q0/heron"], "annotators": people}]),
    )
    unit = batch.units.select_related("batch", "item").get()
    withdraw_unit(unit=unit, by=ada, reason="Broken.")
    assert restore_unit(unit=unit, by=ada).required == 3
    for user in (ben, cleo, dan):
        assert judge_until_nothing_is_left(batch, user, GOOD) == 1
