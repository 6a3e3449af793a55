"""Content as a judging screen shows it: in parts, the most telling ones at once.

A text is a conversation of one silent speaker, so that long texts and long
conversations fold alike: the opening is shown, of a conversation also its end, and
what lies between is fetched part by part when somebody opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.content import trees
from annotation.content.chat import (
    Called,
    Piece,
    Returned,
    Said,
    Shown,
    Thought,
    Turn,
    Value,
    messages_in,
    piece_of,
    turns_of,
)
from annotation.content.finding import Claim, marked
from annotation.content.folding import (
    FIRST_WORDS,
    NEXT_WORDS,
    Heading,
    Passage,
    outline,
    passages,
)
from annotation.content.markdown import raw, rendered
from annotation.content.masking import spoken
from annotation.content.media import is_media, media_html
from annotation.content.roles import spoken_role
from annotation.content.signs import with_signs
from annotation.content.text import as_text, words_in

HEAD_TURNS = 2
TAIL_TURNS = 8
TAIL_WORDS = 4_000
MIDDLE_TURNS = 40
FEW_TURNS = 12
FEW_WORDS = 3_000


@dataclass(frozen=True)
class Look:
    """Where the rest of some content is to be had: `of` names it on the screen."""

    url: str
    of: str
    view: str = "rendered"

    @property
    def is_output(self) -> bool:
        """Sides are capitals; "prompt", "reference" and "context-1" are not."""
        return self.of.isupper()

    def to(self, **more: Any) -> str:
        query = {"of": self.of, **more}
        if self.view != "rendered":
            query["view"] = self.view
        return f"{self.url}?{urlencode(query)}"

    def rows(self, where: str) -> Callable[[trees.Spot], str]:
        """The address of what is folded in a tree of JSON."""
        return lambda spot: f"{self.to(json=where)}&{spot.written()}"


@dataclass(frozen=True)
class Part:
    """One part: its turns when it is shown, else how to get it and what it holds."""

    number: int
    start: int
    turns: list[ShownTurn]
    url: str = ""
    label: str = ""

    @property
    def is_shown(self) -> bool:
        return not self.url


@dataclass(frozen=True)
class ShownTurn:
    role: str
    html: SafeString


@dataclass(frozen=True)
class Specimen:
    """A piece of content, folded where it is long; `url` gives all of it."""

    of: str
    parts: list[Part]
    words: int
    url: str
    view: str = "rendered"
    outline: tuple[Heading, ...] = ()
    first_words: int = 0

    @property
    def is_folded(self) -> bool:
        return not all(part.is_shown for part in self.parts)

    @property
    def is_text(self) -> bool:
        """One text, of which the first part is shown; else a conversation."""
        return all(part.start or part.number == 1 for part in self.parts)


def specimen(
    content: Any, look: Look, *, whole: bool = False, find: Claim | None = None
) -> Specimen:
    """A piece of content as it is first shown: what is long in it is folded."""
    turns = turns_in(content, look.view)
    groups = grouped(turns)
    # The end of a conversation is what its answer is about; the end of a text is not.
    has_tail = len(groups) > 1 and not groups[-1][0].goes_on
    shown = {1, len(groups)} if has_tail else {1}
    parts = [
        part_of(group, number, look, is_shown=whole or number in shown, find=find)
        for number, group in enumerate(groups, start=1)
    ]
    headings: list[Heading] = []
    if isinstance(content, str) and look.view == "rendered":
        headings = outline([passage for turn in turns for passage in texts_of(turn)])
    return Specimen(
        of=look.of,
        parts=parts,
        words=words_in(content),
        url=look.to(all=1),
        view=look.view,
        outline=tuple(headings),
        first_words=sum(turn.words for turn in groups[0]),
    )


def one_part(
    content: Any, look: Look, number: int, *, find: Claim | None = None
) -> Part:
    """The part of that number; IndexError when there is none."""
    groups = grouped(turns_in(content, look.view))
    if not 1 <= number <= len(groups):
        raise IndexError(number)
    return part_of(groups[number - 1], number, look, is_shown=True, find=find)


def rows_at(content: Any, look: Look, where: str, spot: trees.Spot) -> SafeString:
    """What is folded at a spot of one of the content's trees; KeyError for none."""
    value = trees.at(value_at(content, where), list(spot.path))
    rows = trees.tree(value, look.rows(where), spot)
    return spoken(rows) if look.is_output else rows


