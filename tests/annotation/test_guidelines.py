"""Guidelines come first: read before the first item, and again when they changed."""

from __future__ import annotations

import re
from time import thread_time
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from annotation.actions.changing import change_batch
from annotation.before_work.guidelines import changed_lines
from annotation.models import Assignment, Batch, BatchMember, GuidelinesChange
from tests.annotation.before_work import judge

POSTED = {"answer-accuracy-A": "4", "answer-fluent-A": "true"}


@pytest.fixture
def new_batch(make_batch: Any, dataset: Any, rubric_version: Any) -> Batch:
    """Open, and nobody has begun."""
    batch: Batch = make_batch(
        dataset,
        rubric_version,
        newcomers=True,
        guidelines="Read the **notes**.\n\nThen judge.",
    )
    return batch


def welcome(batch: Batch) -> str:
    return reverse("annotation:welcome", args=[batch.pk])


def next_of(batch: Batch) -> str:
    return reverse("annotation:next", args=[batch.pk])


def as_of(page: str) -> str:
    found = re.search(r'name="as_of" value="([^"]*)"', page)
    assert found
    return found[1]


def test_who_starts_reads_the_guidelines_first(
    new_batch: Batch, ben: User, signed_in: Any
) -> None:
    client = signed_in(ben)
    assert client.post(next_of(new_batch))["Location"] == welcome(new_batch)
    assert not Assignment.objects.exists()
    page = client.get(welcome(new_batch)).content.decode()
    assert "<strong>notes</strong>" in page
    assert "What you are asked" in page
    assert "12 items fall to you" in page
    assert "In exports you are P-" in page
    begun = client.post(welcome(new_batch), {"as_of": as_of(page)})
    assert Assignment.objects.get().get_absolute_url() == begun["Location"]
    assert client.post(next_of(new_batch)).status_code == 302
    assert BatchMember.objects.get(user=ben).guidelines_read_at is not None


def test_programs_are_not_held_back(
    new_batch: Batch, ben: User, judge_api: Any
) -> None:
    assert judge_api(ben)("post", "next", new_batch.pk).status_code == 200


def test_changed_guidelines_are_shown_once_more_with_what_changed(
    new_batch: Batch, ada: User, ben: User, signed_in: Any
) -> None:
    client = signed_in(ben)
    client.post(welcome(new_batch), {"as_of": ""})
    shown = Assignment.objects.get().get_absolute_url()
    manager = signed_in(ada)
    page = reverse("annotation:guidelines", args=[new_batch.pk])
    manager.post(page, {"guidelines": "Read the **notes**.\r\n\r\nThen rest."})
    manager.post(page, {"guidelines": "Read the **notes**.\r\n\r\nThen sleep."})
    assert GuidelinesChange.objects.count() == 2

    answered = client.post(shown, POSTED)
    assert answered["Location"] == welcome(new_batch)
    again = client.get(welcome(new_batch)).content.decode()
    assert "The guidelines changed on" in again
    assert "Then judge." in again
    assert "Then sleep." in again
    assert "Then rest." not in again
    begun = client.post(welcome(new_batch), {"as_of": as_of(again)})
    assert "/assignments/" in begun["Location"]


def test_what_changed_while_it_was_read_is_shown_again(
    new_batch: Batch, ada: User, ben: User, signed_in: Any
) -> None:
    client = signed_in(ben)
    page = client.get(welcome(new_batch)).content.decode()
    change_batch(batch=new_batch, by=ada, guidelines="Others.")
    response = client.post(welcome(new_batch), {"as_of": as_of(page)})
    assert response.status_code == 200
    assert b"Others." in response.content
    assert not Assignment.objects.exists()


def test_the_same_guidelines_again_are_no_change(
    new_batch: Batch, ada: User, ben: User, signed_in: Any
) -> None:
    signed_in(ben).post(welcome(new_batch), {"as_of": ""})
    change_batch(batch=new_batch, by=ada, guidelines=new_batch.guidelines)
    assert signed_in(ben).post(next_of(new_batch))["Location"] != welcome(new_batch)
    assert not GuidelinesChange.objects.exists()


def test_the_manager_sees_who_has_read_them(
    new_batch: Batch, ada: User, ben: User, signed_in: Any
) -> None:
    signed_in(ben).post(welcome(new_batch), {"as_of": ""})
    page = signed_in(ada).get(new_batch.get_absolute_url()).content.decode()
    assert page.count("guidelines not read yet") == 1
    change_batch(batch=new_batch, by=ada, guidelines="Others.")
    page = signed_in(ada).get(new_batch.get_absolute_url()).content.decode()
    assert "before they changed" in page


def test_the_welcome_names_no_system_and_nobody_else(
    new_batch: Batch, ben: User, cleo: User, signed_in: Any
) -> None:
    judge(cleo, new_batch)
    page = signed_in(ben).get(welcome(new_batch)).content.decode()
    for name in ("heron", "wren", "Cleo", "cleo@"):
        assert name not in page


def test_lines_that_came_and_went() -> None:
    found = changed_lines("one\ntwo\nthree", "one\nTwo\nthree\nfour")
    assert [(line.change, line.text) for line in found] == [
        ("del", "two"),
        ("ins", "Two"),
        ("ins", "four"),
    ]
    assert changed_lines("one\r\ntwo", "one\ntwo") == []


def test_guidelines_written_to_be_slow_are_compared_at_once() -> None:
    start = thread_time()
    assert len(changed_lines("a\nb\n" * 2_000, "b\na\nc\n" * 1_333)) > 1_000
    assert thread_time() - start < 1  # It was more than a minute.
