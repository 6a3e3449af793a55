"""Reading JSON objects field by field: every fault is noted, none stops the reading."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from config.text import Unreadable, clean_text

# Beyond it a float no longer tells neighbouring integers apart.
LARGEST = 10**15


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field: its path from the body, and a sentence."""

    field: str
    message: str


class Misshapen(ValueError):
    """The body is no rubric; `faults` has every reason."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{f.field}: {f.message}" for f in faults))
        self.faults = faults

    def errors(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.faults]


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, path: str, message: str) -> None:
        self.found.append(Fault(path, message))

    def refuse_any(self) -> None:
        if self.found:
            raise Misshapen(self.found)


class Fields:
    """The fields of one JSON object. A getter that finds a fault returns its default.

    A field that is null counts as left out.
    """

    def __init__(
        self, source: object, path: str, known: Collection[str], faults: Faults
    ) -> None:
        self.path = path
        self.faults = faults
        self.source: Mapping[str, Any] = source if isinstance(source, dict) else {}
        self.is_object = isinstance(source, dict)
        if not self.is_object:
            faults.add(path, _("This must be an object."))
        for name in self.source:
            if name not in known:
                self.fault(
                    name,
                    _("Unknown field; known are %(fields)s.")
                    % {"fields": ", ".join(known)},
                )

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def fault(self, name: str, message: str) -> None:
        self.faults.add(self.at(name), message)

    def has(self, name: str) -> bool:
        return self.source.get(name) is not None

    def text(
        self, name: str, *, longest: int, default: str = "", required: bool = False
    ) -> str:
        if not self.has(name):
            if required:
                self.fault(name, _("This field is required."))
            return default
        text = read_text(self.source[name], self.at(name), longest, self.faults)
        if required and text is not None and not text.strip():
            self.fault(name, _("This field may not be blank."))
        return default if text is None else text

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        if not self.has(name):
            return default
        value = self.source[name]
        if not isinstance(value, str) or value not in choices:
            self.fault(
                name, _("Use one of %(choices)s.") % {"choices": ", ".join(choices)}
            )
            return default
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.source[name] if self.has(name) else default
        if not isinstance(value, bool):
            self.fault(name, _("Use true or false."))
            return default
        return value

    def number(self, name: str) -> float | None:
        if not self.has(name):
            return None
        return read_number(self.source[name], self.at(name), self.faults)

    def items(self, name: str, most: int) -> list[Any] | None:
        value = self.source[name] if self.has(name) else []
        if not isinstance(value, list):
            self.fault(name, _("This must be a list."))
            return None
        if len(value) > most:
            self.fault(
                name,
                _("There are %(count)s; at most %(most)s are allowed.")
                % {"count": len(value), "most": most},
            )
            return None
        return value


def read_text(value: object, path: str, longest: int, faults: Faults) -> str | None:
    if not isinstance(value, str):
        faults.add(path, _("This must be text."))
        return None
    try:
        clean_text(value)
    except Unreadable as error:
        faults.add(path, str(error))
        return None
    if len(value) > longest:
        faults.add(
            path,
            _("At most %(most)s characters are allowed.") % {"most": intcomma(longest)},
        )
        return None
    return value


def read_number(value: object, path: str, faults: Faults) -> float | None:
    # True and False are ints to Python and no numbers to anybody else.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        faults.add(path, _("This must be a number."))
        return None
    if not abs(value) <= LARGEST or not math.isfinite(value):
        faults.add(path, _("The number is too large."))
        return None
    return float(value)
