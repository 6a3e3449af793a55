"""Who is given which unit: by name, by skill, in blocks; and what waits for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from annotation.actions.changing import change_batch, move_batch
from annotation.actions.judging import skip
from annotation.actions.reassigning import share_out
from annotation.actions.units import Selection
from annotation.invariants import violations
from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import AssignmentState
from annotation.skills import spellings
from tests.annotation.queries import queries_of
from tests.annotation.storm import annotators, judge_until_nothing_is_left

GOOD = {"accuracy": 4, "fluent": True}
Claim = Callable[..., Assignment | None]


@pytest.fixture
def named(
    make_batch: Any, dataset: Any, rubric_version: Any, ben: Any, cleo: Any
) -> Batch:
    """q0 for Ben, q1 for Ben and Cleo, q2 for Cleo."""
    people = {0: [ben], 1: [ben, cleo], 2: [cleo]}
    assigned = [
        {"outputs": [f"q{n}/heron"], "annotators": [str(one.pk) for one in those]}
        for n, those in people.items()
    ]
    return make_batch(
        dataset,
        rubric_version,
        overlap=2,
        strategy="named",
        selection=Selection(assigned=assigned),
    )


@pytest.fixture
def skilled(project: Any, ben: Any, cleo: Any) -> None:
    """Ben knows the even items, Cleo the odd ones."""
    project.memberships.filter(user=ben).update(skills=[" Even"])
    project.memberships.filter(user=cleo).update(skills=["ODD", "billing"])


@pytest.fixture
def by_skill(
    make_batch: Any, dataset: Any, rubric_version: Any, skilled: None
) -> Callable[..., Batch]:
    def make(**more: Any) -> Batch:
        return make_batch(
            dataset,
            rubric_version,
            strategy="skill",
            skill_segment="parity",
            **{"overlap": 1} | more,
        )

    return make


def given(batch: Batch) -> dict[str, set[str]]:
    """Whom each item of the batch is given to, by their first names."""
    found: dict[str, set[str]] = {}
    rows = Assignment.objects.filter(batch=batch, holds_slot=True)
    for item, name in rows.values_list("unit__item__external_id", "annotator__name"):
        found.setdefault(item, set()).add(name)
    return found


def parities(batch: Batch, user: Any) -> set[str]:
    rows = Assignment.objects.filter(batch=batch, annotator=user)
    return set(rows.values_list("unit__item__segments__value", flat=True))


def test_named_units_are_for_exactly_those_named(named: Batch) -> None:
    assert given(named) == {"q0": {"Ben"}, "q1": {"Ben", "Cleo"}, "q2": {"Cleo"}}
    assert not Unit.objects.claimable().filter(batch=named).exists()
    assert list(violations()) == []


def test_what_one_named_skips_is_given_to_nobody_until_it_is_shared_out(
    named: Batch, claim: Claim, ada: Any, ben: Any, cleo: Any
) -> None:
    mine = claim(ben, named)
    skip(assignment=mine, reason="Not mine.")
    judge_until_nothing_is_left(named, ben, GOOD)
    judge_until_nothing_is_left(named, cleo, GOOD)
    free = Unit.objects.claimable().get(batch=named)
    assert free.pk == mine.unit_id

    (dan,) = annotators(named.project, 1)
    change_batch(batch=named, by=ada, annotators=[ben, cleo, dan])
    assert claim(dan, named) is None
    assert share_out(batch=named, by=ada) == 1
    assert given(named)[free.item.external_id] != {"Ben"}
    assert list(violations()) == []


def test_a_unit_named_for_who_is_not_there_waits(
    make_batch: Any, dataset: Any, rubric_version: Any, ada: Any, ben: Any, cleo: Any
) -> None:
    both = [str(ben.pk), str(cleo.pk)]
    batch = make_batch(
        dataset,
        rubric_version,
        overlap=2,
        strategy="named",
        open=False,
        selection=Selection(assigned=[{"outputs": ["q0/heron"], "annotators": both}]),
    )
    batch.project.memberships.filter(user=cleo).update(left_at=timezone.now())
    move_batch(batch=batch, to="open", by=ada)
    assert given(batch) == {"q0": {"Ben"}}
    assert batch.units.get().required == 2


def test_work_by_skill_goes_to_the_able_alone(
    by_skill: Any, ben: Any, cleo: Any
) -> None:
    batch = by_skill()
    assert judge_until_nothing_is_left(batch, ben, GOOD) == 6
    assert judge_until_nothing_is_left(batch, cleo, GOOD) == 6
    assert parities(batch, ben) == {"even"}
    assert parities(batch, cleo) == {"odd"}
    assert list(violations()) == []


def test_among_the_able_the_blocks_are_balanced(
    by_skill: Any, project: Any, ben: Any, cleo: Any
) -> None:
    (dan,) = annotators(project, 1)
    project.memberships.filter(user=dan).update(skills=["even", "odd"])
    batch = by_skill(annotators=[ben, cleo, dan])
    rows = Assignment.objects.filter(batch=batch).values_list("annotator", flat=True)
    assert all(3 <= count <= 5 for count in Counter(rows).values())


def test_who_joins_work_by_skill_gets_what_they_are_able_to_judge(
    by_skill: Any, project: Any, claim: Claim, ada: Any, ben: Any, cleo: Any
) -> None:
    batch = by_skill(annotators=[cleo])
    assert parities(batch, cleo) == {"odd"}
    dan, fay = annotators(project, 2)
    project.memberships.filter(user=dan).update(skills=["even"])
    change_batch(batch=batch, by=ada, annotators=[cleo, dan, fay])
    assert claim(fay, batch) is None
    assert judge_until_nothing_is_left(batch, dan, GOOD) == 6
    assert parities(batch, dan) == {"even"}


def test_a_skipped_unit_goes_to_another_who_is_able(
    by_skill: Any, project: Any, claim: Claim, ada: Any, ben: Any, cleo: Any
) -> None:
    batch = by_skill()
    mine = claim(ben, batch)
    skip(assignment=mine, reason="Not mine.")
    assert judge_until_nothing_is_left(batch, cleo, GOOD) == 6
    project.memberships.filter(user=cleo).update(skills=["even"])
    batch.members.update(looked_back_at=None)
    assert judge_until_nothing_is_left(batch, cleo, GOOD) == 1
    assert mine.unit.assignments.filter(annotator=cleo).exists()


def test_words_are_the_same_however_they_are_written(
    make_batch: Any, dataset: Any, rubric_version: Any, project: Any, ben: Any
) -> None:
    dataset.items.first().segments.filter(name="parity").update(value="ÄRZTE ")
    project.memberships.filter(user=ben).update(skills=["ärzte"])
    batch = make_batch(
        dataset,
        rubric_version,
        overlap=1,
        annotators=[ben],
        strategy="skill",
        skill_segment="parity",
    )
    assert judge_until_nothing_is_left(batch, ben, GOOD) == 2
    assert spellings(["", "  "]) == []


def test_a_claim_by_skill_and_under_every_cap_needs_few_statements(
    by_skill: Any, ben: Any, claim: Claim
) -> None:
    batch = by_skill(cap=50)
    Assignment.objects.filter(batch=batch).delete()
    Unit.objects.filter(batch=batch).update(taken=0)
    with queries_of() as queries:
        assert claim(ben, batch) is not None
    assert len(queries) <= 5, "\n".join(queries)


def test_who_left_the_project_is_given_nothing_in_advance(
    make_batch: Any, dataset: Any, rubric_version: Any, project: Any, ada: Any, ben: Any
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=1, strategy="fixed", open=False)
    project.memberships.filter(user=ben).update(left_at=timezone.now())
    move_batch(batch=batch, to="open", by=ada)
    batch.refresh_from_db()
    assert batch.opened_at is not None
    reserved = Assignment.objects.filter(state=AssignmentState.RESERVED)
    assert set(reserved.values_list("annotator__name", flat=True)) == {"Cleo"}
