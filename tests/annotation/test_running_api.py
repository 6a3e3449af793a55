"""A running batch changed by API and by the browser's forms, each on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from annotation.models import Assignment, Batch

Call = Callable[..., Any]


@pytest.fixture
def adas(judge_api: Any, ada: Any) -> Call:
    return judge_api(ada)


@pytest.fixture
def blocks(make_batch: Any, dataset: Any, rubric_version: Any) -> Batch:
    return make_batch(
        dataset, rubric_version, overlap=1, strategy="fixed", name="Blocks"
    )


def test_a_batch_is_changed_and_the_record_says_from_what_to_what(
    adas: Call, open_batch: Batch
) -> None:
    body = {
        "name": "Renamed",
        "priority": 1,
        "per_annotator_cap": 9,
        "daily_cap": 3,
        "overlap": 1,
    }
    reply = adas("patch", "batch", open_batch.pk, body)
    assert reply.status_code == 200, reply.content
    batch = Batch.objects.get(pk=open_batch.pk)
    assert (batch.name, batch.priority, batch.cap) == ("Renamed", 1, 9)
    assert (batch.daily_cap, batch.overlap) == (3, 1)
    data = AuditEvent.objects.get(verb="batch changed").data
    assert data["name"] == f"{open_batch.name} → Renamed"
    assert data["overlap"] == "2 → 1"
    assert data["daily_cap"] == "– → 3"
    assert adas("patch", "batch", open_batch.pk, {"daily_cap": None}).status_code == 200


def test_the_same_again_is_no_change(adas: Call, open_batch: Batch) -> None:
    body = {"overlap": 2, "overlap_share": 1.0, "name": open_batch.name}
    assert adas("patch", "batch", open_batch.pk, body).status_code == 200
    assert not AuditEvent.objects.filter(verb="batch changed").exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Taken"}, "name"),
        ({"overlap_share": 0}, "overlap_share"),
        ({"overlap_share": 1.5}, "overlap_share"),
        ({"daily_cap": 0}, "daily_cap"),
        ({"priority": 7}, "priority"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    adas: Call,
    open_batch: Batch,
    make_batch: Any,
    dataset: Any,
    rubric_version: Any,
    body: dict[str, Any],
    field: str,
) -> None:
    make_batch(dataset, rubric_version, name="Taken")
    reply = adas("patch", "batch", open_batch.pk, body)
    assert reply.status_code == 422
    assert [fault["field"] for fault in reply.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("batch-release", {"annotator": "a" * 60_000}, "annotator"),
        ("batch-reassign", {"from": "a" * 60_000}, "from"),
        ("batch-reassign", {"from": "ben@example.org", "to": "a" * 60_000}, "to"),
        ("admissions", {"annotator": "a" * 60_000}, "annotator"),
    ],
)
def test_an_address_longer_than_any_is_refused_at_its_field(
    adas: Call, open_batch: Batch, act: str, body: dict[str, Any], field: str
) -> None:
    """SQLite compares no text of 50,000 characters."""
    reply = adas("post", act, open_batch.pk, body)
    assert reply.status_code == 422
    assert [fault["field"] for fault in reply.json()["errors"]] == [field]


def test_leases_are_released_by_api(
    adas: Call, open_batch: Batch, assignment: Assignment, ben: Any
) -> None:
    reply = adas("post", "batch-release", open_batch.pk, {"annotator": ben.email})
    assert (reply.status_code, reply.json()) == (200, {"released": 1})
    unknown = adas("post", "batch-release", open_batch.pk, {"annotator": "x@y.org"})
    assert unknown.status_code == 422
    assert AuditEvent.objects.get(verb="leases released").data["released"] == 1


def test_somebody_is_replaced_by_api(
    adas: Call, blocks: Batch, ben: Any, cleo: Any
) -> None:
    body = {"from": ben.email, "to": cleo.email, "leaves": True}
    reply = adas("post", "batch-reassign", blocks.pk, body)
    assert reply.json() == {"moved": 6, "freed": 0, "left": 0}
    blocks.members.filter(user=cleo).update(active=True)
    assert adas("get", "batch-reassign", blocks.pk).json() == {
        "left_behind": [],
        "free": 0,
    }
    wrong = adas("post", "batch-reassign", blocks.pk, {"from": "x@y.org"})
    assert wrong.json()["errors"][0]["field"] == "from"
    foreign = body | {"to": "eve@example.org"}
    assert adas("post", "batch-reassign", blocks.pk, foreign).status_code == 422


def test_free_slots_are_shared_out_by_api(
    adas: Call, blocks: Batch, open_batch: Batch, ben: Any
) -> None:
    adas("post", "batch-reassign", blocks.pk, {"from": ben.email})
    assert adas("get", "batch-reassign", blocks.pk).json()["free"] == 6
    reply = adas("post", "batch-share-out", blocks.pk)
    assert (reply.status_code, reply.json()) == (200, {"shared": 6})
    pool = adas("post", "batch-share-out", open_batch.pk)
    assert pool.status_code == 409
    assert "whoever is free" in pool.json()["detail"]


def test_a_unit_is_withdrawn_and_brought_back_by_api(
    adas: Call, open_batch: Batch
) -> None:
    unit = open_batch.units.first()
    reply = adas("post", "unit-withdrawal", unit.pk, {"reason": "A broken link."})
    assert reply.status_code == 200
    assert (reply.json()["required"], reply.json()["taken"]) == (0, 0)
    assert reply.json()["withdrawn_at"]
    again = adas("post", "unit-withdrawal", unit.pk, {"reason": "Twice."})
    assert again.status_code == 200
    assert AuditEvent.objects.filter(verb="unit withdrawn").count() == 1
    back = adas("delete", "unit-withdrawal", unit.pk).json()
    assert (back["required"], back["withdrawn_at"]) == (2, None)
    assert adas("post", "unit-withdrawal", unit.pk, {}).status_code == 422


def test_units_before_the_work_are_not_withdrawn(
    adas: Call, staged_batch: Batch
) -> None:
    unit = staged_batch.units.get(kind="training")
    reply = adas("post", "unit-withdrawal", unit.pk, {"reason": "No."})
    assert reply.status_code == 409


def test_an_archived_batch_stays_as_it_is(adas: Call, open_batch: Batch) -> None:
    unit = open_batch.units.first()
    Batch.objects.filter(pk=open_batch.pk).update(state="archived")
    for name, pk, body in [
        ("batch-release", open_batch.pk, {}),
        ("batch-reassign", open_batch.pk, {"from": "ben@example.org"}),
        ("unit-withdrawal", unit.pk, {"reason": "Late."}),
    ]:
        assert adas("post", name, pk, body).status_code == 409


def test_the_browser_does_all_of_it_and_comes_back(
    signed_in: Callable[..., Client], ada: Any, ben: Any, cleo: Any, blocks: Batch
) -> None:
    browser = signed_in(ada)
    home = f"/batches/{blocks.pk}/"
    unit = blocks.units.first()

    def post(path: str, **body: Any) -> str:
        reply = browser.post(path, body)
        assert reply["Location"] == body.get("next", home)
        return " ".join(map(str, get_messages(reply.wsgi_request)))

    assert "0 leases are released" in post(f"{home}release/")
    said = post(f"{home}reassign/", giver=ben.pk, taker=cleo.pk)
    assert said.endswith("6 units are moved.")
    said = post(f"{home}reassign/", giver=ben.pk, leaves="on")
    assert said.endswith("moved. Ben takes no more.")
    said = post(f"{home}reassign/", giver=ben.pk, taker=cleo.pk)
    assert said.endswith("No unit is moved.")
    said = post(f"{home}reassign/", giver=cleo.pk, taker=ben.pk, leaves="on")
    assert said.endswith("Ben judges in Blocks now. Cleo takes no more.")
    assert "0 units" not in said
    assert "Choose whose units" in post(f"{home}reassign/")
    assert "no annotator" not in post(f"{home}share-out/")
    withdrawn = post(
        f"/units/{unit.pk}/withdrawal/", reason="Broken.", next=f"{home}flags/"
    )
    assert "is withdrawn" in withdrawn
    assert "Say why" in post(f"/units/{unit.pk}/withdrawal/")
    assert "is back in the batch" in post(f"/units/{unit.pk}/restoration/")
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "nowhere"):
        reply = browser.post(f"{home}share-out/", {"next": elsewhere})
        assert reply["Location"] == home


def test_who_cannot_sign_in_is_offered_with_these_words(
    signed_in: Callable[..., Client], ada: Any, ben: Any, cleo: Any, blocks: Batch
) -> None:
    type(cleo).objects.filter(pk=cleo.pk).update(is_active=False)
    browser = signed_in(ada)
    offered = f'<option value="{cleo.pk}">{cleo}, cannot sign in</option>'
    assert offered in browser.get(f"/batches/{blocks.pk}/").content.decode()
    bens = reverse("annotation:person", args=[blocks.project_id, ben.pk])
    assert offered in browser.get(bens).content.decode()
