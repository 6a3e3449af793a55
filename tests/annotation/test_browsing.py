"""Judgments browsed by the manager: every column, every filter, page by page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions.claiming import take_next
from annotation.actions.flags import raise_flag
from annotation.actions.judging import output_ids, submit_judgment
from annotation.actions.moving import move_batch_to_version
from annotation.actions.returning import return_judgment
from annotation.answers.reading import read_answers
from annotation.browsing import walking
from annotation.models import Assignment, Batch, Judgment
from rubrics.instrument import published_instrument
from rubrics.models import RubricVersion
from tests.annotation.queries import queries_of
from tests.annotation.screen import text
from tests.annotation.versions import reworded

__all__ = ["reworded"]


def said(
    user: User,
    mine: Assignment,
    answers: Any,
    rationales: Any = None,
    **more: Any,
) -> Assignment:
    """The answers to a unit of mine, with rationales."""
    assignment = assignment_for(Principal(user), mine.pk)
    submit_judgment(
        assignment=assignment,
        answers=read_answers(
            published_instrument(assignment.batch.rubric_version_id),
            answers,
            rationales,
            side_order=assignment.side_order,
        ),
        outputs=output_ids(assignment),
        **more,
    )
    return mine


def judged(
    user: User, batch: Batch, accuracy: int = 4, *, fluent: bool = True, **more: Any
) -> Assignment:
    """The next unit, scored."""
    mine = take_next(batch_id=batch.pk, principal=Principal(user))
    assert mine is not None
    answers = {"accuracy": {"A": accuracy}, "fluent": {"A": fluent}}
    return said(user, mine, answers, **more)


@pytest.fixture
def desk(signed_in: Callable[[User], Client], ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def look(desk: Client, open_batch: Batch) -> Callable[..., Any]:
    """look(only="revised"): Ada's page of the open batch."""

    def get(**query: Any) -> Any:
        return desk.get(f"/batches/{open_batch.pk}/judgments/", query)

    return get


@pytest.fixture
def items_of(look: Callable[..., Any]) -> Callable[..., list[str]]:
    """items_of(words="slip"): who judged what, as `ben q3`, newest first."""

    def get(**query: Any) -> list[str]:
        response = look(**query)
        assert response.status_code == 200, text(response)
        return [named(record.assignment) for record in response.context["records"]]

    return get


def named(assignment: Assignment) -> str:
    return f"{assignment.annotator.name} {assignment.unit.item.external_id}".lower()


@pytest.fixture
def work(open_batch: Batch, ben: User, cleo: User, ada: User) -> dict[str, Assignment]:
    """Ben judges four and Cleo two, each in a way of its own; by the word for it."""
    slip = {"accuracy": {"A": "A slip of 10%."}}
    found = {
        "plain": judged(ben, open_batch, 4, elapsed_ms=900),
        "low": judged(ben, open_batch, 1, rationales=slip, elapsed_ms=61_000),
        "noted": judged(ben, open_batch, 5, note="Rather long-winded"),
        "revised": judged(ben, open_batch, 3),
        "flagged": judged(cleo, open_batch, 4),
        "returned": judged(cleo, open_batch, 2, fluent=False),
    }
    first = found["revised"].judgments.get()
    answers = {"accuracy": {"A": 2}, "fluent": {"A": True}}
    said(ben, found["revised"], answers, note="After all", supersedes=first.pk)
    raise_flag(assignment=found["flagged"], kind="broken_item")
    return_judgment(assignment=found["returned"], text="Why two?", by=ada)
    return found


