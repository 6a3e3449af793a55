"""Hostile bodies and questions at every address of the API: never a server error."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.urls.converters import IntConverter

from annotation.models import Assignment, Dataset, Import, Judgment
from annotation.urls import api_urlpatterns

BODIES = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a list of lists": b"[[1]]",
    "a number": b"7",
    "a string": b'"x"',
    "true": b"true",
    "half an object": b'{"name": ',
    "no UTF-8": b'{"name": "\xff"}',
    "depth 100": b'{"answers": ' + b"[" * 100 + b"]" * 100 + b"}",
    "depth 100,000": b"[" * 100_000,
    "a key twice": b'{"name": "x", "name": "y"}',
    "NaN": b'{"answers": {"accuracy": NaN}, "overlap": NaN}',
    "400 digits": b'{"overlap": %s, "version": %s}' % (b"9" * 400, b"9" * 400),
    "5,000 digits": b'{"overlap": %s}' % (b"9" * 5_000),
    "2^63": b'{"overlap": 9223372036854775807, "version": 9223372036854775807}',
    "1e400": b'{"lease_minutes": 1e400}',
    "NUL": b'{"name": "a\\u0000b", "reason": "a\\u0000b", "note": "a\\u0000b"}',
    "NUL in a key": b'{"answers": {"a\\u0000b": 1}}',
    "half a surrogate pair": b'{"name": "\\ud800", "reason": "\\ud800"}',
    "a surrogate in a key": b'{"answers": {"\\udfff": 1}, "version": 0}',
    "objects for words": b'{"name": {}, "reason": {}, "answers": 1, "version": {}}',
    "lists for words": b'{"name": [1], "annotators": [[1]], "pairs": [[1, 2]]}',
    "draft of anything": b'{"answers": [{"a": [null, 1.5]}], "version": 0}',
}
QUERIES = [
    "?x=%00",
    "?cursor=%00",
    "?cursor=x",
    "?cursor=" + quote("bz05OTk5OTk5OTk5OTk5OTk5OTk5OQ=="),  # o=9999…
    "?limit=" + "9" * 400,
    "?limit=-1",
    "?limit=NaN",
    "?created_by__password__startswith=a",
    "?_connector=OR&pk__in=1",
    "?ordering=password",
    "?state=%F0%9F%98%80&order=disagreement&cursor=%C2%B2",
    "?format=../../etc/passwd",
    "?after=%27%3B--",
    "?dry_run=2&on_change=[]",
    "?%FF=%FE",
]


@pytest.fixture
def paths(
    project: Any,
    dataset: Dataset,
    open_batch: Any,
    assignment: Assignment,
    imported: Import,
) -> list[str]:
    """Every address of the API of annotation, of things that are there."""
    things = {
        "datasets": dataset,
        "batches": open_batch,
        "assignments": assignment,
        "units": assignment.unit,
        "rubrics": open_batch.rubric_version.rubric,
    }
    found = []
    for pattern in api_urlpatterns:
        thing = things.get(str(pattern.pattern).split("/")[0], imported)
        named = {"project_id": project.pk, "user_id": assignment.annotator_id}
        kwargs = {
            name: 1 if isinstance(kind, IntConverter) else named.get(name, thing.pk)
            for name, kind in pattern.pattern.converters.items()
        }
        found.append(reverse(f"api:{pattern.name}", kwargs=kwargs))
    return found


@pytest.fixture
def clients(api: Any, ada: Any, ben: Any) -> list[Client]:
    made = [api(ada), api(ben)]
    for client in made:
        client.raise_request_exception = False
    return made


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_no_body_is_a_server_error(
    clients: list[Client], paths: list[str], body: bytes
) -> None:
    for client in clients:
        for path in paths:
            for method in methods_of(path):
                reply = getattr(client, method)(
                    path, body, content_type="application/json"
                )
                assert reply.status_code < 500, (method, path, reply.content)
    assert Judgment.objects.count() == 0


def methods_of(path: str) -> list[str]:
    view = resolve(path).func.view_class  # type: ignore[attr-defined]
    return [m for m in ("post", "put", "patch") if hasattr(view, m)]


@pytest.mark.parametrize(
    "type_", ["text/html", "multipart/form-data; boundary=x", "x", ""]
)
def test_no_content_type_is_a_server_error(
    clients: list[Client], paths: list[str], type_: str
) -> None:
    for path in paths:
        for method in methods_of(path):
            reply = getattr(clients[0], method)(
                path, b"--x\r\n\r\n", content_type=type_
            )
            assert reply.status_code < 500, (method, path, reply.content)


@pytest.mark.parametrize("query", QUERIES)
def test_no_question_is_a_server_error_or_a_leak(
    clients: list[Client], paths: list[str], query: str
) -> None:
    for path in paths:
        for client in clients:
            reply = client.get(path + query)
            assert reply.status_code < 500, (path, query, reply.content)


@pytest.mark.parametrize("query", [q for q in QUERIES if "__" in q or "ordering" in q])
def test_an_unknown_filter_changes_no_list(
    clients: list[Client], paths: list[str], query: str
) -> None:
    for path in paths:
        plain, asked = clients[0].get(path), clients[0].get(path + query)
        listed = plain.headers["Content-Type"] == "application/json"
        if plain.status_code == 200 and listed and "results" in plain.json():
            assert asked.json()["results"] == plain.json()["results"]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "ü", "\x7f", "%00"])
def test_no_idempotency_key_is_a_server_error(
    clients: list[Client], paths: list[str], key: str
) -> None:
    for path in paths:
        reply = clients[0].post(
            path,
            b"{}",
            content_type="application/json",
            headers={"Idempotency-Key": key},
        )
        assert reply.status_code < 500, (path, key, reply.content)


def test_a_json_body_of_3_mb_is_413(clients: list[Client], paths: list[str]) -> None:
    body = b'{"name": "' + b"x" * 3_000_000 + b'"}'
    path = next(path for path in paths if path.endswith("/datasets"))
    reply = clients[0].post(path, body, content_type="application/json")
    assert reply.status_code == 413


@pytest.mark.parametrize("position", ["p=%00", "p=abc", "p=-"])
def test_a_forged_cursor_is_404(
    clients: list[Client], paths: list[str], position: str
) -> None:
    cursor = b64encode(position.encode()).decode()
    for path in paths:
        reply = clients[0].get(path, {"cursor": cursor})
        assert reply.status_code < 500, path
