"""A batch while it runs: counted once for everybody, said only when it is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from annotation.actions.changing import change_batch, move_batch
from annotation.models import Assignment, Batch
from annotation.watching import remembered
from annotation.watching.counts import counts_of
from annotation.watching.detail import days_of, detail_of
from annotation.watching.pace import forecast_of, pace_of, times_of
from annotation.watching.segments import values_of
from annotation.watching.snapshot import snapshot_of
from annotation.watching.words import forecast_words
from tests.annotation.before_work import judge
from tests.annotation.queries import queries_of
from tests.annotation.screen import text

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOOD = {"accuracy": 4, "fluent": True}


def each(minutes: float, count: int, last: datetime = NOW) -> list[datetime]:
    return [last - timedelta(minutes=minutes * n) for n in range(count)]


def test_a_pace_counts_the_hours_in_which_somebody_judged() -> None:
    morning_and_noon = each(1, 30) + each(1, 30, NOW - timedelta(hours=5))
    pace = pace_of(morning_and_noon, [30.0] * 60, NOW)
    assert pace.last_hour == 30
    assert pace.a_day == 60
    assert pace.an_hour is not None
    assert 40 <= pace.an_hour <= 60
    assert pace.times is not None
    assert pace.times.median == 30


def test_too_few_judgments_say_nothing() -> None:
    pace = pace_of(each(1, 9), [1.0] * 4, NOW)
    assert (pace.an_hour, pace.a_day, pace.times) == (None, None, None)
    forecast = forecast_of(100, pace, NOW)
    assert (forecast.unknown, forecast.done_at) == ("few", None)
    assert "Too few judgments" in forecast_words(forecast, NOW)[0]
    assert times_of([1, 2, 3, 4]) is None


def test_a_forecast_is_held_against_the_due_date() -> None:
    pace = pace_of(each(6, 40), [], NOW)
    forecast = forecast_of(80, pace, NOW, NOW + timedelta(days=1))
    assert forecast.done_at == NOW + timedelta(days=2)
    assert forecast.is_late
    assert "later than it is due" in " ".join(forecast_words(forecast, NOW))
    assert not forecast_of(10, pace, NOW, NOW + timedelta(days=1)).is_late


def test_nobody_is_promised_an_end_while_nobody_judges() -> None:
    pace = pace_of(each(1, 40, NOW - timedelta(days=4)), [], NOW)
    assert forecast_of(10, pace, NOW).unknown == "resting"
    assert forecast_of(0, pace, NOW).unknown == "done"


def test_counts_are_those_of_the_rows(
    open_batch: Batch, ben: User, cleo: User, claim: Any
) -> None:
    judge(ben, open_batch, GOOD)
    judge(cleo, open_batch, GOOD)
    claim(ben, open_batch)
    counts = counts_of([open_batch])[open_batch.pk]
    assert (counts.units, counts.required, counts.done) == (12, 24, 2)
    assert (counts.in_hand, counts.remaining, counts.free) == (1, 22, 21)
    assert counts.untouched == 12 - len(
        set(Assignment.objects.values_list("unit", flat=True))
    )
    assert counts.people[ben.pk]["submitted"] == 1


def test_what_was_counted_stays_until_a_manager_acts(
    open_batch: Batch, ada: User, ben: User
) -> None:
    before = snapshot_of(open_batch)
    judge(ben, open_batch, GOOD)
    assert snapshot_of(open_batch).counts == before.counts
    change_batch(batch=open_batch, by=ada, overlap=1)
    after = snapshot_of(open_batch)
    assert (after.counts.done, after.counts.required) == (1, 12)
    assert after.as_of > before.as_of


def test_one_counts_anew_and_the_others_see_what_was_there(
    open_batch: Batch, ben: User, monkeypatch: Any
) -> None:
    before = snapshot_of(open_batch)
    monkeypatch.setattr(remembered, "LEAST", 0)
    monkeypatch.setattr(remembered, "TIMES_ITS_COST", 0)
    judge(ben, open_batch, GOOD)
    monkeypatch.setattr(remembered, "is_counted", lambda name, batch: True)
    assert snapshot_of(open_batch).counts == before.counts
    monkeypatch.undo()
    monkeypatch.setattr(remembered, "LEAST", 0)
    monkeypatch.setattr(remembered, "TIMES_ITS_COST", 0)
    assert snapshot_of(open_batch).counts.done == 1


def test_where_it_costs_much_nobody_waits_after_an_act_either(
    open_batch: Batch, ada: User, ben: User, monkeypatch: Any
) -> None:
    before = snapshot_of(open_batch)
    begun: list[str] = []
    monkeypatch.setattr(remembered, "COSTLY", -1)
    monkeypatch.setattr(
        remembered.beside, "submit", lambda _count, name, *_rest: begun.append(name)
    )
    judge(ben, open_batch, GOOD)
    change_batch(batch=open_batch, by=ada, overlap=1)
    for _request in range(2):
        shown = snapshot_of(open_batch)
        assert (shown.counts, shown.as_of) == (before.counts, before.as_of)
    assert begun == ["counts", "detail"]


def test_days_hold_every_judgment_once(open_batch: Batch, ben: User) -> None:
    for days in (0, 1, 100):
        mine = judge(ben, open_batch, GOOD)
        at = timezone.now() - timedelta(days=days)
        Assignment.objects.filter(pk=mine.pk).update(submitted_at=at)
    found = days_of(open_batch, timezone.now())
    assert found is not None
    assert sum(found.counts) == 3
    assert found.step == 3
    assert len(found.counts) <= 40


def test_a_judgment_of_another_clock_s_tomorrow_is_shown_today(
    open_batch: Batch, ben: User
) -> None:
    judge(ben, open_batch, GOOD)
    tomorrow = timezone.now() + timedelta(days=1)
    Assignment.objects.filter(state="submitted").update(submitted_at=tomorrow)
    days = days_of(open_batch, timezone.now())
    assert days is not None
    assert days.rows()[0][0] == timezone.localdate()


def test_a_segment_says_what_is_done_and_untouched(
    open_batch: Batch, ben: User, claim: Any
) -> None:
    done = judge(ben, open_batch, GOOD)
    held = claim(ben, open_batch)
    rows = {row.value: row for row in values_of(open_batch, "parity")}
    assert sum(row.units for row in rows.values()) == 12
    assert sum(row.done for row in rows.values()) == 1
    assert sum(row.untouched for row in rows.values()) == 10
    assert done.unit_id != held.unit_id


def test_the_page_shows_it_and_asks_again_until_it_is_closed(
    signed_in: Any, open_batch: Batch, ada: User, ben: User
) -> None:
    judge(ben, open_batch, GOOD)
    manager: Client = signed_in(ada)
    page = text(manager.get(f"/batches/{open_batch.pk}/"))
    assert "1 of 24 judgments" in page
    assert f'hx-get="/batches/{open_batch.pk}/live/' in page
    assert "too few to say" in page
    part = manager.get(f"/batches/{open_batch.pk}/live/")
    assert (part.status_code, "<html" in text(part)) == (200, False)
    move_batch(batch=open_batch, to="closed", by=ada)
    assert manager.get(f"/batches/{open_batch.pk}/live/").status_code == 286
    assert "every 10s" not in text(manager.get(f"/batches/{open_batch.pk}/"))


def test_the_page_costs_the_same_however_much_was_done(
    signed_in: Any, open_batch: Batch, ada: User, ben: User, cleo: User
) -> None:
    manager: Client = signed_in(ada)
    costs = []
    for _ in range(2):
        for user in (ben, cleo):
            for _ in range(3):
                judge(user, open_batch, GOOD)
        remembered.cache.clear()
        with queries_of() as asked:
            manager.get(f"/batches/{open_batch.pk}/live/")
        costs.append(len(asked))
    assert costs[0] == costs[1]
    with queries_of() as asked:
        manager.get(f"/batches/{open_batch.pk}/live/")
    assert len(asked) < costs[0]


def test_many_batches_are_counted_in_as_many_queries_as_one(
    make_batch: Any, dataset: Any, rubric_version: Any
) -> None:
    batches = [make_batch(dataset, rubric_version, name=f"No {n}") for n in range(4)]
    costs = []
    for some in (batches[:1], batches):
        with queries_of() as asked:
            counts_of(some)
        costs.append(len(asked))
    assert costs == [4, 4]


def test_leases_and_reasons_are_in_the_detail(
    open_batch: Batch, ben: User, skipped: Any, claim: Any
) -> None:
    held = claim(ben, open_batch)
    detail = detail_of(open_batch)
    assert [lease.assignment for lease in detail.leases] == [held.pk]
    assert detail.reasons == {skipped.reason: 1}
    assert detail.skips_waiting == 1


def test_progress_by_api(api: Any, open_batch: Batch, ada: User, ben: User) -> None:
    judge(ben, open_batch, GOOD)
    client: Client = api(ada)
    found = json.loads(client.get(f"/api/v1/batches/{open_batch.pk}/progress").content)
    assert (found["done"], found["required"], found["remaining"]) == (1, 24, 23)
    assert found["forecast"]["unknown_because"] == "few"
    assert found["annotators"][0]["annotator"] == "ben@example.org"
    address = f"/api/v1/batches/{open_batch.pk}/progress?segment="
    parity = json.loads(client.get(f"{address}parity").content)["segments"]
    assert {value["value"] for value in parity["values"]} == {"even", "odd"}
    assert client.get(f"{address}nonsense").status_code == 422


def test_a_unit_is_shown_with_its_systems_and_people(
    signed_in: Any, api: Any, open_batch: Batch, ada: User, ben: User
) -> None:
    mine = judge(ben, open_batch, GOOD)
    page = text(signed_in(ada).get(f"/units/{mine.unit_id}/"))
    assert "Ben" in page
    assert "heron" in page or "wren" in page
    part = signed_in(ada).get(
        f"/units/{mine.unit_id}/?part=specimen", headers={"HX-Request": "true"}
    )
    assert "<h1" not in text(part)
    found = json.loads(api(ada).get(f"/api/v1/units/{mine.unit_id}").content)
    assert [row["state"] for row in found["assignments"]] == ["submitted"]


def test_a_manager_finds_at_home_what_waits(
    signed_in: Any, open_batch: Batch, flag: Any, ada: User
) -> None:
    page = text(signed_in(ada).get("/"))
    assert "1 flag waits" in page
    open_batch.members.update(active=False)
    Batch.objects.filter(pk=open_batch.pk).update(
        due_at=timezone.now() - timedelta(days=1)
    )
    assert "Late: it was due" in text(signed_in(ada).get("/"))


def test_a_draft_has_no_forecast_and_an_open_batch_no_way_to_delete_it(
    signed_in: Any, draft_batch: Batch, ada: User
) -> None:
    page = signed_in(ada).get(draft_batch.get_absolute_url()).content.decode()
    assert "Not opened yet." in page
    assert "Too few judgments" not in page
    assert "Delete the batch" in page
    Batch.objects.filter(pk=draft_batch.pk).update(state="open")
    page = signed_in(ada).get(draft_batch.get_absolute_url()).content.decode()
    assert "Not opened yet." not in page
    assert "Delete the batch" not in page
