"""CSV by RFC 4180, in UTF-8: the labels, safe to open in a spreadsheet.

Text that a spreadsheet would read as a formula gets a leading apostrophe; `csv_raw`
leaves it as it is, for programs. Numbers stay numbers, lists and objects are JSON.
"""

from __future__ import annotations

import csv
import io
from typing import IO

from django.utils.translation import gettext_noop

from config.cells import csv_cell, disarmed, starts_formula
from exports.formats.base import Format
from exports.rows import COLUMNS, Gold


def write_safe(gold: Gold, stream: IO[bytes]) -> int:
    return write_rows(gold, stream, raw=False)


def write_raw(gold: Gold, stream: IO[bytes]) -> int:
    return write_rows(gold, stream, raw=True)


def write_rows(gold: Gold, stream: IO[bytes], *, raw: bool) -> int:
    altered = 0
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in gold.labels():
        cells = [csv_cell(row[column]) for column in COLUMNS]
        if not raw:
            altered += sum(starts_formula(cell) for cell in cells)
            cells = [disarmed(cell) for cell in cells]
        writer.writerow(cells)
    text.detach()
    return altered


CSV = Format("csv", "CSV", "text/csv; charset=utf-8", "csv", write_safe)
RAW = Format(
    "csv_raw",
    gettext_noop("CSV without apostrophes"),
    "text/csv; charset=utf-8",
    "raw.csv",
    write_raw,
)
