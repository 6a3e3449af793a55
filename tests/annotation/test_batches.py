"""Batches by API and on their pages: made, moved, changed, extended, deleted."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import Membership, Project, Role
from annotation.actions.batches import create_batch
from annotation.actions.changing import MOVES, move_batch
from annotation.actions.claiming import NotInBatch
from annotation.actions.datasets import create_dataset
from annotation.actions.units import Selection
from annotation.invariants import violations
from annotation.models import Assignment, Batch, Unit
from annotation.models.batch import BatchState
from annotation.tasks import fill_batch_job
from jobs.models import Job, State
from tests.annotation.fixtures import records
from tests.annotation.queries import queries_of
from tests.annotation.storm import annotators, at_once, judge_until_nothing_is_left
from tests.rubrics.fixtures import HELPFULNESS, published

GOOD = {"accuracy": 4, "fluent": True}
THREE = ("heron", "wren", "owl")


@pytest.fixture
def make(api: Any, ada: Any, project: Any, dataset: Any, rubric_version: Any) -> Any:
    """make(overlap=3, …): Ada posts a batch; returns the response."""
    client = api(ada)
    client.raise_request_exception = False

    def post(**changed: Any) -> Any:
        body = {
            "name": "Batch",
            "dataset": str(dataset.pk),
            "rubric_version": str(rubric_version.pk),
            "layout": "scoring",
            "overlap": 2,
            "annotators": ["ben@example.org", "Cleo@Example.org"],
        }
        body |= changed
        return client.post(
            reverse("api:batches", args=[project.pk]),
            json.dumps({k: v for k, v in body.items() if v is not ...}),
            content_type="application/json",
        )

    return post


@pytest.fixture
def call(api: Any, ada: Any) -> Any:
    """call("post", "batch-open", batch, {...}): Ada's call about a batch."""
    client = api(ada)
    client.raise_request_exception = False

    def request(method: str, name: str, batch: Batch, body: Any = None) -> Any:
        url = reverse(f"api:{name}", args=[batch.pk])
        data = "" if body is None else json.dumps(body)
        return getattr(client, method)(url, data, content_type="application/json")

    return request


def fields(reply: Any) -> list[str]:
    assert reply.status_code == 422, reply.content
    return [error["field"] for error in reply.json()["errors"]]


def names_of(batch: Batch) -> list[list[str]]:
    """The units' outputs in canonical order, in order of making."""
    return [
        [shown.output.external_id for shown in unit.unit_outputs.all()]
        for unit in Unit.objects.filter(batch=batch).order_by("pk")
    ]


