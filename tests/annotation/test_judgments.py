"""Judgments out and in: pages, files and what was judged elsewhere."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Membership, User
from annotation.actions.judgments import import_judgments
from annotation.importing.readers import Row
from annotation.invariants import violations
from annotation.models import Answer, Assignment, Batch, Judgment, Unit
from tests.annotation.fixtures import ndjson
from tests.annotation.storm import at_once, judge_until_nothing_is_left

GOOD = {"accuracy": 4, "fluent": True}


def row(
    annotator: str = "ben", output: str = "q0/heron", **more: Any
) -> dict[str, Any]:
    made = {"annotator": f"{annotator}@example.org", "output": output, "answers": GOOD}
    return made | more


@pytest.fixture
def put_in(api: Any, ada: Any) -> Any:
    """put_in(batch, rows, create_annotators=1): Ada's import; returns the response."""
    client = api(ada)
    client.raise_request_exception = False

    def post(
        batch: Batch, rows: Any, type_: str = "application/x-ndjson", **q: Any
    ) -> Any:
        return client.post(
            reverse("api:judgments", args=[batch.pk]),
            rows if isinstance(rows, (bytes, str)) else ndjson(rows),
            content_type=type_,
            query_params=q,
        )

    return post


def counted(reply: Any) -> tuple[int, int, int]:
    assert reply.status_code == 200, reply.content
    body = reply.json()
    return body["created"], body["unchanged"], body["rejected"]


def faults(reply: Any) -> list[tuple[int, str]]:
    return [(e["row"], e["field"]) for e in reply.json()["errors"]]


def test_a_row_is_stored_with_all_it_says(
    put_in: Any, open_batch: Batch, ben: Any
) -> None:
    sent = row(
        answers={"accuracy": 2, "fluent": False, "remark": "So so."},
        note="From the sheet.",
        submitted_at="2026-05-01T10:00:00+02:00",
        elapsed_ms=5000,
    )
    assert counted(put_in(open_batch, [sent])) == (1, 0, 0)
    judgment = Judgment.objects.get()
    assert (judgment.note, judgment.elapsed_ms) == ("From the sheet.", 5000)
    assert judgment.created_at.isoformat() == "2026-05-01T08:00:00+00:00"
    assert judgment.assignment.annotator == ben
    assert (judgment.assignment.source, judgment.assignment.holds_slot) == (
        "imported",
        True,
    )
    assert judgment.answers.count() == 3
    assert list(violations()) == []


def test_the_same_again_is_unchanged_and_others_are_refused(
    put_in: Any, open_batch: Batch
) -> None:
    rows = [row(), row("cleo"), row(output="q1/wren")]
    assert counted(put_in(open_batch, rows)) == (3, 0, 0)
    again = put_in(open_batch, [*rows, row(answers=GOOD | {"accuracy": 1})])
    assert counted(again) == (0, 3, 1)
    assert faults(again) == [(4, "answers")]
    assert Judgment.objects.count() == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (row("eve"), "annotator"),
        (row() | {"annotator": 7}, "annotator"),
        (row(output="q9/heron"), "outputs"),
        (row(output=["q0/heron"]), "output"),
        (row() | {"outputs": ["q0/heron"]}, "outputs"),
        ({"annotator": "ben@example.org", "answers": GOOD}, "outputs"),
        ({**row(), "output": None}, "output"),
        (row(answers={"accuracy": 9, "fluent": True}), "answers.accuracy.A"),
        (row(answers={"accuracy": 4}), "answers.fluent.A"),
        (row(answers=[1]), "answers"),
        (row(rationales="x"), "rationales"),
        (row(note=7), "note"),
        (row(note="x" * 20_001), "note"),
        (row(submitted_at="soon"), "submitted_at"),
        (row(submitted_at=7), "submitted_at"),
        (row(submitted_at="2026-13-01T00:00:00Z"), "submitted_at"),
        (row(submitted_at="0001-01-01T00:00:00+14:00"), "submitted_at"),
        (row(submitted_at="9999-12-31T23:59:00-14:00"), "submitted_at"),
        (row(submitted_at="1969-12-31T23:59:59Z"), "submitted_at"),
        (row(submitted_at="2999-01-01T00:00:00Z"), "submitted_at"),
        (row(elapsed_ms=-1), "elapsed_ms"),
        (row(elapsed_ms=True), "elapsed_ms"),
        (row(elapsed_ms=2**31), "elapsed_ms"),
        (row(colour="red"), "colour"),
        ([1], ""),
        (None, ""),
    ],
)
def test_a_row_that_fails_says_why_and_makes_nothing(
    put_in: Any, open_batch: Batch, eve: Any, wrong: Any, field: str
) -> None:
    Unit.objects.all().delete()
    reply = put_in(open_batch, [wrong, row("cleo", "q1/heron")])
    assert counted(reply) == (1, 0, 1)
    assert (1, field) in faults(reply)
    assert (Judgment.objects.count(), Unit.objects.count()) == (1, 1)
    assert not Membership.objects.filter(user=eve).exists()


