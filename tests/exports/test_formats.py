"""The files: every format gives back what it was given, or says what it altered."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from config import workbook
from exports.formats import FORMATS
from exports.rows import COLUMNS, Gold, Row

MANIFEST = {
    "created_at": "2026-11-20T10:00:00+00:00",
    "release": {"number": 3},
    "batches": [{"name": "=SUM(A1)"}],
    "columns": ["item", "value"],
    "excluded_criteria": [],
}
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def row(**fields: Any) -> Row:
    return {
        "item": "q1",
        "dataset": "Questions",
        "outputs": ["q1/a"],
        "revisions": [1],
        "systems": ["a"],
        "criterion": "accuracy",
        "output": "q1/a",
        "value": 4,
        "distribution": {"4": 2},
        "support": 2,
        "decided_by": "majority",
        "disputed": False,
        "split": "test",
    } | fields


def gold(*labels: Row, unresolved: list[Row] | None = None) -> Gold:
    rows = SimpleNamespace(
        manifest=MANIFEST,
        labels=lambda: iter(labels),
        unresolved=lambda: iter(unresolved or []),
    )
    return cast(Gold, rows)


def written(file_format: str, of: Gold) -> tuple[bytes, int]:
    stream = io.BytesIO()
    altered = FORMATS[file_format].write(of, stream)
    return stream.getvalue(), altered


def csv_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def sheet_rows(data: bytes, name: str) -> list[dict[str, Any]]:
    sheet = load_workbook(io.BytesIO(data), read_only=True)[name]
    header, *rows = list(sheet.iter_rows(values_only=True))
    return [dict(zip(map(str, header), values, strict=False)) for values in rows]


def xml_cells(data: bytes) -> Iterator[ElementTree.Element]:
    """Every cell of every sheet, as the file has it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                tree = ElementTree.fromstring(archive.read(name))  # noqa: S314
                yield from tree.iter(f"{SPREADSHEET}c")


STARTERS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]


@pytest.mark.parametrize("starter", STARTERS)
def test_csv_text_is_never_a_formula(starter: str) -> None:
    text = f'{starter}HYPERLINK("http://evil.example","q")'
    data, altered = written("csv", gold(row(item=text, value=text)))

    (made,) = csv_rows(data)
    assert made["item"] == made["value"] == f"'{text}"
    assert altered == 2
    listed, _ = written("csv_changes", gold(row(item=text, value=text)))
    assert [
        (one["row"], one["column"]) for one in map(json.loads, listed.splitlines())
    ] == [(2, "item"), (2, "value")]


@pytest.mark.parametrize("starter", STARTERS)
def test_raw_csv_leaves_text_as_it_is(starter: str) -> None:
    data, altered = written("csv_raw", gold(row(item=f"{starter}1")))

    assert csv_rows(data)[0]["item"] == f"{starter}1"
    assert altered == 0


@pytest.mark.parametrize("number", [5 / 3, -0.1, 1e300, 4.2331043025998946e278])
def test_a_number_keeps_all_its_digits(number: float) -> None:
    of = gold(row(value=number))

    assert float(csv_rows(written("csv", of)[0])[0]["value"]) == number
    assert sheet_rows(written("xlsx", of)[0], "labels")[0]["value"] == number
    assert json.loads(written("jsonl", of)[0])["value"] == number


def test_a_negative_number_in_csv_stays_a_number() -> None:
    data, altered = written("csv", gold(row(value=-2.5)))

    assert csv_rows(data)[0]["value"] == "-2.5"
    assert altered == 0


def test_csv_keeps_to_rfc_4180() -> None:
    data, _ = written("csv", gold(row(item='a,"b"\nc', systems=["x, y"])))

    assert data.startswith(",".join(COLUMNS).encode() + b"\r\n")
    assert b'"a,""b""\nc"' in data
    assert csv_rows(data)[0]["systems"] == '["x, y"]'


@pytest.mark.parametrize("starter", STARTERS)
def test_xlsx_has_no_formula(starter: str) -> None:
    text = f'{starter}HYPERLINK("http://evil.example","q")'
    label = row(item=text, value=text, outputs=[text], distribution={text: 1})

    data, _ = written(
        "xlsx", gold(label, unresolved=[label | {"unresolved_because": text}])
    )

    cells = list(xml_cells(data))
    assert len(cells) > 50
    assert [cell for cell in cells if cell.find(f"{SPREADSHEET}f") is not None] == []
    (made,) = sheet_rows(data, "labels")
    assert made["item"].replace("\r", "\n") == text.replace("\r", "\n")


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "TRUE", "1", "1e5", "2026-01-01"])
def test_text_that_looks_like_something_else_stays_text_in_xlsx(text: str) -> None:
    data, altered = written("xlsx", gold(row(value=text)))

    cell = next(cell for cell in xml_cells(data) if cell.get("r") == "H2")
    assert cell.get("t") == "inlineStr"
    assert sheet_rows(data, "labels")[0]["value"] == text
    assert altered == 0


