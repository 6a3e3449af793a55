"""What a batch would cost, said before anything is made."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Membership, User
from accounts.permissions import Principal
from annotation.actions.changing import change_batch
from annotation.actions.claiming import take_next
from annotation.models import Batch, Dataset, Judgment, Unit
from annotation.planning.cost import working_days
from annotation.planning.opening import opening_of
from annotation.planning.pace import Pace, PaceFrom
from annotation.planning.sharing import share_by_skill, share_evenly
from annotation.planning.words import duration, pace_in_words
from annotation.watching.counts import counts_of
from tests.annotation.before_work import judge

BEN, CLEO, DOV = (UUID(int=number) for number in range(3))


@pytest.fixture
def cost(api: Any, ada: User, dataset: Dataset, rubric_version: Any) -> Any:
    """cost(overlap=2, …): what Ada's program is told a batch would cost."""
    client = api(ada)
    url = reverse("api:batches", args=[dataset.project_id]) + "?dry_run=1"

    def ask(status: int = 200, **changed: Any) -> Any:
        body = {
            "name": "Batch",
            "dataset": str(dataset.pk),
            "rubric_version": str(rubric_version.pk),
            "layout": "scoring",
            "overlap": 2,
            "annotators": ["ben@example.org", "cleo@example.org"],
        }
        sent = json.dumps(body | changed)
        headers = {"Idempotency-Key": "one for all"}
        reply = client.post(url, sent, content_type="application/json", headers=headers)
        assert reply.status_code == status, reply.content
        return reply.json()

    return ask


def codes(told: Any) -> list[str]:
    return [warned["code"] for warned in told["warnings"]]


def test_the_cost_is_told_and_nothing_is_made(cost: Any, ada: User) -> None:
    before = AuditEvent.objects.count()
    told = cost()
    assert (told["units"], told["judgments"], told["overlapping"]) == (12, 24, 12)
    assert told["seconds_per_unit"] == 60
    assert told["based_on"] == "assumed"
    assert told["annotators"][0] == {
        "email": "ben@example.org",
        "units": 12,
        "judgments": 12,
        "hours": 0.2,
        "pace_seconds": 60.0,
        "pace_from": "assumed",
    }
    assert told["warnings"] == []
    assert cost(name="Other")["units"] == 12, "a preview takes no idempotency key"
    assert not Batch.objects.exists()
    assert not Unit.objects.exists()
    assert AuditEvent.objects.count() == before


def test_a_share_a_sample_and_a_round_are_reckoned(cost: Any) -> None:
    told = cost(overlap_share=0.25)
    assert (told["overlapping"], told["judgments"]) == (3, 15)
    assert [one["units"] for one in told["annotators"]] == [8, 7]
    assert cost(sample=4)["judgments"] == 8
    told = cost(calibration={"units": 2})
    assert (told["units"], told["before_work"]) == (10, 4)
    assert told["annotators"][0]["judgments"] == 12


def test_a_fault_is_told_as_when_it_is_made(
    cost: Any, make_batch: Any, dataset: Dataset, rubric_version: Any
) -> None:
    assert cost(422, systems=["owl"])["errors"][0]["field"] == "systems.0"
    assert cost(422, segments={"parity": "odd"}, items=["q0"])["errors"]
    make_batch(dataset, rubric_version, name="Batch")
    assert cost(422)["errors"][0]["field"] == "name"


def test_past_pace_is_their_own_else_of_the_rubric_else_of_the_layout(
    cost: Any,
    make_batch: Any,
    dataset: Dataset,
    rubric_version: Any,
    mixed_version: Any,
    ben: User,
    cleo: User,
) -> None:
    batch = make_batch(dataset, rubric_version, name="Before")
    for _ in range(10):
        judge(ben, batch)
    judge(cleo, batch)
    Judgment.objects.filter(assignment__annotator=ben).update(elapsed_ms=20_000)
    Judgment.objects.filter(assignment__annotator=cleo).update(elapsed_ms=90_000)
    told = cost()
    assert (told["seconds_per_unit"], told["based_on"]) == (20, "rubric")
    paces = [(one["pace_seconds"], one["pace_from"]) for one in told["annotators"]]
    assert paces == [(20, "own"), (20, "rubric")]
    other = cost(rubric_version=str(mixed_version.pk), layout="pairwise")
    assert other["based_on"] == "project"


def test_a_few_judgments_are_no_pace(
    cost: Any, make_batch: Any, dataset: Dataset, rubric_version: Any, ben: User
) -> None:
    batch = make_batch(dataset, rubric_version, name="Before")
    for _ in range(9):
        judge(ben, batch)
    Judgment.objects.update(elapsed_ms=1_600)
    assert (cost()["seconds_per_unit"], cost()["based_on"]) == (60, "assumed")
    judge(ben, batch)
    Judgment.objects.update(elapsed_ms=1_600)
    assert (cost()["seconds_per_unit"], cost()["based_on"]) == (1.6, "rubric")
    words = "20 s a judgment: the median of 12 with this rubric."
    assert pace_in_words(Pace(20, PaceFrom.RUBRIC, 12)) == words


