"""The claim: who gets which unit, one after another and all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.permissions import Principal
from annotation.actions.changing import change_batch, move_batch
from annotation.actions.claiming import BatchNotOpen, NotInBatch, take_next
from annotation.actions.judging import save_draft, skip
from annotation.invariants import violations
from annotation.models import Assignment, Batch, Unit
from annotation.models.assignment import AssignmentState
from tests.annotation.queries import queries_of
from tests.annotation.storm import (
    annotators,
    at_once,
    is_postgresql,
    judge_until_nothing_is_left,
)

GOOD = {"accuracy": 4, "fluent": True}
Claim = Callable[..., Assignment | None]


def lapse(assignment: Assignment) -> None:
    """Let an assignment's lease be over."""
    Assignment.objects.filter(pk=assignment.pk).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def submit_all(batch: Batch, *users: Any) -> None:
    for user in users:
        judge_until_nothing_is_left(batch, user, GOOD)


def test_next_twice_gives_the_same_assignment(
    claim: Claim, ben: Any, open_batch: Batch
) -> None:
    first, second = claim(ben, open_batch), claim(ben, open_batch)
    assert first is not None
    assert first == second
    assert Unit.objects.filter(taken=1).count() == 1


def test_the_one_after_is_prepared_and_never_a_third(
    claim: Claim, ben: Any, open_batch: Batch
) -> None:
    first = claim(ben, open_batch)
    second = claim(ben, open_batch, after=first.pk)
    again = claim(ben, open_batch, after=first.pk)
    assert second is not None
    assert second == again != first
    assert second.lease_expires_at - timezone.now() < timedelta(minutes=3)
    assert Assignment.objects.filter(state=AssignmentState.LEASED).count() == 2


def test_nobody_gets_a_unit_twice_and_the_overlap_is_kept(
    open_batch: Batch, ben: Any, cleo: Any
) -> None:
    submit_all(open_batch, ben, cleo)
    given = Assignment.objects.values_list("unit", "annotator")
    assert Counter(given).most_common(1)[0][1] == 1
    assert set(Unit.objects.values_list("taken", "required")) == {(2, 2)}
    assert list(violations()) == []


def test_a_lapsed_lease_gives_the_unit_to_another_and_the_draft_survives(
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
    claim: Claim,
    ben: Any,
    cleo: Any,
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=1)
    bens = claim(ben, batch)
    save_draft(assignment=bens, draft={"answers": {"accuracy": {"A": 2}}}, version=0)
    lapse(bens)
    judge_until_nothing_is_left(batch, cleo, GOOD)

    bens.refresh_from_db()
    assert bens.state == AssignmentState.EXPIRED
    assert bens.draft == {"answers": {"accuracy": {"A": 2}}}
    assert bens.unit.assignments.filter(annotator=cleo, holds_slot=True).exists()
    assert claim(ben, batch) is None
    assert list(violations()) == []


def test_my_own_lapsed_unit_comes_back_to_me_while_it_is_free(
    claim: Claim, ben: Any, open_batch: Batch
) -> None:
    mine = claim(ben, open_batch)
    lapse(mine)
    again = claim(ben, open_batch)
    assert again == mine
    assert again.lease_expires_at > timezone.now()


def test_a_skipped_unit_does_not_come_back_and_is_free_for_others(
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
    claim: Claim,
    ben: Any,
    cleo: Any,
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=1)
    skipped = claim(ben, batch)
    skip(assignment=skipped, reason="Broken.")
    judge_until_nothing_is_left(batch, ben, GOOD)
    assert not skipped.unit.assignments.filter(holds_slot=True).exists()

    judge_until_nothing_is_left(batch, cleo, GOOD)
    assert skipped.unit.assignments.filter(annotator=cleo, holds_slot=True).exists()
    assert list(violations()) == []


def test_what_is_put_off_comes_last(claim: Claim, ben: Any, open_batch: Batch) -> None:
    put_off = claim(ben, open_batch)
    skip(assignment=put_off, reason="Not now.", later=True)
    seen = []
    while (mine := claim(ben, open_batch)) is not None:
        seen.append(mine)
        if mine == put_off:
            break
        Assignment.objects.filter(pk=mine.pk).update(state=AssignmentState.SUBMITTED)
    assert seen[-1] == put_off
    assert len(seen) == Unit.objects.filter(batch=open_batch).count()


