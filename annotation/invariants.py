"""The invariants recounted from the rows, also those that constraints hold already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Greatest

from annotation.models import Answer, Assignment, BatchMember, Judgment, Unit
from annotation.models.assignment import AssignmentState
from annotation.models.batch import BatchState, Strategy
from annotation.models.unit import STAGES, UnitKind
from rubrics.comparable import comparable_versions

SHOWN = 20


@dataclass(frozen=True)
class Violation:
    """One broken rule: which, where, and what was counted."""

    rule: str
    where: str
    found: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.found}"


def violations() -> Iterator[Violation]:
    """Recount everything; yields nothing when all holds. Reads only."""
    yield from slots_that_do_not_add_up()
    yield from units_over_their_overlap()
    yield from units_with_another_overlap()
    yield from withdrawn_units_still_given()
    yield from set_aside_for_nobody()
    yield from units_given_twice()
    yield from submissions_without_a_judgment()
    yield from judgments_of_open_assignments()
    yield from answers_of_another_rubric()
    yield from assignments_of_another_batch()
    yield from work_before_training()
    yield from members_without_their_stages()


def slots_that_do_not_add_up() -> Iterator[Violation]:
    held = Count("assignments", filter=Q(assignments__holds_slot=True))
    wrong = Unit.objects.annotate(held=held).exclude(taken=F("held"))
    for unit in wrong[:SHOWN]:
        yield Violation(
            "taken is the number of assignments that hold a slot",
            f"unit {unit.pk}",
            f"taken {unit.taken}, held {unit.held}",
        )


def units_over_their_overlap() -> Iterator[Violation]:
    for unit in Unit.objects.filter(Q(taken__gt=F("required")) | Q(taken__lt=0))[
        :SHOWN
    ]:
        yield Violation(
            "no unit is over its overlap",
            f"unit {unit.pk}",
            f"taken {unit.taken} of {unit.required}",
        )


def units_with_another_overlap() -> Iterator[Violation]:
    """Raised, it opens the missing slots; lowered, it keeps what is taken.

    Where units are named for people, those who are named say how many.
    """
    asked = Case(
        When(overlaps=True, then=F("batch__overlap")),
        default=Value(1),
        output_field=IntegerField(),
    )
    work = Unit.objects.filter(kind=UnitKind.NORMAL, withdrawn_at=None)
    shared = work.exclude(batch__strategy=Strategy.NAMED)
    wrong = shared.annotate(
        asked=Greatest(asked, F("taken"), output_field=IntegerField())
    )
    for unit in wrong.exclude(required=F("asked"))[:SHOWN]:
        yield Violation(
            "a unit requires what its batch asks, or what is taken",
            f"unit {unit.pk}",
            f"required {unit.required}, not {unit.asked}",
        )


def withdrawn_units_still_given() -> Iterator[Violation]:
    """Nobody is given them: no slot is free, and none is set aside."""
    aside = Assignment.objects.filter(
        Q(state=AssignmentState.RESERVED)
        | Q(state=AssignmentState.LEASED, reserved=True),
        unit=OuterRef("pk"),
    )
    units = Unit.objects.filter(withdrawn_at__isnull=False)
    for unit in units.filter(~Q(required=F("taken")) | Exists(aside))[:SHOWN]:
        yield Violation(
            "a withdrawn unit is given to nobody",
            f"unit {unit.pk}",
            f"taken {unit.taken} of {unit.required}",
        )


def set_aside_for_nobody() -> Iterator[Violation]:
    """Who takes no more units of a batch has none waiting there."""
    there = BatchMember.objects.filter(
        batch=OuterRef("batch"), user=OuterRef("annotator"), active=True
    )
    aside = Assignment.objects.filter(state=AssignmentState.RESERVED)
    for assignment in aside.exclude(Exists(there))[:SHOWN]:
        yield Violation(
            "what is set aside is for an annotator of the batch",
            f"assignment {assignment.pk}",
            f"of {assignment.annotator_id}",
        )


def units_given_twice() -> Iterator[Violation]:
    twice = (
        Assignment.objects.order_by()
        .values("unit", "annotator")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
    )
    for row in twice[:SHOWN]:
        yield Violation(
            "no unit is given twice to one annotator",
            f"unit {row['unit']}",
            f"{row['count']} assignments of {row['annotator']}",
        )


def submissions_without_a_judgment() -> Iterator[Violation]:
    current = Judgment.objects.current().filter(assignment=OuterRef("pk"))
    submitted = Assignment.objects.filter(state=AssignmentState.SUBMITTED)
    for assignment in submitted.exclude(Exists(current))[:SHOWN]:
        yield Violation(
            "a submitted assignment has one current judgment",
            f"assignment {assignment.pk}",
            "it has none",
        )


def judgments_of_open_assignments() -> Iterator[Violation]:
    current = Judgment.objects.current().exclude(
        assignment__state=AssignmentState.SUBMITTED
    )
    for judgment in current.select_related("assignment")[:SHOWN]:
        yield Violation(
            "a judged assignment is submitted",
            f"assignment {judgment.assignment_id}",
            f"it is {judgment.assignment.state}",
        )


def answers_of_another_rubric() -> Iterator[Violation]:
    """A batch may have moved, but only to a version that asks the same."""
    used = F("judgment__assignment__batch__rubric_version")
    moved = Answer.objects.exclude(criterion__version=used)
    pairs = moved.order_by().values_list("criterion__version", used).distinct()
    for answered, batch_is_on in pairs:
        if answered in comparable_versions(batch_is_on):
            continue
        foreign = moved.filter(
            criterion__version=answered,
            judgment__assignment__batch__rubric_version=batch_is_on,
        )
        for answer in foreign[:SHOWN]:
            yield Violation(
                "an answer points to a criterion of its batch's version, or a like one",
                f"answer {answer.pk}",
                f"criterion {answer.criterion_id}",
            )


def assignments_of_another_batch() -> Iterator[Violation]:
    for assignment in Assignment.objects.exclude(batch=F("unit__batch"))[:SHOWN]:
        yield Violation(
            "an assignment names the batch of its unit",
            f"assignment {assignment.pk}",
            f"batch {assignment.batch_id}",
        )


def work_before_training() -> Iterator[Violation]:
    """Judgments made elsewhere and imported are nobody's claim."""
    untrained = BatchMember.objects.filter(
        batch=OuterRef("batch"), user=OuterRef("annotator"), trained_at=None
    )
    begun = Assignment.objects.filter(
        Exists(untrained),
        batch__training_pass_mark__isnull=False,
        unit__kind=UnitKind.NORMAL,
        opened_at__isnull=False,
    )
    for assignment in begun[:SHOWN]:
        yield Violation(
            "nobody begins the work before the training is passed",
            f"assignment {assignment.pk}",
            f"of {assignment.annotator_id}",
        )


def members_without_their_stages() -> Iterator[Violation]:
    """Once a batch is open, each active annotator has every unit before the work."""
    given = Assignment.objects.filter(unit=OuterRef("pk")).order_by()
    people = (
        BatchMember.objects.filter(batch=OuterRef("batch"), active=True)
        .order_by()
        .values("batch")
        .annotate(count=Count("pk"))
    )
    active = given.filter(
        annotator__batch_memberships__batch=OuterRef("batch"),
        annotator__batch_memberships__active=True,
    )
    units = (
        Unit.objects.filter(kind__in=STAGES)
        .exclude(batch__state__in=[BatchState.DRAFT, BatchState.ARCHIVED])
        .annotate(
            given=Subquery(active.values("unit").annotate(n=Count("pk")).values("n")),
            people=Subquery(people.values("count")),
        )
        .exclude(given=F("people"))
    )
    for unit in units[:SHOWN]:
        yield Violation(
            "every annotator has every unit before the work",
            f"unit {unit.pk}",
            f"given to {unit.given or 0} of {unit.people or 0}",
        )
