"""A file in a request's body: which format, and the body as a stream."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any, cast

from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from annotation.importing.readers import (
    FORMATS,
    UnreadableFile,
    format_of,
    unzipped,
)
from config.api import LengthRequired

LARGEST = 4 * 2**30


class AnyFile(BaseParser):
    """Hands the body on unread; its Content-Type says what it is."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return stream


class Bounded(io.RawIOBase):
    """A request's body as a file that ends where its Content-Length says."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self.stream, self.left = stream, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.left:
            return 0
        try:
            data = self.stream.read(min(len(buffer), self.left))
        except OSError:  # What the server makes of a connection that broke.
            data = b""
        if not data:
            raise UnreadableFile("The upload was cut off; send it again.")
        self.left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def length_of(request: Request) -> int:
    """The body's length; a body without one cannot be told from one cut off."""
    declared = request.META.get("CONTENT_LENGTH") or ""
    if not (declared.isascii() and declared.isdigit() and len(declared) < 20):
        raise LengthRequired
    if int(declared) > LARGEST:
        raise TooLarge
    return int(declared)


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = "The file is larger than 4 GiB; send it in parts."


def format_asked(request: Request, *, among: tuple[str, ...] = tuple(FORMATS)) -> str:
    """The format by `?format=` or Content-Type; raises 415 with what there is."""
    asked = request.query_params.get("format")
    name = asked or format_of(request.content_type or "")
    if name not in among:
        what = f"?format={asked}" if asked else request.content_type or "no type"
        raise Unsupported(f"{what} cannot be read; there are {', '.join(among)}.")
    return str(name)


class Unsupported(exceptions.APIException):
    status_code = 415


def is_gzipped(request: Request) -> bool:
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise Unsupported("Content-Encoding may be gzip, or absent.")
    return encoding == "gzip"


def body_as_file(request: Request, length: int) -> IO[bytes]:
    """The body as a binary file, unpacked if it came as gzip."""
    stream = io.BufferedReader(
        Bounded(cast(IO[bytes], request._request), length), 65_536
    )
    return unzipped(stream) if is_gzipped(request) else stream
