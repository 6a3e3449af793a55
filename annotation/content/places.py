"""Where words stand: from what an annotator reads to the text that it was made of.

What is shown differs from its source: Markdown loses its marks, code its fence, spaces
and line breaks run together. So words are compared by their letters, figures and
signs; static/js/spans.js aligns what a screen shows with the source in the same way.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from annotation.content.masking import masked
from annotation.content.text import as_text, own_words

if TYPE_CHECKING:
    from annotation.models import Output

# Letters, marks and numbers, and signs such as emoji: what both sides have in common.
# Punctuation and the signs that Markdown is written with come and go.
COMMON = ("L", "M", "N", "So", "Sc")


def text_shown(output: Output) -> str:
    """The text that evidence is marked in: what annotators see, masks and all.

    Empty where there are only images, audio or video: the words that stand for a file
    in a text are not words of the output.
    """
    content = masked(output.content, output.masks)
    return as_text(content) if own_words(content).strip() else ""


def find_words(text: str, words: str) -> tuple[int, int] | None:
    """Start and end, in code points, of the first place where the words stand.

    The very words come first, then words that differ by marks and spaces only.

    >>> find_words("It is **very** good.", "very good")
    (8, 19)
    """
    wanted = words.strip()
    if not wanted:
        return None
    start = text.find(wanted)
    if start >= 0:
        return start, start + len(wanted)
    letters, places = common(text)
    sought, _ = common(wanted)
    at = letters.find(sought) if sought else -1
    if at < 0:
        return None
    first, last = places[at], places[at + len(sought) - 1] + 1
    return widened(text, wanted, first, last)


def common(text: str) -> tuple[str, list[int]]:
    """The letters of a text with the place of each."""
    kept = [(letter, place) for place, letter in enumerate(text) if is_common(letter)]
    return "".join(letter for letter, _ in kept), [place for _, place in kept]


def is_common(letter: str) -> bool:
    return unicodedata.category(letter).startswith(COMMON)


def widened(text: str, words: str, first: int, last: int) -> tuple[int, int]:
    """With the punctuation around them that was quoted too, as far as it stands there.

    >>> widened('He said "no".', '"no"', 9, 11)
    (8, 12)
    """
    kept = [place for place, letter in enumerate(words) if is_common(letter)]
    before, after = words[: kept[0]], words[kept[-1] + 1 :]
    while before and first > 0 and text[first - 1] == before[-1]:
        first, before = first - 1, before[:-1]
    while after and last < len(text) and text[last] == after[0]:
        last, after = last + 1, after[1:]
    return first, last
