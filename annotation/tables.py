"""Judgments as tables: one column for each criterion, CSV and XLSX."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from annotation.models import Batch
from config.cells import csv_cell, disarmed
from config.workbook import Book
from rubrics.instrument import published_instrument

FIRST = ["id", "unit", "item", "outputs", "systems", "shown", "annotator"]
LAST = [
    "note",
    "kind",
    "source",
    "surplus",
    "rubric_version",
    "submitted_at",
    "elapsed_ms",
    "superseded_at",
]
PIECE = 2**18


def columns_of(batch: Batch) -> list[str]:
    answers = [
        f"{part}.{question.key}"
        for question in published_instrument(batch.rubric_version_id)
        for part in ("answer", "rationale", *(["spans"] * question.takes_evidence))
    ]
    return [*FIRST, *answers, *LAST]


def table_row(row: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    """A judgment's row with its answers spread over columns.

    Answers about the one output of a unit stand alone; of several, by output id.
    "Not applicable" is said in full, since an empty cell is no answer.
    """
    cells = {}
    parts = {
        "answer": row["answers"],
        "rationale": row["rationales"],
        "spans": row["spans"],
    }
    for column in columns:
        part, _, key = column.partition(".")
        value = parts[part].get(key) if key else row[column]
        alone = len(row["outputs"]) == 1
        if key and alone and isinstance(value, dict) and list(value) == row["outputs"]:
            (value,) = value.values()
        if part == "answer" and key in parts["answer"] and value is None:
            value = {"absent": "not_applicable"}
        cells[column] = value
    return cells


def judgments_as_csv(batch: Batch, rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """CSV by RFC 4180, disarmed: text that begins a formula gets an apostrophe."""
    columns = columns_of(batch)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        cells = table_row(row, columns)
        writer.writerow([disarmed(csv_cell(cells[column])) for column in columns])
        if buffer.tell() > PIECE:
            yield taken(buffer)
    yield taken(buffer)


def taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def judgments_as_xlsx(batch: Batch, rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """A workbook, written to disk first: its directory stands at its end."""
    columns = columns_of(batch)
    book = Book(made=timezone.now())
    book.table("judgments", columns, (table_row(row, columns) for row in rows))
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
