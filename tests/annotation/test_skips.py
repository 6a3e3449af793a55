"""Skips from the manager's side: answered in place, given back, withdrawn, closed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from annotation.actions.breaks import NotFree
from annotation.actions.skips import SkipAnswered, answer_skip, give_back
from annotation.invariants import violations
from annotation.models import Assignment, Batch, Flag, Skip
from tests.annotation.screen import text


def test_a_skip_waits_and_is_answered_once(
    signed_in: Any, skipped: Skip, open_batch: Batch, ada: User, ben: User
) -> None:
    manager: Client = signed_in(ada)
    page = text(manager.get(f"/batches/{open_batch.pk}/flags/?show=skips"))
    assert "I do not know this subject well enough." in page
    address = f"/skips/{skipped.pk}/answer/"
    assert manager.post(address, {"answer": "Read the notes."}).status_code == 302
    skipped.refresh_from_db()
    assert (skipped.answer, skipped.answered_by) == ("Read the notes.", ada)
    assert AuditEvent.objects.filter(verb="skip answered").count() == 1
    with pytest.raises(SkipAnswered):
        answer_skip(skip=skipped, answer="Other words.", by=ada)
    home = text(signed_in(ben).get("/"))
    assert "Your skip is answered" in home
    assert "Read the notes." in home


def test_an_answer_without_words_is_refused_and_closing_is_not(
    signed_in: Any, skipped: Skip, ada: User, ben: User
) -> None:
    manager: Client = signed_in(ada)
    address = f"/skips/{skipped.pk}/answer/"
    refused = manager.post(address, {"answer": " "})
    assert refused.status_code == 422
    assert "Write an answer" in text(refused)
    assert manager.post(address, {"then": "close"}).status_code == 302
    skipped.refresh_from_db()
    assert skipped.answered_at is not None
    assert "Your skip is answered" not in text(signed_in(ben).get("/"))


def test_it_is_given_back_and_comes_next(
    signed_in: Any, skipped: Skip, open_batch: Batch, ada: User, ben: User, claim: Any
) -> None:
    address = f"/skips/{skipped.pk}/answer/"
    signed_in(ada).post(address, {"answer": "Try.", "then": "give_back"})
    row = Assignment.objects.get(pk=skipped.assignment_id)
    assert (row.state, row.holds_slot, row.reserved) == ("reserved", True, True)
    assert "given back to you" in text(signed_in(ben).get("/"))
    assert claim(ben, open_batch).pk == row.pk
    assert not list(violations())


def test_it_stays_where_others_have_every_place(
    skipped: Skip, open_batch: Batch, ada: User
) -> None:
    unit = skipped.assignment.unit
    type(unit).objects.filter(pk=unit.pk).update(required=0)
    with pytest.raises(NotFree):
        answer_skip(skip=skipped, answer="Try.", by=ada, then="give_back")
    skipped.refresh_from_db()
    assert skipped.answered_at is None


def test_who_left_the_batch_is_given_nothing_back(
    skipped: Skip, open_batch: Batch, ada: User
) -> None:
    open_batch.members.update(active=False)
    with pytest.raises(NotFree):
        give_back(assignment=skipped.assignment, by=ada)


def test_what_was_not_done_with_the_unit_is_not_said_to_be(
    signed_in: Any, skipped: Skip, flag: Flag, ada: User
) -> None:
    """Another manager closed them meanwhile, as wordless as this one."""
    manager: Client = signed_in(ada)
    for address, then in [
        (f"/skips/{skipped.pk}/answer/", "give_back"),
        (f"/skips/{skipped.pk}/answer/", "withdraw"),
        (f"/flags/{flag.pk}/answer/", "withdraw"),
    ]:
        manager.post(address, {"then": "close"})
        page = text(manager.post(address, {"then": then}, follow=True))
        assert "is answered; an answer stays" in page
        assert "is set aside for them" not in page
        assert "is withdrawn" not in page


def test_the_unit_is_withdrawn_with_the_answer_to_a_flag(
    signed_in: Any, flag: Flag, ada: User
) -> None:
    signed_in(ada).post(f"/flags/{flag.pk}/answer/", {"then": "withdraw"})
    flag.refresh_from_db()
    unit = flag.assignment.unit
    unit.refresh_from_db()
    assert unit.withdrawn_at is not None
    assert not flag.is_waiting
    assert not list(violations())


def test_the_project_has_one_list_for_all_batches(
    signed_in: Any, flag: Flag, skipped: Skip, ada: User, project: Any
) -> None:
    manager: Client = signed_in(ada)
    assert "No prompt." in text(manager.get(f"/projects/{project.pk}/flags/"))
    skips = text(manager.get(f"/projects/{project.pk}/flags/?show=skips"))
    assert "I do not know this subject" in skips
    other = f"/projects/{project.pk}/flags/?show=skips&annotator=cleo@example.org"
    assert "I do not know this subject" not in text(manager.get(other))
    page = text(manager.get(f"/projects/{project.pk}/"))
    assert "1 flag waits" in page
    assert "1 skip waits" in page


def test_a_flag_is_closed_and_its_unit_withdrawn_by_api(
    api: Any, flag: Flag, ada: User
) -> None:
    address = f"/api/v1/flags/{flag.pk}/answer"
    sent = {"then": "withdraw"}
    for _ in range(2):
        reply = api(ada).post(address, sent, content_type="application/json")
        assert reply.status_code == 200
    flag.refresh_from_db()
    assert (flag.is_waiting, flag.answer) == (False, "")
    assert flag.assignment.unit.withdrawn_at is not None


def test_skips_by_api(api: Any, skipped: Skip, open_batch: Batch, ada: User) -> None:
    client: Client = api(ada)
    found = json.loads(client.get(f"/api/v1/batches/{open_batch.pk}/skips").content)
    assert [row["state"] for row in found["results"]] == ["waiting"]
    address = f"/api/v1/skips/{skipped.pk}/answer"
    sent: Any = {"answer": "Read on.", "then": "give_back"}
    for _ in range(2):
        answered = client.post(address, sent, content_type="application/json")
        assert answered.status_code == 200
    sent["answer"] = "Other words."
    assert (
        client.post(address, sent, content_type="application/json").status_code == 409
    )
    assert json.loads(client.get(f"/api/v1/skips/{skipped.pk}").content)["answer"] == (
        "Read on."
    )
