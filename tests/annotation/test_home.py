"""Home, breaks and the end of a batch: where I stopped, what waits, my own days."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from annotation.actions.breaks import take_a_break
from annotation.actions.flags import answer_flag, raise_flag
from annotation.invariants import violations
from annotation.mine.activity import activity_of, minutes_left, paces_of
from annotation.models import Assignment, Batch, Dataset, Judgment, Unit
from annotation.progress import progress_of
from rubrics.models import RubricVersion
from tests.annotation.queries import queries_of
from tests.annotation.screen import GOOD, judged, text
from tests.annotation.storm import annotators, judge_until_nothing_is_left

SAID = {"accuracy": 4, "fluent": True}


def test_resume_leads_where_i_stopped(
    ben_s_browser: Client,
    claim: Any,
    ben: User,
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    rubric_version: RubricVersion,
) -> None:
    """Not to what is due first, once I have begun something else."""
    tomorrow = timezone.now() + timedelta(days=1)
    due = make_batch(dataset, rubric_version, name="Due soon", due_at=tomorrow)
    later = make_batch(dataset, rubric_version, name="Begun")
    resume = re.compile(r'id="resume-heading" dir="auto">([^<]*)<')
    assert resume.search(text(ben_s_browser.get("/")))[1] == due.name  # type: ignore[index]
    judged(ben_s_browser, claim, ben, later)
    assert resume.search(text(ben_s_browser.get("/")))[1] == later.name  # type: ignore[index]


def test_home_holds_answers_submissions_and_today(
    ben_s_browser: Client, claim: Any, ben: User, ada: User, open_batch: Batch
) -> None:
    mine = judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="120000")
    flag = raise_flag(assignment=mine, kind="broken_item").flag
    answer_flag(flag=flag, answer="It is mended.", by=ada)
    page = text(ben_s_browser.get("/"))
    assert "It is mended." in page
    assert f'class="mine__open" href="{mine.get_absolute_url()}"' in page
    assert re.search(r'Today: <span class="num">1</span> judgment, .*>2</span>', page)
    assert '<svg viewBox="0 -16 560 134" role="img" aria-label="2 active' in page
    assert "The same as a table" in page


def test_home_costs_the_same_however_much_was_done(
    ben_s_browser: Client,
    claim: Any,
    ben: User,
    ada: User,
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    rubric_version: RubricVersion,
) -> None:
    costs = []
    for round_ in range(2):
        batch = make_batch(dataset, rubric_version, name=f"Batch {round_}")
        for _ in range(3):
            mine = judged(ben_s_browser, claim, ben, batch, elapsed_ms="60000")
            flag = raise_flag(assignment=mine, kind="broken_item").flag
            answer_flag(flag=flag, answer="It is mended.", by=ada)
        cache.clear()
        with queries_of() as asked:
            ben_s_browser.get("/")
        costs.append(len(asked))
    assert costs[0] == costs[1]
    assert costs[0] <= 18


def test_a_manager_without_units_is_not_asked_about_work(
    signed_in: Any, open_batch: Batch, ada: User
) -> None:
    client = signed_in(ada)
    with queries_of() as asked:
        page = text(client.get("/"))
    assert "Your projects" in page
    assert "Your days" not in page
    assert not any("elapsed_ms" in sql for sql in asked)  # How long I judged.
    assert len(asked) <= 11


def test_days_count_work_of_any_kind_and_units_once(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    """A revision is time, but no further unit; what was imported is neither."""
    rows = [
        judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="60000")
        for _ in range(3)
    ]
    current = Judgment.objects.current().get(assignment=rows[0])
    revision = {"answer-accuracy-A": "1", "supersedes": str(current.pk)}
    ben_s_browser.post(
        rows[0].get_absolute_url(), GOOD | revision | {"elapsed_ms": "30000"}
    )
    Judgment.objects.filter(assignment=rows[2]).update(source="imported")
    yesterday = timezone.now() - timedelta(days=1)
    Judgment.objects.filter(assignment=rows[1]).update(created_at=yesterday)
    Assignment.objects.filter(pk=rows[1].pk).update(submitted_at=yesterday)
    activity = activity_of(ben)
    assert len(activity.days) == 14
    told = [(day.seconds, day.judgments) for day in activity.days[-2:]]
    assert told == [(60, 1), (90, 1)]
    assert sum(day.judgments for day in activity.days) == 2


def test_a_day_ends_at_midnight_and_the_picture_ends_today(ben: User) -> None:
    activity = activity_of(ben, now=datetime(2026, 3, 1, 0, 5, tzinfo=UTC))
    assert [day.day.isoformat() for day in activity.days[-2:]] == [
        "2026-02-28",
        "2026-03-01",
    ]
    assert activity.is_empty
    assert [bar.is_today for bar in activity.bars] == [False] * 13 + [True]
    assert activity.finding == "No active minutes in the last 14 days."


def test_what_is_left_is_told_from_my_own_pace(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    for seconds in (30, 60, 600):
        judged(ben_s_browser, claim, ben, open_batch, elapsed_ms=f"{seconds}000")
    assert paces_of(ben) == {}  # Three say nothing yet.
    for seconds in (60, 90):
        judged(ben_s_browser, claim, ben, open_batch, elapsed_ms=f"{seconds}000")
    assert paces_of(ben) == {open_batch.pk: 60.0}
    assert re.search(
        r'about <span class="num">7</span> min', text(ben_s_browser.get("/"))
    )
    assert minutes_left(0, 60.0) is None
    assert minutes_left(3, 1.0) == 1


# --- The goal -------------------------------------------------------------------------


def test_a_shared_pool_promises_up_to_my_share_and_does_not_shrink(
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    rubric_version: RubricVersion,
    project: Any,
    claim: Any,
    ben: User,
    cleo: User,
    ben_s_browser: Client,
) -> None:
    """How far others are must not be told by my own total."""
    (third,) = annotators(project, 1)
    batch = make_batch(
        dataset, rubric_version, overlap=2, annotators=[ben, cleo, third]
    )
    found = progress_of(batch, ben)
    assert (found.total, found.is_exact) == (8, False)
    judge_until_nothing_is_left(batch, cleo, SAID)  # 12, more than her share of 8.
    cache.clear()
    after = progress_of(batch, ben)
    assert (after.total, after.is_exact) == (8, False)
    mine = claim(ben, batch)
    assert "Item 1 of up to 8" in text(ben_s_browser.get(mine.get_absolute_url()))
    assert re.search(
        r'item <span class="num">1</span> of up to', text(ben_s_browser.get("/"))
    )


def test_where_everybody_judges_everything_the_total_is_exact(
    open_batch: Batch, ben: User
) -> None:
    found = progress_of(open_batch, ben)
    assert (found.total, found.is_exact) == (12, True)


# --- Breaks and the end ---------------------------------------------------------------


def test_a_break_gives_back_what_was_prepared_and_keeps_what_is_in_hand(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    here = claim(ben, open_batch)
    prepared = claim(ben, open_batch, after=here.pk)
    assert prepared.opened_at is None
    reply = ben_s_browser.post(f"/batches/{open_batch.pk}/break/", follow=True)
    page = text(reply)
    assert "Take your break" in page
    assert "stays yours until" in page
    here.refresh_from_db()
    prepared.refresh_from_db()
    assert (here.state, here.holds_slot) == ("leased", True)
    assert (prepared.state, prepared.holds_slot) == ("expired", False)
    assert Unit.objects.get(pk=prepared.unit_id).taken == 0
    assert list(violations()) == []
    assert claim(ben, open_batch).pk == here.pk


def test_a_break_leaves_what_is_reserved_for_me_reserved(
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    rubric_version: RubricVersion,
    claim: Any,
    ben: User,
) -> None:
    batch = make_batch(dataset, rubric_version, strategy="fixed")
    here = claim(ben, batch)
    prepared = claim(ben, batch, after=here.pk)
    assert take_a_break(batch=batch, user=ben) == 1
    prepared.refresh_from_db()
    assert (prepared.state, prepared.holds_slot) == ("reserved", True)
    assert list(violations()) == []


def test_the_end_says_what_i_did_and_what_comes_next(
    ben_s_browser: Client,
    claim: Any,
    ben: User,
    open_batch: Batch,
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    rubric_version: RubricVersion,
) -> None:
    judged(ben_s_browser, claim, ben, open_batch)
    more = make_batch(dataset, rubric_version, name="The next batch")
    page = text(ben_s_browser.get(f"/batches/{open_batch.pk}/finished/"))
    assert "Thank you." in page
    assert re.search(r"Judged today</dt><dd[^>]*>1<", page)
    assert f'href="/batches/{open_batch.pk}/mine/"' in page
    assert "The next batch" in page
    assert f'action="/batches/{more.pk}/next/"' in page