def test_all_that_counts_is_listed_newest_first(
    items_of: Callable[..., list[str]], work: dict[str, Assignment]
) -> None:
    newest = Assignment.objects.filter(state="submitted").order_by("-submitted_at")
    assert items_of() == [named(row) for row in newest]
    assert items_of(order="oldest") == [named(row) for row in newest][::-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"annotator": "cleo@example.org"}, "flagged returned"),
        ({"answer": "accuracy:1"}, "low"),
        ({"answer": "accuracy:2"}, "revised returned"),
        ({"answer": ["accuracy:2", "fluent:false"]}, "returned"),
        ({"answer": "accuracy:3"}, ""),
        ({"only": "revised"}, "revised"),
        ({"only": "note"}, "noted revised"),
        ({"only": "rationale"}, "low"),
        ({"only": "flagged"}, "flagged"),
        ({"only": "returned"}, "returned"),
        ({"only": ["note", "revised"]}, "revised"),
        ({"only": "surplus"}, ""),
        ({"words": "SLIP"}, "low"),
        ({"words": "after all"}, "revised"),
        ({"words": "slip missing"}, ""),
        ({"below": "1"}, "plain"),
        ({"above": "60"}, "low"),
        ({"source": "imported"}, ""),
        ({"source": "screen", "above": "60"}, "low"),
        ({"kind": "probe"}, ""),
        ({"kind": "normal", "only": "flagged"}, "flagged"),
        ({"system": "heron", "item": "nothing"}, ""),
        ({"segment": "parity=neither"}, ""),
        ({"from": "2000-01-01", "to": "2001-01-01"}, ""),
        ({"from": "2000-01-01", "only": "flagged"}, "flagged"),
    ],
    ids=str,
)
def test_each_filter_finds_what_it_says(
    items_of: Callable[..., list[str]],
    work: dict[str, Assignment],
    query: dict[str, Any],
    expected: str,
) -> None:
    assert set(items_of(**query)) == {named(work[word]) for word in expected.split()}


@pytest.mark.parametrize("first_step", [1, 2, 1_000])
@pytest.mark.parametrize("few", [0, 5_000])
def test_the_way_to_a_result_does_not_change_it(
    items_of: Callable[..., list[str]],
    work: dict[str, Assignment],
    monkeypatch: pytest.MonkeyPatch,
    first_step: int,
    few: int,
) -> None:
    """The newest rows alone, from the rare side, or step by step to the end."""
    monkeypatch.setattr("annotation.browsing.walking.PATIENCE", 60)
    monkeypatch.setattr("annotation.browsing.walking.FIRST_STEP", first_step)
    monkeypatch.setattr("annotation.browsing.rare.FEW", few)
    assert items_of(only="rationale") == [named(work["low"])]
    assert items_of(answer="accuracy:1", order="oldest") == [named(work["low"])]
    assert items_of(words="slip") == [named(work["low"])]


def test_an_item_and_an_output_by_name_or_by_their_beginning(
    items_of: Callable[..., list[str]], work: dict[str, Assignment]
) -> None:
    mine = work["plain"]
    item = mine.unit.item.external_id
    output = mine.unit.unit_outputs.get().output.external_id
    assert named(mine) in items_of(item=item)
    assert all(one.endswith(item) for one in items_of(item=item))
    assert named(mine) in items_of(output=output)
    assert len(items_of(item="q*")) == len(work)
    assert items_of(item="q") == items_of(item="%*") == items_of(item="_1*") == []
    assert items_of(output="q*", annotator="cleo@example.org") == items_of(
        annotator="cleo@example.org"
    )


def test_systems_and_segments_are_those_of_the_unit(
    items_of: Callable[..., list[str]], work: dict[str, Assignment]
) -> None:
    parts = items_of(segment="parity=even"), items_of(segment="parity=odd")
    assert sorted(parts[0] + parts[1]) == sorted(items_of())
    halves = items_of(system="heron"), items_of(system="wren")
    assert sorted(halves[0] + halves[1]) == sorted(items_of())


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"annotator": "nobody"}, "Nobody here is called so"),
        ({"annotator": "eve@example.org"}, "Nobody here is called so"),
        ({"system": "owl"}, "There is no system of this name"),
        ({"answer": "accuracy:9"}, "Off the scale"),
        ({"answer": "grace:1"}, "accuracy, fluent"),
        ({"only": "good"}, "Choose one of"),
        ({"source": "x"}, "Choose one of"),
        ({"segment": "parity"}, "name=value"),
        ({"below": "soon"}, "number of seconds"),
        ({"from": "yesterday"}, "Write a day"),
        ({"to": "9999-12-31"}, "Write a day"),
        ({"from": "2026-99-99"}, "Write a day"),
    ],
    ids=str,
)
def test_a_filter_that_cannot_be_read_is_named(
    look: Callable[..., Any], eve: User, query: dict[str, str], said: str
) -> None:
    response = look(**query)
    assert response.status_code == 422
    assert said in text(response)
    assert "Nothing was looked for." in text(response)


