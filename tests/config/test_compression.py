"""What is sent compressed, and what is left as it is."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from django.http import (
    FileResponse,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.test import RequestFactory

from config.middleware import PageGZipMiddleware

LONG = b"Touchstone. " * 200


def sent(response: HttpResponseBase) -> HttpResponseBase:
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    return PageGZipMiddleware(lambda _: response)(request)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "response", [HttpResponse(LONG), JsonResponse({"words": LONG.decode()})]
)
def test_pages_and_json_are_compressed(response: HttpResponse) -> None:
    before = response.content
    after = sent(response)
    assert isinstance(after, HttpResponse)
    assert after["Content-Encoding"] == "gzip"
    assert gzip.decompress(after.content) == before
    assert "Accept-Encoding" in after["Vary"]


def test_the_length_of_a_page_does_not_tell_what_it_holds() -> None:
    lengths = {len(sent(HttpResponse(LONG)).content) for _ in range(40)}  # type: ignore[attr-defined]
    assert len(lengths) > 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: StreamingHttpResponse([LONG, LONG]),
        lambda: FileResponse([LONG], as_attachment=True, filename="gold.jsonl"),
        lambda: HttpResponse(LONG, headers={"Content-Disposition": "attachment"}),
        lambda: HttpResponse(LONG, status=206, headers={"Content-Range": "bytes 0-9"}),
    ],
    ids=["stream", "file", "download", "range"],
)
def test_files_are_sent_as_they_are(make: Callable[[], HttpResponseBase]) -> None:
    after = sent(make())
    assert "Content-Encoding" not in after.headers
