"""The whole editor: a name, criteria one below the other, and what its buttons do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from rubrics.forms.criterion import CriterionForm, row_of
from rubrics.instrument import Instrument
from rubrics.serialize import criteria_json
from rubrics.shape import CriterionDraft, Misshapen, read_criteria
from rubrics.shape.criterion import MOST_CRITERIA

NEW_ROW: dict[str, Any] = {
    "required": True,
    "rationale": "optional",
    "evidence": "none",
    "weight": "1",
}
SAVING = ["save", "publish"]


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=200,
        label=_("Name"),
        help_text=_("What people call this rubric, such as Helpfulness."),
    )
    use_required_attribute = False


class RubricEditor:
    """Criteria being edited; the act is what the pressed button asks for.

    Buttons that arrange criteria (`add`, `remove-2`, `up-2`, `down-2`) give the same
    screen again with everything that was typed; nothing is checked until saving.
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
        count = data.get("count", "")
        size = min(int(count), MOST_CRITERIA) if count.isdecimal() else 0
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

    def arrange(self) -> None:
        """Add, remove or move a criterion."""
        rows = [form.typed() for form in self.forms]
        verb, _, number = self.act.partition("-")
        place = int(number) if number.isdecimal() else -1
        if verb == "add" and len(rows) < MOST_CRITERIA:
            rows.append(NEW_ROW)
            self.focus = len(rows) - 1
        elif 0 <= place < len(rows):
            row = rows.pop(place)
            if verb != "remove":
                self.focus = max(place - 1, 0) if verb == "up" else place + 1
                rows.insert(self.focus, row)
        if self.name_form is not None:
            self.name_form = NameForm(initial={"name": self.name_form["name"].value()})
        self.show(rows)

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
        typed = [form.as_json() for form in self.forms]
        try:
            drafts = read_criteria(typed)
        except Misshapen as misshapen:
            for fault in misshapen.faults:
                self.show_fault(fault.field, fault.message)
            return None
        return drafts if fits and all(form.is_valid() for form in self.forms) else None

    def show_fault(self, path: str, message: str) -> None:
        parts = path.split(".", 2)
        if len(parts) == 3:
            self.forms[int(parts[1])].show_fault(parts[2], message)
        elif len(parts) == 2:
            self.forms[int(parts[1])].add_error(None, message)
        else:
            self.refusal = message
