"""One criterion in the editor: fields of text, turned into the API's JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rubrics.forms.level import LevelForm, level_rows
from rubrics.forms.values import (
    count_in,
    natural,
    number_or_text,
    unix_lines,
    value_text,
)
from rubrics.models import EvidenceRule, Kind, RationaleRule, Target
from rubrics.shape.scale import MOST_LEVELS

# The API's path within a criterion → the field that shows its faults.
FIELD_OF = {
    "scale": "kind",
    "scale.kind": "kind",
    "scale.min": "minimum",
    "scale.max": "maximum",
    "scale.step": "step",
    "scale.unit": "unit",
    "scale.ratio": "ratio",
    "scale.strength": "strength",
    "when.criterion": "when",
    "when.is": "when_is",
}
RANGE = {"min": "minimum", "max": "maximum", "step": "step"}
SELDOM = ["minimum", "maximum", "step", "unit", "ratio", "strength"]
RULES = {
    RationaleRule.NONE: _("No"),
    RationaleRule.OPTIONAL: _("May be given"),
    RationaleRule.REQUIRED: _("Always required"),
    RationaleRule.BELOW: _("Required below a number"),
}
EVIDENCE = {
    EvidenceRule.NONE: _("No"),
    EvidenceRule.OPTIONAL: _("May be marked"),
    EvidenceRule.REQUIRED: _("Always required"),
}


class CriterionForm(forms.Form):
    """What is typed; rubrics.shape decides whether it is a criterion."""

    key = forms.CharField(
        label=_("Key"),
        help_text=_(
            "Its name in exports and the API, such as accuracy. Lower-case letters, "
            "digits, - and _."
        ),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )
    question = forms.CharField(label=_("Question"))
    help = forms.CharField(
        required=False,
        label=_("Help"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What to look at, and what belongs to another criterion."),
    )
    kind = forms.ChoiceField(
        label=_("Scale"), choices=[("", _("Choose a scale")), *Kind.choices]
    )
    target = forms.ChoiceField(
        required=False,
        label=_("Asked of"),
        choices=[("", _("what suits the scale")), *Target.choices],
    )
    minimum = forms.CharField(required=False, label=_("Minimum"))
    maximum = forms.CharField(required=False, label=_("Maximum"))
    step = forms.CharField(required=False, label=_("Step"))
    unit = forms.CharField(
        required=False, label=_("Unit of the number"), help_text=_("Such as minutes.")
    )
    ratio = forms.BooleanField(
        required=False, label=_("Zero means none (a ratio scale)")
    )
    strength = forms.BooleanField(
        required=False, label=_("Ask how much better (preferences)")
    )
    required = forms.BooleanField(required=False, label=_("An answer is required"))
    allow_not_applicable = forms.BooleanField(
        required=False, label=_("“Not applicable” may be answered")
    )
    allow_cannot_judge = forms.BooleanField(
        required=False, label=_("“Cannot judge” may be answered")
    )
    rationale = forms.ChoiceField(
        required=False,
        choices=list(RULES.items()),
        label=_("Words to explain the answer"),
    )
    rationale_below = forms.CharField(required=False, label=_("Required below"))
    evidence = forms.ChoiceField(
        required=False,
        choices=list(EVIDENCE.items()),
        label=_("Words of the output as evidence"),
    )
    when = forms.CharField(
        required=False,
        label=_("Ask only after"),
        help_text=_(
            "The key of an earlier criterion with levels; empty: it is always asked."
        ),
        widget=forms.TextInput(
            attrs={"autocapitalize": "off", "spellcheck": "false", "list": "keys"}
        ),
    )
    when_is = forms.CharField(
        required=False,
        label=_("… was answered by one of"),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("Its values, one a line, such as 1 or yes."),
    )
    weight = forms.CharField(
        required=False,
        label=_("Weight"),
        help_text=_("Its share in a combined score; 1 when empty."),
    )

    use_required_attribute = False
    has_focus = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.levels = [
                LevelForm(self.data, prefix=self.add_prefix(f"l{place}"))
                for place in range(
                    count_in(self.data.get(self.add_prefix("levels")), MOST_LEVELS)
                )
            ]
        else:
            self.levels = [
                LevelForm(initial=row, prefix=self.add_prefix(f"l{place}"))
                for place, row in enumerate(self.initial.get("levels", []))
            ]
        self.level_faults: list[str] = []

    @property
    def more_is_used(self) -> bool:
        """Whether a field of the closed part is filled or at fault."""
        return any(self[name].value() or self[name].errors for name in SELDOM)

    @property
    def filled_levels(self) -> list[LevelForm]:
        return [level for level in self.levels if not level.is_empty]

    @property
    def size(self) -> int:
        """How many fields a browser may send of it."""
        return len(self.fields) + 4 * len(self.levels) + 1

    @property
    def has_faults(self) -> bool:
        return bool(self.errors or self.level_faults) or any(
            level.errors for level in self.levels
        )

    def typed(self) -> dict[str, Any]:
        """The fields as they stand, its levels too."""
        values = {name: self[name].value() for name in self.fields}
        return {
            name: value if isinstance(value, bool) else unix_lines(value or "")
            for name, value in values.items()
        } | {"levels": [level.typed() for level in self.levels]}

    def as_json(self, kinds: Mapping[str, str]) -> dict[str, Any]:
        """What was typed in the API's shape.

        `kinds` are the scales by key: what is typed of another's values depends on it.
        """
        typed = self.typed()
        kind = typed["kind"]
        scale: dict[str, Any] = {"kind": kind} if kind else {}
        if filled := self.filled_levels:
            scale["levels"] = [level.as_json(kind) for level in filled]
        for name, field in RANGE.items():
            if typed[field].strip():
                scale[name] = number_or_text(typed[field])
        if typed["unit"].strip():
            scale["unit"] = typed["unit"].strip()
        scale |= {name: True for name in ["ratio", "strength"] if typed[name]}
        criterion = {
            "key": typed["key"].strip(),
            "question": typed["question"].strip(),
            "help": typed["help"].strip(),
            "scale": scale,
            "required": typed["required"],
            "allow_not_applicable": typed["allow_not_applicable"],
            "allow_cannot_judge": typed["allow_cannot_judge"],
            "rationale": typed["rationale"] or "optional",
            "evidence": typed["evidence"] or "none",
        }
        if typed["target"]:
            criterion["target"] = typed["target"]
        if typed["weight"].strip():
            criterion["weight"] = number_or_text(typed["weight"])
        if typed["rationale"] == RationaleRule.BELOW:
            criterion["rationale"] = f"below:{typed['rationale_below'].strip()}"
        key, values = typed["when"].strip(), typed["when_is"].strip()
        if key or values:
            kind = kinds.get(key, "")
            criterion["when"] = {
                "criterion": key,
                "is": [
                    natural(line.strip(), kind)
                    for line in values.split("\n")
                    if line.strip()
                ],
            }
        return criterion

    def show_fault(self, path: str, message: str) -> None:
        """Put a fault, named as the API names it, at the field it is about."""
        field = FIELD_OF.get(path, path)
        if path.startswith("scale.levels."):
            _scale, _levels, place, *rest = path.split(".")
            level = self.filled_levels[int(place)]
            level.is_valid()  # It is read before a fault can be added to it.
            level.add_error(rest[0] if rest else None, message)
            return
        if path == "scale.levels":
            self.level_faults.append(message)
            return
        if path.startswith("when.is."):
            field = "when_is"
        if field not in self.fields:
            self.add_error(None, message)
        elif self[field].value() or field not in self.errors:
            # An empty field that is at fault already says that it is required.
            self.add_error(field, message)


def row_of(criterion: dict[str, Any]) -> dict[str, Any]:
    """The fields' first values, from the API's JSON of a criterion."""
    scale = criterion["scale"]
    when = criterion.get("when", {})
    rule, _, below = criterion["rationale"].partition(":")
    row = {
        name: criterion[name]
        for name in [
            "key",
            "question",
            "help",
            "target",
            "required",
            "allow_not_applicable",
            "allow_cannot_judge",
        ]
    }
    return {
        **row,
        "kind": scale["kind"],
        "levels": level_rows(scale.get("levels", [])),
        **{field: str(scale.get(name, "")) for name, field in RANGE.items()},
        "unit": scale.get("unit", ""),
        "ratio": scale.get("ratio", False),
        "strength": scale.get("strength", False),
        "rationale": rule,
        "rationale_below": below,
        "evidence": criterion["evidence"],
        "when": when.get("criterion", ""),
        "when_is": "\n".join(value_text(value) for value in when.get("is", [])),
        "weight": str(criterion["weight"]),
    }
