"""Flags: raised beside the work, answered once, read at home and on the unit."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from annotation.actions.changing import move_batch
from annotation.actions.flags import answer_flag, raise_flag
from annotation.actions.judging import skip
from annotation.models import Assignment, Batch, BatchMember, Flag, Judgment, Skip
from tests.annotation.queries import queries_of
from tests.annotation.screen import GOOD, text
from tests.annotation.storm import at_once

HTMX = {"HX-Request": "true"}


def raise_on(client: Client, assignment: Assignment, **sent: Any) -> Any:
    headers = sent.pop("headers", None)
    return client.post(f"/assignments/{assignment.pk}/flags/", sent, headers=headers)


def test_a_flag_neither_submits_nor_skips(
    ben_s_browser: Client, assignment: Assignment, ben: User
) -> None:
    response = raise_on(
        ben_s_browser, assignment, kind="unclear_rubric", text="Is a slip a 4?"
    )
    assert response["Location"] == assignment.get_absolute_url()
    flag = Flag.objects.get()
    assert (flag.kind, flag.text, flag.is_waiting) == (
        "unclear_rubric",
        "Is a slip a 4?",
        True,
    )
    assignment.refresh_from_db()
    assert assignment.state == "leased"
    page = text(ben_s_browser.get(assignment.get_absolute_url()))
    assert "You flagged this:" in page
    assert "The manager is told." in page


def test_the_dialog_gets_a_fragment_and_the_screen_stays(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    response = raise_on(ben_s_browser, assignment, kind="broken_item", headers=HTMX)
    assert text(response).strip().startswith('<div id="flag-state" role="status">')
    refused = raise_on(ben_s_browser, assignment, headers=HTMX)
    assert refused.status_code == 422
    assert refused["HX-Retarget"] == "#flag-errors"
    assert "Choose what is wrong." in text(refused)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose what is wrong."),
        ({"kind": "nonsense"}, "Select a valid choice"),
        ({"kind": "other"}, "Say in a few words what it is."),
        ({"kind": "broken_item", "text": "x" * 20_001}, "at most 20000 characters"),
    ],
)
def test_a_flag_that_says_nothing_is_refused_where_it_was_written(
    ben_s_browser: Client, assignment: Assignment, sent: Any, said: str
) -> None:
    response = raise_on(ben_s_browser, assignment, **sent)
    assert response.status_code == 422
    assert said in text(response)
    assert not Flag.objects.exists()


def test_the_same_open_kind_twice_is_one_flag_and_no_word_is_lost(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    for words in ["No prompt.", "No prompt.", "And no output."]:
        raise_on(ben_s_browser, assignment, kind="broken_item", text=words)
    raise_on(ben_s_browser, assignment, kind="harmful_content")
    assert sorted(Flag.objects.values_list("kind", "text")) == [
        ("broken_item", "No prompt.\n\nAnd no output."),
        ("harmful_content", ""),
    ]


@pytest.mark.django_db(transaction=True)
def test_raised_many_times_at_once_it_is_one_flag(
    assignment: Assignment, many_connections: None
) -> None:
    def tell(number: int) -> bool:
        text = f"From tab {number}."
        return raise_flag(assignment=assignment, kind="broken_item", text=text).is_new

    assert sorted(at_once(tell, 6)) == [False] * 5 + [True]
    words = Flag.objects.get().text
    assert all(f"From tab {number}." in words for number in range(6))


def test_the_database_holds_one_waiting_flag_of_a_kind(flag: Flag, ada: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.create(assignment=flag.assignment, kind=flag.kind)
    answer_flag(flag=flag, answer="Mended.", by=ada)
    Flag.objects.create(assignment=flag.assignment, kind=flag.kind)


def test_flag_and_skip_does_both_and_goes_on(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    BatchMember.objects.update(guidelines_read_at=timezone.now())
    response = raise_on(ben_s_browser, assignment, kind="broken_item", skip="1")
    assignment.refresh_from_db()
    assert assignment.state == "skipped"
    assert Flag.objects.count() == 1
    assert Skip.objects.get().reason == "Flagged: the item is broken."
    assert response["Location"].startswith("/assignments/")
    assert response["Location"] != assignment.get_absolute_url()


def test_flag_and_skip_of_a_submitted_unit_is_a_flag(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    ben_s_browser.post(assignment.get_absolute_url(), GOOD)
    raise_on(ben_s_browser, assignment, kind="broken_item", skip="1")
    assignment.refresh_from_db()
    assert assignment.state == "submitted"
    assert Flag.objects.count() == 1
    assert not Skip.objects.exists()


def test_without_a_script_what_was_entered_is_kept_before_flagging(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    """The judging form itself is sent to the page of flags."""
    response = ben_s_browser.post(
        f"/assignments/{assignment.pk}/flags/",
        {"answer-accuracy-A": "3", "note": "Odd.", "draft_version": "0"},
    )
    assert response["Location"] == f"/assignments/{assignment.pk}/flags/"
    assignment.refresh_from_db()
    assert assignment.draft["answers"] == {"accuracy": {"A": 3}}
    assert assignment.draft["note"] == "Odd."
    assert "What is wrong?" in text(ben_s_browser.get(response["Location"]))


def test_the_manager_answers_in_place_and_the_annotator_reads_it(
    signed_in: Any, ben_s_browser: Client, flag: Flag, open_batch: Batch, ada: User
) -> None:
    manager = signed_in(ada)
    shown = text(manager.get(f"/batches/{open_batch.pk}/flags/"))
    item = flag.assignment.unit.item
    for words in ("No prompt.", item.external_id, item.input, "Ben"):
        assert words in shown
    refused = manager.post(f"/flags/{flag.pk}/answer/", {"answer": " "})
    assert refused.status_code == 422
    assert "Write an answer" in text(refused)
    manager.post(f"/flags/{flag.pk}/answer/", {"answer": "The prompt is there now."})

    event = AuditEvent.objects.get(verb="flag answered")
    assert (event.actor, event.project) == (ada, open_batch.project)
    home = text(ben_s_browser.get("/"))
    assert "Needs your attention" in home
    assert "The prompt is there now." in home
    unit = text(ben_s_browser.get(flag.assignment.get_absolute_url()))
    assert "The prompt is there now." in unit
    assert ben_s_browser.post(f"/flags/{flag.pk}/seen/")["Location"] == "/"
    assert "Needs your attention" not in text(ben_s_browser.get("/"))
    unit = text(ben_s_browser.get(flag.assignment.get_absolute_url()))
    assert "The prompt is there now." in unit


def test_an_answer_is_given_once(signed_in: Any, flag: Flag, ada: User) -> None:
    manager = signed_in(ada)
    for words in ["First.", "Second."]:
        manager.post(f"/flags/{flag.pk}/answer/", {"answer": words})
    flag.refresh_from_db()
    assert flag.answer == "First."
    assert AuditEvent.objects.filter(verb="flag answered").count() == 1


def test_skips_with_their_reasons_stand_beside_the_flags(
    signed_in: Any, assignment: Assignment, open_batch: Batch, ada: User
) -> None:
    reason = "The item is broken or empty. Only dots."
    skip(assignment=assignment, reason=reason)
    shown = text(signed_in(ada).get(f"/batches/{open_batch.pk}/flags/?show=skips"))
    assert reason in shown
    assert assignment.unit.item.external_id in shown


def test_batch_and_project_count_the_flags_that_wait(
    signed_in: Any, flag: Flag, open_batch: Batch, ada: User
) -> None:
    manager = signed_in(ada)
    for address in (
        f"/batches/{open_batch.pk}/",
        f"/projects/{open_batch.project_id}/",
    ):
        assert "1 flag waits" in text(manager.get(address))
    answer_flag(flag=flag, answer="Mended.", by=ada)
    for address in (
        f"/batches/{open_batch.pk}/",
        f"/projects/{open_batch.project_id}/",
    ):
        assert "1 flag waits" not in text(manager.get(address))


def test_a_list_of_flags_costs_the_same_however_long(
    signed_in: Any, claim: Any, ben: User, open_batch: Batch, ada: User
) -> None:
    manager = signed_in(ada)
    costs = []
    for _ in range(2):
        for _ in range(3):
            mine = claim(ben, open_batch)
            raise_flag(assignment=mine, kind="broken_item")
            skip(assignment=mine, reason="Something else.")
        for show in ("waiting", "skips"):
            address = f"/batches/{open_batch.pk}/flags/?show={show}"
            with queries_of() as asked:
                manager.get(address)
            costs.append(len(asked))
    assert costs[:2] == costs[2:]


def test_flags_by_api(
    judge_api: Any, assignment: Assignment, ben: User, ada: User, open_batch: Batch
) -> None:
    raised = judge_api(ben)(
        "post",
        "assignment-flags",
        assignment.pk,
        {"kind": "harmful_content", "text": "Threats."},
    )
    assert raised.status_code == 201
    body = raised.json()
    assert (body["kind"], body["text"], body["state"]) == (
        "harmful_content",
        "Threats.",
        "waiting",
    )
    again = judge_api(ben)(
        "post", "assignment-flags", assignment.pk, {"kind": "harmful_content"}
    )
    assert (again.status_code, again.json()["id"]) == (200, body["id"])

    manager = judge_api(ada)
    listed = manager("get", "flags", open_batch.pk, query={"state": "waiting"}).json()
    (row,) = listed["results"]
    assert row["item"] == assignment.unit.item.external_id
    assert row["annotator"] == "ben@example.org"
    assert (
        manager("get", "flags", open_batch.pk, query={"state": "x"}).status_code == 422
    )
    answered = manager("post", "flag-answer", body["id"], {"answer": "Taken out."})
    assert (answered.status_code, answered.json()["state"]) == (200, "answered")
    twice = manager("post", "flag-answer", body["id"], {"answer": "Something else."})
    assert (twice.status_code, twice.json()["answer"]) == (409, "Taken out.")
    mine = judge_api(ben)("get", "assignment-flags", assignment.pk).json()
    assert [one["answer"] for one in mine["results"]] == ["Taken out."]


@pytest.mark.parametrize(
    "body",
    [{}, {"kind": "nonsense"}, {"kind": "other"}, {"kind": "broken_item", "x": 1}],
)
def test_a_flag_of_no_known_kind_is_refused_by_api(
    judge_api: Any, assignment: Assignment, ben: User, body: Any
) -> None:
    call = judge_api(ben)
    assert call("post", "assignment-flags", assignment.pk, body).status_code == 422
    assert not Flag.objects.exists()


def test_a_token_that_may_not_name_people_gets_pseudonyms(
    api: Any, flag: Flag, open_batch: Batch, ada: User
) -> None:
    client = api(ada, scopes=["read", "export"])
    (row,) = client.get(f"/api/v1/batches/{open_batch.pk}/flags").json()["results"]
    assert "@" not in row["annotator"]
    assert row["annotator"]


def test_an_archived_batch_takes_no_flags(
    ben_s_browser: Client,
    judge_api: Any,
    assignment: Assignment,
    open_batch: Batch,
    ben: User,
    ada: User,
) -> None:
    for state in ("closed", "archived"):
        move_batch(batch=open_batch, to=state, by=ada)
    response = raise_on(ben_s_browser, assignment, kind="broken_item")
    assert response.status_code == 422
    assert "nobody answers flags" in text(response)
    call = judge_api(ben)
    reply = call("post", "assignment-flags", assignment.pk, {"kind": "broken_item"})
    assert reply.status_code == 409


def test_a_flag_tells_nothing_of_others(
    ben_s_browser: Client, claim: Any, flag: Flag, cleo: User, open_batch: Batch
) -> None:
    """Cleo's flag on the same unit is not Ben's to see."""
    Judgment.objects.all().delete()
    theirs = claim(cleo, open_batch)
    while theirs.unit_id != flag.assignment.unit_id:
        skip(assignment=theirs, reason="Something else.")
        theirs = claim(cleo, open_batch)
    raise_flag(assignment=theirs, kind="harmful_content", text="canary of Cleo")
    for address in ("/", flag.assignment.get_absolute_url(), "/mine/?show=flagged"):
        assert "canary" not in text(ben_s_browser.get(address))
