"""Judging by API: the next unit, drafts, judgments of every kind, once each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotation.actions.changing import move_batch
from annotation.invariants import violations
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    Item,
    Judgment,
    Output,
    Skip,
    System,
    Unit,
)
from annotation.models.assignment import AssignmentState
from tests.annotation.storm import at_once, judge_until_nothing_is_left

GOOD = {"accuracy": {"A": 4}, "fluent": {"A": True}}
BETTER = {"accuracy": {"A": 5}, "fluent": {"A": True}}
ALL = {
    "ok": {"A": True, "B": False},
    "tone": {"A": "warm", "B": {"absent": "cannot_judge"}},
    "flaws": {"A": ["vague", "long"], "B": []},
    "grade": {"A": 3, "B": 2},
    "minutes": {"A": 1.5, "B": -1},
    "overall": "A",
    "clarity": {"choice": "B", "strength": 2},
    "order": ["B", "A"],
    "both": True,
}
WHY = {"both": "They do."}


@pytest.fixture
def ben_calls(judge_api: Any, ben: Any) -> Any:
    return judge_api(ben)


@pytest.fixture
def pair(ben_calls: Any, every_batch: Batch) -> dict[str, Any]:
    """Ben's first pair of the batch that asks everything."""
    found: dict[str, Any] = ben_calls("post", "next", every_batch.pk).json()
    return found


def lapse(pk: Any) -> None:
    Assignment.objects.filter(pk=pk).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def test_the_next_unit_holds_what_there_is_to_judge_and_no_more(
    ben_calls: Any, open_batch: Batch
) -> None:
    reply = ben_calls("post", "next", open_batch.pk)
    body = reply.json()
    assert set(body) == {
        "id",
        "state",
        "lease_expires_at",
        "item",
        "outputs",
        "rubric",
        "draft",
        "draft_version",
    }
    assert set(body["item"]) == {"input", "context"}
    assert [set(output) for output in body["outputs"]] == [{"side", "content"}]
    assert [c["key"] for c in body["rubric"]["criteria"]] == [
        "accuracy",
        "fluent",
        "remark",
    ]
    assert body["draft"] == {}
    assert ben_calls("get", "assignment", body["id"]).json() == body
    assert ben_calls("post", "next", open_batch.pk).json()["id"] == body["id"]
    Item.objects.update(reference="The answer.")
    again = ben_calls("get", "assignment", body["id"]).json()
    assert again["item"]["reference"] == "The answer."


def test_next_prepares_the_one_after_and_ends_with_204(
    ben_calls: Any, ben: Any, open_batch: Batch
) -> None:
    first = ben_calls("post", "next", open_batch.pk).json()
    query = {"after": first["id"]}
    second = ben_calls("post", "next", open_batch.pk, query=query).json()
    assert second["id"] != first["id"]
    assert second["lease_expires_at"] < first["lease_expires_at"]
    bad = ben_calls("post", "next", open_batch.pk, query={"after": "x"})
    assert bad.status_code == 422
    judge_until_nothing_is_left(open_batch, ben, {"accuracy": 4, "fluent": True})
    end = ben_calls("post", "next", open_batch.pk)
    assert (end.status_code, end.content) == (204, b"")


@pytest.mark.parametrize("state", ["draft", "paused", "closed", "archived"])
def test_outside_open_there_is_no_next(
    ben_calls: Any, open_batch: Batch, state: str
) -> None:
    Batch.objects.update(state=state)
    reply = ben_calls("post", "next", open_batch.pk)
    assert reply.status_code == 409
    assert state in reply.json()["detail"]


