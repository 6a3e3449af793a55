"""My judgments and hours as files: mine alone, blind, safe to open; hours for pay."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Membership, Scope, User
from annotation.models import Batch, Judgment
from tests.annotation.queries import queries_of
from tests.annotation.screen import judged


def body_of(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def csv_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body_of(response).decode(), newline="")))


def ndjson_of(response: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body_of(response).decode().splitlines()]


def test_my_file_has_a_row_for_each_judgment_of_mine(
    ben_s_browser: Client,
    signed_in: Any,
    claim: Any,
    ben: User,
    cleo: User,
    open_batch: Batch,
) -> None:
    mine = judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="65000", note="So.")
    judged(signed_in(cleo), claim, cleo, open_batch, note="Cleo's secret.")
    (row,) = ndjson_of(ben_s_browser.get("/mine/judgments.ndjson"))
    assert row["project"] == "Support answers"
    assert row["batch"] == open_batch.name
    assert row["assignment"] == str(mine.pk)
    assert row["item"] == mine.unit.item.input
    assert row["answers"] == {"accuracy": 4, "fluent": True}
    assert row["active_seconds"] == 65
    assert row["note"] == "So."
    assert (row["revision"], row["superseded_at"]) == (0, None)


def test_a_revision_is_a_row_of_its_own(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    mine = judged(ben_s_browser, claim, ben, open_batch)
    first = Judgment.objects.get(assignment=mine)
    changed = {"answer-accuracy-A": "2", "answer-fluent-A": "true"}
    ben_s_browser.post(
        mine.get_absolute_url(), {**changed, "supersedes": str(first.pk)}
    )
    rows = ndjson_of(ben_s_browser.get("/mine/judgments.ndjson"))
    assert [row["revision"] for row in rows] == [0, 1]
    assert [bool(row["superseded_at"]) for row in rows] == [True, False]
    assert [row["answers"]["accuracy"] for row in rows] == [4, 2]


def test_a_pair_stands_as_i_saw_it_by_side(
    ben_s_browser: Client, claim: Any, ben: User, mixed_batch: Batch
) -> None:
    mine = claim(ben, mixed_batch)
    said = {
        "answer-accuracy-A": "4",
        "answer-accuracy-B": "2",
        "answer-overall": "B",
    }
    ben_s_browser.post(mine.get_absolute_url(), said)
    (row,) = ndjson_of(ben_s_browser.get("/mine/judgments.ndjson"))
    assert row["answers"] == {"accuracy": {"A": 4, "B": 2}, "overall": "B"}


def test_the_files_are_blind(
    ben_s_browser: Client, api: Any, claim: Any, ben: User, open_batch: Batch
) -> None:
    judged(ben_s_browser, claim, ben, open_batch)
    names = ("heron", "wren", "q1/", "normal", "probe", "cleo", "@")
    for path in ("/mine/judgments.csv", "/mine/judgments.ndjson", "/mine/hours.csv"):
        text = body_of(ben_s_browser.get(path)).decode()
        assert not [name for name in names if name in text], path
    book = load_workbook(io.BytesIO(body_of(ben_s_browser.get("/mine/judgments.xlsx"))))
    cells = [str(v) for sheet in book for row in sheet.values for v in row]
    assert not [cell for cell in cells for name in names if name in cell]


def test_the_workbook_has_my_hours_on_its_second_sheet(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="1800000")
    judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="1800000")
    Judgment.objects.filter(pk=Judgment.objects.order_by("pk")[0].pk).update(
        created_at=timezone.now() - timedelta(days=2)
    )
    book = load_workbook(io.BytesIO(body_of(ben_s_browser.get("/mine/judgments.xlsx"))))
    assert book.sheetnames[:2] == ["judgments", "hours"]
    rows = list(book["hours"].values)[1:]
    assert [(row[1], row[3], row[4], row[5]) for row in rows] == [
        (open_batch.name, 1, 1800, 0.5)
    ] * 2
    assert rows[0][2] < rows[1][2]


def test_what_looks_like_a_formula_is_text(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    judged(ben_s_browser, claim, ben, open_batch, note="=1+1")
    (row,) = csv_of(ben_s_browser.get("/mine/judgments.csv"))
    assert row["note"] == "'=1+1"
    book = load_workbook(io.BytesIO(body_of(ben_s_browser.get("/mine/judgments.xlsx"))))
    notes = [cell for cell in book["judgments"]["L"] if cell.row > 1]
    assert [(cell.value, cell.data_type) for cell in notes] == [("=1+1", "s")]


def test_the_history_offers_the_files(ben_s_browser: Client, project: Any) -> None:
    page = ben_s_browser.get("/mine/").content.decode()
    for name in ("judgments.csv", "judgments.xlsx", "judgments.ndjson", "hours.csv"):
        assert f'href="/mine/{name}"' in page


def test_the_same_by_api(
    api: Any, ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="60000")
    program = api(ben)
    for extension in ("ndjson", "csv", "xlsx"):
        by_api = program.get(f"/api/v1/me/judgments.{extension}")
        assert by_api["Content-Disposition"].endswith(f'.{extension}"')
        assert body_of(by_api)
    (row,) = program.get("/api/v1/me/hours").json()["results"]
    assert (row["judgments"], row["active_seconds"]) == (1, 60)


def test_a_token_reaches_no_further_than_its_project_and_scopes(
    api: Any,
    ben_s_browser: Client,
    claim: Any,
    ben: User,
    open_batch: Batch,
    elsewhere: Any,
) -> None:
    judged(ben_s_browser, claim, ben, open_batch)
    Membership.objects.create(project=elsewhere, user=ben, role="annotator")
    bound = api(ben, project=elsewhere)
    assert body_of(bound.get("/api/v1/me/judgments.ndjson")) == b""
    assert bound.get("/api/v1/me/hours").json() == {"results": []}
    narrow = api(ben, scopes=[Scope.READ])
    assert narrow.get("/api/v1/me/judgments.ndjson").status_code == 403


def test_who_left_gets_nothing_of_the_project(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    judged(ben_s_browser, claim, ben, open_batch)
    Membership.objects.filter(user=ben).update(left_at=timezone.now())
    assert ndjson_of(ben_s_browser.get("/mine/judgments.ndjson")) == []


def test_more_rows_take_no_more_queries(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    judged(ben_s_browser, claim, ben, open_batch)
    with queries_of() as one:
        body_of(ben_s_browser.get("/mine/judgments.ndjson"))
    for _ in range(4):
        judged(ben_s_browser, claim, ben, open_batch)
    with queries_of() as five:
        body_of(ben_s_browser.get("/mine/judgments.ndjson"))
    assert len(one) == len(five)


# --- For pay --------------------------------------------------------------------------


def test_managers_get_everybodys_hours_by_name(
    signed_in: Any,
    ben_s_browser: Client,
    claim: Any,
    ada: User,
    ben: User,
    open_batch: Batch,
    project: Any,
) -> None:
    judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="5400000")
    (row,) = csv_of(signed_in(ada).get(f"/projects/{project.pk}/hours.csv"))
    assert (row["annotator"], row["batch"]) == ("ben@example.org", open_batch.name)
    assert (row["judgments"], row["hours"]) == ("1", "1.5")


@pytest.mark.parametrize("identities", [False, True])
def test_a_token_gets_names_only_with_its_scope(
    api: Any,
    ben_s_browser: Client,
    claim: Any,
    ada: User,
    ben: User,
    open_batch: Batch,
    project: Any,
    identities: bool,
) -> None:
    judged(ben_s_browser, claim, ben, open_batch)
    scopes = [Scope.EXPORT, *([Scope.EXPORT_IDENTITIES] if identities else [])]
    path = f"/api/v1/projects/{project.pk}/hours.csv"
    (row,) = csv_of(api(ada, scopes=scopes).get(path))
    pseudonym = Membership.objects.get(user=ben).pseudonym
    assert row["annotator"] == ("ben@example.org" if identities else pseudonym)
