"""The files that a release can be had as.

To add a format: write a module with a `Format` here, list it below, and test that its
values come back equal (tests/exports/test_formats.py takes all that are listed).
"""

from __future__ import annotations

from exports.formats import changes, csv, jsonl, xlsx
from exports.formats.base import Format

FORMATS: dict[str, Format] = {
    made.key: made
    for made in [
        jsonl.JSONL,
        jsonl.UNRESOLVED,
        csv.CSV,
        csv.RAW,
        xlsx.XLSX,
        changes.CHANGES,
    ]
}
MAIN = [jsonl.JSONL, jsonl.UNRESOLVED, csv.CSV, xlsx.XLSX]

__all__ = ["FORMATS", "MAIN", "Format"]
