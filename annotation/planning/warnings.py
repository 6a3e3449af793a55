"""What may be made all the same, but should be seen before: work that stays undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.models import Batch
from annotation.models.batch import Strategy

if TYPE_CHECKING:
    from annotation.planning.cost import Cost

MOST_A_DAY = 8  # hours
NAMES = 10


@dataclass(frozen=True)
class Warned:
    """A warning: its name for programs, its sentence for people."""

    code: str
    message: str


def warnings_of(batch: Batch, cost: Cost, missing: Sequence[str]) -> Iterator[Warned]:
    people = len(cost.shares)
    if batch.strategy != Strategy.NAMED and batch.overlap > people:
        words = ngettext(
            "%(overlap)s annotators are to judge each unit, but only %(people)s is "
            "chosen; the rest waits for more people.",
            "%(overlap)s annotators are to judge each unit, but only %(people)s are "
            "chosen; the rest waits for more people.",
            people,
        )
        told = {"overlap": batch.overlap, "people": people}
        yield Warned("overlap_above_people", words % told)
    elif cost.left_over and not missing:
        words = ngettext(
            "The most that each annotator may judge leaves %(count)s judgment that "
            "nobody may make; raise it or name more people.",
            "The most that each annotator may judge leaves %(count)s judgments that "
            "nobody may make; raise it or name more people.",
            cost.left_over,
        )
        yield Warned("cap_too_small", words % {"count": f"{cost.left_over:,}"})
    yield from skill_warnings(missing, cost.left_over)
    for share in cost.shares:
        if not share.user.is_active:
            words = _(
                "%(person)s cannot sign in; their work waits until they can, or until "
                "you name somebody else."
            )
            yield Warned("cannot_sign_in", words % {"person": share.user})
    yield from due_warnings(batch, cost)


def skill_warnings(missing: Sequence[str], left_over: int) -> Iterator[Warned]:
    words = sorted(word for word in missing if word)
    if words:
        shown = [repr(word) for word in words[:NAMES]]
        message = ngettext(
            "No annotator chosen has the skill %(skills)s; those units wait.",
            "No annotator chosen has the skills %(skills)s; those units wait.",
            len(words),
        )
        told = get_text_list(shown, str(_("and")))
        yield Warned("skill_missing", message % {"skills": told})
    if "" in missing:
        message = _("Some items have no value in this segment; nobody is given them.")
        yield Warned("segment_missing", message)
    if left_over and missing:
        message = ngettext(
            "%(count)s judgment cannot be made by anybody chosen.",
            "%(count)s judgments cannot be made by anybody chosen.",
            left_over,
        )
        yield Warned("left_over", message % {"count": f"{left_over:,}"})


def due_warnings(batch: Batch, cost: Cost) -> Iterator[Warned]:
    if cost.days == 0:
        message = _("No working day is left until it is due.")
        yield Warned("due_too_soon", message)
        return
    if cost.days and cost.days_of_cap and cost.days_of_cap > cost.days:
        message = _(
            "With at most %(cap)s a day it takes %(needed)s working days, but it is "
            "due in %(days)s."
        )
        told = {"cap": batch.daily_cap, "needed": cost.days_of_cap, "days": cost.days}
        yield Warned("daily_cap_too_small", message % told)
    if cost.hours_a_day and cost.hours_a_day > MOST_A_DAY:
        message = _(
            "To be done when it is due, somebody would judge for %(hours)s hours a day."
        )
        told_hours = {"hours": f"{cost.hours_a_day:.1f}"}
        yield Warned("due_not_reachable", message % told_hours)
