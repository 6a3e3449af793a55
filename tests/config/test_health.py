"""What probes are told."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh_process() -> None:
    """As if this process had not yet seen that all migrations are applied."""
    health._migrated.cache_clear()


def test_it_is_ready_when_database_and_broker_answer(
    client: Client, fresh_process: None
) -> None:
    reply = client.get("/readyz")
    assert reply.status_code == 200
    assert reply.json() == {"database": "ok", "broker": "ok"}


def test_it_is_not_ready_until_it_is_migrated(
    client: Client, fresh_process: None
) -> None:
    applied = MigrationRecorder.Migration.objects.filter(app="jobs")
    rows = list(applied)
    applied.delete()
    reply = client.get("/readyz")
    assert (reply.status_code, reply.json()["database"]) == (503, "not ready")

    MigrationRecorder.Migration.objects.bulk_create(rows)
    assert client.get("/readyz").status_code == 200


def test_it_is_not_ready_without_its_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError("away")

    monkeypatch.setattr(connection, "cursor", refuse)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_probes_may_name_any_host_but_pages_may_not(client: Client) -> None:
    by_address = {"Host": "10.1.2.3:8000"}
    assert client.get("/healthz", headers=by_address).status_code == 200
    assert client.get("/readyz", headers=by_address).status_code == 200
    assert client.get("/", headers=by_address).status_code == 400


@pytest.mark.usefixtures("https_only")
def test_probes_are_not_sent_to_https(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 301


@pytest.fixture
def https_only(settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
