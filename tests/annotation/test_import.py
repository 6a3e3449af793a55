"""Outputs come in by API: every format, every way to name things, nothing twice."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions.judging import output_ids, submit_judgment
from annotation.answers.reading import read_answers
from annotation.models import Dataset, Import, Item, ItemSegment, Output, System
from rubrics.instrument import published_instrument
from tests.annotation.fixtures import ndjson, records
from tests.annotation.storm import at_once

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
JSON = "application/json"


def counted(reply: dict[str, Any]) -> tuple[int, int, int, int]:
    assert reply["status"] == 200, reply
    return (
        reply["created"],
        reply["updated"],
        reply["unchanged"],
        reply["rejected"],
    )


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def contents(dataset: Dataset) -> dict[str, Any]:
    rows = Output.objects.filter(dataset=dataset)
    return dict(rows.values_list("external_id", "content"))


def test_a_canonical_record_is_kept_whole(send: Any, blank: Dataset) -> None:
    record = {
        "id": "q81",
        "input": [{"role": "user", "content": "Where is my refund?"}],
        "context": [{"title": "Refunds", "content": "Ten days."}],
        "reference": "In ten days.",
        "segments": {"intent": "billing", "vip": True, "level": 2},
        "metadata": {"thread": 9},
        "outputs": [
            {
                "id": "q81/gpt-4",
                "system": "gpt-4",
                "content": "Soon.",
                "latency_ms": 812,
                "cost_usd": 0.0004,
                "tokens": 3,
                "metadata": {"t": 0.1},
            },
            {"system": "wren", "content": ""},
        ],
    }
    assert counted(send([record])) == (1, 0, 0, 0)
    item = Item.objects.get()
    assert item.input == record["input"]
    assert item.context == record["context"]
    assert (item.reference, item.metadata) == ("In ten days.", {"thread": 9})
    assert dict(item.segments.values_list("name", "value")) == {
        "intent": "billing",
        "vip": "true",
        "level": "2",
    }
    first, second = Output.objects.order_by("pk")
    assert (first.external_id, first.system.name) == ("q81/gpt-4", "gpt-4")
    assert (first.latency_ms, first.cost_usd, first.tokens) == (812, 0.0004, 3)
    assert (second.external_id, second.content) == ("q81/wren", "")


@pytest.mark.parametrize("question", ["input", "prompt"])
@pytest.mark.parametrize("answer", ["output", "response"])
@pytest.mark.parametrize("maker", ["system", "model"])
def test_flat_records_may_use_any_of_the_names(
    send: Any, blank: Dataset, question: str, answer: str, maker: str
) -> None:
    assert counted(send([{"id": "1", question: "Q?", answer: "A.", maker: "m"}])) == (
        1,
        0,
        0,
        0,
    )
    output = Output.objects.get()
    assert (output.item.input, output.content, output.system.name) == ("Q?", "A.", "m")


def test_two_names_for_one_thing_are_a_row_error(send: Any) -> None:
    reply = send([{"input": "Q?", "prompt": "Q?", "output": "A.", "model": "m"}])
    assert counted(reply) == (0, 0, 0, 1)
    assert reply["errors"][0]["field"] == "prompt"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(records(2)),
        "﻿ \n" + json.dumps(records(2), indent=2),
        "[" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in records(2)) + " ]",
    ],
)
def test_a_json_array_is_read_record_by_record(send: Any, body: str) -> None:
    assert counted(send(body.encode(), JSON)) == (2, 0, 0, 0)


def test_a_single_json_object_is_one_record(send: Any) -> None:
    assert counted(send(json.dumps(records(1)[0], indent=1), JSON)) == (1, 0, 0, 0)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_with_either_separator_quotes_and_empty_answers(
    send: Any, blank: Dataset, delimiter: str, mark: bytes
) -> None:
    lines = [
        "id,input,system,output,latency_ms,segment:intent,metadata:page",
        '1,"Why, and ""how""?",heron,"Two\r\nlines",12.5,billing,7',
        "1,,wren,,,,",
        "2,No answers yet,,,,,",
        "",
    ]
    body = "\r\n".join(lines)
    if delimiter == ";":
        body = body.replace(",", ";").replace("Why;", "Why,")
    assert counted(send(mark + body.encode(), CSV)) == (3, 0, 0, 0)
    assert contents(blank) == {"1/heron": "Two\r\nlines", "1/wren": ""}
    item = Item.objects.get(external_id="1")
    assert item.input == 'Why, and "how"?'
    assert item.metadata == {"page": "7"}
    assert item.segments.get().value == "billing"
    assert Output.objects.get(external_id="1/heron").latency_ms == 12.5


def test_a_csv_cell_may_hold_a_conversation(send: Any) -> None:
    turns = [{"role": "user", "content": "Hi, there"}]
    quoted = json.dumps(turns).replace('"', '""')
    assert counted(send(f'id,prompt,context\n1,"{quoted}",Facts', CSV)) == (1, 0, 0, 0)
    item = Item.objects.get()
    assert item.input == turns
    assert item.context == [{"title": "", "content": "Facts"}]


def test_a_workbook_with_numbers_dates_formulas_and_empty_cells(
    send: Any, blank: Dataset
) -> None:
    body = workbook(
        ["id", "prompt", "model", "response", "tokens", "metadata:day", "segment:paid"],
        [1, "Q1", "heron", 3.5, 12, datetime(2026, 5, 1, 10, 30), True],
        [2, "Q2", "heron", "", None, None, None],
        [3, "=1+1", "heron", "A\nB", None, None, None],
    )
    reply = send(body, XLSX)
    assert reply["status"] == 200, reply
    first = Item.objects.get(external_id="1")
    assert first.metadata == {"day": "2026-05-01T10:30:00"}
    assert first.segments.get().value == "true"
    assert contents(blank)["1/heron"] == "3.5"
    assert contents(blank)["2/heron"] == ""
    # openpyxl stores no result of a formula, so that cell is empty: a row error.
    assert [e["row"] for e in reply["errors"]] == [3]


@pytest.mark.parametrize("type_", ["application/x-ndjson", JSON, CSV, XLSX])
def test_every_format_may_come_as_gzip(send: Any, type_: str) -> None:
    bodies = {
        "application/x-ndjson": ndjson(records(1)).encode(),
        JSON: json.dumps(records(1)).encode(),
        CSV: b"id,input\n1,Q?",
        XLSX: workbook(["id", "input"], [1, "Q?"]),
    }
    packed = gzip.compress(bodies[type_])
    reply = send(packed, type_, headers={"Content-Encoding": "gzip"})
    assert counted(reply) == (1, 0, 0, 0)


def test_without_an_id_the_question_names_the_item_and_the_system_the_output(
    send: Any,
) -> None:
    answers = [{"system": "s", "content": c} for c in ("one", "two", "three")]
    record = {"input": "Q?", "context": "Facts", "outputs": answers}
    assert counted(send([record])) == (1, 0, 0, 0)
    spelt = '["Q?",[{"content":"Facts","title":""}]]'
    name = sha256(spelt.encode()).hexdigest()
    assert Item.objects.get().external_id == name
    names = Output.objects.order_by("pk").values_list("external_id", flat=True)
    assert list(names) == [f"{name}/s", f"{name}/s#2", f"{name}/s#3"]
    assert counted(send([record])) == (0, 0, 1, 0)


def test_the_same_again_is_unchanged_and_writes_nothing(send: Any) -> None:
    assert counted(send(records(30))) == (30, 0, 0, 0)
    with CaptureQueriesContext(connection) as queries:
        assert counted(send(records(30))) == (0, 0, 30, 0)
    written = [
        q["sql"]
        for q in queries
        if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        and "accounts_apitoken" not in q["sql"]
    ]
    assert written == []
    assert Import.objects.count() == 1


def test_answers_that_come_later_need_no_input(send: Any, blank: Dataset) -> None:
    send(records(2, systems=("heron",)))
    late = [
        {"id": "q0", "outputs": [{"system": "owl", "content": "Late."}]},
        {"id": "q1", "model": "owl", "response": "Late too."},
        {"id": "q2", "model": "owl", "response": "To what?"},
    ]
    reply = send(late)
    assert counted(reply) == (2, 0, 0, 1)
    assert (reply["errors"][0]["row"], reply["errors"][0]["field"]) == (3, "input")
    assert contents(blank)["q1/owl"] == "Late too."
    assert Item.objects.get(external_id="q0").context is not None


def test_one_bad_row_never_blocks_the_rest(send: Any) -> None:
    good = records(4)
    bad = [
        {"id": "x", "outputs": "none"},
        {"id": "y", "input": "Q?", "outputs": [{"system": "s"}]},
        {"id": "z", "input": "Q?", "colour": "red"},
        {
            "id": "t",
            "input": "Q?",
            "outputs": [{"system": "s", "content": "a", "tokens": -1}],
        },
    ]
    reply = send([r for pair in zip(good, bad, strict=True) for r in pair])
    assert counted(reply) == (4, 0, 0, 4)
    found = [(e["row"], e["field"]) for e in reply["errors"]]
    assert found == [
        (2, "outputs"),
        (4, "outputs.0.content"),
        (6, "colour"),
        (8, "outputs.0.tokens"),
    ]


def test_what_was_sent_but_in_part_is_unchanged_beside_the_whole(send: Any) -> None:
    whole = records(1)[0]
    send([whole])
    part = {"id": "q0", "input": whole["input"], "outputs": whole["outputs"][:1]}
    assert counted(send([part, whole])) == (0, 0, 2, 0)
    assert counted(send([part, whole], dry_run=1)) == (0, 0, 2, 0)


def test_a_killed_import_goes_on_when_it_is_sent_again(send: Any) -> None:
    rows = records(700)
    send(rows[:500])  # What a killed import leaves: whole chunks.
    assert counted(send(rows)) == (200, 0, 500, 0)
    assert Output.objects.count() == 1_400


@pytest.fixture
def judged(
    blank: Dataset,
    send: Any,
    make_batch: Any,
    rubric_version: Any,
    claim: Any,
    ben: Any,
) -> Output:
    """An output of `blank` that Ben has judged; q1 is judged by nobody."""
    send(records(2, systems=("heron",)))
    batch = make_batch(blank, rubric_version, overlap=1)
    assignment = assignment_for(Principal(ben), claim(ben, batch).pk)
    submit_judgment(
        assignment=assignment,
        answers=read_answers(
            published_instrument(batch.rubric_version_id),
            {"accuracy": 4, "fluent": True},
            side_order=[0],
        ),
        outputs=output_ids(assignment),
    )
    return assignment.unit.unit_outputs.get().output


def other_content(*names: str) -> list[Any]:
    return [
        {
            "id": n,
            "outputs": [{"id": f"{n}/heron", "system": "heron", "content": "New."}],
        }
        for n in names
    ]


def test_other_content_is_refused_unless_asked_for(send: Any, judged: Output) -> None:
    reply = send(other_content("q0", "q1"))
    assert counted(reply) == (0, 0, 0, 2)
    assert [e["field"] for e in reply["errors"]] == ["outputs.0.content"] * 2
    assert not Output.objects.filter(content="New.").exists()


def test_update_replaces_what_nobody_has_judged(send: Any, judged: Output) -> None:
    reply = send(other_content("q0", "q1"), on_change="update")
    assert counted(reply) == (0, 1, 0, 1)
    row = 1 if judged.external_id == "q0/heron" else 2
    assert [(e["row"], e["field"]) for e in reply["errors"]] == [
        (row, "outputs.0.content")
    ]
    assert "was shown to annotators" in reply["errors"][0]["message"]
    judged.refresh_from_db()
    assert judged.content != "New."


def test_a_judged_question_does_not_change_but_its_segments_may(
    send: Any, judged: Output
) -> None:
    name = judged.item.external_id
    reply = send([{"id": name, "input": "Another?"}], on_change="update")
    assert counted(reply) == (0, 0, 0, 1)
    assert reply["errors"][0]["field"] == "input"
    again = [{"id": name, "segments": {"parity": "none"}}]
    assert counted(send(again, on_change="update")) == (0, 1, 0, 0)
    assert judged.item.segments.get().value == "none"
    judged.item.refresh_from_db()
    assert judged.item.context is not None


def test_revise_keeps_both_and_sending_it_again_changes_nothing(
    send: Any, judged: Output
) -> None:
    new = other_content(judged.item.external_id)
    assert counted(send(new, on_change="revise")) == (0, 1, 0, 0)
    revisions = Output.objects.filter(external_id=judged.external_id)
    assert list(revisions.order_by("revision").values_list("revision", "content")) == [
        (1, judged.content),
        (2, "New."),
    ]
    assert counted(send(new, on_change="revise")) == (0, 0, 1, 0)
    assert counted(send(new)) == (0, 0, 1, 0)


def test_a_dry_run_counts_as_the_import_would_and_writes_nothing(
    send: Any, blank: Dataset
) -> None:
    send(records(3))
    rows: list[Any] = records(620)
    rows += records(5)  # Again, in another chunk.
    rows += [{"id": "q7", "metadata": {}, "model": "owl", "response": "Late."}]
    rows += [{"id": "q8", "input": "Another?"}, {"id": "new", "model": "x"}]
    rows += [{"id": "q0", "input": "Question 0?"}]
    before = Item.objects.count(), Output.objects.count(), System.objects.count()
    checked = send(rows, dry_run=1)
    after = Item.objects.count(), Output.objects.count(), System.objects.count()
    assert after == before
    assert counted(checked)[0] > 600
    real = send(rows)
    assert checked == real


@pytest.mark.parametrize("on_change", ["update", "revise"])
def test_a_dry_run_foresees_changes_too(send: Any, on_change: str) -> None:
    send(records(600, systems=("heron",)))
    rows = other_content("q0", "q1") + records(600, systems=("heron",))
    rows += other_content("q0", "q1")
    checked = send(rows, dry_run=1, on_change=on_change)
    assert checked == send(rows, on_change=on_change)


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_leave_one_set(
    project: Any, blank: Dataset, ada: Any, api: Any
) -> None:
    body = ndjson(records(600))
    turned = ndjson(records(600)[::-1])
    clients = [api(ada), api(ada)]

    def post(number: int) -> Any:
        return clients[number].post(
            f"/api/v1/datasets/{blank.pk}/import",
            [body, turned][number],
            content_type="application/x-ndjson",
        )

    replies = at_once(post, 2)
    assert [r.status_code for r in replies] == [200, 200]
    totals = [r.json() for r in replies]
    assert sum(t["created"] + t["unchanged"] for t in totals) == 1_200
    assert Item.objects.count() == 600
    assert Output.objects.count() == ItemSegment.objects.count() * 2 == 1_200


def test_what_was_imported_is_told_with_its_time(send: Any, blank: Dataset) -> None:
    send(records(1))
    made = Import.objects.get()
    assert (made.created, made.source) == (1, "API, ndjson")
    assert made.at <= datetime.now(UTC)
