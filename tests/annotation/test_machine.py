"""A running batch in any order of acts: after each, the invariants hold.

Small by default. The long run, one engine at a time:

    export MACHINE_EXAMPLES=200 MACHINE_STEPS=50 MACHINE_SEED=1
    uv run pytest -n0 tests/annotation/test_machine.py

Without a seed it is the same run each time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, event, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Project, User
from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions.batches import create_batch, extend_batch
from annotation.actions.breaks import NotFree, take_a_break, take_back
from annotation.actions.changing import change_batch, move_batch
from annotation.actions.claiming import BatchNotOpen, NotInBatch, take_next
from annotation.actions.holding import WrongState
from annotation.actions.judging import (
    AlreadySubmitted,
    BatchIsShut,
    DraftConflict,
    output_ids,
    save_draft,
    skip,
    submit_judgment,
)
from annotation.actions.leases import prepare_next, take_again
from annotation.actions.reassigning import reassign, share_out
from annotation.actions.releasing import release_leases
from annotation.actions.units import Selection
from annotation.actions.withdrawing import restore_unit, withdraw_unit
from annotation.answers.reading import read_answers
from annotation.invariants import violations
from annotation.models import Assignment, Batch, Dataset, Judgment, Unit
from annotation.models.assignment import HOLDING, AssignmentState
from annotation.models.batch import BatchState
from config.api import Refused
from rubrics.instrument import published_instrument
from rubrics.models import RubricVersion
from tests.annotation.storm import annotators

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "5"))
STEPS = int(os.environ.get("MACHINE_STEPS", "30"))
SEED = os.environ.get("MACHINE_SEED")
PEOPLE = 4
SKILLS = [["even"], ["ODD "], ["even", "odd"], []]
ANSWERS = [{"accuracy": 4, "fluent": True}, {"accuracy": 1, "fluent": False}]

who = st.integers(0, PEOPLE - 1)
which = st.integers(0, 10**6)


class World:
    """What every run begins with: people, a dataset, a rubric. Set by the test."""

    manager: User
    people: Sequence[User]
    project: Project
    dataset: Dataset
    version: RubricVersion
    rules: list[tuple[str, Any]]


def recorded_rules() -> list[tuple[str, Any]]:
    """The statements of `violations`: to write them anew at each step costs most."""
    found: list[tuple[str, Any]] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        assert list(violations()) == []
    return found


def finds_something(statement: tuple[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return cursor.fetchone() is not None


class RunningBatch(RuleBasedStateMachine):
    """Annotators work while the manager changes nearly everything under them."""

    @initialize(
        strategy=st.sampled_from(["pool", "fixed", "named", "skill"]),
        overlap=st.integers(1, 3),
        share=st.sampled_from([1.0, 0.5]),
        cap=st.sampled_from([None, 4]),
        daily_cap=st.sampled_from([None, None, 3]),
        members=st.integers(2, 3),
    )
    def begin(
        self,
        strategy: str,
        overlap: int,
        share: float,
        cap: int | None,
        daily_cap: int | None,
        members: int,
    ) -> None:
        self.example = transaction.atomic()
        self.example.__enter__()
        people = list(World.people[:members])
        named = strategy == "named"
        selection = Selection(systems=["heron"])
        if named:
            selection = Selection(assigned=self.named_for(people))
        self.batch, _, _ = create_batch(
            project=World.project,
            dataset=World.dataset,
            rubric_version=World.version,
            name="Machine",
            layout="scoring",
            overlap=min(overlap, members),
            overlap_share=1.0 if named else share,
            annotators=people,
            selection=selection,
            strategy=strategy,
            skill_segment="parity" if strategy == "skill" else "",
            cap=cap,
            daily_cap=daily_cap,
            by=World.manager,
        )
        self.judged: dict[Any, Any] = {}
        self.move("open")

    def named_for(self, people: list[User]) -> list[dict[str, Any]]:
        return [
            {
                "outputs": [f"q{number}/heron"],
                "annotators": [
                    str(people[(number + turn) % len(people)].pk)
                    for turn in range(1 + number % 2)
                ],
            }
            for number in range(4)
        ]

    def teardown(self) -> None:
        if hasattr(self, "example"):
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    # --- Annotators ---

    def claim(self, person: int, **more: Any) -> Assignment | None:
        user = World.people[person]
        with suppress(BatchNotOpen, NotInBatch):
            mine = take_next(batch_id=self.batch.pk, principal=Principal(user), **more)
            if mine is not None:
                self.claimed_rightly(mine, user)
            return mine
        return None

    def claimed_rightly(self, mine: Assignment, user: User) -> None:
        """What is handed out holds a slot, is in hand, and fits who gets it."""
        row = Assignment.objects.select_related("unit__item").get(pk=mine.pk)
        assert row.annotator_id == user.pk
        assert (row.state, row.holds_slot) == (AssignmentState.LEASED, True)
        batch = Batch.objects.get(pk=self.batch.pk)
        if batch.strategy == "skill":
            parity = row.unit.item.segments.get(name="parity").value
            skills = SKILLS[list(World.people).index(user)]
            assert parity in [word.strip().lower() for word in skills]
        event(f"claimed in a {batch.strategy} batch")

    @rule(person=who)
    def goes_on(self, person: int) -> None:
        self.claim(person)

    @rule(person=who)
    def claims_twice(self, person: int) -> None:
        """The same again gives the same, as long as nothing else happens."""
        first = self.claim(person)
        if first is not None:
            assert self.claim(person) == first

    @rule(person=who, one=which)
    def has_the_next_prepared(self, person: int, one: int) -> None:
        mine = self.one_of(one, annotator=World.people[person], state__in=HOLDING)
        if mine is None:
            return
        with suppress(BatchNotOpen, NotInBatch):
            prepare_next(
                assignment=assignment_for(Principal(World.people[person]), mine.pk),
                principal=Principal(World.people[person]),
            )

    @rule(one=which, answer=st.integers(0, 1))
    def drafts(self, one: int, answer: int) -> None:
        row = self.one_of(one)
        if row is None:
            return
        with suppress(DraftConflict):
            save_draft(
                assignment=self.door(row),
                draft={"answers": ANSWERS[answer]},
                version=row.draft_version,
            )

    @rule(one=which)
    def submits_what_is_in_hand(self, one: int) -> None:
        row = self.one_of(one, state=AssignmentState.LEASED)
        if row is not None:
            self.submit(row, 0)

    @rule(one=which, answer=st.integers(0, 1))
    def submits_anything(self, one: int, answer: int) -> None:
        """Late, twice, changed, after a skip: whatever the screen still shows."""
        row = self.one_of(one)
        if row is not None:
            self.submit(row, answer)

    def submit(self, row: Assignment, answer: int) -> None:
        assignment = self.door(row)
        current = row.judgments.current().first()
        with suppress(AlreadySubmitted, BatchIsShut):
            done = submit_judgment(
                assignment=assignment,
                answers=read_answers(
                    published_instrument(World.version.pk),
                    ANSWERS[answer],
                    side_order=assignment.side_order,
                ),
                outputs=output_ids(assignment),
                supersedes=current.pk if current and answer else None,
            )
            self.judged[row.pk] = done.judgment.pk
            event(f"submitted, late: {done.late}")

    @rule(one=which, later=st.booleans())
    def skips(self, one: int, later: bool) -> None:
        row = self.one_of(one)
        if row is not None:
            with suppress(AlreadySubmitted, BatchIsShut):
                skip(assignment=self.door(row), reason="Odd.", later=later)

    @rule(one=which)
    def takes_a_skip_back(self, one: int) -> None:
        row = self.one_of(one, state=AssignmentState.SKIPPED)
        if row is not None:
            with suppress(NotFree, NotInBatch, BatchNotOpen):
                take_back(assignment=self.door(row), principal=Principal(row.annotator))

    @rule(one=which)
    def takes_a_lapsed_unit_again(self, one: int) -> None:
        row = self.one_of(one)
        if row is not None:
            with suppress(NotInBatch, BatchNotOpen):
                take_again(
                    assignment=self.door(row), principal=Principal(row.annotator)
                )

    @rule(person=who)
    def takes_a_break(self, person: int) -> None:
        take_a_break(batch=self.batch, user=World.people[person])

    @rule(one=which)
    def a_lease_lapses(self, one: int) -> None:
        row = self.one_of(one, state=AssignmentState.LEASED)
        if row is not None:
            past = timezone.now() - timedelta(seconds=1)
            Assignment.objects.filter(pk=row.pk).update(lease_expires_at=past)

    @rule(person=who)
    def leaves_the_project_or_comes_back(self, person: int) -> None:
        membership = World.project.memberships.get(user=World.people[person])
        membership.left_at = None if membership.left_at else timezone.now()
        membership.save(update_fields=["left_at"])

    # --- The manager ---

    def change(self, **fields: Any) -> None:
        with suppress(WrongState, Refused):
            change_batch(batch=self.batch, by=World.manager, **fields)

    @rule(overlap=st.integers(1, 4))
    def changes_the_overlap(self, overlap: int) -> None:
        self.change(overlap=overlap)

    @rule(share=st.sampled_from([0.25, 0.5, 1.0]))
    def changes_the_share(self, share: float) -> None:
        self.change(overlap_share=share)

    @rule(
        cap=st.sampled_from([None, 2, 5]), daily_cap=st.sampled_from([None, None, 2, 6])
    )
    def changes_the_caps(self, cap: int | None, daily_cap: int | None) -> None:
        self.change(cap=cap, daily_cap=daily_cap)

    @rule(people=st.sets(who, min_size=1))
    def names_other_annotators(self, people: set[int]) -> None:
        self.change(annotators=[World.people[person] for person in sorted(people)])

    @rule(to=st.sampled_from(["open", "open", "paused", "closed"]))
    def move(self, to: str) -> None:
        with suppress(WrongState):
            move_batch(batch=self.batch, to=to, by=World.manager)

    @rule(giver=who, taker=st.one_of(st.none(), who), leaves=st.booleans())
    def reassigns(self, giver: int, taker: int | None, leaves: bool) -> None:
        with suppress(WrongState, Refused):
            before = self.holding(giver)
            done = reassign(
                batch=self.batch,
                from_=World.people[giver],
                to=None if taker is None else World.people[taker],
                by=World.manager,
                leaves=leaves,
            )
            assert self.holding(giver) == 0
            assert done.moved + done.freed + done.left >= before
            event(f"reassigned, moved: {done.moved > 0}")

    def holding(self, person: int) -> int:
        rows = Assignment.objects.filter(batch=self.batch, state__in=HOLDING)
        return rows.filter(annotator=World.people[person]).count()

    @rule(person=st.one_of(st.none(), who))
    def releases_leases(self, person: int | None) -> None:
        user = None if person is None else World.people[person]
        with suppress(WrongState):
            release_leases(batch=self.batch, by=World.manager, annotator=user)
            leased = Assignment.objects.filter(state=AssignmentState.LEASED)
            mine = leased.filter(annotator=user) if user else leased
            assert not mine.filter(batch=self.batch).exists()

    @rule()
    def shares_out(self) -> None:
        with suppress(WrongState):
            share_out(batch=self.batch, by=World.manager)

    @rule(one=which)
    def withdraws_a_unit(self, one: int) -> None:
        with suppress(WrongState):
            withdraw_unit(unit=self.unit(one), by=World.manager, reason="Broken.")

    @rule(one=which)
    def restores_a_unit(self, one: int) -> None:
        withdrawn = self.batch.units.exclude(withdrawn_at=None).order_by("pk")
        if withdrawn:
            with suppress(WrongState):
                unit = withdrawn[one % len(withdrawn)]
                restore_unit(unit=unit, by=World.manager)

    @precondition(lambda self: self.batch.units.count() < 8)
    @rule()
    def adds_the_other_system(self) -> None:
        with suppress(WrongState, Refused):
            extend_batch(
                batch=self.batch,
                selection=Selection(systems=["wren"]),
                by=World.manager,
            )

    # --- What is there ---

    def one_of(self, number: int, **conditions: Any) -> Assignment | None:
        """One of the batch's assignments, of somebody who is in the project."""
        there = World.project.memberships.current().values("user")
        rows = Assignment.objects.filter(
            batch=self.batch, annotator__in=there, **conditions
        )
        count = rows.count()
        ordered = rows.select_related("annotator").order_by("unit__place", "pk")
        return ordered[number % count] if count else None

    def unit(self, number: int) -> Unit:
        units = self.batch.units.select_related("batch", "item").order_by("place", "pk")
        return units[number % units.count()]

    def door(self, row: Assignment) -> Assignment:
        return assignment_for(Principal(row.annotator), row.pk)

    @invariant()
    def every_rule_holds(self) -> None:
        if hasattr(self, "batch") and any(map(finds_something, World.rules)):
            raise AssertionError([str(violation) for violation in violations()])

    @invariant()
    def no_work_is_lost(self) -> None:
        """Every judgment that was acknowledged stands: submitted, current, one."""
        if not getattr(self, "judged", None):
            return
        current = Judgment.objects.current().filter(assignment__in=self.judged)
        found = dict(current.values_list("assignment", "pk"))
        assert found == self.judged
        submitted = Assignment.objects.filter(
            pk__in=self.judged, state=AssignmentState.SUBMITTED
        )
        assert submitted.count() == len(self.judged)

    @invariant()
    def whoever_is_gone_is_given_nothing(self) -> None:
        """A batch that is not open hands nothing out."""
        if not hasattr(self, "batch"):
            return
        state = Batch.objects.values_list("state", flat=True).get(pk=self.batch.pk)
        if state != BatchState.OPEN:
            with pytest.raises((BatchNotOpen, NotInBatch)):
                take_next(batch_id=self.batch.pk, principal=Principal(World.people[0]))


@pytest.mark.django_db
def test_a_running_batch_keeps_its_promises_whatever_happens(
    project: Project, ada: User, make_dataset: Any, rubric_version: RubricVersion
) -> None:
    World.manager, World.project = ada, project
    World.people = annotators(project, PEOPLE)
    for user, skills in zip(World.people, SKILLS, strict=True):
        project.memberships.filter(user=user).update(skills=skills)
    World.dataset = make_dataset(4)
    World.version = rubric_version
    World.rules = recorded_rules()
    machine = RunningBatch
    if SEED:
        machine = seed(int(SEED))(RunningBatch)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=SEED is None,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
        ),
    )