def test_a_pair_without_a_unit_gets_one_in_the_order_first_named(
    put_in: Any, mixed_batch: Batch, send: Any
) -> None:
    send([{"id": "q0", "model": "owl", "output": "Late."}], into=mixed_batch.dataset)
    answers = {"accuracy": {"A": 1, "B": 5}, "overall": "B"}
    turned = {"accuracy": {"A": 5, "B": 1}, "overall": "A"}
    rows = [
        row(outputs=["q0/owl", "q0/heron"], answers=answers),
        row("cleo", outputs=["q0/heron", "q0/owl"], answers=turned),
        row("cleo", outputs=["q0/owl", "q0/heron"], answers=answers),
        row(outputs=["q0/owl", "q1/heron"], answers=answers),
        row(outputs=["q0/owl", "q0/owl"], answers=answers),
        row(outputs=["q0/owl"], answers=answers),
    ]
    for one in rows:
        del one["output"]
    reply = put_in(mixed_batch, rows)
    assert counted(reply) == (2, 1, 3)
    assert faults(reply) == [(4, "outputs"), (5, "outputs"), (6, "outputs")]
    unit = Unit.objects.order_by("pk").last()
    named = [shown.output.external_id for shown in unit.unit_outputs.all()]
    assert named == ["q0/owl", "q0/heron"]
    assert {a.level.value for a in Answer.objects.filter(criterion__key="overall")} == {
        "second"
    }
    assert unit.taken == 2


def test_what_is_beyond_the_overlap_is_kept_as_surplus(
    put_in: Any, make_batch: Any, dataset: Any, rubric_version: Any
) -> None:
    batch = make_batch(dataset, rubric_version, overlap=1)
    assert counted(put_in(batch, [row(), row("cleo")])) == (2, 0, 0)
    held = Assignment.objects.order_by("annotator__email").values_list(
        "holds_slot", flat=True
    )
    assert list(held) == [True, False]
    assert list(violations()) == []


def test_a_leased_or_skipped_unit_is_judged_by_import(
    put_in: Any, claim: Any, open_batch: Batch, ben: Any, cleo: Any
) -> None:
    leased, skipped = claim(ben, open_batch), claim(cleo, open_batch)
    Unit.objects.filter(pk=skipped.unit_id).update(taken=skipped.unit.taken)
    from annotation.actions.judging import skip

    skip(assignment=skipped, reason="Broken.")
    names = [a.unit.unit_outputs.get().output.external_id for a in (leased, skipped)]
    rows = [row("ben", names[0]), row("cleo", names[1])]
    assert counted(put_in(open_batch, rows)) == (2, 0, 0)
    assert set(Assignment.objects.values_list("state", "holds_slot")) == {
        ("submitted", True)
    }
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("state", "status"), [("draft", 200), ("closed", 200), ("archived", 409)]
)
def test_every_state_but_the_archive_takes_them(
    put_in: Any, open_batch: Batch, state: str, status: int
) -> None:
    Batch.objects.update(state=state)
    assert put_in(open_batch, [row()]).status_code == status


def test_unknown_annotators_are_made_on_demand_and_cannot_sign_in(
    put_in: Any, open_batch: Batch, project: Any
) -> None:
    rows = [
        row() | {"annotator": "New.Hand@example.org"},
        row(output="q1/heron") | {"annotator": "new.hand@example.org"},
        row() | {"annotator": "no address"},
        row(answers={}) | {"annotator": "other@example.org"},
    ]
    assert counted(put_in(open_batch, rows)) == (0, 0, 4)
    reply = put_in(open_batch, rows, create_annotators=1)
    assert counted(reply) == (2, 0, 2)
    made = User.objects.get(email="new.hand@example.org")
    assert not made.is_active
    assert not made.has_usable_password()
    assert authenticate(email=made.email, password="") is None
    assert Membership.objects.get(user=made).role == "annotator"
    assert not User.objects.filter(email="other@example.org").exists()
    assert Judgment.objects.filter(assignment__annotator=made).count() == 2