def test_every_kind_of_answer_is_kept_and_told_as_it_was_sent(
    ben_calls: Any, pair: dict[str, Any]
) -> None:
    body = {"answers": ALL, "rationales": WHY, "note": "Hm.", "elapsed_ms": 900}
    reply = ben_calls("post", "judgment", pair["id"], body)
    assert reply.status_code == 201, reply.content
    told = ben_calls("get", "assignment", pair["id"]).json()["judgment"]
    sent = ALL | {"flaws": {"A": ["long", "vague"], "B": []}}
    assert told["answers"] == sent
    assert (told["rationales"], told["note"]) == (WHY, "Hm.")
    assert Judgment.objects.get().elapsed_ms == 900


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        ({"overall": "A"}, "first"),
        ({"overall": "B"}, "second"),
        ({"overall": "tie"}, "tie"),
        ({"clarity": {"choice": "A", "strength": 1}}, "first_1"),
        ({"clarity": {"choice": "B", "strength": 2}}, "second_2"),
        ({"clarity": "both_bad"}, "both_bad"),
        ({"order": ["B", "A"]}, [[1], [0]]),
        ({"order": [["A", "B"]]}, [[0, 1]]),
        ({"grade": {"A": 3, "B": 2}}, {0: 3, 1: 2}),
    ],
)
def test_sides_mean_the_same_outputs_whichever_way_they_are_shown(
    ben_calls: Any, pair: dict[str, Any], sent: Any, canonical: Any, swapped: bool
) -> None:
    order = [1, 0] if swapped else [0, 1]
    Assignment.objects.update(side_order=order)
    shown = ben_calls("get", "assignment", pair["id"]).json()["outputs"]
    outputs = [row.output for row in Assignment.objects.get().unit.unit_outputs.all()]
    assert [s["content"] for s in shown] == [outputs[p].content for p in order]
    body = {"answers": ALL | sent, "rationales": WHY}
    assert ben_calls("post", "judgment", pair["id"], body).status_code == 201
    (key,) = sent
    answers = Answer.objects.filter(criterion__key=key).select_related("level")
    if key == "grade":
        found: Any = {a.output_id: a.level.number for a in answers}
        wanted: Any = {outputs[order[p]].pk: v for p, v in canonical.items()}
    elif key == "order":
        found = answers.get().choices
        wanted = [sorted(order[p] for p in group) for group in canonical]
    else:
        found = answers.get().level.value
        turned = {"first": "second", "second": "first"}
        name, _, rest = canonical.partition("_")
        wanted = canonical
        if swapped and name in turned:
            wanted = turned[name] + (f"_{rest}" if rest else "")
    assert found == wanted
    told = ben_calls("get", "assignment", pair["id"]).json()["judgment"]["answers"]
    assert told[key] == sent[key]


