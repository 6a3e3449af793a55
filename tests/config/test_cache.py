"""A Redis that is away takes nothing with it but the counts of rate limits."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.config.server import free_port

BACKEND = "config.cache.ForgivingRedisCache"


@pytest.fixture
def redis_is_away(settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": BACKEND,
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }


@pytest.mark.usefixtures("redis_is_away")
def test_what_was_kept_is_forgotten_and_nothing_fails() -> None:
    from django.core.cache import cache

    cache.set("kept", 1)
    assert cache.get("kept") is None
    assert cache.get("kept", 7) == 7
    assert cache.add("kept", 1) is True
    assert cache.get_or_set("kept", 3) == 3
    assert cache.get_many(["kept"]) == {}
    assert cache.touch("kept") is False
    assert cache.delete("kept") is False
    assert "kept" not in cache
    with pytest.raises(ValueError, match="not found"):
        cache.incr("kept")


@pytest.mark.usefixtures("redis_is_away")
def test_the_api_answers_all_the_same(api: Any, ada: User) -> None:
    assert api(ada).get("/api/v1/me").status_code == 200


@pytest.mark.usefixtures("redis_is_away")
def test_people_can_sign_in_all_the_same(client: Client, ada: User) -> None:
    entered = {"login": ada.email, "password": "correct horse battery staple"}
    reply = client.post("/sign-in/", entered)
    assert reply.status_code == 302


@pytest.mark.usefixtures("redis_is_away")
def test_probes_are_told(client: Client, settings: Any, db: None) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert client.get("/readyz").json()["broker"] == "not ready"