@pytest.mark.parametrize(
    ("body", "type_", "status"),
    [
        (b"x", "text/csv", 415),
        (b"\n", "application/x-ndjson", 422),
        (b"[]", "application/json", 422),
        (b"x", "application/x-ndjson", 200),
        (json.dumps([row()]).encode(), "application/json", 200),
    ],
)
def test_the_forms_that_are_taken(
    put_in: Any, open_batch: Batch, body: bytes, type_: str, status: int
) -> None:
    assert put_in(open_batch, body, type_).status_code == status


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once_is_stored_once(
    api: Any, ada: Any, open_batch: Batch, judge_api: Any
) -> None:
    Unit.objects.all().delete()
    rows = [
        row(who, f"q{n}/{system}")
        for n in range(6)
        for system in ("heron", "wren")
        for who in ("ben", "cleo")
    ]
    client = api(ada)

    def post(number: int) -> Any:
        return client.post(
            reverse("api:judgments", args=[open_batch.pk]),
            ndjson(rows if number else rows[::-1]),
            content_type="application/x-ndjson",
        )

    replies = at_once(post, 4)
    assert [r.status_code for r in replies] == [200] * 4
    assert sum(r.json()["created"] for r in replies) == len(rows)
    assert sum(r.json()["unchanged"] for r in replies) == 3 * len(rows)
    assert Unit.objects.count() == 12
    assert list(violations()) == []


@pytest.mark.django_db(transaction=True)
def test_an_import_beside_people_at_work_stops_nobody(
    api: Any,
    ada: Any,
    ben: Any,
    cleo: Any,
    make_dataset: Any,
    make_batch: Any,
    rubric_version: Any,
) -> None:
    batch = make_batch(make_dataset(15), rubric_version, overlap=2)
    rows = [row(w, f"q{n}/heron") for n in range(15) for w in ("ben", "cleo")]
    client = api(ada)

    def work(number: int) -> Any:
        if number < 2:
            return judge_until_nothing_is_left(batch, [ben, cleo][number], GOOD)
        return client.post(
            reverse("api:judgments", args=[batch.pk]),
            ndjson(rows),
            content_type="application/x-ndjson",
        ).status_code

    assert at_once(work, 3)[2] == 200
    assert Judgment.objects.count() == 60
    assert list(violations()) == []


@pytest.fixture
def many(open_batch: Batch, project: Any, ada: Any) -> Batch:
    """1,200 judgments of one instant."""
    names = [f"hand{n}@example.org" for n in range(100)]
    at = timezone.now().isoformat()
    rows = [
        row(output=f"q{n}/{s}", submitted_at=at) | {"annotator": name}
        for name in names
        for n in range(6)
        for s in ("heron", "wren")
    ]
    numbered = [Row(n, r) for n, r in enumerate(rows, start=1)]
    import_judgments(batch=open_batch, rows=numbered, by=ada, create_annotators=True)
    return open_batch


def test_pages_lose_and_repeat_nothing(judge_api: Any, ada: Any, many: Batch) -> None:
    call, found = judge_api(ada), []
    query: dict[str, Any] = {"limit": 333}
    while True:
        page = call("get", "judgments", many.pk, query=query).json()
        found += [r["id"] for r in page["results"]]
        if not page["next"]:
            break
        query["cursor"] = page["next"].partition("cursor=")[2].partition("&")[0]
        from urllib.parse import unquote

        query["cursor"] = unquote(query["cursor"])
    assert len(found) == len(set(found)) == 1_200


def test_a_page_and_a_file_ask_as_much_for_many_as_for_few(
    judge_api: Any, ada: Any, many: Batch, django_assert_max_num_queries: Any
) -> None:
    call = judge_api(ada)
    for limit in (10, 1_000):
        with django_assert_max_num_queries(14):
            rows = call("get", "judgments", many.pk, query={"limit": limit}).json()
        assert len(rows["results"]) == limit
    with django_assert_max_num_queries(24):
        lines = call("get", "judgments-ndjson", many.pk).getvalue().splitlines()
    assert len(lines) == 1_200