def turns_in(content: Any, view: str = "rendered") -> list[Turn]:
    """Any content as turns; a text has no speaker, and goes on when it is long."""
    if view == "raw":
        return silent(as_text(content))
    messages = messages_in(content)
    if messages:
        return turns_of(messages)
    if isinstance(content, str):
        value = trees.json_in(content)
        return silent(content) if value is None else [Turn("", 1, [Value(value)])]
    if media := media_in(content):
        return [Turn("", 1, media)]
    return [Turn("", 1, [Value(content)])]


def media_in(content: Any) -> list[Piece]:
    """Content that is media itself, or parts of a message without one around them."""
    parts = content if isinstance(content, list) else [content]
    return [piece_of(part) for part in parts] if any(map(is_media, parts)) else []


def silent(text: str) -> list[Turn]:
    return [
        Turn("", 1, [Said(passage)], goes_on=passage.start > 0)
        for passage in passages(text)
    ]


def texts_of(turn: Turn) -> list[Passage]:
    return [piece.passage for piece in turn.pieces if isinstance(piece, Said)]


def grouped(turns: list[Turn]) -> list[list[Turn]]:
    """Turns by the part they stand in: an opening, the middle in pieces, an end."""
    is_long = sum(turn.words for turn in turns) > FEW_WORDS or len(turns) > FEW_TURNS
    if len(turns) < 2 or not (is_long or any(turn.goes_on for turn in turns)):
        return [turns]
    head = taken(turns, HEAD_TURNS, FIRST_WORDS)
    rest = turns[len(head) :]
    tail = [] if rest[-1].goes_on else taken(rest[::-1], TAIL_TURNS, TAIL_WORDS)[::-1]
    rest = rest[: len(rest) - len(tail)]
    groups = [head]
    while rest:
        groups.append(taken(rest, MIDDLE_TURNS, NEXT_WORDS))
        rest = rest[len(groups[-1]) :]
    return [*groups, tail] if tail else groups


def taken(turns: list[Turn], most: int, words: int) -> list[Turn]:
    """As many as fit, and always one; a turn that goes on does not join another."""
    found = turns[:1]
    total = found[0].words
    for turn in turns[1:most]:
        total += turn.words
        if total > words or turn.goes_on or found[-1].goes_on:
            break
        found.append(turn)
    return found


def part_of(
    group: list[Turn], number: int, look: Look, *, is_shown: bool, find: Claim | None
) -> Part:
    texts = texts_of(group[0])
    start = texts[0].start if texts else 0
    if not is_shown:
        url = look.to(part=number, **({"find": find.text} if find else {}))
        return Part(number, start, [], url, label(group))
    shown = [
        ShownTurn(
            "" if turn.goes_on else spoken_role(turn.role), turn_html(turn, look, find)
        )
        for turn in group
    ]
    return Part(number, start, shown)


def label(group: list[Turn]) -> str:
    """What a folded part holds."""
    words = sum(turn.words for turn in group)
    some = ngettext("%(count)s word", "%(count)s words", words) % {
        "count": f"{words:,}"
    }
    if group[0].goes_on:
        return _("The next %(words)s") % {"words": some}
    first, last = group[0].number, group[-1].number
    if first == last:
        return _("Turn %(first)d, %(words)s") % {"first": first, "words": some}
    return _("Turns %(first)d to %(last)d, %(words)s") % {
        "first": first,
        "last": last,
        "words": some,
    }


