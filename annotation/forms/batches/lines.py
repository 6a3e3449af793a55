"""What people write line by line: ids, conditions, who judges what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from config.text import Unreadable, read_json


class LinesField(forms.CharField):
    """Lines of text, without empty ones and without doubles."""

    def __init__(self, rows: int = 3, **options: Any) -> None:
        widget = forms.Textarea(
            attrs={"rows": rows, "dir": "auto", "spellcheck": "false"}
        )
        super().__init__(widget=widget, required=False, **options)

    def clean(self, value: Any) -> list[str]:
        lines = (line.strip() for line in super().clean(value).splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class ConditionsField(LinesField):
    """Lines of `name = value`; the same name twice means one or the other."""

    def clean(self, value: Any) -> dict[str, list[Any]]:  # type: ignore[override]
        found: dict[str, list[Any]] = {}
        for line in super().clean(value):
            name, sign, said = (part.strip() for part in line.partition("="))
            if not (name and sign and said):
                words = _("Write each line as name = value; “%(line)s” is none.")
                raise forms.ValidationError(words % {"line": line})
            found.setdefault(name, []).append(read_value(said))
        return found


def read_value(said: str) -> Any:
    """A number, true, false or null as such; text in quotes or without.

    >>> [read_value(said) for said in ("3", "true", '"3"', "pro")]
    [3, True, '3', 'pro']
    """
    try:
        value = read_json(said)
    except Unreadable:
        return said
    return said if isinstance(value, (list, dict)) else value


class AssignedField(LinesField):
    """Lines of an id and the e-mail addresses of who judges it."""

    def clean(self, value: Any) -> list[tuple[str, list[str]]]:  # type: ignore[override]
        found = []
        for line in super().clean(value):
            words = line.replace(",", " ").split()
            people: list[str] = []
            while words and "@" in words[-1]:
                people.insert(0, words.pop())
            if not words or not people:
                fault = _(
                    "Write each line as an id and e-mail addresses; “%(line)s” is none."
                )
                raise forms.ValidationError(fault % {"line": line})
            found.append((" ".join(words), people))
        return found