def test_less_than_an_hour_is_said_in_minutes() -> None:
    told = [duration(hours) for hours in (0, 0.001, 0.1, 0.98, 0.999, 1.26)]
    assert told == ["0 min", "1 min", "6 min", "59 min", "1.0 h", "1.3 h"]


def test_what_stays_undone_is_warned_of(
    cost: Any, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert codes(cost(overlap=3)) == ["overlap_above_people"]
    assert codes(cost(per_annotator_cap=10)) == ["cap_too_small"]
    assert [one["units"] for one in cost(per_annotator_cap=10)["annotators"]] == [
        10,
        10,
    ]
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    assert codes(cost(due_at=yesterday)) == ["due_too_soon"]
    in_a_week = (timezone.now() + timedelta(days=7)).isoformat()
    told = cost(due_at=in_a_week, daily_cap=1)
    assert codes(told) == ["daily_cap_too_small"]
    assert told["days_of_daily_cap"] == 12
    assert told["working_days"] in (5, 6)
    assert told["hours_a_day"] is not None
    monkeypatch.setattr("annotation.planning.pace.ASSUMED", 36_000.0)
    assert codes(cost(due_at=in_a_week)) == ["due_not_reachable"]
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert codes(cost()) == ["cannot_sign_in"]


def test_work_by_skill_falls_to_those_who_have_it(cost: Any, ben: User) -> None:
    Membership.objects.filter(user=ben).update(skills=["odd"])
    told = cost(strategy="skill", skill_segment="parity", overlap=1)
    assert [one["units"] for one in told["annotators"]] == [6, 0]
    assert codes(told) == ["skill_missing", "left_over"]


def test_named_people_judge_what_they_are_named_for(cost: Any) -> None:
    both = ["ben@example.org", "cleo@example.org"]
    assigned = [
        {"item": "q1", "annotators": both},
        {"outputs": ["q2/wren"], "annotators": both[:1]},
    ]
    told = cost(strategy="named", assigned=assigned)
    assert (told["units"], told["judgments"]) == (3, 5)
    assert [one["units"] for one in told["annotators"]] == [3, 2]


def test_the_cost_of_many_units_asks_as_much_as_of_few(
    cost: Any, make_dataset: Any, django_assert_max_num_queries: Any
) -> None:
    many = str(make_dataset(400, name="Many").pk)
    with django_assert_max_num_queries(30):
        assert cost(dataset=many, rest_share=0.2, sure={"segments": {"parity": "odd"}})


def test_slots_are_shared_evenly_within_what_each_may_judge() -> None:
    assert share_evenly(10, {BEN: 2, CLEO: 9, DOV: 9}) == {BEN: 2, CLEO: 4, DOV: 4}
    assert sum(share_evenly(100, {BEN: 2, CLEO: 9}).values()) == 11
    loaded = share_evenly(3, {BEN: 9, CLEO: 9}, Counter({BEN: 3}))
    assert loaded == {BEN: 3, CLEO: 3}
    units = Counter({"de": 4, "fr": 2, "": 1})
    load, missing = share_by_skill(units, 1, {BEN: ["de"], CLEO: ["de", "en"]}, None)
    assert (load, missing) == ({BEN: 2, CLEO: 2}, ["", "fr"])


def test_working_days_leave_out_weekends() -> None:
    friday = date(2026, 11, 20)
    assert working_days(friday, friday) == 1
    assert working_days(friday, date(2026, 11, 22)) == 1
    assert working_days(friday, date(2026, 12, 4)) == 11
    assert working_days(friday, date(2026, 11, 1)) == 0
    assert working_days(friday, None) is None


def test_what_a_change_of_overlap_opens_is_what_it_then_opens(
    open_batch: Batch, ben: User, cleo: User, ada: User
) -> None:
    judge(ben, open_batch)
    people = [ben, cleo, ada]

    def wanted() -> int:
        rows = Unit.objects.values_list("required", "taken")
        return sum(required - taken for required, taken in rows)

    for overlap, share in [(3, 1.0), (1, 1.0), (3, 0.5), (2, 0.25)]:
        open_batch.refresh_from_db()
        before = sum(Unit.objects.values_list("required", flat=True))
        told = opening_of(open_batch, overlap=overlap, share=share, people=people)
        change_batch(batch=open_batch, by=ada, overlap=overlap, overlap_share=share)
        after = sum(Unit.objects.values_list("required", flat=True))
        assert after - before == told.opened - told.closed, (overlap, share)
        assert wanted() == told.remaining


def test_what_is_in_hand_is_left_as_the_page_of_the_batch_says(
    open_batch: Batch, ben: User, cleo: User
) -> None:
    judge(ben, open_batch)
    assert take_next(batch_id=open_batch.pk, principal=Principal(cleo))
    told = opening_of(open_batch, overlap=2, share=1.0, people=[ben, cleo])
    assert told.opened == told.closed == 0
    assert told.remaining == counts_of([open_batch])[open_batch.pk].remaining == 23
