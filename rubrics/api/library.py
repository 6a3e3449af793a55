"""The library by API: listed and read; POST a project's rubrics with `from` to use."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rubrics.api import schema
from rubrics.library import LibraryRubric, library, library_rubric


class LibraryView(APIView):
    """The rubrics to begin with."""

    @extend_schema(
        operation_id="rubric_library_list",
        summary="List the library of rubrics",
        responses={200: schema.LibraryList, 401: schema.PROBLEMS[401]},
    )
    def get(self, request: Request) -> Response:
        return Response({"results": [summary_of(book) for book in library()]})


class LibraryRubricView(APIView):
    """One of them with its criteria."""

    @extend_schema(
        operation_id="rubric_library_retrieve",
        summary="Read a rubric of the library",
        responses={
            200: schema.LibraryRubricRead,
            401: schema.PROBLEMS[401],
            404: schema.PROBLEMS[404],
        },
    )
    def get(self, request: Request, key: str) -> Response:
        book = library_rubric(key)
        if book is None:
            raise Http404
        more = {"criteria": book.criteria_json(), "demo": book.demo}
        return Response(summary_of(book) | more)


def summary_of(book: LibraryRubric) -> dict[str, Any]:
    return {
        "key": book.key,
        "title": book.title,
        "purpose": book.purpose,
        "layout": book.layout,
        "questions": len(book.criteria),
    }
