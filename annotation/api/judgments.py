"""Judgments by API: read in pages or as files, and taken in when made elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import membership_for
from accounts.permissions import Action, Principal, allows
from annotation.access import batch_for, judgment_for
from annotation.actions.holding import WrongState
from annotation.actions.judgments import import_judgments
from annotation.api import schema
from annotation.api.datasets import flag
from annotation.api.returns import as_json as return_as_json
from annotation.api.upload import (
    AnyFile,
    body_as_file,
    format_asked,
    is_gzipped,
    length_of,
)
from annotation.browsing.asked import ONLY, Asked, read_asked
from annotation.browsing.programs import judgments_asked
from annotation.importing.readers import UnreadableFile, read_rows
from annotation.importing.uploads import is_large, keep_for_job
from annotation.models import Batch
from annotation.models.assignment import Source
from annotation.models.unit import STAGES, UnitKind
from annotation.rows import rows_of, stream_rows
from annotation.tables import judgments_as_csv, judgments_as_xlsx
from config.api import Conflict, Cursor, Refused
from config.snapshot import snapshot
from config.text import canonical_json
from config.workbook import MEDIA_TYPE
from jobs.actions import start

INCLUDE = OpenApiParameter(
    "include",
    str,
    description="Stages before the work to take along: training, calibration.",
)

FILTERS = [
    OpenApiParameter("annotator", str, description="Pseudonym, e-mail address or id."),
    OpenApiParameter("system", str, description="A system's name."),
    OpenApiParameter(
        "segment", str, many=True, description="name=value; all of several hold."
    ),
    OpenApiParameter(
        "answer",
        str,
        many=True,
        description="criterion:level; criterion:not_applicable, :cannot_judge; of a "
        "number, criterion:4 or criterion:2..5. Preferences are on the order in which "
        "the outputs are listed: first, second, tie, both_bad.",
    ),
    OpenApiParameter("source", str, enum=Source.values),
    OpenApiParameter("kind", str, enum=UnitKind.values),
    OpenApiParameter("only", str, many=True, enum=ONLY),
    OpenApiParameter("below", float, description="Seconds taken, fewer than these."),
    OpenApiParameter("above", float, description="Seconds taken, more than these."),
    OpenApiParameter("from", str, description="Submitted on this day or later."),
    OpenApiParameter("to", str, description="Submitted on this day or before."),
    OpenApiParameter(
        "item", str, description="An id; a star at its end: ids so begun."
    ),
    OpenApiParameter("output", str, description="An id, or the beginning of ids."),
    OpenApiParameter(
        "words", str, description="Words that its note or its rationales hold."
    ),
]


def asked_of(request: Request, batch: Batch) -> Asked:
    """The filters of the address; one that cannot be read is refused by its name."""
    asked = read_asked(batch, request.query_params)
    if asked.faults:
        raise exceptions.ValidationError(
            {name: [words] for name, words in asked.faults.items()}
        )
    return asked


def stages_asked(request: Request) -> list[str]:
    """Which judgments from before the work are wanted beside those of the work."""
    sent = request.query_params.get("include", "")
    asked = [one.strip() for one in sent.split(",") if one.strip()]
    if set(asked) - set(STAGES):
        words = f"Send any of {', '.join(STAGES)}."
        raise exceptions.ValidationError({"include": [words]})
    return asked


class JudgmentsView(APIView):
    """All judgments of a batch, superseded ones too; filtered by what counts now."""

    def get_parsers(self) -> list[Any]:
        return [AnyFile()]

    @extend_schema(
        operation_id="judgments_list",
        parameters=[INCLUDE, *FILTERS],
        responses={200: schema.Rows, **schema.problems(422)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.VIEW_JUDGMENTS)
        pages = Cursor()
        page: list[Any] = (
            pages.paginate_queryset(
                judgments_asked(batch, asked_of(request, batch), stages_asked(request)),
                request,
                view=self,
            )
            or []
        )
        identities = may_name(principal, batch)
        return pages.get_paginated_response(
            list(rows_of(batch, page, identities=identities))
        )

    @extend_schema(
        operation_id="judgments_import",
        parameters=[
            OpenApiParameter("format", str, enum=["ndjson", "json"]),
            OpenApiParameter("create_annotators", bool),
        ],
        request={"application/x-ndjson": schema.Rows},
        responses={
            200: schema.ImportCountsOut,
            202: schema.JobOut,
            **schema.problems(409, 411, 413, 415, 422),
        },
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.IMPORT_DATA)
        length = length_of(request)
        format_name = format_asked(request, among=("ndjson", "json"))
        create = flag(request, "create_annotators")
        if create:
            membership_for(principal, batch.project_id, Action.MANAGE_MEMBERS)
        file = body_as_file(request, length)
        if is_large(length, gzipped=is_gzipped(request)):
            job = start(
                "import_judgments",
                project=batch.project,
                by=principal.user,
                params={
                    "batch": str(batch.pk),
                    "path": str(keep_for_job(file)),
                    "format_name": format_name,
                    "create_annotators": create,
                },
            )
            return Response({"job": str(job.pk)}, status=202)
        try:
            counts = import_judgments(
                batch=batch,
                rows=read_rows(file, format_name),
                by=principal.user,
                create_annotators=create,
            )
        except UnreadableFile as error:
            raise Refused(str(error)) from None
        except WrongState as error:
            raise Conflict(str(error)) from None
        if counts.records == 0:
            raise Refused("The file holds no rows; nothing was stored.")
        return Response(counts.as_json())


def may_name(principal: Principal, batch: Batch) -> bool:
    """Annotators are named to whoever may export identities, else pseudonyms."""
    membership = membership_for(principal, batch.project_id, Action.VIEW_JUDGMENTS)
    return allows(principal, membership, Action.EXPORT_IDENTITIES)


class JudgmentOneView(APIView):
    """One judgment with its revisions, and what was asked about it since."""

    @extend_schema(
        operation_id="judgments_retrieve",
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        judgment = judgment_for(principal, pk, Action.VIEW_JUDGMENTS)
        assignment, batch = judgment.assignment, judgment.assignment.batch
        identities = may_name(principal, batch)
        (row,) = rows_of(batch, [judgment], identities=identities)
        revisions = assignment.judgments.order_by("number")
        return Response(
            row
            | {
                "assignment": str(assignment.pk),
                "number": judgment.number,
                "opened_at": assignment.opened_at and assignment.opened_at.isoformat(),
                "revisions": [str(pk) for pk in revisions.values_list("pk", flat=True)],
                "returns": [
                    return_as_json(one) for one in assignment.returns.order_by("pk")
                ],
            }
        )


class JudgmentsFileView(APIView):
    """The same rows as one file of one instant: NDJSON, CSV or XLSX."""

    @extend_schema(
        summary="All judgments as one file",
        parameters=[INCLUDE, *FILTERS],
        responses={200: schema.Rows, **schema.problems(422)},
    )
    def get(self, request: Request, pk: UUID, extension: str) -> Any:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.VIEW_JUDGMENTS)
        rows = stream_rows(
            batch,
            identities=may_name(principal, batch),
            judgments=judgments_asked(
                batch, asked_of(request, batch), stages_asked(request)
            ),
        )
        return file_response(batch, rows, extension)


def file_response(batch: Batch, rows: Iterator[dict[str, Any]], extension: str) -> Any:
    name = f"judgments-{batch.pk}.{extension}"
    kinds: dict[str, tuple[str, Callable[..., Iterator[str | bytes]]]] = {
        "ndjson": ("application/x-ndjson", as_ndjson),
        "csv": ("text/csv; charset=utf-8", judgments_as_csv),
        "xlsx": (MEDIA_TYPE, judgments_as_xlsx),
    }
    content_type, content = kinds[extension]
    # Whole on disk before it is sent: what fails on the way is an error, not a file
    # that ends too early, and a slow reader keeps no transaction open.
    file = tempfile.TemporaryFile()  # noqa: SIM115  The response closes it.
    with snapshot():
        for piece in content(batch, rows):
            file.write(piece if isinstance(piece, bytes) else piece.encode())
    file.seek(0)
    return FileResponse(
        file,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def as_ndjson(batch: Batch, rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield canonical_json(row) + "\n"
