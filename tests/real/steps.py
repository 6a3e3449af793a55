"""The engineer's steps through the API, as short calls."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from exports.actions import build_release
from exports.models import GoldRelease


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def made(client: Client, path: str, body: Any) -> dict[str, Any]:
    response = post(client, path, body)
    assert response.status_code in (200, 201, 202), response.content
    found: dict[str, Any] = response.json()
    return found


def import_ndjson(client: Client, path: str, rows: list[Any]) -> dict[str, Any]:
    body = "\n".join(json.dumps(row) for row in rows)
    response = client.post(f"/api/v1/{path}", body, content_type="application/x-ndjson")
    assert response.status_code == 200, response.content
    counts: dict[str, Any] = response.json()
    return counts


def make_batch(
    client: Client,
    project: Any,
    *,
    records: list[Any],
    criteria: list[Any],
    layout: str,
    overlap: int,
    **more: Any,
) -> str:
    """Rubric, dataset, import and batch; returns the batch's id."""
    named = {"name": "Rubric", "criteria": criteria}
    rubric = made(client, f"projects/{project.pk}/rubrics", named)
    dataset = made(client, f"projects/{project.pk}/datasets", {"name": "Dataset"})["id"]
    counts = import_ndjson(client, f"datasets/{dataset}/import", records)
    assert (counts["created"], counts["rejected"]) == (len(records), 0), counts[
        "errors"
    ]
    batch = made(
        client,
        f"projects/{project.pk}/batches",
        {
            "name": "Batch",
            "dataset": dataset,
            "rubric_version": rubric["version_id"],
            "layout": layout,
            "overlap": overlap,
            "annotators": ["ben@example.org"],
            **more,
        },
    )
    return str(batch["id"])


def make_release(
    client: Client, project: Any, batch: str, **options: Any
) -> dict[str, Any]:
    """Ask for a release, build it as the worker would, and return what the API says."""
    asked = made(
        client, f"projects/{project.pk}/releases", {"batches": [batch], **options}
    )
    build_release(GoldRelease.objects.get(pk=asked["id"]), lambda *_, **__: None)
    found: dict[str, Any] = client.get(f"/api/v1/releases/{asked['id']}").json()
    assert found["state"] == "ready", found
    return found
