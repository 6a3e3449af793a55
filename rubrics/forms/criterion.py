"""One criterion in the editor: fields of text, turned into the API's JSON and back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rubrics.forms.lines import (
    TooManyParts,
    levels_text,
    number_or_text,
    read_levels,
)
from rubrics.models import EvidenceRule, Kind, RationaleRule, Target

# The API's path within a criterion → the field that shows its faults.
FIELD_OF = {
    "scale": "kind",
    "scale.kind": "kind",
    "scale.levels": "levels",
    "scale.min": "minimum",
    "scale.max": "maximum",
    "scale.step": "step",
    "scale.unit": "unit",
    "scale.ratio": "ratio",
    "scale.strength": "strength",
}
RANGE = {"min": "minimum", "max": "maximum", "step": "step"}
YES_OR_NO_TEXT = "true\nfalse"
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
    levels = forms.CharField(
        required=False,
        label=_("Levels"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "true"}),
        help_text=_(
            "One level a line, from low to high: value | label | anchor. The anchor "
            "says what the level means. Write \\n for a line break and \\| for a bar. "
            "A fourth part names another key than the level's place. Yes or no needs "
            "no levels; a preference, an order, a number and words have none."
        ),
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
    weight = forms.CharField(
        required=False,
        label=_("Weight"),
        help_text=_("Its share in a combined score; 1 when empty."),
    )

    use_required_attribute = False
    has_focus = False

    @property
    def more_is_used(self) -> bool:
        """Whether a field of the closed part is filled or at fault."""
        seldom = ["minimum", "maximum", "step", "unit", "ratio", "strength"]
        return any(self[name].value() or self[name].errors for name in seldom)

    def typed(self) -> dict[str, Any]:
        """The fields as they stand; browsers send line breaks as CR LF."""
        values = {name: self[name].value() for name in self.fields}
        return {
            name: value if isinstance(value, bool) else unix_lines(value or "")
            for name, value in values.items()
        }

    def as_json(self) -> dict[str, Any]:
        """What was typed in the API's shape; faults of the lines become errors here."""
        typed = self.typed()
        kind = typed["kind"]
        scale: dict[str, Any] = {"kind": kind} if kind else {}
        if typed["levels"].strip():
            scale["levels"] = self.levels_typed(typed["levels"], kind)
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
        return criterion

    def levels_typed(self, text: str, kind: str) -> list[dict[str, Any]]:
        try:
            return read_levels(text, kind)
        except TooManyParts as fault:
            self.add_error("levels", str(fault))
            return []

    def show_fault(self, path: str, message: str) -> None:
        """Put a fault, named as the API names it, at the field it is about."""
        field = FIELD_OF.get(path, path)
        if path.startswith("scale.levels."):
            field = "levels"
            place = int(path.split(".")[2]) + 1
            message = gettext("Level %(place)s: %(message)s") % {
                "place": place,
                "message": message,
            }
        if field not in self.fields:
            self.add_error(None, message)
        elif self[field].value() or field not in self.errors:
            # An empty field that is at fault already says that it is required.
            self.add_error(field, message)


def unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def row_of(criterion: dict[str, Any]) -> dict[str, Any]:
    """The fields' first values, from the API's JSON of a criterion."""
    scale = criterion["scale"]
    levels = levels_text(scale.get("levels", []))
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
        "levels": "" if levels == YES_OR_NO_TEXT else levels,
        **{field: str(scale.get(name, "")) for name, field in RANGE.items()},
        "unit": scale.get("unit", ""),
        "ratio": scale.get("ratio", False),
        "strength": scale.get("strength", False),
        "rationale": rule,
        "rationale_below": below,
        "evidence": criterion["evidence"],
        "weight": str(criterion["weight"]),
    }
