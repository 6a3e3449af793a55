"""Values of scales as they are typed, and as the API spells them."""

from __future__ import annotations

import re
from typing import Any

from rubrics.models import Kind

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
LONGEST_COUNT = 9  # digits; thousands of them are read as no number at all
YES_AND_NO = {"true": True, "yes": True, "false": False, "no": False}


def natural(text: str, kind: str) -> Any:
    """A value of this kind of scale as the API spells it, from what was typed."""
    if kind == Kind.ORDINAL:
        return number_or_text(text)
    if kind == Kind.BINARY:
        return YES_AND_NO.get(text.lower(), text)
    return text


def value_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def number_or_text(text: str) -> int | float | str:
    """The number that was typed, or the text for the reader to find fault with."""
    text = text.strip()
    if not NUMBER.fullmatch(text) or len(text) > 40:
        return text
    return float(text) if set(text) & set(".eE") else int(text)


def count_in(text: str | None, most: int) -> int:
    """How many a browser says that it sends; never more than there may be."""
    if not text or not text.isdecimal():
        return 0
    return min(int(text), most) if len(text) <= LONGEST_COUNT else most


def unix_lines(text: str) -> str:
    """Browsers send line breaks as CR LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
