"""Renderings that are kept: the same text is shown to many people, and turns often.

They are kept in this process by what was rendered, the least recently used go first,
and all together never take more than their share of memory.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from threading import Lock

from django.utils.safestring import SafeString, mark_safe

MOST_BYTES = 32_000_000
# Shorter texts are rendered anew in less time than it takes to keep them.
SHORTEST_KEPT = 500


class Renderings:
    """Strings by key, of bounded size in all."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.kept: OrderedDict[bytes, str] = OrderedDict()
        self.lock = Lock()

    def get(self, key: bytes) -> str | None:
        with self.lock:
            found = self.kept.get(key)
            if found is not None:
                self.kept.move_to_end(key)
            return found

    def put(self, key: bytes, html: str) -> None:
        size = size_of(html)
        if size > self.most_bytes:
            return
        with self.lock:
            before = self.kept.pop(key, None)
            if before is not None:
                self.bytes -= size_of(before)
            self.kept[key] = html
            self.bytes += size
            while self.bytes > self.most_bytes:
                _, oldest = self.kept.popitem(last=False)
                self.bytes -= size_of(oldest)


def size_of(html: str) -> int:
    """Four bytes a character at most, and what a row of the table takes."""
    return 4 * len(html) + 200


kept_here = Renderings()


def kept(render: Callable[[str], str]) -> Callable[[str], SafeString]:
    """Render a text once. What it gives must be safe, and hang on the text alone."""

    @wraps(render)
    def once(text: str) -> SafeString:
        if len(text) < SHORTEST_KEPT:
            return mark_safe(render(text))  # noqa: S308
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=24)
        key = render.__name__.encode() + digest.digest()
        html = kept_here.get(key)
        if html is None:
            html = render(text)
            kept_here.put(key, html)
        return mark_safe(html)  # noqa: S308

    return once
