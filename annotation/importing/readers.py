"""Readers of formats: a binary stream in, numbered rows out, one at a time.

Add a format: one function here, one line in FORMATS, one test.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from annotation.importing.records import ALIASES, FLAT_FIELDS
from annotation.importing.spreadsheet import spreadsheet_rows
from config.text import Unreadable, read_json

MAX_LINE = 8_000_000
MAX_ROWS = 1_000_000
MAX_UNPACKED = 4 * 2**30
BOM = b"\xef\xbb\xbf"


class UnreadableFile(ValueError):
    """The whole file cannot be read; the message says why and what to send."""


@dataclass(frozen=True)
class Row:
    """A record's number, from 1, with its data or why it could not be read."""

    number: int
    data: Any = None
    fault: str = ""


def read_rows(stream: IO[bytes], format_name: str) -> Iterator[Row]:
    """Yield the rows of a file in one of FORMATS.

    Raises UnreadableFile where nothing can be read at all. A file that breaks off
    later ends with a faulty row that says so: what stood before it is sound.
    """
    number = 0
    try:
        for row in FORMATS[format_name].read(stream):
            if row.number > MAX_ROWS:
                raise UnreadableFile(
                    _("More than %(most)s records; send the rest as another file.")
                    % {"most": intcomma(MAX_ROWS)}
                )
            number = row.number
            yield row
    except UnreadableFile as error:
        if not number:
            raise
        yield Row(number + 1, fault=f"{error} From here on nothing was read.")


def read_ndjson(stream: IO[bytes]) -> Iterator[Row]:
    """One JSON value a line; blank lines are no records."""
    number = 0
    first = True
    while line := stream.readline(MAX_LINE + 1):
        if first:
            line, first = line.removeprefix(BOM), False
        if not line.strip():
            continue
        number += 1
        if len(line) > MAX_LINE:
            pass_over_line(stream, line)
            fault = _("The line is longer than %(most)s bytes.") % {
                "most": intcomma(MAX_LINE)
            }
            yield Row(number, fault=fault)
        else:
            yield strict_row(number, line)


def pass_over_line(stream: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_LINE)


def strict_row(number: int, text: bytes) -> Row:
    try:
        return Row(number, read_json(text))
    except Unreadable as error:
        return Row(number, fault=str(error))


def read_json_array(stream: IO[bytes]) -> Iterator[Row]:
    """A JSON array of records, or a single record; one in memory at a time."""
    text = JsonText(stream)
    start = text.peek()
    if start != "[":
        if start:
            yield strict_row(1, text.take_value(0))
            text.expect_end()
        return
    text.skip()
    number = 0
    while text.peek() != "]":
        if number:
            text.expect(",", number)
        yield strict_row(number + 1, text.take_value(number))
        number += 1
    text.skip()
    text.expect_end()


# Finds where a value ends; what it holds is judged by `read_json`, value by value.
SCANNER = json.JSONDecoder(
    parse_int=lambda _: 0, parse_float=lambda _: 0, object_pairs_hook=lambda _: 0
)


class JsonText:
    """JSON read piece by piece. Bytes that are no UTF-8 stay what they are."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.text = ""
        self.at = 0
        self.ended = False
        self.read_more()
        self.text = self.text.removeprefix("\ufeff")

    def read_more(self) -> None:
        """Read at least as much again as is left, so that scanning stays linear."""
        piece = self.stream.read(max(65_536, len(self.text) - self.at))
        self.ended = not piece
        self.text = self.text[self.at :] + self.decoder.decode(piece, not piece)
        self.at = 0

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if self.ended:
                return ""
            self.read_more()

    def skip(self) -> None:
        self.at += 1

    def take_value(self, number: int) -> bytes:
        """The next value's bytes, unchecked."""
        self.peek()
        while True:
            try:
                _, end = SCANNER.raw_decode(self.text, self.at)
            except RecursionError:
                raise broken(number, "it is nested too deep") from None
            except json.JSONDecodeError as error:
                fault, end = error.msg, len(self.text)
            else:
                fault = ""
            # A number that ends with the text may go on in the next piece.
            if end < len(self.text) or self.ended:
                break
            if len(self.text) - self.at > MAX_LINE:
                raise broken(number, fault or f"longer than {MAX_LINE:,} characters")
            self.read_more()
        if fault:
            raise broken(number, fault)
        value, self.at = self.text[self.at : end], end
        return value.encode("utf-8", "surrogateescape")

    def expect(self, sign: str, number: int) -> None:
        if self.peek() != sign:
            raise broken(number, f"a {sign!r} is missing")
        self.skip()

    def expect_end(self) -> None:
        if self.peek():
            raise UnreadableFile(
                _(
                    "More follows after the JSON value; send one array, or a record a "
                    "line as application/x-ndjson."
                )
            )


def broken(number: int, reason: str) -> UnreadableFile:
    return UnreadableFile(
        _("Not JSON after record %(number)s: %(reason)s.")
        % {"number": number, "reason": reason}
    )