@pytest.mark.parametrize(
    ("text", "held", "what"),
    [
        ("bell\x07", "bell\ufffd", "characters that XML forbids"),
        ("\x00\x0b\x1f", "\ufffd" * 3, "3 characters that XML forbids"),
        ("half \ud800", "half \ufffd", "characters that XML forbids"),
        ("no \ufffe\uffff", "no \ufffd\ufffd", "characters that XML forbids"),
        ("a\r\nb\rc", "a\nb\nc", "carriage returns"),
        ("_x0041_", "_x005F_x0041_", "_x005F_x0041_"),
    ],
)
def test_what_xlsx_cannot_hold_is_replaced_and_listed(
    text: str, held: str, what: str
) -> None:
    data, altered = written("xlsx", gold(row(), row(value=text)))

    assert sheet_rows(data, "labels")[1]["value"] == held
    (change,) = sheet_rows(data, "changes")
    assert (change["sheet"], change["row"], change["column"]) == ("labels", 3, "value")
    assert what in change["what"]
    assert altered == 1


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f600"])
def test_text_too_long_for_a_cell_is_cut_with_a_mark_and_listed(letter: str) -> None:
    longest = 32_767 // (2 if letter == "\U0001f600" else 1)
    whole, over = letter * longest, letter * (longest + 1)

    data, altered = written("xlsx", gold(row(value=whole), row(value=over)))

    kept, cut = [one["value"] for one in sheet_rows(data, "labels")]
    assert kept == whole
    assert len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert cut.startswith(letter * 16_000)
    assert "[cut: 32768 characters]" in cut
    (change,) = sheet_rows(data, "changes")
    assert change["row"] == 3
    assert "cut from 32768" in change["what"]
    assert altered == 1


def test_a_full_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)

    data, altered = written("xlsx", gold(*(row(value=f"\r{n}") for n in range(5))))

    pages = ["labels", "labels 2", "labels 3"]
    assert [len(sheet_rows(data, page)) for page in pages] == [2, 2, 1]
    changes = [
        one
        for name in ["changes", "changes 2", "changes 3"]
        for one in sheet_rows(data, name)
    ]
    assert [(one["sheet"], one["row"]) for one in changes] == [
        ("labels", 2),
        ("labels", 3),
        ("labels 2", 2),
        ("labels 2", 3),
        ("labels 3", 2),
    ]
    assert altered == 5


def test_the_workbook_has_labels_unresolved_manifest_and_changes() -> None:
    why = row(value=None) | {"unresolved_because": "The votes differ."}
    data, _ = written("xlsx", gold(row(), unresolved=[why]))

    book = load_workbook(io.BytesIO(data), read_only=True)
    assert book.sheetnames == ["labels", "unresolved", "manifest", "changes"]
    (unresolved,) = sheet_rows(data, "unresolved")
    assert unresolved["unresolved_because"] == "The votes differ."
    manifest = {one["key"]: one["value"] for one in sheet_rows(data, "manifest")}
    assert manifest["release.number"] == 3
    assert manifest["batches.1.name"] == "=SUM(A1)"
    assert manifest["columns"] == '["item","value"]'


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
values = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(texts, max_size=3),
)
labels = st.lists(
    st.builds(
        row,
        item=texts,
        output=st.none() | texts,
        value=values,
        systems=st.lists(texts, max_size=2),
        distribution=st.dictionaries(texts, st.integers(1, 9), max_size=3),
        disputed=st.booleans(),
    ),
    max_size=4,
)


@settings(deadline=None)
@given(labels)
def test_json_lines_give_back_every_label(made: list[Row]) -> None:
    data, altered = written("jsonl", gold(*made))

    assert [json.loads(line) for line in data.decode().split("\n")[:-1]] == made
    assert altered == 0


@settings(deadline=None)
@given(labels)
def test_csv_gives_back_every_label_but_for_the_listed_changes(
    made: list[Row],
) -> None:
    raw, _ = written("csv_raw", gold(*made))
    safe, altered = written("csv", gold(*made))
    listed, _ = written("csv_changes", gold(*made))

    changes = {
        (one["row"], one["column"]) for one in map(json.loads, listed.splitlines())
    }
    assert len(changes) == altered
    assert [spelled(one) for one in made] == csv_rows(raw)
    for place, (one, there) in enumerate(
        zip(csv_rows(raw), csv_rows(safe), strict=True), start=2
    ):
        for column in COLUMNS:
            mark = "'" if (place, column) in changes else ""
            assert there[column] == mark + one[column]


@settings(deadline=None)
@given(labels)
def test_xlsx_gives_back_every_label_but_for_the_listed_changes(
    made: list[Row],
) -> None:
    data, altered = written("xlsx", gold(*made))

    changed = {(one["row"], one["column"]) for one in sheet_rows(data, "changes")}
    assert len(changed) == altered
    for place, (one, there) in enumerate(
        zip(made, sheet_rows(data, "labels"), strict=True), start=2
    ):
        for column in COLUMNS:
            value = one[column]
            if (place, column) in changed:
                continue
            if isinstance(value, list | dict):
                value = json.dumps(
                    value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
                )
            assert there[column] == (None if value == "" else value)


def spelled(label: Row) -> dict[str, str]:
    """A label as CSV text."""
    return {column: as_text(label[column]) for column in COLUMNS}


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
    return str(value)
