"""Identifiers that rise with time, so that new rows land at the end of an index."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """RFC 9562 version 7: milliseconds, their fraction, then 62 random bits.

    >>> uuid7() < uuid7() and uuid7().version == 7
    True
    """
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    number = milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62
    return UUID(int=number | secrets.randbits(62))
