"""One effect for a request that is sent twice: the header `Idempotency-Key`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotencyRecord
from accounts.permissions import Principal
from config.api import Refused
from config.text import canonical_json

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 200
UNANSWERED = 0

Handler = Callable[..., Response]

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of up to 200 characters. The same request with the same key "
    "within 24 hours has one effect and gets the first answer again, a 201 as 200.",
)


def idempotent(*, forget: Collection[str] = ()) -> Callable[[Handler], Handler]:
    """Let an APIView's POST heed `Idempotency-Key`.

    The answer is stored in the transaction of the effect. Errors are not stored: what
    was refused may be sent again under the same key. `forget` names fields of the
    answer that are secrets; they are told once and left out of what is kept.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = key_of(request)
            if key is None:
                return handler(view, request, *args, **kwargs)
            sha256 = fingerprint(request)
            with transaction.atomic():
                record = take_record(Principal.of(request), key, sha256)
                if record.status != UNANSWERED:
                    return replay(record, sha256)
                response = handler(view, request, *args, **kwargs)
                keep(record, response, sha256, forget)
                return response

        return answer

    return decorate


def purge_idempotency() -> int:
    """Delete answers too old to be given again; return how many."""
    stale = IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    deleted, _ = stale.delete()
    return deleted


def key_of(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise exceptions.ParseError(
            f"Idempotency-Key must be 1 to {LONGEST_KEY} printable characters."
        )
    return str(key)


def fingerprint(request: Request) -> str:
    """The same key at another address is another request, too."""
    parts = [request.method, request.get_full_path(), request.data]
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()


def take_record(principal: Principal, key: str, sha256: str) -> IdempotencyRecord:
    """Return this key's row, locked; its status tells whether it has an answer.

    The insert waits while another request with this key is under way. It then finds
    that one's row, or, where that one failed and left none, makes its own.
    """
    token = principal.token
    owner = {"token": token} if token else {"user": principal.user}
    IdempotencyRecord.objects.bulk_create(
        [
            IdempotencyRecord(
                **owner, key=key, body_sha256=sha256, status=UNANSWERED, body={}
            )
        ],
        ignore_conflicts=True,
    )
    record = IdempotencyRecord.objects.select_for_update().get(**owner, key=key)
    if record.created_at < timezone.now() - KEPT_FOR:
        record.status = UNANSWERED
        record.created_at = timezone.now()
    return record


def replay(record: IdempotencyRecord, sha256: str) -> Response:
    if record.body_sha256 != sha256:
        raise Refused("This Idempotency-Key was used for another request.")
    if record.status == 204:
        return Response(status=204)
    return Response(record.body, status=200 if record.status == 201 else record.status)


def keep(
    record: IdempotencyRecord,
    response: Response,
    sha256: str,
    forget: Collection[str],
) -> None:
    body = response.data
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in forget}
    plain = json.loads(JSONRenderer().render(body) or "{}")
    record.status, record.body, record.body_sha256 = response.status_code, plain, sha256
    record.save(update_fields=["status", "body", "body_sha256", "created_at"])