def test_the_form_leads_to_an_address_that_can_be_shared(
    look: Callable[..., Any],
) -> None:
    response = look(filter="1", annotator="", words="slip", only=["", "note"])
    assert parse_qs(urlsplit(response["Location"]).query) == {
        "words": ["slip"],
        "only": ["note"],
    }
    assert look(filter="1")["Location"].endswith("/judgments/")


def test_a_filter_is_taken_away_by_its_chip(
    look: Callable[..., Any], work: dict[str, Assignment]
) -> None:
    response = look(only=["note", "revised"], show="item")
    (first, second) = response.context["chips"]
    assert (str(first.label), first.words) == ("Only", "with note")
    assert parse_qs(first.without) == {"only": ["revised"], "show": ["item"]}
    assert parse_qs(second.without) == {"only": ["note"], "show": ["item"]}


def test_an_answer_in_the_table_leads_to_its_like(
    desk: Client, look: Callable[..., Any], work: dict[str, Assignment]
) -> None:
    (record,) = look(only="rationale").context["records"]
    (cell,) = [c for c in record.cells if c.column.name == "answer.accuracy"]
    assert parse_qs(cell.parts[0].url[1:]) == {
        "answer": ["accuracy:1"],
        "only": ["rationale"],
    }
    who = next(c for c in record.cells if c.column.name == "annotator").parts
    pseudonym = Membership.objects.get(user__name="Ben").pseudonym
    assert [part.text for part in who] == ["Ben", pseudonym]
    assert f"annotator={pseudonym}" in who[0].url


def test_every_column_of_the_record_can_be_shown(
    look: Callable[..., Any], work: dict[str, Assignment]
) -> None:
    columns = [column.name for column in look().context["columns"]]
    response = look(show=columns, only="revised")
    (record,) = response.context["records"]
    cells = {
        cell.column.name: [part.text for part in cell.parts] for cell in record.cells
    }
    mine = work["revised"]
    (output,) = mine.unit.unit_outputs.all()
    assert list(cells) == columns
    assert cells["unit"] == [str(mine.unit_id)]
    assert cells["outputs"] == cells["shown"] == [output.output.external_id]
    assert cells["answer.accuracy"] == ["2"]
    assert cells["note"] == ["After all"]
    assert cells["source"] == ["screen"]
    assert cells["revision"] == ["2"]
    assert cells["marks"] == ["revised"]
    assert cells["rubric"] == ["Helpfulness v1"]


def test_preferences_name_the_output_and_can_be_asked_for(
    desk: Client, pair_batch: Batch, ben: User
) -> None:
    mine = take_next(batch_id=pair_batch.pk, principal=Principal(ben))
    assert mine is not None
    said(ben, mine, {"overall": "A"})
    preferred = mine.unit.unit_outputs.get(position=mine.side_order[0]).output
    address = f"/batches/{pair_batch.pk}/judgments/"
    (record,) = desk.get(address, {"show": "preferred"}).context["records"]
    assert record.cells[1].parts[0].text == preferred.external_id
    code = "first" if mine.side_order[0] == 0 else "second"
    other = "second" if code == "first" else "first"
    found = desk.get(address, {"answer": f"overall:{code}"})
    assert len(found.context["records"]) == 1
    assert not desk.get(address, {"answer": f"overall:{other}"}).context["records"]


def test_numbers_categories_and_absence_are_filters(
    desk: Client, every_batch: Batch, ben: User
) -> None:
    given: dict[str, Any] = {
        "ok": {"A": True, "B": False},
        "tone": {"A": None, "B": "cold"},
        "flaws": {"A": ["long", "rude"], "B": []},
        "grade": {"A": 2, "B": 3},
        "minutes": {"A": 2.5, "B": 9},
        "overall": "tie",
        "clarity": {"choice": "A", "strength": 2},
        "order": ["A", "B"],
        "both": True,
    }
    mine = take_next(batch_id=every_batch.pk, principal=Principal(ben))
    assert mine is not None
    said(ben, mine, given, {"both": "Both do."})
    address = f"/batches/{every_batch.pk}/judgments/"

    def found(answer: str) -> int:
        return len(desk.get(address, {"answer": answer}).context["records"])

    here = ["flaws:rude", "tone:not_applicable", "minutes:2..3", "minutes:9", "ok:true"]
    gone = ["flaws:vague", "tone:cannot_judge", "minutes:3..8", "minutes:..2"]
    assert [found(answer) for answer in here] == [1] * len(here)
    assert [found(answer) for answer in gone] == [0] * len(gone)
    assert desk.get(address, {"answer": "order:A"}).status_code == 422
    sent_form = {"filter": "1", "low.minutes": "2", "high.minutes": ""}
    assert "answer=minutes%3A2.." in desk.get(address, sent_form)["Location"]


