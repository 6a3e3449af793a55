"""Finding names of models, of their makers and of a project's systems in outputs.

Most outputs name nobody, so the words of a text are first looked up in a set, which
takes a few microseconds a kilobyte; only where one of them could belong to a name does
the pattern read the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from annotation.content.masking import AFTER, BEFORE, texts
from annotation.leaks.names import (
    AI_WORDS,
    AS_WRITTEN,
    IS_AI,
    MAKER,
    MAKES,
    NEAR_AI,
    RARER,
    SAYS_OWN_NAME,
    SURE,
)

NEAR = 60
AROUND = 110
LONGEST_TERM = 100
SHORTEST_SYSTEM = 4
# Bounds for a text that was written to be slow.
MOST_TERMS = 100
MOST_LOOKS = 200


@dataclass(frozen=True)
class Found:
    """A name in an output: as it stands there, how often, and its first place."""

    term: str
    count: int
    excerpt: str


def either(patterns: Iterable[str]) -> str:
    return "|".join(patterns)


NAMES = re.compile(
    f"{BEFORE}(?:(?P<sure>(?i:{either(SURE)})|{either(AS_WRITTEN)})"
    f"|(?P<near>{either(NEAR_AI)})){AFTER}"
)
SPELLINGS = {
    name.casefold(): name
    for name in (*SURE, *AS_WRITTEN, *NEAR_AI)
    if re.fullmatch(r"[\w ]+", name)
}
SPEAKS_OF_AI = re.compile(AI_WORDS)
OWN_NAME = re.compile(SAYS_OWN_NAME)
MADE_BY = re.compile(MAKER)

# A text's words in small ASCII letters, the rest as spaces: one pass over its bytes.
LETTERS = bytes(
    byte | 0x20 if 65 <= byte <= 90 or 97 <= byte <= 122 else 0x20
    for byte in range(256)
)


def words_of(text: str) -> list[bytes]:
    """
    >>> words_of("As GPT-4o, I'd say no.")
    [b'as', b'gpt', b'o', b'i', b'd', b'say', b'no']
    """
    return text.encode("utf-8", "replace").translate(LETTERS).split()


def starts_by_word() -> dict[bytes, set[str]]:
    """By a word that a name must hold: with what such names begin."""
    found: dict[bytes, set[str]] = {}
    for pattern in (*SURE, *AS_WRITTEN, *NEAR_AI):
        first = re.match(r"[A-Za-z]+", pattern)
        assert first, pattern
        start = first[0].lower()
        for word in RARER.get(start, (start, f"{start}s")):
            found.setdefault(word.encode(), set()).add(start)
    return found


STARTS = starts_by_word()
STEMS = frozenset(STARTS)
MAKING = frozenset(map(str.encode, MAKES))
BEING = frozenset(map(str.encode, IS_AI))


class Scanner:
    """Finds names in outputs: the known ones, and those of the given systems."""

    def __init__(self, systems: Iterable[str] = (), *, known: bool = True) -> None:
        names = sorted(filter(is_telling, set(systems)), key=len, reverse=True)
        self.names = names
        self.known = known
        self.systems = system_pattern(names)
        self.system_words = frozenset(word for name in names for word in words_of(name))
        # A name without a Latin letter has no word to look up.
        self.always = any(not words_of(name) for name in names)
        self.words = self.system_words | (STEMS | MAKING if known else frozenset())

    def find(self, content: Any) -> list[Found]:
        """The names in a content's texts, each once, in the order of their places.

        "chatgpt" and "ChatGPT" in one output are one name.
        """
        found: dict[str, Found] = {}
        for text in texts(content):
            words = words_of(text)
            if self.always or not self.words.isdisjoint(words):
                for place in self.places(text, words):
                    enter(found, place, text)
        return list(found.values())

    def places(self, text: str, words: list[bytes]) -> Iterator[Place]:
        if self.systems and (self.always or not self.system_words.isdisjoint(words)):
            for match in self.systems.finditer(text):
                yield Place(match[0], *match.span())
        if not self.known:
            return
        if stems := STEMS.intersection(words):
            yield from known_names(text, stems)
        if not MAKING.isdisjoint(words) and not BEING.isdisjoint(words):
            for match in MADE_BY.finditer(text):
                maker = match["maker"].rstrip(" .")
                if not NAMES.search(maker):
                    yield Place(maker, match.start("maker"), match.end("maker"))


class Place(NamedTuple):
    """Where a name stands in a text."""

    term: str
    start: int
    end: int


def known_names(text: str, stems: frozenset[bytes]) -> Iterator[Place]:
    """Every place of the known names; of the unsure once one place speaks of AI."""
    unsure: dict[str, list[Place]] = {}
    certain: set[str] = set()
    for match in matches_of(text, stems):
        name = match[0].casefold()
        place = Place(SPELLINGS.get(name, match[0]), *match.span())
        if match["sure"] or name in certain:
            yield place
            continue
        waiting = unsure.setdefault(name, [])
        waiting.append(place)
        if len(waiting) <= MOST_LOOKS and speaks_of_ai(text, place):
            certain.add(name)
            yield from unsure.pop(name)


def matches_of(text: str, stems: frozenset[bytes]) -> Iterator[re.Match[str]]:
    """Where the names with these words stand: tried only where one could begin."""
    end = 0
    for start in beginnings(stems).finditer(text):
        if start.start() >= end and (match := NAMES.match(text, start.start())):
            end = match.end()
            yield match


@lru_cache(maxsize=1_000)
def beginnings(stems: frozenset[bytes]) -> re.Pattern[str]:
    starts = sorted(set().union(*(STARTS[stem] for stem in stems)))
    return re.compile(f"{BEFORE}(?:{either(starts)})", re.IGNORECASE)


def enter(found: dict[str, Found], place: Place, text: str) -> None:
    """Count a name at one of its places; the first gives the excerpt."""
    name = place.term.casefold()
    before = found.get(name)
    if before is not None:
        found[name] = replace(before, count=before.count + 1)
    elif len(found) < MOST_TERMS and len(place.term) <= LONGEST_TERM:
        found[name] = Found(place.term, 1, excerpt_of(text, place.start, place.end))


def excerpt_of(text: str, start: int, end: int) -> str:
    """The words around a place, on one line."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    words = " ".join(text[first:last].split())[:296]
    return f"{'… ' if first else ''}{words}{' …' if last < len(text) else ''}"


