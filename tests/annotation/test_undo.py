"""Undo of my last submissions: ten deep, within 15 minutes, nothing deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from annotation.actions.changing import move_batch
from annotation.models import Assignment, Batch, BatchMember, Judgment
from tests.annotation.screen import GOOD, judged, text


def undo(client: Client, on: Assignment, back: str = "") -> str:
    response = client.get(f"/assignments/{on.pk}/undo/", {"back": back} if back else {})
    assert response.status_code == 302
    return str(response["Location"])


def made_older(row: Assignment, minutes: int) -> None:
    past = timezone.now() - timedelta(minutes=minutes)
    Assignment.objects.filter(pk=row.pk).update(submitted_at=past)


def test_undo_opens_the_last_submission_with_its_answers_and_comes_back(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    first = judged(ben_s_browser, claim, ben, open_batch)
    here = claim(ben, open_batch)
    ben_s_browser.post(
        f"/assignments/{here.pk}/draft/",
        {"answer-accuracy-A": "2", "draft_version": "0"},
    )
    address = undo(ben_s_browser, here)
    assert address == f"/assignments/{first.pk}/?back={here.pk}"
    page = text(ben_s_browser.get(address))
    assert f'name="back" value="{here.pk}"' in page
    current = Judgment.objects.current().get(assignment=first)
    assert f'name="supersedes" value="{current.pk}"' in page

    changed = GOOD | {"answer-accuracy-A": "1"}
    response = ben_s_browser.post(
        first.get_absolute_url(),
        changed | {"supersedes": str(current.pk), "back": str(here.pk)},
    )
    assert response["Location"] == here.get_absolute_url()
    here.refresh_from_db()
    assert here.draft["answers"] == {"accuracy": {"A": 2}}
    numbers = Judgment.objects.filter(assignment=first).order_by("number")
    assert [(j.number, j.superseded_at is None) for j in numbers] == [
        (1, False),
        (2, True),
    ]


def test_undo_again_goes_one_further_back_and_ends_with_a_sentence(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    done = [judged(ben_s_browser, claim, ben, open_batch) for _ in range(3)]
    here = claim(ben, open_batch)
    at, way = here, []
    for _ in done:
        address = undo(ben_s_browser, at, back="" if at == here else str(here.pk))
        assert address.endswith(f"?back={here.pk}")
        at = Assignment.objects.get(pk=address.split("/")[2])
        way.append(at)
    assert way == done[::-1]
    stays = undo(ben_s_browser, at, back=str(here.pk))
    assert stays == f"/assignments/{at.pk}/?back={here.pk}"
    assert "ten submissions and 15 minutes" in text(ben_s_browser.get(stays))


def test_undo_is_ten_deep(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    done = [judged(ben_s_browser, claim, ben, open_batch) for _ in range(11)]
    assert undo(ben_s_browser, done[2]) == f"/assignments/{done[1].pk}/"
    assert undo(ben_s_browser, done[1]) == f"/assignments/{done[1].pk}/"


def test_undo_reaches_back_15_minutes(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    first = judged(ben_s_browser, claim, ben, open_batch)
    here = claim(ben, open_batch)
    shown = text(ben_s_browser.get(here.get_absolute_url()))
    assert f'href="/assignments/{here.pk}/undo/"' in shown
    made_older(first, 14)
    assert str(first.pk) in undo(ben_s_browser, here)
    made_older(first, 16)
    assert undo(ben_s_browser, here) == here.get_absolute_url()
    shown = text(ben_s_browser.get(here.get_absolute_url()))
    assert f'href="/assignments/{here.pk}/undo/"' not in shown


def test_undo_never_leaves_my_own_batch(
    ben_s_browser: Client,
    signed_in: Any,
    claim: Any,
    ben: User,
    cleo: User,
    open_batch: Batch,
    pair_batch: Batch,
) -> None:
    judged(ben_s_browser, claim, ben, open_batch)
    judged(signed_in(cleo), claim, cleo, open_batch)
    here = claim(ben, pair_batch)
    assert undo(ben_s_browser, here) == here.get_absolute_url()


@pytest.mark.parametrize(("state", "works"), [("paused", True), ("closed", False)])
def test_undo_works_while_the_batch_is_open_or_paused(
    ben_s_browser: Client,
    claim: Any,
    ben: User,
    ada: User,
    open_batch: Batch,
    state: str,
    works: bool,
) -> None:
    first = judged(ben_s_browser, claim, ben, open_batch)
    here = claim(ben, open_batch)
    move_batch(batch=open_batch, to=state, by=ada)
    if works:
        assert str(first.pk) in undo(ben_s_browser, here)
    else:
        assert undo(ben_s_browser, here) == f"/assignments/{here.pk}/mine/"


@pytest.mark.parametrize("back", ["", "nonsense", "foreign"])
def test_a_back_that_is_not_mine_leads_to_the_next_item(
    ben_s_browser: Client,
    claim: Any,
    ben: User,
    cleo: User,
    open_batch: Batch,
    back: str,
) -> None:
    first = judged(ben_s_browser, claim, ben, open_batch)
    here = claim(ben, open_batch)
    foreign = claim(cleo, open_batch)
    current = Judgment.objects.current().get(assignment=first)
    BatchMember.objects.update(guidelines_read_at=timezone.now())
    sent = GOOD | {"answer-accuracy-A": "2", "supersedes": str(current.pk)}
    sent["back"] = str(foreign.pk) if back == "foreign" else back
    response = ben_s_browser.post(first.get_absolute_url(), sent)
    assert response["Location"] == here.get_absolute_url()