def test_a_batch_with_every_option_is_made_and_read_back(
    make: Any, call: Any, pairwise_version: Any
) -> None:
    options = {
        "rubric_version": str(pairwise_version.pk),
        "layout": "pairwise",
        "pairs": "chain",
        "systems": ["heron", "wren"],
        "segments": {"parity": "even"},
        "sample": 2,
        "strategy": "fixed",
        "per_annotator_cap": 5,
        "lease_minutes": 12.5,
        "probes_percent": 0,
        "repeats_percent": 0,
        "due_at": "2027-01-01T00:00:00Z",
        "seed": 7,
        "guidelines": "Read **twice**.",
    }
    reply = make(**options)
    assert reply.status_code == 201, reply.content
    assert reply.json() == {"id": reply.json()["id"], "units": 2}
    batch = Batch.objects.get()
    body = call("get", "batch", batch).json()
    kept = {"strategy", "per_annotator_cap", "lease_minutes", "seed", "guidelines"}
    assert {name: body[name] for name in kept} == {name: options[name] for name in kept}
    assert body["state"] == "draft"
    assert body["due_at"].startswith("2027-01-01T00:00:00")
    assert body["annotators"] == ["ben@example.org", "cleo@example.org"]
    assert set(Unit.objects.values_list("item__segments__value", flat=True)) == {"even"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ...}, "name"),
        ({"name": ""}, "name"),
        ({"layout": "ranked"}, "layout"),
        ({"overlap": 0}, "overlap"),
        ({"overlap": 1.5}, "overlap"),
        ({"overlap": 3, "strategy": "fixed"}, "overlap"),
        ({"annotators": []}, "annotators"),
        ({"annotators": ["ben@example.org", "eve@example.org"]}, "annotators.1"),
        ({"annotators": ["vic@example.org"]}, "annotators.0"),
        ({"annotators": [{"email": "ben@example.org"}]}, "annotators.0"),
        ({"dataset": "x"}, "dataset"),
        ({"dataset": str(uuid4())}, "dataset"),
        ({"rubric_version": str(uuid4())}, "rubric_version"),
        ({"pairs": "most"}, "pairs"),
        ({"pairs": {"a": 1}}, "pairs"),
        ({"pairs": [["q0/heron", "q0/wren"]]}, "pairs"),
        ({"pairs": "chain"}, "pairs"),
        ({"systems": ["heron", "ostrich"]}, "systems.1"),
        ({"segments": {"parity": "prime"}}, "segments.parity"),
        ({"segments": {"colour": ["red"]}}, "segments.colour"),
        ({"segments": {"parity": []}}, "segments.parity"),
        ({"segments": "even"}, "segments"),
        ({"sample": 0}, "sample"),
        ({"strategy": "auction"}, "strategy"),
        ({"per_annotator_cap": 0}, "per_annotator_cap"),
        ({"per_annotator_cap": 2**40}, "per_annotator_cap"),
        ({"lease_minutes": 0}, "lease_minutes"),
        ({"due_at": "soon"}, "due_at"),
        ({"due_at": "0001-01-01T00:00:00+14:00"}, "due_at"),
        ({"probes_percent": 5}, "probes_percent"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_is_made(
    make: Any, eve: Any, changed: Any, field: str
) -> None:
    assert field in fields(make(**changed))
    assert (Batch.objects.count(), Unit.objects.count()) == (0, 0)


def test_a_taken_name_is_refused(make: Any) -> None:
    assert make().status_code == 201
    assert fields(make()) == ["name"]


def test_a_foreign_dataset_or_rubric_is_no_more_than_missing(
    make: Any, eve: Any, ada: Any
) -> None:
    other = Project.objects.create(name="Other", created_by=eve)
    Membership.objects.create(project=other, user=eve, role=Role.OWNER)
    hidden = create_dataset(project=other, name="Secret canary", by=eve)
    version = published(other, eve, "Secret rubric", HELPFULNESS)
    for name, pk in [("dataset", hidden.pk), ("rubric_version", version.pk)]:
        foreign, missing = make(**{name: str(pk)}), make(**{name: str(uuid4())})
        assert fields(foreign) == [name]
        assert foreign.content == missing.content
        assert b"Secret" not in foreign.content


def test_a_draft_rubric_cannot_be_used(make: Any, draft_version: Any) -> None:
    assert fields(make(rubric_version=str(draft_version.pk))) == ["rubric_version"]


def test_a_comparison_needs_more_than_one_output(
    make: Any, pairwise_version: Any
) -> None:
    version = str(pairwise_version.pk)
    for layout in ("scoring", "ranking"):
        assert fields(make(rubric_version=version, layout=layout)) == ["layout"]


@pytest.fixture
def pairs_of(make_dataset: Any, make: Any, pairwise_version: Any) -> Any:
    """pairs_of(pairs): the units of a pairwise batch over three systems."""
    trio = make_dataset(2, name="Trio", systems=THREE)

    def units(pairs: Any, **more: Any) -> Any:
        reply = make(
            name=f"{pairs} {more}"[:200],
            dataset=str(trio.pk),
            rubric_version=str(pairwise_version.pk),
            layout="pairwise",
            pairs=pairs,
            **more,
        )
        if reply.status_code != 201:
            return reply
        return names_of(Batch.objects.get(pk=reply.json()["id"]))

    return units


def test_pairs_are_all_a_chain_or_each_output_once(pairs_of: Any) -> None:
    assert pairs_of("all")[:3] == [
        ["q0/heron", "q0/wren"],
        ["q0/heron", "q0/owl"],
        ["q0/wren", "q0/owl"],
    ]
    assert pairs_of("chain")[2:] == [["q1/heron", "q1/wren"], ["q1/wren", "q1/owl"]]
    drawn = pairs_of("random", seed=3)
    assert len(drawn) == 2
    assert all(first != second for first, second in drawn)
    assert drawn == pairs_of("random", seed=3, overlap=1)


def test_listed_pairs_keep_their_order_and_a_turned_one_is_the_same(
    pairs_of: Any,
) -> None:
    listed = [["q1/owl", "q1/heron"], ["q0/wren", "q0/heron"], ["q1/heron", "q1/owl"]]
    assert pairs_of(listed) == listed[:2]


def test_each_faulty_pair_is_named(pairs_of: Any) -> None:
    listed = [
        ["q0/heron", "q0/wren"],
        ["q0/heron", "q0/emu"],
        ["q0/heron", "q1/heron"],
        ["q0/heron", "q0/heron"],
    ]
    assert fields(pairs_of(listed)) == ["pairs.1", "pairs.2", "pairs.3"]
    assert fields(pairs_of([["q0/heron"]])) == ["pairs"]
    assert fields(pairs_of([])) == ["pairs"]


def test_a_sample_is_drawn_again_alike_with_its_seed(make: Any) -> None:
    drawn = [
        names_of(Batch.objects.get(pk=make(name=str(n), sample=4, seed=s).json()["id"]))
        for n, s in enumerate([1, 1, 2])
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 4


def test_systems_and_segments_narrow_the_units(make: Any) -> None:
    assert make(name="1", systems=["wren"]).json()["units"] == 6
    assert make(name="2", segments={"parity": ["odd", "even"]}).json()["units"] == 12
    narrow = make(name="3", segments={"parity": "odd"}, systems=["wren"])
    assert narrow.json()["units"] == 3


def test_many_units_are_made_by_a_job_and_opening_waits_for_it(
    make: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotation.actions.batches.AT_ONCE", 11)
    reply = make(sample=12)
    assert reply.status_code == 202
    job = Job.objects.get()
    assert reply.json() == {"id": reply.json()["id"], "units": 12, "job": str(job.pk)}
    batch = Batch.objects.get()
    assert call("post", "batch-open", batch).status_code == 409
    assert call("post", "units", batch, {"pairs": "all"}).status_code == 409
    done = [fill_batch_job(job, lambda *a, **k: None) for _ in range(2)]
    assert [found["made"] for found in done] == [12, 0]
    Job.objects.update(state=State.DONE)
    assert call("post", "batch-open", batch).json() == {"state": "open"}


ACTS = {"open": "open", "pause": "paused", "close": "closed", "archive": "archived"}


@pytest.mark.parametrize(("state", "act"), list(product(BatchState.values, ACTS)))
def test_every_move_is_made_or_refused_with_the_state(
    call: Any, draft_batch: Batch, state: str, act: str
) -> None:
    Batch.objects.update(state=state)
    reply = call("post", f"batch-{act}", draft_batch)
    draft_batch.refresh_from_db()
    to = ACTS[act]
    if state == to or state in MOVES[BatchState(to)]:
        assert (reply.status_code, reply.json()) == (200, {"state": to})
        assert draft_batch.state == to
    else:
        assert (reply.status_code, reply.json()["state"]) == (409, state)
        assert draft_batch.state == state


def test_what_may_change_is_changed_and_the_rest_refused(
    call: Any, open_batch: Batch
) -> None:
    changes = {
        "annotators": ["cleo@example.org"],
        "overlap": 1,
        "due_at": None,
        "lease_minutes": 5,
        "guidelines": "",
    }
    body = call("patch", "batch", open_batch, changes).json()
    assert {name: body[name] for name in changes} == changes
    assert fields(call("patch", "batch", open_batch, {"layout": "pairwise"})) == [
        "layout"
    ]
    assert fields(call("patch", "batch", open_batch, {"annotators": []})) == [
        "annotators"
    ]
    assert call("patch", "batch", open_batch, {}).status_code == 200
    Batch.objects.update(state="archived")
    assert call("patch", "batch", open_batch, {"overlap": 2}).status_code == 409


def test_the_overlap_changes_only_what_is_missing(
    call: Any, open_batch: Batch, ben: Any, claim: Any
) -> None:
    judge_until_nothing_is_left(open_batch, ben, GOOD)
    call("patch", "batch", open_batch, {"overlap": 1})
    assert set(Unit.objects.values_list("required", "taken")) == {(1, 1)}
    call("patch", "batch", open_batch, {"overlap": 3})
    assert set(Unit.objects.values_list("required", "taken")) == {(3, 1)}
    assert list(violations()) == []


def test_what_was_reserved_for_somebody_who_leaves_goes_to_others(
    call: Any,
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
    ben: Any,
    cleo: Any,
    dov: Any,
) -> None:
    Membership.objects.filter(user=dov).update(also_annotates=True)
    batch = make_batch(dataset, rubric_version, overlap=1, strategy="fixed")
    judge_until_nothing_is_left(batch, cleo, GOOD)
    names = ["cleo@example.org", "dov@example.org"]
    assert call("patch", "batch", batch, {"annotators": names}).status_code == 200
    assert judge_until_nothing_is_left(batch, dov, GOOD) == 6
    assert not Unit.objects.claimable().exists()
    assert list(violations()) == []


def test_outputs_that_came_later_become_units(
    call: Any, send: Any, dataset: Any, open_batch: Batch
) -> None:
    send([{"id": "q0", "model": "owl", "output": "Late."}], into=dataset)
    assert call("post", "units", open_batch, {}).json()["units"] == 1
    assert call("post", "units", open_batch, {}).json()["units"] == 0
    assert fields(call("post", "units", open_batch, {"pairs": "chain"})) == ["pairs"]
    assert fields(call("post", "units", open_batch, {"systems": ["x"]})) == [
        "systems.0"
    ]
    call("post", "batch-close", open_batch)
    assert call("post", "units", open_batch, {}).status_code == 409


def test_a_judged_batch_is_not_deleted(
    call: Any, open_batch: Batch, ben: Any, claim: Any
) -> None:
    claim(ben, open_batch)
    judged = create_batch(
        project=open_batch.project,
        dataset=open_batch.dataset,
        rubric_version=open_batch.rubric_version,
        name="Judged",
        layout="scoring",
        overlap=1,
        annotators=[ben],
        selection=Selection(),
        by=ben,
    )[0]
    move_batch(batch=judged, to="open", by=ben)
    judge_until_nothing_is_left(judged, ben, GOOD)
    assert call("delete", "batch", judged).status_code == 409
    assert call("delete", "batch", open_batch).status_code == 204
    assert set(Assignment.objects.values_list("batch", flat=True)) == {judged.pk}


def test_an_annotator_lists_their_own_open_batches_only(
    api: Any,
    signed_in: Any,
    ben: Any,
    vic: Any,
    cleo: Any,
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
) -> None:
    make_batch(dataset, rubric_version, name="Bens", annotators=[ben], overlap=1)
    make_batch(dataset, rubric_version, name="Cleos", annotators=[cleo], overlap=1)
    make_batch(dataset, rubric_version, name="Drafted", open=False)
    url = reverse("api:batches", args=[dataset.project_id])
    listed = api(ben).get(url).json()["results"]
    assert [batch["name"] for batch in listed] == ["Bens"]
    assert set(listed[0]) == {"id", "name", "state", "layout", "overlap"}
    assert api(vic).get(url).json()["results"] == []
    page = reverse("annotation:project", args=[dataset.project_id])
    text = signed_in(ben).get(page).content.decode()
    assert "Bens" in text
    assert "Cleos" not in text
    assert "Drafted" not in text


def test_the_list_asks_as_much_for_many_as_for_one(
    api: Any, ada: Any, make_batch: Any, dataset: Any, rubric_version: Any
) -> None:
    client, counts = api(ada), []
    url = reverse("api:batches", args=[dataset.project_id])
    for turn in range(2):
        make_batch(dataset, rubric_version, name=f"Before {turn}")
        with queries_of() as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
        for number in range(5):
            make_batch(dataset, rubric_version, name=f"{turn}.{number}")
    assert counts[0] == counts[1]


@pytest.fixture
def posted(dataset: Any, rubric_version: Any, ben: Any) -> dict[str, Any]:
    member = Membership.objects.get(user=ben)
    return {
        "name": "By page",
        "dataset": str(dataset.pk),
        "rubric_version": str(rubric_version.pk),
        "layout": "scoring",
        "pairs": "all",
        "annotators": [str(member.pk)],
        "overlap": "1",
        "strategy": "pool",
        "lease_minutes": "30",
        "seed": "0",
    }


def test_a_batch_is_made_moved_and_deleted_on_its_pages(
    signed_in: Any, ada: Any, project: Any, posted: Any
) -> None:
    page = signed_in(ada)
    made = page.post(
        reverse("annotation:batch-new", args=[project.pk]), posted, follow=True
    )
    text = made.content.decode()
    assert "made with 12 units" in text
    assert "Open for work" in text
    batch = Batch.objects.get()
    for act, state in [("open", "open"), ("pause", "paused"), ("archive", "paused")]:
        url = reverse(f"annotation:batch-{act}", args=[batch.pk])
        assert page.post(url, follow=True).status_code == 200
        batch.refresh_from_db()
        assert batch.state == state
    assert (
        page.get(reverse("annotation:batch-deletion", args=[batch.pk])).status_code
        == 405
    )
    page.post(reverse("annotation:batch-deletion", args=[batch.pk]), follow=True)
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"dataset": str(uuid4())}, "dataset"),
        ({"annotators": []}, "annotators"),
        ({"overlap": "2", "strategy": "fixed"}, "overlap"),
        ({"seed": "9" * 30}, "seed"),
        ({"per_annotator_cap": "9" * 30}, "per_annotator_cap"),
        ({"sample": "9" * 30}, "sample"),
        ({"pairs": "chain"}, "pairs"),
        ({"due_at": "never"}, "due_at"),
        ({"systems": ["ostrich"]}, "systems"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_a_fault_on_the_page_stands_at_its_field(
    signed_in: Any, ada: Any, project: Any, posted: Any, changed: Any, field: str
) -> None:
    url = reverse("annotation:batch-new", args=[project.pk])
    reply = signed_in(ada).post(url, posted | changed)
    assert reply.status_code == 422
    assert field in reply.context["form"].errors
    assert not Batch.objects.exists()


def test_a_ranking_takes_all_outputs_of_an_item(
    make: Any, project: Any, ada: Any
) -> None:
    scale = {"key": "order", "question": "Which order?", "scale": {"kind": "ranking"}}
    version = published(project, ada, "Ranking", [scale])
    reply = make(rubric_version=str(version.pk), layout="ranking")
    assert reply.json()["units"] == len(records(6))
    assert names_of(Batch.objects.get())[0] == ["q0/heron", "q0/wren"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("strategy", ["pool", "fixed"])
def test_changes_in_the_midst_of_work_leave_every_count_right(
    call: Any,
    api: Any,
    project: Any,
    ada: Any,
    make_dataset: Any,
    make_batch: Any,
    rubric_version: Any,
    strategy: str,
) -> None:
    users = annotators(project, 3)
    batch = make_batch(
        make_dataset(15),
        rubric_version,
        overlap=2,
        annotators=users,
        strategy=strategy,
        selection=Selection(systems=["heron"]),
    )

    def work(number: int) -> int:
        if number < 3:
            with suppress(NotInBatch):  # Taken off the batch in the midst of it.
                return judge_until_nothing_is_left(batch, users[number], GOOD)
            return 0
        for overlap in (3, 1, 2):
            assert (
                call("patch", "batch", batch, {"overlap": overlap}).status_code == 200
            )
            assert (
                call("post", "units", batch, {"systems": ["wren"]}).status_code == 201
            )
            emails = [user.email for user in users[: overlap + 1]]
            changed = call("patch", "batch", batch, {"annotators": emails})
            assert changed.status_code == 200
        return 0

    at_once(work, 4)
    assert list(violations()) == []
