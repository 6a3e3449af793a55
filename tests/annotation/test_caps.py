"""Enough for one person: in a batch, and in a day of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotation.actions.claiming import HeldBack
from annotation.models import Assignment, Batch
from tests.annotation.before_work import judge
from tests.annotation.queries import queries_of
from tests.annotation.screen import text
from tests.annotation.storm import judge_until_nothing_is_left
from tests.annotation.test_claiming import lapse

GOOD = {"accuracy": 4, "fluent": True}
Claim = Callable[..., Assignment | None]


@pytest.fixture
def two_a_day(make_batch: Any, dataset: Any, rubric_version: Any) -> Batch:
    return make_batch(dataset, rubric_version, daily_cap=2)


def test_a_day_s_work_ends_at_the_cap_and_goes_on_tomorrow(
    two_a_day: Batch, claim: Claim, ben: Any, cleo: Any
) -> None:
    judge(ben, two_a_day, GOOD)
    judge(ben, two_a_day, GOOD)
    with pytest.raises(HeldBack, match="2 units today") as held:
        claim(ben, two_a_day)
    assert held.value.stage == "day"
    assert claim(cleo, two_a_day) is not None

    yesterday = timezone.now() - timedelta(days=1)
    Assignment.objects.filter(annotator=ben).update(submitted_at=yesterday)
    assert claim(ben, two_a_day) is not None


def test_what_is_in_hand_counts_and_goes_on(
    two_a_day: Batch, claim: Claim, ben: Any
) -> None:
    judge(ben, two_a_day, GOOD)
    mine = claim(ben, two_a_day)
    assert claim(ben, two_a_day) == mine
    with pytest.raises(HeldBack):
        claim(ben, two_a_day, after=mine.pk)


def test_what_lapsed_or_is_reserved_waits_until_tomorrow_too(
    make_batch: Any, dataset: Any, rubric_version: Any, claim: Claim, ben: Any
) -> None:
    batch = make_batch(
        dataset, rubric_version, overlap=1, strategy="fixed", daily_cap=1
    )
    judge(ben, batch, GOOD)
    with pytest.raises(HeldBack, match="1 unit today"):
        claim(ben, batch)
    pool = make_batch(dataset, rubric_version, name="Pool", daily_cap=1)
    lapse(claim(ben, pool))
    assert claim(ben, pool) is not None


def test_judgments_made_elsewhere_are_no_day_s_work(
    two_a_day: Batch, claim: Claim, ben: Any
) -> None:
    for _ in range(2):
        judge(ben, two_a_day, GOOD)
    Assignment.objects.filter(annotator=ben).update(source="imported")
    assert claim(ben, two_a_day) is not None


def test_without_a_daily_cap_nothing_more_is_asked(
    make_batch: Any, dataset: Any, rubric_version: Any, claim: Claim, ben: Any
) -> None:
    counts = []
    for name, cap in [("None", None), ("Ten", 10)]:
        batch = make_batch(dataset, rubric_version, name=name, daily_cap=cap)
        with queries_of() as queries:
            claim(ben, batch)
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1


def test_preparing_at_the_cap_prepares_nothing(
    two_a_day: Batch, claim: Claim, ben: Any, ben_s_browser: Client
) -> None:
    judge(ben, two_a_day, GOOD)
    mine = claim(ben, two_a_day)
    reply = ben_s_browser.post(f"/assignments/{mine.pk}/following/")
    assert reply.status_code == 204
    assert Assignment.objects.filter(annotator=ben).count() == 2


def test_the_screen_says_that_it_is_enough_for_today(
    two_a_day: Batch, ben: Any, ben_s_browser: Client
) -> None:
    for _ in range(2):
        judge(ben, two_a_day, GOOD)
    reply = ben_s_browser.post(f"/batches/{two_a_day.pk}/next/", follow=True)
    page = text(reply)
    assert "That is all for today" in page
    assert "You have judged 2 units today" in page
    assert "Look again" not in page


def test_the_api_says_so_too(two_a_day: Batch, ben: Any, judge_api: Any) -> None:
    for _ in range(2):
        judge(ben, two_a_day, GOOD)
    reply = judge_api(ben)("post", "next", two_a_day.pk)
    assert reply.status_code == 409
    assert "go on tomorrow" in reply.json()["detail"]


def test_a_cap_that_is_raised_gives_more(
    make_batch: Any, dataset: Any, rubric_version: Any, api: Any, ada: Any, ben: Any
) -> None:
    batch = make_batch(dataset, rubric_version, cap=2)
    assert judge_until_nothing_is_left(batch, ben, GOOD) == 2
    reply = api(ada).patch(
        f"/api/v1/batches/{batch.pk}",
        {"per_annotator_cap": 5},
        content_type="application/json",
    )
    assert reply.status_code == 200
    assert reply.json()["per_annotator_cap"] == 5
    assert judge_until_nothing_is_left(batch, ben, GOOD) == 3
