"""The cells that CSV alters, listed: JSON Lines beside the CSV file.

XLSX lists its own on a sheet of the workbook.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import IO

from django.utils.translation import gettext_noop

from config.cells import csv_cell, starts_formula
from config.text import canonical_json
from config.workbook import Change
from exports.formats.base import Format
from exports.rows import COLUMNS, Gold


def write(gold: Gold, stream: IO[bytes]) -> int:
    for number, row in enumerate(gold.labels(), start=2):
        for column in COLUMNS:
            if starts_formula(csv_cell(row[column])):
                change = Change("csv", number, column, "a leading apostrophe was added")
                stream.write(f"{canonical_json(asdict(change))}\n".encode())
    return 0


CHANGES = Format(
    "csv_changes",
    gettext_noop("Cells that CSV alters, JSON Lines"),
    "application/jsonl; charset=utf-8",
    "csv-changes.jsonl",
    write,
)
