"""Who gets what on the addresses of rubrics."""

from __future__ import annotations

from typing import Any

from tests.access import Row
from tests.rubrics.fixtures import HELPFULNESS


def of_project(world: Any) -> dict[str, Any]:
    return {"project_id": world.project.pk}


def of_book(world: Any) -> dict[str, Any]:
    return {"project_id": world.project.pk, "key": "rag-answer"}


def of_book_alone(world: Any) -> dict[str, Any]:
    return {"key": "rag-answer"}


def pasted(world: Any) -> dict[str, Any]:
    scale = "{kind: binary}"
    criterion = f"{{key: ok, question: Is it right, scale: {scale}}}"
    return {"text": f"name: Tone\ncriteria:\n  - {criterion}\n"}


def of_rubric(world: Any) -> dict[str, Any]:
    return {"pk": world.rubric_version.rubric_id}


def of_drafted_rubric(world: Any) -> dict[str, Any]:
    return {"pk": world.draft_version.rubric_id}


def of_version(world: Any) -> dict[str, Any]:
    return {"pk": world.rubric_version.pk}


def of_draft(world: Any) -> dict[str, Any]:
    return {"pk": world.draft_version.pk}


def new_rubric(world: Any) -> dict[str, Any]:
    return {"name": "Tone", "criteria": HELPFULNESS}


def new_version(world: Any) -> dict[str, Any]:
    return {"criteria": HELPFULNESS}


def typed(world: Any) -> dict[str, Any]:
    criterion = {"key": "ok", "question": "Is it right?", "kind": "binary"}
    return {
        "act": "save",
        "count": "1",
        "name": "Tone",
        **{f"c0-{field}": value for field, value in criterion.items()},
    }


ROWS: list[Row] = [
    Row("GET", "rubrics:list", "302 404 200 200 200 200 200", of_project),
    Row("GET", "rubrics:new", "302 404 200 200 403 403 403", of_project),
    Row("POST", "rubrics:new", "302 404 302 302 403 403 403", of_project, typed),
    Row("GET", "rubrics:version", "302 404 200 200 200 200 200", of_version),
    Row("GET", "rubrics:version", "302 404 200 200 403 403 403", of_draft),
    Row("GET", "rubrics:edit", "302 404 200 200 403 403 403", of_version),
    Row("POST", "rubrics:edit", "302 404 302 302 403 403 403", of_version, typed),
    Row("GET", "rubrics:import", "302 404 200 200 403 403 403", of_project),
    Row("POST", "rubrics:import", "302 404 302 302 403 403 403", of_project, pasted),
    Row("GET", "rubrics:import-over", "302 404 200 200 403 403 403", of_rubric),
    Row(
        "POST", "rubrics:import-over", "302 404 302 302 403 403 403", of_rubric, pasted
    ),
    Row("GET", "rubrics:library", "302 404 200 200 403 403 403", of_project),
    Row("GET", "rubrics:library-rubric", "302 404 200 200 403 403 403", of_book),
    Row("POST", "rubrics:library-use", "302 404 302 302 403 403 403", of_book),
    Row("GET", "rubrics:yaml", "302 404 200 200 200 200 200", of_version),
    Row("GET", "rubrics:yaml", "302 404 200 200 403 403 403", of_draft),
    Row("GET", "rubrics:json", "302 404 200 200 200 200 200", of_version),
    Row("GET", "rubrics:json", "302 404 200 200 403 403 403", of_draft),
    Row("GET", "rubrics:publication", "302 404 302 302 403 403 403", of_draft),
    Row("POST", "rubrics:publication", "302 404 302 302 403 403 403", of_draft),
    Row("POST", "rubrics:draft-deletion", "302 404 302 302 403 403 403", of_draft),
    Row("POST", "rubrics:deletion", "302 404 302 302 403 403 403", of_rubric),
    Row("GET", "api:rubrics", "401 404 200 200 200 200 200", of_project),
    Row(
        "POST",
        "api:rubrics",
        "401 404 201 201 403 403 403",
        of_project,
        json=new_rubric,
    ),
    Row("GET", "api:rubric", "401 404 200 200 200 200 200", of_rubric),
    Row("GET", "api:rubric", "401 404 200 200 403 403 403", of_drafted_rubric),
    Row("DELETE", "api:rubric", "401 404 204 204 403 403 403", of_rubric),
    Row("GET", "api:rubric-versions", "401 404 200 200 200 200 200", of_rubric),
    Row(
        "POST",
        "api:rubric-versions",
        "401 404 201 201 403 403 403",
        of_rubric,
        json=new_version,
    ),
    Row("GET", "api:rubric-version", "401 404 200 200 200 200 200", of_version),
    Row("GET", "api:rubric-version", "401 404 200 200 403 403 403", of_draft),
    Row("GET", "api:rubric-version-yaml", "401 404 200 200 200 200 200", of_version),
    Row("GET", "api:rubric-version-yaml", "401 404 200 200 403 403 403", of_draft),
    Row("GET", "api:rubric-version-json", "401 404 200 200 200 200 200", of_version),
    Row("GET", "api:rubric-version-json", "401 404 200 200 403 403 403", of_draft),
    Row("GET", "api:rubric-library", "401 200 200 200 200 200 200"),
    Row(
        "GET",
        "api:rubric-library-rubric",
        "401 200 200 200 200 200 200",
        of_book_alone,
    ),
    Row("DELETE", "api:rubric-version", "401 404 204 204 403 403 403", of_draft),
    Row(
        "POST",
        "api:rubric-version-publication",
        "401 404 201 201 403 403 403",
        of_draft,
    ),
]