OFF = [
    ("ok", {"A": 1, "B": False}, "answers.ok.A"),
    ("ok", {"A": "true", "B": False}, "answers.ok.A"),
    ("ok", {"A": True}, "answers.ok.B"),
    ("ok", {"A": True, "C": True}, "answers.ok"),
    ("ok", True, "answers.ok"),
    ("ok", {"A": None, "B": True}, "answers.ok.A"),
    ("ok", {"A": {"absent": "cannot_judge"}, "B": True}, "answers.ok.A"),
    ("tone", {"A": "tepid", "B": None}, "answers.tone.A"),
    ("tone", {"A": ["warm"], "B": None}, "answers.tone.A"),
    ("tone", {"A": {"absent": "tired"}, "B": None}, "answers.tone.A"),
    ("tone", {"A": {"absent": []}, "B": None}, "answers.tone.A"),
    ("flaws", {"A": "long", "B": []}, "answers.flaws.A"),
    ("flaws", {"A": ["long", "long"], "B": []}, "answers.flaws.A"),
    ("flaws", {"A": [["long"]], "B": []}, "answers.flaws.A"),
    ("grade", {"A": 4, "B": 2}, "answers.grade.A"),
    ("grade", {"A": "3", "B": 2}, "answers.grade.A"),
    ("grade", {"A": True, "B": 2}, "answers.grade.A"),
    ("grade", {"A": 2.5, "B": 2}, "answers.grade.A"),
    ("grade", {"A": 1, "B": 2}, "answers.grade.A"),  # below:2 asks why.
    ("minutes", {"A": 9.5, "B": 1}, "answers.minutes.A"),
    ("minutes", {"A": 0.25, "B": 1}, "answers.minutes.A"),
    ("minutes", {"A": "1", "B": 1}, "answers.minutes.A"),
    ("minutes", {"A": True, "B": 1}, "answers.minutes.A"),
    ("free", {"A": 1e308, "B": -1e308}, "answers.free.A"),
    ("remark", {"A": 7}, "answers.remark.A"),
    ("remark", {"A": "x" * 20_001}, "answers.remark.A"),
    ("overall", "C", "answers.overall"),
    ("overall", "first", "answers.overall"),
    ("overall", "", "answers.overall"),
    ("overall", ["A"], "answers.overall"),
    ("overall", {"choice": "A", "strength": 1}, "answers.overall"),
    ("clarity", "A", "answers.clarity"),
    ("clarity", {"choice": "A", "strength": 3}, "answers.clarity"),
    ("clarity", {"choice": "A", "strength": 1.0}, "answers.clarity"),
    ("clarity", {"choice": "A", "strength": True}, "answers.clarity"),
    ("clarity", {"choice": "tie", "strength": 1}, "answers.clarity"),
    ("clarity", {"choice": {"A": 1}, "strength": 1}, "answers.clarity"),
    ("clarity", {"choice": "A", "strength": [1]}, "answers.clarity"),
    ("clarity", {"choice": "A", "strength": 1, "why": 1}, "answers.clarity"),
    ("order", ["A"], "answers.order"),
    ("order", ["A", "A"], "answers.order"),
    ("order", ["A", ["B", ["A"]]], "answers.order"),
    ("order", ["A", "B", []], "answers.order"),
    ("order", {"A": 1, "B": 2}, "answers.order"),
    ("both", {"A": True, "B": True}, "answers.both"),
    ("both", None, "answers.both"),
    ("extra", 1, "answers.extra"),
]


