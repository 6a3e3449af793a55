"""Words of an output marked as evidence, as the API spells them, read and checked.

A passage is {start, end}, code points in the output's text as `content.as_text` gives
it, or {quote}: words to be found there, as a form without a script sends them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from annotation.answers.given import Fault, Mark
from annotation.content.places import find_words

MOST_MARKS = 50


def read_marks(sent: Any, position: int, text: str) -> list[Mark]:
    """The marks in one output, each once, in order; raises Fault."""
    if not isinstance(sent, list):
        raise Fault(_("Send a list of passages, each with start and end."))
    return sorted({read_mark(one, position, text) for one in sent})


def read_mark(sent: Any, position: int, text: str) -> Mark:
    start: Any
    end: Any
    if not isinstance(sent, Mapping) or sent.keys() - {"start", "end", "quote"}:
        raise Fault(_("A passage has start and end, or a quote."))
    start, end, quote = (sent.get(name) for name in ("start", "end", "quote"))
    if quote is not None and not isinstance(quote, str):
        raise Fault(_("A quote is text."))
    if start is None and end is None:
        start, end = found(quote or "", text)
    if not (is_whole(start) and is_whole(end)):
        raise Fault(_("Send start and end as whole numbers."))
    if not 0 <= start < end <= len(text):
        words = _(
            "From %(start)s to %(end)s is no passage; the output has %(length)s "
            "characters."
        )
        raise Fault(words % {"start": start, "end": end, "length": len(text)})
    there = text[start:end]
    if not there.strip():
        raise Fault(_("There are no words between %(start)s and %(end)s.") % sent)
    if quote is not None and sent.get("start") is not None and quote != there:
        raise Fault(_("“%(quote)s” does not stand there.") % {"quote": quote[:80]})
    return Mark(position, start, end, there)


def found(quote: str, text: str) -> tuple[int, int]:
    place = find_words(text, quote)
    if place is None:
        words = _("“%(quote)s” does not stand in the output; copy the words from it.")
        raise Fault(words % {"quote": quote.strip()[:80]})
    return place


def is_whole(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)
