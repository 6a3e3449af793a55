"""Values as cells of CSV and of workbooks: safe to open, nothing lost in silence."""

from __future__ import annotations

import re
from typing import Any

from config.text import canonical_json

# Characters that make a spreadsheet read text as a formula.
FORMULA_STARTERS = tuple("=+-@\t\r\n＝＋－＠")
LONGEST = 32_767  # A cell's limit, in UTF-16 code units, as spreadsheets count.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile("\r\n?")
# A spreadsheet reads _x0041_ as the letter A; _x005F_ keeps the underscore.
ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def flat(value: Any) -> Any:
    """A value as one cell: lists and objects as JSON text."""
    return canonical_json(value) if isinstance(value, (list, dict)) else value


def csv_cell(value: Any) -> Any:
    """The same for CSV, where true and false have no type of their own."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return flat(value)


def starts_formula(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith(FORMULA_STARTERS)


def disarmed(cell: Any) -> Any:
    """The cell with a leading apostrophe where a spreadsheet would compute it."""
    return f"'{cell}" if starts_formula(cell) else cell


def held(text: str) -> tuple[str, str]:
    """The text as a workbook's cell can hold it, and what was done to it."""
    done = []
    for pattern, instead, what in [
        (LINE_END, "\n", "carriage returns became line feeds"),
        (FORBIDDEN, "\ufffd", "characters that XML forbids became U+FFFD"),
        (ESCAPE, "_x005F_", "escapes like _x0041_ were written as _x005F_x0041_"),
    ]:
        text, count = pattern.subn(instead, text)
        if count:
            done.append(f"{count} {what}")
    length = len(text.encode("utf-16-le")) // 2
    if length > LONGEST:
        marker = f"… [cut: {length} characters]"
        text = first_units(text, LONGEST - len(marker)) + marker
        done.append(f"cut from {length} to {LONGEST} characters")
    return text, "; ".join(done)


def first_units(text: str, count: int) -> str:
    """As many whole characters as fit in so many UTF-16 code units."""
    return text.encode("utf-16-le")[: 2 * count].decode("utf-16-le", errors="ignore")
