"""What a format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from exports.rows import Gold


@dataclass(frozen=True)
class Format:
    """`write(gold, stream)` writes the file and returns how many cells it altered."""

    key: str
    label: str
    content_type: str
    extension: str
    write: Callable[[Gold, IO[bytes]], int]
