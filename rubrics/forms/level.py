"""One level in the editor: a row of fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rubrics.forms.values import natural, unix_lines, value_text
from rubrics.shape.scale import YES_OR_NO

PARTS = ["value", "label", "anchor", "hotkey"]


class LevelForm(forms.Form):
    """What is typed; an empty row is no level."""

    value = forms.CharField(
        required=False,
        label=_("Value"),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )
    label = forms.CharField(required=False, label=_("Label"))
    anchor = forms.CharField(
        required=False,
        strip=False,
        label=_("Anchor"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    hotkey = forms.CharField(
        required=False,
        label=_("Key"),
        widget=forms.TextInput(
            attrs={"autocapitalize": "off", "spellcheck": "false", "maxlength": "1"}
        ),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A label of several lines, posted by API, would lose them in one line."""
        super().__init__(*args, **kwargs)
        if "\n" in (self["label"].value() or ""):
            self.fields["label"].widget = forms.Textarea(attrs={"rows": 2})

    def take_focus(self) -> None:
        self.fields["value"].widget.attrs["autofocus"] = True

    def typed(self) -> dict[str, str]:
        return {name: unix_lines(self[name].value() or "").strip() for name in PARTS}

    @property
    def is_empty(self) -> bool:
        return not any(self.typed().values())

    def as_json(self, kind: str) -> dict[str, Any]:
        typed = self.typed()
        level: dict[str, Any] = {name: text for name, text in typed.items() if text}
        if typed["value"]:
            level["value"] = natural(typed["value"], kind)
        return level


def level_rows(levels: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The rows' first values from the API's JSON; defaults are left out.

    Keys that only say a level's place would not move with it.
    """
    places = [str(place) for place, _ in enumerate(levels, start=1)]
    keys = [level.get("hotkey", "") for level in levels]
    rows = [level_row(level) for level in levels]
    if keys != places:
        rows = [row | {"hotkey": key} for row, key in zip(rows, keys, strict=True)]
    plain = all(not any(row[name] for name in PARTS[1:]) for row in rows)
    is_yes_or_no = [row["value"] for row in rows] == ["true", "false"]
    return [] if plain and is_yes_or_no else rows


def level_row(level: dict[str, Any]) -> dict[str, str]:
    value = level["value"]
    default = YES_OR_NO[value].label if isinstance(value, bool) else str(value)
    label = level.get("label", "")
    return {
        "value": value_text(value),
        "label": "" if label == default else label,
        "anchor": level.get("anchor", ""),
        "hotkey": "",
    }
