"""API plumbing that knows no domain: parsing, errors, paging, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError
from django.http import Http404
from rest_framework import exceptions, serializers, status
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from config.errors import PROBLEM
from config.text import Unreadable, read_json

if TYPE_CHECKING:
    from rest_framework.views import APIView


class Refused(exceptions.APIException):
    """Read and understood, but refused: 422 with one entry for each fault."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "The request was understood but refused."

    def __init__(
        self, detail: str | None = None, errors: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(detail)
        self.errors = errors or []


class Conflict(exceptions.APIException):
    """The state does not allow it now: 409, with what the caller needs to go on."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The state does not allow this now."

    def __init__(self, detail: str | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.more = more


class LengthRequired(exceptions.APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = (
        "Send a Content-Length: an upload whose length is unknown cannot be told "
        "from one that was cut off."
    )


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than 2.5 MB; send it in parts."


TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    411: "Length required",
    413: "Too large",
    415: "Unsupported media type",
    422: "Refused",
    429: "Too many requests",
}


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into RFC 9457 problem details."""
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing here for you.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or "You may not do this here.")
    if not isinstance(error, exceptions.APIException):
        return None

    code = error.status_code
    errors: list[dict[str, Any]] = list(getattr(error, "errors", []))
    if isinstance(error, exceptions.ValidationError):
        code = status.HTTP_422_UNPROCESSABLE_ENTITY
        errors = list(flatten(error.detail))
        detail = "; ".join(
            f"{e['field']}: {e['message']}" if e["field"] else e["message"]
            for e in errors[:5]
        )
    else:
        detail = str(error.detail)
    body = {
        "type": "about:blank",
        "title": TITLES.get(code, "Error"),
        "status": code,
        "detail": detail,
        "errors": errors,
        **getattr(error, "more", {}),
    }
    headers: dict[str, str] = {}
    if auth := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(int(getattr(error, "wait", None) or 1) + 1)
    return Response(body, status=code, headers=headers, content_type=PROBLEM)


def flatten(detail: Any, path: str = "") -> Any:
    """Yield {field, message} for each leaf of DRF's nested error detail."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            inner = "" if key == "non_field_errors" else str(key)
            yield from flatten(value, f"{path}.{inner}".strip("."))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, (Mapping, list))
            yield from flatten(value, f"{path}.{index}".strip(".") if nested else path)
    else:
        yield {"field": path, "message": str(detail)}


class StrictJSONParser(BaseParser):
    """JSON without NaN, duplicate keys, NUL, or depths that no database keeps."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        try:
            return read_json(body)
        except Unreadable as error:
            raise exceptions.ParseError(str(error)) from None


class Cursor(CursorPagination):
    """Pages by cursor: `?cursor=` and `?limit=`, newest last, stable under inserts."""

    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1_000
    ordering: str | tuple[str, ...] = "pk"

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view=view)
        except (ValueError, OverflowError, ValidationError, DataError):
            # A position that no column of ours can have: somebody wrote the cursor.
            raise exceptions.NotFound("The cursor is not one of ours.") from None

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
            }
        )


class Choice(serializers.ChoiceField):
    """One of some words; a fault names them."""

    def __init__(self, choices: Sequence[tuple[Any, Any]], **options: Any) -> None:
        super().__init__(choices, **options)
        known = ", ".join(str(value) for value in self.choices)
        self.error_messages["invalid_choice"] = f"Send one of: {known}."


class PrincipalThrottle(SimpleRateThrottle):
    """So many calls a minute for each token, person or address."""

    scope = "principal"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        if token := getattr(request.auth, "pk", None):
            return f"throttle:token:{token}"
        if request.user and request.user.is_authenticated:
            return f"throttle:user:{request.user.pk}"
        return f"throttle:address:{self.get_ident(request)}"


def body_of(request: Request) -> dict[str, Any]:
    """The request's JSON object; anything else is a 400."""
    if not isinstance(request.data, dict):
        raise exceptions.ParseError("Send a JSON object.")
    return request.data