FORMULA = '=HYPERLINK("http://evil.test","x")'


def files(client: Any, batch: Batch) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for extension in ("ndjson", "csv", "xlsx"):
        reply = client.get(reverse(f"api:judgments-{extension}", args=[batch.pk]))
        assert reply.headers["Content-Disposition"].endswith(f'.{extension}"')
        body = reply.getvalue()
        if extension == "ndjson":
            found[extension] = [json.loads(line) for line in body.splitlines()]
        elif extension == "csv":
            found[extension] = list(csv.DictReader(StringIO(body.decode())))
        else:
            sheet = load_workbook(BytesIO(body))["judgments"]
            rows = list(sheet.iter_rows())
            assert all(c.data_type != "f" for r in rows for c in r)
            header = [cell.value for cell in rows[0]]
            found[extension] = [
                dict(zip(header, [c.value for c in r], strict=True)) for r in rows[1:]
            ]
    return found


def test_three_files_hold_the_same_values_and_no_formula(
    api: Any, ada: Any, put_in: Any, open_batch: Batch
) -> None:
    words = [FORMULA, "+1", "-2", "@x", "\tx", 'plain, with "quotes"\nand lines', "ü😀"]
    rows = [
        row(
            output=f"q{n % 6}/{['heron', 'wren'][n // 6]}",
            answers=GOOD | {"remark": text},
        )
        for n, text in enumerate(words)
    ]
    assert counted(put_in(open_batch, rows)) == (len(rows), 0, 0)
    found = files(api(ada), open_batch)
    for plain, cells, sheet in zip(*found.values(), strict=True):
        (name,) = plain["outputs"]
        values = {key: value[name] for key, value in plain["answers"].items()}
        assert sheet["answer.accuracy"] == values["accuracy"]
        assert sheet["answer.fluent"] is values["fluent"]
        assert sheet["answer.remark"] == values["remark"]
        assert (cells["answer.accuracy"], cells["answer.fluent"]) == ("4", "true")
        assert cells["answer.remark"].removeprefix("'") == values["remark"]
        disarmed = cells["answer.remark"].startswith("'")
        assert disarmed == values["remark"].startswith(("=", "+", "-", "@", "\t"))
        for column in ("id", "unit", "item", "annotator", "source", "submitted_at"):
            assert plain[column] == cells[column] == sheet[column]


def test_a_pairs_answers_are_told_by_output_even_when_one_is_missing(
    api: Any, ada: Any, put_in: Any, every_batch: Batch
) -> None:
    answers = {
        "ok": {"A": True, "B": False},
        "tone": {"A": None, "B": "warm"},
        "flaws": {"A": ["long"], "B": []},
        "grade": {"A": 3, "B": 2},
        "minutes": {"A": 1.5, "B": 2},
        "free": {"B": 7},
        "overall": "B",
        "clarity": {"choice": "A", "strength": 2},
        "order": [["A", "B"]],
        "both": True,
    }
    sent = row(answers=answers, rationales={"both": "They do."})
    sent["outputs"] = ["q0/wren", "q0/heron"]
    del sent["output"]
    assert counted(put_in(every_batch, [sent])) == (1, 0, 0)
    found = {kind: rows[0] for kind, rows in files(api(ada), every_batch).items()}
    plain = found["ndjson"]
    assert (plain["outputs"], plain["shown"]) == (
        ["q0/heron", "q0/wren"],
        ["q0/wren", "q0/heron"],
    )
    assert plain["systems"] == ["heron", "wren"]
    assert plain["answers"]["ok"] == {"q0/wren": True, "q0/heron": False}
    assert plain["answers"]["tone"] == {"q0/wren": None, "q0/heron": "warm"}
    assert plain["answers"]["overall"] == "B"
    assert plain["preferred"] == {"overall": "q0/heron", "clarity": "q0/wren"}
    assert plain["rationales"] == {"both": "They do."}
    for cells in (found["csv"], found["xlsx"]):
        assert json.loads(cells["answer.free"]) == {"q0/heron": 7}
        assert json.loads(cells["answer.grade"]) == {"q0/wren": 3, "q0/heron": 2}
        assert json.loads(cells["outputs"]) == ["q0/heron", "q0/wren"]


