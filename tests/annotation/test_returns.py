"""Returns: a judgment sent back with a question, revised or said to stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from annotation.actions.changing import move_batch
from annotation.actions.returning import return_judgment
from annotation.models import Assignment, Batch, Return
from tests.annotation.before_work import judge, submit
from tests.annotation.screen import GOOD, text

RIGHT = {"accuracy": {"A": 4}, "fluent": {"A": True}}
OTHER = {"accuracy": {"A": 5}, "fluent": {"A": True}}


@pytest.fixture
def submitted(open_batch: Batch, ben: User) -> Assignment:
    return judge(ben, open_batch, RIGHT)


@pytest.fixture
def desk(signed_in: Callable[[User], Client], ada: User) -> Client:
    return signed_in(ada)


def address_of(assignment: Assignment) -> str:
    return f"/judgments/{assignment.judgments.current().get().pk}/"


def test_a_manager_returns_a_judgment_and_it_counts_meanwhile(
    desk: Client, submitted: Assignment, ada: User
) -> None:
    record = address_of(submitted)
    response = desk.post(f"{record}return/", {"text": "Why four?"}, follow=True)
    assert "The annotator sees your question" in text(response)
    assert "waits for the annotator" in text(response)
    found = Return.objects.get()
    assert (found.text, found.by, found.settled_at) == ("Why four?", ada, None)
    submitted.refresh_from_db()
    assert submitted.state == "submitted"
    event = AuditEvent.objects.get(verb="judgment returned")
    assert (event.actor, event.subject_id) == (ada, str(found.pk))


def test_a_return_without_a_question_is_refused(
    desk: Client, submitted: Assignment
) -> None:
    response = desk.post(f"{address_of(submitted)}return/", {"text": " "})
    assert response.status_code == 422
    assert "Write a question" in text(response)
    assert not Return.objects.exists()


def test_one_question_waits_at_a_time(desk: Client, returned: Return) -> None:
    record = address_of(returned.assignment)
    for words in ["Why four?", "And why true?"]:
        desk.post(f"{record}return/", {"text": words})
    assert Return.objects.count() == 1


@pytest.mark.parametrize(("state", "count"), [("paused", 1), ("closed", 0)])
def test_judgments_are_returned_while_they_can_be_changed(
    desk: Client, submitted: Assignment, ada: User, state: str, count: int
) -> None:
    move_batch(batch=submitted.batch, to=state, by=ada)
    desk.post(f"{address_of(submitted)}return/", {"text": "Why four?"})
    assert Return.objects.count() == count


def test_training_is_not_returned(desk: Client, trained_assignment: Assignment) -> None:
    record = address_of(trained_assignment)
    assert "Return it</button>" not in text(desk.get(record))
    desk.post(f"{record}return/", {"text": "Why?"})
    assert not Return.objects.exists()


def test_the_annotator_finds_the_question_at_home_and_on_the_item(
    ben_s_browser: Client, returned: Return
) -> None:
    home = text(ben_s_browser.get("/"))
    assert "A judgment of yours is returned with a question" in home
    assert "Why four?" in home
    mine = returned.assignment
    assert "Why four?" in text(ben_s_browser.get(mine.get_absolute_url()))
    assert "Why four?" in text(ben_s_browser.get(f"/assignments/{mine.pk}/mine/"))


def test_a_revision_settles_it(
    ben_s_browser: Client, returned: Return, desk: Client
) -> None:
    mine = returned.assignment
    current = mine.judgments.get()
    sent = GOOD | {"answer-accuracy-A": "5", "supersedes": str(current.pk)}
    assert ben_s_browser.post(mine.get_absolute_url(), sent).status_code == 302
    returned.refresh_from_db()
    assert returned.settled_at is not None
    assert returned.reply == ""
    assert "Why four?" not in text(ben_s_browser.get("/"))
    assert "revised</span>" in text(desk.get(address_of(mine)))


def test_the_same_again_settles_nothing(returned: Return, ben: User) -> None:
    submit(ben, returned.assignment, RIGHT)
    returned.refresh_from_db()
    assert returned.settled_at is None


def test_the_annotator_says_why_it_stands(
    ben_s_browser: Client, returned: Return, desk: Client, ben: User
) -> None:
    address = f"/returns/{returned.pk}/reply/"
    assert "Why four?" in text(ben_s_browser.get(address))
    refused = ben_s_browser.post(address, {"text": ""})
    assert refused.status_code == 422
    assert "Write why it stands" in text(refused)
    ben_s_browser.post(address, {"text": "One slip."})
    returned.refresh_from_db()
    assert returned.reply == "One slip."
    assert returned.settled_at is not None
    assert AuditEvent.objects.get(verb="return replied to").actor == ben
    page = text(desk.get(address_of(returned.assignment)))
    assert "One slip." in page
    assert "it stands</span>" in page
    ben_s_browser.post(address, {"text": "Two slips."})
    returned.refresh_from_db()
    assert returned.reply == "One slip."
    assert "nothing is asked of you any more" in text(ben_s_browser.get(address))


def test_another_question_can_follow(ada: User, ben: User, returned: Return) -> None:
    mine = returned.assignment
    submit(ben, mine, OTHER, supersedes=mine.judgments.get().pk)
    again = return_judgment(assignment=mine, text="Why five?", by=ada)
    assert again.pk != returned.pk
    assert list(Return.objects.waiting()) == [again]


def test_nobody_else_sees_the_question(
    signed_in: Callable[[User], Client], cleo: User, eve: User, returned: Return
) -> None:
    for user in (cleo, eve):
        browser = signed_in(user)
        assert browser.get(f"/returns/{returned.pk}/reply/").status_code == 404
        assert "Why four?" not in text(browser.get("/"))


def test_an_annotator_is_told_nothing_of_systems_or_others_by_a_return(
    ben_s_browser: Client, returned: Return, cleo: User, open_batch: Batch
) -> None:
    judge(cleo, open_batch, OTHER)
    mine = returned.assignment
    for address in (
        f"/returns/{returned.pk}/reply/",
        f"/assignments/{mine.pk}/mine/",
        mine.get_absolute_url(),
        "/",
    ):
        page = text(ben_s_browser.get(address))
        assert not any(word in page for word in ("heron", "wren", "Cleo"))


def test_returning_by_api(
    judge_api: Callable[..., Any], returned: Return, ada: User, ben: User
) -> None:
    desk, mine = judge_api(ada), judge_api(ben)
    judgment = returned.assignment.judgments.get()
    same = desk("post", "judgment-return", judgment.pk, {"text": "Why four?"})
    assert (same.status_code, same.json()["id"]) == (201, str(returned.pk))
    other = desk("post", "judgment-return", judgment.pk, {"text": "Why?"})
    assert (other.status_code, other.json()["waiting"]) == (409, str(returned.pk))
    empty = desk("post", "judgment-return", judgment.pk, {"text": ""})
    assert empty.status_code == 422
    batch = returned.assignment.batch_id
    listed = desk("get", "returns", batch, query={"state": "waiting"})
    assert [row["text"] for row in listed.json()["results"]] == ["Why four?"]
    bad = desk("get", "returns", batch, query={"state": "x"})
    assert bad.status_code == 422
    reply = mine("post", "return-reply", returned.pk, {"text": "One slip."})
    assert (reply.status_code, reply.json()["state"]) == (200, "settled")
    again = mine("post", "return-reply", returned.pk, {"text": "Other."})
    assert again.status_code == 409
    settled = desk("get", "returns", batch, query={"state": "settled"})
    assert json.loads(settled.content)["results"][0]["reply"] == "One slip."
