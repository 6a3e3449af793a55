"""From one item to the next over HTTP: one request, prepared ahead, leases kept."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts.models import Project, User
from annotation.actions.datasets import create_dataset
from annotation.actions.importing import import_outputs
from annotation.importing.readers import Row
from annotation.models import Assignment, Batch, Judgment, Skip, Unit
from annotation.models.assignment import AssignmentState
from tests.annotation.queries import queries_of
from tests.annotation.screen import GOOD, text
from tests.rubrics.fixtures import published

HTMX = {"HX-Request": "true", "HX-Target": "screen"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def browser(signed_in: Callable[[User], Client], ben: User) -> Client:
    """Ben's."""
    return signed_in(ben)


def lapse(assignment: Assignment, *, taken: bool = False) -> None:
    """The lease ran out; `taken`: the slot went to somebody else meanwhile."""
    row = Assignment.objects.filter(pk=assignment.pk)
    row.update(lease_expires_at=Now() - timedelta(minutes=1))
    if taken:
        row.update(state=AssignmentState.EXPIRED, holds_slot=False)


# --- One request ----------------------------------------------------------------------


def test_a_submission_is_answered_with_the_next_screen_itself(
    browser: Client, assignment: Assignment
) -> None:
    reply = browser.post(assignment.get_absolute_url(), GOOD, headers=HTMX)

    assert reply.status_code == 200
    following = Assignment.objects.get(state=AssignmentState.LEASED)
    assert reply["HX-Push-Url"] == following.get_absolute_url()
    assert f'action="{following.get_absolute_url()}"' in text(reply)
    assert "Item 2 of 12" in text(reply)
    assert following.opened_at


def test_a_skip_is_answered_with_the_next_screen_itself(
    browser: Client, assignment: Assignment
) -> None:
    address = f"{assignment.get_absolute_url()}skip/"
    reply = browser.post(address, {"reason": "Something else."}, headers=HTMX)
    assert reply.status_code == 200
    assert reply["HX-Push-Url"] not in ("", assignment.get_absolute_url())
    assert 'id="judge"' in text(reply)


def test_the_last_submission_is_answered_with_the_end(
    browser: Client, ben: User, open_batch: Batch, claim: Callable[..., Assignment]
) -> None:
    for _ in range(12):
        reply = browser.post(
            claim(ben, open_batch).get_absolute_url(), GOOD, headers=HTMX
        )
    assert reply["HX-Push-Url"] == f"/batches/{open_batch.pk}/finished/"
    assert 'data-screen="finished"' in text(reply)


def test_without_a_script_a_submission_is_a_redirect(
    browser: Client, assignment: Assignment
) -> None:
    reply = browser.post(assignment.get_absolute_url(), GOOD)
    following = Assignment.objects.get(state=AssignmentState.LEASED)
    assert (reply.status_code, reply["Location"]) == (
        302,
        following.get_absolute_url(),
    )


@pytest.mark.parametrize("is_prepared", [True, False])
def test_submit_and_next_needs_at_most_twelve_queries(
    browser: Client, assignment: Assignment, is_prepared: bool
) -> None:
    address = assignment.get_absolute_url()
    browser.get(address)
    if is_prepared:
        browser.post(f"{address}following/")
    with queries_of() as queries:
        assert browser.post(address, GOOD, headers=HTMX).status_code == 200
    assert len(queries) <= 12, "\n".join(queries)


def two_kilobytes(number: int) -> dict[str, Any]:
    sentence = f"In case {number} the invoice was paid twice; **refund** the second. "
    return {
        "id": str(number),
        "input": f"Question {number}: I was charged twice. What now?",
        "outputs": [{"id": f"{number}/a", "system": "a", "content": sentence * 32}],
    }


FIVE_STEPS = [
    {
        "key": key,
        "question": f"How good is its {key}?",
        "scale": {
            "kind": "ordinal",
            "levels": [
                {"value": step, "label": name, "anchor": f"It is {name} in {key}."}
                for step, name in enumerate(["poor", "weak", "fair", "good", "best"], 1)
            ],
        },
        "rationale": "optional",
    }
    for key in ["accuracy", "completeness", "clarity", "tone", "safety"]
]