def test_not_applicable_is_told_apart_from_unanswered(
    api: Any, ada: Any, put_in: Any, make_batch: Any, dataset: Any, project: Any
) -> None:
    from tests.rubrics.fixtures import published

    criteria = [
        {
            "key": key,
            "question": "Is it?",
            "scale": {"kind": "binary"},
            "required": False,
            "allow_not_applicable": True,
        }
        for key in ("one", "two")
    ]
    batch = make_batch(dataset, published(project, ada, "NA", criteria))
    assert counted(put_in(batch, [row(answers={"one": None})])) == (1, 0, 0)
    found = files(api(ada), batch)
    assert found["ndjson"][0]["answers"] == {"one": {"q0/heron": None}}
    for kind in ("csv", "xlsx"):
        assert json.loads(found[kind][0]["answer.one"]) == {"absent": "not_applicable"}
        assert found[kind][0]["answer.two"] in ("", None)


def test_annotators_are_pseudonyms_without_the_scope_to_name_them(
    api: Any, ada: Any, put_in: Any, open_batch: Batch, ben: Any
) -> None:
    put_in(open_batch, [row()])
    pseudonym = Membership.objects.get(user=ben).pseudonym
    for scopes, name in [
        (["read", "export"], pseudonym),
        (["read", "export", "export:identities"], "ben@example.org"),
    ]:
        client = api(ada, scopes=scopes)
        page = client.get(reverse("api:judgments", args=[open_batch.pk])).json()
        assert page["results"][0]["annotator"] == name
        assert {
            rows[0]["annotator"] for rows in files(client, open_batch).values()
        } == {name}


def test_superseded_judgments_are_listed_with_their_end(
    judge_api: Any, ben: Any, ada: Any, assignment: Assignment
) -> None:
    call = judge_api(ben)
    by_side = {"accuracy": {"A": 4}, "fluent": {"A": True}}
    first = call("post", "judgment", assignment.pk, {"answers": by_side}).json()
    changed = by_side | {"accuracy": {"A": 1}}
    body = {"answers": changed, "supersedes": first["id"]}
    call("post", "judgment", assignment.pk, body)
    rows = judge_api(ada)("get", "judgments", assignment.batch_id).json()["results"]
    assert [r["superseded_at"] is None for r in rows] == [False, True]
    assert [next(iter(r["answers"]["accuracy"].values())) for r in rows] == [4, 1]


def test_a_large_file_becomes_a_job(
    put_in: Any, open_batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotation.tasks import import_judgments_job
    from jobs.models import Job

    monkeypatch.setattr("annotation.importing.uploads.AT_ONCE", 10)
    reply = put_in(open_batch, [row()])
    assert reply.status_code == 202
    job = Job.objects.get(pk=reply.json()["job"])
    assert import_judgments_job(job, lambda *a, **k: None)["created"] == 1


def test_an_import_does_not_turn_the_sides_of_a_unit_that_is_open_in_a_tab(
    api: Any, pair_batch: Batch, claim: Any, ada: Any, ben: Any
) -> None:
    """Ben sees one order, an import names the other; his revision is his own."""
    mine = claim(ben, pair_batch)
    shown = [
        mine.unit.unit_outputs.get(position=position).output.external_id
        for position in mine.side_order
    ]
    row = {
        "annotator": ben.email,
        "outputs": shown[::-1],
        "answers": {"overall": "A"},
    }
    path = f"/api/v1/batches/{pair_batch.pk}/judgments"
    sent = api(ada).post(path, json.dumps(row), content_type="application/x-ndjson")
    assert sent.json()["created"] == 1, sent.content

    judge = f"/api/v1/assignments/{mine.pk}/judgment"
    vote = {"answers": {"overall": "A"}}
    refused = api(ben).post(judge, vote, content_type="application/json")
    assert refused.status_code == 409
    vote["supersedes"] = refused.json()["current"]
    assert (
        api(ben).post(judge, vote, content_type="application/json").status_code == 201
    )

    rows = api(ada).get(path).json()["results"]
    current = next(row for row in rows if row["superseded_at"] is None)
    assert current["preferred"] == {"overall": shown[0]}
    assert current["source"] == "api"
    before = next(row for row in rows if row["superseded_at"] is not None)
    assert before["preferred"] == {"overall": shown[1]}
    assert before["source"] == "imported"
