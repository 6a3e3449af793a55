"""Conversations as turns: who speaks, what is said, which tools are called.

Reads the messages of chat APIs with their parts, tool calls and tool results, and the
items of the Responses API. A result stands beneath the call that it answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from annotation.content.folding import Passage, passages
from annotation.content.media import is_media

TEXTS = ("text", "input_text", "output_text", "refusal", "summary_text")
THOUGHTS = ("reasoning", "thinking")
CALLS = ("function_call", "tool_call", "tool_use", "custom_tool_call")
RESULTS = ("function_call_output", "tool_result", "custom_tool_call_output")
ITEMS = ("message", "reasoning", *CALLS, *RESULTS)


@dataclass(frozen=True)
class Said:
    """Words, or as many of them as stand in one part."""

    passage: Passage


@dataclass(frozen=True)
class Shown:
    """An image, audio or video."""

    part: dict[str, Any]


@dataclass(frozen=True)
class Thought:
    text: str


@dataclass
class Called:
    """A call of a tool, and what came back once it did."""

    name: str
    arguments: Any
    id: str = ""
    result: Any = None
    has_result: bool = False


@dataclass(frozen=True)
class Returned:
    """A tool's result whose call is not in the conversation."""

    name: str
    result: Any
    id: str = ""


@dataclass(frozen=True)
class Value:
    """Anything else, as JSON."""

    value: Any


Piece = Said | Shown | Thought | Called | Returned | Value


@dataclass
class Turn:
    """One speaker's pieces; a long turn goes on in further ones without a role."""

    role: str
    number: int
    pieces: list[Piece] = field(default_factory=list)
    goes_on: bool = False
    place: int = 0

    @property
    def words(self) -> int:
        return sum(
            piece.passage.words for piece in self.pieces if isinstance(piece, Said)
        )


def messages_in(content: Any) -> list[dict[str, Any]]:
    """The messages of a conversation; none when the content is no conversation."""
    if isinstance(content, dict) and ("content" in content or "tool_calls" in content):
        known = {"role", "content", "tool_calls", "name", "refusal", "type", "id"}
        return [content] if set(content) <= known | {"status", "phase"} else []
    if isinstance(content, list) and all(map(is_message, content)):
        return content
    return []


def is_message(message: Any) -> bool:
    return isinstance(message, dict) and (
        "role" in message or message.get("type") in ITEMS
    )


def turns_of(messages: list[dict[str, Any]]) -> list[Turn]:
    """The turns of a conversation, results paired with their calls."""
    turns: list[Turn] = []
    waiting: list[Called] = []
    for message in messages:
        number = turns[-1].number + 1 if turns else 1
        turn = Turn(role_of(message), number)
        for piece in pieces_of(message):
            if isinstance(piece, Returned):
                call = call_for(piece, waiting)
                if call is not None:
                    call.result, call.has_result = piece.result, True
                    continue
            if isinstance(piece, Called):
                waiting.append(piece)
            turn.pieces.append(piece)
        is_answered = not turn.pieces and is_only_results(message)
        if not is_answered:
            turns.extend(in_parts(turn))
    for place, turn in enumerate(turns):
        turn.place = place
    return turns


def is_only_results(message: dict[str, Any]) -> bool:
    """True for a message that does no more than bring back results."""
    return any(isinstance(piece, Returned) for piece in pieces_of(message))


def in_parts(turn: Turn) -> Iterator[Turn]:
    """A turn with a very long text goes on in turns of its own."""
    current = turn
    pieces, turn.pieces = turn.pieces, []
    for piece in pieces:
        if isinstance(piece, Said) and piece.passage.start > 0:
            yield current
            current = Turn("", turn.number, [], goes_on=True)
        current.pieces.append(piece)
    yield current


def role_of(message: dict[str, Any]) -> str:
    if message.get("type") in (*CALLS, "reasoning"):
        return "assistant"
    if message.get("type") in RESULTS:
        return "tool"
    role, name = str(message.get("role", "")), message.get("name")
    return f"{role} · {name}" if isinstance(name, str) and name else role


def pieces_of(message: dict[str, Any]) -> Iterator[Piece]:
    """What one message says, in its order."""
    kind = message.get("type")
    if kind in CALLS or kind in RESULTS or kind == "reasoning":
        yield piece_of(message)
        return
    if isinstance(message.get("reasoning_content"), str):
        yield Thought(message["reasoning_content"])
    content = message.get("content")
    if message.get("role") in ("tool", "function"):
        id_ = str(message.get("tool_call_id") or "")
        yield Returned(str(message.get("name") or ""), readable(content), id_)
    elif isinstance(content, str):
        yield from said(content)
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, dict) and part.get("type") in TEXTS and text_in(part):
                yield from said(text_in(part))
            elif isinstance(part, str):
                yield from said(part)
            else:
                yield piece_of(part)
    elif content is not None:
        yield Shown(content) if is_media(content) else Value(content)
    if isinstance(message.get("refusal"), str) and message["refusal"]:
        yield from said(message["refusal"])
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        yield called(call)
    if isinstance(message.get("function_call"), dict):
        yield called({"function": message["function_call"]})


def said(text: str) -> Iterator[Said]:
    if text:
        yield from map(Said, passages(text))


def text_in(part: dict[str, Any]) -> str:
    for name in ("text", "refusal"):
        if isinstance(part.get(name), str):
            return str(part[name])
    return ""


def piece_of(part: Any) -> Piece:
    """A part of a message, or an item that stands for a message."""
    if is_media(part):
        return Shown(part)
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in CALLS:
        return called(part)
    if kind in RESULTS:
        result = part.get("output", part.get("content"))
        id_ = str(part.get("call_id") or part.get("tool_use_id") or "")
        return Returned(str(part.get("name") or ""), readable(result), id_)
    if kind in THOUGHTS:
        return Thought(thought_in(part))
    if isinstance(part, dict) and set(part) <= {"type", "text"} and text_in(part):
        text = text_in(part)
        return Said(Passage(text, words=len(text.split())))
    return Value(part)


def thought_in(part: dict[str, Any]) -> str:
    """Reasoning in words, or its summaries; providers' sealed forms have none."""
    for name in ("thinking", "text"):
        if isinstance(part.get(name), str):
            return str(part[name])
    found = [*listed(part.get("summary")), *listed(part.get("content"))]
    return "\n\n".join(text_in(text) for text in found if isinstance(text, dict))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def called(call: Any) -> Piece:
    """A call in either API's shape: the function apart, or its fields at once."""
    if not isinstance(call, dict):
        return Value(call)
    inner = call.get("function")
    function = inner if isinstance(inner, dict) else call
    arguments = function.get("arguments", function.get("input"))
    return Called(
        name=str(function.get("name") or ""),
        arguments=readable(arguments),
        id=str(call.get("call_id") or call.get("id") or ""),
    )


def readable(value: Any) -> Any:
    """What a tool got or gave: JSON out of its string, text out of text parts."""
    if isinstance(value, str):
        try:
            found = json.loads(value) if value.strip()[:1] in ("{", "[") else value
        except (ValueError, RecursionError):
            return value
        return found
    if isinstance(value, list) and value:
        texts = [text_in(part) for part in value if is_text_part(part)]
        if len(texts) == len(value):
            return readable("\n\n".join(texts))
    return value


def is_text_part(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in TEXTS


def call_for(result: Returned, waiting: list[Called]) -> Called | None:
    """The call that a result answers: by id, else the first open one of its name."""
    for call in waiting:
        if call.has_result:
            continue
        if call.id and result.id:
            if call.id == result.id:
                return call
        elif not result.name or call.name == result.name:
            return call
    return None
