"""XLSX: labels, unresolved, manifest, and every cell that had to be altered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.utils.translation import gettext_noop

from config.workbook import MEDIA_TYPE, Book
from exports.formats.base import Format
from exports.rows import COLUMNS, REASON, Gold


def write(gold: Gold, stream: IO[bytes]) -> int:
    book = Book(made=datetime.fromisoformat(gold.manifest["created_at"]))
    book.table("labels", COLUMNS, gold.labels())
    book.table("unresolved", [*COLUMNS, REASON], gold.unresolved())
    book.table(
        "manifest",
        ["key", "value"],
        ({"key": key, "value": value} for key, value in leaves(gold.manifest)),
    )
    return book.save(stream)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The manifest as lines: `rubric.version` and its value."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value, start=1):
            yield from leaves(inner, f"{path}.{number}")
    else:
        yield path, value


XLSX = Format("xlsx", gettext_noop("Excel workbook"), MEDIA_TYPE, "xlsx", write)
