"""Characters that nobody sees, made visible: they can turn or hide what is read.

Each becomes one sign with its name, so that places in a text stay what they were.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.html import escape

SIGNS = {
    **dict.fromkeys("\u202a\u2066", "→"),
    **dict.fromkeys("\u202b\u2067", "←"),
    "\u202d": "⇒",
    "\u202e": "⇐",
    "\u2068": "↔",
    **dict.fromkeys("\u202c\u2069", "↑"),
    "\u200e": "›",
    **dict.fromkeys("\u200f\u061c", "‹"),
    **dict.fromkeys("\u2028\u2029", "¶"),
    "\x7f": "␡",
}
INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-"
    "\ufffb\U000e0000-\U000e0fff"
)
ANY = re.compile(f"[{INVISIBLE}]")
# What is no sign: a tag of the markup; joiners within a script or an emoji, which
# spell the word; the tags of a flag, behind its black flag.
PIECE = re.compile(
    r"<[^>]*>"
    "|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
    "|(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])"
    f"|(?P<sign>[{INVISIBLE}])"
)


def with_signs(html: str) -> str:
    """Safe markup with its invisible characters as signs."""
    return PIECE.sub(sign, html) if ANY.search(html) else html


def sign(found: re.Match[str]) -> str:
    if found["sign"] is None:
        return found[0]
    character = found[0]
    name = unicodedata.name(character, "CONTROL CHARACTER")
    title = escape(f"U+{ord(character):04X} {name}")
    return f'<span class="sign" title="{title}">{shown_as(character)}</span>'


def shown_as(character: str) -> str:
    if character in SIGNS:
        return SIGNS[character]
    return chr(0x2400 + ord(character)) if character < " " else "¦"
