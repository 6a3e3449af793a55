"""Batches and the versions of their rubric, by API: listed, moved, labelled again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IDEMPOTENCY_KEY, idempotent
from accounts.permissions import Action, Principal
from annotation.access import batch_for
from annotation.actions.holding import WrongState
from annotation.actions.moving import move_batch_to_version, relabel_batch
from annotation.api import schema
from annotation.models import Unit
from annotation.stale import stale_rows, stale_units
from annotation.versions import Standing, batches_on, newest_version, standings_of
from config.api import Conflict, Cursor, Refused, body_of
from rubrics.access import rubric_for
from rubrics.models import RubricVersion


class VersionIn(schema.Strict):
    rubric_version = serializers.UUIDField()


class RelabelIn(VersionIn):
    name = serializers.CharField(max_length=200, required=False, default="")
    open = serializers.BooleanField(required=False, default=False)


class BatchVersionOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    rubric_version = serializers.UUIDField()


class ByName(Cursor):
    ordering = ("name", "pk")


class RubricBatchesView(APIView):
    """Every batch of a rubric, with its version and what became of it since."""

    @extend_schema(
        operation_id="rubrics_batches",
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        rubric = rubric_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
        newest = newest_version(rubric.pk)
        pages = ByName()
        page = pages.paginate_queryset(batches_on(rubric), request, view=self) or []
        standings = standings_of(page, newest) if newest else []
        return pages.get_paginated_response([standing_json(one) for one in standings])


def standing_json(standing: Standing) -> dict[str, Any]:
    batch = standing.batch
    return {
        "id": str(batch.pk),
        "name": batch.name,
        "state": batch.state,
        "rubric_version": str(batch.rubric_version_id),
        "number": batch.rubric_version.number,
        "latest": {"id": str(standing.newest.pk), "number": standing.newest.number},
        "changes": [
            {"criterion": change.criterion, "kind": change.kind, "what": change.what}
            for change in standing.changes
        ],
        "comparable": standing.is_comparable,
        "movable": standing.can_move,
        "stale": {"units": standing.stale.units, "answers": standing.stale.answers},
    }


class StaleView(APIView):
    """Labels that a breaking change made stale, unit by unit."""

    @extend_schema(
        operation_id="rubrics_stale",
        responses={200: schema.Rows, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        rubric = rubric_for(Principal.of(request), pk, Action.VIEW_JUDGMENTS)
        newest = newest_version(rubric.pk)
        units = stale_units(newest) if newest else Unit.objects.none()
        listed = units.select_related("batch", "item")
        pages = Cursor()
        page = pages.paginate_queryset(listed, request, view=self) or []
        return pages.get_paginated_response(stale_rows(page))


class BatchVersionView(APIView):
    """The version of its rubric that a batch is on."""

    @extend_schema(
        operation_id="batches_rubric_version",
        request=VersionIn,
        responses={200: BatchVersionOut, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """The same version again changes nothing."""
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        sent = VersionIn(data=body_of(request))
        sent.is_valid(raise_exception=True)
        version = version_named(batch.project_id, sent.validated_data["rubric_version"])
        try:
            moved = move_batch_to_version(
                batch=batch, version=version, by=principal.user
            )
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response(
            {"id": str(moved.pk), "rubric_version": str(moved.rubric_version_id)}
        )


class RelabelView(APIView):
    """A new batch of what a breaking change made stale in this one."""

    @extend_schema(
        operation_id="batches_relabel",
        parameters=[IDEMPOTENCY_KEY],
        request=RelabelIn,
        responses={
            201: schema.BatchMade,
            202: schema.BatchMade,
            **schema.problems(409, 422),
        },
    )
    @idempotent()
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        checked = RelabelIn(data=body_of(request))
        checked.is_valid(raise_exception=True)
        sent = checked.validated_data
        try:
            made = relabel_batch(
                batch=batch,
                version=version_named(batch.project_id, sent["rubric_version"]),
                by=principal.user,
                name=sent["name"].strip(),
                opens=sent["open"],
            )
        except WrongState as error:
            raise Conflict(str(error)) from None
        body = {"id": str(made.batch.pk), "units": made.units}
        if made.job is None:
            return Response(body, status=201)
        return Response(body | {"job": str(made.job.pk)}, status=202)


def version_named(project_id: UUID, pk: UUID) -> RubricVersion:
    """The project's version of this id; Refused where there is none."""
    versions = RubricVersion.objects.select_related("rubric")
    found = versions.filter(pk=pk, rubric__project=project_id).first()
    if found is None:
        message = "There is no such version in this project."
        fault = {"field": "rubric_version", "message": message}
        raise Refused("The request was understood but refused.", [fault])
    return found
