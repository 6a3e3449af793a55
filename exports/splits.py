"""Which split an item falls into: drawn by a seeded hash of its content."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

ONLY = "test"


def split_of(content_hash: str, splits: Mapping[str, float], *, seed: int) -> str:
    """Draw a split in the stated shares; without splits everything is `test`.

    Equal content falls into the same split however often it was imported, and stays
    in it when more items come: nothing leaks from one split into another.

    >>> split_of("a1", {"dev": 0.5, "test": 0.5}, seed=1)
    'dev'
    """
    if not splits:
        return ONLY
    draw = int(sha256(f"{seed}:{content_hash}".encode()).hexdigest()[:16], 16) / 2**64
    names = sorted(splits)
    passed = 0.0
    for name in names:
        passed += splits[name]
        if draw < passed:
            return name
    return names[-1]  # The shares may fall short of 1 by a rounding error.