def speaks_of_ai(text: str, place: Place) -> bool:
    """Is the name at this place one of AI, judged by the words around it?"""
    _, start, end = place
    before = text[max(0, start - NEAR) : start]
    return bool(
        OWN_NAME.search(before)
        or SPEAKS_OF_AI.search(before)
        or SPEAKS_OF_AI.search(text, end, min(len(text), end + NEAR))
    )


def is_telling(name: str) -> bool:
    """Does a text that holds this name speak of the system? "heron" may be a bird.

    >>> [is_telling(name) for name in ("gpt-4", "PloverChat", "heron", "B", "2024")]
    [True, True, False, False, False]
    """
    if not SHORTEST_SYSTEM <= len(name) <= LONGEST_TERM:
        return False
    words = re.findall(r"[^\W\d_]+", name)
    if not words:
        return False
    is_plain = re.fullmatch(r"[^\W\d_]+(?:[ ]+[^\W\d_]+)*", name)
    has_inner_capital = any(
        not word.isupper() and word[1:] != word[1:].lower() for word in words
    )
    return not is_plain or has_inner_capital


def system_pattern(names: list[str]) -> re.Pattern[str] | None:
    """Names of systems in any case; what joins their parts may differ or lack."""
    if not names:
        return None
    spelled = [
        "[-_ .:/]?".join(re.escape(part) for part in re.split(r"[-_ .:/]+", name))
        for name in names
    ]
    return re.compile(f"{BEFORE}(?:{either(spelled)}){AFTER}", re.IGNORECASE)
