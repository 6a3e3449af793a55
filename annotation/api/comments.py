"""What is said about the spread of a calibration unit, over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Action, Principal, can
from annotation.access import batch_as_annotator, stage_unit_for
from annotation.actions.calibration import add_comment
from annotation.actions.holding import WrongState
from annotation.answers.given import Fault
from annotation.api import schema
from annotation.before_work.discussion import has_judged
from annotation.models import Assignment
from annotation.models.unit import UnitKind
from config.api import Conflict, Refused


class CommentIn(schema.Strict):
    text = serializers.CharField(max_length=10_000)


class CommentOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class CommentsView(APIView):
    """Say something while the round is discussed: managers, and who judged the unit."""

    @extend_schema(
        operation_id="calibration_units_comment",
        request=CommentIn,
        responses={201: CommentOut, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        unit = stage_unit_for(principal, pk, UnitKind.CALIBRATION, Action.VIEW_PROJECT)
        if not can(principal, Action.MANAGE_BATCHES, unit.batch.project):
            batch_as_annotator(principal, unit.batch_id)
            mine = Assignment.objects.filter(unit=unit, annotator=principal.user)
            if not has_judged(mine.first()):
                raise PermissionDenied("Judge this item before you discuss it.")
        sent = CommentIn(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            comment = add_comment(
                unit=unit, by=principal.user, text=sent.validated_data["text"]
            )
        except WrongState as error:
            raise Conflict(str(error)) from None
        except Fault as error:
            raise Refused(str(error)) from None
        return Response(CommentOut(comment).data, status=201)
