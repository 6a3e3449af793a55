"""Flags and skips of a batch for its manager: counted, and listed in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from annotation.content import first_words
from annotation.models import Assignment, Batch, Flag, Item, Skip
from annotation.reasons import shown_reason

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


def flags_of(batch: Batch, state: str = "") -> QuerySet[Flag]:
    """The batch's flags with who raised them and the item, newest first."""
    flags = Flag.objects.filter(assignment__batch=batch)
    if state == "waiting":
        flags = flags.waiting()
    elif state == "answered":
        flags = flags.answered()
    return flags.select_related(
        "assignment__annotator", "assignment__unit__item", "answered_by"
    ).order_by("-pk")


def skips_of(batch: Batch) -> QuerySet[Skip]:
    return (
        Skip.objects.filter(assignment__batch=batch)
        .select_related("assignment__annotator", "assignment__unit__item")
        .order_by("-pk")
    )


def shown_skips(skips: Iterable[Skip]) -> list[Passed]:
    return [Passed(skip, shown_reason(skip.reason)) for skip in skips]


def waiting_by_batch(batches: Sequence[Batch]) -> dict[UUID, int]:
    """How many flags wait for an answer, by batch: one query."""
    rows = Flag.objects.waiting().filter(assignment__batch__in=batches).order_by()
    return dict(rows.values_list("assignment__batch").annotate(Count("pk")))
