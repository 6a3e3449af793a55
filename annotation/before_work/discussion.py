"""The calibration round as it is discussed: the spread of each unit's answers.

Everybody reads it in one order of sides, drawn for the unit and the same for all, so
that "A" means one thing in the discussion and tells nothing of where a system stood.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.models import Membership, User
from accounts.permissions import MANAGING
from annotation.actions.sides import side_order
from annotation.answers.given import sides_of
from annotation.before_work.spreads import Spread, spreads_of
from annotation.content import as_text, first_words, rendered
from annotation.content.masking import masked
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    CalibrationComment,
    Unit,
    UnitOutput,
)
from annotation.models.assignment import AssignmentState
from annotation.models.unit import UnitKind
from rubrics.comparable import instrument_across

JUDGED = (AssignmentState.SUBMITTED, AssignmentState.SKIPPED)


@dataclass(frozen=True)
class Comment:
    name: str
    is_manager: bool
    is_me: bool
    text: str
    at: Any


@dataclass
class Discussed:
    """A calibration unit; without `is_visible` its reader has yet to judge it."""

    unit: Unit
    number: int
    is_visible: bool
    mine: Assignment | None = None
    prompt: str = ""
    line: str = ""
    sides: list[dict[str, Any]] = field(default_factory=list)
    spreads: list[Spread] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    skipped: int = 0


def discussed_units(batch: Batch, reader: User, *, sees_all: bool) -> list[Discussed]:
    """The round's units with what everybody said; eight queries, whatever its size.

    A reader who annotates sees a unit once they have judged or skipped it themselves,
    so that no judgment is made in knowledge of the others'.
    """
    units = list(
        Unit.objects.filter(batch=batch, kind=UnitKind.CALIBRATION)
        .select_related("item")
        .order_by("place", "pk")
    )
    ids = [unit.pk for unit in units]
    mine = {
        row.unit_id: row
        for row in Assignment.objects.filter(unit__in=ids, annotator=reader)
    }
    found = [
        Discussed(
            unit=unit,
            number=number,
            is_visible=sees_all or has_judged(mine.get(unit.pk)),
            mine=mine.get(unit.pk),
        )
        for number, unit in enumerate(units, start=1)
    ]
    fill(batch, [one for one in found if one.is_visible], reader)
    return found


def has_judged(row: Assignment | None) -> bool:
    return row is not None and row.state in JUDGED


def fill(batch: Batch, shown: list[Discussed], reader: User) -> None:
    """Read what is said about these units, and nothing about others."""
    ids = [one.unit.pk for one in shown]
    names = names_in(batch)
    outputs: dict[UUID, list[UnitOutput]] = defaultdict(list)
    for row in (
        UnitOutput.objects.filter(unit__in=ids)
        .select_related("output")
        .order_by("position")
    ):
        outputs[row.unit_id].append(row)
    answers: dict[UUID, list[Answer]] = defaultdict(list)
    for answer in (
        Answer.objects.filter(
            judgment__superseded_at=None, judgment__assignment__unit__in=ids
        )
        .select_related("judgment__assignment")
        .order_by("pk")
    ):
        answers[answer.judgment.assignment.unit_id].append(answer)
    skips = Counter(
        Assignment.objects.filter(
            unit__in=ids, state=AssignmentState.SKIPPED
        ).values_list("unit_id", flat=True)
    )
    comments: dict[UUID, list[Comment]] = defaultdict(list)
    for comment in CalibrationComment.objects.filter(unit__in=ids):
        name, is_manager = names.get(comment.author_id, ("", False))
        comments[comment.unit_id].append(
            Comment(
                name,
                is_manager,
                comment.author_id == reader.pk,
                comment.text,
                comment.at,
            )
        )
    instrument = instrument_across(batch.rubric_version_id)
    for one in shown:
        unit, rows = one.unit, outputs[one.unit.pk]
        order = common_order(batch, unit)
        one.line = first_words(unit.item.input)
        one.prompt = rendered(as_text(unit.item.input))
        one.sides = sides_shown(rows, order)
        one.spreads = spreads_of(
            instrument, answers[unit.pk], rows, order, names=names, reader=reader
        )
        one.comments = comments[unit.pk]
        one.skipped = skips[unit.pk]


def common_order(batch: Batch, unit: Unit) -> list[int]:
    """One order of sides for every reader: the seeded one, before anybody's turn."""
    return side_order(batch, unit.pk, [])


def names_in(batch: Batch) -> dict[Any, tuple[str, bool]]:
    """Pseudonym by person, and whether they manage."""
    members = Membership.objects.filter(project=batch.project_id)
    return {
        user_id: (pseudonym, role in MANAGING and left_at is None)
        for user_id, pseudonym, role, left_at in members.values_list(
            "user_id", "pseudonym", "role", "left_at"
        )
    }


def sides_shown(rows: Sequence[UnitOutput], order: list[int]) -> list[dict[str, Any]]:
    """The outputs by side, names that give a system away masked."""
    contents = [masked(row.output.content, row.output.masks) for row in rows]
    return [
        {"side": side, "html": rendered(as_text(contents[position]))}
        for side, position in zip(sides_of(len(rows)), order, strict=True)
    ]
