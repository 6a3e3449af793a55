"""Workbooks are opened in a child process: a hostile one harms nobody else.

Run as a module with a file's path, it prints each row of the first sheet as a JSON
line; the parent holds it to limits of memory, time and size.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.spoken import spoken

MAX_UNPACKED = 500 * 2**20
MAX_RATIO = 200
MAX_MEMBERS = 1_000
MAX_COLUMNS = 200
MEMORY = 2**30
SECONDS = 600
ROOT = Path(__file__).resolve().parents[2]


def spreadsheet_rows(
    stream: IO[bytes], refuse: type[ValueError]
) -> Iterator[list[Any]]:
    """Yield the rows of the first sheet; raises `refuse` with a sentence."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        copyfileobj(stream, file)
        file.flush()
        if reason := why_not_opened(file.name):
            raise refuse(reason)
        yield from child_rows(file.name, refuse)


def why_not_opened(path: str) -> str:
    """Why a file is not even opened, judged by its directory alone; empty: it is."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, LookupError, RuntimeError):
        return _("Not an XLSX workbook; save it as .xlsx, or send CSV.")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MAX_MEMBERS:
        return _("The workbook holds too many parts.")
    if unpacked > MAX_UNPACKED:
        return _("The workbook unpacks to more than 500 MB; send CSV.")
    if unpacked > 2**20 and unpacked / packed > MAX_RATIO:
        return _("The workbook is packed more tightly than a real one; send CSV.")
    if any(member.flag_bits & 1 for member in members):
        return _("The workbook is encrypted; save it without a password.")
    return ""


def child_rows(path: str, refuse: type[ValueError]) -> Iterator[list[Any]]:
    child = subprocess.Popen(  # noqa: S603  Our own module on a path of ours.
        [sys.executable, "-m", "annotation.importing.spreadsheet", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
        encoding="utf-8",
    )
    assert child.stdout is not None
    try:
        for line in child.stdout:
            row = json.loads(line)
            if isinstance(row, str):
                raise refuse(spoken(row))
            yield row
        if child.wait() != 0:
            raise refuse(
                _("The workbook cannot be read; it is broken or too large. Send CSV.")
            )
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def print_rows(path: str) -> None:
    """The child's work. A line that is a string is a refusal, in English."""
    from python_calamine import CalamineWorkbook

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    if sheet.width > MAX_COLUMNS:
        refusal = gettext_noop("More than %(most)s columns.") % {"most": MAX_COLUMNS}
        sys.stdout.write(json.dumps(refusal) + "\n")
        return
    for row in sheet.iter_rows():
        sys.stdout.write(json.dumps([plain(cell) for cell in row]) + "\n")


def plain(cell: Any) -> Any:
    """A cell as JSON has it; dates and times in ISO 8601."""
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return cell.total_seconds()
    return cell


if __name__ == "__main__":
    print_rows(sys.argv[1])
