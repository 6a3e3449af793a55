"""Flags and skips for managers, of a batch or a project: counted, listed in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from accounts.models import Project
from annotation.content import first_words
from annotation.models import Assignment, Batch, Flag, Item, Skip
from annotation.models.assignment import AssignmentState
from annotation.reasons import FLAGGED_AND_SKIPPED, shown_reason

STATES = ("waiting", "answered")


@dataclass(frozen=True)
class Passed:
    """A skip with its reason in the reader's language."""

    skip: Skip
    reason: str

    @property
    def item(self) -> Item:
        return self.skip.assignment.unit.item

    @property
    def line(self) -> str:
        return first_words(self.item.input)


def flags_on(assignment: Assignment) -> list[Flag]:
    """An annotator's flags on a unit with their answers, oldest first."""
    flags = Flag.objects.filter(assignment=assignment)
    return list(flags.select_related("answered_by").order_by("pk"))


def flags_of(where: Batch | Project, state: str = "") -> QuerySet[Flag]:
    """The flags of a batch or a project with who raised them, newest first."""
    flags = Flag.objects.filter(**within(where))
    if state == "waiting":
        flags = flags.waiting()
    elif state == "answered":
        flags = flags.answered()
    return flags.select_related(
        "assignment__annotator",
        "assignment__batch",
        "assignment__unit__item",
        "answered_by",
    ).order_by("-pk")


def skips_of(where: Batch | Project, state: str = "") -> QuerySet[Skip]:
    """The skips of a batch or a project with their reasons, newest first."""
    skips = waiting_skips() if state == "waiting" else Skip.objects.all()
    if state == "answered":
        skips = skips.filter(answered_at__isnull=False)
    return (
        skips.filter(**within(where))
        .select_related(
            "assignment__annotator",
            "assignment__batch",
            "assignment__unit__item",
            "answered_by",
        )
        .order_by("-pk")
    )


def within(where: Batch | Project) -> dict[str, object]:
    if isinstance(where, Batch):
        return {"assignment__batch": where}
    return {"assignment__batch__project": where}


def waiting_skips() -> QuerySet[Skip]:
    """Skips that nobody has answered, where a flag does not say it already.

    Who came back to the unit, or put it off until later, waits for nothing.
    """
    return Skip.objects.filter(
        answered_at=None, assignment__state=AssignmentState.SKIPPED
    ).exclude(reason__in=list(FLAGGED_AND_SKIPPED.values()))


def shown_skips(skips: Iterable[Skip]) -> list[Passed]:
    return [Passed(skip, shown_reason(skip.reason)) for skip in skips]


def waiting_by_batch(batches: Sequence[Batch]) -> dict[UUID, int]:
    """How many flags wait for an answer, by batch: one query."""
    rows = Flag.objects.waiting().filter(assignment__batch__in=batches).order_by()
    return dict(rows.values_list("assignment__batch").annotate(Count("pk")))


def skips_by_batch(batches: Sequence[Batch]) -> dict[UUID, int]:
    """How many skips wait for an answer, by batch: one query."""
    rows = waiting_skips().filter(assignment__batch__in=batches).order_by()
    return dict(rows.values_list("assignment__batch").annotate(Count("pk")))
