"""Long texts in parts: the first is on the screen, the others come when asked for.

The parts of a text, put together, are the text: nothing is lost between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FIRST_WORDS = 2_000
NEXT_WORDS = 10_000
# A text without spaces is long too.
CHARACTERS_A_WORD = 8
# What is a little longer is not folded: the fold would cost more than it saves.
SLACK = 1.25
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`\n]*)")


@dataclass(frozen=True)
class Passage:
    """A part of a text from `start`; `fence` opens the code block it goes on with."""

    text: str
    start: int = 0
    fence: str = ""
    words: int = 0

    @property
    def markdown(self) -> str:
        return self.fence + self.text


def passages(text: str) -> list[Passage]:
    """A text in parts that end between paragraphs, where it has any."""
    if is_short(text, FIRST_WORDS):
        return [Passage(text, words=len(text.split()))]
    found: list[Passage] = []
    taken: list[str] = []
    start = words = characters = 0
    fence = opened_by = ""
    limit = FIRST_WORDS
    lines = [*pieces_of_lines(text)]
    for number, line in enumerate(lines):
        taken.append(line)
        words += len(line.split())
        characters += len(line)
        fence = after(line, fence)
        following = lines[number + 1] if number + 1 < len(lines) else ""
        is_full = words >= limit or characters >= limit * CHARACTERS_A_WORD
        is_overfull = words >= 1.5 * limit or characters >= 12 * limit
        is_gap = (
            not line.strip() and not fence and not following.startswith((" ", "\t"))
        )
        if following and is_full and (is_gap or is_overfull):
            found.append(Passage("".join(taken), start, opened_by, words))
            start += characters
            taken, words, characters = [], 0, 0
            opened_by, limit = fence, NEXT_WORDS
    found.append(Passage("".join(taken), start, opened_by, words))
    return found


def is_short(text: str, words: int) -> bool:
    if len(text) > SLACK * words * CHARACTERS_A_WORD:
        return False
    return len(text.split()) <= SLACK * words


def pieces_of_lines(text: str) -> Iterator[str]:
    """Lines with their ends; one that is a part by itself is cut between words."""
    longest = FIRST_WORDS * CHARACTERS_A_WORD // 4
    for line in text.splitlines(keepends=True):
        while len(line) > longest:
            space = line.rfind(" ", longest // 2, longest)
            cut = space + 1 if space > 0 else longest
            yield line[:cut]
            line = line[cut:]
        yield line


def after(line: str, fence: str) -> str:
    """The fence that is open after a line, as it was written; "" outside of code."""
    found = FENCE.match(line)
    if not found:
        return fence
    if not fence:
        return f"{found[1]}{found[2].strip()}\n"
    closes = found[1][0] == fence[0] and len(found[1]) >= fence.count(fence[0])
    return "" if closes and not found[2].strip() else fence


HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
FEWEST_HEADINGS = 6
MOST_HEADINGS = 200


@dataclass(frozen=True)
class Heading:
    """A heading of a text: how deep, its words, and in which part it stands."""

    level: int
    words: str
    part: int


def outline(parts: list[Passage]) -> list[Heading]:
    """The headings of a text that has many; none of one that has few."""
    found: list[Heading] = []
    for number, part in enumerate(parts, start=1):
        fence = part.fence
        for line in part.text.splitlines():
            was_code, fence = bool(fence), after(line, fence)
            heading = None if was_code or fence else HEADING.match(line)
            if heading:
                words = re.sub(r"[*_`$]", "", heading[2])[:120]
                found.append(Heading(len(heading[1]), words, number))
    return found[:MOST_HEADINGS] if len(found) >= FEWEST_HEADINGS else []
