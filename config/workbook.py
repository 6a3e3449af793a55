"""Workbooks written row by row: text stays text, and every altered cell is listed.

Text is never written as a formula. What XML or a cell cannot hold is replaced or cut,
and listed on the sheet "changes".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from config.cells import flat, held

MOST_ROWS = 1_048_576
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOLD = Font(bold=True)


@dataclass(frozen=True)
class Change:
    """One cell that stands in a file otherwise than in the database."""

    sheet: str
    row: int  # As a spreadsheet numbers them: the header is row 1.
    column: str
    what: str


class Book:
    """A workbook; its changes are listed as they happen."""

    def __init__(self, *, made: datetime) -> None:
        self.book: Any = Workbook(write_only=True)
        self.book.properties.created = made.replace(tzinfo=None)
        self.book.properties.creator = "Touchstone"
        self.altered = 0
        self.changes: Sheet | None = None

    def table(
        self, title: str, columns: list[str], rows: Iterable[Mapping[str, Any]]
    ) -> None:
        sheet = Sheet(self, title, columns)
        for row in rows:
            sheet.append([row[column] for column in columns])

    def note(self, change: Change) -> None:
        self.altered += 1
        self.changes_sheet().append(
            [change.sheet, change.row, change.column, change.what], noting=False
        )

    def changes_sheet(self) -> Sheet:
        if self.changes is None:
            self.changes = Sheet(self, "changes", ["sheet", "row", "column", "what"])
        return self.changes

    def save(self, stream: IO[bytes]) -> int:
        """Write the file; returns how many cells were altered."""
        self.changes_sheet()
        # Made when the first cell was altered, shown last.
        self.book._sheets.sort(key=lambda sheet: sheet.title.startswith("changes"))
        self.book.save(stream)
        return self.altered


class Sheet:
    """One table; it goes on in a further sheet when a sheet is full."""

    def __init__(self, book: Book, title: str, columns: list[str]) -> None:
        self.book, self.title, self.columns = book, title, columns
        self.number = 0
        self.open_next()

    def open_next(self) -> None:
        self.number += 1
        self.name = self.title if self.number == 1 else f"{self.title} {self.number}"
        sheet = self.book.book.create_sheet(self.name)
        self.sheet: Any = sheet
        self.sheet.freeze_panes = "A2"
        for number in range(1, len(self.columns) + 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = 18
        header = [self.text_cell(column) for column in self.columns]
        for cell in header:
            cell.font = BOLD
        self.sheet.append(header)
        self.rows = 1

    def append(self, values: list[Any], *, noting: bool = True) -> None:
        if self.rows == MOST_ROWS:
            self.open_next()
        self.rows += 1
        cells = []
        for column, value in zip(self.columns, map(flat, values), strict=True):
            if isinstance(value, float):
                cells.append(self.number_cell(value))
                continue
            if not isinstance(value, str):
                cells.append(value)
                continue
            text, what = held(value)
            if what and noting:
                self.book.note(Change(self.name, self.rows, column, what))
            cells.append(self.text_cell(text))
        self.sheet.append(cells)

    def number_cell(self, value: float) -> Any:
        cell = WriteOnlyCell(self.sheet, value=repr(value))
        cell.data_type = "n"  # openpyxl would write 16 digits of the 17 that tell it.
        return cell

    def text_cell(self, text: str) -> Any:
        cell = WriteOnlyCell(self.sheet, value=text)
        cell.data_type = "s"  # openpyxl takes a leading = for a formula.
        return cell