@pytest.mark.parametrize(("key", "value", "field"), OFF)
def test_what_is_off_the_scale_is_told_at_its_field_and_nothing_is_stored(
    ben_calls: Any, pair: dict[str, Any], key: str, value: Any, field: str
) -> None:
    body = {"answers": ALL | {key: value}, "rationales": WHY}
    reply = ben_calls("post", "judgment", pair["id"], body)
    assert reply.status_code == 422, reply.content
    assert field in [e["field"] for e in reply.json()["errors"]]
    assert not Judgment.objects.exists()
    assert Assignment.objects.get().state == AssignmentState.LEASED


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"answers": ...}, "answers"),
        ({"answers": []}, "answers"),
        ({"answers": {}}, "answers.ok.A"),
        ({"rationales": {}}, "answers.both"),
        ({"rationales": WHY | {"both": " "}}, "answers.both"),
        ({"rationales": WHY | {"both": ["They do."]}}, "answers.both"),
        ({"rationales": WHY | {"extra": "x"}}, "rationales.extra"),
        ({"rationales": WHY | {"remark": {"A": "Of nothing."}}}, "answers.remark.A"),
        ({"rationales": [1]}, "rationales"),
        ({"elapsed_ms": -1}, "elapsed_ms"),
        ({"elapsed_ms": 2**40}, "elapsed_ms"),
        ({"note": "x" * 20_001}, "note"),
        ({"supersedes": "the first"}, "supersedes"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_misshapen_body_is_told_at_its_field(
    ben_calls: Any, pair: dict[str, Any], changed: Any, field: str
) -> None:
    body = {"answers": ALL, "rationales": WHY} | changed
    body = {name: value for name, value in body.items() if value is not ...}
    reply = ben_calls("post", "judgment", pair["id"], body)
    assert reply.status_code == 422, reply.content
    assert field in [e["field"] for e in reply.json()["errors"]]
    assert not Judgment.objects.exists()


def test_the_same_again_is_200_with_the_same_body(
    ben_calls: Any, assignment: Assignment
) -> None:
    first = ben_calls("post", "judgment", assignment.pk, {"answers": GOOD}, key="k")
    again = ben_calls("post", "judgment", assignment.pk, {"answers": GOOD}, key="k")
    plain = ben_calls("post", "judgment", assignment.pk, {"answers": GOOD})
    assert [first.status_code, again.status_code, plain.status_code] == [201, 200, 200]
    assert first.json() == again.json() == plain.json()
    assert first.json()["stored"] == "counted"
    other = ben_calls("post", "judgment", assignment.pk, {"answers": BETTER}, key="k")
    assert other.status_code == 422
    assert Judgment.objects.count() == 1


def test_a_revision_names_what_it_supersedes_and_the_old_one_stays(
    ben_calls: Any, assignment: Assignment
) -> None:
    first = ben_calls("post", "judgment", assignment.pk, {"answers": GOOD}).json()
    refused = ben_calls("post", "judgment", assignment.pk, {"answers": BETTER})
    assert (refused.status_code, refused.json()["current"]) == (409, first["id"])
    body = {"answers": BETTER, "supersedes": first["id"]}
    second = ben_calls("post", "judgment", assignment.pk, body)
    assert (second.status_code, second.json()["number"]) == (201, 2)
    assert ben_calls("post", "judgment", assignment.pk, body).status_code == 200
    stale = {"answers": GOOD, "supersedes": first["id"]}
    reply = ben_calls("post", "judgment", assignment.pk, stale)
    assert (reply.status_code, reply.json()["current"]) == (409, second.json()["id"])
    old = Judgment.objects.get(pk=first["id"])
    assert old.superseded_at is not None
    assert old.answers.count() == 2
    assert list(violations()) == []


@pytest.mark.usefixtures("many_connections")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", [None, "one"])
def test_fifty_equal_submissions_at_once_are_one_judgment(
    api: Any, ben: Any, assignment: Assignment, key: str | None
) -> None:
    client = api(ben)

    def submit(_: int) -> Any:
        return client.post(
            f"/api/v1/assignments/{assignment.pk}/judgment",
            {"answers": GOOD},
            content_type="application/json",
            headers={"Idempotency-Key": key} if key else None,
        )

    replies = at_once(submit, 50)
    assert sorted({r.status_code for r in replies}) == [200, 201]
    assert [r.status_code for r in replies].count(201) == 1
    assert all(r.json() == replies[0].json() for r in replies)
    assert (Judgment.objects.count(), Answer.objects.count()) == (1, 2)
    assert list(violations()) == []


def test_a_draft_is_kept_by_version(ben_calls: Any, assignment: Assignment) -> None:
    draft = {"answers": {"accuracy": {"A": 2}}, "version": 0}
    assert ben_calls("put", "draft", assignment.pk, draft).json() == {"version": 1}
    lost_reply = ben_calls("put", "draft", assignment.pk, draft)
    assert (lost_reply.status_code, lost_reply.json()) == (200, {"version": 1})
    other = {"answers": {"accuracy": {"A": 5}}, "version": 0}
    stale = ben_calls("put", "draft", assignment.pk, other)
    assert (stale.status_code, stale.json()["version"]) == (409, 1)
    assert stale.json()["draft"]["answers"] == draft["answers"]
    shown = ben_calls("get", "assignment", assignment.pk).json()
    assert (shown["draft"]["answers"], shown["draft_version"]) == (draft["answers"], 1)
    for wrong in [{"answers": {}}, {"version": -1}, {"version": 1, "x": 1}]:
        assert ben_calls("put", "draft", assignment.pk, wrong).status_code == 422


def test_a_draft_and_renewal_lengthen_the_lease(
    ben_calls: Any, assignment: Assignment
) -> None:
    for method, name, body in [
        ("post", "renew", None),
        ("put", "draft", {"answers": {}, "version": 0}),
    ]:
        lapse(assignment.pk)
        assert ben_calls(method, name, assignment.pk, body).status_code == 200
        assignment.refresh_from_db()
        assert assignment.lease_expires_at > timezone.now() + timedelta(minutes=25)
    ben_calls("post", "judgment", assignment.pk, {"answers": GOOD})
    done = ben_calls("post", "renew", assignment.pk)
    assert (done.status_code, done.json()["state"]) == (409, "submitted")
    body = {"answers": {"accuracy": {"A": 1}}, "version": 1}
    assert ben_calls("put", "draft", assignment.pk, body).status_code == 409


def test_a_skip_frees_the_slot_and_says_why(
    ben_calls: Any, assignment: Assignment
) -> None:
    assert ben_calls("post", "skip", assignment.pk, {}).status_code == 422
    assert ben_calls("post", "skip", assignment.pk, {"reason": " "}).status_code == 422
    for _ in range(2):
        reply = ben_calls("post", "skip", assignment.pk, {"reason": "Broken."})
        assert reply.json() == {"id": str(assignment.pk), "state": "skipped"}
    assert Skip.objects.get().reason == "Broken."
    assert Unit.objects.get(pk=assignment.unit_id).taken == 0
    assert list(violations()) == []


def test_what_is_submitted_is_not_skipped(
    ben_calls: Any, assignment: Assignment
) -> None:
    first = ben_calls("post", "judgment", assignment.pk, {"answers": GOOD}).json()
    reply = ben_calls("post", "skip", assignment.pk, {"reason": "Late."})
    assert (reply.status_code, reply.json()["current"]) == (409, first["id"])


@pytest.fixture
def lone(make_batch: Any, dataset: Any, rubric_version: Any) -> Batch:
    """Each unit wants one annotator only."""
    batch: Batch = make_batch(dataset, rubric_version, overlap=1)
    return batch


def test_a_lapsed_lease_costs_nothing_while_the_place_is_free(
    ben_calls: Any, lone: Batch, claim: Any, ben: Any, cleo: Any
) -> None:
    held = claim(ben, lone)
    lapse(held.pk)
    reply = ben_calls("post", "judgment", held.pk, {"answers": GOOD})
    assert (reply.status_code, reply.json()["stored"]) == (201, "counted")
    freed = claim(ben, lone)
    Unit.objects.filter(pk=freed.unit_id).update(taken=0)
    Assignment.objects.filter(pk=freed.pk).update(state="expired", holds_slot=False)
    reply = ben_calls("post", "judgment", freed.pk, {"answers": GOOD})
    assert (reply.status_code, reply.json()["stored"]) == (201, "counted")
    assert list(violations()) == []


def test_work_that_comes_too_late_is_stored_told_and_counted_as_surplus(
    ben_calls: Any,
    judge_api: Any,
    ada: Any,
    lone: Batch,
    claim: Any,
    ben: Any,
    cleo: Any,
) -> None:
    mine = claim(ben, lone)
    lapse(mine.pk)
    judge_until_nothing_is_left(lone, cleo, {"accuracy": 2, "fluent": False})
    late = ben_calls("post", "judgment", mine.pk, {"answers": GOOD}, key="late")
    again = ben_calls("post", "judgment", mine.pk, {"answers": GOOD}, key="late")
    assert (late.status_code, again.status_code) == (409, 409)
    assert late.json() == again.json()
    assert (late.json()["stored"], late.json()["title"]) == ("late", "Late")
    adas = judge_api(ada)
    rows = adas("get", "judgments", lone.pk).json()["results"]
    assert [r["surplus"] for r in rows].count(True) == 1
    assert adas("get", "batch", lone.pk).json()["progress"]["surplus"] == 1
    accuracy = adas("get", "agreement", lone.pk).json()["criteria"][0]
    assert (accuracy["pairable_units"], accuracy["ratings"]) == (1, 13)
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("state", "status"),
    [("open", 201), ("paused", 201), ("closed", 201), ("archived", 409)],
)
def test_what_was_begun_may_be_finished_until_the_archive(
    ben_calls: Any, assignment: Assignment, ada: Any, state: str, status: int
) -> None:
    batch = assignment.batch
    for to in {"closed": ["closed"], "archived": ["closed", "archived"]}.get(state, []):
        move_batch(batch=batch, to=to, by=ada)
    if state == "paused":
        move_batch(batch=batch, to="paused", by=ada)
    reply = ben_calls("post", "judgment", assignment.pk, {"answers": GOOD})
    assert reply.status_code == status
    if status == 201:
        body = {"answers": BETTER, "supersedes": reply.json()["id"]}
        revised = ben_calls("post", "judgment", assignment.pk, body)
        assert revised.status_code == (409 if state == "closed" else 201)


