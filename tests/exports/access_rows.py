"""Who gets what on the addresses of exports."""

from __future__ import annotations

from typing import Any

from tests.access import Row


def in_project(world: Any) -> dict[str, Any]:
    return {"project_id": world.project.pk}


def ready(world: Any) -> dict[str, Any]:
    return {"pk": world.ready_release.pk}


def building(world: Any) -> dict[str, Any]:
    return {"pk": world.building_release.pk}


def wanted(world: Any) -> dict[str, Any]:
    return {"batches": [str(world.scored_batch.pk)], "rule": "majority"}


def filled_in(world: Any) -> dict[str, Any]:
    return {
        "batches": [str(world.scored_batch.pk)],
        "rule_accuracy": "median",
        "rule_fluent": "majority",
        "min_support": 1,
        "seed": 0,
    }


ROWS = [
    Row("GET", "exports:list", "302 404 200 200 403 403 403", in_project),
    Row("GET", "exports:new", "302 404 200 200 403 403 403", in_project),
    Row(
        "POST",
        "exports:new",
        "302 404 302 302 403 403 403",
        lambda w: {"project_id": w.scored_batch.project_id},
        body=filled_in,
    ),
    Row("GET", "exports:release", "302 404 200 200 403 403 403", ready),
    Row("GET", "exports:release", "302 404 200 200 403 403 403", building),
    Row("GET", "exports:download", "302 404 200 200 403 403 403", ready),
    Row("GET", "exports:download", "302 404 302 302 403 403 403", building),
    Row("GET", "api:releases", "401 404 200 200 403 403 403", in_project),
    Row(
        "POST",
        "api:releases",
        "401 404 202 202 403 403 403",
        in_project,
        json=wanted,
    ),
    Row("GET", "api:release", "401 404 200 200 403 403 403", ready),
    Row("GET", "api:release-download", "401 404 200 200 403 403 403", ready),
    Row("GET", "api:release-download", "401 404 409 409 403 403 403", building),
]
