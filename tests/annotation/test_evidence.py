"""Words marked as evidence: by API and by form alike, kept, refused, and exported."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Project, User
from annotation.answers.stored import judgment_as_sent
from annotation.content.places import text_shown
from annotation.models import Answer, Assignment, Batch, Dataset, Judgment, Span
from annotation.tables import table_row
from tests.rubrics.fixtures import published

CRITERIA: list[dict[str, Any]] = [
    {
        "key": "true",
        "question": "Is it true?",
        "scale": {"kind": "binary"},
        "evidence": "required",
        "allow_not_applicable": True,
    },
    {
        "key": "clear",
        "question": "Which is clearer?",
        "scale": {"kind": "preference"},
        "evidence": "optional",
        "required": False,
    },
    {
        "key": "tone",
        "question": "Is the tone right?",
        "scale": {"kind": "binary"},
        "required": False,
    },
]
ANSWERS = {"true": {"A": True, "B": False}, "clear": "A"}
SPANS = {
    "true": {"A": [{"start": 0, "end": 6}], "B": [{"start": 7, "end": 8}]},
    "clear": {"A": [{"start": 2, "end": 4}, {"start": 9, "end": 12}], "B": []},
}
POSTED = {
    "answer-true-A": "true",
    "span-true-A": "0-6",
    "answer-true-B": "false",
    "span-true-B": "7-8",
    "answer-clear": "A",
    "span-clear-A": "9-12 2-4 2-4",
}


@pytest.fixture
def batch(
    project: Project, ada: User, dataset: Dataset, make_batch: Callable[..., Batch]
) -> Batch:
    version = published(project, ada, "With evidence", CRITERIA)
    return make_batch(dataset, version, layout="pairwise")


@pytest.fixture
def assignment(batch: Batch, ben: User, claim: Callable[..., Assignment]) -> Assignment:
    return claim(ben, batch)


def marked(judgment: Judgment) -> set[tuple[str, int, int, int, str]]:
    return {
        (s.answer.criterion.key, s.output_id, s.start, s.end, s.quote)
        for s in Span.objects.filter(answer__judgment=judgment)
    }


def shown_texts(assignment: Assignment) -> dict[str, str]:
    rows = list(assignment.unit.unit_outputs.order_by("position"))
    return {
        side: text_shown(rows[place].output)
        for side, place in zip("AB", assignment.side_order, strict=True)
    }


def test_the_api_stores_marks_with_their_words_and_gives_them_back(
    judge_api: Callable[..., Any], ben: User, assignment: Assignment
) -> None:
    call = judge_api(ben)
    body = {"answers": ANSWERS, "spans": SPANS}
    made = call("post", "judgment", assignment.pk, body, key="1")
    assert made.status_code == 201, made.content

    texts = shown_texts(assignment)
    told = call("get", "assignment", assignment.pk).json()["judgment"]["spans"]
    assert told["true"]["A"] == [{"start": 0, "end": 6, "quote": texts["A"][:6]}]
    assert [one["start"] for one in told["clear"]["A"]] == [2, 9]
    assert "B" not in told["clear"]
    assert Span.objects.count() == 4


def test_a_form_stores_what_the_api_would(
    judge_api: Callable[..., Any],
    signed_in: Callable[[User], Client],
    ben: User,
    cleo: User,
    batch: Batch,
    claim: Callable[..., Assignment],
) -> None:
    by_api, by_form = claim(ben, batch), claim(cleo, batch)
    sent = {"answers": ANSWERS, "spans": SPANS}
    judge_api(ben)("post", "judgment", by_api.pk, sent, key="1")
    signed_in(cleo).post(by_form.get_absolute_url(), POSTED)

    one, other = (Judgment.objects.get(assignment=a) for a in (by_api, by_form))
    places = [
        {
            key: {
                side: [(m["start"], m["end"]) for m in all_] for side, all_ in v.items()
            }
            for key, v in judgment_as_sent(a, j)["spans"].items()
        }
        for a, j in ((by_api, one), (by_form, other))
    ]
    assert places[0] == places[1]
    assert len(marked(other)) == 4


@pytest.mark.parametrize(
    ("spans", "field"),
    [
        ({}, "answers.true.A"),
        ({"true": {"A": [], "B": []}}, "answers.true.A"),
        ({"nothing": {}}, "spans.nothing"),
        ([1], "spans"),
        ({"true": {"C": []}}, "spans.true"),
        ({"true": {"A": {"start": 0, "end": 1}}}, "spans.true.A"),
        ({"true": {"A": [{"start": 3, "end": 3}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": 4, "end": 3}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": -1, "end": 3}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": 0, "end": 10_000}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": 0, "end": True}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": 0.0, "end": 2}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": 6, "end": 7}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": 0}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": 0, "end": 6, "quote": "Other!"}]}}, "spans.true.A"),
        ({"true": {"A": [{"quote": "not there"}]}}, "spans.true.A"),
        ({"true": {"A": [{"start": 0, "end": 2, "output": 3}]}}, "spans.true.A"),
        ({"true": {"A": ["0-6"]}}, "spans.true.A"),
        (
            {"true": {"A": [{"start": n % 4, "end": 6 + n // 4} for n in range(51)]}},
            "spans.true",
        ),
        ({"tone": {"A": [{"start": 0, "end": 6}]}}, "spans.tone.A"),
    ],
    ids=str,
)
def test_marks_that_cannot_stand_are_refused_with_their_place(
    judge_api: Callable[..., Any],
    ben: User,
    assignment: Assignment,
    spans: Any,
    field: str,
) -> None:
    body = {
        "answers": ANSWERS,
        "spans": {**SPANS, **spans} if isinstance(spans, dict) and spans else spans,
    }
    reply = judge_api(ben)("post", "judgment", assignment.pk, body, key="1")
    assert reply.status_code == 422
    assert field in {error["field"] for error in reply.json()["errors"]}
    assert not Judgment.objects.exists()


def test_marks_without_an_answer_are_refused(
    judge_api: Callable[..., Any], ben: User, assignment: Assignment
) -> None:
    body = {"answers": {"true": ANSWERS["true"]}, "spans": SPANS}
    reply = judge_api(ben)("post", "judgment", assignment.pk, body, key="1")
    assert [e["field"] for e in reply.json()["errors"]] == ["answers.clear"]


def test_no_evidence_is_needed_without_an_answer_or_without_words(
    judge_api: Callable[..., Any],
    signed_in: Callable[[User], Client],
    ben: User,
    assignment: Assignment,
) -> None:
    screen = signed_in(ben)
    shown = screen.get(assignment.get_absolute_url()).content.decode()
    assert shown.count('class="evidence" data-for="answer-true-') == 2
    assert shown.count('about="Is it true?" data-required') == 2
    place = assignment.side_order[0]
    empty = assignment.unit.unit_outputs.get(position=place).output
    empty.content = "  "
    empty.save()
    shown = screen.get(assignment.get_absolute_url()).content.decode()
    assert shown.count('about="Is it true?" data-required') == 1
    body = {"answers": {"true": {"A": True, "B": None}}}
    reply = judge_api(ben)("post", "judgment", assignment.pk, body, key="1")
    assert reply.status_code == 201, reply.content


def test_equal_marks_are_the_same_judgment_and_others_are_not(
    judge_api: Callable[..., Any], ben: User, assignment: Assignment
) -> None:
    call = judge_api(ben)
    body = {"answers": ANSWERS, "spans": SPANS}
    first = call("post", "judgment", assignment.pk, body, key="1")
    turned = SPANS | {"clear": {"A": SPANS["clear"]["A"][::-1]}}
    again = call(
        "post",
        "judgment",
        assignment.pk,
        {"answers": ANSWERS, "spans": turned},
        key="2",
    )
    assert (first.status_code, again.status_code) == (201, 200)
    other = {"answers": ANSWERS, "spans": {"true": SPANS["true"]}}
    reply = call("post", "judgment", assignment.pk, other, key="3")
    assert reply.status_code == 409

    revised = other | {"supersedes": first.json()["id"]}
    reply = call("post", "judgment", assignment.pk, revised, key="4")
    assert reply.status_code == 201
    told = call("get", "assignment", assignment.pk).json()["judgment"]["spans"]
    assert set(told) == {"true"}
    assert Span.objects.count() == 6


def test_typed_words_are_found_or_said_to_be_missing(
    signed_in: Callable[[User], Client], ben: User, assignment: Assignment
) -> None:
    client, address = signed_in(ben), assignment.get_absolute_url()
    typed = POSTED | {"span-true-A": "", "span-true-A-words": "Answer\r\n\r\nno such"}
    refused = client.post(address, typed)
    shown = refused.content.decode()
    assert refused.status_code == 422
    assert "“no such” does not stand in the output" in shown
    assert "Answer\nno such</textarea>" in shown

    assert (
        client.post(address, typed | {"span-true-A-words": "Answer"}).status_code == 302
    )
    judgment = Judgment.objects.get()
    assert "Answer" in {quote for *_, quote in marked(judgment)}


def test_a_draft_and_a_revision_show_the_marks_and_let_them_go(
    signed_in: Callable[[User], Client], ben: User, assignment: Assignment
) -> None:
    client, address = signed_in(ben), assignment.get_absolute_url()
    draft = POSTED | {"draft_version": "0", "span-true-B-words": "half a th"}
    assert client.post(f"{address}draft/", draft).status_code == 200
    shown = client.get(address).content.decode()
    assert 'name="span-true-A" value="0-6"' in shown
    assert "half a th</textarea>" in shown
    assert f"{shown_texts(assignment)['A'][:6]}</q>" in shown

    assert client.post(address, POSTED).status_code == 302
    shown = client.get(address).content.decode()
    assert 'name="span-clear-A" value="2-4 9-12"' in shown
    current = Judgment.objects.get()
    dropped = POSTED | {"span-clear-A-drop": "2-4", "supersedes": str(current.pk)}
    assert client.post(address, dropped).status_code == 302
    revised = Judgment.objects.current().get()
    assert {(key, start) for key, _, start, *_ in marked(revised)} == {
        ("true", 0),
        ("true", 7),
        ("clear", 9),
    }


@pytest.mark.parametrize("posted", ["x", "5-2", "1-", "9" * 40 + "-3", "-1-3", "١-٣"])
def test_a_place_that_no_screen_sends_is_no_error(
    signed_in: Callable[[User], Client], ben: User, assignment: Assignment, posted: str
) -> None:
    client, address = signed_in(ben), assignment.get_absolute_url()
    sent = POSTED | {"span-true-A": posted}
    assert client.post(f"{address}draft/", sent).status_code == 200
    assert client.get(address).status_code == 200
    assert client.post(address, sent).status_code == 422


def test_a_masked_name_is_masked_in_evidence_too(
    judge_api: Callable[..., Any], ben: User, assignment: Assignment
) -> None:
    output = assignment.unit.unit_outputs.get(position=assignment.side_order[0]).output
    output.content = "Wren wrote this."
    output.save()
    call = judge_api(ben)
    body = {"answers": ANSWERS, "spans": SPANS | {"clear": {}}}
    call("post", "judgment", assignment.pk, body, key="1")
    output.masks = ["Wren"]
    output.save()

    told = call("get", "assignment", assignment.pk).json()["judgment"]["spans"]
    assert told["true"]["A"] == [{"start": 0, "end": 6, "quote": "████ w"}]
    shown = call("get", "assignment", assignment.pk).content.decode()
    assert "Wren" not in json.dumps(json.loads(shown)["judgment"])


def test_nobody_sees_what_another_marked(
    judge_api: Callable[..., Any],
    signed_in: Callable[[User], Client],
    ben: User,
    cleo: User,
    assignment: Assignment,
    batch: Batch,
    claim: Callable[..., Assignment],
) -> None:
    body = {"answers": ANSWERS, "spans": SPANS}
    judge_api(ben)("post", "judgment", assignment.pk, body, key="1")
    hers = claim(cleo, batch)
    assert hers.unit_id == assignment.unit_id
    shown = signed_in(cleo).get(hers.get_absolute_url()).content.decode()
    assert "<q " not in shown
    assert "judgment" not in judge_api(cleo)("get", "assignment", hers.pk).json()


def test_rows_and_files_carry_the_marks_by_output(
    judge_api: Callable[..., Any],
    api: Callable[..., Client],
    ada: User,
    ben: User,
    assignment: Assignment,
    batch: Batch,
) -> None:
    body = {"answers": ANSWERS, "spans": SPANS}
    judge_api(ben)("post", "judgment", assignment.pk, body, key="1")
    client = api(ada)
    (row,) = client.get(reverse("api:judgments", args=[batch.pk])).json()["results"]
    texts = shown_texts(assignment)
    left = row["shown"][0]
    assert row["spans"]["true"][left] == [
        {"start": 0, "end": 6, "quote": texts["A"][:6]}
    ]
    assert set(row["spans"]["clear"]) == {left}

    files = {
        extension: b"".join(
            client.get(
                f"/api/v1/batches/{batch.pk}/judgments.{extension}"
            ).streaming_content  # type: ignore[attr-defined]
        )
        for extension in ("ndjson", "csv", "xlsx")
    }
    assert json.loads(files["ndjson"])["spans"] == row["spans"]
    header, line = files["csv"].decode().splitlines()
    assert "spans.true" in header
    assert "spans.tone" not in header
    assert texts["A"][:6] in line
    sheet = load_workbook(io.BytesIO(files["xlsx"]))["judgments"]
    cells = dict(zip(*([c.value for c in r] for r in sheet.iter_rows()), strict=True))
    assert json.loads(cells["spans.true"]) == row["spans"]["true"]


def test_judgments_made_elsewhere_may_carry_marks(
    api: Callable[..., Client], ada: User, ben: User, batch: Batch
) -> None:
    row = {
        "annotator": ben.email,
        "outputs": ["q0/wren", "q0/heron"],
        "answers": ANSWERS,
        "spans": SPANS,
    }

    def send(row: dict[str, Any]) -> dict[str, Any]:
        reply = api(ada).post(
            f"/api/v1/batches/{batch.pk}/judgments",
            json.dumps(row),
            content_type="application/x-ndjson",
        )
        return json.loads(reply.content)

    assert send(row)["created"] == 1
    assert send(row)["unchanged"] == 1
    others = {"true": SPANS["true"]}
    assert send(row | {"spans": others})["rejected"] == 1
    assert send(row | {"spans": {}, "outputs": ["q1/wren", "q1/heron"]})["errors"] == [
        {
            "row": 1,
            "field": f"answers.true.{side}",
            "message": "This answer needs evidence: mark words of the output for it.",
        }
        for side in "AB"
    ]
    span = Span.objects.get(answer__criterion__key="true", start=0)
    assert span.output.external_id == "q0/wren"
    assert span.quote == "Answer"


def test_a_scored_output_needs_no_side(
    project: Project,
    ada: User,
    ben: User,
    dataset: Dataset,
    make_batch: Callable[..., Batch],
    claim: Callable[..., Assignment],
    judge_api: Callable[..., Any],
) -> None:
    version = published(project, ada, "One", [CRITERIA[0]])
    assignment = claim(ben, make_batch(dataset, version))
    body = {"answers": {"true": True}, "spans": {"true": [{"start": 0, "end": 6}]}}
    reply = judge_api(ben)("post", "judgment", assignment.pk, body, key="1")
    assert reply.status_code == 201, reply.content
    assert Span.objects.get().quote == "Answer"


@pytest.mark.parametrize("change", [{"start": 6}, {}], ids=["empty", "twice"])
def test_the_database_refuses_an_empty_mark_and_the_same_twice(
    judge_api: Callable[..., Any],
    ben: User,
    assignment: Assignment,
    change: dict[str, int],
) -> None:
    body = {"answers": ANSWERS, "spans": SPANS}
    judge_api(ben)("post", "judgment", assignment.pk, body, key="1")
    span = Span.objects.get(answer__criterion__key="true", start=0)
    fields = {"start": span.start, "end": span.end, "quote": span.quote} | change
    with pytest.raises(IntegrityError), transaction.atomic():
        Span.objects.create(answer=span.answer, output=span.output, **fields)
    assert Answer.objects.count() == 3


@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"]])
def test_a_table_keeps_answers_about_several_outputs_apart(order: list[str]) -> None:
    by_output = {name: [{"start": 0, "end": 1, "quote": name}] for name in order}
    row = {"outputs": ["a", "b"], "answers": {}, "rationales": {}}
    cells = table_row(row | {"spans": {"true": by_output}}, ["spans.true"])
    assert cells["spans.true"] == by_output
