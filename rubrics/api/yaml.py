"""Bodies of `application/yaml`: a rubric's file, posted as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import exceptions
from rest_framework.parsers import BaseParser

from config.text import Unreadable
from rubrics.files.reading import LONGEST, read_file


class YAMLParser(BaseParser):
    """Plain data only; a fault says in which line it stands."""

    media_type = "application/yaml"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return read_file(stream.read(LONGEST + 1))
        except Unreadable as error:
            raise exceptions.ParseError(str(error)) from None