def test_a_cap_ends_the_work(
    make_batch: Any, dataset: Any, rubric_version: Any, ben: Any
) -> None:
    batch = make_batch(dataset, rubric_version, cap=3)
    assert judge_until_nothing_is_left(batch, ben, GOOD) == 3


def test_fixed_units_are_shared_out_evenly_and_do_not_lapse_to_others(
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
    claim: Claim,
    ben: Any,
    cleo: Any,
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=1, strategy="fixed")
    shares = Counter(Assignment.objects.values_list("annotator", flat=True))
    assert sorted(shares.values()) == [6, 6]

    bens = claim(ben, batch)
    lapse(bens)
    judge_until_nothing_is_left(batch, cleo, GOOD)
    assert claim(ben, batch) == bens
    assert list(violations()) == []


def test_raising_the_overlap_opens_only_what_is_missing_and_lowering_keeps_work(
    open_batch: Batch, claim: Claim, ada: Any, ben: Any, cleo: Any, dov: Any
) -> None:
    submit_all(open_batch, ben)
    change_batch(batch=open_batch, by=ada, overlap=1)
    assert set(Unit.objects.values_list("taken", "required")) == {(1, 1)}
    assert claim(cleo, open_batch) is None

    change_batch(batch=open_batch, by=ada, overlap=2)
    assert judge_until_nothing_is_left(open_batch, cleo, GOOD) == 12
    change_batch(batch=open_batch, by=ada, overlap=1)
    assert set(Unit.objects.values_list("taken", "required")) == {(2, 2)}


def test_only_open_batches_give_units_and_only_to_their_annotators(
    open_batch: Batch, ada: Any, ben: Any, eve: Any
) -> None:
    with pytest.raises(NotInBatch):
        take_next(batch_id=open_batch.pk, principal=Principal(eve))
    move_batch(batch=open_batch, to="paused", by=ada)
    with pytest.raises(BatchNotOpen, match="paused"):
        take_next(batch_id=open_batch.pk, principal=Principal(ben))


def test_each_order_of_a_pair_is_shown_as_often_as_the_other(
    make_batch: Any, make_dataset: Any, pairwise_version: Any, ben: Any, cleo: Any
) -> None:
    batch = make_batch(make_dataset(40), pairwise_version, layout="pairwise")
    for user in (ben, cleo):
        judge_until_nothing_is_left(batch, user, {"overall": "A"})
    by_unit: dict[Any, list[Any]] = {}
    for unit, order in Assignment.objects.values_list("unit", "side_order"):
        by_unit.setdefault(unit, []).append(tuple(order))
    assert all(sorted(orders) == [(0, 1), (1, 0)] for orders in by_unit.values())
    bens = Counter(
        tuple(order)
        for order in Assignment.objects.filter(annotator=ben).values_list(
            "side_order", flat=True
        )
    )
    assert 10 <= bens[0, 1] <= 30


@pytest.mark.parametrize("units", [100, pytest.param(10_000, marks=pytest.mark.slow)])
def test_taking_the_next_unit_needs_at_most_six_queries_however_many_there_are(
    api: Any,
    make_batch: Any,
    make_dataset: Any,
    rubric_version: Any,
    ben: Any,
    units: int,
) -> None:
    dataset = make_dataset(units, systems=("heron",))
    batch = make_batch(dataset, rubric_version, overlap=1, annotators=[ben])
    program = api(ben)
    url = f"/api/v1/batches/{batch.pk}/next"
    judge_url = "/api/v1/assignments/{}/judgment"
    first = program.post(url).json()  # The rubric is read once, then cached.
    body = {"answers": {"accuracy": {"A": 4}, "fluent": {"A": True}}}
    program.post(judge_url.format(first["id"]), body, content_type="application/json")

    with queries_of() as queries:
        assert program.post(url).status_code == 200
    assert len(queries) <= 6, "\n".join(queries)


