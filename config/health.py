"""Is the process alive, and is it ready to serve? For probes, not for people."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.core.cache import cache as shared_cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe


class HealthMiddleware:
    """Answers probes before anything looks at the host: they name the machine's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = {"/healthz": healthz, "/readyz": readyz}.get(request.path)
        return answer(request) if answer else self.get_response(request)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database and broker answer and no migration is waiting, else 503."""
    found = {"database": database_is_ready(), "broker": broker_is_ready()}
    return JsonResponse(
        {name: "ok" if ready else "not ready" for name, ready in found.items()},
        status=200 if all(found.values()) else 503,
    )


def database_is_ready() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return is_migrated()
    except Exception:  # Whatever the driver raises, the answer is the same.
        return False


def is_migrated() -> bool:
    """Asked of the database until it is so; this process's code stays what it is."""
    if not _migrated():
        _migrated.cache_clear()
        return False
    return True


@cache
def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def broker_is_ready() -> bool:
    if not settings.REDIS_URL:
        return os.access(settings.QUEUE_DIR / "in", os.W_OK)
    try:
        shared_cache.set("readyz", "ok", 10)
        return bool(shared_cache.get("readyz") == "ok")
    except Exception:  # As above.
        return False
