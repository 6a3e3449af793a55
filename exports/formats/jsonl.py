"""JSON Lines, the canonical file: lossless, one spelling for equal releases.

Keys are sorted, nothing is escaped that need not be, lines end in LF: the release's
SHA-256 is of these bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from django.utils.translation import gettext_noop

from config.text import canonical_json
from exports.formats.base import Format
from exports.rows import Gold, Row


def write_labels(gold: Gold, stream: IO[bytes]) -> int:
    return write_lines(gold.labels(), stream)


def write_unresolved(gold: Gold, stream: IO[bytes]) -> int:
    return write_lines(gold.unresolved(), stream)


def write_lines(rows: Iterable[Row], stream: IO[bytes]) -> int:
    for row in rows:
        stream.write(f"{canonical_json(row)}\n".encode())
    return 0


JSONL = Format(
    "jsonl", "JSON Lines", "application/jsonl; charset=utf-8", "jsonl", write_labels
)
UNRESOLVED = Format(
    "unresolved",
    gettext_noop("Unresolved, JSON Lines"),
    "application/jsonl; charset=utf-8",
    "unresolved.jsonl",
    write_unresolved,
)
