"""Work moved between people while a batch runs; nobody's work is lost by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from annotation.actions.changing import change_batch
from annotation.actions.claiming import NotInBatch
from annotation.actions.judging import save_draft, skip
from annotation.actions.reassigning import Reassigned, reassign, share_out
from annotation.actions.releasing import release_leases
from annotation.actions.units import Selection
from annotation.invariants import violations
from annotation.models import Assignment, Batch, Judgment
from annotation.models.assignment import HOLDING, AssignmentState
from annotation.running import free_slots, left_behind
from config.api import Refused
from tests.annotation.before_work import judge, submit
from tests.annotation.storm import (
    annotators,
    at_once,
    judge_until_nothing_is_left,
)

GOOD = {"accuracy": 4, "fluent": True}
Claim = Callable[..., Assignment | None]


@pytest.fixture
def blocks(make_batch: Any, dataset: Any, rubric_version: Any) -> Batch:
    """Twelve units in two blocks, one annotator each."""
    return make_batch(dataset, rubric_version, overlap=1, strategy="fixed")


@pytest.fixture
def dan(project: Any) -> Any:
    """Annotates in the project, and in no batch yet."""
    (user,) = annotators(project, 1)
    return user


def in_hand(batch: Batch, user: Any) -> int:
    rows = Assignment.objects.filter(batch=batch, annotator=user, state__in=HOLDING)
    return rows.count()


def test_an_annotator_is_replaced_in_the_midst_of_their_block(
    blocks: Batch, claim: Claim, ada: Any, ben: Any, dan: Any
) -> None:
    judge(ben, blocks, GOOD)
    bens = claim(ben, blocks)
    save_draft(assignment=bens, draft={"answers": {"accuracy": {"A": 2}}}, version=0)
    done = reassign(batch=blocks, from_=ben, to=dan, by=ada, leaves=True)
    assert done == Reassigned(moved=5, freed=0, left=0)
    assert judge_until_nothing_is_left(blocks, dan, GOOD) == 5
    with pytest.raises(NotInBatch):
        claim(ben, blocks)
    dans = Assignment.objects.get(unit=bens.unit_id, annotator=dan)
    assert dans.draft == {}
    bens.refresh_from_db()
    assert bens.draft == {"answers": {"accuracy": {"A": 2}}}
    assert list(violations()) == []


def test_what_was_being_judged_comes_in_late_and_is_kept(
    blocks: Batch, claim: Claim, ada: Any, ben: Any, dan: Any
) -> None:
    bens = claim(ben, blocks)
    reassign(batch=blocks, from_=ben, to=dan, by=ada)
    assert submit(ben, bens, GOOD).late
    assert judge_until_nothing_is_left(blocks, dan, GOOD) == 6
    assert list(violations()) == []


def test_what_the_other_has_had_goes_to_the_pool(
    make_batch: Any, dataset: Any, rubric_version: Any, claim: Claim,
    ada: Any, ben: Any, cleo: Any, dan: Any,
) -> None:  # fmt: skip
    batch = make_batch(
        dataset, rubric_version, overlap=2, strategy="fixed", annotators=[ben, cleo]
    )
    done = reassign(batch=batch, from_=ben, to=cleo, by=ada, leaves=True)
    assert done == Reassigned(moved=0, freed=12, left=0)
    assert free_slots(batch) == 12
    reassign(batch=batch, from_=ben, to=dan, by=ada)
    assert in_hand(batch, dan) == 12
    assert list(violations()) == []


def test_the_cap_of_the_other_is_kept(
    make_batch: Any, dataset: Any, rubric_version: Any, ada: Any, ben: Any, dan: Any
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=1, strategy="fixed", cap=6)
    batch.members.filter(user=ben).update(cap=6)
    batch.__class__.objects.filter(pk=batch.pk).update(cap=4)
    done = reassign(batch=batch, from_=ben, to=dan, by=ada)
    assert (done.moved, done.freed) == (4, 2)


def test_of_named_units_what_cannot_move_waits_for_the_manager(
    make_batch: Any, dataset: Any, rubric_version: Any, claim: Claim,
    ada: Any, ben: Any, cleo: Any, dan: Any,
) -> None:  # fmt: skip
    people = {0: [ben], 1: [ben, cleo]}
    assigned = [
        {"outputs": [f"q{n}/heron"], "annotators": [str(one.pk) for one in those]}
        for n, those in people.items()
    ]
    batch = make_batch(
        dataset, rubric_version, overlap=2, strategy="named",
        selection=Selection(assigned=assigned),
    )  # fmt: skip
    done = reassign(batch=batch, from_=ben, to=cleo, by=ada, leaves=True)
    assert done == Reassigned(moved=1, freed=0, left=1)
    assert judge_until_nothing_is_left(batch, cleo, GOOD) == 2
    reassign(batch=batch, from_=ben, to=dan, by=ada)
    assert claim(dan, batch) is not None or share_out(batch=batch, by=ada) == 1
    assert judge_until_nothing_is_left(batch, dan, GOOD) == 1
    assert list(violations()) == []


def test_by_skill_only_what_the_other_is_able_to_judge_moves(
    make_batch: Any, dataset: Any, rubric_version: Any, project: Any,
    ada: Any, ben: Any, cleo: Any,
) -> None:  # fmt: skip
    for user, skills in [(ben, ["even", "odd"]), (cleo, ["odd"])]:
        project.memberships.filter(user=user).update(skills=skills)
    batch = make_batch(
        dataset, rubric_version, overlap=1, strategy="skill", skill_segment="parity"
    )
    odd = Assignment.objects.filter(
        annotator=ben, unit__item__segments__value="odd"
    ).count()
    done = reassign(batch=batch, from_=ben, to=cleo, by=ada)
    assert done.moved == odd
    assert judge_until_nothing_is_left(batch, cleo, GOOD) == 6
    assert list(violations()) == []


def test_released_leases_go_to_others_and_drafts_stay(
    open_batch: Batch, claim: Claim, ada: Any, ben: Any, cleo: Any
) -> None:
    bens, cleos = claim(ben, open_batch), claim(cleo, open_batch)
    save_draft(assignment=bens, draft={"answers": {"accuracy": {"A": 2}}}, version=0)
    assert release_leases(batch=open_batch, by=ada, annotator=ben) == 1
    bens.refresh_from_db()
    assert (bens.state, bens.holds_slot) == (AssignmentState.EXPIRED, False)
    assert bens.draft == {"answers": {"accuracy": {"A": 2}}}
    cleos.refresh_from_db()
    assert cleos.state == AssignmentState.LEASED
    assert claim(ben, open_batch) == bens
    assert release_leases(batch=open_batch, by=ada) == 2
    assert list(violations()) == []


def test_what_was_set_aside_stays_so_when_leases_are_released(
    blocks: Batch, claim: Claim, ada: Any, ben: Any, cleo: Any
) -> None:
    bens = claim(ben, blocks)
    assert release_leases(batch=blocks, by=ada) == 1
    assert judge_until_nothing_is_left(blocks, cleo, GOOD) == 6
    assert claim(ben, blocks) == bens


def test_who_leaves_the_project_leaves_what_the_manager_sees(
    blocks: Batch, claim: Claim, project: Any, ada: Any, ben: Any, cleo: Any
) -> None:
    judge(ben, blocks, GOOD)
    claim(ben, blocks)
    assert left_behind(blocks) == []
    project.memberships.filter(user=ben).update(left_at=timezone.now())
    (left,) = left_behind(blocks)
    assert (left.user, left.units, left.is_member) == (ben, 5, False)
    reassign(batch=blocks, from_=ben, to=cleo, by=ada, leaves=True)
    assert left_behind(blocks) == []
    assert judge_until_nothing_is_left(blocks, cleo, GOOD) == 11
    assert list(violations()) == []


def test_skipped_units_of_a_block_are_shared_out_again(
    make_batch: Any, dataset: Any, rubric_version: Any, claim: Claim,
    ada: Any, ben: Any, cleo: Any,
) -> None:  # fmt: skip
    batch = make_batch(dataset, rubric_version, overlap=1, strategy="fixed")
    skipped = claim(ben, batch)
    skip(assignment=skipped, reason="Not mine.")
    assert share_out(batch=batch, by=ada) == 1
    again = skipped.unit.assignments.get(annotator=cleo)
    assert again.state == AssignmentState.RESERVED
    assert list(violations()) == []


def test_refusals_say_what_to_do(
    blocks: Batch, ada: Any, ben: Any, cleo: Any, dan: Any, eve: Any
) -> None:
    for from_, to, leaves, words in [
        (dan, cleo, False, "no annotator of this batch"),
        (ben, ben, False, "somebody else"),
        (ben, eve, False, "does not annotate"),
    ]:
        with pytest.raises(Refused) as refused:
            reassign(batch=blocks, from_=from_, to=to, by=ada, leaves=leaves)
        assert words in refused.value.errors[0]["message"]
    blocks.members.filter(user=cleo).update(active=False)
    with pytest.raises(Refused) as refused:
        reassign(batch=blocks, from_=ben, to=None, by=ada, leaves=True)
    assert "Nobody would be left" in refused.value.errors[0]["message"]


def test_a_newcomer_gets_the_training_and_the_leaver_s_is_given_back(
    staged_batch: Batch, ada: Any, ben: Any, dan: Any
) -> None:
    reassign(batch=staged_batch, from_=ben, to=dan, by=ada, leaves=True)
    dans = Assignment.objects.filter(batch=staged_batch, annotator=dan)
    assert set(dans.values_list("unit__kind", flat=True)) == {"training", "calibration"}
    assert in_hand(staged_batch, ben) == 0
    assert list(violations()) == []


def test_it_is_on_record(blocks: Batch, ada: Any, ben: Any, cleo: Any) -> None:
    reassign(batch=blocks, from_=ben, to=cleo, by=ada)
    event = AuditEvent.objects.get(verb="units reassigned")
    assert event.actor == ada
    assert event.data["from"] == ben.email
    assert (event.data["to"], event.data["moved"]) == (cleo.email, 6)


@pytest.mark.usefixtures("many_connections")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("strategy", ["pool", "fixed"])
def test_a_storm_of_work_while_the_manager_moves_it_about(
    project: Any, make_dataset: Any, make_batch: Any, rubric_version: Any,
    ada: Any, strategy: str,
) -> None:  # fmt: skip
    """Eight judge; one hand reassigns, one changes the overlap, one releases leases."""
    users = annotators(project, 8)
    batch = make_batch(
        make_dataset(30, systems=("heron",)),
        rubric_version,
        overlap=2,
        strategy=strategy,
        annotators=users,
    )

    def work(number: int) -> int:
        if number < 8:
            return judge_until_nothing_is_left(batch, users[number], GOOD)
        for turn in range(6):
            if number == 8:
                giver, taker = users[turn % 8], users[(turn + 3) % 8]
                reassign(batch=batch, from_=giver, to=taker, by=ada)
            elif number == 9:
                change_batch(batch=batch, by=ada, overlap=2 + turn % 2)
            else:
                release_leases(batch=batch, by=ada)
        return 0

    judged = sum(at_once(work, 11))
    current = Judgment.objects.current().filter(assignment__batch=batch)
    assert current.count() == judged
    assert list(violations()) == []

    batch.members.update(looked_back_at=None)
    for user in users:
        judge_until_nothing_is_left(batch, user, GOOD)
    assert free_slots(batch) == 0
    assert list(violations()) == []
