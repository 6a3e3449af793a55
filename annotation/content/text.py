"""Content as plain words. Marked passages count their places in `as_text`."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from annotation.content.chat import (
    Called,
    Piece,
    Returned,
    Said,
    Shown,
    Thought,
    Value,
    messages_in,
    pieces_of,
)
from annotation.content.media import is_media, media_in_words


def as_text(content: Any) -> str:
    """Content as words to read: text as it is, messages by turn, the rest as JSON."""
    if isinstance(content, str):
        return content
    if is_conversation(content):
        return "\n\n".join(text_of(message) for message in content)
    if is_media(content):
        return media_in_words(content)
    return as_json(content, indent=2)


def as_json(content: Any, *, indent: int | None = None) -> str:
    """JSON in which media are a few words: their addresses may name a system."""
    return json.dumps(with_words(content), indent=indent, ensure_ascii=False)


def with_words(content: Any) -> Any:
    if isinstance(content, list):
        return [with_words(one) for one in content]
    if not isinstance(content, dict):
        return content
    if is_media(content):
        return media_in_words(content)
    return {name: with_words(one) for name, one in content.items()}


def is_conversation(content: Any) -> bool:
    return (
        isinstance(content, list)
        and all(isinstance(message, dict) and "role" in message for message in content)
        and bool(content)
    )


def text_of(message: dict[str, Any]) -> str:
    """A message's text; parts and tool calls that are no text are shown as JSON."""
    content = message.get("content")
    if isinstance(content, str) and len(message) <= 2:
        return content
    if isinstance(content, list):
        parts = [
            media_in_words(part) if is_media(part) else text_of_part(part)
            for part in content
        ]
        return "\n\n".join(parts)
    extra = {k: v for k, v in message.items() if k not in ("role", "content")}
    words = [content] if isinstance(content, str) and content else []
    if extra:
        words.append(f"```\n{as_json(extra, indent=2)}\n```")
    return "\n\n".join(words)


def text_of_part(part: Any) -> str:
    if not isinstance(part, dict):
        return str(part)
    text = part.get("text")
    return text if isinstance(text, str) else as_json(part)


def words_in(content: Any) -> int:
    return len(own_words(content).split())


def own_words(content: Any) -> str:
    """Content as words to read, without the few words that stand for media.

    >>> own_words([{"role": "user", "content": [{"type": "image", "url": "media:1"}]}])
    ''
    """
    if isinstance(content, str):
        return content
    if isinstance(content, dict) and "role" in content:
        content = [content]
    left = without_media(content)
    return "" if left is None else as_text(left)


def without_media(content: Any) -> Any:
    """What is left beside images, audio and video; None when nothing is."""
    if is_media(content):
        return None
    if isinstance(content, list):
        parts = [left for one in content if (left := without_media(one)) is not None]
        return parts or None
    if isinstance(content, dict):
        fields = {name: without_media(one) for name, one in content.items()}
        return {name: one for name, one in fields.items() if one is not None} or None
    return content


def first_words(content: Any, most: int = 160) -> str:
    """One line that tells which item it is.

    >>> first_words("Where is\\n  my refund?", most=11)
    'Where is m…'
    """
    line = " ".join(as_line(content)[: 2 * most].split())
    return line if len(line) <= most else line[: most - 1] + "…"


def as_line(content: Any) -> str:
    """As text, but a call of a tool is no more than its name."""
    messages = [] if isinstance(content, str) else messages_in(content)
    if not messages:
        return as_text(content)
    return "\n".join(line_of(message) for message in messages)


def line_of(message: dict[str, Any]) -> str:
    if isinstance(message.get("content"), str) and len(message) <= 2:
        return str(message["content"])
    return "\n".join(filter(None, map(piece_in_line, pieces_of(message))))


def piece_in_line(piece: Piece) -> str:
    match piece:
        case Said(passage):
            return passage.text
        case Shown(part):
            return media_in_words(part)
        case Thought(text):
            return text
        case Called(name=name):
            return _("calls %(name)s") % {"name": name or _("a tool")}
        case Returned(result=value) | Value(value):
            return value if isinstance(value, str) else as_json(value)
