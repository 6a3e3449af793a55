"""A file of media as the answer to a request, whole or in part.

The answer says what the file is and nothing else: no name, no system, no source. A
browser that opens it by itself may run nothing and load nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from annotation.media import store
from annotation.models import Media
from annotation.models.media import MediaState

PIECE = 2**16
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # The file behind an id never changes; whether one may see it is asked each time.
    "Cache-Control": "private, no-cache",
    "Accept-Ranges": "bytes",
}


class Unsatisfiable(Exception):
    """The part that was asked for lies outside the file."""


def media_response(request: HttpRequest, media: Media) -> HttpResponseBase:
    """The stored file; Http404 for one that is not here yet or any more."""
    if media.state != MediaState.READY:
        raise Http404
    etag = f'"{media.pk.hex}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "").replace("W/", "")):
        return dressed(HttpResponse(status=304), etag)
    try:
        file = store.opened(media.project_id, media.pk)
    except FileNotFoundError:
        raise Http404 from None
    size = file.seek(0, 2)
    try:
        asked = part_asked(request, etag, size)
    except Unsatisfiable:
        file.close()
        refused = HttpResponse(status=416, content_type="text/plain; charset=utf-8")
        refused["Content-Range"] = f"bytes */{size}"
        return dressed(refused, etag)
    start, end = asked or (0, size)
    response = StreamingHttpResponse(
        piece_by_piece(file, start, end),
        status=206 if asked else 200,
        content_type=media.content_type,
    )
    response["Content-Length"] = str(end - start)
    if asked:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return dressed(response, etag)


def dressed(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response[name] = value
    response["ETag"] = etag
    patch_vary_headers(response, ["Cookie"])
    return response


def part_asked(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """The part as (start, end), end excluded; None for the whole file.

    Several parts, or words that are no range, are answered with the whole file, as
    the standard allows.
    """
    found = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or found.group() == "bytes=-":
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise Unsatisfiable
    return start, end


def piece_by_piece(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while start < end and (piece := file.read(min(PIECE, end - start))):
            start += len(piece)
            yield piece
