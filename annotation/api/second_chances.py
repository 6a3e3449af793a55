"""What is tried again over the API: a skipped unit, media that could not be fetched."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Action, Principal
from annotation.access import assignment_for, project_for
from annotation.actions.breaks import NotFree, take_back
from annotation.actions.claiming import BatchNotOpen, NotInBatch
from annotation.actions.media import try_again
from annotation.api import schema
from config.api import Conflict


class SkipReturnView(APIView):
    """Bring a unit that I skipped back to me, while one of its places is free."""

    @extend_schema(
        operation_id="assignments_take_back",
        request=None,
        responses={200: schema.StateOut, **schema.problems(409)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        assignment = assignment_for(principal, pk)
        try:
            taken = take_back(assignment=assignment, principal=principal)
        except (NotFree, NotInBatch, BatchNotOpen) as error:
            raise Conflict(str(error)) from None
        return Response({"id": str(pk), "state": taken.state})


class AttemptIn(schema.Strict):
    media = serializers.UUIDField(required=False, allow_null=True, default=None)


class AttemptOut(serializers.Serializer[Any]):
    job = serializers.CharField()


class MediaAttemptsView(APIView):
    """Fetch again what failed: one address by its media id, or all of them."""

    @extend_schema(
        operation_id="projects_media_attempts",
        request=AttemptIn,
        responses={202: AttemptOut, **schema.problems(409, 422)},
    )
    def post(self, request: Request, project_id: UUID) -> Response:
        principal = Principal.of(request)
        project = project_for(principal, project_id, Action.IMPORT_DATA)
        sent = AttemptIn(data=request.data)
        sent.is_valid(raise_exception=True)
        job = try_again(
            project=project, by=principal.user, media_id=sent.validated_data["media"]
        )
        if job is None:
            raise Conflict("Nothing was fetched: no address waits at an allowed host.")
        return Response({"job": str(job.pk)}, status=202)