def test_pages_go_on_where_the_one_before_ended(
    look: Callable[..., Any],
    items_of: Callable[..., list[str]],
    work: dict[str, Assignment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = items_of()
    monkeypatch.setattr(walking.Walk.page, "__defaults__", (2,))
    for order in ("newest", "oldest"):
        seen: list[str] = []
        more = f"order={order}"
        while more:
            response = look(**parse_qs(more))
            page = response.context["records"]
            seen += [named(record.assignment) for record in page]
            more = response.context["more"]
        assert seen == (everything if order == "newest" else everything[::-1])
    assert items_of(before="no place of ours") == everything[:2]


def test_a_walk_that_takes_long_stops_and_says_so(
    look: Callable[..., Any],
    work: dict[str, Assignment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("annotation.browsing.walking.FIRST_STEP", 2)
    monkeypatch.setattr("annotation.browsing.walking.PATIENCE", -1)
    monkeypatch.setattr("annotation.browsing.rare.FEW", 0)
    response = look(answer="accuracy:1")
    assert "So far 2 judgments were looked at" in text(response)
    for _again in range(5):
        if response.context["records"]:
            break
        response = look(**parse_qs(response.context["more"]))
    assert [named(r.assignment) for r in response.context["records"]] == [
        named(work["low"])
    ]


def test_what_came_before_the_work_is_seen_where_it_is_asked_for(
    desk: Client, staged_batch: Batch, trained_assignment: Assignment
) -> None:
    address = f"/batches/{staged_batch.pk}/judgments/"
    assert not desk.get(address).context["records"]
    (record,) = desk.get(address, {"kind": "training"}).context["records"]
    assert record.assignment == trained_assignment


def test_a_page_asks_the_same_however_much_is_on_it(
    desk: Client, open_batch: Batch, ben: User, cleo: User
) -> None:
    address = f"/batches/{open_batch.pk}/judgments/"
    judged(ben, open_batch)
    desk.get(address)
    with queries_of() as one:
        desk.get(address)
    for _unit in range(3):
        judged(ben, open_batch)
        judged(cleo, open_batch, note="Hm.")
    with queries_of() as many:
        desk.get(address)
    assert len(many) == len(one) <= 13, "\n".join(many)


def test_the_record_shows_all_there_is_to_know(
    desk: Client, open_batch: Batch, work: dict[str, Assignment], cleo: User
) -> None:
    revised = work["revised"]
    submit_other = Assignment.objects.filter(unit=revised.unit, annotator=cleo)
    judgment = revised.judgments.current().get()
    page = text(desk.get(f"/judgments/{judgment.pk}/"))
    for words in ["What <bdi>Ben</bdi> said", "After all", "This judgment counts."]:
        assert words in page
    assert '<del dir="auto">3</del> → <ins dir="auto">2</ins>' in page
    assert revised.unit.item.input in page
    old = revised.judgments.get(number=1)
    assert "This judgment was superseded" in text(desk.get(f"/judgments/{old.pk}/"))
    if not submit_other.exists():
        assert "Nobody else has judged it yet." in page


def test_the_record_shows_what_others_said_of_the_unit(
    desk: Client, open_batch: Batch, ben: User, cleo: User
) -> None:
    for user in (ben, cleo):
        for _unit in range(12):
            judged(user, open_batch, 5 if user == cleo else 1)
    mine = Assignment.objects.filter(annotator=ben).first()
    assert mine is not None
    response = desk.get(f"/judgments/{mine.judgments.get().pk}/")
    (other,) = response.context["others"]
    assert other.assignment.annotator == cleo
    assert other.assignment.unit_id == mine.unit_id


def test_previous_and_next_stay_within_the_filter(
    desk: Client, work: dict[str, Assignment]
) -> None:
    noted, revised = work["noted"], work["revised"]
    newer = revised.judgments.current().get()
    older = noted.judgments.current().get()
    beside = desk.get(f"/judgments/{newer.pk}/", {"only": "note"}).context["beside"]
    assert (beside.previous, beside.next) == (None, older)
    beside = desk.get(f"/judgments/{older.pk}/", {"only": "note"}).context["beside"]
    assert (beside.previous, beside.next) == (newer, None)


def test_a_folded_part_is_fetched_through_the_managers_door(
    desk: Client, work: dict[str, Assignment]
) -> None:
    mine = work["plain"]
    mine.unit.item.__class__.objects.filter(pk=mine.unit.item_id).update(
        input="word " * 9_000
    )
    judgment = mine.judgments.get()
    page = text(desk.get(f"/judgments/{judgment.pk}/"))
    assert f"/judgments/{judgment.pk}/specimen/?of=prompt" in page
    assert f"/assignments/{mine.pk}/specimen/" not in page
    part = desk.get(f"/judgments/{judgment.pk}/specimen/?of=prompt&part=2")
    assert part.status_code == 200
    assert f"/judgments/{judgment.pk}/" in text(part)


def test_the_api_and_the_files_take_the_same_filters(
    api: Callable[..., Client],
    ada: User,
    open_batch: Batch,
    work: dict[str, Assignment],
) -> None:
    program = api(ada)
    address = f"/api/v1/batches/{open_batch.pk}/judgments"
    ids = {str(j.pk) for j in work["revised"].judgments.all()}
    listed = program.get(address, {"only": "revised"}).json()["results"]
    assert {row["id"] for row in listed} == ids
    file = b"".join(program.get(f"{address}.ndjson", {"only": "revised"}))
    assert {json.loads(line)["id"] for line in file.splitlines()} == ids
    table = b"".join(program.get(f"{address}.csv", {"words": "slip"})).decode()
    assert len(table.splitlines()) == 2
    refused = program.get(address, {"answer": "accuracy:9"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "answer"
    assert len(program.get(address).json()["results"]) == Judgment.objects.count()


def test_one_judgment_by_api(
    api: Callable[..., Client], ada: User, work: dict[str, Assignment]
) -> None:
    returned = work["returned"]
    judgment = returned.judgments.get()
    row = api(ada).get(f"/api/v1/judgments/{judgment.pk}").json()
    assert row["id"] == str(judgment.pk)
    assert row["assignment"] == str(returned.pk)
    assert row["revisions"] == [str(judgment.pk)]
    assert [one["text"] for one in row["returns"]] == ["Why two?"]
    assert row["answers"]["fluent"] == {row["outputs"][0]: False}


def test_what_lies_a_second_apart_keeps_its_order(
    items_of: Callable[..., list[str]], work: dict[str, Assignment]
) -> None:
    """Times that are equal are ordered by id, so no page misses or repeats one."""
    Assignment.objects.filter(state="submitted").update(submitted_at=timezone.now())
    by_id = Assignment.objects.filter(state="submitted").order_by(F("pk").desc())
    assert items_of() == [named(row) for row in by_id]


def test_what_was_said_before_the_batch_moved_to_other_words_is_browsed_like_the_rest(
    desk: Client,
    look: Callable[..., Any],
    items_of: Callable[..., list[str]],
    open_batch: Batch,
    reworded: RubricVersion,
    ada: User,
    ben: User,
) -> None:
    before = judged(ben, open_batch, 2, note="Short.")
    move_batch_to_version(batch=open_batch, version=reworded, by=ada)
    after = judged(ben, open_batch, 2)
    judged(ben, open_batch, 4)
    assert set(items_of(answer="accuracy:2")) == {named(before), named(after)}
    assert items_of(answer="accuracy:2", only="note") == [named(before)]
    row = look(only="note").context["records"][0]
    cells = {cell.column.name: cell.parts for cell in row.cells}
    assert [part.url for part in cells["answer.accuracy"]] != []
    judgment = before.judgments.get()
    page = desk.get(f"/judgments/{judgment.pk}/")
    assert [one.question.key for one in page.context["said"]] == ["accuracy", "fluent"]
    assert "Return it" in text(page)
