"""Find in context: the documents that hold the words of a claim, and where.

A claim is a few words or a sentence. Its significant words are looked for, in any of
their usual endings; documents that hold more of the rarer ones come first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe

from annotation.content.signs import ANY

LONGEST_CLAIM = 1_000
MOST_WORDS = 40
WORD = re.compile(r"\d[\d.,:/-]*\d|[^\W_]+(?:['’-][^\W_]+)*")
# Scripts that write no spaces: two neighbouring signs are as near a word as one gets.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+"
)
ENDINGS = re.compile(r"(?:'s|’s|ies|ing|ed|es|s|e|en|er|n|y)$")
# Words that say nothing about what a sentence is about.
COMMON_WRITTEN = """
a about after all also although an and any are as at be because been before being both
but by can could did do does each either for from had has have having he her here him
his how i if in into is it its just may me might more most must my no nor not now of on
once one only or other our out over own same shall she should so some such than that the
their them then there these they this those through to too under until up upon us very
was we were what when where whether which while who whom whose why will with within
without would you your aber als am auch auf aus bei bin bis das dass dem den der des die
dies diese dieser du durch ein eine einem einen einer es für hat ich ihr im ist ja kann
mit nach nicht noch nur oder sein sich sie sind über um und uns von vor war wenn wer wie
wir wird zu zum zur au aux avec ce ces cette dans de elle en est et il ils la le les
leur lui mais ne ou par pas pour que qui sa se ses son sont sur un une vous al como con
del el ella esta este las lo los más para pero por sin su sus una y
"""
COMMON = frozenset(COMMON_WRITTEN.split())


@dataclass(frozen=True)
class Claim:
    """What is looked for: the words, and one pattern that finds any of them."""

    text: str
    stems: tuple[str, ...]
    pattern: re.Pattern[str]

    def __bool__(self) -> bool:
        return bool(self.stems)


@dataclass(frozen=True)
class Found:
    """What a document holds of a claim."""

    hits: int
    stems: frozenset[str]


def claim_of(text: str) -> Claim:
    return claim(" ".join(ANY.sub(" ", text)[:LONGEST_CLAIM].split()))


@lru_cache(maxsize=64)
def claim(text: str) -> Claim:
    words = list(words_of(text))
    telling = [word for word in words if word not in COMMON and len(word) > 1]
    stems = tuple(dict.fromkeys(stem(word) for word in telling or words))[:MOST_WORDS]
    # Longer ones first: the first alternative that fits is taken.
    longest_first = sorted(stems, key=len, reverse=True)
    pattern = "|".join(map(pattern_of, longest_first)) or r"(?!)"
    return Claim(text, stems, re.compile(pattern, re.IGNORECASE))


def words_of(text: str) -> Iterator[str]:
    for found in WORD.finditer(text.casefold()):
        word = found[0]
        if UNSPACED.search(word):
            for run in UNSPACED.findall(word):
                yield from (run[n : n + 2] for n in range(max(len(run) - 1, 1)))
        else:
            yield word


def stem(word: str) -> str:
    """A word without its ending, when enough of it is left."""
    if len(word) < 5 or not word.isalpha():
        return word
    shorter = ENDINGS.sub("", word)
    return shorter if len(shorter) >= 4 else word


def pattern_of(stem: str) -> str:
    escaped = re.escape(stem)
    if UNSPACED.search(stem):
        return escaped
    ending = r"[^\W\d_]{0,4}" if len(stem) >= 4 and stem.isalpha() else ""
    return rf"(?<![^\W_]){escaped}{ending}(?![^\W_])"


def found_in(text: str, claim: Claim) -> Found:
    """How often a text holds words of a claim, and which."""
    hits = 0
    stems: set[str] = set()
    for found in claim.pattern.finditer(text):
        hits += 1
        stems.add(stem_of(found[0].casefold(), claim))
    return Found(hits, frozenset(stems))


def stem_of(word: str, claim: Claim) -> str:
    fitting = (stem for stem in claim.stems if word.startswith(stem))
    return max(fitting, key=len, default=word)


def ranked(found: Sequence[Found]) -> list[int]:
    """The places of the documents that hold anything, the best one first."""
    holding = {
        stem: sum(stem in one.stems for one in found)
        for stem in frozenset().union(*(one.stems for one in found))
    }

    def worth(place: int) -> tuple[float, int, int]:
        one = found[place]
        rare = sum(math.log(1 + len(found) / holding[stem]) for stem in one.stems)
        return (-rare, -one.hits, place)

    return sorted((place for place, one in enumerate(found) if one.hits), key=worth)


TAG = re.compile(r"(<[^>]*>)")
BLOCK = re.compile(r"</?(?:p|li|td|th|h\d|pre|blockquote|summary|tr)\b")


def marked(html: SafeString, claim: Claim) -> SafeString:
    """Safe markup with the words of a claim marked; the passage that holds the most
    of them is called best. Formulas are left as they are."""
    pieces = TAG.split(html)
    blocks: list[tuple[set[str], list[int]]] = [(set(), [])]
    formula = 0
    for place, piece in enumerate(pieces):
        if place % 2:
            formula += piece.startswith("<math") - piece.startswith("</math")
            if BLOCK.match(piece):
                blocks.append((set(), []))
        elif piece and not formula:
            stems, places = blocks[-1]

            def mark(found: re.Match[str], stems: set[str] = stems) -> str:
                stems.add(stem_of(found[0].casefold(), claim))
                return f"<mark>{found[0]}</mark>"

            replaced = mark_words(piece, claim, mark)
            if replaced != piece:
                pieces[place] = replaced
                places.append(place)
    best = max(blocks, key=lambda block: len(block[0]))
    for place in best[1]:
        pieces[place] = pieces[place].replace("<mark>", '<mark class="best">')
    return mark_safe("".join(pieces))  # noqa: S308 - safe markup and <mark>.


ENTITY = re.compile(r"(&(?:#\d+|#x[0-9a-fA-F]+|\w+);)")


def mark_words(text: str, claim: Claim, mark: Callable[[re.Match[str]], str]) -> str:
    """Mark in escaped text, never within a character reference."""
    return "".join(
        part if place % 2 else claim.pattern.sub(mark, part)
        for place, part in enumerate(ENTITY.split(text))
    )
