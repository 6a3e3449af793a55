"""Datasets by API: made, listed, filled, deleted while nobody has judged them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.permissions import Action, Principal
from annotation.access import dataset_for, import_for, project_for
from annotation.actions import datasets as actions
from annotation.actions.importing import ON_CHANGE, import_outputs
from annotation.api import schema
from annotation.api.upload import (
    AnyFile,
    body_as_file,
    format_asked,
    is_gzipped,
    length_of,
)
from annotation.importing.readers import FORMATS, UnreadableFile, read_rows
from annotation.importing.uploads import is_large, keep_for_job
from annotation.models import Dataset, Import, Item
from config.api import Conflict, Cursor, Refused
from jobs.actions import start


class ByCreation(Cursor):
    ordering = ("created_at", "pk")


def dataset_json(dataset: Dataset) -> dict[str, Any]:
    return {
        "id": str(dataset.pk),
        "name": dataset.name,
        "items": dataset.items.count(),
        "outputs": dataset.outputs.count(),
    }


class DatasetsView(APIView):
    """The datasets of a project."""

    @extend_schema(
        operation_id="datasets_list",
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        project = project_for(Principal.of(request), project_id, Action.VIEW_DATA)
        pages = ByCreation()
        page: list[Any] | None = pages.paginate_queryset(
            Dataset.objects.with_sizes().filter(project=project), request, view=self
        )
        return pages.get_paginated_response(
            [
                {
                    "id": str(dataset.pk),
                    "name": dataset.name,
                    "items": dataset.item_count,
                    "outputs": dataset.output_count,
                }
                for dataset in page or []
            ]
        )

    @extend_schema(
        operation_id="datasets_create",
        parameters=[IDEMPOTENCY_KEY],
        request=schema.DatasetIn,
        responses={201: schema.DatasetOut, **schema.problems(422)},
    )
    @idempotent()
    def post(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        project = project_for(principal, project_id, Action.IMPORT_DATA)
        sent = schema.DatasetIn(data=request.data)
        sent.is_valid(raise_exception=True)
        dataset = actions.create_dataset(
            project=project, name=sent.validated_data["name"], by=principal.user
        )
        return Response(dataset_json(dataset), status=201)


class DatasetView(APIView):
    """One dataset."""

    @extend_schema(
        operation_id="datasets_retrieve",
        responses={200: schema.DatasetOut, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        dataset = dataset_for(Principal.of(request), pk, Action.VIEW_DATA)
        return Response(dataset_json(dataset))

    @extend_schema(
        operation_id="datasets_delete", responses={204: None, **schema.problems(409)}
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        dataset = dataset_for(principal, pk, Action.IMPORT_DATA)
        try:
            actions.delete_dataset(dataset=dataset, by=principal.user)
        except actions.InUse as error:
            raise Conflict(str(error)) from None
        return Response(status=204)


class ItemsView(APIView):
    """The items of a dataset with their outputs."""

    @extend_schema(
        operation_id="items_list", responses={200: schema.Rows, **schema.problems()}
    )
    def get(self, request: Request, pk: UUID) -> Response:
        dataset = dataset_for(Principal.of(request), pk, Action.VIEW_DATA)
        pages = Cursor()
        items = Item.objects.filter(dataset=dataset).prefetch_related(
            "segments", "outputs__system"
        )
        page = pages.paginate_queryset(items, request, view=self)
        return pages.get_paginated_response([item_json(item) for item in page or []])


def item_json(item: Item) -> dict[str, Any]:
    """An item in the shape of its import record, with each output's revision."""
    return {
        "id": item.external_id,
        "input": item.input,
        "context": item.context,
        "reference": item.reference,
        "segments": {s.name: s.value for s in item.segments.all()},
        "metadata": item.metadata,
        "warning": item.warning,
        "outputs": [
            {
                "id": output.external_id,
                "revision": output.revision,
                "system": output.system.name,
                "content": output.content,
                "latency_ms": output.latency_ms,
                "cost_usd": output.cost_usd,
                "tokens": output.tokens,
                "metadata": output.metadata,
            }
            for output in sorted(item.outputs.all(), key=lambda output: output.pk)
        ],
    }


