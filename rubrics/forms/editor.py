"""The whole editor: a name, criteria one below the other, and what its buttons do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from rubrics.forms.criterion import CriterionForm, row_of
from rubrics.forms.values import count_in
from rubrics.instrument import Instrument
from rubrics.serialize import criteria_json
from rubrics.shape import CriterionDraft, Misshapen, read_criteria
from rubrics.shape.criterion import MOST_CRITERIA

NEW_LEVEL: dict[str, str] = {}
NEW_ROW: dict[str, Any] = {
    "levels": [NEW_LEVEL, NEW_LEVEL, NEW_LEVEL],
    "required": True,
    "rationale": "optional",
    "evidence": "none",
    "weight": "1",
}
SAVING = ["save", "publish"]
# A request has at most 1,000 fields; some are the page's own.
MOST_FIELDS = 980
TOO_LARGE = _(
    "This rubric has more levels than the editor can send at once. Download it as a "
    "file, change the file, and import it as a new version."
)


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=200,
        label=_("Name"),
        help_text=_("What people call this rubric, such as Helpfulness."),
    )
    use_required_attribute = False


class RubricEditor:
    """Criteria being edited; the act is what the pressed button asks for.

    Buttons that arrange criteria (`add`, `remove-2`, `up-2`, `down-2`) and levels
    (`add-2`, `remove-2-0`, `up-2-1`, `down-2-0`) give the same screen again with
    everything that was typed; nothing is checked until saving.
    """

    def __init__(
        self, rows: list[dict[str, Any]], *, seen: str = "", name: str | None = None
    ) -> None:
        self.act = ""
        self.seen = seen
        self.refusal = ""
        self.focus = -1
        self.name_form = None if name is None else NameForm(initial={"name": name})
        self.show(rows)

    @classmethod
    def of(cls, instrument: Instrument, *, seen: str) -> RubricEditor:
        rows = [row_of(criterion) for criterion in criteria_json(instrument)]
        return cls(rows or [NEW_ROW], seen=seen)

    @classmethod
    def blank(cls) -> RubricEditor:
        return cls([NEW_ROW], name="")

    @classmethod
    def posted(cls, data: QueryDict, *, named: bool = False) -> RubricEditor:
        size = count_in(data.get("count"), MOST_CRITERIA)
        editor = cls([], seen=data.get("seen", ""))
        editor.act = data.get("act", "save")
        editor.forms = [
            CriterionForm(data, prefix=f"c{place}") for place in range(size)
        ]
        if named:
            editor.name_form = NameForm(data)
        if editor.act not in SAVING:
            editor.arrange()
        return editor

    def show(self, rows: list[dict[str, Any]]) -> None:
        self.forms = [
            CriterionForm(initial=row, prefix=f"c{place}")
            for place, row in enumerate(rows)
        ]
        if 0 <= self.focus < len(self.forms):
            self.forms[self.focus].has_focus = True

    @property
    def is_too_large(self) -> bool:
        return sum(form.size for form in self.forms) > MOST_FIELDS

    def arrange(self) -> None:
        """Add, remove or move a criterion or a level."""
        rows = [form.typed() for form in self.forms]
        verb, _, numbers = self.act.partition("-")
        places = [
            count_in(part, MOST_FIELDS) if part.isdecimal() else -1
            for part in numbers.split("-")
        ]
        place = places[0]
        level_focus = -1
        if verb == "add" and not numbers and len(rows) < MOST_CRITERIA:
            rows.append(NEW_ROW)
            self.focus = len(rows) - 1
        elif not 0 <= place < len(rows):
            pass
        elif verb == "add":
            rows[place]["levels"].append(NEW_LEVEL)
            level_focus = len(rows[place]["levels"]) - 1
        elif len(places) == 2:
            level_focus = moved(rows[place]["levels"], verb, places[1])
        else:
            self.focus = moved(rows, verb, place)
        if self.name_form is not None:
            self.name_form = NameForm(initial={"name": self.name_form["name"].value()})
        before = self.forms
        self.show(rows)
        if self.is_too_large and verb == "add":
            self.show([form.typed() for form in before])
            self.refusal = str(TOO_LARGE)
        elif level_focus >= 0:
            self.forms[place].levels[level_focus].take_focus()

    @property
    def is_saving(self) -> bool:
        return self.act in SAVING

    @property
    def name(self) -> str:
        assert self.name_form is not None
        return str(self.name_form.cleaned_data["name"])

    def criteria(self) -> tuple[CriterionDraft, ...] | None:
        """What was typed, as drafts; None where faults are shown at their fields."""
        fits = self.name_form is None or self.name_form.is_valid()
        kinds = {form["key"].value(): form["kind"].value() for form in self.forms}
        typed = [form.as_json(kinds) for form in self.forms]
        try:
            drafts = read_criteria(typed)
        except Misshapen as misshapen:
            for fault in misshapen.faults:
                self.show_fault(fault.field, fault.message)
            return None
        return drafts if fits and all(form.is_valid() for form in self.forms) else None

    def complete(self) -> tuple[tuple[CriterionDraft, ...], list[str]]:
        """The criteria that could be saved, and the keys or places of the others."""
        kinds = {form["key"].value(): form["kind"].value() for form in self.forms}
        typed = [(place, form.as_json(kinds)) for place, form in enumerate(self.forms)]
        left_out: list[str] = []
        while typed:
            try:
                return read_criteria([criterion for _, criterion in typed]), left_out
            except Misshapen as misshapen:
                faulty = {fault.field.split(".")[1] for fault in misshapen.faults}
                for number in sorted(map(int, faulty), reverse=True):
                    place, criterion = typed.pop(number)
                    left_out.append(criterion["key"] or str(place + 1))
        return (), left_out

    def show_fault(self, path: str, message: str) -> None:
        parts = path.split(".", 2)
        if len(parts) == 3:
            self.forms[int(parts[1])].show_fault(parts[2], message)
        elif len(parts) == 2:
            self.forms[int(parts[1])].add_error(None, message)
        else:
            self.refusal = message


def moved(rows: list[Any], verb: str, place: int) -> int:
    """Move or remove one of the rows; where it is now, or -1."""
    if not 0 <= place < len(rows):
        return -1
    row = rows.pop(place)
    if verb == "remove":
        return -1
    there = max(place - 1, 0) if verb == "up" else min(place + 1, len(rows))
    rows.insert(there, row)
    return there
