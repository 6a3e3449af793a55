"""Every address × method × person: an address without a row fails."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access import COLUMNS, Row

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
HERE = Path(__file__).parent


def all_rows() -> list[Row]:
    return [
        row
        for file in sorted(HERE.glob("*/access_rows.py"))
        for row in importlib.import_module(f"tests.{file.parent.name}.access_rows").ROWS
    ]


def named_urls(resolver: URLResolver, namespace: str = "") -> set[str]:
    names = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (
                f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            )
            names |= named_urls(pattern, inner)
        else:
            assert isinstance(pattern, URLPattern)
            assert pattern.name, f"{pattern.pattern} has no name"
            names.add(f"{namespace}{pattern.name}")
    return names


ROWS = all_rows()


def test_every_address_has_a_row() -> None:
    assert named_urls(get_resolver()) - {row.name for row in ROWS} == set()


def test_no_row_names_an_address_that_is_gone() -> None:
    assert {row.name for row in ROWS} - named_urls(get_resolver()) == set()


@pytest.fixture
def world(request: pytest.FixtureRequest, project: Any) -> SimpleNamespace:
    """What the rows' addresses need: fixtures by name, made when first asked for."""

    class World(SimpleNamespace):
        def __getattr__(self, name: str) -> Any:
            return request.getfixturevalue(name)

    return World(project=project)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.name}")
def test_who_gets_what(row: Row, column: str, world: Any) -> None:
    client = Client(enforce_csrf_checks=False)
    arguments = row.kwargs(world)
    if column != "visitor":
        client.force_login(getattr(world, column))
    response = send(client, row, row.method, arguments, world)
    assert response.status_code in row.expected(column), response.content[:300]


@pytest.mark.parametrize("name", sorted({row.name for row in ROWS}))
def test_methods_without_a_row_are_refused(name: str, world: Any) -> None:
    rows = {row.method: row for row in ROWS if row.name == name}
    sample = next(iter(rows.values()))
    client = Client()
    client.force_login(world.olga)
    arguments = sample.kwargs(world)
    for method in METHODS:
        if method not in rows:
            response = send(client, sample, method, arguments, world)
            assert response.status_code in (403, 404, 405), (
                method,
                response.status_code,
            )


def send(
    client: Client, row: Row, method: str, arguments: dict[str, Any], world: Any
) -> HttpResponse:
    path = reverse(row.name, kwargs=arguments) + row.query
    if method == "GET":
        return client.get(path, headers=row.headers)
    if row.body is not None and method == "POST":
        return client.post(path, row.body(world), headers=row.headers)
    sent = row.json(world) if row.json else {}
    data = sent if isinstance(sent, (bytes, str)) else json.dumps(sent)
    return client.generic(
        method, path, data, content_type=row.content_type, headers=row.headers
    )