class ImportView(APIView):
    """Outputs come in: NDJSON, JSON, CSV or XLSX, gzip accepted, as a stream."""

    parser_classes = [AnyFile]

    @extend_schema(
        operation_id="datasets_import",
        parameters=[
            OpenApiParameter("format", str, enum=list(FORMATS)),
            OpenApiParameter("dry_run", bool),
            OpenApiParameter("on_change", str, enum=list(ON_CHANGE)),
        ],
        request={
            media_type: OpenApiTypes.BINARY
            for format_ in FORMATS.values()
            for media_type in format_.media_types[:1]
        },
        responses={
            200: schema.OutputCountsOut,
            202: schema.JobOut,
            **schema.problems(411, 413, 415, 422),
        },
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        dataset = dataset_for(principal, pk, Action.IMPORT_DATA)
        length = length_of(request)
        options: dict[str, Any] = {
            "format_name": format_asked(request),
            "on_change": one_of(request, "on_change", ON_CHANGE),
            "dry_run": flag(request, "dry_run"),
        }
        file = body_as_file(request, length)
        if is_large(length, gzipped=is_gzipped(request)):
            kept = keep_for_job(file)
            job = start(
                "import_outputs",
                project=dataset.project,
                by=principal.user,
                params={"dataset": str(dataset.pk), "path": str(kept), **options},
            )
            return Response({"job": str(job.pk)}, status=202)
        return Response(import_now(dataset, file, principal, **options))


def import_now(
    dataset: Dataset,
    file: Any,
    principal: Principal,
    *,
    format_name: str,
    on_change: str,
    dry_run: bool,
) -> dict[str, Any]:
    try:
        counts = import_outputs(
            dataset=dataset,
            rows=read_rows(file, format_name),
            by=principal.user,
            on_change=on_change,
            dry_run=dry_run,
            source=f"API, {format_name}",
        )
    except UnreadableFile as error:
        raise Refused(str(error)) from None
    if counts.records == 0:
        raise Refused("The file holds no records; nothing was imported.")
    return counts.as_json()


def one_of(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    value = request.query_params.get(name, allowed[0])
    if value not in allowed:
        raise exceptions.ValidationError({name: [f"Send one of {', '.join(allowed)}."]})
    return value


def flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "0").lower()
    if value not in ("0", "1", "true", "false"):
        raise exceptions.ValidationError({name: ["Send 1 or 0."]})
    return value in ("1", "true")


class ImportsView(APIView):
    """What was sent into a dataset, and when."""

    @extend_schema(
        operation_id="imports_list", responses={200: schema.Rows, **schema.problems()}
    )
    def get(self, request: Request, pk: UUID) -> Response:
        dataset = dataset_for(Principal.of(request), pk, Action.VIEW_DATA)
        pages = ByTime()
        page = pages.paginate_queryset(
            Import.objects.filter(dataset=dataset), request, view=self
        )
        return pages.get_paginated_response([import_json(one) for one in page or []])


class ByTime(Cursor):
    ordering = ("at", "pk")


def import_json(one: Import) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "source": one.source,
        "at": one.at.isoformat(),
        "created": one.created,
        "updated": one.updated,
        "unchanged": one.unchanged,
        "rejected": one.rejected,
    }


class ImportOneView(APIView):
    """One import: it can be taken back while nobody has judged what it brought."""

    @extend_schema(
        operation_id="imports_delete", responses={204: None, **schema.problems(409)}
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        imported = import_for(principal, pk, Action.IMPORT_DATA)
        try:
            actions.delete_import(imported=imported, by=principal.user)
        except actions.InUse as error:
            raise Conflict(str(error)) from None
        return Response(status=204)
