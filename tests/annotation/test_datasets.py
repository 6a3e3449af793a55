"""Datasets by API and on their pages: made, listed, filled, taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEvent
from annotation.models import Dataset, Import, Item, Output
from jobs.models import Job
from tests.annotation.fixtures import ndjson, records
from tests.annotation.queries import queries_of
from tests.annotation.test_import import workbook


def datasets_url(project: Any) -> str:
    return reverse("api:datasets", args=[project.pk])


def post(client: Any, url: str, body: Any) -> Any:
    return client.post(url, json.dumps(body), content_type="application/json")


def upload(
    client: Any, dataset: Dataset, name: str, body: bytes, **options: Any
) -> Any:
    file = SimpleUploadedFile(name, body)
    data = {"file": file, "on_change": "refuse"} | options
    return client.post(reverse("annotation:dataset", args=[dataset.pk]), data)


def test_a_dataset_is_made_and_read_by_api(api: Any, ada: Any, project: Any) -> None:
    client = api(ada)
    made = post(client, datasets_url(project), {"name": "May"})
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "name": "May",
        "items": 0,
        "outputs": 0,
    }
    read = client.get(reverse("api:dataset", args=[made.json()["id"]]))
    assert read.json() == made.json()
    assert AuditEvent.objects.filter(verb="dataset created", actor=ada).count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Questions"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": ["x"]}, "name"),
        ({}, "name"),
        ({"name": "x", "colour": 1}, "colour"),
    ],
)
def test_a_taken_or_missing_name_is_refused_at_its_field(
    api: Any, ada: Any, dataset: Dataset, body: Any, field: str
) -> None:
    reply = post(api(ada), datasets_url(dataset.project), body)
    assert reply.status_code == 422
    assert [e["field"] for e in reply.json()["errors"]] == [field]
    assert Dataset.objects.count() == 1


def test_the_same_key_makes_one_dataset(api: Any, ada: Any, project: Any) -> None:
    client = api(ada)
    replies = [
        client.post(
            datasets_url(project),
            {"name": "Once"},
            content_type="application/json",
            headers={"Idempotency-Key": "k1"},
        )
        for _ in range(2)
    ]
    assert [r.status_code for r in replies] == [201, 200]
    assert replies[0].json() == replies[1].json()


def test_lists_ask_as_much_for_many_as_for_one(
    api: Any, ada: Any, project: Any, make_dataset: Any
) -> None:
    client = api(ada)
    first = make_dataset(2)
    urls = [
        datasets_url(project),
        reverse("api:items", args=[first.pk]),
        reverse("api:imports", args=[first.pk]),
    ]
    counts = []
    for turn in range(2):
        found = []
        for url in urls:
            with queries_of() as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
        counts.append(found)
        for number in range(6):
            make_dataset(1, name=f"More {turn}.{number}")
            row = {
                "id": f"late{turn}.{number}",
                "input": "Q?",
                "model": "m",
                "output": "A.",
            }
            client.post(
                reverse("api:import", args=[first.pk]),
                json.dumps(row),
                content_type="application/x-ndjson",
            )
    assert counts[0] == counts[1]
    sizes = {
        d["name"]: (d["items"], d["outputs"])
        for d in client.get(urls[0]).json()["results"]
    }
    assert sizes["Questions"] == (14, 16)
    assert len(client.get(urls[2]).json()["results"]) == 13


def test_items_come_back_in_the_shape_of_their_records(
    api: Any, ada: Any, dataset: Dataset
) -> None:
    url = reverse("api:items", args=[dataset.pk])
    rows = api(ada).get(url, {"limit": 4}).json()
    assert rows["next"]
    sent = records(6)
    for row, record in zip(rows["results"], sent, strict=False):
        assert {k: row[k] for k in ("id", "input", "context", "segments")} == {
            k: record[k] for k in ("id", "input", "context", "segments")
        }
        assert [o["content"] for o in row["outputs"]] == [
            o["content"] for o in record["outputs"]
        ]


def test_an_import_is_taken_back_while_no_batch_shows_it(
    api: Any, ada: Any, send: Any, blank: Dataset
) -> None:
    send(records(2, systems=("heron",)))
    send(records(3, systems=("heron", "wren")))
    late = blank.imports.order_by("at").last()
    assert api(ada).delete(reverse("api:import-one", args=[late.pk])).status_code == 204
    assert sorted(Item.objects.values_list("external_id", flat=True)) == ["q0", "q1"]
    assert set(Output.objects.values_list("system__name", flat=True)) == {"heron"}
    assert AuditEvent.objects.filter(verb="import deleted").count() == 1


def test_what_a_batch_shows_is_not_deleted(
    api: Any, signed_in: Any, ada: Any, open_batch: Any, imported: Import
) -> None:
    for client in (api(ada),):
        for name, pk in [
            ("api:import-one", imported.pk),
            ("api:dataset", imported.dataset_id),
        ]:
            reply = client.delete(reverse(name, args=[pk]))
            assert reply.status_code == 409
            assert "batch" in reply.json()["detail"].lower()
    page = signed_in(ada)
    for name, pk in [
        ("annotation:import-deletion", imported.pk),
        ("annotation:dataset-deletion", imported.dataset_id),
    ]:
        reply = page.post(reverse(name, args=[pk]), follow=True)
        assert reply.status_code == 200
        assert "delete" in reply.content.decode()
    assert (Dataset.objects.count(), Item.objects.count()) == (1, 6)


def test_a_dataset_is_deleted_with_all_it_holds(
    signed_in: Any, ada: Any, dataset: Dataset
) -> None:
    page = signed_in(ada)
    url = reverse("annotation:dataset", args=[dataset.pk])
    assert "Delete the dataset and its 6 items" in page.get(url).content.decode()
    deletion = reverse("annotation:dataset-deletion", args=[dataset.pk])
    assert page.get(deletion).status_code == 405
    reply = page.post(deletion, follow=True)
    assert "is deleted" in reply.content.decode()
    assert (Dataset.objects.count(), Item.objects.count(), Output.objects.count()) == (
        0,
        0,
        0,
    )


def test_a_dataset_is_made_on_its_page(
    signed_in: Any, ada: Any, dataset: Dataset
) -> None:
    page = signed_in(ada)
    url = reverse("annotation:dataset-new", args=[dataset.project_id])
    taken = page.post(url, {"name": "Questions"})
    assert taken.status_code == 422
    assert "Another dataset has this name." in taken.content.decode()
    made = page.post(url, {"name": "June"}, follow=True)
    assert "June" in made.content.decode()
    assert made.redirect_chain[-1][0] == reverse(
        "annotation:dataset", args=[Dataset.objects.get(name="June").pk]
    )


def test_the_upload_page_tells_what_came_and_what_is_wrong(
    signed_in: Any, ada: Any, blank: Dataset
) -> None:
    page = signed_in(ada)
    rows = [*records(2), {"id": "x", "colour": "<b>red</b>"}]
    reply = upload(page, blank, "mine.jsonl", ndjson(rows).encode())
    text = reply.content.decode()
    assert reply.status_code == 200
    assert "Imported: 2 new, 0 updated, 0 unchanged, 1 rejected." in text
    assert "Rejected rows" in text
    assert "colour" in text
    assert "<b>red</b>" not in text
    again = upload(page, blank, "mine.JSONL", ndjson(records(2)).encode())
    assert "0 new, 0 updated, 2 unchanged" in again.content.decode()


def test_a_dry_run_on_the_page_writes_nothing(
    signed_in: Any, ada: Any, blank: Dataset
) -> None:
    body = workbook(["id", "input", "system", "output"], ["1", "Q?", "s", "A."])
    reply = upload(signed_in(ada), blank, "mine.xlsx", body, dry_run="on")
    assert "Checked, nothing written: 1 new" in reply.content.decode()
    assert Item.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("mine.pdf", b"x"),
        ("mine.xlsx", b"PK no zip"),
        ("mine.csv.gz", b"no gzip"),
        ("mine.csv", b"colour\nred"),
        ("mine.jsonl", b"\n\n"),
        ("mine.jsonl", b""),
        ("..%2f..%2fetc.json", b"[]"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_at_its_field(
    signed_in: Any, ada: Any, blank: Dataset, name: str, body: bytes
) -> None:
    reply = upload(signed_in(ada), blank, name, body)
    assert reply.status_code == 422
    assert reply.context["form"].errors["file"]
    assert Item.objects.count() == 0


def test_a_large_upload_becomes_a_job_with_a_page(
    signed_in: Any, api: Any, ada: Any, blank: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotation.tasks import import_outputs_job

    monkeypatch.setattr("annotation.importing.uploads.AT_ONCE", 100)
    body = ndjson(records(3)).encode()
    refused = upload(signed_in(ada), blank, "mine.jsonl.gz", b"no gzip")
    assert refused.context["form"].errors["file"]
    paged = upload(signed_in(ada), blank, "mine.jsonl", body)
    asked = api(ada).post(
        reverse("api:import", args=[blank.pk]),
        body,
        content_type="application/x-ndjson",
    )
    assert asked.status_code == 202
    first, second = Job.objects.order_by("created_at")
    assert paged.url == reverse("jobs:job", args=[first.pk])
    assert asked.json() == {"job": str(second.pk)}
    results = [import_outputs_job(job, lambda *a, **k: None) for job in (first, second)]
    assert [r["created"] for r in results] == [3, 0]
    assert results[1]["unchanged"] == 3
    with pytest.raises(Exception, match="is gone"):
        import_outputs_job(first, lambda *a, **k: None)


def test_the_projects_page_asks_as_much_for_many_as_for_one(
    signed_in: Any, ada: Any, make_dataset: Any, make_batch: Any, rubric_version: Any
) -> None:
    page = signed_in(ada)
    dataset = make_dataset(2)
    make_batch(dataset, rubric_version, name="First")
    url = reverse("annotation:project", args=[dataset.project_id])
    counts = []
    for turn in range(2):
        with queries_of() as queries:
            assert page.get(url).status_code == 200
        counts.append(len(queries))
        for number in range(5):
            name = f"B{turn}.{number}"
            make_batch(make_dataset(1, name=name), rubric_version, name=name)
    assert counts[0] == counts[1]
    assert "B1.4" in page.get(url).content.decode()