def turn_html(turn: Turn, look: Look, find: Claim | None) -> SafeString:
    pieces = enumerate(turn.pieces)
    shown = ((piece_html(piece, f"{turn.place}.{n}", look),) for n, piece in pieces)
    html = format_html_join("", "{}", shown)
    html = spoken(html) if look.is_output else html
    return marked(html, find) if find else html


def piece_html(piece: Piece, where: str, look: Look) -> SafeString:
    """One piece of a turn, each kind in its own way."""
    if isinstance(piece, Said):
        return said_html(piece.passage, where, look)
    if isinstance(piece, Shown):
        return media_html(piece.part)
    if isinstance(piece, Thought):
        return thought_html(piece)
    if isinstance(piece, Called):
        return call_html(piece, where, look)
    if isinstance(piece, Returned):
        result = result_html(piece.name, piece.result, f"{where}.result", look)
        return format_html('<div class="call">{}</div>', result)
    return trees.tree(piece.value, look.rows(f"{where}.value"))


def said_html(passage: Passage, where: str, look: Look) -> SafeString:
    if look.view == "raw":
        return raw(passage.text)
    value = None if passage.start else trees.json_in(passage.text)
    if value is not None:
        return trees.tree(value, look.rows(f"{where}.said"))
    return rendered(passage.markdown)


def thought_html(thought: Thought) -> SafeString:
    if not thought.text.strip():
        return format_html(
            '<p class="call__name">{}</p>', _("Reasoning, not disclosed")
        )
    return format_html(
        '<details class="thought"><summary>{}</summary>{}</details>',
        _("Reasoning"),
        rendered(thought.text),
    )


def call_html(call: Called, where: str, look: Look) -> SafeString:
    """A call with its arguments, and beneath it what came back."""
    result = format_html('<p class="call__none">{}</p>', _("No result"))
    if call.has_result:
        result = result_html("", call.result, f"{where}.result", look)
    return format_html(
        '<div class="call"><p class="call__name">{} <code dir="auto">{}</code></p>{}{}'
        "</div>",
        _("Tool call"),
        named(call.name),
        value_html(call.arguments, f"{where}.arguments", look),
        result,
    )


def result_html(name: str, result: Any, where: str, look: Look) -> SafeString:
    title = format_html(
        '<p class="call__name call__name--result">{} {}</p>',
        _("Result"),
        format_html('<code dir="auto">{}</code>', named(name)) if name else "",
    )
    return format_html("{}{}", title, value_html(result, where, look))


def named(name: str) -> SafeString:
    """A name that a model gave, on one line."""
    return mark_safe(with_signs(escape(" ".join(name[:200].split()))))  # noqa: S308


def value_html(value: Any, where: str, look: Look) -> SafeString:
    """What a tool got or gave: text as it is, anything else as a tree."""
    if value is None or value == "":
        return format_html('<p class="call__none">{}</p>', _("(empty)"))
    if not isinstance(value, str):
        return trees.tree(value, look.rows(where), most=trees.FEW_NODES)
    more = trees.more_characters(len(value) - trees.LONGEST_STRING)
    return format_html(
        '<div class="call__text" dir="auto">{}</div>{}',
        raw(value[: trees.LONGEST_STRING]),
        more,
    )


def value_at(content: Any, where: str) -> Any:
    """The value of the tree that `where` names: turn, piece and which of its values."""
    place, number, which = [*where.split("."), "", ""][:3]
    if not all(part.isascii() and part.isdecimal() for part in (place, number)):
        raise KeyError(where)
    piece = turns_in(content)[int(place)].pieces[int(number)]
    if isinstance(piece, Said) and which == "said":
        value = trees.json_in(piece.passage.text)
    elif which in ("arguments", "result", "value"):
        value = getattr(piece, which, None)
    else:
        value = None
    if value is None:
        raise KeyError(where)
    return value