@pytest.mark.usefixtures("many_connections")
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_storm_of_annotators_gives_no_unit_too_often_or_twice(
    request: pytest.FixtureRequest,
    project: Any,
    make_dataset: Any,
    make_batch: Any,
    rubric_version: Any,
) -> None:
    """64 on PostgreSQL, 16 on SQLite, which must never say "database is locked"."""
    clients = 64 if is_postgresql() else 16
    units = request.config.getoption("--storm-units") or (
        1_000 if is_postgresql() else 300
    )
    overlap = 3
    users = annotators(project, clients)
    batch = make_batch(
        make_dataset(units, systems=("heron",)),
        rubric_version,
        overlap=overlap,
        annotators=users,
    )
    done = at_once(
        lambda n: judge_until_nothing_is_left(batch, users[n], GOOD), clients
    )
    assert sum(done) == units * overlap
    assert set(Unit.objects.values_list("taken", flat=True)) == {overlap}
    given = Assignment.objects.values_list("unit", "annotator")
    assert Counter(given).most_common(1)[0][1] == 1
    assert list(violations()) == []


@pytest.mark.django_db(transaction=True)
def test_leases_that_lapse_in_a_storm_are_freed_once_each(
    project: Any, make_dataset: Any, make_batch: Any, rubric_version: Any, claim: Claim
) -> None:
    users = annotators(project, 8)
    batch = make_batch(
        make_dataset(20, systems=("heron",)),
        rubric_version,
        overlap=2,
        annotators=users,
    )
    for user in users[:4]:
        lapse(claim(user, batch))
    done = at_once(lambda n: judge_until_nothing_is_left(batch, users[4 + n], GOOD), 4)
    assert sum(done) == 40
    assert list(violations()) == []


def test_sides_stay_balanced_when_somebody_skips(
    make_batch: Any, make_dataset: Any, pairwise_version: Any, claim: Claim,
    ben: Any, cleo: Any, project: Any,
) -> None:  # fmt: skip
    """Ben sees a pair first and skips it: Cleo and a third see both orders of it."""
    (third,) = annotators(project, 1)
    batch = make_batch(
        make_dataset(12), pairwise_version, layout="pairwise",
        annotators=[ben, cleo, third],
    )  # fmt: skip
    while (mine := claim(ben, batch)) is not None:
        judge = claim(cleo, batch)
        assert judge is not None
        Assignment.objects.filter(pk=judge.pk).update(state=AssignmentState.SUBMITTED)
        skip(assignment=mine, reason="Not mine.")
    judge_until_nothing_is_left(batch, third, {"overall": "A"})
    holding = Assignment.objects.filter(batch=batch, holds_slot=True)
    orders: dict[Any, list[Any]] = {}
    for unit, order in holding.values_list("unit", "side_order"):
        orders.setdefault(unit, []).append(tuple(order))
    assert {tuple(sorted(shown)) for shown in orders.values()} == {((0, 1), (1, 0))}


def test_what_a_member_who_left_had_reserved_goes_to_the_others(
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
    project: Any,
    ben: Any,
    cleo: Any,
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=1, strategy="fixed")
    project.memberships.filter(user=ben).update(left_at=timezone.now())
    assert judge_until_nothing_is_left(batch, cleo, GOOD) == 12
    assert list(violations()) == []


def test_preparing_the_next_never_shortens_what_is_on_the_screen(
    claim: Claim, ben: Any, open_batch: Batch
) -> None:
    shown = claim(ben, open_batch)
    same = claim(ben, open_batch, after=uuid4())
    assert same == shown
    assert same.lease_expires_at - timezone.now() > timedelta(minutes=25)


def test_the_cap_holds_for_what_was_put_off_too(
    make_batch: Any, dataset: Any, rubric_version: Any, claim: Claim, ben: Any
) -> None:
    batch = make_batch(dataset, rubric_version, cap=1)
    skip(assignment=claim(ben, batch), reason="Later.", later=True)
    assert judge_until_nothing_is_left(batch, ben, GOOD) == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_that_nothing_is_left_while_others_hold_a_unit_locked(
    project: Any, make_dataset: Any, make_batch: Any, rubric_version: Any
) -> None:
    """One unit for each of eight at once: whoever waits gets it, nobody goes home."""
    users = annotators(project, 8)
    batch = make_batch(
        make_dataset(6, systems=("heron",)),
        rubric_version,
        overlap=8,
        annotators=users,
    )
    done = at_once(lambda n: judge_until_nothing_is_left(batch, users[n], GOOD), 8)
    assert done == [6] * 8
