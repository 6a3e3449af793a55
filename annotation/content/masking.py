"""Names hidden from annotators: each becomes blocks of its own length, so offsets stay.

A name ends where its letters and digits end, or before a genitive s ("OpenAIs"). Only
Latin letters and digits bound it, since Chinese or Japanese leave no space around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

BLOCK = "█"
# A second key that would become the same blocks takes these in their place.
OTHER_BLOCKS = "▓▒░"
BEFORE = "(?<![A-Za-z0-9])"
AFTER = "(?=s?(?![A-Za-z0-9]))"
# Tags as they are, and blocks in text, but for those in a bar drawn with lighter ones.
BLOCKS = re.compile("<[^<>]*>|(?<![█-▓])(?P<name>█{2,}+)(?![▉-▓])")


def masked(content: Any, masks: Iterable[str]) -> Any:
    """Content with every occurrence of these names as blocks of the same length.

    >>> masked("I am ChatGPT, made by OpenAI.", ["openai", "ChatGPT"])
    'I am ███████, made by ██████.'
    """
    names = tuple(masks)
    if not names:
        return content
    pattern = pattern_of(names)
    return mapped(content, lambda text: pattern.sub(blocks, text))


def blocks(match: re.Match[str]) -> str:
    return BLOCK * len(match[0])


@lru_cache(maxsize=1_000)
def pattern_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all these names, the longer first."""
    longest_first = sorted(names, key=len, reverse=True)
    either = "|".join(re.escape(name) for name in longest_first)
    return re.compile(f"{BEFORE}(?:{either}){AFTER}", re.IGNORECASE)


def mapped(content: Any, change: Callable[[str], str]) -> Any:
    """The same structure with every text in it changed, keys too."""
    if isinstance(content, str):
        return change(content)
    if isinstance(content, list):
        return [mapped(one, change) for one in content]
    if isinstance(content, dict):
        changed: dict[str, Any] = {}
        for key, value in content.items():
            changed[unused(change(key), changed)] = mapped(value, change)
        return changed
    return content


def unused(key: str, taken: dict[str, Any]) -> str:
    """A key of the same length that no other has: two names may be equally long."""
    for other in OTHER_BLOCKS:
        for count in range(1, key.count(BLOCK) + 1):
            if key not in taken:
                return key
            key = key.replace(BLOCK, other, count)
    return key


def texts(content: Any) -> Iterator[str]:
    """Every text in the content, keys too; media that stand in it as data are none."""
    if isinstance(content, str):
        if not content.startswith("data:"):
            yield content
    elif isinstance(content, list):
        for one in content:
            yield from texts(one)
    elif isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from texts(value)


def spoken(html: SafeString) -> SafeString:
    """Rendered output in which a screen reader says what the blocks stand for."""
    if BLOCK not in html:
        return html
    named = _("hidden name")
    said = BLOCKS.sub(
        lambda match: (
            format_html(
                '<span class="mask" role="img" aria-label="{}">{}</span>',
                named,
                match[0],
            )
            if match["name"]
            else match[0]
        ),
        html,
    )
    return mark_safe(said)  # noqa: S308 (blocks of safe HTML, wrapped)
