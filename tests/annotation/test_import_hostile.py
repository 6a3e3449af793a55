"""What is wrong with a file is said, row by row; nothing is a server error."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation.api.datasets import ImportView
from annotation.importing import spreadsheet
from annotation.importing.readers import read_rows
from annotation.importing.records import read_record
from annotation.models import Dataset, Item, Output
from tests.annotation.fixtures import ndjson, records
from tests.annotation.test_import import CSV, JSON, XLSX, counted, workbook

GOOD = '{"id": "good", "input": "Q?", "output": "A.", "model": "m"}'
HOSTILE = {
    "a NUL": '{"id": "x", "input": "a\\u0000b"}',
    "a NUL in a key": '{"id": "x", "input": "a", "metadata": {"a\\u0000": 1}}',
    "half a surrogate pair": '{"id": "x", "input": "a\\ud800b"}',
    "NaN": '{"id": "x", "input": "a", "metadata": {"a": NaN}}',
    "Infinity": '{"id": "x", "input": "a", "metadata": {"a": 1e999}}',
    "a key twice": '{"id": "x", "input": "a", "input": "b"}',
    "depth 100": '{"id": "x", "input": ' + "[" * 100 + "]" * 100 + "}",
    "a number of 400 digits": '{"id": "x", "input": "a", "tokens": ' + "9" * 400 + "}",
    "a number of 5,000 digits": '{"id": "x", "input": ["' + '", ' + "9" * 5000 + "]}",
    "a field of over 1 MB": json.dumps({"id": "x", "input": "a" * 1_000_001}),
    "a list": '["x"]',
    "null": "null",
    "a number": "7",
    "a string": '"x"',
    "an empty object": "{}",
    "a name of 201 characters": json.dumps({"id": "x" * 201, "input": "a"}),
    "a name with a line end": json.dumps({"id": "x\n", "input": "a"}),
    "a number as a system": '{"id": "x", "input": "a", "model": 1.5, "output": "b"}',
    "negative tokens": '{"input": "a", "model": "m", "output": "b", "tokens": -1}',
    "half a token": '{"input": "a", "model": "m", "output": "b", "tokens": 1.5}',
    "a true latency": '{"input": "a", "latency_ms": true, "model": "m", "output": ""}',
    "an infinite cost": '{"input": "a", "cost_usd": "inf", "model": "m", "output": ""}',
    "a list of segments": '{"input": "a", "segments": ["a"]}',
    "a nested segment": '{"input": "a", "segments": {"a": {"b": 1}}}',
    "names too long together": json.dumps(
        {"id": "x" * 200, "input": "a", "model": "m" * 200, "output": "b"}
    ),
    "an id twice": '{"input": "", "outputs": [{"id": "1", "system": "s", "content": ""}'
    ', {"id": "1", "system": "s", "content": ""}]}',
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_line_is_its_own_rows_error(send: Any, line: str) -> None:
    reply = send("\n".join([GOOD, "", line, GOOD.replace("good", "too")]).encode())
    assert counted(reply) == (2, 0, 0, 1)
    assert {e["row"] for e in reply["errors"]} == {2}
    assert all(e["message"].endswith(".") for e in reply["errors"])


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_in_an_array_too(send: Any, line: str) -> None:
    body = f"[{GOOD},\n{line},{GOOD.replace('good', 'too')}]"
    reply = send(body.encode(), JSON)
    assert counted(reply) == (2, 0, 0, 1)
    assert {e["row"] for e in reply["errors"]} == {2}


@pytest.mark.parametrize(
    "bytes_", [b'{"id": "x", "input": "\xff"}', b'{"id": "x", "input": "\xed\xa0\x80"}']
)
@pytest.mark.parametrize("type_", ["application/x-ndjson", JSON])
def test_bytes_that_are_no_utf8_are_their_rows_error(
    send: Any, bytes_: bytes, type_: str
) -> None:
    lines = [GOOD.encode(), bytes_, GOOD.replace("good", "too").encode()]
    body = b"\n".join(lines) if type_ != JSON else b"[" + b",".join(lines) + b"]"
    reply = send(body, type_)
    assert counted(reply) == (2, 0, 0, 1)
    assert "UTF-8" in reply["errors"][0]["message"]


def test_a_line_of_2_mb_is_read_and_one_of_9_mb_is_passed_over(send: Any) -> None:
    answers = [
        {"id": f"o{n}", "system": "s", "content": "ü" * 400_000} for n in range(2)
    ]
    wide = json.dumps(
        {"id": "w", "input": "Q?", "outputs": answers}, ensure_ascii=False
    )
    assert counted(send(wide.encode())) == (1, 0, 0, 0)
    huge = '{"id": "h", "input": "' + "a" * 9_000_000 + '"}'
    reply = send(f"{huge}\n{GOOD}".encode())
    assert counted(reply) == (1, 0, 0, 1)
    assert reply["errors"][0]["row"] == 1


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        (JSON, f"[{GOOD}, {GOOD}".encode()),
        (JSON, f"[{GOOD}, {{'a': 1}}]".encode()),
        (JSON, f"[{GOOD} {GOOD}]".encode()),
        (JSON, f"{GOOD} {GOOD}".encode()),
        (JSON, f"[{GOOD},".encode() + b"[" * 100_000),
        (CSV, b'id,input\n1,Q?\n2,"never closed'),
        (CSV, b"id,input\n1,Q?\n2,\xff"),
    ],
)
def test_a_file_that_breaks_off_keeps_what_stood_before(
    send: Any, type_: str, body: bytes
) -> None:
    reply = send(body, type_)
    assert (reply["created"], reply["rejected"]) == (1, 1), reply
    assert reply["errors"][-1]["row"] in (2, 3)
    assert Item.objects.count() == 1


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("application/x-ndjson", b"\n \n"),
        (JSON, b"[]"),
        (JSON, b"{"),
        (JSON, b"[" * 100_000),
        (CSV, b"id,input\n\n,\n"),
        (CSV, b"id,colour\n1,red"),
        (CSV, b"id,id\n1,2"),
        (CSV, "id,input\n1,Q?".encode("utf-16")),
        (XLSX, b"PK\x03\x04 no more"),
        (XLSX, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"encrypted" * 100),
        (XLSX, workbook(["id", "input"])),
        (XLSX, workbook([f"metadata:{n}" for n in range(201)], list(range(201)))),
    ],
)
def test_a_file_without_records_is_refused_with_a_sentence(
    send: Any, type_: str, body: bytes
) -> None:
    reply = send(body, type_)
    assert reply["status"] == 422, reply
    assert reply["detail"].endswith(".")


def test_a_csv_row_with_a_wrong_number_of_cells(send: Any) -> None:
    reply = send(b"id,input\n1,Q?,more\n2\n3,Q?", CSV)
    assert counted(reply) == (1, 0, 0, 2)
    assert [e["row"] for e in reply["errors"]] == [1, 2]


def test_a_csv_cell_of_200_kb_or_full_of_brackets_is_text(send: Any) -> None:
    body = f'id,input\n1,"{"a" * 200_000}"\n2,"{"[" * 100_000}"\n3,"[NaN]"'
    assert counted(send(body.encode(), CSV)) == (3, 0, 0, 0)
    assert Item.objects.get(external_id="2").input == "[" * 100_000
    assert Item.objects.get(external_id="3").input == "[NaN]"


def test_columns_that_say_the_same_twice_are_a_row_error(send: Any) -> None:
    body = "id,input,segments,segment:a,metadata,metadata:b\n"
    body += '1,Q?,word,x,,\n2,Q?,,,"[1]",y\n3,Q?,"{""c"": ""d""}",x,,y'
    reply = send(body.encode(), CSV)
    assert counted(reply) == (1, 0, 0, 2)
    assert Item.objects.get().segments.count() == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"on_change": "overwrite"}, 422),
        ({"dry_run": "perhaps"}, 422),
        ({"format": "parquet"}, 415),
        ({"format": "csv"}, 422),
    ],
)
def test_an_option_that_is_none_is_refused(send: Any, query: Any, status: int) -> None:
    assert send(records(1), **query)["status"] == status
    assert Item.objects.count() == 0


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/pdf", "", "multipart/form-data"]
)
def test_an_unknown_type_is_415_and_names_those_there_are(
    send: Any, type_: str
) -> None:
    reply = send(b"x", type_)
    assert reply["status"] == 415
    assert send(records(1), "text/plain", format="ndjson")["status"] == 200


def test_another_compression_is_415(send: Any) -> None:
    reply = send(records(1), headers={"Content-Encoding": "br"})
    assert reply["status"] == 415


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(ndjson(records(3)).encode())[:-12]]
)
def test_broken_gzip_is_said_now_and_before_a_job(
    send: Any, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    for at_once in (64 * 2**20, 10):
        monkeypatch.setattr("annotation.importing.uploads.AT_ONCE", at_once)
        reply = send(body, headers={"Content-Encoding": "gzip"})
        assert "gzip" in json.dumps(reply), reply
        assert reply["status"] in (200, 422)


def raw_request(dataset: Dataset, user: Any, body: bytes, length: str | None) -> Any:
    request = RequestFactory().post("/", body, content_type="application/x-ndjson")
    request.META["CONTENT_TYPE"] = "application/x-ndjson"
    request.META.pop("CONTENT_LENGTH", None)
    if length is not None:
        request.META["CONTENT_LENGTH"] = length
    request._stream = io.BytesIO(body)  # The server's stream, which ends with the body.
    request._dont_enforce_csrf_checks = True
    request.user = user
    return ImportView.as_view()(request, pk=dataset.pk)


@pytest.mark.parametrize("length", [None, "", "abc", "-1", "²", "1e3"])
def test_without_a_content_length_nothing_is_read(
    blank: Dataset, ada: Any, length: str | None
) -> None:
    response = raw_request(blank, ada, ndjson(records(2)).encode(), length)
    assert response.status_code == 411
    assert Item.objects.count() == 0


def test_a_body_that_was_cut_off_is_not_taken_for_whole(
    blank: Dataset, ada: Any
) -> None:
    body = ndjson(records(2)).encode() + b"\n"
    response = raw_request(blank, ada, body, str(len(body) + 500))
    assert response.status_code in (200, 422)
    assert "cut off" in json.dumps(response.data)


def test_an_empty_body_is_422(blank: Dataset, ada: Any) -> None:
    assert raw_request(blank, ada, b"", "0").status_code == 422


def test_more_than_4_gb_is_413(blank: Dataset, ada: Any) -> None:
    assert raw_request(blank, ada, b"", str(5 * 2**30)).status_code == 413


def bomb(cell: str) -> bytes:
    """A workbook whose one sheet is this XML row."""
    file = BytesIO(workbook(["id", "input"], [1, "Q?"]))
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cell}</sheetData></worksheet>"
    ).encode()
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize(
    "cell",
    [
        "<row>" + "<c><v>0</v></c>" * 2_000_000 + "</row>",
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row><c><v>",
    ],
    ids=["ratio", "dimensions", "broken"],
)
def test_a_workbook_made_to_burst_is_refused(send: Any, cell: str) -> None:
    reply = send(bomb(cell), XLSX)
    assert reply["status"] == 422
    assert reply["detail"].endswith(".")


@pytest.mark.parametrize("number", ["NaN", "inf", "1e308", "-0"])
def test_odd_numbers_in_a_workbook_are_no_server_error(send: Any, number: str) -> None:
    header = "".join(
        f'<c r="{at}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for at, name in [("A", "id"), ("B", "input"), ("C", "metadata:n")]
    )
    cells = "".join(f'<c r="{at}2"><v>{number}</v></c>' for at in "ABC")
    reply = send(bomb(f'<row r="1">{header}</row><row r="2">{cells}</row>'), XLSX)
    assert reply["status"] in (200, 422)


def test_an_encrypted_part_or_too_many_parts_are_refused(tmp_path: Any) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1_001):
            archive.writestr(str(number), "")
    assert "too many" in spreadsheet.why_not_opened(str(path))
    data = bytearray(workbook(["id"]))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in spreadsheet.why_not_opened(str(path))


def test_a_workbook_with_any_byte_changed_is_read_or_refused(tmp_path: Any) -> None:
    whole = workbook(["id", "input"], [1, "Q?"])
    chance = random.Random(5)
    path = tmp_path / "x.xlsx"
    for _ in range(500):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        spreadsheet.why_not_opened(str(path))  # Raises nothing.


KEPT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60
)


@given(input_=KEPT.filter(bool), content=KEPT, name=KEPT)
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("format_name", ["ndjson", "json", "csv"])
def test_text_comes_through_every_format_byte_for_byte(
    format_name: str, input_: str, content: str, name: str
) -> None:
    if format_name == "csv":
        if input_[:1] in "[{":
            return
        cells = (
            f'"{text.replace(chr(34), chr(34) * 2)}"' for text in (input_, content)
        )
        body = "id,input,system,output\r\n1," + ",s,".join(cells) + "\r\n"
    else:
        record = {"id": "1", "input": input_, "output": content, "system": "s"}
        body = json.dumps(record | {"metadata": {name: name}}, ensure_ascii=False)
        body = f"[{body}]" if format_name == "json" else body
    (row,) = read_rows(BytesIO(body.encode()), format_name)
    read = read_record(row.data)
    assert (read.fields["input"], read.outputs[0].content) == (input_, content)


@given(st.binary(max_size=200))
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.parametrize("format_name", ["ndjson", "json", "csv"])
def test_any_bytes_are_rows_or_a_refusal(format_name: str, noise: bytes) -> None:
    from annotation.importing.readers import UnreadableFile
    from annotation.importing.records import Faulty

    try:
        for row in read_rows(BytesIO(noise), format_name):
            if not row.fault:
                read_record(row.data)
    except (UnreadableFile, Faulty):
        pass


def test_a_thousand_outputs_of_each_of_many_items_are_one_import(send: Any) -> None:
    rows = [
        {
            "id": f"i{i}",
            "input": "Q?",
            "outputs": [{"system": f"s{n}", "content": "A."} for n in range(400)],
        }
        for i in range(10)
    ]
    assert counted(send(rows)) == (10, 0, 0, 0)
    assert counted(send(rows)) == (0, 0, 10, 0)
    assert Output.objects.count() == 4_000
