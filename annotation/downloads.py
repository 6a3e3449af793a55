"""Tables as files to download: NDJSON, CSV and workbooks, streamed and disarmed."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.http import FileResponse
from django.utils import timezone

from annotation.tables import PIECE, taken
from config.cells import csv_cell, disarmed
from config.snapshot import snapshot
from config.text import canonical_json
from config.workbook import MEDIA_TYPE, Book

MEDIA_TYPES = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "xlsx": MEDIA_TYPE,
}


class Table(NamedTuple):
    """What is written: a sheet's title, its columns, its rows as they come."""

    title: str
    columns: list[str]
    rows: Iterable[Mapping[str, Any]]


def download(name: str, extension: str, *tables: Table) -> FileResponse:
    """One file of one instant; CSV and NDJSON hold the first table, XLSX all of them.

    Whole on disk before it is sent: what fails on the way is an error, not a file that
    ends too early, and a slow reader keeps no transaction open.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  The response closes it.
    with snapshot():
        if extension == "xlsx":
            book = Book(made=timezone.now())
            for table in tables:
                book.table(*table)
            book.save(file)
        else:
            write = as_csv if extension == "csv" else as_ndjson
            for piece in write(tables[0]):
                file.write(piece.encode())
    file.seek(0)
    return FileResponse(
        file,
        content_type=MEDIA_TYPES[extension],
        headers={"Content-Disposition": f'attachment; filename="{name}.{extension}"'},
    )


def as_ndjson(table: Table) -> Iterator[str]:
    for row in table.rows:
        yield canonical_json(row) + "\n"


def as_csv(table: Table) -> Iterator[str]:
    """CSV by RFC 4180, disarmed: text that begins a formula gets an apostrophe."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([disarmed(csv_cell(row[column])) for column in table.columns])
        if buffer.tell() > PIECE:
            yield taken(buffer)
    yield taken(buffer)
