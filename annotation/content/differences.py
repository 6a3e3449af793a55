"""Where two texts differ, word by word.

The comparison of two lists of words takes time and memory that grow with the product
of their lengths, so long texts are compared sentence by sentence first, and only the
sentences that differ are compared by their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext
from rapidfuzz.distance import Indel

from annotation.content.signs import with_signs

TOKEN = re.compile(r"\s+|[^\W_]+|[\W_]")
SENTENCE = re.compile(r"[^\n.!?]*(?:[.!?]+[ \t]*|\n+|$)")
# 10,000 × 10,000 tokens take some 50 ms and 12 MB.
MOST_PAIRS = 100_000_000
MOST_SENTENCE_PAIRS = 400_000_000
LONGEST_ALIKE = 200
KEPT_AROUND = 40
LONG = 4_000
MOST_SHOWN = 60_000


@dataclass(frozen=True)
class Run:
    """Tokens of both texts that are alike, or of one that are not in the other."""

    is_alike: bool
    first: Sequence[str]
    second: Sequence[str]


@dataclass(frozen=True)
class Difference:
    """Both texts with what is only in them marked, and the counts that sum it up."""

    first: SafeString
    second: SafeString
    only_first: int
    only_second: int
    alike: int


def difference(first: str, second: str) -> Difference:
    runs = [*joined(runs_of(first, second))]
    is_long = sum(len(run.first) + len(run.second) for run in runs) > LONG
    return Difference(
        first=written(runs, "first", "del", is_long=is_long),
        second=written(runs, "second", "ins", is_long=is_long),
        only_first=words([run.first for run in runs if not run.is_alike]),
        only_second=words([run.second for run in runs if not run.is_alike]),
        alike=words([run.first for run in runs if run.is_alike]),
    )


def runs_of(first: str, second: str) -> Iterator[Run]:
    a, b = TOKEN.findall(first), TOKEN.findall(second)
    if len(a) * len(b) <= MOST_PAIRS:
        yield from compared(a, b)
        return
    ours, theirs = SENTENCE.findall(first), SENTENCE.findall(second)
    for run in joined(compared(ours, theirs, most=MOST_SENTENCE_PAIRS)):
        a = TOKEN.findall("".join(run.first))
        b = TOKEN.findall("".join(run.second))
        if run.is_alike:
            yield Run(True, a, b)
        else:
            yield from compared(a, b)


def compared(
    first: Sequence[str], second: Sequence[str], *, most: int = MOST_PAIRS
) -> Iterator[Run]:
    """Runs of two lists; two that are too long to compare differ as a whole."""
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    if start:
        yield Run(True, first[:start], second[:start])
    first, second = first[start:], second[start:]
    end = 0
    while end < min(len(first), len(second)) and first[-1 - end] == second[-1 - end]:
        end += 1
    yield from between(first[: len(first) - end], second[: len(second) - end], most)
    if end:
        yield Run(True, first[len(first) - end :], second[len(second) - end :])


def between(first: Sequence[str], second: Sequence[str], most: int) -> Iterator[Run]:
    """Runs of two lists that begin and end differently."""
    if len(first) * len(second) > most or not (first and second):
        if first or second:
            yield Run(False, first, second)
        return
    for step in Indel.opcodes(first, second):
        a = first[step.src_start : step.src_end]
        b = second[step.dest_start : step.dest_end]
        yield Run(step.tag == "equal", a, b)


def joined(runs: Iterator[Run]) -> Iterator[Run]:
    """Neighbours of a kind as one; a space between two differences belongs to them."""
    waiting: Run | None = None
    for run in runs:
        is_space = run.is_alike and not "".join(run.first).strip()
        if waiting is None:
            waiting = run
        elif run.is_alike == waiting.is_alike or (is_space and not waiting.is_alike):
            waiting = Run(
                waiting.is_alike,
                [*waiting.first, *run.first],
                [*waiting.second, *run.second],
            )
        else:
            yield waiting
            waiting = run
    if waiting is not None:
        yield waiting


def words(runs: list[Sequence[str]]) -> int:
    return sum(token[0].isalnum() for run in runs for token in run)


def written(runs: list[Run], side: str, tag: str, *, is_long: bool) -> SafeString:
    """One side: its own words in a tag; of long texts, long stretches alike are cut."""
    out: list[str] = []
    left = MOST_SHOWN
    for number, run in enumerate(runs):
        tokens = run.first if side == "first" else run.second
        if not tokens:
            continue
        if left <= 0:
            out.append(omitted(words([tokens]), alike=run.is_alike))
            continue
        if not run.is_alike:
            out.append(f"<{tag}>{shown(tokens[:left])}</{tag}>")
        elif is_long and len(tokens) > LONGEST_ALIKE:
            before = tokens[:KEPT_AROUND] if number else tokens[:0]
            after = tokens[-KEPT_AROUND:] if number + 1 < len(runs) else tokens[:0]
            cut = tokens[len(before) : len(tokens) - len(after)]
            out += [shown(before), omitted(words([cut]), alike=True), shown(after)]
        else:
            out.append(shown(tokens))
        left -= len(tokens) if not run.is_alike else min(len(tokens), LONGEST_ALIKE)
    return mark_safe(f'<div class="out--raw">{"".join(out)}</div>')  # noqa: S308


def shown(tokens: Sequence[str]) -> str:
    return with_signs(escape("".join(tokens)))


def omitted(count: int, *, alike: bool) -> str:
    words = (
        ngettext("%(count)s word alike", "%(count)s words alike", count)
        if alike
        else ngettext("%(count)s more word", "%(count)s more words", count)
    ) % {"count": f"{count:,}"}
    return format_html('<span class="omitted">{}</span>', words)
