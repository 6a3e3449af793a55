r"""Levels as lines of text: `value | label | anchor | hotkey`, only the first needed.

Within a part `\|` is a bar, `\n` a line break and `\\` a backslash.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from rubrics.models import Kind
from rubrics.shape.scale import YES_OR_NO

SEPARATOR = re.compile(r"(?:\\.|[^|\\]|\\$)*")
ESCAPED = re.compile(r"\\([\\|nr])")
NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
SPELT = {"\\": "\\\\", "|": "\\|", "\n": "\\n", "\r": "\\r"}
MEANT = {"\\": "\\", "|": "|", "n": "\n", "r": "\r"}
YES_AND_NO = {"true": True, "yes": True, "false": False, "no": False}
PARTS = ["value", "label", "anchor", "hotkey"]


class TooManyParts(ValueError):
    """A line has a fifth part; the message says which."""


def levels_text(levels: list[dict[str, Any]]) -> str:
    """Write levels, as the API spells them, one to a line; defaults are left out."""
    places = [str(place) for place, _ in enumerate(levels, start=1)]
    hotkeys = [level.get("hotkey", "") for level in levels]
    usual = hotkeys == places or not any(hotkeys)
    return "\n".join(line_of(level, with_hotkey=not usual) for level in levels)


def line_of(level: dict[str, Any], *, with_hotkey: bool) -> str:
    value = level["value"]
    default = YES_OR_NO[value].label if isinstance(value, bool) else str(value)
    label = level.get("label", "")
    parts = [
        str(value).lower() if isinstance(value, bool) else str(value),
        "" if label == default else label,
        level.get("anchor", ""),
        level.get("hotkey", "") if with_hotkey else "",
    ]
    while not parts[-1]:
        parts.pop()
    return " | ".join(escape(part) for part in parts)


def read_levels(text: str, kind: str) -> list[dict[str, Any]]:
    """Read the lines back into levels as the API spells them; blank lines are none."""
    lines = [line for line in text.split("\n") if line.strip()]
    return [read_line(line, place, kind) for place, line in enumerate(lines, start=1)]


def read_line(line: str, place: int, kind: str) -> dict[str, Any]:
    parts = [unescape(part.strip()) for part in split(line)]
    if len(parts) > len(PARTS):
        raise TooManyParts(
            _("Level %(place)s has %(count)s parts; write \\| for a bar within a text.")
            % {"place": place, "count": len(parts)}
        )
    level: dict[str, Any] = dict(zip(PARTS, parts, strict=False))
    if kind == Kind.ORDINAL:
        level["value"] = number_or_text(level["value"])
    elif kind == Kind.BINARY:
        level["value"] = YES_AND_NO.get(level["value"].lower(), level["value"])
    return level


def number_or_text(text: str) -> int | float | str:
    """The number that was typed, or the text for the reader to find fault with."""
    text = text.strip()
    if not NUMBER.fullmatch(text) or len(text) > 40:
        return text
    return float(text) if set(text) & set(".eE") else int(text)


def split(line: str) -> list[str]:
    parts = []
    place = 0
    while match := SEPARATOR.match(line, place):
        parts.append(match[0])
        place = match.end() + 1
        if match.end() >= len(line):
            break
    return parts


def escape(text: str) -> str:
    return "".join(SPELT.get(char, char) for char in text)


def unescape(text: str) -> str:
    return ESCAPED.sub(lambda match: MEANT[match[1]], text)