def read_csv(stream: IO[bytes]) -> Iterator[Row]:
    """A header and rows, comma or semicolon, UTF-8; columns are the flat fields."""
    csv.field_size_limit(MAX_LINE)
    # Bytes that are no UTF-8 come through as lone surrogates; their row says so.
    text = io.TextIOWrapper(
        stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    try:
        first = text.readline(MAX_LINE)
        delimiter = ";" if first.count(";") > first.count(",") else ","
        lines = chain([first], bounded_lines(text))
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        yield from flat_rows(next(rows, []), rows)
    except csv.Error as error:
        raise UnreadableFile(_("Not CSV: %(error)s.") % {"error": error}) from None


def bounded_lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise UnreadableFile(
                _("A line is longer than %(most)s characters.")
                % {"most": intcomma(MAX_LINE)}
            )
        yield line


def read_xlsx(stream: IO[bytes]) -> Iterator[Row]:
    """The first sheet of a workbook, read in a process of its own."""
    rows = spreadsheet_rows(stream, UnreadableFile)
    header = next(rows, [])
    yield from flat_rows(["" if cell is None else str(cell) for cell in header], rows)


def flat_rows(header: list[str], rows: Iterator[list[Any]]) -> Iterator[Row]:
    """Rows under a header as flat records; empty cells are absent, empty rows none."""
    names = [name.strip() for name in header]
    if not all(map(is_utf8, names)):
        raise UnreadableFile(_("Not UTF-8. Save the file as UTF-8."))
    unknown = [n for n in names if n and n not in FLAT_FIELDS and not prefixed(n)]
    if unknown:
        raise UnreadableFile(
            _(
                "Unknown column %(column)s. Columns are %(fields)s, segment:NAME and "
                "metadata:NAME; call it 'metadata:%(name)s' to keep it."
            )
            % {
                "column": repr(unknown[0]),
                "fields": ", ".join(FLAT_FIELDS),
                "name": unknown[0],
            }
        )
    if len(set(filter(None, names))) < len(list(filter(None, names))):
        raise UnreadableFile(_("A column name stands twice in the header."))
    number = 0
    for cells in rows:
        if all(cell in (None, "") for cell in cells):
            continue
        number += 1
        if len(cells) > len(names):
            yield Row(number, fault=_("The row has more cells than the header."))
        elif not all(map(is_utf8, cells)):
            yield Row(number, fault=_("Not UTF-8. Save the file as UTF-8."))
        else:
            yield Row(number, flat_record(dict(zip(names, cells, strict=False))))


def is_utf8(cell: Any) -> bool:
    try:
        str(cell).encode()
    except UnicodeEncodeError:
        return False
    return True


def prefixed(name: str) -> bool:
    prefix, _, rest = name.partition(":")
    return prefix in PREFIXES and bool(rest)


def flat_record(cells: dict[str, Any]) -> dict[str, Any]:
    """Cells by column name as a flat record; cells that hold JSON lists are read."""
    record: dict[str, Any] = {}
    named: dict[str, dict[str, Any]] = {}
    answered = any(cells.get(name) not in (None, "") for name in ALIASES["system"])
    for name, cell in cells.items():
        # An empty answer is one; without a system the row is a question alone.
        empty = cell is None or (
            cell == "" and not (answered and name in ALIASES["content"])
        )
        if not name or empty:
            continue
        prefix, _, rest = name.partition(":")
        if rest:
            named.setdefault(PREFIXES[prefix], {})[rest] = cell
        elif name in STRUCTURED:
            record[name] = structured(cell)
        else:
            record[name] = cell if name in NUMBERS else as_text(cell)
    for field, pairs in named.items():
        whole = record.get(field, {})
        # What is no object is left as it is, and `read_record` says so.
        record[field] = whole | pairs if isinstance(whole, dict) else whole
    return record


PREFIXES = {"segment": "segments", "metadata": "metadata"}
STRUCTURED = ("input", "prompt", "context", *PREFIXES.values())
NUMBERS = ("latency_ms", "cost_usd", "tokens")


def structured(cell: Any) -> Any:
    """A cell that is a JSON list or object is read as one; all else is text."""
    text = as_text(cell)
    if text[:1] in ("[", "{"):
        try:
            return read_json(text)
        except Unreadable:
            return text
    return text


def as_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if isinstance(cell, str) else str(cell)


@dataclass(frozen=True)
class Format:
    """A format that can be read: its media types and its reader."""

    media_types: tuple[str, ...]
    extensions: tuple[str, ...]
    read: Callable[[IO[bytes]], Iterator[Row]]


FORMATS: dict[str, Format] = {
    "ndjson": Format(
        (
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/jsonlines",
        ),
        ("ndjson", "jsonl"),
        read_ndjson,
    ),
    "json": Format(("application/json",), ("json",), read_json_array),
    "csv": Format(("text/csv",), ("csv",), read_csv),
    "xlsx": Format(
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
        ("xlsx",),
        read_xlsx,
    ),
}


def format_of(media_type: str = "", file_name: str = "") -> str | None:
    """The format that a media type or a file name stands for."""
    plain = media_type.partition(";")[0].strip().lower()
    extension = file_name.lower().removesuffix(".gz").rpartition(".")[2]
    for name, format_ in FORMATS.items():
        if plain in format_.media_types or extension in format_.extensions:
            return name
    return None


class Unzipped(io.RawIOBase):
    """A gzip stream unpacked as it is read, with a bound on what comes out."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.inner = gzip.GzipFile(fileobj=stream)
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self.inner.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFile(_("Not gzip: %(error)s.") % {"error": error}) from None
        self.count += len(data)
        if self.count > MAX_UNPACKED:
            raise UnreadableFile(_("The file unpacks to more than 4 GiB."))
        buffer[: len(data)] = data
        return len(data)


def unzipped(stream: IO[bytes]) -> IO[bytes]:
    return io.BufferedReader(Unzipped(stream), 65_536)