def test_nothing_an_annotator_gets_tells_who_wrote_or_judged_what(
    judge_api: Any, ben: Any, cleo: Any, mixed_batch: Batch, claim: Any
) -> None:
    """Canaries in every hidden field; every reply and header is searched."""
    System.objects.filter(name="heron").update(
        name="canary-system", family="canary-family", settings={"k": "canary-set"}
    )
    Output.objects.update(metadata={"by": "canary-meta"}, latency_ms=71717)
    Item.objects.update(metadata={"by": "canary-item"})
    for output in Output.objects.all():
        output.external_id = f"canary-{output.pk}"
        output.save()
    Item.objects.filter(external_id="q0").update(external_id="canary-q0")
    answers = {"accuracy": {"A": 1, "B": 5}, "overall": "B"}
    judge_until_nothing_is_left(mixed_batch, cleo, answers)
    Judgment.objects.update(note="canary-note")
    calls = judge_api(ben)
    replies = [calls("post", "next", mixed_batch.pk)]
    pk = replies[0].json()["id"]
    cleos = Assignment.objects.filter(annotator=cleo).first().pk
    bad = {"answers": {"accuracy": {"A": 9}, "overall": "C", "x": 1}}
    replies += [
        calls("get", "assignment", pk),
        calls("post", "judgment", pk, bad),
        calls("put", "draft", pk, {"answers": {}, "version": 9}),
        calls("post", "renew", pk),
        calls("post", "judgment", pk, {"answers": answers}),
        calls("post", "judgment", pk, {"answers": answers | {"overall": "A"}}),
        calls("post", "skip", pk, {"reason": "x"}),
        calls("get", "assignment", pk),
        calls("get", "assignment", cleos),
        calls("get", "batches", mixed_batch.project_id),
        *(
            calls("get", name, mixed_batch.pk)
            for name in ("batch", "units", "judgments", "judgments-csv", "agreement")
        ),
        calls("get", "items", mixed_batch.dataset_id),
        calls("get", "datasets", mixed_batch.project_id),
    ]
    for reply in replies:
        seen = f"{dict(reply.headers)} {reply.content.decode()}".lower()
        for hidden in (
            "canary",
            "71717",
            "wren",
            "cleo",
            "q1/",
            "parity",
            'kind":"normal',
        ):
            assert hidden not in seen, (reply.request["PATH_INFO"], hidden)


def test_a_tie_is_told_in_the_order_of_sides(
    ben_calls: Any, pair: dict[str, Any]
) -> None:
    """The canonical order is the order of import, so of systems: it stays hidden."""
    Assignment.objects.update(side_order=[1, 0])
    body = {"answers": ALL | {"order": [["A", "B"]]}, "rationales": WHY}
    ben_calls("post", "judgment", pair["id"], body)
    told = ben_calls("get", "assignment", pair["id"]).json()["judgment"]
    assert told["answers"]["order"] == [["A", "B"]]
