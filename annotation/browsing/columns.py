"""The columns of the record, and which of them a page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotation.browsing.asked import Sent
from rubrics.instrument import Instrument, Question
from rubrics.models import Kind

ALWAYS = "when"
BEFORE: dict[str, Any] = {
    "when": _("When"),
    "annotator": _("Annotator"),
    "item": _("Item"),
    "unit": _("Unit"),
    "outputs": _("Outputs"),
    "systems": _("Systems"),
    "shown": _("Shown, in this order"),
}
AFTER: dict[str, Any] = {
    "preferred": _("Preferred"),
    "rationale": _("Rationale"),
    "note": _("Note"),
    "evidence": _("Evidence"),
    "time": _("Time taken"),
    "source": _("Source"),
    "kind": _("Kind"),
    "surplus": _("Surplus"),
    "revision": _("Revision"),
    "rubric": _("Rubric version"),
    "marks": _("Marks"),
}
USUAL = ("when", "annotator", "item", "systems", "rationale", "time", "marks")
NUMBERS = ("evidence", "time", "revision")


@dataclass(frozen=True)
class Column:
    """A column: its name in the address, its heading; of a criterion, the question."""

    name: str
    label: str | Promise
    is_shown: bool
    question: Question | None = None

    @property
    def is_number(self) -> bool:
        return self.name in NUMBERS


def columns_of(instrument: Instrument, params: Sent) -> list[Column]:
    """All columns in their order; which are shown is in the address, or as usual."""
    asked = {str(name) for name in params.getlist("show")}
    known = {*BEFORE, *AFTER, *(f"answer.{q.key}" for q in instrument)}
    wanted = asked & known
    usual = {*USUAL, *(["preferred"] if prefers(instrument) else [])}

    def is_shown(name: str, is_usual: bool) -> bool:
        return name == ALWAYS or (name in wanted if wanted else is_usual)

    return [
        *(Column(n, label, is_shown(n, n in usual)) for n, label in BEFORE.items()),
        *(
            Column(f"answer.{q.key}", q.key, is_shown(f"answer.{q.key}", True), q)
            for q in instrument
        ),
        *(Column(n, label, is_shown(n, n in usual)) for n, label in AFTER.items()),
    ]


def prefers(instrument: Instrument) -> bool:
    return any(question.kind == Kind.PREFERENCE for question in instrument)
