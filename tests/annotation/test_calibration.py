"""The calibration round: judged by all, seen and discussed by all, then closed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent, User
from annotation.actions.batches import fill_batch
from annotation.actions.calibration import Round, move_calibration
from annotation.actions.changing import change_batch
from annotation.actions.claiming import HeldBack
from annotation.actions.holding import WrongState
from annotation.actions.judging import BatchIsShut, skip
from annotation.agreement import measure_batch
from annotation.invariants import violations
from annotation.models import Assignment, Batch, CalibrationComment, Unit
from annotation.models.unit import UnitKind
from annotation.progress import batch_progress
from config.api import Refused
from tests.annotation.before_work import (
    RIGHT,
    WRONG,
    judge,
    kind_of,
    submit,
    training,
)
from tests.annotation.queries import queries_of
from tests.annotation.storm import (
    annotators,
    at_once,
    judge_until_nothing_is_left,
)

Claim = Callable[..., Assignment | None]


@pytest.fixture
def round_batch(make_batch: Any, dataset: Any, rubric_version: Any) -> Batch:
    """Two of twelve units are judged by both annotators first."""
    batch: Batch = make_batch(dataset, rubric_version, calibration=Round(2), overlap=1)
    return batch


def address(batch: Batch) -> str:
    return reverse("annotation:calibration", args=[batch.pk])


def discuss(batch: Batch, by: User) -> None:
    move_calibration(batch=batch, to="discussion", by=by)


def both_judge(batch: Batch, ben: User, cleo: User) -> None:
    for _ in range(2):
        judge(ben, batch, RIGHT)
        judge(cleo, batch, WRONG)


# --- The stages -----------------------------------------------------------------------


def test_everybody_judges_the_same_units_first_and_then_waits(
    round_batch: Batch, ben: User, cleo: User, claim: Claim
) -> None:
    units = {}
    for user in (ben, cleo):
        mine = [judge(user, round_batch) for _ in range(2)]
        assert {kind_of(one) for one in mine} == {"calibration"}
        units[user] = [one.unit_id for one in mine]
        with pytest.raises(HeldBack) as held:
            claim(user, round_batch)
        assert held.value.stage == "calibration"
    assert units[ben] == units[cleo]
    assert set(Unit.objects.filter(kind="calibration").values_list("taken")) == {(2,)}


def test_the_pool_opens_when_the_round_is_closed(
    round_batch: Batch, ada: User, ben: User, cleo: User, claim: Claim
) -> None:
    both_judge(round_batch, ben, cleo)
    discuss(round_batch, ada)
    with pytest.raises(HeldBack):
        claim(ben, round_batch)
    move_calibration(batch=round_batch, to="closed", by=ada)
    assert kind_of(claim(ben, round_batch)) == "normal"
    stages = AuditEvent.objects.filter(verb="calibration moved")
    assert [event.data["stage"] for event in stages] == ["discussion", "closed"]


def test_where_the_manager_says_so_the_work_does_not_wait(
    make_batch: Any, dataset: Any, rubric_version: Any, ben: User
) -> None:
    batch = make_batch(dataset, rubric_version, calibration=Round(2, waits=False))
    kinds = [kind_of(judge(ben, batch)) for _ in range(3)]
    assert kinds == ["calibration", "calibration", "normal"]


def test_calibration_comes_after_training(
    make_batch: Any, dataset: Any, rubric_version: Any, ben: User
) -> None:
    batch = make_batch(
        dataset, rubric_version, training=training(1), calibration=Round(1)
    )
    kinds = [kind_of(judge(ben, batch)) for _ in range(2)]
    assert kinds == ["training", "calibration"]


@pytest.mark.parametrize(
    ("way", "to"),
    [
        (["discussion"], "open"),
        (["closed"], "open"),
        (["discussion", "closed"], "open"),
    ],
)
def test_what_was_seen_cannot_be_unseen(
    round_batch: Batch, ada: User, way: list[str], to: str
) -> None:
    for stage in way:
        move_calibration(batch=round_batch, to=stage, by=ada)
    with pytest.raises(WrongState):
        move_calibration(batch=round_batch, to=to, by=ada)


def test_a_draft_has_no_discussion(
    make_batch: Any, dataset: Any, rubric_version: Any, ada: User
) -> None:
    batch = make_batch(dataset, rubric_version, calibration=Round(2), open=False)
    with pytest.raises(WrongState):
        discuss(batch, ada)


def test_who_joins_later_judges_them_too(
    round_batch: Batch, project: Any, ada: User, ben: User, cleo: User
) -> None:
    both_judge(round_batch, ben, cleo)
    move_calibration(batch=round_batch, to="closed", by=ada)
    (third,) = annotators(project, 1)
    change_batch(batch=round_batch, by=ada, annotators=[ben, cleo, third])
    kinds = [kind_of(judge(third, round_batch)) for _ in range(3)]
    assert kinds == ["calibration", "calibration", "normal"]
    assert list(violations()) == []


@pytest.mark.django_db(transaction=True)
def test_people_who_join_and_claim_at_once_keep_the_slots_true(
    project: Any, make_dataset: Any, make_batch: Any, rubric_version: Any, ada: User
) -> None:
    users = annotators(project, 8)
    batch = make_batch(
        make_dataset(10, systems=("heron",)),
        rubric_version,
        annotators=users[:4],
        calibration=Round(3, waits=False),
    )

    def work(number: int) -> int:
        if number < 4:
            return judge_until_nothing_is_left(batch, users[number], RIGHT)
        change_batch(batch=batch, by=ada, annotators=users[: number + 1])
        return 0

    at_once(work, 8)
    change_batch(batch=batch, by=ada, annotators=users)
    for user in users:
        judge_until_nothing_is_left(batch, user, RIGHT)
    rounds = Unit.objects.filter(kind="calibration")
    assert set(rounds.values_list("taken", "required")) == {(8, 8)}
    assert set(Unit.objects.filter(kind="normal").values_list("taken")) == {(2,)}
    assert list(violations()) == []


# --- Blindness and evidence -----------------------------------------------------------


def test_nothing_of_the_others_is_shown_before_the_discussion(
    round_batch: Batch, ben: User, cleo: User, signed_in: Any
) -> None:
    for _ in range(2):
        mine = judge(cleo, round_batch, WRONG)
        row = mine.judgments.get().answers.first()
        type(row).objects.filter(pk=row.pk).update(rationale="canary-rationale")
    judge(ben, round_batch)
    client = signed_in(ben)
    page = client.get(address(round_batch)).content.decode()
    assert "canary" not in page
    assert "You have judged 1 of 2 items." in page
    judge(ben, round_batch)
    page = client.get(address(round_batch)).content.decode()
    assert "Waiting for the others" in page
    assert "canary" not in page


def test_in_the_discussion_everybody_sees_the_spread_under_pseudonyms(
    round_batch: Batch, ada: User, ben: User, cleo: User, signed_in: Any, project: Any
) -> None:
    both_judge(round_batch, ben, cleo)
    discuss(round_batch, ada)
    page = signed_in(ben).get(address(round_batch)).content.decode()
    names = dict(project.memberships.values_list("user__email", "pseudonym"))
    assert names[cleo.email] in page
    assert "cleo@" not in page
    assert "Cleo" not in page
    assert "heron" not in page
    assert "wren" not in page
    assert "How far apart we are" in page
    assert page.count("<svg") >= 4


def test_an_item_is_shown_only_to_who_has_judged_it(
    round_batch: Batch, ada: User, ben: User, cleo: User, claim: Claim, signed_in: Any
) -> None:
    both = [judge(cleo, round_batch, WRONG) for _ in range(2)]
    discuss(round_batch, ada)
    client = signed_in(ben)
    page = client.get(address(round_batch)).content.decode()
    assert page.count("You have not judged this item yet") == 2
    unit = both[0].unit_id
    comments = reverse("annotation:comments", args=[unit])
    assert client.post(comments, {"text": "Early."}).status_code == 403
    assert kind_of(judge(ben, round_batch)) == "calibration"
    page = client.get(address(round_batch)).content.decode()
    assert page.count("You have not judged this item yet") == 1


def test_what_was_judged_stays_as_it_was_once_it_is_discussed(
    round_batch: Batch, ada: User, ben: User, claim: Claim
) -> None:
    mine = claim(ben, round_batch)
    first = submit(ben, mine, RIGHT)
    second = submit(ben, mine, WRONG, supersedes=first.judgment.pk)
    discuss(round_batch, ada)
    with pytest.raises(BatchIsShut):
        submit(ben, mine, RIGHT, supersedes=second.judgment.pk)


def test_a_skipped_item_is_done_and_said_to_be_skipped(
    round_batch: Batch, ada: User, ben: User, cleo: User, claim: Claim, signed_in: Any
) -> None:
    skip(assignment=claim(ben, round_batch), reason="I do not know this.")
    judge(ben, round_batch)
    with pytest.raises(HeldBack):
        claim(ben, round_batch)
    discuss(round_batch, ada)
    page = signed_in(ben).get(address(round_batch)).content.decode()
    assert "1 annotator skipped this item." in page
    assert list(violations()) == []


def test_a_skipped_item_is_not_judged_in_knowledge_of_what_the_others_said(
    round_batch: Batch, ada: User, ben: User, cleo: User, claim: Claim, signed_in: Any
) -> None:
    mine = claim(ben, round_batch)
    assert mine is not None
    skip(assignment=mine, reason="I do not know this.")
    discuss(round_batch, ada)
    with pytest.raises(BatchIsShut):
        submit(ben, mine, RIGHT)
    page = signed_in(ben).post(
        reverse("annotation:skip-return", args=[mine.pk]), follow=True
    )
    assert "what you skipped stays skipped" in page.content.decode()
    mine.refresh_from_db()
    assert mine.state == "skipped"
    assert list(violations()) == []


def test_after_the_round_annotators_see_no_answers_any_more(
    round_batch: Batch, ada: User, ben: User, cleo: User, signed_in: Any
) -> None:
    both_judge(round_batch, ben, cleo)
    discuss(round_batch, ada)
    move_calibration(batch=round_batch, to="closed", by=ada)
    page = signed_in(ben).get(address(round_batch)).content.decode()
    assert "The calibration round is closed" in page
    assert 'class="spread"' not in page
    seen = signed_in(ada).get(address(round_batch)).content.decode()
    assert 'class="spread"' in seen


def test_it_counts_in_neither_progress_nor_agreement_nor_exports(
    round_batch: Batch, ada: User, ben: User, cleo: User, judge_api: Any
) -> None:
    both_judge(round_batch, ben, cleo)
    counts = batch_progress(round_batch)
    assert (counts.units, counts.submitted, counts.surplus) == (10, 0, 0)
    of_work = [c.measured for c in measure_batch(round_batch).criteria]
    assert {one.ratings for one in of_work if one} == {0}
    apart = measure_batch(round_batch, kind=UnitKind.CALIBRATION)
    assert max(c.measured.ratings for c in apart.criteria if c.measured) == 4
    call = judge_api(ada)
    assert call("get", "judgments", round_batch.pk).json()["results"] == []
    asked = {"include": "calibration,training"}
    rows = call("get", "judgments", round_batch.pk, query=asked).json()["results"]
    assert len(rows) == 4


# --- The discussion -------------------------------------------------------------------


def test_comments_carry_pseudonyms_and_say_who_manages(
    round_batch: Batch, ada: User, ben: User, cleo: User, signed_in: Any, project: Any
) -> None:
    both_judge(round_batch, ben, cleo)
    unit = Unit.objects.filter(kind="calibration").first()
    comments = reverse("annotation:comments", args=[unit.pk])
    early = signed_in(ben).post(comments, {"text": "Too early."})
    assert early.status_code == 302
    assert not CalibrationComment.objects.exists()

    discuss(round_batch, ada)
    signed_in(ben).post(comments, {"text": "<b>I read</b> the notes."})
    signed_in(ada).post(comments, {"text": "A 4 needs a source."})
    signed_in(ben).post(comments, {"text": "   "})
    assert CalibrationComment.objects.count() == 2
    page = signed_in(cleo).get(address(round_batch)).content.decode()
    assert "&lt;b&gt;I read&lt;/b&gt;" in page
    assert page.count(">manager<") == 1
    assert "Ada" not in page
    names = dict(project.memberships.values_list("user__email", "pseudonym"))
    assert names[ada.email] in page

    move_calibration(batch=round_batch, to="closed", by=ada)
    signed_in(ada).post(comments, {"text": "Too late."})
    assert CalibrationComment.objects.count() == 2


def test_a_pair_is_discussed_in_one_order_for_all(
    make_batch: Any, dataset: Any, pairwise_version: Any, ada: User, ben: User,
    cleo: User, signed_in: Any,
) -> None:  # fmt: skip
    """Ben and Cleo saw the sides in different orders and prefer the same output."""
    batch = make_batch(
        dataset, pairwise_version, layout="pairwise", calibration=Round(1)
    )
    for user in (ben, cleo):
        mine = Assignment.objects.get(annotator=user)
        side = "AB"[mine.side_order.index(0)]
        judge(user, batch, {"overall": side})
    orders = Assignment.objects.filter(unit__kind="calibration")
    assert len({tuple(row.side_order) for row in orders}) == 2
    discuss(batch, ada)
    pages = [signed_in(one).get(address(batch)).content.decode() for one in (ben, cleo)]
    for page in pages:
        better = [side for side in "AB" if f"{side} is better: 2" in page]
        assert len(better) == 1
    assert [side for side in "AB" if f"{side} is better: 2" in pages[0]] == [
        side for side in "AB" if f"{side} is better: 2" in pages[1]
    ]


def test_every_kind_of_answer_can_be_discussed(
    make_batch: Any, dataset: Any, every_kind: Any, ada: User, ben: User, signed_in: Any
) -> None:
    batch = make_batch(dataset, every_kind, layout="pairwise", calibration=Round(1))
    both = {"A": None, "B": None}
    answers = {
        "ok": dict.fromkeys(both, True),
        "tone": {"A": None, "B": {"absent": "cannot_judge"}},
        "flaws": {"A": [], "B": ["long", "rude"]},
        "grade": dict.fromkeys(both, 3),
        "minutes": dict.fromkeys(both, 1.5),
        "overall": "tie",
        "clarity": {"choice": "B", "strength": 2},
        "order": [["A", "B"]],
        "both": True,
    }
    from accounts.permissions import Principal
    from annotation.access import assignment_for
    from annotation.actions.claiming import take_next
    from annotation.actions.judging import output_ids, submit_judgment
    from annotation.answers.reading import read_answers
    from rubrics.instrument import published_instrument

    mine = take_next(batch_id=batch.pk, principal=Principal(ben))
    assignment = assignment_for(Principal(ben), mine.pk)
    given = read_answers(
        published_instrument(batch.rubric_version_id),
        answers,
        {"both": "Both do."},
        side_order=assignment.side_order,
    )
    submit_judgment(
        assignment=assignment, answers=given, outputs=output_ids(assignment)
    )
    discuss(batch, ada)
    page = signed_in(ben).get(address(batch)).content.decode()
    for words in ("None of these", "Cannot judge", "much better", "A = B", "1.5"):
        assert words in page


def test_the_page_asks_as_often_whatever_the_size(
    make_batch: Any, make_dataset: Any, rubric_version: Any, ada: User, ben: User,
    cleo: User, signed_in: Any,
) -> None:  # fmt: skip
    counts = []
    for units in (2, 6):
        batch = make_batch(
            make_dataset(name=f"Set {units}"), rubric_version,
            calibration=Round(units), name=f"Round of {units}",
        )  # fmt: skip
        for _ in range(units):
            judge(ben, batch, RIGHT)
            judge(cleo, batch, WRONG)
        discuss(batch, ada)
        client = signed_in(ben)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(batch)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- Asked for ------------------------------------------------------------------------


def test_the_draw_is_the_seeds_and_takes_the_units_out_of_the_pool(
    make_batch: Any, dataset: Any, rubric_version: Any
) -> None:
    drawn = []
    for name, seed in [("one", 7), ("two", 7), ("three", 8)]:
        batch = make_batch(
            dataset, rubric_version, calibration=Round(4), name=name, seed=seed
        )
        units = batch.units.filter(kind="calibration")
        drawn.append(set(units.values_list("subject", flat=True)))
        assert batch.units.filter(kind="normal").count() == 8
        twice = batch.units.values("subject").annotate(n=Count("pk")).filter(n__gt=1)
        assert not twice.exists()
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_a_round_of_listed_outputs(
    make_batch: Any, dataset: Any, pairwise_version: Any
) -> None:
    lists = [["q1/wren", "q1/heron"], ["q4/heron", "q4/wren"]]
    batch = make_batch(
        dataset, pairwise_version, layout="pairwise", calibration=Round(lists)
    )
    found = batch.units.filter(kind="calibration").order_by("place")
    assert [unit.item.external_id for unit in found] == ["q1", "q4"]
    assert batch.units.filter(kind="normal").count() == 4


def test_a_job_that_makes_the_units_draws_the_round(
    make_batch: Any, dataset: Any, rubric_version: Any
) -> None:
    batch = make_batch(dataset, rubric_version, open=False)
    Batch.objects.filter(pk=batch.pk).update(calibration_stage="open")
    batch.units.all().delete()
    for _ in range(2):  # A killed job is run again.
        made = fill_batch(batch, lambda *_: None, 3)
        assert made["units"] == 9
    assert batch.units.filter(kind="calibration").count() == 3


@pytest.mark.parametrize(
    "units",
    [12, 101, [["q0/heron"], ["q0/nobody"]], [["q0/heron", "q0/wren"]]],
    ids=["all", "too many", "unknown", "two in scoring"],
)
def test_a_round_that_cannot_be_is_refused(
    make_batch: Any, dataset: Any, rubric_version: Any, units: Any
) -> None:
    with pytest.raises(Refused) as refused:
        make_batch(dataset, rubric_version, calibration=Round(units))
    assert refused.value.errors[0]["field"].startswith("calibration.units")
    assert not Batch.objects.exists()


def test_the_stages_by_api(
    api: Any, ada: User, ben: User, project: Any, dataset: Any, rubric_version: Any,
    judge_api: Any,
) -> None:  # fmt: skip
    made = api(ada).post(
        reverse("api:batches", args=[project.pk]),
        json.dumps(
            {
                "name": "Round",
                "dataset": str(dataset.pk),
                "rubric_version": str(rubric_version.pk),
                "layout": "scoring",
                "overlap": 1,
                "annotators": ["ben@example.org"],
                "calibration": {"units": 1, "wait": True},
            }
        ),
        content_type="application/json",
    )
    assert made.json()["units"] == 11
    pk = made.json()["id"]
    call = judge_api(ada)
    told = call("get", "batch", pk).json()["calibration"]
    assert told == {"stage": "open", "wait": True, "units": 1}
    assert call("post", "calibration", pk, {"stage": "closed"}).status_code == 409
    call("post", "batch-open", pk)
    mine = judge_api(ben)("post", "next", pk).json()["id"]
    judge_api(ben)("post", "judgment", mine, {"answers": RIGHT})
    held = judge_api(ben)("post", "next", pk)
    assert held.status_code == 409
    assert "calibration" in held.json()["detail"]
    told = call("get", "calibration", pk).json()
    assert told["annotators"] == [{"annotator": "ben@example.org", "done": 1}]
    assert call("post", "calibration", pk, {"stage": "over"}).status_code == 422
    assert call("post", "calibration", pk, {"stage": "closed"}).json()["stage"] == (
        "closed"
    )
    assert judge_api(ben)("post", "next", pk).status_code == 200


def test_a_batch_without_stages_asks_for_nothing_more(
    open_batch: Batch, ben: User, judge_api: Any
) -> None:
    call = judge_api(ben)
    with queries_of() as asked:
        mine = call("post", "next", open_batch.pk).json()["id"]
    assert len(asked) <= 6
    with queries_of() as asked:
        call("post", "judgment", mine, {"answers": RIGHT})
        call("post", "next", open_batch.pk)
    assert len(asked) <= 12