def test_the_next_screen_is_small(
    browser: Client,
    project: Project,
    ada: User,
    ben: User,
    make_batch: Callable[..., Batch],
    claim: Callable[..., Assignment],
) -> None:
    dataset = create_dataset(project=project, name="Two kilobytes", by=ada)
    rows = [Row(n, two_kilobytes(n)) for n in range(3)]
    import_outputs(dataset=dataset, rows=rows, by=ada, source="x")
    batch = make_batch(dataset, published(project, ada, "Five", FIVE_STEPS))
    answers = {f"answer-{question['key']}-A": "4" for question in FIVE_STEPS}
    headers = HTMX | {"Accept-Encoding": "gzip"}
    address = claim(ben, batch).get_absolute_url()

    reply = browser.post(address, answers, headers=headers)
    assert reply["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(reply.content)) <= 32_000
    assert len(reply.content) <= 8_000


@pytest.mark.parametrize("kind", ["open_batch", "pair_batch", "mixed_batch"])
def test_questions_kept_ready_are_those_that_would_be_rendered(
    browser: Client,
    ben: User,
    kind: str,
    request: pytest.FixtureRequest,
    claim: Callable[..., Assignment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = claim(ben, request.getfixturevalue(kind)).get_absolute_url()
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|\s+')
    ready = token.sub("", text(browser.get(address, headers=HTMX)))
    monkeypatch.setattr("annotation.views.judging.blank_questions", lambda *a: None)
    assert token.sub("", text(browser.get(address, headers=HTMX))) == ready


# --- Prepared ahead -------------------------------------------------------------------


def test_the_unit_prepared_is_the_one_that_follows(
    browser: Client, assignment: Assignment
) -> None:
    address = assignment.get_absolute_url()
    with queries_of() as queries:
        assert browser.post(f"{address}following/").status_code == 204
    assert len(queries) <= 6 + 1, "\n".join(queries)  # One more brings its content.
    prepared = Assignment.objects.exclude(pk=assignment.pk).get()
    assert prepared.opened_at is None
    assert prepared.lease_expires_at - prepared.created_at <= timedelta(minutes=2.1)

    assert browser.post(f"{address}following/").status_code == 204
    assert Assignment.objects.count() == 2
    reply = browser.post(address, GOOD, headers=HTMX)
    assert reply["HX-Push-Url"] == prepared.get_absolute_url()
    prepared.refresh_from_db()
    assert prepared.opened_at
    assert prepared.lease_expires_at - prepared.opened_at > timedelta(minutes=29)


def test_nothing_is_prepared_after_what_is_not_in_my_hands(
    browser: Client, assignment: Assignment
) -> None:
    lapse(assignment, taken=True)
    browser.post(f"{assignment.get_absolute_url()}following/")
    assert Assignment.objects.count() == 1

    browser.post(assignment.get_absolute_url(), GOOD)
    count = Assignment.objects.count()
    browser.post(f"{assignment.get_absolute_url()}following/")
    assert Assignment.objects.count() == count


# --- The lease ------------------------------------------------------------------------


def test_a_draft_says_how_long_the_lease_runs_now(
    browser: Client, assignment: Assignment
) -> None:
    lapse(assignment)
    sent = GOOD | {"draft_version": "0"}
    reply = browser.post(f"{assignment.get_absolute_url()}draft/", sent).json()
    assert reply["lease"] == pytest.approx(30 * 60, abs=5)


def test_looking_at_an_item_late_in_its_lease_starts_it_anew(
    browser: Client, assignment: Assignment
) -> None:
    lapse(assignment)
    page = text(browser.get(assignment.get_absolute_url()))
    found = re.search(r'data-lease="(\d+)"', page)
    assert found
    assert int(found[1]) == pytest.approx(30 * 60, abs=5)
    assert re.search(r'id="lapsed"[^>]* hidden', page)


def test_a_lapsed_item_offers_three_ways_on(
    browser: Client, assignment: Assignment
) -> None:
    lapse(assignment, taken=True)
    page = text(browser.get(assignment.get_absolute_url()))
    assert not re.search(r'id="lapsed"[^>]* hidden', page)
    for way in ["Submit all the same", "Take it again", "Go on to the next"]:
        assert way in page
    assert "data-lease" not in page


def test_a_lapsed_item_is_taken_again_with_what_was_entered(
    browser: Client, assignment: Assignment
) -> None:
    lapse(assignment, taken=True)
    Unit.objects.filter(pk=assignment.unit_id).update(taken=0)
    address = assignment.get_absolute_url()
    sent = GOOD | {"draft_version": "0", "note": "Kept."}
    assert browser.post(f"{address}lease/", sent)["Location"] == address

    assignment.refresh_from_db()
    assert (assignment.state, assignment.holds_slot) == ("leased", True)
    assert assignment.draft["note"] == "Kept."
    told = browser.post(f"{address}lease/", headers=JSON).json()
    assert told["lease"] == pytest.approx(30 * 60, abs=5)
    assert told["detail"] == ""


def test_an_item_that_others_have_is_not_taken_from_them(
    browser: Client, assignment: Assignment
) -> None:
    lapse(assignment, taken=True)
    Unit.objects.filter(pk=assignment.unit_id).update(required=1, taken=1)
    address = assignment.get_absolute_url()
    told = browser.post(f"{address}lease/", headers=JSON).json()
    assert "Somebody else has this item now." in told["detail"]
    assert told["lease"] is None

    page = browser.post(f"{address}lease/", follow=True)
    assert "Somebody else has this item now." in text(page)
    late = browser.post(address, GOOD, headers=HTMX)
    assert "it counts as extra" in text(late)
    assert Judgment.objects.get().assignment == assignment


def test_who_goes_on_from_a_lapsed_item_finds_it_at_the_end_with_its_draft(
    browser: Client, assignment: Assignment, ben: User, open_batch: Batch
) -> None:
    lapse(assignment)
    sent = {"answer-accuracy-A": "2", "draft_version": "0", "lapsed": "1"}
    reply = browser.post(f"{assignment.get_absolute_url()}skip/", sent, headers=HTMX)
    assert reply["HX-Push-Url"] != assignment.get_absolute_url()
    assignment.refresh_from_db()
    assert assignment.state == AssignmentState.RELEASED
    assert assignment.draft["answers"] == {"accuracy": {"A": 2}}
    assert Skip.objects.get().reason == "The time on it ran out."


def test_the_lease_of_a_paused_batch_says_why_it_stands_still(
    browser: Client, assignment: Assignment, open_batch: Batch
) -> None:
    Batch.objects.filter(pk=open_batch.pk).update(state="paused")
    reply = browser.post(f"{assignment.get_absolute_url()}lease/", headers=JSON)
    assert "paused" in reply.json()["detail"]


def test_who_comes_back_finds_the_item_that_was_on_the_screen(
    browser: Client, assignment: Assignment, ben: User, open_batch: Batch
) -> None:
    address = assignment.get_absolute_url()
    browser.post(f"{address}draft/", GOOD | {"draft_version": "0"})
    browser.post(f"{address}following/")
    elsewhere = browser.post(f"/batches/{open_batch.pk}/next/")
    assert elsewhere["Location"] == address
