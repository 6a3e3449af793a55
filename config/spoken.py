"""Sentences that were stored in English, said in the reader's language.

A job's error, the reason why a label is unresolved, an audit event's verb: they are
data, written once by a worker that has no reader, and served as they are by the API. A
page looks them up in the catalogue of its reader, also those with names and numbers in
them. What no catalogue knows stays as it was written.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from django.utils.translation import get_language, gettext
from django.utils.translation.trans_real import translation

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
# Fewer letters of its own, and a pattern would fit sentences it was not made for.
FEWEST_LETTERS = 8


def spoken(sentence: str) -> str:
    """The sentence in the language of now."""
    return _spoken(sentence, get_language() or "en") if sentence else ""


@lru_cache(maxsize=4_096)
def _spoken(sentence: str, language: str) -> str:
    known = gettext(sentence)
    if known != sentence:
        return known
    for pattern, source in patterns(language):
        if match := pattern.fullmatch(sentence):
            return gettext(source) % match.groupdict()
    return sentence


@cache
def patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """What the catalogue knows with placeholders, the most particular first."""
    # Django's own JavaScriptCatalog reads a catalogue in this way.
    sources = [
        key
        for key, _ in translation(language)._catalog.items()  # type: ignore[attr-defined]
        if isinstance(key, str) and PLACEHOLDER.search(key)
    ]
    own = {source: len(PLACEHOLDER.sub("", source)) for source in sources}
    fitting = [source for source in sources if own[source] >= FEWEST_LETTERS]
    fitting.sort(key=lambda source: -own[source])
    return [(pattern_of(source), source) for source in fitting]


def pattern_of(source: str) -> re.Pattern[str]:
    """A pattern that reads the values back.

    >>> pattern_of("Row %(row)s: %(what)s.").fullmatch("Row 3: empty.").groupdict()
    {'row': '3', 'what': 'empty'}
    """
    parts, named = [], set()
    place = 0
    for match in PLACEHOLDER.finditer(source):
        parts.append(re.escape(source[place : match.start()].replace("%%", "%")))
        name = match[1]
        parts.append(f"(?P={name})" if name in named else f"(?P<{name}>.+?)")
        named.add(name)
        place = match.end()
    parts.append(re.escape(source[place:].replace("%%", "%")))
    return re.compile("".join(parts), re.DOTALL)
